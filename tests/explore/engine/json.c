// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Results for other programs: one line of JSON for each scenario. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"
#include "memory.h"
#include "names.h"
#include "plan.h"
#include "report.h"
#include "shard.h"
#include "trace.h"

static const char *separator;

static void put_string(FILE *f, const char *text)
{
	const unsigned char *c;

	putc('"', f);
	for (c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			fprintf(f, "\\%c", *c);
		else if (*c < 0x20)
			fprintf(f, "\\u%04x", *c);
		else
			putc(*c, f);
	}
	putc('"', f);
}

static void put_key(FILE *f, const char *key)
{
	fputs(separator, f);
	separator = ",";
	put_string(f, key);
	putc(':', f);
}

static void put_text(FILE *f, const char *key, const char *text)
{
	put_key(f, key);
	put_string(f, text);
}

static void put_number(FILE *f, const char *key, unsigned long long n)
{
	put_key(f, key);
	fprintf(f, "%llu", n);
}

static void put_stack(FILE *f, const char *key, const addr_t *calls,
		      unsigned int nr)
{
	static struct stack_text s;
	unsigned int i;

	stack_format(calls, nr, &s);
	put_key(f, key);
	putc('[', f);
	for (i = 0; i < s.nr; i++) {
		if (i)
			putc(',', f);
		put_string(f, s.line[i]);
	}
	putc(']', f);
}

static void put_event(FILE *f, const struct row *row)
{
	const struct trace_event *e = row->event;
	char buf[2 * NAME_SIZE];
	struct lfx_code code;

	separator = "";
	putc('{', f);
	put_number(f, "step", e->step);
	put_text(f, "thread", thread_name(e->thread));
	put_text(f, "action", event_verb(e));
	put_text(f, "memory", event_name(e, buf, sizeof(buf)));
	if (*event_value(e, buf, sizeof(buf)))
		put_text(f, "value", buf);
	if (row->repeats > 1)
		put_number(f, "times", row->repeats);
	if (view_in_conflict(e)) {
		put_key(f, "conflict");
		fputs("true", f);
	}
	if (code_find(e->calls, e->nr_calls, &code)) {
		put_text(f, "function", code.function);
		if (code.file) {
			put_text(f, "file", base_name(code.file));
			put_number(f, "line", code.line);
		}
	}
	put_stack(f, "stack", e->calls, e->nr_calls);
	putc('}', f);
}

static void put_events(FILE *f)
{
	const struct row *rows;
	unsigned int nr, i;

	rows = view_rows(&nr);
	put_key(f, "events");
	putc('[', f);
	for (i = 0; i < nr; i++) {
		if (i)
			putc(',', f);
		put_event(f, &rows[i]);
	}
	putc(']', f);
	separator = ",";
}

/* The threads that wait, or those that are interrupted. */
static void put_waiting(FILE *f, const char *key, bool interrupted)
{
	addr_t calls[MAX_CALLS + 1];
	unsigned int i, n;

	put_key(f, key);
	separator = "";
	putc('{', f);
	for (i = 1; i < run.nr_threads; i++) {
		n = waiting_calls(&run.threads[i], calls);
		if (n && !run.threads[i].irq.on_top == !interrupted)
			put_stack(f, thread_name(i), calls, n);
	}
	putc('}', f);
	separator = ",";
}

/* A history of calls, with its lines. */
static void put_history(FILE *f)
{
	char *text = model_history(), *line, *rest = text;

	if (!text)
		return;
	put_key(f, "history");
	putc('[', f);
	while ((line = strsep(&rest, "\n")) && *line) {
		if (line != text)
			putc(',', f);
		put_string(f, line);
	}
	putc(']', f);
	free(text);
}

/* The object of the failure. */
static void put_object(FILE *f)
{
	struct object *o = run.fail_object ? memory_object(run.fail_object) :
					     NULL;
	const struct trace_event *call;
	char name[NAME_SIZE];

	if (!o)
		return;
	put_key(f, "object");
	separator = "";
	putc('{', f);
	memory_object_name(o->base, name, sizeof(name));
	put_text(f, "name", name);
	put_number(f, "size", o->size);
	put_stack(f, "allocated", o->allocated, o->nr_allocated);
	if (o->freed_by >= 0)
		put_stack(f, "freed", o->freed, o->nr_freed);
	call = view_call_rcu(o);
	if (call)
		put_stack(f, "call_rcu", call->calls, call->nr_calls);
	putc('}', f);
	separator = ",";
}

static void put_failure(FILE *f, const struct report *r)
{
	put_key(f, "failure");
	separator = "";
	putc('{', f);
	put_text(f, "kind", run.kind);
	put_text(f, "text", run.text);
	put_text(f, "thread", thread_name(run.fail_thread));
	put_text(f, "replay", r->replay);
	put_history(f);
	if (r->has_trace) {
		put_text(f, "schedule", schedule_in_words());
		if (is_deadlock()) {
			put_waiting(f, "waiting", false);
			put_waiting(f, "interrupted", true);
		} else {
			put_stack(f, "stack", run.fail_calls, run.fail_depth);
		}
		put_object(f);
	}
	putc('}', f);
	separator = ",";
}

static void put_hash(FILE *f, const char *key, uint64_t h)
{
	put_key(f, key);
	fprintf(f, "\"%016llx\"", (unsigned long long)h);
}

static void put_listed_races(FILE *f, uint32_t last_run)
{
	const char *comma = "";
	unsigned int i;

	if (!known_seen(last_run))
		return;
	put_key(f, "listed_races");
	putc('[', f);
	for (i = 0; i < known_races(); i++) {
		if (!known_race_seen(i, last_run))
			continue;
		fputs(comma, f);
		put_string(f, known_race_text(i));
		comma = ",";
	}
	putc(']', f);
}

static void put_seconds(FILE *f, const char *key, double seconds)
{
	put_key(f, key);
	fprintf(f, "%.3f", seconds);
}

/* The search without a bound, which had too little time. */
static void put_unbounded(FILE *f, const struct search_result *result)
{
	put_key(f, "unbounded");
	separator = "";
	putc('{', f);
	put_number(f, "runs", result->all_executions);
	put_seconds(f, "seconds", result->seconds);
	putc('}', f);
	separator = ",";
}

static void put_result(FILE *f, const struct report *r)
{
	const struct search_result *result = r->result;

	put_key(f, "complete");
	fputs(result->complete ? "true" : "false", f);
	/* Of this shard, without those that were given up. */
	put_number(f, "interleavings", result->executions - result->blocked -
		   result->skipped);
	put_number(f, "runs", r->runs);
	put_seconds(f, "seconds", r->seconds);
	put_key(f, "cpu_seconds");
	fprintf(f, "%.6f", result->cpu_seconds);
	if (expected_failure(r->scenario))
		put_text(f, "fails", expected_failure(r->scenario));
	if (r->unbounded)
		put_unbounded(f, r->unbounded);
	put_listed_races(f, r->last_run);
	if (!options.classes)
		return;
	put_number(f, "classes", result->classes);
	put_hash(f, "class_sum", result->class_sum);
	put_hash(f, "order_sum", result->order_sum);
}

/* For the merge. */
static void put_shard(FILE *f)
{
	put_key(f, "shard");
	separator = "";
	putc('{', f);
	put_number(f, "index", shard.index);
	put_number(f, "of", shard.of);
	put_number(f, "prefixes", shard.prefixes);
	put_number(f, "own", shard.own);
	put_hash(f, "digest", shard.digest);
	put_hash(f, "program", shard_program());
	put_text(f, "options", output.options);
	putc('}', f);
	separator = ",";
}

void json_print(FILE *f, const struct report *r)
{
	separator = "";
	putc('{', f);
	put_text(f, "scenario", r->scenario->name);
	put_text(f, "verdict", r->verdict);
	put_text(f, "strategy", r->strategy);
	if (r->bound >= 0)
		put_number(f, "bound", r->bound);
	put_number(f, "executions", r->executions);
	put_number(f, "blocked", r->blocked);
	if (r->result)
		put_result(f, r);
	if (shard.of)
		put_shard(f);
	/* Also one that did not come again. */
	if (run.failed || (r->result && r->result->failed))
		put_failure(f, r);
	if (r->has_trace)
		put_events(f);
	fputs("}\n", f);
}
