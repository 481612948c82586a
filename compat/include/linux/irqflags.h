/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * local_irq_disable(), local_irq_save() and their counterparts. "Interrupts
 * disabled" is a nesting count of the thread; there are no interrupts to stop.
 * The tracing hooks are left out. compat/irq_work.c has lfshim_irq_exit().
 *
 * What remains of the meaning:
 *  - when the count returns to 0, irq_work that was queued meanwhile runs, and
 *    the futex calls for tasks that were woken meanwhile are made;
 *  - nothing may sleep;
 *  - the section is an RCU read-side critical section, as in the kernel: memory
 *    freed by RCU stays valid until it ends.
 */
#ifndef _LINUX_IRQFLAGS_H
#define _LINUX_IRQFLAGS_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/bug.h>
#include <lfshim/tls.h>

static lfshim_inline unsigned long lfshim_irq_off(void)
{
	unsigned int depth = lfshim_depth_inc(&lfshim_tls.irq_depth);

	if (!depth)
		lfshim_rcu_enter();
	return depth;
}

static inline void lfshim_irq_on(void)
{
#if LFSHIM_CHECKS
	if (WARN(!lfshim_tls.irq_depth, "interrupts are on already"))
		return;
#endif
	if (unlikely(lfshim_tls.irq_exit_work) && lfshim_tls.irq_depth == 1)
		lfshim_irq_exit();
	else if (!lfshim_depth_dec(&lfshim_tls.irq_depth))
		lfshim_rcu_exit();
}

#define local_irq_disable()	((void)lfshim_irq_off())
#define local_irq_enable()	lfshim_irq_on()
#define local_irq_save(flags)	((flags) = lfshim_irq_off())
#if LFSHIM_CHECKS
#define local_irq_restore(flags)					\
	do {								\
		WARN((flags) + 1 != lfshim_tls.irq_depth,		\
		     "irq flags restored out of order");		\
		lfshim_irq_on();					\
	} while (0)
#else
#define local_irq_restore(flags) \
	do { (void)(flags); lfshim_irq_on(); } while (0)
#endif
#define irqs_disabled()		(lfshim_tls.irq_depth != 0)

#endif
