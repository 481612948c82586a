// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Moments between two system calls of the library. This program has its own
 * seam functions, which do something in such a moment and then call those of
 * compat/host/fd.c. meson.build renames these.
 */

#include "child.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include "host/fd.h"
#include "host/sys.h"
#include "kernel/defer.h"

int real_epoll_create(void);
int real_epoll_add(int set, int fd, unsigned int what, uint64_t id);
int real_thread_start(unsigned long *thread, void *(*fn)(void *), void *arg);
int real_epoll_get(int set, struct lfhost_fd_event events[LFHOST_EPOLL_MAX]);

static struct {
	/* Called once. */
	void (*at_epoll_create)(void);
	void (*after_epoll_get)(int nr);
	/* The call of lfhost_epoll_add() that fails, from 1; 0: none. */
	int add_fails;
	/* How many threads cannot be started. */
	int starts_fail;
	/* Called once. */
	void (*at_thread_start)(void);
} seam;

int lfhost_epoll_create(void)
{
	void (*fn)(void) = seam.at_epoll_create;

	seam.at_epoll_create = NULL;
	if (fn)
		fn();
	return real_epoll_create();
}

int lfhost_epoll_add(int set, int fd, unsigned int what, uint64_t id)
{
	if (seam.add_fails && !--seam.add_fails)
		return -ENOSPC;
	return real_epoll_add(set, fd, what, id);
}

int lfhost_epoll_get(int set, struct lfhost_fd_event events[LFHOST_EPOLL_MAX])
{
	int nr = real_epoll_get(set, events);
	/* Acquire: pairs with the release in the tests. */
	void (*fn)(int nr) = smp_load_acquire(&seam.after_epoll_get);

	if (fn)
		fn(nr);
	return nr;
}

int lfhost_thread_start(unsigned long *thread, void *(*fn)(void *), void *arg)
{
	void (*at_start)(void) = READ_ONCE(seam.at_thread_start);

	WRITE_ONCE(seam.at_thread_start, NULL);
	if (at_start)
		at_start();
	if (seam.starts_fail) {
		seam.starts_fail--;
		return -EAGAIN;
	}
	return real_thread_start(thread, fn, arg);
}

/* Two threads make a set at the same time. */

static int inner_fd;
static struct libfence *inner_fence;

static void wrap_at_epoll_create(void)
{
	inner_fence = libfence_wrap_fd(inner_fd, NULL);
}

static int make_two_watch_sets(void)
{
	int before, fd = eventfd(0, EFD_CLOEXEC);
	struct libfence *f;
	uint64_t one = 1;

	inner_fd = eventfd(0, EFD_CLOEXEC);
	before = count_fds();
	seam.at_epoll_create = wrap_at_epoll_create;
	f = libfence_wrap_fd(fd, NULL);
	CHECK(f && inner_fence);
	/* The set, its eventfd, the thread's pipe, and two copies. */
	CHECK(count_fds() == before + 6);
	CHECK(write(fd, &one, sizeof(one)) == sizeof(one));
	CHECK(!libfence_wait(f, PATIENCE_S * NSEC_PER_SEC));
	CHECK(libfence_wait(inner_fence, 0) == -ETIMEDOUT);
	CHECK(write(inner_fd, &one, sizeof(one)) == sizeof(one));
	CHECK(!libfence_wait(inner_fence, PATIENCE_S * NSEC_PER_SEC));
	libfence_put(&f);
	libfence_put(&inner_fence);
	return 0;
}

static void two_threads_make_one_watch_set(void **state)
{
	in_child(make_two_watch_sets);
}

/* The eventfd of the set, then the descriptor, cannot be watched. */
static int wrap_what_cannot_be_watched(void)
{
	int fd = eventfd(0, EFD_CLOEXEC), before = count_fds(), err = 0;

	seam.add_fails = 1;
	CHECK(!libfence_wrap_fd(fd, &err) && err == -ENOSPC);
	settle();
	CHECK(count_fds() == before);
	seam.add_fails = 2;
	CHECK(!libfence_wrap_fd(fd, &err) && err == -ENOSPC);
	settle();
	CHECK(count_fds() == before + 4);
	return 0;
}

static void what_cannot_be_watched_leaves_nothing(void **state)
{
	in_child(wrap_what_cannot_be_watched);
}

/* The last reference is dropped between the event and its result. */

static struct libfence *dropped;

static void drop_after_epoll_get(int nr)
{
	struct libfence *f = dropped;

	if (!nr || !f)
		return;
	WRITE_ONCE(seam.after_epoll_get, NULL);
	libfence_put(&f);
	/* Release: pairs with the acquire in the test. */
	smp_store_release(&dropped, NULL);
}

static void a_fence_that_is_dropped_after_its_event(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	uint64_t one = 1;

	dropped = libfence_wrap_fd(fd, NULL);
	assert_non_null(dropped);
	smp_store_release(&seam.after_epoll_get, drop_after_epoll_get);
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	assert_true(eventually(!smp_load_acquire(&dropped)));
	settle();
	/* The thread is well. */
	dropped = libfence_wrap_fd(fd, NULL);
	assert_int_equal(libfence_wait(dropped, PATIENCE_S * NSEC_PER_SEC), 0);
	libfence_put(&dropped);
	close(fd);
}

/* Threads that cannot be started */

static atomic_t nr_deferred;

static void count_deferred(struct callback_head *head)
{
	atomic_inc(&nr_deferred);
}

static void ignore_warning(const struct libfence_warning *w, void *data)
{
}

static int flush_after_a_failed_start(void)
{
	unsigned long before = libfence_warn_count();
	struct callback_head head;

	libfence_set_warn_hook(ignore_warning, NULL);
	seam.starts_fail = 1;
	lfpriv_defer(&head, count_deferred);
	CHECK(!seam.starts_fail && libfence_warn_count() == before + 1);
	lfpriv_defer_flush();
	CHECK(atomic_read(&nr_deferred) == 1);
	return 0;
}

static int defer_after_a_failed_start(void)
{
	struct callback_head heads[2];

	libfence_set_warn_hook(ignore_warning, NULL);
	seam.starts_fail = 1;
	lfpriv_defer(&heads[0], count_deferred);
	lfpriv_defer(&heads[1], count_deferred);
	CHECK(eventually(atomic_read(&nr_deferred) == 2));
	return 0;
}

static void a_thread_that_did_not_start_is_tried_again(void **state)
{
	/* A child starts a thread for the work that is deferred at the fork. */
	lfpriv_defer_flush();
	in_child(flush_after_a_failed_start);
	in_child(defer_after_a_failed_start);
}

static int wrap_after_a_failed_start(void)
{
	int fd = eventfd(0, EFD_CLOEXEC), before = count_fds(), err = 0;
	struct libfence *f;
	uint64_t one = 1;

	libfence_set_warn_hook(ignore_warning, NULL);
	/* That of the watches; then the one that closes its copy. */
	seam.starts_fail = 1;
	CHECK(!libfence_wrap_fd(fd, &err) && err == -EAGAIN);
	settle();
	/* The set, its eventfd, and the thread's pipe if it is a new one. */
	CHECK(count_fds() >= before + 2);
	before = count_fds();
	f = libfence_wrap_fd(fd, &err);
	CHECK(f);
	CHECK(write(fd, &one, sizeof(one)) == sizeof(one));
	CHECK(!libfence_wait(f, PATIENCE_S * NSEC_PER_SEC));
	libfence_put(&f);
	settle();
	/* The thread drops its reference, and then closes the copy. */
	CHECK(eventually(count_fds() == before));
	return 0;
}

static void a_watch_that_could_not_start_is_tried_again(void **state)
{
	in_child(wrap_after_a_failed_start);
}

/* fork() while another thread makes a watch */

static struct {
	int before, status, fd;
	struct libfence *finished;
} midway;

static int use_what_is_inherited(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct libfence *f;
	uint64_t one = 1;

	/* The finished one has a copy, and the set and its eventfd are new. */
	CHECK(eventually(count_fds() == midway.before + 3 + 1));
	CHECK(write(midway.fd, &one, sizeof(one)) == sizeof(one));
	CHECK(!libfence_wait(midway.finished, PATIENCE_S * NSEC_PER_SEC));
	CHECK(write(fd, &one, sizeof(one)) == sizeof(one));
	f = libfence_wrap_fd(fd, NULL);
	CHECK(f && !libfence_wait(f, PATIENCE_S * NSEC_PER_SEC));
	libfence_put(&f);
	return 0;
}

static void fork_at_thread_start(void)
{
	/* This one is behind the other, which has no place in the set yet. */
	midway.finished = libfence_wrap_fd(midway.fd, NULL);
	midway.status = midway.finished ? status_in_child(use_what_is_inherited)
					: -1;
}

static int fork_while_a_watch_is_made(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct libfence *f;

	midway.fd = eventfd(0, EFD_CLOEXEC);
	midway.before = count_fds();
	seam.at_thread_start = fork_at_thread_start;
	f = libfence_wrap_fd(fd, NULL);
	CHECK(f && !seam.at_thread_start);
	CHECK(!midway.status);
	return 0;
}

static void a_child_drops_a_watch_that_was_being_made(void **state)
{
	in_child(fork_while_a_watch_is_made);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(two_threads_make_one_watch_set),
		MOCK_TEST(what_cannot_be_watched_leaves_nothing),
		MOCK_TEST(a_fence_that_is_dropped_after_its_event),
		MOCK_TEST(a_thread_that_did_not_start_is_tried_again),
		MOCK_TEST(a_watch_that_could_not_start_is_tried_again),
		MOCK_TEST(a_child_drops_a_watch_that_was_being_made),
	};
	return TEST_MAIN("sync-file-seam", tests);
}
