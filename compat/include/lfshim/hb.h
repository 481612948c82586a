/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Annotations that report happens-before relations to race detectors:
 * ThreadSanitizer, and Valgrind's helgrind and drd. Users read
 * docs/sanitizers.md. compat/host/hb.c has the functions.
 *
 * ThreadSanitizer sees the atomic operations of code that it instruments. An
 * ordinary libfence.so is not instrumented: without help, ThreadSanitizer would
 * report a race wherever a program passes data from one thread to another
 * through a fence. So the library reports the ordering of its atomic
 * operations, one by one, with the address of the atomic variable:
 *
 *	lfshim_hb_release(p)	before an operation on *p that releases
 *	lfshim_hb_acquire(p)	after an operation on *p that acquires
 *
 * The address connects the program and the library. ThreadSanitizer keeps one
 * clock per address. __tsan_acquire(), __tsan_release() and the atomic
 * operations of instrumented code all use that clock. So an inline function of
 * these headers in the program (test_bit(), spin_lock()) pairs with one in the
 * library.
 *
 * The calls are in the primitives, not in the core. An instrumented library has
 * almost the same ordering; docs/sanitizers.md has the differences. Relaxed
 * operations report nothing.
 *
 * In a program both macros are empty: either the compiler instruments the
 * program, or no detector runs. Helgrind and drd are the exception, since they
 * understand the atomic operations of no code. With -DLFSHIM_ANNOTATE the
 * inline functions of a program report to them, at the cost of some calls each.
 * They also report that an access is atomic:
 *
 *	lfshim_hb_atomic(p)	is @p, in any atomic access to *p
 *
 * Each of these macros evaluates @p once.
 */
#ifndef LFSHIM_HB_H
#define LFSHIM_HB_H

#include "compiler-detect.h"

/* Report to the detector of this process. */
void lfshim_tell_release(const volatile void *p);
void lfshim_tell_acquire(const volatile void *p);
/* Report to helgrind and drd that accesses to these bytes are not races. */
void lfshim_tell_atomic(const volatile void *p, unsigned long size);

#if LFSHIM_TSAN
/* The compiler instruments the atomic operations. */
#define lfshim_hb_release(p)	((void)(p))
#define lfshim_hb_acquire(p)	((void)(p))
#elif defined(LFSHIM_LIBRARY)
#include <stdbool.h>

/* True if a detector runs. Written once, by a constructor. Hidden: no GOT. */
extern bool lfshim_detector __attribute__((__visibility__("hidden")));

#if defined(__x86_64__) && defined(__LP64__) && !defined(__AVX512F__)
/*
 * In line, this is only a compare with memory and a branch. To the compiler it
 * is not a function call, so the compiler does not save registers around it or
 * lay out the function differently. The call is in another section. It skips
 * the red zone, and its target preserves all general registers
 * (compat/host/hb.c). No vector register is live here, but they are in the
 * clobber list, since the detector may use them. The call has a section of its
 * own: in the compiler's cold section the backward jump would look like a loop.
 */
#define lfshim_hb_call_(p, fn)						\
	__asm__ __inline__ __volatile__(				\
		"cmpb $0, lfshim_detector(%%rip)\n\t"			\
		"jne 2f\n"						\
		"1:\n\t"						\
		".pushsection .text.lfshim_hb, \"ax\", @progbits\n"	\
		"2:\n\t"						\
		"lea -128(%%rsp), %%rsp\n\t"				\
		"push %0\n\t"						\
		"call " fn "\n\t"					\
		"lea 136(%%rsp), %%rsp\n\t"				\
		"jmp 1b\n\t"						\
		".popsection"						\
		: : "r"((const volatile void *)(p))			\
		: "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3",	\
		  "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",	\
		  "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15")
/* Keep all registers: only the assembly above calls them. */
void lfshim_hb_release_regs(void);
void lfshim_hb_acquire_regs(void);
#define lfshim_hb_release(p)	lfshim_hb_call_(p, "lfshim_hb_release_regs")
#define lfshim_hb_acquire(p)	lfshim_hb_call_(p, "lfshim_hb_acquire_regs")
#else
#define lfshim_hb_call_(p, fn)						\
	do {								\
		if (__builtin_expect(lfshim_detector, 0))		\
			fn(p);						\
	} while (0)
#define lfshim_hb_release(p)	lfshim_hb_call_(p, lfshim_tell_release)
#define lfshim_hb_acquire(p)	lfshim_hb_call_(p, lfshim_tell_acquire)
#endif

#elif defined(LFSHIM_ANNOTATE)
#define lfshim_hb_atomic(p) ({						\
	__auto_type __hap = (p);					\
	lfshim_tell_atomic(__hap, sizeof(*__hap));			\
	__hap; })
#define lfshim_hb_release(p)	lfshim_tell_release(lfshim_hb_atomic(p))
#define lfshim_hb_acquire(p)	lfshim_tell_acquire(p)
#else
#define lfshim_hb_release(p)	((void)(p))
#define lfshim_hb_acquire(p)	((void)(p))
#endif

#ifndef lfshim_hb_atomic
#define lfshim_hb_atomic(p)	(p)
#endif

/*
 * For an ordering that does not come from an atomic operation. The address @p
 * only identifies it. An instrumented library needs these calls, too.
 */
#if LFSHIM_TSAN
#define lfshim_order_release(p)	lfshim_tell_release(p)
#define lfshim_order_acquire(p)	lfshim_tell_acquire(p)
#else
#define lfshim_order_release(p)	lfshim_hb_release(p)
#define lfshim_order_acquire(p)	lfshim_hb_acquire(p)
#endif

#endif
