// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Work queues: running, order, concurrency, and destruction. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <libfence/libfence.h>

/* An item that occupies its worker until @go is completed. */
struct blocker {
	struct work_struct work;
	struct completion running, go;
	atomic_t nr_runs;
	/* Not atomic: runs of one item are ordered, and a wait sees them. */
	int nr_ended;
};

static void blocker_fn(struct work_struct *work)
{
	struct blocker *b = container_of(work, struct blocker, work);

	atomic_inc_return(&b->nr_runs);
	complete(&b->running);
	wait_for_completion(&b->go);
	b->nr_ended++;
}

static void blocker_init(struct blocker *b)
{
	*b = (struct blocker){ .nr_ended = 0 };
	INIT_WORK(&b->work, blocker_fn);
	init_completion(&b->running);
	init_completion(&b->go);
}

/* Queue @b and wait until it runs. */
static void blocker_start(struct blocker *b, struct workqueue_struct *wq)
{
	blocker_init(b);
	assert_true(queue_work(wq, &b->work));
	wait_for_completion(&b->running);
}

struct counted {
	struct work_struct work;
	atomic_t nr_runs;
	int nr_requeue;
	bool in_task, queued;
	pid_t thread;
	struct workqueue_struct *wq;
};

static void counted_fn(struct work_struct *work)
{
	struct counted *c = container_of(work, struct counted, work);

	c->in_task = in_task() && !irqs_disabled();
	c->thread = task_pid_nr(current);
	atomic_inc_return(&c->nr_runs);
	if (c->nr_requeue) {
		c->nr_requeue--;
		queue_work(c->wq, work);
	}
}

static void counted_init(struct counted *c, struct workqueue_struct *wq)
{
	*c = (struct counted){ .wq = wq };
	INIT_WORK(&c->work, counted_fn);
}

static struct workqueue_struct *make(int max_active)
{
	struct workqueue_struct *wq;

	wq = alloc_workqueue("test/%d", WQ_UNBOUND, max_active, max_active);
	assert_non_null(wq);
	return wq;
}

static struct workqueue_struct *make_ordered(void)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordered", 0);

	assert_non_null(wq);
	return wq;
}

static void item_runs_once_in_a_thread_of_the_queue(void **state)
{
	struct workqueue_struct *wq = make(0);
	struct counted c;

	counted_init(&c, wq);
	assert_true(queue_work(wq, &c.work));
	flush_work(&c.work);
	assert_int_equal(atomic_read(&c.nr_runs), 1);
	assert_true(c.in_task);
	assert_int_not_equal(c.thread, task_pid_nr(current));
	assert_false(flush_work(&c.work));
	destroy_workqueue(wq);
	assert_int_equal(atomic_read(&c.nr_runs), 1);
}

static void pending_item_is_not_queued_twice(void **state)
{
	struct workqueue_struct *wq = make_ordered();
	struct blocker b;
	struct counted c;

	blocker_start(&b, wq);
	counted_init(&c, wq);
	assert_true(queue_work(wq, &c.work));
	assert_false(queue_work(wq, &c.work));
	assert_true(work_pending(&c.work));
	assert_int_equal(work_busy(&c.work), WORK_BUSY_PENDING);
	assert_int_equal(work_busy(&b.work), WORK_BUSY_RUNNING);
	assert_false(work_pending(&b.work));
	/* A running item is not pending: it may be queued again, once. */
	assert_true(queue_work(wq, &b.work));
	assert_false(queue_work(wq, &b.work));
	assert_int_equal(work_busy(&b.work), WORK_BUSY_PENDING | WORK_BUSY_RUNNING);
	complete_all(&b.go);
	destroy_workqueue(wq);
	assert_int_equal(atomic_read(&b.nr_runs), 2);
	assert_int_equal(atomic_read(&c.nr_runs), 1);
	assert_int_equal(work_busy(&c.work), 0);
}

static void item_never_runs_beside_itself(void **state)
{
	struct workqueue_struct *a = make(4), *b = make(4);
	struct blocker block;

	/* Not on another queue either: there, it waits for the current run. */
	blocker_start(&block, a);
	assert_true(queue_work(b, &block.work));
	msleep(10);
	assert_int_equal(atomic_read(&block.nr_runs), 1);
	complete_all(&block.go);
	flush_work(&block.work);
	assert_int_equal(atomic_read(&block.nr_runs), 2);
	assert_int_equal(block.nr_ended, 2);
	destroy_workqueue(a);
	destroy_workqueue(b);
}

struct hammered {
	struct work_struct work;
	struct workqueue_struct *wq;
	atomic_t nr_queued, inside, nr_concurrent;
	/* Not atomic: runs of one item are ordered. */
	int nr_runs;
};

static void hammered_fn(struct work_struct *work)
{
	struct hammered *h = container_of(work, struct hammered, work);

	if (atomic_inc_return(&h->inside) != 1)
		atomic_inc(&h->nr_concurrent);
	h->nr_runs++;
	atomic_dec_return(&h->inside);
}

static int hammer(void *data)
{
	struct hammered *h = data;
	int i, nr = 5000 / test_slowness();

	for (i = 0; i < nr; i++)
		if (queue_work(h->wq, &h->work))
			atomic_inc_return(&h->nr_queued);
	return 0;
}

static void every_successful_queueing_is_one_run(void **state)
{
	struct hammered h = { .wq = make(4) };
	struct task_struct *tasks[3];
	int i;

	INIT_WORK(&h.work, hammered_fn);
	for (i = 0; i < 3; i++)
		tasks[i] = start(hammer, &h);
	for (i = 0; i < 3; i++)
		finish(tasks[i]);
	destroy_workqueue(h.wq);
	assert_int_equal(atomic_read(&h.nr_concurrent), 0);
	assert_int_equal(h.nr_runs, atomic_read(&h.nr_queued));
}

static void items_run_beside_each_other_up_to_max_active(void **state)
{
	struct workqueue_struct *wq = make(3);
	struct blocker b[5];
	int i, running = 0;

	for (i = 0; i < 5; i++) {
		blocker_init(&b[i]);
		queue_work(wq, &b[i].work);
	}
	/* Three items run at once. Otherwise this would wait for ever. */
	for (i = 0; i < 3; i++)
		wait_for_completion(&b[i].running);
	msleep(10);
	for (i = 0; i < 5; i++)
		running += atomic_read(&b[i].nr_runs);
	assert_int_equal(running, 3);
	for (i = 0; i < 5; i++)
		complete(&b[i].go);
	destroy_workqueue(wq);
	for (i = 0; i < 5; i++)
		assert_int_equal(b[i].nr_ended, 1);
}

#define NR_ORDERED	200

struct ordered {
	struct work_struct work;
	int nr;
};

/* Not atomic: an ordered queue runs one item at a time. */
static int next_ordered, nr_out_of_order;

static void ordered_fn(struct work_struct *work)
{
	struct ordered *o = container_of(work, struct ordered, work);

	nr_out_of_order += o->nr != next_ordered++;
}

static void ordered_queue_is_strictly_first_in_first_out(void **state)
{
	struct workqueue_struct *wq = make_ordered();
	static struct ordered items[NR_ORDERED];
	int i;

	next_ordered = nr_out_of_order = 0;
	for (i = 0; i < NR_ORDERED; i++) {
		INIT_WORK(&items[i].work, ordered_fn);
		items[i].nr = i;
		queue_work(wq, &items[i].work);
	}
	destroy_workqueue(wq);
	assert_int_equal(next_ordered, NR_ORDERED);
	assert_int_equal(nr_out_of_order, 0);
}

static void function_may_queue_its_own_item(void **state)
{
	struct workqueue_struct *wq = make(2);
	struct counted c;

	counted_init(&c, wq);
	c.nr_requeue = 20;
	queue_work(wq, &c.work);
	drain_workqueue(wq);
	assert_int_equal(atomic_read(&c.nr_runs), 21);
	destroy_workqueue(wq);
}

static void destroy_runs_what_is_pending(void **state)
{
	struct workqueue_struct *wq = make(1);
	struct counted c[10];
	int i;

	for (i = 0; i < 10; i++) {
		counted_init(&c[i], wq);
		c[i].nr_requeue = i;
		queue_work(wq, &c[i].work);
	}
	destroy_workqueue(wq);
	for (i = 0; i < 10; i++)
		assert_int_equal(atomic_read(&c[i].nr_runs), i + 1);
	destroy_workqueue(NULL);
}

static atomic_t nr_freed;

static void free_self(struct work_struct *work)
{
	memset(work, 0xff, sizeof(*work));
	kfree(work);
	atomic_inc_return(&nr_freed);
}

static void function_may_free_its_item(void **state)
{
	struct workqueue_struct *wq = make(2);
	int i;

	atomic_set(&nr_freed, 0);
	for (i = 0; i < 100; i++) {
		struct work_struct *work = kmalloc_obj(*work);

		INIT_WORK(work, free_self);
		queue_work(wq, work);
	}
	flush_workqueue(wq);
	assert_int_equal(atomic_read(&nr_freed), 100);
	destroy_workqueue(wq);
}

static bool all_there;

static int schedule_first(void *data)
{
	struct counted *c = data;
	DEFINE_SPINLOCK(lock);

	while (!READ_ONCE(all_there))
		cpu_relax();
	spin_lock_irq(&lock);
	c->queued = schedule_work(&c->work);
	spin_unlock_irq(&lock);
	return 0;
}

/*
 * The first use of the system queue in the program, by several threads at once,
 * in atomic context.
 */
static void system_queue_works_at_its_first_use(void **state)
{
	struct task_struct *tasks[4];
	struct counted c[4];
	int i;

	for (i = 0; i < 4; i++) {
		counted_init(&c[i], NULL);
		tasks[i] = start(schedule_first, &c[i]);
	}
	WRITE_ONCE(all_there, true);
	for (i = 0; i < 4; i++)
		finish(tasks[i]);
	for (i = 0; i < 4; i++) {
		assert_true(c[i].queued);
		flush_work(&c[i].work);
		assert_int_equal(atomic_read(&c[i].nr_runs), 1);
	}
}

static DECLARE_WORK(static_item, ordered_fn);

static void static_items_need_no_initialisation(void **state)
{
	assert_false(work_pending(&static_item));
	assert_false(cancel_work_sync(&static_item));
	assert_false(flush_work(&static_item));
}

/* Draining and destroying */

static struct workqueue_struct *drained;
static struct blocker keeper;
static struct counted chained;
static bool chained_queued;

/* Queues another item on its own queue while that is being drained. */
static void keeper_fn(struct work_struct *work)
{
	complete(&keeper.running);
	wait_for_completion(&keeper.go);
	chained_queued = queue_work(drained, &chained.work);
}

static int drain_it(void *unused)
{
	drain_workqueue(drained);
	return atomic_read(&chained.nr_runs);
}

static int destroy_it(void *unused)
{
	destroy_workqueue(drained);
	return atomic_read(&chained.nr_runs);
}

static struct task_struct *start_draining(int (*how)(void *))
{
	struct task_struct *task;

	drained = make(2);
	blocker_init(&keeper);
	INIT_WORK(&keeper.work, keeper_fn);
	counted_init(&chained, drained);
	chained.nr_requeue = 5;
	queue_work(drained, &keeper.work);
	wait_for_completion(&keeper.running);
	task = start(how, NULL);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	return task;
}

/* The warning comes once per program, so this is one test. */
static void draining_and_destroying_queues_refuse_others(void **state)
{
	struct task_struct *task;
	struct counted outside;
	struct delayed_work expiring;

	test_expect_warnings();
	task = start_draining(drain_it);
	counted_init(&outside, drained);
	INIT_DELAYED_WORK(&expiring, counted_fn);
	assert_true(queue_work(drained, &outside.work));
	assert_false(work_pending(&outside.work));
	/* The expiry of a timer is not an item of the queue either. */
	assert_true(queue_delayed_work(drained, &expiring, 1));
	assert_true(eventually(!delayed_work_pending(&expiring)));
	complete(&keeper.go);
	/* The items of the queue queue items until the end. */
	assert_int_equal(finish(task), 6);
	assert_true(chained_queued);
	assert_int_equal(atomic_read(&outside.nr_runs), 0);
	/* The queue is open again. */
	assert_true(queue_work(drained, &outside.work));
	flush_work(&outside.work);
	assert_int_equal(atomic_read(&outside.nr_runs), 1);
	destroy_workqueue(drained);

	task = start_draining(destroy_it);
	counted_init(&outside, drained);
	assert_true(queue_work(drained, &outside.work));
	assert_false(work_pending(&outside.work));
	complete(&keeper.go);
	assert_int_equal(finish(task), 6);
	assert_int_equal(atomic_read(&outside.nr_runs), 0);
	test_expected_warnings(1, "cannot queue counted_fn on wq test/2",
			       __FILE__, __LINE__);
}

static void draining_nests(void **state)
{
	struct task_struct *one, *two;

	one = start_draining(drain_it);
	two = start(drain_it, NULL);
	assert_true(eventually(sleeps_in(two, TASK_UNINTERRUPTIBLE)));
	complete(&keeper.go);
	assert_int_equal(finish(one), 6);
	assert_int_equal(finish(two), 6);
	counted_init(&chained, drained);
	queue_work(drained, &chained.work);
	destroy_workqueue(drained);
	assert_int_equal(atomic_read(&chained.nr_runs), 1);
}

/* Flushing a queue */

static struct workqueue_struct *flushed;
static bool flush_done;

static int flush_it(void *unused)
{
	__flush_workqueue(flushed);
	WRITE_ONCE(flush_done, true);
	return 0;
}

static struct task_struct *start_flush(struct workqueue_struct *wq)
{
	struct task_struct *task;

	flushed = wq;
	WRITE_ONCE(flush_done, false);
	task = start(flush_it, NULL);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	return task;
}

static void flush_waits_for_an_item_queued_again_while_it_runs(void **state)
{
	struct workqueue_struct *wq = make(4);
	struct task_struct *task;
	struct blocker b;

	blocker_start(&b, wq);
	assert_true(queue_work(wq, &b.work));
	task = start_flush(wq);
	complete(&b.go);
	wait_for_completion(&b.running);
	msleep(5);
	assert_false(READ_ONCE(flush_done));
	complete(&b.go);
	finish(task);
	assert_int_equal(b.nr_ended, 2);
	destroy_workqueue(wq);
}

static void flush_waits_for_items_without_a_slot(void **state)
{
	struct workqueue_struct *wq = make(1);
	struct counted c[5], later;
	struct task_struct *task;
	struct blocker b, last;
	int i;

	blocker_start(&b, wq);
	for (i = 0; i < 5; i++) {
		counted_init(&c[i], wq);
		queue_work(wq, &c[i].work);
	}
	task = start_flush(wq);
	/* Neither of these counts. */
	blocker_init(&last);
	queue_work(wq, &last.work);
	counted_init(&later, wq);
	queue_work(wq, &later.work);
	complete(&b.go);
	finish(task);
	for (i = 0; i < 5; i++)
		assert_int_equal(atomic_read(&c[i].nr_runs), 1);
	assert_int_equal(atomic_read(&later.nr_runs), 0);
	complete(&last.go);
	destroy_workqueue(wq);
}

static void each_flush_waits_for_its_own_items(void **state)
{
	struct workqueue_struct *wq = make(4);
	struct task_struct *one, *two;
	struct blocker a, b;

	blocker_start(&a, wq);
	one = start_flush(wq);
	blocker_start(&b, wq);
	two = start_flush(wq);
	complete(&a.go);
	finish(one);
	WRITE_ONCE(flush_done, false);
	msleep(5);
	assert_false(READ_ONCE(flush_done));
	complete(&b.go);
	finish(two);
	destroy_workqueue(wq);
}

static void cancelled_item_ends_a_flush(void **state)
{
	struct workqueue_struct *wq = make(1);
	struct task_struct *task;
	struct counted c;
	struct blocker b;

	blocker_start(&b, wq);
	counted_init(&c, wq);
	queue_work(wq, &c.work);
	task = start_flush(wq);
	complete(&b.go);
	cancel_work(&c.work);
	finish(task);
	destroy_workqueue(wq);
}

/* Order */

static void ordered_queue_waits_for_an_item_that_runs_elsewhere(void **state)
{
	struct workqueue_struct *any = make(4), *ordered = make_ordered();
	struct task_struct *task;
	struct blocker w;
	struct counted x;

	blocker_start(&w, any);
	assert_true(queue_work(ordered, &w.work));
	counted_init(&x, ordered);
	assert_true(queue_work(ordered, &x.work));
	task = start_flush(ordered);
	msleep(5);
	assert_int_equal(atomic_read(&x.nr_runs), 0);
	/* The first run ends: now the ordered queue runs the item. */
	complete(&w.go);
	wait_for_completion(&w.running);
	msleep(5);
	assert_int_equal(atomic_read(&x.nr_runs), 0);
	assert_false(READ_ONCE(flush_done));
	complete(&w.go);
	finish(task);
	assert_int_equal(atomic_read(&x.nr_runs), 1);
	destroy_workqueue(any);
	destroy_workqueue(ordered);
}

/* The thread that runs the item for the second queue is one of the first. */
static void queue_may_go_while_its_item_is_queued_elsewhere(void **state)
{
	struct workqueue_struct *a = make(4), *b = make(4);
	struct blocker w;

	blocker_start(&w, a);
	assert_true(queue_work(b, &w.work));
	complete(&w.go);
	destroy_workqueue(a);
	complete(&w.go);
	destroy_workqueue(b);
	assert_int_equal(w.nr_ended, 2);
}

static struct blocker *requeuer;
static struct workqueue_struct *requeue_on;
static int order_seen[2], nr_order_seen;

static void order_fn(struct work_struct *work)
{
	order_seen[nr_order_seen++] = 2;
}

static void requeue_fn(struct work_struct *work)
{
	if (!requeuer->nr_ended++) {
		complete(&requeuer->running);
		wait_for_completion(&requeuer->go);
		queue_work(requeue_on, work);
	} else {
		order_seen[nr_order_seen++] = 1;
	}
}

static void item_that_queues_itself_goes_behind(void **state)
{
	struct workqueue_struct *wq = make_ordered();
	struct work_struct other;
	struct blocker b;

	blocker_init(&b);
	INIT_WORK(&b.work, requeue_fn);
	requeuer = &b;
	requeue_on = wq;
	nr_order_seen = 0;
	queue_work(wq, &b.work);
	wait_for_completion(&b.running);
	INIT_WORK_ONSTACK(&other, order_fn);
	queue_work(wq, &other);
	complete(&b.go);
	destroy_workqueue(wq);
	assert_int_equal(nr_order_seen, 2);
	assert_int_equal(order_seen[0], 2);
}

/* max_active */

/* Returns how many items run at once. */
static int count_active(struct workqueue_struct *wq, struct blocker *b, int nr)
{
	int i, running = 0;

	for (i = 0; i < nr; i++) {
		blocker_init(&b[i]);
		queue_work(wq, &b[i].work);
	}
	msleep(20);
	for (i = 0; i < nr; i++)
		running += atomic_read(&b[i].nr_runs);
	return running;
}

static void let_go(struct blocker *b, int nr)
{
	while (nr--)
		complete_all(&b[nr].go);
}

static void max_active_is_clamped(void **state)
{
	struct workqueue_struct *wq;
	struct blocker b[3];

	wq = make(-1);
	assert_int_equal(count_active(wq, b, 3), 1);
	let_go(b, 3);
	destroy_workqueue(wq);
	wq = make(INT_MAX);
	assert_int_equal(count_active(wq, b, 3), 3);
	let_go(b, 3);
	destroy_workqueue(wq);
}

static void max_active_can_be_changed(void **state)
{
	struct workqueue_struct *wq = make(1);
	struct blocker b[4];

	assert_int_equal(count_active(wq, b, 4), 1);
	workqueue_set_max_active(wq, 3);
	/* Those that waited go first, in order. */
	wait_for_completion(&b[1].running);
	wait_for_completion(&b[2].running);
	msleep(5);
	assert_int_equal(atomic_read(&b[3].nr_runs), 0);
	let_go(b, 4);
	destroy_workqueue(wq);
	wq = make_ordered();
	assert_warns(1, workqueue_set_max_active(wq, 2));
	assert_int_equal(count_active(wq, b, 2), 1);
	let_go(b, 2);
	destroy_workqueue(wq);
}

/* As many items as the default may wait for one that comes last. */
static void default_max_active_is_large(void **state)
{
	static struct blocker b[65];
	struct workqueue_struct *wq = make(0);
	int i;

	for (i = 0; i < ARRAY_SIZE(b); i++) {
		blocker_init(&b[i]);
		queue_work(wq, &b[i].work);
	}
	wait_for_completion(&b[ARRAY_SIZE(b) - 1].running);
	let_go(b, ARRAY_SIZE(b));
	destroy_workqueue(wq);
}

/* Flags and names of queues */

static void queue_is_either_percpu_or_unbound(void **state)
{
	struct workqueue_struct *wq;

	assert_warns_like("neither", wq = alloc_workqueue("neither", 0, 0););
	destroy_workqueue(wq);
	assert_warns_like("both", wq = alloc_workqueue("both", WQ_PERCPU |
						       WQ_UNBOUND, 0););
	destroy_workqueue(wq);
	wq = alloc_workqueue("flags", WQ_PERCPU | WQ_HIGHPRI | WQ_FREEZABLE |
			     WQ_SYSFS | WQ_CPU_INTENSIVE | WQ_POWER_EFFICIENT,
			     WQ_DFL_ACTIVE);
	assert_non_null(wq);
	destroy_workqueue(wq);
}

static void old_names_create_queues(void **state)
{
	struct workqueue_struct *wq[] = {
		create_workqueue("old"), create_freezable_workqueue("old"),
		create_singlethread_workqueue("old"),
	};
	struct blocker b[2];
	int i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(count_active(wq[i], b, 2), 1);
		let_go(b, 2);
		destroy_workqueue(wq[i]);
	}
}

static void highpri_items_have_other_threads(void **state)
{
	struct workqueue_struct *wq = make(0);
	struct workqueue_struct *hi = alloc_workqueue("hi", WQ_UNBOUND |
						      WQ_HIGHPRI, 0);
	struct counted a, b;
	int i;

	counted_init(&a, wq);
	counted_init(&b, hi);
	for (i = 0; i < 10; i++) {
		queue_work(wq, &a.work);
		flush_work(&a.work);
		queue_work(hi, &b.work);
		flush_work(&b.work);
		assert_int_not_equal(a.thread, b.thread);
	}
	destroy_workqueue(hi);
	destroy_workqueue(wq);
}

static void system_queues_are_separate(void **state)
{
	struct workqueue_struct *wq[] = {
		system_percpu_wq, system_highpri_wq, system_long_wq,
		system_dfl_wq, system_dfl_long_wq, system_freezable_wq,
		system_power_efficient_wq, system_freezable_power_efficient_wq,
		system_wq, system_unbound_wq,
	};
	struct blocker b;
	struct counted c;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(wq); i++)
		for (j = 0; j < i; j++)
			assert_ptr_not_equal(wq[i], wq[j]);
	blocker_start(&b, system_percpu_wq);
	for (i = 1; i < ARRAY_SIZE(wq); i++) {
		counted_init(&c, wq[i]);
		queue_work(wq[i], &c.work);
		/* This does not wait for the blocker. */
		__flush_workqueue(wq[i]);
		assert_int_equal(atomic_read(&c.nr_runs), 1);
	}
	complete(&b.go);
	flush_work(&b.work);
}

/* Reports */

static struct workqueue_struct *plain;
static struct blocker waited_for;

static void reclaim_fn(struct work_struct *work)
{
	queue_work(plain, &waited_for.work);
	complete_all(&waited_for.go);
	flush_work(&waited_for.work);
	__flush_workqueue(plain);
}

static void exempt_fn(struct work_struct *work)
{
	queue_work(plain, &waited_for.work);
	complete_all(&waited_for.go);
	wait_for_completion(&waited_for.running);
	cancel_work_sync(&waited_for.work);
}

static void run_on(struct workqueue_struct *wq, work_func_t fn)
{
	struct work_struct work;

	assert_non_null(wq);
	blocker_init(&waited_for);
	INIT_WORK_ONSTACK(&work, fn);
	queue_work(wq, &work);
	destroy_workqueue(wq);
}

static void mem_reclaim_item_must_not_flush_another_queue(void **state)
{
	plain = make(0);
	/* Cancelling is allowed, and so is a queue of the old functions. */
	run_on(alloc_workqueue("reclaim", WQ_UNBOUND | WQ_MEM_RECLAIM, 0),
	       exempt_fn);
	run_on(create_workqueue("old"), reclaim_fn);
	run_on(make(0), reclaim_fn);
	assert_warns_like("WQ_MEM_RECLAIM reclaim:reclaim_fn is flushing !WQ_MEM_RECLAIM test/0:blocker_fn",
		run_on(alloc_workqueue("reclaim", WQ_UNBOUND | WQ_MEM_RECLAIM,
				       0), reclaim_fn););
	destroy_workqueue(plain);
}

static void leak_rcu_fn(struct work_struct *work)
{
	rcu_read_lock();
}

static void leak_preempt_fn(struct work_struct *work)
{
	preempt_disable();
	preempt_disable();
}

static void leak_irq_fn(struct work_struct *work)
{
	local_irq_disable();
}

/* Each report has the name, and the next item runs in a clean context. */
static void function_that_leaks_its_context_is_reported(void **state)
{
	static const struct {
		work_func_t fn;
		const char *name;
	} leaks[] = {
		{ leak_rcu_fn, "leaked atomic, lock or RCU: leak_rcu_fn" },
		{ leak_preempt_fn, "lock or RCU: leak_preempt_fn" },
		{ leak_irq_fn, "lock or RCU: leak_irq_fn" },
	};
	struct workqueue_struct *wq = make_ordered();
	struct work_struct work;
	struct counted c;
	int i;

	for (i = 0; i < ARRAY_SIZE(leaks); i++) {
		INIT_WORK_ONSTACK(&work, leaks[i].fn);
		assert_warns_like(leaks[i].name, {
			queue_work(wq, &work);
			flush_work(&work);
		});
		counted_init(&c, wq);
		queue_work(wq, &c.work);
		flush_work(&c.work);
		assert_true(c.in_task);
		synchronize_rcu();
	}
	destroy_workqueue(wq);
}

static void no_memory_no_queue(void **state)
{
	struct workqueue_struct *wq;
	int n = 0;

	/* Each allocation fails in turn, and nothing leaks. */
	do {
		libfence_fail_nth(++n);
		wq = alloc_workqueue("none", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
		if (wq)
			destroy_workqueue(wq);
		assert_true(n < 20);
	} while (!libfence_fail_nth_left());
	assert_true(n > 1);
	assert_non_null(wq);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		/* Has to be first, because it tests the first use. */
		TEST(system_queue_works_at_its_first_use),
		TEST(item_runs_once_in_a_thread_of_the_queue),
		TEST(pending_item_is_not_queued_twice),
		TEST(item_never_runs_beside_itself),
		TEST(every_successful_queueing_is_one_run),
		TEST(items_run_beside_each_other_up_to_max_active),
		TEST(ordered_queue_is_strictly_first_in_first_out),
		TEST(function_may_queue_its_own_item),
		TEST(destroy_runs_what_is_pending),
		TEST(function_may_free_its_item),
		TEST(static_items_need_no_initialisation),
		TEST(draining_and_destroying_queues_refuse_others),
		TEST(draining_nests),
		TEST(flush_waits_for_an_item_queued_again_while_it_runs),
		TEST(flush_waits_for_items_without_a_slot),
		TEST(each_flush_waits_for_its_own_items),
		TEST(cancelled_item_ends_a_flush),
		TEST(ordered_queue_waits_for_an_item_that_runs_elsewhere),
		TEST(queue_may_go_while_its_item_is_queued_elsewhere),
		TEST(item_that_queues_itself_goes_behind),
		TEST(max_active_is_clamped),
		TEST(max_active_can_be_changed),
		TEST(default_max_active_is_large),
		TEST(queue_is_either_percpu_or_unbound),
		TEST(old_names_create_queues),
		TEST(highpri_items_have_other_threads),
		TEST(system_queues_are_separate),
		TEST(mem_reclaim_item_must_not_flush_another_queue),
		TEST(function_that_leaks_its_context_is_reported),
		TEST(no_memory_no_queue),
	};

	return TEST_MAIN("workqueue", tests);
}
