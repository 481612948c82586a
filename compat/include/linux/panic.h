/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * add_taint(), which does nothing: there is no kernel whose state could be
 * tainted.
 */
#ifndef _LINUX_PANIC_H
#define _LINUX_PANIC_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

#define TAINT_WARN		9
#define TAINT_SOFTLOCKUP	14

enum lockdep_ok {
	LOCKDEP_STILL_OK,
	LOCKDEP_NOW_UNRELIABLE,
};

static inline void add_taint(unsigned int flag, enum lockdep_ok lockdep_ok)
{
}

#endif
