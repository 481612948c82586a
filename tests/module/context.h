/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* tests/support/context.h, for tests that run in a kernel. */
#ifndef TESTS_MODULE_CONTEXT_H
#define TESTS_MODULE_CONTEXT_H

#include "support.h"

#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define TEST_IRQS_STOP_TIMERS	1
#define TEST_DEADLOCK		"possible circular locking dependency"
#define TEST_LOCK_OWNERS	IS_ENABLED(CONFIG_LOCKDEP)
/* After its first report, lockdep reports nothing more. */
#define TEST_LOCKDEP		IS_ENABLED(CONFIG_PROVE_LOCKING)

#define test_not_in_a_kernel(reason)	test_skip(reason)

#define test_not_with_lockdep(reason) \
	do { if (TEST_LOCKDEP) test_skip(reason); } while (0)
#define test_nested_calls(n)		((n) / 100)
#define test_allocation_align(n)	min_t(unsigned int, n, ARCH_KMALLOC_MINALIGN)

static inline bool test_asleep(struct task_struct *task)
{
	return READ_ONCE(task->__state) != TASK_RUNNING &&
	       !READ_ONCE(task->on_cpu);
}

/* kthread_stop() would wake the thread, so it has to have ended before. */
static inline int test_join(struct task_struct *task)
{
	while (!READ_ONCE(task->exit_state))
		usleep_range(100, 200);
	return kthread_stop(task);
}

/* New in Linux 6.7. */
#define kthread_stop_put(task)	test_stop_put(task)

static inline int test_stop_put(struct task_struct *task)
{
	int ret = kthread_stop(task);

	put_task_struct(task);
	return ret;
}

static inline bool test_lock_held(spinlock_t *lock)
{
	return spin_is_locked(lock);
}

static inline unsigned int test_rcu_depth(void)
{
	return rcu_preempt_depth();
}

static inline unsigned int test_irqs_off(void)
{
	return irqs_disabled();
}

static inline unsigned int test_preempt_depth(void)
{
	return preempt_count() & PREEMPT_MASK;
}

/* A seq_file without a file, whose buffer does not grow. */
#define lfshim_seq_open(m)						\
	(*(m) = (struct seq_file){					\
		.buf = kcalloc(1, PAGE_SIZE, GFP_KERNEL),		\
		.size = PAGE_SIZE - 1,					\
	})
#define lfshim_seq_text(m)	((const char *)(m)->buf)
#define lfshim_seq_release(m)	kfree((m)->buf)

#endif
