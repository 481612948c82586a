/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The clock. */
#ifndef FENCE_BENCH_CLOCK_H
#define FENCE_BENCH_CLOCK_H

#include <time.h>

#include "engine/base.h"

struct lane;

/* Chooses and calibrates the clock. Call it after pin_thread(). */
void clock_init(void);
double wall_seconds(void);
/* A rate() that does nothing. */
uint64_t empty_loop(struct lane *l, unsigned long n);

static inline uint64_t ticks(void)
{
	struct timespec ts;

#if defined(__x86_64__)
	if (__builtin_expect(bench.tsc, 1)) {
		uint32_t lo, hi;

		/* lfence: keep it in order with the code before and after. */
		__asm__ volatile("lfence\n\trdtsc\n\tlfence"
				 : "=a"(lo), "=d"(hi) : : "memory");
		return (uint64_t)hi << 32 | lo;
	}
#endif
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* The ticks between two readings, without the cost of reading. */
static inline uint64_t span(uint64_t from, uint64_t to)
{
	uint64_t d = to - from;

	return (int64_t)d > (int64_t)bench.clock_ticks ? d - bench.clock_ticks : 0;
}

#endif
