// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The results as JSON. */

#include <math.h>

#include "engine/base.h"
#include "engine/lane.h"
#include "explorer/explorer.h"
#include "report/report.h"

/* The writer. @first: the next value is the first of its list. */
static struct {
	FILE *f;
	int depth;
	bool first;
} json;

static void json_string(const char *s)
{
	fputc('"', json.f);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', json.f);
		if ((unsigned char)*s < 0x20)
			fprintf(json.f, "\\u%04x", (unsigned char)*s);
		else
			fputc(*s, json.f);
	}
	fputc('"', json.f);
}

/* Writes the text before a value: a comma, a new line, its name. */
static void json_next(const char *key)
{
	if (!json.first)
		fputc(',', json.f);
	json.first = false;
	fprintf(json.f, "\n%*s", 2 * json.depth, "");
	if (key) {
		json_string(key);
		fputs(": ", json.f);
	}
}

static void json_enter(const char *key, char bracket)
{
	if (json.depth)
		json_next(key);
	fputc(bracket, json.f);
	json.depth++;
	json.first = true;
}

static void json_leave(char bracket)
{
	json.depth--;
	fprintf(json.f, "\n%*s%c", 2 * json.depth, "", bracket);
	json.first = false;
}

static void json_text(const char *key, const char *s)
{
	json_next(key);
	if (s)
		json_string(s);
	else
		fputs("null", json.f);
}

static void json_value(double v)
{
	if (isfinite(v))
		fprintf(json.f, "%.7g", v);
	else
		fputs("null", json.f);
}

static void json_number(const char *key, double v)
{
	json_next(key);
	json_value(v);
}

static void json_boolean(const char *key, bool v)
{
	json_next(key);
	fputs(v ? "true" : "false", json.f);
}

static void json_numbers(const char *key, const struct series *s)
{
	size_t i;

	json_next(key);
	fputc('[', json.f);
	for (i = 0; i < s->n; i++) {
		if (i)
			fputs(", ", json.f);
		json_value(s->v[i]);
	}
	fputc(']', json.f);
}

static void json_summary(const struct series *s)
{
	json_number("median", series_median(s));
	json_number("spread_percent", series_spread(s));
	json_number("min", series_min(s));
	json_number("max", series_max(s));
	json_numbers("repeats", s);
}

static void json_percentiles(const struct series *s)
{
	if (!s->n)
		return;
	json_enter("latency", '{');
	json_number("samples", s->n);
	json_number("p50", series_percentile(s, 0.5));
	json_number("p99", series_percentile(s, 0.99));
	json_number("p99_9", series_percentile(s, 0.999));
	json_number("min", series_min(s));
	json_number("max", series_max(s));
	json_leave('}');
}

static void json_header(void)
{
	json_enter("header", '{');
	json_text("libfence", bench.library_version);
	json_text("liburcu", urcu_version());
	json_text("compiler", compiler_name());
	json_text("cpu", cpu_model());
	json_text("kernel", kernel_name());
	json_text("date", date_now());
	json_text("note", bench.build_note);
	json_next("cpus");
	if (bench.cpu[1] >= 0)
		fprintf(json.f, "[%d, %d]", bench.cpu[0], bench.cpu[1]);
	else
		fprintf(json.f, "[%d]", bench.cpu[0]);
	json_text("clock", bench.tsc ? "TSC" : "CLOCK_MONOTONIC");
	json_number("clock_ns", bench.clock_ns);
	json_number("loop_ns", bench.loop_ns);
	json_number("clock_skew_ns", bench.cpu[1] >= 0 ? bench.skew_ns : NAN);
	json_number("clock_skew_error_ns",
	       bench.cpu[1] >= 0 ? bench.skew_error_ns : NAN);
	json_boolean("quick", bench.opt.quick);
	json_number("seconds", bench.elapsed);
	json_number("samples", bench.taken);
	json_number("rejected_samples", bench.rejected);
	json_number("wrong_results", bench.errors);
	json_leave('}');
}

static void json_row(const struct group *g, const struct row *r)
{
	const struct lane *l = r->value[0].lane;
	double ratio = series_median(&r->ratios);
	size_t k;

	json_enter(NULL, '{');
	json_text("name", r->name);
	json_text("what", r->what);
	json_text("group", g->name);
	json_text("not_run", r->not_run);
	if (!r->not_run) {
		json_text("unit", "ns");
		json_summary(&r->values);
		json_percentiles(&l->samples);
		json_number("disturbed_repeats", l->disturbed_repeats);
		json_enter("limit", '{');
		json_text("what", r->limit_what);
		json_summary(&r->limits);
		json_leave('}');
		json_enter("ratio", '{');
		json_summary(&r->ratios);
		json_leave('}');
		json_number("target", r->target ? r->target : NAN);
		json_next("met");
		fputs(!r->target || isnan(ratio) ? "null" :
		      ratio <= r->target ? "true" : "false", json.f);
		if (l->nr_extra) {
			json_enter("extra", '{');
			for (k = 0; k < l->nr_extra; k++)
				json_number(l->extra[k].name, l->extra[k].value);
			json_leave('}');
		}
	}
	json_leave('}');
}

static void json_lane(const struct group *g, const struct lane *l)
{
	static const char *const kinds[] = { "fence", "limit", "peer" };

	json_enter(NULL, '{');
	json_text("name", l->name);
	json_text("kind", kinds[l->kind]);
	json_text("group", g->name);
	json_text("not_run", l->needed ? NULL : l->not_run ? l->not_run : "one CPU");
	if (l->needed) {
		json_text("unit", "ns");
		json_summary(&l->repeats);
		json_percentiles(&l->samples);
		json_number("samples", l->taken);
		json_number("rejected_samples", l->rejected);
		json_number("disturbed_repeats", l->disturbed_repeats);
	}
	json_leave('}');
}

static void json_explorer(const struct explorer_row *r)
{
	json_enter(NULL, '{');
	json_text("name", r->name);
	json_text("scenario", r->scenario);
	json_text("threads", r->threads);
	json_text("not_run", r->not_run);
	json_number("target", r->target);
	if (!r->not_run) {
		json_text("unit", "executions per CPU second");
		json_summary(&r->values);
		json_boolean("met", series_median(&r->values) >= r->target);
	}
	json_leave('}');
}

void write_json(FILE *f)
{
	size_t g, i;

	json.f = f;
	json_enter(NULL, '{');
	json_number("version", 1);
	json_header();
	json_enter("cases", '[');
	for (g = 0; g < bench.nr_groups; g++)
		for (i = 0; i < bench.groups[g]->nr_rows; i++)
			if (bench.groups[g]->rows[i].selected)
				json_row(bench.groups[g], &bench.groups[g]->rows[i]);
	json_leave(']');
	json_enter("lanes", '[');
	for (g = 0; g < bench.nr_groups; g++)
		for (i = 0; bench.groups[g]->selected && i < bench.groups[g]->nr_lanes; i++)
			if (bench.groups[g]->lanes[i].kind != LANE_FENCE ||
			    bench.groups[g]->lanes[i].needed ||
			    bench.cpu[1] < 0)
				json_lane(bench.groups[g], &bench.groups[g]->lanes[i]);
	json_leave(']');
	json_enter("explorer", '[');
	for (i = 0; i < nr_explorer_rows; i++)
		if (explorer_rows[i].selected)
			json_explorer(&explorer_rows[i]);
	json_leave(']');
	json_leave('}');
	fputc('\n', f);
}
