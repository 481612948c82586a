/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * "Interrupts off", as a nesting count of the thread.
 *
 * There are no interrupts to keep out; what is left of the meaning is
 *  - irq_work queued meanwhile runs when the count is back at 0, and sleepers
 *    that were woken are helped out of the host kernel then,
 *  - nothing may sleep,
 *  - the region counts as an RCU read-side section, as it does in the kernel:
 *    memory freed by RCU stays until it ends.
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
