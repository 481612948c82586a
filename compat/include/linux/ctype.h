/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The classes of characters, in ASCII, whatever the program's locale. All of
 * it is inline.
 */
#ifndef _LINUX_CTYPE_H
#define _LINUX_CTYPE_H

#include <lfshim/kernel-code.h>
#include <lfshim/host-begin.h>
#include <ctype.h>
#include <lfshim/host-end.h>
#include <linux/types.h>

/* libc may have macros and functions of these names. */
#undef isdigit
#undef isspace
#undef isalpha
#undef isalnum
#undef isupper
#undef islower
#undef isxdigit
#undef toupper
#undef tolower

static inline bool lfshim_ctype_in_(int c, int first, int last)
{
	return c >= first && c <= last;
}
#define isdigit(c)	lfshim_ctype_in_(c, '0', '9')
#define isupper(c)	lfshim_ctype_in_(c, 'A', 'Z')
#define islower(c)	lfshim_ctype_in_(c, 'a', 'z')
#define isalpha(c)	lfshim_ctype_in_((c) | 0x20, 'a', 'z')

static inline bool lfshim_isspace_(int c)
{
	return c == ' ' || lfshim_ctype_in_(c, '\t', '\r');
}
#define isspace(c)	lfshim_isspace_(c)

static inline bool lfshim_isalnum_(int c)
{
	return isalpha(c) || isdigit(c);
}
#define isalnum(c)	lfshim_isalnum_(c)

static inline bool lfshim_isxdigit_(int c)
{
	return isdigit(c) || lfshim_ctype_in_(c | 0x20, 'a', 'f');
}
#define isxdigit(c)	lfshim_isxdigit_(c)

static inline int lfshim_tolower_(int c)
{
	return isupper(c) ? c | 0x20 : c;
}
#define tolower(c)	lfshim_tolower_(c)

static inline int lfshim_toupper_(int c)
{
	return islower(c) ? c & ~0x20 : c;
}
#define toupper(c)	lfshim_toupper_(c)

#endif
