// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The operations on reservation objects. The first argument selects the object.
 *
 * The sequences avoid these known differences; docs/fidelity.md has the reasons:
 *  - The kernel's unlocked iteration polls all fences, ours only those whose
 *    usage matches. Where that would be visible, the usage is one that includes
 *    all fences.
 *  - The kernel's cursor has a reference to its fence. No reference counts are
 *    logged while a cursor is open.
 *  - The kernel's iteration never ends if the list becomes NULL. An object that
 *    may have no fences is not copied to an object with an open cursor.
 *  - The kernel's iteration continues in a new list that has the address of the
 *    old one. No freed memory is reused meanwhile.
 * They also avoid breaches of the contract: adding a fence without room, and
 * reserving nearly UINT_MAX slots.
 */
#include "model.h"
#include "resv.h"
#include <linux/seq_file.h>
#include <linux/slab.h>

#define RESV		(&resvs[arg[0] % NR_RESVS])
#define OTHER		(&resvs[!(arg[0] % NR_RESVS)])
#define USAGE(n)	((enum dma_resv_usage)(arg[n] % 4))

/*
 * The usage for an iteration without the lock: as asked for if both cores poll
 * the same fences with it.
 */
static enum dma_resv_usage unlocked_usage(struct dma_resv *obj, unsigned int arg)
{
	enum dma_resv_usage usage = arg % 4, ret = usage;
	const struct dma_fence_ops *ops;
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_lock(obj, NULL);
	dma_resv_for_each_fence(&cursor, obj, DMA_RESV_USAGE_BOOKKEEP, fence) {
		ops = rcu_access_pointer(fence->ops);
		if (dma_resv_iter_usage(&cursor) > usage && ops && ops->signaled &&
		    !dma_fence_test_signaled_flag(fence))
			ret = DMA_RESV_USAGE_BOOKKEEP;
	}
	dma_resv_unlock(obj);
	if (ret != usage)
		say(" any usage");
	return ret;
}

/* Cursors that stay open over several operations, one for each object. */
static struct dma_resv_iter cursors[NR_RESVS];

static bool any_cursor(void)
{
	int i;

	for (i = 0; i < NR_RESVS; i++)
		if (cursors[i].obj)
			return true;
	return false;
}

/* A call that uses a cursor. */
#define CURSOR(call) ({				\
	cursor_open = true;			\
	__typeof__(call) __val = (call);	\
	cursor_open = any_cursor();		\
	__val; })

void op_resv_reserve(const unsigned int *arg)
{
	unsigned int num = arg[1] % 8 ? arg[1] % 8 : arg[2] % 20;
	int ret;

	dma_resv_lock(RESV, NULL);
	/* 0 is a caller's mistake, which is tested as well. */
	ret = FAILING(dma_resv_reserve_fences(RESV, num || RESERVES_NOTHING ? num : 1));
	say(" ret=%d", ret);
	dma_resv_unlock(RESV);
}

/* Add one or more fences. Room is needed, so reserve it every time. */
void op_resv_add(const unsigned int *arg)
{
	unsigned int i, num = 1 + arg[3] % 3;
	struct slot *slot;
	int ret;

	dma_resv_lock(RESV, NULL);
	ret = FAILING(dma_resv_reserve_fences(RESV, num));
	say(" ret=%d", ret);
	/*
	 * Polling may signal fences, and their callbacks may have emptied any
	 * slot.
	 */
	for (i = 0; !ret && i < num; i++) {
		slot = pick(arg[1] + i);
		if (slot)
			dma_resv_add_fence(RESV, slot->fence, USAGE(2));
	}
	dma_resv_unlock(RESV);
}

void op_resv_replace(const unsigned int *arg)
{
	struct slot *slot = pick(arg[1]);

	if (!slot)
		return;
	dma_resv_lock(RESV, NULL);
	dma_resv_replace_fences(RESV, first_context + arg[2] % NR_CONTEXTS,
				slot->fence, USAGE(3));
	dma_resv_unlock(RESV);
}

/* Does the object have a fence that no poll can signal? */
static bool has_unsignaled(struct dma_resv *obj)
{
	const struct dma_fence_ops *ops;
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	bool ret = false;

	dma_resv_lock(obj, NULL);
	dma_resv_for_each_fence(&cursor, obj, DMA_RESV_USAGE_BOOKKEEP, fence) {
		ops = rcu_access_pointer(fence->ops);
		ret |= ops && !ops->signaled && !dma_fence_test_signaled_flag(fence);
	}
	dma_resv_unlock(obj);
	return ret;
}

void op_resv_copy(const unsigned int *arg)
{
	/* The list must not become NULL under a cursor. */
	if (cursors[arg[0] % NR_RESVS].obj && !has_unsignaled(OTHER)) {
		say(" cursor");
		return;
	}
	dma_resv_lock(RESV, NULL);
	say(" ret=%d", CURSOR(FAILING(dma_resv_copy_fences(RESV, OTHER))));
	dma_resv_unlock(RESV);
}

void op_resv_get(const unsigned int *arg)
{
	struct dma_fence **fences = (void *)1;
	unsigned int num = 77, i;
	enum dma_resv_usage usage = unlocked_usage(RESV, arg[1]);
	int ret = CURSOR(FAILING(dma_resv_get_fences(RESV, usage, &num, &fences)));

	say(" ret=%d num=%u%s", ret, num, fences ? "" : " NULL");
	for (i = 0; i < num; i++) {
		say_fence("is", fences[i]);
		dma_fence_put(fences[i]);
	}
	kfree(fences);
}

void op_resv_singleton(const unsigned int *arg)
{
	struct dma_fence *fence = NULL;
	enum dma_resv_usage usage = unlocked_usage(RESV, arg[1]);
	int ret = CURSOR(FAILING(dma_resv_get_singleton(RESV, usage, &fence)));

	say(" ret=%d", ret);
	say_fence("is", fence);
	fill(vacate(arg[2]), fence);
}

void op_resv_test(const unsigned int *arg)
{
	enum dma_resv_usage usage = unlocked_usage(RESV, arg[1]);

	switch (arg[2] % 4) {
	default:
		say(" signaled=%d", CURSOR(dma_resv_test_signaled(RESV, usage)));
		break;
	case 2:
		/*
		 * Only the planned events end a wait, so do not wait without a
		 * timeout.
		 */
		say(" wait=%ld", CURSOR(SLEEPING(NULL, dma_resv_wait_timeout(RESV, usage,
			arg[3] & 1, arg[3] == 63 ? ULONG_MAX : arg[3] / 2))));
		break;
	case 3:
		cursor_open = true;
		if (HAS_DEADLINES)
			dma_resv_set_deadline(RESV, usage, arg[3]);
		cursor_open = any_cursor();
		break;
	}
}

void op_resv_iterate(const unsigned int *arg)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_lock(RESV, NULL);
	dma_resv_for_each_fence(&cursor, RESV, USAGE(1), fence) {
		say_fence("is", fence);
		say("/%d%s", dma_resv_iter_usage(&cursor),
		    dma_resv_iter_is_restarted(&cursor) ? "r" : "");
	}
	dma_resv_unlock(RESV);
}

/* Iterate without the lock; the list may grow meanwhile. */
void op_resv_walk(const unsigned int *arg)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	unsigned int n = 0;

	dma_resv_iter_begin(&cursor, RESV, unlocked_usage(RESV, arg[1]));
	cursor_open = true;
	dma_resv_for_each_fence_unlocked(&cursor, fence) {
		say_fence("is", fence);
		say("/%d%s", dma_resv_iter_usage(&cursor),
		    dma_resv_iter_is_restarted(&cursor) ? "r" : "");
		if (++n == arg[2] % 8) {
			dma_resv_lock(RESV, NULL);
			say(" grown=%d", dma_resv_reserve_fences(RESV, 16 + arg[3]));
			dma_resv_unlock(RESV);
		}
		if (n == arg[3])
			break;
	}
	dma_resv_iter_end(&cursor);
	cursor_open = any_cursor();
}

static void cursor_say(struct dma_resv_iter *cursor, struct dma_fence *fence)
{
	say_fence("is", fence);
	if (fence)
		say("/%d%s", dma_resv_iter_usage(cursor),
		    dma_resv_iter_is_restarted(cursor) ? "r" : "");
}

static void cursor_end(struct dma_resv_iter *cursor)
{
	if (!cursor->obj)
		return;
	dma_resv_iter_end(cursor);
	cursor->obj = NULL;
	cursor_open = any_cursor();
	if (!cursor_open)
		keep_freed(false);
}

void cursors_end(void)
{
	int i;

	for (i = 0; i < NR_RESVS; i++)
		cursor_end(&cursors[i]);
}

void op_resv_begin(const unsigned int *arg)
{
	struct dma_resv_iter *cursor = &cursors[arg[0] % NR_RESVS];

	cursor_end(cursor);
	keep_freed(true);
	cursor_open = true;
	dma_resv_iter_begin(cursor, RESV, DMA_RESV_USAGE_BOOKKEEP);
	cursor_say(cursor, dma_resv_iter_first_unlocked(cursor));
}

void op_resv_step(const unsigned int *arg)
{
	struct dma_resv_iter *cursor = &cursors[arg[0] % NR_RESVS];

	if (!cursor->obj)
		cursor = &cursors[!(arg[0] % NR_RESVS)];
	if (!cursor->obj || !cursor->fence) {
		say(" no cursor");
		return;
	}
	cursor_say(cursor, dma_resv_iter_next_unlocked(cursor));
}

void op_resv_end(const unsigned int *arg)
{
	cursor_end(&cursors[arg[0] % NR_RESVS]);
}

void op_resv_describe(const unsigned int *arg)
{
	struct seq_file m;
	const char *line, *colon;

	lfshim_seq_open(&m);
	dma_resv_lock(RESV, NULL);
	dma_resv_describe(RESV, &m);
	dma_resv_unlock(RESV);
	/*
	 * "\tread fence:CONTEXT:SEQNO ...": log all but the number of the
	 * context.
	 */
	for (line = lfshim_seq_text(&m); DESCRIBES_ALIKE && *line; line = strchr(line, '\n') + 1) {
		colon = strchr(line, ':');
		say(" \"%.*s", (int)(colon - line), line);
		colon = strchr(colon + 1, ':');
		say("%.*s\"", (int)(strchr(line, '\n') - colon), colon);
	}
	lfshim_seq_release(&m);
}

void op_resv_anew(const unsigned int *arg)
{
	cursor_end(&cursors[arg[0] % NR_RESVS]);
	dma_resv_fini(RESV);
	dma_resv_init(RESV);
}
