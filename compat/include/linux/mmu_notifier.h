/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Notifiers of changes to an address space: there are none. The types, for
 * structures and prototypes. Left out: all functions.
 */
#ifndef _LINUX_MMU_NOTIFIER_H
#define _LINUX_MMU_NOTIFIER_H

#include <lfshim/kernel-code.h>
#include <linux/interval_tree.h>
#include <linux/llist.h>
#include <linux/mm.h>

struct mmu_interval_notifier;
struct mmu_notifier_range;

struct mmu_interval_notifier_finish {
	struct llist_node link;
	struct mmu_interval_notifier *notifier;
};

struct mmu_interval_notifier_ops {
	bool (*invalidate)(struct mmu_interval_notifier *notifier,
			   const struct mmu_notifier_range *range,
			   unsigned long seq);
};

struct mmu_interval_notifier {
	struct interval_tree_node interval_tree;
	const struct mmu_interval_notifier_ops *ops;
	struct mm_struct *mm;
	unsigned long invalidate_seq;
};

#endif
