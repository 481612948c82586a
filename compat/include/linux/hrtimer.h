/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Timers in nanoseconds. One thread of the shim runs all of them; the first
 * timer starts it. A function runs in hard interrupt context with interrupts
 * disabled; with HRTIMER_MODE_SOFT in softirq context. Left out: struct
 * hrtimer_sleeper, and the effect of HRTIMER_MODE_PINNED and HRTIMER_MODE_HARD.
 * If somebody sets CLOCK_REALTIME, timers that are enqueued do not move.
 * Implemented in compat/hrtimer.c.
 */
#ifndef _LINUX_HRTIMER_H
#define _LINUX_HRTIMER_H

#include <lfshim/kernel-code.h>
#include <lfshim/host-begin.h>
#include <time.h>
#include <lfshim/host-end.h>
#include <linux/types.h>
#include <linux/container_of.h>
#include <linux/ktime.h>
#include <linux/rbtree.h>
#include <linux/timer.h>
#include <linux/init.h>
#include <linux/list.h>

enum hrtimer_mode {
	HRTIMER_MODE_ABS = 0x00,
	HRTIMER_MODE_REL = 0x01,
	HRTIMER_MODE_PINNED = 0x02,
	HRTIMER_MODE_SOFT = 0x04,
	HRTIMER_MODE_HARD = 0x08,

	HRTIMER_MODE_ABS_PINNED = 0x02,
	HRTIMER_MODE_REL_PINNED = 0x03,
	HRTIMER_MODE_ABS_SOFT = 0x04,
	HRTIMER_MODE_REL_SOFT = 0x05,
	HRTIMER_MODE_ABS_PINNED_SOFT = 0x06,
	HRTIMER_MODE_REL_PINNED_SOFT = 0x07,
	HRTIMER_MODE_ABS_HARD = 0x08,
	HRTIMER_MODE_REL_HARD = 0x09,
	HRTIMER_MODE_ABS_PINNED_HARD = 0x0a,
	HRTIMER_MODE_REL_PINNED_HARD = 0x0b,
};

enum hrtimer_restart {
	HRTIMER_NORESTART,
	/* Run again at the stored expiry; see hrtimer_forward(). */
	HRTIMER_RESTART,
};

struct lfshim_hrtimer_node {
	/* In the tree of enqueued timers, which is sorted by ->lfshim_due. */
	struct rb_node node;
	ktime_t expires;
};

struct hrtimer {
	struct lfshim_hrtimer_node node;
	enum hrtimer_restart (*function)(struct hrtimer *timer);
	/*
	 * The function runs between this and ->node.expires, in the time of
	 * the clock.
	 */
	ktime_t _softexpires;
	/* The same, in the time of CLOCK_MONOTONIC. Set when it is enqueued. */
	ktime_t lfshim_soft_due, lfshim_due;
	bool is_queued, is_soft;
	clockid_t lfshim_clock;
};

/**
 * hrtimer_setup - initialise a timer
 * @timer: memory of the caller's, not a timer that is enqueued or running
 * @function: called when it expires. It may start the timer. It must not free
 *	it.
 * @clock_id: CLOCK_MONOTONIC, _REALTIME, _BOOTTIME or _TAI. CLOCK_REALTIME with
 *	HRTIMER_MODE_REL is CLOCK_MONOTONIC.
 * @mode: HRTIMER_MODE_ABS or _REL; with _SOFT the function runs in softirq
 *	context
 *
 * Context: any.
 */
void hrtimer_setup(struct hrtimer *timer,
		   enum hrtimer_restart (*function)(struct hrtimer *timer),
		   clockid_t clock_id, enum hrtimer_mode mode)
	LFSHIM(hrtimer_setup);
#define hrtimer_setup_on_stack(timer, function, clock_id, mode) \
	hrtimer_setup(timer, function, clock_id, mode)
/* Warns if the timer is still enqueued. */
void destroy_hrtimer_on_stack(struct hrtimer *timer)
	LFSHIM(destroy_hrtimer_on_stack);
/* Change the function of a timer that is not enqueued. */
void hrtimer_update_function(
	struct hrtimer *timer,
	enum hrtimer_restart (*function)(struct hrtimer *timer))
	LFSHIM(hrtimer_update_function);

/**
 * hrtimer_start_range_ns - start a timer, or move it if it is enqueued
 * @timer: the timer, which stays valid until it has run or was cancelled
 * @tim: the earliest time; with HRTIMER_MODE_REL from now
 * @delta_ns: how much later the function may run
 * @mode: the same as at the setup, as far as HRTIMER_MODE_SOFT is concerned
 *
 * The function never runs inside this call.
 * Context: any.
 */
void hrtimer_start_range_ns(struct hrtimer *timer, ktime_t tim, u64 delta_ns,
			    const enum hrtimer_mode mode)
	LFSHIM(hrtimer_start_range_ns);

static inline void hrtimer_start(struct hrtimer *timer, ktime_t tim,
				 const enum hrtimer_mode mode)
{
	hrtimer_start_range_ns(timer, tim, 0, mode);
}

/**
 * hrtimer_try_to_cancel - cancel a timer, unless its function is running
 * @timer: the timer
 *
 * Context: any.
 * Return: 1 if it was enqueued, 0 if not; -1 if its function is running, and
 * then a timer that is enqueued again stays so.
 */
int hrtimer_try_to_cancel(struct hrtimer *timer) LFSHIM(hrtimer_try_to_cancel);

/**
 * hrtimer_cancel - cancel a timer and wait until its function has returned
 * @timer: the timer, which is afterwards neither enqueued nor running
 *
 * Context: any; sleeps, or busy-waits in atomic context. The caller holds no
 * lock that the function takes. In the timer's own function this warns and does
 * not wait.
 * Return: 1 if it was enqueued, or its function restarted it; 0 if not.
 */
int hrtimer_cancel(struct hrtimer *timer) LFSHIM(hrtimer_cancel);

/* Is the timer enqueued, or its function running? Context: any. */
bool hrtimer_active(const struct hrtimer *timer) LFSHIM(hrtimer_active);

static inline bool hrtimer_is_queued(struct hrtimer *timer)
{
	return READ_ONCE(timer->is_queued);
}

/* The time of the timer's clock. */
ktime_t hrtimer_cb_get_time(const struct hrtimer *timer)
	LFSHIM(hrtimer_cb_get_time);

/**
 * hrtimer_forward - move the stored expiry past a time
 * @timer: the timer, not enqueued: in its function, for example
 * @now: the time
 * @interval: the expiry moves by a multiple of this
 *
 * Context: any. Nobody else starts the timer meanwhile.
 * Return: by how many intervals it was moved; 0 if the expiry was later than
 * @now. Warns and returns 0 if the timer is enqueued and due.
 */
u64 hrtimer_forward(struct hrtimer *timer, ktime_t now, ktime_t interval)
	LFSHIM(hrtimer_forward);

static inline u64 hrtimer_forward_now(struct hrtimer *timer, ktime_t interval)
{
	return hrtimer_forward(timer, hrtimer_cb_get_time(timer), interval);
}

/* The stored expiry of a timer that is not enqueued. */
static inline void hrtimer_set_expires_range_ns(struct hrtimer *timer,
						ktime_t time, u64 delta)
{
	timer->_softexpires = time;
	timer->node.expires = ktime_add_safe(time, ns_to_ktime(delta));
}

static inline void hrtimer_set_expires_range(struct hrtimer *timer,
					     ktime_t time, ktime_t delta)
{
	hrtimer_set_expires_range_ns(timer, time, delta);
}

static inline void hrtimer_set_expires(struct hrtimer *timer, ktime_t time)
{
	hrtimer_set_expires_range_ns(timer, time, 0);
}

static inline void hrtimer_add_expires(struct hrtimer *timer, ktime_t time)
{
	timer->_softexpires = ktime_add_safe(timer->_softexpires, time);
	timer->node.expires = ktime_add_safe(timer->node.expires, time);
}

static inline void hrtimer_add_expires_ns(struct hrtimer *timer, u64 ns)
{
	hrtimer_add_expires(timer, ns_to_ktime(ns));
}

static inline ktime_t hrtimer_get_expires(const struct hrtimer *timer)
{
	return timer->node.expires;
}

static inline ktime_t hrtimer_get_softexpires(const struct hrtimer *timer)
{
	return timer->_softexpires;
}

/* How long until the timer expires; negative if it has. Context: any. */
static inline ktime_t hrtimer_expires_remaining(const struct hrtimer *timer)
{
	return ktime_sub(timer->node.expires, hrtimer_cb_get_time(timer));
}
#define hrtimer_get_remaining(timer)	hrtimer_expires_remaining(timer)

/* Start a timer at its stored expiry. */
static inline void hrtimer_start_expires(struct hrtimer *timer,
					 enum hrtimer_mode mode)
{
	ktime_t soft = timer->_softexpires;

	hrtimer_start_range_ns(timer, soft, timer->node.expires - soft, mode);
}

static inline void hrtimer_restart(struct hrtimer *timer)
{
	hrtimer_start_expires(timer, HRTIMER_MODE_ABS);
}

/**
 * schedule_hrtimeout - sleep until woken or until a time
 * @expires: in the time of CLOCK_MONOTONIC, with HRTIMER_MODE_REL from now. 0
 *	means not to sleep. NULL: no limit.
 * @mode: HRTIMER_MODE_ABS or _REL
 *
 * The caller has set its state, as for schedule_timeout(). The state is
 * TASK_RUNNING afterwards.
 * Context: may sleep.
 * Return: 0 if the time was up, else -EINTR.
 */
int schedule_hrtimeout(ktime_t *expires, const enum hrtimer_mode mode)
	LFSHIM(schedule_hrtimeout);
/* The same; the sleep may last @delta ns longer. */
int schedule_hrtimeout_range(ktime_t *expires, u64 delta,
			     const enum hrtimer_mode mode)
	LFSHIM(schedule_hrtimeout_range);

#endif
