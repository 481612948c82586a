/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Initcalls and the section annotations. compat/init.c has lfshim_initcall().
 * Init functions run as constructors, in the order of the kernel's levels; an
 * error is reported and the program continues. Exit functions run as
 * destructors, when the shim's threads still run. Left out: the levels pure,
 * postcore, arch and rootfs, and the _sync variants.
 */
#ifndef _LINUX_INIT_H
#define _LINUX_INIT_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/build_bug.h>
#include <linux/stringify.h>
#include <linux/types.h>

#define __init
#define __exit
#define __initdata
#define __exitdata
#define __ro_after_init

typedef int (*initcall_t)(void);

void lfshim_initcall(initcall_t fn, const char *name);

#define lfshim_initcall_(fn, level)					\
	static void __attribute__((__constructor__(level), __used__))	\
	lfshim_init_##fn(void)						\
	{								\
		lfshim_initcall(fn, #fn);				\
	}
#define core_initcall(fn)	lfshim_initcall_(fn, 201)
#define subsys_initcall(fn)	lfshim_initcall_(fn, 204)
#define fs_initcall(fn)		lfshim_initcall_(fn, 205)
#define device_initcall(fn)	lfshim_initcall_(fn, 206)
#define late_initcall(fn)	lfshim_initcall_(fn, 207)
#define lfshim_exitcall_(fn)						\
	static void __attribute__((__destructor__(206), __used__))	\
	lfshim_exit_##fn(void)						\
	{								\
		fn();							\
	}

#endif
