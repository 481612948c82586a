/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* get_task_struct() and put_task_struct() are in <linux/sched.h>. */
#include <lfshim/kernel-code.h>
#include <linux/sched.h>
#include <linux/rcupdate.h>
#include <linux/uaccess.h>
