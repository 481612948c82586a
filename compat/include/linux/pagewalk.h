/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Walks of page tables: there are none. The types, for prototypes.
 */
#ifndef _LINUX_PAGEWALK_H
#define _LINUX_PAGEWALK_H

#include <lfshim/kernel-code.h>
#include <linux/mm.h>

struct mm_walk;
struct mm_walk_ops;

#endif
