/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * vmalloc() and vzalloc(): memory of kvmalloc(). There are no mappings of
 * pages. All of it is inline.
 */
#ifndef _LINUX_VMALLOC_H
#define _LINUX_VMALLOC_H

#include <lfshim/kernel-code.h>
#include <linux/mm_types.h>
#include <linux/slab.h>

/* Context: may sleep. Return: memory for vfree(), or NULL. */
static inline void *vmalloc(unsigned long size)
{
	return kvmalloc(size, GFP_KERNEL);
}

static inline void *vzalloc(unsigned long size)
{
	return kvzalloc(size, GFP_KERNEL);
}

static inline void vfree(const void *p)
{
	kvfree(p);
}

#endif
