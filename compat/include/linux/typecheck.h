/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Warnings of the compiler if an expression has another type. */
#ifndef _LINUX_TYPECHECK_H
#define _LINUX_TYPECHECK_H

#include <lfshim/kernel-code.h>

/* 1. The expression is not evaluated. */
#define typecheck(type, x) \
	({ type *__want = 0; __typeof__(x) *__is = 0; (void)(__want == __is); 1; })
#define typecheck_fn(type, function) \
	({ __typeof__(type) __fn = function; (void)__fn; })

#endif
