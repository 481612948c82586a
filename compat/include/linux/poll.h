/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * poll_wait() and poll_table, for a file's poll function. All of it is inline.
 * Left out: everything that implements poll(2) and select(2).
 *
 * The host has a header of this name, too. <uapi/linux/poll.h> is not included
 * here, since it and libc's <poll.h> both define struct pollfd.
 */
#ifndef LFSHIM_LINUX_POLL_H
#define LFSHIM_LINUX_POLL_H


#include <lfshim/kernel-code.h>
/* EPOLLIN and the others: libc's enum comes before any macros of that name. */
#include <lfshim/host-begin.h>
#include <sys/epoll.h>
#include <lfshim/host-end.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/uaccess.h>

struct file;
struct poll_table_struct;

typedef void (*poll_queue_proc)(struct file *file, struct wait_queue_head *wq,
				struct poll_table_struct *table);

/* With a NULL table or a NULL _qproc, poll only returns the current state. */
typedef struct poll_table_struct {
	poll_queue_proc _qproc;
	__poll_t _key;
} poll_table;

static inline void init_poll_funcptr(poll_table *table, poll_queue_proc proc)
{
	table->_qproc = proc;
	table->_key = ~0U;
}

static inline void poll_wait(struct file *file, struct wait_queue_head *wq,
			     poll_table *table)
{
	if (table && table->_qproc && wq)
		table->_qproc(file, wq, table);
}

#endif
