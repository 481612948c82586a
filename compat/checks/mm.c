// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Lockdep maps that stand for locks of the memory manager; see <linux/mm.h>.
 * Nothing is locked.
 */

#include <linux/mm.h>

struct mm_struct *mm_alloc(void)
{
	static struct lock_class_key key;
	struct mm_struct *mm = kzalloc_obj(*mm);

	if (mm)
		lockdep_init_map(&mm->mmap_lock, "mmap_lock", &key, 0);
	return mm;
}

void address_space_init_once(struct address_space *mapping)
{
	static struct lock_class_key key;

	lockdep_init_map(&mapping->i_mmap_rwsem, "i_mmap_rwsem", &key, 0);
}
