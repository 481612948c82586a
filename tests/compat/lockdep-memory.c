// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * lockdep and memory: the locks of the memory manager, reclaim, and an array that
 * allocates. For builds with -Dchecks=true.
 */

#include "helpers.h"
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/xarray.h>
#include <libfence/libfence.h>

static void without_memory_there_is_no_mm(void **state)
{
	libfence_fail_nth(1);
	assert_null(mm_alloc());
	assert_int_equal(libfence_fail_nth_left(), 0);
	libfence_fail_nth(0);
}

static noinline void mmap_then_mapping(struct mm_struct *mm,
				       struct address_space *mapping)
{
	mmap_read_lock(mm);
	i_mmap_lock_write(mapping);
	i_mmap_unlock_write(mapping);
	mmap_read_unlock(mm);
}

static noinline void mapping_then_mmap(struct mm_struct *mm,
				       struct address_space *mapping)
{
	i_mmap_lock_write(mapping);
	mmap_read_lock(mm);
	mmap_read_unlock(mm);
	i_mmap_unlock_write(mapping);
}

static void the_locks_of_the_memory_manager_are_classes(void **state)
{
	struct mm_struct *one = mm_alloc(), *two = mm_alloc();
	struct address_space first, second;

	address_space_init_once(&first);
	address_space_init_once(&second);
	mmap_then_mapping(one, &first);
	assert_warns_naming("i_mmap_rwsem -> mmap_lock",
			    "taken at mapping_then_mmap",
			    mapping_then_mmap(two, &second));
	mmput(one);
	mmput(two);
}

static struct lockdep_map under_any = STATIC_LOCKDEP_MAP_INIT("under_any", NULL);

static void reclaim_with_fs_is_reclaim(void **state)
{
	/* Reclaim without __GFP_FS counts as reclaim for a lock. */
	fs_reclaim_acquire(GFP_NOFS);
	lock_map_acquire(&under_any);
	lock_map_release(&under_any);
	fs_reclaim_release(GFP_NOFS);
	assert_int_equal(current->held.nr, 0);
	fs_reclaim_acquire(GFP_KERNEL);
	/* The map of the other kind is not held: it was taken and released. */
	assert_int_equal(current->held.nr, 1);
	fs_reclaim_release(GFP_KERNEL);
	assert_int_equal(current->held.nr, 0);
	lock_map_acquire(&under_any);
	assert_warns_naming("possible deadlock", "reclaim",
			    fs_reclaim_acquire(GFP_NOFS));
	fs_reclaim_release(GFP_NOFS);
	lock_map_release(&under_any);
}

static struct lockdep_map under_nofs =
	STATIC_LOCKDEP_MAP_INIT("under_nofs", NULL);

static void reclaim_without_fs_is_part_of_all_reclaim(void **state)
{
	fs_reclaim_acquire(GFP_NOFS);
	lock_map_acquire(&under_nofs);
	lock_map_release(&under_nofs);
	fs_reclaim_release(GFP_NOFS);
	lock_map_acquire(&under_nofs);
	assert_warns_naming("possible deadlock", "reclaim",
			    might_alloc(GFP_KERNEL));
	lock_map_release(&under_nofs);
}

static DEFINE_XARRAY(array);

static void a_lock_that_an_array_drops_orders_nothing(void **state)
{
	int x;

	/* It allocates without the lock that its caller has taken. */
	xa_lock(&array);
	assert_null(__xa_store(&array, 0, &x, GFP_KERNEL));
	xa_unlock(&array);
	fs_reclaim_acquire(GFP_KERNEL);
	xa_lock(&array);
	xa_unlock(&array);
	fs_reclaim_release(GFP_KERNEL);
	xa_destroy(&array);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(without_memory_there_is_no_mm),
		TEST(the_locks_of_the_memory_manager_are_classes),
		TEST(reclaim_with_fs_is_reclaim),
		TEST(reclaim_without_fs_is_part_of_all_reclaim),
		TEST(a_lock_that_an_array_drops_orders_nothing),
	};

	BUG_ON(!libfence_has_checks());
	return TEST_MAIN("lockdep-memory", tests);
}
