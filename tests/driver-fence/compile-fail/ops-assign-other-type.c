// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The ops of a payload take that payload's type.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-(function-)?pointer-types
 * EXPECT-G++: invalid conversion from|cannot convert
 * EXPECT-CLANG++: assigning to .* from incompatible type
 */
#include "types.h"

static LIBFENCE_UNUSED void end_job(struct job *job)
{
	job->id = 0;
}

static LIBFENCE_UNUSED void end_blit(struct blit *blit)
{
	blit->width = 0;
}

struct pair {
	LIBFENCE_OPS(struct job) job;
	LIBFENCE_OPS(struct blit) blit;
};

void fill(struct pair *pair);

void fill(struct pair *pair)
{
	pair->job.destroy = end_job;
	pair->job.destroy = end_blit; /* WRONG */
	pair->blit.destroy = end_blit;
}
