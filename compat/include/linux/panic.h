/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* There is no kernel here whose reports a taint would make worthless. */
#ifndef _LINUX_PANIC_H
#define _LINUX_PANIC_H

#include <lfshim/kernel-code.h>

#define TAINT_SOFTLOCKUP	14

enum lockdep_ok {
	LOCKDEP_STILL_OK,
	LOCKDEP_NOW_UNRELIABLE,
};

static inline void add_taint(unsigned int flag, enum lockdep_ok lockdep_ok)
{
}

#endif
