// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Wake-ups that go to one waiter, completions that count, signals and stops of kernel
 * threads; type-stable memory, and the XArray.
 */

#include "explore.h"

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/xarray.h>

static DECLARE_WAIT_QUEUE_HEAD(queue);
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);
static int tokens, taken, result;

/* One token, one exclusive wake-up: none is lost when a waiter leaves. */

static bool take_token(void)
{
	bool got;

	spin_lock(&lock);
	got = tokens > 0;
	if (got)
		WRITE_ONCE(tokens, tokens - 1);
	spin_unlock(&lock);
	return got;
}

static void wait_for_token(void)
{
	wait_event_interruptible_exclusive(queue, take_token());
}

static void give_token(void)
{
	spin_lock(&lock);
	WRITE_ONCE(tokens, tokens + 1);
	spin_unlock(&lock);
	wake_up(&queue);
}

static void give_two(void)
{
	give_token();
	give_token();
}

/*
 * A waiter that takes a token just before the wake-up for the next one has no use for
 * that wake-up. So it has to hand it on.
 */
LFX_SCENARIO(wait_exclusive_lost) = {
	.name = "wait-exclusive-lost",
	.what = "two wake_up() against two exclusive waits",
	.threads = {
		{ "giver", give_two },
		{ "waiter 1", wait_for_token },
		{ "waiter 2", wait_for_token },
	},
	.fails = "deadlock",
};

static void wait_and_hand_on(void)
{
	wait_for_token();
	if (READ_ONCE(tokens))
		wake_up(&queue);
}

LFX_SCENARIO(wait_exclusive) = {
	.name = "wait-exclusive",
	.what = "the same, and each waiter hands the wake-up on",
	.threads = {
		{ "giver", give_two },
		{ "waiter 1", wait_and_hand_on },
		{ "waiter 2", wait_and_hand_on },
	},
};

LFX_SCENARIO(wait_exclusive_signal_two) = {
	.name = "wait-exclusive-two",
	.what = "the same, and a signal may end one of the waits",
	.threads = {
		{ "giver", give_two },
		{ "waiter 1", wait_and_hand_on },
		{ "waiter 2", wait_and_hand_on },
	},
	.signals = 1,
};

/* A waiter that a signal ends takes no token. */

static void wait_or_give_up(void)
{
	if (!wait_event_interruptible_exclusive(queue, take_token()))
		give_token();
}

LFX_SCENARIO(wait_exclusive_signal) = {
	.name = "wait-exclusive-signal",
	.what = "wake_up() against an exclusive wait that a signal may end",
	.threads = {
		{ "giver", give_token },
		{ "waiter", wait_or_give_up },
	},
	.signals = 1,
};

static void wait_locked(void)
{
	spin_lock_irq(&lock);
	wait_event_lock_irq(queue, tokens, lock);
	tokens--;
	spin_unlock_irq(&lock);
}

static void give_locked(void)
{
	spin_lock_irq(&lock);
	tokens++;
	wake_up(&queue);
	spin_unlock_irq(&lock);
}

LFX_SCENARIO(wait_event_locked) = {
	.name = "wait-event-lock-irq",
	.what = "wait_event_lock_irq() against a wake-up under the lock",
	.threads = {
		{ "giver", give_locked }, { "waiter", wait_locked },
	},
};

/* Waits under the lock of the queue, which the sleep drops: no wake-up comes in between. */

static bool ready;

static void wait_under_queue_lock(void)
{
	spin_lock(&queue.lock);
	lfx_assert(!wait_event_interruptible_locked(queue, ready));
	spin_unlock(&queue.lock);
}

static void wake_under_queue_lock(void)
{
	spin_lock(&queue.lock);
	ready = true;
	wake_up_locked(&queue);
	spin_unlock(&queue.lock);
}

LFX_SCENARIO(wait_event_queue_lock) = {
	.name = "wait-event-locked",
	.what = "wait_event_interruptible_locked() against wake_up_locked()",
	.threads = {
		{ "waker", wake_under_queue_lock },
		{ "waiter", wait_under_queue_lock },
	},
};

static void wait_under_queue_lock_irq(void)
{
	spin_lock_irq(&queue.lock);
	lfx_assert(!wait_event_interruptible_locked_irq(queue, ready));
	spin_unlock_irq(&queue.lock);
}

LFX_SCENARIO(wait_event_queue_lock_irq) = {
	.name = "wait-event-locked-irq",
	.what = "the same with interrupts disabled, against one that wakes",
	.threads = {
		{ "irq", wake_under_queue_lock, LFX_ANY },
		{ "waiter", wait_under_queue_lock_irq },
	},
};

/*
 * The end of its time has woken the first exclusive waiter, which is still queued. A
 * wake-up goes to the next one.
 */
static void wait_for_a_moment(void)
{
	DEFINE_WAIT(wait);
	bool woken;

	prepare_to_wait_exclusive(&queue, &wait, TASK_UNINTERRUPTIBLE);
	schedule_timeout(1);
	/* A wake-up that came has taken the entry away. */
	spin_lock_irq(&queue.lock);
	woken = list_empty(&wait.entry);
	spin_unlock_irq(&queue.lock);
	finish_wait(&queue, &wait);
	if (woken)
		wake_up(&queue);
}

static void wait_exclusively(void)
{
	DEFINE_WAIT(wait);

	for (;;) {
		prepare_to_wait_exclusive(&queue, &wait, TASK_UNINTERRUPTIBLE);
		if (take_token())
			break;
		schedule();
	}
	finish_wait(&queue, &wait);
}

LFX_SCENARIO(wait_exclusive_time_is_up) = {
	.name = "wait-exclusive-timeout",
	.what = "wake_up() against two exclusive waits, one of which has a timeout",
	.threads = {
		{ "giver", give_token },
		{ "short", wait_for_a_moment },
		{ "long", wait_exclusively },
	},
};

/*
 * A waker may not look at the queue before its store is visible to the waiter. The lock
 * of the queue is enough for that.
 */
static void set_and_wake(void)
{
	WRITE_ONCE(ready, true);
	wake_up(&queue);
}

static void wait_until_ready(void)
{
	wait_event(queue, READ_ONCE(ready));
}

LFX_SCENARIO(wait_event_stale) = {
	.name = "wait-event-stale",
	.what = "a store and wake_up() against wait_event(), with older values",
	.threads = { { "waker", set_and_wake }, { "waiter", wait_until_ready } },
	.stale = 2,
};

/* Completions count. */

static DECLARE_COMPLETION(done);

static void complete_twice(void)
{
	complete(&done);
	complete(&done);
}

static void wait_once(void)
{
	wait_for_completion(&done);
}

static void check_none_left(void)
{
	lfx_assert(!try_wait_for_completion(&done));
}

LFX_SCENARIO(completion_count) = {
	.name = "completion-count",
	.what = "two complete() against two waits",
	.threads = {
		{ "completer", complete_twice },
		{ "waiter 1", wait_once },
		{ "waiter 2", wait_once },
	},
	.check = check_none_left,
};

static void try_once(void)
{
	taken = try_wait_for_completion(&done);
}

static void complete_once(void)
{
	complete(&done);
}

static void check_tried(void)
{
	lfx_assert(try_wait_for_completion(&done) == !taken);
	check_none_left();
}

LFX_SCENARIO(completion_try) = {
	.name = "completion-try",
	.what = "complete() against try_wait_for_completion()",
	.threads = { { "completer", complete_once }, { "tries", try_once } },
	.check = check_tried,
};

/* completion_done() says yes only when complete() is done with the completion. */

static struct completion *shared;

static void make_completion(void)
{
	shared = kzalloc_obj(*shared);
	init_completion(shared);
}

static void complete_shared(void)
{
	complete(shared);
}

static void free_when_done(void)
{
	while (!completion_done(shared))
		cpu_relax();
	kfree(shared);
}

LFX_SCENARIO(completion_done_free) = {
	.name = "completion-done",
	.what = "complete() against completion_done() and kfree()",
	.setup = make_completion,
	.threads = {
		{ "completer", complete_shared }, { "other", free_when_done },
	},
};

static void wait_interruptibly(void)
{
	result = wait_for_completion_interruptible(&done);
}

static void check_interrupted(void)
{
	lfx_assert(try_wait_for_completion(&done) == !!result);
}

LFX_SCENARIO(completion_interrupted) = {
	.name = "completion-interrupted",
	.what = "complete() against a wait that a signal may end",
	.threads = {
		{ "completer", complete_once },
		{ "waiter", wait_interruptibly },
	},
	.check = check_interrupted,
	.signals = 1,
};

/* A mutex whose waiter gives up: the next one gets it. */

static void lock_and_count(void)
{
	mutex_lock(&mutex);
	taken++;
	mutex_unlock(&mutex);
}

static void lock_or_give_up(void)
{
	if (mutex_lock_interruptible(&mutex))
		return;
	taken++;
	result = 1;
	mutex_unlock(&mutex);
}

static void check_taken(void)
{
	lfx_assert(taken == 2 + result);
}

LFX_SCENARIO(mutex_interrupted) = {
	.name = "mutex-interrupted",
	.what = "two mutex_lock() against one that a signal may end",
	.threads = {
		{ "thread 1", lock_and_count },
		{ "thread 2", lock_and_count },
		{ "interruptible", lock_or_give_up },
	},
	.check = check_taken,
	.signals = 1,
};

/* A mutex that the last user frees. */

static struct object {
	struct mutex mutex;
	int users;
} *object;

static void make_object(void)
{
	object = kzalloc_obj(*object);
	mutex_init(&object->mutex);
	object->users = 2;
}

static void drop_object(void)
{
	struct object *o = object;
	bool last;

	mutex_lock(&o->mutex);
	last = !--o->users;
	mutex_unlock(&o->mutex);
	if (last)
		WRITE_ONCE(result, 1);
}

static void free_object(void)
{
	lfx_assert(result == 1 && !object->users);
	mutex_destroy(&object->mutex);
	kfree(object);
}

LFX_SCENARIO(mutex_last_user) = {
	.name = "mutex-last-user",
	.what = "two threads count down under a mutex",
	.setup = make_object,
	.threads = { { "thread 1", drop_object }, { "thread 2", drop_object } },
	.check = free_object,
};

/* Kernel threads: parked and stopped. */

static struct task_struct *thread;

static int park_until_stopped(void *unused)
{
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop() && !kthread_should_park())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static void make_parking_thread(void)
{
	thread = kthread_run(park_until_stopped, NULL, "kthread");
	lfx_assert(!IS_ERR(thread));
}

static void park_and_unpark(void)
{
	lfx_assert(!kthread_park(thread));
	kthread_unpark(thread);
}

static void stop_thread(void)
{
	lfx_assert(!kthread_stop(thread));
}

LFX_SCENARIO(kthread_park_unpark) = {
	.name = "kthread-park",
	.what = "kthread_park() and kthread_unpark() against the thread",
	.setup = make_parking_thread,
	.threads = { { "parker", park_and_unpark } },
	.check = stop_thread,
};

/* The task of a thread that nobody else has a reference to. */
LFX_SCENARIO(kthread_stop_only) = {
	.name = "kthread-stop-only",
	.what = "kthread_stop() against the end of the thread",
	.setup = make_parking_thread,
	.threads = { { "stopper", stop_thread } },
};

static int sleep_until_stopped(void *unused)
{
	result++;
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 5;
}

static void run_and_stop(void)
{
	thread = kthread_run(sleep_until_stopped, NULL, "kthread");
	lfx_assert(!IS_ERR(thread));
	lfx_assert(kthread_stop(thread) == (result ? 5 : -EINTR));
}

LFX_SCENARIO(kthread_run_stop) = {
	.name = "kthread-run-stop",
	.what = "kthread_run() and kthread_stop()",
	.threads = { { "thread", run_and_stop } },
};

static int complete_and_exit(void *unused)
{
	result = 3;
	kthread_complete_and_exit(&done, 0);
}

static void run_and_wait(void)
{
	thread = kthread_run(complete_and_exit, NULL, "kthread");
	lfx_assert(!IS_ERR(thread));
	wait_for_completion(&done);
	lfx_assert(result == 3);
}

LFX_SCENARIO(kthread_exit_completes) = {
	.name = "kthread-complete-and-exit",
	.what = "kthread_complete_and_exit() against a wait",
	.threads = { { "thread", run_and_wait } },
};

/* Type-stable memory: a lookup finds an object, or one that took its place. */

static struct node {
	struct kref ref;
	int key;
} *node, *slot;
static struct kmem_cache *cache;

static void free_node(struct kref *ref)
{
	kmem_cache_free(cache, container_of(ref, struct node, ref));
}

/* An object that was never used has no reference to get. */
static void init_node(void *p)
{
	memset(p, 0, sizeof(struct node));
}

static struct node *new_node(int key)
{
	struct node *n = kmem_cache_alloc(cache, GFP_KERNEL);

	WRITE_ONCE(n->key, key);
	/* Only a lookup that gets a reference reads the key afterwards. */
	smp_wmb();
	kref_init(&n->ref);
	return n;
}

static void make_cache(void)
{
	cache = kmem_cache_create("nodes", sizeof(*node), 0,
				  SLAB_TYPESAFE_BY_RCU, init_node);
	slot = new_node(1);
}

static void replace_node(void)
{
	struct node *old = slot;

	WRITE_ONCE(slot, NULL);
	kref_put(&old->ref, free_node);
	node = new_node(2);
}

static void look_up(void)
{
	struct node *n;

	rcu_read_lock();
	n = READ_ONCE(slot);
	if (n && !kref_get_unless_zero(&n->ref))
		n = NULL;
	rcu_read_unlock();
	if (!n)
		return;
	/* It may be another object now. */
	if (READ_ONCE(n->key) == 1)
		result = 1;
	kref_put(&n->ref, free_node);
}

static void free_cache(void)
{
	lfx_assert(kref_read(&node->ref) == 1);
	kref_put(&node->ref, free_node);
	kmem_cache_destroy(cache);
}

LFX_SCENARIO(typesafe_lookup) = {
	.name = "typesafe-lookup",
	.what = "a lookup in a SLAB_TYPESAFE_BY_RCU cache against a new object",
	.setup = make_cache,
	.threads = { { "owner", replace_node }, { "reader", look_up } },
	.check = free_cache,
};

/* XArray: readers under RCU, writers under its lock. */

static DEFINE_XARRAY(array);
static DEFINE_XARRAY_ALLOC(ids);

struct entry {
	struct rcu_head rcu;
	int value;
};

static struct entry *new_entry(int value)
{
	struct entry *e = kzalloc_obj(*e);

	e->value = value;
	return e;
}

static void fill_array(void)
{
	lfx_assert(!xa_store(&array, 1, new_entry(1), GFP_KERNEL));
}

static void replace_entry(void)
{
	struct entry *old = xa_store(&array, 1, new_entry(2), GFP_KERNEL);

	kfree_rcu(old, rcu);
}

static void erase_entry(void)
{
	struct entry *old = xa_erase(&array, 1);

	if (old)
		kfree_rcu(old, rcu);
}

static void load_entry(void)
{
	struct entry *e;

	rcu_read_lock();
	e = xa_load(&array, 1);
	lfx_assert(!e || e->value == 1 || e->value == 2);
	rcu_read_unlock();
}

static void free_array(void)
{
	kfree(xa_erase(&array, 1));
	xa_destroy(&array);
}

LFX_SCENARIO(xarray_store_load) = {
	.name = "xarray-store-load",
	.what = "xa_store() and kfree_rcu() of the old entry against xa_load()",
	.setup = fill_array,
	.threads = { { "writer", replace_entry }, { "reader", load_entry } },
	.check = free_array,
};

LFX_SCENARIO(xarray_erase_load) = {
	.name = "xarray-erase-load",
	.what = "xa_erase(), which frees nodes, against xa_load()",
	.setup = fill_array,
	.threads = { { "writer", erase_entry }, { "reader", load_entry } },
	.check = free_array,
};

static void store_far(void)
{
	struct entry *e = new_entry(2);

	lfx_assert(!xa_store(&array, 5000, e, GFP_KERNEL));
}

static void free_far(void)
{
	kfree(xa_erase(&array, 5000));
	free_array();
}

LFX_SCENARIO(xarray_grow_load) = {
	.name = "xarray-grow-load",
	.what = "xa_store() of an index that needs a higher tree against xa_load()",
	.setup = fill_array,
	.threads = { { "writer", store_far }, { "reader", load_entry } },
	.check = free_far,
};

static void shrink(void)
{
	kfree(xa_erase(&array, 5000));
}

static void fill_far(void)
{
	fill_array();
	store_far();
}

LFX_SCENARIO(xarray_shrink_load) = {
	.name = "xarray-shrink-load",
	.what = "xa_erase() that lowers the tree against xa_load()",
	.setup = fill_far,
	.threads = { { "writer", shrink }, { "reader", load_entry } },
	.check = free_array,
};

static int values[2];
static u32 id[2];

static void alloc_0(void)
{
	lfx_assert(!xa_alloc(&ids, &id[0], &values[0], xa_limit_31b, GFP_KERNEL));
}

static void alloc_1(void)
{
	lfx_assert(!xa_alloc(&ids, &id[1], &values[1], xa_limit_31b, GFP_KERNEL));
}

static void check_ids(void)
{
	lfx_assert(id[0] + id[1] == 1);
	lfx_assert(xa_load(&ids, id[0]) == &values[0]);
	lfx_assert(xa_load(&ids, id[1]) == &values[1]);
	xa_destroy(&ids);
}

LFX_SCENARIO(xarray_alloc) = {
	.name = "xarray-alloc",
	.what = "two xa_alloc()",
	.threads = { { "thread 0", alloc_0 }, { "thread 1", alloc_1 } },
	.check = check_ids,
};
