/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Threads, bounded waiting and memory, for the suites of the shim. */
#ifndef TESTS_COMPAT_HELPERS_H
#define TESTS_COMPAT_HELPERS_H

#include "start.h"
#include <dirent.h>
#include <malloc.h>
#include <linux/minmax.h>
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

/* The threads of the process. */
static inline int nr_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *d;
	int nr = 0;

	assert_non_null(dir);
	while ((d = readdir(dir)))
		nr += d->d_name[0] != '.';
	closedir(dir);
	return nr;
}

/* The memory and the threads of the process at some time. */
struct memory {
	size_t in_use;
	int nr_threads;
};

static inline struct memory memory_now(void)
{
	/* This comes first: under ThreadSanitizer the first opendir() keeps some memory. */
	int nr = nr_threads();

	return (struct memory){ memory_in_use(), nr };
}

/*
 * What malloc() and the shim may keep for each thread: an arena, a cache, a task. Up
 * to 11 KiB were seen with -Dchecks.
 */
#define MEMORY_OF_A_THREAD	16384

static inline bool memory_is_within(const struct memory *before, size_t slack)
{
	int nr = nr_threads() - before->nr_threads;

	return memory_in_use() < before->in_use + slack + max(nr, 0) * MEMORY_OF_A_THREAD;
}

/*
 * True if less than @slack bytes more are in use than at @before, now or soon: threads
 * of the library free, too, and may be off the CPU. The library may have started some
 * since then, which depends on the load; their memory does not count.
 */
static inline bool memory_came_back(const struct memory *before, size_t slack)
{
	return !MEMORY_IS_COUNTED ||
	       eventually((rcu_barrier(), memory_is_within(before, slack)));
}

#endif
