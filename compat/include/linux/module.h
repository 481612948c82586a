/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * module_init(), module_exit() and the MODULE_ macros. There are no modules:
 * init functions are constructors (<linux/init.h>), and the descriptions have
 * no effect. The host has a header of this name, too.
 */
#ifndef LFSHIM_LINUX_MODULE_H
#define LFSHIM_LINUX_MODULE_H

#include <uapi/linux/module.h>
#include <linux/init.h>
#include <linux/export.h>
#include <linux/moduleparam.h>
#include <linux/stringify.h>
#include <linux/cleanup.h>
#include <linux/list.h>
#include <linux/percpu.h>

#ifndef KBUILD_MODNAME
#define KBUILD_MODNAME		"libfence"
#endif

struct module;
#define MODULE_LICENSE(x)
#define MODULE_AUTHOR(x)
#define MODULE_DESCRIPTION(x)
#define MODULE_VERSION(x)
#define MODULE_ALIAS(x)
#define MODULE_IMPORT_NS(x)
#define module_init(fn)		device_initcall(fn)
#define module_exit(fn)		lfshim_exitcall_(fn)

#endif
