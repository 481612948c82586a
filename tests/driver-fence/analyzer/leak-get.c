// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A consumer leaks its reference when it gives up.
 *
 * EXPECT: -Wanalyzer-malloc-leak
 */
#include "../compile-fail/types.h"

int follow(const struct libfence *borrow);

int follow(const struct libfence *borrow)
{
	struct libfence *fence = libfence_get(borrow);
	int err = libfence_wait(fence, 1000000);

	if (err) {
#ifndef MISTAKE
		libfence_put(&fence);
#endif
		return err;
	}
	err = libfence_status(fence);
	libfence_put(&fence);
	return err;
}
