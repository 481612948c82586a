// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Wait-die mutexes; see <linux/ww_mutex.h>.
 *
 * The word, the queue and its lock are those of the struct mutex inside, and
 * work as they do there (mutex.c), but for the queue's order: contexts by their
 * stamps, the oldest first; those without a context stay where they came.
 *
 * No cycle of waiters, because a context that holds something never waits
 * behind an older one. It looks whether it has to die, with ->wait_lock held,
 *  - when it queues, and whenever it is woken.
 * And it is woken when that may have changed:
 *  - somebody older queues in front of it (queue());
 *  - somebody older takes the mutex without queueing (publish()).
 * Both wake all whom it may concern.
 *
 * ->ctx belongs to the holder. Who is on the queue, and so has set the waiters
 * bit, may look at what it points to while it has ->wait_lock: as long as that
 * bit is set the holder cannot get out of ww_mutex_unlock() without that lock.
 */

#include <linux/ww_mutex.h>
#include <linux/sched/signal.h>

#include "kernel/internal.h"
#include "kernel/mutex.h"

struct waiter {
	/* First, for lfpriv_mutex_unlock_slow(). */
	struct lfpriv_mutex_waiter base;
	struct ww_acquire_ctx *ctx;
};

#ifdef CONFIG_LOCKDEP
/* By what it is known to held.c. */
#define lockdep_id(lock)			(&(lock)->base.dep_map)

static void dep_acquired(struct ww_mutex *lock, struct ww_acquire_ctx *ctx,
		     bool try, unsigned long ip)
{
	lock_acquire(&lock->base.dep_map, 0, try, 0, 1,
		     ctx ? &ctx->dep_map : NULL, ip);
}

static void dep_released(struct ww_mutex *lock, unsigned long ip)
{
	lock_release(&lock->base.dep_map, ip);
}
#else
#define lockdep_id(lock)			((void *)(lock))
#define dep_acquired(lock, ctx, try, ip)	((void)0)
#define dep_released(lock, ip)			((void)0)
#endif

void ww_acquire_init(struct ww_acquire_ctx *ctx, struct ww_class *ww_class)
{
	ctx->task = current;
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
	WARN(ctx->done_acquire, "ww_acquire_done() for the second time");
	ctx->done_acquire = true;
}

void ww_acquire_fini(struct ww_acquire_ctx *ctx)
{
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

static struct task_struct *owner(const struct ww_mutex *lock)
{
	return lfpriv_mutex_owner(&lock->base);
}

static bool younger(const struct ww_acquire_ctx *a,
		    const struct ww_acquire_ctx *b)
{
	return (long)(a->stamp - b->stamp) > 0;
}

/*
 * With ->wait_lock held: wake those who have to give way to @ctx. How many
 * mutexes they hold does not change while they wait.
 */
static void wake_younger(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	struct waiter *w;

	list_for_each_entry(w, &lock->base.waiters, base.node)
		if (w->ctx && w->ctx->acquired && younger(w->ctx, ctx))
			wake_up_process(w->base.task);
}

/* We hold it, and did not come by the queue: say for whom. */
static void publish(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	unsigned long flags;

	ctx->acquired++;
	ctx->contending_lock = NULL;
	/*
	 * Full barrier: pairs with queue(). Either the other one, who has set
	 * the waiters bit, sees our context, or we see the bit.
	 */
	xchg(&lock->ctx, ctx);
	if (likely(!(__atomic_load_n(&lock->base.owner, __ATOMIC_SEQ_CST) &
		     LFSHIM_MUTEX_WAITERS)))
		return;
	spin_lock_irqsave(&lock->base.wait_lock, flags);
	wake_younger(lock, ctx);
	spin_unlock_irqrestore(&lock->base.wait_lock, flags);
}

/* With ->wait_lock held. Before the first context that is younger. */
static void queue(struct ww_mutex *lock, struct waiter *w)
{
	struct list_head *next = &lock->base.waiters;
	struct waiter *pos;

	if (w->ctx) {
		wake_younger(lock, w->ctx);
		list_for_each_entry(pos, &lock->base.waiters, base.node)
			if (pos->ctx && younger(pos->ctx, w->ctx)) {
				next = &pos->base.node;
				break;
			}
	}
	list_add_tail(&w->base.node, next);
	/* Full barrier: pairs with publish(), and must_die() reads ->ctx. */
	lfshim_hb_release(&lock->base.owner);
	__atomic_fetch_or(&lock->base.owner, LFSHIM_MUTEX_WAITERS,
			  __ATOMIC_SEQ_CST);
	lfshim_hb_acquire(&lock->base.owner);
}

/*
 * With ->wait_lock held, and on the queue: is somebody older before us? One
 * that has nothing is in nobody's way.
 */
static bool must_die(struct ww_mutex *lock, struct waiter *w)
{
	struct ww_acquire_ctx *holder;
	struct waiter *pos;

	if (!w->ctx || !w->ctx->acquired)
		return false;
	/* Acquire, and after the barrier in queue(): pairs with publish(). */
	holder = __atomic_load_n(&lock->ctx, __ATOMIC_SEQ_CST);
	lfshim_hb_acquire(&lock->ctx);
	if (holder && younger(w->ctx, holder))
		return true;
	list_for_each_entry(pos, &lock->base.waiters, base.node) {
		if (pos == w)
			break;
		if (pos->ctx)
			return true;
	}
	return false;
}

/* With ->wait_lock held: take it, or find that it was handed over. */
static bool waiter_takes(struct ww_mutex *lock, struct waiter *w)
{
	if (!lfpriv_mutex_waiter_takes(&lock->base, w->base.task))
		return false;
	if (w->ctx) {
		w->ctx->acquired++;
		w->ctx->contending_lock = NULL;
		/*
		 * Release: pairs with must_die(). Those behind us were woken
		 * when we queued, or look after us.
		 */
		smp_store_release(&lock->ctx, w->ctx);
	}
	return true;
}

static noinline int lock_slow(struct ww_mutex *lock,
			      struct ww_acquire_ctx *ctx, unsigned int state)
{
	struct waiter w = { .base.task = current, .ctx = ctx };
	struct mutex *m = &lock->base;
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&m->wait_lock, flags);
	queue(lock, &w);
	/*
	 * First of all look whether it is free: who was woken and leaves would
	 * otherwise take the wake-up of the next one with him.
	 */
	while (!waiter_takes(lock, &w)) {
		if (must_die(lock, &w)) {
			ctx->contending_lock = lock;
			ret = -EDEADLK;
			break;
		}
		if (signal_pending_state(state, w.base.task)) {
			ret = -EINTR;
			break;
		}
		/* Full barrier: pairs with the one in send_sig(). */
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
		 * Release: must_die() has looked at the holder's context. Pairs
		 * with ww_mutex_unlock(), behind which that may end.
		 */
		__atomic_fetch_and(&m->owner, ~LFSHIM_MUTEX_WAITERS,
				   __ATOMIC_RELEASE);
	}
	spin_unlock_irqrestore(&m->wait_lock, flags);
	return ret;
}

/* Mistakes with a context. */
static void check_ctx(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
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
		     "after -EDEADLK another ww_mutex is taken than that one");
}

static inline int take(struct ww_mutex *lock, struct ww_acquire_ctx *ctx,
		       unsigned int state, unsigned long ip)
{
	int ret;

	if (unlikely(owner(lock) == current)) {
		if (ctx && READ_ONCE(lock->ctx) == ctx)
			return -EALREADY;
		lfpriv_bug_recursion("ww_mutex", lockdep_id(lock), ip);
	}
	if (IS_ENABLED(LFSHIM_CHECKS) && ctx)
		check_ctx(lock, ctx);
	dep_acquired(lock, ctx, false, ip);
	if (likely(lfpriv_mutex_try(&lock->base, current))) {
		if (ctx)
			publish(lock, ctx);
		return 0;
	}
	ret = lock_slow(lock, ctx, state);
	if (ret)
		dep_released(lock, ip);
	return ret;
}

int ww_mutex_lock(struct ww_mutex *m, struct ww_acquire_ctx *ctx)
{
	might_sleep();
	return take(m, ctx, TASK_UNINTERRUPTIBLE, _RET_IP_);
}

int ww_mutex_lock_interruptible(struct ww_mutex *m, struct ww_acquire_ctx *ctx)
{
	might_sleep();
	return take(m, ctx, TASK_INTERRUPTIBLE, _RET_IP_);
}

static void check_slow(struct ww_acquire_ctx *ctx)
{
	WARN(ctx->acquired,
	     "ww_mutex_lock_slow() by a context that holds %u mutexes",
	     ctx->acquired);
}

void ww_mutex_lock_slow(struct ww_mutex *m, struct ww_acquire_ctx *ctx)
{
	might_sleep();
	check_slow(ctx);
	take(m, ctx, TASK_UNINTERRUPTIBLE, _RET_IP_);
}

int ww_mutex_lock_slow_interruptible(struct ww_mutex *m,
				     struct ww_acquire_ctx *ctx)
{
	might_sleep();
	check_slow(ctx);
	return take(m, ctx, TASK_INTERRUPTIBLE, _RET_IP_);
}

int ww_mutex_trylock(struct ww_mutex *m, struct ww_acquire_ctx *ctx)
{
	if (IS_ENABLED(LFSHIM_CHECKS) && ctx)
		check_ctx(m, ctx);
	if (!lfpriv_mutex_try(&m->base, current))
		return 0;
	dep_acquired(m, ctx, true, _RET_IP_);
	if (ctx)
		publish(m, ctx);
	return 1;
}

void ww_mutex_unlock(struct ww_mutex *lock)
{
	unsigned long self = (unsigned long)current, old = self;

	if (unlikely(owner(lock) != current)) {
		WARN(1, owner(lock) ?
		     "ww_mutex_unlock() of a mutex that another thread holds" :
		     "ww_mutex_unlock() of a mutex that is not held");
		return;
	}
	dep_released(lock, _RET_IP_);
	if (lock->ctx) {
		lock->ctx->acquired--;
		WRITE_ONCE(lock->ctx, NULL);
	}
	lfshim_hb_release(&lock->base.owner);
	/*
	 * Release: pairs with lfpriv_mutex_try(). Acquire: pairs with who cleared the
	 * waiters bit in lock_slow(), and has looked at our context before.
	 */
	if (unlikely(!__atomic_compare_exchange_n(&lock->base.owner, &old, 0,
						  false, __ATOMIC_ACQ_REL,
						  __ATOMIC_RELAXED)))
		lfpriv_mutex_unlock_slow(&lock->base);
	else
		lfshim_hb_acquire(&lock->base.owner);
}
