/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Timers in jiffies. One thread of the shim runs all of them, in softirq
 * context; the first timer starts it. Left out: high-resolution timers and the
 * effect of the TIMER_ flags. Implemented in compat/timer.c.
 */
#ifndef _LINUX_TIMER_H
#define _LINUX_TIMER_H

#include <lfshim/kernel-code.h>

/* Before the macro timer_delete(): libc has a function of that name. */
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
	/* The pairing heap, by expiry. The timer lock protects it. */
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
/* Warns if the timer is still pending. */
void timer_destroy_on_stack(struct timer_list *timer)
	LFSHIM(timer_destroy_on_stack);

#define timer_container_of(var, callback_timer, timer_fieldname) \
	container_of(callback_timer, __typeof__(*var), timer_fieldname)

/**
 * mod_timer - set the time of a timer, whether it is pending or not
 * @timer: the timer, of the caller's; stays valid until its function was called
 *	or the timer was deleted
 * @expires: in jiffies, absolute; a time in the past means now
 *
 * Context: any.
 * Return: 1 if the timer was pending, 0 if not.
 */
int mod_timer(struct timer_list *timer, unsigned long expires)
	LFSHIM(mod_timer);
/* As mod_timer(), but a pending timer can only be moved to an earlier time. */
int timer_reduce(struct timer_list *timer, unsigned long expires)
	LFSHIM(timer_reduce);
/* Start a timer that is not pending; timer->expires is its time. */
void add_timer(struct timer_list *timer) LFSHIM(add_timer);

/**
 * timer_delete - cancel a timer
 * @timer: the timer; its function may still be running afterwards
 *
 * Context: any.
 * Return: 1 if the timer was pending, 0 if not.
 */
int lfshim_timer_delete(struct timer_list *timer);
#define timer_delete(timer)		lfshim_timer_delete(timer)

/**
 * timer_delete_sync - cancel a timer and wait until its function has returned
 * @timer: the timer
 *
 * Context: any; sleeps, or busy-waits in atomic context. The caller holds no
 * lock that the function takes. In the timer's own function this warns and does
 * not wait.
 * Return: 1 if the timer was pending, 0 if not.
 */
int timer_delete_sync(struct timer_list *timer) LFSHIM(timer_delete_sync);
/* The same; afterwards mod_timer() has no effect on the timer. */
int timer_shutdown_sync(struct timer_list *timer) LFSHIM(timer_shutdown_sync);

int timer_pending(const struct timer_list *timer) LFSHIM(timer_pending);

#define del_timer(t)			timer_delete(t)
#define del_timer_sync(t)		timer_delete_sync(t)
#define from_timer(v, t, field)		timer_container_of(v, t, field)
#define destroy_timer_on_stack(t)	timer_destroy_on_stack(t)

#endif
