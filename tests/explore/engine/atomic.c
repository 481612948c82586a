// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Atomic accesses: each is a point if threads share the word. Acquire and release
 * move the vector clocks.
 */
#include <string.h>

#include "engine.h"
#include "weak.h"

static uint64_t value_read(addr_t addr, unsigned int size)
{
	switch (size) {
	case 1:
		return *(uint8_t *)addr;
	case 2:
		return *(uint16_t *)addr;
	case 4:
		return *(uint32_t *)addr;
	default:
		return *(uint64_t *)addr;
	}
}

static void value_write(addr_t addr, unsigned int size, uint64_t value)
{
	switch (size) {
	case 1:
		*(uint8_t *)addr = value;
		break;
	case 2:
		*(uint16_t *)addr = value;
		break;
	case 4:
		*(uint32_t *)addr = value;
		break;
	default:
		*(uint64_t *)addr = value;
	}
}

static uint64_t value_mask(unsigned int size)
{
	return size == 8 ? UINT64_MAX : (1ull << 8 * size) - 1;
}

/*
 * The location of a word in this run. NULL if the address is not checked. Words of
 * fewer than 4 bytes share the location of their 4 bytes.
 */
struct location *location_of(addr_t addr, unsigned int size,
			     struct history **history, uint16_t *nr)
{
	struct cell *cell = memory_cell(addr, history);
	struct location *l;
	uint16_t *slot;

	if (!cell)
		return NULL;
	if (cell->run != run.nr)
		memory_begin_cell(cell, addr);
	slot = &cell->location[!(*history)->wide && (addr & 4)];
	*nr = *slot;
	if (*nr)
		return &run.locations[*nr];
	if (run.nr_locations >= MAX_LOCATIONS)
		fail("limit", CALLER, "more than %u locations", MAX_LOCATIONS);
	*nr = *slot = run.nr_locations++;
	l = &run.locations[*nr];
	memset(l, 0, sizeof(*l));
	l->addr = addr;
	l->size = size;
	return l;
}

void location_acquire(struct thread *t, const struct location *l)
{
	clock_join(&t->clock, &l->released);
}

void location_wrote(struct location *l)
{
	l->writes++;
	run.writes++;
	run.idle_turns = 0;
}

void atomic_fence(int order)
{
	struct thread *t = run.current;

	if (unlikely(options.stale))
		weak_fence(order);
	if (order_acquires(order))
		clock_join(&t->clock, &t->acquire_fence);
	if (order_releases(order)) {
		t->release_fence = t->clock;
		clock_tick(t);
	}
}

/* A thread looks at a lock. No other thread changes it if it holds it itself. */
static bool is_own_lock(struct history *h, addr_t addr)
{
	if (!(h->locks & lock_bit(addr)))
		return false;
	if (*(uint32_t *)(addr & ~3ul) == (uint32_t)run.current->id + 1)
		return true;
	memory_note_tried(h);
	return false;
}

/*
 * Pass a point before an access. Returns the location of the word, or NULL if it
 * is not checked.
 */
static struct location *begin_access(addr_t addr, unsigned int size,
				     unsigned int rw, addr_t pc)
{
	struct op op = { .kind = OP_ACCESS, .rw = rw, .addr = addr,
			 .pc = pc };
	struct history *h;
	bool own = false;
	uint16_t nr;

	if (!engine_on() || !memory_cell(addr, &h) || fiber_is_tls(addr))
		return NULL;
	if (unlikely(h->locks) && rw == OP_READ)
		own = is_own_lock(h, addr);
	sched_point(&op, h->shared && !own);
	memory_note(h, run.current->id, rw == OP_WRITE, addr, size);
	shadow_access(addr, size, rw == OP_WRITE, true, pc);
	if (likely(!options.stale))
		return location_of(addr, size, &h, &nr);
	return weak_begin(location_of(addr, size, &h, &nr));
}

/* @old: there were so many writes after the value. */
static void note_spin_read(struct thread *t, const struct location *l,
			   unsigned int old)
{
	unsigned int i;
	uint16_t nr = l - run.locations;

	for (i = 0; i < t->nr_spin_reads; i++)
		if (t->spin_reads[i].location == nr) {
			t->spin_reads[i].writes = l->writes - old;
			return;
		}
	/* If there are too many, it waits for any write. */
	if (i < MAX_SPIN_READS)
		t->spin_reads[t->nr_spin_reads++] =
			(struct spin_read){ nr, l->writes - old };
	else
		t->spin_any = true;
}

static void acquire_with(struct thread *t, const struct clock *released,
			 int order)
{
	if (order_acquires(order))
		clock_join(&t->clock, released);
	else
		clock_join(&t->acquire_fence, released);
}

static void release_with(struct thread *t, struct location *l, int order,
			 bool rmw)
{
	const struct clock *from = order_releases(order) ? &t->clock :
						     &t->release_fence;

	/* A read-modify-write continues the release sequence. */
	if (rmw)
		clock_join(&l->released, from);
	else
		l->released = *from;
	location_wrote(l);
	if (order_releases(order)) {
		clock_publish_loads(&l->released, t);
		clock_tick(t);
	}
}

/* The rest of a load with --stale or --lkmm. */
static __attribute__((__noinline__)) uint64_t
load_weakly(struct location *l, addr_t addr, unsigned int size, int order,
	    addr_t pc)
{
	const struct clock *released = &l->released;
	const struct view *view = NULL;
	uint64_t value = value_read(addr, size);
	unsigned int old = 0;

	if (options.stale)
		old = weak_load(l, addr, size, order, &value, &released, &view);
	if (options.lkmm && size == 8 && !order_acquires(order))
		depend_loaded(addr, value, released, view);
	acquire_with(run.current, released, order);
	note_spin_read(run.current, l, old);
	trace_event(old ? EVENT_LOAD_OLD : EVENT_LOAD, addr, size, value, pc);
	return value;
}

uint64_t atomic_load(addr_t addr, unsigned int size, int order, addr_t pc)
{
	struct location *l;
	uint64_t value;

	/* As a full barrier and a load that acquires. */
	if (unlikely(order == __ATOMIC_SEQ_CST) && options.stale && engine_on())
		atomic_fence(order);
	l = begin_access(addr, size, OP_READ, pc);
	if (unlikely(options.weak) && l)
		return load_weakly(l, addr, size, order, pc);
	value = value_read(addr, size);
	if (l) {
		acquire_with(run.current, &l->released, order);
		note_spin_read(run.current, l, 0);
		trace_event(EVENT_LOAD, addr, size, value, pc);
	}
	return value;
}

/* The rest of a store or read-modify-write operation with --stale. */
static __attribute__((__noinline__, __cold__)) void
stored_weakly(struct location *l, int order, bool rmw)
{
	weak_store(l, order, rmw);
	/* As a store that releases and a full barrier. */
	if (order == __ATOMIC_SEQ_CST)
		atomic_fence(order);
}

void atomic_store(addr_t addr, unsigned int size, uint64_t value, int order,
		  addr_t pc)
{
	struct location *l = begin_access(addr, size, OP_WRITE, pc);

	value_write(addr, size, value);
	if (l) {
		release_with(run.current, l, order, false);
		trace_event(EVENT_STORE, addr, size, value, pc);
		if (unlikely(options.stale))
			stored_weakly(l, order, false);
	}
}

static uint64_t rmw_result(enum rmw op, uint64_t old, uint64_t operand)
{
	switch (op) {
	case RMW_XCHG:
		return operand;
	case RMW_ADD:
		return old + operand;
	case RMW_SUB:
		return old - operand;
	case RMW_AND:
		return old & operand;
	case RMW_OR:
		return old | operand;
	case RMW_XOR:
		return old ^ operand;
	default:
		return ~(old & operand);
	}
}

uint64_t atomic_rmw(addr_t addr, unsigned int size, enum rmw op,
		    uint64_t operand, int order, addr_t pc)
{
	struct location *l = begin_access(addr, size, OP_WRITE, pc);
	uint64_t old = value_read(addr, size), new;

	new = rmw_result(op, old, operand) & value_mask(size);
	value_write(addr, size, new);
	if (l) {
		acquire_with(run.current, &l->released, order);
		release_with(run.current, l, order, true);
		trace_event(EVENT_RMW, addr, size, new, pc);
		if (unlikely(options.stale))
			stored_weakly(l, order, true);
	}
	return old;
}

/*
 * One that fails is a read. As the next op of the thread it counts as a write,
 * because it may succeed when it is done.
 */
bool atomic_cmpxchg(addr_t addr, unsigned int size, uint64_t *expected,
		    uint64_t value, int order, int failure_order, addr_t pc)
{
	struct location *l = begin_access(addr, size, OP_WRITE, pc);
	uint64_t old = value_read(addr, size);
	bool equal = old == (*expected & value_mask(size));

	if (equal)
		value_write(addr, size, value);
	else
		*expected = old;
	if (!l)
		return equal;
	acquire_with(run.current, &l->released, equal ? order : failure_order);
	if (equal) {
		release_with(run.current, l, order, true);
		trace_event(EVENT_RMW, addr, size, value, pc);
		if (unlikely(options.stale))
			stored_weakly(l, order, true);
	} else {
		note_spin_read(run.current, l, 0);
		trace_event(EVENT_LOAD, addr, size, old, pc);
		if (unlikely(options.stale))
			weak_read_newest(l, failure_order);
	}
	return equal;
}
