/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The names that the core uses and that a module does not find in every kernel
 * from 6.1 on. Included before each source file.
 */
#ifndef TESTS_MODULE_NAMES_H
#define TESTS_MODULE_NAMES_H

#include <linux/build_bug.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>

/* The kernel does not export this function to modules. */
#define wake_up_state(task, state) ({					\
	BUILD_BUG_ON((state) != TASK_NORMAL);				\
	wake_up_process(task); })

/*
 * A module has only one init function. Each of the core's becomes a function
 * that module.c calls; build.sh lists them in inits.h.
 */
#undef subsys_initcall
#define subsys_initcall(fn)						\
	int __init libfence_init_##fn(void);				\
	int __init libfence_init_##fn(void)				\
	{								\
		return fn();						\
	}

/* The shim's debug checks, which exist with -Dchecks=true only. */
#define LFSHIM_CHECKS				0
#define lfshim_list_linked(entry)		false
#define lfshim_place_note(object, ip)		((void)0)
#define lfshim_report_twice(what, object, ip)	((void)0)

/*
 * Fault injection: Debian's kernels have none of their own. All allocations of
 * the core and of the tests go through these.
 */
bool libfence_allocation_fails(void);

static inline void *libfence_kmalloc(size_t size, gfp_t gfp)
{
	return libfence_allocation_fails() ? NULL : kmalloc(size, gfp);
}

static inline void *libfence_kzalloc(size_t size, gfp_t gfp)
{
	return libfence_allocation_fails() ? NULL : kzalloc(size, gfp);
}

#undef kmalloc
#undef kzalloc
#define kmalloc	libfence_kmalloc
#define kzalloc	libfence_kzalloc

/* New in Linux 6.6, and in some of Debian's 6.1. */
#ifndef __counted_by
#define __counted_by(member)
#endif

/* New in Linux 7.0; the core uses them without the optional last argument. */
#ifndef kmalloc_obj
#define kmalloc_objs(type, n)						\
	((typeof(type) *)kmalloc(size_mul(sizeof(type), n), GFP_KERNEL))
#define kzalloc_objs(type, n)						\
	((typeof(type) *)kzalloc(size_mul(sizeof(type), n), GFP_KERNEL))
#define kmalloc_obj(type)	kmalloc_objs(type, 1)
#define kzalloc_obj(type)	kzalloc_objs(type, 1)
#define kzalloc_flex(type, member, n)					\
	((typeof(type) *)kzalloc(struct_size((typeof(type) *)NULL,	\
					     member, n), GFP_KERNEL))
#endif

#endif
