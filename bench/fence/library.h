/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The library that is measured. */
#ifndef FENCE_BENCH_LIBRARY_H
#define FENCE_BENCH_LIBRARY_H

#include <stddef.h>

extern const size_t fence_size;
const char *fence_library_version(void);
/* Why the results mean little, or NULL. */
const char *fence_build_note(void);
/* How often the library has warned. */
unsigned long fence_warnings(void);
/* Starts the threads of the library, and prepares bench_fence_init(). */
void fence_library_start(void);

#endif
