// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The result says whether the callback was registered; it must be used.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

bool hook(const struct libfence *fence, struct libfence_callback *cb);

bool hook(const struct libfence *fence, struct libfence_callback *cb)
{
	libfence_callback_register(fence, cb); /* WRONG */
	return libfence_is_signaled(fence) || cb->fence;
}
