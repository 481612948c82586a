/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Included in front of the core and of the test: counts the core's calls of the
 * shim.
 */
#ifndef TESTS_DRIVER_FENCE_COUNT_H
#define TESTS_DRIVER_FENCE_COUNT_H

#include <linux/rcupdate.h>
#include <linux/slab.h>

struct counts {
	unsigned long kmalloc, kfree, kfree_rcu, call_rcu;
};
extern struct counts counts;

/*
 * Callbacks on another thread count too. Relaxed: read after all of them have
 * finished.
 */
#define count_(what)	__atomic_fetch_add(&counts.what, 1, __ATOMIC_RELAXED)
#define kmalloc(size, flags) \
	(count_(kmalloc), (kmalloc)(size, flags))
#define kfree(p)	(count_(kfree), (kfree)(p))
#define call_rcu(head, fn) \
	(count_(call_rcu), (call_rcu)(head, fn))
#define lfshim_kfree_rcu(p, head) \
	(count_(kfree_rcu), (lfshim_kfree_rcu)(p, head))

#endif
