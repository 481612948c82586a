// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * RCU, exactly: a grace period ends when the threads that were in a read-side
 * section at its begin have left that section, not sooner and not later.
 *
 * One word stands for RCU in the search: the begin of a section reads it, the begin
 * of a grace period writes it. The end of a section is no event of its own: whether
 * it is before or after the begin of a grace period, it is before its end.
 */
#include <string.h>

#include "engine.h"
#include "order.h"
#include "weak.h"

#define MAX_GRACE_PERIODS	1024
/* The calls that a trace shows of a deferred free. */
#define DEFERRED_CALLS		8

/* A grace period, and the work at its end. */
struct grace_period {
	/* The readers that it waits for: bits of threads. */
	uint32_t readers;
	bool done;
	void *head;
	void (*func)(void *head);
	/* What happens before its end. */
	struct clock clock, events;
	/* Of a deferred free: where it was asked for. */
	addr_t calls[DEFERRED_CALLS];
	unsigned int nr_calls;
};

static struct grace_period periods[MAX_GRACE_PERIODS];
/* Those before @first are done. */
static unsigned int nr_periods, first;
static int rcu_thread;
/* The deferred free that runs now, or NULL. */
static const struct grace_period *freeing;
/* The sections that have ended; the grace periods that have begun. */
static struct clock sections, begun;
/* The sections that have ended, in events. */
static struct clock section_events;
/* The same, with --stale. */
static struct view sections_view, begun_view, period_views[MAX_GRACE_PERIODS];

/*
 * A poll tells if a section has ended: with polls, the ends are points, too. The next
 * word stands for them.
 */
static void end_point(bool is_poll)
{
	struct op op = { .kind = OP_ACCESS, .rw = is_poll ? OP_READ : OP_WRITE,
			 .addr = memory_rcu_word() + 8 };
	struct history *h;

	if (!memory_cell(op.addr, &h))
		return;
	if (is_poll)
		memory_note_tried(h);
	memory_note(h, run.current->id, !is_poll, op.addr, 8);
	sched_point(&op, h->tried && h->shared);
}

static bool shared_word(struct history **h)
{
	return memory_cell(memory_rcu_word(), h) && (*h)->shared;
}

static void note(bool write)
{
	struct history *h;

	if (memory_cell(memory_rcu_word(), &h))
		memory_note(h, run.current->id, write, memory_rcu_word(), 8);
}

void lfx_rcu_enter(const void *from)
{
	struct op op = { .kind = OP_ACCESS, .rw = OP_READ,
			 .addr = memory_rcu_word() };
	struct thread *t = run.current;
	struct history *h;

	if (!engine_on())
		return;
	if (!t->reading) {
		note(false);
		sched_point(&op, shared_word(&h));
		/*
		 * Grace periods that have begun do not wait for this section, so
		 * it sees the stores before them. It need not see the stores of the
		 * sections that they have waited for: one grace period does not
		 * order two sections.
		 */
		clock_join(&t->clock, &begun);
		if (unlikely(options.stale))
			weak_observe(&begun_view);
		trace_event(EVENT_RCU_BEGIN, 0, 0, 0, (addr_t)from);
	}
	t->reading++;
}

/* A deferred free: no thread can tell when it happens, so it happens at once. */
static void free_object(struct grace_period *gp)
{
	struct thread *self = run.current, *t = &run.threads[rcu_thread];
	bool no_points = run.no_points;

	gp->done = true;
	clock_join(&t->clock, &gp->clock);
	fiber_borrow(t);
	run.lender = self;
	run.current = t;
	run.no_points = true;
	freeing = gp;
	program->run_callback(NULL, gp->head);
	freeing = NULL;
	run.no_points = no_points;
	clock_tick(t);
	run.current = self;
	run.lender = NULL;
	fiber_give_back(t);
}

unsigned int rcu_deferred_calls(addr_t *calls, unsigned int max)
{
	unsigned int n = 0, i;

	if (!freeing || !max)
		return 0;
	calls[n++] = DEFERRED_FREE;
	for (i = 0; i < freeing->nr_calls && n < max; i++)
		calls[n++] = freeing->calls[i];
	return n;
}

static void end_grace_period(struct grace_period *gp)
{
	trace_event(EVENT_GRACE_PERIOD, (addr_t)gp->head, 0, 0, 0);
	if (gp->head && !gp->func)
		free_object(gp);
	else if (!gp->head)
		gp->done = true;
}

void lfx_rcu_exit(const void *from)
{
	struct thread *t = run.current;
	struct location *l;
	struct history *h;
	unsigned int i;
	uint16_t nr;

	if (!engine_on())
		return;
	if (t->reading == 1)
		end_point(false);
	if (--t->reading)
		return;
	trace_event(EVENT_RCU_END, 0, 0, 0, (addr_t)from);
	clock_publish(&sections, t);
	reduce_step(t);
	clock_join(&section_events, &t->events);
	if (unlikely(options.stale))
		weak_publish(&sections_view);
	/* For loops that poll for the end of a grace period. */
	l = location_of(memory_rcu_word(), 8, &h, &nr);
	if (l)
		location_wrote(l);
	for (i = first; i < nr_periods; i++) {
		struct grace_period *gp = &periods[i];

		if (!(gp->readers & 1u << t->id))
			continue;
		clock_publish(&gp->clock, t);
		clock_join(&gp->events, &t->events);
		if (unlikely(options.stale))
			weak_publish(&period_views[i]);
		gp->readers &= ~(1u << t->id);
		if (!gp->readers)
			end_grace_period(gp);
	}
	clock_tick(t);
}

bool lfx_rcu_reading(void)
{
	return engine_on() && run.current->reading;
}

static void begin_view(const struct grace_period *gp)
{
	struct view *view = &period_views[gp - periods];

	weak_publish(&begun_view);
	*view = sections_view;
	weak_publish(view);
}

static struct grace_period *begin_grace_period(void *head,
					       void (*func)(void *))
{
	struct op op = { .kind = OP_ACCESS, .rw = OP_WRITE,
			 .addr = memory_rcu_word() };
	struct thread *t = run.current;
	struct grace_period *gp;
	struct history *h;
	unsigned int i;

	note(true);
	sched_point(&op, shared_word(&h));
	if (nr_periods == MAX_GRACE_PERIODS)
		fail("limit", CALLER, "more than %u grace periods",
		     MAX_GRACE_PERIODS);
	gp = &periods[nr_periods++];
	memset(gp, 0, sizeof(*gp));
	gp->head = head;
	gp->func = func;
	clock_publish(&gp->clock, t);
	gp->events = t->events;
	clock_join(&gp->events, &section_events);
	clock_publish(&begun, t);
	/* It is after all sections that have ended. */
	clock_join(&gp->clock, &sections);
	if (unlikely(options.stale))
		begin_view(gp);
	for (i = 0; i < run.nr_threads; i++)
		if (run.threads[i].used && !run.threads[i].done &&
		    run.threads[i].reading)
			gp->readers |= 1u << i;
	clock_tick(t);
	return gp;
}

void lfx_rcu_call(void *head, void (*func)(void *head), size_t offset,
		  const void *from)
{
	struct grace_period *gp;

	if (!engine_on())
		return;
	/* The kernel links the head into a list. */
	shadow_range((addr_t)head, 2 * sizeof(void *), true, (addr_t)from);
	gp = begin_grace_period(func ? head : (char *)head - offset, func);
	if (!func)
		gp->nr_calls = trace_calls(gp->calls, DEFERRED_CALLS, (addr_t)from);
	trace_event(EVENT_CALL_RCU, (addr_t)gp->head, 0, gp->readers,
		    (addr_t)from);
	if (!gp->readers)
		end_grace_period(gp);
}

static bool has_ended(const void *gp)
{
	return !((const struct grace_period *)gp)->readers;
}

static void acquire_end(const struct grace_period *gp)
{
	clock_join(&run.current->clock, &gp->clock);
	clock_join(&run.current->events, &gp->events);
	if (unlikely(options.stale))
		weak_observe(&period_views[gp - periods]);
}

void lfx_rcu_synchronize(const void *from)
{
	struct grace_period *gp;

	if (!engine_on())
		return;
	if (unlikely(options.stale))
		weak_fence(__ATOMIC_SEQ_CST);
	gp = begin_grace_period(NULL, NULL);
	if (gp->readers)
		sched_wait(has_ended, gp, NULL, LFX_FOREVER, true,
			   "waits for a grace period", (addr_t)from);
	else
		end_grace_period(gp);
	acquire_end(gp);
	if (unlikely(options.stale))
		weak_fence(__ATOMIC_SEQ_CST);
}

/* A grace period without a callback is nothing that rcu_barrier() waits for. */
static bool all_done_before(const void *end)
{
	const struct grace_period *gp;

	for (gp = &periods[first]; gp < (const struct grace_period *)end; gp++)
		if (gp->head && !gp->done)
			return false;
	return true;
}

void lfx_rcu_barrier(void)
{
	struct grace_period *end = &periods[nr_periods];

	if (!engine_on())
		return;
	if (!all_done_before(end))
		lfx_wait(all_done_before, end, NULL, LFX_FOREVER, true,
			 "waits for RCU callbacks");
	clock_publish(&run.current->clock, &run.threads[rcu_thread]);
	clock_join(&run.current->events, &run.threads[rcu_thread].events);
	if (unlikely(options.stale))
		weak_join(&run.threads[rcu_thread]);
}

unsigned long lfx_rcu_cookie(void)
{
	struct grace_period *gp;

	if (!engine_on())
		return 0;
	gp = begin_grace_period(NULL, NULL);
	if (!gp->readers)
		end_grace_period(gp);
	return gp - periods + 1;
}

bool lfx_rcu_elapsed(unsigned long cookie)
{
	const struct grace_period *gp;
	struct location *l;
	struct history *h;
	uint16_t nr;

	if (!engine_on() || !cookie)
		return true;
	end_point(true);
	gp = &periods[cookie - 1];
	if (gp->readers) {
		/* A loop of polls waits for the end of a section. */
		l = location_of(memory_rcu_word(), 8, &h, &nr);
		if (l)
			note_spin_read(run.current, l, 0);
		return false;
	}
	acquire_end(gp);
	return true;
}

/* Callbacks run in the order in which their grace periods began. */
static bool callback_is_ready(const void *unused)
{
	(void)unused;
	while (first < nr_periods && periods[first].done)
		first++;
	return first < nr_periods && !periods[first].readers;
}

static void *run_callbacks(void *unused)
{
	struct thread *t = run.current;
	struct grace_period *gp;

	(void)unused;
	t->service = true;
	for (;;) {
		lfx_wait(callback_is_ready, NULL, NULL, LFX_FOREVER, true,
			 "waits for callbacks");
		gp = &periods[first];
		acquire_end(gp);
		program->run_callback(gp->func, gp->head);
		gp->done = true;
		run.writes++;
		clock_tick(t);
	}
	return NULL;
}

void rcu_start(int id)
{
	nr_periods = first = 0;
	freeing = NULL;
	memset(&sections, 0, sizeof(sections));
	memset(&section_events, 0, sizeof(section_events));
	memset(&begun, 0, sizeof(begun));
	if (options.stale) {
		memset(&sections_view, 0, sizeof(sections_view));
		memset(&begun_view, 0, sizeof(begun_view));
	}
	rcu_thread = id;
	thread_new(id, "rcu", run_callbacks, NULL);
}
