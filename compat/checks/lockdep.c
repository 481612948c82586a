// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The order of locks, with LFSHIM_CHECKS; see <linux/lockdep.h>.
 *
 * The order is a graph. Its nodes are classes. An edge from A to B says that a
 * thread took a lock of class B while it held one of class A, and at which call
 * sites. A new edge is checked once: if there is a path from B back to A,
 * threads that take the locks of these edges at the same time may wait for each
 * other in a cycle. Such an edge is reported and not added to the graph, so
 * that it is also found at every other call site.
 *
 * An edge says how the locks were held and taken. A thread that takes B shared
 * and recursively does not wait for threads that hold B shared. So if an edge
 * takes B in this way and the next edge holds B shared, they are not part of a
 * cycle.
 *
 * The locks of some classes are ordered one by one: see lockdep_order_two(). A
 * class also knows in which contexts its spinlocks are taken: see
 * lfpriv_lockdep_use() and lockdep_find_inversion().
 *
 * All data is in static tables under one lock, which the checks do not see. No
 * memory is allocated and nothing is reported under that lock.
 */

#include <stdio.h>
#include <linux/bits.h>
#include <linux/lockdep.h>
#include <linux/sched.h>

#include "kernel/fork.h"
#include "kernel/internal.h"

#define MAX_CLASSES	2048
#define MAX_EDGES	8192
#define CLASS_LISTS	256
#define MAX_PAIRS	2048
/* In place of a subclass: the class of one lock of a class, by its address. */
#define INSTANCE	0xff
#define MAX_INSTANCES	256
#define NAME_LEN	48
/* The number of edges of a cycle that are printed. */
#define MAX_STEPS	8

/* A use of a spinlock, and two bits further the use that excludes it. */
enum lock_use {
	USE_IN_HARDIRQ,
	USE_IN_SOFTIRQ,
	USE_HARDIRQS_ON,
	USE_SOFTIRQS_ON,
	NR_USES,
};

/* The number of a class or an edge is its index in the table; 0 means none. */
struct lock_class {
	/* NULL if the class is on the free list. */
	const void *key;
	unsigned int subclass;
	/* The next class with the same hash, or the next free one. */
	unsigned int next;
	/* The first edge from this class. */
	unsigned int edges;
	/* Of spinlocks: the name, or NULL; they are ordered one by one. */
	const char *spin_name;
	bool instances;
	/* Spinlocks have its number, so it is never dropped. */
	bool has_spinlocks;
	/* The bits of enum lock_use that were seen, and the first call sites. */
	unsigned int uses;
	unsigned long use_ip[NR_USES];
	char name[NAME_LEN];
};

struct lock_edge {
	unsigned int to;
	/* The next edge from the same class, or the next free one. */
	unsigned int next;
	/* The first lock was held shared. */
	bool held_shared;
	/* The second lock was taken shared and recursively. */
	bool recursive;
	/* The call sites that took the first and the second lock. */
	unsigned long held_ip, ip;
};

/*
 * A state of a search: a class, and whether the edge that reached it took the
 * lock recursively. The number of a state is twice the class, plus 1 if so.
 */
struct lock_state {
	/* The number of the last search that has reached the state. */
	unsigned int search;
	/* The edge that reached it, and the state in which that edge begins. */
	unsigned int edge, from;
};

struct lockdep_step {
	char held[NAME_LEN], taken[NAME_LEN];
	unsigned long held_ip, ip;
};

struct lockdep_report {
	enum {
		REPORT_NONE,
		REPORT_RECURSION,
		REPORT_CYCLE,
		REPORT_USE,
		REPORT_INVERSION,
		REPORT_FULL,
	} what;
	/* A use, and the call sites of it and of the use that it excludes. */
	enum lock_use use;
	unsigned long use_ip, other_ip;
	/* The class at the end of the path. */
	char last[NAME_LEN];
	unsigned int nr_steps;
	struct lockdep_step steps[MAX_STEPS];
};

/* Protects the data below. Innermost; fork() holds it. */
static DEFINE_SPINLOCK(lockdep_lock);

LFPRIV_AT_FORK(lockdep_fork) = {
	.level = LFPRIV_FORK_LOCKDEP,
	.lock = &lockdep_lock,
};
static struct lock_class classes[MAX_CLASSES];
static struct lock_edge edges[MAX_EDGES];
static unsigned int nr_classes = 1, nr_edges = 1, free_classes, free_edges;
/* The classes of single locks, a ring: the oldest makes room. */
static unsigned int instances[MAX_INSTANCES], next_instance;
static unsigned int class_lists[CLASS_LISTS];
static struct lock_state search_states[MAX_CLASSES * 2];
static unsigned int search_queue[MAX_CLASSES * 2];
static unsigned int nr_searches;
/* A hash table of the pairs of call sites that were reported. */
static struct {
	unsigned long held_ip, ip;
} pairs[MAX_PAIRS];
static unsigned int nr_pairs;
/* The uses of all classes together. */
static unsigned int all_uses;
/* A table was full. With an incomplete graph, the checks would miss cycles. */
static bool turned_off;

/* Pairs of call sites */

static unsigned int lockdep_hash(unsigned long a, unsigned long b)
{
	return ((a * 31 + b) * 0x9e3779b97f4a7c15ull) >> 40;
}

static unsigned int lockdep_find_pair(unsigned long held_ip, unsigned long ip)
{
	unsigned int i = lockdep_hash(held_ip, ip) % MAX_PAIRS;

	while (pairs[i].ip &&
	       (pairs[i].ip != ip || pairs[i].held_ip != held_ip))
		i = (i + 1) % MAX_PAIRS;
	return i;
}

/* False if the pair was reported before, or if there were too many reports. */
static bool lockdep_new_pair(unsigned long held_ip, unsigned long ip)
{
	unsigned int i = lockdep_find_pair(held_ip, ip);

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
	new = lockdep_new_pair(held_ip, ip);
	spin_unlock(&lockdep_lock);
	return new;
}

/* Classes and edges */

static unsigned int *lockdep_class_list(const void *key, unsigned int subclass)
{
	unsigned int h = lockdep_hash((unsigned long)key, subclass);

	return &class_lists[h % CLASS_LISTS];
}

static unsigned int lockdep_find_class(const void *key, unsigned int subclass)
{
	unsigned int c;

	for (c = *lockdep_class_list(key, subclass); c; c = classes[c].next)
		if (classes[c].key == key && classes[c].subclass == subclass)
			break;
	return c;
}

/* Find or make the class of a held lock. Returns 0 if the table is full. */
static unsigned int lockdep_get_class(const struct lfshim_held *h)
{
	unsigned int c = lockdep_find_class(h->key, h->subclass), *list;

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
	classes[c].spin_name = h->name;
	classes[c].instances = h->instances;
	classes[c].has_spinlocks = false;
	classes[c].uses = 0;
	/* A copy, since the class outlives the lock. */
	lfpriv_held_name(classes[c].name, NAME_LEN, h);
	list = lockdep_class_list(h->key, h->subclass);
	classes[c].next = *list;
	*list = c;
	return c;
}

static bool lockdep_add_edge(unsigned int from, const struct lock_edge *new)
{
	unsigned int e = free_edges, *link = &classes[from].edges;

	if (e)
		free_edges = edges[e].next;
	else if (nr_edges < MAX_EDGES)
		e = nr_edges++;
	else
		return false;
	/* At the end of the list: a search then finds older paths first. */
	while (*link)
		link = &edges[*link].next;
	*link = e;
	edges[e] = *new;
	edges[e].next = 0;
	return true;
}

static bool lockdep_has_edge(unsigned int from, const struct lock_edge *new)
{
	unsigned int e;

	for (e = classes[from].edges; e; e = edges[e].next)
		if (edges[e].to == new->to &&
		    edges[e].held_shared == new->held_shared &&
		    edges[e].recursive == new->recursive)
			return true;
	return false;
}

/* Free the edges from @from to @to; if @to is 0, all edges from @from. */
static void lockdep_drop_edges(unsigned int from, unsigned int to)
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

static void lockdep_drop_order(unsigned int c)
{
	unsigned int i;

	lockdep_drop_edges(c, 0);
	for (i = 1; i < nr_classes; i++)
		lockdep_drop_edges(i, c);
}

static void lockdep_drop_class(unsigned int c)
{
	unsigned int *link;

	link = lockdep_class_list(classes[c].key, classes[c].subclass);
	while (*link != c)
		link = &classes[*link].next;
	*link = classes[c].next;
	lockdep_drop_order(c);
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
	/* Forget the classes of another map that was at this address. */
	spin_lock(&lockdep_lock);
	for (i = 0; i < MAX_LOCKDEP_SUBCLASSES; i++) {
		c = lockdep_find_class(map, i);
		if (c)
			lockdep_drop_class(c);
	}
	spin_unlock(&lockdep_lock);
}

void lockdep_unregister_key(struct lock_class_key *key)
{
	unsigned int i, c;

	might_sleep();
	spin_lock(&lockdep_lock);
	for (i = 0; i < MAX_LOCKDEP_SUBCLASSES; i++) {
		c = lockdep_find_class(key, i);
		if (c && classes[c].has_spinlocks) {
			lockdep_drop_order(c);
			classes[c].uses = 0;
		} else if (c) {
			lockdep_drop_class(c);
		}
	}
	spin_unlock(&lockdep_lock);
}

/* The classes of spinlocks */

unsigned int lfpriv_lockdep_spin_class(const void *lock,
				       const struct lfshim_held *like)
{
	struct lfshim_held h = *like;
	unsigned int c;

	/* A lock of the class, for its name. */
	h.spin = lock;
	h.instances = false;
	spin_lock(&lockdep_lock);
	c = lockdep_find_class(lock, INSTANCE);
	if (c)
		lockdep_drop_class(c);
	c = lockdep_get_class(&h);
	classes[c].has_spinlocks = c != 0;
	/* Other threads read it without the lock. */
	if (c && classes[c].instances != like->instances)
		WRITE_ONCE(classes[c].instances, like->instances);
	spin_unlock(&lockdep_lock);
	return c;
}

/* These classes are never dropped, so this needs no lock. */
void lfpriv_lockdep_set_class(struct lfshim_held *h, unsigned int class)
{
	const struct lock_class *c = &classes[class];

	h->key = c->key;
	h->subclass = c->subclass;
	h->name = c->spin_name;
	h->instances = READ_ONCE(c->instances);
}

/* How the calling thread uses a spinlock that it takes now: a set of bits. */
static unsigned int lockdep_uses(void)
{
	unsigned int uses = 0;

	if (lfshim_tls.hardirq_depth)
		uses |= BIT(USE_IN_HARDIRQ);
	else if (lfshim_tls.softirq_depth)
		uses |= BIT(USE_IN_SOFTIRQ);
	if (!lfshim_irqs_off() && !lfshim_tls.hardirq_depth) {
		uses |= BIT(USE_HARDIRQS_ON);
		if (!lfshim_tls.bh_depth && !lfshim_tls.softirq_depth)
			uses |= BIT(USE_SOFTIRQS_ON);
	}
	return uses;
}

/* Cycles */

static void lockdep_add_step(struct lockdep_report *r, const char *held,
			     unsigned long held_ip, const char *taken,
			     unsigned long ip)
{
	struct lockdep_step *s = &r->steps[r->nr_steps];

	if (r->nr_steps++ >= MAX_STEPS)
		return;
	strcpy(s->held, held);
	strcpy(s->taken, taken);
	s->held_ip = held_ip;
	s->ip = ip;
}

/* Add the steps that lead to a state of the last search. */
static void lockdep_add_steps(struct lockdep_report *r, unsigned int s)
{
	const struct lock_edge *e;
	unsigned int nr = 0;

	/* The states are linked backwards. The queue is not used any more. */
	for (; search_states[s].edge; s = search_states[s].from)
		search_queue[nr++] = s;
	while (nr--) {
		s = search_queue[nr];
		e = &edges[search_states[s].edge];
		lockdep_add_step(r, classes[search_states[s].from / 2].name,
				 e->held_ip, classes[e->to].name, e->ip);
	}
}

/*
 * Follow an edge in a search. Returns the state that it reaches, or 0 if the
 * search was there before, or if there is nothing to wait for.
 */
static unsigned int lockdep_follow(unsigned int s, unsigned int edge)
{
	const struct lock_edge *e = &edges[edge];
	unsigned int t = e->to * 2 + e->recursive;

	/* Taken recursively and held shared: no waiting. */
	if ((s % 2 && e->held_shared) || search_states[t].search == nr_searches)
		return 0;
	search_states[t] = (struct lock_state){ nr_searches, edge, s };
	return t;
}

/*
 * True if there is a path from the class that @new takes back to @from. Then
 * the steps of the shortest such cycle are in @r.
 */
static bool lockdep_closes_cycle(unsigned int from, const struct lock_edge *new,
				 struct lockdep_report *r)
{
	unsigned int s = new->to * 2 + new->recursive, head = 0, tail = 0;
	unsigned int t, i;

	search_states[s] = (struct lock_state){ .search = ++nr_searches };
	search_queue[tail++] = s;
	while (head < tail) {
		s = search_queue[head++];
		for (i = classes[s / 2].edges; i; i = edges[i].next) {
			t = lockdep_follow(s, i);
			if (!t)
				continue;
			if (t / 2 != from) {
				search_queue[tail++] = t;
				continue;
			}
			if (t % 2 && new->held_shared)
				continue;
			lockdep_add_step(r, classes[from].name, new->held_ip,
					 classes[new->to].name, new->ip);
			lockdep_add_steps(r, t);
			strcpy(r->last, classes[from].name);
			return true;
		}
	}
	return false;
}

/* Interrupts */

/*
 * Does this state end a path from a class that interrupts take to another one
 * that is taken with interrupts enabled? Those with both uses were reported.
 */
static bool lockdep_ends_inversion(unsigned int end, enum lock_use in,
				   struct lockdep_report *r)
{
	const struct lock_class *c = &classes[end / 2], *first;
	unsigned int s = end;

	if ((c->uses & (BIT(in) | BIT(in ^ 2))) != BIT(in ^ 2))
		return false;
	while (search_states[s].edge)
		s = search_states[s].from;
	first = &classes[s / 2];
	if (!lockdep_new_pair(first->use_ip[in], c->use_ip[in ^ 2]))
		return false;
	r->what = REPORT_INVERSION;
	r->use = in;
	r->use_ip = first->use_ip[in];
	r->other_ip = c->use_ip[in ^ 2];
	strcpy(r->last, c->name);
	lockdep_add_steps(r, end);
	return true;
}

/*
 * A thread holds a lock that interrupts take, too, and waits for a second one.
 * If the holder of that one has interrupts enabled, an interrupt may come, and
 * wait for the first lock. So search all paths that begin at the classes of
 * interrupts.
 */
static void lockdep_find_inversion(enum lock_use in, struct lockdep_report *r)
{
	unsigned int both = BIT(in) | BIT(in ^ 2), head = 0, tail = 0;
	unsigned int s, t, i;

	if ((all_uses & both) != both || r->what)
		return;
	nr_searches++;
	for (i = 1; i < nr_classes; i++) {
		if (!classes[i].key || (classes[i].uses & both) != BIT(in))
			continue;
		search_states[i * 2] =
			(struct lock_state){ .search = nr_searches };
		search_queue[tail++] = i * 2;
	}
	while (head < tail) {
		s = search_queue[head++];
		for (i = classes[s / 2].edges; i; i = edges[i].next) {
			t = lockdep_follow(s, i);
			if (!t)
				continue;
			if (lockdep_ends_inversion(t, in, r))
				return;
			search_queue[tail++] = t;
		}
	}
}

/* There is a new edge or a new use. */
static void lockdep_find_inversions(struct lockdep_report *r)
{
	lockdep_find_inversion(USE_IN_HARDIRQ, r);
	lockdep_find_inversion(USE_IN_SOFTIRQ, r);
}

static void lockdep_order_two(const struct lfshim_held *h,
			      const struct lfshim_held *new,
			      struct lockdep_report *r);

/* Check the order of two locks: @new is about to be taken while @h is held. */
static void lockdep_check_order(const struct lfshim_held *h,
				const struct lfshim_held *new, bool nested,
				struct lockdep_report *r)
{
	struct lock_edge edge = {
		.held_shared = h->read,
		.recursive = new->read == 2,
		.held_ip = h->ip,
		.ip = new->ip,
	};
	unsigned int from = lockdep_get_class(h), p;

	edge.to = lockdep_get_class(new);
	if (!from || !edge.to) {
		r->what = REPORT_FULL;
		return;
	}
	if (from == edge.to && (h->instances || new->instances)) {
		lockdep_order_two(h, new, r);
		return;
	}
	if (from == edge.to) {
		if (nested || (h->spin && h->spin == new->spin) ||
		    (edge.recursive && edge.held_shared) ||
		    !lockdep_new_pair(h->ip, new->ip))
			return;
		r->what = REPORT_RECURSION;
		lockdep_add_step(r, classes[from].name, h->ip,
				 classes[from].name, new->ip);
		return;
	}
	if (lockdep_has_edge(from, &edge))
		return;
	p = lockdep_find_pair(h->ip, new->ip);
	if (pairs[p].ip)
		return;
	if (lockdep_closes_cycle(from, &edge, r)) {
		r->what = lockdep_new_pair(h->ip, new->ip) ? REPORT_CYCLE
							   : REPORT_NONE;
		return;
	}
	if (!lockdep_add_edge(from, &edge)) {
		r->what = REPORT_FULL;
		return;
	}
	/* Single locks have no uses: their class has. */
	if (classes[from].subclass != INSTANCE)
		lockdep_find_inversions(r);
}

/* The class of this lock alone. Makes room for it in the ring. */
static struct lfshim_held lockdep_instance(const struct lfshim_held *h)
{
	struct lfshim_held one = *h;
	unsigned int *slot, old;

	one.key = h->spin;
	one.subclass = INSTANCE;
	one.instances = true;
	if (lockdep_find_class(one.key, INSTANCE))
		return one;
	slot = &instances[next_instance++ % MAX_INSTANCES];
	old = *slot;
	if (old && classes[old].key && classes[old].subclass == INSTANCE)
		lockdep_drop_class(old);
	*slot = lockdep_get_class(&one);
	return one;
}

/*
 * Check the order of two locks of one class whose locks are ordered one by one.
 * These are locks that the fence core takes or has: a callback of one fence may signal another
 * fence of the same kind, and only the program knows in which order. So nothing
 * is wrong until a thread takes the locks in the other order.
 */
static void lockdep_order_two(const struct lfshim_held *h,
			      const struct lfshim_held *new,
			      struct lockdep_report *r)
{
	struct lfshim_held first, second;

	/* The same lock: lfpriv_bug_recursion() reports it. */
	if (h->spin == new->spin)
		return;
	first = lockdep_instance(h);
	second = lockdep_instance(new);
	/* One class each, so this does not come back here. */
	first.instances = second.instances = false;
	lockdep_check_order(&first, &second, false, r);
}

static const char * const use_text[NR_USES] = {
	[USE_IN_HARDIRQ] = "in hard interrupt context",
	[USE_IN_SOFTIRQ] = "in a timer or an RCU callback",
	[USE_HARDIRQS_ON] = "with interrupts enabled",
	[USE_SOFTIRQS_ON] = "with softirqs enabled",
};

static __cold void lockdep_print_steps(const struct lockdep_report *r)
{
	struct lfpriv_symbol taken, held;
	const struct lockdep_step *s;
	char text[3072];
	unsigned int i, nr = min(r->nr_steps, (unsigned int)MAX_STEPS);
	int len;

	len = snprintf(text, sizeof(text), "possible deadlock%s: %s",
		       r->what == REPORT_INVERSION ? " with an interrupt" : "",
		       r->steps[0].held);
	for (i = 0; i < nr; i++)
		len += snprintf(text + len, sizeof(text) - len, " -> %s",
				r->steps[i].taken);
	if (nr < r->nr_steps)
		len += snprintf(text + len, sizeof(text) - len, " -> ... -> %s",
				r->last);
	if (r->what == REPORT_INVERSION)
		len += snprintf(text + len, sizeof(text) - len,
				"\n  the first is taken %s at %s, and the last %s at %s",
				use_text[r->use],
				lfpriv_symbol_of(&taken, r->use_ip),
				use_text[r->use ^ 2],
				lfpriv_symbol_of(&held, r->other_ip));
	for (i = 0; i < nr; i++) {
		s = &r->steps[i];
		len += snprintf(text + len, sizeof(text) - len,
				"\n  %s taken at %s while %s was held since %s",
				s->taken, lfpriv_symbol_of(&taken, s->ip),
				s->held, lfpriv_symbol_of(&held, s->held_ip));
	}
	WARN(1, "%s", text);
}

static __cold void lockdep_print(const struct lockdep_report *r)
{
	const struct lockdep_step *s = &r->steps[0];
	struct lfpriv_symbol taken, held;

	switch (r->what) {
	case REPORT_NONE:
		break;
	case REPORT_RECURSION:
		WARN(1, "possible recursion: %s taken at %s, and a lock of this class is held already, since %s",
		     s->taken, lfpriv_symbol_of(&taken, s->ip),
		     lfpriv_symbol_of(&held, s->held_ip));
		break;
	case REPORT_CYCLE:
	case REPORT_INVERSION:
		lockdep_print_steps(r);
		break;
	case REPORT_USE:
		WARN(1, "inconsistent use of a lock: %s is taken %s at %s, and %s at %s",
		     s->taken, use_text[r->use],
		     lfpriv_symbol_of(&taken, r->use_ip), use_text[r->use ^ 2],
		     lfpriv_symbol_of(&held, r->other_ip));
		break;
	case REPORT_FULL:
		WARN(1, "lockdep is turned off: its tables have room for %u classes and %u edges only",
		     MAX_CLASSES, MAX_EDGES);
		break;
	}
}

/* Note the uses that the class did not have. */
static void lockdep_add_uses(struct lock_class *c, unsigned int uses,
			     unsigned long ip, struct lockdep_report *r)
{
	unsigned int new = uses & ~c->uses, use;

	WRITE_ONCE(c->uses, c->uses | uses);
	all_uses |= uses;
	for (use = 0; use < NR_USES; use++) {
		if (!(new & BIT(use)))
			continue;
		c->use_ip[use] = ip;
		if (!(c->uses & BIT(use ^ 2)))
			continue;
		r->what = REPORT_USE;
		r->use = use;
		r->use_ip = ip;
		r->other_ip = c->use_ip[use ^ 2];
		r->nr_steps = 0;
		lockdep_add_step(r, "", 0, c->name, ip);
	}
	if (new)
		lockdep_find_inversions(r);
}

static noinline void lockdep_new_use(struct lfshim_held_stack *held,
				     const struct lfshim_held *h,
				     unsigned int uses)
{
	struct lockdep_report r;
	unsigned int class;

	r.what = REPORT_NONE;
	r.nr_steps = 0;
	spin_lock(&lockdep_lock);
	/* Its subclass may be that of the call. */
	class = lockdep_get_class(h);
	if (class && !turned_off)
		lockdep_add_uses(&classes[class], uses, h->ip, &r);
	spin_unlock(&lockdep_lock);
	if (likely(!r.what))
		return;
	held->reporting++;
	lockdep_print(&r);
	held->reporting--;
}

/*
 * An interrupt may come while its lock is held with interrupts enabled. If a
 * function of an interrupt takes a lock of the class too, that is a deadlock.
 */
void lfpriv_lockdep_use(struct lfshim_held_stack *held,
			const struct lfshim_held *h, unsigned int class)
{
	unsigned int uses = lockdep_uses();

	/* Relaxed: if this misses a bit, the test under the lock finds it. */
	if (likely(!(uses & ~READ_ONCE(classes[class].uses)) &&
		   h->subclass == classes[class].subclass))
		return;
	lockdep_new_use(held, h, uses);
}

static bool lockdep_holds(const struct lfshim_held_stack *held,
			  const struct lockdep_map *map)
{
	unsigned int i;

	for (i = 0; map && i < held->nr; i++)
		if (held->lock[i].map == map)
			return true;
	return false;
}

/*
 * Does this lock come before the next one? A spinlock has to be held still: an
 * xarray drops the lock of its caller to allocate.
 */
static bool lockdep_orders(const struct lfshim_held *h)
{
	return h->key && !h->freed && (!h->spin || lfshim_spin_held(h->spin));
}

void lfpriv_lockdep_check(struct lfshim_held_stack *held,
			  const struct lfshim_held *new,
			  const struct lockdep_map *nest)
{
	bool nested = lockdep_holds(held, nest);
	struct lockdep_report r;
	unsigned int i;

	r.what = REPORT_NONE;
	r.nr_steps = 0;
	spin_lock(&lockdep_lock);
	/* Stop after one report: other faults are found at the next call. */
	for (i = held->nr; i-- && !turned_off && !r.what; ) {
		if (held->lock[i].hardirq != new->hardirq)
			break;
		if (lockdep_orders(&held->lock[i]))
			lockdep_check_order(&held->lock[i], new, nested, &r);
	}
	if (r.what == REPORT_FULL)
		turned_off = true;
	spin_unlock(&lockdep_lock);
	if (likely(!r.what))
		return;
	held->reporting++;
	lockdep_print(&r);
	held->reporting--;
}
