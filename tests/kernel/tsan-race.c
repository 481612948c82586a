// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A race that tsan.supp does not list: it has to be reported. */

#include <linux/compiler.h>
#include <linux/kthread.h>

static int racy;

/*
 * The two threads take turns with these. They are relaxed, so they order
 * nothing for ThreadSanitizer and the race is there in every run. Without
 * turns, the locks in wake_up_process() can order the two accesses by chance.
 */
static int woken, counted;

static int count_up(void *unused)
{
	while (!READ_ONCE(woken))
		cpu_relax();
	racy++;
	WRITE_ONCE(counted, 1);
	return 0;
}

int main(void)
{
	struct task_struct *task = kthread_create(count_up, NULL, "racer");

	get_task_struct(task);
	wake_up_process(task);
	WRITE_ONCE(woken, 1);
	while (!READ_ONCE(counted))
		cpu_relax();
	racy++;
	lfshim_kthread_join(task);
	put_task_struct(task);
	return 0;
}
