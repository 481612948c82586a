/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * WARN(), BUG() and their variants. compat/bug.c has the functions behind
 * them.
 *
 * WARN prints the location, the reason and a backtrace, and continues. BUG ends
 * the program. Each is counted, and is passed to the hook of
 * libfence_set_warn_hook() if there is one, instead of being printed.
 * LIBFENCE_PANIC_ON_WARN=1 in the environment makes WARN fatal, too.
 */
#ifndef _LINUX_BUG_H
#define _LINUX_BUG_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/build_bug.h>
#include <linux/types.h>

/**
 * lfshim_warn - report a WARN
 * @file: the source file
 * @line: the line in @file
 * @func: the function
 * @fmt: printf format of the reason
 *
 * Context: any; takes none of the program's locks.
 */
void lfshim_warn(const char *file, int line, const char *func,
		 const char *fmt, ...)
	__attribute__((__cold__, __format__(__printf__, 4, 5)));

/* As lfshim_warn(), without format checks: kernel code prints u64 with %llu. */
void lfshim_warn_fmt(const char *file, int line, const char *func,
		     const char *fmt, ...) __cold;

/**
 * lfshim_bug - report a BUG and abort
 * @file: the source file
 * @line: the line in @file
 * @func: the function
 * @why: the reason
 *
 * Context: any. Does not return.
 */
void lfshim_bug(const char *file, int line, const char *func, const char *why)
	__cold __noreturn;

#define WARN(condition, format...) ({					\
	int __warned = !!(condition);					\
	if (unlikely(__warned))						\
		lfshim_warn_fmt(__FILE__, __LINE__, __func__, format);	\
	unlikely(__warned); })

#define WARN_ON(condition) ({						\
	int __warned = !!(condition);					\
	if (unlikely(__warned))						\
		lfshim_warn(__FILE__, __LINE__, __func__,		\
			    "WARN_ON(%s)", #condition);			\
	unlikely(__warned); })

/* True on the first evaluation at each call site, and false afterwards. */
#define lfshim_once_() ({						\
	static bool __once;						\
	!__atomic_exchange_n(&__once, true, __ATOMIC_RELAXED); })

#define WARN_ONCE(condition, format...) ({				\
	int __cond = !!(condition);					\
	if (unlikely(__cond) && lfshim_once_())				\
		lfshim_warn_fmt(__FILE__, __LINE__, __func__, format);	\
	unlikely(__cond); })

#define WARN_ON_ONCE(condition) ({					\
	int __cond = !!(condition);					\
	if (unlikely(__cond) && lfshim_once_())				\
		lfshim_warn(__FILE__, __LINE__, __func__,		\
			    "WARN_ON_ONCE(%s)", #condition);		\
	unlikely(__cond); })

#define WARN_TAINT(condition, taint, format...)	WARN(condition, format)

#define BUG()	lfshim_bug(__FILE__, __LINE__, __func__, "BUG()")
#define BUG_ON(condition)						\
	do {								\
		if (unlikely(condition))				\
			lfshim_bug(__FILE__, __LINE__, __func__,	\
				   "BUG_ON(" #condition ")");		\
	} while (0)

#endif
