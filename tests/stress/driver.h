/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Shared by the stress programs of the driver-fence layer. */
#ifndef STRESS_DRIVER_H
#define STRESS_DRIVER_H

#include "stress.h"
#include <libfence/dma-fence.h>
#include <libfence/driver-fence.h>
#include <libfence/rcu-box.h>

/* The state of a payload, read and written without atomics. */
#define ALIVE	0x600d10adu
#define DEAD	0xdeadu

/*
 * The slots of a context: two fences whose seqnos differ by this want the same
 * one.
 */
#define NR_SLOTS	128

static inline struct libfence_context *new_context(void)
{
	struct libfence_context *ctx;

	ctx = libfence_context_create("stress-driver", "stress-line", 1, NULL);
	assert_non_null(ctx);
	return ctx;
}

/* The fence's lock, without a reference: for comparisons in hooks. */
static inline const volatile void *lock_of(const struct libfence *f)
{
	return &libfence_to_dma_fence(f)->inline_lock;
}

static inline unsigned int references(const struct libfence *f)
{
	return kref_read(&libfence_to_dma_fence(f)->refcount);
}

#endif
