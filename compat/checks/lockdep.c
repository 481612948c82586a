// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The order of locks, with LFSHIM_CHECKS; see <linux/lockdep.h>.
 *
 * A graph: its nodes are classes, and an edge from A to B says that somebody
 * took a B while holding an A, and where. A new edge is looked at once: if
 * there is a way back from B to A, threads that come along those edges at the
 * same time may wait for each other in a circle. Such an edge is reported and
 * stays out of the graph, so that every other place that adds it is found too.
 *
 * Edges say how the locks were held and taken. Who takes B shared and
 * recursively is not kept waiting by others who hold B shared: where an edge
 * ends like that and the next begins like that, there is no circle.
 *
 * Everything is in static tables under one lock, which is not looked at by what
 * it protects: no memory is allocated, and nothing is reported under it.
 */

#include <stdio.h>
#include <linux/lockdep.h>
#include <linux/sched.h>

#include "kernel/fork.h"
#include "kernel/internal.h"

#define MAX_CLASSES	1024
#define MAX_EDGES	8192
#define CLASS_LISTS	256
#define MAX_PAIRS	2048
#define NAME_LEN	48
/* Edges of a circle that are printed. */
#define MAX_STEPS	8

/* Numbers of classes and edges are their index; 0 is none. */
struct class {
	/* NULL: on the free list. */
	const void *key;
	unsigned int subclass;
	/* Of the same hash, or free. */
	unsigned int next;
	/* Edges that begin here. */
	unsigned int edges;
	char name[NAME_LEN];
};

struct edge {
	unsigned int to;
	/* Of the same class, or free. */
	unsigned int next;
	/* The first was held shared; the second taken shared and recursively. */
	bool held_shared, recursive;
	/* Where the first was taken, and the second. */
	unsigned long held_ip, ip;
};

/* A node in a search: a class, and how it was reached. */
struct state {
	/* Number of the search that has been here. */
	unsigned int search;
	/* The edge by which, and the state from which. */
	unsigned int edge, from;
};

struct step {
	char held[NAME_LEN], taken[NAME_LEN];
	unsigned long held_ip, ip;
};

struct report {
	enum { NOTHING, RECURSION, CIRCLE, FULL } what;
	unsigned int nr_steps;
	struct step steps[MAX_STEPS];
};

/* Protects all that follows. Innermost; fork() holds it. */
static DEFINE_SPINLOCK(lockdep_lock);

LFPRIV_AT_FORK(lockdep_fork) = {
	.level = LFPRIV_FORK_LOCKDEP,
	.lock = &lockdep_lock,
};
static struct class classes[MAX_CLASSES];
static struct edge edges[MAX_EDGES];
static unsigned int nr_classes = 1, nr_edges = 1, free_classes, free_edges;
static unsigned int class_lists[CLASS_LISTS];
static struct state states[MAX_CLASSES * 2];
static unsigned int queue[MAX_CLASSES * 2];
static unsigned int nr_searches;
/* Places that a report was made of. */
static struct {
	unsigned long held_ip, ip;
} pairs[MAX_PAIRS];
static unsigned int nr_pairs;
/* Out of room: what is missing could be what is wrong. */
static bool turned_off;

/* Pairs of places */

static unsigned int hash(unsigned long a, unsigned long b)
{
	return ((a * 31 + b) * 0x9e3779b97f4a7c15ull) >> 40;
}

static unsigned int find_pair(unsigned long held_ip, unsigned long ip)
{
	unsigned int i = hash(held_ip, ip) % MAX_PAIRS;

	while (pairs[i].ip &&
	       (pairs[i].ip != ip || pairs[i].held_ip != held_ip))
		i = (i + 1) % MAX_PAIRS;
	return i;
}

/* False: it was reported, or so many were that this one does not matter. */
static bool new_pair(unsigned long held_ip, unsigned long ip)
{
	unsigned int i = find_pair(held_ip, ip);

	if (pairs[i].ip || nr_pairs >= MAX_PAIRS / 2)
		return false;
	nr_pairs++;
	pairs[i].held_ip = held_ip;
	pairs[i].ip = ip;
	return true;
}

bool lfpriv_lockdep_new_pair(unsigned long held_ip, unsigned long ip)
{
	bool new;

	spin_lock(&lockdep_lock);
	new = new_pair(held_ip, ip);
	spin_unlock(&lockdep_lock);
	return new;
}

/* Classes and edges */

static unsigned int *class_list(const void *key, unsigned int subclass)
{
	return &class_lists[hash((unsigned long)key, subclass) % CLASS_LISTS];
}

static unsigned int find_class(const void *key, unsigned int subclass)
{
	unsigned int c;

	for (c = *class_list(key, subclass); c; c = classes[c].next)
		if (classes[c].key == key && classes[c].subclass == subclass)
			break;
	return c;
}

/* 0: out of room. */
static unsigned int class_of(const struct lfshim_held *h)
{
	unsigned int c = find_class(h->key, h->subclass), *list;

	if (c)
		return c;
	c = free_classes;
	if (c)
		free_classes = classes[c].next;
	else if (nr_classes < MAX_CLASSES)
		c = nr_classes++;
	else
		return 0;
	classes[c].key = h->key;
	classes[c].subclass = h->subclass;
	classes[c].edges = 0;
	/* A copy: the class outlives the lock. */
	lfpriv_held_name(classes[c].name, NAME_LEN, h);
	list = class_list(h->key, h->subclass);
	classes[c].next = *list;
	*list = c;
	return c;
}

static bool add_edge(unsigned int from, const struct edge *new)
{
	unsigned int e = free_edges, *link = &classes[from].edges;

	if (e)
		free_edges = edges[e].next;
	else if (nr_edges < MAX_EDGES)
		e = nr_edges++;
	else
		return false;
	/* At the end: of two ways, the older one is reported. */
	while (*link)
		link = &edges[*link].next;
	*link = e;
	edges[e] = *new;
	edges[e].next = 0;
	return true;
}

static bool has_edge(unsigned int from, const struct edge *new)
{
	unsigned int e;

	for (e = classes[from].edges; e; e = edges[e].next)
		if (edges[e].to == new->to &&
		    edges[e].held_shared == new->held_shared &&
		    edges[e].recursive == new->recursive)
			return true;
	return false;
}

/* Free the edges of @from, those to @to only if that is not 0. */
static void drop_edges(unsigned int from, unsigned int to)
{
	unsigned int *link = &classes[from].edges, e;

	while ((e = *link)) {
		if (to && edges[e].to != to) {
			link = &edges[e].next;
			continue;
		}
		*link = edges[e].next;
		edges[e].next = free_edges;
		free_edges = e;
	}
}

static void drop_class(unsigned int c)
{
	unsigned int *link = class_list(classes[c].key, classes[c].subclass), i;

	while (*link != c)
		link = &classes[*link].next;
	*link = classes[c].next;
	drop_edges(c, 0);
	for (i = 1; i < nr_classes; i++)
		drop_edges(i, c);
	classes[c].key = NULL;
	classes[c].next = free_classes;
	free_classes = c;
}

void lockdep_init_map_waits(struct lockdep_map *map, const char *name,
			    struct lock_class_key *key, int subclass, u8 inner,
			    u8 outer)
{
	unsigned int i, c;

	map->name = name;
	map->key = key;
	map->subclass = subclass;
	map->wait_type_inner = inner;
	map->wait_type_outer = outer;
	if (key)
		return;
	/* There may have been another map at this address. */
	spin_lock(&lockdep_lock);
	for (i = 0; i < MAX_LOCKDEP_SUBCLASSES; i++) {
		c = find_class(map, i);
		if (c)
			drop_class(c);
	}
	spin_unlock(&lockdep_lock);
}

/* Circles */

static void add_step(struct report *r, const char *held, unsigned long held_ip,
		     const char *taken, unsigned long ip)
{
	struct step *s = &r->steps[r->nr_steps];

	if (r->nr_steps++ >= MAX_STEPS)
		return;
	strcpy(s->held, held);
	strcpy(s->taken, taken);
	s->held_ip = held_ip;
	s->ip = ip;
}

/* The steps to a state of the search that has just been made. */
static void add_steps(struct report *r, unsigned int s)
{
	const struct edge *e;
	unsigned int nr = 0;

	/* They are linked backwards; the search is done with the queue. */
	for (; states[s].edge; s = states[s].from)
		queue[nr++] = s;
	while (nr--) {
		s = queue[nr];
		e = &edges[states[s].edge];
		add_step(r, classes[states[s].from / 2].name, e->held_ip,
			 classes[e->to].name, e->ip);
	}
}

/* Is there a way from @new's end back to its beginning? The shortest. */
static bool closes_circle(unsigned int from, const struct edge *new,
			  struct report *r)
{
	unsigned int s = new->to * 2 + new->recursive, head = 0, tail = 0, i;

	states[s] = (struct state){ .search = ++nr_searches };
	queue[tail++] = s;
	while (head < tail) {
		s = queue[head++];
		for (i = classes[s / 2].edges; i; i = edges[i].next) {
			const struct edge *e = &edges[i];
			unsigned int t = e->to * 2 + e->recursive;

			/* Reached and left in ways that do not collide. */
			if (s % 2 && e->held_shared)
				continue;
			if (states[t].search == nr_searches)
				continue;
			states[t] = (struct state){ nr_searches, i, s };
			if (e->to != from) {
				queue[tail++] = t;
				continue;
			}
			if (e->recursive && new->held_shared)
				continue;
			add_step(r, classes[from].name, new->held_ip,
				 classes[new->to].name, new->ip);
			add_steps(r, t);
			return true;
		}
	}
	return false;
}

/* @new is about to be taken while @h is held. */
static void relate(const struct lfshim_held *h, const struct lfshim_held *new,
		   bool nested, struct report *r)
{
	struct edge edge = {
		.held_shared = h->read,
		.recursive = new->read == 2,
		.held_ip = h->ip,
		.ip = new->ip,
	};
	unsigned int from = class_of(h), p;

	edge.to = class_of(new);
	if (!from || !edge.to) {
		r->what = FULL;
		return;
	}
	if (from == edge.to) {
		if (nested || (edge.recursive && edge.held_shared) ||
		    !new_pair(h->ip, new->ip))
			return;
		r->what = RECURSION;
		add_step(r, classes[from].name, h->ip, classes[from].name,
			 new->ip);
		return;
	}
	if (has_edge(from, &edge))
		return;
	p = find_pair(h->ip, new->ip);
	if (pairs[p].ip)
		return;
	if (closes_circle(from, &edge, r)) {
		r->what = new_pair(h->ip, new->ip) ? CIRCLE : NOTHING;
		return;
	}
	if (!add_edge(from, &edge))
		r->what = FULL;
}

static __cold void print_circle(const struct report *r)
{
	struct lfpriv_symbol taken, held;
	const struct step *s;
	char text[3072];
	unsigned int i, nr = min(r->nr_steps, (unsigned int)MAX_STEPS);
	int len;

	len = snprintf(text, sizeof(text), "possible deadlock: %s",
		       r->steps[0].held);
	for (i = 0; i < nr; i++)
		len += snprintf(text + len, sizeof(text) - len, " -> %s",
				r->steps[i].taken);
	if (nr < r->nr_steps)
		len += snprintf(text + len, sizeof(text) - len, " -> ... -> %s",
				r->steps[0].held);
	for (i = 0; i < nr; i++) {
		s = &r->steps[i];
		len += snprintf(text + len, sizeof(text) - len,
				"\n  %s taken at %s while %s was held since %s",
				s->taken, lfpriv_symbol_of(&taken, s->ip), s->held,
				lfpriv_symbol_of(&held, s->held_ip));
	}
	WARN(1, "%s", text);
}

static __cold void print(const struct report *r)
{
	const struct step *s = &r->steps[0];
	struct lfpriv_symbol taken, held;

	switch (r->what) {
	case NOTHING:
		break;
	case RECURSION:
		WARN(1, "possible recursion: %s taken at %s, and one of that class is held already, since %s",
		     s->taken, lfpriv_symbol_of(&taken, s->ip),
		     lfpriv_symbol_of(&held, s->held_ip));
		break;
	case CIRCLE:
		print_circle(r);
		break;
	case FULL:
		WARN(1, "lockdep has no room for more than %u classes and %u orders of locks: it is turned off",
		     MAX_CLASSES, MAX_EDGES);
		break;
	}
}

static bool holds(const struct lfshim_held_stack *held,
		  const struct lockdep_map *map)
{
	unsigned int i;

	for (i = 0; map && i < held->nr; i++)
		if (held->lock[i].map == map)
			return true;
	return false;
}

void lfpriv_lockdep_check(struct lfshim_held_stack *held,
			  const struct lfshim_held *new,
			  const struct lockdep_map *nest)
{
	bool nested = holds(held, nest);
	struct report r;
	unsigned int i;

	r.what = NOTHING;
	r.nr_steps = 0;
	spin_lock(&lockdep_lock);
	/* One report is enough: what else there is will be there again. */
	for (i = held->nr; i-- && !turned_off && !r.what; ) {
		if (held->lock[i].hardirq != new->hardirq)
			break;
		if (held->lock[i].map)
			relate(&held->lock[i], new, nested, &r);
	}
	if (r.what == FULL)
		turned_off = true;
	spin_unlock(&lockdep_lock);
	if (likely(!r.what))
		return;
	held->reporting++;
	print(&r);
	held->reporting--;
}
