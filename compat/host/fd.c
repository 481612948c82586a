// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The host seam for descriptors; see fd.h. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
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

int lfhost_fd_pair(int fds[2])
{
	return NEGATIVE_ERRNO(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
					 SOCK_NONBLOCK, 0, fds));
}

/*
 * Kernels before 4.12 and qemu-user have no SO_COOKIE. The inode number is used
 * instead: all sockets are in one file system. The kernel counts inode numbers
 * in 32 bits, so a number can repeat after 2^32 sockets and pipes of the whole
 * machine.
 */
static int fd_socket_inode(int fd, uint64_t *cookie)
{
	struct stat st;
	int err = NEGATIVE_ERRNO(fstat(fd, &st));

	if (err)
		return err;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	*cookie = st.st_ino;
	return 0;
}

int lfhost_fd_cookie(int fd, uint64_t *cookie)
{
	socklen_t len = sizeof(*cookie);
	int err = NEGATIVE_ERRNO(getsockopt(fd, SOL_SOCKET, SO_COOKIE, cookie,
					    &len));

	if (!err && len == sizeof(*cookie))
		return 0;
	if (err == -EBADF || err == -ENOTSOCK)
		return err;
	return fd_socket_inode(fd, cookie);
}

int lfhost_fd_bind(int fd, const char *name, size_t len)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	/* The leading 0: the name is no file, and it ends with the socket. */
	if (len > sizeof(addr.sun_path) - 1)
		return -ENAMETOOLONG;
	memcpy(addr.sun_path + 1, name, len);
	return NEGATIVE_ERRNO(bind(fd, (struct sockaddr *)&addr,
				   offsetof(struct sockaddr_un, sun_path) +
				   1 + len));
}

int lfhost_fd_name(int fd, char name[LFHOST_FD_NAME])
{
	struct sockaddr_un addr;
	int type, len;
	socklen_t size;
	int err;

	size = sizeof(addr);
	err = NEGATIVE_ERRNO(getsockname(fd, (struct sockaddr *)&addr, &size));
	if (err)
		return err == -EBADF ? err : -EINVAL;
	len = size - offsetof(struct sockaddr_un, sun_path) - 1;
	if (addr.sun_family != AF_UNIX || len <= 0 || addr.sun_path[0])
		return -EINVAL;
	memcpy(name, addr.sun_path + 1, len);

	size = sizeof(type);
	err = NEGATIVE_ERRNO(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size));
	if (err || type != SOCK_SEQPACKET)
		return -EINVAL;
	/*
	 * The socket of lfhost_fd_peer_is_open() is not connected, nor is a
	 * socket that listens.
	 */
	size = sizeof(addr);
	if (NEGATIVE_ERRNO(getpeername(fd, (struct sockaddr *)&addr, &size)))
		return -EINVAL;
	return len;
}

bool lfhost_fd_peer_is_open(int fd)
{
	struct sockaddr_un addr;
	socklen_t size = sizeof(addr);
	int probe, err;

	err = NEGATIVE_ERRNO(getpeername(fd, (struct sockaddr *)&addr, &size));
	if (err || size <= offsetof(struct sockaddr_un, sun_path) + 1)
		return false;
	/* A name is in use until the socket is closed. */
	probe = NEGATIVE_ERRNO(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC,
				      0));
	if (probe < 0)
		return false;
	err = NEGATIVE_ERRNO(bind(probe, (struct sockaddr *)&addr, size));
	lfhost_fd_close(probe);
	return err == -EADDRINUSE;
}

bool lfhost_fd_is_file(int fd)
{
	struct stat st;

	return !NEGATIVE_ERRNO(fstat(fd, &st)) &&
	       (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

/*
 * Its address stands for the order between a send and the receive. All
 * descriptors share it, because the two endpoints have different numbers and
 * may be in different processes.
 */
static char descriptors;

int lfhost_fd_send(int fd, const void *buf, size_t size)
{
	lfshim_order_release(&descriptors);
	return NEGATIVE_ERRNO(syscall(SYS_sendto, fd, buf, size,
				      MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0));
}

long lfhost_fd_peek(int fd, void *buf, size_t size)
{
	long ret = NEGATIVE_ERRNO(syscall(SYS_recvfrom, fd, buf, size,
					  MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT,
					  NULL, NULL));

	if (ret > 0)
		lfshim_order_acquire(&descriptors);
	return ret;
}

void lfhost_fd_shutdown(int fd)
{
	KEEP_ERRNO(shutdown(fd, SHUT_WR));
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
			  (what & LFHOST_FD_EDGE ? EPOLLET : 0),
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
