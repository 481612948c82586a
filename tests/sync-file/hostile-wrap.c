// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Any descriptor may be given to libfence_wrap_fd(), and another process may
 * have it, too. It is refused, or it holds up no thread except its users.
 */

#include "wire.h"
#include "fault.h"
#include "others.h"

#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/timerfd.h>

static struct libfence *wrap(int fd)
{
	int err = 0;
	struct libfence *f = libfence_wrap_fd(fd, &err);

	if (!f)
		fail_msg("wrap: error %d", err);
	return f;
}

static void assert_refused(int fd)
{
	int err = 0;

	assert_null(libfence_wrap_fd(fd, &err));
	assert_int_equal(err, -EPERM);
	assert_null(libfence_import(fd, &err));
	assert_int_equal(err, -EINVAL);
}

static int end_of(struct libfence *f)
{
	int status;

	assert_int_equal(libfence_wait(f, PATIENCE_S * NSEC_PER_SEC), 0);
	status = libfence_status(f);
	libfence_put(&f);
	return status;
}

/* Everything else goes on, here and in a child. */
static void assert_others_go_on(void)
{
	assert_int_equal(use_everything(), 0);
	end_child(use_everything_in_child());
}

/*
 * A file of a FUSE server, which is a process of its own: one that uses its own
 * file cannot be killed.
 */

/* Of <linux/fuse.h>, which some hosts do not have. */
enum {
	OP_FORGET = 2, OP_GETATTR = 3, OP_OPEN = 14, OP_RELEASE = 18,
	OP_FLUSH = 25, OP_INIT = 26, OP_POLL = 40, OP_BATCH_FORGET = 42,
	NR_OPS = 64,
};

struct request {
	uint32_t len, opcode;
	uint64_t unique;
	char more[1 << 17];
};

struct reply {
	uint32_t len;
	int32_t error;
	uint64_t unique;
	union {
		/* Of INIT. */
		struct {
			uint32_t major, minor, readahead, flags;
			uint32_t limits, max_write, more[10];
		} init;
		/* Of OPEN and POLL. */
		uint32_t words[4];
		/* Of GETATTR. */
		struct {
			uint64_t valid;
			uint32_t valid_nsec, unused;
			uint64_t ino, size, blocks, times[3];
			uint32_t nsec[3], mode, nlink, ids[6];
		} attr;
	};
};

/* Shared with the server: requests that it has got, and does not answer. */
static struct control {
	int silent[NR_OPS], got[NR_OPS];
} *control;

static void serve(int dev)
{
	static struct request in;
	static struct reply out;

	while (read(dev, &in, sizeof(in)) > 0) {
		unsigned int op = in.opcode % NR_OPS;

		__atomic_add_fetch(&control->got[op], 1, __ATOMIC_RELEASE);
		if (op == OP_FORGET || op == OP_BATCH_FORGET ||
		    __atomic_load_n(&control->silent[op], __ATOMIC_ACQUIRE))
			continue;
		memset(&out, 0, sizeof(out));
		out.len = 16;
		out.unique = in.unique;
		switch (op) {
		case OP_INIT:
			out.init.major = 7;
			out.init.minor = 31;
			out.init.max_write = 4096;
			out.len += 64;
			break;
		case OP_OPEN:
			out.len += 16;
			break;
		case OP_POLL:
			out.len += 8;
			break;
		case OP_GETATTR:
			out.attr.ino = 1;
			out.attr.mode = S_IFREG | 0666;
			out.attr.nlink = 1;
			out.len += 16 + 88;
			break;
		case OP_FLUSH:
		case OP_RELEASE:
			break;
		default:
			out.error = -ENOSYS;
		}
		if (write(dev, &out, out.len) < 0)
			_exit(3);
	}
}

/* Mount it on a file that no other process sees. Returns /dev/fuse, or -1. */
static int mount_server(const char *path)
{
	char options[100];
	int dev;

	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL))
		return -1;
	dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (dev < 0)
		return -1;
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=100666,user_id=0,group_id=0,allow_other", dev);
	return mount("libfence-test", path, "fuse", 0, options) ? -1 : dev;
}

static pid_t clone_process(void)
{
	/* As fault_start(): without the threads of the library. */
	fflush(NULL);
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

/* Open the file, and make an epoll set that has it. Send both. */
static int open_and_send(const char *path, int s)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fd = open(path, O_RDWR | O_CLOEXEC), set = epoll_create1(0);

	if (fd < 0 || epoll_ctl(set, EPOLL_CTL_ADD, fd, &event))
		return 1;
	send_fd(s, fd);
	send_fd(s, set);
	return 0;
}

struct server {
	pid_t pid;
	int file, set;
};

/* ->pid is -1 if the host has no FUSE, or does not allow it. */
static struct server start_server(void)
{
	struct server server = { -1, -1, -1 };
	char path[] = "/tmp/libfence-XXXXXX";
	int s[2], dev, fd;

	if (!control)
		control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(control, 0, sizeof(*control));
	fd = mkstemp(path);
	if (fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s))
		return server;
	close(fd);
	server.pid = clone_process();
	if (!server.pid) {
		alarm(3 * PATIENCE_S);
		close(s[0]);
		dev = mount_server(path);
		if (dev < 0)
			_exit(1);
		if (!clone_process()) {
			close(dev);
			alarm(PATIENCE_S);
			_exit(open_and_send(path, s[1]));
		}
		close(s[1]);
		serve(dev);
		_exit(0);
	}
	close(s[1]);
	server.file = receive_fd(s[0]);
	server.set = receive_fd(s[0]);
	close(s[0]);
	unlink(path);
	if (server.file < 0 || server.set < 0) {
		kill(server.pid, SIGKILL);
		waitpid(server.pid, NULL, 0);
		server.pid = -1;
	}
	return server;
}

/* Its requests end with an error. */
static void kill_server(struct server *server)
{
	if (server->pid < 0)
		return;
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	server->pid = -1;
}

static void end_server(struct server *server)
{
	kill_server(server);
	close(server->set);
	close(server->file);
}

static bool fuse_works(void)
{
	struct server server = start_server();
	bool works = server.pid >= 0;

	end_server(&server);
	return works;
}

static void be_silent(int op)
{
	__atomic_store_n(&control->got[op], 0, __ATOMIC_RELEASE);
	__atomic_store_n(&control->silent[op], 1, __ATOMIC_RELEASE);
}

static int got(int op)
{
	return __atomic_load_n(&control->got[op], __ATOMIC_ACQUIRE);
}

static int wrap_here(void *data)
{
	int err = 0;
	struct libfence *f = libfence_wrap_fd(*(int *)data, &err);

	libfence_put(&f);
	return err;
}

static void a_file_of_a_hostile_server(void **state)
{
	struct server server = start_server();
	struct task_struct *k;

	be_silent(OP_POLL);
	assert_refused(server.file);
	assert_int_equal(got(OP_POLL), 0);
	assert_others_go_on();
	/* Only the thread that asks for its kind waits for the server. */
	be_silent(OP_GETATTR);
	k = start(wrap_here, &server.file);
	assert_true(eventually(got(OP_GETATTR) > 0));
	assert_others_go_on();
	kill_server(&server);
	assert_true(finish(k) < 0);
	end_server(&server);
}

static void an_epoll_set_with_such_a_file(void **state)
{
	struct server server = start_server();

	be_silent(OP_POLL);
	assert_refused(server.set);
	assert_int_equal(got(OP_POLL), 0);
	assert_others_go_on();
	end_server(&server);
}

#define NR_AT_ONCE	100

/* A close() waits for the server, which is asked in each of them. */
static void a_hundred_files_whose_close_does_not_return(void **state)
{
	struct server server = start_server();
	int i, err, before;
	pid_t child;

	use_everything();
	settle();
	before = count_fds_but_scratch();
	be_silent(OP_FLUSH);
	for (i = 0; i < NR_AT_ONCE; i++) {
		assert_null(libfence_wrap_fd(server.file, &err));
		assert_int_equal(err, -EPERM);
	}
	assert_true(eventually(got(OP_FLUSH) == NR_AT_ONCE));
	assert_int_equal(use_everything(), 0);
	/* It has the file, too, so its end waits for the server. */
	child = use_everything_in_child();
	kill_server(&server);
	end_child(child);
	assert_true(eventually((settle(), count_fds_but_scratch() <= before)));
	end_server(&server);
}

/* Sockets */

/* Those that have unsent data when they are closed, and wait to send them. */
struct lingering {
	int fd, other;
};

static struct lingering make_lingering(void)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct linger linger = { 1, 3 * PATIENCE_S };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	static const char buf[4096];
	socklen_t len = sizeof(addr);
	struct lingering l;
	int size = 2048;

	assert_int_equal(bind(listener, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	getsockname(listener, (struct sockaddr *)&addr, &len);
	l.other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(l.other, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	assert_int_equal(connect(l.other, (struct sockaddr *)&addr, len), 0);
	l.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	setsockopt(l.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(l.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	while (send(l.fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	close(listener);
	return l;
}

static void a_hundred_sockets_that_linger(void **state)
{
	struct lingering l[NR_AT_ONCE];
	struct libfence *f[NR_AT_ONCE];
	int i, before;

	use_everything();
	settle();
	before = count_fds_but_scratch();
	for (i = 0; i < NR_AT_ONCE; i++) {
		l[i] = make_lingering();
		f[i] = wrap(l[i].fd);
		close(l[i].fd);
	}
	/* The library has the last copies. One half is dropped. */
	for (i = 0; i < NR_AT_ONCE / 2; i++)
		libfence_put(&f[i]);
	for (; i < NR_AT_ONCE; i++) {
		shutdown(l[i].other, SHUT_WR);
		assert_int_equal(end_of(f[i]), 1);
	}
	assert_others_go_on();
	/* Now there is nothing to send any more. */
	for (i = 0; i < NR_AT_ONCE; i++)
		close(l[i].other);
	assert_true(eventually((settle(), count_fds_but_scratch() <= before)));
}

static void a_listening_socket(void **state)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), other;
	socklen_t len = sizeof(addr);
	struct libfence *f;

	assert_int_equal(bind(s, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(listen(s, 1), 0);
	getsockname(s, (struct sockaddr *)&addr, &len);
	f = wrap(s);
	assert_int_equal(libfence_wait(f, 5 * NSEC_PER_MSEC), -ETIMEDOUT);
	assert_others_go_on();
	other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(other, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(end_of(f), 1);
	close(other);
	close(s);
}

/* Others */

static void an_inotify_descriptor(void **state)
{
	char path[] = "/tmp/libfence-XXXXXX";
	int fd = inotify_init1(IN_CLOEXEC), file = mkstemp(path);
	struct libfence *f;

	assert_true(inotify_add_watch(fd, path, IN_MODIFY) >= 0);
	f = wrap(fd);
	assert_int_equal(libfence_wait(f, 5 * NSEC_PER_MSEC), -ETIMEDOUT);
	assert_others_go_on();
	assert_int_equal(write(file, "x", 1), 1);
	assert_int_equal(end_of(f), 1);
	close(file);
	unlink(path);
	close(fd);
}

static void a_timer_that_never_stops(void **state)
{
	struct itimerspec often = { .it_value.tv_nsec = 1,
				    .it_interval.tv_nsec = 1000 };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct libfence *f = wrap(fd);

	timerfd_settime(fd, 0, &often, NULL);
	assert_int_equal(end_of(f), 1);
	f = wrap(fd);
	assert_others_go_on();
	assert_int_equal(end_of(f), 1);
	close(fd);
}

/*
 * A terminal: a process that reads from it, with memory that is not there, holds
 * up one that changes its line discipline, for five seconds each time, and that
 * one holds up everybody that asks whether it is readable.
 */
static void a_terminal(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
	int discipline = 0;
	struct fault reader = { -1 };
	pid_t changer = -1;

	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	if (fault_works()) {
		assert_int_equal(write(master, "x\n", 2), 2);
		reader = fault_start(slave, 1, false);
		assert_true(eventually(fault_holds(&reader)));
		changer = clone_process();
		if (!changer) {
			alarm(PATIENCE_S);
			for (;;)
				ioctl(slave, TIOCSETD, &discipline);
		}
	}
	assert_refused(slave);
	assert_refused(master);
	assert_others_go_on();
	if (changer >= 0) {
		fault_end(&reader);
		kill(changer, SIGKILL);
		waitpid(changer, NULL, 0);
	}
	close(master);
	close(slave);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(a_file_of_a_hostile_server),
		MOCK_TEST(an_epoll_set_with_such_a_file),
		MOCK_TEST(a_hundred_files_whose_close_does_not_return),
		MOCK_TEST(a_hundred_sockets_that_linger),
		MOCK_TEST(a_listening_socket),
		MOCK_TEST(an_inotify_descriptor),
		MOCK_TEST(a_timer_that_never_stops),
		MOCK_TEST(a_terminal),
	};
	/* It runs no other thread while one is in a close() that blocks. */
	bool blocks = !test_on_valgrind(), fuse = blocks && fuse_works();

	TEST_NEEDS(blocks, "a close() that blocks one thread (Valgrind)",
		   a_hundred_sockets_that_linger);
	TEST_NEEDS(fuse, "FUSE", a_file_of_a_hostile_server);
	TEST_NEEDS(fuse, "FUSE", an_epoll_set_with_such_a_file);
	TEST_NEEDS(fuse, "FUSE", a_hundred_files_whose_close_does_not_return);
	return TEST_MAIN("sync-file-hostile-wrap", tests);
}
