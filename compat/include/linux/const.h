/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Constants for C and assembler. The host has a header of this name, too. */
#ifndef LFSHIM_LINUX_CONST_H
#define LFSHIM_LINUX_CONST_H

#include <uapi/linux/const.h>

#define UL(x)	_UL(x)
#define ULL(x)	_ULL(x)

#endif
