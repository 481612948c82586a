/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Timers in jiffies. One thread of the shim runs all of them, in softirq
 * context; it is started by the first timer.
 */
#ifndef _LINUX_TIMER_H
#define _LINUX_TIMER_H

#include <lfshim/kernel-code.h>

/* Before timer_delete() is something else here than there. */
#include <lfshim/host-begin.h>
#include <time.h>
#include <lfshim/host-end.h>
#include <linux/types.h>
#include <linux/jiffies.h>
#include <linux/container_of.h>

struct timer_list {
	unsigned long expires;
	void (*function)(struct timer_list *timer);
	u32 flags;
	/* Pairing heap by expiry; the timer lock protects it. */
	bool lfshim_pending;
	struct timer_list *lfshim_child, *lfshim_next, **lfshim_pprev;
};

#define TIMER_DEFERRABLE	0x00080000
#define TIMER_PINNED		0x00100000
#define TIMER_IRQSAFE		0x00200000

#define DEFINE_TIMER(name, func) \
	struct timer_list name = { .function = func }

static inline void timer_setup(struct timer_list *timer,
			       void (*func)(struct timer_list *),
			       unsigned int flags)
{
	*timer = (struct timer_list){ .function = func, .flags = flags };
}
#define timer_setup_on_stack(timer, func, flags) timer_setup(timer, func, flags)
/* Warns if it is still pending. */
void timer_destroy_on_stack(struct timer_list *timer)
	LFSHIM(timer_destroy_on_stack);

#define timer_container_of(var, callback_timer, timer_fieldname) \
	container_of(callback_timer, __typeof__(*var), timer_fieldname)

/**
 * mod_timer - set when a timer runs, pending or not
 * @expires: in jiffies, absolute; the past means now
 *
 * Context: any.
 * Return: 1 if it was pending, 0 if not.
 */
int mod_timer(struct timer_list *timer, unsigned long expires)
	LFSHIM(mod_timer);
/* Only to an earlier, only to a later time; otherwise left as it is. */
int timer_reduce(struct timer_list *timer, unsigned long expires)
	LFSHIM(timer_reduce);
/* timer->expires is set; the timer is not pending. */
void add_timer(struct timer_list *timer) LFSHIM(add_timer);

/**
 * timer_delete - take a timer back
 *
 * Its function may be running still. Context: any.
 * Return: 1 if it was pending, 0 if not.
 */
int lfshim_timer_delete(struct timer_list *timer);
#define timer_delete(timer)		lfshim_timer_delete(timer)

/**
 * timer_delete_sync - the same, and wait until its function does not run
 *
 * Context: may sleep; no lock held that the function takes. Called from the
 * timer's own function it warns and does not wait.
 */
int timer_delete_sync(struct timer_list *timer) LFSHIM(timer_delete_sync);
/* The same, and mod_timer() does nothing from now on. */
int timer_shutdown_sync(struct timer_list *timer) LFSHIM(timer_shutdown_sync);

int timer_pending(const struct timer_list *timer) LFSHIM(timer_pending);

#define del_timer(t)			timer_delete(t)
#define del_timer_sync(t)		timer_delete_sync(t)
#define from_timer(v, t, field)		timer_container_of(v, t, field)
#define destroy_timer_on_stack(t)	timer_destroy_on_stack(t)

#endif
