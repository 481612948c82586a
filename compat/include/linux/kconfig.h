/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * IS_ENABLED(CONFIG_X) and its variants: 1 if CONFIG_X is defined to 1, else 0.
 */
#ifndef _LINUX_KCONFIG_H
#define _LINUX_KCONFIG_H

#include <lfshim/kernel-code.h>
#include <lfshim/config.h>

/* If the option is defined, the first argument becomes "0, 1". */
#define LFSHIM_ARG_PLACEHOLDER_1	0,
#define LFSHIM_SECOND_ARG(ignored, val, ...) val
#define LFSHIM_IS_DEFINED__(arg1_or_junk) LFSHIM_SECOND_ARG(arg1_or_junk 1, 0)
#define LFSHIM_IS_DEFINED_(val)		LFSHIM_IS_DEFINED__(LFSHIM_ARG_PLACEHOLDER_##val)
#define LFSHIM_IS_DEFINED(option)	LFSHIM_IS_DEFINED_(option)

#define IS_BUILTIN(option)	LFSHIM_IS_DEFINED(option)
#define IS_MODULE(option)	LFSHIM_IS_DEFINED(option##_MODULE)
#define IS_ENABLED(option)	(IS_BUILTIN(option) || IS_MODULE(option))
#define IS_REACHABLE(option)	IS_ENABLED(option)

#endif
