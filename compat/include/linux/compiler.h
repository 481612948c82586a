/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Branch hints, barrier(), READ_ONCE() and WRITE_ONCE(). Everything that is
 * about objtool or profiling is left out.
 */
#ifndef _LINUX_COMPILER_H
#define _LINUX_COMPILER_H

#include <lfshim/kernel-code.h>
#include <linux/compiler_types.h>
#include <linux/kcsan-checks.h>
#include <lfshim/hb.h>

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

/* Stops the compiler, but not the CPU, from reordering memory accesses. */
#define barrier()	__asm__ __volatile__("" : : : "memory")
#define barrier_data(p)	__asm__ __volatile__("" : : "r"(p) : "memory")

/*
 * READ_ONCE, WRITE_ONCE - one access that is not torn, repeated or elided
 *
 * They are relaxed atomics and not volatile accesses: the machine code is the
 * same, and ThreadSanitizer does not report them as races. For integers and
 * pointers only.
 */
#define READ_ONCE(x) \
	__atomic_load_n(lfshim_hb_atomic(&(x)), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, val) \
	__atomic_store_n(lfshim_hb_atomic(&(x)), (val), __ATOMIC_RELAXED)

/* An intended race: the surrounding code tolerates any value. */
#if LFSHIM_SEAM || LFSHIM_TSAN
#define data_race(expr) ({						\
	kcsan_disable_current();					\
	__auto_type __data_race = (expr);				\
	kcsan_enable_current();						\
	__data_race; })
#else
#define data_race(expr)		(expr)
#endif

#define OPTIMIZER_HIDE_VAR(v)	__asm__("" : "=r"(v) : "0"(v))
#define RELOC_HIDE(ptr, off) \
	((__typeof__(ptr))((unsigned long)(ptr) + (off)))
#define __UNIQUE_ID__(a, b)	a##b
#define __UNIQUE_ID_(a, b)	__UNIQUE_ID__(a, b)
#define __UNIQUE_ID(prefix)	__UNIQUE_ID_(__UNIQUE_ID_##prefix, __COUNTER__)
#define __ADDRESSABLE(sym)

/* Does the compiler know that this is true? */
#define const_true(x)	__builtin_choose_expr(__builtin_constant_p(x), x, false)

#endif
