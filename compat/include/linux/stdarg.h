/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* va_list and its macros. */
#ifndef _LINUX_STDARG_H
#define _LINUX_STDARG_H

#include <lfshim/kernel-code.h>
#include <stdarg.h>

#endif
