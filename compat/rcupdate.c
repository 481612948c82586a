// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Grace periods, callbacks and deferred frees, built on liburcu.
 *
 * One thread of the shim, the RCU thread, waits for grace periods with
 * liburcu's synchronize_rcu() and counts them in gp_seq. Other threads compare
 * a cookie with that count and never block:
 *
 *  call_rcu()    pushes the callback on one lock-free stack. The RCU thread
 *                takes the whole stack, waits for one grace period, and runs
 *                the callbacks.
 *  kfree_rcu()   links the object into a list of the calling thread. When the
 *                list is long enough for a batch, the thread tests whether a
 *                grace period has already elapsed because there are no readers
 *                (see lfpriv_rcu_try_grace_period()). If not, the thread requests a
 *                grace period and continues. Later calls free the objects, one
 *                for each new object. So the thread that retires an object
 *                frees it, which is usually also the one that allocated it. One
 *                call_rcu() per object is slow, because another thread, on
 *                another CPU, would free them.
 *
 * A thread that stops calling kfree_rcu() would keep its last batch for ever.
 * The RCU thread takes over the lists of such threads. This costs the owner of
 * a list no atomic operation, because the owner changes its lists only inside a
 * read-side section (see retire_take_over()).
 *
 * The RCU thread naps instead of sleeping until it is woken, so that its
 * clients make no system call: 200 us while there is work, and up to 10 ms when
 * there is none. After a second without work it sleeps until a call_rcu() or
 * kfree_rcu() wakes it. rcu_barrier() wakes it unless nothing is queued.
 */

#include <linux/rcupdate.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/ktime.h>

#include "host/urcu.h"
#include "kernel/fork.h"
#include "kernel/internal.h"
#include "kernel/service.h"

/*
 * How many objects a thread collects before it tests for a grace period, and
 * how many more before it tests again. A test costs one lfhost_membarrier(),
 * which takes half a microsecond.
 */
#define RETIRE_BATCH		1024
#define RETIRE_RETRY		64
/*
 * If more objects wait, the thread yields to the readers. If more than CROWD_MAX
 * wait, a reader stays in its section: so that memory grows slowly, it sleeps.
 */
#define CROWD			1024
#define CROWD_YIELDS		4
#define CROWD_MAX		2048
#define CROWD_SLEEP_NS		NSEC_PER_MSEC
/*
 * A thread frees one object for each object that it retires: malloc() is fast
 * when allocations and frees alternate. While more than this many objects can
 * be freed, it frees two.
 */
#define CATCH_UP		1024
#define NAP_MIN_NS		(200 * NSEC_PER_USEC)
#define NAP_MAX_NS		(10 * NSEC_PER_MSEC)
#define SWEEP_NS		(20 * NSEC_PER_MSEC)
#define IDLE_NS			NSEC_PER_SEC
/* How many ticks the thread waits for readers when the library is unloaded. */
#define UNLOAD_TRIES		(HZ / 5)

static int rcu_thread(void *unused);
static struct lfpriv_service rcu_service = {
	.name = "lfshim-rcu",
	.fn = rcu_thread,
};

/*
 * Twice the number of grace periods, plus 1 while one is in progress. Written
 * by the RCU thread.
 */
static unsigned long gp_seq;
/* The highest cookie that was requested. */
static unsigned long gp_wanted;
/* The RCU thread sleeps until it is woken, or is about to. */
static bool deep_sleep;
/* The RCU thread has to stay awake for another second. */
static bool kicked;
/* NULL, or called while the thread is kept awake. Set by a constructor. */
static void (*idle_hook)(void);
/* Callbacks, the newest first. */
static struct rcu_head *callbacks;
/* The objects that exited threads had retired, linked like their lists. */
static struct rcu_head *orphans;
/* The RCU thread has callbacks or objects that are in no list. */
static bool in_round;
/* The number of threads that are moving their objects to the orphans. */
static atomic_t nr_exiting;
/* How many rcu_barrier() calls were made, and how many of them are done. */
static unsigned int barrier_wanted, barrier_done;
static DECLARE_WAIT_QUEUE_HEAD(barrier_wait);

#define seq_reached(seq, cookie)	((long)((seq) - (cookie)) >= 0)

/* Make sure that the RCU thread exists and is not in its deep sleep. */
static void ensure_rcu_thread(void)
{
	/*
	 * A1: acquire. Pairs with R1 in lfpriv_service_start(). Without it, the
	 * task may not be initialised yet.
	 */
	if (unlikely(!smp_load_acquire(&rcu_service.task))) {
		lfpriv_service_start(&rcu_service);
		return;
	}
	/*
	 * The flag is cleared before the wake-up, because the thread tests it
	 * before it sleeps. No partner: lfpriv_wake() has the full barrier
	 * between the two. Only one of several callers sees true in the
	 * exchange, and wakes the thread.
	 */
	if (unlikely(READ_ONCE(deep_sleep)) && xchg(&deep_sleep, false))
		lfpriv_service_wake(&rcu_service);
}

/* The same after a push that was made outside of a read-side section. */
static void wake_rcu_thread(void)
{
	/*
	 * F1: full barrier. Pairs with F5 in rcu_thread_nap(). Without it,
	 * deep_sleep may be read before the push is visible, and the thread
	 * sleeps without having seen the push.
	 */
	lfshim_full_fence();
	ensure_rcu_thread();
}

void lfpriv_rcu_set_idle_hook(void (*fn)(void))
{
	idle_hook = fn;
}

void lfpriv_rcu_kick(void)
{
	/*
	 * F2: full barrier. Pairs with F5 in rcu_thread_nap(). Without it,
	 * deep_sleep may be read before the flag is visible, and the thread
	 * sleeps without having seen the flag.
	 */
	if (!READ_ONCE(kicked))
		xchg(&kicked, true);
	ensure_rcu_thread();
}

/* Polled grace periods */

unsigned long get_state_synchronize_rcu(void)
{
	/*
	 * F3: full barrier. Pairs with F6 in rcu_run_grace_period(). Without
	 * it, a grace period whose start is not seen here may start before a
	 * pointer that the caller has changed is visible to readers.
	 */
	unsigned long seq = __atomic_fetch_add(&gp_seq, 0, __ATOMIC_SEQ_CST);

	lfshim_hb_acquire(&gp_seq);
	/* A grace period in progress does not count: it may be too early. */
	return (seq + 3) & ~1UL;
}

unsigned long start_poll_synchronize_rcu(void)
{
	unsigned long cookie = get_state_synchronize_rcu();
	unsigned long wanted = READ_ONCE(gp_wanted), seen;

	/*
	 * F4: full barrier. Pairs with F5 in rcu_thread_nap(). Without it,
	 * deep_sleep may be read before gp_wanted is visible, and the thread
	 * sleeps without having seen the request.
	 */
	while (!seq_reached(wanted, cookie)) {
		seen = cmpxchg(&gp_wanted, wanted, cookie);
		if (seen == wanted)
			break;
		wanted = seen;
	}
	ensure_rcu_thread();
	return cookie;
}

bool poll_state_synchronize_rcu(unsigned long cookie)
{
	/*
	 * A3: acquire. Pairs with R2 in rcu_run_grace_period(). Without it, the
	 * caller may free memory before the readers are done with it.
	 */
	return seq_reached(smp_load_acquire(&gp_seq), cookie);
}

static void rcu_run_grace_period(void)
{
	/*
	 * F6: full barrier. Pairs with F3 in get_state_synchronize_rcu().
	 * Without it, this grace period may miss readers that still have a
	 * pointer which the other thread has changed.
	 */
	__atomic_fetch_add(&gp_seq, 1, __ATOMIC_SEQ_CST);
	lfhost_urcu_synchronize();
	lfshim_hb_release(&gp_seq);
	/*
	 * R2: release. Pairs with A3 in poll_state_synchronize_rcu(). Without
	 * it, the new count may be seen before the readers are done.
	 */
	__atomic_fetch_add(&gp_seq, 1, __ATOMIC_RELEASE);
}

void synchronize_rcu(void)
{
	might_sleep();
	if (WARN(lfshim_rcu_reading(),
		 "synchronize_rcu() inside a read-side section never returns"))
		return;
	lfhost_urcu_synchronize();
}

/* Callbacks */

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	struct rcu_head *top = READ_ONCE(callbacks);

	head->func = func;
	do {
		head->next = top;
		lfshim_hb_release(&callbacks);
		/*
		 * R1: release. Pairs with A7 in rcu_round(). Without it, the RCU
		 * thread may not see the link or the function.
		 */
	} while (!__atomic_compare_exchange_n(&callbacks, &top, head, false,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	wake_rcu_thread();
}

static void rcu_run_callbacks(struct rcu_head *stack)
{
	struct rcu_head *fifo = NULL, *next;

	for (; stack; stack = next) {
		next = stack->next;
		stack->next = fifo;
		fifo = stack;
	}
	for (; fifo; fifo = next) {
		next = fifo->next;
		lfshim_tls.softirq_depth++;
		fifo->func(fifo);
		lfshim_tls.softirq_depth--;
	}
}

/* Deferred frees */

static void *retired_object(struct rcu_head *head)
{
	return (char *)head - (unsigned long)head->func;
}

static void retire_free(struct rcu_head *list)
{
	struct rcu_head *next;

	for (; list; list = next) {
		next = list->next;
		kfree(retired_object(list));
	}
}

/* The grace period of the list has elapsed. */
static void retire_done(struct lfshim_retire *r, struct rcu_head *list,
			struct rcu_head *last, unsigned int nr)
{
	last->next = r->done;
	WRITE_ONCE(r->done, list);
	r->nr_done += nr;
}

static void retire_wait_done(struct lfshim_retire *r)
{
	retire_done(r, r->wait, r->wait_last, r->nr_wait);
	/*
	 * R8: release. Pairs with A11 in retire_has_any(). Without it, that
	 * function may see this list empty and not the next one filled.
	 */
	smp_store_release(&r->wait, NULL);
}

/*
 * lfpriv_rcu_try_grace_period() if many objects wait. A reader that is off the CPU
 * delays all frees, and an object that is freed late has left the caches. So let
 * the reader run. The number is a hint: outside of a section, the RCU thread may
 * take over the objects.
 */
static bool rcu_try_harder(const struct lfshim_retire *r)
{
	u32 never = 0;
	int i;

	for (i = 0; i < CROWD_YIELDS; i++) {
		lfhost_yield();
		if (lfpriv_rcu_try_grace_period())
			return true;
	}
	if (READ_ONCE(r->nr_open) > CROWD_MAX && !in_atomic())
		lfhost_futex_wait(&never, 0, lfhost_clock() + CROWD_SLEEP_NS);
	return false;
}

/*
 * Move the objects of the calling thread to the next of its lists, if possible.
 * Called when the thread has left its outermost section: inside it, the thread
 * may still use the objects that it has retired.
 */
void lfpriv_retire_batch(void)
{
	struct lfshim_retire *r = &lfshim_tls.task->retire;
	unsigned long ended = lfpriv_rcu_fast_ended();
	/* Another thread looks for grace periods, so this one need not. */
	bool others = ended != r->seen_ended;
	bool waited = (long)(ended - r->wait_fast) > 0;
	bool elapsed = false, shared;

	if (lfshim_rcu_reading())
		return;
	lfshim_tls.retire_due = false;
	if (READ_ONCE(r->wait) ? !waited : !others)
		elapsed = lfpriv_rcu_try_grace_period() ||
			  (READ_ONCE(r->nr_open) > CROWD && rcu_try_harder(r));
	r->seen_ended = lfpriv_rcu_fast_ended();

	rcu_read_lock();
	/*
	 * A4: acquire. Pairs with R4 in retire_take_over(). Without it, this
	 * thread may find objects in its lists that were taken over.
	 */
	shared = smp_load_acquire(&r->shared);
	if (unlikely(shared))
		spin_lock(&r->lock);
	if (r->wait &&
	    (elapsed || waited || poll_state_synchronize_rcu(r->wait_seq)))
		retire_wait_done(r);
	if (r->open && (elapsed || !r->wait)) {
		if (elapsed) {
			retire_done(r, r->open, r->open_last, r->nr_open);
		} else {
			WRITE_ONCE(r->wait, r->open);
			r->wait_last = r->open_last;
			r->nr_wait = r->nr_open;
			r->wait_fast = lfpriv_rcu_fast_cookie();
			r->wait_seq = others ? get_state_synchronize_rcu() :
					       start_poll_synchronize_rcu();
		}
		/*
		 * R9: release. Pairs with A11 in retire_has_any(). Without it,
		 * that function may miss the objects that were moved.
		 */
		smp_store_release(&r->open, NULL);
		r->nr_open = 0;
	}
	if (unlikely(shared))
		spin_unlock(&r->lock);
	rcu_read_unlock();
}

void lfshim_kfree_rcu(void *ptr, struct rcu_head *head)
{
	struct lfshim_retire *r = &current->retire;
	struct rcu_head *free, *next;
	unsigned int nr, i;
	bool shared;

	head->func = (rcu_callback_t)((char *)head - (char *)ptr);
	/* retire_take_over() waits for this section to end. */
	rcu_read_lock();
	/*
	 * A5: acquire. Pairs with R4 in retire_take_over(). Without it, this
	 * thread may find objects in its lists that were taken over.
	 */
	shared = smp_load_acquire(&r->shared);
	if (unlikely(shared))
		spin_lock(&r->lock);

	head->next = r->open;
	if (!r->open)
		r->open_last = head;
	WRITE_ONCE(r->open, head);
	WRITE_ONCE(r->pushes, r->pushes + 1);
	if (++r->nr_open >= RETIRE_BATCH && r->nr_open % RETIRE_RETRY == 0)
		lfshim_tls.retire_due = true;

	free = r->done;
	nr = r->nr_done > CATCH_UP ? 2 : r->nr_done > 0;
	for (i = 0; i < nr; i++)
		WRITE_ONCE(r->done, r->done->next);
	r->nr_done -= nr;

	if (unlikely(shared))
		spin_unlock(&r->lock);
	/* In the section, so that a thread that takes over waits for it. */
	for (; nr; nr--) {
		next = free->next;
		kfree(retired_object(free));
		free = next;
	}
	rcu_read_unlock();
	ensure_rcu_thread();
}

static struct rcu_head *retire_concat(struct rcu_head *list,
				      struct rcu_head *last,
				      struct rcu_head *tail)
{
	if (!list)
		return tail;
	last->next = tail;
	return list;
}

/*
 * Empty the lists of @r and return their objects as one list. The caller makes
 * sure that the owner does not use the lists.
 */
static struct rcu_head *retire_take(struct lfshim_retire *r)
{
	struct rcu_head *list = r->done;

	list = retire_concat(r->wait, r->wait_last, list);
	list = retire_concat(r->open, r->open_last, list);
	WRITE_ONCE(r->open, NULL);
	WRITE_ONCE(r->wait, NULL);
	WRITE_ONCE(r->done, NULL);
	WRITE_ONCE(r->nr_open, 0);
	r->nr_done = 0;
	return list;
}

static struct rcu_head *retire_last(struct rcu_head *list)
{
	while (list->next)
		list = list->next;
	return list;
}

/* Give the objects of a thread that exits to the RCU thread. */
static void retire_orphan(struct rcu_head *list)
{
	struct rcu_head *last = retire_last(list), *top = READ_ONCE(orphans);

	do {
		last->next = top;
		lfshim_hb_release(&orphans);
		/*
		 * R3: release. Pairs with A6 in rcu_round(). Without it, the RCU
		 * thread may not see the links.
		 */
	} while (!__atomic_compare_exchange_n(&orphans, &top, list, false,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
}

void lfpriv_retire_exit(struct task_struct *task)
{
	struct lfshim_retire *r = &task->retire;
	struct rcu_head *list;
	unsigned long flags;

	/*
	 * F8: full barrier. Pairs with F7 in rcu_nothing_queued(). Without it,
	 * that function may see the empty lists and not this count.
	 */
	atomic_inc_return(&nr_exiting);
	/* Always take the lock: the RCU thread may be taking the lists over. */
	spin_lock_irqsave(&r->lock, flags);
	list = retire_take(r);
	spin_unlock_irqrestore(&r->lock, flags);
	if (list)
		retire_orphan(list);
	/*
	 * No partner: the exchange in retire_orphan() is a full barrier between
	 * the list and this count.
	 */
	atomic_dec_return(&nr_exiting);
	if (list)
		wake_rcu_thread();
}

/* Looks in the order in which the objects move. */
static bool retire_has_any(const struct lfshim_retire *r)
{
	/*
	 * A11: acquire. Pairs with R8 in retire_wait_done() and R9 in
	 * lfpriv_retire_batch(). Without it, an object that moves to the next
	 * list meanwhile may be seen in neither.
	 */
	return smp_load_acquire(&r->open) || smp_load_acquire(&r->wait) ||
	       READ_ONCE(r->done);
}

/*
 * Take over the lists of the threads that have retired nothing since the last
 * call; of all threads, if @all. *@some_left is set if a thread that is not
 * idle has objects. The objects that are returned still have to wait for a
 * grace period.
 *
 * This sets ->shared and then waits for a grace period. A kfree_rcu() that
 * began before that has finished by then. A kfree_rcu() that begins later sees
 * the flag and uses the lock.
 */
static struct rcu_head *retire_take_over(bool all, bool *some_left)
{
	struct task_struct *task, *owners = NULL;
	struct rcu_head *taken = NULL, *list;
	unsigned long flags;

	*some_left = false;
	spin_lock_irqsave(&lfpriv_task_list_lock, flags);
	list_for_each_entry(task, &lfpriv_task_list, lfshim_node) {
		struct lfshim_retire *r = &task->retire;
		unsigned int pushes = READ_ONCE(r->pushes);

		if (!all && !retire_has_any(r))
			continue;
		if (!all && pushes != r->pushes_seen) {
			r->pushes_seen = pushes;
			*some_left = true;
			continue;
		}
		get_task_struct(task);
		WRITE_ONCE(r->shared, true);
		r->takeover_next = owners;
		owners = task;
	}
	spin_unlock_irqrestore(&lfpriv_task_list_lock, flags);
	if (!owners)
		return NULL;

	lfhost_urcu_synchronize();
	while ((task = owners)) {
		struct lfshim_retire *r = &task->retire;

		owners = r->takeover_next;
		spin_lock_irqsave(&r->lock, flags);
		list = retire_take(r);
		/*
		 * R4: release. Pairs with A4 in lfpriv_retire_batch() and A5 in
		 * lfshim_kfree_rcu(). Without it, the owner may find objects in
		 * its lists that were taken over.
		 */
		smp_store_release(&r->shared, false);
		spin_unlock_irqrestore(&r->lock, flags);
		if (list)
			taken = retire_concat(list, retire_last(list), taken);
		put_task_struct(task);
	}
	return taken;
}

/* The RCU thread */

static bool rcu_gp_is_wanted(void)
{
	return !seq_reached(READ_ONCE(gp_seq), READ_ONCE(gp_wanted));
}

static bool rcu_barrier_is_wanted(void)
{
	return READ_ONCE(barrier_wanted) != READ_ONCE(barrier_done);
}

static bool rcu_work_is_waiting(void)
{
	return READ_ONCE(callbacks) || READ_ONCE(orphans) ||
	       rcu_gp_is_wanted() || rcu_barrier_is_wanted() ||
	       READ_ONCE(kicked);
}

/* The threads whose deferred frees are taken over: none, idle ones, or all. */
enum rcu_sweep { SWEEP_NONE, SWEEP_IDLE, SWEEP_ALL };

/*
 * One round of work, while in_round is set. Returns true if there was anything
 * to do.
 */
static bool rcu_round(enum rcu_sweep sweep, bool *some_left)
{
	/*
	 * A8: acquire. Pairs with R6 in lfpriv_rcu_barrier_always(). Without
	 * it, this round may miss objects and callbacks from before the
	 * rcu_barrier().
	 */
	unsigned int ticket = smp_load_acquire(&barrier_wanted);
	bool barrier = ticket != READ_ONCE(barrier_done);
	struct rcu_head *taken = NULL, *cbs, *orphaned;

	if (sweep || barrier)
		taken = retire_take_over(barrier || sweep == SWEEP_ALL,
					 some_left);
	/*
	 * A6: acquire. Pairs with R3 in retire_orphan(). Without it, the
	 * links of the objects may not be visible.
	 *
	 * A7: acquire. Pairs with R1 in call_rcu(). Without it, the functions
	 * of the callbacks may not be visible.
	 */
	orphaned = xchg(&orphans, NULL);
	cbs = xchg(&callbacks, NULL);
	if (!taken && !orphaned && !cbs && !barrier && !rcu_gp_is_wanted())
		return false;

	rcu_run_grace_period();
	retire_free(taken);
	retire_free(orphaned);
	rcu_run_callbacks(cbs);
	if (barrier) {
		/*
		 * R5: release. Pairs with A9 in lfpriv_rcu_barrier_always().
		 * Without it, rcu_barrier() may return before the effects of
		 * the callbacks are visible.
		 */
		smp_store_release(&barrier_done, ticket);
		wake_up_all(&barrier_wait);
	}
	return true;
}

static bool rcu_work(enum rcu_sweep sweep, bool *some_left)
{
	bool did;

	/* No partner: the exchanges of the lists are the full barriers. */
	xchg(&in_round, true);
	did = rcu_round(sweep, some_left);
	/*
	 * R7: release. Pairs with A10 in rcu_nothing_queued(). Without it,
	 * rcu_barrier() may return before the effects of the callbacks are
	 * visible.
	 */
	smp_store_release(&in_round, false);
	return did;
}

static void rcu_thread_nap(s64 deadline)
{
	/*
	 * F5: full barrier. Pairs with F1 in lfpriv_wake(), and with F1 in
	 * wake_rcu_thread(), F2 in lfpriv_rcu_kick() and F4 in
	 * start_poll_synchronize_rcu(). Without it, the conditions below may be
	 * read before the state and deep_sleep are visible: the thread misses
	 * the work, and the thread that made the work does not wake it.
	 */
	set_current_state(TASK_IDLE);
	if (rcu_barrier_is_wanted() || kthread_should_stop() ||
	    (deadline == LFHOST_FOREVER &&
	     (!READ_ONCE(deep_sleep) || rcu_work_is_waiting())))
		__set_current_state(TASK_RUNNING);
	else
		lfpriv_sleep(deadline);
}

/* Was lfpriv_rcu_kick() called since the last time? */
static bool rcu_was_kicked(void)
{
	/*
	 * No partner: the barrier is not needed. The idle hook runs again and
	 * again for a second, so it may be late to see the stores that the
	 * caller of lfpriv_rcu_kick() made before.
	 */
	return READ_ONCE(kicked) && xchg(&kicked, false);
}

static int rcu_thread(void *unused)
{
	s64 now = lfhost_clock(), next_sweep = now + SWEEP_NS;
	s64 last_work = now, last_kick = now - IDLE_NS, length = NAP_MIN_NS;
	bool some_left = false;
	int tries;

	while (!kthread_should_stop()) {
		enum rcu_sweep sweep = SWEEP_NONE;

		if (now >= next_sweep) {
			sweep = SWEEP_IDLE;
			next_sweep = now + SWEEP_NS;
		}
		if (rcu_was_kicked())
			last_kick = last_work = now;
		if (rcu_work(sweep, &some_left)) {
			last_work = lfhost_clock();
			length = NAP_MIN_NS;
		} else {
			length = min(2 * length, NAP_MAX_NS);
		}
		if (now - last_kick < IDLE_NS && idle_hook)
			idle_hook();
		now = lfhost_clock();
		if (now - last_work < IDLE_NS) {
			rcu_thread_nap(now + length);
		} else {
			/*
			 * A kfree_rcu() that begins after the start of this
			 * grace period sees the flag and wakes the thread. The
			 * others have ended when it ends, so rcu_work() finds
			 * their objects.
			 */
			WRITE_ONCE(deep_sleep, true);
			lfhost_urcu_synchronize();
			if (!rcu_work(SWEEP_IDLE, &some_left) && !some_left)
				rcu_thread_nap(LFHOST_FOREVER);
			WRITE_ONCE(deep_sleep, false);
			last_work = lfhost_clock();
			length = NAP_MIN_NS;
		}
		now = lfhost_clock();
	}
	/*
	 * The library is being unloaded: free everything, unless a reader could
	 * block the grace period for ever. One that is only off the CPU, such as
	 * the thread that waits for this one, leaves its section soon.
	 */
	for (tries = 0; tries < UNLOAD_TRIES; tries++) {
		if (lfpriv_rcu_no_reader()) {
			rcu_work(SWEEP_ALL, &some_left);
			break;
		}
		schedule_timeout_uninterruptible(1);
	}
	return 0;
}

/*
 * True if each callback, and each object of kfree_rcu(), from before this call
 * was run or freed. Looks for them in the order in which they move: from the
 * lists of the threads to the orphans, and from there to the RCU thread.
 */
static bool rcu_nothing_queued(void)
{
	struct task_struct *task;
	unsigned long flags;
	bool any = false;

	spin_lock_irqsave(&lfpriv_task_list_lock, flags);
	list_for_each_entry(task, &lfpriv_task_list, lfshim_node)
		any |= retire_has_any(&task->retire);
	spin_unlock_irqrestore(&lfpriv_task_list_lock, flags);
	/*
	 * F7: full barrier. Pairs with F8 in lfpriv_retire_exit(). Without it,
	 * the objects of a thread that exits may be seen nowhere.
	 */
	smp_mb();
	if (any || atomic_read_acquire(&nr_exiting))
		return false;
	/*
	 * The exchanges that empty these lists come after the store to
	 * in_round, and an acquire that sees NULL from one sees that store.
	 *
	 * A10: acquire. Pairs with R7 in rcu_work(). Without it, the effects of
	 * the callbacks may not be visible.
	 */
	return !smp_load_acquire(&orphans) && !smp_load_acquire(&callbacks) &&
	       !smp_load_acquire(&in_round);
}

static bool rcu_barrier_would_hang(void)
{
	might_sleep();
	return WARN(current == READ_ONCE(rcu_service.task),
		    "rcu_barrier() from an RCU callback never returns") ||
	       WARN(lfshim_rcu_reading(),
		    "rcu_barrier() inside a read-side section never returns");
}

void rcu_barrier(void)
{
	if (!rcu_barrier_would_hang() && !rcu_nothing_queued())
		lfpriv_rcu_barrier_always();
}

void lfpriv_rcu_barrier_always(void)
{
	unsigned int ticket;

	if (rcu_barrier_would_hang())
		return;
	lfshim_hb_release(&barrier_wanted);
	/*
	 * R6: release. Pairs with A8 in rcu_round(). Without it, the round that
	 * serves this call may miss objects and callbacks from before it.
	 * lfpriv_wake() has the full barrier that comes before the read of the
	 * thread's state.
	 */
	ticket = __atomic_add_fetch(&barrier_wanted, 1, __ATOMIC_SEQ_CST);
	if (!lfpriv_service_start(&rcu_service) &&
	    READ_ONCE(rcu_service.stopped))
		return;
	for (;;) {
		lfpriv_service_wake(&rcu_service);
		/*
		 * A9: acquire. Pairs with R5 in rcu_round(). Without it, the
		 * effects of the callbacks may not be visible.
		 */
		if (wait_event_timeout(
			    barrier_wait,
			    (int)(smp_load_acquire(&barrier_done) - ticket) >= 0,
			    HZ / 10 + 1))
			return;
		/* The first start fails while another thread creates it. */
		lfpriv_service_start(&rcu_service);
	}
}

static void rcu_fork_child(void)
{
	/* The next call that needs the thread creates it. */
	lfpriv_service_fork_child(&rcu_service);
	deep_sleep = false;
	in_round = false;
	atomic_set(&nr_exiting, 0);
	gp_seq = (gp_seq + 1) & ~1UL;
	barrier_wanted = barrier_done;
	init_waitqueue_head(&barrier_wait);
}

LFPRIV_AT_FORK(rcu_fork) = {
	.level = LFPRIV_FORK_RCU,
	.child = rcu_fork_child,
};

__attribute__((__destructor__(LFPRIV_EXIT_RCU))) static void rcu_exit(void)
{
	lfpriv_service_stop(&rcu_service);
}
