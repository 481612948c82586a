/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * vmalloc(), vzalloc() and vrealloc(): memory of kvmalloc() that begins at a
 * page. There are no mappings of pages. All of it is inline.
 */
#ifndef _LINUX_VMALLOC_H
#define _LINUX_VMALLOC_H

#include <lfshim/kernel-code.h>
#include <linux/minmax.h>
#include <linux/mm_types.h>
#include <linux/numa.h>
#include <linux/slab.h>
#include <asm/page.h>

static inline void vfree(const void *p)
{
	kvfree(p);
}

/**
 * vrealloc_node_align - change the size of memory of vmalloc()
 * @p: the memory, or NULL; it stays valid if this fails
 * @size: the new number of bytes; with 0 the memory is freed
 * @align: the alignment, a power of two; at least a page
 * @flags: as for kmalloc()
 * @nid: ignored
 *
 * Context: may sleep.
 * Return: the new memory, which replaces @p, for vfree(); NULL.
 */
static inline void *vrealloc_node_align(const void *p, size_t size,
					unsigned long align, gfp_t flags,
					int nid)
{
	if (!size) {
		vfree(p);
		return NULL;
	}
	return kvrealloc_node_align(p, size, max_t(size_t, align, PAGE_SIZE),
				    flags, nid);
}

#define vrealloc_node(p, size, flags, nid) \
	vrealloc_node_align(p, size, 1, flags, nid)
#define vrealloc(p, size, flags) \
	vrealloc_node(p, size, flags, NUMA_NO_NODE)

/* Context: may sleep. Return: memory for vfree(), or NULL. */
static inline void *vmalloc(unsigned long size)
{
	return vrealloc(NULL, size, GFP_KERNEL);
}

static inline void *vzalloc(unsigned long size)
{
	return vrealloc(NULL, size, GFP_KERNEL | __GFP_ZERO);
}

#endif
