// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Kthread workers: the states of an item, order, waiting, cancelling. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/slab.h>
#include <libfence/libfence.h>

#define FAR	(1000 * HZ)

static struct kthread_worker *worker;
/* The item under test, and one that keeps the worker busy before it. */
static struct kthread_delayed_work item;
static struct kthread_work blocker;
static struct completion blocking, unblock;
static bool gate, inside, requeue;
static int requeue_result;
static atomic_t nr_runs;
/* Not atomic: a thread that has waited for the item may read it. */
static int nr_ended;

static void item_fn(struct kthread_work *work)
{
	atomic_inc_return(&nr_runs);
	WRITE_ONCE(inside, true);
	while (!READ_ONCE(gate))
		cpu_relax();
	if (READ_ONCE(requeue))
		WRITE_ONCE(requeue_result, kthread_queue_work(worker, work));
	WRITE_ONCE(inside, false);
	nr_ended++;
}

static void blocker_fn(struct kthread_work *work)
{
	complete(&blocking);
	wait_for_completion(&unblock);
}

static void set_up(void)
{
	worker = kthread_run_worker(0, "worker/%d", 1);
	assert_false(IS_ERR(worker));
	kthread_init_delayed_work(&item, item_fn);
	kthread_init_work(&blocker, blocker_fn);
	init_completion(&blocking);
	init_completion(&unblock);
	gate = inside = requeue = false;
	requeue_result = -1;
	atomic_set(&nr_runs, 0);
	nr_ended = 0;
}

static void tear_down(void)
{
	WRITE_ONCE(gate, true);
	complete_all(&unblock);
	kthread_cancel_delayed_work_sync(&item);
	kthread_destroy_worker(worker);
}

enum state { IDLE, TIMER, QUEUED, RUNNING, RUNNING_QUEUED, RUNNING_TIMER };

static void enter(enum state s)
{
	set_up();
	if (s == QUEUED) {
		kthread_queue_work(worker, &blocker);
		wait_for_completion(&blocking);
		assert_true(kthread_queue_work(worker, &item.work));
	}
	if (s >= RUNNING) {
		kthread_queue_work(worker, &item.work);
		assert_true(eventually(READ_ONCE(inside)));
	}
	if (s == RUNNING_QUEUED)
		assert_true(kthread_queue_work(worker, &item.work));
	if (s == TIMER || s == RUNNING_TIMER)
		assert_true(kthread_queue_delayed_work(worker, &item, FAR));
}

/* Let everything run that is queued. Returns how often the function has run. */
static int run_all(void)
{
	WRITE_ONCE(gate, true);
	complete_all(&unblock);
	kthread_flush_worker(worker);
	return nr_ended;
}

static int queue(void)
{
	return kthread_queue_work(worker, &item.work);
}

static int queue_now(void)
{
	return kthread_queue_delayed_work(worker, &item, 0);
}

static int queue_later(void)
{
	return kthread_queue_delayed_work(worker, &item, FAR);
}

static int mod_now(void)
{
	return kthread_mod_delayed_work(worker, &item, 0);
}

static int mod_later(void)
{
	return kthread_mod_delayed_work(worker, &item, 2 * FAR);
}

static void cell(int (*op)(void), enum state s, bool ret, bool armed, int runs)
{
	enter(s);
	assert_int_equal(op(), ret);
	assert_int_equal(timer_pending(&item.timer), armed);
	if (armed && op == mod_later)
		assert_true(time_after(item.timer.expires, jiffies + FAR));
	assert_int_equal(run_all() - (s >= RUNNING), runs);
	tear_down();
}

static int cancel(void *unused)
{
	return kthread_cancel_delayed_work_sync(&item);
}

static int flush(void *unused)
{
	kthread_flush_work(&item.work);
	return nr_ended;
}

static void wait_cell(int (*op)(void *), enum state s, int ret, bool waits)
{
	struct task_struct *task;

	enter(s);
	task = start(op, NULL);
	if (waits) {
		assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
		msleep(2);
		assert_true(sleeps_in(task, TASK_UNINTERRUPTIBLE));
		if (op == cancel) {
			/* Nothing can queue it meanwhile. */
			assert_false(queue());
			assert_false(queue_later());
			assert_true(mod_later());
			assert_false(timer_pending(&item.timer));
		}
		complete_all(&unblock);
		if (op == flush) {
			/* It waits for the end, not for the items before it. */
			assert_true(eventually(READ_ONCE(inside)));
			msleep(2);
			assert_true(sleeps_in(task, TASK_UNINTERRUPTIBLE));
		}
		WRITE_ONCE(gate, true);
	}
	assert_int_equal(finish(task), ret);
	assert_false(READ_ONCE(inside));
	if (op == cancel) {
		assert_false(timer_pending(&item.timer));
		assert_int_equal(run_all(), s >= RUNNING);
		/* It can be queued again. */
		assert_true(queue());
		assert_int_equal(run_all(), (s >= RUNNING) + 1);
	}
	tear_down();
}

/* CELL(operation, state, result, is the timer armed, runs from then on) */
#define CELLS(CELL)					\
	CELL(queue, IDLE, true, false, 1)		\
	CELL(queue, TIMER, false, true, 0)		\
	CELL(queue, QUEUED, false, false, 1)		\
	CELL(queue, RUNNING, true, false, 1)		\
	CELL(queue, RUNNING_QUEUED, false, false, 1)	\
	CELL(queue, RUNNING_TIMER, false, true, 0)	\
	CELL(queue_now, IDLE, true, false, 1)		\
	CELL(queue_now, TIMER, false, true, 0)		\
	CELL(queue_now, RUNNING, true, false, 1)	\
	CELL(queue_later, IDLE, true, true, 0)		\
	CELL(queue_later, TIMER, false, true, 0)	\
	CELL(queue_later, QUEUED, false, false, 1)	\
	CELL(queue_later, RUNNING, true, true, 0)	\
	CELL(queue_later, RUNNING_QUEUED, false, false, 1) \
	CELL(queue_later, RUNNING_TIMER, false, true, 0) \
	CELL(mod_now, IDLE, false, false, 1)		\
	CELL(mod_now, TIMER, true, false, 1)		\
	CELL(mod_now, QUEUED, true, false, 1)		\
	CELL(mod_now, RUNNING, false, false, 1)		\
	CELL(mod_now, RUNNING_QUEUED, true, false, 1)	\
	CELL(mod_now, RUNNING_TIMER, true, false, 1)	\
	CELL(mod_later, IDLE, false, true, 0)		\
	CELL(mod_later, TIMER, true, true, 0)		\
	CELL(mod_later, QUEUED, true, true, 0)		\
	CELL(mod_later, RUNNING, false, true, 0)	\
	CELL(mod_later, RUNNING_QUEUED, true, true, 0)	\
	CELL(mod_later, RUNNING_TIMER, true, true, 0)

/* CELL(operation, state, result, does it wait) */
#define WAIT_CELLS(CELL)				\
	CELL(cancel, IDLE, false, false)		\
	CELL(cancel, TIMER, true, false)		\
	CELL(cancel, QUEUED, true, false)		\
	CELL(cancel, RUNNING, false, true)		\
	CELL(cancel, RUNNING_QUEUED, true, true)	\
	CELL(cancel, RUNNING_TIMER, true, true)		\
	CELL(flush, IDLE, 0, false)			\
	CELL(flush, QUEUED, 1, true)			\
	CELL(flush, RUNNING, 1, true)			\
	CELL(flush, RUNNING_QUEUED, 2, true)

#define DEFINE_CELL(op, s, ret, armed, runs)		\
	static void op##_in_##s(void **state)		\
	{						\
		cell(op, s, ret, armed, runs);		\
	}
#define DEFINE_WAIT_CELL(op, s, ret, waits)		\
	static void op##_in_##s(void **state)		\
	{						\
		wait_cell(op, s, ret, waits);		\
	}
#define TEST_CELL(op, s, ...)	TEST(op##_in_##s),

CELLS(DEFINE_CELL)
WAIT_CELLS(DEFINE_WAIT_CELL)

static void flush_of_an_armed_item_warns(void **state)
{
	enter(TIMER);
	assert_warns_like("timer is armed", kthread_flush_work(&item.work));
	tear_down();
}

static void flush_of_an_item_that_was_never_queued_returns(void **state)
{
	set_up();
	kthread_flush_work(&item.work);
	assert_false(kthread_cancel_work_sync(&item.work));
	tear_down();
}

static void timer_queues_the_item_and_is_never_early(void **state)
{
	ktime_t begin;
	int i;

	set_up();
	gate = true;
	for (i = 0; i < 10; i++) {
		begin = ktime_get();
		assert_true(kthread_queue_delayed_work(worker, &item, 2));
		assert_true(eventually(atomic_read(&nr_runs) == i + 1));
		assert_true(ktime_get() - begin >= 2 * TICK_NSEC);
	}
	tear_down();
}

/* Order */

static struct kthread_work sequence[4];
static int order[4], nr_in_order;

static void note_order(struct kthread_work *work)
{
	order[nr_in_order++] = work - sequence;
}

static void items_run_in_order_on_one_thread(void **state)
{
	int i;

	set_up();
	nr_in_order = 0;
	kthread_queue_work(worker, &blocker);
	wait_for_completion(&blocking);
	for (i = 0; i < 4; i++) {
		kthread_init_work(&sequence[i], note_order);
		assert_true(kthread_queue_work(worker, &sequence[i]));
	}
	complete(&unblock);
	kthread_flush_worker(worker);
	assert_int_equal(nr_in_order, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(order[i], i);
	tear_down();
}

static void created_worker_sleeps_until_something_is_queued(void **state)
{
	struct kthread_worker *w = kthread_create_worker(0, "w");

	assert_false(IS_ERR(w));
	set_up();
	gate = true;
	msleep(2);
	assert_ptr_equal(kthread_func(w->task), kthread_worker_fn);
	assert_true(sleeps_in(w->task, TASK_UNINTERRUPTIBLE));
	assert_true(kthread_queue_work(w, &item.work));
	kthread_flush_work(&item.work);
	assert_int_equal(nr_ended, 1);
	kthread_destroy_worker(w);
	/* One that never ran can be destroyed, too. */
	kthread_destroy_worker(kthread_create_worker(0, "w"));
	kthread_init_delayed_work(&item, item_fn);
	tear_down();
}

static void no_memory_no_worker(void **state)
{
	struct kthread_worker *w;
	int i;

	for (i = 1; i <= 2; i++) {
		libfence_fail_nth(i);
		w = kthread_create_worker(0, "w");
		assert_int_equal(PTR_ERR(w), -ENOMEM);
		assert_int_equal(libfence_fail_nth_left(), 0);
	}
}

static void worker_of_ones_own_runs_what_was_queued_before(void **state)
{
	struct kthread_worker own;
	struct task_struct *task;

	set_up();
	gate = true;
	kthread_init_worker(&own);
	assert_true(kthread_queue_work(&own, &item.work));
	task = start(kthread_worker_fn, &own);
	kthread_flush_work(&item.work);
	assert_int_equal(nr_ended, 1);
	assert_int_equal(kthread_stop_put(task), 0);
	assert_null(own.task);
	kthread_init_delayed_work(&item, item_fn);
	tear_down();
}

static void an_item_has_one_worker(void **state)
{
	struct kthread_worker *second = kthread_run_worker(0, "second");

	set_up();
	gate = true;
	assert_true(kthread_queue_work(second, &item.work));
	kthread_flush_work(&item.work);
	assert_warns_like("second kthread worker", queue());
	kthread_flush_work(&item.work);
	/* Initialising it moves it. */
	kthread_init_delayed_work(&item, item_fn);
	assert_true(kthread_queue_work(second, &item.work));
	kthread_destroy_worker(second);
	assert_int_equal(nr_ended, 3);
	kthread_init_delayed_work(&item, item_fn);
	tear_down();
}

static void free_itself(struct kthread_work *work)
{
	memset(work, 0xff, sizeof(*work));
	kfree(work);
	nr_ended++;
}

static void function_may_free_its_item(void **state)
{
	int i;

	set_up();
	for (i = 0; i < 20; i++) {
		struct kthread_work *work = kmalloc_obj(*work);

		kthread_init_work(work, free_itself);
		assert_true(kthread_queue_work(worker, work));
	}
	kthread_flush_worker(worker);
	assert_int_equal(nr_ended, 20);
	tear_down();
}

static void wait_for_itself(struct kthread_work *work)
{
	kthread_flush_work(work);
	kthread_flush_worker(worker);
	kthread_cancel_work_sync(work);
	nr_ended++;
}

static void item_that_waits_for_itself_warns(void **state)
{
	struct kthread_work work;

	set_up();
	kthread_init_work(&work, wait_for_itself);
	assert_warns(3, {
		kthread_queue_work(worker, &work);
		kthread_flush_work(&work);
	});
	assert_int_equal(nr_ended, 1);
	tear_down();
}

static void destroy_with_an_armed_item_warns(void **state)
{
	struct kthread_worker *w = kthread_run_worker(0, "w");

	set_up();
	assert_true(kthread_queue_delayed_work(w, &item, FAR));
	assert_warns(1, kthread_destroy_worker(w));
	/* The worker is gone: only the timer is left. */
	timer_delete_sync(&item.timer);
	kthread_init_delayed_work(&item, item_fn);
	tear_down();
}

static void queue_itself(struct kthread_work *work)
{
	kthread_queue_work(worker, work);
}

/* An item that the last item queues after the flush is left. */
static void destroy_with_an_item_that_queues_itself_warns(void **state)
{
	struct kthread_work own;

	worker = kthread_run_worker(0, "worker");
	kthread_init_work(&own, queue_itself);
	kthread_queue_work(worker, &own);
	assert_warns(1, kthread_destroy_worker(worker););
}

static void static_items_need_no_initialisation(void **state)
{
	static DEFINE_KTHREAD_WORK(work, free_itself);
	static DEFINE_KTHREAD_DELAYED_WORK(later, item_fn);

	set_up();
	gate = true;
	work.func = note_order;
	nr_in_order = 0;
	assert_true(kthread_queue_work(worker, &work));
	assert_true(kthread_queue_delayed_work(worker, &later, 1));
	kthread_flush_worker(worker);
	assert_int_equal(nr_in_order, 1);
	assert_true(eventually(atomic_read(&nr_runs) == 1));
	kthread_cancel_delayed_work_sync(&later);
	tear_down();
}

/* Races */

static void function_requeues_beside_cancel(void **state)
{
	int i, runs, nr = 300 / test_slowness();

	set_up();
	gate = requeue = true;
	for (i = 0; i < nr; i++) {
		queue();
		if (i % 2)
			usleep_range(20, 30);
		kthread_cancel_delayed_work_sync(&item);
		runs = atomic_read(&nr_runs);
		assert_int_equal(nr_ended, runs);
		assert_false(READ_ONCE(inside));
		if (i % 20 == 0)
			msleep(1);
		assert_int_equal(atomic_read(&nr_runs), runs);
	}
	tear_down();
}

static void requeueing_is_refused_during_a_cancel(void **state)
{
	struct task_struct *task;

	enter(RUNNING);
	WRITE_ONCE(requeue, true);
	task = start(cancel, NULL);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	WRITE_ONCE(gate, true);
	assert_int_equal(finish(task), false);
	assert_int_equal(requeue_result, false);
	assert_int_equal(atomic_read(&nr_runs), 1);
	tear_down();
}

static atomic_t nr_queued, nr_cancelled;

static int use_item(void *data)
{
	u64 seed = (unsigned long)data;
	int i, nr = 10000 / test_slowness();

	/* Go on until some items have run, even on a busy machine. */
	for (i = 0; i < nr || atomic_read(&nr_runs) < 20; i++) {
		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		switch (seed >> 61) {
		case 0:
			if (kthread_cancel_delayed_work_sync(&item))
				atomic_inc(&nr_cancelled);
			break;
		case 1:
			usleep_range(20, 30);
			break;
		case 2:
			if (queue())
				atomic_inc(&nr_queued);
			break;
		case 3:
		case 4:
			if (!kthread_mod_delayed_work(worker, &item,
						      (seed >> 40) % 3))
				atomic_inc(&nr_queued);
			break;
		default:
			if (kthread_queue_delayed_work(worker, &item,
						       (seed >> 40) % 3))
				atomic_inc(&nr_queued);
		}
	}
	return 0;
}

/* Queue true and mod false are as many as runs and cancel true. */
static void queued_is_run_or_cancelled(void **state)
{
	struct task_struct *tasks[3];
	int i;

	set_up();
	gate = true;
	atomic_set(&nr_queued, 0);
	atomic_set(&nr_cancelled, 0);
	for (i = 0; i < 3; i++)
		tasks[i] = start(use_item, (void *)(test_seed() + i));
	for (i = 0; i < 3; i++)
		finish(tasks[i]);
	if (kthread_cancel_delayed_work_sync(&item))
		atomic_inc(&nr_cancelled);
	assert_true(atomic_read(&nr_runs) > 0);
	assert_int_equal(nr_ended, atomic_read(&nr_runs));
	assert_int_equal(atomic_read(&nr_queued),
			 atomic_read(&nr_runs) + atomic_read(&nr_cancelled));
	tear_down();
}

static int mod_now_in_thread(void *unused)
{
	return mod_now();
}

/*
 * The timer has expired, and its function has not queued the item yet. An
 * operation waits for that, because the function uses the item.
 */
static void transit_cell(int (*op)(void *), int runs)
{
	struct task_struct *task;

	enter(TIMER);
	/* From here on this thread is the timer. */
	assert_true(timer_delete(&item.timer));
	assert_false(queue());
	assert_false(queue_now());
	task = start(op, NULL);
	msleep(5);
	assert_true(sleeps_in(task, TASK_RUNNING));
	assert_true(item.work.lfshim_delayed);
	assert_int_equal(item.work.canceling, 0);
	kthread_queue_work(worker, &blocker);
	wait_for_completion(&blocking);
	kthread_delayed_work_timer_fn(&item.timer);
	assert_true(finish(task));
	assert_int_equal(run_all(), runs);
	tear_down();
}

static void mod_in_transit(void **state)
{
	transit_cell(mod_now_in_thread, 1);
}

static void cancel_in_transit(void **state)
{
	transit_cell(cancel, 0);
}

struct freed {
	struct kthread_delayed_work dwork;
	/* Set with the result of kthread_mod_delayed_work(). */
	bool moved, result;
};

static void overwrite_and_free(struct kthread_work *work)
{
	struct freed *f = container_of(work, struct freed, dwork.work);

	while (!smp_load_acquire(&f->moved))
		cpu_relax();
	/* It was running already, so it is queued once more. */
	if (!f->result) {
		f->result = true;
		return;
	}
	memset(f, 0xff, sizeof(*f));
	kfree(f);
	atomic_inc(&nr_runs);
}

/*
 * The function of the timer may wait for the lock while the item is moved to
 * now. It must not use the item any more when that has run.
 */
static void moved_item_may_be_freed_beside_its_timer(void **state)
{
	int i, nr = 200 / test_slowness();
	struct freed *f;

	set_up();
	for (i = 1; i <= nr; i++) {
		f = kzalloc(sizeof(*f), GFP_KERNEL);
		assert_non_null(f);
		kthread_init_delayed_work(&f->dwork, overwrite_and_free);
		assert_true(kthread_queue_delayed_work(worker, &f->dwork, 1));
		/* The timer has expired when it is no longer pending. */
		spin_lock_irq(&worker->lock);
		while (timer_pending(&f->dwork.timer))
			cpu_relax();
		spin_unlock_irq(&worker->lock);
		f->result = kthread_mod_delayed_work(worker, &f->dwork, 0);
		smp_store_release(&f->moved, true);
		assert_true(eventually(atomic_read(&nr_runs) == i));
	}
	tear_down();
}

/* The worker goes to sleep after each item; the next queueing wakes it. */
static void no_wakeup_is_lost(void **state)
{
	int i, nr = 5000 / test_slowness();

	set_up();
	gate = true;
	for (i = 1; i <= nr; i++) {
		assert_true(queue());
		kthread_flush_worker(worker);
		assert_int_equal(nr_ended, i);
	}
	tear_down();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CELLS(TEST_CELL)
		WAIT_CELLS(TEST_CELL)
		TEST(flush_of_an_armed_item_warns),
		TEST(flush_of_an_item_that_was_never_queued_returns),
		TEST(timer_queues_the_item_and_is_never_early),
		TEST(items_run_in_order_on_one_thread),
		TEST(created_worker_sleeps_until_something_is_queued),
		TEST(no_memory_no_worker),
		TEST(worker_of_ones_own_runs_what_was_queued_before),
		TEST(an_item_has_one_worker),
		TEST(function_may_free_its_item),
		TEST(item_that_waits_for_itself_warns),
		TEST(destroy_with_an_armed_item_warns),
		TEST(destroy_with_an_item_that_queues_itself_warns),
		TEST(static_items_need_no_initialisation),
		TEST(function_requeues_beside_cancel),
		TEST(requeueing_is_refused_during_a_cancel),
		TEST(queued_is_run_or_cancelled),
		TEST(mod_in_transit),
		TEST(cancel_in_transit),
		TEST(moved_item_may_be_freed_beside_its_timer),
		TEST(no_wakeup_is_lost),
	};

	return TEST_MAIN("kthread_worker", tests);
}
