/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What a file's poll is given: who to tell when it is worth asking again. */
#ifndef LFSHIM_LINUX_POLL_H
#define LFSHIM_LINUX_POLL_H

/*
 * Not <uapi/linux/poll.h>: it and libc's <poll.h> both define struct pollfd.
 */
#include <lfshim/kernel-code.h>
/* EPOLLIN and the others: libc's enum does not stand a macro before it. */
#include <lfshim/host-begin.h>
#include <sys/epoll.h>
#include <lfshim/host-end.h>
#include <linux/types.h>
#include <linux/wait.h>

struct file;
struct poll_table_struct;

typedef void (*poll_queue_proc)(struct file *file, struct wait_queue_head *wq,
				struct poll_table_struct *table);

/* NULL instead of a table, or in it: do not wait, only say how it is. */
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
