// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The initialiser of a context's data takes that data's type.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-(function-)?pointer-types
 * NOT-C++: .name = value is C++20
 */
#include "types.h"

static LIBFENCE_UNUSED int make(struct ring *ring, void *arg)
{
	ring->irq = *(const int *)arg;
	return 0;
}

static LIBFENCE_UNUSED int make_job(struct job *job, void *arg)
{
	job->id = *(const int *)arg;
	return 0;
}

static const LIBFENCE_CONTEXT_OPS(struct ring) made_ops = {
	.init = make,
	.destroy = NULL,
};
LIBFENCE_CONTEXT(made_ring, struct ring, made_ops);

static const LIBFENCE_CONTEXT_OPS(struct ring) wrong_ops = {
	.destroy = NULL,
	.init = make_job, /* WRONG */
};
LIBFENCE_CONTEXT(wrong_ring, struct ring, wrong_ops);
