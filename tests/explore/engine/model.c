// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A run of a program: its threads make the calls and note the results, and at the end
 * linear.c looks for an order that explains them.
 *
 * The real-time order is not made by steps of its own, which would depend on each other
 * and undo the reduction. All schedules with the same order of dependent steps have the
 * same results. So one of them is run, and linear.c looks at the orders that the begins
 * and ends of the calls have in any of them. For that, each begin and each end notes
 * which events of reduce.c are before it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "search.h"

static const struct plan *plan;
static struct history_of_run history;
static struct refutation refutation;
static bool refuted;
/* Why the calls fail, made by one thread; or NULL. */
static const char *alone_failure, *alone_kind;
/* Only the order of the run itself matters. */
static bool exact;

/* The model. Its code is instrumented like the rest, and is no part of the run. */

static enum phase leave_run(void)
{
	enum phase phase = run.phase;

	run.phase = PHASE_OFF;
	return phase;
}

void model_first_state(struct model_state *s)
{
	enum phase phase = leave_run();

	memset(s, 0, sizeof(*s));
	if (plan->model->init)
		plan->model->init(s->bytes);
	run.phase = phase;
}

int model_call(struct model_state *s, unsigned int thread, unsigned int call)
{
	const struct call *c = &plan->calls[thread][call];
	struct model_state before = *s;
	enum phase phase;
	int result;

	if (!plan->model->state_size)
		return alone_call((uint32_t *)s->bytes, thread);
	phase = leave_run();
	result = c->op->model(s->bytes, c->arg);
	run.phase = phase;
	if (result == LFX_BLOCKS)
		*s = before;
	return result;
}

unsigned int model_nr_steps(void)
{
	unsigned int n = 0;

	while (n < LFX_STEPS && plan->model->steps[n].model)
		n++;
	return n;
}

bool model_step(struct model_state *s, unsigned int nr)
{
	enum phase phase = leave_run();
	bool taken = plan->model->steps[nr].model(s->bytes);

	run.phase = phase;
	return taken;
}

unsigned int model_nr_final(void)
{
	const struct lfx_operation *op = &plan->model->final;

	if (!op->name)
		return 0;
	return op->args ? op->args : 1;
}

int model_final(const struct model_state *s, unsigned int nr)
{
	struct model_state copy = *s;
	enum phase phase;
	int result;

	if (!plan->model->state_size)
		return alone_final(*(const uint32_t *)s->bytes, nr);
	phase = leave_run();
	result = plan->model->final.model(copy.bytes, nr);
	run.phase = phase;
	return result;
}

/* The run */

/* Where a replay may go on with another thread. */
static void note_moment(struct moment *m)
{
	struct op op = { .kind = OP_ACCESS };

	sched_point(&op, false);
	m->nr = history.nr_moments++;
	m->events = run.current->events;
}

static void make_call(struct record *r, const struct call *c)
{
	addr_t pc = (addr_t)c->op->run + 1;
	char text[64];

	note_moment(&r->begin);
	r->begun = true;
	trace_note(pc, "calls %s", call_text(c, text, sizeof(text)));
	r->result = c->op->run(c->arg);
	note_moment(&r->end);
	r->ended = true;
	trace_note(pc, "%s returns %d", call_text(c, text, sizeof(text)),
		   r->result);
}

static void run_thread(void)
{
	unsigned int t = run.current->id - 1, i;

	for (i = 0; i < plan->nr_calls[t]; i++)
		make_call(&history.record[t][i], &plan->calls[t][i]);
}

static void set_up(void)
{
	memset(&history, 0, sizeof(history));
	refuted = false;
	if (alone_failure)
		fail(alone_kind, 0, "%s", alone_failure);
	if (plan->model->setup)
		plan->model->setup();
}

/*
 * If the run has learned of words that threads share, it is made again: not all of its
 * events were noted. When a failure is repeated, all are.
 */
static bool is_explained(void)
{
	if (memory_learned() && !options.all_points)
		return true;
	refuted = !linear_check(plan, &history, &refutation, exact);
	return !refuted;
}

static void __attribute__((__noreturn__)) fail_refuted(void)
{
	unsigned int t = refutation.thread;
	char text[64];

	if (refutation.culprit == CULPRIT_FINAL)
		fail("not linearizable", 0,
		     "at the end, %s is %d: no order of the calls explains the results",
		     call_text(&(struct call){ &plan->model->final,
					       refutation.call },
			       text, sizeof(text)),
		     history.final[refutation.call]);
	fail("not linearizable", 0,
	     "%s of %s returns %d: no order of the calls explains the results",
	     call_text(&plan->calls[t][refutation.call], text, sizeof(text)),
	     plan->scenario.threads[t].name,
	     history.record[t][refutation.call].result);
}

static void check(void)
{
	unsigned int i;

	history.nr_final = model_nr_final();
	for (i = 0; i < history.nr_final; i++)
		history.final[i] = plan->model->final.run(i);
	if (!is_explained())
		fail_refuted();
	if (plan->model->cleanup)
		plan->model->cleanup();
}

/* Each thread that has not ended is in a call that may block. */
static bool calls_block(void)
{
	unsigned int t, i;

	for (t = 0; t < plan->nr_threads; t++) {
		if (run.threads[t + 1].done)
			continue;
		for (i = 0; i < plan->nr_calls[t]; i++)
			if (!history.record[t][i].ended)
				break;
		if (i == plan->nr_calls[t] || !history.record[t][i].begun ||
		    !plan->calls[t][i].op->may_block)
			return false;
	}
	return true;
}

bool model_may_block(void)
{
	if (alone_blocks())
		return true;
	if (!plan || run.phase != PHASE_RUN || !calls_block())
		return false;
	history.blocked = true;
	if (is_explained())
		return true;
	if (refutation.culprit != CULPRIT_BLOCKED)
		fail_refuted();
	return false;
}

void model_time_passes(void)
{
	history.time_passed = true;
}

int lfx_caller(void)
{
	return alone_caller() ? alone_caller() : lfx_self();
}

/* For the rest of the engine */

void model_fill_scenario(struct plan *p)
{
	static const char *const names[PLAN_THREADS] = {
		"thread 1", "thread 2", "thread 3",
	};
	struct lfx_scenario *s = &p->scenario;
	unsigned int t;

	s->name = p->name;
	s->what = p->model->what;
	s->setup = set_up;
	for (t = 0; t < p->nr_threads; t++)
		s->threads[t] = (struct lfx_thread){ names[t], run_thread };
	s->check = check;
	s->fails = p->model->fails;
	s->may_leak = p->model->may_leak;
	s->stale = p->model->stale;
	s->lkmm = p->model->lkmm;
}

void model_begin(const struct lfx_scenario *s)
{
	plan = plan_of(s);
	alone_failure = NULL;
	refuted = false;
	options.noting_events = plan;
	exact = false;
	if (!plan)
		return;
	linear_begin();
	if (!plan->model->state_size)
		alone_failure = alone_begin(plan, &alone_kind);
}

bool model_is_exact(void)
{
	return !plan || !run.failed || !refuted || refutation.is_of_run;
}

void model_set_exact(bool only)
{
	exact = only;
}

char *model_history(void)
{
	char *text = NULL;
	size_t size;
	FILE *f;

	if (!plan || !run.failed || !refuted)
		return NULL;
	f = open_memstream(&text, &size);
	if (!f)
		abort();
	history_print(f, plan, &history, &refutation);
	fclose(f);
	return text;
}
