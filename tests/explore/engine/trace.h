/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The recorded events, for the files that show them. */
#ifndef LFX_TRACE_H
#define LFX_TRACE_H

#include "engine.h"

struct object;

#define MAX_TRACE	100000
#define TRACE_CALLS	16

struct trace_event {
	enum event_kind kind;
	uint32_t step;
	uint8_t thread, size;
	/* The thread in whose turn it is, if that is another one; or -1. */
	int8_t lender;
	/* The event that the run fails with. */
	bool failed;
	bool has_value;
	/* In check(), or while RCU callbacks run before it. */
	bool in_check;
	addr_t addr;
	/* Of a switch: the next thread. Of a free: the size. */
	uint64_t value;
	addr_t calls[TRACE_CALLS];
	unsigned int nr_calls;
	/* Of a switch: the reason, and the next op of the thread. */
	enum switch_reason reason;
	enum op_kind next;
	/* A note; or the name, if it is not known later. */
	char text[80];
	/* The value, if its name is not known later. */
	char value_text[48];
};

const struct trace_event *trace_events(unsigned int *nr);

/* names.c */
bool is_seam(const char *file);
bool code_find(const addr_t *calls, unsigned int nr, struct lfx_code *code);
/* No function of the stack is one of the scenario, the core or a driver. */
bool code_is_of_the_shim(const addr_t *calls, unsigned int nr);

/* view.c */

/* Neighbours that are equal are one row. */
struct row {
	const struct trace_event *event;
	unsigned int repeats;
	/* The switch before it, if another thread ran before; or NULL. */
	const struct trace_event *before;
};

/* Of a longer trace, its begin and its end are shown. */
#define ROWS_FIRST	40
#define ROWS_LAST	300

/*
 * Is the row left out? If it is the first one of these, *@gap becomes their number,
 * and 0 else.
 */
bool view_leaves_out(unsigned int row, unsigned int *gap);
/* Choose the rows of the last run, and the accesses that conflict. */
void view_make(void);
const struct row *view_rows(unsigned int *nr);
/* Are there steps of the shim's threads, and are they left out? */
bool view_hides_shim(void);
/* The two accesses of a failure: the earlier one is [0]. NULL if there are none. */
const struct trace_event *const *view_conflict(void);
bool view_in_conflict(const struct trace_event *e);
/* The call_rcu() whose callback frees the object; NULL if there is none. */
const struct trace_event *view_call_rcu(const struct object *o);

const char *event_verb(const struct trace_event *e);
const char *event_name(const struct trace_event *e, char *buf, size_t size);
/* "" if there is none. */
const char *event_value(const struct trace_event *e, char *buf, size_t size);
/* "stores fence->ops = NULL" */
const char *event_text(const struct trace_event *e, unsigned int repeats,
		       char *buf, size_t size);
/* "signaller ends" */
const char *switch_text(const struct trace_event *e, char *buf, size_t size);
/* The same about the switch before a row; "" if the row before says it. */
const char *before_text(const struct row *row, char *buf, size_t size);
const char *thread_name(int id);

/* words.c: the schedule as a sentence. The string stays valid until the next call. */
const char *schedule_in_words(void);

/* print.c */

/* The trace; view_make() has been called. */
void print_failure(void);

/* A call stack as lines of text. */
struct stack_text {
	char line[32][112];
	unsigned int nr;
};

/*
 * Where the thread of a deadlock waits: at most MAX_CALLS + 1 addresses. Returns
 * how many; 0: the thread does not wait.
 */
unsigned int waiting_calls(const struct thread *t, addr_t *calls);
/* "waits" or "is interrupted" */
const char *waiting_text(const struct thread *t);
bool is_deadlock(void);

void stack_format(const addr_t *calls, unsigned int nr, struct stack_text *s);

#endif
