/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_MMU_NOTIFIER_H
#define _LINUX_MMU_NOTIFIER_H

#include <lfshim/kernel-code.h>
#include <linux/mm.h>

#endif
