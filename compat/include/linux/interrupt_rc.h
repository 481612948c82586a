/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * local_interrupt_disable() and local_interrupt_enable(), which count, unlike
 * local_irq_disable(): interrupts are enabled when each call has its
 * counterpart, if they were enabled before the first.
 */
#ifndef __LINUX_INTERRUPT_RC_H
#define __LINUX_INTERRUPT_RC_H

#include <lfshim/kernel-code.h>
#include <linux/bug.h>
#include <linux/irqflags.h>

static lfshim_inline void lfshim_interrupt_off(unsigned int how)
{
	unsigned int was = lfshim_irq_save(how);

	/* If interrupts are enabled, the count is left from code that failed. */
	if (!was || !lfshim_tls.irq_depth) {
		lfshim_tls.irq_depth = 0;
		lfshim_tls.irq_was = was;
	}
	lfshim_tls.irq_depth++;
}

/* Context: any. */
static lfshim_inline void local_interrupt_disable(void)
{
	lfshim_interrupt_off(LFSHIM_IRQS_OFF);
}

/* Context: any. Warns if there was no local_interrupt_disable(). */
static lfshim_inline void local_interrupt_enable(void)
{
	if (WARN_ON_ONCE(!lfshim_tls.irq_depth))
		return;
	if (!--lfshim_tls.irq_depth)
		local_irq_restore(lfshim_tls.irq_was);
}

#endif
