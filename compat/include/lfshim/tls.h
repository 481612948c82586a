/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The context of each thread: what the kernel keeps in preempt_count, in the
 * interrupt flag and in the RCU nesting of a task. compat/kernel/task.c has the
 * variable. The shim keeps nothing else per thread.
 *
 * Only the thread itself writes it. Other threads read rcu_depth and irqs_off,
 * in rcu_try_grace_period() in compat/rcupdate.c, so these are written with
 * atomic stores.
 */
#ifndef LFSHIM_TLS_H
#define LFSHIM_TLS_H

#include <stdbool.h>
#include "abi.h"
#include "hb.h"

struct task_struct;
struct irq_work;
struct lfpriv_worker;

#define LFSHIM_MAX_WAKES	8

/* Interrupts are disabled; and to take a spinlock, which is still held. */
#define LFSHIM_IRQS_OFF		1
#define LFSHIM_IRQS_OFF_LOCK	3

struct lfshim_tls {
	/* The host's thread number; 0 until the thread first takes a lock. */
	unsigned int tid;
	/* rcu_read_lock() nesting. */
	unsigned int rcu_depth;
	/* 0 if interrupts are enabled, else one of LFSHIM_IRQS_OFF... */
	unsigned int irqs_off;
	/* preempt_disable() nesting; spinlocks count too when LFSHIM_CHECKS. */
	unsigned int preempt_depth;
	/* local_bh_disable() nesting. */
	unsigned int bh_depth;
	/* Running an irq_work function: "hard interrupt context". */
	unsigned short hardirq_depth;
	/* Running a timer or an RCU callback: "softirq context". */
	unsigned short softirq_depth;
	/* A batch of deferred frees is due when the outermost section ends. */
	bool retire_due;
	/* Some of the following has to be done when interrupts are enabled. */
	bool irq_exit_work;
	/* irq_work that this thread queued with interrupts disabled. */
	struct irq_work *irq_work_head, **irq_work_tail;
	/* State words of tasks that have to be woken from their futexes. */
	unsigned int *wakes[LFSHIM_MAX_WAKES];
	unsigned int nr_wakes;
	/* NULL until the thread first uses current. */
	struct task_struct *task;
	/* Set in a thread that runs items of work queues. */
	struct lfpriv_worker *worker;
	/* The allocation that fails, counted from 1; 0: none fails. */
	unsigned int fail_nth;
	/* The argument of the running ioctl is the library's, not user memory. */
	bool library_argument;
	/* The state of splitmix64 in get_random_u32(); 0 until the first call. */
	unsigned long long random_state;
#if LFSHIM_CHECKS
	/* preempt_disable() alone; where the outermost sections began. */
	unsigned int preempt_off;
	unsigned long preempt_ip, bh_ip, irq_ip, rcu_ip;
	/* Where interrupts were enabled last. */
	unsigned long irq_on_ip;
#endif
};

/*
 * With the model initial-exec, one instruction reaches it. It costs some of the
 * static TLS space, which matters to programs that dlopen() the library.
 */
extern __thread struct lfshim_tls lfshim_tls
	__attribute__((tls_model("initial-exec")));

/*
 * Count the entry to a section and the exit from it. The entry needs only a
 * compiler barrier: rcu_try_grace_period() executes a barrier on every CPU
 * before it reads the depth again.
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
	/*
	 * R1: release. Pairs with A2 in rcu_no_reader(). Without it, a reader
	 * may still access memory when the depth already says that it does not.
	 */
	__atomic_store_n(depth, now, __ATOMIC_RELEASE);
	return now;
}

/* The same for ->irqs_off, which is not a depth. */
static inline void lfshim_set_irqs_off(unsigned int how)
{
	__atomic_store_n(&lfshim_tls.irqs_off, how, __ATOMIC_RELAXED);
	__asm__ __volatile__("" : : : "memory");
}

static inline void lfshim_clear_irqs_off(void)
{
	lfshim_hb_release(&lfshim_tls.irqs_off);
	/*
	 * R2: release. Pairs with A2 in rcu_no_reader(). Without it, a reader
	 * may still access memory when it no longer looks like a reader.
	 */
	__atomic_store_n(&lfshim_tls.irqs_off, 0, __ATOMIC_RELEASE);
}

#if LFSHIM_CHECKS
/*
 * compat/checks/held.c: an outermost section began at the call site @ip, or
 * ended.
 */
void lfshim_section_begins(unsigned long ip);
void lfshim_section_ended(void);
/* Interrupts are about to be enabled, restored or disabled once more. */
void lfshim_check_irq_on(void);
void lfshim_check_irq_restore(void);
void lfshim_check_irq_nested(void);
#endif

/* The outermost section: enter and leave liburcu's read-side section. */
void lfshim_rcu_enter(void);
void lfshim_rcu_exit(void);

/* Enable interrupts when ->irq_exit_work is set. */
void lfshim_irq_exit(void);
/* An inner section ends, and ->irqs_off is not what it was before it. */
void lfshim_irq_inner_exit(unsigned int was);

#endif
