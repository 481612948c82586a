/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The context that every thread carries: what the kernel keeps in
 * preempt_count, in the interrupt flag and in the RCU nesting of a task.
 *
 * Only the thread itself touches it, so plain accesses do; a POSIX signal
 * handler that uses the fence API has to leave the counters as it found them,
 * which balanced calls do.
 */
#ifndef LFSHIM_TLS_H
#define LFSHIM_TLS_H

#include <lfshim/abi.h>

struct task_struct;
struct irq_work;

struct lfshim_tls {
	/* The kernel's number of this thread; 0 until it first takes a lock. */
	unsigned int tid;
	/* rcu_read_lock() nesting. */
	unsigned int rcu_depth;
	/* spin_lock_irqsave(), local_irq_disable() ... nesting. */
	unsigned int irq_depth;
	/* preempt_disable() nesting; spinlocks count too when LFSHIM_CHECKS. */
	unsigned int preempt_depth;
	/* Running an irq_work function: "hard interrupt context". */
	unsigned short hardirq_depth;
	/* Running a timer or an RCU callback: "softirq context". */
	unsigned short softirq_depth;
	/* irq_work queued by this thread while interrupts were off. */
	struct irq_work *irq_work_head, **irq_work_tail;
	/* NULL until the thread first asks for current. */
	struct task_struct *task;
};

/*
 * initial-exec: one instruction to reach it. The price is a few bytes of the
 * static TLS space, which matters to programs that dlopen() the library.
 */
extern __thread struct lfshim_tls lfshim_tls
	__attribute__((tls_model("initial-exec")));

/* Outermost rcu_read_lock()/unlock(): enter and leave liburcu's reader. */
void lfshim_rcu_enter(void);
void lfshim_rcu_exit(void);

/* Run what irq_work_queue() put off until interrupts are on again. */
void lfshim_irq_work_run(void);

#endif
