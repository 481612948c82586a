// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A race that tsan.supp does not list: has to be reported. */

#include <linux/kthread.h>

static int racy;

static int count_up(void *unused)
{
	racy++;
	return 0;
}

int main(void)
{
	struct task_struct *task = kthread_create(count_up, NULL, "racer");

	get_task_struct(task);
	wake_up_process(task);
	racy++;
	lfshim_kthread_join(task);
	put_task_struct(task);
	return 0;
}
