/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_SPRINTF_H
#define _LINUX_SPRINTF_H

#include <lfshim/kernel-code.h>
#include <lfshim/host-begin.h>
#include <stdio.h>
#include <lfshim/host-end.h>
#include <linux/types.h>

/**
 * scnprintf - print into a buffer
 * @buf: where to; always NUL-terminated when @size is not 0
 * @size: of @buf in bytes
 * @fmt: format
 *
 * Context: any.
 * Return: the length of what is in @buf now, without the NUL: where it was cut
 * off, less than snprintf() says.
 */
int scnprintf(char *buf, size_t size, const char *fmt, ...) LFSHIM(scnprintf);

#endif
