/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Lock assertions and, with CONFIG_LOCKDEP (-Dchecks=true), a small validator
 * of the order in which locks are taken. docs/fidelity.md says what it finds.
 *
 * A lock with a struct lockdep_map (a mutex has one) belongs to a class: that
 * of its key or, without one, its own. Taking one lock while another is held
 * orders their classes, and an order that closes a circle is reported, with
 * both places of every step, although no thread has to hang for it. A map can
 * also stand for something that is no lock: see dma_fence_begin_signalling().
 *
 * Spinlocks have no map: four bytes are theirs. It is known which are held and
 * since where, but they are in no order.
 */
#ifndef _LINUX_LOCKDEP_H
#define _LINUX_LOCKDEP_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/bug.h>
#include <linux/instruction_pointer.h>

/*
 * What a lock may do to whoever takes it, and what may be done while it is
 * held. While a map is held whose inner type is LD_WAIT_FREE, nothing may wait.
 */
enum lockdep_wait_type {
	/* Not said. */
	LD_WAIT_INV,
	LD_WAIT_FREE,
	LD_WAIT_SPIN,
	LD_WAIT_CONFIG = LD_WAIT_SPIN,
	LD_WAIT_SLEEP,
	LD_WAIT_MAX,
};

#define SINGLE_DEPTH_NESTING	1
#define MAX_LOCKDEP_SUBCLASSES	8

struct lock_class_key { char unused; };

struct spinlock;
struct mutex;

#ifdef CONFIG_LOCKDEP
struct lockdep_map {
	/* NULL: the address of the map itself is the class. */
	struct lock_class_key *key;
	const char *name;
	/* enum lockdep_wait_type; an outer one of LD_WAIT_INV is as the inner. */
	u8 wait_type_outer;
	u8 wait_type_inner;
	/* For who acquires it with subclass 0. */
	u8 subclass;
};

#define STATIC_LOCKDEP_MAP_INIT(_name, _key) \
	{ .name = (_name), .key = (void *)(_key) }

/**
 * lockdep_init_map_waits - make memory a lockdep map
 * @map: not held by anybody
 * @name: for reports; lives as long as the map
 * @key: of its class; NULL for a class of its own, which forgets what was
 *	known of another map at this address
 * @subclass: 0, or another class of that key
 * @inner: what may be taken while it is held
 * @outer: what it is itself; LD_WAIT_INV: the same
 */
void lockdep_init_map_waits(struct lockdep_map *map, const char *name,
			    struct lock_class_key *key, int subclass, u8 inner,
			    u8 outer) LFSHIM(lockdep_init_map_waits);
#define lockdep_init_map_wait(map, name, key, subclass, inner) \
	lockdep_init_map_waits(map, name, key, subclass, inner, LD_WAIT_INV)
#define lockdep_init_map(map, name, key, subclass) \
	lockdep_init_map_wait(map, name, key, subclass, LD_WAIT_INV)

/**
 * lock_acquire - a lock is about to be taken, or was just taken by trylock
 * @map: the lock's
 * @subclass: for locks of one class that are taken in an order of their own
 * @trylock: it cannot wait, so this orders nothing before it
 * @read: 0 exclusive, 1 shared, 2 shared and recursive: does not wait for who
 *	holds it shared, nor for who waits to hold it exclusively
 * @check: 0: only note that it is held
 * @nest: a map under whose protection locks of one class are taken in any
 *	order, or NULL
 * @ip: the place, for reports
 */
void lock_acquire(struct lockdep_map *map, unsigned int subclass, int trylock,
		  int read, int check, struct lockdep_map *nest,
		  unsigned long ip) LFSHIM(lock_acquire);
void lock_release(struct lockdep_map *map, unsigned long ip)
	LFSHIM(lock_release);

/**
 * lock_is_held_type - does this task hold it?
 * @map: a lock's
 * @read: 1 shared, 0 exclusively, -1 in any way
 */
int lock_is_held_type(const struct lockdep_map *map, int read)
	LFSHIM(lock_is_held_type);
#define lock_is_held(map)		lock_is_held_type(map, -1)

#define lock_map_acquire(map) \
	lock_acquire(map, 0, 0, 0, 1, NULL, _THIS_IP_)
#define lock_map_acquire_try(map) \
	lock_acquire(map, 0, 1, 0, 1, NULL, _THIS_IP_)
#define lock_map_acquire_read(map) \
	lock_acquire(map, 0, 0, 2, 1, NULL, _THIS_IP_)
#define lock_map_release(map)		lock_release(map, _THIS_IP_)

/* The map of a lock, or NULL where it has none. */
struct lockdep_map *lfshim_mutex_map(void *lock);

static inline struct lockdep_map *lfshim_no_map(void *lock)
{
	return NULL;
}

#define lfshim_lock_map(lock)						\
	_Generic((lock),						\
		 struct mutex *: lfshim_mutex_map,			\
		 default: lfshim_no_map)((void *)(lock))

static inline void lfshim_set_class(struct lockdep_map *map, const char *name,
				    struct lock_class_key *key, int subclass)
{
	if (map)
		lockdep_init_map_waits(map, name ? name : map->name,
				       key ? key : map->key, subclass,
				       map->wait_type_inner,
				       map->wait_type_outer);
}

/* Of a lock that nobody holds; spinlocks have no class, and nothing happens. */
#define lockdep_set_class_and_name(lock, key, name) \
	lfshim_set_class(lfshim_lock_map(lock), name, key, 0)
#define lockdep_set_class(lock, key) \
	lockdep_set_class_and_name(lock, key, #key)
#define lockdep_set_subclass(lock, sub) \
	lfshim_set_class(lfshim_lock_map(lock), NULL, NULL, sub)
#else
struct lockdep_map { const char *name; };

#define STATIC_LOCKDEP_MAP_INIT(_name, _key)	{ .name = (_name) }
#define lockdep_init_map_waits(map, name, key, subclass, inner, outer)	\
	((void)(map), (void)(name), (void)(key))
#define lockdep_init_map_wait(map, name, key, subclass, inner)		\
	((void)(map), (void)(name), (void)(key))
#define lockdep_init_map(map, name, key, subclass)			\
	((void)(map), (void)(name), (void)(key))
#define lock_acquire(map, subclass, trylock, read, check, nest, ip)	\
	((void)(map))
#define lock_release(map, ip)		((void)(map))
#define lock_map_acquire(map)		((void)(map))
#define lock_map_acquire_try(map)	((void)(map))
#define lock_map_acquire_read(map)	((void)(map))
#define lock_map_release(map)		((void)(map))

#define lockdep_set_class(lock, key)	((void)(lock), (void)(key))
#define lockdep_set_class_and_name(lock, key, name) \
	((void)(lock), (void)(key), (void)(name))
#define lockdep_set_subclass(lock, sub)	((void)(lock), (void)(sub))
#endif

/**
 * lfshim_spin_held - does this thread hold the lock?
 */
bool lfshim_spin_held(const struct spinlock *lock);
bool lfshim_mutex_held(const void *lock);

/* A lock of a type that does not know its holder counts as held. */
static inline bool lfshim_held_unknown(const void *lock)
{
	return true;
}

#define lockdep_is_held(lock)						\
	_Generic((lock),						\
		 struct spinlock *: lfshim_spin_held,			\
		 const struct spinlock *: lfshim_spin_held,		\
		 struct mutex *: lfshim_mutex_held,			\
		 const struct mutex *: lfshim_mutex_held,		\
		 default: lfshim_held_unknown)((void *)(lock))

#if LFSHIM_CHECKS
#define lockdep_assert_held(l) \
	((void)WARN(!lockdep_is_held(l), "lock %s is not held here", #l))
#define lockdep_assert_not_held(l) \
	((void)WARN(lockdep_is_held(l), "lock %s is held here", #l))

#define LFSHIM_MAX_HELD		48

/* A lock that a task holds. */
struct lfshim_held {
	/* One of the two. */
	const struct spinlock *spin;
	struct lockdep_map *map;
	/* Where it was taken. */
	unsigned long ip;
	/* The class of the map. */
	const void *key;
	u8 subclass;
	u8 read;
	/* lfshim_tls.hardirq_depth: an interrupt's locks are not ours. */
	u8 hardirq;
};

struct lfshim_held_stack {
	unsigned int nr;
	/* Not in the list: there was no room. */
	unsigned int lost;
	/* A report is being made, and what its hooks do is not looked at. */
	unsigned int reporting;
	/* might_sleep() has just complained of this one. */
	const struct lfshim_held *blamed;
	struct lfshim_held lock[LFSHIM_MAX_HELD];
};
#else
#define lockdep_assert_held(l)		((void)(l))
#define lockdep_assert_not_held(l)	((void)(l))
#endif

#endif
