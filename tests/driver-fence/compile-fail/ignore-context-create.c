// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A timeline that nobody has is never destroyed.
 *
 * EXPECT-GCC: unused-result
 * EXPECT-CLANG: unused-result
 * EXPECT-G++: unused-result
 * EXPECT-CLANG++: unused-result
 */
#include "types.h"

void lose(void);

void lose(void)
{
	libfence_context_create("driver", "timeline", 1, NULL); /* WRONG */
}
