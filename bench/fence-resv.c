// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reading a reservation object while somebody changes it once a millisecond.
 *
 * With two readers, the other one runs on the other CPU as long as a sample
 * takes, and a result is for each operation of the two: it is half as long as
 * for one reader where they are not in each other's way.
 */

#include <linux/delay.h>
#include <linux/dma-resv.h>
#include <linux/kthread.h>

#include "fence.h"

#define NR_FENCES	4
/* Operations of the other reader between two looks around. */
#define BATCH		64

struct readers {
	struct dma_resv obj;
	struct task_struct *writer, *reader;
	/* The context of the fence that the writer replaces. */
	u64 context, seqno;
	bool iterates, two;
	unsigned long changes, failed;
	/* Written by the other reader, on a line of its own. */
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
	struct readers *s = must_alloc(sizeof(*s));
	int i;

	memset(s, 0, sizeof(*s));
	s->iterates = l->arg & RESV_ITERATES;
	s->two = l->arg & RESV_TWO_READERS;
	dma_resv_init(&s->obj);
	dma_resv_lock(&s->obj, NULL);
	if (dma_resv_reserve_fences(&s->obj, NR_FENCES))
		die("no memory for a list of fences");
	/* Who asks for readers' fences comes to the last one. */
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
	struct readers *s = l->state;

	if (s->failed || !s->changes)
		wrong("%s: %lu wrong results, %lu changes", l->name, s->failed,
		      s->changes);
	dma_resv_fini(&s->obj);
	free(s);
}

static int write_now_and_then(void *data)
{
	struct readers *s = data;

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

static inline bool read_once(struct readers *s)
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
	/* More where it began again; the first is not counted. */
	return n >= NR_FENCES - 1;
}

static int read_too(void *data)
{
	struct readers *s = data;
	unsigned long failed = 0;
	int i;

	pin_thread(bench.cpu[1]);
	while (!kthread_should_stop()) {
		for (i = 0; i < BATCH; i++)
			EXPECT(read_once(s), failed);
		WRITE_ONCE(s->others, s->others + BATCH);
	}
	return failed;
}

void fence_resv_before(struct lane *l)
{
	struct readers *s = l->state;

	s->writer = kthread_run(write_now_and_then, s, "bench-writer");
	if (s->two)
		s->reader = kthread_run(read_too, s, "bench-reader");
	if (IS_ERR(s->writer) || IS_ERR(s->reader))
		die("no thread");
	while (s->two && !READ_ONCE(s->others))
		relax();
}

void fence_resv_after(struct lane *l, unsigned long ops)
{
	struct readers *s = l->state;

	(void)ops;
	if (s->two)
		s->failed += kthread_stop(s->reader);
	kthread_stop(s->writer);
	s->others = 0;
}

uint64_t fence_resv_read(struct lane *l, unsigned long n)
{
	struct readers *s = l->state;
	unsigned long failed = 0, others = READ_ONCE(s->others);
	uint64_t t0 = ticks();

	OPS(n, s, EXPECT(read_once(s), failed));
	t0 = span(t0, ticks());
	others = READ_ONCE(s->others) - others;
	s->failed += failed;
	return t0 * ((double)n / (n + others));
}
