/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * libc's string functions, and strscpy(). Left out: the other functions that
 * only the kernel has, such as memchr_inv() and strim(). Implemented in
 * compat/string.c. The host has a header of this name, too.
 */
#ifndef LFSHIM_LINUX_STRING_H
#define LFSHIM_LINUX_STRING_H

#include <uapi/linux/string.h>
#include <lfshim/host-begin.h>
#include <string.h>
#include <lfshim/host-end.h>
#include <linux/types.h>
#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/overflow.h>
#include <linux/stddef.h>

/**
 * sized_strscpy - copy a string into a buffer of known size
 * @dst: the buffer; always NUL-terminated if @count is not 0
 * @src: a NUL-terminated string
 * @count: the size of @dst in bytes
 *
 * Context: any.
 * Return: the length of the copy without the NUL; -E2BIG if it was truncated.
 */
ssize_t sized_strscpy(char *dst, const char *src, size_t count)
	LFSHIM(sized_strscpy);

/* For code of Linux 6.7 and older. Return: the length of @src, as in BSD. */
static inline size_t lfshim_strlcpy(char *dst, const char *src, size_t count)
{
	if (count)
		sized_strscpy(dst, src, count);
	return strlen(src);
}
#undef strlcpy
#define strlcpy	lfshim_strlcpy

/* In strscpy(dst, src), dst is an array; with a size it may be a pointer. */
#define strscpy_2_(dst, src)		sized_strscpy(dst, src, sizeof(dst))
#define strscpy_3_(dst, src, size)	sized_strscpy(dst, src, size)
#define strscpy_pick_(_1, _2, _3, name, ...) name
#define strscpy(...) \
	strscpy_pick_(__VA_ARGS__, strscpy_3_, strscpy_2_, )(__VA_ARGS__)

/* Are all of the @n bytes 0? */
static inline bool mem_is_zero(const void *s, size_t n)
{
	const char *p = s;

	while (n--) {
		if (*p++)
			return false;
	}
	return true;
}

#endif
