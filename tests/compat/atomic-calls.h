/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The table for atomic-orders.c: one entry for each atomic operation. */
#ifndef ATOMIC_CALLS_H
#define ATOMIC_CALLS_H

#include <stddef.h>
#include <stdint.h>

struct call {
	const char *name;
	/* Does the operation on the word. */
	int64_t (*call)(void *word);
	size_t size;
	/* The word before it, its result, and the word after it. */
	int64_t before, returns, after;
	/* Its accesses in the notation of atomic-orders.c. */
	const char *accesses;
};

extern const struct call calls[];
extern const size_t nr_calls;

#endif
