/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The knowledge of the engine about each 8 bytes of the program's memory. Each access
 * of the program looks here.
 */
#ifndef LFX_CELL_H
#define LFX_CELL_H

#include <stddef.h>

#include "irq.h"

typedef uintptr_t addr_t;

/* Of each thread. */
#define STACK_SIZE	(256u << 10)
#define HEAP_SIZE	(1u << 20)
/* An address that no program, library or mmap() uses by itself. */
#define REGION_BASE	0x2000000000ul
/* One more heap: for allocations before the first run. */
#define BOOT_HEAP	LFX_THREADS
#define HEAPS_SIZE	((LFX_THREADS + 1) * (addr_t)HEAP_SIZE)
#define STACKS_SIZE	(LFX_THREADS * (addr_t)STACK_SIZE)
#define REGION_SIZE	(HEAPS_SIZE + STACKS_SIZE)

enum cell_state {
	CELL_LIVE,
	CELL_FREED,
};

enum access_how {
	ACCESS_PLAIN,
	/* Two of these are in no data race with each other. */
	ACCESS_MARKED,
	/* In no data race at all; but the memory may be freed. */
	ACCESS_IGNORED,
};

/* One kind of access by one thread to a cell. */
struct access {
	uint32_t time, pc;
	uint8_t mask, how;
};

/* The knowledge of this run about 8 bytes. @accessed: bits of threads. */
struct cell {
	uint32_t run;
	uint16_t location[2], accessed;
	uint8_t state;
	/* Plain accesses end up in [0] for reads, [1] for writes. */
	struct access access[LFX_THREADS][2];
};

/* The knowledge of all runs of a scenario about 8 bytes. */
struct history {
	/* Bits of threads. */
	uint16_t accessed, written;
	/* Two threads access it, one writes: each atomic access is a point. */
	bool shared;
	/* Accessed with 8 bytes at once; its upper half by itself. */
	bool whole, upper;
	/* Both: the halves are one location. */
	bool wide;
	/* It is accessed in a prefix: see shard.c. */
	bool early;
	/* As a lock, it is also tried or read: each unlock is a point. */
	bool tried;
	/* data_race() accesses it: each plain access is a point. */
	bool racy;
	/* They will be, when the search begins again. */
	bool noted_tried : 1, noted_racy : 1;
	/* It is in the lists of those to apply, and to forget. */
	bool queued : 1, touched : 1;
	/* The 4 bytes that are locks: bits. */
	uint8_t locks : 2;
};

/* Those of the heaps and stacks, and those of static variables; see memory.c. */
struct memory {
	struct cell *cells, *static_cells;
	struct history *histories, *static_histories;
	addr_t static_begin, static_end;
};

extern struct memory memory;

/* NULL if the address is not checked: thread-local, or of the host. */
static inline struct cell *memory_cell(addr_t addr, struct history **history)
{
	addr_t offset = addr - REGION_BASE;

	if (__builtin_expect(offset < REGION_SIZE, 1)) {
		*history = &memory.histories[offset >> 3];
		return &memory.cells[offset >> 3];
	}
	offset = addr - memory.static_begin;
	if (offset < memory.static_end - memory.static_begin) {
		*history = &memory.static_histories[offset >> 3];
		return &memory.static_cells[offset >> 3];
	}
	*history = NULL;
	return NULL;
}

#endif
