// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reading a reservation object while a thread changes it once a millisecond.
 *
 * With two readers, the second one runs on the other CPU for the time of a
 * sample. The result is the time divided by the operations of both: half as
 * much as for one reader, if the two do not disturb each other.
 */

#include <linux/delay.h>
#include <linux/dma-resv.h>
#include <linux/kthread.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/cpus.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "fence/fence.h"
#include "fence/lanes.h"

#define NR_FENCES	4
/* The other reader publishes its count after so many operations. */
#define BATCH		64

struct resv_test {
	struct dma_resv obj;
	struct task_struct *writer, *reader;
	/* The context of the fence that the writer replaces. */
	u64 context, seqno;
	bool iterates, two;
	unsigned long changes, failed;
	/* Written by the other reader, on a cache line of its own. */
	unsigned long others __attribute__((__aligned__(64)));
	char pad[64];
};

static struct dma_fence *new_fence(u64 context, u64 seqno)
{
	struct dma_fence *f = must_alloc(sizeof(*f));

	bench_fence_init(f, &bench_fence_ops, context, seqno);
	return f;
}

void fence_resv_setup(struct lane *l)
{
	struct resv_test *s = must_alloc(sizeof(*s));
	int i;

	memset(s, 0, sizeof(*s));
	s->iterates = l->arg & RESV_ITERATES;
	s->two = l->arg & RESV_TWO_READERS;
	dma_resv_init(&s->obj);
	dma_resv_lock(&s->obj, NULL);
	if (dma_resv_reserve_fences(&s->obj, NR_FENCES))
		die("no memory for a list of fences");
	/* A test for DMA_RESV_USAGE_READ has to look at all, and finds the last. */
	for (i = 0; i < NR_FENCES; i++) {
		struct dma_fence *f;

		s->context = dma_fence_context_alloc(1);
		f = new_fence(s->context, ++s->seqno);
		dma_resv_add_fence(&s->obj, f, i < NR_FENCES - 1 ?
				   DMA_RESV_USAGE_BOOKKEEP : DMA_RESV_USAGE_READ);
		dma_fence_put(f);
	}
	dma_resv_unlock(&s->obj);
	l->state = s;
}

void fence_resv_teardown(struct lane *l)
{
	struct resv_test *s = l->state;

	if (s->failed || !s->changes)
		wrong("%s: %lu wrong results, %lu changes", l->name, s->failed,
		      s->changes);
	dma_resv_fini(&s->obj);
	free(s);
}

static int resv_writer(void *data)
{
	struct resv_test *s = data;

	pin_thread(bench.cpu[bench.cpu[1] >= 0]);
	while (!kthread_should_stop()) {
		struct dma_fence *f = new_fence(s->context, ++s->seqno);

		dma_resv_lock(&s->obj, NULL);
		dma_resv_replace_fences(&s->obj, s->context, f,
					DMA_RESV_USAGE_READ);
		dma_resv_unlock(&s->obj);
		dma_fence_put(f);
		s->changes++;
		usleep_range(1000, 1000);
	}
	return 0;
}

static inline bool resv_read_once(struct resv_test *s)
{
	struct dma_resv_iter cursor;
	struct dma_fence *f;
	int n = 0;

	if (!s->iterates)
		return !dma_resv_test_signaled(&s->obj, DMA_RESV_USAGE_READ);
	dma_resv_iter_begin(&cursor, &s->obj, DMA_RESV_USAGE_BOOKKEEP);
	dma_resv_for_each_fence_unlocked(&cursor, f)
		n += !dma_resv_iter_is_restarted(&cursor);
	dma_resv_iter_end(&cursor);
	/* The first fence after each (re)start is not counted. */
	return n >= NR_FENCES - 1;
}

static int resv_other_reader(void *data)
{
	struct resv_test *s = data;
	unsigned long failed = 0;
	int i;

	pin_thread(bench.cpu[1]);
	while (!kthread_should_stop()) {
		for (i = 0; i < BATCH; i++)
			EXPECT(resv_read_once(s), failed);
		WRITE_ONCE(s->others, s->others + BATCH);
	}
	return failed;
}

void fence_resv_before(struct lane *l)
{
	struct resv_test *s = l->state;

	s->writer = kthread_run(resv_writer, s, "bench-writer");
	if (s->two)
		s->reader = kthread_run(resv_other_reader, s, "bench-reader");
	if (IS_ERR(s->writer) || IS_ERR(s->reader))
		die("no thread");
	while (s->two && !READ_ONCE(s->others))
		relax();
}

void fence_resv_after(struct lane *l, unsigned long ops)
{
	struct resv_test *s = l->state;

	(void)ops;
	if (s->two)
		s->failed += kthread_stop(s->reader);
	kthread_stop(s->writer);
	s->others = 0;
}

uint64_t fence_resv_read(struct lane *l, unsigned long n)
{
	struct resv_test *s = l->state;
	unsigned long failed = 0, others = READ_ONCE(s->others);
	uint64_t t0 = ticks();

	OPS(n, s, EXPECT(resv_read_once(s), failed));
	t0 = span(t0, ticks());
	others = READ_ONCE(s->others) - others;
	s->failed += failed;
	return t0 * ((double)n / (n + others));
}
