// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Counts of references. An op on a count tells its caller only if the count was, or
 * is now, 0. So two of them commute unless the count may reach 0.
 *
 * When may it? Take the first op on a count, or the first one after a write to it. The
 * count is B. From there on, let each drop be paired with one take of a reference that
 * happens before it, and each take with one drop at most; and let the number of pairs
 * be the highest possible. If U drops have no pair, then B - U is the lowest value
 * that the count has in any order of the same events in which each event comes after
 * those that happen before it (König: a set of drops, with the takes before them, has
 * at most U drops more than takes, and one such set has U). A drop with B - U > 0 is
 * an OP_COUNT. So is a take of a count that is not 0.
 *
 * Another drop is a write: it happens after all ops on the count before it, and before
 * all that follow. So a count of 0 is always the work of a write. The ops with
 * OP_COUNT see no 0 in any order, so nobody can tell their order, and it is no
 * dependency. But a read of the count, as by refcount_read(), depends on them.
 *
 * Which drops are writes depends only on what happens before what, not on the order
 * of the run. So all orders with the same dependencies have the same writes; and if a
 * drop is a write after some events, it still is after one more that it does not
 * depend on. The reduction needs no more than that: see the assignments of
 * happens-before relations in the paper that reduce.c names.
 *
 * A drop releases, and acquires only if the count is 0 then. A take does neither.
 */
#include <limits.h>
#include <string.h>

#include "engine.h"
#include "order.h"

#define MAX_COUNTS	128
/* They are bits of a mask. With more takes or drops than this, they are writes. */
#define MAX_CHANGES	64
#define NO_PAIR		-1

struct take {
	uint32_t event;
	int thread;
	/* The number of its drop, or NO_PAIR. */
	int drop;
};

struct count {
	/* An op since the last write has set @base. */
	bool begun;
	int64_t base;
	unsigned int nr_takes, nr_drops, unpaired;
	struct take takes[MAX_CHANGES];
	/* Of each drop: the takes before it, as bits. */
	uint64_t before[MAX_CHANGES];
	/* Events: the last of each thread, plus 1; those that a write is after. */
	uint32_t last[LFX_THREADS];
	struct clock events;
};

static struct count counts[MAX_COUNTS];
static unsigned int nr_counts = 1;

void count_reset(void)
{
	nr_counts = 1;
}

static int64_t value_of(const struct op *op)
{
	return *(const int32_t *)op->addr;
}

static struct count *known_count(const struct thread *t)
{
	struct count *c = &counts[run.locations[t->op.location].count];

	return c->begun ? c : NULL;
}

static uint64_t takes_before(const struct count *c, const struct clock *events)
{
	uint64_t mask = 0;
	unsigned int i;

	for (i = 0; i < c->nr_takes; i++)
		if (events->t[c->takes[i].thread] > c->takes[i].event)
			mask |= 1ull << i;
	return mask;
}

/*
 * Find a take for a drop, and others for the drops that have it now (Kuhn). @set: make
 * the pairs. @seen: the takes that were tried.
 */
static bool find_pair(struct count *c, int drop, uint64_t before, bool set,
		      uint64_t *seen)
{
	uint64_t left;
	int i, other;

	for (left = before; left; left &= left - 1) {
		i = __builtin_ctzll(left);
		if (*seen & 1ull << i)
			continue;
		*seen |= 1ull << i;
		other = c->takes[i].drop;
		if (other != NO_PAIR &&
		    !find_pair(c, other, c->before[other], set, seen))
			continue;
		if (set)
			c->takes[i].drop = drop;
		return true;
	}
	return false;
}

static unsigned int drop_effect(const struct thread *t, int64_t value)
{
	struct count *c = known_count(t);
	uint64_t seen = 0;

	if (!c)
		return value > 1 ? OP_COUNT : OP_WRITE;
	if (value <= 1 || c->nr_drops == MAX_CHANGES)
		return OP_WRITE;
	if (c->base - c->unpaired > 1)
		return OP_COUNT;
	return find_pair(c, c->nr_drops, takes_before(c, &t->events), false,
			 &seen) ? OP_COUNT : OP_WRITE;
}

unsigned int count_effect(const struct thread *t)
{
	int64_t value = value_of(&t->op);
	const struct count *c;

	/* Two counts may have one location. */
	if (run.locations[t->op.location].wide)
		return OP_WRITE;
	if (!value && t->op.form == FORM_COUNT_UP_NOT_ZERO)
		return OP_READ;
	/* It is, or may soon be, saturated. */
	if (value <= 0 || value > INT_MAX / 2)
		return OP_WRITE;
	if (!run.locations[t->op.location].count && nr_counts == MAX_COUNTS)
		return OP_WRITE;
	if (t->op.form == FORM_COUNT_DOWN)
		return drop_effect(t, value);
	c = known_count(t);
	return c && c->nr_takes == MAX_CHANGES ? OP_WRITE : OP_COUNT;
}

void count_event(const struct thread *t, uint32_t nr)
{
	struct location *l = &run.locations[t->op.location];
	struct count *c;
	uint64_t seen = 0;

	if (!l->count) {
		l->count = nr_counts++;
		c = &counts[l->count];
		c->begun = false;
		memset(c->last, 0, sizeof(c->last));
		memset(&c->events, 0, sizeof(c->events));
	}
	c = &counts[l->count];
	if (!c->begun) {
		c->begun = true;
		c->base = value_of(&t->op);
		c->nr_takes = c->nr_drops = c->unpaired = 0;
	}
	if (t->op.form == FORM_COUNT_DOWN) {
		c->before[c->nr_drops] = takes_before(c, &t->events);
		if (!find_pair(c, c->nr_drops, c->before[c->nr_drops], true,
			       &seen))
			c->unpaired++;
		c->nr_drops++;
	} else {
		c->takes[c->nr_takes++] = (struct take){ nr, t->id, NO_PAIR };
	}
	c->last[t->id] = nr + 1;
	clock_join(&c->events, &t->events);
}

void count_written(struct location *l)
{
	counts[l->count].begun = false;
}

uint32_t count_last(const struct location *l, int q)
{
	return counts[l->count].last[q];
}

const struct clock *count_events(const struct location *l)
{
	return &counts[l->count].events;
}
