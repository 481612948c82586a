/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Questions of tests that the shim and a kernel answer differently. Tests that run
 * in a kernel get tests/module/context.h instead.
 */
#ifndef TESTS_SUPPORT_CONTEXT_H
#define TESTS_SUPPORT_CONTEXT_H

#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

/* Do the timers of a thread that has disabled interrupts wait for it? */
#define TEST_IRQS_STOP_TIMERS	0

/* The text of lockdep's report. */
#define TEST_DEADLOCK		"possible deadlock"

/* Does lockdep_is_held() work? */
#define TEST_LOCK_OWNERS	1

/* Skips a test that cannot run in a kernel, and says why. */
#define test_not_in_a_kernel(reason)	((void)0)

/* Skips a test whose locks a kernel's lockdep would report. */
#define test_not_with_lockdep(reason)	((void)0)

/* More nested calls than the stack has room for. A kernel's stack is smaller. */
#define test_nested_calls(n)		(n)

/* The alignment of allocated memory: here that of malloc(). */
#define test_allocation_align(n)	(n)

/* Does @task sleep? Its timeout, if any, is running then. */
static inline bool test_asleep(struct task_struct *task)
{
	return READ_ONCE(task->lfshim_asleep);
}

/*
 * Wait for the end of a kthread to which the caller has a reference. Returns the
 * result of its function.
 */
static inline int test_join(struct task_struct *task)
{
	return lfshim_kthread_join(task);
}

static inline bool test_lock_held(spinlock_t *lock)
{
	return lfshim_spin_held(lock);
}

/* The context of the caller: read-side sections, disabled interrupts, preemption. */
static inline unsigned int test_rcu_depth(void)
{
	return lfshim_rcu_depth();
}

static inline unsigned int test_irqs_off(void)
{
	return lfshim_irqs_off();
}

static inline unsigned int test_preempt_depth(void)
{
	return lfshim_tls.preempt_depth;
}

#endif
