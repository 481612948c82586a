// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The clock. */

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "engine/clock.h"
#include "engine/cpus.h"
#include "engine/ops.h"
#include "engine/stats.h"

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

double wall_seconds(void)
{
	return monotonic_ns() * 1e-9;
}

static bool tsc_is_good(void)
{
#if defined(__x86_64__)
	char name[32] = "";
	unsigned int a, b, c, d;
	FILE *f;

	/* The CPU says that it counts at one rate in all states, */
	if (__get_cpuid(0x80000007, &a, &b, &c, &d) && (d & 1u << 8))
		return true;
	/* or the kernel trusts it. */
	f = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource",
		  "r");
	if (f) {
		if (!fgets(name, sizeof(name), f))
			name[0] = '\0';
		fclose(f);
	}
	return !strcmp(name, "tsc\n");
#else
	return false;
#endif
}

/* The ns of a tick, by the kernel's clock. */
static double calibrate_ticks(void)
{
	uint64_t ns, ns0 = monotonic_ns(), t0 = ticks(), t;

	do {
		ns = monotonic_ns();
		t = ticks();
	} while (ns - ns0 < 50000000);
	return (double)(ns - ns0) / (t - t0);
}

uint64_t empty_loop(struct lane *l, unsigned long n)
{
	uint64_t t0;

	hide(l);
	t0 = ticks();
	OPS(n, l, (void)0);
	return span(t0, ticks());
}

/*
 * Do the counters of the two CPUs agree? A cache line goes to the other CPU and
 * back, and both CPUs read the clock. In the shortest round trip, the reading
 * of the other CPU should be half-way between the two of this CPU. The error is
 * at most half of the trip.
 */
#define SKEW_ROUNDS	20000

static struct {
	_Alignas(64) uint32_t ball;
	_Alignas(64) uint64_t seen_at;
} skew;

static void *skew_partner(void *unused)
{
	uint32_t i;

	pin_thread(bench.cpu[1]);
	for (i = 1; i <= SKEW_ROUNDS; i++) {
		/* Acquire and release: pair with check_skew()'s. */
		while (__atomic_load_n(&skew.ball, __ATOMIC_ACQUIRE) != 2 * i - 1)
			relax();
		skew.seen_at = ticks();
		__atomic_store_n(&skew.ball, 2 * i, __ATOMIC_RELEASE);
	}
	return unused;
}

static void check_skew(void)
{
	double there, back, shortest = 1e18;
	bool backwards = false;
	uint64_t t0, t1;
	pthread_t thread;
	uint32_t i;

	if (bench.cpu[1] < 0)
		return;
	skew.ball = 0;
	if (pthread_create(&thread, NULL, skew_partner, NULL))
		die("cannot start a thread");
	for (i = 1; i <= SKEW_ROUNDS; i++) {
		t0 = ticks();
		/* Release and acquire: pair with skew_partner()'s. */
		__atomic_store_n(&skew.ball, 2 * i - 1, __ATOMIC_RELEASE);
		while (__atomic_load_n(&skew.ball, __ATOMIC_ACQUIRE) != 2 * i)
			relax();
		t1 = ticks();
		there = (double)(int64_t)(skew.seen_at - t0);
		back = (double)(int64_t)(t1 - skew.seen_at);
		if (there < 0 || back < 0)
			backwards = true;
		if (there + back < shortest) {
			shortest = there + back;
			bench.skew_ns = (there - back) / 2 * bench.ns_per_tick;
		}
	}
	pthread_join(thread, NULL);
	bench.skew_error_ns = shortest / 2 * bench.ns_per_tick;
	/* A latency that is read on both CPUs would mean nothing. */
	if (bench.tsc && backwards) {
		bench.tsc = false;
		fprintf(stderr,
			"fence-bench: the CPUs' counters do not agree; using CLOCK_MONOTONIC\n");
	}
}

void clock_init(void)
{
	struct series s = { 0 };
	unsigned long n = 16384;
	int i;

	bench.tsc = tsc_is_good();
	bench.ns_per_tick = bench.tsc ? calibrate_ticks() : 1;
	check_skew();
	if (!bench.tsc)
		bench.ns_per_tick = 1;

	for (i = 0; i < 1001; i++) {
		uint64_t t0 = ticks(), t1 = ticks();

		series_add(&s, t1 - t0);
	}
	bench.clock_ticks = series_median(&s);
	bench.clock_ns = bench.clock_ticks * bench.ns_per_tick;
	series_free(&s);

	for (i = 0; i < 101; i++)
		series_add(&s, empty_loop(NULL, n) * bench.ns_per_tick / n);
	bench.loop_ns = series_median(&s);
	series_free(&s);
}
