/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The types that the mistakes use: two of each kind. */
#ifndef TESTS_DRIVER_FENCE_COMPILE_FAIL_TYPES_H
#define TESTS_DRIVER_FENCE_COMPILE_FAIL_TYPES_H

#include <libfence/context.h>
#include <libfence/driver-fence.h>
#include <libfence/rcu-box.h>

struct job {
	int id;
};
LIBFENCE_PAYLOAD(job, struct job);

struct blit {
	int width;
};
LIBFENCE_PAYLOAD(blit, struct blit);

struct ring {
	int irq;
};
struct ring_ops {
	int (*init)(struct ring *ring, void *arg);
	void (*destroy)(struct ring *ring);
};
extern const struct ring_ops ring_ops;
LIBFENCE_CONTEXT(ring, struct ring, ring_ops);

struct config {
	int limit;
};
LIBFENCE_RCU_BOX(config, struct config);

struct palette {
	int colours;
};
LIBFENCE_RCU_BOX(palette, struct palette);

#endif
