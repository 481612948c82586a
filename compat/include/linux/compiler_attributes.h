/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Attributes of functions and objects, which <linux/compiler_types.h> defines.
 */
#ifndef _LINUX_COMPILER_ATTRIBUTES_H
#define _LINUX_COMPILER_ATTRIBUTES_H

#include <lfshim/kernel-code.h>
#include <linux/compiler_types.h>

#endif
