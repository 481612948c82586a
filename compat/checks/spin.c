// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The classes of spinlocks, with LFSHIM_CHECKS; see <linux/lockdep.h>.
 *
 * A spinlock has four bytes, with no room for a class. So a table says which
 * class the lock at an address has. spin_lock_init() makes the entry, and the
 * first use of a lock in static memory. Other locks have no class: a lock in
 * memory that was only cleared, or one whose entry had to make room. Their
 * order is not checked. Memory that is freed loses its entries: it may become
 * that of such a lock.
 *
 * An entry is one word, so the table needs no lock. It is a set of buckets;
 * the locks within 64 bytes share one.
 */

#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "kernel/internal.h"

#define NR_BUCKETS	4096
#define BUCKET_SIZE	8
#define CLASS_BITS	16
/* In place of a class: the lock has none. */
#define NO_CLASS	((1u << CLASS_BITS) - 1)

/* The address without its two lowest bits, then the class. 0: no entry. */
static u64 spin_table[NR_BUCKETS][BUCKET_SIZE];
/* Which entry of a full bucket makes room. */
static unsigned int spin_next;

static u64 spin_entry(const void *lock, unsigned int class)
{
	return (u64)((unsigned long)lock >> 2) << CLASS_BITS | class;
}

static u64 *spin_bucket(const void *lock)
{
	u64 line = (unsigned long)lock >> 6;

	return spin_table[(line * 0x9e3779b97f4a7c15ull) >> 52];
}

static bool spin_is_of(u64 entry, const void *lock)
{
	return (entry ^ spin_entry(lock, 0)) <= NO_CLASS;
}

/* The entry of a lock, or 0. Its place may be another lock's soon. */
static u64 spin_find(const void *lock)
{
	u64 *bucket = spin_bucket(lock), entry;
	unsigned int i;

	for (i = 0; i < BUCKET_SIZE; i++) {
		/*
		 * A1: acquire. Pairs with R1 in spin_replace(). Without it, the
		 * class may not be initialised yet.
		 */
		entry = smp_load_acquire(&bucket[i]);
		if (spin_is_of(entry, lock))
			return entry;
	}
	return 0;
}

static bool spin_replace(u64 *place, u64 old, u64 entry)
{
	/*
	 * R1: release, in a full barrier. Pairs with A1 in spin_find(). Without
	 * it, the class may not be initialised yet.
	 */
	return cmpxchg(place, old, entry) == old;
}

/*
 * Where the entry of the lock is, or may be put, or NULL if the bucket is full of
 * others. @old: its value.
 */
static u64 *spin_place(const void *lock, u64 *old)
{
	u64 *bucket = spin_bucket(lock), *free = NULL, entry;
	unsigned int i;

	for (i = 0; i < BUCKET_SIZE; i++) {
		entry = READ_ONCE(bucket[i]);
		if (spin_is_of(entry, lock)) {
			*old = entry;
			return &bucket[i];
		}
		if (!entry && !free)
			free = &bucket[i];
	}
	*old = 0;
	return free;
}

/* An entry of a full bucket makes room. */
static u64 *spin_make_room(const void *lock, u64 *old)
{
	unsigned int i = __atomic_fetch_add(&spin_next, 1, __ATOMIC_RELAXED);
	u64 *place = spin_bucket(lock) + i % BUCKET_SIZE;

	*old = READ_ONCE(*place);
	return place;
}

static void spin_set(const void *lock, unsigned int class)
{
	u64 *place, old;

	do
		place = spin_place(lock, &old) ?: spin_make_room(lock, &old);
	while (!spin_replace(place, old, spin_entry(lock, class ?: NO_CLASS)));
}

void lfshim_spin_forget(struct spinlock *lock)
{
	u64 *place, old;

	do {
		place = spin_place(lock, &old);
		if (!spin_is_of(old, lock))
			return;
	} while (!spin_replace(place, old, 0));
}

static void spin_forget_in(u64 *bucket, unsigned long start, size_t size)
{
	unsigned long lock;
	unsigned int i;
	u64 old;

	for (i = 0; i < BUCKET_SIZE; i++) {
		old = READ_ONCE(bucket[i]);
		lock = old >> CLASS_BITS << 2;
		/* If the entry has changed, it is another lock's now. */
		if (lock - start < size)
			spin_replace(&bucket[i], old, 0);
	}
}

void lfpriv_spin_freed(const void *p, size_t size)
{
	unsigned long start = (unsigned long)p, line = start & ~63ul;
	unsigned int i;

	if (size / 64 < NR_BUCKETS) {
		for (; line < start + size; line += 64)
			spin_forget_in(spin_bucket((void *)line), start, size);
		return;
	}
	for (i = 0; i < NR_BUCKETS; i++)
		spin_forget_in(spin_table[i], start, size);
}

void lfshim_spin_init(struct spinlock *lock, const char *name,
		      struct lock_class_key *key, bool instances)
{
	struct lfshim_held like = {
		.key = key,
		.name = name,
		.instances = instances,
	};

	lfshim_spin_clear(lock);
	spin_set(lock, lfpriv_lockdep_spin_class(lock, &like));
}

/* The class of a lock, or 0. */
static unsigned int spin_class(const void *lock)
{
	struct lfshim_held own = { .spin = lock, .key = lock };
	u64 entry = spin_find(lock);
	unsigned int class;

	if (likely(entry)) {
		class = entry & NO_CLASS;
		return class == NO_CLASS ? 0 : class;
	}
	class = lfhost_is_static(lock) ? lfpriv_lockdep_spin_class(lock, &own)
				       : 0;
	spin_set(lock, class);
	return class;
}

void lfshim_spin_set_class(void *lock, const char *name,
			   struct lock_class_key *key, int subclass)
{
	struct lfshim_held like = { .spin = lock };
	unsigned int class = spin_class(lock);

	if (class)
		lfpriv_lockdep_set_class(&like, class);
	if (key)
		like.key = key;
	if (name)
		like.name = name;
	like.subclass = subclass;
	if (like.key)
		spin_set(lock, lfpriv_lockdep_spin_class(lock, &like));
}

void lfpriv_spin_classify(struct lfshim_held_stack *held, struct lfshim_held *h)
{
	unsigned int class = spin_class(h->spin), subclass = h->subclass;

	if (!class)
		return;
	lfpriv_lockdep_set_class(h, class);
	if (subclass)
		h->subclass = subclass;
	lfpriv_lockdep_use(held, h, class);
}
