/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The Linux version whose API the fence core has. The host has a header of this
 * name, too, with the version of its own headers.
 */
#ifndef LFSHIM_LINUX_VERSION_H
#define LFSHIM_LINUX_VERSION_H

#include <lfshim/config.h>

#undef KERNEL_VERSION
#undef LINUX_VERSION_CODE
#undef LINUX_VERSION_MAJOR
#undef LINUX_VERSION_PATCHLEVEL
#undef LINUX_VERSION_SUBLEVEL
#define KERNEL_VERSION(a, b, c)	(((a) << 16) + ((b) << 8) + \
				 ((c) > 255 ? 255 : (c)))
#define LINUX_VERSION_MAJOR	LFSHIM_LINUX_MAJOR
#define LINUX_VERSION_PATCHLEVEL	LFSHIM_LINUX_PATCHLEVEL
#define LINUX_VERSION_SUBLEVEL	LFSHIM_LINUX_SUBLEVEL
#define LINUX_VERSION_CODE	KERNEL_VERSION(LINUX_VERSION_MAJOR, \
					       LINUX_VERSION_PATCHLEVEL, \
					       LINUX_VERSION_SUBLEVEL)

#endif
