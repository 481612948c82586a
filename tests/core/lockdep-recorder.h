/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Replaces the part of lockdep that the fence core uses: it records the calls
 * and reports nothing. Included before all other headers.
 */
#ifndef TESTS_CORE_LOCKDEP_RECORDER_H
#define TESTS_CORE_LOCKDEP_RECORDER_H

#include <linux/lockdep.h>
#include <linux/sched/mm.h>

#define lock_is_held_type	recorder_is_held_type
#define lock_acquire		recorder_acquire
#define lock_release		recorder_release
#define lfshim_spin_set_class	recorder_spin_set_class
#define fs_reclaim_acquire	recorder_reclaim_acquire
#define fs_reclaim_release	recorder_reclaim_release

int lock_is_held_type(const struct lockdep_map *map, int read);
void lock_acquire(struct lockdep_map *map, unsigned int subclass, int trylock,
		  int read, int check, struct lockdep_map *nest,
		  unsigned long ip);
void lock_release(struct lockdep_map *map, unsigned long ip);
void lfshim_spin_set_class(void *lock, const char *name,
			   struct lock_class_key *key, int subclass);
void fs_reclaim_acquire(gfp_t gfp);
void fs_reclaim_release(gfp_t gfp);

#endif
