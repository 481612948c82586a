// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A software timeline is leaked when making a fence fails, and the fence when
 * nothing waits for it.
 *
 * EXPECT: -Wanalyzer-malloc-leak
 */
#include <libfence/timeline.h>

int run(bool waits);

int run(bool waits)
{
	struct libfence_timeline *timeline = libfence_timeline_create("line");
	struct libfence *fence;
	int err = 0;

	if (!timeline)
		return -1;
	fence = libfence_timeline_fence(timeline, 1);
	if (!fence) {
#ifndef MISTAKE
		libfence_timeline_destroy(&timeline);
#endif
		return -2;
	}
	libfence_timeline_inc(timeline, 1);
	libfence_timeline_destroy(&timeline);
	if (waits)
		err = libfence_wait(fence, 0);
#ifdef MISTAKE
	if (!waits)
		return err;
#endif
	libfence_put(&fence);
	return err;
}
