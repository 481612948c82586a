// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Measuring. A repeat takes one sample of every lane of a group, one lane after
 * the other, beginning with another lane each time. A sample of a rate is the
 * median of slices of about a millisecond. A slice in which the thread was
 * switched out against its will is rejected.
 */

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define SLICE_NS	1e6
#define MIN_REPEATS	3
/* Operations of a slice, before it is doubled once more. */
#define MAX_OPS		(sizeof(long) == 8 ? ULONG_MAX >> 24 : ULONG_MAX >> 2)

/* Another try when every slice of a sample was disturbed. */
#define MAX_TRIES	8

/* How many operations make a slice? Warms everything up on the way. */
static void calibrate_lane(struct lane *l)
{
	unsigned long n = l->chunk;
	double ns, best;
	int i;

	for (;; n *= 2) {
		/* Somebody may come in between once, hardly three times. */
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

static double rate_sample(struct lane *l, double seconds)
{
	struct series clean = { 0 }, dirty = { 0 };
	double start = wall_seconds(), end = start + seconds, now = start, ns;
	/* Not counted: until what was put off is done as fast as it comes. */
	double settled = l->steady ? start + seconds / 4 : start;
	unsigned long ops = 0;

	if (l->before)
		l->before(l);
	do {
		unsigned long switches = involuntary_switches();
		double per_op = l->rate(l, l->n) * bench.ns_per_tick / l->n;

		ops += l->n;
		switches = involuntary_switches() - switches;
		if (now >= settled) {
			l->taken++;
			if (switches)
				l->rejected++;
			series_add(switches ? &dirty : &clean, per_op);
		}
		now = wall_seconds();
	} while (now < end || (!clean.n && dirty.n < MAX_TRIES));
	if (l->after)
		l->after(l, ops);

	if (l->steady && clean.n) {
		size_t i;

		for (ns = 0, i = 0; i < clean.n; i++)
			ns += clean.v[i] / clean.n;
	} else if (clean.n) {
		ns = series_median(&clean);
	} else {
		/* Better than nothing, and it is said. */
		ns = series_min(&dirty);
		l->disturbed_repeats++;
	}
	series_free(&clean);
	series_free(&dirty);
	ns -= bench.loop_ns;
	return ns > 0 ? ns : 0;
}

static double sum(const struct term *terms, size_t n, size_t repeat)
{
	double v = 0;
	size_t i;

	for (i = 0; i < n && terms[i].lane; i++)
		v += terms[i].times * terms[i].lane->repeats.v[repeat];
	return i ? v : NAN;
}

static void finish_row(struct row *r, size_t repeats)
{
	size_t i;

	for (i = 0; i < repeats; i++) {
		double v = sum(r->value, ARRAY_LEN(r->value), i);
		double limit = sum(r->limit, ARRAY_LEN(r->limit), i);

		series_add(&r->values, v);
		series_add(&r->limits, limit);
		series_add(&r->ratios, limit > 0 ? v / limit : NAN);
	}
}

static bool needs_two_cpus(const struct row *r)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(r->value) && r->value[i].lane; i++)
		if (r->value[i].lane->where == TWO_CPUS)
			return true;
	return false;
}

/* Limits and peers always run; fence lanes if they are asked for. */
static double choose_lanes(struct group *g)
{
	double nr = 0;
	size_t i, k;
	bool any = false;

	for (i = 0; i < g->nr_rows; i++) {
		struct row *r = &g->rows[i];

		if (!r->selected)
			continue;
		if (bench.cpu[1] < 0 && needs_two_cpus(r)) {
			r->not_run = "one CPU";
			continue;
		}
		any = true;
		for (k = 0; k < ARRAY_LEN(r->value) && r->value[k].lane; k++)
			r->value[k].lane->needed = true;
	}
	if (!any)
		return 0;
	for (i = 0; i < g->nr_lanes; i++) {
		struct lane *l = &g->lanes[i];

		if (l->kind != LANE_FENCE)
			l->needed = bench.cpu[1] >= 0 || l->where != TWO_CPUS;
		if (l->needed)
			nr += l->steady ? 4 : 1;
	}
	return nr;
}

static void run_group(struct group *g, double seconds)
{
	double nr = choose_lanes(g), slot, start = wall_seconds();
	size_t i, rep;

	if (!nr)
		return;
	slot = seconds / (bench.repeats + 0.5) / nr;

	for (i = 0; i < g->nr_lanes; i++) {
		struct lane *l = &g->lanes[i];

		if (!l->needed)
			continue;
		if (l->setup)
			l->setup(l);
		if (l->not_run)
			l->needed = false;
		else if (l->rate)
			calibrate_lane(l);
	}
	for (rep = 0; rep < bench.repeats; rep++) {
		double spent = wall_seconds() - start;

		/* On a busy machine everything takes longer. */
		if (rep >= MIN_REPEATS && spent > 1.3 * seconds)
			break;
		for (i = 0; i < g->nr_lanes; i++) {
			struct lane *l = &g->lanes[(i + rep) % g->nr_lanes];
			double v = NAN;

			if (l->needed)
				v = l->rate ? rate_sample(l, l->steady ? 4 * slot : slot)
					    : wake_sample(l, slot);
			series_add(&l->repeats, v);
		}
	}
	for (i = 0; i < g->nr_lanes; i++) {
		struct lane *l = &g->lanes[i];

		if ((l->needed || l->not_run) && l->teardown)
			l->teardown(l);
		bench.taken += l->taken;
		bench.rejected += l->rejected;
	}
	for (i = 0; i < g->nr_rows; i++)
		if (g->rows[i].selected && !g->rows[i].not_run)
			finish_row(&g->rows[i], rep);
}

void run_groups(void)
{
	bool progress = isatty(STDERR_FILENO);
	double weights = 0, start = wall_seconds();
	unsigned int nr = 0, done = 0;
	size_t i;

	for (i = 0; i < nr_groups; i++) {
		if (!groups[i]->selected)
			continue;
		weights += groups[i]->weight;
		nr++;
	}
	for (i = 0; i < nr_groups; i++) {
		struct group *g = groups[i];

		if (!g->selected)
			continue;
		if (progress)
			fprintf(stderr, "\r[%2u/%u] %-28s %5.1f s ", ++done, nr,
				g->name, wall_seconds() - start);
		/* Some of the library's may have started only now. */
		pin_other_threads(bench.cpu[bench.cpu[1] >= 0]);
		run_group(g, bench.opt.seconds * g->weight / weights);
	}
	if (progress)
		fprintf(stderr, "\r%-60s\r", "");
	bench.elapsed = wall_seconds() - start;
}
