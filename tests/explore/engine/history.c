// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The calls of a run in words, and why no order of them explains their results. */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

#define WIDTH		28
/* So many orders are printed, and so many are looked at. */
#define MAX_LINES	5
#define MAX_LOOKED	20000
/* An order that is longer, as text, is not looked at further. */
#define MAX_PATH	900

static const struct plan *plan;
static const struct history_of_run *history;

/* The order of all begins and ends. */
static uint8_t order[2 * PLAN_CALLS];
static unsigned int nr_order;
/* The calls that a call has to come after: bits. */
static unsigned int must[PLAN_THREADS][PLAN_LENGTH];
static unsigned int nr_ended[PLAN_THREADS];

/* An order of calls up to the first result that is another one in the model. */
struct line {
	unsigned int calls;
	char text[1000];
};

static struct line lines[MAX_LINES];
static unsigned int nr_lines, nr_looked;

static unsigned int bit_of(unsigned int t, unsigned int i)
{
	return 1u << (t * PLAN_LENGTH + i);
}

static const char *text_of(unsigned int t, unsigned int i, char *buf,
			   size_t size)
{
	return call_text(&plan->calls[t][i], buf, size);
}

static const char *final_text(unsigned int nr, char *buf, size_t size)
{
	struct call c = { &plan->model->final, nr };

	return call_text(&c, buf, size);
}

/* The order up to the result, and then that of the run. */
static void complete_order(const struct refutation *r)
{
	unsigned int at[PLAN_THREADS] = { 0 }, t, next;
	const struct record *c;
	unsigned int nr, first = 0;

	memcpy(order, r->order, sizeof(order));
	for (nr_order = 0; nr_order < r->nr; nr_order++)
		at[order[nr_order]]++;
	for (;;) {
		next = PLAN_THREADS;
		for (t = 0; t < plan->nr_threads; t++) {
			if (at[t] == 2 * nr_ended[t])
				continue;
			c = &history->record[t][at[t] / 2];
			nr = at[t] & 1 ? c->end.nr : c->begin.nr;
			if (next == PLAN_THREADS || nr < first) {
				next = t;
				first = nr;
			}
		}
		if (next == PLAN_THREADS)
			return;
		at[next]++;
		order[nr_order++] = next;
	}
}

static void find_must(void)
{
	unsigned int at[PLAN_THREADS] = { 0 }, ended = 0, i, t;

	for (i = 0; i < nr_order; i++) {
		t = order[i];
		if (at[t] & 1)
			ended |= bit_of(t, at[t] / 2);
		else
			must[t][at[t] / 2] = ended;
		at[t]++;
	}
}

static void prepare(const struct plan *p, const struct history_of_run *h,
		    const struct refutation *r)
{
	unsigned int t;

	plan = p;
	history = h;
	for (t = 0; t < p->nr_threads; t++) {
		nr_ended[t] = 0;
		while (nr_ended[t] < p->nr_calls[t] &&
		       h->record[t][nr_ended[t]].ended)
			nr_ended[t]++;
	}
	complete_order(r);
	find_must();
}

/* The table */

static void put_row(FILE *f, unsigned int t, const char *text)
{
	fprintf(f, "  %*s%s\n", (int)(t * WIDTH), "", text);
}

static void put_table(FILE *f)
{
	unsigned int at[PLAN_THREADS] = { 0 }, i, t;
	char row[200], call[64];

	fprintf(f, " ");
	for (t = 0; t < plan->nr_threads; t++)
		fprintf(f, " %-*s", t + 1 < plan->nr_threads ? WIDTH - 1 : 0,
			plan->scenario.threads[t].name);
	fputc('\n', f);
	for (i = 0; i < nr_order; i++) {
		t = order[i];
		text_of(t, at[t] / 2, call, sizeof(call));
		if (at[t] & 1)
			snprintf(row, sizeof(row), "%s ends: %d", call,
				 history->record[t][at[t] / 2].result);
		else if (i + 1 < nr_order && order[i + 1] == t)
			snprintf(row, sizeof(row), "%s: %d", call,
				 history->record[t][at[t] / 2].result);
		else
			snprintf(row, sizeof(row), "%s begins", call);
		if (!(at[t] & 1) && i + 1 < nr_order && order[i + 1] == t) {
			at[t]++;
			i++;
		}
		at[t]++;
		put_row(f, t, row);
	}
	for (t = 0; history->blocked && t < plan->nr_threads; t++) {
		if (nr_ended[t] == plan->nr_calls[t])
			continue;
		snprintf(row, sizeof(row), "%s waits",
			 text_of(t, nr_ended[t], call, sizeof(call)));
		put_row(f, t, row);
	}
	for (i = 0; i < history->nr_final; i++)
		fprintf(f, "  at the end, %s: %d\n",
			final_text(i, call, sizeof(call)), history->final[i]);
}

/* Orders of the calls */

static void add_line(const char *path, unsigned int calls, const char *what)
{
	struct line *shortest = &lines[0];
	unsigned int i;

	if (nr_lines < MAX_LINES) {
		shortest = &lines[nr_lines];
	} else {
		for (i = 1; i < MAX_LINES; i++)
			if (lines[i].calls < shortest->calls)
				shortest = &lines[i];
		if (shortest->calls >= calls)
			shortest = NULL;
	}
	nr_lines++;
	if (!shortest)
		return;
	shortest->calls = calls;
	snprintf(shortest->text, sizeof(shortest->text), "%s%s%s", path,
		 *path ? "; then " : "", what);
}

static const char *result_text(int result, char *buf, size_t size)
{
	if (result == LFX_BLOCKS)
		snprintf(buf, size, "waits");
	else
		snprintf(buf, size, "is %d", result);
	return buf;
}

static void look_at_end(const char *path, unsigned int calls,
			const struct model_state *s)
{
	char call[64], result[32], what[200];
	struct model_state state;
	unsigned int i, t;
	int got;

	for (i = 0; i < history->nr_final; i++) {
		got = model_final(s, i);
		if (got == history->final[i])
			continue;
		snprintf(what, sizeof(what), "at the end, %s is %d and not %d",
			 final_text(i, call, sizeof(call)), got,
			 history->final[i]);
		add_line(path, calls, what);
		return;
	}
	for (t = 0; history->blocked && t < plan->nr_threads; t++) {
		if (nr_ended[t] == plan->nr_calls[t])
			continue;
		state = *s;
		got = model_call(&state, t, nr_ended[t]);
		if (got == LFX_BLOCKS)
			continue;
		snprintf(what, sizeof(what), "[%u] %s %s and does not wait",
			 t + 1, text_of(t, nr_ended[t], call, sizeof(call)),
			 result_text(got, result, sizeof(result)));
		add_line(path, calls, what);
	}
}

static void look(const char *path, unsigned int calls, unsigned int effect,
		 const struct model_state *s)
{
	char longer[1000], call[64], result[32], what[200];
	struct model_state state;
	bool all = true, step = false;
	unsigned int t, i, k;
	int got, was;

	/* Steps may lead to a state that there was before, and so on for ever. */
	if (nr_looked++ > MAX_LOOKED || strlen(path) > MAX_PATH)
		return;
	for (k = 0; k < model_nr_steps(); k++) {
		state = *s;
		if (!model_step(&state, k))
			continue;
		step = true;
		snprintf(longer, sizeof(longer), "%s%s(%s)", path,
			 *path ? ", " : "", plan->model->steps[k].name);
		look(longer, calls, effect, &state);
	}
	for (t = 0; t < plan->nr_threads; t++) {
		for (i = 0; i < nr_ended[t] && (effect & bit_of(t, i)); i++)
			;
		if (i == nr_ended[t])
			continue;
		all = false;
		if (must[t][i] & ~effect)
			continue;
		state = *s;
		got = model_call(&state, t, i);
		was = history->record[t][i].result;
		text_of(t, i, call, sizeof(call));
		if (got == was) {
			snprintf(longer, sizeof(longer), "%s%s[%u] %s: %d", path,
				 *path ? ", " : "", t + 1, call, was);
			look(longer, calls + 1, effect | bit_of(t, i), &state);
			continue;
		}
		snprintf(what, sizeof(what), "[%u] %s %s and not %d", t + 1, call,
			 result_text(got, result, sizeof(result)), was);
		add_line(path, calls, what);
	}
	if (all && !step)
		look_at_end(path, calls, s);
}

void history_print(FILE *f, const struct plan *p,
		   const struct history_of_run *h, const struct refutation *r)
{
	struct model_state first;
	unsigned int i;

	prepare(p, h, r);
	put_table(f);
	if (!r->is_of_run)
		fprintf(f, "In the trace, some of these calls overlap. No step orders them, so they can\n"
			"come like this, with the same results.\n");
	nr_lines = nr_looked = 0;
	model_first_state(&first);
	look("", 0, 0, &first);
	fprintf(f, "No order explains the results. %s ([thread] call: result):\n",
		p->model->state_size ? "In the model" :
				       "If one thread makes the calls");
	for (i = 0; i < nr_lines && i < MAX_LINES; i++)
		fprintf(f, "  %s\n", lines[i].text);
	if (nr_lines > MAX_LINES)
		fprintf(f, "  and %u more orders\n", nr_lines - MAX_LINES);
}
