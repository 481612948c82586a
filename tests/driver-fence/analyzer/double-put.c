// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A reference is put twice, through a copy of the pointer.
 *
 * EXPECT: -Wanalyzer-double-free
 */
#include "../compile-fail/types.h"

void follow(const struct libfence *borrow, bool late);

void follow(const struct libfence *borrow, bool late)
{
	struct libfence *fence = libfence_get(borrow);
	struct libfence *copy = fence;

	if (late)
		libfence_put(&fence);
#ifndef MISTAKE
	else
#endif
		libfence_put(&copy);
}
