// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Waiting for a variable to change; see <linux/wait_bit.h>. */

#include <linux/wait_bit.h>

#include "kernel/fork.h"
#include "kernel/init-order.h"

#define VAR_QUEUES	256

static struct wait_queue_head var_queues[VAR_QUEUES];

__attribute__((__constructor__(LFPRIV_INIT_TABLES)))
static void var_queues_init(void)
{
	int i;

	for (i = 0; i < VAR_QUEUES; i++)
		init_waitqueue_head(&var_queues[i]);
}

/* The child has none of the threads that wait, or that hold the locks. */
LFPRIV_AT_FORK(var_queues_fork) = {
	.level = LFPRIV_FORK_WAIT_BIT,
	.child = var_queues_init,
};

struct wait_queue_head *__var_waitqueue(void *p)
{
	return &var_queues[(u64)(uintptr_t)p * 0x9e3779b97f4a7c15ull >> 56];
}

void wake_up_var(void *var)
{
	/* Other variables may share the queue, so wake all its waiters. */
	wake_up_all(__var_waitqueue(var));
}
