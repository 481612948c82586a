/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Waits for descriptors that code elsewhere makes readable, with one epoll set.
 * A thread waits for the set; it is started for the first descriptor that is not
 * ready yet. To look at a descriptor that is ready may block, if another process
 * has a copy of it. So before the thread does that, another thread waits for the
 * set in its place.
 */
#ifndef LFPRIV_WATCH_H
#define LFPRIV_WATCH_H

#include <linux/types.h>

enum lfpriv_watch_kind {
	/* A file that this library exported in another process. */
	LFPRIV_WATCH_EXPORTED,
	/* A sync_file of the running kernel. */
	LFPRIV_WATCH_KERNEL,
	/* Any descriptor that becomes readable. */
	LFPRIV_WATCH_ANY,
};

struct lfpriv_watch;
struct lfpriv_closer;

/**
 * struct lfpriv_watch_ops - functions that the watch calls
 * @get: takes a reference to the object that contains the watch; returns false
 *	if that object is being freed. Called under RCU, possibly after
 *	lfpriv_watch_stop().
 * @done: the watch has a result. Called on such a thread, with the reference of
 *	@get, or in lfpriv_watch_start(). @status is 1 or a negative errno.
 *	@timestamp is in CLOCK_MONOTONIC and not in the future. Called once,
 *	except that a process forked during the call may get a second one.
 * @put: drops the reference of @get
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
	/* Our own copy of the descriptor; -1 if the wait has ended. */
	int fd;
	/* It is in the epoll set. */
	bool in_set;
	/* In the list of all watches with a descriptor. */
	struct list_head node;
	/* Needed to close @fd later; NULL if @fd is -1. */
	struct lfpriv_closer *closer;
};

/**
 * lfpriv_watch_open - identify a descriptor and copy it
 * @w: the watch to initialise; it waits only after lfpriv_watch_start()
 * @ops: the functions to call; borrowed for as long as the watch exists
 * @fd: the descriptor, which stays the caller's
 * @any: accept any descriptor, as LFPRIV_WATCH_ANY
 * @driver: set to the driver name of the fence
 * @timeline: set to the timeline name of the fence
 *
 * Context: any.
 * Return: 0; -EBADF; -EINVAL if @any is false and the descriptor stands for no
 * fence; -EPROTONOSUPPORT if the exporting library uses another wire version;
 * -EPERM if @any is true and polling it may block (lfhost_fd_may_block());
 * -EMFILE; -ENOMEM.
 */
int lfpriv_watch_open(struct lfpriv_watch *w,
		      const struct lfpriv_watch_ops *ops, int fd, bool any,
		      char driver[LFPRIV_WATCH_NAME],
		      char timeline[LFPRIV_WATCH_NAME]);
/**
 * lfpriv_watch_start - start to wait
 * @w: an open watch to which the caller has a reference. The caller calls
 *	lfpriv_watch_stop() later, whatever this returns, and does not free the
 *	memory before a grace period after that.
 *
 * If the result is known already, this calls ->done itself.
 * Context: may sleep.
 * Return: 0; -EPERM if the descriptor cannot be polled; -EAGAIN if the thread
 * cannot be started; -EMFILE, -ENOMEM or another error of the host.
 */
int lfpriv_watch_start(struct lfpriv_watch *w);
/*
 * Stop waiting, if it waits, and close the copy. To close a descriptor may block,
 * for example a socket that lingers: it is closed on another thread. Context:
 * any.
 */
void lfpriv_watch_stop(struct lfpriv_watch *w);

#endif
