// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Bounded copies of strings; see <linux/string.h>. */

#include <linux/errno.h>
#include <linux/string.h>

ssize_t sized_strscpy(char *dst, const char *src, size_t count)
{
	size_t len;

	if (!count)
		return -E2BIG;
	len = strnlen(src, count);
	if (len == count) {
		memcpy(dst, src, count - 1);
		dst[count - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, len + 1);
	return len;
}
