/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The part of lockdep that the fence core uses. It keeps one lock, and notes
 * what is done with it. Included before everything else.
 */
#ifndef TESTS_CORE_LOCKDEP_RECORDER_H
#define TESTS_CORE_LOCKDEP_RECORDER_H

#include <linux/instruction_pointer.h>
#include <linux/lockdep.h>

int lock_is_held_type(const struct lockdep_map *map, int read);
void lock_acquire(struct lockdep_map *map, unsigned int subclass, int trylock,
		  int read, int check, struct lockdep_map *nest,
		  unsigned long ip);
void lock_release(struct lockdep_map *map, unsigned long ip);
void lock_map_acquire(struct lockdep_map *map);
void lock_map_release(struct lockdep_map *map);

#endif
