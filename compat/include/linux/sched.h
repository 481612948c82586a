/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Tasks: every thread has a struct task_struct, made when it first asks for
 * current. A task sleeps in a futex on its own state word, so a wake-up that
 * comes before the sleep is never lost.
 */
/* libc's <sched.h> may include the UAPI header of this name. */
#ifndef LFSHIM_LINUX_SCHED_H
#define LFSHIM_LINUX_SCHED_H

#include <uapi/linux/sched.h>

/* In the kernel, too, this brings in half of what there is. */
#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/array_size.h>
#include <linux/refcount.h>
#include <linux/sprintf.h>
#include <linux/preempt.h>
#include <linux/jiffies.h>
#include <linux/time64.h>
#include <linux/ktime.h>
#include <linux/wordpart.h>
#include <linux/irqflags.h>
#include <linux/spinlock.h>
#include <asm/barrier.h>
#include <asm/processor.h>

#define TASK_RUNNING		0x0000
#define TASK_INTERRUPTIBLE	0x0001
#define TASK_UNINTERRUPTIBLE	0x0002
#define __TASK_STOPPED		0x0004
#define TASK_WAKEKILL		0x0100
#define TASK_NOLOAD		0x0400
#define TASK_NORMAL		(TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
#define TASK_KILLABLE		(TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_IDLE		(TASK_UNINTERRUPTIBLE | TASK_NOLOAD)
/* The shim's: the task is in the futex, or about to be. */
#define LFSHIM_TASK_ASLEEP	0x10000

#define PF_EXITING		0x00000004
#define PF_KTHREAD		0x00200000

#define TASK_COMM_LEN		16
#define MAX_SCHEDULE_TIMEOUT	LONG_MAX

struct kthread;
struct seq_file;

/*
 * Memory given to kfree_rcu() by one thread, linked through its rcu_heads.
 * The thread's own, unless ->shared: see compat/rcu.c.
 */
struct lfshim_retire {
	/* Retired lately. */
	struct rcu_head *open, *open_last;
	unsigned int nr_open;
	/* Waits for the grace period @wait_seq. */
	struct rcu_head *wait, *wait_last;
	unsigned int nr_wait;
	unsigned long wait_seq;
	/* May be freed. */
	struct rcu_head *done;
	unsigned int nr_done;
	/* Counts up with every object: does the thread still retire? */
	unsigned int pushes, pushes_seen;
	/* The RCU thread wants to take the lists: use the lock. */
	bool shared;
	/* Protects the lists while ->shared. */
	spinlock_t lock;
	/* List of those that the RCU thread is about to take from. */
	struct task_struct *steal_next;
};

struct task_struct {
	/*
	 * The TASK_ bits. Written by the task itself before it sleeps and by
	 * the waker. Alone on its cache line: a waiter spins on it.
	 */
	unsigned int __state;
	char lfshim_pad[60];

	refcount_t usage;
	unsigned int flags;
	int exit_code;
	pid_t pid;
	/* One per process; see the fields' users in the GPU scheduler. */
	struct task_struct *group_leader;
	char comm[TASK_COMM_LEN];
	/* LFSHIM_SIG_ bits, see <linux/sched/signal.h>. */
	unsigned int lfshim_signal;
	/* Set for threads that kthread_create() made. */
	struct kthread *kthread;
	/* What the thread has retired by kfree_rcu(). */
	struct lfshim_retire retire;
	struct rcu_head lfshim_rcu;
	/* irq_work that is running on this thread, for irq_work_sync(). */
	struct irq_work *irq_work_running;
	/* All threads; lfpriv_task_list_lock protects it. */
	struct list_head lfshim_node;
	/* The thread's; good as long as it is on that list. */
	struct lfshim_tls *lfshim_tls;
#if LFSHIM_CHECKS
	/* The locks that it holds. */
	struct lfshim_held_stack held;
#endif
};

struct task_struct *lfshim_task_self(void);

/* The calling thread's task; no reference is taken. */
static inline struct task_struct *lfshim_current(void)
{
	struct task_struct *task = lfshim_tls.task;

	return likely(task) ? task : lfshim_task_self();
}
#define current		lfshim_current()

/*
 * set_current_state() before the condition is tested, so that a waker who
 * changes the condition after that test sees the state: the full barrier pairs
 * with the one in try_to_wake_up().
 */
#define __set_current_state(state)	WRITE_ONCE(current->__state, (state))
#define set_current_state(state)	smp_store_mb(current->__state, (state))
#define get_current_state()		READ_ONCE(current->__state)
#define task_is_running(task)		(READ_ONCE((task)->__state) == TASK_RUNNING)

/**
 * schedule - sleep until woken, if the state is not TASK_RUNNING
 */
void schedule(void) LFSHIM(schedule);

/**
 * schedule_timeout - sleep until woken or until time is up
 * @timeout: jiffies; MAX_SCHEDULE_TIMEOUT for no limit
 *
 * The caller has set its state; with TASK_RUNNING this only yields. With
 * TASK_INTERRUPTIBLE a pending signal ends the sleep. The waiter spins for at
 * most 5 us before it sleeps, where the process has more than one CPU.
 * Context: may sleep; warns when atomic, if LFSHIM_CHECKS.
 * Return: the jiffies that are left, 0 when time was up; with
 * MAX_SCHEDULE_TIMEOUT that value. The state is TASK_RUNNING again.
 */
long schedule_timeout(long timeout) LFSHIM(schedule_timeout);
long schedule_timeout_interruptible(long timeout)
	LFSHIM(schedule_timeout_interruptible);
long schedule_timeout_uninterruptible(long timeout)
	LFSHIM(schedule_timeout_uninterruptible);

/**
 * wake_up_state - wake a task that sleeps in one of the given states
 * @task: the task; the caller sees to it that it still exists
 * @state: mask of TASK_ bits
 *
 * A full barrier before the state is looked at, woken or not.
 * Context: any.
 * Return: 1 if it was woken, 0 if it was in none of the states.
 */
int wake_up_state(struct task_struct *task, unsigned int state)
	LFSHIM(wake_up_state);
/* The same for every sleep (TASK_NORMAL). */
int wake_up_process(struct task_struct *task) LFSHIM(wake_up_process);

/* Let somebody else run. */
void yield(void) LFSHIM(yield);
int lfshim_cond_resched(void);
#define cond_resched()		lfshim_cond_resched()
/*
 * @task cannot be chosen in userspace: the CPU goes to whoever is next. What
 * callers rely on is kept, though: a kthread that was woken has begun its
 * function when this returns.
 */
int yield_to(struct task_struct *task, bool preempt) LFSHIM(yield_to);

static inline struct task_struct *get_task_struct(struct task_struct *task)
{
	refcount_inc(&task->usage);
	return task;
}

void put_task_struct(struct task_struct *task) LFSHIM(put_task_struct);

static inline pid_t task_pid_nr(struct task_struct *task)
{
	return task->pid;
}

/**
 * get_task_comm - a task's name
 * @buf: at least TASK_COMM_LEN bytes
 */
#define get_task_comm(buf, task) ({					\
	BUILD_BUG_ON(sizeof(buf) < TASK_COMM_LEN);			\
	sized_strscpy(buf, (task)->comm, sizeof(buf));			\
	buf; })

/**
 * might_sleep - this function may sleep: complain if it must not
 *
 * Only when LFSHIM_CHECKS. The report says why, and where that began.
 */
#if LFSHIM_CHECKS
void lfshim_might_sleep(const char *file, int line, const char *func,
			unsigned long ip);
#define might_sleep() \
	lfshim_might_sleep(__FILE__, __LINE__, __func__, lfshim_here())
#else
#define might_sleep()	((void)0)
#endif
#define might_sleep_if(cond)	do { if (cond) might_sleep(); } while (0)

#include <linux/string.h>

#endif
