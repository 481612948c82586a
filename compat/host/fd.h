/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The host seam for descriptors: the only functions of the library that call
 * the host's sockets, epoll and ioctl. None of them sleeps unless its comment
 * says so. None changes errno, and none is a cancellation point unless its
 * comment says so. The functions that can fail return a negative
 * errno.
 */
#ifndef LFHOST_FD_H
#define LFHOST_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the name of any socket. */
#define LFHOST_FD_NAME	108

/* Two connected packet sockets, close-on-exec and nonblocking. */
int lfhost_fd_pair(int fds[2]);

/**
 * lfhost_fd_cookie - get the number that identifies a socket
 * @fd: any descriptor, of the library or the program
 * @cookie: receives the number. All descriptors of one socket have the same
 *	number, and descriptors of other sockets have other numbers.
 *
 * Return: 0; -EBADF; -ENOTSOCK if it is not a socket.
 */
int lfhost_fd_cookie(int fd, uint64_t *cookie);
/* Give a socket a name of @len bytes, which ends with the socket. */
int lfhost_fd_bind(int fd, const char *name, size_t len);
/*
 * Copy the name of a connected local packet socket to @name, and return its
 * length. -EINVAL if @fd is not such a socket, or has no name.
 */
int lfhost_fd_name(int fd, char name[LFHOST_FD_NAME]);
/*
 * The other endpoint hung up: true if it is still open, and was only shut down.
 * It must have a name; false if it has none.
 */
bool lfhost_fd_peer_is_open(int fd);
/* True for a regular file or a directory. A hostile file system may block it. */
bool lfhost_fd_is_file(int fd);
/* Send a packet. -EPIPE or -ECONNRESET if the other endpoint was closed. */
int lfhost_fd_send(int fd, const void *buf, size_t size);
/*
 * Copy the first packet to @buf and leave it in the queue. Returns its length,
 * which may be more than @size; 0 after a shutdown by the other endpoint;
 * -EAGAIN if there is no packet yet.
 */
long lfhost_fd_peek(int fd, void *buf, size_t size);
/* Send no more packets: the other endpoint becomes readable. */
void lfhost_fd_shutdown(int fd);
/* Let exec() keep the descriptor open. */
void lfhost_fd_clear_cloexec(int fd);
/* Another descriptor of the same file, close-on-exec. */
int lfhost_fd_dup(int fd);
void lfhost_fd_close(int fd);
int lfhost_fd_ioctl(int fd, unsigned int cmd, void *arg);

/* The events of a descriptor in an epoll set. */
#define LFHOST_FD_IN	0x1
#define LFHOST_FD_HUP	0x2
#define LFHOST_FD_ERR	0x4
/* For lfhost_epoll_add(): edge-triggered. */
#define LFHOST_FD_EDGE	0x8

struct lfhost_fd_event {
	uint64_t id;
	unsigned int what;
};

int lfhost_epoll_create(void);
/* @what: the events to wait for. LFHOST_FD_ERR and _HUP are always included. */
int lfhost_epoll_add(int set, int fd, unsigned int what, uint64_t id);
void lfhost_epoll_del(int set, int fd);
#define LFHOST_EPOLL_MAX	32
/* Get the current events without waiting. Returns how many there are. */
int lfhost_epoll_get(int set, struct lfhost_fd_event events[LFHOST_EPOLL_MAX]);
/* Sleep until there is an event. A cancellation point. */
void lfhost_epoll_sleep(int set);

/* A descriptor that lfhost_eventfd_signal() makes readable. */
int lfhost_eventfd_create(void);
void lfhost_eventfd_signal(int fd);

/*
 * Sleep until @fd is readable. A cancellation point. Returns 0, -ETIME, -EINTR, or -EINVAL if the
 * descriptor is closed.
 */
int lfhost_fd_wait(int fd, int timeout_ms);

/* Copy from or to memory that may not exist. Return false if it does not. */
bool lfhost_copy_from(void *to, const void *from, size_t size);
bool lfhost_copy_to(void *to, const void *from, size_t size);
/* The same as the first; false, too, if the host does not allow it. */
bool lfhost_peek(void *to, const void *from, size_t size);

#endif
