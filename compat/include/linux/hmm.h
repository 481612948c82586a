/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Mirrors of address spaces: there are none. The types, for prototypes.
 */
#ifndef _LINUX_HMM_H
#define _LINUX_HMM_H

#include <lfshim/kernel-code.h>
#include <linux/mm.h>

struct hmm_range;

#endif
