// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The operations on reservation objects: the first argument says on which. */
#include "model.h"
#include "resv.h"
#include <linux/seq_file.h>
#include <linux/slab.h>

#define RESV		(&resvs[arg[0] % NR_RESVS])
#define OTHER		(&resvs[!(arg[0] % NR_RESVS)])
#define USAGE(n)	((enum dma_resv_usage)(arg[n] % 4))

void op_resv_reserve(const unsigned int *arg)
{
	int ret;

	dma_resv_lock(RESV, NULL);
	/* 0 is a mistake, which is seen. */
	ret = FAILING(dma_resv_reserve_fences(RESV, arg[1] % 8 ? arg[1] % 8 : arg[2] % 20));
	say(" ret=%d", ret);
	dma_resv_unlock(RESV);
}

/* There has to be room, so it is asked for every time. */
void op_resv_add(const unsigned int *arg)
{
	struct slot *slot = pick(arg[1]);
	int ret;

	if (!slot) {
		say(" no fence");
		return;
	}
	dma_resv_lock(RESV, NULL);
	ret = FAILING(dma_resv_reserve_fences(RESV, 1));
	say(" ret=%d", ret);
	/* Polling may signal, and a callback may have emptied the slot. */
	if (!ret && slot->fence)
		dma_resv_add_fence(RESV, slot->fence, USAGE(2));
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

void op_resv_copy(const unsigned int *arg)
{
	dma_resv_lock(RESV, NULL);
	say(" ret=%d", FAILING(dma_resv_copy_fences(RESV, OTHER)));
	dma_resv_unlock(RESV);
}

void op_resv_get(const unsigned int *arg)
{
	struct dma_fence **fences = (void *)1;
	unsigned int num = 77, i;
	int ret = FAILING(dma_resv_get_fences(RESV, USAGE(1), &num, &fences));

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
	int ret = FAILING(dma_resv_get_singleton(RESV, USAGE(1), &fence));

	say(" ret=%d", ret);
	say_fence("is", fence);
	fill(vacate(arg[2]), fence);
}

void op_resv_test(const unsigned int *arg)
{
	switch (arg[2] % 4) {
	default:
		say(" signaled=%d", dma_resv_test_signaled(RESV, USAGE(1)));
		break;
	case 2:
		say(" wait=%ld", dma_resv_wait_timeout(RESV, USAGE(1), false, 0));
		break;
	case 3:
		dma_resv_set_deadline(RESV, USAGE(1), arg[3]);
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

/*
 * Without the lock, and it may happen that the list grows meanwhile. (It must
 * not become NULL: the kernel's cursor would never come to the end.) The
 * kernel's cursor holds a reference, and ours does not: no counts in here.
 */
void op_resv_walk(const unsigned int *arg)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	unsigned int n = 0;

	dma_resv_iter_begin(&cursor, RESV, USAGE(1));
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
}

void op_resv_describe(const unsigned int *arg)
{
	struct seq_file m;
	const char *line, *colon;

	lfshim_seq_open(&m);
	dma_resv_lock(RESV, NULL);
	dma_resv_describe(RESV, &m);
	dma_resv_unlock(RESV);
	/* "\tread fence:CONTEXT:SEQNO ...": all but the number of the context. */
	for (line = lfshim_seq_text(&m); *line; line = strchr(line, '\n') + 1) {
		colon = strchr(line, ':');
		say(" \"%.*s", (int)(colon - line), line);
		colon = strchr(colon + 1, ':');
		say("%.*s\"", (int)(strchr(line, '\n') - colon), colon);
	}
	lfshim_seq_release(&m);
}

void op_resv_anew(const unsigned int *arg)
{
	dma_resv_fini(RESV);
	dma_resv_init(RESV);
}
