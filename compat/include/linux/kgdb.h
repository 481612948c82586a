/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The kernel debugger, which is off: in_dbg_master() is false.
 */
#ifndef _LINUX_KGDB_H
#define _LINUX_KGDB_H

#include <lfshim/kernel-code.h>

#define in_dbg_master()	0

#endif
