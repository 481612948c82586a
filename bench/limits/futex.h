/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The futex system call. */
#ifndef FENCE_BENCH_FUTEX_H
#define FENCE_BENCH_FUTEX_H

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FUTEX_WAIT_PRIVATE_	128
#define FUTEX_WAKE_PRIVATE_	129
#define FUTEX_WAIT_BITSET_PRIVATE_ 137

static inline long raw_futex(uint32_t *word, int op, uint32_t value)
{
	return syscall(SYS_futex, word, op, value, NULL);
}

#endif
