// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The trace of a run and its failure on the terminal. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "memory.h"
#include "names.h"
#include "trace.h"

#define MAX_COLUMNS	4
#define NO_LIMIT	1000u

/* The columns of the table. */
struct layout {
	unsigned int nr;
	int thread[LFX_THREADS], width[LFX_THREADS];
};

static unsigned int terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ||
	    !size.ws_col)
		return NO_LIMIT;
	return size.ws_col;
}

/* Call stacks */

void stack_format(const addr_t *calls, unsigned int nr, struct stack_text *s)
{
	struct lfx_code frames[8];
	unsigned int i;
	size_t n, k;
	char *line;

	s->nr = 0;
	for (i = 0; i < nr; i++) {
		if (calls[i] == DEFERRED_FREE && s->nr < ARRAY_SIZE(s->line))
			strcpy(s->line[s->nr++], "kfree_rcu(), called in");
		n = lfx_symbols_code(calls[i] - 1, frames, ARRAY_SIZE(frames));
		for (k = 0; k < n && s->nr < ARRAY_SIZE(s->line); k++) {
			if (!frames[k].function || is_seam(frames[k].file))
				continue;
			line = s->line[s->nr++];
			if (frames[k].file)
				snprintf(line, sizeof(s->line[0]), "%s() %s:%d",
					 frames[k].function,
					 base_name(frames[k].file),
					 frames[k].line);
			else
				snprintf(line, sizeof(s->line[0]), "%s()",
					 frames[k].function);
		}
	}
}

static void print_stack(const addr_t *calls, unsigned int nr)
{
	static struct stack_text s;
	unsigned int i;

	stack_format(calls, nr, &s);
	for (i = 0; i < s.nr; i++)
		printf("    %s\n", s.line[i]);
}

/* Without a colon if all calls are the shim's. */
static void print_headed_stack(const char *thread, const char *what,
			       const addr_t *calls, unsigned int nr)
{
	static struct stack_text s;
	unsigned int i;

	stack_format(calls, nr, &s);
	printf("  %s %s%s\n", thread, what, s.nr ? ":" : "");
	for (i = 0; i < s.nr; i++)
		printf("    %s\n", s.line[i]);
}

/* A heading and a stack. */
static void event_stack(const struct trace_event *e, struct stack_text *s,
			char *heading, size_t size)
{
	char what[2 * NAME_SIZE];

	event_text(e, 1, what, sizeof(what));
	snprintf(heading, size, "%s %s:", thread_name(e->thread), what);
	stack_format(e->calls, e->nr_calls, s);
}

static size_t stack_width(const struct stack_text *s, const char *heading)
{
	size_t width = strlen(heading), i;

	for (i = 0; i < s->nr; i++)
		if (strlen(s->line[i]) + 2 > width)
			width = strlen(s->line[i]) + 2;
	return width;
}

static void print_conflict(const struct trace_event *const *c)
{
	static struct stack_text left, right;
	char a[3 * NAME_SIZE], b[3 * NAME_SIZE];
	unsigned int i;
	int width;

	event_stack(c[0], &left, a, sizeof(a));
	event_stack(c[1], &right, b, sizeof(b));
	width = stack_width(&left, a);
	if (width + 4 + stack_width(&right, b) > terminal_width()) {
		printf("  %s\n", a);
		print_stack(c[0]->calls, c[0]->nr_calls);
		printf("  %s\n", b);
		print_stack(c[1]->calls, c[1]->nr_calls);
		return;
	}
	printf("  %-*s    %s\n", width, a, b);
	for (i = 0; i < left.nr || i < right.nr; i++) {
		if (i < right.nr)
			printf("    %-*s    %s\n", width,
			       i < left.nr ? left.line[i] : "", right.line[i]);
		else
			printf("    %s\n", left.line[i]);
	}
}

/* The table */

static void add_column(struct layout *l, int thread, int width)
{
	unsigned int i;

	for (i = 0; i < l->nr && l->thread[i] != thread; i++)
		;
	if (i == l->nr) {
		l->thread[l->nr] = thread;
		l->width[l->nr++] = strlen(thread_name(thread));
	}
	if (l->width[i] < width)
		l->width[i] = width;
}

/* Ascending numbers. */
static void sort_columns(struct layout *l)
{
	unsigned int i, k;
	int swap;

	for (i = 0; i < l->nr; i++)
		for (k = i + 1; k < l->nr; k++) {
			if (l->thread[k] > l->thread[i])
				continue;
			swap = l->thread[i];
			l->thread[i] = l->thread[k];
			l->thread[k] = swap;
			swap = l->width[i];
			l->width[i] = l->width[k];
			l->width[k] = swap;
		}
}

static void row_text(const struct row *row, char *buf, size_t size)
{
	event_text(row->event, row->repeats, buf, size);
}

/* Returns false if the table is too wide. */
static bool make_layout(struct layout *l)
{
	const struct row *rows;
	unsigned int nr, i, width = 8, code = 0, n;
	char buf[4 * NAME_SIZE];

	rows = view_rows(&nr);
	l->nr = 0;
	for (i = 0; i < nr; i++) {
		row_text(&rows[i], buf, sizeof(buf));
		add_column(l, rows[i].event->thread, strlen(buf));
		n = strlen(calls_name(rows[i].event->calls,
				      rows[i].event->nr_calls, buf,
				      sizeof(buf)));
		code = code < n ? n : code;
	}
	sort_columns(l);
	for (i = 0; i < l->nr; i++)
		width += l->width[i] + 2;
	return l->nr && l->nr <= MAX_COLUMNS &&
	       width + code <= terminal_width();
}

static void print_switch(const struct row *row)
{
	char buf[3 * NAME_SIZE];

	before_text(row, buf, sizeof(buf));
	printf("      - - - %s%s%s runs\n", buf, *buf ? "; " : "",
	       thread_name(row->event->thread));
}

static bool left_out(unsigned int row)
{
	unsigned int gap;
	bool out = view_leaves_out(row, &gap);

	if (gap)
		printf("      - - - %u more\n", gap);
	return out;
}

static void print_table(const struct layout *l)
{
	char buf[4 * NAME_SIZE];
	const struct row *rows;
	unsigned int nr, i, k;

	rows = view_rows(&nr);
	printf("\n step   ");
	for (k = 0; k < l->nr; k++)
		printf("%-*s  ", l->width[k], thread_name(l->thread[k]));
	printf("in\n");
	for (i = 0; i < nr; i++) {
		if (left_out(i))
			continue;
		if (rows[i].before)
			print_switch(&rows[i]);
		printf("%5u %c ", rows[i].event->step,
		       view_in_conflict(rows[i].event) ? '*' : ' ');
		row_text(&rows[i], buf, sizeof(buf));
		for (k = 0; k < l->nr; k++)
			printf("%-*s  ", l->width[k],
			       l->thread[k] == rows[i].event->thread ? buf :
								       "");
		printf("%s\n", calls_name(rows[i].event->calls,
					  rows[i].event->nr_calls, buf,
					  sizeof(buf)));
	}
}

/* Without columns. */
static void print_lines(void)
{
	char buf[4 * NAME_SIZE];
	const struct row *rows;
	unsigned int nr, i;

	rows = view_rows(&nr);
	if (!nr)
		return;
	printf("\n");
	for (i = 0; i < nr; i++) {
		if (left_out(i))
			continue;
		if (rows[i].before)
			print_switch(&rows[i]);
		row_text(&rows[i], buf, sizeof(buf));
		printf("%5u %c %s %s", rows[i].event->step,
		       view_in_conflict(rows[i].event) ? '*' : ' ',
		       thread_name(rows[i].event->thread), buf);
		printf(" in %s\n", calls_name(rows[i].event->calls,
					      rows[i].event->nr_calls, buf,
					      sizeof(buf)));
	}
}

/* The failure */

static void print_object(void)
{
	struct object *o = run.fail_object ? memory_object(run.fail_object) :
					     NULL;
	const struct trace_event *call;
	char name[NAME_SIZE];

	if (!o)
		return;
	memory_object_name(o->base, name, sizeof(name));
	printf("  %s has %zu bytes. %s allocated it:\n", name, o->size,
	       run.threads[o->allocated_by].name);
	print_stack(o->allocated, o->nr_allocated);
	if (o->freed_by >= 0)
		print_headed_stack(run.threads[o->freed_by].name, "freed it",
				   o->freed, o->nr_freed);
	call = view_call_rcu(o);
	if (call)
		print_headed_stack(thread_name(call->thread),
				   "called call_rcu() for it", call->calls,
				   call->nr_calls);
}

bool is_deadlock(void)
{
	return run.failed && !strcmp(run.kind, "deadlock");
}

const char *waiting_text(const struct thread *t)
{
	return t->irq.on_top ? "is interrupted" : "waits";
}

unsigned int waiting_calls(const struct thread *t, addr_t *calls)
{
	unsigned int n = 0, k;

	if (!t->used || t->done || t->service)
		return 0;
	if (t->op.pc)
		calls[n++] = t->op.pc;
	for (k = t->depth < MAX_CALLS ? t->depth : MAX_CALLS; k--;)
		calls[n++] = t->calls[k];
	return n;
}

static void print_waiting(void)
{
	addr_t calls[MAX_CALLS + 1];
	unsigned int i, n;

	for (i = 1; i < run.nr_threads; i++) {
		n = waiting_calls(&run.threads[i], calls);
		if (!n)
			continue;
		printf("  %s %s:\n", run.threads[i].name,
		       waiting_text(&run.threads[i]));
		print_stack(calls, n);
	}
}

/* Why do the numbers of the steps have gaps, and why do they not only increase? */
static void print_gaps(void)
{
	unsigned int nr, i, last = 0, shown = 0, late = 0;
	const struct row *rows = view_rows(&nr);

	for (i = 0; i < nr; i++) {
		shown += rows[i].event->step &&
			 (!i || rows[i].event->step != rows[i - 1].event->step);
		late += rows[i].event->step && rows[i].event->step < last;
		if (rows[i].event->step > last)
			last = rows[i].event->step;
	}
	if (shown < last)
		printf("        (The other steps access memory that one thread alone uses, or have nothing to show.)\n");
	if (view_hides_shim())
		printf("        (Threads of the shim have steps, too: --shim-steps shows them.)\n");
	if (late)
		printf("        (A step has its number when its thread comes to it. A thread that has stopped before it makes it later.)\n");
}

void print_failure(void)
{
	const struct trace_event *const *c;
	struct layout l;

	if (make_layout(&l))
		print_table(&l);
	else
		print_lines();
	print_gaps();
	printf("\n%s\n", schedule_in_words());
	if (!run.failed)
		return;
	printf("\n%s: %s\n", run.kind, run.text);
	c = view_conflict();
	if (is_deadlock()) {
		print_waiting();
	} else if (c) {
		print_conflict(c);
	} else if (strcmp(run.kind, "leak") && run.fail_depth) {
		printf("  in %s:\n", thread_name(run.fail_thread));
		print_stack(run.fail_calls, run.fail_depth);
	}
	print_object();
}
