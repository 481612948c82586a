/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * kref: a reference count with a release function. All of it is inline.
 */
#ifndef _LINUX_KREF_H
#define _LINUX_KREF_H

#include <lfshim/kernel-code.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>

struct kref {
	refcount_t refcount;
};

#define KREF_INIT(n)	{ .refcount = REFCOUNT_INIT(n) }

/* An atomic store: readers may look at type-stable memory at the same time. */
static inline void kref_init(struct kref *kref)
{
	refcount_set(&kref->refcount, 1);
}

static inline unsigned int kref_read(const struct kref *kref)
{
	return refcount_read(&kref->refcount);
}

/* The caller holds a reference. A count of 0 saturates, with a warning. */
static inline void kref_get(struct kref *kref)
{
	refcount_inc(&kref->refcount);
}

/* Take a reference unless the count is 0; returns whether it was taken. */
static inline int __must_check kref_get_unless_zero(struct kref *kref)
{
	return refcount_inc_not_zero(&kref->refcount);
}

/* Drop a reference; the last one calls @release here. 1 if it was the last. */
static inline int kref_put(struct kref *kref,
			   void (*release)(struct kref *kref))
{
	if (refcount_dec_and_test(&kref->refcount)) {
		release(kref);
		return 1;
	}
	return 0;
}

/* The same, but @release is called with @lock held and must unlock it. */
static inline int kref_put_lock(struct kref *kref,
				void (*release)(struct kref *kref),
				spinlock_t *lock)
{
	if (!refcount_dec_and_lock(&kref->refcount, lock))
		return 0;
	release(kref);
	return 1;
}

static inline int kref_put_mutex(struct kref *kref,
				 void (*release)(struct kref *kref),
				 struct mutex *lock)
{
	/* Not refcount_dec_and_mutex_lock(): a report names the caller's place. */
	if (refcount_dec_not_one(&kref->refcount))
		return 0;
	mutex_lock(lock);
	if (refcount_dec_and_test(&kref->refcount)) {
		release(kref);
		return 1;
	}
	mutex_unlock(lock);
	return 0;
}

#endif
