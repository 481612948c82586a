// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Atomic accesses: each is a point if threads share the word. Acquire and release
 * move the vector clocks.
 */
#include <string.h>

#include "engine.h"
#include "order.h"
#include "weak.h"

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
	l->wide = (*history)->wide;
	return l;
}

void location_acquire(struct thread *t, const struct location *l)
{
	clock_join(&t->clock, &l->released);
}

void location_wrote(struct location *l)
{
	l->writes++;
	l->writer = run.current->id;
	run.writes++;
	run.current->writes++;
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
static struct location *begin_op(const struct op *op)
{
	bool write = op->rw == OP_WRITE, own = false;
	struct history *h;
	uint16_t nr;

	if (!engine_on() || !memory_cell(op->addr, &h) || fiber_is_tls(op->addr))
		return NULL;
	if (unlikely(h->locks) && !write)
		own = is_own_lock(h, op->addr);
	sched_point(op, h->shared && !own);
	memory_note(h, run.current->id, write, op->addr, op->size);
	/* One that fails has no write, in the kernel's memory model. */
	if (op->form == FORM_IF_EQUAL &&
	    value_read(op->addr, op->size) != op->operand)
		write = false;
	shadow_access(op->addr, op->size, write, ACCESS_MARKED, op->pc);
	if (likely(!options.stale))
		return location_of(op->addr, op->size, &h, &nr);
	return weak_begin(location_of(op->addr, op->size, &h, &nr));
}

static struct location *begin_access(addr_t addr, unsigned int size,
				     unsigned int rw, addr_t pc)
{
	struct op op = { .kind = OP_ACCESS, .rw = rw, .addr = addr,
			 .size = size, .pc = pc };

	return begin_op(&op);
}

static void note_read(struct turn *turn, uint16_t nr, uint32_t writes)
{
	unsigned int i;

	for (i = 0; i < turn->nr_reads; i++)
		if (turn->reads[i].location == nr) {
			turn->reads[i].writes = writes;
			return;
		}
	/* If there are too many, it waits for any write. */
	if (i < MAX_SPIN_READS)
		turn->reads[turn->nr_reads++] = (struct spin_read){ nr, writes };
	else
		turn->any = true;
}

void note_spin_read(struct thread *t, const struct location *l,
		    unsigned int old)
{
	note_read(&t->spin, l - run.locations, l->writes - old);
	if (unlikely(t->nr_naps))
		note_read(&t->nap, l - run.locations, l->writes - old);
}

void plain_point(addr_t addr, unsigned int size, bool write, addr_t pc)
{
	struct op op = { .kind = OP_ACCESS, .rw = write ? OP_WRITE : OP_READ,
			 .addr = addr, .size = size, .pc = pc };
	struct location *l;
	struct history *h;
	uint16_t nr;

	if (!memory_cell(addr, &h) || fiber_is_tls(addr))
		return;
	sched_point(&op, h->shared);
	l = location_of(addr, size, &h, &nr);
	if (write) {
		location_wrote(l);
	} else {
		hash_value(run.current, value_read(addr, size));
		note_spin_read(run.current, l, 0);
	}
}

static void acquire_with(struct thread *t, const struct clock *released,
			 int order)
{
	if (order_acquires(order))
		clock_join(&t->clock, released);
	else
		clock_join(&t->acquire_fence, released);
}

static const struct clock *released_by(const struct thread *t, int order)
{
	return order_releases(order) ? &t->clock : &t->release_fence;
}

/* An update has left the value as it is: see effect.c. */
static void keep_with(struct thread *t, struct location *l, int order)
{
	if (!l->has_kept)
		memset(&l->kept, 0, sizeof(l->kept));
	l->has_kept = true;
	clock_join(&l->kept, released_by(t, order));
	if (order_releases(order)) {
		clock_publish_loads(&l->kept, t);
		clock_tick(t);
	}
}

/* The value changes now, or is overwritten. */
static void end_kept(struct location *l, bool rmw)
{
	if (likely(!l->has_kept))
		return;
	if (rmw)
		clock_join(&l->released, &l->kept);
	l->has_kept = false;
}

static void release_with(struct thread *t, struct location *l, int order,
			 bool rmw)
{
	const struct clock *from = released_by(t, order);

	end_kept(l, rmw);
	/* A read-modify-write continues the release sequence. */
	if (rmw)
		clock_join(&l->released, from);
	else
		l->released = *from;
	location_wrote(l);
	/* It has read a value, which a loop may depend on, and there is a new one. */
	t->has_updated |= rmw;
	/* What others write there is overwritten, or changed, in the next turn. */
	note_spin_read(t, l, 0);
	if (order_releases(order)) {
		clock_publish_loads(&l->released, t);
		clock_tick(t);
	}
}

/* An operation has found @old, which may be the address that another access uses. */
static void depend_on(struct location *l, addr_t addr, unsigned int size,
		      uint64_t old, int order)
{
	if (size == 8 && !order_acquires(order))
		depend_loaded(addr, old, &l->released,
			      options.stale ? weak_newest_view(l) : NULL);
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
	if (size == 8 && !order_acquires(order))
		depend_loaded(addr, value, released, view);
	hash_value(run.current, value);
	acquire_with(run.current, released, order);
	if (unlikely(run.current->nr_foreign) && !old)
		shadow_own_read(addr, l->writer, released);
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
		hash_value(run.current, value);
		acquire_with(run.current, &l->released, order);
		if (unlikely(run.current->nr_foreign))
			shadow_own_read(addr, l->writer, &l->released);
		depend_on(l, addr, size, value, order);
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
	uint64_t old = value_read(addr, size);

	value_write(addr, size, value);
	if (l) {
		run.current->has_updated |= old != (value & value_mask(size));
		release_with(run.current, l, order, false);
		trace_event(EVENT_STORE, addr, size, value, pc);
		if (unlikely(options.stale))
			stored_weakly(l, order, false);
	}
}

uint64_t atomic_rmw(addr_t addr, unsigned int size, enum rmw op,
		    uint64_t operand, int order, addr_t pc)
{
	struct op next = { .kind = OP_ACCESS, .rw = OP_WRITE, .form = FORM_RMW,
			   .rmw = op, .operand = operand, .addr = addr,
			   .size = size, .pc = pc };
	struct location *l = begin_op(&next);
	uint64_t old = value_read(addr, size), new;
	bool same;

	new = rmw_result(op, old, operand) & value_mask(size);
	value_write(addr, size, new);
	if (l) {
		hash_value(run.current, old);
		/* It is a read: see effect.c. */
		same = new == old && !options.stale;
		if (!same)
			end_kept(l, true);
		acquire_with(run.current, &l->released, order);
		depend_on(l, addr, size, old, order);
		if (same) {
			keep_with(run.current, l, order);
			note_spin_read(run.current, l, 0);
		} else {
			release_with(run.current, l, order, true);
		}
		trace_event(EVENT_RMW, addr, size, new, pc);
		if (unlikely(options.stale))
			stored_weakly(l, order, true);
	}
	return old;
}

/* One that fails is a read. */
bool atomic_cmpxchg(addr_t addr, unsigned int size, uint64_t *expected,
		    uint64_t value, int order, int failure_order, addr_t pc)
{
	struct op next = { .kind = OP_ACCESS, .rw = OP_WRITE,
			   .form = FORM_IF_EQUAL,
			   .operand = *expected & value_mask(size),
			   .addr = addr, .size = size, .pc = pc };
	struct location *l = begin_op(&next);
	uint64_t old = value_read(addr, size);
	bool equal = old == next.operand;

	if (equal)
		value_write(addr, size, value);
	else
		*expected = old;
	if (!l)
		return equal;
	hash_value(run.current, old);
	if (equal)
		end_kept(l, true);
	acquire_with(run.current, &l->released, equal ? order : failure_order);
	depend_on(l, addr, size, old, equal ? order : failure_order);
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

/* Counts of references: the caller only sees if the result is 0. */

static struct location *begin_count(int *count, enum op_form form, addr_t from)
{
	struct op op = { .kind = OP_ACCESS, .rw = OP_WRITE, .form = form,
			 .addr = (addr_t)count, .size = sizeof(*count),
			 .pc = from };

	return begin_op(&op);
}

static void end_count(struct location *l, const int *count, int order,
		      addr_t from)
{
	release_with(run.current, l, order, true);
	trace_event(EVENT_RMW, l->addr, sizeof(*count), (unsigned int)*count,
		    from);
	if (unlikely(options.stale))
		stored_weakly(l, order, true);
}

int lfx_count_add(int *count, int n, const void *from)
{
	struct location *l = begin_count(count, n == 1 ? FORM_COUNT_UP :
					 FORM_FIXED, (addr_t)from);
	int old = *count;

	*count = (unsigned int)old + n;
	if (l) {
		hash_value(run.current, !old);
		end_count(l, count, __ATOMIC_RELAXED, (addr_t)from);
	}
	return old;
}

int lfx_count_add_not_zero(int *count, int n, const void *from)
{
	struct location *l = begin_count(count, n == 1 ? FORM_COUNT_UP_NOT_ZERO :
					 FORM_FIXED, (addr_t)from);
	int old = *count;

	if (old)
		*count = (unsigned int)old + n;
	if (!l)
		return old;
	hash_value(run.current, !old);
	if (old) {
		end_count(l, count, __ATOMIC_RELAXED, (addr_t)from);
	} else {
		note_spin_read(run.current, l, 0);
		trace_event(EVENT_LOAD, l->addr, sizeof(*count), 0,
			    (addr_t)from);
		if (unlikely(options.stale))
			weak_read_newest(l, __ATOMIC_RELAXED);
	}
	return old;
}

int lfx_count_sub(int *count, int n, const void *from)
{
	struct location *l = begin_count(count, n == 1 ? FORM_COUNT_DOWN :
					 FORM_FIXED, (addr_t)from);
	int old = *count;

	*count = (unsigned int)old - n;
	if (l) {
		hash_value(run.current, !*count);
		end_count(l, count, *count ? __ATOMIC_RELEASE : __ATOMIC_ACQ_REL,
			  (addr_t)from);
		if (!*count)
			location_acquire(run.current, l);
	}
	return old;
}
