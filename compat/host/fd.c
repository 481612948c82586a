// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The host seam for descriptors; see fd.h. */

/* A label needs 64 bits in a time stamp, also on 32-bit hosts. */
#ifndef _TIME_BITS
#define _TIME_BITS 64
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../include/lfshim/hb.h"
#include "fd.h"
#include "sys.h"

/*
 * The result of a call, or the negative errno. errno itself does not change,
 * because code that signals a fence does not expect that.
 */
#define NEGATIVE_ERRNO(call) ({						\
	int saved_ = errno;						\
	long ret_ = (call);						\
									\
	if (ret_ < 0)							\
		ret_ = -errno;						\
	errno = saved_;							\
	ret_; })
/*
 * Functions of libc that may block, such as close(), are cancellation points: a
 * thread that was cancelled is unwound inside of them, whatever locks it holds.
 * This file makes such system calls itself, or turns cancelling off.
 */

/* For a call whose failure does not matter. */
#define KEEP_ERRNO(call)	((void)NEGATIVE_ERRNO(call))

/* Pipes */

/* <linux/magic.h> has it, too; here its name would be the shim's. */
#define PIPEFS_FS_MAGIC		0x50495045

/* The device of the host's pipes, which is that of the first pipe; 0 before. */
static dev_t pipe_dev;

/* Not a FIFO of a file system, which has another kind of number. */
static bool fd_is_pipe(int fd, const struct stat *st)
{
	dev_t dev = __atomic_load_n(&pipe_dev, __ATOMIC_RELAXED);
	struct statfs fs;

	if (!S_ISFIFO(st->st_mode))
		return false;
	if (dev)
		return st->st_dev == dev;
	return !NEGATIVE_ERRNO(fstatfs(fd, &fs)) &&
	       fs.f_type == PIPEFS_FS_MAGIC;
}

int lfhost_fd_pipe_id(int fd, uint64_t *id)
{
	struct stat st;
	int err = NEGATIVE_ERRNO(fstat(fd, &st));

	if (err)
		return err;
	if (!fd_is_pipe(fd, &st))
		return -EINVAL;
	*id = st.st_ino;
	return 0;
}

/* The host keeps the page of a byte that was read. */
static int fd_warm(const int fds[2])
{
	char byte = 0;
	int err;

	err = NEGATIVE_ERRNO(syscall(SYS_write, fds[1], &byte, 1));
	if (err == 1)
		err = NEGATIVE_ERRNO(syscall(SYS_read, fds[0], &byte, 1));
	return err == 1 ? 0 : err ?: -EIO;
}

int lfhost_fd_pipe(int fds[2], uint64_t *id)
{
	struct stat st;
	int err = NEGATIVE_ERRNO(pipe2(fds, O_CLOEXEC | O_NONBLOCK));

	if (err)
		return err;
	err = fd_warm(fds) ?: NEGATIVE_ERRNO(fstat(fds[0], &st));
	if (err) {
		lfhost_fd_close(fds[0]);
		lfhost_fd_close(fds[1]);
		return err;
	}
	/* No partner: every thread stores the same number. */
	__atomic_store_n(&pipe_dev, st.st_dev, __ATOMIC_RELAXED);
	*id = st.st_ino;
	return 0;
}

void lfhost_fd_shrink(int fd)
{
	KEEP_ERRNO(fcntl(fd, F_SETPIPE_SZ, sysconf(_SC_PAGESIZE)));
}

/*
 * A label is 26 characters of 7 bits. With 4 bits for a mark and the version,
 * they fill the seconds (64 bits) and nanoseconds (29 of 30 bits) of two time
 * stamps. A time stamp of the host never begins with such a mark: it would be
 * two hundred thousand million years before 1970.
 */
#define LABEL_MARK		0x8
#define LABEL_VERSION		0x2
#define LABEL_BITS(width)	((1ULL << (width)) - 1)

/* A number of 186 bits, from the lowest bits to the highest. */
struct fd_stamps {
	uint64_t bits[3];
};

static void stamps_put(struct fd_stamps *s, int at, int width, uint64_t value)
{
	s->bits[at / 64] |= value << at % 64;
	if (at % 64 + width > 64)
		s->bits[at / 64 + 1] |= value >> (64 - at % 64);
}

static uint64_t stamps_get(const struct fd_stamps *s, int at, int width)
{
	uint64_t value = s->bits[at / 64] >> at % 64;

	if (at % 64 + width > 64)
		value |= s->bits[at / 64 + 1] << (64 - at % 64);
	return width < 64 ? value & LABEL_BITS(width) : value;
}

/*
 * Where the parts of the time stamps are in the number. The mark is in the one
 * that hosts before 6.15 replace when the pipe is written to.
 */
#define STAMP_ATIME_NSEC	0
#define STAMP_MTIME_NSEC	29
#define STAMP_ATIME		58
#define STAMP_MTIME		122
#define STAMP_MARK		182

int lfhost_fd_set_label(int fd, const char *label)
{
	struct fd_stamps s = { { 0 } };
	struct timespec times[2];
	int i;

	for (i = 0; label[i]; i++) {
		if (i == LFHOST_FD_LABEL - 1)
			return -ENAMETOOLONG;
		stamps_put(&s, 7 * i, 7, label[i] & 0x7f);
	}
	stamps_put(&s, STAMP_MARK, 4, LABEL_MARK | LABEL_VERSION);
	times[0].tv_nsec = stamps_get(&s, STAMP_ATIME_NSEC, 29);
	times[1].tv_nsec = stamps_get(&s, STAMP_MTIME_NSEC, 29);
	times[1].tv_sec = stamps_get(&s, STAMP_MTIME, 64);
	times[0].tv_sec = stamps_get(&s, STAMP_ATIME, 64);
	return NEGATIVE_ERRNO(futimens(fd, times));
}

int lfhost_fd_get_label(int fd, char label[LFHOST_FD_LABEL])
{
	struct fd_stamps s = { { 0 } };
	struct stat st;
	int i, mark, err = NEGATIVE_ERRNO(fstat(fd, &st));

	if (err)
		return err;
	stamps_put(&s, STAMP_ATIME_NSEC, 29, st.st_atim.tv_nsec);
	stamps_put(&s, STAMP_MTIME_NSEC, 29, st.st_mtim.tv_nsec);
	stamps_put(&s, STAMP_MTIME, 64, st.st_mtim.tv_sec);
	stamps_put(&s, STAMP_ATIME, 64, st.st_atim.tv_sec);
	mark = stamps_get(&s, STAMP_MARK, 4);
	if (!(mark & LABEL_MARK))
		return -EINVAL;
	if (mark != (LABEL_MARK | LABEL_VERSION))
		return -EPROTONOSUPPORT;
	for (i = 0; i < LFHOST_FD_LABEL - 1; i++)
		label[i] = stamps_get(&s, 7 * i, 7);
	label[i] = '\0';
	return strlen(label);
}

void lfhost_fd_clear_label(int fd)
{
	/* Both time stamps become the present time. */
	KEEP_ERRNO(futimens(fd, NULL));
}

/*
 * Its address stands for the order between a write and the read. All
 * descriptors share it, because the two ends have different numbers and may be
 * in different processes.
 */
static char descriptors;

/* Hosts before 6.18 do not have it. */
#ifndef RWF_NOSIGNAL
#define RWF_NOSIGNAL	0x100
#endif

/* The signal mask of the host, which is smaller than a sigset_t. */
#define SIGSET_SIZE	(_NSIG / 8)

/* write() with SIGPIPE blocked, and removed if it was caused by this call. */
static long fd_write_masked(int fd, const void *buf, size_t size)
{
	sigset_t pipe_set, old, pending;
	struct timespec now = { 0 };
	bool was_pending = false;
	long ret;

	sigemptyset(&pipe_set);
	sigaddset(&pipe_set, SIGPIPE);
	sigemptyset(&old);
	sigemptyset(&pending);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &pipe_set, &old, SIGSET_SIZE);
	/* One that was blocked before may wait for the program. */
	if (sigismember(&old, SIGPIPE) && !sigpending(&pending))
		was_pending = sigismember(&pending, SIGPIPE);
	ret = NEGATIVE_ERRNO(syscall(SYS_write, fd, buf, size));
	if (ret == -EPIPE && !was_pending)
		KEEP_ERRNO(syscall(SYS_rt_sigtimedwait, &pipe_set, NULL, &now,
				   SIGSET_SIZE));
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL, SIGSET_SIZE);
	return ret;
}

int lfhost_fd_write(int fd, const void *buf, size_t size)
{
	static bool has_no_flag;
	struct iovec iov = { (void *)buf, size };
	long ret;

	lfshim_order_release(&descriptors);
	if (!__atomic_load_n(&has_no_flag, __ATOMIC_RELAXED)) {
		ret = NEGATIVE_ERRNO(syscall(SYS_pwritev2, fd, &iov, 1, -1L,
					     -1L, RWF_NOSIGNAL));
		if (ret != -EOPNOTSUPP && ret != -ENOSYS && ret != -EINVAL)
			return ret;
		/* No partner: any thread may find this out again. */
		__atomic_store_n(&has_no_flag, true, __ATOMIC_RELAXED);
	}
	return fd_write_masked(fd, buf, size);
}

long lfhost_fd_peek(int fd, int scratch[2], void *buf, size_t size)
{
	const int fds[2] = { scratch[0], scratch[1] };
	long got, n, ret;

	ret = NEGATIVE_ERRNO(syscall(SYS_tee, fd, scratch[1], size,
				     SPLICE_F_NONBLOCK));
	/* Also 0 if another process has taken everything during the call. */
	if (!ret)
		ret = NEGATIVE_ERRNO(syscall(SYS_tee, fd, scratch[1], size,
					     SPLICE_F_NONBLOCK));
	if (ret <= 0)
		return ret;
	/* From a pipe with O_DIRECT, each read returns one packet. */
	for (got = 0; got < ret; got += n) {
		n = NEGATIVE_ERRNO(syscall(SYS_read, fds[0], (char *)buf + got,
					   ret - got));
		if (n <= 0)
			break;
	}
	if (got == ret) {
		lfshim_order_acquire(&descriptors);
		return ret;
	}
	/*
	 * A page of a file whose file system has failed cannot be read, and
	 * stays. It must not be found in place of the content of another pipe.
	 */
	scratch[0] = scratch[1] = -1;
	lfhost_fd_close(fds[0]);
	lfhost_fd_close(fds[1]);
	return -EIO;
}

#define ALONE_MAX	64

static long fd_poll_now(struct pollfd *p, int n)
{
	struct timespec now = { 0 };

	return NEGATIVE_ERRNO(syscall(SYS_ppoll, p, n, &now, NULL, 0));
}

void lfhost_fd_alone(const int *fds, bool *closed, int n)
{
	struct pollfd p[ALONE_MAX];
	int i, nr;

	for (; n > 0; n -= nr, fds += nr, closed += nr) {
		nr = n < ALONE_MAX ? n : ALONE_MAX;
		for (i = 0; i < nr; i++)
			p[i] = (struct pollfd){ .fd = fds[i] };
		/* The host takes no more at once than the limit of descriptors. */
		if (fd_poll_now(p, nr) == -EINVAL) {
			nr = 1;
			fd_poll_now(p, nr);
		}
		for (i = 0; i < nr; i++)
			closed[i] = p[i].revents & POLLERR;
	}
}

/* An entry of a directory, as the host writes it. */
struct fd_dirent {
	uint64_t ino;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

/*
 * The link of a descriptor, not fstat(): that would ask the file system, which
 * may be a process that does not answer. The mode of the link tells whether the
 * descriptor is to read from.
 */
static bool fd_link_pipe_id(int dir, const char *name, uint64_t *id)
{
	char link[32], *end;
	struct stat st;
	long n = NEGATIVE_ERRNO(readlinkat(dir, name, link, sizeof(link) - 1));

	if (n <= 0)
		return false;
	link[n] = '\0';
	if (strncmp(link, "pipe:[", 6))
		return false;
	*id = strtoull(link + 6, &end, 10);
	return *end == ']' &&
	       !NEGATIVE_ERRNO(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW)) &&
	       (st.st_mode & S_IRUSR);
}

int lfhost_fd_each_pipe(void (*fn)(uint64_t id, void *data), void *data)
{
	char buf[2048] __attribute__((__aligned__(8)));
	struct fd_dirent *d;
	int dir, nr = 0;
	uint64_t id;
	long n, at;

	/* /proc/self is the first thread, which has no files after its end. */
	dir = NEGATIVE_ERRNO(syscall(SYS_openat, AT_FDCWD,
				     "/proc/thread-self/fd",
				     O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
	if (dir < 0)
		return dir;
	while ((n = NEGATIVE_ERRNO(syscall(SYS_getdents64, dir, buf,
					   sizeof(buf)))) > 0) {
		for (at = 0; at < n; at += d->size, nr++) {
			d = (struct fd_dirent *)(buf + at);
			if (fd_link_pipe_id(dir, d->name, &id))
				fn(id, data);
		}
	}
	lfhost_fd_close(dir);
	return n < 0 ? n : nr;
}

/* Only epoll sets have epoll_ctl(). Any other file, or none, is -EINVAL. */
static int fd_is_epoll_set(int fd)
{
	struct epoll_event unused = { 0 };
	int other = lfhost_eventfd_create(), err;

	if (other < 0)
		return other;
	err = NEGATIVE_ERRNO(epoll_ctl(fd, EPOLL_CTL_DEL, other, &unused));
	lfhost_fd_close(other);
	return err != -EINVAL;
}

/* The poll functions of these families take no lock of the socket. */
static bool fd_is_usual_socket(int fd)
{
	socklen_t size = sizeof(int);
	int family;

	if (NEGATIVE_ERRNO(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family,
				      &size)))
		return false;
	return family == AF_UNIX || family == AF_INET || family == AF_INET6 ||
	       family == AF_NETLINK || family == AF_PACKET;
}

/*
 * A process that reads from a terminal, with memory that is not there, holds up
 * one that changes its line discipline, for five seconds each time, and that one
 * holds up the poll functions of others. Only terminals have this ioctl, which
 * does not wait. qemu-user does not know it.
 */
static bool fd_is_terminal(int fd)
{
	int unused, err = NEGATIVE_ERRNO(ioctl(fd, TIOCGEXCL, &unused));
	int saved = errno;

	if (err == -ENOSYS) {
		err = !isatty(fd);
		errno = saved;
	}
	return !err;
}

int lfhost_fd_may_block(int fd)
{
	struct stat st;
	int err = NEGATIVE_ERRNO(fstat(fd, &st));

	/* It is open, and its file system, or the process of /proc, is gone. */
	if (err)
		return err == -EBADF ? err : true;
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
		return true;
	case S_IFSOCK:
		return !fd_is_usual_socket(fd);
	case S_IFCHR:
		return fd_is_terminal(fd);
	case S_IFIFO:
		return false;
	default:
		return fd_is_epoll_set(fd);
	}
}

int lfhost_fd_dup(int fd)
{
	return NEGATIVE_ERRNO(fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

void lfhost_fd_clear_cloexec(int fd)
{
	KEEP_ERRNO(fcntl(fd, F_SETFD, 0));
}

void lfhost_fd_close(int fd)
{
	/* Not a system call of our own: ThreadSanitizer has to see it. */
	int old = lfhost_cancel_off();

	KEEP_ERRNO(close(fd));
	lfhost_cancel_restore(old);
}

int lfhost_fd_ioctl(int fd, unsigned int cmd, void *arg)
{
	int ret = NEGATIVE_ERRNO(ioctl(fd, (unsigned long)cmd, arg));

	/* qemu-user returns ENOSYS for a request that it does not know. */
	return ret == -ENOSYS ? -ENOTTY : ret;
}

int lfhost_epoll_create(void)
{
	return NEGATIVE_ERRNO(epoll_create1(EPOLL_CLOEXEC));
}

int lfhost_epoll_add(int set, int fd, unsigned int what, uint64_t id)
{
	struct epoll_event event = {
		.events = (what & LFHOST_FD_IN ? EPOLLIN : 0) |
			  (what & LFHOST_FD_ONCE ? EPOLLONESHOT : 0),
		.data.u64 = id,
	};

	/* The thread that gets the event uses @id. */
	lfshim_order_release(&descriptors);
	return NEGATIVE_ERRNO(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
}

void lfhost_epoll_del(int set, int fd)
{
	struct epoll_event unused = { 0 };

	KEEP_ERRNO(epoll_ctl(set, EPOLL_CTL_DEL, fd, &unused));
}

int lfhost_epoll_get(int set, struct lfhost_fd_event events[LFHOST_EPOLL_MAX])
{
	struct epoll_event got[LFHOST_EPOLL_MAX];
	int i, n;

	n = NEGATIVE_ERRNO(syscall(SYS_epoll_pwait, set, got, LFHOST_EPOLL_MAX,
				   0, NULL, 0));
	/* A wrapped descriptor is never read: its event is the receive. */
	if (n > 0)
		lfshim_order_acquire(&descriptors);
	for (i = 0; i < n; i++) {
		events[i].id = got[i].data.u64;
		events[i].what =
			(got[i].events & EPOLLIN ? LFHOST_FD_IN : 0) |
			(got[i].events & EPOLLHUP ? LFHOST_FD_HUP : 0) |
			(got[i].events & EPOLLERR ? LFHOST_FD_ERR : 0);
	}
	return n > 0 ? n : 0;
}

void lfhost_epoll_sleep(int set)
{
	struct pollfd p = { .fd = set, .events = POLLIN };

	KEEP_ERRNO(poll(&p, 1, -1));
}

int lfhost_fd_wait(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int ret = NEGATIVE_ERRNO(poll(&p, 1, timeout_ms));

	if (ret <= 0)
		return ret ?: -ETIME;
	lfshim_order_acquire(&descriptors);
	return p.revents & (POLLERR | POLLNVAL) ? -EINVAL : 0;
}

int lfhost_eventfd_create(void)
{
	return NEGATIVE_ERRNO(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

void lfhost_eventfd_signal(int fd)
{
	uint64_t one = 1;

	KEEP_ERRNO(syscall(SYS_write, fd, &one, sizeof(one)));
}

int lfhost_eventfd_dup(int fd)
{
	static const char eventfd_link[] = "anon_inode:[eventfd]";
	char name[32], link[sizeof(eventfd_link)];
	int copy = lfhost_fd_dup(fd);
	long n;

	if (copy < 0)
		return copy;
	snprintf(name, sizeof(name), "/proc/thread-self/fd/%d", copy);
	n = NEGATIVE_ERRNO(readlink(name, link, sizeof(link)));
	if (n == sizeof(link) - 1 && !memcmp(link, eventfd_link, n))
		return copy;
	lfhost_fd_close(copy);
	return -EINVAL;
}

void lfhost_eventfd_add(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int old = lfhost_cancel_off();

	/* A full one would block, unless it is nonblocking. */
	if (NEGATIVE_ERRNO(poll(&p, 1, 0)) == 1 && p.revents & POLLOUT)
		lfhost_eventfd_signal(fd);
	lfhost_cancel_restore(old);
}

/*
 * Like the kernel's functions, these report a bad address instead of crashing:
 * the host copies from this process to itself. If the host has no such call or
 * forbids it, they copy without a check.
 */
bool lfhost_copy_from(void *to, const void *from, size_t size)
{
	struct iovec local = { to, size }, remote = { (void *)from, size };
	long n = NEGATIVE_ERRNO(process_vm_readv(getpid(), &local, 1, &remote,
						 1, 0));

	if (n == -ENOSYS || n == -EPERM) {
		memcpy(to, from, size);
		return true;
	}
	return n == (long)size;
}

bool lfhost_peek(void *to, const void *from, size_t size)
{
	struct iovec local = { to, size }, remote = { (void *)from, size };

	return NEGATIVE_ERRNO(process_vm_readv(getpid(), &local, 1, &remote, 1,
					       0)) == (long)size;
}

bool lfhost_copy_to(void *to, const void *from, size_t size)
{
	struct iovec local = { (void *)from, size }, remote = { to, size };
	long n = NEGATIVE_ERRNO(process_vm_writev(getpid(), &local, 1, &remote,
						  1, 0));

	if (n == -ENOSYS || n == -EPERM) {
		memcpy(to, from, size);
		return true;
	}
	return n == (long)size;
}
