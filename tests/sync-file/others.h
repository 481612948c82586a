/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The activity of a process while one of its descriptors is hostile.
 * Include wire.h first.
 */
#ifndef TESTS_SYNC_FILE_OTHERS_H
#define TESTS_SYNC_FILE_OTHERS_H

#include "child.h"

#include <fcntl.h>
#include <sys/eventfd.h>

/* Whether everything else in the process goes on. */
static inline int use_everything(void)
{
	struct wire_record right = WIRE_RECORD;
	int p[2], event = eventfd(0, EFD_CLOEXEC), fd, i;
	struct libfence *f, *g;
	struct dma_fence *fence;
	s64 begin = ktime_get();

	for (i = 0; i < 3; i++) {
		CHECK(!pipe2(p, O_CLOEXEC | O_NONBLOCK));
		CHECK(!wire_set_label(p[1], "d/t"));
		f = libfence_import(p[0], NULL);
		g = libfence_wrap_fd(event, NULL);
		CHECK(f && g);
		CHECK(write(p[1], &right, sizeof(right)) == sizeof(right));
		CHECK(!libfence_wait(f, PATIENCE_S * NSEC_PER_SEC));
		CHECK(libfence_status(f) == 1);
		CHECK(!eventfd_write(event, 1));
		CHECK(!libfence_wait(g, PATIENCE_S * NSEC_PER_SEC));
		libfence_put(&f);
		libfence_put(&g);
		close(p[0]);
		close(p[1]);
	}
	fence = mock_fence();
	fd = libfence_export(plain(fence), NULL);
	CHECK(fd >= 0);
	dma_fence_signal(fence);
	CHECK(poll_events(fd) & POLLIN);
	close(fd);
	/* The file is released, which takes a thread that defers. */
	CHECK(eventually((libfence_sync_reap(), mock_refs(fence) == 1)));
	dma_fence_put(fence);
	close(event);
	CHECK(ktime_get() - begin < PATIENCE_S * NSEC_PER_SEC / 2);
	return 0;
}

/*
 * The same in a child process, which may have inherited such an import. It cannot
 * end before its thread is unblocked, not even by SIGKILL: so wait for it later.
 */
static inline pid_t use_everything_in_child(void)
{
	int p[2];
	char failed = 1;
	pid_t pid;

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		alarm(2 * PATIENCE_S);
		failed = use_everything();
		_exit(write(p[1], &failed, 1) != 1);
	}
	close(p[1]);
	assert_true(eventually(poll_events(p[0])));
	assert_int_equal(read(p[0], &failed, 1), 1);
	assert_int_equal(failed, 0);
	close(p[0]);
	return pid;
}

static inline void end_child(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#endif
