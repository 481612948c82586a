// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * RCU, instead of compat/rcupdate.c and compat/host/urcu.c. It is exact: a grace
 * period ends when the coroutines that were in a read-side section at its start
 * have left that section, not earlier and not later. Callbacks and deferred
 * frees run on a coroutine of their own.
 */
#include <stdlib.h>

#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "host/sys.h"
#include "host/urcu.h"
#include "kernel/internal.h"
#include "replacement.h"

/* Nested sections of a coroutine; those with interrupts disabled count, too. */
static unsigned int depth[SEAM_THREADS];
/* The outermost sections that it has left. */
static unsigned long nr_left[SEAM_THREADS];

/* A grace period: how many sections each reader has to leave until it ends. */
struct grace_period {
	unsigned long until[SEAM_THREADS];
};

/* A callback, a deferred free, or a caller of rcu_barrier(). */
struct waiter {
	struct grace_period gp;
	struct waiter *next;
	struct rcu_head *head;
	rcu_callback_t func;
	void *object;
	bool *done;
};

/* In the order in which their grace periods began, which is that of the ends. */
static struct waiter *first, **last = &first;
static bool thread_started;

static void begin(struct grace_period *gp)
{
	unsigned int i;

	for (i = 0; i < SEAM_THREADS; i++)
		gp->until[i] = depth[i] ? nr_left[i] + 1 : 0;
}

static bool has_elapsed(const void *arg)
{
	const struct grace_period *gp = arg;
	unsigned int i;

	for (i = 0; i < SEAM_THREADS; i++)
		if (nr_left[i] < gp->until[i])
			return false;
	return true;
}

/* A callback runs, which is in the list no more. */
static bool running;

static bool first_has_elapsed(const void *unused)
{
	return first && has_elapsed(&first->gp);
}

static void *rcu_thread(void *unused)
{
	struct waiter *w;

	for (;;) {
		seam_wait(first_has_elapsed, NULL, LFHOST_FOREVER);
		w = first;
		first = w->next;
		if (!first)
			last = &first;
		running = true;
		lfshim_tls.softirq_depth++;
		if (w->func)
			w->func(w->head);
		kfree(w->object);
		lfshim_tls.softirq_depth--;
		running = false;
		if (w->done)
			*w->done = true;
		free(w);
		/* A callback has run. */
		seam_point('g');
	}
	return NULL;
}

static struct waiter *add_waiter(void)
{
	struct waiter *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	begin(&w->gp);
	*last = w;
	last = &w->next;
	if (!thread_started) {
		thread_started = true;
		seam_start(rcu_thread, NULL);
	}
	return w;
}

void lfshim_rcu_enter(void)
{
#if LFSHIM_CHECKS
	lfshim_section_begins(_RET_IP_);
#endif
	depth[seam_self()]++;
}

void lfshim_rcu_exit(void)
{
#if LFSHIM_CHECKS
	lfshim_section_ended();
#endif
	if (--depth[seam_self()])
		return;
	nr_left[seam_self()]++;
	seam_point('r');
}

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	struct waiter *w = add_waiter();

	w->head = head;
	w->func = func;
}

void lfshim_kfree_rcu(void *ptr, struct rcu_head *head)
{
	add_waiter()->object = ptr;
}

static bool is_set(const void *flag)
{
	return READ_ONCE(*(const bool *)flag);
}

/* Earlier callbacks run first: this waits for them, too. */
void lfpriv_rcu_barrier_always(void)
{
	bool done = false;

	might_sleep();
	add_waiter()->done = &done;
	seam_wait(is_set, &done, LFHOST_FOREVER);
}

void rcu_barrier(void)
{
	might_sleep();
	if (first || running)
		lfpriv_rcu_barrier_always();
}

void synchronize_rcu(void)
{
	struct grace_period gp;

	might_sleep();
	if (WARN(rcu_read_lock_held(),
		 "synchronize_rcu() inside a read-side section never returns"))
		return;
	seam_point('q');
	begin(&gp);
	seam_wait(has_elapsed, &gp, LFHOST_FOREVER);
}
