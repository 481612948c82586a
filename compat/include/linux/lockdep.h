/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Lock assertions and, with CONFIG_LOCKDEP (-Dchecks=true), a small validator
 * of the order in which locks are taken. docs/fidelity.md says what it finds.
 * Left out: lock pinning, and the effects of an interrupt between two locks.
 * Implemented in compat/checks/lockdep.c (the order), compat/checks/held.c (the
 * locks that a task holds) and compat/checks/spin.c (the classes of spinlocks).
 *
 * A lock with a struct lockdep_map, such as a mutex, belongs to a class: the
 * class of its key or, without a key, a class of its own. Taking a lock while
 * another one is held orders their classes. An order that closes a cycle is
 * reported, with both call sites of every step; no thread has to deadlock for
 * that. A map can also stand for something that is not a lock: see
 * dma_fence_begin_signalling().
 *
 * A spinlock has no map, since it has only four bytes. A table says which class
 * it has: that of the spin_lock_init() that has initialised it, or of the key
 * that it was given. A lock in static memory that was never initialised in this
 * way is a class of its own.
 */
#ifndef _LINUX_LOCKDEP_H
#define _LINUX_LOCKDEP_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/bug.h>
#include <linux/instruction_pointer.h>
#include <linux/irqflags.h>
#include <linux/list.h>
#include <linux/smp.h>

/*
 * The wait type of a lock. The outer type says how a thread waits for the lock;
 * the inner type says which waits are allowed while the lock is held. While a
 * map with the inner type LD_WAIT_FREE is held, nothing may wait.
 */
enum lockdep_wait_type {
	/* Unspecified. */
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

/* A key in memory that is not static. Here it needs no registration. */
static inline void lockdep_register_key(struct lock_class_key *key)
{
}

struct spinlock;
struct mutex;

#ifdef CONFIG_LOCKDEP
struct lockdep_map {
	/* If NULL, the address of the map is the class. */
	struct lock_class_key *key;
	const char *name;
	/* enum lockdep_wait_type. Outer LD_WAIT_INV: the same as the inner. */
	u8 wait_type_outer;
	u8 wait_type_inner;
	/* Used when the map is acquired with subclass 0. */
	u8 subclass;
};

#define STATIC_LOCKDEP_MAP_INIT(_name, _key) \
	{ .name = (_name), .key = (void *)(_key) }

/**
 * lockdep_init_map_waits - initialise a lockdep map
 * @map: the map, which no task holds
 * @name: for reports; borrowed for as long as the map exists
 * @key: the key of its class, borrowed; NULL for a class of its own, which then
 *	forgets the order that was recorded for another map at this address
 * @subclass: 0, or the number of another class with the same key
 * @inner: the most that may wait while the map is held
 * @outer: how acquiring the map may wait; LD_WAIT_INV: as @inner
 *
 * Context: any.
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
 * @map: the map of the lock
 * @subclass: for several locks of one class that are taken in a fixed order
 * @trylock: nonzero if taking the lock cannot wait; then it is not ordered
 *	after the locks that are already held
 * @read: 0: exclusive. 1: shared. 2: shared and recursive, which waits neither
 *	for shared holders nor for threads that wait to take it exclusively.
 * @check: 0: only record that the lock is held
 * @nest: a held map that allows locks of one class to be taken in any order, or
 *	NULL
 * @ip: the call site, for reports
 *
 * Context: any.
 */
void lock_acquire(struct lockdep_map *map, unsigned int subclass, int trylock,
		  int read, int check, struct lockdep_map *nest,
		  unsigned long ip) LFSHIM(lock_acquire);
void lock_release(struct lockdep_map *map, unsigned long ip)
	LFSHIM(lock_release);

/**
 * lock_is_held_type - does the current task hold a lock?
 * @map: the map of the lock
 * @read: 1: shared; 0: exclusively; -1: either
 *
 * Context: any.
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

/**
 * lockdep_unregister_key - forget the class of a key
 * @key: the key, whose memory may be freed afterwards; no lock with this key is
 *	held or used any more
 *
 * Context: may sleep, as in the kernel.
 */
void lockdep_unregister_key(struct lock_class_key *key)
	LFSHIM(lockdep_unregister_key);

struct lockdep_map *lfshim_mutex_map(void *lock);

/*
 * Set the class of a lock that is not held. Without a name or a key, it keeps
 * those that it has.
 */
static inline void lfshim_mutex_set_class(void *lock, const char *name,
					  struct lock_class_key *key,
					  int subclass)
{
	struct lockdep_map *map = lfshim_mutex_map(lock);

	lockdep_init_map_waits(map, name ? name : map->name,
			       key ? key : map->key, subclass,
			       map->wait_type_inner, map->wait_type_outer);
}

void lfshim_spin_set_class(void *lock, const char *name,
			   struct lock_class_key *key, int subclass);

static inline void lfshim_no_set_class(void *lock, const char *name,
				       struct lock_class_key *key, int subclass)
{
}

#define lfshim_set_class(lock, name, key, subclass)			\
	_Generic((lock),						\
		 struct mutex *: lfshim_mutex_set_class,		\
		 struct spinlock *: lfshim_spin_set_class,		\
		 default: lfshim_no_set_class)((void *)(lock), name, key, \
					       subclass)

#define lockdep_set_class_and_name(lock, key, name) \
	lfshim_set_class(lock, name, key, 0)
#define lockdep_set_class(lock, key) \
	lockdep_set_class_and_name(lock, key, #key)
#define lockdep_set_subclass(lock, sub) \
	lfshim_set_class(lock, NULL, NULL, sub)
#else
struct lockdep_map { const char *name; };

static inline void lockdep_unregister_key(struct lock_class_key *key)
{
}

/* The map is not evaluated: with the kernel's it need not exist. */
#define STATIC_LOCKDEP_MAP_INIT(_name, _key)	{ .name = (_name) }
#define lockdep_init_map_waits(map, name, key, subclass, inner, outer)	\
	((void)(name), (void)(key))
#define lockdep_init_map_wait(map, name, key, subclass, inner)		\
	((void)(name), (void)(key))
#define lockdep_init_map(map, name, key, subclass)			\
	((void)(name), (void)(key))
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
 * lfshim_spin_held - does the current thread hold a spinlock?
 * @lock: the lock
 *
 * Context: any.
 */
bool lfshim_spin_held(const struct spinlock *lock);
bool lfshim_mutex_held(const void *lock);

/* Locks of other types do not know their holder: they count as held. */
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

/* To compare with lockdep_is_held(), which has no unknown state here. */
#define LOCK_STATE_UNKNOWN	(-1)
#define LOCK_STATE_NOT_HELD	0
#define LOCK_STATE_HELD		1

#if LFSHIM_CHECKS
#define lockdep_assert(cond) \
	((void)WARN(!(cond), "lockdep_assert(%s) failed", #cond))
#define lockdep_assert_once(cond) \
	((void)WARN_ONCE(!(cond), "lockdep_assert(%s) failed", #cond))
#define lockdep_assert_held(l) \
	((void)WARN(!lockdep_is_held(l), "lock %s is not held here", #l))
#define lockdep_assert_not_held(l) \
	((void)WARN(lockdep_is_held(l), "lock %s is held here", #l))

#define lockdep_assert_irqs_disabled() \
	((void)WARN_ONCE(!irqs_disabled(), "interrupts are enabled here"))
#define lockdep_assert_irqs_enabled() \
	((void)WARN_ONCE(irqs_disabled(), "interrupts are disabled here"))

/* No lock at all, RCU read-side sections apart. Warns once. */
#define lockdep_assert_none_held_once() \
	((void)WARN_ONCE(current->held.nr, "a lock is held here"))

#define LFSHIM_MAX_HELD		48

/* A lock that a task holds. */
struct lfshim_held {
	/* One of these two is set. */
	const struct spinlock *spin;
	struct lockdep_map *map;
	/* The call site that took it. */
	unsigned long ip;
	/* Its class. NULL: a spinlock whose class is not known. */
	const void *key;
	/* The name of a spinlock, or NULL. */
	const char *name;
	u8 subclass;
	u8 read;
	/* Locks of this class are ordered one by one. */
	bool instances;
	/* Its memory was freed, which was reported. */
	bool freed;
	/* The value of lfshim_tls.hardirq_depth when it was taken. */
	u8 hardirq;
};

struct lfshim_held_stack {
	unsigned int nr;
	/* Held locks that did not fit into ->lock. */
	unsigned int lost;
	/* Nonzero while a report is made: its hooks are not checked. */
	unsigned int reporting;
	/* The lock that the last report of might_sleep() named. */
	const struct lfshim_held *blamed;
	struct lfshim_held lock[LFSHIM_MAX_HELD];
};
#else
#define lockdep_assert(cond)		((void)0)
#define lockdep_assert_once(cond)	((void)0)
#define lockdep_assert_held(l)		((void)(l))
#define lockdep_assert_not_held(l)	((void)(l))
#define lockdep_assert_none_held_once()	((void)0)
#define lockdep_assert_irqs_disabled()	((void)0)
#define lockdep_assert_irqs_enabled()	((void)0)
#endif

#endif
