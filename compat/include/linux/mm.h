/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * With CONFIG_LOCKDEP, the names of two locks of the memory manager. There are
 * no pages and no mappings; <asm/page.h> has PAGE_SIZE. Implemented in
 * compat/checks/mm.c.
 */
#ifndef _LINUX_MM_H
#define _LINUX_MM_H

#include <lfshim/kernel-code.h>

/* The kernel's header includes these, too, and its tests rely on that. */
#include <linux/cpumask.h>
#include <linux/wait_bit.h>
#include <linux/mm_types.h>

#include <asm/page.h>
#include <linux/types.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/pfn.h>
#include <linux/slab.h>
#include <linux/rbtree.h>

/* Without the boot option init_on_free. */
static inline bool want_init_on_free(void)
{
	return false;
}

#ifdef CONFIG_LOCKDEP
/*
 * The locks of an address space and of a file's mappings, for code that teaches
 * lockdep their order. They are lockdep maps only: nothing is locked.
 */
struct mm_struct {
	struct lockdep_map mmap_lock;
};

struct address_space {
	struct lockdep_map i_mmap_rwsem;
};

/* Return: for mmput(); NULL without memory. Context: may sleep. */
struct mm_struct *mm_alloc(void) LFSHIM(mm_alloc);
void address_space_init_once(struct address_space *mapping)
	LFSHIM(address_space_init_once);

static inline void mmput(struct mm_struct *mm)
{
	kfree(mm);
}

static inline void mmap_read_lock(struct mm_struct *mm)
{
	lock_acquire(&mm->mmap_lock, 0, 0, 1, 1, NULL, _THIS_IP_);
}

static inline void mmap_read_unlock(struct mm_struct *mm)
{
	lock_release(&mm->mmap_lock, _THIS_IP_);
}

static inline void i_mmap_lock_write(struct address_space *mapping)
{
	lock_map_acquire(&mapping->i_mmap_rwsem);
}

static inline void i_mmap_unlock_write(struct address_space *mapping)
{
	lock_map_release(&mapping->i_mmap_rwsem);
}
#endif

struct address_space;

/*
 * Declared for inline functions of headers, which nothing calls. There are no
 * pages, so these have no definition: code that calls one does not link.
 */
void get_page(struct page *page);
void put_page(struct page *page);
struct page *virt_to_page(const void *addr);

/* There are no mappings of files, so nothing is unmapped. */
static inline void unmap_mapping_range(struct address_space *mapping,
				       s64 holebegin, s64 holelen, int even_cows)
{
	(void)mapping;
	(void)holebegin;
	(void)holelen;
	(void)even_cows;
}

#endif
