// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What liburcu is used for: grace periods, callbacks, deferred frees.
 *
 * One thread of the shim, the RCU thread, waits for grace periods with
 * liburcu's synchronize_rcu() and counts them in gp_seq. All that waits for
 * one compares cookies with that count, so nobody else ever blocks:
 *
 *  call_rcu()    puts the callback on one lock-free stack, which the RCU
 *                thread takes whole, waits once for, and runs.
 *  kfree_rcu()   links the object into a list of the thread. When a batch has
 *                come together the thread looks whether a grace period has
 *                elapsed just so, because nobody is reading (see
 *                try_grace_period()); otherwise it asks for one, and goes on.
 *                Later calls free the objects, one for each new one, on the
 *                core that allocated them. Blocking, and freeing elsewhere, are
 *                what makes one call_rcu() per object slow.
 *
 * A thread that stops calling kfree_rcu() would keep its last batch for ever.
 * The RCU thread looks for such lists and takes them over; the owner does not
 * pay for that with an atomic operation, since it changes its lists inside an
 * RCU read-side section only (see steal()).
 *
 * To cost its clients no system call, the RCU thread does not sleep until it
 * is woken but naps: 200 us while there is work, longer and longer up to 10 ms
 * when there is none, and only after a second without any does it sleep until
 * the next call_rcu() or kfree_rcu() wakes it. rcu_barrier() always does.
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
 * Objects that a thread collects before it looks for a grace period, and how
 * many more until it looks again: a membarrier() each, half a microsecond.
 */
#define RETIRE_BATCH		256
#define RETIRE_RETRY		64
/* Looking at every thread pays only while there are not too many. */
#define TRY_MAX_TASKS		64
/*
 * It frees one object for each that it retires, which leaves malloc() with a
 * pair of calls that it is good at; two while more than this many can be freed.
 */
#define CATCH_UP		1024
#define NAP_MIN_NS		(200 * NSEC_PER_USEC)
#define NAP_MAX_NS		(10 * NSEC_PER_MSEC)
#define SWEEP_NS		(20 * NSEC_PER_MSEC)
#define IDLE_NS			NSEC_PER_SEC

static int rcu_thread(void *unused);
static struct lfpriv_service rcu_service = {
	.name = "lfshim-rcu",
	.fn = rcu_thread,
};

/* Grace periods: odd while one is under way. Written by the RCU thread. */
static unsigned long gp_seq;
/* The highest cookie that somebody asked for. */
static unsigned long gp_wanted;
/* The RCU thread sleeps until woken. */
static bool deep_sleep;
/* It is to stay awake for a while. */
static bool kicked;
/* NULL, or called while the thread is kept awake. Set by a constructor. */
static void (*idle_hook)(void);
/* Callbacks, newest first. */
static struct rcu_head *callbacks;
/* What exited threads had retired, linked like their lists. */
static struct rcu_head *orphans;
/* rcu_barrier() calls made, and served. */
static unsigned int barrier_wanted, barrier_done;
static DECLARE_WAIT_QUEUE_HEAD(barrier_wait);

#define seq_reached(seq, cookie)	((long)((seq) - (cookie)) >= 0)

static void ensure_rcu_thread(void)
{
	if (unlikely(!smp_load_acquire(&rcu_service.task)))
		lfpriv_service_start(&rcu_service);
	else if (unlikely(READ_ONCE(deep_sleep)) && xchg(&deep_sleep, false))
		/* Cleared first: a wake-up that comes too early is not lost. */
		lfpriv_service_wake(&rcu_service);
}

/*
 * Like ensure_rcu_thread(), after a push, outside of a read-side section. Full
 * barrier: pairs with set_current_state() in nap(). Without it a weakly ordered
 * CPU could read deep_sleep before the push is visible, and the thread would go
 * to sleep without having seen it.
 */
static void wake_rcu_thread(void)
{
	lfshim_full_fence();
	ensure_rcu_thread();
}

void lfpriv_rcu_set_idle_hook(void (*fn)(void))
{
	idle_hook = fn;
}

void lfpriv_rcu_kick(void)
{
	/* Full barrier: pairs with the one in was_kicked(). */
	if (!READ_ONCE(kicked))
		xchg(&kicked, true);
	ensure_rcu_thread();
}

/* Polled grace periods */

unsigned long get_state_synchronize_rcu(void)
{
	/*
	 * Full barrier: what the caller unpublished comes before the grace
	 * period. Pairs with the one at its start in run_grace_period(): if
	 * that increment is not seen here, the grace period starts after this.
	 */
	unsigned long seq = __atomic_fetch_add(&gp_seq, 0, __ATOMIC_SEQ_CST);

	lfshim_hb_acquire(&gp_seq);
	/* One that is under way already may have begun too early. */
	return (seq + 3) & ~1UL;
}

unsigned long start_poll_synchronize_rcu(void)
{
	unsigned long cookie = get_state_synchronize_rcu();
	unsigned long wanted = READ_ONCE(gp_wanted), seen;

	/*
	 * Full barrier: pairs with the one in nap(), which looks at gp_wanted
	 * after it has said that it sleeps.
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
	/* Acquire: pairs with the release at the end of run_grace_period(). */
	return seq_reached(smp_load_acquire(&gp_seq), cookie);
}

static void run_grace_period(void)
{
	/* Full barrier: pairs with get_state_synchronize_rcu(). */
	__atomic_fetch_add(&gp_seq, 1, __ATOMIC_SEQ_CST);
	lfhost_urcu_synchronize();
	lfshim_hb_release(&gp_seq);
	/* Release: readers are done before anybody sees the new count. */
	__atomic_fetch_add(&gp_seq, 1, __ATOMIC_RELEASE);
}

void synchronize_rcu(void)
{
	might_sleep();
	if (WARN(rcu_read_lock_held(),
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
		/* Release: pairs with the acquire of the xchg() that takes it. */
	} while (!__atomic_compare_exchange_n(&callbacks, &top, head, false,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	wake_rcu_thread();
}

static void run_callbacks(struct rcu_head *stack)
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

static void free_list(struct rcu_head *list)
{
	struct rcu_head *next;

	for (; list; list = next) {
		next = list->next;
		kfree(retired_object(list));
	}
}

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
	WRITE_ONCE(r->wait, NULL);
}

/*
 * Has a grace period elapsed right now? It has if no other thread is inside a
 * read-side section: after the membarrier() a thread that was found outside of
 * one has either finished those that it was in before, or will see in the next
 * one all that we have done until here. Never waits.
 *
 * Called outside of sections of our own. Threads that have just begun and are
 * not on the list yet get there, through the lock, before they read anything.
 */
static bool nobody_reads(void)
{
	struct task_struct *task;
	unsigned long flags;
	bool reader = false;

	spin_lock_irqsave(&lfpriv_task_list_lock, flags);
	list_for_each_entry(task, &lfpriv_task_list, lfshim_node) {
		/* Acquire: pairs with the release in lfshim_depth_dec(). */
		if (task != lfshim_tls.task &&
		    (smp_load_acquire(&task->lfshim_tls->rcu_depth) ||
		     smp_load_acquire(&task->lfshim_tls->irq_depth))) {
			reader = true;
			break;
		}
	}
	spin_unlock_irqrestore(&lfpriv_task_list_lock, flags);
	return !reader;
}

static bool try_grace_period(void)
{
	if (READ_ONCE(lfpriv_nr_tasks) > TRY_MAX_TASKS || !nobody_reads() ||
	    !lfhost_membarrier() || !nobody_reads())
		return false;
	lfhost_urcu_saw_no_reader();
	return true;
}

/*
 * See to a batch. Called at the end of a section, when the thread has left its
 * outermost one: objects that it retired in there it might have gone on using.
 */
void lfpriv_retire_batch(void)
{
	struct lfshim_retire *r = &lfshim_tls.task->retire;
	bool elapsed, shared;

	if (lfshim_tls.rcu_depth || lfshim_tls.irq_depth)
		return;
	lfshim_tls.retire_due = false;
	elapsed = try_grace_period();

	rcu_read_lock();
	/* Acquire: pairs with the release in steal(), as in lfshim_kfree_rcu(). */
	shared = smp_load_acquire(&r->shared);
	if (unlikely(shared))
		spin_lock(&r->lock);
	if (r->wait && (elapsed || poll_state_synchronize_rcu(r->wait_seq)))
		retire_wait_done(r);
	if (r->open && elapsed) {
		retire_done(r, r->open, r->open_last, r->nr_open);
		WRITE_ONCE(r->open, NULL);
		r->nr_open = 0;
	} else if (r->open && !r->wait) {
		WRITE_ONCE(r->wait, r->open);
		r->wait_last = r->open_last;
		r->nr_wait = r->nr_open;
		WRITE_ONCE(r->open, NULL);
		r->nr_open = 0;
		r->wait_seq = start_poll_synchronize_rcu();
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
	/* A read-side section: this is what steal() waits for. */
	rcu_read_lock();
	/* Acquire: pairs with the release in steal() when it is through. */
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
	rcu_read_unlock();
	ensure_rcu_thread();

	for (; nr; nr--) {
		next = free->next;
		kfree(retired_object(free));
		free = next;
	}
}

static struct rcu_head *concat(struct rcu_head *list, struct rcu_head *last,
			       struct rcu_head *tail)
{
	if (!list)
		return tail;
	last->next = tail;
	return list;
}

/* Everything on the lists of @r, as one. The caller keeps the owner away. */
static struct rcu_head *retire_take(struct lfshim_retire *r)
{
	struct rcu_head *list = r->done;

	list = concat(r->wait, r->wait_last, list);
	list = concat(r->open, r->open_last, list);
	WRITE_ONCE(r->open, NULL);
	WRITE_ONCE(r->wait, NULL);
	WRITE_ONCE(r->done, NULL);
	r->nr_open = r->nr_done = 0;
	return list;
}

static struct rcu_head *list_end(struct rcu_head *list)
{
	while (list->next)
		list = list->next;
	return list;
}

void lfpriv_retire_exit(struct task_struct *task)
{
	struct lfshim_retire *r = &task->retire;
	struct rcu_head *list, *last, *top;
	unsigned long flags;

	/* The lock, always: the RCU thread may be about to take the lists. */
	spin_lock_irqsave(&r->lock, flags);
	list = retire_take(r);
	spin_unlock_irqrestore(&r->lock, flags);
	if (!list)
		return;
	last = list_end(list);
	top = READ_ONCE(orphans);
	do {
		last->next = top;
		lfshim_hb_release(&orphans);
		/* Release: pairs with the acquire of the xchg() that takes it. */
	} while (!__atomic_compare_exchange_n(&orphans, &top, list, false,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	wake_rcu_thread();
}

static bool has_retired(const struct lfshim_retire *r)
{
	return READ_ONCE(r->open) || READ_ONCE(r->wait) || READ_ONCE(r->done);
}

/*
 * Take over the lists of threads that do not retire any more; of all threads,
 * if @all. The result still has to wait for a grace period.
 *
 * ->shared is set, then a grace period waited for: a kfree_rcu() that began
 * before has finished by then, and one that began later sees the flag and uses
 * the lock.
 */
static struct rcu_head *steal(bool all, bool *some_left)
{
	struct task_struct *task, *victims = NULL;
	struct rcu_head *stolen = NULL, *list;
	unsigned long flags;

	*some_left = false;
	spin_lock_irqsave(&lfpriv_task_list_lock, flags);
	list_for_each_entry(task, &lfpriv_task_list, lfshim_node) {
		struct lfshim_retire *r = &task->retire;
		unsigned int pushes = READ_ONCE(r->pushes);

		if (!all && !has_retired(r))
			continue;
		if (!all && pushes != r->pushes_seen) {
			r->pushes_seen = pushes;
			*some_left = true;
			continue;
		}
		get_task_struct(task);
		WRITE_ONCE(r->shared, true);
		r->steal_next = victims;
		victims = task;
	}
	spin_unlock_irqrestore(&lfpriv_task_list_lock, flags);
	if (!victims)
		return NULL;

	lfhost_urcu_synchronize();
	while ((task = victims)) {
		struct lfshim_retire *r = &task->retire;

		victims = r->steal_next;
		spin_lock_irqsave(&r->lock, flags);
		list = retire_take(r);
		/* Release: pairs with the acquire in lfshim_kfree_rcu(). */
		smp_store_release(&r->shared, false);
		spin_unlock_irqrestore(&r->lock, flags);
		if (list)
			stolen = concat(list, list_end(list), stolen);
		put_task_struct(task);
	}
	return stolen;
}

/* The RCU thread */

static bool gp_is_wanted(void)
{
	return !seq_reached(READ_ONCE(gp_seq), READ_ONCE(gp_wanted));
}

static bool barrier_is_wanted(void)
{
	return READ_ONCE(barrier_wanted) != READ_ONCE(barrier_done);
}

static bool work_is_waiting(void)
{
	return READ_ONCE(callbacks) || READ_ONCE(orphans) || gp_is_wanted() ||
	       barrier_is_wanted() || READ_ONCE(kicked);
}

enum sweep { SWEEP_NONE, SWEEP_IDLE, SWEEP_ALL };

/* One round. True if there was anything to do. */
static bool rcu_work(enum sweep sweep, bool *some_left)
{
	/* Acquire: pairs with the increment in rcu_barrier(). */
	unsigned int ticket = smp_load_acquire(&barrier_wanted);
	bool barrier = ticket != READ_ONCE(barrier_done);
	struct rcu_head *stolen = NULL, *cbs, *orphaned;

	if (sweep || barrier)
		stolen = steal(barrier || sweep == SWEEP_ALL, some_left);
	/* Full barriers: pair with the releases of those who push. */
	orphaned = xchg(&orphans, NULL);
	cbs = xchg(&callbacks, NULL);
	if (!stolen && !orphaned && !cbs && !barrier && !gp_is_wanted())
		return false;

	run_grace_period();
	free_list(stolen);
	free_list(orphaned);
	run_callbacks(cbs);
	if (barrier) {
		/* Release: pairs with the acquire in rcu_barrier(). */
		smp_store_release(&barrier_done, ticket);
		wake_up_all(&barrier_wait);
	}
	return true;
}

static void nap(s64 deadline)
{
	set_current_state(TASK_IDLE);
	if (barrier_is_wanted() || kthread_should_stop() ||
	    (deadline == LFHOST_FOREVER &&
	     (!READ_ONCE(deep_sleep) || work_is_waiting())))
		__set_current_state(TASK_RUNNING);
	else
		lfpriv_sleep(deadline);
}

/* Full barrier, where it was: pairs with the one in lfpriv_rcu_kick(). */
static bool was_kicked(void)
{
	return READ_ONCE(kicked) && xchg(&kicked, false);
}

static int rcu_thread(void *unused)
{
	s64 now = lfhost_clock(), next_sweep = now + SWEEP_NS;
	s64 last_work = now, last_kick = now - IDLE_NS, length = NAP_MIN_NS;
	bool some_left = false;

	while (!kthread_should_stop()) {
		enum sweep sweep = SWEEP_NONE;

		if (now >= next_sweep) {
			sweep = SWEEP_IDLE;
			next_sweep = now + SWEEP_NS;
		}
		if (was_kicked())
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
			nap(now + length);
		} else {
			/*
			 * After this grace period everybody sees the flag and
			 * wakes us; what was retired before is seen by steal().
			 */
			WRITE_ONCE(deep_sleep, true);
			lfhost_urcu_synchronize();
			if (!rcu_work(SWEEP_IDLE, &some_left) && !some_left)
				nap(LFHOST_FOREVER);
			WRITE_ONCE(deep_sleep, false);
			last_work = lfhost_clock();
			length = NAP_MIN_NS;
		}
		now = lfhost_clock();
	}
	/* The end of the program: leave nothing, unless somebody still reads. */
	if (nobody_reads())
		rcu_work(SWEEP_ALL, &some_left);
	return 0;
}

void rcu_barrier(void)
{
	unsigned int ticket;

	might_sleep();
	if (WARN(current == READ_ONCE(rcu_service.task),
		 "rcu_barrier() from an RCU callback never returns"))
		return;
	if (WARN(rcu_read_lock_held(),
		 "rcu_barrier() inside a read-side section never returns"))
		return;
	lfshim_hb_release(&barrier_wanted);
	/*
	 * Full barrier: what was retired before comes before it, for who sees
	 * it in rcu_work(); and it comes before the look at the thread's state.
	 */
	ticket = __atomic_add_fetch(&barrier_wanted, 1, __ATOMIC_SEQ_CST);
	if (!lfpriv_service_start(&rcu_service) &&
	    READ_ONCE(rcu_service.stopped))
		return;
	for (;;) {
		lfpriv_service_wake(&rcu_service);
		/* Acquire: pairs with the release in rcu_work(). */
		if (wait_event_timeout(
			    barrier_wait,
			    (int)(smp_load_acquire(&barrier_done) - ticket) >= 0,
			    HZ / 10 + 1))
			return;
		/* Whoever was starting the thread when we came has done so. */
		lfpriv_service_start(&rcu_service);
	}
}

static void rcu_fork_child(void)
{
	/* It is started when it is needed next. */
	lfpriv_service_fork_child(&rcu_service);
	deep_sleep = false;
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
