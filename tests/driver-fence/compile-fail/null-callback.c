// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A callback needs a function.
 *
 * EXPECT-GCC: Werror=nonnull
 * EXPECT-CLANG: Wnonnull
 * EXPECT-G++: Werror=nonnull
 * EXPECT-CLANG++: Wnonnull
 */
#include "types.h"

void fill(struct libfence_callback *cb, libfence_callback_fn fn);

void fill(struct libfence_callback *cb, libfence_callback_fn fn)
{
	libfence_callback_init(cb, NULL, NULL); /* WRONG */
	libfence_callback_init(cb, fn, NULL);
}
