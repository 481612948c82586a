/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* How many objects a fence lane and the limit beside it both work on. */
#ifndef FENCE_BENCH_SIZES_H
#define FENCE_BENCH_SIZES_H

/* Fences, or words, or descriptors in a wait for any of several. */
#define NR_ANY		64

/* Waits that time out do so after this time. */
#define DEADLINE_NS	100000

/* Exported fences, or pipes, or eventfds. */
#define NR_EXPORTED	128

/* Fences with so many callbacks each, or lists with so many nodes each. */
#define LISTS_OF(callbacks)						\
	((callbacks) <= 1 ? 128 : (callbacks) <= 10 ? 32 :		\
	 (callbacks) <= 100 ? 8 : 1)

#endif
