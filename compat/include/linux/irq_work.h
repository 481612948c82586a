/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * irq_work: a function that runs soon, in hard interrupt context, when the
 * caller holds no lock any more. Left out: irq_work_queue_on(), and the effect
 * of the lazy and hard variants, which run like the others. Implemented in
 * compat/irq_work.c.
 *
 * If the item is queued with interrupts disabled (under spin_lock_irqsave(),
 * for example), it runs on the same thread when interrupts are enabled again,
 * like the kernel's self-interrupt. If it is queued with interrupts enabled, a
 * thread of the shim runs it. It never runs inside irq_work_queue().
 */
#ifndef _LINUX_IRQ_WORK_H
#define _LINUX_IRQ_WORK_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/compiler.h>
#include <asm/barrier.h>

#define IRQ_WORK_PENDING	0x01
#define IRQ_WORK_LAZY		0x04
#define IRQ_WORK_HARD_IRQ	0x08
/* The other bits of ->flags count the runs. */
#define LFSHIM_IRQ_WORK_RUN	0x10

struct irq_work {
	struct irq_work *lfshim_next;
	/* IRQ_WORK_PENDING from queueing until just before @func is called. */
	unsigned int flags;
	void (*func)(struct irq_work *work);
	void *unused;
};

#define __IRQ_WORK_INIT(_func, _flags) \
	(struct irq_work){ .flags = (_flags), .func = (_func) }
#define IRQ_WORK_INIT(_func)	__IRQ_WORK_INIT(_func, 0)
#define IRQ_WORK_INIT_LAZY(_func) __IRQ_WORK_INIT(_func, IRQ_WORK_LAZY)
#define IRQ_WORK_INIT_HARD(_func) __IRQ_WORK_INIT(_func, IRQ_WORK_HARD_IRQ)
#define DEFINE_IRQ_WORK(name, _func) struct irq_work name = IRQ_WORK_INIT(_func)

static inline void init_irq_work(struct irq_work *work,
				 void (*func)(struct irq_work *))
{
	*work = IRQ_WORK_INIT(func);
}

static inline bool irq_work_is_pending(struct irq_work *work)
{
	return READ_ONCE(work->flags) & IRQ_WORK_PENDING;
}

/* Is the item pending, or its function running? Context: any. */
bool irq_work_is_busy(struct irq_work *work) LFSHIM(irq_work_is_busy);

/* Was the item initialised with IRQ_WORK_INIT_HARD()? Context: any. */
static inline bool irq_work_is_hard(struct irq_work *work)
{
	return READ_ONCE(work->flags) & IRQ_WORK_HARD_IRQ;
}

/**
 * irq_work_queue - have a function run in interrupt context
 * @work: initialised and owned by the caller. The function may queue it again
 *	or free it: the shim does not touch it after the function is called.
 *
 * Context: any.
 * Return: true if it was queued, false if it was already pending.
 */
bool irq_work_queue(struct irq_work *work) LFSHIM(irq_work_queue);

/**
 * irq_work_sync - wait until an item is neither pending nor running
 * @work: the item
 *
 * Context: may sleep; interrupts enabled.
 */
void irq_work_sync(struct irq_work *work) LFSHIM(irq_work_sync);

#endif
