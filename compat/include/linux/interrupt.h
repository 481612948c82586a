/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Types of interrupt handlers, for structures and prototypes that have them.
 * There are no interrupts. Left out: request_irq() and its like, and tasklets.
 */
#ifndef _LINUX_INTERRUPT_H
#define _LINUX_INTERRUPT_H

#include <lfshim/kernel-code.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/hardirq.h>
#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/irqreturn.h>
#include <linux/kref.h>
#include <linux/preempt.h>

#define IRQF_SHARED	0x00000080
#define IRQF_ONESHOT	0x00002000

typedef irqreturn_t (*irq_handler_t)(int irq, void *data);

#endif
