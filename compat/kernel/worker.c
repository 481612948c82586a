// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The lists and the threads of work queues; see worker.h.
 *
 * All queues share the workers of a pool. A worker takes an item only if
 * another worker of the pool is idle, so that the next item does not have to
 * wait. If none is idle, it becomes the manager: it creates one, and tries
 * again until it can, or until another worker has become idle. So at least two
 * workers are needed; alloc_workqueue() fails without them. While the manager
 * cannot create a worker, the rescuers of the WQ_MEM_RECLAIM queues run the
 * items of their queues.
 *
 * An item that is queued again while it runs is handed to the worker that runs
 * it. It keeps its slot, so an ordered queue waits for it.
 */

#include <linux/kthread.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "kernel/fork.h"
#include "kernel/init-order.h"
#include "kernel/internal.h"
#include "kernel/service.h"
#include "kernel/worker.h"

/* An idle worker exits after this time if there are more than MIN_WORKERS. */
#define IDLE_TIMEOUT	(2 * HZ)
#define MIN_WORKERS	2
/* Between two tries to create a worker; then the rescuers are called, too. */
#define RETRY_MS	10

struct lfpriv_pool {
	const char *name;
	/* Items that may run, in order. */
	struct list_head worklist;
	/* The worker that became idle last is the first. */
	struct list_head idle;
	/* All that exist or are being created. */
	unsigned int nr_workers;
	unsigned int nr_idle;
	/* Some worker is the manager. */
	bool managed;
};

#define POOL_INIT(nr, _name) {						\
	.name = _name,							\
	.worklist = LIST_HEAD_INIT(pools[nr].worklist),			\
	.idle = LIST_HEAD_INIT(pools[nr].idle),				\
	}

/* The second one is for WQ_HIGHPRI. */
static struct lfpriv_pool pools[2] = {
	POOL_INIT(0, "lfshim-wq"),
	POOL_INIT(1, "lfshim-wq-hi"),
};

/*
 * The lock of timers, and the locks of the completions in barriers and
 * flushers, nest inside it.
 */
DEFINE_SPINLOCK(lfpriv_wq_lock);
/* All workers, those that run an item, and all queues. */
static LIST_HEAD(workers);
static LIST_HEAD(busy_workers);
static LIST_HEAD(queues);
/* Barriers for queueings that have not started. */
static LIST_HEAD(waiting_barriers);

static void pool_retry_fn(struct timer_list *t);
static DEFINE_TIMER(pool_retry, pool_retry_fn);

/* Lists and slots. All of this is called with the lock held. */

/* The worker leaves the idle list itself; until then, it is woken again. */
static void pool_kick(struct lfpriv_pool *pool)
{
	struct lfpriv_worker *w;

	if (list_empty(&pool->worklist) || list_empty(&pool->idle))
		return;
	w = list_first_entry(&pool->idle, struct lfpriv_worker, link);
	wake_up_process(w->task);
}

void lfpriv_wq_activate(struct workqueue_struct *wq)
{
	struct work_struct *work;

	while (wq->nr_active < wq->max_active && !list_empty(&wq->inactive)) {
		work = list_first_entry(&wq->inactive, struct work_struct,
					entry);
		work->lfshim_active = true;
		wq->nr_active++;
		list_move_tail(&work->entry, &wq->pool->worklist);
		pool_kick(wq->pool);
	}
}

/* A queueing ends: its run is over, or it was removed. */
static void queueing_end(struct workqueue_struct *wq, u64 number, bool active)
{
	struct lfpriv_flusher *f, *next;

	wq->nr_in_flight--;
	if (active) {
		wq->nr_active--;
		lfpriv_wq_activate(wq);
	}
	list_for_each_entry_safe(f, next, &wq->flushers, node) {
		if (number > f->until || --f->left)
			continue;
		list_del(&f->node);
		complete(&f->done);
	}
}

static void barriers_complete(struct list_head *barriers)
{
	struct lfpriv_barrier *b;

	while (!list_empty(barriers)) {
		b = list_first_entry(barriers, struct lfpriv_barrier, node);
		list_del(&b->node);
		complete(&b->done);
	}
}

/* Move the barriers for the pending queueing of @work to @to. */
static void barriers_take(const struct work_struct *work, struct list_head *to)
{
	struct lfpriv_barrier *b, *next;

	list_for_each_entry_safe(b, next, &waiting_barriers, node)
		if (b->work == work)
			list_move_tail(&b->node, to);
}

void lfpriv_barrier_add(struct lfpriv_barrier *b, const struct work_struct *work,
			struct lfpriv_worker *w)
{
	b->work = work;
	init_completion(&b->done);
	list_add_tail(&b->node, w ? &w->barriers : &waiting_barriers);
}

struct lfpriv_worker *lfpriv_worker_running(const struct work_struct *work)
{
	struct lfpriv_worker *w;

	list_for_each_entry(w, &busy_workers, link)
		if (w->work == work && w->func == work->func)
			return w;
	return NULL;
}

bool lfpriv_work_insert(struct workqueue_struct *wq, struct work_struct *work)
{
	struct lfpriv_worker *w = lfpriv_worker_self();

	if (unlikely(wq->flags & (__WQ_DRAINING | __WQ_DESTROYING)) &&
	    !(w && w->wq == wq)) {
		clear_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(work));
		return false;
	}
	work->lfshim_wq = wq;
	work->lfshim_number = wq->number;
	work->lfshim_active = false;
	wq->nr_in_flight++;
	list_add_tail(&work->entry, &wq->inactive);
	lfpriv_wq_activate(wq);
	return true;
}

void lfpriv_work_remove(struct work_struct *work)
{
	struct workqueue_struct *wq = work->lfshim_wq;
	LIST_HEAD(barriers);

	list_del_init(&work->entry);
	work->lfshim_wq = NULL;
	barriers_take(work, &barriers);
	barriers_complete(&barriers);
	queueing_end(wq, work->lfshim_number, work->lfshim_active);
}

/* Runs */

struct lfpriv_worker *lfpriv_worker_self(void)
{
	struct lfpriv_worker *w = lfshim_tls.worker;

	/* An interrupt that runs on the thread is no item. */
	return w && w->work && !in_hardirq() ? w : NULL;
}

static struct lockdep_map worker_map(const struct work_struct *work)
{
#ifdef CONFIG_LOCKDEP
	struct lockdep_map map = work->lockdep_map;

	/* An item that was not initialised has the class of its function. */
	if (!map.key) {
		map.key = (struct lock_class_key *)work->func;
		map.name = "(work_completion)";
	}
	return map;
#else
	return (struct lockdep_map){ 0 };
#endif
}

static unsigned int worker_nr_held(void)
{
#if LFSHIM_CHECKS
	return current->held.nr + current->held.lost;
#else
	return 0;
#endif
}

/*
 * The function has returned in another context than it was called in. Report
 * that and restore the context for the next item. A mutex stays locked.
 */
static __cold void worker_report_leak(work_func_t func, unsigned int nr_held)
{
	struct lfpriv_symbol symbol;

	WARN(1, "BUG: workqueue leaked atomic, lock or RCU: %s (preempt %u irq %u locks %u->%u rcu %u)",
	     lfpriv_symbol_of_function(&symbol, func), preempt_count(),
	     irqs_disabled(), nr_held, worker_nr_held(),
	     lfshim_rcu_depth());
	while (lfshim_rcu_depth())
		rcu_read_unlock();
	if (irqs_disabled())
		local_irq_enable();
	lfshim_tls.preempt_depth = 0;
#if LFSHIM_CHECKS
	lfshim_tls.preempt_off = 0;
	current->held.nr = nr_held;
	current->held.lost = 0;
#endif
}

/* Call the function. The lock is not held, and @work may be freed by it. */
static void worker_call(struct lfpriv_worker *w, struct work_struct *work,
			struct lockdep_map *map)
{
	/* For reports, both maps were taken at the function. */
	unsigned long ip = (unsigned long)w->func + 1;
	unsigned int nr_held;

	(void)ip;
	lock_acquire(w->wq->lockdep_map, 0, 0, 0, 1, NULL, ip);
	lock_acquire(map, 0, 0, 0, 1, NULL, ip);
	nr_held = worker_nr_held();
	lfshim_tls.softirq_depth += w->in_softirq;
	w->func(work);
	lfshim_tls.softirq_depth -= w->in_softirq;
	if (unlikely(in_atomic() || lfshim_rcu_depth() ||
		     worker_nr_held() > nr_held))
		worker_report_leak(w->func, nr_held);
	lock_release(map, ip);
	lock_release(w->wq->lockdep_map, ip);
}

/* Run an item that is on a list. Called with the lock held. */
static void worker_run(struct lfpriv_worker *w, struct work_struct *work)
{
	struct lockdep_map map = worker_map(work);

	w->work = work;
	w->func = work->func;
	w->wq = work->lfshim_wq;
	w->in_softirq = w->wq->flags & WQ_BH;
	w->number = work->lfshim_number;
	list_add(&w->link, &busy_workers);
	list_del_init(&work->entry);
	work->lfshim_wq = NULL;
	barriers_take(work, &w->barriers);
	/*
	 * F1: full barrier. Pairs with F2 in work_set_pending(). Without it, the
	 * function may read something before the bit is visibly clear, and miss
	 * the stores of a thread that found the item pending in queue_work().
	 */
	test_and_clear_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(work));
	pool_kick(w->pool);
	spin_unlock_irq(&lfpriv_wq_lock);

	worker_call(w, work, &map);

	spin_lock_irq(&lfpriv_wq_lock);
	list_del_init(&w->link);
	w->work = NULL;
	barriers_complete(&w->barriers);
	queueing_end(w->wq, w->number, true);
	w->wq = NULL;
}

/*
 * Run an item of the worklist, and then the items that were handed to this
 * worker meanwhile. Called with the lock held.
 */
static void worker_take(struct lfpriv_worker *w, struct work_struct *work)
{
	struct lfpriv_worker *other = lfpriv_worker_running(work);

	if (other) {
		list_move_tail(&work->entry, &other->scheduled);
		return;
	}
	worker_run(w, work);
	while (!list_empty(&w->scheduled))
		worker_run(w, list_first_entry(&w->scheduled,
					       struct work_struct, entry));
}

/* Threads */

static void worker_begin(struct lfpriv_worker *w)
{
	lfshim_tls.worker = w;
	current->flags |= PF_WQ_WORKER;
}

static void worker_free(struct lfpriv_worker *w)
{
	put_task_struct(w->task);
	lfhost_free(w);
}

/*
 * Create a thread that waits for wake_up_process(). The caller puts it on the
 * lists. Returns NULL if that fails. Context: any.
 */
static struct lfpriv_worker *worker_create(struct lfpriv_pool *pool,
					   int (*fn)(void *), const char *name)
{
	struct lfpriv_worker *w;

	if (lfpriv_should_fail(GFP_ATOMIC))
		return NULL;
	w = lfhost_alloc(sizeof(*w), __alignof__(*w), true);
	if (!w)
		return NULL;
	w->pool = pool;
	INIT_LIST_HEAD(&w->link);
	INIT_LIST_HEAD(&w->scheduled);
	INIT_LIST_HEAD(&w->barriers);
	w->task = lfpriv_create_service(fn, w, name);
	if (IS_ERR(w->task)) {
		lfhost_free(w);
		return NULL;
	}
	get_task_struct(w->task);
	return w;
}

static int worker_thread(void *arg);

/*
 * Add a worker to the pool, which has counted it already. Called without the
 * lock. Context: any.
 */
static bool pool_grow(struct lfpriv_pool *pool)
{
	struct lfpriv_worker *w = worker_create(pool, worker_thread, pool->name);
	unsigned long flags;

	spin_lock_irqsave(&lfpriv_wq_lock, flags);
	if (w) {
		/* It is idle from now on, not only when it runs. */
		list_add(&w->node, &workers);
		list_add(&w->link, &pool->idle);
		pool->nr_idle++;
		wake_up_process(w->task);
	} else {
		pool->nr_workers--;
	}
	spin_unlock_irqrestore(&lfpriv_wq_lock, flags);
	return w;
}

/* Make sure that the pool can make progress. Context: any, without the lock. */
static bool pool_start(struct lfpriv_pool *pool)
{
	unsigned long flags;
	bool grow, ok = true;

	do {
		spin_lock_irqsave(&lfpriv_wq_lock, flags);
		grow = pool->nr_workers < MIN_WORKERS;
		pool->nr_workers += grow;
		spin_unlock_irqrestore(&lfpriv_wq_lock, flags);
		if (grow)
			ok = pool_grow(pool);
	} while (grow && ok);
	return ok;
}

/* The pool has no worker and cannot get one now: try again, for ever. */
static void pool_start_or_retry(struct lfpriv_pool *pool)
{
	if (!pool_start(pool))
		mod_timer(&pool_retry, jiffies + msecs_to_jiffies(RETRY_MS));
}

static bool pool_is_stuck(const struct lfpriv_pool *pool)
{
	return pool->nr_workers < MIN_WORKERS && !list_empty(&pool->worklist);
}

void lfpriv_wq_unlock(unsigned long flags)
{
	bool stuck[] = { pool_is_stuck(&pools[0]), pool_is_stuck(&pools[1]) };
	int i;

	spin_unlock_irqrestore(&lfpriv_wq_lock, flags);
	for (i = 0; i < ARRAY_SIZE(stuck); i++)
		if (unlikely(stuck[i]))
			pool_start_or_retry(&pools[i]);
}

static void pool_retry_fn(struct timer_list *t)
{
	unsigned long flags;

	spin_lock_irqsave(&lfpriv_wq_lock, flags);
	lfpriv_wq_unlock(flags);
}

/* Ask the rescuers of all queues that have items to run. With the lock held. */
static void pool_call_rescuers(struct lfpriv_pool *pool)
{
	struct workqueue_struct *wq;
	struct work_struct *work;

	list_for_each_entry(work, &pool->worklist, entry) {
		wq = work->lfshim_wq;
		if (!wq->rescuer)
			continue;
		wq->mayday = true;
		wake_up_process(wq->rescuer->task);
	}
}

static void pool_sleep(long timeout)
{
	__set_current_state(TASK_IDLE);
	schedule_timeout(timeout);
}

/* Create an idle worker if one is needed. Called with the lock held. */
static void pool_manage(struct lfpriv_pool *pool)
{
	bool ok;

	pool->managed = true;
	while (!pool->nr_idle && !list_empty(&pool->worklist)) {
		pool->nr_workers++;
		spin_unlock_irq(&lfpriv_wq_lock);
		ok = pool_grow(pool);
		if (!ok) {
			if (lfshim_once_())
				pr_err("workqueue: cannot create a worker thread, trying again\n");
			pool_sleep(msecs_to_jiffies(RETRY_MS));
		}
		spin_lock_irq(&lfpriv_wq_lock);
		if (!ok && !pool->nr_idle)
			pool_call_rescuers(pool);
	}
	pool->managed = false;
}

/*
 * Wait for an item, on the idle list. Returns false if the worker has to exit.
 * Called with the lock held.
 */
static bool worker_wait(struct lfpriv_worker *w)
{
	struct lfpriv_pool *pool = w->pool;
	long left = IDLE_TIMEOUT;

	for (;;) {
		/*
		 * F3: full barrier. Pairs with F1 in lfpriv_wake(). Without it,
		 * kthread_should_stop() may be read before the state is
		 * visible, and the thread does not stop. For items the lock is
		 * enough.
		 */
		set_current_state(TASK_IDLE);
		if (!list_empty(&pool->worklist) || kthread_should_stop() ||
		    (!left && pool->nr_workers > MIN_WORKERS))
			break;
		spin_unlock_irq(&lfpriv_wq_lock);
		left = schedule_timeout(left ? left : IDLE_TIMEOUT);
		spin_lock_irq(&lfpriv_wq_lock);
	}
	__set_current_state(TASK_RUNNING);
	list_del_init(&w->link);
	pool->nr_idle--;
	return !list_empty(&pool->worklist);
}

static int worker_thread(void *arg)
{
	struct lfpriv_worker *w = arg;
	struct lfpriv_pool *pool = w->pool;

	worker_begin(w);
	spin_lock_irq(&lfpriv_wq_lock);
	while (worker_wait(w)) {
		do {
			if (!pool->nr_idle && !pool->managed)
				pool_manage(pool);
			else
				worker_take(w, list_first_entry(
							&pool->worklist,
							struct work_struct,
							entry));
		} while (!list_empty(&pool->worklist));
		list_add(&w->link, &pool->idle);
		pool->nr_idle++;
	}
	list_del(&w->node);
	pool->nr_workers--;
	spin_unlock_irq(&lfpriv_wq_lock);
	worker_free(w);
	return 0;
}

/* The first item of the queue in the worklist. Called with the lock held. */
static struct work_struct *rescuer_next(const struct workqueue_struct *wq)
{
	struct work_struct *work;

	list_for_each_entry(work, &wq->pool->worklist, entry)
		if (work->lfshim_wq == wq)
			return work;
	return NULL;
}

static int rescuer_thread(void *arg)
{
	struct lfpriv_worker *w = arg;
	struct workqueue_struct *wq = w->rescues;
	struct work_struct *work;

	worker_begin(w);
	spin_lock_irq(&lfpriv_wq_lock);
	for (;;) {
		work = wq->mayday ? rescuer_next(wq) : NULL;
		if (work) {
			worker_take(w, work);
			continue;
		}
		wq->mayday = false;
		/*
		 * F4: full barrier. Pairs with F1 in lfpriv_wake(). Without it,
		 * kthread_should_stop() may be read before the state is
		 * visible, and the thread does not stop. For ->mayday the lock
		 * is enough.
		 */
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		spin_unlock_irq(&lfpriv_wq_lock);
		schedule();
		spin_lock_irq(&lfpriv_wq_lock);
	}
	__set_current_state(TASK_RUNNING);
	spin_unlock_irq(&lfpriv_wq_lock);
	return 0;
}

/* Queues */

void lfpriv_wq_init(struct workqueue_struct *wq)
{
	unsigned long flags;

	wq->pool = &pools[!!(wq->flags & WQ_HIGHPRI)];
	INIT_LIST_HEAD(&wq->inactive);
	INIT_LIST_HEAD(&wq->flushers);
	spin_lock_irqsave(&lfpriv_wq_lock, flags);
	list_add_tail(&wq->node, &queues);
	spin_unlock_irqrestore(&lfpriv_wq_lock, flags);
}

bool lfpriv_wq_start(struct workqueue_struct *wq)
{
	struct lfpriv_worker *w;

	if (!pool_start(wq->pool))
		return false;
	if (!(wq->flags & WQ_MEM_RECLAIM))
		return true;
	w = worker_create(wq->pool, rescuer_thread, wq->name);
	if (!w)
		return false;
	w->rescues = wq;
	wq->rescuer = w;
	wake_up_process(w->task);
	return true;
}

void lfpriv_wq_stop(struct workqueue_struct *wq)
{
	if (wq->rescuer) {
		kthread_stop(wq->rescuer->task);
		worker_free(wq->rescuer);
	}
	spin_lock_irq(&lfpriv_wq_lock);
	list_del(&wq->node);
	spin_unlock_irq(&lfpriv_wq_lock);
}

/* fork() and exit */

/*
 * In the child, the threads and their runs are gone; their memory leaks.
 * Pending items run in the child, too. A worker that forks continues.
 */
static void worker_fork_child(void)
{
	struct lfpriv_worker *w, *next;
	struct workqueue_struct *wq;
	int i;

	list_for_each_entry(wq, &queues, node) {
		INIT_LIST_HEAD(&wq->flushers);
		wq->nr_drainers = 0;
		wq->flags &= ~__WQ_DRAINING;
		if (wq->rescuer != lfshim_tls.worker)
			wq->rescuer = NULL;
	}
	INIT_LIST_HEAD(&waiting_barriers);
	for (i = 0; i < ARRAY_SIZE(pools); i++) {
		INIT_LIST_HEAD(&pools[i].idle);
		pools[i].nr_idle = 0;
		pools[i].nr_workers = 0;
		pools[i].managed = false;
	}
	list_for_each_entry_safe(w, next, &busy_workers, link) {
		INIT_LIST_HEAD(&w->barriers);
		if (w == lfshim_tls.worker)
			continue;
		list_del(&w->link);
		list_splice_tail_init(&w->scheduled, &w->pool->worklist);
		queueing_end(w->wq, w->number, true);
	}
	INIT_LIST_HEAD(&workers);
	if (lfshim_tls.worker && !lfshim_tls.worker->rescues) {
		list_add(&lfshim_tls.worker->node, &workers);
		lfshim_tls.worker->pool->nr_workers++;
	}
}

static void worker_restart(void)
{
	unsigned long flags;

	spin_lock_irqsave(&lfpriv_wq_lock, flags);
	lfpriv_wq_unlock(flags);
}

LFPRIV_AT_FORK(worker_fork) = {
	.level = LFPRIV_FORK_WORKQUEUE,
	.lock = &lfpriv_wq_lock,
	.child = worker_fork_child,
	.restart = worker_restart,
};

/* Take a worker off the idle list. Returns its task with a reference, or NULL. */
static struct task_struct *pool_take_idle(struct lfpriv_pool *pool)
{
	struct task_struct *task = NULL;
	struct lfpriv_worker *w;

	spin_lock_irq(&lfpriv_wq_lock);
	if (!list_empty(&pool->idle)) {
		w = list_first_entry(&pool->idle, struct lfpriv_worker, link);
		list_del_init(&w->link);
		task = get_task_struct(w->task);
	}
	spin_unlock_irq(&lfpriv_wq_lock);
	return task;
}

/* Busy workers are not waited for: an item may run as long as it likes. */
__attribute__((__destructor__(LFPRIV_EXIT_WORKER)))
static void worker_exit(void)
{
	s64 deadline = lfhost_clock() + NSEC_PER_SEC;
	struct task_struct *task;
	int i;

	for (i = 0; i < ARRAY_SIZE(pools); i++) {
		while ((task = pool_take_idle(&pools[i]))) {
			/* One that has not begun could not clean up. */
			yield_to(task, true);
			lfpriv_kthread_stop_until(task, deadline);
			put_task_struct(task);
		}
	}
}
