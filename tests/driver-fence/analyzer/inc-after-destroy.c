// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A software timeline is counted up after it was destroyed.
 *
 * EXPECT: -Wanalyzer-null-argument
 * EXPECT: -Wnonnull
 */
#include <libfence/timeline.h>

int run(void);

int run(void)
{
	struct libfence_timeline *timeline = libfence_timeline_create("line");

	if (!timeline)
		return -1;
	libfence_timeline_inc(timeline, 1);
	libfence_timeline_destroy(&timeline);
#ifdef MISTAKE
	libfence_timeline_inc(timeline, 1);
#endif
	return 0;
}
