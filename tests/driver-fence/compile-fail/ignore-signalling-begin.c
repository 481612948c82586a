// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A signalling section must be kept, or it is never ended.
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
	libfence_signalling_begin(); /* WRONG */
}
