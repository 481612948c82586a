/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Annotations of the kernel's C dialect, as macros. Those that are for sparse
 * or for other tools expand to nothing.
 */
#ifndef _LINUX_COMPILER_TYPES_H
#define _LINUX_COMPILER_TYPES_H

#include <lfshim/kernel-code.h>
#include <lfshim/abi.h>

/* libc's headers define some of these, too; the kernel's definition is used. */
#define __rcu
#define __user
#define __kernel
#define __iomem
#define __percpu
#define __force
#define __bitwise
#define __private
#define __safe
#define __nocast
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define __acquire(x)		((void)0)
#define __release(x)		((void)0)
#define __guarded_by(x)
#undef __counted_by
#define __counted_by(member)

#undef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
/* With the checks on, a report names the caller of the inline function. */
#if LFSHIM_CHECKS
#define lfshim_inline		__always_inline
#else
#define lfshim_inline		inline
#endif
#undef noinline
#define noinline		__attribute__((__noinline__))
#define __must_check		__attribute__((__warn_unused_result__))
#define ___PASTE(a, b)		a##b
#define __PASTE(a, b)		___PASTE(a, b)
#undef __packed
#define __packed		__attribute__((__packed__))
#undef __aligned
#define __aligned(x)		__attribute__((__aligned__(x)))
#define __maybe_unused		__attribute__((__unused__))
#define __always_unused		__attribute__((__unused__))
#undef __unused
#define __used			__attribute__((__used__))
#undef __weak
#define __weak			__attribute__((__weak__))
#undef __pure
#define __pure			__attribute__((__pure__))
#define __cold			__attribute__((__cold__))
#undef __printf
/*
 * No format checks. Kernel code prints a u64 with %llu, but here u64 is glibc's
 * uint64_t, which is unsigned long on 64-bit machines. The compiler would warn
 * of code that is correct in the kernel.
 */
#define __printf(a, b)
#define __malloc
/* Attributes of functions that return new memory. */
#define __alloc_size(x, ...) \
	__attribute__((__alloc_size__(x __VA_OPT__(,) __VA_ARGS__)))
#define __realloc_size(x, ...)	__alloc_size(x __VA_OPT__(,) __VA_ARGS__)
#define __nonstring
#define __noreturn		__attribute__((__noreturn__))
#define __no_sanitize_address	__attribute__((no_sanitize_address))
#define fallthrough		__attribute__((__fallthrough__))
#define ____cacheline_aligned	__attribute__((__aligned__(64)))
#define ____cacheline_aligned_in_smp ____cacheline_aligned
#define asmlinkage

/* The type of a number or a pointer, without const and volatile. */
#define __unqual_scalar_typeof(x)	__typeof__(((void)0, (x)))
#define __same_type(a, b) \
	__builtin_types_compatible_p(__typeof__(a), __typeof__(b))

#endif
