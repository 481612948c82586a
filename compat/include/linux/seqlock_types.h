/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The types of <linux/seqlock.h>.
 */
#ifndef _LINUX_SEQLOCK_TYPES_H
#define _LINUX_SEQLOCK_TYPES_H

#include <lfshim/kernel-code.h>
#include <linux/seqlock.h>

#endif
