// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Timers in nanoseconds: a tree, ordered by expiry, and one thread. */

#include <linux/hrtimer.h>
#include <linux/bug.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "kernel/fork.h"
#include "kernel/internal.h"
#include "kernel/service.h"

static int hrtimer_thread(void *unused);
static struct lfpriv_service hrtimer_service = {
	.name = "lfshim-hrtimer",
	.fn = hrtimer_thread,
};

/* A thread that waits until the function which is running has returned. */
struct hrtimer_waiter {
	/* The timer was taken off; ->was says whether it was enqueued. */
	bool done;
	int was;
	struct hrtimer_waiter *next;
};

/*
 * Protects the tree, all fields of enqueued timers, and the following two. No
 * lock nests inside it.
 */
static DEFINE_SPINLOCK(hrtimer_lock);
static struct rb_root hrtimer_tree;
/* The timer whose function is running, or NULL. */
static struct hrtimer *hrtimer_running;
/* The threads that wait for hrtimer_running. */
static struct hrtimer_waiter *hrtimer_waiters;
/* They sleep here. */
static DECLARE_WAIT_QUEUE_HEAD(run_ended);

static struct hrtimer *hrtimer_first(void)
{
	struct rb_node *first = rb_first(&hrtimer_tree);

	return first ? rb_entry(first, struct hrtimer, node.node) : NULL;
}

/*
 * How far the timer's clock is ahead of CLOCK_MONOTONIC, or less if the thread is off
 * the CPU between the two reads. It must not be more: the timer would run early.
 */
static ktime_t hrtimer_clock_offset(const struct hrtimer *timer)
{
	ktime_t now;

	if (timer->lfshim_clock == CLOCK_MONOTONIC)
		return 0;
	now = hrtimer_cb_get_time(timer);
	return now - ktime_get();
}

/* Called with the lock held. */
static void hrtimer_enqueue(struct hrtimer *timer)
{
	struct rb_node **link = &hrtimer_tree.rb_node, *parent = NULL;
	ktime_t offset = hrtimer_clock_offset(timer);

	timer->lfshim_soft_due = timer->_softexpires - offset;
	timer->lfshim_due = timer->node.expires - offset;
	while (*link) {
		parent = *link;
		if (timer->lfshim_due <
		    rb_entry(parent, struct hrtimer, node.node)->lfshim_due)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&timer->node.node, parent, link);
	rb_insert_color(&timer->node.node, &hrtimer_tree);
	WRITE_ONCE(timer->is_queued, true);
}

/* Take a timer off the tree. Called with the lock held. */
static int hrtimer_take(struct hrtimer *timer)
{
	if (!timer->is_queued)
		return 0;
	rb_erase(&timer->node.node, &hrtimer_tree);
	WRITE_ONCE(timer->is_queued, false);
	return 1;
}

static enum hrtimer_restart
hrtimer_call(struct hrtimer *timer,
	     enum hrtimer_restart (*function)(struct hrtimer *timer))
{
	enum hrtimer_restart restart;

	if (timer->is_soft) {
		lfshim_tls.softirq_depth++;
		restart = function(timer);
		lfshim_tls.softirq_depth--;
		return restart;
	}
	local_irq_disable();
	lfshim_tls.hardirq_depth++;
	restart = function(timer);
	lfshim_tls.hardirq_depth--;
	local_irq_enable();
	return restart;
}

/*
 * The function of @timer has returned. Enqueue the timer again if it wants
 * that, and take it off for the threads that wait. Called with the lock held.
 */
static void hrtimer_end_run(struct hrtimer *timer, enum hrtimer_restart restart)
{
	struct hrtimer_waiter *w = hrtimer_waiters, *next;

	hrtimer_running = NULL;
	hrtimer_waiters = NULL;
	/* If it was started meanwhile, that start counts. */
	if (restart != HRTIMER_NORESTART && !timer->is_queued)
		hrtimer_enqueue(timer);
	for (; w; w = next) {
		next = w->next;
		w->was = hrtimer_take(timer);
		/*
		 * R1: release. Pairs with A1 in hrtimer_wait() and A2 in
		 * hrtimer_wait(). Without it, the waiter may not see the stores
		 * of the function, or read an old ->was.
		 */
		smp_store_release(&w->done, true);
	}
}

/*
 * Run the first timer if it is due. Called with the lock held; releases it
 * while the function runs. Returns true if a function was called.
 */
static bool hrtimer_run_first(void)
{
	struct hrtimer *t = hrtimer_first();
	enum hrtimer_restart (*function)(struct hrtimer *timer);
	enum hrtimer_restart restart;
	bool waited;

	if (!t || t->lfshim_soft_due > lfhost_clock())
		return false;
	hrtimer_take(t);
	function = t->function;
	hrtimer_running = t;
	spin_unlock_irq(&hrtimer_lock);
	lfpriv_interrupt_begins(t->is_soft);
	restart = hrtimer_call(t, function);
	lfpriv_interrupt_ended();
	spin_lock_irq(&hrtimer_lock);
	waited = hrtimer_waiters;
	hrtimer_end_run(t, restart);
	if (!waited)
		return true;
	spin_unlock_irq(&hrtimer_lock);
	wake_up_all(&run_ended);
	spin_lock_irq(&hrtimer_lock);
	return true;
}

static int hrtimer_thread(void *unused)
{
	struct hrtimer *first;
	s64 deadline;

	lfhost_thread_wake_exactly();
	while (!kthread_should_stop()) {
		spin_lock_irq(&hrtimer_lock);
		while (!kthread_should_stop() && hrtimer_run_first())
			;
		first = hrtimer_first();
		deadline = first ? first->lfshim_due : LFHOST_FOREVER;
		/*
		 * With the lock held, so that the wake-up for an earlier timer
		 * comes after this.
		 *
		 * F1: full barrier. Pairs with F1 in lfpriv_wake(). Without it,
		 * kthread_should_stop() may be read before the state is
		 * visible, and the thread does not stop. For timers the lock is
		 * enough.
		 */
		set_current_state(TASK_IDLE);
		spin_unlock_irq(&hrtimer_lock);
		if (kthread_should_stop())
			break;
		lfpriv_sleep(deadline);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static enum hrtimer_restart hrtimer_no_function(struct hrtimer *unused)
{
	return HRTIMER_NORESTART;
}

void hrtimer_setup(struct hrtimer *timer,
		   enum hrtimer_restart (*function)(struct hrtimer *timer),
		   clockid_t clock_id, enum hrtimer_mode mode)
{
	bool known = clock_id == CLOCK_MONOTONIC ||
		     clock_id == CLOCK_REALTIME || clock_id == CLOCK_BOOTTIME ||
		     clock_id == CLOCK_TAI;

	WARN(!known, "hrtimer with clock %d, which is no clock of hrtimers",
	     clock_id);
	if (!known || (clock_id == CLOCK_REALTIME && mode & HRTIMER_MODE_REL))
		clock_id = CLOCK_MONOTONIC;
	*timer = (struct hrtimer){
		.function = function,
		.is_soft = mode & HRTIMER_MODE_SOFT,
		.lfshim_clock = clock_id,
	};
	if (WARN_ON(!function))
		timer->function = hrtimer_no_function;
}

void destroy_hrtimer_on_stack(struct hrtimer *timer)
{
	WARN(hrtimer_is_queued(timer), "hrtimer on the stack is still enqueued");
}

void hrtimer_update_function(
	struct hrtimer *timer,
	enum hrtimer_restart (*function)(struct hrtimer *timer))
{
	WARN_ON(hrtimer_is_queued(timer));
	if (!WARN_ON(!function))
		timer->function = function;
}

ktime_t hrtimer_cb_get_time(const struct hrtimer *timer)
{
	switch (timer->lfshim_clock) {
	case CLOCK_REALTIME:
		return ktime_get_real();
	case CLOCK_BOOTTIME:
		return ktime_get_boottime();
	case CLOCK_TAI:
		return ktime_get_clocktai();
	}
	return ktime_get();
}

void hrtimer_start_range_ns(struct hrtimer *timer, ktime_t tim, u64 delta_ns,
			    const enum hrtimer_mode mode)
{
	unsigned long flags;
	bool first;

	if (WARN_ON(!timer->function))
		return;
	WARN_ONCE(!(mode & HRTIMER_MODE_SOFT) == timer->is_soft,
		  "hrtimer: HRTIMER_MODE_SOFT differs from the setup");
	spin_lock_irqsave(&hrtimer_lock, flags);
	hrtimer_take(timer);
	if (mode & HRTIMER_MODE_REL)
		tim = ktime_add_safe(tim, hrtimer_cb_get_time(timer));
	hrtimer_set_expires_range_ns(timer, tim, delta_ns);
	hrtimer_enqueue(timer);
	first = hrtimer_first() == timer;
	spin_unlock_irqrestore(&hrtimer_lock, flags);
	/* If the thread could not be created before, this tries again. */
	if (lfpriv_service_start(&hrtimer_service) && first)
		lfpriv_service_wake(&hrtimer_service);
}

int hrtimer_try_to_cancel(struct hrtimer *timer)
{
	unsigned long flags;
	int was = -1;

	spin_lock_irqsave(&hrtimer_lock, flags);
	if (hrtimer_running != timer)
		was = hrtimer_take(timer);
	spin_unlock_irqrestore(&hrtimer_lock, flags);
	return was;
}

static int hrtimer_wait(struct hrtimer_waiter *w)
{
	/* As in the kernel, the caller may be in atomic context. */
	if (in_atomic() || lfshim_rcu_depth()) {
		/*
		 * A1: acquire. Pairs with R1 in hrtimer_end_run(). Without it,
		 * the caller may not see the stores of the function.
		 */
		while (!smp_load_acquire(&w->done))
			cpu_relax();
	} else {
		/*
		 * A2: acquire. Pairs with R1 in hrtimer_end_run(). Without it,
		 * the caller may not see the stores of the function.
		 */
		wait_event(run_ended, smp_load_acquire(&w->done));
	}
	return w->was;
}

int hrtimer_cancel(struct hrtimer *timer)
{
	struct hrtimer_waiter w = { .done = false };
	unsigned long flags;
	bool running, own;

	spin_lock_irqsave(&hrtimer_lock, flags);
	running = hrtimer_running == timer;
	own = running && current == hrtimer_service.task;
	if (running && !own) {
		w.next = hrtimer_waiters;
		hrtimer_waiters = &w;
	} else {
		w.was = hrtimer_take(timer);
	}
	spin_unlock_irqrestore(&hrtimer_lock, flags);
	WARN(own, "hrtimer_cancel() from the timer's own function");
	return running && !own ? hrtimer_wait(&w) : w.was;
}

bool hrtimer_active(const struct hrtimer *timer)
{
	unsigned long flags;
	bool active;

	spin_lock_irqsave(&hrtimer_lock, flags);
	active = timer->is_queued || hrtimer_running == timer;
	spin_unlock_irqrestore(&hrtimer_lock, flags);
	return active;
}

u64 hrtimer_forward(struct hrtimer *timer, ktime_t now, ktime_t interval)
{
	ktime_t late = now - timer->node.expires;
	u64 n;

	if (late < 0 || WARN_ON(hrtimer_is_queued(timer)))
		return 0;
	interval = max(interval, (ktime_t)1);
	/* To the first time that is after @now. */
	n = late / interval + 1;
	hrtimer_add_expires_ns(timer, (n - 1) * interval);
	hrtimer_add_expires(timer, interval);
	return n;
}

int schedule_hrtimeout_range(ktime_t *expires, u64 delta,
			     const enum hrtimer_mode mode)
{
	ktime_t deadline;

	if (!expires) {
		schedule();
		return -EINTR;
	}
	if (!*expires) {
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	deadline = mode & HRTIMER_MODE_REL
			   ? ktime_add_safe(*expires, ktime_get())
			   : *expires;
	/* The host refuses a time before that. It is over in any case. */
	deadline = max(deadline, (ktime_t)0);
	lfpriv_sleep(deadline);
	return ktime_get() >= deadline ? 0 : -EINTR;
}

int schedule_hrtimeout(ktime_t *expires, const enum hrtimer_mode mode)
{
	return schedule_hrtimeout_range(expires, 0, mode);
}

static void hrtimer_fork_child(void)
{
	lfpriv_service_fork_child(&hrtimer_service);
	hrtimer_running = NULL;
	hrtimer_waiters = NULL;
	init_waitqueue_head(&run_ended);
}

static void hrtimer_refork(void)
{
	if (hrtimer_first())
		lfpriv_service_start(&hrtimer_service);
}

LFPRIV_AT_FORK(hrtimer_fork) = {
	.level = LFPRIV_FORK_HRTIMER,
	.lock = &hrtimer_lock,
	.child = hrtimer_fork_child,
	.restart = hrtimer_refork,
};

__attribute__((__destructor__(LFPRIV_EXIT_TIMER))) static void hrtimer_exit(void)
{
	lfpriv_service_stop(&hrtimer_service);
}
