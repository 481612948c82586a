/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A thread of the host that has not used the shim before: it is no kthread. */
#ifndef TESTS_COMPAT_FOREIGN_H
#define TESTS_COMPAT_FOREIGN_H

#include "helpers.h"
#include <pthread.h>

struct foreign {
	int (*fn)(void *data);
	void *data;
	int result;
};

static inline void *foreign_main(void *arg)
{
	struct foreign *f = arg;

	f->result = f->fn(f->data);
	return NULL;
}

/* Run @fn on such a thread, and return its result. */
static inline int in_foreign_thread(int (*fn)(void *data), void *data)
{
	struct foreign f = { .fn = fn, .data = data };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, foreign_main, &f), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	return f.result;
}

#endif
