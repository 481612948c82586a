/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Shared by memory.c, which has the objects, and names.c, which names them. */
#ifndef LFX_MEMORY_H
#define LFX_MEMORY_H

#include "engine.h"

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
