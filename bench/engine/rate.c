// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Samples of a rate. A sample is the median of slices of about a millisecond. A
 * slice is rejected if the thread was switched out in it while it could run.
 */

#include <limits.h>
#include <math.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/cpus.h"
#include "engine/lane.h"
#include "engine/rate.h"

#define SLICE_NS	1e6
/* A slice of more operations is not doubled again. */
#define MAX_OPS		(sizeof(long) == 8 ? ULONG_MAX >> 24 : ULONG_MAX >> 2)

/* A sample has so many slices if each of them is disturbed. */
#define MAX_TRIES	8

/* The calls also warm up the caches and the objects of the lane. */
void rate_calibrate(struct lane *l)
{
	unsigned long n = l->chunk;
	double ns, best;
	int i;

	for (;; n *= 2) {
		/* The thread is switched out once, but hardly three times. */
		for (best = INFINITY, i = 0; i < 3; i++) {
			double t0 = wall_seconds();

			l->rate(l, n);
			ns = (wall_seconds() - t0) * 1e9;
			best = ns < best ? ns : best;
			if (best < SLICE_NS / 2)
				break;
		}
		if (best >= SLICE_NS / 2 || n > MAX_OPS)
			break;
	}
	ns = best;
	n *= SLICE_NS / ns;
	l->n = n < l->chunk ? l->chunk : n - n % l->chunk;
}

/* Returns the ns of an operation. */
static double rate_slice(struct lane *l, bool *disturbed)
{
	unsigned long switches = involuntary_switches();
	double per_op = l->rate(l, l->n) * bench.ns_per_tick / l->n;

	*disturbed = involuntary_switches() != switches;
	return per_op;
}

/* The result of a sample, with the cost of the loop. */
static double rate_value(struct lane *l, const struct series *clean,
			 const struct series *disturbed)
{
	if (!clean->n) {
		/* This is better than no result, and is reported. */
		l->disturbed_repeats++;
		return series_min(disturbed);
	}
	return l->steady ? series_mean(clean) : series_median(clean);
}

double rate_sample(struct lane *l, double seconds)
{
	struct series clean = { 0 }, disturbed = { 0 };
	double start = wall_seconds(), end = start + seconds, now = start, ns;
	/*
	 * The first quarter does not count: deferred work, such as frees, is
	 * not yet done as fast as it is made.
	 */
	double settled = l->steady ? start + seconds / 4 : start;
	unsigned long ops = 0;

	if (l->before)
		l->before(l);
	do {
		bool is_disturbed;

		ns = rate_slice(l, &is_disturbed);
		ops += l->n;
		if (now >= settled)
			series_add(is_disturbed ? &disturbed : &clean, ns);
		now = wall_seconds();
	} while (now < end || (!clean.n && disturbed.n < MAX_TRIES));
	if (l->after)
		l->after(l, ops);

	l->taken += clean.n + disturbed.n;
	l->rejected += disturbed.n;
	ns = rate_value(l, &clean, &disturbed) - bench.loop_ns;
	series_free(&clean);
	series_free(&disturbed);
	return ns > 0 ? ns : 0;
}
