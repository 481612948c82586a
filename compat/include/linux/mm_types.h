/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Types of the memory manager, for structures and prototypes that have them.
 * There are no pages and no mappings. With CONFIG_LOCKDEP, struct mm_struct
 * is in <linux/mm.h>.
 */
#ifndef _LINUX_MM_TYPES_H
#define _LINUX_MM_TYPES_H

#include <lfshim/kernel-code.h>
/* The kernel's header leads to some of these, and its files rely on that. */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/rwsem.h>
#include <linux/seqlock.h>
#include <linux/util_macros.h>
#include <linux/workqueue.h>
#include <linux/types.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <asm/page.h>

struct address_space;
struct file;
struct folio;
struct mm_struct;
struct page;
struct vm_area_struct;
struct vm_fault;
struct vm_operations_struct;

/* VM_FAULT_ bits. */
typedef unsigned int vm_fault_t;
typedef unsigned long vm_flags_t;
typedef struct {
	unsigned long pgprot;
} pgprot_t;

#endif
