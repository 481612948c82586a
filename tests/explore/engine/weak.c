// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Weak memory: with --stale, a load may return an older value than the last one.
 *
 * Each location that threads share keeps its last stores, with numbers. A view has,
 * for each location, the number of the oldest store that may still be read. A
 * thread has three views: that of its reads now, that of its next relaxed store (set
 * by a release fence), and that which its next acquire fence adds. A store carries the
 * view that a thread which acquires it joins. A full barrier exchanges views with
 * all full barriers before it. So each full barrier is a point: the order of two
 * of them matters, and that of a barrier and an access of another thread does not.
 *
 * The reduction stays complete. Which stores a load may return depends on the
 * stores to its location that were done, on the accesses of its own thread, and on
 * what these have acquired. All of this is before the load in the partial order
 * of reduce.c, so equivalent runs have the same choices. All choices of a load are
 * tried in one place, like those of lfx_choose(). The number of stale loads of a
 * run is the same in all equivalent runs, and each run can be continued without
 * another stale load. So the limit on stale loads loses no run below the limit.
 *
 * Out of reach:
 *  - A store is never done later than program order says: no load buffering. And
 *    the stores to a location are ordered as they were done, also those of
 *    different threads: no 2+2W, no S. Some runs that hardware allows are missed.
 *  - A read-modify-write operation and a lock read the newest store, also a
 *    compare-and-exchange that fails.
 *  - smp_wmb() also orders the loads before it, as a release fence does.
 *  - Plain accesses see the newest value. If they do not race, it is the only one.
 */
#include <string.h>

#include "engine.h"
#include "order.h"
#include "search.h"
#include "weak.h"

#define MAX_PASTS	VIEW_SIZE
#define MAX_STORES	16

struct store {
	/* The 8 bytes that contain the location. */
	uint64_t value;
	struct clock released;
	struct view view;
};

/* The past of a location. */
struct past {
	addr_t word;
	/* No thread may read a store before @floor. */
	uint32_t newest, floor;
	/* The last write was a plain one. */
	bool plain;
	struct location *location;
	struct store stores[MAX_STORES];
};

static struct {
	struct view now, release, acquire;
	/* The view that the last unlock of a spinlock has released. */
	struct view unlocked;
	/* It has done nothing since its last full barrier. */
	bool fenced;
} threads[LFX_THREADS];

static struct past pasts[MAX_PASTS];
/* Number 0 is none. */
static unsigned int nr_pasts;
/* What full barriers have seen. */
static struct view barriers;

void weak_reset(void)
{
	nr_pasts = 1;
	memset(threads, 0, sizeof(threads));
	memset(&barriers, 0, sizeof(barriers));
	run.stale_left = options.stale;
}

void view_join(struct view *to, const struct view *from)
{
	unsigned int i;

	for (i = 1; i < nr_pasts; i++)
		if (to->t[i] < from->t[i])
			to->t[i] = from->t[i];
}

void weak_touch(void)
{
	threads[run.current->id].fenced = false;
}

void weak_publish(struct view *to)
{
	int self = run.current->id;

	/*
	 * In the kernel's model, a release also carries the stores that loads without an
	 * acquire have seen ("A-cumulative").
	 */
	view_join(to, &threads[self].now);
	view_join(to, &threads[self].acquire);
}

void weak_observe(const struct view *from)
{
	weak_touch();
	view_join(&threads[run.current->id].now, from);
}

void weak_start(const struct thread *t, const struct thread *parent)
{
	threads[t->id].now = threads[parent->id].now;
	view_join(&threads[t->id].now, &threads[parent->id].acquire);
}

void weak_join(const struct thread *other)
{
	weak_observe(&threads[other->id].now);
	weak_observe(&threads[other->id].acquire);
}

static struct store *store_nr(struct past *p, uint32_t nr)
{
	return &p->stores[nr % MAX_STORES];
}

static struct store *new_store(struct past *p)
{
	struct store *s;

	if (p->newest == UINT16_MAX)
		fail("limit", 0, "more than %u stores to a location",
		     UINT16_MAX);
	s = store_nr(p, ++p->newest);
	memset(s, 0, sizeof(*s));
	s->value = *(uint64_t *)p->word;
	s->released = p->location->released;
	return s;
}

/* Plain writes: the threads that access it now are after them. */
static void catch_up(struct past *p)
{
	struct store *before = store_nr(p, p->newest), *s;

	p->plain = false;
	s = new_store(p);
	s->view = before->view;
	p->floor = p->newest;
}

static struct past *new_past(struct location *l)
{
	struct past *p;

	/* The other locations are not weak. */
	if (nr_pasts == MAX_PASTS)
		return NULL;
	l->past = nr_pasts;
	p = &pasts[nr_pasts++];
	p->location = l;
	p->word = l->addr & ~7ul;
	p->newest = p->floor = 0;
	p->plain = false;
	memset(&p->stores[0], 0, sizeof(p->stores[0]));
	p->stores[0].value = *(uint64_t *)p->word;
	p->stores[0].released = l->released;
	return p;
}

/* NULL: loads of the location are strong. */
static struct past *past_of(struct location *l)
{
	struct history *h;
	struct past *p;

	if (!l || run.phase != PHASE_RUN)
		return NULL;
	if (!l->past) {
		memory_cell(l->addr, &h);
		return h->shared || options.all_points ? new_past(l) : NULL;
	}
	p = &pasts[l->past];
	if (p->plain)
		catch_up(p);
	return p;
}

struct location *weak_begin(struct location *l)
{
	weak_touch();
	past_of(l);
	return l;
}

static void wrote_plainly(uint16_t location)
{
	unsigned int nr = run.locations[location].past;

	if (location && nr)
		pasts[nr].plain = true;
}

/* Before a plain write. */
void weak_plain_write(const struct cell *cell, const struct history *h,
		      addr_t addr, unsigned int size)
{
	if (run.phase != PHASE_RUN || cell->run != run.nr)
		return;
	if (h->wide || !(addr & 4))
		wrote_plainly(cell->location[0]);
	if ((addr & 7) + size > 4)
		wrote_plainly(cell->location[1]);
}

static void acquire(const struct store *s, int order)
{
	int self = run.current->id;

	view_join(order_acquires(order) ? &threads[self].now :
					  &threads[self].acquire, &s->view);
}

static uint64_t value_of(const struct store *s, addr_t addr, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, (const char *)&s->value + (addr & 7), size);
	return value;
}

/* How many stores the thread may read. */
static unsigned int nr_choices(const struct past *p, uint32_t seen)
{
	uint32_t oldest = seen > p->floor ? seen : p->floor;

	if (p->newest - oldest >= MAX_STORES)
		return MAX_STORES;
	return p->newest - oldest + 1;
}

unsigned int weak_load(struct location *l, addr_t addr, unsigned int size,
		       int order, uint64_t *value,
		       const struct clock **released, const struct view **view)
{
	struct past *p = past_of(l);
	unsigned int n, old = 0;
	uint16_t *seen;
	struct store *s;

	if (!p)
		return 0;
	seen = &threads[run.current->id].now.t[l->past];
	if (*seen < depend_oldest(addr, l->past))
		*seen = depend_oldest(addr, l->past);
	n = nr_choices(p, *seen);
	if (n > 1 && run.stale_left && !run.no_points)
		old = search_read(n);
	*seen = p->newest - old;
	s = store_nr(p, *seen);
	acquire(s, order);
	*view = &s->view;
	if (!old)
		return 0;
	run.stale_left--;
	if (options.classes)
		hash_stale(run.current, old);
	*value = value_of(s, addr, size);
	*released = &s->released;
	return old;
}

void weak_read_newest(struct location *l, int order)
{
	struct past *p = past_of(l);

	if (!p)
		return;
	threads[run.current->id].now.t[l->past] = p->newest;
	acquire(store_nr(p, p->newest), order);
}

const struct view *weak_newest_view(struct location *l)
{
	struct past *p = past_of(l);

	return p ? &store_nr(p, p->newest)->view : NULL;
}

void weak_store(struct location *l, int order, bool rmw)
{
	int self = run.current->id;
	struct past *p = past_of(l);
	const struct store *before;
	struct store *s;

	if (!p)
		return;
	before = store_nr(p, p->newest);
	if (rmw)
		acquire(before, order);
	s = new_store(p);
	threads[self].now.t[l->past] = p->newest;
	if (order_releases(order))
		weak_publish(&s->view);
	else
		s->view = threads[self].release;
	if (rmw)
		view_join(&s->view, &before->view);
}

/*
 * The stores of a thread in a section of a spinlock is after the sections that it has
 * left, and after the last section of the lock: also for threads that do not take
 * the lock (po-unlock-lock-po in the kernel's model).
 */
void weak_locked(struct location *l)
{
	int self = run.current->id;
	struct past *p = past_of(l);

	view_join(&threads[self].release, &threads[self].unlocked);
	if (p)
		view_join(&threads[self].release,
			  &store_nr(p, p->newest)->view);
	weak_store(l, __ATOMIC_ACQUIRE, true);
}

void weak_unlocked(struct location *l)
{
	int self = run.current->id;
	weak_touch();
	weak_publish(&threads[self].unlocked);
	weak_store(l, __ATOMIC_RELEASE, false);
}

void weak_woken(struct location *l)
{
	weak_touch();
	weak_read_newest(l, __ATOMIC_ACQUIRE);
}

/* Barriers */

static void full_barrier(void)
{
	struct op op = { .kind = OP_ACCESS, .rw = OP_WRITE,
			 .addr = memory_fence_word() };
	struct thread *t = run.current;
	struct history *h;

	if (threads[t->id].fenced || run.phase != PHASE_RUN || run.no_points ||
	    !memory_cell(op.addr, &h))
		return;
	memory_note(h, t->id, true, op.addr, 8);
	sched_point(&op, h->shared);
	weak_observe(&threads[t->id].acquire);
	weak_observe(&barriers);
	weak_publish(&barriers);
	threads[t->id].fenced = true;
	trace_event(EVENT_FENCE, 0, 0, 0, 0);
}

void weak_fence(int order)
{
	int self = run.current->id;

	if (order == __ATOMIC_SEQ_CST)
		full_barrier();
	if (order_acquires(order))
		view_join(&threads[self].now, &threads[self].acquire);
	if (order_releases(order))
		threads[self].release = threads[self].now;
}
