// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A callback gets the fence as a borrow, and cannot put it.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-(function-)?pointer-types
 * EXPECT-G++: invalid conversion from|cannot convert
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

void fill(struct libfence_callback *cb);

static LIBFENCE_UNUSED void keeps(const struct libfence *fence, void *data)
{
	*(bool *)data = libfence_status_racy(fence) > 0;
}

static LIBFENCE_UNUSED void puts_it(struct libfence *fence, void *data)
{
	libfence_put(&fence);
	*(bool *)data = true;
}

void fill(struct libfence_callback *cb)
{
	libfence_callback_init(cb, puts_it, NULL); /* WRONG */
	libfence_callback_init(cb, keeps, NULL);
}
