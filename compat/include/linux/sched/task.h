/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#include <lfshim/kernel-code.h>
#include <linux/sched.h>
