// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The fences of a sequence, their producer and their callbacks. */
#include "model.h"
#include <linux/rcupdate.h>
#include <linux/slab.h>

/* Marks a fence as one of the producer's below. */
#define MOCK_BIT	DMA_FENCE_FLAG_USER_BITS

struct mock {
	struct dma_fence base;
	spinlock_t lock;
	struct list_head node;
	unsigned int id;
	bool enable_result, no_release;
	/* Set by the enable op, and by the signaled op if it returns true. */
	int error;
	/* The signaled op returns true from this poll on. */
	unsigned int done_at, polls;
};

/* In the order of the argument bits: see mock_new(). */
enum { HAS_ENABLE = 1, HAS_SIGNALED = 2, HAS_WAIT = 4, HAS_RELEASE = 8, HAS_DEADLINE = 16 };

struct slot slots[NR_SLOTS];
struct dma_resv resvs[NR_RESVS];
u64 first_context;
bool cursor_open, polls_count = true;
static LIST_HEAD(mocks);
static unsigned int next_mock, next_uid;
static long allocated_before;
static unsigned int stub_refs;

/* The action of a callback, in addition to being logged. */
enum { CB_NOTHING, CB_SIGNAL, CB_PUT, CB_GET, CB_ADD, CB_REMOVE, CB_POLL, NR_CB_ACTIONS };

static struct callback {
	struct dma_fence_cb base;
	/*
	 * The fence that it was added to last, which is the one to remove it
	 * from.
	 */
	unsigned int uid;
	bool queued;
	unsigned int action, target;
} cbs[NR_CBS];

static struct mock *to_mock(struct dma_fence *fence)
{
	return container_of(fence, struct mock, base);
}

static bool is_mock(struct dma_fence *fence)
{
	return test_bit(MOCK_BIT, &fence->flags);
}

void say_fence(const char *what, struct dma_fence *fence)
{
	if (!fence)
		say(" %s=NULL", what);
	else if (is_mock(fence))
		say(" %s=m%u", what, to_mock(fence)->id);
	else
		say(" %s=%s%lld:%llu", what,
		    dma_fence_is_array(fence) ? "array" :
		    dma_fence_is_chain(fence) ? "chain" : "stub",
		    fence->context ? (long long)(fence->context - first_context) : -1,
		    (unsigned long long)fence->seqno);
}

static unsigned int count_callbacks(struct dma_fence *fence)
{
	struct list_head *pos;
	unsigned int n = 0;

	list_for_each(pos, &fence->cb_list)
		n++;
	return n;
}

static void say_slot(struct slot *slot)
{
	struct dma_fence *fence = slot->fence;
	unsigned int refs = kref_read(&fence->refcount);
	struct dma_fence *stub = dma_fence_get_stub();

	dma_fence_put(stub);
	if (fence == stub)
		refs -= stub_refs;
	say("\n  [%d]", (int)(slot - slots));
	say_fence("is", fence);
	say(" %s%s%s error=%d",
	    test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->flags) ? "S" : "-",
	    test_bit(DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT, &fence->flags) ? "E" : "-",
	    test_bit(DMA_FENCE_FLAG_TIMESTAMP_BIT, &fence->flags) ? "T" : "-",
	    fence->error);
	if (!cursor_open)
		say(" refs=%u", refs);
	if (test_bit(DMA_FENCE_FLAG_TIMESTAMP_BIT, &fence->flags))
		say(" at=%lld", (long long)fence->timestamp);
	else
		say(" callbacks=%u", count_callbacks(fence));
	if (!NAMES_GO_AWAY && dma_fence_test_signaled_flag(fence))
		return;
	rcu_read_lock();
	say(" names=%s,%s",
	    (const char *)dma_fence_driver_name(fence),
	    (const char *)dma_fence_timeline_name(fence));
	rcu_read_unlock();
}

void say_state(void)
{
	int i;

	for (i = 0; i < NR_SLOTS; i++)
		if (slots[i].fence)
			say_slot(&slots[i]);
}

/* The producer */

static const char *driver_name(struct dma_fence *fence)
{
	return "driver";
}

static const char *timeline_name(struct dma_fence *fence)
{
	return "timeline";
}

static void say_refs(struct dma_fence *fence)
{
	if (!cursor_open)
		say(" r%u", kref_read(&fence->refcount));
}

static void say_op(const char *op, struct dma_fence *fence)
{
	say(" {%s m%u%s", op, to_mock(fence)->id,
	    lfshim_spin_held(dma_fence_spinlock(fence)) ? " locked" : "");
	say_refs(fence);
	say("}");
}

static bool enable_signaling(struct dma_fence *fence)
{
	struct mock *mock = to_mock(fence);

	say_op("enable", fence);
	if (!mock->enable_result && mock->error)
		dma_fence_set_error(fence, mock->error);
	return mock->enable_result;
}

static bool signaled(struct dma_fence *fence)
{
	struct mock *mock = to_mock(fence);

	if (polls_count) {
		say_op("signaled", fence);
		mock->polls++;
		meanwhile();
	}
	if (mock->polls < mock->done_at)
		return false;
	if (mock->error)
		dma_fence_set_error(fence, mock->error);
	return true;
}

static signed long wait(struct dma_fence *fence, bool intr, signed long timeout)
{
	say_op("wait", fence);
	say(" (%d, %ld)", intr, timeout);
	return timeout / 2;
}

static void release(struct dma_fence *fence)
{
	say_op("release", fence);
	list_del(&to_mock(fence)->node);
	dma_fence_free(fence);
}

static void __maybe_unused set_deadline(struct dma_fence *fence, ktime_t deadline)
{
	say_op("deadline", fence);
	say(" (%lld)", (long long)deadline);
}

#if HAS_DEADLINES
#define DEADLINE(has)	.set_deadline = (has) & HAS_DEADLINE ? set_deadline : NULL
#else
#define DEADLINE(has)
#endif
#define OPS(has, is64) [has] = { SEQNO64(is64)				\
	.get_driver_name = driver_name,					\
	.get_timeline_name = timeline_name,				\
	.enable_signaling = (has) & HAS_ENABLE ? enable_signaling : NULL, \
	.signaled = (has) & HAS_SIGNALED ? signaled : NULL,		\
	.wait = (has) & HAS_WAIT ? wait : NULL,				\
	.release = (has) & HAS_RELEASE ? release : NULL,		\
	DEADLINE(has) }
#define OPS2(has, is64) OPS(has, is64), OPS((has) + 1, is64)
#define OPS4(has, is64) OPS2(has, is64), OPS2((has) + 2, is64)
#define OPS8(has, is64) OPS4(has, is64), OPS4((has) + 4, is64)
#define OPS16(has, is64) OPS8(has, is64), OPS8((has) + 8, is64)
static const struct dma_fence_ops mock_ops[] = { OPS16(0, false), OPS16(16, false) };
static const struct dma_fence_ops mock_ops64[] = { OPS16(0, true), OPS16(16, true) };

/*
 * The arguments give its behaviour, its context and its seqno. Without a
 * release op the end of the fence cannot be seen: the test keeps such a fence
 * until the sequence ends.
 */
struct dma_fence *mock_new(const unsigned int *arg, bool seqno64)
{
	static const int errors[] = { 0, -ETIME, -ECANCELED, 0 };
	struct mock *mock = kzalloc_obj(*mock);
	unsigned int has = arg[1] % ARRAY_SIZE(mock_ops);
	spinlock_t *lock = arg[2] & 4 || !HAS_INLINE_LOCK ? &mock->lock : NULL;
	u64 context = first_context + arg[2] % NR_CONTEXTS;
	/* Some seqnos are just below the wrap of 32 bits. */
	u64 seqno = arg[3] % 8 + (arg[3] & 32 ? 0xfffffffcull : 0);

	mock->id = next_mock++;
	mock->enable_result = arg[0] / 8 % 4;
	mock->error = errors[arg[3] / 8 % 4];
	mock->done_at = arg[2] & 8 ? 1 + arg[2] / 16 : ~0u;
	mock->no_release = !(has & HAS_RELEASE);
	spin_lock_init(&mock->lock);
	if (seqno64)
		dma_fence_init64(&mock->base, &mock_ops64[has], lock, context, seqno);
	else
		dma_fence_init(&mock->base, &mock_ops[has], lock, context, seqno);
	set_bit(MOCK_BIT, &mock->base.flags);
	list_add_tail(&mock->node, &mocks);
	if (mock->no_release)
		dma_fence_get(&mock->base);
	return &mock->base;
}

/* Slots */

struct slot *pick(unsigned int i)
{
	unsigned int n;

	for (n = 0; n < NR_SLOTS; n++)
		if (slots[(i + n) % NR_SLOTS].fence)
			return &slots[(i + n) % NR_SLOTS];
	return NULL;
}

void slot_put(struct slot *slot)
{
	struct dma_fence *fence = slot->fence;

	/* Clear the slot before the put: callbacks may use the slots. */
	if (!--slot->refs)
		slot->fence = NULL;
	dma_fence_put(fence);
}

struct slot *vacate(unsigned int i)
{
	struct slot *slot = &slots[i % NR_SLOTS];

	while (slot->fence)
		slot_put(slot);
	return slot;
}

void fill(struct slot *slot, struct dma_fence *fence)
{
	slot->fence = fence;
	slot->refs = !!fence;
	slot->uid = ++next_uid;
}

/* Callbacks */

/* Whether the fence's lock is free: an outer caller may hold it. */
static bool can_lock(struct dma_fence *fence)
{
	return is_mock(fence) && !lfshim_spin_held(dma_fence_spinlock(fence));
}

static void cb_remove_from(struct slot *slot, struct callback *cb)
{
	bool removed;

	if (cb->uid != slot->uid) {
		say(" none");
		return;
	}
	removed = dma_fence_remove_callback(slot->fence, &cb->base);
	say(" removed=%d self=%d", removed, list_empty(&cb->base.node));
	if (removed)
		cb->queued = false;
}

/* The actions of a callback that take the lock of a slot's fence. */
static void cb_act(struct callback *cb, struct slot *slot)
{
	struct dma_fence *fence = dma_fence_get(slot->fence);
	unsigned int other = cb - cbs + 1;

	switch (cb->action) {
	case CB_SIGNAL:
		dma_fence_signal(fence);
		break;
	case CB_ADD:
		cb_add(slot, (unsigned int[]){ 0, other, cb->target / NR_SLOTS,
					       cb->target + 1 });
		break;
	case CB_REMOVE:
		cb_remove_from(slot, &cbs[other % NR_CBS]);
		break;
	case CB_POLL:
		say(" signaled=%d", dma_fence_is_signaled(fence));
		break;
	}
	dma_fence_put(fence);
}

static void cb_func(struct dma_fence *fence, struct dma_fence_cb *base)
{
	struct callback *cb = container_of(base, struct callback, base);
	struct slot *slot = &slots[cb->target % NR_SLOTS];
	struct dma_fence *target = slot->fence;

	say(" {cb%d", (int)(cb - cbs));
	say_fence("of", fence);
	say(" %s%s%s e%d",
	    test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->flags) ? "S" : "-",
	    test_bit(DMA_FENCE_FLAG_TIMESTAMP_BIT, &fence->flags) ? "T" : "-",
	    list_empty(&base->node) ? "L" : "-", fence->error);
	say_refs(fence);
	say("}");
	cb->queued = false;
	if (!target)
		return;
	switch (cb->action) {
	case CB_NOTHING:
		break;
	case CB_PUT:
		say(" <put");
		slot_put(slot);
		say(">");
		break;
	case CB_GET:
		dma_fence_get(target);
		slot->refs++;
		break;
	default:
		if (!can_lock(target))
			break;
		say(" <do%u", cb->action);
		cb_act(cb, slot);
		say(">");
	}
}

void cb_add(struct slot *slot, const unsigned int *arg)
{
	struct callback *cb = &cbs[arg[1] % NR_CBS];

	if (cb->queued) {
		say(" queued");
		return;
	}
	cb->queued = true;
	cb->uid = slot->uid;
	cb->action = arg[2] % NR_CB_ACTIONS;
	cb->target = arg[3];
	if (dma_fence_add_callback(slot->fence, &cb->base, cb_func)) {
		say(" refused%s", list_empty(&cb->base.node) ? "" : " linked");
		cb->queued = false;
	}
}

void cb_remove(const unsigned int *arg)
{
	struct callback *cb = &cbs[arg[0] % NR_CBS];
	int i;

	/* Prefer a callback that is queued. */
	for (i = 0; i < NR_CBS && !cb->queued && arg[1] % 4; i++)
		cb = &cbs[(arg[0] + i) % NR_CBS];

	for (i = 0; i < NR_SLOTS; i++)
		if (slots[i].fence && slots[i].uid == cb->uid)
			break;
	if (i == NR_SLOTS)
		say(" none");
	else
		cb_remove_from(&slots[i], cb);
}

/* Sequences */

void sequence_begin(void)
{
	struct dma_fence *stub = dma_fence_get_stub();
	int i;

	dma_fence_put(stub);
	stub_refs = kref_read(&stub->refcount);
	allocated_before = allocated();
	next_mock = next_uid = 0;
	memset(cbs, 0, sizeof(cbs));
	world_begin();
	meanwhile_plan((unsigned int[NR_ARGS]){ 0 });
	first_context = dma_fence_context_alloc(NR_CONTEXTS);
	for (i = 0; i < NR_RESVS; i++)
		dma_resv_init(&resvs[i]);
}

/*
 * Signal all pending fences, drop all references, and check that every fence is
 * released.
 */
void sequence_end(void)
{
	struct mock *mock, *next;
	struct dma_fence *stub = dma_fence_get_stub();
	int i;

	say("end:");
	cursors_end();
	for (i = 0; i < NR_CBS; i++)
		cbs[i].action = CB_NOTHING;
	list_for_each_entry(mock, &mocks, node)
		dma_fence_get(&mock->base);
	list_for_each_entry(mock, &mocks, node)
		dma_fence_signal(&mock->base);
	world_end();
	list_for_each_entry_safe(mock, next, &mocks, node) {
		if (mock->no_release) {
			list_del(&mock->node);
			dma_fence_put(&mock->base);
		}
		dma_fence_put(&mock->base);
	}
	say_state();
	for (i = 0; i < NR_RESVS; i++)
		dma_resv_fini(&resvs[i]);
	for (i = 0; i < NR_SLOTS; i++)
		vacate(i);
	list_for_each_entry(mock, &mocks, node)
		say(" left=m%u", mock->id);
	INIT_LIST_HEAD(&mocks);
	for (i = 0; i < NR_CBS; i++)
		if (cbs[i].queued)
			say(" queued=cb%d", i);
	rcu_barrier();
	dma_fence_put(stub);
	say(" leaked=%ld stub=%d\n", allocated() - allocated_before,
	    (int)(kref_read(&stub->refcount) - stub_refs));
}
