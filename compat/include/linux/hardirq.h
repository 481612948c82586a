/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * synchronize_irq(), which has no handler to wait for: there are no
 * interrupts.
 */
#ifndef _LINUX_HARDIRQ_H
#define _LINUX_HARDIRQ_H

#include <lfshim/kernel-code.h>
#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>

static inline void synchronize_irq(unsigned int irq)
{
	(void)irq;
}

#endif
