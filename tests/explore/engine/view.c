// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Which events are shown: the accesses to memory that threads share. */
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "names.h"
#include "trace.h"

#define TABLE_BITS	18
#define TABLE_SIZE	(1u << TABLE_BITS)

/* A word of 8 bytes, and the bits of the threads that accessed it. */
struct word {
	addr_t nr;
	uint16_t accessed, written;
};

static struct word words[TABLE_SIZE];
static struct row rows[MAX_TRACE];
static unsigned int nr_rows;
static const struct trace_event *conflict[2];
static bool shows_rcu, shows_check, shows_all, shows_shim;
/* Steps of the shim's threads are left out. */
static bool hides_shim;

static const char *const verbs[] = {
	[EVENT_READ] = "reads",
	[EVENT_WRITE] = "writes",
	[EVENT_LOAD] = "loads",
	[EVENT_LOAD_OLD] = "loads an old",
	[EVENT_STORE] = "stores",
	[EVENT_RMW] = "updates",
	[EVENT_LOCK] = "locks",
	[EVENT_UNLOCK] = "unlocks",
	[EVENT_WAIT] = "waits for",
	[EVENT_SLEEP] = "sleeps on",
	[EVENT_WOKEN] = "is woken on",
	[EVENT_TIMEOUT] = "times out on",
	[EVENT_ALLOC] = "allocates",
	[EVENT_FREE] = "frees",
	[EVENT_RCU_BEGIN] = "begins a read-side section",
	[EVENT_RCU_END] = "leaves the read-side section",
	[EVENT_CALL_RCU] = "calls call_rcu() for",
	[EVENT_GRACE_PERIOD] = "grace period is over for",
	[EVENT_FRAME_END] = "leaves the frame of",
	[EVENT_FENCE] = "full barrier",
	[EVENT_NOTE] = "--",
	[EVENT_SWITCH] = "",
};

/* Which words are shared */

static bool is_access(const struct trace_event *e)
{
	return e->addr && e->kind <= EVENT_TIMEOUT;
}

static bool is_write(const struct trace_event *e)
{
	switch (e->kind) {
	case EVENT_WRITE:
	case EVENT_STORE:
	case EVENT_RMW:
	case EVENT_LOCK:
	case EVENT_UNLOCK:
		return true;
	default:
		return false;
	}
}

static struct word *find_word(addr_t addr)
{
	addr_t nr = addr >> 3;
	size_t i = nr * 0x9e3779b97f4a7c15ull >> (64 - TABLE_BITS);

	while (words[i].nr && words[i].nr != nr)
		i = (i + 1) % TABLE_SIZE;
	words[i].nr = nr;
	return &words[i];
}

static void note_access(const struct trace_event *e)
{
	struct word *w = find_word(e->addr);

	w->accessed |= 1u << e->thread;
	if (is_write(e))
		w->written |= 1u << e->thread;
}

/* A free is a write to all words of the object. */
static void note_free(const struct trace_event *e)
{
	size_t i;

	for (i = 0; i < TABLE_SIZE; i++)
		if (words[i].nr && (words[i].nr << 3) - e->addr < e->value) {
			words[i].accessed |= 1u << e->thread;
			words[i].written |= 1u << e->thread;
		}
}

static bool is_shared(const struct word *w)
{
	return w->written && (w->accessed & (w->accessed - 1));
}

static bool is_shared_at(addr_t addr)
{
	return is_shared(find_word(addr));
}

static bool frees_shared(const struct trace_event *e)
{
	size_t i;

	for (i = 0; i < TABLE_SIZE; i++)
		if (words[i].nr && (words[i].nr << 3) - e->addr < e->value &&
		    is_shared(&words[i]))
			return true;
	return false;
}

/* The locks that threads wait for. */
static void note_waits(void)
{
	struct trace_event e = { .kind = EVENT_LOCK, .size = 4 };
	unsigned int i;

	for (i = 0; i < run.nr_threads; i++) {
		const struct thread *t = &run.threads[i];

		if (!t->used || t->done || t->op.kind != OP_LOCK)
			continue;
		e.thread = i;
		e.addr = t->op.addr;
		note_access(&e);
	}
}

static bool is_scenario_thread(unsigned int thread)
{
	return thread - 1 < LFX_SCENARIO_THREADS &&
	       run.scenario->threads[thread - 1].fn;
}

/*
 * A step of a thread of the shim, which calls nothing of the scenario. What RCU frees
 * matters to all.
 */
static bool is_of_the_shim(const struct trace_event *e)
{
	return e->kind != EVENT_FREE && e->thread != MAIN_THREAD &&
	       !is_scenario_thread(e->thread) &&
	       code_is_of_the_shim(e->calls, e->nr_calls);
}

/* The thread that fails, or one of the conflict, is there in the shim. */
static bool fails_in_the_shim(void)
{
	unsigned int i;

	if (!run.failed)
		return false;
	for (i = 0; conflict[0] && i < 2; i++)
		if (is_of_the_shim(conflict[i]))
			return true;
	return run.fail_thread != MAIN_THREAD &&
	       !is_scenario_thread(run.fail_thread) && !is_deadlock() &&
	       (!conflict[0] || conflict[1]->kind != EVENT_FREE) &&
	       code_is_of_the_shim(run.fail_calls, run.fail_depth);
}

static void find_shared(const struct trace_event *events, unsigned int nr)
{
	unsigned int i;

	memset(words, 0, sizeof(words));
	shows_check = run.failed && run.fail_phase == PHASE_CHECK;
	/* The loop may be in one thread. */
	shows_all = run.failed && !strcmp(run.kind, "livelock");
	shows_shim = options.shim_steps || shows_all || fails_in_the_shim();
	shows_rcu = run.failed && !strcmp(run.kind, "use after free");
	for (i = 0; i < nr; i++) {
		shows_rcu |= events[i].kind == EVENT_CALL_RCU ||
			     events[i].kind == EVENT_GRACE_PERIOD;
		if (is_access(&events[i]) &&
		    (shows_check || !events[i].in_check) &&
		    (shows_shim || !is_of_the_shim(&events[i])))
			note_access(&events[i]);
	}
	if (run.failed)
		note_waits();
	for (i = 0; i < nr; i++)
		if (events[i].kind == EVENT_FREE &&
		    (shows_check || !events[i].in_check))
			note_free(&events[i]);
}

static bool is_shown(const struct trace_event *e)
{
	if (e->failed || view_in_conflict(e))
		return true;
	if (e->in_check && !shows_check)
		return false;
	if (!shows_shim && is_of_the_shim(e)) {
		hides_shim |= e->kind != EVENT_SWITCH;
		return false;
	}
	switch (e->kind) {
	case EVENT_SWITCH:
	case EVENT_ALLOC:
		return false;
	case EVENT_NOTE:
	case EVENT_CALL_RCU:
		return true;
	/* A choice of the explorer. Timers and workers of the shim wait all the time. */
	case EVENT_TIMEOUT:
		return is_scenario_thread(e->thread) || is_shared_at(e->addr);
	/* Of a longer turn, the line about the next switch says it. */
	case EVENT_WAIT:
		return !nr_rows || rows[nr_rows - 1].event->thread != e->thread;
	case EVENT_RCU_BEGIN:
	case EVENT_RCU_END:
	case EVENT_GRACE_PERIOD:
		return shows_rcu;
	case EVENT_FREE:
		return frees_shared(e);
	default:
		return !e->addr || shows_all || is_shared_at(e->addr);
	}
}

/* The two accesses of a race, or of a use after free */

static bool is_other(const struct trace_event *e, bool exactly)
{
	if (e->thread != run.fail_other || !is_access(e) || e->failed ||
	    e->addr >> 3 != run.fail_other_addr >> 3)
		return false;
	return !exactly || (e->calls[0] == run.fail_other_pc &&
			    is_write(e) == run.fail_other_write);
}

static const struct trace_event *find_other(const struct trace_event *events,
					    unsigned int nr, bool exactly)
{
	while (nr--)
		if (is_other(&events[nr], exactly))
			return &events[nr];
	return NULL;
}

static const struct trace_event *find_free(const struct trace_event *events,
					   unsigned int nr)
{
	while (nr--)
		if (events[nr].kind == EVENT_FREE &&
		    run.fail_object - events[nr].addr < events[nr].value)
			return &events[nr];
	return NULL;
}

static void find_conflict(const struct trace_event *events, unsigned int nr)
{
	const struct trace_event *last = nr ? &events[nr - 1] : NULL;

	conflict[0] = conflict[1] = NULL;
	if (!run.failed || !last ||
	    (!last->failed && last->kind != EVENT_FREE))
		return;
	if (run.fail_other >= 0) {
		conflict[0] = find_other(events, nr - 1, true);
		if (!conflict[0])
			conflict[0] = find_other(events, nr - 1, false);
	} else if (run.fail_object && last->failed) {
		conflict[0] = find_free(events, nr - 1);
	}
	if (conflict[0])
		conflict[1] = last;
}

const struct trace_event *const *view_conflict(void)
{
	return conflict[0] ? conflict : NULL;
}

bool view_in_conflict(const struct trace_event *e)
{
	return e == conflict[0] || e == conflict[1];
}

const struct trace_event *view_call_rcu(const struct object *o)
{
	/* The free may be what has failed. */
	int thread = o->freed_by < 0 ? run.fail_thread : o->freed_by;
	const struct trace_event *events;
	unsigned int nr;

	events = trace_events(&nr);
	if (strcmp(run.threads[thread].name, "rcu"))
		return NULL;
	while (nr--)
		if (events[nr].kind == EVENT_CALL_RCU &&
		    events[nr].addr - o->base < o->size)
			return &events[nr];
	return NULL;
}

/* Rows */

static bool same_row(const struct trace_event *a, const struct trace_event *b)
{
	return a->kind == b->kind && a->thread == b->thread &&
	       a->addr == b->addr && a->size == b->size &&
	       a->value == b->value && a->has_value == b->has_value &&
	       a->nr_calls == b->nr_calls &&
	       !strcmp(a->text, b->text) && !view_in_conflict(a) &&
	       !view_in_conflict(b) && !b->failed &&
	       !memcmp(a->calls, b->calls, a->nr_calls * sizeof(a->calls[0]));
}

static void add_row(const struct trace_event *e,
		    const struct trace_event *switched)
{
	struct row *last = nr_rows ? &rows[nr_rows - 1] : NULL;

	if (last && same_row(last->event, e)) {
		last->repeats++;
		return;
	}
	rows[nr_rows] = (struct row){ .event = e, .repeats = 1 };
	if (last && last->event->thread != e->thread)
		rows[nr_rows].before = switched;
	nr_rows++;
}

void view_make(void)
{
	const struct trace_event *events, *switched = NULL;
	unsigned int nr, i;

	events = trace_events(&nr);
	find_conflict(events, nr);
	find_shared(events, nr);
	nr_rows = 0;
	hides_shim = false;
	for (i = 0; i < nr; i++) {
		/* The first switch after a row. */
		if (events[i].kind == EVENT_SWITCH && !switched)
			switched = &events[i];
		if (!is_shown(&events[i]))
			continue;
		add_row(&events[i], switched);
		switched = NULL;
	}
}

bool view_hides_shim(void)
{
	return hides_shim;
}

const struct row *view_rows(unsigned int *nr)
{
	*nr = nr_rows;
	return rows;
}

bool view_leaves_out(unsigned int row, unsigned int *gap)
{
	bool out = nr_rows > ROWS_FIRST + ROWS_LAST && row >= ROWS_FIRST &&
		   row < nr_rows - ROWS_LAST && !view_in_conflict(rows[row].event);

	*gap = out && row == ROWS_FIRST ? nr_rows - ROWS_LAST - ROWS_FIRST : 0;
	return out;
}

/* Texts */

const char *thread_name(int id)
{
	if (id != MAIN_THREAD)
		return run.threads[id].name;
	return run.failed && run.fail_phase == PHASE_SETUP ? "set-up" : "check";
}

const char *event_verb(const struct trace_event *e)
{
	return verbs[e->kind];
}

const char *event_name(const struct trace_event *e, char *buf, size_t size)
{
	if (e->text[0])
		snprintf(buf, size, "%s", e->text);
	else if (!e->addr)
		buf[0] = '\0';
	else if (e->kind == EVENT_FREE || e->kind == EVENT_CALL_RCU ||
		 e->kind == EVENT_GRACE_PERIOD)
		memory_object_name(e->addr, buf, size);
	else
		memory_name_at(e->addr, e->calls, e->nr_calls, buf, size);
	return buf;
}

const char *event_value(const struct trace_event *e, char *buf, size_t size)
{
	buf[0] = '\0';
	if (!e->has_value)
		return buf;
	if (e->value_text[0])
		snprintf(buf, size, "%s", e->value_text);
	else
		value_name(value_kind_at(e->addr, e->calls, e->nr_calls), e->size,
			   e->value, buf, size);
	return buf;
}

const char *event_text(const struct trace_event *e, unsigned int repeats,
		       char *buf, size_t size)
{
	char name[NAME_SIZE], value[NAME_SIZE], times[32] = "";

	event_name(e, name, sizeof(name));
	event_value(e, value, sizeof(value));
	if (repeats > 1)
		snprintf(times, sizeof(times), " (%u times)", repeats);
	if (e->kind == EVENT_GRACE_PERIOD && !*name)
		snprintf(name, sizeof(name), "synchronize_rcu()");
	snprintf(buf, size, "%s%s%s%s%s%s", verbs[e->kind], *name ? " " : "",
		 name, *value ? " = " : "", value, times);
	return buf;
}

const char *switch_text(const struct trace_event *e, char *buf, size_t size)
{
	const char *name = thread_name(e->thread);
	char memory[NAME_SIZE];

	if (e->reason == SWITCH_END)
		snprintf(buf, size, "%s ends", name);
	else if (e->next == OP_RELAX)
		snprintf(buf, size, "%s waits in a loop", name);
	else if (e->reason == SWITCH_CHOSEN)
		snprintf(buf, size, "%s stops before its step %u", name,
			 e->step);
	else if (e->next == OP_LOCK)
		snprintf(buf, size, "%s waits for %s %s", name, e->text,
			 memory_name(e->addr, memory, sizeof(memory)));
	else
		snprintf(buf, size, "%s %.*s", name,
			 (int)strcspn(e->text, ","), e->text);
	return buf;
}

const char *before_text(const struct row *row, char *buf, size_t size)
{
	*buf = '\0';
	if (row == rows || row[-1].event->kind != EVENT_WAIT)
		switch_text(row->before, buf, size);
	return buf;
}
