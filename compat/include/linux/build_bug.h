/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * BUILD_BUG_ON() and static_assert(). Left out: BUILD_BUG() without a
 * condition.
 */
#ifndef _LINUX_BUILD_BUG_H
#define _LINUX_BUILD_BUG_H

#include <lfshim/kernel-code.h>

/* 0; a compile error if @e is true. */
#define BUILD_BUG_ON_ZERO(e)	((int)(sizeof(struct { int:(-!!(e)); })))
#define BUILD_BUG_ON_MSG(cond, msg) _Static_assert(!(cond), msg)
#define BUILD_BUG_ON(cond)	\
	BUILD_BUG_ON_MSG(cond, "BUILD_BUG_ON failed: " #cond)
/* libc's <assert.h> defines a static_assert() that may need a message. */
#undef static_assert
#define static_assert(expr, ...) _Static_assert(expr, "" #expr)

#endif
