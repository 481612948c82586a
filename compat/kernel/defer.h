/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Functions that run later, in process context, on threads of the shim. Such a
 * function may sleep for any time: it does not hold up the others.
 */
#ifndef LFPRIV_DEFER_H
#define LFPRIV_DEFER_H

#include <linux/types.h>

/*
 * Call @fn with @head on a thread of the shim. The caller does not use @head
 * afterwards; @fn may free it. The functions begin in the order of the calls,
 * and run one after the other as long as none of them takes more than a
 * millisecond. If one does, another thread continues with those that follow. A
 * function begins up to 250 us later if others have run just before.
 *
 * There are as many threads as functions block at the same time. If no thread
 * can be created, this warns once, and @fn runs after a later call of this
 * function or of lfpriv_defer_flush() that can. Context: any.
 */
void lfpriv_defer(struct callback_head *head,
		  void (*fn)(struct callback_head *head));

struct lfpriv_closer {
	struct callback_head head;
	int fd;
	/* The number of its pipe, or 0. */
	u64 pipe;
};

/*
 * Close a descriptor on such a thread: that may block if another process has a
 * copy of it, or the other end. Frees @closer, which is from kmalloc().
 * Context: any.
 */
void lfpriv_close_later(struct lfpriv_closer *closer, int fd);
/*
 * The same for the end to write to of the pipe with that number, but the caller calls
 * lfpriv_defer_restart() afterwards. Takes a lock and starts no thread, so this can be
 * called under a spinlock of the shim: a child that is forked has the descriptor
 * before, or closes it, too.
 */
void lfpriv_close_queue(struct lfpriv_closer *closer, int fd, u64 pipe);
/* Make sure that a thread runs the functions that wait. Context: any. */
void lfpriv_defer_restart(void);

/*
 * Wait until the functions of all earlier calls have returned; a tenth of a second
 * at most for those that close a descriptor. Called by such a function, this does
 * not wait for that function itself. Context: may sleep.
 */
void lfpriv_defer_flush(void);

#endif
