/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * local_irq_disable(), local_irq_save() and their counterparts. "Interrupts
 * disabled" is a flag of the thread, as it is one of the CPU in the kernel; it
 * does not count. There are no interrupts to stop. The tracing hooks are left
 * out. compat/irq_work.c has lfshim_irq_exit().
 *
 * These parts of the meaning remain:
 *  - when interrupts are enabled again, irq_work that was queued meanwhile
 *    runs;
 *  - the futex calls for tasks that are woken under a lock which was taken with
 *    spin_lock_irqsave() or the like are made when that lock is released;
 *  - nothing may sleep;
 *  - the section is an RCU read-side critical section, as in the kernel: memory
 *    freed by RCU stays valid until it ends.
 *
 * local_irq_restore() enables interrupts if they were enabled at the save, and
 * else does nothing, as on x86. With the checks it warns if they are enabled
 * already, as CONFIG_DEBUG_IRQFLAGS does.
 */
#ifndef _LINUX_IRQFLAGS_H
#define _LINUX_IRQFLAGS_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/bug.h>
#include <lfshim/tls.h>
#include <linux/cleanup.h>

/* Disable interrupts. Returns 0 if they were enabled. */
static lfshim_inline unsigned long lfshim_irq_save(unsigned int how)
{
	unsigned int was = lfshim_irqs_off();

	lfshim_set_irqs_off(was | how);
	if (likely(!was))
		lfshim_rcu_enter();
	return was;
}

/* Enable interrupts, which are disabled. */
static lfshim_inline void lfshim_irq_on(void)
{
#if LFSHIM_CHECKS
	lfshim_check_irq_on();
#endif
	if (unlikely(lfshim_tls.irq_exit_work)) {
		lfshim_irq_exit();
	} else {
		lfshim_clear_irqs_off();
		lfshim_rcu_exit();
	}
}

static lfshim_inline void local_irq_enable(void)
{
	if (likely(lfshim_irqs_off()))
		lfshim_irq_on();
}

static lfshim_inline void local_irq_restore(unsigned long flags)
{
#if LFSHIM_CHECKS
	lfshim_check_irq_restore();
#endif
	if (!flags)
		local_irq_enable();
	else if (unlikely(lfshim_irqs_off() != flags))
		lfshim_irq_inner_exit(flags);
}

#define local_irq_disable()	((void)lfshim_irq_save(LFSHIM_IRQS_OFF))
#define local_irq_save(flags)	((flags) = lfshim_irq_save(LFSHIM_IRQS_OFF))
#define irqs_disabled()		(lfshim_irqs_off() != 0)

#endif
