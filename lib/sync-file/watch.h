/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Waiting for descriptors that others signal: one thread with one epoll set
 * for all of them, started by the first that is not done when it is looked at.
 */
#ifndef LFPRIV_WATCH_H
#define LFPRIV_WATCH_H

#include <linux/types.h>

enum lfpriv_watch_kind {
	/* A file that another process of this library has exported. */
	LFPRIV_WATCH_EXPORTED,
	/* A sync_file of the kernel's. */
	LFPRIV_WATCH_KERNEL,
	/* Whatever becomes readable. */
	LFPRIV_WATCH_ANY,
};

struct lfpriv_watch;

/**
 * struct lfpriv_watch_ops - whom to tell
 * @get: take a reference to what the watch is in; false when it is too late.
 *	Under RCU, perhaps after lfpriv_watch_stop().
 * @done: on the thread, with that reference, or in lfpriv_watch_start(). @status
 *	is 1 or a negative errno, @timestamp CLOCK_MONOTONIC and not in the
 *	future. Once, but for a process that is forked while it runs.
 * @put: the reference is not needed any more
 */
struct lfpriv_watch_ops {
	bool (*get)(struct lfpriv_watch *w);
	void (*done)(struct lfpriv_watch *w, int status, s64 timestamp);
	void (*put)(struct lfpriv_watch *w);
};

#define LFPRIV_WATCH_NAME	32

struct lfpriv_watch {
	const struct lfpriv_watch_ops *ops;
	enum lfpriv_watch_kind kind;
	/* Our own copy of it; -1 when nothing is to be waited for any more. */
	int fd;
	bool in_set;
	/* Among all that have a copy. */
	struct list_head node;
};

/**
 * lfpriv_watch_open - what is it?
 * @w: to be filled; not watched before lfpriv_watch_start()
 * @fd: the caller's
 * @any: take whatever it is, as LFPRIV_WATCH_ANY; else -EINVAL
 * @driver: where the names of its fence go
 * @timeline: the other
 *
 * Return: 0; -EBADF; -EINVAL when it stands for no fence; -EPROTONOSUPPORT when
 * for one of a library that is too new; -EMFILE.
 */
int lfpriv_watch_open(struct lfpriv_watch *w,
		      const struct lfpriv_watch_ops *ops, int fd, bool any,
		      char driver[LFPRIV_WATCH_NAME],
		      char timeline[LFPRIV_WATCH_NAME]);
/**
 * lfpriv_watch_start - begin to wait
 * @w: opened, with a reference of the caller's; in memory that is freed no
 *	sooner than a grace period after lfpriv_watch_stop(), which is to follow
 *	whatever this returns
 *
 * Context: may sleep.
 * Return: 0; -EMFILE, -ENOMEM ...; -EPERM when it cannot be waited for; -EAGAIN
 * when there is no thread to be had.
 */
int lfpriv_watch_start(struct lfpriv_watch *w);
/* Wait no more, if we did. Context: any. */
void lfpriv_watch_stop(struct lfpriv_watch *w);

#endif
