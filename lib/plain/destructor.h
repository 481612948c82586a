/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* How the destructors of payloads and boxes are called. Not a public header. */
#ifndef LIB_DESTRUCTOR_H
#define LIB_DESTRUCTOR_H

#include <linux/lockdep.h>

/*
 * A pretended lock, held while a destructor runs, inside of which nothing may
 * sleep and no lock may be taken: lockdep then says where that was done, and
 * which destructor it was. The kernel has locks of its own in kfree(), so this
 * is for where they do not count.
 */
#ifdef CONFIG_DEBUG_FENCE_DESTRUCTORS
static struct lockdep_map destructor_map = {
	.name = "a destructor",
	.wait_type_inner = LD_WAIT_FREE,
};
/* Places are behind a call: one byte into the function names it. */
#define destructor_begins(fn) \
	lock_acquire(&destructor_map, 0, 1, 0, 0, NULL, (unsigned long)(fn) + 1)
#define destructor_ended()	lock_release(&destructor_map, _THIS_IP_)
#else
#define destructor_begins(fn)	do { } while (0)
#define destructor_ended()	do { } while (0)
#endif

static inline void run_destructor(void (*fn)(void *object), void *object)
{
	destructor_begins(fn);
	fn(object);
	destructor_ended();
}

#endif
