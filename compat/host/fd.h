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

/*
 * Pipes. The library writes once to a pipe whose other end the user has.
 *
 * A pipe has no name, so its label is in the two time stamps of its inode. Only
 * the user who made the pipe can change these. A process that has one of its
 * descriptors can read them, without waiting for anybody. On hosts before 6.15,
 * a write to the pipe replaces one of them, and so removes the label.
 */

/* Room for a label and its terminating 0. Its characters have seven bits. */
#define LFHOST_FD_LABEL		27

/*
 * Make a pipe: @fds[0] is the end to read from. Both are close-on-exec and
 * nonblocking. One page of memory is allocated now, and not at the first write.
 * Its number is that of lfhost_fd_pipe_id().
 */
int lfhost_fd_pipe(int fds[2], uint64_t *id);
/**
 * lfhost_fd_pipe_id - get the number that identifies a pipe
 * @fd: any descriptor, of the library or the program
 * @id: receives the number. All descriptors of one pipe have the same number,
 *	and those of other pipes have other numbers. The host counts them in 32
 *	bits, so a number can repeat after 2^32 pipes and sockets of the whole
 *	machine.
 *
 * A file of a hostile file system may block it.
 * Return: 0; -EBADF; -EINVAL if it is not a pipe.
 */
int lfhost_fd_pipe_id(int fd, uint64_t *id);
/* Make room for one page only, which counts less against the user's limit. */
void lfhost_fd_shrink(int fd);
/* Give a pipe a label of at most LFHOST_FD_LABEL - 1 characters. */
int lfhost_fd_set_label(int fd, const char *label);
/*
 * Copy the label of a pipe, and return its length. -EINVAL if it has none;
 * -EPROTONOSUPPORT if it has one of another version.
 */
int lfhost_fd_get_label(int fd, char label[LFHOST_FD_LABEL]);
/* Remove the label of a pipe. */
void lfhost_fd_clear_label(int fd);
/* Write to a pipe. -EPIPE, and no signal, if it has no end to read from. */
int lfhost_fd_write(int fd, const void *buf, size_t size);
/*
 * Copy the content of the pipe @fd, at most @size bytes, and leave it there.
 * @scratch is an empty pipe of the caller, and is empty afterwards; if that is
 * impossible, this closes it and sets both of its descriptors to -1. Returns
 * how many bytes there are; 0 if the pipe is empty and has no end to write to;
 * -EAGAIN if it is only empty. Another process that has the pipe may block it.
 */
long lfhost_fd_peek(int fd, int scratch[2], void *buf, size_t size);
/*
 * Set @closed[i] if @fds[i], which is the end of a pipe to write to, has no
 * other end.
 */
void lfhost_fd_alone(const int *fds, bool *closed, int n);
/*
 * Call @fn with the number of the pipe, for each descriptor of this process
 * that is the end of a pipe to read from. Returns about how many descriptors of
 * all kinds it has; -ENOENT if the host has no /proc; -EMFILE or another error.
 */
int lfhost_fd_each_pipe(void (*fn)(uint64_t id, void *data), void *data);

/*
 * 1 if the host's functions may wait for another process when they ask whether
 * @fd is readable: a regular file or a directory, whose file system may be a
 * process; an epoll set, which may contain one; a terminal; a socket of an
 * unusual family. Such a file may block this function, too. -EBADF; -EMFILE or another error if
 * it cannot be asked.
 */
int lfhost_fd_may_block(int fd);
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
/* For lfhost_epoll_add(): the first event is the last. */
#define LFHOST_FD_ONCE	0x8

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
/* As lfhost_fd_dup(), for an eventfd; -EINVAL if it is none. Needs /proc. */
int lfhost_eventfd_dup(int fd);
/*
 * Add 1 to the counter of an eventfd of the program. If it has its largest
 * value, it stays.
 */
void lfhost_eventfd_add(int fd);

/*
 * Sleep until @fd is readable. A cancellation point. Returns 0, -ETIME, -EINTR,
 * or -EINVAL if the descriptor is closed.
 */
int lfhost_fd_wait(int fd, int timeout_ms);

/* Copy from or to memory that may not exist. Return false if it does not. */
bool lfhost_copy_from(void *to, const void *from, size_t size);
bool lfhost_copy_to(void *to, const void *from, size_t size);
/* The same as the first; false, too, if the host does not allow it. */
bool lfhost_peek(void *to, const void *from, size_t size);

#endif
