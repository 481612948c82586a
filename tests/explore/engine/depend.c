// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Address dependencies. In the kernel, READ_ONCE() of a pointer acquires nothing, and
 * rcu_dereference() does not, either (here it does, without --lkmm). But an access
 * through the pointer is after everything that the thread which stored it had released.
 *
 * The hooks do not show from which value an address was computed. So each access to the
 * object that a loaded pointer points into counts as an access through the pointer.
 * This is more than the kernel promises: some faults are missed, and none is invented.
 */
#include <string.h>

#include "engine.h"
#include "weak.h"

#define MAX_DEPENDENCIES	32

struct dependency {
	addr_t begin, size;
	struct clock clock;
	struct view view;
};

/* Of each thread a ring: the oldest ones are forgotten, as if acquired. */
static struct dependency lists[LFX_THREADS][MAX_DEPENDENCIES];
static unsigned int numbers[LFX_THREADS];

void depend_reset(void)
{
	memset(numbers, 0, sizeof(numbers));
}

static unsigned int nr_dependencies(int thread)
{
	return numbers[thread] < MAX_DEPENDENCIES ? numbers[thread] :
						    MAX_DEPENDENCIES;
}

static bool covers(const struct dependency *d, addr_t addr)
{
	return addr - d->begin < d->size;
}

/* The dependency of the current thread on the object, new or known. */
static struct dependency *dependency_on(addr_t begin, size_t size)
{
	int self = run.current->id;
	struct dependency *d;
	unsigned int i;

	for (i = 0; i < nr_dependencies(self); i++) {
		d = &lists[self][i];
		if (d->begin == begin)
			return d;
	}
	d = &lists[self][numbers[self]++ % MAX_DEPENDENCIES];
	/* It is full: the order that the old one made stays for good. */
	if (numbers[self] > MAX_DEPENDENCIES) {
		clock_join(&run.current->clock, &d->clock);
		weak_observe(&d->view);
	}
	memset(d, 0, sizeof(*d));
	d->begin = begin;
	d->size = size;
	return d;
}

/* A pointer was loaded from @from: its object is after the same events as that memory. */
static void inherit(struct dependency *to, addr_t from)
{
	int self = run.current->id;
	unsigned int i;

	for (i = 0; i < nr_dependencies(self); i++) {
		const struct dependency *d = &lists[self][i];

		if (d == to || !covers(d, from))
			continue;
		clock_join(&to->clock, &d->clock);
		view_join(&to->view, &d->view);
	}
}

/* The thread has all that the clock has: most loads find nothing new. */
static bool is_known(const struct clock *clock)
{
	const struct clock *own = &run.current->clock;
	unsigned int i;

	for (i = 0; i < run.nr_threads; i++)
		if (clock->t[i] > own->t[i])
			return false;
	return true;
}

void depend_loaded(addr_t from, uint64_t value, const struct clock *released,
		   const struct view *view)
{
	struct dependency *d;
	addr_t begin;
	size_t size;

	if (!options.weak && is_known(released))
		return;
	if (!memory_extent(value, &begin, &size))
		return;
	d = dependency_on(begin, size);
	if (released)
		clock_join(&d->clock, released);
	if (view)
		view_join(&d->view, view);
	inherit(d, from);
}

void depend_plain_read(addr_t from)
{
	int self = run.current->id;
	unsigned int i;

	for (i = 0; i < nr_dependencies(self); i++)
		if (covers(&lists[self][i], from)) {
			depend_loaded(from, *(uint64_t *)from, NULL, NULL);
			return;
		}
}

bool depend_orders(addr_t addr, int other, uint32_t time)
{
	int self = run.current->id;
	unsigned int i;

	for (i = 0; i < nr_dependencies(self); i++) {
		const struct dependency *d = &lists[self][i];

		if (covers(d, addr) && d->clock.t[other] >= time)
			return true;
	}
	return false;
}

/* The oldest store to the location that an access through a pointer may read. */
uint32_t depend_oldest(addr_t addr, unsigned int past)
{
	int self = run.current->id;
	uint32_t oldest = 0;
	unsigned int i;

	for (i = 0; i < nr_dependencies(self); i++) {
		const struct dependency *d = &lists[self][i];

		if (covers(d, addr) && d->view.t[past] > oldest)
			oldest = d->view.t[past];
	}
	return oldest;
}
