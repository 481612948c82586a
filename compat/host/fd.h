/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The seam to the host for descriptors: the only functions of the shim that
 * call the host's sockets, epoll and ioctl. None sleeps unless it says so, none
 * changes errno, and those that fail return a negative errno.
 */
#ifndef LFHOST_FD_H
#define LFHOST_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the name of any socket. */
#define LFHOST_FD_NAME	108

/* Two connected ends that keep the limits of packets; close-on-exec. */
int lfhost_fd_pair(int fds[2]);

/**
 * lfhost_fd_cookie - which socket is it?
 * @fd: anybody's descriptor
 * @cookie: a number that all descriptors of one socket share, and no others
 *
 * Return: 0, -EBADF, or -ENOTSOCK for whatever is no socket.
 */
int lfhost_fd_cookie(int fd, uint64_t *cookie);
/* Give a socket a name that its owner need not unlink: @len bytes. */
int lfhost_fd_bind(int fd, const char *name, size_t len);
/*
 * The length of the name of a connected local packet socket, copied to @name;
 * -EINVAL for all that is none, or has none.
 */
int lfhost_fd_name(int fd, char name[LFHOST_FD_NAME]);
/* One packet. -EPIPE or -ECONNRESET when the other end is gone. */
int lfhost_fd_send(int fd, const void *buf, size_t size);
/*
 * Look at the first packet without taking it away. Its length, which may be
 * more than @size; 0 at the end; -EAGAIN when there is none yet.
 */
long lfhost_fd_peek(int fd, void *buf, size_t size);
/* Nothing more will come from this end: the other sees it as readable. */
void lfhost_fd_shutdown(int fd);
/* Not close-on-exec any more. */
void lfhost_fd_clear_cloexec(int fd);
/* Another descriptor of the same, close-on-exec. */
int lfhost_fd_dup(int fd);
void lfhost_fd_close(int fd);
int lfhost_fd_ioctl(int fd, unsigned int cmd, void *arg);

/* What an epoll set says of a descriptor. */
#define LFHOST_FD_IN	0x1
#define LFHOST_FD_HUP	0x2
#define LFHOST_FD_ERR	0x4
#define LFHOST_FD_EDGE	0x8

struct lfhost_fd_event {
	uint64_t id;
	unsigned int what;
};

int lfhost_epoll_create(void);
/* Errors and hang-ups always count. */
int lfhost_epoll_add(int set, int fd, unsigned int what, uint64_t id);
void lfhost_epoll_del(int set, int fd);
#define LFHOST_EPOLL_MAX	32
/* Does not wait. How many events there are. */
int lfhost_epoll_get(int set, struct lfhost_fd_event events[LFHOST_EPOLL_MAX]);
/* Sleep until there is one. */
void lfhost_epoll_sleep(int set);

/* Readable once lfhost_eventfd_signal() was called. */
int lfhost_eventfd_create(void);
void lfhost_eventfd_signal(int fd);

/* Sleep until it is readable: 0; -ETIME; -EINTR; -EINVAL for a closed descriptor. */
int lfhost_fd_wait(int fd, int timeout_ms);

/* Copy between memory that may not be there; false if it was not. */
bool lfhost_copy_from(void *to, const void *from, size_t size);
bool lfhost_copy_to(void *to, const void *from, size_t size);

#endif
