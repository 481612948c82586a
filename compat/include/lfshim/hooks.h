/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The settings for a layer above the shim: where warnings and log messages go,
 * and which allocation fails. <libfence/libfence.h> offers the same to
 * programs, and documents it.
 */
#ifndef LFSHIM_HOOKS_H
#define LFSHIM_HOOKS_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

struct lfshim_warning {
	/* BUG(): the program is aborted after the hook returns. */
	bool bug;
	const char *file;
	int line;
	const char *function;
	const char *message;
};

typedef void (*lfshim_warn_fn)(const struct lfshim_warning *warning, void *data);
typedef void (*lfshim_log_fn)(int level, const char *message, void *data);

/* bug.c. @fn: NULL to print to stderr. */
void lfshim_set_warn_hook(lfshim_warn_fn fn, void *data);
unsigned long lfshim_warn_count(void);
void lfshim_set_panic_on_warn(bool on);
/* printk.c. @fn: NULL to print to stderr. */
void lfshim_set_log_hook(lfshim_log_fn fn, void *data);
/* slab.c: of the calling thread; 0: no allocation fails. */
void lfshim_fail_nth(unsigned int n);
unsigned int lfshim_fail_nth_left(void);

#endif
