// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The trace as a page: a lane for each thread, a box for each access, from top to
 * bottom. The page is one file without scripts.
 */
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "names.h"
#include "report.h"
#include "trace.h"

/* In pixels. */
#define LEFT		56
#define HEADER		44
#define BOX_HEIGHT	40
#define ROW_HEIGHT	50
#define SWITCH_HEIGHT	26
#define LANE_GAP	40
#define CHAR_WIDTH	7.3
#define MIN_LANE	180
/* Of the text in a box. */
#define MAX_CHARS	56

struct lane {
	int thread;
	unsigned int x, width, chars, first, last;
};

static struct lane lanes[LFX_THREADS];
static unsigned int nr_lanes;
/* The vertical position of each row. */
static unsigned int row_y[MAX_TRACE];

static const char style[] =
":root{color-scheme:light dark;--back:#fff;--text:#1c2024;--dim:#667079;"
"--lane:#d5dae0;--box:#f3f5f7;--edge:#b8c0c8;--write:#e6effb;"
"--write-edge:#7ba3d8;--lock:#f6f1e2;--lock-edge:#cdb56a;--bad:#fde7e5;"
"--bad-edge:#c8281e}\n"
"@media(prefers-color-scheme:dark){:root{--back:#16191d;--text:#e4e7ea;"
"--dim:#98a2ad;--lane:#39414a;--box:#22272d;--edge:#4b555f;--write:#1d2d42;"
"--write-edge:#4f7fb8;--lock:#312c1c;--lock-edge:#8a7636;--bad:#451f1d;"
"--bad-edge:#ff7067}}\n"
"body{background:var(--back);color:var(--text);margin:24px;"
"font:15px/1.5 system-ui,sans-serif}\n"
"h1{font-size:20px;margin:0 0 4px}h2{font-size:16px;margin:24px 0 4px}"
"p{max-width:75em;margin:6px 0}\n"
"code,pre,svg text{font-family:ui-monospace,'DejaVu Sans Mono',monospace;"
"font-size:12px}\n"
".kind{color:var(--bad-edge)}.stacks{display:flex;flex-wrap:wrap;gap:8px 48px}"
"pre{margin:4px 0;line-height:1.45}\n"
"svg{display:block;margin:16px 0}svg text{fill:var(--text)}"
"svg .dim{fill:var(--dim)}svg .name{font-weight:bold;font-size:13px}\n"
".lane{stroke:var(--lane);stroke-width:2}"
".switch{stroke:var(--lane);stroke-dasharray:4 4}"
".box{fill:var(--box);stroke:var(--edge)}"
".write{fill:var(--write);stroke:var(--write-edge)}"
".lock{fill:var(--lock);stroke:var(--lock-edge)}"
".bad{fill:var(--bad);stroke:var(--bad-edge);stroke-width:2}"
".link{fill:none;stroke:var(--bad-edge);stroke-width:2}\n";

static void put_text(FILE *f, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			putc(*text, f);
		}
	}
}

/* At most @max characters. */
static void put_cut(FILE *f, const char *text, size_t max)
{
	char buf[MAX_CHARS + 1];

	if (strlen(text) <= max) {
		put_text(f, text);
		return;
	}
	snprintf(buf, max, "%.*s", (int)max - 1, text);
	put_text(f, buf);
	fputs("\xe2\x80\xa6", f);
}

/* Lanes */

static struct lane *lane_of(int thread)
{
	unsigned int i;

	for (i = 0; i < nr_lanes; i++)
		if (lanes[i].thread == thread)
			return &lanes[i];
	return NULL;
}

static struct lane *add_lane(int thread)
{
	unsigned int i = nr_lanes++;

	for (; i && lanes[i - 1].thread > thread; i--)
		lanes[i] = lanes[i - 1];
	lanes[i] = (struct lane){ .thread = thread, .first = -1u };
	return &lanes[i];
}

static const char *row_code(const struct row *row, char *buf, size_t size)
{
	return calls_name(row->event->calls, row->event->nr_calls, buf, size);
}

static void note_width(struct lane *l, const char *text)
{
	size_t n = strlen(text);

	if (n > MAX_CHARS)
		n = MAX_CHARS;
	if (l->chars < n)
		l->chars = n;
}

/* Place the lanes and the rows. Returns the height. */
static unsigned int place(const struct row *rows, unsigned int nr)
{
	unsigned int y = HEADER, x = LEFT, i, gap;
	char buf[4 * NAME_SIZE];
	struct lane *l;

	nr_lanes = 0;
	for (i = 0; i < nr; i++) {
		l = lane_of(rows[i].event->thread) ?:
		    add_lane(rows[i].event->thread);
		note_width(l, event_text(rows[i].event, rows[i].repeats, buf,
					 sizeof(buf)));
		note_width(l, row_code(&rows[i], buf, sizeof(buf)));
		row_y[i] = y;
		if (view_leaves_out(i, &gap)) {
			y += gap ? SWITCH_HEIGHT : 0;
			continue;
		}
		if (rows[i].before)
			y += SWITCH_HEIGHT;
		row_y[i] = y;
		y += ROW_HEIGHT;
	}
	for (i = 0; i < nr_lanes; i++) {
		l = &lanes[i];
		l->x = x;
		l->width = l->chars * CHAR_WIDTH + 20;
		if (l->width < MIN_LANE)
			l->width = MIN_LANE;
		x += l->width + LANE_GAP;
	}
	return y;
}

static unsigned int total_width(void)
{
	const struct lane *l = &lanes[nr_lanes - 1];

	return l->x + l->width + LANE_GAP;
}

/* Drawing */

static void draw_lanes(FILE *f, unsigned int height)
{
	unsigned int i;

	for (i = 0; i < nr_lanes; i++) {
		const struct lane *l = &lanes[i];
		unsigned int middle = l->x + l->width / 2;

		fprintf(f, "<line class=\"lane\" x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/>\n",
			middle, HEADER - 14, middle, height);
		fprintf(f, "<text class=\"name\" text-anchor=\"middle\" x=\"%u\" y=\"20\">",
			middle);
		put_text(f, thread_name(l->thread));
		fputs("</text>\n", f);
	}
}

static const char *box_class(const struct trace_event *e)
{
	if (view_in_conflict(e) || e->failed)
		return "bad";
	switch (e->kind) {
	case EVENT_WRITE:
	case EVENT_STORE:
	case EVENT_RMW:
	case EVENT_FREE:
		return "write";
	case EVENT_LOCK:
	case EVENT_UNLOCK:
	case EVENT_WAIT:
	case EVENT_RCU_BEGIN:
	case EVENT_RCU_END:
	case EVENT_CALL_RCU:
	case EVENT_GRACE_PERIOD:
		return "lock";
	default:
		return "box";
	}
}

static void put_stack(FILE *f, const addr_t *calls, unsigned int nr)
{
	static struct stack_text s;
	unsigned int i;

	stack_format(calls, nr, &s);
	for (i = 0; i < s.nr; i++) {
		put_text(f, s.line[i]);
		putc('\n', f);
	}
}

/* The stack is shown while the pointer is over the box. */
static void draw_box(FILE *f, const struct row *row, unsigned int y)
{
	const struct lane *l = lane_of(row->event->thread);
	char buf[4 * NAME_SIZE];

	fprintf(f, "<g><title>");
	put_text(f, event_text(row->event, row->repeats, buf, sizeof(buf)));
	putc('\n', f);
	put_stack(f, row->event->calls, row->event->nr_calls);
	fprintf(f, "</title><rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"4\"/>",
		box_class(row->event), l->x, y, l->width, BOX_HEIGHT);
	fprintf(f, "<text x=\"%u\" y=\"%u\">", l->x + 10, y + 17);
	put_cut(f, buf, MAX_CHARS);
	fprintf(f, "</text><text class=\"dim\" x=\"%u\" y=\"%u\">", l->x + 10,
		y + 32);
	put_cut(f, row_code(row, buf, sizeof(buf)), MAX_CHARS);
	fprintf(f, "</text></g>\n");
	if (row->event->step)
		fprintf(f, "<text class=\"dim\" text-anchor=\"end\" x=\"%u\" y=\"%u\">%u</text>\n",
			LEFT - 14, y + 24, row->event->step);
}

static void draw_switch(FILE *f, const struct row *row, unsigned int y)
{
	char buf[4 * NAME_SIZE];

	fprintf(f, "<line class=\"switch\" x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/>",
		LEFT, y - 18, total_width() - LANE_GAP, y - 18);
	before_text(row, buf, sizeof(buf));
	fprintf(f, "<text class=\"dim\" x=\"%u\" y=\"%u\" style=\"paint-order:stroke;stroke:var(--back);stroke-width:6px\">",
		LEFT + 12, y - 14);
	put_text(f, buf);
	if (*buf)
		fprintf(f, "; ");
	put_text(f, thread_name(row->event->thread));
	fprintf(f, " runs</text>\n");
}

/* Rows that are left out. */
static void draw_gap(FILE *f, unsigned int gap, unsigned int y)
{
	fprintf(f, "<text class=\"dim\" x=\"%u\" y=\"%u\">%u more</text>\n",
		LEFT + 12, y + 12, gap);
}

static unsigned int y_of(const struct row *rows, unsigned int nr,
			 const struct trace_event *e)
{
	while (nr-- > 1 && rows[nr].event != e)
		;
	return row_y[nr] + BOX_HEIGHT / 2;
}

/* From side to side of the boxes of the two accesses. */
static void draw_link(FILE *f, const struct row *rows, unsigned int nr)
{
	const struct trace_event *const *c = view_conflict();
	const struct lane *a, *b;
	unsigned int x1, x2, bend = 60;

	if (!c)
		return;
	a = lane_of(c[0]->thread);
	b = lane_of(c[1]->thread);
	x1 = a->x <= b->x ? a->x + a->width : a->x;
	x2 = a->x < b->x ? b->x : b->x + b->width;
	if (a->x > b->x)
		bend = -60;
	fprintf(f, "<path class=\"link\" d=\"M%u %uC%u %u %u %u %u %u\"/>\n",
		x1, y_of(rows, nr, c[0]), x1 + bend, y_of(rows, nr, c[0]),
		a == b ? x2 + bend : x2 - bend, y_of(rows, nr, c[1]), x2,
		y_of(rows, nr, c[1]));
}

static void draw(FILE *f)
{
	unsigned int nr, height, i, gap;
	const struct row *rows = view_rows(&nr);

	if (!nr)
		return;
	height = place(rows, nr);
	fprintf(f, "<svg width=\"%u\" height=\"%u\" role=\"img\" aria-label=\"the accesses of each thread, in the order of time\">\n",
		total_width(), height + 8);
	draw_lanes(f, height);
	for (i = 0; i < nr; i++) {
		if (view_leaves_out(i, &gap)) {
			if (gap)
				draw_gap(f, gap, row_y[i]);
			continue;
		}
		if (rows[i].before)
			draw_switch(f, &rows[i], row_y[i]);
		draw_box(f, &rows[i], row_y[i]);
	}
	draw_link(f, rows, nr);
	fprintf(f, "</svg>\n");
}

/* The page */

static void put_thread_stack(FILE *f, const char *thread, const char *what,
			     const addr_t *calls, unsigned int nr)
{
	fprintf(f, "<div><b>");
	put_text(f, thread);
	fprintf(f, "</b> ");
	put_text(f, what);
	fprintf(f, "<pre>");
	put_stack(f, calls, nr);
	fprintf(f, "</pre></div>\n");
}

static void put_waiting(FILE *f)
{
	addr_t calls[MAX_CALLS + 1];
	unsigned int i, n;

	for (i = 1; i < run.nr_threads; i++) {
		n = waiting_calls(&run.threads[i], calls);
		if (n)
			put_thread_stack(f, thread_name(i),
					 waiting_text(&run.threads[i]), calls, n);
	}
}

/* Where the object of the failure comes from, and where it has gone. */
static void put_object(FILE *f)
{
	struct object *o = run.fail_object ? memory_object(run.fail_object) :
					     NULL;
	const struct trace_event *call;
	char name[NAME_SIZE], what[NAME_SIZE + 40];

	if (!o)
		return;
	memory_object_name(o->base, name, sizeof(name));
	snprintf(what, sizeof(what), "allocated %s, %zu bytes", name, o->size);
	put_thread_stack(f, run.threads[o->allocated_by].name, what,
			 o->allocated, o->nr_allocated);
	if (o->freed_by >= 0)
		put_thread_stack(f, run.threads[o->freed_by].name, "freed it",
				 o->freed, o->nr_freed);
	call = view_call_rcu(o);
	if (call)
		put_thread_stack(f, thread_name(call->thread),
				 "called call_rcu() for it", call->calls,
				 call->nr_calls);
}

static void put_stacks(FILE *f)
{
	const struct trace_event *const *c = view_conflict();
	char buf[3 * NAME_SIZE];
	unsigned int i;

	fprintf(f, "<h2>Call stacks</h2>\n<div class=\"stacks\">\n");
	if (c)
		for (i = 0; i < 2; i++)
			put_thread_stack(f, thread_name(c[i]->thread),
					 event_text(c[i], 1, buf, sizeof(buf)),
					 c[i]->calls, c[i]->nr_calls);
	else if (is_deadlock())
		put_waiting(f);
	else if (strcmp(run.kind, "leak"))
		put_thread_stack(f, thread_name(run.fail_thread), "",
				 run.fail_calls, run.fail_depth);
	put_object(f);
	fprintf(f, "</div>\n");
}

static void put_head(FILE *f, const struct report *r)
{
	fprintf(f, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
	put_text(f, r->scenario->name);
	fprintf(f, "</title>\n<style>\n%s</style></head><body>\n<h1>", style);
	put_text(f, r->scenario->name);
	if (run.failed) {
		fprintf(f, ": <span class=\"kind\">");
		put_text(f, run.kind);
		fprintf(f, "</span>");
	}
	fprintf(f, "</h1>\n<p>");
	if (r->scenario->what) {
		put_text(f, r->scenario->what);
		fprintf(f, ". ");
	}
	fprintf(f, "Replay: <code>--replay ");
	put_text(f, r->replay);
	putc(' ', f);
	put_text(f, r->scenario->name);
	fprintf(f, "</code></p>\n");
}

bool html_write(const char *file, const struct report *r)
{
	FILE *f = fopen(file, "we");
	bool failed;

	if (!f)
		return false;
	put_head(f, r);
	fprintf(f, "<p>");
	put_text(f, schedule_in_words());
	fprintf(f, "</p>\n");
	if (run.failed) {
		fprintf(f, "<p>");
		put_text(f, run.text);
		fprintf(f, "</p>\n");
	}
	draw(f);
	if (run.failed)
		put_stacks(f);
	fprintf(f, "</body></html>\n");
	failed = ferror(f);
	return !fclose(f) && !failed;
}
