/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Shared by memory.c, which has the objects, and names.c, which names them. */
#ifndef LFX_MEMORY_H
#define LFX_MEMORY_H

#include "engine.h"

/* An address that no program, library or mmap() uses by itself. */
#define REGION_BASE	0x2000000000ul
/* One more heap: for allocations before the first run. */
#define BOOT_HEAP	LFX_THREADS
#define HEAPS_SIZE	((LFX_THREADS + 1) * (addr_t)HEAP_SIZE)
#define STACKS_SIZE	(LFX_THREADS * (addr_t)STACK_SIZE)
#define REGION_SIZE	(HEAPS_SIZE + STACKS_SIZE)

#define OBJECT_CALLS	10

struct object {
	addr_t base;
	size_t size;
	bool kernel;
	int allocated_by, freed_by;
	addr_t allocated[OBJECT_CALLS], freed[OBJECT_CALLS];
	unsigned int nr_allocated, nr_freed;
};

/* The object that contains the address, or that ends there; or NULL. */
struct object *memory_object(addr_t addr);
/* All of this run, in the order of their allocations. */
const struct object *memory_objects(unsigned int *nr);

/* names.c */
void names_reset(void);
/* The members of atomic_t, refcount_t and spinlock_t are no news. */
void cut_noise(char *path);

/* frames.c */

/* The variable on the stack of a thread. Returns false if unknown. */
bool frame_variable(addr_t addr, struct lfx_local *local);
/* @whole: without its first member. */
void name_on_stack(addr_t addr, bool whole, char *buf, size_t size);

#endif
