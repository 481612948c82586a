// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Signalling the host's eventfds. */

#include "helpers.h"
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <linux/eventfd.h>
#include <linux/irqflags.h>
#include <libfence/libfence.h>

static u64 counter(int fd)
{
	u64 n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static void each_signal_counts(void **state)
{
	int fd = eventfd(0, EFD_NONBLOCK);
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_false(IS_ERR(ctx));
	assert_int_equal(poll(&p, 1, 0), 0);
	eventfd_signal(ctx);
	assert_int_equal(poll(&p, 1, 0), 1);
	eventfd_signal(ctx);
	assert_int_equal(counter(fd), 2);
	assert_int_equal(counter(fd), 0);
	eventfd_ctx_put(ctx);
	close(fd);
}

static void a_signal_wakes_a_reader(void **state)
{
	int fd = eventfd(0, 0), copy = dup(fd);
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);

	/* The context does not end with the descriptor. */
	close(fd);
	local_irq_disable();
	eventfd_signal(ctx);
	local_irq_enable();
	assert_int_equal(counter(copy), 1);
	eventfd_ctx_put(ctx);
	close(copy);
}

static void a_full_counter_stays(void **state)
{
	const u64 most = U64_MAX - 1;
	/* A write would block. */
	int fd = eventfd(0, 0);
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);

	assert_int_equal(write(fd, &most, sizeof(most)), sizeof(most));
	eventfd_signal(ctx);
	assert_true(counter(fd) == most);
	eventfd_ctx_put(ctx);
	close(fd);
}

static void other_descriptors_are_refused(void **state)
{
	int fds[2], fd = open("/dev/null", O_RDONLY);

	assert_int_equal(PTR_ERR(eventfd_ctx_fdget(-1)), -EBADF);
	assert_int_equal(PTR_ERR(eventfd_ctx_fdget(fd)), -EINVAL);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(PTR_ERR(eventfd_ctx_fdget(fds[1])), -EINVAL);
	close(fds[0]);
	close(fds[1]);
	close(fd);
}

static void without_memory_there_is_no_context(void **state)
{
	int fd = eventfd(0, 0), next;

	libfence_fail_nth(1);
	assert_int_equal(PTR_ERR(eventfd_ctx_fdget(fd)), -ENOMEM);
	/* No descriptor was leaked. */
	next = dup(fd);
	assert_int_equal(next, fd + 1);
	close(next);
	close(fd);
}

static void a_context_has_one_descriptor(void **state)
{
	int fd = eventfd(0, 0), next;
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);

	eventfd_ctx_put(ctx);
	assert_true(IS_ERR(eventfd_ctx_fdget(STDERR_FILENO)));
	next = dup(fd);
	assert_int_equal(next, fd + 1);
	close(next);
	close(fd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(each_signal_counts),
		TEST(a_signal_wakes_a_reader),
		TEST(a_full_counter_stays),
		TEST(other_descriptors_are_refused),
		TEST(without_memory_there_is_no_context),
		TEST(a_context_has_one_descriptor),
	};

	return TEST_MAIN("eventfd", tests);
}
