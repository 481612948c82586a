// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Reservations of the plain face, <libfence/reservation.h>, on dma_resv. */

#include <linux/dma-fence-unwrap.h>
#include <linux/dma-resv.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <libfence/dma-fence.h>
#include <libfence/reservation.h>
#include <libfence/several.h>

#include "wait.h"

struct libfence_reservation {
	struct dma_resv resv;
};

/*
 * One thread has these, from libfence_reservation_lock_many() until they are
 * released. Each object is in the table once.
 */
struct libfence_locks {
	struct ww_acquire_ctx ctx;
	size_t count;
	struct dma_resv *table[];
};

static enum dma_resv_usage to_dma_resv_usage(enum libfence_usage usage)
{
	BUILD_BUG_ON((int)LIBFENCE_USAGE_KERNEL != DMA_RESV_USAGE_KERNEL);
	BUILD_BUG_ON((int)LIBFENCE_USAGE_WRITE != DMA_RESV_USAGE_WRITE);
	BUILD_BUG_ON((int)LIBFENCE_USAGE_READ != DMA_RESV_USAGE_READ);
	BUILD_BUG_ON((int)LIBFENCE_USAGE_BOOKKEEP != DMA_RESV_USAGE_BOOKKEEP);
	return (enum dma_resv_usage)usage;
}

static bool usage_is_wrong(enum libfence_usage usage)
{
	return WARN((unsigned int)usage > LIBFENCE_USAGE_BOOKKEEP,
		    "%u is no usage of a reservation", (unsigned int)usage);
}

struct libfence_reservation *libfence_reservation_create(void)
{
	struct libfence_reservation *object = kmalloc_obj(*object);

	if (object)
		dma_resv_init(&object->resv);
	return object;
}
EXPORT_SYMBOL(libfence_reservation_create);

void libfence_reservation_destroy_raw(struct libfence_reservation *object)
{
	if (!object)
		return;
	dma_resv_fini(&object->resv);
	kfree(object);
}
EXPORT_SYMBOL(libfence_reservation_destroy_raw);

/* Locking */

void libfence_reservation_lock(struct libfence_reservation *object)
{
	/* Without a context it cannot fail. */
	(void)dma_resv_lock(&object->resv, NULL);
}
EXPORT_SYMBOL(libfence_reservation_lock);

void libfence_reservation_unlock(struct libfence_reservation *object)
{
	dma_resv_unlock(&object->resv);
}
EXPORT_SYMBOL(libfence_reservation_unlock);

static void locks_unlock_all(struct libfence_locks *locks)
{
	while (locks->count)
		dma_resv_unlock(locks->table[--locks->count]);
}

/*
 * Lock @resv with the context of @locks. If an older context has it, unlock all
 * others first, wait for it, and return -EDEADLK: it is the only one then.
 */
static int locks_take(struct libfence_locks *locks, struct dma_resv *resv,
		      bool intr)
{
	int ret, slow = 0;

	ret = intr ? dma_resv_lock_interruptible(resv, &locks->ctx) :
		     dma_resv_lock(resv, &locks->ctx);
	/* The same object again. */
	if (ret == -EALREADY)
		return 0;
	if (ret == -EDEADLK) {
		locks_unlock_all(locks);
		if (intr)
			slow = dma_resv_lock_slow_interruptible(resv,
								&locks->ctx);
		else
			dma_resv_lock_slow(resv, &locks->ctx);
		if (slow)
			return slow;
	} else if (ret) {
		return ret;
	}
	locks->table[locks->count++] = resv;
	return ret;
}

static int locks_take_all(struct libfence_locks *locks,
			  struct libfence_reservation *const *objects, size_t n,
			  bool intr)
{
	size_t i;
	int ret;

begin_again:
	for (i = 0; i < n; i++) {
		if (!objects[i])
			continue;
		ret = locks_take(locks, &objects[i]->resv, intr);
		if (ret == -EDEADLK)
			goto begin_again;
		if (ret)
			return ret;
	}
	ww_acquire_done(&locks->ctx);
	return 0;
}

static int locks_make_room(struct libfence_locks *locks, unsigned int room)
{
	size_t i;
	int ret;

	for (i = 0; room && i < locks->count; i++) {
		ret = dma_resv_reserve_fences(locks->table[i], room);
		if (ret)
			return ret;
	}
	return 0;
}

int libfence_reservation_lock_many(struct libfence_reservation *const *objects,
				   size_t n, unsigned int room,
				   unsigned int flags,
				   struct libfence_locks **locks)
{
	struct libfence_locks *new;
	int ret;

	*locks = NULL;
	if (WARN(flags & ~LIBFENCE_INTERRUPTIBLE,
		 "libfence_reservation_lock_many(): unknown flags %#x", flags) ||
	    WARN(!objects && n, "libfence_reservation_lock_many(): no array"))
		return -EINVAL;
	new = kzalloc_flex(*new, table, n);
	if (!new)
		return -ENOMEM;
	ww_acquire_init(&new->ctx, &reservation_ww_class);
	ret = locks_take_all(new, objects, n, flags & LIBFENCE_INTERRUPTIBLE);
	if (!ret)
		ret = locks_make_room(new, room);
	if (ret)
		libfence_locks_release_raw(new);
	else
		*locks = new;
	return ret;
}
EXPORT_SYMBOL(libfence_reservation_lock_many);

void libfence_locks_release_raw(struct libfence_locks *locks)
{
	if (!locks)
		return;
	locks_unlock_all(locks);
	ww_acquire_fini(&locks->ctx);
	kfree(locks);
}
EXPORT_SYMBOL(libfence_locks_release_raw);

/* Fences */

int libfence_reservation_add(struct libfence_reservation *object,
			     const struct libfence *fence,
			     enum libfence_usage usage)
{
	struct dma_resv *resv = &object->resv;
	struct dma_fence_unwrap cursor;
	unsigned int count = 0;
	struct dma_fence *part;
	int ret;

	if (usage_is_wrong(usage) ||
	    WARN(!dma_resv_is_locked(resv), "reservation is not locked"))
		return -EINVAL;
	dma_fence_unwrap_for_each(part, &cursor, libfence_to_dma_fence(fence))
		count++;
	if (!count)
		return 0;
	ret = dma_resv_reserve_fences(resv, count);
	if (ret)
		return ret;
	/* There can only be fewer now: links of a chain may be gone. */
	dma_fence_unwrap_for_each(part, &cursor, libfence_to_dma_fence(fence))
		dma_resv_add_fence(resv, part, to_dma_resv_usage(usage));
	return 0;
}
EXPORT_SYMBOL(libfence_reservation_add);

int libfence_reservation_wait(struct libfence_reservation *object,
			      enum libfence_usage usage, int64_t deadline,
			      unsigned int flags)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	int ret = 0;

	if (usage_is_wrong(usage) ||
	    WARN(flags & ~LIBFENCE_INTERRUPTIBLE,
		 "libfence_reservation_wait(): unknown flags %#x", flags))
		return -EINVAL;
	dma_resv_iter_begin(&cursor, &object->resv, to_dma_resv_usage(usage));
	dma_resv_for_each_fence_unlocked(&cursor, fence) {
		/*
		 * Hold the fence, and not the cursor's slot for it, while this
		 * thread sleeps. The cursor keeps its place.
		 */
		dma_fence_get(fence);
		dma_resv_iter_end(&cursor);
		cursor.fence = NULL;
		ret = lfpriv_fence_wait_until(fence, deadline,
					      flags & LIBFENCE_INTERRUPTIBLE,
					      _RET_IP_);
		dma_fence_put(fence);
		if (ret)
			return ret;
	}
	dma_resv_iter_end(&cursor);
	return 0;
}
EXPORT_SYMBOL(libfence_reservation_wait);

bool libfence_reservation_is_signaled(struct libfence_reservation *object,
				      enum libfence_usage usage)
{
	return !usage_is_wrong(usage) &&
	       dma_resv_test_signaled(&object->resv, to_dma_resv_usage(usage));
}
EXPORT_SYMBOL(libfence_reservation_is_signaled);

struct libfence *
libfence_reservation_merge(struct libfence_reservation *object,
			   enum libfence_usage usage)
{
	struct dma_fence **fences;
	struct libfence *merged;
	unsigned int count;

	if (usage_is_wrong(usage) ||
	    dma_resv_get_fences(&object->resv, to_dma_resv_usage(usage), &count,
				&fences))
		return NULL;
	merged = libfence_merge((struct libfence *const *)fences, count);
	while (count--)
		dma_fence_put(fences[count]);
	kfree(fences);
	return merged;
}
EXPORT_SYMBOL(libfence_reservation_merge);
