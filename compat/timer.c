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
#include <linux/smp.h>
#include <linux/wait.h>

#include "kernel/fork.h"
#include "kernel/internal.h"
#include "kernel/service.h"

static int timer_thread(void *unused);
static struct lfpriv_service timer_service = {
	.name = "lfshim-timer",
	.fn = timer_thread,
};

/* A thread that waits until the function which is running has returned. */
struct timer_waiter {
	/* Also shut the timer down. */
	bool shutdown;
	/* The timer was taken off; ->was says whether it was pending. */
	bool done;
	int was;
	struct timer_waiter *next;
};

/*
 * Protects the heap, ->lfshim_pending, ->lfshim_due, ->function and ->expires
 * of pending timers, and the following two. The lock of run_ended does not nest
 * inside it.
 */
static DEFINE_SPINLOCK(timer_lock);
static struct timer_list *timer_heap;
/* The timer whose function is running, or NULL. */
static struct timer_list *timer_running;
/* The threads that wait for timer_running. */
static struct timer_waiter *timer_waiters;
/* They sleep here. */
static DECLARE_WAIT_QUEUE_HEAD(run_ended);

/* The time at which jiffies is after @due. */
static s64 due_to_clock(u64 due)
{
	u64 ticks = due + 1 - INITIAL_JIFFIES;

	return ticks < LFHOST_FOREVER / TICK_NSEC ? ticks * TICK_NSEC
						  : LFHOST_FOREVER;
}

static struct timer_list *heap_meld(struct timer_list *a, struct timer_list *b)
{
	if (!a)
		return b;
	if (!b)
		return a;
	if (b->lfshim_due < a->lfshim_due)
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

/* Take a timer off the heap. Called with the lock held. */
static int timer_take(struct timer_list *timer, bool shutdown)
{
	int was = timer->lfshim_pending;

	if (was)
		heap_remove(timer);
	if (shutdown)
		timer->function = NULL;
	return was;
}

#ifdef CONFIG_LOCKDEP
/* A copy, because the function may free its timer. */
#define timer_map_copy(map, timer) \
	struct lockdep_map map = (timer)->lockdep_map
#define timer_map_acquire(map, ip)					\
	do {								\
		if ((map)->key)						\
			lock_acquire(map, 0, 0, 0, 1, NULL, ip);	\
	} while (0)
#define timer_map_release(map, ip)					\
	do {								\
		if ((map)->key)						\
			lock_release(map, ip);				\
	} while (0)
/* Waiting for the function means waiting for all locks that it takes. */
#define timer_map_touch(timer, ip)					\
	do {								\
		timer_map_acquire(&(timer)->lockdep_map, ip);		\
		timer_map_release(&(timer)->lockdep_map, ip);		\
	} while (0)
#else
#define timer_map_copy(map, timer)	((void)0)
#define timer_map_acquire(map, ip)	((void)0)
#define timer_map_release(map, ip)	((void)0)
#define timer_map_touch(timer, ip)	((void)0)
#endif

/* Report that a function has leaked a preempt count, and restore the count. */
static __cold void timer_preempt_leak(void (*func)(struct timer_list *),
				      unsigned int before)
{
#if LFSHIM_CHECKS
	struct lfpriv_symbol symbol;

	WARN_ONCE(1, "timer: %s preempt leak: %08x -> %08x",
		  lfpriv_symbol_of(&symbol, (unsigned long)func), before,
		  lfshim_tls.preempt_depth);
	lfshim_tls.preempt_off = 0;
#else
	WARN_ONCE(1, "timer: %p preempt leak: %08x -> %08x", func, before,
		  lfshim_tls.preempt_depth);
#endif
	lfshim_tls.preempt_depth = before;
}

/* The function may start the timer again, or free it. */
static void timer_call(struct timer_list *timer,
		       void (*func)(struct timer_list *))
{
	unsigned int depth = lfshim_tls.preempt_depth;

	timer_map_copy(map, timer);

	lfshim_tls.softirq_depth++;
	timer_map_acquire(&map, (unsigned long)func);
	func(timer);
	timer_map_release(&map, (unsigned long)func);
	lfshim_tls.softirq_depth--;
	if (unlikely(lfshim_tls.preempt_depth != depth))
		timer_preempt_leak(func, depth);
}

/*
 * The function of @timer has returned: take the timer off for the threads that
 * wait for that. Only they promise that the timer still exists. Called with the
 * lock held.
 */
static void timer_end_run(struct timer_list *timer)
{
	struct timer_waiter *w = timer_waiters, *next;

	timer_running = NULL;
	timer_waiters = NULL;
	for (; w; w = next) {
		next = w->next;
		w->was = timer_take(timer, w->shutdown);
		/*
		 * R1: release. Pairs with A1 in timer_wait() and A2 in
		 * timer_wait(). Without it, the waiter may not see the stores
		 * of the function, or read an old ->was.
		 */
		smp_store_release(&w->done, true);
	}
}

/*
 * Run the first timer if it is due. Called with the lock held; releases it
 * while the function runs. Returns true if a function was called.
 */
static bool timer_run_first(void)
{
	struct timer_list *t = timer_heap;
	void (*func)(struct timer_list *);
	bool irqsafe, waited;

	if (!t || t->lfshim_due >= lfshim_jiffies_64())
		return false;
	heap_remove(t);
	func = t->function;
	irqsafe = t->flags & TIMER_IRQSAFE;
	timer_running = t;
	spin_unlock_irq(&timer_lock);
	lfpriv_interrupt_begins(true);
	if (irqsafe)
		local_irq_disable();
	timer_call(t, func);
	if (irqsafe)
		local_irq_enable();
	lfpriv_interrupt_ended();
	spin_lock_irq(&timer_lock);
	waited = timer_waiters;
	timer_end_run(t);
	if (!waited)
		return true;
	spin_unlock_irq(&timer_lock);
	wake_up_all(&run_ended);
	spin_lock_irq(&timer_lock);
	return true;
}

static int timer_thread(void *unused)
{
	s64 deadline;

	while (!kthread_should_stop()) {
		spin_lock_irq(&timer_lock);
		while (timer_run_first())
			;
		deadline = timer_heap ? due_to_clock(timer_heap->lfshim_due)
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

enum timer_how { TIMER_MOD_ANY, TIMER_MOD_PENDING, TIMER_MOD_EARLIER };

static bool timer_mod_changes(const struct timer_list *timer,
			      unsigned long expires, enum timer_how how)
{
	if (!timer->function)
		return false;
	if (!timer->lfshim_pending)
		return how != TIMER_MOD_PENDING;
	if (how == TIMER_MOD_EARLIER)
		return time_before(expires, timer->expires);
	return expires != timer->expires;
}

static int timer_mod(struct timer_list *timer, unsigned long expires,
		     enum timer_how how)
{
	u64 now = lfshim_jiffies_64();
	long delta = expires - (unsigned long)now;
	unsigned long flags;
	bool first;
	int was;

	spin_lock_irqsave(&timer_lock, flags);
	was = timer->lfshim_pending;
	if (!timer_mod_changes(timer, expires, how)) {
		spin_unlock_irqrestore(&timer_lock, flags);
		return was;
	}
	if (was)
		heap_remove(timer);
	timer->expires = expires;
	/* Not before the next tick, so that it runs once in a jiffy at most. */
	timer->lfshim_due = now + max(delta, 0l);
	heap_insert(timer);
	first = timer_heap == timer;
	spin_unlock_irqrestore(&timer_lock, flags);
	/* If the thread could not be created before, this tries again. */
	if (lfpriv_service_start(&timer_service) && first)
		lfpriv_service_wake(&timer_service);
	return was;
}

int mod_timer(struct timer_list *timer, unsigned long expires)
{
	return timer_mod(timer, expires, TIMER_MOD_ANY);
}

int mod_timer_pending(struct timer_list *timer, unsigned long expires)
{
	return timer_mod(timer, expires, TIMER_MOD_PENDING);
}

int timer_reduce(struct timer_list *timer, unsigned long expires)
{
	return timer_mod(timer, expires, TIMER_MOD_EARLIER);
}

void add_timer(struct timer_list *timer)
{
	if (WARN_ON(timer_pending(timer)))
		return;
	mod_timer(timer, timer->expires);
}

void add_timer_local(struct timer_list *timer)
{
	add_timer(timer);
}

void add_timer_global(struct timer_list *timer)
{
	add_timer(timer);
}

void add_timer_on(struct timer_list *timer, int cpu)
{
	add_timer(timer);
}

static int timer_delete_now(struct timer_list *timer, bool shutdown)
{
	unsigned long flags;
	int was;

	spin_lock_irqsave(&timer_lock, flags);
	was = timer_take(timer, shutdown);
	spin_unlock_irqrestore(&timer_lock, flags);
	return was;
}

int timer_delete(struct timer_list *timer)
{
	return timer_delete_now(timer, false);
}

int timer_shutdown(struct timer_list *timer)
{
	return timer_delete_now(timer, true);
}

int timer_delete_sync_try(struct timer_list *timer)
{
	unsigned long flags;
	int was = -1;

	spin_lock_irqsave(&timer_lock, flags);
	if (timer_running != timer)
		was = timer_take(timer, false);
	spin_unlock_irqrestore(&timer_lock, flags);
	return was;
}

static int timer_wait(struct timer_waiter *w)
{
	/* As in the kernel, the caller may be in atomic context. */
	if (in_atomic() || lfshim_rcu_depth()) {
		/*
		 * A1: acquire. Pairs with R1 in timer_end_run(). Without it,
		 * the caller may not see the stores of the function.
		 */
		while (!smp_load_acquire(&w->done))
			cpu_relax();
	} else {
		/*
		 * A2: acquire. Pairs with R1 in timer_end_run(). Without it,
		 * the caller may not see the stores of the function.
		 */
		wait_event(run_ended, smp_load_acquire(&w->done));
	}
	return w->was;
}

/* "Not running" and "take it off" are one step, under the lock. */
static int timer_delete_wait(struct timer_list *timer, bool shutdown,
			     unsigned long ip)
{
	struct timer_waiter w = { .shutdown = shutdown };
	unsigned long flags;
	bool running, own;

	WARN(in_hardirq() && !(timer->flags & TIMER_IRQSAFE),
	     "waiting in hard interrupt context for a timer without TIMER_IRQSAFE");
	spin_lock_irqsave(&timer_lock, flags);
	running = timer_running == timer;
	own = running && current == timer_service.task;
	if (running && !own) {
		w.next = timer_waiters;
		timer_waiters = &w;
	} else {
		w.was = timer_take(timer, shutdown);
	}
	spin_unlock_irqrestore(&timer_lock, flags);
	if (!WARN(own, "timer_delete_sync() from the timer's own function"))
		timer_map_touch(timer, ip);
	return running && !own ? timer_wait(&w) : w.was;
}

int timer_delete_sync(struct timer_list *timer)
{
	return timer_delete_wait(timer, false, _RET_IP_);
}

int timer_shutdown_sync(struct timer_list *timer)
{
	return timer_delete_wait(timer, true, _RET_IP_);
}

int timer_pending(const struct timer_list *timer)
{
	return READ_ONCE(timer->lfshim_pending);
}

void timer_init_key(struct timer_list *timer,
		    void (*func)(struct timer_list *timer), unsigned int flags,
		    const char *name, struct lock_class_key *key)
{
	lfshim_timer_setup(timer, func, flags);
	lockdep_init_map(&timer->lockdep_map, name, key, 0);
}

void timer_destroy_on_stack(struct timer_list *timer)
{
	WARN(timer_pending(timer), "timer on the stack is still pending");
}

static unsigned long timer_round(unsigned long j, int cpu, bool up)
{
	/* CPU n has its whole second 3n jiffies later than CPU 0. */
	unsigned long skew = 3ul * cpu, rest = (j + skew) % HZ, rounded;

	rounded = j - rest;
	if (up || rest >= HZ / 4)
		rounded += HZ;
	return time_is_after_jiffies(rounded) ? rounded : j;
}

unsigned long round_jiffies(unsigned long j)
{
	return timer_round(j, raw_smp_processor_id(), false);
}

unsigned long round_jiffies_up(unsigned long j)
{
	return timer_round(j, raw_smp_processor_id(), true);
}

unsigned long __round_jiffies_relative(unsigned long j, int cpu)
{
	unsigned long now = jiffies;

	return timer_round(j + now, cpu, false) - now;
}

unsigned long __round_jiffies_up_relative(unsigned long j, int cpu)
{
	unsigned long now = jiffies;

	return timer_round(j + now, cpu, true) - now;
}

unsigned long round_jiffies_relative(unsigned long j)
{
	return __round_jiffies_relative(j, raw_smp_processor_id());
}

unsigned long round_jiffies_up_relative(unsigned long j)
{
	return __round_jiffies_up_relative(j, raw_smp_processor_id());
}

static void timer_fork_child(void)
{
	lfpriv_service_fork_child(&timer_service);
	timer_running = NULL;
	timer_waiters = NULL;
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
