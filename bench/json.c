// SPDX-License-Identifier: GPL-2.0 OR MIT
/* For programs. */

#include <math.h>

#include "bench.h"

#ifndef BENCH_URCU
#define BENCH_URCU "unknown"
#endif

/*
 * A writer that knows where it is: whether a comma is needed, and how deep it
 * stands.
 */
static struct {
	FILE *f;
	int depth;
	bool first;
} out;

static void string(const char *s)
{
	fputc('"', out.f);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', out.f);
		if ((unsigned char)*s < 0x20)
			fprintf(out.f, "\\u%04x", (unsigned char)*s);
		else
			fputc(*s, out.f);
	}
	fputc('"', out.f);
}

/* What comes before each value: a comma, its line, its name. */
static void next(const char *key)
{
	if (!out.first)
		fputc(',', out.f);
	out.first = false;
	fprintf(out.f, "\n%*s", 2 * out.depth, "");
	if (key) {
		string(key);
		fputs(": ", out.f);
	}
}

static void enter(const char *key, char bracket)
{
	if (out.depth)
		next(key);
	fputc(bracket, out.f);
	out.depth++;
	out.first = true;
}

static void leave(char bracket)
{
	out.depth--;
	fprintf(out.f, "\n%*s%c", 2 * out.depth, "", bracket);
	out.first = false;
}

static void text(const char *key, const char *s)
{
	next(key);
	if (s)
		string(s);
	else
		fputs("null", out.f);
}

static void value(double v)
{
	if (isfinite(v))
		fprintf(out.f, "%.7g", v);
	else
		fputs("null", out.f);
}

static void number(const char *key, double v)
{
	next(key);
	value(v);
}

static void boolean(const char *key, bool v)
{
	next(key);
	fputs(v ? "true" : "false", out.f);
}

static void numbers(const char *key, const struct series *s)
{
	size_t i;

	next(key);
	fputc('[', out.f);
	for (i = 0; i < s->n; i++) {
		if (i)
			fputs(", ", out.f);
		value(s->v[i]);
	}
	fputc(']', out.f);
}

static void summary(const struct series *s)
{
	number("median", series_median(s));
	number("spread_percent", series_spread(s));
	number("min", series_min(s));
	number("max", series_max(s));
	numbers("repeats", s);
}

static void percentiles(const struct series *s)
{
	if (!s->n)
		return;
	enter("latency", '{');
	number("samples", s->n);
	number("p50", series_percentile(s, 0.5));
	number("p99", series_percentile(s, 0.99));
	number("p99_9", series_percentile(s, 0.999));
	number("min", series_min(s));
	number("max", series_max(s));
	leave('}');
}

static void header(void)
{
	enter("header", '{');
	text("libfence", fence_library_version());
	text("liburcu", BENCH_URCU);
	text("compiler", compiler_name());
	text("cpu", cpu_model());
	text("kernel", kernel_name());
	text("date", date_now());
	text("note", fence_build_note());
	next("cpus");
	if (bench.cpu[1] >= 0)
		fprintf(out.f, "[%d, %d]", bench.cpu[0], bench.cpu[1]);
	else
		fprintf(out.f, "[%d]", bench.cpu[0]);
	text("clock", bench.tsc ? "TSC" : "CLOCK_MONOTONIC");
	number("clock_ns", bench.clock_ns);
	number("loop_ns", bench.loop_ns);
	number("clock_skew_ns", bench.cpu[1] >= 0 ? bench.skew_ns : NAN);
	number("clock_skew_error_ns",
	       bench.cpu[1] >= 0 ? bench.skew_error_ns : NAN);
	boolean("quick", bench.opt.quick);
	number("seconds", bench.elapsed);
	number("samples", bench.taken);
	number("rejected_samples", bench.rejected);
	number("wrong_results", bench.errors);
	leave('}');
}

static void write_row(const struct group *g, const struct row *r)
{
	const struct lane *l = r->value[0].lane;
	double ratio = series_median(&r->ratios);
	size_t k;

	enter(NULL, '{');
	text("name", r->name);
	text("what", r->what);
	text("group", g->name);
	text("not_run", r->not_run);
	if (!r->not_run) {
		text("unit", "ns");
		summary(&r->values);
		percentiles(&l->samples);
		number("disturbed_repeats", l->disturbed_repeats);
		enter("limit", '{');
		text("what", r->limit_what);
		summary(&r->limits);
		leave('}');
		enter("ratio", '{');
		summary(&r->ratios);
		leave('}');
		number("target", r->target ? r->target : NAN);
		next("met");
		fputs(!r->target || isnan(ratio) ? "null" :
		      ratio <= r->target ? "true" : "false", out.f);
		if (l->nr_extra) {
			enter("extra", '{');
			for (k = 0; k < l->nr_extra; k++)
				number(l->extra[k].name, l->extra[k].value);
			leave('}');
		}
	}
	leave('}');
}

static void write_lane(const struct group *g, const struct lane *l)
{
	static const char *const kinds[] = { "fence", "limit", "peer" };

	enter(NULL, '{');
	text("name", l->name);
	text("kind", kinds[l->kind]);
	text("group", g->name);
	text("not_run", l->needed ? NULL : l->not_run ? l->not_run : "one CPU");
	if (l->needed) {
		text("unit", "ns");
		summary(&l->repeats);
		percentiles(&l->samples);
		number("samples", l->taken);
		number("rejected_samples", l->rejected);
		number("disturbed_repeats", l->disturbed_repeats);
	}
	leave('}');
}

void write_json(FILE *f)
{
	size_t g, i;

	out.f = f;
	enter(NULL, '{');
	number("version", 1);
	header();
	enter("cases", '[');
	for (g = 0; g < nr_groups; g++)
		for (i = 0; i < groups[g]->nr_rows; i++)
			if (groups[g]->rows[i].selected)
				write_row(groups[g], &groups[g]->rows[i]);
	leave(']');
	enter("lanes", '[');
	for (g = 0; g < nr_groups; g++)
		for (i = 0; groups[g]->selected && i < groups[g]->nr_lanes; i++)
			if (groups[g]->lanes[i].kind != LANE_FENCE ||
			    groups[g]->lanes[i].needed ||
			    bench.cpu[1] < 0)
				write_lane(groups[g], &groups[g]->lanes[i]);
	leave(']');
	leave('}');
	fputc('\n', f);
}
