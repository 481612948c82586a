/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What context is this? Preemption cannot be turned off in userspace:
 * preempt_disable() counts, so that the checks know, and does no more.
 */
#ifndef _LINUX_PREEMPT_H
#define _LINUX_PREEMPT_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <lfshim/tls.h>

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
#define preempt_count() \
	(lfshim_tls.preempt_depth + lfshim_tls.hardirq_depth + \
	 lfshim_tls.softirq_depth)

/* In an irq_work function; in one, or in a timer or an RCU callback. */
#define in_hardirq()	(lfshim_tls.hardirq_depth != 0)
#define in_softirq()	(lfshim_tls.softirq_depth != 0)
#define in_interrupt()	(in_hardirq() || in_softirq())
#define in_irq()	in_hardirq()
#define in_task()	(!in_interrupt())

/*
 * May this context not sleep? Exact when LFSHIM_CHECKS; otherwise plain
 * spin_lock() regions are not counted.
 */
#define in_atomic()	(preempt_count() != 0 || lfshim_tls.irq_depth != 0)
#define preemptible()	(!in_atomic())

#endif
