// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Tasks: one for each thread that asks for current, and what happens when a
 * thread exits and when the process forks.
 */

#include <linux/sched.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "shim.h"
#include "host/urcu.h"

__thread struct lfshim_tls lfshim_tls
	__attribute__((tls_model("initial-exec")));

/* Protects lfshim_task_list. Innermost: nothing nests in it. */
DEFINE_SPINLOCK(lfshim_task_list_lock);
LIST_HEAD(lfshim_task_list);
unsigned int lfshim_nr_tasks;

/* The first task of the process stands for the process. */
static struct task_struct *leader;

struct task_struct *lfshim_task_alloc(void)
{
	struct task_struct *task;

	task = lfshim_sys_alloc(sizeof(*task), 64, true);
	if (!task)
		return NULL;
	refcount_set(&task->usage, 1);
	INIT_LIST_HEAD(&task->lfshim_node);
	return task;
}

void lfshim_task_adopt(struct task_struct *task)
{
	unsigned long flags;

	task->pid = lfshim_sys_tid();
	task->lfshim_tls = &lfshim_tls;
	lfshim_tls.tid = task->pid;
	lfshim_sys_arm_thread_exit(task);
	/* From here on it may enter read-side sections, the lock's first. */
	lfshim_tls.task = task;
	spin_lock_irqsave(&lfshim_task_list_lock, flags);
	if (!leader)
		leader = task;
	task->group_leader = leader;
	list_add_tail(&task->lfshim_node, &lfshim_task_list);
	WRITE_ONCE(lfshim_nr_tasks, lfshim_nr_tasks + 1);
	spin_unlock_irqrestore(&lfshim_task_list_lock, flags);
}

struct task_struct *lfshim_task_self(void)
{
	struct task_struct *task = lfshim_task_alloc();

	if (!task)
		lfshim_bug(__FILE__, __LINE__, __func__,
			   "no memory for the task of a thread");
	lfshim_sys_thread_get_name(task->comm, sizeof(task->comm));
	lfshim_task_adopt(task);
	return task;
}

static void task_free(struct rcu_head *head)
{
	struct task_struct *task =
		container_of(head, struct task_struct, lfshim_rcu);

	lfshim_sys_free(task);
}

void put_task_struct(struct task_struct *task)
{
	if (!refcount_dec_and_test(&task->usage))
		return;
	if (task->kthread)
		lfshim_kthread_free(task->kthread);
	/* Somebody may be looking at it under RCU. */
	call_rcu(&task->lfshim_rcu, task_free);
}

/*
 * Runs in the exiting thread. What other destructors do afterwards makes a
 * new task, and libc calls this again for that.
 */
static void task_exit(void *arg)
{
	struct task_struct *task = arg;
	unsigned long flags;

	task->flags |= PF_EXITING;
	lfshim_retire_exit(task);
	spin_lock_irqsave(&lfshim_task_list_lock, flags);
	list_del_init(&task->lfshim_node);
	WRITE_ONCE(lfshim_nr_tasks, lfshim_nr_tasks - 1);
	/* The process goes on without the thread that stood for it. */
	if (leader == task)
		get_task_struct(task);
	spin_unlock_irqrestore(&lfshim_task_list_lock, flags);
	lfshim_tls.task = NULL;
	put_task_struct(task);
}

/*
 * fork(): the child has one thread. The locks of the shim are held across, so
 * that what they protect is whole in the child, and freed there by force,
 * since the child's thread has another number than the one in the locks.
 */
static spinlock_t *const fork_locks[] = {
	&lfshim_file_lock, &lfshim_watch_lock, &lfshim_wq_lock,
	&lfshim_timer_lock, &lfshim_irq_work_lock, &lfshim_task_list_lock,
#if LFSHIM_CHECKS
	&lfshim_lockdep_lock,
#endif
};

static void fork_prepare(void)
{
	unsigned int i;

	/* Known to liburcu before its locks are held: registering takes one. */
	lfshim_irq_off();
	lfshim_irq_on();
	/*
	 * Outside of read-side sections, "interrupts off" included: a grace
	 * period that is under way has one of these locks.
	 */
	lfshim_urcu_before_fork();
	lfshim_irq_off();
	/* The RCU thread may be taking what this thread has retired. */
	spin_lock(&current->retire.lock);
	for (i = 0; i < ARRAY_SIZE(fork_locks); i++)
		spin_lock(fork_locks[i]);
}

static void fork_parent(void)
{
	unsigned int i;

	lfshim_urcu_after_fork_parent();
	for (i = ARRAY_SIZE(fork_locks); i--;)
		spin_unlock(fork_locks[i]);
	spin_unlock(&current->retire.lock);
	lfshim_irq_on();
}

static void fork_child(void)
{
	struct task_struct *task, *next;
	unsigned int i;

	lfshim_urcu_after_fork_child();
	lfshim_tls.tid = lfshim_sys_tid();
	for (i = ARRAY_SIZE(fork_locks); i--;) {
		lfshim_spin_released(fork_locks[i]);
		spin_lock_init(fork_locks[i]);
	}
	lfshim_spin_released(&current->retire.lock);
	spin_lock_init(&current->retire.lock);
	list_for_each_entry_safe(task, next, &lfshim_task_list, lfshim_node) {
		if (task == lfshim_tls.task) {
			task->pid = lfshim_tls.tid;
			continue;
		}
		/*
		 * Its thread is not in this process, and may have been in the
		 * middle of anything: what it had retired is left alone.
		 */
		list_del_init(&task->lfshim_node);
		lfshim_nr_tasks--;
	}
	lfshim_rcu_fork_child();
	lfshim_timer_fork_child();
	lfshim_irq_work_fork_child();
	lfshim_files_fork_child();
	lfshim_watch_fork_child();
	lfshim_irq_on();
}

__attribute__((__constructor__(102))) static void task_init(void)
{
	lfshim_sys_at_thread_exit(task_exit);
	lfshim_sys_at_fork(fork_prepare, fork_parent, fork_child);
}

/* After every other destructor of the library and of the program. */
__attribute__((__destructor__(102))) static void task_fini(void)
{
	lfshim_watch_exit();
	lfshim_service_stop(&lfshim_timer_service);
	lfshim_service_stop(&lfshim_irq_work_service);
	lfshim_service_stop(&lfshim_rcu_service);
}
