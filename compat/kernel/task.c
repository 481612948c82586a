// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Tasks: a thread gets one when it first uses current, and loses it when it
 * exits.
 */

#include <linux/sched.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "host/urcu.h"
#include "kernel/fork.h"
#include "kernel/init-order.h"
#include "kernel/internal.h"

__thread struct lfshim_tls lfshim_tls
	__attribute__((tls_model("initial-exec")));

/* Protects the list, its length and leader. No lock nests inside it. */
DEFINE_SPINLOCK(lfpriv_task_list_lock);
LIST_HEAD(lfpriv_task_list);
unsigned int lfpriv_nr_tasks;

/* The first task of the process stands for the process. */
static struct task_struct *leader;

struct task_struct *lfpriv_task_alloc(void)
{
	struct task_struct *task;

	task = lfhost_alloc(sizeof(*task), 64, true);
	if (!task)
		return NULL;
	refcount_set(&task->usage, 1);
	INIT_LIST_HEAD(&task->lfshim_node);
	return task;
}

/*
 * A program may pin the thread that loads the library, so the CPUs of that
 * thread may not be those of the process. The threads of the library follow
 * those of the program to the CPUs that they are seen on.
 */
void lfpriv_learn_cpus(void)
{
	struct task_struct *task;
	unsigned long flags;

	spin_lock_irqsave(&lfpriv_task_list_lock, flags);
	lfhost_cpus_learn();
	list_for_each_entry(task, &lfpriv_task_list, lfshim_node)
		if (READ_ONCE(task->flags) & PF_KTHREAD)
			lfhost_thread_add_cpus(task->pid);
	spin_unlock_irqrestore(&lfpriv_task_list_lock, flags);
}

void lfpriv_task_adopt(struct task_struct *task)
{
	unsigned long flags;

	task->pid = lfhost_tid();
	task->lfshim_tls = &lfshim_tls;
	lfshim_tls.tid = task->pid;
	lfhost_arm_thread_exit(task);
	/*
	 * From here on the thread may enter read-side sections. The first is
	 * the one of the lock below.
	 */
	lfshim_tls.task = task;
	spin_lock_irqsave(&lfpriv_task_list_lock, flags);
	if (!leader)
		leader = task;
	task->group_leader = leader;
	task->tgid = leader->pid;
	list_add_tail(&task->lfshim_node, &lfpriv_task_list);
	WRITE_ONCE(lfpriv_nr_tasks, lfpriv_nr_tasks + 1);
	spin_unlock_irqrestore(&lfpriv_task_list_lock, flags);
	if (!lfhost_cpus_are_known())
		lfpriv_learn_cpus();
}

struct task_struct *lfshim_task_self(void)
{
	struct task_struct *task = lfpriv_task_alloc();

	if (!task)
		lfshim_bug(__FILE__, __LINE__, __func__,
			   "no memory for the task of a thread");
	lfhost_thread_get_name(task->comm, sizeof(task->comm));
	lfpriv_task_adopt(task);
	return task;
}

/*
 * Runs in the exiting thread. If another destructor of the thread uses current
 * after this, it gets a new task, and libc calls this function again.
 */
static void task_exit(void *arg)
{
	struct task_struct *task = arg;
	unsigned long flags;

	WRITE_ONCE(task->flags, task->flags | PF_EXITING);
	lfpriv_check_exit(task);
	lfpriv_retire_exit(task);
	spin_lock_irqsave(&lfpriv_task_list_lock, flags);
	list_del_init(&task->lfshim_node);
	WRITE_ONCE(lfpriv_nr_tasks, lfpriv_nr_tasks - 1);
	/* Other tasks still point to the leader: never free it. */
	if (leader == task)
		get_task_struct(task);
	spin_unlock_irqrestore(&lfpriv_task_list_lock, flags);
	lfshim_tls.task = NULL;
	put_task_struct(task);
}

/* In the child of fork(), only the calling thread exists. */
static void task_fork_child(void)
{
	struct task_struct *task, *next;

	list_for_each_entry_safe(task, next, &lfpriv_task_list, lfshim_node) {
		if (task == lfshim_tls.task) {
			task->pid = lfshim_tls.tid;
			task->tgid = task->group_leader == task ? task->pid : task->tgid;
			continue;
		}
		/*
		 * The child has no such thread. Its lists of deferred frees may
		 * have been half changed at the fork, so they are not used: the
		 * objects leak.
		 */
		list_del_init(&task->lfshim_node);
		lfpriv_nr_tasks--;
	}
}

LFPRIV_AT_FORK(task_fork) = {
	.level = LFPRIV_FORK_TASK_LIST,
	.lock = &lfpriv_task_list_lock,
	.child = task_fork_child,
};

__attribute__((__constructor__(LFPRIV_INIT_TASK))) static void task_init(void)
{
	lfhost_at_thread_exit(task_exit);
}
