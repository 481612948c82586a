// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Formatting into a buffer; see <linux/sprintf.h>. */

#include <linux/sprintf.h>

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int len = vsnprintf(buf, size, fmt, args);

	return len < (ssize_t)size ? len : size ? (int)size - 1 : 0;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
