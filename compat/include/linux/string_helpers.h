/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The words for a truth value. All of it is inline. Left out: sizes as text,
 * and escaping.
 */
#ifndef _LINUX_STRING_HELPERS_H
#define _LINUX_STRING_HELPERS_H

#include <lfshim/kernel-code.h>
#include <linux/ctype.h>
#include <linux/string.h>

static inline const char *str_yes_no(bool v)
{
	return v ? "yes" : "no";
}

static inline const char *str_on_off(bool v)
{
	return v ? "on" : "off";
}

static inline const char *str_enabled_disabled(bool v)
{
	return v ? "enabled" : "disabled";
}

static inline const char *str_enable_disable(bool v)
{
	return v ? "enable" : "disable";
}

static inline const char *str_true_false(bool v)
{
	return v ? "true" : "false";
}

static inline const char *str_plural(size_t nr)
{
	return nr == 1 ? "" : "s";
}

#endif
