/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Protections of mappings, for prototypes that have them. There are no
 * mappings.
 */
#ifndef _LINUX_PGTABLE_H
#define _LINUX_PGTABLE_H

#include <lfshim/kernel-code.h>
#include <linux/mm_types.h>

#endif
