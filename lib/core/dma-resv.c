// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reservation objects: the list of a buffer's fences, and its readers.
 *
 * To grow, a writer replaces the whole list. Otherwise it overwrites a slot of
 * the list, or appends one. Readers are under RCU:
 *
 * I1  A slot is one word with the fence and its usage, so both change together.
 *     Slots and the pointer to the list are stored with a release.
 * I2  A slot is stored before the count that includes it.
 * I3  A fence is put after it was removed from its slot. A list is freed a
 *     grace period after it was replaced. A reader that finds a fence without
 *     references has read an old slot or an old list, and begins again.
 * I4  Growing the list keeps every fence that is not signalled.
 * I5  Between two steps, a cursor is not in a read-side section. Its list may
 *     have been freed, and the memory may be another list. A cursor follows its
 *     list only if the list is the object's and has the same generation.
 * I6  A cursor borrows the list's reference. It writes the fence into a hazard
 *     slot, and then tests that the fence is still in its list slot and the
 *     list still the object's. If so, the fence can only be removed later.
 * I7  A writer that has removed a fence searches the hazard slots before it
 *     puts the list's reference: see dma-resv-hazard.c.
 */

#include <linux/build_bug.h>
#include <linux/dma-fence-array.h>
#include <linux/dma-resv.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/log2.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "dma-resv-hazard.h"

DEFINE_WD_CLASS(reservation_ww_class);
EXPORT_SYMBOL(reservation_ww_class);

struct dma_resv_list {
	struct rcu_head rcu;
	/* Written under the lock, read without it. */
	u32 num_fences;
	/* Under the lock: the number of slots that may be used. */
	u32 max_fences;
	/* The object's generation when the list was published; constant. */
	unsigned int generation;
	/* Fences with a reference to each, and the usage in the low bits. */
	struct dma_fence __rcu *table[];
};

/* The object's list. The lock is held. */
static struct dma_resv_list *resv_locked_list(struct dma_resv *obj)
{
	return rcu_dereference_protected(obj->fences, dma_resv_held(obj));
}

static enum dma_resv_usage slot_usage(struct dma_fence *slot)
{
	return (unsigned long)slot & DMA_RESV_LIST_MASK;
}

/* The lock is held, or no other thread can see the list. */
static struct dma_fence *resv_list_get(struct dma_resv_list *list,
				       unsigned int i,
				       enum dma_resv_usage *usage)
{
	struct dma_fence *slot = rcu_dereference_protected(list->table[i],
							   true);

	if (usage)
		*usage = slot_usage(slot);
	return slot_fence(slot);
}

static void resv_list_set(struct dma_resv_list *list, unsigned int i,
			  struct dma_fence *fence, enum dma_resv_usage usage)
{
	BUILD_BUG_ON(__alignof__(struct dma_fence) <= DMA_RESV_LIST_MASK);

	/*
	 * R1: release. Pairs with A3 in resv_iter_walk() and A4 in
	 * resv_list_signaled(). Without it, a reader may find a fence before
	 * the stores that have initialised it.
	 */
	rcu_assign_pointer(list->table[i], (struct dma_fence *)
			   ((unsigned long)fence | usage));
}

/* A list with at least @max slots, or NULL. */
static struct dma_resv_list *resv_list_alloc(size_t max)
{
	struct dma_resv_list *list;
	size_t size;

	if (max > INT_MAX)
		return NULL;
	size = kmalloc_size_roundup(struct_size(list, table, max));
	list = kmalloc(size, GFP_KERNEL);
	if (!list)
		return NULL;
	list->num_fences = 0;
	list->max_fences = (size - offsetof(struct dma_resv_list, table)) /
			   sizeof(list->table[0]);
	return list;
}

/* Put a fence that was removed from its slot. */
static void resv_put_removed(struct dma_fence *fence)
{
	resv_hazard_hand_over(&fence, 1);
	dma_fence_put(fence);
}

/* Put the fences from slot @i to @end, which readers cannot find any more. */
static void resv_list_put_slots(struct dma_resv_list *list, unsigned int i,
				unsigned int end)
{
	struct dma_fence **slots = (struct dma_fence __force **)list->table;

	resv_hazard_hand_over(slots + i, end - i);
	for (; i < end; i++)
		dma_fence_put(resv_list_get(list, i, NULL));
}

/* Free a list that was never published, or was replaced, and put its fences. */
static void resv_list_free(struct dma_resv_list *list)
{
	if (!list)
		return;
	resv_list_put_slots(list, 0, list->num_fences);
	/* Readers may still use the list. */
	kfree_rcu(list, rcu);
}

/* Make @list, or NULL, the list of the object. The lock is held. */
static void resv_publish(struct dma_resv *obj, struct dma_resv_list *list)
{
	if (list)
		list->generation = ++obj->generation;
	/*
	 * R2: release. Pairs with A1 in resv_iter_restart() and A2 in
	 * resv_iter_is_current() and A5 in dma_resv_test_signaled(). Without
	 * it, a reader may find a list with an old count or generation.
	 */
	rcu_assign_pointer(obj->fences, list);
}

/**
 * dma_resv_init - initialise a reservation object
 * @obj: memory of the caller, need not be cleared
 *
 * Context: any.
 */
void dma_resv_init(struct dma_resv *obj)
{
	ww_mutex_init(&obj->lock, &reservation_ww_class);
	RCU_INIT_POINTER(obj->fences, NULL);
	obj->generation = 0;
}
EXPORT_SYMBOL(dma_resv_init);

/**
 * dma_resv_fini - destroy a reservation object
 * @obj: no other thread can use it any more, not even to read; need not be
 *	locked
 *
 * Puts the fences, signalled or not. The caller owns the memory again.
 * Context: any.
 */
void dma_resv_fini(struct dma_resv *obj)
{
	resv_list_free(rcu_dereference_protected(obj->fences, true));
	ww_mutex_destroy(&obj->lock);
}
EXPORT_SYMBOL(dma_resv_fini);

/**
 * dma_resv_reserve_fences - reserve slots for fences to be added
 * @obj: locked
 * @num_fences: how often dma_resv_add_fence() may be called; 0 warns
 *
 * The slots are reserved until the object is unlocked. A further call does not
 * add to the reservation: it makes sure that @num_fences slots are free.
 * Context: may sleep.
 * Return: 0; -ENOMEM, with nothing changed; -EINVAL when @num_fences is 0.
 */
int dma_resv_reserve_fences(struct dma_resv *obj, unsigned int num_fences)
{
	struct dma_resv_list *old, *new;
	size_t i, kept, parked, max;

	dma_resv_assert_held(obj);
	if (WARN_ON(!num_fences))
		return -EINVAL;
	/* So the calculations below do not overflow on 32-bit systems. */
	if (num_fences > INT_MAX)
		return -ENOMEM;

	old = resv_locked_list(obj);
	if (old && old->max_fences) {
		max = (size_t)old->num_fences + num_fences;
		if (max <= old->max_fences)
			return 0;
		max = max_t(size_t, max, (size_t)old->max_fences * 2);
	} else {
		max = max_t(size_t, 4, roundup_pow_of_two(num_fences));
	}
	new = resv_list_alloc(max);
	if (!new)
		return -ENOMEM;

	/*
	 * The references move with the fences. Signalled fences are moved to
	 * the last slots, which num_fences does not include. They are put below
	 * when readers cannot find them any more. The number of fences is less
	 * than max_fences, so the two ends do not meet.
	 */
	for (i = 0, kept = 0, parked = new->max_fences;
	     old && i < old->num_fences; i++) {
		enum dma_resv_usage usage;
		struct dma_fence *fence = resv_list_get(old, i, &usage);

		if (dma_fence_is_signaled(fence))
			resv_list_set(new, --parked, fence, usage);
		else
			resv_list_set(new, kept++, fence, usage);
	}
	new->num_fences = kept;
	resv_publish(obj, new);

	resv_list_put_slots(new, parked, new->max_fences);
	kfree_rcu(old, rcu);
	return 0;
}
EXPORT_SYMBOL(dma_resv_reserve_fences);

#ifdef CONFIG_DEBUG_MUTEXES
/**
 * dma_resv_reset_max_fences - cancel the reservation of slots
 * @obj: locked
 *
 * dma_resv_unlock() calls this first. So adding a fence without a reservation
 * is a BUG even if the list has free slots.
 * Context: any.
 */
void dma_resv_reset_max_fences(struct dma_resv *obj)
{
	struct dma_resv_list *list = resv_locked_list(obj);

	dma_resv_assert_held(obj);
	if (list)
		list->max_fences = list->num_fences;
}
EXPORT_SYMBOL(dma_resv_reset_max_fences);
#endif

/**
 * dma_resv_add_fence - add a fence to an object
 * @obj: locked, with a slot that was reserved under this lock; otherwise a BUG
 * @fence: takes its own reference. Arrays and chains warn.
 * @usage: the usage of the fence
 *
 * Replaces the first fence that is signalled or superseded. A fence is
 * superseded if it is of the same context, not later, and its usage is not
 * stronger. Without such a fence, appends to the list.
 * Context: any.
 */
void dma_resv_add_fence(struct dma_resv *obj, struct dma_fence *fence,
			enum dma_resv_usage usage)
{
	struct dma_resv_list *list;
	struct dma_fence *old;
	enum dma_resv_usage old_usage;
	unsigned int i, count;

	dma_resv_assert_held(obj);
	/* Only the container would be compared and replaced, not its fences. */
	WARN_ON(dma_fence_is_container(fence));

	dma_fence_get(fence);
	list = resv_locked_list(obj);
	BUG_ON(!list);
	count = list->num_fences;

	for (i = 0; i < count; i++) {
		old = resv_list_get(list, i, &old_usage);
		if ((old->context == fence->context && old_usage >= usage &&
		     dma_fence_is_later_or_same(fence, old)) ||
		    dma_fence_is_signaled(old)) {
			resv_list_set(list, i, fence, usage);
			resv_put_removed(old);
			return;
		}
	}

	BUG_ON(count >= list->max_fences);
	resv_list_set(list, count, fence, usage);
	/*
	 * R3: release. Pairs with A6 in resv_list_count(). Without it, a reader
	 * may see the count before the slot, and use the slot's old content.
	 */
	smp_store_release(&list->num_fences, count + 1);
}
EXPORT_SYMBOL(dma_resv_add_fence);

/**
 * dma_resv_replace_fences - replace all fences of a context
 * @obj: locked
 * @context: the context
 * @replacement: takes a reference for each replaced fence. It is signalled when
 *	waiting for the replaced fences is no longer needed, whether they are
 *	signalled or not.
 * @usage: the usage of @replacement
 *
 * Does nothing if there is no fence of the context.
 * Context: any.
 */
void dma_resv_replace_fences(struct dma_resv *obj, uint64_t context,
			     struct dma_fence *replacement,
			     enum dma_resv_usage usage)
{
	struct dma_resv_list *list;
	struct dma_fence *old;
	unsigned int i;

	dma_resv_assert_held(obj);

	list = resv_locked_list(obj);
	for (i = 0; list && i < list->num_fences; i++) {
		old = resv_list_get(list, i, NULL);
		if (old->context != context)
			continue;
		resv_list_set(list, i, dma_fence_get(replacement), usage);
		resv_put_removed(old);
	}
}
EXPORT_SYMBOL(dma_resv_replace_fences);

/* Iteration without the lock */

/* The number of slots that a reader may use. */
static unsigned int resv_list_count(struct dma_resv_list *list)
{
	/*
	 * A6: acquire. Pairs with R3 in dma_resv_add_fence(). Without it, a
	 * reader may read the last slot before the fence was stored there.
	 */
	return smp_load_acquire(&list->num_fences);
}

/* Begin with the first slot of the object's current list. Under RCU. */
static void resv_iter_restart(struct dma_resv_iter *cursor)
{
	/*
	 * A1: acquire. Pairs with R2 in resv_publish(). Without it, the count
	 * and the generation may be read before they were stored.
	 */
	struct dma_resv_list *list = rcu_dereference(cursor->obj->fences);

	cursor->index = 0;
	cursor->fences = list;
	cursor->num_fences = list ? resv_list_count(list) : 0;
	cursor->generation = list ? list->generation : 0;
	cursor->is_restarted = true;
}

/* Is the cursor's list still the object's? Under RCU. */
static bool resv_iter_is_current(struct dma_resv_iter *cursor)
{
	/*
	 * A2: acquire. Pairs with R2 in resv_publish(). Without it, the
	 * generation may be that of an older list at the same address.
	 */
	struct dma_resv_list *list = rcu_dereference(cursor->obj->fences);

	return list == cursor->fences &&
	       (!list || list->generation == cursor->generation);
}

/* Release the cursor's fence, if it has one. */
static void resv_iter_leave(struct dma_resv_iter *cursor)
{
	struct dma_fence *fence = cursor->fence;

	if (!fence)
		return;
	cursor->fence = NULL;
	if (!cursor->hazard || resv_hazard_change(cursor->hazard, NULL))
		dma_fence_put(fence);
}

/*
 * Move the cursor from its fence to that of @slot, which was read from @where.
 * Returns false if that was removed meanwhile: the cursor then has no fence.
 * Under RCU.
 */
static bool resv_iter_enter(struct dma_resv_iter *cursor,
			    struct dma_fence *slot,
			    struct dma_fence __rcu **where)
{
	struct dma_fence *fence = slot_fence(slot), **hazard;

	if (cursor->fence && cursor->hazard) {
		hazard = cursor->hazard;
		if (resv_hazard_change(hazard, fence))
			dma_fence_put(cursor->fence);
	} else {
		dma_fence_put(cursor->fence);
		hazard = resv_hazard_take(fence);
	}
	cursor->hazard = hazard;
	if (!hazard) {
		cursor->fence = dma_fence_get_rcu(fence);
		return cursor->fence;
	}
	cursor->fence = fence;
	/*
	 * Ordered after the store to the hazard slot by the full barrier in
	 * resv_hazard_take() or resv_hazard_change(). The list was the object's
	 * at some time in this read-side section, so no other list can be at
	 * its address.
	 */
	if (rcu_access_pointer(*where) == slot &&
	    rcu_access_pointer(cursor->obj->fences) == cursor->fences)
		return true;
	resv_iter_leave(cursor);
	return false;
}

/*
 * Move the cursor to the next fence that is not signalled. Under RCU. The list
 * is or was the object's in this read-side section.
 */
static void resv_iter_walk(struct dma_resv_iter *cursor)
{
	struct dma_fence __rcu **where;
	struct dma_fence *slot, *fence;

	/* Without a list, num_fences is 0. */
	while (cursor->index < cursor->num_fences) {
		where = &cursor->fences->table[cursor->index++];
		/*
		 * A3: acquire. Pairs with R1 in resv_list_set(). Without it,
		 * the fence may be read before it was initialised.
		 */
		slot = rcu_dereference(*where);
		fence = slot_fence(slot);
		/* No reference needed: the section keeps the memory a fence. */
		if (slot_usage(slot) > cursor->usage ||
		    dma_fence_test_signaled_flag(fence))
			continue;
		if (!resv_iter_enter(cursor, slot, where)) {
			resv_iter_restart(cursor);
			continue;
		}
		if (!dma_fence_is_signaled(fence)) {
			cursor->fence_usage = slot_usage(slot);
			return;
		}
	}
	resv_iter_leave(cursor);
}

/**
 * dma_resv_iter_first_unlocked - get the first fence that is not signalled
 * @cursor: from dma_resv_iter_begin(); keeps the fence until the next step
 *
 * Context: any; no lock is needed. Asks the producers of the fences.
 * Return: the fence, borrowed through @cursor; NULL if there is none.
 */
struct dma_fence *dma_resv_iter_first_unlocked(struct dma_resv_iter *cursor)
{
	rcu_read_lock();
	do {
		resv_iter_restart(cursor);
		resv_iter_walk(cursor);
	} while (!resv_iter_is_current(cursor));
	rcu_read_unlock();
	return cursor->fence;
}
EXPORT_SYMBOL(dma_resv_iter_first_unlocked);

/**
 * dma_resv_iter_next_unlocked - get the next fence that is not signalled
 * @cursor: releases its fence, and keeps the next one
 *
 * Begins again if the list was replaced.
 * Context: any; no lock is needed. Asks the producers of the fences.
 * Return: the fence, borrowed through @cursor; NULL at the end: the cursor has
 * no fence any more.
 */
struct dma_fence *dma_resv_iter_next_unlocked(struct dma_resv_iter *cursor)
{
	rcu_read_lock();
	cursor->is_restarted = false;
	do {
		if (!resv_iter_is_current(cursor))
			resv_iter_restart(cursor);
		resv_iter_walk(cursor);
	} while (!resv_iter_is_current(cursor));
	rcu_read_unlock();
	return cursor->fence;
}
EXPORT_SYMBOL(dma_resv_iter_next_unlocked);

/**
 * dma_resv_iter_end - end an iteration
 * @cursor: from dma_resv_iter_begin(); releases its fence, if it has one
 *
 * Only needed after an unlocked iteration.
 * Context: any.
 */
void dma_resv_iter_end(struct dma_resv_iter *cursor)
{
	resv_iter_leave(cursor);
}
EXPORT_SYMBOL(dma_resv_iter_end);

/*
 * Give the cursor a reference, and free its hazard slot. Cursors that sleep
 * would otherwise keep the slots of a CPU occupied.
 */
static void resv_iter_get(struct dma_resv_iter *cursor)
{
	if (!cursor->hazard)
		return;
	dma_fence_get(cursor->fence);
	if (resv_hazard_change(cursor->hazard, NULL))
		dma_fence_put(cursor->fence);
	cursor->hazard = NULL;
}

/* Iteration with the lock held */

/**
 * dma_resv_iter_first - get the first fence, with the lock held
 * @cursor: from dma_resv_iter_begin(); takes no reference
 *
 * Context: the object is locked, until the end of the iteration.
 * Return: the fence, signalled or not, borrowed from the object; or NULL.
 */
struct dma_fence *dma_resv_iter_first(struct dma_resv_iter *cursor)
{
	struct dma_fence *fence;

	dma_resv_assert_held(cursor->obj);

	cursor->index = 0;
	cursor->fences = resv_locked_list(cursor->obj);
	fence = dma_resv_iter_next(cursor);
	cursor->is_restarted = true;
	return fence;
}
EXPORT_SYMBOL(dma_resv_iter_first);

/**
 * dma_resv_iter_next - get the next fence, with the lock held
 * @cursor: from dma_resv_iter_first()
 *
 * Context: the object is locked.
 * Return: as dma_resv_iter_first().
 */
struct dma_fence *dma_resv_iter_next(struct dma_resv_iter *cursor)
{
	struct dma_resv_list *list = cursor->fences;
	struct dma_fence *fence;

	dma_resv_assert_held(cursor->obj);

	cursor->is_restarted = false;
	while (list && cursor->index < list->num_fences) {
		fence = resv_list_get(list, cursor->index++,
				      &cursor->fence_usage);
		if (cursor->fence_usage <= cursor->usage)
			return fence;
	}
	return NULL;
}
EXPORT_SYMBOL(dma_resv_iter_next);

/* Operations that iterate */

/**
 * dma_resv_copy_fences - copy the fences of an object to another
 * @dst: locked; takes its own references, and puts the fences that it had
 * @src: need not be locked
 *
 * Copies the fences that are not signalled. Cancels reservations in @dst.
 * Context: may sleep.
 * Return: 0; -ENOMEM, with @dst unchanged.
 */
int dma_resv_copy_fences(struct dma_resv *dst, struct dma_resv *src)
{
	struct dma_resv_list *new = NULL, *old;
	struct dma_resv_iter cursor;
	struct dma_fence *f;

	dma_resv_assert_held(dst);

	dma_resv_iter_begin(&cursor, src, DMA_RESV_USAGE_BOOKKEEP);
	dma_resv_for_each_fence_unlocked(&cursor, f) {
		if (dma_resv_iter_is_restarted(&cursor)) {
			resv_list_free(new);
			new = resv_list_alloc(cursor.num_fences);
			if (!new) {
				dma_resv_iter_end(&cursor);
				return -ENOMEM;
			}
		}
		resv_list_set(new, new->num_fences++, dma_fence_get(f),
			      dma_resv_iter_usage(&cursor));
	}
	dma_resv_iter_end(&cursor);

	old = resv_locked_list(dst);
	resv_publish(dst, new);
	resv_list_free(old);
	return 0;
}
EXPORT_SYMBOL(dma_resv_copy_fences);

static void resv_put_table(struct dma_fence **fences, unsigned int num)
{
	while (num--)
		dma_fence_put(fences[num]);
	kfree(fences);
}

/**
 * dma_resv_get_fences - get the fences of an object in a table
 * @obj: need not be locked
 * @usage: includes fences of this usage and less
 * @num_fences: gets the number of fences
 * @fences: gets a table with a reference to each fence, which the caller frees
 *	with kfree(); NULL when there is no fence
 *
 * Leaves out signalled fences. Fences in the table may become signalled at any
 * time.
 * Context: may sleep.
 * Return: 0; -ENOMEM, with *@num_fences 0 and *@fences NULL.
 */
int dma_resv_get_fences(struct dma_resv *obj, enum dma_resv_usage usage,
			unsigned int *num_fences, struct dma_fence ***fences)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	*num_fences = 0;
	*fences = NULL;

	dma_resv_iter_begin(&cursor, obj, usage);
	dma_resv_for_each_fence_unlocked(&cursor, fence) {
		if (dma_resv_iter_is_restarted(&cursor)) {
			resv_put_table(*fences, *num_fences);
			*num_fences = 0;
			/* One more slot, for a caller that adds a fence. */
			*fences = kmalloc_objs(**fences,
					       (size_t)cursor.num_fences + 1);
			if (!*fences) {
				dma_resv_iter_end(&cursor);
				return -ENOMEM;
			}
		}
		(*fences)[(*num_fences)++] = dma_fence_get(fence);
	}
	dma_resv_iter_end(&cursor);
	return 0;
}
EXPORT_SYMBOL(dma_resv_get_fences);

/**
 * dma_resv_get_singleton - get one fence that stands for all of an object
 * @obj: need not be locked
 * @usage: includes fences of this usage and less
 * @fence: gets the fence with a reference: an array if there are several, NULL
 *	if there is none. An array must not be added to an object.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM, with *@fence unchanged.
 */
int dma_resv_get_singleton(struct dma_resv *obj, enum dma_resv_usage usage,
			   struct dma_fence **fence)
{
	struct dma_fence_array *array;
	struct dma_fence **fences;
	unsigned int count;
	int ret;

	ret = dma_resv_get_fences(obj, usage, &count, &fences);
	if (ret)
		return ret;
	if (!count) {
		*fence = NULL;
		return 0;
	}
	if (count == 1) {
		*fence = fences[0];
		kfree(fences);
		return 0;
	}

	array = dma_fence_array_create(count, fences,
				       dma_fence_context_alloc(1), 1);
	if (!array) {
		resv_put_table(fences, count);
		return -ENOMEM;
	}
	*fence = &array->base;
	return 0;
}
EXPORT_SYMBOL(dma_resv_get_singleton);

/**
 * dma_resv_wait_timeout - wait for the fences of an object
 * @obj: need not be locked
 * @usage: includes fences of this usage and less
 * @intr: a POSIX signal ends the wait
 * @timeout: in jiffies, for all fences together; 0 only tests
 *
 * Waits for one fence after the other with dma_fence_wait_timeout(). May or may
 * not wait for fences that are added meanwhile.
 * Context: may sleep.
 * Return: the remaining jiffies, at least 1, when all fences are signalled; 0
 * when the timeout expired; -ERESTARTSYS when a POSIX signal came; -EINVAL and
 * a warning when @timeout is more than MAX_SCHEDULE_TIMEOUT and there is a
 * fence.
 */
long dma_resv_wait_timeout(struct dma_resv *obj, enum dma_resv_usage usage,
			   bool intr, unsigned long timeout)
{
	long ret = timeout ? timeout : 1;
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_iter_begin(&cursor, obj, usage);
	dma_resv_for_each_fence_unlocked(&cursor, fence) {
		resv_iter_get(&cursor);
		ret = dma_fence_wait_timeout(fence, intr, timeout);
		if (ret <= 0)
			break;
		if (timeout)
			timeout = ret;
	}
	dma_resv_iter_end(&cursor);
	return ret;
}
EXPORT_SYMBOL(dma_resv_wait_timeout);

/**
 * dma_resv_set_deadline - say when the fences of an object are needed
 * @obj: need not be locked
 * @usage: includes fences of this usage and less
 * @deadline: CLOCK_MONOTONIC; the past means now
 *
 * Context: any.
 */
void dma_resv_set_deadline(struct dma_resv *obj, enum dma_resv_usage usage,
			   ktime_t deadline)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_iter_begin(&cursor, obj, usage);
	dma_resv_for_each_fence_unlocked(&cursor, fence)
		dma_fence_set_deadline(fence, deadline);
	dma_resv_iter_end(&cursor);
}
EXPORT_SYMBOL(dma_resv_set_deadline);

/*
 * Returns 1 if all fences of a list are signalled, 0 if one is not, -EAGAIN if
 * the list is out of date. Only takes a reference to ask the producer, because
 * a reference makes readers on different CPUs share a cache line. Under RCU.
 */
static int resv_list_signaled(struct dma_resv_list *list,
			      enum dma_resv_usage usage)
{
	unsigned int i, count = resv_list_count(list);
	const struct dma_fence_ops *ops;
	struct dma_fence *slot, *fence;
	bool signaled;

	for (i = 0; i < count; i++) {
		/*
		 * A4: acquire. Pairs with R1 in resv_list_set(). Without it,
		 * the fence may be read before it was initialised.
		 */
		slot = rcu_dereference(list->table[i]);
		fence = slot_fence(slot);
		if (slot_usage(slot) > usage ||
		    dma_fence_test_signaled_flag(fence))
			continue;
		ops = rcu_dereference(fence->ops);
		/* Only signalling clears the ops: the fence is signalled. */
		if (!ops)
			continue;
		if (!ops->signaled)
			return 0;
		if (!dma_fence_get_rcu(fence))
			return -EAGAIN;
		signaled = dma_fence_is_signaled(fence);
		dma_fence_put(fence);
		if (!signaled)
			return 0;
	}
	return 1;
}

/**
 * dma_resv_test_signaled - test whether the fences of an object are signalled
 * @obj: need not be locked
 * @usage: includes fences of this usage and less
 *
 * Context: any. Asks the producers of the fences.
 * Return: true if an unlocked iteration would find nothing.
 */
bool dma_resv_test_signaled(struct dma_resv *obj, enum dma_resv_usage usage)
{
	struct dma_resv_list *list;
	int ret;

	rcu_read_lock();
	do {
		/*
		 * A5: acquire. Pairs with R2 in resv_publish(). Without it, the
		 * count may be read before it was stored.
		 */
		list = rcu_dereference(obj->fences);
		ret = list ? resv_list_signaled(list, usage) : 1;
	} while (ret < 0 || list != rcu_access_pointer(obj->fences));
	rcu_read_unlock();
	return ret;
}
EXPORT_SYMBOL(dma_resv_test_signaled);

/**
 * dma_resv_describe - print a line about each fence of an object
 * @obj: locked
 * @seq: gets the lines
 *
 * Leaves out fences of usage BOOKKEEP.
 * Context: any.
 */
void dma_resv_describe(struct dma_resv *obj, struct seq_file *seq)
{
	static const char *const usages[] = { "kernel", "write", "read" };
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_for_each_fence(&cursor, obj, DMA_RESV_USAGE_READ, fence) {
		seq_printf(seq, "\t%s fence:",
			   usages[dma_resv_iter_usage(&cursor)]);
		dma_fence_describe(fence, seq);
	}
}
EXPORT_SYMBOL(dma_resv_describe);

#ifdef CONFIG_LOCKDEP
/*
 * Teach lockdep that code with a locked object may allocate, and so wait for
 * reclaim and for fences. It then reports the first lock of an object in a
 * signalling section.
 */
static int __init resv_waits_for_reclaim(void)
{
	struct ww_acquire_ctx ctx;
	struct dma_resv obj;

	dma_resv_init(&obj);
	ww_acquire_init(&ctx, &reservation_ww_class);
	if (!dma_resv_lock(&obj, &ctx)) {
		fs_reclaim_acquire(GFP_KERNEL);
		fs_reclaim_release(GFP_KERNEL);
		dma_resv_unlock(&obj);
	}
	ww_acquire_fini(&ctx);
	dma_resv_fini(&obj);
	return 0;
}
subsys_initcall(resv_waits_for_reclaim);
#endif
