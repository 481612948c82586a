// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * From the nth allocation of a call on all fail, and not only the nth: whether a
 * core tries again is its own affair. The linker lets these see what either core
 * allocates (--wrap), and they count what is not freed.
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

/* So many succeed before the first that fails, plus 1; 0: all succeed. */
static __thread unsigned int fails_from;
/* The shim's own thread frees, too. */
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

/* The last that was allocated, and how much of it was asked for. */
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
	/* For the address of another: see keep_freed(). The kernel has none smaller. */
	size = max(size, sizeof(void *));
	last_size = size;
	last = fails() ? NULL : count(__real_lfshim_kmalloc(size, flags));
	return (void *)last;
}

/* Where 6.1 takes what there is, later trees round up themselves. */
size_t __wrap_lfshim_ksize(const void *p)
{
	return p && p == last ? last_size : __real_lfshim_ksize(p);
}

void *__wrap_lfshim_krealloc(const void *p, size_t size, gfp_t flags)
{
	void *fresh = fails() ? NULL : __real_lfshim_krealloc(p, size, flags);

	return p ? fresh : count(fresh);
}

/* Freed, but kept for now. The address of another comes first in each. */
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
	/* Whoever was about to keep one has done it. */
	rcu_barrier();
	for (p = xchg(&kept, NULL); p; p = next) {
		next = *(const void **)p;
		__real_lfshim_kfree(p);
	}
}
