/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Threads, bounded waiting and memory, for the suites of the shim. */
#ifndef TESTS_COMPAT_HELPERS_H
#define TESTS_COMPAT_HELPERS_H

#include "start.h"
#include <malloc.h>
#include <linux/rcupdate.h>

/* The number of allocated bytes, without freed memory that malloc() keeps. */
#if LFSHIM_ASAN || LFSHIM_TSAN
size_t __sanitizer_get_current_allocated_bytes(void);
static inline size_t memory_in_use(void)
{
	return __sanitizer_get_current_allocated_bytes();
}
#elif !defined(__GLIBC__)
/* musl has no such function. */
#define MEMORY_IS_COUNTED	0
static inline size_t memory_in_use(void)
{
	return 0;
}
#else
static inline size_t memory_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}
#endif
#ifndef MEMORY_IS_COUNTED
#define MEMORY_IS_COUNTED	1
#endif

/*
 * True if less than @limit bytes are in use, now or soon: threads of the library free,
 * too, and may be off the CPU.
 */
static inline bool memory_falls_below(size_t limit)
{
	return !MEMORY_IS_COUNTED ||
	       eventually((rcu_barrier(), memory_in_use() < limit));
}

#endif
