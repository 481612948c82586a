/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Branch hints and single accesses. */
#ifndef _LINUX_COMPILER_H
#define _LINUX_COMPILER_H

#include <lfshim/kernel-code.h>
#include <linux/compiler_types.h>
#include <lfshim/hb.h>

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

/* Nothing is cached or moved across by the compiler; the CPU is not held. */
#define barrier()	__asm__ __volatile__("" : : : "memory")
#define barrier_data(p)	__asm__ __volatile__("" : : "r"(p) : "memory")

/*
 * READ_ONCE, WRITE_ONCE - one access, neither torn nor repeated nor elided
 *
 * Relaxed atomics, not volatile: they give the same machine code, and
 * ThreadSanitizer knows that they are meant. Integers and pointers only.
 */
#define READ_ONCE(x) \
	__atomic_load_n(lfshim_hb_atomic(&(x)), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, val) \
	__atomic_store_n(lfshim_hb_atomic(&(x)), (val), __ATOMIC_RELAXED)

/* A racy plain read that the code around it can live with. */
#define data_race(expr)		(expr)

#define OPTIMIZER_HIDE_VAR(v)	__asm__("" : "=r"(v) : "0"(v))
#define RELOC_HIDE(ptr, off) \
	((__typeof__(ptr))((unsigned long)(ptr) + (off)))
#define __UNIQUE_ID__(a, b)	a##b
#define __UNIQUE_ID_(a, b)	__UNIQUE_ID__(a, b)
#define __UNIQUE_ID(prefix)	__UNIQUE_ID_(__UNIQUE_ID_##prefix, __COUNTER__)
#define __ADDRESSABLE(sym)

#endif
