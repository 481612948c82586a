/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * scnprintf() and vscnprintf(), and libc's functions. These two and printk() have one of the
 * kernel's format extensions: %pA, which is for Rust. Implemented in compat/sprintf.c.
 */
#ifndef _LINUX_SPRINTF_H
#define _LINUX_SPRINTF_H

#include <lfshim/kernel-code.h>
#include <lfshim/host-begin.h>
#include <stdarg.h>
#include <stdio.h>
#include <lfshim/host-end.h>
#include <linux/types.h>

/**
 * scnprintf - print into a buffer
 * @buf: the buffer; always NUL-terminated if @size is not 0
 * @size: the size of @buf in bytes
 * @fmt: printf format
 *
 * Context: any.
 * Return: the length of the text in @buf without the NUL. If the text was
 * truncated, that is less than the return value of snprintf().
 */
int scnprintf(char *buf, size_t size, const char *fmt, ...) LFSHIM(scnprintf);
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
	LFSHIM(vscnprintf);

/* True: %p prints the pointer itself. */
extern bool no_hash_pointers LFSHIM(no_hash_pointers);

/**
 * rust_fmt_argument - print the argument of %pA
 * @buf: where to print to
 * @end: the end of the buffer; nothing is written there or after it
 * @ptr: the argument: a fmt::Arguments of Rust
 *
 * The Rust code of the program defines it. Without it, %pA prints "(%pA?)".
 * Return: the end of the whole text, perhaps after @end.
 */
char *rust_fmt_argument(char *buf, char *end, const void *ptr) __weak;

#endif
