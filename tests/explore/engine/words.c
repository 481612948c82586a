// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The schedule of the last run as a sentence. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "names.h"
#include "trace.h"

#define MAX_PARTS	14

static char text[4096];
static size_t len;
static unsigned int nr_parts;
static uint32_t began;

static __attribute__((__format__(__printf__, 1, 2))) void add(const char *fmt,
							      ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text + len, sizeof(text) - len, fmt, args);
	va_end(args);
	len += n;
	if (len >= sizeof(text))
		len = sizeof(text) - 1;
}

/* NULL: it has a text of its own. */
static const char *past(enum event_kind kind)
{
	switch (kind) {
	case EVENT_READ:
	case EVENT_LOAD:
		return "read";
	case EVENT_LOAD_OLD:
		return "read an old";
	case EVENT_WRITE:
	case EVENT_STORE:
		return "written";
	case EVENT_RMW:
		return "updated";
	case EVENT_LOCK:
		return "locked";
	case EVENT_UNLOCK:
		return "unlocked";
	case EVENT_WAIT:
		return "waited for";
	case EVENT_SLEEP:
		return "gone to sleep on";
	case EVENT_WOKEN:
		return "been woken on";
	case EVENT_TIMEOUT:
		return "timed out on";
	case EVENT_ALLOC:
		return "allocated";
	case EVENT_FREE:
		return "freed";
	case EVENT_RCU_BEGIN:
		return "begun a read-side section";
	case EVENT_RCU_END:
		return "left the read-side section";
	case EVENT_CALL_RCU:
		return "called call_rcu() for";
	case EVENT_FENCE:
		return "passed a full barrier";
	case EVENT_GRACE_PERIOD:
		return "ended the grace period of";
	case EVENT_FRAME_END:
		return "left the frame of";
	case EVENT_NOTE:
	case EVENT_SWITCH:
		break;
	}
	return NULL;
}

static const char *present(const struct trace_event *e)
{
	switch (e->kind) {
	case EVENT_LOAD:
		return "reads";
	case EVENT_LOAD_OLD:
		return "reads an old";
	case EVENT_STORE:
		return "writes";
	default:
		return event_verb(e);
	}
}

static void add_place(const struct trace_event *e)
{
	char name[NAME_SIZE], code[2 * NAME_SIZE];

	event_name(e, name, sizeof(name));
	if (*name)
		add(" %s", name);
	add(" in %s", calls_name(e->calls, e->nr_calls, code, sizeof(code)));
}

/* Begin the part of a thread: "then consumer goes on". */
static void begin_part(int thread)
{
	if (nr_parts++)
		add("; then ");
	add("%s %s", thread_name(thread),
	    began & 1u << thread ? "goes on" : "runs");
	began |= 1u << thread;
}

static void add_until(enum op_kind kind, const char *what, addr_t addr)
{
	char name[NAME_SIZE];

	if (kind == OP_RELAX)
		add(" until it waits in a loop");
	else if (kind == OP_LOCK)
		add(" until it waits for %s %s", what,
		    memory_name(addr, name, sizeof(name)));
	else
		add(" until it %.*s", (int)strcspn(what, ","), what);
}

static void add_until_after(const struct trace_event *last)
{
	if (past(last->kind)) {
		add(" until it has %s", past(last->kind));
		add_place(last);
	} else {
		add(" until \"%s\"", last->text);
	}
}

/* The thread gives way: why? @last: the last event of the part, or NULL. */
static void add_part(const struct trace_event *s,
		     const struct trace_event *last)
{
	/* It has not begun, or has only looked if it can go on. */
	if (!last && (s->reason != SWITCH_END || s->next == OP_START))
		return;
	begin_part(s->thread);
	if (s->reason == SWITCH_END) {
		add(" to its end");
	} else if (s->reason == SWITCH_CHOSEN) {
		add_until_after(last);
	} else {
		add_until(s->next, s->text, s->addr);
	}
}

/* The last part, which ends with the failure. */
static void add_end(int thread, const struct trace_event *last)
{
	const struct op *op = &run.threads[thread].op;

	if (!run.failed) {
		if (last)
			begin_part(thread);
		return;
	}
	if (is_deadlock()) {
		if (last) {
			begin_part(thread);
			add_until(op->kind, op->what ?: "waits", op->addr);
		}
		add("; then no thread can go on");
	} else if (run.fail_phase == PHASE_CHECK &&
		   run.fail_thread == MAIN_THREAD) {
		add("; then the check fails");
	} else if (last && (last->failed || view_in_conflict(last))) {
		begin_part(thread);
		add(" and %s", present(last));
		add_place(last);
	} else {
		begin_part(thread);
		add(" and fails");
	}
	add(": %s", run.kind);
}

const char *schedule_in_words(void)
{
	const struct trace_event *last = NULL, *lent = NULL, *events;
	unsigned int nr, nr_rows, i, row = 0;
	const struct row *rows = view_rows(&nr_rows);
	int thread = MAIN_THREAD;

	len = nr_parts = began = 0;
	text[0] = '\0';
	events = trace_events(&nr);
	for (i = 0; i < nr; i++) {
		const struct trace_event *e = &events[i];

		/* A free in the turn of another thread matters if it is what fails. */
		lent = e->lender >= 0 ? e : NULL;
		if (!lent)
			thread = e->thread;
		if (row < nr_rows && rows[row].event == e) {
			/* What has ended the grace period says more. */
			if (!lent && (e->kind != EVENT_GRACE_PERIOD || !last))
				last = e;
			row++;
		}
		if (e->kind != EVENT_SWITCH)
			continue;
		thread = e->value;
		if (e->thread != MAIN_THREAD && nr_parts < MAX_PARTS)
			add_part(e, last);
		else if (e->thread != MAIN_THREAD && nr_parts++ == MAX_PARTS)
			add("; and so on");
		last = NULL;
	}
	if (run.failed && lent && run.fail_thread == lent->thread) {
		if (last) {
			begin_part(thread);
			add_until_after(last);
		}
		thread = lent->thread;
		last = lent;
	}
	if (run.failed && run.fail_phase == PHASE_SETUP)
		add("the set-up fails: %s", run.kind);
	else
		add_end(thread, last);
	if (len)
		add(".");
	return text;
}
