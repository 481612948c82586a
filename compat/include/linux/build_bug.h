/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * BUILD_BUG_ON(), BUILD_BUG() and static_assert(). Left out:
 * BUILD_BUG_ON_INVALID() and ASSERT_STRUCT_OFFSET().
 */
#ifndef _LINUX_BUILD_BUG_H
#define _LINUX_BUILD_BUG_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>

/* 0; a compile error if @e is true. */
#define BUILD_BUG_ON_ZERO(e)	((int)(sizeof(struct { int:(-!!(e)); })))

/*
 * BUILD_BUG_ON - a compile error if a condition may be true
 *
 * With optimisation the condition may be anything that the optimiser knows to
 * be false, as in the kernel. Without optimisation only constants that are true
 * are an error: the compiler does not look into inline functions then.
 */
#ifdef __OPTIMIZE__
#define lfshim_may_be_true(cond)	(cond)
#else
#define lfshim_may_be_true(cond)	(__builtin_constant_p(cond) && (cond))
#endif
#define lfshim_build_bug_(cond, msg, fn)				\
	do {								\
		extern __noreturn void fn(void)				\
			__attribute__((__error__(msg)));		\
									\
		if (lfshim_may_be_true(cond))				\
			fn();						\
	} while (0)
#define BUILD_BUG_ON_MSG(cond, msg) \
	lfshim_build_bug_(cond, msg, __UNIQUE_ID(lfshim_build_bug))
#define BUILD_BUG_ON(cond)	\
	BUILD_BUG_ON_MSG(cond, "BUILD_BUG_ON failed: " #cond)
/* An error unless the compiler removes the call. Needs optimisation. */
#ifdef __OPTIMIZE__
#define BUILD_BUG()		BUILD_BUG_ON_MSG(1, "BUILD_BUG failed")
#else
#define BUILD_BUG()		__builtin_trap()
#endif
/* Compile a condition, and do nothing with it. */
#define BUILD_BUG_ON_INVALID(cond)	((void)sizeof((long)(cond)))
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) \
	BUILD_BUG_ON((n) == 0 || ((n) & ((n) - 1)) != 0)

/* libc's <assert.h> defines a static_assert() that may need a message. */
#undef static_assert
#define static_assert(expr, ...) _Static_assert(expr, "" #expr)

#endif
