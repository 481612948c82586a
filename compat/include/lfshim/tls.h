/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The context that every thread carries: what the kernel keeps in
 * preempt_count, in the interrupt flag and in the RCU nesting of a task.
 *
 * Only the thread itself writes it. rcu_depth and irq_depth are read by other
 * threads, see try_grace_period() in compat/rcu.c: hence the stores below.
 */
#ifndef LFSHIM_TLS_H
#define LFSHIM_TLS_H

#include <stdbool.h>
#include "abi.h"
#include "hb.h"

struct task_struct;
struct irq_work;

#define LFSHIM_MAX_WAKES	8

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
	/* kfree_rcu() has a batch to see to when the outermost section ends. */
	bool retire_due;
	/* Something of the following waits for interrupts to be on. */
	bool irq_exit_work;
	/* irq_work queued by this thread while interrupts were off. */
	struct irq_work *irq_work_head, **irq_work_tail;
	/* State words of tasks whose futex has to be woken. */
	unsigned int *wakes[LFSHIM_MAX_WAKES];
	unsigned int nr_wakes;
	/* NULL until the thread first asks for current. */
	struct task_struct *task;
#if LFSHIM_CHECKS
	/* preempt_disable() alone; and where the outermost sections began. */
	unsigned int preempt_off;
	unsigned long preempt_ip, irq_ip, rcu_ip;
#endif
};

/*
 * initial-exec: one instruction to reach it. The price is a few bytes of the
 * static TLS space, which matters to programs that dlopen() the library.
 */
extern __thread struct lfshim_tls lfshim_tls
	__attribute__((tls_model("initial-exec")));

/*
 * Count into a section and out of it. Inwards, a compiler barrier: the one who
 * reads the depth makes every CPU execute a real one before. Outwards, release:
 * what was read in the section was read before the depth is seen to drop.
 */
static inline unsigned int lfshim_depth_inc(unsigned int *depth)
{
	unsigned int old = *depth;

	__atomic_store_n(depth, old + 1, __ATOMIC_RELAXED);
	__asm__ __volatile__("" : : : "memory");
	return old;
}

static inline unsigned int lfshim_depth_dec(unsigned int *depth)
{
	unsigned int now = *depth - 1;

	lfshim_hb_release(depth);
	__atomic_store_n(depth, now, __ATOMIC_RELEASE);
	return now;
}

#if LFSHIM_CHECKS
/* held.c: an outermost section began, at @ip, or ended. */
void lfshim_section_begins(unsigned long ip);
void lfshim_section_ended(void);
#endif

/* Outermost rcu_read_lock()/unlock(): enter and leave liburcu's reader. */
void lfshim_rcu_enter(void);
void lfshim_rcu_exit(void);

/* Interrupts come on, and there is something that has waited for it. */
void lfshim_irq_exit(void);

#endif
