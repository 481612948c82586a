/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Waiting for descriptors that others signal: one thread with one epoll set
 * for all of them, started by the first that is not done when it is looked at.
 */
#ifndef LFSHIM_WATCH_H
#define LFSHIM_WATCH_H

#include <linux/types.h>

enum lfshim_watch_kind {
	/* A file that another process of this library has exported. */
	LFSHIM_WATCH_EXPORTED,
	/* A sync_file of the kernel's. */
	LFSHIM_WATCH_KERNEL,
	/* Whatever becomes readable. */
	LFSHIM_WATCH_ANY,
};

struct lfshim_watch;

/**
 * struct lfshim_watch_ops - whom to tell
 * @get: take a reference to what the watch is in; false when it is too late.
 *	Under RCU, perhaps after lfshim_watch_stop().
 * @done: on the thread, with that reference, or in lfshim_watch_start(). @status
 *	is 1 or a negative errno, @timestamp CLOCK_MONOTONIC and not in the
 *	future. Once, but for a process that is forked while it runs.
 * @put: the reference is not needed any more
 */
struct lfshim_watch_ops {
	bool (*get)(struct lfshim_watch *w);
	void (*done)(struct lfshim_watch *w, int status, s64 timestamp);
	void (*put)(struct lfshim_watch *w);
};

#define LFSHIM_WATCH_NAME	32

struct lfshim_watch {
	const struct lfshim_watch_ops *ops;
	enum lfshim_watch_kind kind;
	/* Our own copy of it; -1 when nothing is to be waited for any more. */
	int fd;
	bool in_set;
	/* Among all that have a copy. */
	struct list_head node;
};

/**
 * lfshim_watch_open - what is it?
 * @w: to be filled; not watched before lfshim_watch_start()
 * @fd: the caller's
 * @any: take whatever it is, as LFSHIM_WATCH_ANY; else -EINVAL
 * @driver: where the names of its fence go
 * @timeline: the other
 *
 * Return: 0; -EBADF; -EINVAL when it stands for no fence; -EPROTONOSUPPORT when
 * for one of a library that is too new; -EMFILE.
 */
int lfshim_watch_open(struct lfshim_watch *w,
		      const struct lfshim_watch_ops *ops, int fd, bool any,
		      char driver[LFSHIM_WATCH_NAME],
		      char timeline[LFSHIM_WATCH_NAME]);
/**
 * lfshim_watch_start - begin to wait
 * @w: opened, with a reference of the caller's; in memory that is freed no
 *	sooner than a grace period after lfshim_watch_stop(), which is to follow
 *	whatever this returns
 *
 * Context: may sleep.
 * Return: 0; -EMFILE, -ENOMEM ...; -EPERM when it cannot be waited for; -EAGAIN
 * when there is no thread to be had.
 */
int lfshim_watch_start(struct lfshim_watch *w);
/* Wait no more, if we did. Context: any. */
void lfshim_watch_stop(struct lfshim_watch *w);

/* ioctl(2). */
int lfshim_host_ioctl(int fd, unsigned int cmd, void *arg);

#endif
