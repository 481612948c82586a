// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Dynamic partial order reduction with source sets: only orders of dependent
 * operations are tried (Abdulla, Aronis, Jonsson, Sagonas: "Optimal dynamic partial
 * order reduction", POPL 2014).
 *
 * Each op that was chosen is an event. Events of one thread, and events on the same
 * location of which one writes, are dependent. The clock of an event has, for each
 * thread, the number of the last event that is before it, plus 1.
 */
#include <string.h>

#include "engine.h"
#include "order.h"
#include "search.h"

#define MAX_EVENTS	100000
#define NO_NODE		UINT32_MAX

struct event {
	uint32_t node;
	uint32_t thread : 8;
	/* Of an unlock: the event that took the lock, plus 1. */
	uint32_t locked : 24;
	struct clock before;
};

static struct event events[MAX_EVENTS];
static uint32_t nr_events, nr_nodes_seen;

void reduce_reset(void)
{
	nr_events = nr_nodes_seen = 0;
}

static bool is_before(uint32_t e, const struct clock *clock)
{
	return clock->t[events[e].thread] > e;
}

/*
 * The last event of @q on @l that conflicts with an op of this effect, plus 1; or 0.
 * A lock cannot be taken before the unlock, but it can before the other lock.
 */
static uint32_t last_conflict(const struct location *l, const struct op *op,
			      unsigned int effect, int q)
{
	uint32_t i = l->last_write[q], write = i;

	if (effect != OP_READ && l->last_read[q] > i)
		i = l->last_read[q];
	if (unlikely(l->count) && effect != OP_COUNT && count_last(l, q) > i)
		i = count_last(l, q);
	if (op->kind == OP_LOCK && i && i == write && events[i - 1].locked)
		i = events[i - 1].locked;
	return i;
}

/*
 * The events after @e that @e is not before, followed by the op of @t, could have
 * come before @e. Returns the threads that could be the first of them: bits.
 */
static uint32_t initials(uint32_t e, const struct thread *t,
			 const struct location *l, unsigned int effect)
{
	uint32_t seen = 0, result = 0, first[LFX_THREADS], j, last;
	int q, nr = run.nr_threads;
	bool free;

	for (j = e + 1; j < nr_events; j++) {
		const struct event *ev = &events[j];

		if (is_before(e, &ev->before) || (seen & 1u << ev->thread))
			continue;
		free = true;
		for (q = 0; q < nr; q++)
			if ((seen & 1u << q) && ev->before.t[q] > first[q])
				free = false;
		seen |= 1u << ev->thread;
		first[ev->thread] = j;
		if (free)
			result |= 1u << ev->thread;
	}
	if (seen & 1u << t->id)
		return result;
	free = true;
	for (q = 0; q < nr; q++) {
		if (!(seen & 1u << q))
			continue;
		last = last_conflict(l, &t->op, effect, q);
		if (t->events.t[q] > first[q] ||
		    (last > first[q] &&
		     !is_before(e, &events[last - 1].before)))
			free = false;
	}
	return free ? result | 1u << t->id : result;
}

static void try_before(uint32_t e, const struct thread *t,
		       const struct location *l, unsigned int effect)
{
	struct node *node;
	uint32_t first;

	if (events[e].node == NO_NODE)
		return;
	node = search_node(events[e].node);
	first = initials(e, t, l, effect);
	/* One of them was, or is going to be, tried there. */
	if (first & (node->backtrack | node->sleep))
		return;
	first &= node->enabled;
	if (first & 1u << t->id)
		node->backtrack |= 1u << t->id;
	else if (first)
		node->backtrack |= first & -first;
	else
		node->backtrack |= node->enabled;
}

/*
 * With a bound on preemptions: also try to switch where the thread of the event
 * began to run, because the other place may cost one preemption too many.
 */
static void try_before_bounded(uint32_t e, const struct thread *t)
{
	struct node *node;
	uint32_t i = events[e].node, bit = 1u << t->id;

	if (i == NO_NODE)
		return;
	node = search_node(i);
	node->backtrack |= node->enabled & bit ? bit : node->enabled;
	while (i > 0) {
		node = search_node(i);
		if (node->kind == NODE_THREAD &&
		    (node->current != node->chosen || !node->current_enabled))
			break;
		i--;
	}
	node = search_node(i);
	if (node->kind == NODE_THREAD)
		node->backtrack |= node->enabled & bit ? bit : node->enabled;
}

static void find_races(struct thread *t, const struct location *l,
		       unsigned int effect)
{
	uint32_t candidate[LFX_THREADS];
	int q, r, nr = run.nr_threads;
	bool immediate;

	for (q = 0; q < nr; q++) {
		candidate[q] = q == t->id ?
			0 : last_conflict(l, &t->op, effect, q);
		if (candidate[q] <= t->events.t[q])
			candidate[q] = 0;
	}
	for (q = 0; q < nr; q++) {
		if (!candidate[q])
			continue;
		immediate = true;
		for (r = 0; r < nr; r++)
			if (r != q && candidate[r] &&
			    is_before(candidate[q] - 1,
				      &events[candidate[r] - 1].before))
				immediate = false;
		if (!immediate)
			continue;
		if (search_is_bounded())
			try_before_bounded(candidate[q] - 1, t);
		else
			try_before(candidate[q] - 1, t, l, effect);
	}
}

/* The partial order of a run as a number: a sum over its events. */

static uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= 0x9e3779b97f4a7c15ull;
	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9ull;
	return x ^ x >> 32;
}

/* The load that comes next returns an older value. */
void hash_stale(const struct thread *t, unsigned int age)
{
	run.hash += mix(((uint64_t)t->id << 40) +
			((uint64_t)t->nr_events << 8) + age);
}

/* The result of an op is part of it: orders with the same number give the same. */
void hash_value(const struct thread *t, uint64_t value)
{
	if (unlikely(options.classes) && run.phase == PHASE_RUN)
		run.hash += mix(((uint64_t)t->id << 40) +
				((uint64_t)t->nr_events << 8) + 0xff + mix(value));
}

/*
 * Events on a word come in phases: all of a phase have the same effect, and depend on
 * those of the phases before. A write is a phase of its own.
 */
static void hash_event(struct thread *t, struct location *l, unsigned int effect)
{
	uint64_t me;

	if (!l)
		return;
	if (effect != l->phase || effect == OP_WRITE) {
		l->hash_before = mix(l->hash_before + l->hash_phase);
		l->hash_phase = 0;
		l->phase = effect;
	}
	me = mix(mix(((uint64_t)t->id << 40) + ((uint64_t)t->nr_events++ << 8) +
		     effect) + (l->addr & (l->wide ? ~7ul : ~3ul)));
	run.hash += mix(me ^ mix(l->hash_before + 1));
	l->hash_phase += me;
}

/* The events before the op of the thread. */
static void join_events(struct thread *t, const struct location *l,
			unsigned int effect)
{
	clock_join(&t->events, &l->events_written);
	if (effect != OP_READ)
		clock_join(&t->events, &l->events_read);
	if (unlikely(l->count) && effect != OP_COUNT)
		clock_join(&t->events, count_events(l));
}

static void note_event(const struct thread *t, struct location *l,
		       unsigned int effect, uint32_t nr)
{
	switch (effect) {
	case OP_WRITE:
		l->last_write[t->id] = nr + 1;
		clock_join(&l->events_written, &t->events);
		count_written(l);
		break;
	case OP_READ:
		l->last_read[t->id] = nr + 1;
		clock_join(&l->events_read, &t->events);
		break;
	default:
		count_event(t, nr);
	}
}

/*
 * A turn of a busy-wait loop ends after a write to any of the words that it has read.
 * Which one is no order of the run: it may be another one if the words are read again
 * before this one is written. So no event is before the turn.
 */
void reduce_event(struct thread *t, bool races)
{
	struct location *l = NULL;
	unsigned int effect = 0;
	struct event *e;
	uint32_t nr;

	if (t->op.rw && t->op.location) {
		l = &run.locations[t->op.location];
		effect = op_effect(t);
	}
	if (unlikely(options.classes))
		hash_event(t, l, effect);
	if (l && races)
		find_races(t, l, effect);
	if (nr_events == MAX_EVENTS)
		fail("limit", 0, "more than %u events", MAX_EVENTS);
	nr = nr_events++;
	e = &events[nr];
	e->thread = t->id;
	e->node = NO_NODE;
	e->locked = l && t->op.kind == OP_UNLOCK ? l->last_write[t->id] : 0;
	/* Without a new node there was no choice. */
	if (search_depth() > nr_nodes_seen)
		e->node = search_depth() - 1;
	nr_nodes_seen = search_depth();
	if (l)
		join_events(t, l, effect);
	t->events.t[t->id] = nr + 1;
	e->before = t->events;
	if (l)
		note_event(t, l, effect, nr);
}

/*
 * Something that is no event is before an event of another thread. In the history of a
 * model, what the thread noted just before it is before that event, too. So it gets a
 * number. There is no choice before it, and only the next event depends on it.
 */
void reduce_step(struct thread *t)
{
	struct event *e;

	if (!options.noting_events || run.phase != PHASE_RUN)
		return;
	if (nr_events == MAX_EVENTS)
		fail("limit", 0, "more than %u events", MAX_EVENTS);
	e = &events[nr_events++];
	e->thread = t->id;
	e->node = NO_NODE;
	e->locked = 0;
	t->events.t[t->id] = nr_events;
	e->before = t->events;
}

void reduce_unlock(struct thread *t, struct location *l)
{
	reduce_step(t);
	clock_join(&l->events_written, &t->events);
}
