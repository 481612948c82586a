/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Tasks, sleeping and waking. Every thread has a struct task_struct, which is
 * created when the thread first uses current. A task sleeps in a futex on its
 * own state word, so a wake-up that comes before the sleep is not lost. Left
 * out: scheduling classes, an effect of priorities, CPU affinity, namespaces and
 * credentials. Implemented in compat/sched.c (sleeping and waking) and
 * compat/kernel/task.c (tasks). The host has a header of this name, too, which
 * libc's <sched.h> may include.
 */

#ifndef LFSHIM_LINUX_SCHED_H
#define LFSHIM_LINUX_SCHED_H

#include <uapi/linux/sched.h>

/* As in the kernel, this header includes much of the API. */
#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/minmax.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/rbtree_types.h>
#include <linux/refcount.h>
#include <linux/sprintf.h>
#include <linux/preempt.h>
#include <linux/jiffies.h>
#include <linux/time64.h>
#include <linux/ktime.h>
#include <linux/wordpart.h>
#include <linux/irqflags.h>
#include <linux/rwlock.h>
#include <linux/spinlock.h>
#include <asm/barrier.h>
#include <asm/processor.h>

#define TASK_RUNNING		0x0000
#define TASK_INTERRUPTIBLE	0x0001
#define TASK_UNINTERRUPTIBLE	0x0002
#define __TASK_STOPPED		0x0004
#define TASK_PARKED		0x0040
#define TASK_WAKEKILL		0x0100
#define TASK_NOLOAD		0x0400
/* Nobody freezes the tasks of a process. */
#define TASK_FREEZABLE		0x2000
#define TASK_NORMAL		(TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
#define TASK_KILLABLE		(TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_IDLE		(TASK_UNINTERRUPTIBLE | TASK_NOLOAD)

#define PF_EXITING		0x00000004
#define PF_WQ_WORKER		0x00000020
#define PF_KTHREAD		0x00200000

#define TASK_COMM_LEN		16
#define MAX_SCHEDULE_TIMEOUT	LONG_MAX

struct kthread;
struct mm_struct;
struct seq_file;

/*
 * The deferred frees of one thread: lists of objects that it gave to
 * kfree_rcu(), linked through their rcu_heads. Only that thread uses them,
 * unless ->shared is set; see compat/rcupdate.c.
 */
struct lfshim_retire {
	/* Retired, and not yet waiting for a grace period. */
	struct rcu_head *open, *open_last;
	unsigned int nr_open;
	/* Waiting for the grace period of the cookie ->wait_seq. */
	struct rcu_head *wait, *wait_last;
	unsigned int nr_wait;
	unsigned long wait_seq;
	/* The same for those that threads find by themselves. */
	unsigned long wait_fast;
	/* The last of these that this thread knows of. */
	unsigned long seen_ended;
	/* May be freed: their grace period has elapsed. */
	struct rcu_head *done;
	unsigned int nr_done;
	/* Incremented for each object; shows whether the thread is active. */
	unsigned int pushes, pushes_seen;
	/* The RCU thread is taking over the lists: the thread uses ->lock. */
	bool shared;
	/* Protects the lists while ->shared is set. */
	spinlock_t lock;
	/* Links the tasks whose lists the RCU thread is taking over. */
	struct task_struct *takeover_next;
};

struct task_struct {
	/*
	 * Alone on its cache line, since a waiter spins on it. The two words
	 * are also one, since a waker changes both at once: when the state is
	 * TASK_RUNNING, the task may continue and be freed.
	 */
	union {
		struct {
			/* The TASK_ bits. Set by the task before it sleeps. */
			unsigned int __state;
			/* It sleeps in the futex, or is about to. */
			unsigned int lfshim_asleep;
		};
		u64 lfshim_words __aligned(8);
		char lfshim_pad[64];
	};

	refcount_t usage;
	unsigned int flags;
	int exit_code;
	/* The thread's, and that of ->group_leader. */
	pid_t pid, tgid;
	/* NULL, as for a kernel thread. */
	struct mm_struct *mm;
	/* One task per process. The kernel's GPU scheduler compares it. */
	struct task_struct *group_leader;
	char comm[TASK_COMM_LEN];
	/* LFSHIM_SIG_ bits, see <linux/sched/signal.h>. */
	unsigned int lfshim_signal;
	/* The signals that a kthread allows: from anybody, or from the kernel. */
	unsigned long lfshim_allowed[64 / BITS_PER_LONG];
	unsigned long lfshim_allowed_kernel[64 / BITS_PER_LONG];
	/* Set for a thread that kthread_create() created, else NULL. */
	struct kthread *kthread;
	/* The deferred frees of the thread. */
	struct lfshim_retire retire;
	struct rcu_head lfshim_rcu;
	/* The irq_work item that runs on this thread, for irq_work_sync(). */
	struct irq_work *irq_work_running;
	/* In the list of a thread that has to wake this one, else NULL. */
	struct task_struct *lfshim_wake_next;
	/* In the list of all threads. The lock of that list protects it. */
	struct list_head lfshim_node;
	/* The thread's. Valid as long as the task is in that list. */
	struct lfshim_tls *lfshim_tls;
#if LFSHIM_CHECKS
	/* The locks that the task holds. */
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
 * A waiter calls set_current_state() before it tests its condition, and
 * wake_up_state() tests the state after the waker has changed the condition.
 * Both are full barriers, so either the waiter sees the changed condition, or
 * the waker sees the new state and wakes the task.
 */
#define __set_current_state(state)	WRITE_ONCE(current->__state, (state))
/*
 * F1: full barrier. Pairs with F1 in lfpriv_wake(). Without it, the caller may
 * test its condition before the state is visible, and a wake-up is lost.
 */
#define set_current_state(state)	smp_store_mb(current->__state, (state))
#define get_current_state()		READ_ONCE(current->__state)
#define task_is_running(task)		(READ_ONCE((task)->__state) == TASK_RUNNING)

/**
 * schedule - sleep until woken; with TASK_RUNNING, only yield
 *
 * Context: may sleep.
 */
void schedule(void) LFSHIM(schedule);

/**
 * schedule_timeout - sleep until woken or until the time is up
 * @timeout: jiffies; MAX_SCHEDULE_TIMEOUT for no limit
 *
 * The caller has set its state; with TASK_RUNNING this only yields. With
 * TASK_INTERRUPTIBLE a pending signal ends the sleep. If the process has more
 * than one CPU, the task spins for at most 5 us before it sleeps.
 * Context: may sleep; with LFSHIM_CHECKS this warns in atomic context.
 * Return: the jiffies that are left, 0 if the time was up;
 * MAX_SCHEDULE_TIMEOUT if that was @timeout. The state is TASK_RUNNING again.
 */
long schedule_timeout(long timeout) LFSHIM(schedule_timeout);
long schedule_timeout_interruptible(long timeout)
	LFSHIM(schedule_timeout_interruptible);
long schedule_timeout_uninterruptible(long timeout)
	LFSHIM(schedule_timeout_uninterruptible);

/**
 * wake_up_state - wake a task that sleeps in one of the given states
 * @task: the task; the caller makes sure that it is not freed
 * @state: mask of TASK_ bits
 *
 * This is a full barrier before it reads the state, whether it wakes or not.
 * Context: any.
 * Return: 1 if the task was woken, 0 if it was in none of the states.
 */
int wake_up_state(struct task_struct *task, unsigned int state)
	LFSHIM(wake_up_state);
/* The same for the states of TASK_NORMAL. */
int wake_up_process(struct task_struct *task) LFSHIM(wake_up_process);

/*
 * Priorities, which are hints to the scheduler: they have no effect, because
 * the process needs a privilege to change them.
 */
static inline void sched_set_fifo(struct task_struct *task)
{
}

static inline void sched_set_fifo_low(struct task_struct *task)
{
}

static inline void sched_set_normal(struct task_struct *task, int nice)
{
}

/* Let another thread run. */
void yield(void) LFSHIM(yield);
int lfshim_cond_resched(void);
#define cond_resched()		lfshim_cond_resched()
/*
 * Userspace cannot choose the next thread, so this only yields. One property
 * that callers rely on is kept: if @task is a kthread that was woken, its
 * function has started when this returns.
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

/* The same number for all threads of a process. */
static inline pid_t task_tgid_nr(struct task_struct *task)
{
	return task->tgid;
}

/**
 * get_task_comm - copy the name of a task
 * @buf: an array of at least TASK_COMM_LEN bytes
 * @task: the task
 *
 * Context: any.
 * Return: @buf.
 */
#define get_task_comm(buf, task) ({					\
	BUILD_BUG_ON(sizeof(buf) < TASK_COMM_LEN);			\
	sized_strscpy(buf, (task)->comm, sizeof(buf));			\
	buf; })

/**
 * might_sleep - declare that this function may sleep
 *
 * With LFSHIM_CHECKS, this warns in a context that must not sleep. The report
 * says why, and where that context began. Otherwise this does nothing.
 */
#if LFSHIM_CHECKS
void lfshim_might_sleep(const char *file, int line, const char *func,
			unsigned long ip);
#define might_sleep() \
	lfshim_might_sleep(__FILE__, __LINE__, __func__, lfshim_here())
#else
#if LFSHIM_SEAM
void lfshim_sleeps(void);
#define might_sleep()	lfshim_sleeps()
#else
#define might_sleep()	((void)0)
#endif
#endif

/* The same for a place that the caller names. */
static inline void __might_sleep(const char *file, int line)
{
#if LFSHIM_CHECKS
	lfshim_might_sleep(file, line, "", lfshim_here());
#endif
}
/* The host's scheduler needs no points at which a thread may be preempted. */
#define might_resched()	((void)0)

#define might_sleep_if(cond)	do { if (cond) might_sleep(); } while (0)

#include <linux/string.h>

#endif
