// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Descriptors, instead of compat/host/fd.c: there are none. */
#include <errno.h>
#include <string.h>

#include "host/fd.h"

int lfhost_fd_pipe(int fds[2], uint64_t *id)
{
	return -EMFILE;
}

int lfhost_fd_pipe_id(int fd, uint64_t *id)
{
	return -EBADF;
}

void lfhost_fd_shrink(int fd)
{
}

int lfhost_fd_set_label(int fd, const char *label)
{
	return -EBADF;
}

void lfhost_fd_clear_label(int fd)
{
}

int lfhost_fd_write(int fd, const void *buf, size_t size)
{
	return -EBADF;
}

void lfhost_fd_alone(const int *fds, bool *closed, int n)
{
	memset(closed, 0, n * sizeof(*closed));
}

int lfhost_fd_each_pipe(void (*fn)(uint64_t id, void *data), void *data)
{
	return -ENOENT;
}

void lfhost_fd_clear_cloexec(int fd)
{
}

int lfhost_eventfd_dup(int fd)
{
	return -EBADF;
}

void lfhost_eventfd_add(int fd)
{
}

void lfhost_fd_close(int fd)
{
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

/* As on a host that does not allow it: the memory may not exist. */
bool lfhost_peek(void *to, const void *from, size_t size)
{
	return false;
}
