// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Descriptors, instead of compat/host/fd.c: there are none. */
#include <errno.h>
#include <string.h>

#include "host/fd.h"

int lfhost_fd_pair(int fds[2])
{
	return -EMFILE;
}

int lfhost_fd_cookie(int fd, uint64_t *cookie)
{
	return -EBADF;
}

int lfhost_fd_bind(int fd, const char *name, size_t len)
{
	return -EBADF;
}

int lfhost_fd_send(int fd, const void *buf, size_t size)
{
	return -EBADF;
}

void lfhost_fd_shutdown(int fd)
{
}

void lfhost_fd_clear_cloexec(int fd)
{
}

void lfhost_fd_close(int fd)
{
}

int lfhost_epoll_create(void)
{
	return -EMFILE;
}

int lfhost_epoll_add(int set, int fd, unsigned int what, uint64_t id)
{
	return -EBADF;
}

int lfhost_epoll_get(int set, struct lfhost_fd_event events[LFHOST_EPOLL_MAX])
{
	return 0;
}

/* User memory is the memory of the program. */
bool lfhost_copy_from(void *to, const void *from, size_t size)
{
	memcpy(to, from, size);
	return true;
}

bool lfhost_copy_to(void *to, const void *from, size_t size)
{
	memcpy(to, from, size);
	return true;
}

bool lfhost_fd_peer_is_open(int fd)
{
	return false;
}

/* As on a host that does not allow it: the memory may not exist. */
bool lfhost_peek(void *to, const void *from, size_t size)
{
	return false;
}
