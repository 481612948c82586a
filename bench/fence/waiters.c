// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Many threads wait for one fence: how long after the signal has the last one
 * returned? Beside it, the same with threads that sleep on one futex, which one
 * system call wakes. Linear means that the time per waiter stays the same.
 */

#include <linux/dma-fence.h>
#include <linux/slab.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "limits/futex.h"

#define ROUNDS		30
#define MAX_WAITERS	10000

static const char *name(struct dma_fence *fence)
{
	return "waiters";
}

static const struct dma_fence_ops ops = {
	.get_driver_name = name,
	.get_timeline_name = name,
};

static int nr_waiters;
static bool with_fence;
static struct dma_fence *fences[ROUNDS];
/* Of each round: signals it without a fence; lets the threads wait again. */
static uint32_t signals[ROUNDS], go[ROUNDS];
/* How often a thread was about to wait, and has returned; the rounds that ended. */
static uint32_t ready, back, ended;
static double end_ns;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void futex_wait(uint32_t *word, uint32_t value)
{
	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == value)
		raw_futex(word, FUTEX_WAIT_PRIVATE_, value);
}

static void futex_set(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	raw_futex(word, FUTEX_WAKE_PRIVATE_, INT_MAX);
}

static void *waiter(void *unused)
{
	uint32_t round;

	for (round = 0; round < ROUNDS; round++) {
		__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
		if (!with_fence)
			futex_wait(&signals[round], 0);
		else if (dma_fence_wait(fences[round], false))
			abort();
		if (__atomic_add_fetch(&back, 1, __ATOMIC_SEQ_CST) ==
		    nr_waiters * (round + 1)) {
			end_ns = now();
			futex_set(&ended, round + 1);
		}
		/* A futex in both cases, so that only the first wait differs. */
		futex_wait(&go[round], 0);
	}
	return NULL;
}

static int compare(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* Returns the median of the rounds, in ns. */
static double run_rounds(void)
{
	double begin, ns[ROUNDS];
	uint32_t round;

	for (round = 0; round < ROUNDS; round++) {
		while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) <
		       nr_waiters * (round + 1))
			usleep(1000);
		/* Until the last one sleeps. */
		usleep(5000 + 50 * nr_waiters);
		begin = now();
		if (with_fence)
			dma_fence_signal(fences[round]);
		else
			futex_set(&signals[round], 1);
		futex_wait(&ended, round);
		ns[round] = end_ns - begin;
		futex_set(&go[round], 1);
	}
	qsort(ns, ROUNDS, sizeof(*ns), compare);
	return ns[ROUNDS / 2];
}

static double measure(int waiters, bool fence)
{
	pthread_t *threads = calloc(waiters, sizeof(*threads));
	pthread_attr_t attr;
	double ns;
	int i;

	if (!threads)
		abort();
	nr_waiters = waiters;
	with_fence = fence;
	ready = back = ended = 0;
	for (i = 0; i < ROUNDS; i++) {
		signals[i] = go[i] = 0;
		fences[i] = kmalloc_obj(*fences[i]);
		if (!fences[i])
			abort();
		dma_fence_init(fences[i], &ops, NULL, 1, i + 1);
	}
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 << 10);
	for (i = 0; i < waiters; i++) {
		if (pthread_create(&threads[i], &attr, waiter, NULL)) {
			fprintf(stderr, "fence-waiters: no more threads\n");
			exit(1);
		}
	}
	pthread_attr_destroy(&attr);
	ns = run_rounds();
	for (i = 0; i < waiters; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < ROUNDS; i++)
		dma_fence_put(fences[i]);
	free(threads);
	return ns;
}

int main(int argc, char **argv)
{
	static const char *const usual[] = { "10", "100", "300", "1000" };
	int i, n = argc > 1 ? argc - 1 : (int)ARRAY_SIZE(usual), waiters;
	double futex, fence;

	printf("# until the last waiter is back, us: median of %d rounds\n"
	       "# waiters   futex   fence  ratio  us per waiter\n", ROUNDS);
	for (i = 0; i < n; i++) {
		waiters = atoi(argc > 1 ? argv[i + 1] : usual[i]);
		if (waiters < 1 || waiters > MAX_WAITERS) {
			fprintf(stderr, "usage: fence-waiters [WAITERS...], 1 to %d\n",
				MAX_WAITERS);
			return 2;
		}
		futex = measure(waiters, false);
		fence = measure(waiters, true);
		printf("%9d %7.0f %7.0f %6.2f %10.2f\n", waiters, futex / 1e3,
		       fence / 1e3, fence / futex, fence / 1e3 / waiters);
		fflush(stdout);
	}
	return 0;
}
