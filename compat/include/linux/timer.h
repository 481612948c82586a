/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Timers in jiffies. One thread of the shim runs all of them, in softirq
 * context; the first timer starts it. Left out: the effect of TIMER_DEFERRABLE
 * and TIMER_PINNED, since the timers have no CPU. Implemented in
 * compat/timer.c.
 *
 * A timer is never early: its function runs when jiffies is after ->expires. A
 * timer that is set to the past or to now runs at the next change of jiffies.
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
#include <linux/lockdep.h>
#include <linux/stringify.h>
#include <linux/ktime.h>

struct timer_list {
	unsigned long expires;
	void (*function)(struct timer_list *timer);
	u32 flags;
	/* The timer lock protects these. The heap is a pairing heap. */
	bool lfshim_pending;
	/* In the heap: the function runs when the 64-bit jiffies are after. */
	u64 lfshim_due;
	struct timer_list *lfshim_child, *lfshim_next, **lfshim_pprev;
#ifdef CONFIG_LOCKDEP
	/* Held while the function runs. timer_delete_sync() touches it. */
	struct lockdep_map lockdep_map;
#endif
};

#define TIMER_DEFERRABLE	0x00080000
#define TIMER_PINNED		0x00100000
/* The function runs with interrupts disabled. */
#define TIMER_IRQSAFE		0x00200000

#ifdef CONFIG_LOCKDEP
#define lfshim_timer_map_(key) \
	, .lockdep_map = STATIC_LOCKDEP_MAP_INIT(key, key)
#define lfshim_timer_init_map_(timer)					\
	do {								\
		static struct lock_class_key __key;			\
									\
		lockdep_init_map(&(timer)->lockdep_map, #timer, &__key, 0); \
	} while (0)
#else
#define lfshim_timer_map_(key)
#define lfshim_timer_init_map_(timer)	((void)0)
#endif

#define __TIMER_INITIALIZER(_function, _flags)				\
	{ .function = (_function), .flags = (_flags)			\
	  lfshim_timer_map_(__FILE__ ":" __stringify(__LINE__)) }
#define DEFINE_TIMER(name, func) \
	struct timer_list name = __TIMER_INITIALIZER(func, 0)

static inline void lfshim_timer_setup(struct timer_list *timer,
				      void (*func)(struct timer_list *),
				      unsigned int flags)
{
	*timer = (struct timer_list){ .function = func, .flags = flags };
}

/* Initialise a timer, which is not pending. Ends a shutdown. */
#define timer_setup(timer, func, flags)					\
	do {								\
		lfshim_timer_setup(timer, func, flags);			\
		lfshim_timer_init_map_(timer);				\
	} while (0)
#define timer_setup_on_stack(timer, func, flags) timer_setup(timer, func, flags)
/* The same as a function. @name and @key: its lockdep class, borrowed. */
void timer_init_key(struct timer_list *timer,
		    void (*func)(struct timer_list *timer), unsigned int flags,
		    const char *name, struct lock_class_key *key)
	LFSHIM(timer_init_key);
#define timer_init_key_on_stack(timer, func, flags, name, key) \
	timer_init_key(timer, func, flags, name, key)
/* Warns if the timer is still pending. */
void timer_destroy_on_stack(struct timer_list *timer)
	LFSHIM(timer_destroy_on_stack);

#define timer_container_of(var, callback_timer, timer_fieldname) \
	container_of(callback_timer, __typeof__(*var), timer_fieldname)

/**
 * mod_timer - set the time of a timer, whether it is pending or not
 * @timer: the timer, of the caller's; stays valid until its function was called
 *	or the timer was deleted
 * @expires: in jiffies, absolute; a time in the past means the next tick
 *
 * No effect after timer_shutdown().
 * Context: any.
 * Return: 1 if the timer was pending, 0 if not.
 */
int mod_timer(struct timer_list *timer, unsigned long expires)
	LFSHIM(mod_timer);
/* As mod_timer(), but does nothing if the timer is not pending. */
int mod_timer_pending(struct timer_list *timer, unsigned long expires)
	LFSHIM(mod_timer_pending);
/* As mod_timer(), but a pending timer can only be moved to an earlier time. */
int timer_reduce(struct timer_list *timer, unsigned long expires)
	LFSHIM(timer_reduce);

/**
 * add_timer - start a timer that is not pending
 * @timer: the timer; timer->expires is its time
 *
 * Warns if the timer is pending, and leaves it alone. The other three are the
 * same, since the timers have no CPU.
 * Context: any.
 */
void add_timer(struct timer_list *timer) LFSHIM(add_timer);
void add_timer_local(struct timer_list *timer) LFSHIM(add_timer_local);
void add_timer_global(struct timer_list *timer) LFSHIM(add_timer_global);
void add_timer_on(struct timer_list *timer, int cpu) LFSHIM(add_timer_on);

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
 * timer_delete_sync_try - cancel a timer, unless its function is running
 * @timer: the timer
 *
 * Context: any.
 * Return: 1 if the timer was pending, 0 if not; -1 if its function is running,
 * and then a timer that is pending again stays so.
 */
int timer_delete_sync_try(struct timer_list *timer)
	LFSHIM(timer_delete_sync_try);

/**
 * timer_delete_sync - cancel a timer and wait until its function has returned
 * @timer: the timer
 *
 * When this returns, the timer is neither pending nor running, even if its
 * function has started it again. Other callers must not start it meanwhile.
 * Context: any; sleeps, or busy-waits in atomic context. In an irq_work
 * function it warns unless the timer has TIMER_IRQSAFE. The caller holds no
 * lock that the function takes. In the timer's own function this warns and does
 * not wait.
 * Return: 1 if the timer was pending or its function started it, 0 if not.
 */
int timer_delete_sync(struct timer_list *timer) LFSHIM(timer_delete_sync);

/*
 * timer_shutdown() is as timer_delete(), and timer_shutdown_sync() is as
 * timer_delete_sync(), but afterwards nothing starts the timer until
 * timer_setup(). A function that is running can start it until it returns, if
 * timer_shutdown_sync() waits for that.
 */
int timer_shutdown(struct timer_list *timer) LFSHIM(timer_shutdown);
int timer_shutdown_sync(struct timer_list *timer) LFSHIM(timer_shutdown_sync);

int timer_pending(const struct timer_list *timer) LFSHIM(timer_pending);

/**
 * round_jiffies - round a time to a whole second
 * @j: a time in jiffies
 *
 * Timers that need no exact time then run together. Each CPU has its own
 * second, 3 jiffies after that of the previous CPU. Rounds down in the first
 * quarter of a second and up later; the _up variants always round up. The
 * _relative variants take and return a distance from now. A variant with two
 * underscores takes the CPU.
 * Context: any.
 * Return: the rounded time; @j if that is not in the future.
 */
unsigned long round_jiffies(unsigned long j) LFSHIM(round_jiffies);
unsigned long round_jiffies_relative(unsigned long j)
	LFSHIM(round_jiffies_relative);
unsigned long __round_jiffies_relative(unsigned long j, int cpu)
	LFSHIM(__round_jiffies_relative);
unsigned long round_jiffies_up(unsigned long j) LFSHIM(round_jiffies_up);
unsigned long round_jiffies_up_relative(unsigned long j)
	LFSHIM(round_jiffies_up_relative);
unsigned long __round_jiffies_up_relative(unsigned long j, int cpu)
	LFSHIM(__round_jiffies_up_relative);

#define del_timer(t)			timer_delete(t)
#define del_timer_sync(t)		timer_delete_sync(t)
#define try_to_del_timer_sync(t)	timer_delete_sync_try(t)
#define from_timer(v, t, field)		timer_container_of(v, t, field)
#define destroy_timer_on_stack(t)	timer_destroy_on_stack(t)

#endif
