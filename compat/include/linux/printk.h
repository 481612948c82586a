/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * printk() and the pr_ functions. A message goes to the hook of
 * libfence_set_log_hook() or, without one, to standard error. The library
 * itself logs only errors. Left out: dynamic debug, the _once and _ratelimited
 * variants, and the kernel's format extensions such as %pV, except %pA; see
 * <linux/sprintf.h>. compat/printk.c has _printk().
 */
#ifndef _LINUX_PRINTK_H
#define _LINUX_PRINTK_H

#include <stdarg.h>
#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/types.h>

/* A level is two characters at the start of the format. */
#define KERN_SOH	"\001"
#define KERN_EMERG	KERN_SOH "0"
#define KERN_ALERT	KERN_SOH "1"
#define KERN_CRIT	KERN_SOH "2"
#define KERN_ERR	KERN_SOH "3"
#define KERN_WARNING	KERN_SOH "4"
#define KERN_NOTICE	KERN_SOH "5"
#define KERN_INFO	KERN_SOH "6"
#define KERN_DEBUG	KERN_SOH "7"
#define KERN_CONT	KERN_SOH "c"
#define KERN_DEFAULT	""

/**
 * _printk - write a message to the kernel log
 * @fmt: printf format that may begin with a level
 *
 * Context: any.
 * Return: the length of the logged text, at most 1023 bytes.
 */
int _printk(const char *fmt, ...) LFSHIM(_printk);

/**
 * dump_stack - print the caller's stack
 *
 * To standard error, and only if no hook takes the messages of the log.
 * Context: any.
 */
void dump_stack(void) LFSHIM(dump_stack);
#define printk(fmt, ...)	_printk(fmt, ##__VA_ARGS__)

/* A format and its arguments. printf formats have no %pV for it. */
struct va_format {
	const char *fmt;
	va_list *va;
};

#ifndef pr_fmt
#define pr_fmt(fmt)		fmt
#endif

#define pr_emerg(fmt, ...)	printk(KERN_EMERG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_alert(fmt, ...)	printk(KERN_ALERT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit(fmt, ...)	printk(KERN_CRIT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...)	printk(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...)	printk(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice(fmt, ...)	printk(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...)	printk(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_cont(fmt, ...)	printk(KERN_CONT fmt, ##__VA_ARGS__)

#ifdef DEBUG
#define pr_debug(fmt, ...)	printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#else
#define pr_debug(fmt, ...) \
	do { if (0) printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__); } while (0)
#endif

#endif
