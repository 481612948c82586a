// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A payload cannot use another payload's table of ops.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types
 * EXPECT-G++: cannot convert '.*' to '.*'
 * EXPECT-CLANG++: cannot initialize a parameter
 */
#include "types.h"

static LIBFENCE_UNUSED bool done(struct job *job)
{
	return job->id != 0;
}

static const LIBFENCE_OPS(struct job) job_ops = { NULL, done, NULL, NULL };
LIBFENCE_PAYLOAD_OPS(polled_job, struct job, job_ops);
LIBFENCE_PAYLOAD_OPS(polled_blit, struct blit, job_ops); /* WRONG */
