/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* String functions: libc's, and the ones that only the kernel has. */
#ifndef LFSHIM_LINUX_STRING_H
#define LFSHIM_LINUX_STRING_H

#include <uapi/linux/string.h>
#include <lfshim/host-begin.h>
#include <string.h>
#include <lfshim/host-end.h>
#include <linux/types.h>

/**
 * sized_strscpy - copy a string into a buffer of known size
 * @dst: where to; always NUL-terminated when @count is not 0
 * @src: NUL-terminated string
 * @count: size of @dst in bytes
 *
 * Context: any.
 * Return: the length copied without the NUL, or -E2BIG when it was cut off.
 */
ssize_t sized_strscpy(char *dst, const char *src, size_t count)
	LFSHIM(sized_strscpy);

/* Linux 6.7 and older; the length of @src, as in BSD. */
static inline size_t lfshim_strlcpy(char *dst, const char *src, size_t count)
{
	if (count)
		sized_strscpy(dst, src, count);
	return strlen(src);
}
#undef strlcpy
#define strlcpy	lfshim_strlcpy

/* strscpy(dst, src): dst is an array; strscpy(dst, src, size): anything. */
#define strscpy_2_(dst, src)		sized_strscpy(dst, src, sizeof(dst))
#define strscpy_3_(dst, src, size)	sized_strscpy(dst, src, size)
#define strscpy_pick_(_1, _2, _3, name, ...) name
#define strscpy(...) \
	strscpy_pick_(__VA_ARGS__, strscpy_3_, strscpy_2_, )(__VA_ARGS__)

#endif
