// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The results as tables. */

#include <math.h>

#include "engine/base.h"
#include "engine/lane.h"
#include "explorer/explorer.h"
#include "report/report.h"

static void print_limit_and_target(FILE *f, const struct row *r)
{
	fprintf(f, "%s", r->limit_what);
	if (r->target)
		fprintf(f, "; at most %gx", r->target);
}

void print_list(FILE *f)
{
	size_t g, i;

	for (g = 0; g < bench.nr_groups; g++) {
		for (i = 0; i < bench.groups[g]->nr_rows; i++) {
			const struct row *r = &bench.groups[g]->rows[i];

			if (!r->selected)
				continue;
			fprintf(f, "%-21s %s (limit: ", r->name, r->what);
			print_limit_and_target(f, r);
			fprintf(f, ")\n");
		}
	}
	for (i = 0; i < nr_explorer_rows; i++)
		if (explorer_rows[i].selected)
			fprintf(f, "%s the explorer's executions a CPU second (at least %g)\n",
				explorer_rows[i].name, explorer_rows[i].target);
}

void print_header(FILE *f)
{
	fprintf(f, "libfence %s, liburcu %s, %s, %s\n", bench.library_version,
		urcu_version(), compiler_name(), date_now());
	fprintf(f, "%s, %s\n", cpu_model(), kernel_name());
	if (bench.cpu[1] >= 0)
		fprintf(f, "measuring and signalling on CPU %d, waiting on CPU %d, with the library's own threads\n",
			bench.cpu[0], bench.cpu[1]);
	else
		fprintf(f, "everything on CPU %d\n", bench.cpu[0]);
	fprintf(f, "clock: %s, %.1f ns to read; loop: %.3f ns an operation; both are subtracted\n",
		bench.tsc ? "TSC" : "CLOCK_MONOTONIC", bench.clock_ns,
		bench.loop_ns);
	if (bench.cpu[1] >= 0)
		fprintf(f, "the two CPUs' clocks are %.0f ns apart, +-%.0f\n",
			fabs(bench.skew_ns), bench.skew_error_ns);
	fprintf(f, "%lu of %lu samples rejected: the thread was switched out; %.1f s\n",
		bench.rejected, bench.taken, bench.elapsed);
	if (bench.build_note)
		fprintf(f, "NOTE: %s\n", bench.build_note);
	fprintf(f, "\n");
}

/* Right-aligned in @width; a dash for NAN. */
static void print_number(FILE *f, int width, double v)
{
	if (isnan(v))
		fprintf(f, " %*s", width, "-");
	else if (v < 10)
		fprintf(f, " %*.2f", width, v);
	else if (v < 1000)
		fprintf(f, " %*.1f", width, v);
	else
		fprintf(f, " %*.0f", width, v);
}

static void print_percent(FILE *f, int width, double v)
{
	if (isnan(v))
		fprintf(f, " %*s", width, "-");
	else
		fprintf(f, " %*.1f%%", width - 1, v);
}

/* The latencies of the row's first lane; empty if it measures a rate. */
static const struct series *row_latencies(const struct row *r)
{
	return &r->value[0].lane->samples;
}

static void print_row(FILE *f, const struct row *r)
{
	const struct lane *l = r->value[0].lane;
	double ratio = series_median(&r->ratios);

	fprintf(f, "%-21s", r->name);
	if (r->not_run) {
		fprintf(f, " not run: %s\n", r->not_run);
		return;
	}
	print_number(f, 9, series_median(&r->values));
	fprintf(f, " ns");
	print_percent(f, 7, series_spread(&r->values));
	print_number(f, 8, series_percentile(row_latencies(r), 0.99));
	print_number(f, 8, series_percentile(row_latencies(r), 0.999));
	print_number(f, 9, series_median(&r->limits));
	print_number(f, 7, ratio);
	print_number(f, 7, r->target ? r->target : NAN);
	fprintf(f, " %4s", r->target && !isnan(ratio) ?
				   ratio <= r->target ? "yes" : "NO" : "");
	if (l->disturbed_repeats)
		fprintf(f, "  (%lu repeats disturbed)", l->disturbed_repeats);
	fprintf(f, "\n");
}

static void print_lanes(FILE *f, enum lane_kind kind, const char *title)
{
	size_t g, i;

	fprintf(f, "\n%-21s %-52s %9s    %7s %8s %8s\n", title, "", "median",
		"spread", "p99", "p99.9");
	for (g = 0; g < bench.nr_groups; g++) {
		const char *group = bench.groups[g]->name;

		if (!bench.groups[g]->selected)
			continue;
		for (i = 0; i < bench.groups[g]->nr_lanes; i++) {
			const struct lane *l = &bench.groups[g]->lanes[i];

			if (l->kind != kind)
				continue;
			fprintf(f, "%-21.21s %-52s", group, l->name);
			group = "";
			if (!l->needed) {
				fprintf(f, " not run: %s\n",
					l->not_run ? l->not_run : "one CPU");
				continue;
			}
			print_number(f, 9, series_median(&l->repeats));
			fprintf(f, " ns");
			print_percent(f, 7, series_spread(&l->repeats));
			print_number(f, 8, series_percentile(&l->samples, 0.99));
			print_number(f, 8, series_percentile(&l->samples, 0.999));
			fprintf(f, "\n");
		}
	}
}

static void print_explorer(FILE *f)
{
	bool head = false;
	size_t i;

	for (i = 0; i < nr_explorer_rows; i++) {
		const struct explorer_row *r = &explorer_rows[i];
		double median = series_median(&r->values);

		if (!r->selected)
			continue;
		if (!head)
			fprintf(f, "\n%-36s %9s %7s %8s %4s\n",
				"explorer, runs a CPU second", "median",
				"spread", "at least", "met");
		head = true;
		fprintf(f, "%-36s", r->name);
		if (r->not_run) {
			fprintf(f, " not run: %s\n", r->not_run);
			continue;
		}
		print_number(f, 9, median);
		print_percent(f, 7, series_spread(&r->values));
		print_number(f, 8, r->target);
		fprintf(f, " %4s\n", median >= r->target ? "yes" : "NO");
	}
}

void print_results(FILE *f)
{
	size_t g, i, k;

	fprintf(f, "%-21s %9s    %7s %8s %8s %9s %7s %7s %4s\n", "case",
		"median", "spread", "p99", "p99.9", "limit", "ratio", "target",
		"met");
	for (g = 0; g < bench.nr_groups; g++)
		for (i = 0; i < bench.groups[g]->nr_rows; i++)
			if (bench.groups[g]->rows[i].selected)
				print_row(f, &bench.groups[g]->rows[i]);
	fprintf(f, "The median of the repeats, and how wide their middle half is. A ratio is the\n"
		   "median of each repeat's. --list says what the cases and their limits are.\n");

	for (g = 0; g < bench.nr_groups; g++) {
		for (i = 0; i < bench.groups[g]->nr_lanes; i++) {
			const struct lane *l = &bench.groups[g]->lanes[i];

			for (k = 0; k < l->nr_extra; k++)
				fprintf(f, "%s: %s: %.0f %s\n", l->name,
					l->extra[k].name, l->extra[k].value,
					l->extra[k].unit);
		}
	}
	print_lanes(f, LANE_LIMIT, "limits");
	print_lanes(f, LANE_PEER, "peers");
	print_explorer(f);
}
