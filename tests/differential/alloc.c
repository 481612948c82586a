// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Failing allocations. All allocations of a call fail from the nth on, not only
 * the nth, because cores differ in whether they try again. The linker routes
 * the allocations of either core through these functions (--wrap). They also
 * count the allocations that are not freed.
 */
#include "model.h"
#include <linux/atomic.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

void *__real_lfshim_kmalloc(size_t size, gfp_t flags);
void *__real_lfshim_krealloc(const void *p, size_t size, gfp_t flags);
void __real_lfshim_kfree(const void *p);
void *__wrap_lfshim_kmalloc(size_t size, gfp_t flags);
void *__wrap_lfshim_krealloc(const void *p, size_t size, gfp_t flags);
void __wrap_lfshim_kfree(const void *p);
size_t __real_lfshim_ksize(const void *p);
size_t __wrap_lfshim_ksize(const void *p);

/*
 * 1 + the number of allocations that succeed before the first failure. 0: all
 * succeed.
 */
static __thread unsigned int fails_from;
/* Atomic: the shim's RCU thread frees, too. */
static long live;

void failing(unsigned int nth)
{
	fails_from = nth;
}

static bool fails(void)
{
	if (fails_from > 1)
		fails_from--;
	else
		return fails_from;
	return false;
}

long allocated(void)
{
	return __atomic_load_n(&live, __ATOMIC_RELAXED);
}

/* The last allocation, and the size that was asked for. */
static __thread const void *last;
static __thread size_t last_size;

static void *count(void *p)
{
	if (p)
		__atomic_fetch_add(&live, 1, __ATOMIC_RELAXED);
	return p;
}

void *__wrap_lfshim_kmalloc(size_t size, gfp_t flags)
{
	/*
	 * Room for the pointer that keep_freed() needs. The kernel's minimum is
	 * no smaller.
	 */
	size = max(size, sizeof(void *));
	last_size = size;
	last = fails() ? NULL : count(__real_lfshim_kmalloc(size, flags));
	return (void *)last;
}

/*
 * 6.1 uses all of its allocation (ksize()); later trees round the size up
 * themselves. So tell the core the size that it asked for.
 */
size_t __wrap_lfshim_ksize(const void *p)
{
	return p && p == last ? last_size : __real_lfshim_ksize(p);
}

void *__wrap_lfshim_krealloc(const void *p, size_t size, gfp_t flags)
{
	void *fresh = fails() ? NULL : __real_lfshim_krealloc(p, size, flags);

	return p ? fresh : count(fresh);
}

/*
 * A list of freed blocks whose memory is not reused for now; each block begins
 * with a pointer to the next.
 */
static const void *kept;
static bool keeps;

void __wrap_lfshim_kfree(const void *p)
{
	if (p)
		__atomic_fetch_sub(&live, 1, __ATOMIC_RELAXED);
	if (p && READ_ONCE(keeps))
		*(const void **)p = xchg(&kept, p);
	else
		__real_lfshim_kfree(p);
}

void keep_freed(bool on)
{
	const void *p, *next;

	if (on == READ_ONCE(keeps))
		return;
	WRITE_ONCE(keeps, on);
	if (on)
		return;
	/* Wait for RCU callbacks that have seen keeps == true. */
	rcu_barrier();
	for (p = xchg(&kept, NULL); p; p = next) {
		next = *(const void **)p;
		__real_lfshim_kfree(p);
	}
}
