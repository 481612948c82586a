/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A module parameter is an ordinary variable that nothing sets. */
#ifndef _LINUX_MODULEPARAM_H
#define _LINUX_MODULEPARAM_H

#include <lfshim/kernel-code.h>
#include <linux/array_size.h>
#include <linux/init.h>

#define MODULE_PARM_DESC(parm, desc)
#define module_param_named(name, value, type, perm)
#define module_param(name, type, perm)

#endif
