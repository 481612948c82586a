// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A preparation must be kept, or it leaks.
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
	job_prepare(NULL); /* WRONG */
}
