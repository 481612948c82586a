// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The events of a run, and its end if it fails. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loop.h"
#include "names.h"
#include "trace.h"

static struct trace_event trace[MAX_TRACE];
static unsigned int nr_trace;
/* A plain write whose value is not known yet. */
static struct trace_event *pending;

const struct trace_event *trace_events(unsigned int *nr)
{
	*nr = nr_trace;
	return trace;
}

void trace_reset(void)
{
	nr_trace = 0;
	pending = NULL;
}

unsigned int trace_calls(addr_t *calls, unsigned int max, addr_t pc)
{
	const struct thread *t = run.current;
	unsigned int n = rcu_deferred_calls(calls, max), i;

	if (n)
		return n;
	if (pc)
		calls[n++] = pc;
	for (i = t->depth; i-- && n < max;)
		if (i < MAX_CALLS)
			calls[n++] = t->calls[i];
	return n;
}

static struct trace_event *new_event(enum event_kind kind, addr_t pc)
{
	struct trace_event *e;

	if (nr_trace == MAX_TRACE || run.phase == PHASE_SETUP ||
	    run.current->is_quiet)
		return NULL;
	e = &trace[nr_trace++];
	memset(e, 0, sizeof(*e));
	e->kind = kind;
	/* Another thread lends its turn to a deferred free. */
	e->step = (run.lender ?: run.current)->step;
	e->lender = run.lender ? run.lender->id : -1;
	e->thread = run.current->id;
	e->in_check = run.phase == PHASE_CHECK;
	e->nr_calls = trace_calls(e->calls, TRACE_CALLS, pc);
	return e;
}

static uint64_t read_value(addr_t addr, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, (const void *)addr, size <= 8 ? size : 8);
	return value;
}

/* The frame that the variable is in is gone when the trace is printed. */
static void name_now(struct trace_event *e)
{
	if (memory_stack_owner(e->addr))
		memory_name(e->addr, e->text, sizeof(e->text));
}

static void set_value(struct trace_event *e, uint64_t value)
{
	e->value = value;
	e->has_value = true;
	if (memory_stack_owner(e->addr) ||
	    (e->size == 8 && memory_stack_owner(value)))
		value_name(value_kind(e->addr), e->size, value, e->value_text,
			   sizeof(e->value_text));
}

void trace_settle_(void)
{
	struct trace_event *e = pending;

	pending = NULL;
	if (e)
		set_value(e, read_value(e->addr, e->size));
}

void trace_event_(enum event_kind kind, addr_t addr, unsigned int size,
		  uint64_t value, addr_t pc)
{
	struct trace_event *e;

	trace_settle_();
	e = new_event(kind, pc);
	if (!e)
		return;
	e->addr = addr;
	e->size = size;
	e->value = value;
	name_now(e);
	if (kind == EVENT_WRITE && !run.in_range)
		pending = e;
	else if (kind == EVENT_READ)
		set_value(e, read_value(addr, size));
	else if (kind >= EVENT_LOAD && kind <= EVENT_RMW)
		set_value(e, value);
}

void trace_failed(enum event_kind kind, addr_t addr, unsigned int size,
		  addr_t pc)
{
	struct trace_event *e;

	loop_leave(run.current);
	e = options.tracing ? new_event(kind, pc) : NULL;
	if (!e)
		return;
	e->addr = addr;
	e->size = size;
	e->failed = true;
	name_now(e);
}

void trace_switch_(const struct thread *to)
{
	struct thread *t = run.current;
	struct trace_event *e;

	trace_settle_();
	if (to == t)
		return;
	if (t->op.kind == OP_LOCK && !sched_enabled(t))
		trace_event_(EVENT_WAIT, t->op.addr, 4, 0, t->op.pc);
	e = new_event(EVENT_SWITCH, 0);
	if (!e)
		return;
	e->addr = t->op.addr;
	e->value = to->id;
	e->next = t->op.kind;
	if (t->done)
		e->reason = SWITCH_END;
	else if (t->op.kind == OP_RELAX || !sched_enabled(t))
		e->reason = SWITCH_BLOCKED;
	else
		e->reason = SWITCH_CHOSEN;
	if (t->op.what)
		snprintf(e->text, sizeof(e->text), "%s", t->op.what);
}

static struct trace_event *new_note(addr_t pc)
{
	return options.tracing && engine_on() ? new_event(EVENT_NOTE, pc) : NULL;
}

void lfx_note(const char *fmt, ...)
{
	struct trace_event *e = new_note(CALLER);
	va_list args;

	if (!e)
		return;
	va_start(args, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, args);
	va_end(args);
}

bool lfx_in_run(void)
{
	return engine_on();
}

void trace_note(addr_t pc, const char *fmt, ...)
{
	struct trace_event *e = new_note(pc);
	va_list args;

	if (!e)
		return;
	va_start(args, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, args);
	va_end(args);
}

static void __attribute__((__noreturn__)) end_failed(const char *kind,
						     addr_t pc)
{
	trace_settle_();
	loop_leave(run.current);
	snprintf(run.kind, sizeof(run.kind), "%s", kind);
	run.failed = true;
	run.fail_thread = run.current->id;
	run.fail_phase = run.phase;
	run.fail_depth = trace_calls(run.fail_calls, ARRAY_SIZE(run.fail_calls),
				     pc);
	run.phase = PHASE_OFF;
	fiber_leave();
}

void fail(const char *kind, addr_t pc, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(run.text, sizeof(run.text), fmt, args);
	va_end(args);
	end_failed(kind, pc);
}

void lfx_fail(const char *kind, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (!engine_on()) {
		fprintf(stderr, "explore: %s outside of a run: ", kind);
		vfprintf(stderr, fmt, args);
		fputc('\n', stderr);
		__builtin_trap();
	}
	vsnprintf(run.text, sizeof(run.text), fmt, args);
	va_end(args);
	end_failed(kind, CALLER);
}
