/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * preempt_disable(), local_bh_disable() and the questions about the context. Userspace cannot
 * disable preemption: preempt_disable() only counts, for the checks.
 * compat/checks/held.c has the functions of the checks. Left out: the _notrace
 * and _no_resched variants, and migrate_disable().
 */
#ifndef _LINUX_PREEMPT_H
#define _LINUX_PREEMPT_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <lfshim/seam.h>
#include <lfshim/tls.h>
#include <linux/cleanup.h>

#if LFSHIM_CHECKS
void lfshim_preempt_off(void);
void lfshim_preempt_on(void);
#define preempt_disable()	lfshim_preempt_off()
#define preempt_enable()	lfshim_preempt_on()
#else
#define preempt_disable() \
	do { lfshim_tls.preempt_depth++; barrier(); } while (0)
#define preempt_enable() \
	do { barrier(); lfshim_tls.preempt_depth--; } while (0)
#endif
#if LFSHIM_SEAM
void lfshim_bh_changed(void);
#else
#define lfshim_bh_changed()	((void)0)
#endif
/*
 * The softirqs of the shim run on threads of their own, so this stops none of
 * them. It changes the results of in_softirq() and in_atomic(), and the checks
 * know.
 */
#if LFSHIM_CHECKS
void lfshim_bh_off(void);
void lfshim_bh_on(void);
#define local_bh_disable()	lfshim_bh_off()
#define local_bh_enable()	lfshim_bh_on()
#else
#define local_bh_disable() \
	do { lfshim_tls.bh_depth++; lfshim_bh_changed(); barrier(); } while (0)
#define local_bh_enable() \
	do { barrier(); lfshim_tls.bh_depth--; lfshim_bh_changed(); } while (0)
#endif
#define preempt_count() \
	(lfshim_tls.preempt_depth + lfshim_tls.hardirq_depth + \
	 lfshim_tls.softirq_depth + lfshim_tls.bh_depth)

/*
 * Hard: in an irq_work function. Serving: in a timer or an RCU callback. Soft:
 * that, or softirqs are disabled.
 */
#define in_hardirq()		(lfshim_tls.hardirq_depth != 0)
#define in_serving_softirq()	(lfshim_tls.softirq_depth != 0)
#define in_softirq()		(in_serving_softirq() || lfshim_tls.bh_depth)
#define in_interrupt()		(in_hardirq() || in_softirq())
#define in_irq()		in_hardirq()
#define in_task()		(!in_hardirq() && !in_serving_softirq())

/*
 * Is this atomic context? Exact with LFSHIM_CHECKS; without it, sections under
 * a plain spin_lock() do not count.
 */
#define in_atomic()	(preempt_count() != 0 || lfshim_irqs_off() != 0)
#define preemptible()	(!in_atomic())

#endif
