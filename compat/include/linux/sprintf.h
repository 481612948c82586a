/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * scnprintf() and vscnprintf(), and libc's functions. The kernel's format extensions, such as
 * %pV, are left out. Implemented in compat/sprintf.c.
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

#endif
