// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Work queues: operations on items and on queues; see <linux/workqueue.h>. The
 * lists and the threads are in kernel/worker.c.
 *
 *	state of an item			PENDING	timer	->lfshim_wq
 *	idle					0	-	NULL
 *	T  the timer runs			1	runs	NULL
 *	G  in transit: the thread or the timer
 *	   that owns PENDING is about to add it	1	-	NULL
 *	Q  on a list of a queue			1	-	the queue
 *
 * A run is not a state of the item: the function may free it. A worker has the
 * address and the function of the item that it runs, so an item may be idle, T
 * or Q while it runs. An item that is disabled is idle, or running.
 *
 * PENDING changes as follows. The atomic operation that sets it makes a thread
 * the owner of an idle item. The owner then takes lfpriv_wq_lock to add the
 * item to a queue, or arms the timer, which becomes the owner. Under the lock,
 * a thread may take over from the timer by deleting it, and from a queue by
 * taking the item off the list. The worker clears PENDING just before it calls
 * the function. So a thread that holds the lock and sees an idle item knows
 * that nobody can queue it before the lock is released. A thread that sees
 * state G has to release the lock and try again.
 *
 * cancel_work_sync() disables the item, waits for the run, and enables it.
 */

#include <stdio.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "kernel/init-order.h"
#include "kernel/internal.h"
#include "kernel/worker.h"

static bool work_set_pending(struct work_struct *work)
{
	/*
	 * F2: full barrier. Pairs with F1 in worker_run(). Without it, the bit
	 * may be tested before the caller's stores are visible, and a run
	 * that begins after this may miss it although the item was pending.
	 */
	return !test_and_set_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(work));
}

static void work_clear_pending(struct work_struct *work)
{
	clear_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(work));
}

/* Adding items */

/* Once. The queue may be gone, so the caller has copied its name. */
static __cold void work_report_refused(work_func_t func, const char *name)
{
	struct lfpriv_symbol symbol;

	WARN_ONCE(1, "workqueue: cannot queue %s on wq %s: it is being drained or destroyed",
		  lfpriv_symbol_of_function(&symbol, func), name);
}

/*
 * Add an item whose PENDING bit the caller owns, and release the lock. The
 * item may be gone after that.
 */
static void work_insert_unlock(struct workqueue_struct *wq,
			       struct work_struct *work, unsigned long flags)
{
	char name[LFPRIV_WQ_NAME_LEN];
	work_func_t func = work->func;
	struct lfpriv_symbol symbol;
	bool refused, deprecated;

	refused = !lfpriv_work_insert(wq, work);
	/* The queue may be freed as soon as the lock is released. */
	if (unlikely(refused))
		memcpy(name, wq->name, sizeof(name));
	/* A deprecated queue is a system queue, which is never freed. */
	deprecated = wq->flags & __WQ_DEPRECATED;
	lfpriv_wq_unlock(flags);
	if (unlikely(deprecated) && lfshim_once_())
		pr_warn("workqueue: work func %s is queued on deprecated workqueue %s: use system_percpu_wq or system_dfl_wq\n",
			lfpriv_symbol_of_function(&symbol, func), wq->name);
	if (unlikely(refused))
		work_report_refused(func, name);
}

/* The caller owns the PENDING bit. Returns false if the item is disabled. */
static bool work_insert(struct workqueue_struct *wq, struct work_struct *work)
{
	unsigned long flags;

	spin_lock_irqsave(&lfpriv_wq_lock, flags);
	if (unlikely(work->lfshim_disabled)) {
		work_clear_pending(work);
		spin_unlock_irqrestore(&lfpriv_wq_lock, flags);
		return false;
	}
	work_insert_unlock(wq, work, flags);
	return true;
}

bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return work_set_pending(work) && work_insert(wq, work);
}

void delayed_work_timer_fn(struct timer_list *t)
{
	struct delayed_work *dwork = container_of(t, struct delayed_work, timer);

	/* The timer owned the PENDING bit, and a disabled item has no timer. */
	work_insert(dwork->wq, &dwork->work);
}

/*
 * Arm the timer of an item whose PENDING bit the caller owns, or add the item
 * to the queue. Called with the lock held; releases it.
 */
static void delayed_work_insert_unlock(struct workqueue_struct *wq,
				       struct delayed_work *dwork,
				       unsigned long delay, unsigned long flags)
{
	if (!delay) {
		work_insert_unlock(wq, &dwork->work, flags);
		return;
	}
	dwork->wq = wq;
	/* jiffies must not wrap around: the longest delay is for ever. */
	mod_timer(&dwork->timer,
		  jiffies + min(delay, (unsigned long)MAX_JIFFY_OFFSET));
	spin_unlock_irqrestore(&lfpriv_wq_lock, flags);
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay)
{
	struct work_struct *work = &dwork->work;
	unsigned long flags;

	if (!work_set_pending(work))
		return false;
	spin_lock_irqsave(&lfpriv_wq_lock, flags);
	if (work->lfshim_disabled) {
		work_clear_pending(work);
		spin_unlock_irqrestore(&lfpriv_wq_lock, flags);
		return false;
	}
	delayed_work_insert_unlock(wq, dwork, delay, flags);
	return true;
}

/* Taking items off */

/*
 * Take the lock, and take the item off its queue or its timer. @dwork is NULL
 * for an item without a timer. Returns true if the item was pending: the caller
 * owns the PENDING bit. Otherwise the item is idle until the lock is released.
 * Context: any; waits while the item is in transit.
 */
static bool work_grab_lock(struct work_struct *work, struct delayed_work *dwork,
			   unsigned long *flags)
{
	for (;;) {
		spin_lock_irqsave(&lfpriv_wq_lock, *flags);
		if (work->lfshim_wq) {
			lfpriv_work_remove(work);
			return true;
		}
		if (!work_pending(work))
			return false;
		if (dwork && timer_delete(&dwork->timer))
			return true;
		spin_unlock_irqrestore(&lfpriv_wq_lock, *flags);
		cpu_relax();
	}
}

/* Cancel an item, and add @disable to its disable depth. */
static bool work_cancel(struct work_struct *work, struct delayed_work *dwork,
			unsigned int disable)
{
	unsigned long flags;
	bool was;

	was = work_grab_lock(work, dwork, &flags);
	work->lfshim_disabled += disable;
	if (was)
		work_clear_pending(work);
	lfpriv_wq_unlock(flags);
	return was;
}

bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
		      unsigned long delay)
{
	struct work_struct *work = &dwork->work;
	unsigned long flags;
	bool was;

	/* An idle item may become pending before its bit is set here. */
	while (!(was = work_grab_lock(work, dwork, &flags)) &&
	       !work->lfshim_disabled && !work_set_pending(work))
		spin_unlock_irqrestore(&lfpriv_wq_lock, flags);
	if (work->lfshim_disabled)
		spin_unlock_irqrestore(&lfpriv_wq_lock, flags);
	else
		delayed_work_insert_unlock(wq, dwork, delay, flags);
	return was;
}

bool cancel_work(struct work_struct *work)
{
	return work_cancel(work, NULL, 0);
}

bool cancel_delayed_work(struct delayed_work *dwork)
{
	return work_cancel(&dwork->work, dwork, 0);
}

bool disable_work(struct work_struct *work)
{
	return work_cancel(work, NULL, 1);
}

bool disable_delayed_work(struct delayed_work *dwork)
{
	return work_cancel(&dwork->work, dwork, 1);
}

static bool work_enable(struct work_struct *work, struct delayed_work *dwork)
{
	bool was, enabled, underflow;
	unsigned long flags;

	was = work_grab_lock(work, dwork, &flags);
	underflow = !work->lfshim_disabled;
	if (!underflow)
		work->lfshim_disabled--;
	enabled = !work->lfshim_disabled;
	/* As in the kernel, an item that was not disabled is taken off. */
	if (was)
		work_clear_pending(work);
	lfpriv_wq_unlock(flags);
	WARN_ONCE(underflow, "workqueue: work disable count underflowed");
	return enabled;
}

bool enable_work(struct work_struct *work)
{
	return work_enable(work, NULL);
}

bool enable_delayed_work(struct delayed_work *dwork)
{
	return work_enable(&dwork->work, dwork);
}

/* Waiting */

/*
 * An item of a WQ_MEM_RECLAIM queue must not wait for a queue that has no
 * rescuer: then it makes no progress without memory. Returns true if this
 * thread would, and copies the name of the queue. Called with the lock held.
 */
static bool flush_breaks_reclaim(const struct workqueue_struct *target,
				 char name[LFPRIV_WQ_NAME_LEN])
{
	const struct lfpriv_worker *w = lfpriv_worker_self();

	if (likely(!w) || target->flags & WQ_MEM_RECLAIM ||
	    (w->wq->flags & (WQ_MEM_RECLAIM | __WQ_LEGACY)) != WQ_MEM_RECLAIM)
		return false;
	memcpy(name, target->name, LFPRIV_WQ_NAME_LEN);
	return true;
}

/* Once. @func: of the item that is waited for; NULL for all of the queue. */
static __cold void flush_report_reclaim(const char *name, work_func_t func)
{
	const struct lfpriv_worker *w = lfpriv_worker_self();
	struct lfpriv_symbol from, to;

	if (!lfshim_once_())
		return;
	WARN(1, "workqueue: WQ_MEM_RECLAIM %s:%s is flushing !WQ_MEM_RECLAIM %s:%s",
	     w->wq->name, lfpriv_symbol_of_function(&from, w->func), name,
	     func ? lfpriv_symbol_of_function(&to, func) : "all items");
}

/* Tell lockdep that this thread waits until a lock with this map is free. */
static void flush_touch_map(struct lockdep_map *map, unsigned long ip)
{
	(void)ip;
	lock_acquire(map, 0, 0, 0, 1, NULL, ip);
	lock_release(map, ip);
}

static void flush_touch_work(struct work_struct *work, unsigned long ip)
{
#ifdef CONFIG_LOCKDEP
	if (work->lockdep_map.key)
		flush_touch_map(&work->lockdep_map, ip);
#endif
}

/* True if flush_work() counts as a wait for the whole queue. */
static bool flush_orders_queue(const struct workqueue_struct *wq)
{
	return wq->max_active == 1 || wq->rescuer;
}

/*
 * Wait for the pending queueing, else for the run. Returns false if there is
 * neither. @cancel: for cancel_work_sync(), which has fewer checks. Called with
 * the lock held; releases it.
 */
static bool work_wait_unlock(struct work_struct *work, bool cancel,
			     unsigned long flags, unsigned long ip)
{
	char name[LFPRIV_WQ_NAME_LEN];
	struct workqueue_struct *wq;
	struct lfpriv_barrier barrier;
	struct lfpriv_worker *w;
	/* A copy, because the queue may be freed when the wait is over. */
	struct lockdep_map map;
	bool by_itself, reclaim, whole_queue;

	w = lfpriv_worker_running(work);
	by_itself = w && w == lfpriv_worker_self();
	wq = work->lfshim_wq ? work->lfshim_wq : w ? w->wq : NULL;
	if (!wq || by_itself) {
		lfpriv_wq_unlock(flags);
		WARN(by_itself, "a work item waits for itself: it %s itself",
		     cancel ? "cancels" : "flushes");
		return false;
	}
	lfpriv_barrier_add(&barrier, work, work->lfshim_wq ? NULL : w);
	reclaim = !cancel && flush_breaks_reclaim(wq, name);
	whole_queue = !cancel && flush_orders_queue(wq);
	map = *wq->lockdep_map;
	lfpriv_wq_unlock(flags);
	if (unlikely(reclaim))
		flush_report_reclaim(name, work->func);
	flush_touch_work(work, ip);
	if (whole_queue)
		flush_touch_map(&map, ip);
	wait_for_completion(&barrier.done);
	return true;
}

static bool work_wait(struct work_struct *work, bool cancel, unsigned long ip)
{
	unsigned long flags;

	if (WARN_ON(!work->func))
		return false;
	spin_lock_irqsave(&lfpriv_wq_lock, flags);
	return work_wait_unlock(work, cancel, flags, ip);
}

bool flush_work(struct work_struct *work)
{
	might_sleep();
	return work_wait(work, false, _RET_IP_);
}

/* Queueing and the begin of the wait are one step: the run is not missed. */
bool flush_delayed_work(struct delayed_work *dwork)
{
	struct work_struct *work = &dwork->work;
	char name[LFPRIV_WQ_NAME_LEN];
	unsigned long flags;

	might_sleep();
	if (WARN_ON(!work->func))
		return false;
	for (;;) {
		spin_lock_irqsave(&lfpriv_wq_lock, flags);
		if (work->lfshim_wq || !work_pending(work))
			break;
		if (timer_delete(&dwork->timer)) {
			if (lfpriv_work_insert(dwork->wq, work))
				break;
			memcpy(name, dwork->wq->name, sizeof(name));
			lfpriv_wq_unlock(flags);
			work_report_refused(work->func, name);
			return work_wait(work, false, _RET_IP_);
		}
		spin_unlock_irqrestore(&lfpriv_wq_lock, flags);
		cpu_relax();
	}
	return work_wait_unlock(work, false, flags, _RET_IP_);
}

/* Cancel, wait for the run, and add @disable to the disable depth. */
static bool work_cancel_sync(struct work_struct *work,
			     struct delayed_work *dwork, unsigned int disable,
			     unsigned long ip)
{
	unsigned long flags;
	bool was;

	/* Nobody can queue the item while this thread waits. */
	was = work_cancel(work, dwork, 1);
	work_wait(work, true, ip);
	if (disable)
		return was;
	spin_lock_irqsave(&lfpriv_wq_lock, flags);
	work->lfshim_disabled--;
	spin_unlock_irqrestore(&lfpriv_wq_lock, flags);
	return was;
}

bool cancel_work_sync(struct work_struct *work)
{
	might_sleep();
	return work_cancel_sync(work, NULL, 0, _RET_IP_);
}

bool cancel_delayed_work_sync(struct delayed_work *dwork)
{
	might_sleep();
	return work_cancel_sync(&dwork->work, dwork, 0, _RET_IP_);
}

bool disable_work_sync(struct work_struct *work)
{
	might_sleep();
	return work_cancel_sync(work, NULL, 1, _RET_IP_);
}

bool disable_delayed_work_sync(struct delayed_work *dwork)
{
	might_sleep();
	return work_cancel_sync(&dwork->work, dwork, 1, _RET_IP_);
}

unsigned int work_busy(struct work_struct *work)
{
	unsigned int busy = 0;
	unsigned long flags;

	spin_lock_irqsave(&lfpriv_wq_lock, flags);
	if (work_pending(work))
		busy |= WORK_BUSY_PENDING;
	if (lfpriv_worker_running(work))
		busy |= WORK_BUSY_RUNNING;
	spin_unlock_irqrestore(&lfpriv_wq_lock, flags);
	return busy;
}

struct work_struct *current_work(void)
{
	struct lfpriv_worker *w = lfpriv_worker_self();

	return w ? w->work : NULL;
}

/* rcu_work: the RCU callback owns the PENDING bit during the grace period. */

static void rcu_work_fn(struct rcu_head *head)
{
	struct rcu_work *rwork = container_of(head, struct rcu_work, rcu);

	work_insert(rwork->wq, &rwork->work);
}

bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork)
{
	WARN_ON_ONCE(READ_ONCE(rwork->work.lfshim_disabled));
	if (!work_set_pending(&rwork->work))
		return false;
	rwork->wq = wq;
	call_rcu(&rwork->rcu, rcu_work_fn);
	return true;
}

bool flush_rcu_work(struct rcu_work *rwork)
{
	might_sleep();
	if (!work_pending(&rwork->work))
		return work_wait(&rwork->work, false, _RET_IP_);
	rcu_barrier();
	work_wait(&rwork->work, false, _RET_IP_);
	return true;
}

/* Queues */

static int wq_clamp_max_active(const struct workqueue_struct *wq, int max_active)
{
	int clamped;

	if (!max_active)
		return WQ_DFL_ACTIVE;
	clamped = clamp(max_active, 1, WQ_MAX_ACTIVE);
	if (clamped != max_active)
		pr_warn("workqueue: max_active %d requested for %s is out of range, clamping between 1 and %d\n",
			max_active, wq->name, WQ_MAX_ACTIVE);
	return clamped;
}

static void wq_set_flags(struct workqueue_struct *wq, unsigned int flags)
{
	/* Before 7.0, 0 means WQ_PERCPU. */
	WARN_ONCE(LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0) &&
			  !(flags & (WQ_PERCPU | WQ_UNBOUND)),
		  "workqueue: %s is using neither WQ_PERCPU or WQ_UNBOUND. Setting WQ_PERCPU.",
		  wq->name);
	WARN_ONCE((flags & WQ_PERCPU) && (flags & WQ_UNBOUND),
		  "workqueue: %s is using both WQ_PERCPU and WQ_UNBOUND. Removing WQ_PERCPU.",
		  wq->name);
	if (flags & WQ_UNBOUND)
		flags &= ~WQ_PERCPU;
	else
		flags |= WQ_PERCPU;
	wq->flags = flags;
}

static void wq_init_map(struct workqueue_struct *wq)
{
	wq->lockdep_map = &wq->own_map;
	snprintf(wq->map_name, sizeof(wq->map_name), "(wq_completion)%s",
		 wq->name);
	lockdep_init_map(&wq->own_map, wq->map_name, NULL, 0);
#ifdef CONFIG_LOCKDEP
	/* Copies of the map are of the same class. */
	wq->own_map.key = (struct lock_class_key *)&wq->own_map;
#endif
}

static struct workqueue_struct *wq_alloc(const char *fmt, unsigned int flags,
					 int max_active,
					 struct lockdep_map *map, va_list args)
{
	struct workqueue_struct *wq;

	might_sleep();
	if (flags & WQ_BH &&
	    (WARN_ON_ONCE(flags & ~(WQ_BH | WQ_HIGHPRI | WQ_PERCPU)) ||
	     WARN_ON_ONCE(max_active)))
		return NULL;
	wq = kzalloc_obj(*wq);
	if (!wq)
		return NULL;
	if (vsnprintf(wq->name, sizeof(wq->name), fmt, args) >=
		    (int)sizeof(wq->name) && lfshim_once_())
		pr_warn("workqueue: name is too long. Truncating to: %s\n",
			wq->name);
	wq_set_flags(wq, flags);
	wq->max_active = wq_clamp_max_active(wq, max_active);
	wq_init_map(wq);
	if (map)
		wq->lockdep_map = map;
	lfpriv_wq_init(wq);
	if (!lfpriv_wq_start(wq)) {
		lfpriv_wq_stop(wq);
		kfree(wq);
		return NULL;
	}
	return wq;
}

struct workqueue_struct *lfshim_alloc_workqueue(const char *fmt,
						unsigned int flags,
						int max_active, ...)
{
	struct workqueue_struct *wq;
	va_list args;

	va_start(args, max_active);
	wq = wq_alloc(fmt, flags, max_active, NULL, args);
	va_end(args);
	return wq;
}

#ifdef CONFIG_LOCKDEP
struct workqueue_struct *lfshim_alloc_workqueue_map(const char *fmt,
						    unsigned int flags,
						    int max_active,
						    struct lockdep_map *map,
						    ...)
{
	struct workqueue_struct *wq;
	va_list args;

	va_start(args, map);
	wq = wq_alloc(fmt, flags, max_active, map, args);
	va_end(args);
	return wq;
}
#endif

void workqueue_set_max_active(struct workqueue_struct *wq, int max_active)
{
	unsigned long flags;

	if (WARN_ON(wq->flags & __WQ_ORDERED))
		return;
	max_active = wq_clamp_max_active(wq, max_active);
	spin_lock_irqsave(&lfpriv_wq_lock, flags);
	wq->max_active = max_active;
	lfpriv_wq_activate(wq);
	lfpriv_wq_unlock(flags);
}

/* True and a warning if the caller is an item of the queue. */
static bool wq_waits_for_itself(const struct workqueue_struct *wq)
{
	const struct lfpriv_worker *w = lfpriv_worker_self();

	return WARN(w && w->wq == wq,
		    "a work item waits for itself: it waits for its queue %s",
		    wq->name);
}

static void wq_flush(struct workqueue_struct *wq, unsigned long ip)
{
	char name[LFPRIV_WQ_NAME_LEN];
	struct lfpriv_flusher flusher;
	bool reclaim, wait;

	flush_touch_map(wq->lockdep_map, ip);
	init_completion(&flusher.done);
	spin_lock_irq(&lfpriv_wq_lock);
	reclaim = flush_breaks_reclaim(wq, name);
	flusher.left = wq->nr_in_flight;
	flusher.until = wq->number++;
	wait = flusher.left;
	if (wait)
		list_add_tail(&flusher.node, &wq->flushers);
	spin_unlock_irq(&lfpriv_wq_lock);
	if (unlikely(reclaim))
		flush_report_reclaim(name, NULL);
	if (wait)
		wait_for_completion(&flusher.done);
}

void __flush_workqueue(struct workqueue_struct *wq)
{
	might_sleep();
	if (!wq_waits_for_itself(wq))
		wq_flush(wq, _RET_IP_);
}

static bool wq_is_empty(struct workqueue_struct *wq)
{
	bool empty;

	spin_lock_irq(&lfpriv_wq_lock);
	empty = !wq->nr_in_flight;
	spin_unlock_irq(&lfpriv_wq_lock);
	return empty;
}

static void wq_drain(struct workqueue_struct *wq, unsigned long ip)
{
	unsigned int tries = 0;

	spin_lock_irq(&lfpriv_wq_lock);
	if (!wq->nr_drainers++)
		wq->flags |= __WQ_DRAINING;
	spin_unlock_irq(&lfpriv_wq_lock);
	for (;;) {
		wq_flush(wq, ip);
		if (wq_is_empty(wq))
			break;
		if (++tries == 10 || (tries % 100 == 0 && tries <= 1000))
			pr_warn("workqueue %s: drain_workqueue() isn't complete after %u tries\n",
				wq->name, tries);
	}
	spin_lock_irq(&lfpriv_wq_lock);
	if (!--wq->nr_drainers)
		wq->flags &= ~__WQ_DRAINING;
	spin_unlock_irq(&lfpriv_wq_lock);
}

void drain_workqueue(struct workqueue_struct *wq)
{
	might_sleep();
	if (!wq_waits_for_itself(wq))
		wq_drain(wq, _RET_IP_);
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	might_sleep();
	if (!wq || wq_waits_for_itself(wq))
		return;
	spin_lock_irq(&lfpriv_wq_lock);
	wq->flags |= __WQ_DESTROYING;
	spin_unlock_irq(&lfpriv_wq_lock);
	wq_drain(wq, _RET_IP_);
	lfpriv_wq_stop(wq);
	if (!WARN(!wq_is_empty(wq), "workqueue %s is busy: it leaks", wq->name))
		kfree(wq);
}

/* The system queues */

#define SYSTEM_WQ(nr, _name, _flags)					\
	[nr] = {							\
		.name = _name,						\
		.flags = _flags,					\
		.max_active = (_flags) & WQ_UNBOUND ? WQ_MAX_ACTIVE :	\
						      WQ_DFL_ACTIVE,	\
	}

static struct workqueue_struct system_wqs[LFSHIM_NR_SYSTEM_WQ] = {
	SYSTEM_WQ(LFSHIM_WQ_SYSTEM, "events", WQ_PERCPU | __WQ_DEPRECATED),
	SYSTEM_WQ(LFSHIM_WQ_PERCPU, "events", WQ_PERCPU),
	SYSTEM_WQ(LFSHIM_WQ_HIGHPRI, "events_highpri",
		  WQ_HIGHPRI | WQ_PERCPU),
	SYSTEM_WQ(LFSHIM_WQ_LONG, "events_long", WQ_PERCPU),
	SYSTEM_WQ(LFSHIM_WQ_UNBOUND, "events_unbound",
		  WQ_UNBOUND | __WQ_DEPRECATED),
	SYSTEM_WQ(LFSHIM_WQ_DFL, "events_dfl", WQ_UNBOUND),
	SYSTEM_WQ(LFSHIM_WQ_DFL_LONG, "events_dfl_long", WQ_UNBOUND),
	SYSTEM_WQ(LFSHIM_WQ_FREEZABLE, "events_freezable",
		  WQ_FREEZABLE | WQ_PERCPU),
	SYSTEM_WQ(LFSHIM_WQ_POWER_EFFICIENT, "events_power_efficient",
		  WQ_POWER_EFFICIENT | WQ_PERCPU),
	SYSTEM_WQ(LFSHIM_WQ_FREEZABLE_POWER_EFFICIENT,
		  "events_freezable_pwr_efficient",
		  WQ_FREEZABLE | WQ_POWER_EFFICIENT | WQ_PERCPU),
	SYSTEM_WQ(LFSHIM_WQ_BH, "events_bh", WQ_BH | WQ_PERCPU),
	SYSTEM_WQ(LFSHIM_WQ_BH_HIGHPRI, "events_bh_highpri",
		  WQ_BH | WQ_HIGHPRI | WQ_PERCPU),
};

struct workqueue_struct *lfshim_system_queue(enum lfshim_system_wq nr)
{
	return &system_wqs[nr];
}

bool queue_work_on(int cpu, struct workqueue_struct *wq,
		   struct work_struct *work)
{
	return queue_work(wq, work);
}

bool queue_work_node(int node, struct workqueue_struct *wq,
		     struct work_struct *work)
{
	WARN_ON_ONCE(!(wq->flags & WQ_UNBOUND));
	return queue_work(wq, work);
}

bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq,
			   struct delayed_work *dwork, unsigned long delay)
{
	return queue_delayed_work(wq, dwork, delay);
}

bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq,
			 struct delayed_work *dwork, unsigned long delay)
{
	return mod_delayed_work(wq, dwork, delay);
}

/* The variables of these names. The macros have the same values. */
#define SYSTEM_QUEUE(nr)	(&system_wqs[LFSHIM_WQ_##nr])
#undef system_wq
#undef system_percpu_wq
#undef system_highpri_wq
#undef system_long_wq
#undef system_unbound_wq
#undef system_dfl_wq
#undef system_dfl_long_wq
#undef system_freezable_wq
#undef system_power_efficient_wq
#undef system_freezable_power_efficient_wq
#undef system_bh_wq
#undef system_bh_highpri_wq
struct workqueue_struct *system_wq = SYSTEM_QUEUE(SYSTEM);
struct workqueue_struct *system_percpu_wq = SYSTEM_QUEUE(PERCPU);
struct workqueue_struct *system_highpri_wq = SYSTEM_QUEUE(HIGHPRI);
struct workqueue_struct *system_long_wq = SYSTEM_QUEUE(LONG);
struct workqueue_struct *system_unbound_wq = SYSTEM_QUEUE(UNBOUND);
struct workqueue_struct *system_dfl_wq = SYSTEM_QUEUE(DFL);
struct workqueue_struct *system_dfl_long_wq = SYSTEM_QUEUE(DFL_LONG);
struct workqueue_struct *system_freezable_wq = SYSTEM_QUEUE(FREEZABLE);
struct workqueue_struct *system_power_efficient_wq = SYSTEM_QUEUE(POWER_EFFICIENT);
struct workqueue_struct *system_freezable_power_efficient_wq =
	SYSTEM_QUEUE(FREEZABLE_POWER_EFFICIENT);
struct workqueue_struct *system_bh_wq = SYSTEM_QUEUE(BH);
struct workqueue_struct *system_bh_highpri_wq = SYSTEM_QUEUE(BH_HIGHPRI);

/* For the check of the macro flush_workqueue() at compile time. */
void lfshim_warn_flushing_systemwide_wq(void)
{
}

/* Before the constructors of the program, which may use the queues. */
__attribute__((__constructor__(LFPRIV_INIT_TABLES)))
static void wq_init_system(void)
{
	struct workqueue_struct *wq;
	int i;

	for (i = 0; i < LFSHIM_NR_SYSTEM_WQ; i++) {
		wq = &system_wqs[i];
		wq_init_map(wq);
		lfpriv_wq_init(wq);
	}
}
