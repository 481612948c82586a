/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Calls the destructors of payloads and boxes. Not a public header. */
#ifndef LIB_DESTRUCTOR_H
#define LIB_DESTRUCTOR_H

#include <linux/lockdep.h>

/*
 * A lockdep map that is held while a destructor runs. Inside it, nothing may
 * sleep and no lock may be taken. A report names the call site and the
 * destructor. The kernel's kfree() takes locks of its own, so this is only for
 * builds in which they are not checked.
 */
#ifdef CONFIG_DEBUG_FENCE_DESTRUCTORS
static struct lockdep_map destructor_map = {
	.name = "a destructor",
	.wait_type_inner = LD_WAIT_FREE,
};
/*
 * Lockdep expects return addresses, which are behind a call. One byte into the
 * function is the first address that is reported under its name.
 */
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
