/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The includes of the kernel's header of this name. Left out: calendar time
 * (time64_to_tm()) and the interval timers of programs. The host has a header
 * of this name, too; its structures are those of libc's <time.h>.
 */
#ifndef LFSHIM_LINUX_TIME_H
#define LFSHIM_LINUX_TIME_H

#include <lfshim/host-begin.h>
#include <time.h>
#include <lfshim/host-end.h>
#include <linux/types.h>
#include <linux/math64.h>
#include <linux/seqlock.h>
#include <linux/time64.h>

#endif
