// SPDX-License-Identifier: GPL-2.0 OR MIT
/* See glue.h. Linked into each test program of "./run rust". */

#include <stdarg.h>
#include <lfshim/host-begin.h>
#include <unistd.h>
#include <lfshim/host-end.h>
#include <linux/bug.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "glue.h"

/* Reads the pages of a vmalloc() area: there are none, and alloc.rs asks for its own
 * allocations only. */
struct page *vmalloc_to_page(const void *addr)
{
	return NULL;
}

bool is_vmalloc_addr(const void *addr)
{
	return false;
}

void warn_slowpath_fmt(const char *file, int line, unsigned int taint, const char *fmt, ...)
{
	lfshim_warn(file, line, "warn_on!", "the condition is true");
}

struct pid_namespace init_pid_ns;

kuid_t task_uid(struct task_struct *task)
{
	return (kuid_t){ getuid() };
}

kuid_t current_euid(void)
{
	return (kuid_t){ geteuid() };
}

int kstrtobool(const char *s, bool *res)
{
	if (!s)
		return -EINVAL;
	switch (s[0]) {
	case 'y': case 'Y': case 't': case 'T': case '1':
		*res = true;
		return 0;
	case 'n': case 'N': case 'f': case 'F': case '0':
		*res = false;
		return 0;
	case 'o': case 'O':
		if (s[1] == 'n' || s[1] == 'N')
			*res = true;
		else if (s[1] == 'f' || s[1] == 'F')
			*res = false;
		else
			return -EINVAL;
		return 0;
	}
	return -EINVAL;
}

/*
 * _printk() of the crate. print.rs has two formats only: a level, and "%s: %pA" or "%pA".
 * %pA is a message that Rust formats.
 */
int libfence_rust_printk(const char *format, ...)
{
	char level_and_text[] = KERN_INFO "%s%s%s";
	const char *module = NULL;
	char text[1024];
	va_list args;
	char *end;

	va_start(args, format);
	if (strstr(format, "%s: "))
		module = va_arg(args, const char *);
	end = rust_fmt_argument(text, text + sizeof(text) - 1, va_arg(args, const void *));
	va_end(args);
	if (end > text + sizeof(text) - 1)
		end = text + sizeof(text) - 1;
	*end = 0;
	/* The level is in the format. */
	memcpy(level_and_text, format, 2);
	return _printk(level_and_text, module ? module : "", module ? ": " : "", text);
}
