// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The ops of a payload take that payload's type.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-(function-)?pointer-types
 * NOT-C++: .name = value is C++20
 */
#include "types.h"

static LIBFENCE_UNUSED bool done(struct job *job)
{
	return job->id != 0;
}

static LIBFENCE_UNUSED void end_blit(struct blit *blit)
{
	blit->width = 0;
}

static const LIBFENCE_OPS(struct job) job_ops = {
	.signaled = done,
	.destroy = end_blit, /* WRONG */
};
LIBFENCE_PAYLOAD_OPS(ended_job, struct job, job_ops);
