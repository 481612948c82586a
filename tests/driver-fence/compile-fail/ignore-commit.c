// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A committed driver fence must be kept, or it is never signalled.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

void lose(struct libfence_context *ctx, struct job_prep *prep);

void lose(struct libfence_context *ctx, struct job_prep *prep)
{
	job_commit(ctx, &prep); /* WRONG */
	job_prep_free(&prep);
	(void)ctx;
}
