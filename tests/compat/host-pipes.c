// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The pipes of the host seam, each function by itself; see compat/host/fd.h. */

#include <pthread.h>
#include "host-fds.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* The call by which libc asks for a file's file system. */
#ifdef SYS_fstatfs64
#define NR_FSTATFS	SYS_fstatfs64
#else
#define NR_FSTATFS	SYS_fstatfs
#endif

/* Numbers */

static int a_pipe_has_no_number(void)
{
	uint64_t id = MARK;
	int p[2];

	errno = MARK;
	if (pipe(p))
		return __LINE__;
	if (lfhost_fd_pipe_id(p[0], &id) != -EINVAL || id != MARK)
		return __LINE__;
	return errno == MARK ? 0 : __LINE__;
}

static void check_numbers(void)
{
	int p[4], fifo = open_fifo(), event = eventfd(0, EFD_CLOEXEC);
	uint64_t one = 0, two = 0, again = 0, unused = MARK;
	struct stat st;

	assert_int_equal(pipe(p), 0);
	assert_int_equal(pipe(p + 2), 0);
	errno = MARK;
	assert_int_equal(lfhost_fd_pipe_id(p[0], &one), 0);
	assert_int_equal(lfhost_fd_pipe_id(p[1], &again), 0);
	assert_int_equal(lfhost_fd_pipe_id(p[2], &two), 0);
	assert_true(one == again && one != two);
	assert_int_equal(fstat(p[0], &st), 0);
	assert_int_equal(one, st.st_ino);
	/* Each of these has a number of another kind. */
	assert_int_equal(lfhost_fd_pipe_id(fifo, &unused), -EINVAL);
	assert_int_equal(lfhost_fd_pipe_id(event, &unused), -EINVAL);
	assert_int_equal(lfhost_fd_pipe_id(-1, &unused), -EBADF);
	assert_int_equal(unused, MARK);
	assert_int_equal(errno, MARK);
	close_pipe(p);
	close_pipe(p + 2);
	close(fifo);
	close(event);
}

/* The first test: afterwards, the library has made a pipe itself. */
static void a_pipe_has_a_number_before_the_first_one_is_made(void **state)
{
	check_numbers();
}

static void without_statfs_the_first_pipe_has_no_number(void **state)
{
	assert_int_equal(status_with_refused(NR_FSTATFS, EACCES,
					     a_pipe_has_no_number), 0);
}

static void a_number_identifies_a_pipe(void **state)
{
	uint64_t id, same;
	int fds[2];

	assert_int_equal(lfhost_fd_pipe(fds, &id), 0);
	check_numbers();
	assert_int_equal(lfhost_fd_pipe_id(fds[0], &same), 0);
	assert_int_equal(id, same);
	assert_int_equal(lfhost_fd_pipe_id(fds[1], &same), 0);
	assert_int_equal(id, same);
	close_pipe(fds);
}

/* Making pipes */

static void a_pipe_has_its_flags(void **state)
{
	struct pollfd p = { .events = POLLIN };
	int fds[2], i;

	make_pipe(fds);
	for (i = 0; i < 2; i++) {
		assert_int_equal(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
		assert_true(fcntl(fds[i], F_GETFL) & O_NONBLOCK);
		assert_int_equal(fcntl(fds[i], F_GETFL) & O_ACCMODE,
				 i ? O_WRONLY : O_RDONLY);
	}
	/* It is empty, and nobody has hung up. */
	assert_int_equal(bytes_in(fds[0]), 0);
	p.fd = fds[0];
	assert_int_equal(poll(&p, 1, 0), 0);
	errno = MARK;
	lfhost_fd_clear_cloexec(fds[0]);
	assert_int_equal(fcntl(fds[0], F_GETFD), 0);
	assert_int_equal(errno, MARK);
	close_pipe(fds);
}

static int no_pipe(void)
{
	int fds[2], before = next_fd(), err;
	uint64_t id;

	errno = MARK;
	err = lfhost_fd_pipe(fds, &id);
	if (errno != MARK)
		return __LINE__;
	if (err != -EMFILE && err != -ENOMEM)
		return __LINE__;
	return next_fd() == before ? 0 : __LINE__;
}

static void a_pipe_without_memory_is_none(void **state)
{
	assert_int_equal(status_with_refused(SYS_pipe2, EMFILE, no_pipe), 0);
	/* The memory of the packet is there in advance. */
	assert_int_equal(status_with_refused(SYS_write, ENOMEM, no_pipe), 0);
	assert_int_equal(status_with_refused(SYS_read, ENOMEM, no_pipe), 0);
}

static void a_shrunk_pipe_has_one_page(void **state)
{
	int fds[2];

	make_pipe(fds);
	errno = MARK;
	lfhost_fd_shrink(fds[1]);
	assert_int_equal(fcntl(fds[1], F_GETPIPE_SZ), sysconf(_SC_PAGESIZE));
	lfhost_fd_shrink(-1);
	assert_int_equal(errno, MARK);
	close_pipe(fds);
}

/* Labels */

static int label_of_child_fd, label_of_child_len;
static const char *label_of_child;

static int has_the_label(void)
{
	char got[LFHOST_FD_LABEL];

	if (lfhost_fd_get_label(label_of_child_fd, got) != label_of_child_len)
		return __LINE__;
	return strcmp(got, label_of_child) ? __LINE__ : 0;
}

static void check_label(int fds[2], const char *label)
{
	char got[LFHOST_FD_LABEL];
	int i;

	assert_int_equal(lfhost_fd_set_label(fds[1], label), 0);
	for (i = 0; i < 2; i++) {
		memset(got, 'x', sizeof(got));
		assert_int_equal(lfhost_fd_get_label(fds[i], got),
				 strlen(label));
		assert_string_equal(got, label);
	}
}

static void a_label_has_up_to_26_characters_of_7_bits(void **state)
{
	char label[LFHOST_FD_LABEL + 1] = "", got[LFHOST_FD_LABEL];
	int fds[2], len, i, c;

	make_pipe(fds);
	errno = MARK;
	for (len = 0; len <= 26; len++) {
		memset(label, 'a' + len % 26, len);
		check_label(fds, label);
		/* All bits, and none, of each character. */
		memset(label, 0x7f, len);
		check_label(fds, label);
	}
	for (c = 1; c < 128; c++) {
		memset(label, c, 26);
		check_label(fds, label);
		for (i = 0; i < 26; i++)
			label[i] = 1 + (c + 5 * i) % 127;
		check_label(fds, label);
	}
	/* One that is too long changes nothing. */
	memset(label, 'b', 27);
	assert_int_equal(lfhost_fd_set_label(fds[1], label), -ENAMETOOLONG);
	assert_int_equal(lfhost_fd_get_label(fds[0], got), 26);
	assert_true(got[0] != 'b' && got[25] != 'b');
	assert_int_equal(lfhost_fd_set_label(-1, "x"), -EBADF);
	assert_int_equal(lfhost_fd_get_label(-1, got), -EBADF);
	assert_int_equal(errno, MARK);
	close_pipe(fds);
}

static void each_descriptor_has_the_label(void **state)
{
	int fds[2], copy;

	make_pipe(fds);
	check_label(fds, "driver/timeline");
	copy = dup(fds[0]);
	label_of_child = "driver/timeline";
	label_of_child_len = 15;
	label_of_child_fd = copy;
	assert_int_equal(has_the_label(), 0);
	/* It does not end with the end to write to, nor with this process's. */
	close_pipe(fds);
	assert_int_equal(status_in_child(NULL, 0, 0, has_the_label), 0);
	close(copy);
}

static int other_user_reads_the_label(void)
{
	if (setuid(65534))
		return __LINE__;
	if (has_the_label())
		return __LINE__;
	if (lfhost_fd_set_label(label_of_child_fd, "other") != -EPERM)
		return __LINE__;
	lfhost_fd_clear_label(label_of_child_fd);
	return has_the_label();
}

static void only_the_user_changes_a_label(void **state)
{
	int fds[2];

	make_pipe(fds);
	check_label(fds, "mine");
	label_of_child = "mine";
	label_of_child_len = 4;
	label_of_child_fd = fds[0];
	assert_int_equal(status_in_child(NULL, 0, 0,
					 other_user_reads_the_label), 0);
	close_pipe(fds);
}

static void a_pipe_without_a_label_has_none(void **state)
{
	char got[LFHOST_FD_LABEL];
	int fds[2];

	make_pipe(fds);
	errno = MARK;
	assert_int_equal(lfhost_fd_get_label(fds[0], got), -EINVAL);
	check_label(fds, "");
	lfhost_fd_clear_label(fds[1]);
	assert_int_equal(lfhost_fd_get_label(fds[0], got), -EINVAL);
	lfhost_fd_clear_label(-1);
	assert_int_equal(errno, MARK);
	close_pipe(fds);
}

static void a_label_of_another_version_is_told_apart(void **state)
{
	char got[LFHOST_FD_LABEL];
	struct timespec times[2];
	int fds[2], bit;
	struct stat st;

	make_pipe(fds);
	check_label(fds, "label");
	assert_int_equal(fstat(fds[0], &st), 0);
	for (bit = 60; bit < 64; bit++) {
		times[0] = st.st_atim;
		times[1] = st.st_mtim;
		times[1].tv_sec = st.st_mtim.tv_sec ^ (1ull << bit);
		assert_int_equal(futimens(fds[1], times), 0);
		/* The highest bit is the mark. */
		assert_int_equal(lfhost_fd_get_label(fds[0], got),
				 bit == 63 ? -EINVAL : -EPROTONOSUPPORT);
	}
	close_pipe(fds);
}

/* Hosts before 6.15 remove the label at the write. This must not be needed. */
static void a_written_pipe_has_its_label_or_none(void **state)
{
	char got[LFHOST_FD_LABEL];
	int fds[2], len;

	make_pipe(fds);
	check_label(fds, "label");
	assert_int_equal(write(fds[1], "x", 1), 1);
	len = lfhost_fd_get_label(fds[0], got);
	if (len >= 0)
		assert_string_equal(got, "label");
	else
		assert_int_equal(len, -EINVAL);
	lfhost_fd_clear_label(fds[1]);
	assert_int_equal(lfhost_fd_get_label(fds[0], got), -EINVAL);
	assert_int_equal(bytes_in(fds[0]), 1);
	close_pipe(fds);
}

/* Writing */

static bool sigpipe_is_pending(void)
{
	sigset_t set;

	return !sigpending(&set) && sigismember(&set, SIGPIPE);
}

static bool sigpipe_is_blocked(void)
{
	sigset_t set;

	return !pthread_sigmask(SIG_SETMASK, NULL, &set) &&
	       sigismember(&set, SIGPIPE);
}

/* @take: a SIGPIPE that is pending is removed first. */
static void block_sigpipe(int how, bool take)
{
	struct timespec now = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (take)
		sigtimedwait(&set, NULL, &now);
	pthread_sigmask(how, &set, NULL);
}

static int broken_pipe(void)
{
	uint64_t unused;
	int fds[2];

	if (lfhost_fd_pipe(fds, &unused))
		return -1;
	close(fds[0]);
	return fds[1];
}

/* SIGPIPE kills the child by default. */
static int writes_raise_no_signal(void)
{
	int fd = broken_pipe(), i;

	errno = MARK;
	for (i = 0; i < 3; i++)
		if (lfhost_fd_write(fd, "x", 1) != -EPIPE)
			return __LINE__;
	if (sigpipe_is_blocked() || sigpipe_is_pending())
		return __LINE__;
	block_sigpipe(SIG_BLOCK, false);
	for (i = 0; i < 3; i++)
		if (lfhost_fd_write(fd, "x", 1) != -EPIPE)
			return __LINE__;
	if (!sigpipe_is_blocked() || sigpipe_is_pending())
		return __LINE__;
	block_sigpipe(SIG_UNBLOCK, false);
	return errno == MARK ? 0 : __LINE__;
}

static int writes_keep_a_pending_signal(void)
{
	int fd = broken_pipe(), i;

	block_sigpipe(SIG_BLOCK, false);
	raise(SIGPIPE);
	errno = MARK;
	for (i = 0; i < 3; i++)
		if (lfhost_fd_write(fd, "x", 1) != -EPIPE)
			return __LINE__;
	if (errno != MARK || !sigpipe_is_blocked() || !sigpipe_is_pending())
		return __LINE__;
	/* It was one, and is one. */
	block_sigpipe(SIG_UNBLOCK, true);
	return sigpipe_is_pending() ? __LINE__ : 0;
}

/* The write returns with any content of the pipe. */
static int writes_do_not_block(void)
{
	char packet[88] = "packet", got[88];
	int fds[2], i, ret = 0;
	uint64_t unused;

	if (lfhost_fd_pipe(fds, &unused))
		return __LINE__;
	errno = MARK;
	for (i = 0; i < 100000; i++) {
		ret = lfhost_fd_write(fds[1], packet, sizeof(packet));
		if (ret < 0)
			break;
		if (ret != sizeof(packet))
			return __LINE__;
	}
	if (ret != -EAGAIN || errno != MARK)
		return __LINE__;
	if (read(fds[0], got, sizeof(got)) != sizeof(got))
		return __LINE__;
	if (memcmp(got, packet, sizeof(got)))
		return __LINE__;
	if (lfhost_fd_write(-1, packet, 1) != -EBADF)
		return __LINE__;
	return errno == MARK ? 0 : __LINE__;
}

static void a_write_raises_no_signal(void **state)
{
	assert_int_equal(status_in_child(NULL, 0, 0, writes_raise_no_signal),
			 0);
}

static void a_write_keeps_a_pending_signal(void **state)
{
	assert_int_equal(status_in_child(NULL, 0, 0,
					 writes_keep_a_pending_signal), 0);
}

static void a_write_does_not_block(void **state)
{
	assert_int_equal(status_in_child(NULL, 0, 0, writes_do_not_block), 0);
}

/* The host has no RWF_NOSIGNAL, or not the call, or does not know it here. */
static void a_write_on_an_old_host_is_the_same(void **state)
{
	static const int errs[] = { EOPNOTSUPP, ENOSYS, EINVAL };
	int i;

	for (i = 0; i < ARRAY_SIZE(errs); i++) {
		assert_int_equal(status_with_refused(SYS_pwritev2, errs[i],
						     writes_raise_no_signal),
				 0);
		assert_int_equal(status_with_refused(SYS_pwritev2, errs[i],
					writes_keep_a_pending_signal), 0);
		assert_int_equal(status_with_refused(SYS_pwritev2, errs[i],
						     writes_do_not_block), 0);
	}
}

static int a_failed_write_is_not_repeated(void)
{
	uint64_t unused;
	int fds[2];

	if (lfhost_fd_pipe(fds, &unused))
		return __LINE__;
	if (lfhost_fd_write(fds[1], "x", 1) != -ENOMEM)
		return __LINE__;
	return bytes_in(fds[0]) ? __LINE__ : 0;
}

static void a_write_that_fails_has_its_error(void **state)
{
	assert_int_equal(status_with_refused(SYS_pwritev2, ENOMEM,
					     a_failed_write_is_not_repeated),
			 0);
}

/* Peeking */

static void a_peek_leaves_the_data(void **state)
{
	char buf[9] = "", label[LFHOST_FD_LABEL];
	int fds[2], scratch[2], i;

	make_pipe(fds);
	make_pipe(scratch);
	/* A holder may make its end a blocking one. Some hosts look at both. */
	fcntl(fds[0], F_SETFL, 0);
	fcntl(scratch[1], F_SETFL, 0);
	errno = MARK;
	assert_int_equal(lfhost_fd_set_label(fds[1], "label"), 0);
	assert_int_equal(lfhost_fd_peek(fds[0], scratch, buf, 8), -EAGAIN);
	assert_int_equal(lfhost_fd_get_label(fds[0], label), 5);
	assert_int_equal(write(fds[1], "01234", 5), 5);
	for (i = 0; i < 3; i++) {
		assert_int_equal(lfhost_fd_peek(fds[0], scratch, buf, 8), 5);
		assert_string_equal(buf, "01234");
		assert_int_equal(bytes_in(scratch[0]), 0);
	}
	/* More than there is room for. */
	assert_int_equal(write(fds[1], "56789", 5), 5);
	for (i = 0; i < 3; i++) {
		assert_int_equal(lfhost_fd_peek(fds[0], scratch, buf, 8), 8);
		assert_string_equal(buf, "01234567");
		assert_int_equal(bytes_in(scratch[0]), 0);
	}
	assert_int_equal(bytes_in(fds[0]), 10);
	/* The content comes before the end. */
	close(fds[1]);
	assert_int_equal(lfhost_fd_peek(fds[0], scratch, buf, 8), 8);
	assert_int_equal(read(fds[0], buf, 8), 8);
	assert_int_equal(lfhost_fd_peek(fds[0], scratch, buf, 8), 2);
	assert_memory_equal(buf, "89", 2);
	assert_int_equal(read(fds[0], buf, 8), 2);
	assert_int_equal(lfhost_fd_peek(fds[0], scratch, buf, 8), 0);
	assert_int_equal(errno, MARK);
	close(fds[0]);
	close_pipe(scratch);
}

static void a_peek_of_no_pipe_is_an_error(void **state)
{
	int fds[2], scratch[2], event = eventfd(1, EFD_CLOEXEC);
	char buf[8];

	make_pipe(fds);
	make_pipe(scratch);
	assert_int_equal(write(fds[1], "x", 1), 1);
	errno = MARK;
	assert_int_equal(lfhost_fd_peek(-1, scratch, buf, 8), -EBADF);
	assert_int_equal(lfhost_fd_peek(fds[1], scratch, buf, 8), -EBADF);
	assert_int_equal(lfhost_fd_peek(event, scratch, buf, 8), -EINVAL);
	assert_int_equal(errno, MARK);
	assert_int_equal(bytes_in(scratch[0]), 0);
	close_pipe(fds);
	close_pipe(scratch);
	close(event);
}

/* Each read of such a pipe returns one packet. */
static void a_peek_of_packets_leaves_none_in_the_scratch_pipe(void **state)
{
	int fds[2], scratch[2], honest[2];
	char buf[9] = "";

	make_pipe(scratch);
	make_pipe(honest);
	assert_int_equal(pipe2(fds, O_DIRECT | O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], "0", 1), 1);
	assert_int_equal(write(fds[1], "forged", 6), 6);
	assert_int_equal(write(fds[1], "more", 4), 4);
	assert_int_equal(lfhost_fd_peek(fds[0], scratch, buf, 8), 8);
	assert_string_equal(buf, "0forgedm");
	assert_int_equal(bytes_in(scratch[0]), 0);
	assert_int_equal(write(honest[1], "honest", 6), 6);
	assert_int_equal(lfhost_fd_peek(honest[0], scratch, buf, 8), 6);
	assert_memory_equal(buf, "honest", 6);
	close_pipe(fds);
	close_pipe(honest);
	close_pipe(scratch);
}

static int data_fds[2], scratch_fds[2];

static int scratch_is_closed(void)
{
	int scratch[2] = { scratch_fds[0], scratch_fds[1] };
	char buf[8];

	errno = MARK;
	if (lfhost_fd_peek(data_fds[0], scratch, buf, 8) != -EIO)
		return __LINE__;
	if (errno != MARK || scratch[0] != -1 || scratch[1] != -1)
		return __LINE__;
	if (fcntl(scratch_fds[0], F_GETFD) >= 0 ||
	    fcntl(scratch_fds[1], F_GETFD) >= 0)
		return __LINE__;
	return bytes_in(data_fds[0]) == 5 ? 0 : __LINE__;
}

/* Otherwise its rest is taken for the data of the next pipe. */
static void a_scratch_pipe_that_cannot_be_emptied_is_closed(void **state)
{
	make_pipe(data_fds);
	make_pipe(scratch_fds);
	assert_int_equal(write(data_fds[1], "01234", 5), 5);
	assert_int_equal(status_with_refused(SYS_read, EIO, scratch_is_closed),
			 0);
	assert_int_equal(status_with_refused(SYS_read, EAGAIN,
					     scratch_is_closed), 0);
	close_pipe(data_fds);
	close_pipe(scratch_fds);
}

/* ThreadSanitizer does not support threads after fork(). */
#if !LFSHIM_TSAN
/* Cancelled threads */

static bool returned;

static void ignore_pipe(uint64_t id, void *unused)
{
}

static void *use_pipes_while_cancelled(void *unused)
{
	int fds[2], scratch[2];
	char buf[LFHOST_FD_LABEL];
	uint64_t id;
	bool closed;

	pthread_cancel(pthread_self());
	lfhost_fd_pipe(fds, &id);
	lfhost_fd_pipe(scratch, &id);
	lfhost_fd_pipe_id(fds[0], &id);
	lfhost_fd_shrink(fds[1]);
	lfhost_fd_set_label(fds[1], "label");
	lfhost_fd_get_label(fds[0], buf);
	lfhost_fd_write(fds[1], "x", 1);
	lfhost_fd_peek(fds[0], scratch, buf, sizeof(buf));
	lfhost_fd_clear_label(fds[1]);
	lfhost_fd_close(fds[0]);
	lfhost_fd_alone(&fds[1], &closed, 1);
	lfhost_fd_write(fds[1], "x", 1);
	lfhost_fd_each_pipe(ignore_pipe, NULL);
	returned = true;
	return NULL;
}

static int cancelled_thread_returns(void)
{
	pthread_t thread;

	returned = false;
	if (pthread_create(&thread, NULL, use_pipes_while_cancelled, NULL))
		return __LINE__;
	pthread_join(thread, NULL);
	return returned ? 0 : __LINE__;
}

static void using_pipes_is_no_cancellation_point(void **state)
{
	assert_int_equal(status_in_child(NULL, 0, 0, cancelled_thread_returns),
			 0);
	/* The other way to write. */
	assert_int_equal(status_with_refused(SYS_pwritev2, EOPNOTSUPP,
					     cancelled_thread_returns), 0);
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_pipe_has_a_number_before_the_first_one_is_made),
		TEST(without_statfs_the_first_pipe_has_no_number),
		TEST(a_number_identifies_a_pipe),
		TEST(a_pipe_has_its_flags),
		TEST(a_pipe_without_memory_is_none),
		TEST(a_shrunk_pipe_has_one_page),
		TEST(a_label_has_up_to_26_characters_of_7_bits),
		TEST(each_descriptor_has_the_label),
		TEST(only_the_user_changes_a_label),
		TEST(a_pipe_without_a_label_has_none),
		TEST(a_label_of_another_version_is_told_apart),
		TEST(a_written_pipe_has_its_label_or_none),
		TEST(a_write_raises_no_signal),
		TEST(a_write_keeps_a_pending_signal),
		TEST(a_write_does_not_block),
		TEST(a_write_on_an_old_host_is_the_same),
		TEST(a_write_that_fails_has_its_error),
		TEST(a_peek_leaves_the_data),
		TEST(a_peek_of_no_pipe_is_an_error),
		TEST(a_peek_of_packets_leaves_none_in_the_scratch_pipe),
		TEST(a_scratch_pipe_that_cannot_be_emptied_is_closed),
#if !LFSHIM_TSAN
		TEST(using_pipes_is_no_cancellation_point),
#endif
	};
	const bool refuses = test_host_refuses_calls();
	const bool is_root = !geteuid();

	TEST_NEEDS(refuses, "seccomp",
		   without_statfs_the_first_pipe_has_no_number);
	TEST_NEEDS(refuses, "seccomp", a_pipe_without_memory_is_none);
	TEST_NEEDS(refuses, "seccomp", a_write_on_an_old_host_is_the_same);
	TEST_NEEDS(refuses, "seccomp", a_write_that_fails_has_its_error);
	TEST_NEEDS(refuses, "seccomp",
		   a_scratch_pipe_that_cannot_be_emptied_is_closed);
#if !LFSHIM_TSAN
	TEST_NEEDS(refuses, "seccomp", using_pipes_is_no_cancellation_point);
#endif
	TEST_NEEDS(is_root, "root", only_the_user_changes_a_label);
	return TEST_MAIN("host-pipes", tests);
}
