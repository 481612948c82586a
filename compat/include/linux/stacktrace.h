/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * As in a kernel without CONFIG_STACKTRACE: no name of stack_trace is there.
 */
#ifndef _LINUX_STACKTRACE_H
#define _LINUX_STACKTRACE_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

#endif
