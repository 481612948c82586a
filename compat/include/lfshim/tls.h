/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The context of each thread: the state that the kernel keeps in preempt_count,
 * in the interrupt flag and in the RCU nesting of a task. compat/kernel/task.c
 * has the variable. The shim keeps nothing else per thread.
 *
 * Only the thread itself writes it. Other threads read ->reading, in
 * rcu_reader_leaves() in compat/rcupdate.c, so it is written with atomic stores.
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
#define LFSHIM_IRQS_SHIFT	24
#define LFSHIM_RCU_MASK		((1u << LFSHIM_IRQS_SHIFT) - 1)

struct lfshim_tls {
	/* The host's thread number; 0 until the thread first takes a lock. */
	unsigned int tid;
	/*
	 * Not 0 in a read-side section: the rcu_read_lock() nesting, and from
	 * bit LFSHIM_IRQS_SHIFT on, 0 if interrupts are enabled, else one of
	 * LFSHIM_IRQS_OFF... One word, because a section may begin as one kind
	 * and end as the other: a thread that reads two words might see the
	 * first before the change and the second after it.
	 */
	unsigned int reading;
	/* local_interrupt_disable() nesting, and ->irqs_off before it. */
	unsigned int irq_depth, irq_was;
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
	/* More such tasks, with a reference to each; see wake_list_add(). */
	struct task_struct *wake_first, *wake_last;
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
#if LFSHIM_SEAM
	/* The locks of the shim itself that it holds: no interrupt comes. */
	int internal_locks;
#define lfshim_internal_locks(n)	(lfshim_tls.internal_locks += (n))
#else
#define lfshim_internal_locks(n)	((void)0)
#endif
#endif
};

/*
 * With the model initial-exec, one instruction reaches it. It costs some of the
 * static TLS space, which matters to programs that dlopen() the library.
 */
extern __thread struct lfshim_tls lfshim_tls
	__attribute__((tls_model("initial-exec")));

/* rcu_read_lock() nesting; and 0 or one of LFSHIM_IRQS_OFF... */
static inline unsigned int lfshim_rcu_depth(void)
{
	return lfshim_tls.reading & LFSHIM_RCU_MASK;
}

static inline unsigned int lfshim_irqs_off(void)
{
	return lfshim_tls.reading >> LFSHIM_IRQS_SHIFT;
}

/*
 * The begin of a section needs only a compiler barrier:
 * lfpriv_rcu_try_grace_period() executes a barrier on every CPU before it reads
 * the word again.
 */
static inline void lfshim_reading_begins(unsigned int word)
{
	__atomic_store_n(&lfshim_tls.reading, word, __ATOMIC_RELAXED);
	__asm__ __volatile__("" : : : "memory");
}

static inline void lfshim_reading_ends(unsigned int word)
{
	lfshim_hb_release(&lfshim_tls.reading);
	/*
	 * R1: release. Pairs with A1 in rcu_reader_leaves(). Without it, a
	 * reader may still access memory when it no longer looks like a reader.
	 */
	__atomic_store_n(&lfshim_tls.reading, word, __ATOMIC_RELEASE);
}

/* Returns the depth before. */
static inline unsigned int lfshim_rcu_depth_inc(void)
{
	unsigned int old = lfshim_tls.reading;

	lfshim_reading_begins(old + 1);
	return old & LFSHIM_RCU_MASK;
}

/* Returns the depth that is left. */
static inline unsigned int lfshim_rcu_depth_dec(void)
{
	unsigned int now = lfshim_tls.reading - 1;

	lfshim_reading_ends(now);
	return now & LFSHIM_RCU_MASK;
}

static inline void lfshim_set_irqs_off(unsigned int how)
{
	lfshim_reading_begins(lfshim_rcu_depth() | how << LFSHIM_IRQS_SHIFT);
}

static inline void lfshim_clear_irqs_off(void)
{
	lfshim_reading_ends(lfshim_rcu_depth());
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
/* An inner section ends, and has changed ->irqs_off. */
void lfshim_irq_inner_exit(unsigned int was);

#endif
