/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Memory barriers with the strength that the kernel's memory model gives them.
 * All of it is inline. Left out: the barriers for devices other than mb(),
 * dma_mb() and their relatives.
 *
 * All of them are compiler builtins, not assembly, since ThreadSanitizer
 * understands builtins. It does not understand fences, as gcc's -Wtsan says.
 * The shim's own synchronisation relies on the ordering of atomic operations,
 * not on fences.
 */
#ifndef _ASM_BARRIER_H
#define _ASM_BARRIER_H

#include <lfshim/kernel-code.h>
#include <asm/processor.h>
#include <linux/compiler.h>
#include <lfshim/hb.h>
#include <lfshim/seam.h>

/* No partner: the partner is in the caller. */
#define smp_mb()	__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()	__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)
#define mb()		smp_mb()
#define rmb()		smp_rmb()
#define wmb()		smp_wmb()
#define dma_mb()	smp_mb()
#define dma_rmb()	smp_rmb()
#define dma_wmb()	smp_wmb()

/* No partner: the partner is in the caller. */
#define smp_load_acquire(p) ({						\
	__auto_type __lap = (p);					\
	__auto_type __lav = __atomic_load_n(lfshim_hb_atomic(__lap),	\
					    __ATOMIC_ACQUIRE);		\
	lfshim_hb_acquire(__lap);					\
	__lav; })
/*
 * @v is evaluated first, so that its side effects are released, too.
 * No partner: the partner is in the caller.
 */
#define smp_store_release(p, v)						\
	do {								\
		__auto_type __srp = (p);				\
		__typeof__(*__srp) __srv = (v);				\
									\
		lfshim_hb_release(__srp);				\
		__atomic_store_n(__srp, __srv, __ATOMIC_RELEASE);	\
	} while (0)
/*
 * A store and then a full barrier; on x86 this is one xchg.
 * No partner: the partner is in the caller.
 */
#define smp_store_mb(var, val)						\
	do {								\
		__typeof__(&(var)) __smp = &(var);				\
		__typeof__(*__smp) __smv = (val);				\
									\
		lfshim_hb_release(__smp);				\
		__atomic_store_n(__smp, __smv, __ATOMIC_SEQ_CST);	\
		lfshim_full_fence();					\
	} while (0)

/*
 * Read *@ptr into a variable VAL until @cond, an expression of VAL, is true. The
 * value is that of VAL then. This is a busy-wait loop: another thread has to
 * change *@ptr.
 */
#define lfshim_cond_load_(load, ptr, cond) ({				\
	__auto_type __clp = (ptr);					\
	__typeof__(__atomic_load_n(__clp, __ATOMIC_RELAXED)) VAL;	\
									\
	for (;;) {							\
		VAL = load(__clp);					\
		if (cond)						\
			break;						\
		cpu_relax();						\
	}								\
	VAL; })
/* No partner: the partner is in the caller. */
#define lfshim_load_relaxed_(p) \
	__atomic_load_n(lfshim_hb_atomic(p), __ATOMIC_RELAXED)
#define smp_cond_load_relaxed(ptr, cond) \
	lfshim_cond_load_(lfshim_load_relaxed_, ptr, cond)
/* The acquire is in each turn, for ThreadSanitizer; the last one counts. */
#define smp_cond_load_acquire(ptr, cond) \
	lfshim_cond_load_(smp_load_acquire, ptr, cond)
/*
 * After a relaxed load and a branch on its value: the load acquires.
 * No partner: the partner is in the caller.
 */
#define smp_acquire__after_ctrl_dep()	smp_rmb()

/*
 * In the kernel, a read-modify-write operation that returns a value is a full
 * barrier on both sides. On x86 every locked instruction is a full barrier. On
 * other CPUs a C11 seq_cst operation does not order plain accesses as strongly,
 * so callers put one of these fences before it and one after it. With
 * LFSHIM_SEAM it is a fence everywhere.
 * No partner: the partner is in the caller.
 */
#if (defined(__x86_64__) || defined(__i386__)) && !LFSHIM_SEAM
#define lfshim_full_fence()	barrier()
#else
#define lfshim_full_fence()	smp_mb()
#endif

#define smp_mb__before_atomic()	lfshim_full_fence()
#define smp_mb__after_atomic()	lfshim_full_fence()

#endif
