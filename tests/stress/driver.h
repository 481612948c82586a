/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the stress programs of the driver-fence layer share. */
#ifndef STRESS_DRIVER_H
#define STRESS_DRIVER_H

#include "stress.h"
#include <libfence/dma-fence.h>
#include <libfence/driver-fence.h>
#include <libfence/rcu-box.h>

/* What a payload says until it is destroyed; read and written plainly. */
#define ALIVE	0x600d10adu
#define DEAD	0xdeadu

/* The slots of a timeline: fences that far apart want the same one. */
#define NR_SLOTS	128

static inline struct libfence_context *new_context(void)
{
	struct libfence_context *ctx;

	ctx = libfence_context_create("stress-driver", "stress-line", 1, NULL);
	assert_non_null(ctx);
	return ctx;
}

/* Without a reference: what a hook compares with. */
static inline const volatile void *lock_of(const struct libfence *f)
{
	return &libfence_to_dma_fence(f)->inline_lock;
}

static inline unsigned int references(const struct libfence *f)
{
	return kref_read(&libfence_to_dma_fence(f)->refcount);
}

#endif
