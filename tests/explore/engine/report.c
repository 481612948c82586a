// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The results of a scenario. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "known.h"
#include "plan.h"
#include "report.h"
#include "shard.h"
#include "trace.h"

struct output output;

static void put_number(FILE *f, uint64_t n)
{
	if (n >= 1000) {
		put_number(f, n / 1000);
		fprintf(f, ",%03u", (unsigned int)(n % 1000));
	} else {
		fprintf(f, "%u", (unsigned int)n);
	}
}

/* @last_run: before the first of these runs. */
static void put_known(FILE *f, uint32_t last_run)
{
	unsigned int n = known_seen(last_run);

	if (n)
		fprintf(f, ", and %u listed race%s", n, n == 1 ? "" : "s");
}

static void put_all(FILE *f, uint64_t n)
{
	if (n == 1) {
		fprintf(f, "the only interleaving");
		return;
	}
	fprintf(f, "all ");
	put_number(f, n);
	fprintf(f, " interleavings");
}

static void put_reached(FILE *f, const struct verdict *v)
{
	const struct search_result *r = &v->result;

	if (!r->complete) {
		fprintf(f, "sampled ");
		put_number(f, r->all_executions);
		fprintf(f, " interleaving%s", r->all_executions == 1 ? "" : "s");
		put_known(f, v->last_run);
		return;
	}
	put_all(f, r->executions - r->blocked - r->skipped);
	if (!options.check_races)
		fprintf(f, " of marked accesses");
	if (v->bound >= 0)
		fprintf(f, " with at most %d preemption%s", v->bound,
			v->bound == 1 ? "" : "s");
	if (options.stale)
		fprintf(f, "%s %u stale load%s", v->bound >= 0 ? " and" :
			" with at most", options.stale,
			options.stale == 1 ? "" : "s");
	if (!options.check_races)
		fprintf(f, " (plain accesses are no points)");
	put_known(f, v->last_run);
}

const char *expected_failure(const struct lfx_scenario *s)
{
	const struct plan *p = plan_of(s);

	return known_fails(p ? p->model->name : s->name, s->fails);
}

static bool as_expected(const struct lfx_scenario *s, const struct verdict *v)
{
	const char *fails = expected_failure(s);

	if (v->result.failed)
		return fails && !strcmp(run.kind, fails);
	/* Another shard may find it. */
	return !fails || shard.of;
}

/* The limit of time has ended the search for all interleavings. */
static void print_cut(const struct verdict *v)
{
	if (!v->is_cut)
		return;
	printf("; the search without a bound was cut after ");
	put_number(stdout, v->unbounded.all_executions);
	printf(" run%s and %.2f s, half of --seconds %g",
	       v->unbounded.all_executions == 1 ? "" : "s",
	       v->unbounded.seconds, v->limit);
}

static void print_counts(const struct verdict *v)
{
	const struct search_result *r = &v->result;

	printf(" (%.2f s, %.0f a CPU second", r->seconds,
	       r->all_executions / (r->cpu_seconds + 1e-9));
	if (r->blocked)
		printf(", %llu more given up",
		       (unsigned long long)r->blocked);
	if (options.classes)
		printf(", %llu classes %016llx",
		       (unsigned long long)r->classes,
		       (unsigned long long)r->class_sum);
	putchar(')');
	print_cut(v);
	putchar('\n');
}

static const char *strategy_name(enum strategy s)
{
	switch (s) {
	case STRATEGY_DFS:
		return "dfs";
	case STRATEGY_DPOR:
		return "dpor";
	case STRATEGY_BOUNDED:
		return "bounded";
	case STRATEGY_PCT:
		return "pct";
	case STRATEGY_RANDOM:
		return "random";
	default:
		return "replay";
	}
}

/* A string that search.c or put_reached() prints; to be freed. */
static char *schedule_text(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	search_print_schedule(f);
	fclose(f);
	return text;
}

static char *reached_text(const struct verdict *v)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	put_reached(f, v);
	fclose(f);
	return text;
}

static void print_first_line(const struct report *r)
{
	printf("%s: %s, after ", r->scenario->name, run.kind);
	put_number(stdout, r->executions);
	printf(" run%s: ", r->executions == 1 ? "" : "s");
	if (options.stale > r->scenario->stale)
		printf("--stale %u ", options.stale);
	if (options.lkmm && !r->scenario->lkmm)
		printf("--lkmm ");
	printf("--replay %s\n  %s\n", r->replay, run.text);
}

/* Of a program that was made of operations: its calls. */
static void print_history(void)
{
	char *text = model_history();

	if (text)
		printf("\n%s", text);
	free(text);
}

/* Of several failures, the first one has the page. */
static bool has_html;

static bool write_html(const struct report *r)
{
	if (!output.html || has_html)
		return true;
	has_html = true;
	if (!html_write(output.html, r)) {
		fprintf(stderr, "explore: cannot write %s\n", output.html);
		return false;
	}
	fprintf(stderr, "explore: %s is written: %s, %s\n", output.html,
		r->scenario->name, run.failed ? run.kind : "no failure");
	return true;
}

void report_no_html(void)
{
	if (output.html && !has_html)
		fprintf(stderr, "explore: %s is not written: no failure was found%s\n",
			output.html, access(output.html, F_OK) ? "" :
			"; the file that is there is older");
}

/*
 * The kinds of failures of the explorer itself, in the order of the alphabet. Others are
 * those of an lfx_fail() of the program.
 */
static const char *const kinds[] = {
	"assertion", "bad free", "bug", "data race", "deadlock", "double free",
	"leak", "limit", "livelock", "model", "not linearizable",
	"sleeping in atomic context", "use after free", "warning",
	"wild access",
};

static bool is_kind(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i], name))
			return true;
	return false;
}

/*
 * @found, or NULL for no failure, is not the kind that was expected, which may have a
 * typing error.
 */
static void print_expected(const char *fails, const char *found)
{
	size_t i;

	if (!fails || (found ? !strcmp(fails, found) : is_kind(fails)))
		return;
	printf("%s expected \"%s\", found ", output.tap ? "#" : " ", fails);
	if (found)
		printf("\"%s\"", found);
	else
		printf("no failure");
	if (!is_kind(fails)) {
		printf("; the kinds are");
		for (i = 0; i < ARRAY_SIZE(kinds); i++)
			printf("%s %s", i ? "," : "", kinds[i]);
		printf(", and those of lfx_fail()");
	}
	putchar('\n');
}

static bool report_failure(struct report *r, const struct verdict *v, bool good)
{
	bool tap = output.tap && !output.json;

	if (tap) {
		printf("%s - %s: %s\n", good ? "ok" : "not ok",
		       r->scenario->name, run.kind);
		if (good && !output.html)
			return true;
	}
	if (!output.json && !(tap && good)) {
		if (!v->minimized)
			printf("%s: the failure does not come again\n",
			       r->scenario->name);
		print_first_line(r);
		if (!good)
			print_expected(expected_failure(r->scenario), run.kind);
		if (!output.quiet)
			print_history();
	}
	search_replay();
	view_make();
	r->has_trace = true;
	if (output.json)
		json_print(stdout, r);
	else if (!output.quiet && !good)
		print_failure();
	return write_html(r);
}

static void report_no_failure(const struct report *r, const struct verdict *v,
			      bool good)
{
	if (output.json) {
		json_print(stdout, r);
		return;
	}
	if (output.tap)
		printf("%s - ", good ? "ok" : "not ok");
	printf("%s: ", r->scenario->name);
	if (!good)
		printf("no \"%s\" in ", expected_failure(r->scenario));
	printf("%s", r->verdict);
	print_counts(v);
	if (!good)
		print_expected(expected_failure(r->scenario), NULL);
}

/* "samples of 3 programs, ": only the first part says "programs". */
static void put_part(const char *what, unsigned int programs, bool *first)
{
	if (!programs)
		return;
	printf("%s%s of %u", *first ? "" : ", ", what, programs);
	if (*first)
		printf(" program%s", programs == 1 ? "" : "s");
	*first = false;
}

void report_model(const struct lfx_model *m, const struct model_sum *sum,
		  bool *good)
{
	unsigned int all = sum->programs - sum->bounded - sum->sampled;
	const char *fails = known_fails(m->name, m->fails);
	bool first = true;

	*good = !fails;
	if (output.tap)
		printf("%s - ", *good ? "ok" : "not ok");
	printf("%s: ", m->name);
	if (!*good)
		printf("no \"%s\" in ", fails);
	if (all)
		put_all(stdout, sum->interleavings);
	put_part("", all, &first);
	put_part("those with few preemptions", sum->bounded, &first);
	put_part("samples", sum->sampled, &first);
	put_known(stdout, sum->last_run);
	printf(" (%.2f s, %.0f a CPU second)\n", sum->seconds,
	       sum->executions / (sum->cpu_seconds + 1e-9));
	print_expected(fails, NULL);
}

bool report_search(const struct lfx_scenario *s, struct verdict *v, bool *good)
{
	char *reached = reached_text(v), *replay = NULL;
	bool written = true;
	struct report r = {
		.scenario = s,
		.verdict = reached,
		.strategy = strategy_name(v->strategy),
		.bound = v->bound,
		.executions = v->result.all_executions,
		.blocked = v->result.blocked,
		.seconds = v->result.seconds,
		.runs = (uint32_t)(run.nr - v->last_run),
		.last_run = v->last_run,
		.result = &v->result,
		.unbounded = v->is_cut ? &v->unbounded : NULL,
	};

	if (v->result.failed) {
		v->minimized = search_minimize();
		*good = as_expected(s, v) && v->minimized;
		r.verdict = run.kind;
		r.replay = replay = schedule_text();
		written = report_failure(&r, v, *good);
	} else {
		*good = as_expected(s, v);
		report_no_failure(&r, v, *good);
	}
	free(reached);
	free(replay);
	return written;
}

bool report_replay(const struct lfx_scenario *s)
{
	char *replay = schedule_text();
	bool written;
	struct report r = {
		.scenario = s,
		.verdict = run.failed ? run.kind : "no failure",
		.strategy = "replay",
		.bound = -1,
		.executions = 1,
		.has_trace = true,
		.replay = replay,
	};

	view_make();
	if (output.json) {
		json_print(stdout, &r);
	} else {
		printf("%s: %s\n", s->name, r.verdict);
		if (!output.quiet) {
			print_history();
			print_failure();
		}
	}
	written = write_html(&r);
	free(replay);
	return written;
}
