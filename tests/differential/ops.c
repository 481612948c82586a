// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The operations on single fences and on containers. */
#include "model.h"
#include "resv.h"
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

/*
 * The slot that the nth argument picks. Returns from the function if none has a
 * fence.
 */
#define SLOT(n) ({			\
	struct slot *__slot = pick(arg[n]);	\
	if (!__slot) {				\
		say(" no fence");		\
		return;				\
	}					\
	__slot; })

/* The caller has to hold a reference to the fence during an operation on it. */
#define HOLD(fence)	struct dma_fence *held = dma_fence_get(fence)
#define DROP()		dma_fence_put(held)

static void op_new(const unsigned int *arg)
{
	struct slot *slot = vacate(arg[0]);

	fill(slot, mock_new(arg, false));
}

static void op_new64(const unsigned int *arg)
{
	struct slot *slot = vacate(arg[0]);

	fill(slot, mock_new(arg, true));
}

static void op_get(const unsigned int *arg)
{
	struct slot *slot = SLOT(0);

	dma_fence_get(slot->fence);
	slot->refs++;
}

static void op_get_rcu(const unsigned int *arg)
{
	struct slot *slot = SLOT(0);
	struct dma_fence __rcu *where = slot->fence;
	struct dma_fence *fence;

	rcu_read_lock();
	fence = arg[1] & 1 ? dma_fence_get_rcu(slot->fence) : dma_fence_get_rcu_safe(&where);
	rcu_read_unlock();
	say_fence("got", fence);
	slot->refs++;
}

static void op_put(const unsigned int *arg)
{
	slot_put(SLOT(0));
}

static void op_copy(const unsigned int *arg)
{
	struct slot *from = SLOT(0);
	HOLD(from->fence);
	unsigned int uid = from->uid;
	struct slot *to = vacate(arg[1]);

	fill(to, held);
	to->uid = uid;
}

static void op_add(const unsigned int *arg)
{
	struct slot *slot = SLOT(0);
	HOLD(slot->fence);

	cb_add(slot, arg);
	DROP();
}

static void op_remove(const unsigned int *arg)
{
	cb_remove(arg);
}

static void op_enable(const unsigned int *arg)
{
	HOLD(SLOT(0)->fence);

	dma_fence_enable_signaling(held);
	DROP();
}

static void op_signal(const unsigned int *arg)
{
	HOLD(SLOT(0)->fence);
	ktime_t at = arg[2] % 1000;
	unsigned long flags;

	switch (arg[1] % 8) {
	default:
		dma_fence_signal(held);
		break;
	case 1:
		dma_fence_signal_timestamp(held, at);
		break;
	case 2:
		say(" was=%d", dma_fence_check_and_signal(held));
		break;
	case 3:
		dma_fence_lock_irqsave(held, flags);
		dma_fence_signal_locked(held);
		dma_fence_unlock_irqrestore(held, flags);
		break;
	case 4:
		dma_fence_lock_irqsave(held, flags);
		dma_fence_signal_timestamp_locked(held, at);
		dma_fence_unlock_irqrestore(held, flags);
		break;
	case 5:
		dma_fence_lock_irqsave(held, flags);
		say(" was=%d", dma_fence_check_and_signal_locked(held));
		dma_fence_unlock_irqrestore(held, flags);
		break;
	}
	DROP();
}

static void op_error(const unsigned int *arg)
{
	static const int errors[] = { -EIO, -ECANCELED, -ETIME, -4095, -4096, 0, 1, 5 };

	struct dma_fence *fence = SLOT(0)->fence;

	/*
	 * Set the error of a container rarely, so that its own errors are seen.
	 */
	if (dma_fence_is_container(fence) && arg[2] % 8)
		return;
	dma_fence_set_error(fence, errors[arg[1] % ARRAY_SIZE(errors)]);
}

static void op_poll(const unsigned int *arg)
{
	HOLD(SLOT(0)->fence);
	unsigned long flags;

	switch (arg[1] % 6) {
	case 0:
	case 1:
		say(" signaled=%d", dma_fence_is_signaled(held));
		break;
	case 2:
		say(" status=%d", dma_fence_get_status(held));
		break;
	case 3:
		dma_fence_lock_irqsave(held, flags);
		say(" signaled=%d", dma_fence_is_signaled_locked(held));
		dma_fence_unlock_irqrestore(held, flags);
		break;
	case 4:
		dma_fence_lock_irqsave(held, flags);
		say(" status=%d", dma_fence_get_status_locked(held));
		dma_fence_unlock_irqrestore(held, flags);
		break;
	case 5:
		say(" at=%lld", (long long)dma_fence_timestamp(held));
		break;
	}
	DROP();
}

/*
 * Set the events while the operations that follow sleep: one argument for each
 * sleep.
 */
static void op_sleep(const unsigned int *arg)
{
	sleep_plan(arg);
}

static const long timeouts[] = { 0, 1, 3, 77, MAX_SCHEDULE_TIMEOUT, 2, 0, -1 };

static void op_wait(const unsigned int *arg)
{
	HOLD(SLOT(0)->fence);
	signed long timeout = timeouts[arg[1] % ARRAY_SIZE(timeouts)];
	bool interruptible = arg[3] & 1;

	/* The POSIX signal is pending before the wait begins. */
	if (arg[3] % 8 > 5)
		send_sig(SIGINT, current, 0);
	if (arg[2] % 4 == 3)
		say(" ret=%ld", SLEEPING(held,
			dma_fence_default_wait(held, interruptible, max(timeout, 0L))));
	else
		say(" ret=%ld", SLEEPING(held,
			dma_fence_wait_timeout(held, interruptible, timeout)));
	DROP();
}

static void op_wait_any(const unsigned int *arg)
{
	struct dma_fence *fences[3];
	bool interruptible = arg[3] & 8;
	uint32_t first = 99;
	long timeout = timeouts[arg[3] % ARRAY_SIZE(timeouts)], ret;
	int i;

	for (i = 0; i < 3; i++)
		fences[i] = dma_fence_get(SLOT(i)->fence);
	ret = SLEEPING(fences[0], FAILING(dma_fence_wait_any_timeout(fences,
		arg[3] == 60 ? 0 : 3, interruptible, timeout, arg[3] & 16 ? &first : NULL)));
	say(" ret=%ld first=%u", ret, first);
	for (i = 0; i < 3; i++)
		dma_fence_put(fences[i]);
}

static void op_meanwhile(const unsigned int *arg)
{
	meanwhile_plan(arg);
}

/*
 * Keep irq_works back from now on, or stop it; and run some that were kept
 * back.
 */
static void op_irq(const unsigned int *arg)
{
	irqs_keep(arg[0] % 4);
	irqs_run(arg[1] % 8);
}

/* Calls that warn and do nothing. */
static void op_mistake(const unsigned int *arg)
{
	struct dma_fence *fences[] = { SLOT(0)->fence, NULL };
	struct dma_fence_cb cb;

	switch (arg[1] % 6) {
	case 0:
		if (NULL_WARNS)
			dma_fence_signal(NULL);
		break;
	case 1:
		if (NULL_WARNS)
			dma_fence_signal_timestamp(NULL, 1);
		break;
	case 2:
		say(" ret=%d", dma_fence_add_callback(fences[0], &cb, NULL));
		break;
	case 3:
		say(" ret=%ld", dma_fence_wait_any_timeout(NULL, 1, false, 0, NULL));
		break;
	case 4:
		say(" ret=%ld", dma_fence_wait_any_timeout(fences, 2, false, 9, NULL));
		break;
	case 5:
		dma_fence_put(dma_fence_get(NULL));
		break;
	}
}

static void op_deadline(const unsigned int *arg)
{
	HOLD(SLOT(0)->fence);

	if (HAS_DEADLINES)
		dma_fence_set_deadline(held, arg[1]);
	DROP();
}

/*
 * Without the number of the context, which counts on from sequence to sequence.
 */
static void op_describe(const unsigned int *arg)
{
	HOLD(SLOT(0)->fence);
	struct seq_file m;

	lfshim_seq_open(&m);
	dma_fence_describe(held, &m);
	if (DESCRIBES_ALIKE)
		say(" \"%.*s\"", (int)strcspn(strchr(lfshim_seq_text(&m), ':'), "\n"),
		    strchr(lfshim_seq_text(&m), ':'));
	lfshim_seq_release(&m);
	DROP();
}

static void op_later(const unsigned int *arg)
{
	struct dma_fence *a = dma_fence_get(SLOT(0)->fence);
	struct dma_fence *b = dma_fence_get(SLOT(1)->fence);

	switch (arg[2] % 3) {
	case 0:
		say_fence("later", dma_fence_later(a, b));
		break;
	case 1:
		say(" later=%d", dma_fence_is_later(a, b));
		break;
	case 2:
		say(" later_or_same=%d", dma_fence_is_later_or_same(a, b));
		break;
	}
	dma_fence_put(a);
	dma_fence_put(b);
}

static void op_stub(const unsigned int *arg)
{
	struct slot *slot = vacate(arg[0]);

	if (arg[1] % 2)
		fill(slot, dma_fence_get_stub());
	else
		fill(slot, FAILING(dma_fence_allocate_private_stub(arg[2])));
}

/*
 * Containers. An array without fences is a caller's mistake, made now and then.
 */

/*
 * Collects up to @max fences, each with a reference, from the slots after @arg.
 */
static struct dma_fence **gather(const unsigned int *arg, unsigned int max,
				 unsigned int *num)
{
	struct dma_fence **fences = kmalloc_objs(*fences, max);
	struct slot *slot;
	unsigned int i;

	*num = 0;
	for (i = 0; i < max; i++) {
		slot = pick(arg[1] + i * arg[2]);
		if (slot)
			fences[(*num)++] = dma_fence_get(slot->fence);
	}
	return fences;
}

static void drop(struct dma_fence **fences, unsigned int num)
{
	unsigned int i;

	for (i = 0; i < num; i++)
		dma_fence_put(fences[i]);
	kfree(fences);
}

static void op_array(const unsigned int *arg)
{
	unsigned int num;
	bool empty = arg[3] == 60 && MERGES_ALIKE;
	struct dma_fence **fences = gather(arg, empty ? 0 : 1 + arg[3] % 4, &num);
	struct dma_fence_array *array = NULL;
	struct slot *slot = vacate(arg[0]);

	if (num || empty)
		array = FAILING(dma_fence_array_create(num, fences,
						       first_context, 1 + arg[3] / 4 % 4));
	if (!array)
		drop(fences, num);
	fill(slot, array ? &array->base : NULL);
}

static void op_array_look(const unsigned int *arg)
{
	struct dma_fence *fence = SLOT(0)->fence, *f;
	unsigned int i = 0;

	say(" match=%d", dma_fence_match_context(fence, first_context + arg[1] % NR_CONTEXTS));
	for (f = dma_fence_array_first(fence); f; f = dma_fence_array_next(fence, ++i))
		say_fence("part", f);
	say_fence("contained", dma_fence_chain_contained(fence));
}

static void op_chain(const unsigned int *arg)
{
	struct dma_fence_chain *chain = FAILING(dma_fence_chain_alloc());
	struct dma_fence *prev = NULL, *fence;
	struct slot *slot;

	if (!chain) {
		say(" no memory");
		return;
	}
	if (!pick(0)) {
		dma_fence_chain_free(chain);
		return;
	}
	fence = dma_fence_get(pick(arg[1])->fence);
	if (arg[3] % 8)
		prev = dma_fence_get(pick(arg[2])->fence);
	slot = vacate(arg[0]);
	dma_fence_chain_init(chain, prev, fence, arg[3] / 8);
	say(" prev_seqno=%llu", (unsigned long long)chain->prev_seqno);
	fill(slot, &chain->base);
}

static void op_chain_walk(const unsigned int *arg)
{
	HOLD(SLOT(0)->fence);
	struct dma_fence *iter;
	unsigned int left = 1 + arg[1] % 8;

	dma_fence_chain_for_each(iter, held) {
		say_fence("link", iter);
		if (!--left) {
			dma_fence_put(iter);
			break;
		}
	}
	DROP();
}

static void op_chain_find(const unsigned int *arg)
{
	struct dma_fence *fence = dma_fence_get(SLOT(0)->fence);
	int ret = dma_fence_chain_find_seqno(&fence, arg[1] % 10);

	say(" ret=%d", ret);
	say_fence("found", fence);
	dma_fence_put(fence);
}

static void op_unwrap(const unsigned int *arg)
{
	HOLD(SLOT(0)->fence);
	struct dma_fence_unwrap cursor;
	struct dma_fence *fence;
	unsigned int left = 1 + arg[1] % 16;

	dma_fence_unwrap_for_each(fence, &cursor, held) {
		say_fence("leaf", fence);
		if (!--left) {
			dma_fence_put(cursor.chain);
			break;
		}
	}
	DROP();
}

/* Poll until polling signals no more fences. */
static void settle(struct dma_fence **fences, unsigned int num)
{
	unsigned int pending = 0, before, i;
	struct dma_fence_unwrap cursor;
	struct dma_fence *fence;

	do {
		before = pending;
		pending = 0;
		for (i = 0; i < num; i++)
			dma_fence_unwrap_for_each(fence, &cursor, fences[i])
				pending += !dma_fence_is_signaled(fence);
	} while (pending != before);
}

static void op_merge(const unsigned int *arg)
{
	unsigned int num;
	struct dma_fence **fences = gather(arg, (arg[3] + 3) / 4 % 5, &num);
	struct dma_fence_unwrap cursors[5];
	struct dma_fence *merged;

	if (!MERGES_ALIKE) {
		fail_from = 0;
		polls_count = false;
		settle(fences, num);
	}
	merged = FAILING(__dma_fence_unwrap_merge(num, fences, cursors));
	polls_count = true;
	say_fence("merged", merged);
	drop(fences, num);
	fill(vacate(arg[0]), merged);
}

static void op_dedup(const unsigned int *arg)
{
	unsigned int num, i;
	struct dma_fence **fences = gather(arg, arg[3] % 8, &num);

#if HAS_DEDUP
	num = dma_fence_dedup_array(fences, num);
#endif
	for (i = 0; i < num; i++)
		say_fence("kept", fences[i]);
	drop(fences, num);
}

const struct operation operations[] = {
	{ "new", 16, op_new },
	{ "new64", 2, op_new64 },
	{ "get", 2, op_get },
	{ "get_rcu", 1, op_get_rcu },
	{ "put", 6, op_put },
	{ "copy", 3, op_copy },
	{ "add", 16, op_add },
	{ "remove", 5, op_remove },
	{ "enable", 5, op_enable },
	{ "signal", 4, op_signal },
	{ "error", 3, op_error },
	{ "poll", 7, op_poll },
	{ "sleep", 2, op_sleep },
	{ "wait", 5, op_wait },
	{ "wait_any", 3, op_wait_any },
	{ "irq", 4, op_irq },
	{ "meanwhile", 4, op_meanwhile },
	{ "mistake", 1, op_mistake },
	{ "deadline", 2, op_deadline },
	{ "describe", 2, op_describe },
	{ "later", 2, op_later },
	{ "stub", 1, op_stub },
	{ "array", 8, op_array },
	{ "array_look", 2, op_array_look },
	{ "chain", 8, op_chain },
	{ "chain_walk", 3, op_chain_walk },
	{ "chain_find", 3, op_chain_find },
	{ "unwrap", 3, op_unwrap },
	{ "merge", 5, op_merge },
	{ "dedup", 2, op_dedup },
	RESV_OPERATIONS
};
const unsigned int nr_operations = ARRAY_SIZE(operations);
