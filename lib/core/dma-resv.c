// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reservation objects: the list of a buffer's fences, and its readers.
 *
 * The list is replaced as a whole when it has to grow; otherwise its slots are
 * overwritten, or one is appended, in place. Readers are under RCU:
 *
 * R1  A slot, and the pointer to the list, is one word that is stored with a
 *     release: fence and usage change together.
 * R2  A slot is stored before the count that includes it.
 * R3  A fence is put after it was taken out of its slot, a list is freed a
 *     grace period after it was replaced. Who finds a fence that has no
 *     reference any more has an old slot or an old list, and begins again.
 * R4  Growing the list keeps every fence that is not signalled.
 * R5  Between two steps a cursor is outside of RCU. Its list may be gone, and
 *     the memory be that of another list: it is followed again only when it is
 *     the object's list and of the same generation.
 * R6  A cursor borrows the list's reference. It writes the fence into a place,
 *     and then looks whether it is still in its slot, and the list still the
 *     object's: if so, whoever takes it out does that later.
 * R7  Who has taken a fence out looks at the places before it puts the list's
 *     reference, see dma-resv-hazard.c.
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
	/* Written by who holds the lock, read by all. */
	u32 num_fences;
	/* The lock's: how many there is room for. */
	u32 max_fences;
	/* Constant once published: &dma_resv.generation of that time. */
	unsigned int generation;
	/* A fence, with a reference, and its usage in the low bits. */
	struct dma_fence __rcu *table[];
};

/* The list, for who holds the lock. */
static struct dma_resv_list *locked_list(struct dma_resv *obj)
{
	return rcu_dereference_protected(obj->fences, dma_resv_held(obj));
}

static enum dma_resv_usage slot_usage(struct dma_fence *slot)
{
	return (unsigned long)slot & DMA_RESV_LIST_MASK;
}

/* For who holds the lock, or has the only pointer to the list. */
static struct dma_fence *list_get(struct dma_resv_list *list, unsigned int i,
				  enum dma_resv_usage *usage)
{
	struct dma_fence *slot = rcu_dereference_protected(list->table[i],
							   true);

	if (usage)
		*usage = slot_usage(slot);
	return slot_fence(slot);
}

static void list_set(struct dma_resv_list *list, unsigned int i,
		     struct dma_fence *fence, enum dma_resv_usage usage)
{
	BUILD_BUG_ON(__alignof__(struct dma_fence) <= DMA_RESV_LIST_MASK);

	/* Release: pairs with rcu_dereference() in the readers. */
	rcu_assign_pointer(list->table[i], (struct dma_fence *)
			   ((unsigned long)fence | usage));
}

/* Room for @max fences, or some more. */
static struct dma_resv_list *list_alloc(size_t max)
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

/* Put what was taken out of its slot. */
static void put_gone(struct dma_fence *fence)
{
	resv_hazard_hand_over(&fence, 1);
	dma_fence_put(fence);
}

/* Put what is in slots of a list that are out of sight. */
static void put_slots(struct dma_resv_list *list, unsigned int i,
		      unsigned int end)
{
	struct dma_fence **slots = (struct dma_fence __force **)list->table;

	resv_hazard_hand_over(slots + i, end - i);
	for (; i < end; i++)
		dma_fence_put(list_get(list, i, NULL));
}

/* Drop a list that is not published, or not any more. */
static void list_free(struct dma_resv_list *list)
{
	if (!list)
		return;
	put_slots(list, 0, list->num_fences);
	/* Readers may still be in it. */
	kfree_rcu(list, rcu);
}

/* With the lock held. */
static void publish(struct dma_resv *obj, struct dma_resv_list *list)
{
	if (list)
		list->generation = ++obj->generation;
	/* Release: pairs with rcu_dereference() in the readers. */
	rcu_assign_pointer(obj->fences, list);
}

/**
 * dma_resv_init - make a reservation object
 * @obj: memory of the caller's, cleared or not
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
 * dma_resv_fini - the end of a reservation object
 * @obj: nobody can reach it any more, readers included; it need not be locked
 *
 * Puts the fences, signalled or not. The memory is the caller's again.
 * Context: any.
 */
void dma_resv_fini(struct dma_resv *obj)
{
	list_free(rcu_dereference_protected(obj->fences, true));
	ww_mutex_destroy(&obj->lock);
}
EXPORT_SYMBOL(dma_resv_fini);

/**
 * dma_resv_reserve_fences - make room for fences to be added
 * @obj: locked
 * @num_fences: for how many dma_resv_add_fence(); 0 warns
 *
 * The room is there until the object is unlocked. Reserving again is not in
 * addition: there is room for the largest of the numbers.
 * Context: may sleep.
 * Return: 0; -ENOMEM, with nothing changed; -EINVAL for no fences.
 */
int dma_resv_reserve_fences(struct dma_resv *obj, unsigned int num_fences)
{
	struct dma_resv_list *old, *new;
	size_t i, kept, parked, max;

	dma_resv_assert_held(obj);
	if (WARN_ON(!num_fences))
		return -EINVAL;
	/* Sums and powers of two below do not overflow on 32-bit systems. */
	if (num_fences > INT_MAX)
		return -ENOMEM;

	old = locked_list(obj);
	if (old && old->max_fences) {
		max = (size_t)old->num_fences + num_fences;
		if (max <= old->max_fences)
			return 0;
		max = max_t(size_t, max, (size_t)old->max_fences * 2);
	} else {
		max = max_t(size_t, 4, roundup_pow_of_two(num_fences));
	}
	new = list_alloc(max);
	if (!new)
		return -ENOMEM;

	/*
	 * The references move with the fences. Those that are signalled go to
	 * the end, out of sight, and are put when nobody comes by them any
	 * more. There are less than max_fences in all.
	 */
	for (i = 0, kept = 0, parked = new->max_fences;
	     old && i < old->num_fences; i++) {
		enum dma_resv_usage usage;
		struct dma_fence *fence = list_get(old, i, &usage);

		if (dma_fence_is_signaled(fence))
			list_set(new, --parked, fence, usage);
		else
			list_set(new, kept++, fence, usage);
	}
	new->num_fences = kept;
	publish(obj, new);

	put_slots(new, parked, new->max_fences);
	kfree_rcu(old, rcu);
	return 0;
}
EXPORT_SYMBOL(dma_resv_reserve_fences);

#ifdef CONFIG_DEBUG_MUTEXES
/**
 * dma_resv_reset_max_fences - forget what was reserved
 * @obj: locked
 *
 * What dma_resv_unlock() begins with, so that who adds a fence without having
 * reserved is found out.
 * Context: any.
 */
void dma_resv_reset_max_fences(struct dma_resv *obj)
{
	struct dma_resv_list *list = locked_list(obj);

	dma_resv_assert_held(obj);
	if (list)
		list->max_fences = list->num_fences;
}
EXPORT_SYMBOL(dma_resv_reset_max_fences);
#endif

/**
 * dma_resv_add_fence - add a fence to an object
 * @obj: locked, with room that was reserved under this lock; a BUG otherwise
 * @fence: takes a reference of its own. Arrays and chains warn.
 * @usage: what it is there for
 *
 * Takes the place of the first fence that is signalled, or that it makes
 * superfluous: one of its context that is not later, for a usage that is not
 * stronger.
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
	/* It would be waited for, and found, as a whole only. */
	WARN_ON(dma_fence_is_container(fence));

	dma_fence_get(fence);
	list = locked_list(obj);
	BUG_ON(!list);
	count = list->num_fences;

	for (i = 0; i < count; i++) {
		old = list_get(list, i, &old_usage);
		if ((old->context == fence->context && old_usage >= usage &&
		     dma_fence_is_later_or_same(fence, old)) ||
		    dma_fence_is_signaled(old)) {
			list_set(list, i, fence, usage);
			put_gone(old);
			return;
		}
	}

	BUG_ON(count >= list->max_fences);
	list_set(list, count, fence, usage);
	/* Release: the slot comes first. Pairs with list_count(). */
	smp_store_release(&list->num_fences, count + 1);
}
EXPORT_SYMBOL(dma_resv_add_fence);

/**
 * dma_resv_replace_fences - put a fence in the place of all of a context
 * @obj: locked
 * @context: whose fences
 * @replacement: takes a reference for each; signalled when they do not matter
 *	any more, though they may not be signalled
 * @usage: what it is there for
 *
 * Nothing happens where there is no such fence.
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

	list = locked_list(obj);
	for (i = 0; list && i < list->num_fences; i++) {
		old = list_get(list, i, NULL);
		if (old->context != context)
			continue;
		list_set(list, i, dma_fence_get(replacement), usage);
		put_gone(old);
	}
}
EXPORT_SYMBOL(dma_resv_replace_fences);

/* Iteration without the lock */

/* How many slots a reader may look at. */
static unsigned int list_count(struct dma_resv_list *list)
{
	/* Acquire: pairs with the release in dma_resv_add_fence(). */
	return smp_load_acquire(&list->num_fences);
}

/* Under RCU: begin, with the list that there is now. */
static void iter_restart(struct dma_resv_iter *cursor)
{
	struct dma_resv_list *list = rcu_dereference(cursor->obj->fences);

	cursor->index = 0;
	cursor->fences = list;
	cursor->num_fences = list ? list_count(list) : 0;
	cursor->generation = list ? list->generation : 0;
	cursor->is_restarted = true;
}

/* Under RCU: is what the cursor has still the list of the object? */
static bool iter_is_current(struct dma_resv_iter *cursor)
{
	struct dma_resv_list *list = rcu_dereference(cursor->obj->fences);

	return list == cursor->fences &&
	       (!list || list->generation == cursor->generation);
}

/* The cursor leaves its fence, if it has one. */
static void iter_leave(struct dma_resv_iter *cursor)
{
	struct dma_fence *fence = cursor->fence;

	if (!fence)
		return;
	cursor->fence = NULL;
	if (!cursor->place || resv_hazard_change(cursor->place, NULL))
		dma_fence_put(fence);
}

/*
 * Under RCU: leave the fence for the one that was found in a slot of the
 * object's list. False if it is there no more: the cursor is on none.
 */
static bool iter_enter(struct dma_resv_iter *cursor, struct dma_fence *slot,
		       struct dma_fence __rcu **where)
{
	struct dma_fence *fence = slot_fence(slot), **hazard;

	if (cursor->fence && cursor->place) {
		hazard = cursor->place;
		if (resv_hazard_change(hazard, fence))
			dma_fence_put(cursor->fence);
	} else {
		dma_fence_put(cursor->fence);
		hazard = resv_hazard_take(fence);
	}
	cursor->place = hazard;
	if (!hazard) {
		cursor->fence = dma_fence_get_rcu(fence);
		return cursor->fence;
	}
	cursor->fence = fence;
	/*
	 * After the full barrier of the place: pairs with the one in
	 * resv_hazard_hand_over(). The list was the object's in this section:
	 * another one is not at its address.
	 */
	if (rcu_access_pointer(*where) == slot &&
	    rcu_access_pointer(cursor->obj->fences) == cursor->fences)
		return true;
	iter_leave(cursor);
	return false;
}

/* Under RCU, with a list that is current or was: to the next fence. */
static void iter_walk(struct dma_resv_iter *cursor)
{
	struct dma_fence __rcu **where;
	struct dma_fence *slot, *fence;

	/* Without a list there are none. */
	while (cursor->index < cursor->num_fences) {
		where = &cursor->fences->table[cursor->index++];
		slot = rcu_dereference(*where);
		fence = slot_fence(slot);
		/* Neither needs a reference: the memory is a fence's. */
		if (slot_usage(slot) > cursor->usage ||
		    dma_fence_test_signaled_flag(fence))
			continue;
		if (!iter_enter(cursor, slot, where)) {
			iter_restart(cursor);
			continue;
		}
		if (!dma_fence_is_signaled(fence)) {
			cursor->fence_usage = slot_usage(slot);
			return;
		}
	}
	iter_leave(cursor);
}

/**
 * dma_resv_iter_first_unlocked - the first fence that is not signalled
 * @cursor: was begun; keeps the fence until the next step
 *
 * Context: any; no lock is needed. Asks the producers of the fences.
 * Return: the fence, borrowed through @cursor; NULL if there is none.
 */
struct dma_fence *dma_resv_iter_first_unlocked(struct dma_resv_iter *cursor)
{
	rcu_read_lock();
	do {
		iter_restart(cursor);
		iter_walk(cursor);
	} while (!iter_is_current(cursor));
	rcu_read_unlock();
	return cursor->fence;
}
EXPORT_SYMBOL(dma_resv_iter_first_unlocked);

/**
 * dma_resv_iter_next_unlocked - the next fence that is not signalled
 * @cursor: leaves its fence, and keeps the next one
 *
 * Begins again if the list was replaced.
 * Context: any; no lock is needed. Asks the producers of the fences.
 * Return: the fence, borrowed through @cursor; NULL at the end, when the
 * cursor has none any more.
 */
struct dma_fence *dma_resv_iter_next_unlocked(struct dma_resv_iter *cursor)
{
	rcu_read_lock();
	cursor->is_restarted = false;
	do {
		if (!iter_is_current(cursor))
			iter_restart(cursor);
		iter_walk(cursor);
	} while (!iter_is_current(cursor));
	rcu_read_unlock();
	return cursor->fence;
}
EXPORT_SYMBOL(dma_resv_iter_next_unlocked);

/**
 * dma_resv_iter_end - end an iteration
 * @cursor: was begun; leaves the fence that it may have
 *
 * Needed after an unlocked iteration only.
 * Context: any.
 */
void dma_resv_iter_end(struct dma_resv_iter *cursor)
{
	iter_leave(cursor);
}
EXPORT_SYMBOL(dma_resv_iter_end);

/*
 * A reference for the cursor, whose place is free for others: they would have
 * to do without, as long as this one sleeps.
 */
static void iter_get(struct dma_resv_iter *cursor)
{
	if (!cursor->place)
		return;
	dma_fence_get(cursor->fence);
	if (resv_hazard_change(cursor->place, NULL))
		dma_fence_put(cursor->fence);
	cursor->place = NULL;
}

/* Iteration with the lock held */

/**
 * dma_resv_iter_first - the first fence, with the lock held
 * @cursor: was begun; takes no reference
 *
 * Context: the object is locked, until the end of the iteration.
 * Return: the fence, signalled or not, borrowed from the object; or NULL.
 */
struct dma_fence *dma_resv_iter_first(struct dma_resv_iter *cursor)
{
	struct dma_fence *fence;

	dma_resv_assert_held(cursor->obj);

	cursor->index = 0;
	cursor->fences = locked_list(cursor->obj);
	fence = dma_resv_iter_next(cursor);
	cursor->is_restarted = true;
	return fence;
}
EXPORT_SYMBOL(dma_resv_iter_first);

/**
 * dma_resv_iter_next - the next fence, with the lock held
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
		fence = list_get(list, cursor->index++, &cursor->fence_usage);
		if (cursor->fence_usage <= cursor->usage)
			return fence;
	}
	return NULL;
}
EXPORT_SYMBOL(dma_resv_iter_next);

/* What is made of it */

/**
 * dma_resv_copy_fences - make an object's fences those of another
 * @dst: locked; takes references of its own, and drops what it had
 * @src: need not be locked
 *
 * Copies what is not signalled. Room that was reserved in @dst is lost.
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
			list_free(new);
			new = list_alloc(cursor.num_fences);
			if (!new) {
				dma_resv_iter_end(&cursor);
				return -ENOMEM;
			}
		}
		list_set(new, new->num_fences++, dma_fence_get(f),
			 dma_resv_iter_usage(&cursor));
	}
	dma_resv_iter_end(&cursor);

	old = locked_list(dst);
	publish(dst, new);
	list_free(old);
	return 0;
}
EXPORT_SYMBOL(dma_resv_copy_fences);

static void put_all(struct dma_fence **fences, unsigned int num)
{
	while (num--)
		dma_fence_put(fences[num]);
	kfree(fences);
}

/**
 * dma_resv_get_fences - the fences of an object, in a table
 * @obj: need not be locked
 * @usage: which fences: of this usage and less
 * @num_fences: how many there are
 * @fences: a table of the caller's, for kfree(), with a reference to each; NULL
 *	when there are none
 *
 * Fences that were signalled are left out; some may be by now.
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
			put_all(*fences, *num_fences);
			*num_fences = 0;
			/* One more, for who adds one. */
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
 * dma_resv_get_singleton - one fence for all of an object
 * @obj: need not be locked
 * @usage: which fences: of this usage and less
 * @fence: the fence, with a reference of the caller's: an array if there are
 *	several, NULL if there are none. An array must not be added to an object.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM, with *@fence as it was.
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
		put_all(fences, count);
		return -ENOMEM;
	}
	*fence = &array->base;
	return 0;
}
EXPORT_SYMBOL(dma_resv_get_singleton);

/**
 * dma_resv_wait_timeout - wait for the fences of an object
 * @obj: need not be locked
 * @usage: which fences: of this usage and less
 * @intr: a signal ends the wait
 * @timeout: in jiffies, for all together; 0 only looks
 *
 * For one after the other, as dma_fence_wait_timeout() does. What is added
 * meanwhile may or may not be waited for.
 * Context: may sleep.
 * Return: the jiffies that are left, at least 1, when all are signalled; 0 when
 * time was up; -ERESTARTSYS when a signal came; -EINVAL and a warning when
 * @timeout is more than MAX_SCHEDULE_TIMEOUT and there is a fence.
 */
long dma_resv_wait_timeout(struct dma_resv *obj, enum dma_resv_usage usage,
			   bool intr, unsigned long timeout)
{
	long ret = timeout ? timeout : 1;
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_iter_begin(&cursor, obj, usage);
	dma_resv_for_each_fence_unlocked(&cursor, fence) {
		iter_get(&cursor);
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
 * @usage: which fences: of this usage and less
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
 * Under RCU: 1 if all fences of a list are signalled, 0 if one is not, -EAGAIN
 * if the list is out of date. A reference, which readers would have to hand
 * around, is only taken to ask the producer.
 */
static int list_signaled(struct dma_resv_list *list, enum dma_resv_usage usage)
{
	unsigned int i, count = list_count(list);
	const struct dma_fence_ops *ops;
	struct dma_fence *slot, *fence;
	bool signaled;

	for (i = 0; i < count; i++) {
		slot = rcu_dereference(list->table[i]);
		fence = slot_fence(slot);
		if (slot_usage(slot) > usage ||
		    dma_fence_test_signaled_flag(fence))
			continue;
		ops = rcu_dereference(fence->ops);
		/* They go when it is signalled. */
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
 * dma_resv_test_signaled - are the fences of an object signalled?
 * @obj: need not be locked
 * @usage: which fences: of this usage and less
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
		list = rcu_dereference(obj->fences);
		ret = list ? list_signaled(list, usage) : 1;
	} while (ret < 0 || list != rcu_access_pointer(obj->fences));
	rcu_read_unlock();
	return ret;
}
EXPORT_SYMBOL(dma_resv_test_signaled);

/**
 * dma_resv_describe - print a line about each fence of an object
 * @obj: locked
 * @seq: where to
 *
 * All but BOOKKEEP.
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
 * Who holds an object may allocate, and so wait for reclaim, and for fences:
 * an object that is locked in a signalling section is found the first time.
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
