// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Measuring groups. A repeat takes one sample of each lane of a group, one lane
 * after the other. Each repeat begins with another lane.
 */

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/cpus.h"
#include "engine/lane.h"
#include "engine/latency.h"
#include "engine/rate.h"
#include "engine/run.h"

#define MIN_REPEATS	3
/* A sample of a lane that needs time to settle is so much longer. */
#define STEADY_TIMES	4

static double sum_terms(const struct term *terms, size_t n, size_t repeat)
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
		double v = sum_terms(r->value, ARRAY_LEN(r->value), i);
		double limit = sum_terms(r->limit, ARRAY_LEN(r->limit), i);

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

/*
 * Sets needed for limits, for peers and for the fence lanes of selected rows.
 * Returns how many samples' time a repeat takes; 0 if no row can run.
 */
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
			nr += l->steady ? STEADY_TIMES : 1;
	}
	return nr;
}

static void set_up_lanes(struct group *g)
{
	size_t i;

	for (i = 0; i < g->nr_lanes; i++) {
		struct lane *l = &g->lanes[i];

		if (!l->needed)
			continue;
		if (l->setup)
			l->setup(l);
		if (l->not_run)
			l->needed = false;
		else if (l->rate)
			rate_calibrate(l);
	}
}

static void tear_down_lanes(struct group *g)
{
	size_t i;

	for (i = 0; i < g->nr_lanes; i++) {
		struct lane *l = &g->lanes[i];

		/* A lane that its setup() refused has been set up, too. */
		if ((l->needed || l->not_run) && l->teardown)
			l->teardown(l);
		bench.taken += l->taken;
		bench.rejected += l->rejected;
	}
}

static double take_sample(struct lane *l, double seconds)
{
	if (!l->needed)
		return NAN;
	if (!l->rate)
		return latency_sample(l, seconds);
	return rate_sample(l, l->steady ? STEADY_TIMES * seconds : seconds);
}

static void run_repeat(struct group *g, size_t repeat, double sample_seconds)
{
	size_t i;

	for (i = 0; i < g->nr_lanes; i++) {
		struct lane *l = &g->lanes[(i + repeat) % g->nr_lanes];

		series_add(&l->repeats, take_sample(l, sample_seconds));
	}
}

static void run_group(struct group *g, double seconds)
{
	double nr = choose_lanes(g), sample_seconds, start = wall_seconds();
	size_t i, repeat;

	if (!nr)
		return;
	sample_seconds = seconds / (bench.repeats + 0.5) / nr;
	set_up_lanes(g);
	for (repeat = 0; repeat < bench.repeats; repeat++) {
		/* On a busy machine everything takes longer. */
		if (repeat >= MIN_REPEATS &&
		    wall_seconds() - start > 1.3 * seconds)
			break;
		run_repeat(g, repeat, sample_seconds);
	}
	tear_down_lanes(g);
	for (i = 0; i < g->nr_rows; i++)
		if (g->rows[i].selected && !g->rows[i].not_run)
			finish_row(&g->rows[i], repeat);
}

void run_groups(void)
{
	bool progress = isatty(STDERR_FILENO);
	double weights = 0, start = wall_seconds();
	unsigned int nr = 0, done = 0;
	size_t i;

	for (i = 0; i < bench.nr_groups; i++) {
		if (!bench.groups[i]->selected)
			continue;
		weights += bench.groups[i]->weight;
		nr++;
	}
	for (i = 0; i < bench.nr_groups; i++) {
		struct group *g = bench.groups[i];

		if (!g->selected)
			continue;
		if (progress)
			fprintf(stderr, "\r[%2u/%u] %-28s %5.1f s ", ++done, nr,
				g->name, wall_seconds() - start);
		/* The library may have started more threads. */
		pin_other_threads(bench.cpu[bench.cpu[1] >= 0]);
		run_group(g, bench.opt.seconds * g->weight / weights);
	}
	if (progress)
		fprintf(stderr, "\r%-60s\r", "");
	bench.elapsed = wall_seconds() - start;
}
