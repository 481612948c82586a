// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * For each word, when each thread read and wrote it last, on its vector clock. Two
 * accesses race if one writes, one is plain, and neither happens before the other.
 * This does not depend on the schedule of the run as long as the order of the
 * atomic accesses is the same, so plain accesses need no points.
 */
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "known.h"
#include "loop.h"
#include "memory.h"
#include "names.h"
#include "weak.h"

static const char *access_name(bool write, enum access_how how)
{
	if (write)
		return how == ACCESS_MARKED ? "marked write" : "plain write";
	return how == ACCESS_MARKED ? "marked read" : "plain read";
}

static enum event_kind access_event(bool write, enum access_how how)
{
	if (write)
		return how == ACCESS_MARKED ? EVENT_STORE : EVENT_WRITE;
	return how == ACCESS_MARKED ? EVENT_LOAD : EVENT_READ;
}

static __attribute__((__noinline__, __cold__)) void
report_freed(addr_t addr, unsigned int size, bool write, enum access_how how,
	     addr_t pc)
{
	char name[NAME_SIZE], code[NAME_SIZE];
	addr_t calls[16];
	unsigned int nr = trace_calls(calls, ARRAY_SIZE(calls), pc);

	run.fail_object = addr;
	trace_failed(access_event(write, how), addr, size, pc);
	fail("use after free", pc, "%s of %s, which is freed, by %s in %s",
	     access_name(write, how),
	     memory_name_at(addr, calls, nr, name, sizeof(name)),
	     run.current->name, here_name(pc, code, sizeof(code)));
}

/*
 * The memory that ends, and " of " that part of it at @addr which another thread has
 * used. @mask: the bytes. @of is empty if that is all of it. Each has NAME_SIZE.
 */
static void name_parts(addr_t addr, unsigned int mask, char *name, char *of)
{
	const struct object *o = memory_object(addr);
	char part[NAME_SIZE];

	memory_name(addr + __builtin_ctz(mask), part, sizeof(part));
	if (o)
		memory_object_name(o->base, name, NAME_SIZE);
	if (strcmp(part, name))
		snprintf(of, NAME_SIZE + 8, " of %s", part);
}

static __attribute__((__noinline__, __cold__)) void
report_race(addr_t addr, bool write, enum access_how how, addr_t pc, int other,
	    const struct access *o, bool other_write, const char *what)
{
	char name[NAME_SIZE], code[NAME_SIZE], other_code[NAME_SIZE];
	char of[NAME_SIZE + 8] = "";
	addr_t calls[16];

	if (!options.check_races ||
	    depend_orders(addr, other, o->time) ||
	    (!what && known_race(addr, pc, o->pc)))
		return;
	memory_name_at(addr, calls, trace_calls(calls, ARRAY_SIZE(calls), pc),
		       name, sizeof(name));
	run.fail_other = other;
	run.fail_other_pc = o->pc;
	run.fail_other_addr = addr;
	run.fail_other_write = other_write;
	if (!what)
		trace_failed(access_event(write, how), addr, 8, pc);
	else if (memory_stack_owner(addr))
		trace_failed(EVENT_FRAME_END, addr, 8, pc);
	else
		run.fail_object = addr;
	if (what)
		name_parts(addr, o->mask, name, of);
	fail(what ? "use after free" : "data race", pc,
	     "%s of %s by %s in %s, and %s%s by %s in %s: neither is before the other",
	     what ? what : access_name(write, how), name, run.current->name,
	     here_name(pc, code, sizeof(code)),
	     access_name(other_write, o->how), of, run.threads[other].name,
	     code_name(o->pc, other_code, sizeof(other_code)));
}

static inline bool conflicts(const struct access *a, unsigned int mask,
			     enum access_how how, uint32_t known,
			     const char *what)
{
	return unlikely(a->time > known && (a->mask & mask) &&
			!(how == ACCESS_MARKED && a->how == ACCESS_MARKED) &&
			(a->how != ACCESS_IGNORED || what));
}

static inline void check_cell(struct cell *cell, addr_t addr,
			      unsigned int mask, bool write, enum access_how how,
			      const struct clock *clock, addr_t pc,
			      const char *what)
{
	unsigned int others = cell->accessed & ~(1u << run.current->id), i;

	for (; others; others &= others - 1) {
		struct access *a;

		i = __builtin_ctz(others);
		a = cell->access[i];
		if (conflicts(&a[1], mask, how, clock->t[i], what))
			report_race(addr, write, how, pc, i, &a[1], true,
				    what);
		if (write && conflicts(&a[0], mask, how, clock->t[i], what))
			report_race(addr, write, how, pc, i, &a[0], false,
				    what);
	}
}

void shadow_check(struct cell *cell, addr_t addr, unsigned int mask,
		  const struct clock *clock, addr_t pc, const char *what)
{
	check_cell(cell, addr, mask, true, ACCESS_PLAIN, clock, pc, what);
}

/* An access to the stack of another thread. */
static void note_foreign(struct thread *owner, addr_t addr)
{
	const struct lfx_frame *frame;
	unsigned int i;

	addr &= ~7ul;
	for (i = 0; i < owner->nr_foreign; i++)
		if (owner->foreign[i] == addr)
			return;
	if (i == MAX_FOREIGN)
		return;
	frame = frame_at(owner, addr);
	owner->foreign[i] = addr;
	owner->foreign_frames[i] = frame ? *frame : (struct lfx_frame){ 0 };
	owner->nr_foreign++;
}

/* The access to one cell; @mask are its bytes. */
static __attribute__((__noinline__)) void
access_cell(struct cell *cell, struct history *h, addr_t addr,
	    unsigned int mask, unsigned int size, bool write, enum access_how how,
	    addr_t pc)
{
	struct thread *t = run.current;
	struct access *a = &cell->access[t->id][write];
	struct thread *owner = memory_stack_owner(addr);
	uint32_t now = t->clock.t[t->id];

	if (unlikely(cell->run != run.nr))
		memory_begin_cell(cell, addr);
	if (unlikely(cell->state == CELL_FREED))
		report_freed(addr, size, write, how, pc);
	if (unlikely(owner) && owner != t) {
		note_foreign(owner, addr);
		if (unlikely(owner->done))
			report_freed(addr, size, write, how, pc);
	}
	if (likely(how != ACCESS_IGNORED))
		check_cell(cell, addr, mask, write, how, &t->clock, pc, NULL);
	if (a->time == now && a->how == how)
		a->mask |= mask;
	else
		a->mask = mask;
	cell->accessed |= 1u << t->id;
	a->time = now;
	a->how = how;
	a->pc = pc;
	memory_note(h, t->id, write, addr, size);
}

static __attribute__((__noinline__)) void
watch_plain(addr_t addr, unsigned int size, bool write, addr_t pc)
{
	struct history *h;
	struct cell *cell = memory_cell(addr, &h);

	if (write && unlikely(run.current->in_turns))
		loop_writes(addr, h && h->shared);
	if (write && options.stale)
		weak_plain_write(cell, h, addr, size);
	else if (!write && size == 8 && options.weak)
		depend_plain_read(addr);
	if (options.tracing)
		trace_event_(write ? EVENT_WRITE : EVENT_READ, addr, size, 0,
			     pc);
}

void shadow_access(addr_t addr, unsigned int size, bool write, enum access_how how,
		   addr_t pc)
{
	unsigned int mask = ((1u << size) - 1) << (addr & 7);
	struct thread *t = run.current;
	struct history *h;
	struct cell *cell = memory_cell(addr, &h);
	struct access *a;

	run.accesses++;
	if (unlikely(options.tracing))
		trace_settle_();
	if (unlikely(!cell) || fiber_is_tls(addr))
		return;
	/* The variables of a function that frees are of no other thread. */
	if (unlikely(run.lender) && memory_stack_owner(addr) == run.lender)
		return;
	a = &cell->access[t->id][write];
	/* The same access again: most are. The place matters if some are listed. */
	if (likely(cell->run == run.nr && cell->state == CELL_LIVE &&
		   a->time == t->clock.t[t->id] && a->how == how &&
		   !(mask & ~a->mask)) &&
	    (likely(!options.known) || a->pc == (uint32_t)pc))
		goto watch;
	access_cell(cell, h, addr, mask & 0xff, size, write, how, pc);
	if (unlikely(mask >> 8)) {
		addr_t next = (addr | 7) + 1;

		cell = memory_cell(next, &h);
		if (cell)
			access_cell(cell, h, next, mask >> 8, size, write,
				    how, pc);
	}
watch:
	if (unlikely(options.watching) && how == ACCESS_PLAIN)
		watch_plain(addr, size, write, pc);
}

void shadow_special(addr_t addr, unsigned int size, bool write,
		    enum access_how how, addr_t pc)
{
	shadow_access(addr, size, write, how, pc);
	if (options.watching)
		watch_plain(addr, size, write, pc);
}

void shadow_range(addr_t addr, size_t size, bool write, addr_t pc)
{
	addr_t end = addr + size;
	unsigned int n;

	run.in_range = true;
	while (addr < end) {
		n = 8 - (addr & 7);
		if (n > end - addr)
			n = end - addr;
		shadow_access(addr, n, write, ACCESS_PLAIN, pc);
		addr += n;
	}
	run.in_range = false;
}

/*
 * The thread reads a word of its own stack. If it ends the function because of the
 * value, that is after the store of the value, and after all that the store has released.
 */
void shadow_own_read(addr_t addr, unsigned int writer, const struct clock *released)
{
	struct thread *t = run.current;
	struct history *h;
	struct cell *cell;
	uint32_t time;

	if (memory_stack_owner(addr) != t)
		return;
	cell = memory_cell(addr, &h);
	time = cell->access[writer][1].time;
	clock_join(&t->frame_clock, released);
	if (cell->run == run.nr && t->frame_clock.t[writer] < time)
		t->frame_clock.t[writer] = time;
}

/* Frames below @sp have ended. The end counts as a write to the frame. */
void shadow_end_frames(struct thread *t, addr_t sp)
{
	struct clock clock = t->clock;
	struct history *h;
	struct cell *cell;
	unsigned int i;
	addr_t addr;

	clock_join(&clock, &t->frame_clock);
	for (i = 0; i < t->nr_foreign; i++) {
		addr = t->foreign[i];
		if (addr >= sp)
			continue;
		cell = memory_cell(addr, &h);
		check_cell(cell, addr, 0xff, true, ACCESS_PLAIN, &clock,
			   t->depth ? t->calls[(t->depth - 1) % MAX_CALLS] : 0,
			   "the end of a frame");
		t->nr_foreign--;
		t->foreign[i] = t->foreign[t->nr_foreign];
		t->foreign_frames[i--] = t->foreign_frames[t->nr_foreign];
	}
}
