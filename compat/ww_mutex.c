// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Wait-die mutexes; see <linux/ww_mutex.h>.
 *
 * The word, the queue and its lock are those of the struct mutex inside, and
 * work as in mutex.c, except for the order of the queue. Waiters with a context
 * are sorted by their stamps, the oldest first. A waiter without a context
 * queues at the end.
 *
 * There is no cycle of waiters, because a context that holds a mutex never
 * waits behind an older context. With ->wait_lock held, it checks whether it
 * has to die (to fail with -EDEADLK) when it queues and whenever it is woken.
 * It is woken when the answer may have changed:
 *  - an older context queues in front of it (ww_mutex_enqueue());
 *  - an older context takes the mutex without queueing (ww_mutex_publish()).
 * Both wake all younger contexts in the queue that hold a mutex.
 *
 * ->ctx belongs to the holder. A thread on the queue has set the waiters bit.
 * It may read that context while it holds ->wait_lock: as long as the bit is
 * set, the holder cannot return from ww_mutex_unlock() without that lock.
 */

#include <linux/ww_mutex.h>
#include <linux/sched/signal.h>

#include "kernel/internal.h"
#include "kernel/mutex.h"

struct ww_mutex_waiter {
	/* First, for lfpriv_mutex_unlock_slow(). */
	struct lfpriv_mutex_waiter base;
	struct ww_acquire_ctx *ctx;
};

#ifdef CONFIG_LOCKDEP
/* The address by which checks/held.c knows the mutex. */
#define ww_mutex_lockdep_id(lock)	(&(lock)->base.dep_map)

static void ww_mutex_dep_acquired(struct ww_mutex *lock,
				  struct ww_acquire_ctx *ctx, bool try,
				  unsigned long ip)
{
	lock_acquire(&lock->base.dep_map, 0, try, 0, 1,
		     ctx ? &ctx->dep_map : NULL, ip);
}

static void ww_mutex_dep_released(struct ww_mutex *lock, unsigned long ip)
{
	lock_release(&lock->base.dep_map, ip);
}
#else
#define ww_mutex_lockdep_id(lock)			((void *)(lock))
#define ww_mutex_dep_acquired(lock, ctx, try, ip)	((void)0)
#define ww_mutex_dep_released(lock, ip)			((void)0)
#endif

void ww_acquire_init(struct ww_acquire_ctx *ctx, struct ww_class *ww_class)
{
	ctx->task = current;
	/* No partner: the stamps have to be unique, and order nothing else. */
	ctx->stamp = atomic_long_inc_return(&ww_class->stamp);
	ctx->acquired = 0;
	ctx->wounded = 0;
	ctx->is_wait_die = ww_class->is_wait_die;
	ctx->done_acquire = false;
	ctx->ww_class = ww_class;
	ctx->contending_lock = NULL;
#ifdef CONFIG_LOCKDEP
	lockdep_init_map_wait(&ctx->dep_map, ww_class->acquire_name,
			      &ww_class->acquire_key, 0, LD_WAIT_SLEEP);
	lock_acquire(&ctx->dep_map, 0, 0, 0, 1, NULL, _RET_IP_);
#endif
}

void ww_acquire_done(struct ww_acquire_ctx *ctx)
{
	WARN(ctx->done_acquire, "ww_acquire_done() is called for the second time");
	ctx->done_acquire = true;
}

void ww_acquire_fini(struct ww_acquire_ctx *ctx)
{
	WARN(IS_ENABLED(LFSHIM_CHECKS) && !ctx->task,
	     "ww_acquire_fini() is called for the second time");
	WARN(ctx->acquired,
	     "ww_acquire_fini() of a context that holds %u mutexes",
	     ctx->acquired);
	if (ctx->task) {
#ifdef CONFIG_LOCKDEP
		lock_release(&ctx->dep_map, _RET_IP_);
#endif
		ctx->task = NULL;
	}
}

void ww_mutex_init(struct ww_mutex *lock, struct ww_class *ww_class)
{
	__mutex_init(&lock->base, ww_class->mutex_name, &ww_class->mutex_key);
	WRITE_ONCE(lock->ctx, NULL);
	lock->ww_class = ww_class;
}

void ww_mutex_destroy(struct ww_mutex *lock)
{
	mutex_destroy(&lock->base);
}

static struct task_struct *ww_mutex_owner(const struct ww_mutex *lock)
{
	return lfpriv_mutex_owner(&lock->base);
}

static bool ww_ctx_younger(const struct ww_acquire_ctx *a,
		    const struct ww_acquire_ctx *b)
{
	return (long)(a->stamp - b->stamp) > 0;
}

/*
 * Wake the waiters that have to die because of @ctx. The caller holds
 * ->wait_lock. The number of mutexes that a context holds does not change while
 * it waits.
 */
static void ww_mutex_wake_younger(struct ww_mutex *lock,
				  struct ww_acquire_ctx *ctx)
{
	struct ww_mutex_waiter *w;

	list_for_each_entry(w, &lock->base.waiters, base.node)
		if (w->ctx && w->ctx->acquired && ww_ctx_younger(w->ctx, ctx))
			wake_up_process(w->base.task);
}

/*
 * The caller has taken the mutex without queueing. Store its context, and wake
 * the waiters that have to die because of it.
 */
static void ww_mutex_publish(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	unsigned long flags;

	ctx->acquired++;
	ctx->contending_lock = NULL;
	/*
	 * F1: full barrier. Pairs with F2 in ww_mutex_enqueue() and A1 in
	 * ww_mutex_must_die(). Without it, this thread may miss the waiters bit
	 * and a waiter may miss this context: then a younger context waits
	 * behind an older one, which can deadlock.
	 */
	xchg(&lock->ctx, ctx);
	if (likely(!(__atomic_load_n(&lock->base.owner, __ATOMIC_SEQ_CST) &
		     LFSHIM_MUTEX_WAITERS)))
		return;
	spin_lock_irqsave(&lock->base.wait_lock, flags);
	ww_mutex_wake_younger(lock, ctx);
	spin_unlock_irqrestore(&lock->base.wait_lock, flags);
}

/*
 * Queue before the first younger context; without a context, at the end. The
 * caller holds ->wait_lock.
 */
static void ww_mutex_enqueue(struct ww_mutex *lock, struct ww_mutex_waiter *w)
{
	struct list_head *next = &lock->base.waiters;
	struct ww_mutex_waiter *pos;

	if (w->ctx) {
		ww_mutex_wake_younger(lock, w->ctx);
		list_for_each_entry(pos, &lock->base.waiters, base.node)
			if (pos->ctx && ww_ctx_younger(pos->ctx, w->ctx)) {
				next = &pos->base.node;
				break;
			}
	}
	list_add_tail(&w->base.node, next);
	/*
	 * F2: full barrier. Pairs with F1 in ww_mutex_publish(). Without it,
	 * ww_mutex_must_die() may read ->ctx before the bit is set, and both
	 * threads miss each other.
	 */
	lfshim_hb_release(&lock->base.owner);
	__atomic_fetch_or(&lock->base.owner, LFSHIM_MUTEX_WAITERS,
			  __ATOMIC_SEQ_CST);
	lfshim_hb_acquire(&lock->base.owner);
}

/* Does a context wait in front of @w? The caller holds ->wait_lock. */
static bool ww_mutex_is_behind(struct ww_mutex *lock, struct ww_mutex_waiter *w)
{
	struct ww_mutex_waiter *pos;

	list_for_each_entry(pos, &lock->base.waiters, base.node) {
		if (pos == w)
			break;
		if (pos->ctx)
			return true;
	}
	return false;
}

/*
 * True if @w has to die: its context, which holds a mutex, is younger than the
 * holder of this one, or than one in front of it in the queue. @w is on the
 * queue. The caller holds ->wait_lock.
 */
static bool ww_mutex_must_die(struct ww_mutex *lock, struct ww_mutex_waiter *w)
{
	struct ww_acquire_ctx *holder;

	/*
	 * A1: acquire. Pairs with F1 in ww_mutex_publish(). Without it, the
	 * stamp may be read before it was stored. It is sequentially consistent
	 * so that it comes after the barrier in ww_mutex_enqueue().
	 */
	holder = __atomic_load_n(&lock->ctx, __ATOMIC_SEQ_CST);
	lfshim_hb_acquire(&lock->ctx);
	if (holder && ww_ctx_younger(w->ctx, holder))
		return true;
	return ww_mutex_is_behind(lock, w);
}

/*
 * Does @w stop waiting, and why? As in the kernel, a signal comes before the
 * stamps, except for the queue at the time when the waiter joins it.
 */
static int ww_mutex_gives_up(struct ww_mutex *lock, struct ww_mutex_waiter *w,
			     unsigned int state)
{
	bool may_die = w->ctx && w->ctx->acquired;

	if (may_die && !w->base.hand_over && ww_mutex_is_behind(lock, w))
		return -EDEADLK;
	if (signal_pending_state(state, w->base.task))
		return -EINTR;
	return may_die && ww_mutex_must_die(lock, w) ? -EDEADLK : 0;
}

/*
 * True if @w has the mutex: it takes it here, or the unlock has made it the
 * owner. The caller holds ->wait_lock.
 */
static bool ww_mutex_waiter_takes(struct ww_mutex *lock,
				  struct ww_mutex_waiter *w)
{
	if (!lfpriv_mutex_waiter_takes(&lock->base, w->base.task))
		return false;
	if (w->ctx) {
		w->ctx->acquired++;
		w->ctx->contending_lock = NULL;
		/*
		 * No partner: the release is not needed, because
		 * ww_mutex_must_die() reads it with ->wait_lock held, too. No
		 * wake-up is needed: ww_mutex_enqueue() has woken the younger
		 * contexts, or they check after this.
		 */
		smp_store_release(&lock->ctx, w->ctx);
	}
	return true;
}

static noinline int ww_mutex_lock_contended(struct ww_mutex *lock,
					    struct ww_acquire_ctx *ctx,
					    unsigned int state)
{
	struct ww_mutex_waiter w = { .base.task = current, .ctx = ctx };
	struct mutex *m = &lock->base;
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&m->wait_lock, flags);
	ww_mutex_enqueue(lock, &w);
	/*
	 * Try to take the mutex before anything else. An unlock wakes only the
	 * first waiter: if that one left without the mutex, no thread would
	 * wake the next one.
	 */
	while (!ww_mutex_waiter_takes(lock, &w)) {
		ret = ww_mutex_gives_up(lock, &w, state);
		if (ret == -EDEADLK)
			ctx->contending_lock = lock;
		if (ret)
			break;
		/*
		 * F3: full barrier. Pairs with F1 in lfpriv_wake(). Without it,
		 * schedule() may miss a signal, and the send_sig() that has
		 * sent it finds this thread running and does not wake it.
		 */
		set_current_state(state);
		spin_unlock_irqrestore(&m->wait_lock, flags);
		schedule();
		spin_lock_irqsave(&m->wait_lock, flags);
		w.base.hand_over = true;
	}
	__set_current_state(TASK_RUNNING);
	list_del(&w.base.node);
	if (list_empty(&m->waiters)) {
		lfshim_hb_release(&m->owner);
		/*
		 * R1: release. Pairs with A2 in ww_mutex_unlock(). Without it,
		 * the holder may end its context while ww_mutex_must_die() is
		 * still reading it.
		 */
		__atomic_fetch_and(&m->owner, ~LFSHIM_MUTEX_WAITERS,
				   __ATOMIC_RELEASE);
	}
	spin_unlock_irqrestore(&m->wait_lock, flags);
	return ret;
}

/* Warn if the caller uses its context in a wrong way. */
static void ww_mutex_check_ctx(struct ww_mutex *lock,
			       struct ww_acquire_ctx *ctx)
{
	if (WARN(ctx->task != current, ctx->task ?
		 "a ww_acquire_ctx is used by another thread than its own" :
		 "a ww_acquire_ctx is used after ww_acquire_fini()"))
		return;
	WARN(ctx->ww_class != lock->ww_class,
	     "a ww_acquire_ctx and a ww_mutex are of different classes");
	WARN(ctx->done_acquire, "a ww_mutex is taken after ww_acquire_done()");
	if (!ctx->contending_lock)
		return;
	if (!WARN(ctx->acquired,
		  "a ww_mutex is taken after -EDEADLK, with others still held"))
		WARN(ctx->contending_lock != lock,
		     "after -EDEADLK another ww_mutex is taken than the contended one");
}

static inline int ww_mutex_lock_common(struct ww_mutex *lock,
				       struct ww_acquire_ctx *ctx,
				       unsigned int state, unsigned long ip)
{
	int ret;

	if (unlikely(ww_mutex_owner(lock) == current)) {
		if (ctx && READ_ONCE(lock->ctx) == ctx)
			return -EALREADY;
		lfpriv_bug_recursion("ww_mutex", ww_mutex_lockdep_id(lock), ip);
	}
	if (IS_ENABLED(LFSHIM_CHECKS) && ctx)
		ww_mutex_check_ctx(lock, ctx);
	ww_mutex_dep_acquired(lock, ctx, false, ip);
	if (likely(lfpriv_mutex_try(&lock->base, current))) {
		if (ctx)
			ww_mutex_publish(lock, ctx);
		return 0;
	}
	ret = ww_mutex_lock_contended(lock, ctx, state);
	if (ret)
		ww_mutex_dep_released(lock, ip);
	return ret;
}

int ww_mutex_lock(struct ww_mutex *m, struct ww_acquire_ctx *ctx)
{
	might_sleep();
	return ww_mutex_lock_common(m, ctx, TASK_UNINTERRUPTIBLE, _RET_IP_);
}

int ww_mutex_lock_interruptible(struct ww_mutex *m, struct ww_acquire_ctx *ctx)
{
	might_sleep();
	return ww_mutex_lock_common(m, ctx, TASK_INTERRUPTIBLE, _RET_IP_);
}

static void ww_mutex_check_slow(struct ww_acquire_ctx *ctx)
{
	WARN(ctx->acquired,
	     "ww_mutex_lock_slow() by a context that holds %u mutexes",
	     ctx->acquired);
}

void ww_mutex_lock_slow(struct ww_mutex *m, struct ww_acquire_ctx *ctx)
{
	might_sleep();
	ww_mutex_check_slow(ctx);
	ww_mutex_lock_common(m, ctx, TASK_UNINTERRUPTIBLE, _RET_IP_);
}

int ww_mutex_lock_slow_interruptible(struct ww_mutex *m,
				     struct ww_acquire_ctx *ctx)
{
	might_sleep();
	ww_mutex_check_slow(ctx);
	return ww_mutex_lock_common(m, ctx, TASK_INTERRUPTIBLE, _RET_IP_);
}

int ww_mutex_trylock(struct ww_mutex *m, struct ww_acquire_ctx *ctx)
{
	if (IS_ENABLED(LFSHIM_CHECKS) && ctx)
		ww_mutex_check_ctx(m, ctx);
	if (!lfpriv_mutex_try(&m->base, current))
		return 0;
	ww_mutex_dep_acquired(m, ctx, true, _RET_IP_);
	if (ctx)
		ww_mutex_publish(m, ctx);
	return 1;
}

void ww_mutex_unlock(struct ww_mutex *lock)
{
	unsigned long self = (unsigned long)current, old = self;

	if (unlikely(ww_mutex_owner(lock) != current)) {
		WARN(1, ww_mutex_owner(lock) ?
		     "ww_mutex_unlock() of a mutex that another thread holds" :
		     "ww_mutex_unlock() of a mutex that is not held");
		return;
	}
	ww_mutex_dep_released(lock, _RET_IP_);
	if (lock->ctx) {
		lock->ctx->acquired--;
		WRITE_ONCE(lock->ctx, NULL);
	}
	/*
	 * R3: release. Pairs with A1 in lfpriv_mutex_try(). Without it, the
	 * next owner may not see the stores of this one.
	 */
	lfshim_hb_release(&lock->base.owner);
	/*
	 * A2: acquire. Pairs with R1 in ww_mutex_lock_contended(). Without it,
	 * the caller may end its context while the waiter that has left the
	 * queue is still reading it.
	 */
	if (unlikely(!__atomic_compare_exchange_n(&lock->base.owner, &old, 0,
						  false, __ATOMIC_ACQ_REL,
						  __ATOMIC_RELAXED)))
		lfpriv_mutex_unlock_slow(&lock->base);
	else
		lfshim_hb_acquire(&lock->base.owner);
}
