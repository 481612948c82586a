// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The events of a run, and how a failure is printed. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "symbols.h"

#define MAX_TRACE	20000
#define TRACE_CALLS	12

struct trace_event {
	enum event_kind kind;
	uint32_t step;
	uint8_t thread;
	uint8_t size;
	addr_t addr;
	uint64_t value;
	addr_t calls[TRACE_CALLS];
	unsigned int nr_calls;
	char text[80];
};

static struct trace_event trace[MAX_TRACE];
static unsigned int nr_trace;

static const char *const event_names[] = {
	[EVENT_READ] = "reads",
	[EVENT_WRITE] = "writes",
	[EVENT_LOAD] = "loads",
	[EVENT_LOAD_OLD] = "loads OLD",
	[EVENT_STORE] = "stores",
	[EVENT_RMW] = "updates",
	[EVENT_LOCK] = "locks",
	[EVENT_UNLOCK] = "unlocks",
	[EVENT_SLEEP] = "sleeps on",
	[EVENT_WOKEN] = "is woken on",
	[EVENT_TIMEOUT] = "times out on",
	[EVENT_ALLOC] = "allocates",
	[EVENT_FREE] = "frees",
	[EVENT_RCU_BEGIN] = "rcu_read_lock",
	[EVENT_RCU_END] = "rcu_read_unlock",
	[EVENT_CALL_RCU] = "call_rcu",
	[EVENT_GRACE_PERIOD] = "grace period",
	[EVENT_FENCE] = "full barrier",
	[EVENT_NOTE] = "note",
};

void trace_reset(void)
{
	nr_trace = 0;
}

unsigned int trace_calls(addr_t *calls, unsigned int max, addr_t pc)
{
	const struct thread *t = run.current;
	unsigned int n = 0, i;

	if (pc)
		calls[n++] = pc;
	for (i = t->depth; i-- && n < max;)
		if (i < MAX_CALLS)
			calls[n++] = t->calls[i];
	return n;
}

void trace_event_(enum event_kind kind, addr_t addr, unsigned int size,
		  uint64_t value, addr_t pc)
{
	struct trace_event *e;

	if (nr_trace == MAX_TRACE || run.phase != PHASE_RUN)
		return;
	e = &trace[nr_trace++];
	e->kind = kind;
	e->step = run.step;
	e->thread = run.current->id;
	e->addr = addr;
	e->size = size;
	e->value = value;
	e->text[0] = '\0';
	e->nr_calls = trace_calls(e->calls, TRACE_CALLS, pc);
}

void lfx_note(const char *fmt, ...)
{
	unsigned int nr = nr_trace;
	va_list args;

	if (!options.tracing || !engine_on())
		return;
	trace_event_(EVENT_NOTE, 0, 0, 0, CALLER);
	if (nr == nr_trace)
		return;
	va_start(args, fmt);
	vsnprintf(trace[nr].text, sizeof(trace[nr].text), fmt, args);
	va_end(args);
}

static void __attribute__((__noreturn__)) end_failed(const char *kind,
						     addr_t pc)
{
	snprintf(run.kind, sizeof(run.kind), "%s", kind);
	run.failed = true;
	run.fail_thread = run.current->id;
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

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

void trace_print_calls(const addr_t *calls, unsigned int nr)
{
	struct lfx_code frames[8];
	unsigned int i;
	size_t n, k;

	for (i = 0; i < nr; i++) {
		n = lfx_symbols_code(calls[i] - 1, frames, ARRAY_SIZE(frames));
		for (k = 0; k < n; k++) {
			printf("    %s()", frames[k].function);
			if (frames[k].file)
				printf(" %s:%d", base_name(frames[k].file),
				       frames[k].line);
			printf("\n");
		}
	}
}

/* Headers and the shim are not the code that a reader looks for. */
static bool is_own_code(const char *file)
{
	return file && !strstr(file, "/include/") && !strstr(file, "/compat/") &&
	       !strstr(file, "/explore/shim/");
}

/* The first source line of the event that is not the shim's. */
static bool find_line(const struct trace_event *e, struct lfx_code *line)
{
	struct lfx_code frames[8];
	unsigned int i;
	size_t n, k;
	bool found = false;

	for (i = 0; i < e->nr_calls; i++) {
		n = lfx_symbols_code(e->calls[i] - 1, frames,
				     ARRAY_SIZE(frames));
		for (k = 0; k < n; k++) {
			if (!found)
				*line = frames[k];
			found = true;
			if (is_own_code(frames[k].file)) {
				*line = frames[k];
				return true;
			}
		}
	}
	return found;
}

static void print_event(const struct trace_event *e)
{
	struct lfx_code line;
	char name[80] = "", source[120], value[32] = "";

	printf("%5u  %-12s ", e->step, run.threads[e->thread].name);
	if (e->kind == EVENT_NOTE) {
		printf("-- %s\n", e->text);
		return;
	}
	if (e->addr)
		memory_name(e->addr, name, sizeof(name));
	if (e->kind >= EVENT_LOAD && e->kind <= EVENT_RMW)
		snprintf(value, sizeof(value), "%#llx",
			 (unsigned long long)e->value);
	printf("%-14s %-28s %-12s", event_names[e->kind], name, value);
	if (find_line(e, &line)) {
		printf(" %s()", line.function);
		if (line.file)
			printf(" %s:%d  %s", base_name(line.file), line.line,
			       lfx_symbols_source(line.file, line.line, source,
						  sizeof(source)));
	}
	printf("\n");
}

/* An address in the text of the failure: its object is described. */
static void describe_objects(void)
{
	unsigned int i;

	for (i = 0; i < nr_trace; i++)
		if (trace[i].kind == EVENT_FREE) {
			char name[80];

			memory_name(trace[i].addr, name, sizeof(name));
			if (strstr(run.text, name)) {
				memory_describe(trace[i].addr);
				return;
			}
		}
}

void trace_print(void)
{
	unsigned int i;
	int last = -1;

	printf("\n%5s  %-12s %-14s %-28s %-12s %s\n", "step", "thread",
	       "does", "memory", "value", "source");
	for (i = 0; i < nr_trace; i++) {
		if (last >= 0 && trace[i].thread != last)
			printf("       - - - - - -\n");
		last = trace[i].thread;
		print_event(&trace[i]);
	}
	printf("\n%s: %s\n  in %s:\n", run.kind, run.text,
	       run.threads[run.fail_thread].name);
	trace_print_calls(run.fail_calls, run.fail_depth);
	describe_objects();
}
