/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The seam to the host for descriptors: the only functions of the shim that
 * call the host's sockets, epoll and ioctl. None sleeps unless it says so, none
 * changes errno, and those that fail return a negative errno.
 */
#ifndef LFSHIM_FD_H
#define LFSHIM_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the name of any socket. */
#define LFSHIM_FD_NAME	108

/* Two connected ends that keep the limits of packets; close-on-exec. */
int lfshim_fd_pair(int fds[2]);

/**
 * lfshim_fd_cookie - which socket is it?
 * @fd: anybody's descriptor
 * @cookie: a number that all descriptors of one socket share, and no others
 *
 * Return: 0, -EBADF, or -ENOTSOCK for whatever is no socket.
 */
int lfshim_fd_cookie(int fd, uint64_t *cookie);
/* Give a socket a name that its owner need not unlink: @len bytes. */
int lfshim_fd_bind(int fd, const char *name, size_t len);
/*
 * The length of the name of a connected local packet socket, copied to @name;
 * -EINVAL for all that is none, or has none.
 */
int lfshim_fd_name(int fd, char name[LFSHIM_FD_NAME]);
/* One packet. -EPIPE or -ECONNRESET when the other end is gone. */
int lfshim_fd_send(int fd, const void *buf, size_t size);
/*
 * Look at the first packet without taking it away. Its length, which may be
 * more than @size; 0 at the end; -EAGAIN when there is none yet.
 */
long lfshim_fd_peek(int fd, void *buf, size_t size);
/* Nothing more will come from this end: the other sees it as readable. */
void lfshim_fd_end(int fd);
/* Not close-on-exec any more. */
void lfshim_fd_keep(int fd);
/* Another descriptor of the same, close-on-exec. */
int lfshim_fd_dup(int fd);
void lfshim_fd_close(int fd);
int lfshim_fd_ioctl(int fd, unsigned int cmd, void *arg);

/* What an epoll set says of a descriptor. */
#define LFSHIM_FD_IN	0x1
#define LFSHIM_FD_HUP	0x2
#define LFSHIM_FD_ERR	0x4
#define LFSHIM_FD_EDGE	0x8

struct lfshim_fd_event {
	uint64_t id;
	unsigned int what;
};

int lfshim_epoll_create(void);
/* Errors and hang-ups always count. */
int lfshim_epoll_add(int set, int fd, unsigned int what, uint64_t id);
void lfshim_epoll_del(int set, int fd);
#define LFSHIM_EPOLL_MAX	32
/* Does not wait. How many events there are. */
int lfshim_epoll_get(int set, struct lfshim_fd_event events[LFSHIM_EPOLL_MAX]);
/* Sleep until there is one. */
void lfshim_epoll_sleep(int set);

/* Readable once lfshim_fd_kick() was called. */
int lfshim_fd_kickable(void);
void lfshim_fd_kick(int fd);

/* Declared in <linux/file.h>, too, where it is described. */
int lfshim_fd_wait(int fd, int timeout_ms);

/* Copy between memory that may not be there; false if it was not. */
bool lfshim_sys_copy_from(void *to, const void *from, size_t size);
bool lfshim_sys_copy_to(void *to, const void *from, size_t size);

#endif
