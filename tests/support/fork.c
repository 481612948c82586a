// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * fork() under AddressSanitizer, ThreadSanitizer and qemu-user. The allocators of some
 * versions of the sanitizers do not take their locks for the fork. If another thread
 * holds one, each thread of the child that allocates waits for ever. A thread that starts
 * allocates, too. qemu 7.2 has a lock like that. So the fork waits until the other
 * threads sleep. It does not wait long: a test may have one that never does.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "support.h"

#if defined(TEST_ON_ASAN) || defined(TEST_ON_TSAN)
#define ON_SANITIZER	true
#else
#define ON_SANITIZER	false
#endif

#define LONGEST_MS	200

static void wait_for_others(void)
{
	static const struct timespec pause = { .tv_nsec = 1000000 };
	int i, nr_calm = 0;

	/* Twice, since a thread sleeps for a moment while it waits for a page. */
	for (i = 0; i < LONGEST_MS && nr_calm < 2; i++) {
		nr_calm = test_others_sleep() ? nr_calm + 1 : 0;
		if (nr_calm < 2)
			nanosleep(&pause, NULL);
	}
}

/* Handlers run in the reverse order: this one before those of the library. */
void test_fork_init(void)
{
	/* qemu-user has no seccomp. */
	if (!ON_SANITIZER && test_host_refuses_calls())
		return;
	if (pthread_atfork(wait_for_others, NULL, NULL))
		abort();
}
