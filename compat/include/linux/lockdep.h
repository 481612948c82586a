/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Lock assertions. CONFIG_LOCKDEP stays undefined: there are no lock classes
 * and no order graph. lockdep_assert_held() is real when LFSHIM_CHECKS, since
 * a lock of the shim knows which thread holds it.
 */
#ifndef _LINUX_LOCKDEP_H
#define _LINUX_LOCKDEP_H

#include <linux/types.h>
#include <linux/bug.h>

struct lock_class_key { char unused; };
struct lockdep_map { const char *name; };

struct spinlock;
struct mutex;

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
#else
#define lockdep_assert_held(l)		((void)(l))
#define lockdep_assert_not_held(l)	((void)(l))
#endif

#define lockdep_set_class(lock, key)	((void)(lock), (void)(key))
#define lockdep_set_class_and_name(lock, key, name) \
	((void)(lock), (void)(key), (void)(name))
#define lockdep_set_subclass(lock, sub)	((void)(lock), (void)(sub))
#define SINGLE_DEPTH_NESTING		1

#endif
