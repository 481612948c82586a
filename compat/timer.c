// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Timers: a pairing heap, ordered by expiry, and one thread. See
 * <linux/timer.h>.
 *
 * ->lfshim_child is the first child of a timer. ->lfshim_next links the
 * children of one timer. ->lfshim_pprev is the address of the pointer that
 * points to the timer, so that any timer can be removed.
 */

#include <linux/timer.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/ktime.h>
#include <linux/bug.h>
#include <linux/wait.h>

#include "kernel/fork.h"
#include "kernel/internal.h"
#include "kernel/service.h"

static int timer_thread(void *unused);
static struct lfpriv_service timer_service = {
	.name = "lfshim-timer",
	.fn = timer_thread,
};

/*
 * Protects the heap, ->lfshim_pending, ->expires of pending timers, and
 * timer_running. The lock of run_ended nests inside it.
 */
static DEFINE_SPINLOCK(timer_lock);
static struct timer_list *timer_heap;
/*
 * The timer whose function is running, or NULL. The timer thread writes it with
 * the lock held. timer_delete_sync() reads it without the lock.
 */
static struct timer_list *timer_running;
/* timer_delete_sync() sleeps here until some function has returned. */
static DECLARE_WAIT_QUEUE_HEAD(run_ended);

u64 lfshim_jiffies_64(void)
{
	return INITIAL_JIFFIES + lfhost_clock() / TICK_NSEC;
}

unsigned long lfshim_jiffies(void)
{
	return lfshim_jiffies_64();
}

/* Converts the distance from now, because jiffies wrap around. */
static s64 jiffies_to_clock(unsigned long j)
{
	u64 now = lfshim_jiffies_64();
	long left = j - (unsigned long)now;

	return (s64)(now + left - INITIAL_JIFFIES) * TICK_NSEC;
}

static struct timer_list *heap_meld(struct timer_list *a, struct timer_list *b)
{
	if (!a)
		return b;
	if (!b)
		return a;
	if (time_before(b->expires, a->expires))
		swap(a, b);
	/* b becomes the first child of a. */
	b->lfshim_next = a->lfshim_child;
	if (b->lfshim_next)
		b->lfshim_next->lfshim_pprev = &b->lfshim_next;
	b->lfshim_pprev = &a->lfshim_child;
	a->lfshim_child = b;
	return a;
}

static void heap_set(struct timer_list *root)
{
	timer_heap = root;
	if (root) {
		root->lfshim_next = NULL;
		root->lfshim_pprev = &timer_heap;
	}
}

/*
 * Meld a list of siblings: first in pairs from left to right, then all pairs
 * from right to left.
 */
static struct timer_list *heap_meld_all(struct timer_list *list)
{
	struct timer_list *pairs = NULL, *a, *b, *root = NULL;

	while (list) {
		a = list;
		b = a->lfshim_next;
		list = b ? b->lfshim_next : NULL;
		a->lfshim_next = NULL;
		if (b)
			b->lfshim_next = NULL;
		a = heap_meld(a, b);
		a->lfshim_next = pairs;
		pairs = a;
	}
	while (pairs) {
		a = pairs;
		pairs = a->lfshim_next;
		a->lfshim_next = NULL;
		root = heap_meld(root, a);
	}
	return root;
}

static void heap_remove(struct timer_list *t)
{
	struct timer_list *rest;

	if (timer_heap == t) {
		heap_set(heap_meld_all(t->lfshim_child));
	} else {
		*t->lfshim_pprev = t->lfshim_next;
		if (t->lfshim_next)
			t->lfshim_next->lfshim_pprev = t->lfshim_pprev;
		rest = heap_meld_all(t->lfshim_child);
		heap_set(heap_meld(timer_heap, rest));
	}
	t->lfshim_child = NULL;
	WRITE_ONCE(t->lfshim_pending, false);
}

static void heap_insert(struct timer_list *t)
{
	t->lfshim_child = NULL;
	t->lfshim_next = NULL;
	heap_set(heap_meld(timer_heap, t));
	WRITE_ONCE(t->lfshim_pending, true);
}

/*
 * Run the first timer if it is due. Called with the lock held; releases it
 * while the function runs. Returns true if a function was called.
 */
static bool timer_run_first(unsigned long now)
{
	struct timer_list *t = timer_heap;
	void (*func)(struct timer_list *);

	if (!t || time_after(t->expires, now))
		return false;
	heap_remove(t);
	func = t->function;
	WRITE_ONCE(timer_running, t);
	spin_unlock_irq(&timer_lock);

	/* The function may start the timer again, or free it. */
	lfshim_tls.softirq_depth++;
	func(t);
	lfshim_tls.softirq_depth--;

	spin_lock_irq(&timer_lock);
	/*
	 * F1: full barrier. Pairs with F3 in prepare_to_wait_event(), and with
	 * A1 in timer_delete_sync() and A2 in timer_delete_sync(). Without it,
	 * the wait queue may be read before the store is visible, and
	 * timer_delete_sync() is not woken; or it returns before it sees what
	 * the function has done.
	 */
	smp_store_mb(timer_running, NULL);
	if (waitqueue_active(&run_ended))
		wake_up_all(&run_ended);
	return true;
}

static int timer_thread(void *unused)
{
	s64 deadline;

	while (!kthread_should_stop()) {
		spin_lock_irq(&timer_lock);
		while (timer_run_first(jiffies))
			;
		deadline = timer_heap ? jiffies_to_clock(timer_heap->expires)
				      : LFHOST_FOREVER;
		/*
		 * With the lock held, so that the wake-up for an earlier timer
		 * comes after this.
		 *
		 * F2: full barrier. Pairs with F1 in lfpriv_wake(). Without it,
		 * kthread_should_stop() may be read before the state is
		 * visible, and the thread does not stop. For timers the lock is
		 * enough.
		 */
		set_current_state(TASK_IDLE);
		spin_unlock_irq(&timer_lock);
		if (kthread_should_stop())
			break;
		lfpriv_sleep(deadline);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

enum { MOD_ANY, MOD_EARLIER };

static int timer_mod(struct timer_list *timer, unsigned long expires, int how)
{
	unsigned long flags;
	bool first;
	int was;

	spin_lock_irqsave(&timer_lock, flags);
	was = timer->lfshim_pending;
	if (!timer->function ||
	    (how == MOD_EARLIER && was &&
	     !time_before(expires, timer->expires))) {
		spin_unlock_irqrestore(&timer_lock, flags);
		return was;
	}
	if (was)
		heap_remove(timer);
	timer->expires = expires;
	heap_insert(timer);
	first = timer_heap == timer;
	spin_unlock_irqrestore(&timer_lock, flags);
	if (first && lfpriv_service_start(&timer_service))
		lfpriv_service_wake(&timer_service);
	return was;
}

int mod_timer(struct timer_list *timer, unsigned long expires)
{
	return timer_mod(timer, expires, MOD_ANY);
}

int timer_reduce(struct timer_list *timer, unsigned long expires)
{
	return timer_mod(timer, expires, MOD_EARLIER);
}

void add_timer(struct timer_list *timer)
{
	if (WARN_ON(timer_pending(timer)))
		return;
	mod_timer(timer, timer->expires);
}

int timer_delete(struct timer_list *timer)
{
	unsigned long flags;
	int was;

	spin_lock_irqsave(&timer_lock, flags);
	was = timer->lfshim_pending;
	if (was)
		heap_remove(timer);
	spin_unlock_irqrestore(&timer_lock, flags);
	return was;
}

int timer_delete_sync(struct timer_list *timer)
{
	int was = 0;

	for (;;) {
		was |= timer_delete(timer);
		/*
		 * A1: acquire. Pairs with F1 in timer_run_first(). Without it,
		 * the caller may not see what the function has done.
		 */
		if (smp_load_acquire(&timer_running) != timer)
			break;
		if (WARN(current == READ_ONCE(timer_service.task),
			 "timer_delete_sync() from the timer's own function"))
			break;
		/* As in the kernel, the caller may be in atomic context. */
		if (in_atomic()) {
			cpu_relax();
			continue;
		}
		/*
		 * A2: acquire. Pairs with F1 in timer_run_first(). Without it,
		 * the caller may not see what the function has done.
		 */
		wait_event(run_ended,
			   smp_load_acquire(&timer_running) != timer);
	}
	return was;
}

int timer_shutdown_sync(struct timer_list *timer)
{
	unsigned long flags;
	int was;

	spin_lock_irqsave(&timer_lock, flags);
	was = timer->lfshim_pending;
	if (was)
		heap_remove(timer);
	timer->function = NULL;
	spin_unlock_irqrestore(&timer_lock, flags);
	return timer_delete_sync(timer) | was;
}

int timer_pending(const struct timer_list *timer)
{
	return READ_ONCE(timer->lfshim_pending);
}

void timer_destroy_on_stack(struct timer_list *timer)
{
	WARN(timer_pending(timer), "timer on the stack is still pending");
}

static void timer_fork_child(void)
{
	lfpriv_service_fork_child(&timer_service);
	timer_running = NULL;
	init_waitqueue_head(&run_ended);
}

static void timer_restart(void)
{
	if (timer_heap)
		lfpriv_service_start(&timer_service);
}

LFPRIV_AT_FORK(timer_fork) = {
	.level = LFPRIV_FORK_TIMER,
	.lock = &timer_lock,
	.child = timer_fork_child,
	.restart = timer_restart,
};

__attribute__((__destructor__(LFPRIV_EXIT_TIMER))) static void timer_exit(void)
{
	lfpriv_service_stop(&timer_service);
}
