/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Code that runs in a child process, which cannot use assertions. */
#ifndef TESTS_SYNC_FILE_CHILD_H
#define TESTS_SYNC_FILE_CHILD_H

#include "helpers.h"

#include <stdio.h>

#define CHECK(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "line %d: %s\n", __LINE__, #cond); \
			return 1;					\
		}							\
	} while (0)

/* Run @fn in a process without the library's threads and descriptors. */
static inline int status_in_child(int (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(PATIENCE_S);
		_exit(fn());
	}
	return pid < 0 || waitpid(pid, &status, 0) != pid ? -1 : status;
}

/* A child inherits what threads have not finished, such as a watch that has a result. */
static inline void in_child(int (*fn)(void))
{
	assert_true(threads_are_idle());
	assert_int_equal(status_in_child(fn), 0);
}

#endif
