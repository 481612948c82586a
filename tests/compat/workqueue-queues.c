// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Work queues: draining, flushing, order beside other queues, max_active, flags,
 * the system queues, and reports.
 */

#include "workqueue.h"
#include <libfence/libfence.h>
#include <linux/rcupdate.h>
#include <linux/version.h>

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
	struct counted later;
	int i;

	blocker_start(&a, wq);
	one = start_flush(wq);
	/* Queueings that come later and end earlier do not count. */
	for (i = 0; i < 5; i++) {
		counted_init(&later, wq);
		queue_work(wq, &later.work);
		flush_work(&later.work);
	}
	msleep(5);
	assert_false(READ_ONCE(flush_done));
	blocker_start(&b, wq);
	two = start_flush(wq);
	complete(&a.go);
	finish(one);
	msleep(5);
	assert_true(sleeps_in(two, TASK_UNINTERRUPTIBLE));
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

static int count_running(struct blocker *b, int nr)
{
	int running = 0;

	while (nr--)
		running += atomic_read(&b[nr].nr_runs);
	return running;
}

/* Queue @nr items: @expect of them run at once, and not one more. */
static void assert_active(struct workqueue_struct *wq, struct blocker *b,
			  int nr, int expect)
{
	int i;

	for (i = 0; i < nr; i++) {
		blocker_init(&b[i]);
		queue_work(wq, &b[i].work);
	}
	assert_true(eventually(count_running(b, nr) >= expect));
	msleep(20);
	assert_int_equal(count_running(b, nr), expect);
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
	assert_active(wq, b, 3, 1);
	let_go(b, 3);
	destroy_workqueue(wq);
	wq = make(INT_MAX);
	assert_active(wq, b, 3, 3);
	let_go(b, 3);
	destroy_workqueue(wq);
}

/* The messages of printk() since keep_log(). */
static char kept[1000];

static void keep_message(int level, const char *message, void *data)
{
	size_t used = strlen(kept);

	snprintf(kept + used, sizeof(kept) - used, "%s", message);
}

static void keep_log(void)
{
	kept[0] = '\0';
	libfence_set_log_hook(keep_message, NULL);
}

static void clamping_is_logged(void **state)
{
	struct workqueue_struct *wq;

	keep_log();
	wq = make(WQ_MAX_ACTIVE + 1);
	workqueue_set_max_active(wq, WQ_MAX_ACTIVE);
	workqueue_set_max_active(wq, -5);
	libfence_set_log_hook(NULL, NULL);
	destroy_workqueue(wq);
	assert_string_equal(kept,
		"workqueue: max_active 2049 requested for test/2049 is out of range, clamping between 1 and 2048\n"
		"workqueue: max_active -5 requested for test/2049 is out of range, clamping between 1 and 2048\n");
}

static void long_name_is_cut_and_logged_once(void **state)
{
	struct workqueue_struct *wq[2];
	int i;

	keep_log();
	for (i = 0; i < 2; i++) {
		wq[i] = alloc_workqueue("%s", WQ_UNBOUND, 0,
					"a-name-of-more-than-31-characters");
		assert_non_null(wq[i]);
	}
	libfence_set_log_hook(NULL, NULL);
	for (i = 0; i < 2; i++)
		destroy_workqueue(wq[i]);
	assert_string_equal(kept,
		"workqueue: name is too long. Truncating to: a-name-of-more-than-31-characte\n");
}

static void old_system_queues_are_logged_once(void **state)
{
	struct counted c;

	keep_log();
	counted_init(&c, NULL);
	assert_true(queue_work(system_unbound_wq, &c.work));
	flush_work(&c.work);
	assert_true(queue_work(system_wq, &c.work));
	flush_work(&c.work);
	libfence_set_log_hook(NULL, NULL);
	assert_int_equal(atomic_read(&c.nr_runs), 2);
	assert_non_null(strstr(kept, "counted_fn is queued on deprecated workqueue events_unbound"));
	assert_null(strstr(strchr(kept, '\n') + 1, "deprecated"));
}

static bool drain_was_logged;

static void note_message(int level, const char *message, void *data)
{
	keep_message(level, message, data);
	WRITE_ONCE(drain_was_logged, true);
}

static void queue_until_logged(struct work_struct *work)
{
	msleep(1);
	if (!READ_ONCE(drain_was_logged))
		queue_work(drained, work);
}

static void long_drain_is_logged(void **state)
{
	struct work_struct work;

	keep_log();
	libfence_set_log_hook(note_message, NULL);
	drained = make_ordered();
	INIT_WORK_ONSTACK(&work, queue_until_logged);
	queue_work(drained, &work);
	drain_workqueue(drained);
	libfence_set_log_hook(NULL, NULL);
	destroy_workqueue(drained);
	assert_string_equal(kept,
		"workqueue ordered: drain_workqueue() isn't complete after 10 tries\n");
}

static void item_without_a_slot_is_overtaken_by_another_queue(void **state)
{
	struct workqueue_struct *wq = make(1), *other = make(1);
	struct counted waiting, later;
	struct blocker b;
	bool pending;

	blocker_start(&b, wq);
	counted_init(&waiting, wq);
	queue_work(wq, &waiting.work);
	/* The threads take the items that have slots in the order of queueing. */
	counted_init(&later, other);
	queue_work(other, &later.work);
	flush_work(&later.work);
	pending = work_pending(&waiting.work);
	complete(&b.go);
	destroy_workqueue(wq);
	destroy_workqueue(other);
	assert_true(pending);
	assert_int_equal(atomic_read(&waiting.nr_runs), 1);
}

static void max_active_can_be_changed(void **state)
{
	struct workqueue_struct *wq = make(1);
	struct blocker b[4];

	assert_active(wq, b, 4, 1);
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
	assert_active(wq, b, 2, 1);
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

static unsigned int nr_references;

static void count_references(struct work_struct *work)
{
	WRITE_ONCE(nr_references, refcount_read(&current->usage));
}

/* The task of a thread that ends has to stay for the queue. */
static void queue_has_a_reference_to_its_worker(void **state)
{
	struct workqueue_struct *wq = alloc_workqueue("held", WQ_UNBOUND, 0);
	struct work_struct work;

	assert_non_null(wq);
	INIT_WORK_ONSTACK(&work, count_references);
	queue_work(wq, &work);
	flush_work(&work);
	destroy_work_on_stack(&work);
	/* One is the thread's own. */
	assert_true(READ_ONCE(nr_references) >= 2);
	destroy_workqueue(wq);
}

/* Flags and names of queues */

static void queue_is_either_percpu_or_unbound(void **state)
{
	struct workqueue_struct *wq;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	assert_warns_like("neither", wq = alloc_workqueue("neither", 0, 0););
#else
	wq = alloc_workqueue("neither", 0, 0);
#endif
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
		assert_active(wq[i], b, 2, 1);
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

static struct {
	struct work_struct work;
	struct workqueue_struct *wq;
	struct work_struct *self;
	int softirq, task, nr_requeue;
	atomic_t nr_runs;
} bh;

static void note_bh_context(struct work_struct *work)
{
	bh.softirq = in_serving_softirq() && !in_hardirq();
	bh.task = in_task();
	bh.self = current_work();
	if (bh.nr_requeue-- > 0)
		queue_work(bh.wq, work);
	atomic_inc_return(&bh.nr_runs);
}

static void run_bh(struct workqueue_struct *wq)
{
	bh.softirq = 0;
	bh.task = 1;
	bh.self = NULL;
	bh.wq = wq;
	INIT_WORK(&bh.work, note_bh_context);
	assert_true(queue_work(wq, &bh.work));
	flush_work(&bh.work);
	assert_true(bh.softirq && !bh.task);
	assert_ptr_equal(bh.self, &bh.work);
}

static void bh_items_run_in_softirq_context(void **state)
{
	struct workqueue_struct *wq;
	struct counted after;

	run_bh(system_bh_wq);
	run_bh(system_bh_highpri_wq);
	wq = alloc_workqueue("bh", WQ_BH | WQ_PERCPU, 0);
	run_bh(wq);
	/* An item of the queue may queue items while that is drained. */
	atomic_set(&bh.nr_runs, 0);
	bh.nr_requeue = 20;
	assert_true(queue_work(wq, &bh.work));
	destroy_workqueue(wq);
	assert_int_equal(atomic_read(&bh.nr_runs), 21);
	/* The threads are those of all queues. */
	counted_init(&after, system_percpu_wq);
	queue_work(system_percpu_wq, &after.work);
	flush_work(&after.work);
	assert_true(after.in_task);
	assert_warns(1, assert_null(alloc_workqueue("bh", WQ_BH | WQ_UNBOUND, 0)));
	assert_warns(1, assert_null(alloc_workqueue("bh", WQ_BH | WQ_PERCPU, 1)));
}

/* Reports */

static struct workqueue_struct *plain;
static struct blocker waited_for;
static struct task_struct *flusher;

static void reclaim_fn(struct work_struct *work)
{
	WRITE_ONCE(flusher, current);
	flush_work(&waited_for.work);
	__flush_workqueue(plain);
}

static void exempt_fn(struct work_struct *work)
{
	WRITE_ONCE(flusher, current);
	cancel_work_sync(&waited_for.work);
}

/* @fn waits for an item of the plain queue, which is running. */
static void run_on(struct workqueue_struct *wq, work_func_t fn)
{
	struct work_struct work;

	assert_non_null(wq);
	flusher = NULL;
	blocker_start(&waited_for, plain);
	INIT_WORK_ONSTACK(&work, fn);
	queue_work(wq, &work);
	assert_true(eventually(READ_ONCE(flusher)));
	assert_true(eventually(sleeps_in(READ_ONCE(flusher),
					 TASK_UNINTERRUPTIBLE)));
	complete(&waited_for.go);
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
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
		TEST(clamping_is_logged),
		TEST(long_name_is_cut_and_logged_once),
		TEST(old_system_queues_are_logged_once),
		TEST(long_drain_is_logged),
		TEST(item_without_a_slot_is_overtaken_by_another_queue),
		TEST(max_active_can_be_changed),
		TEST(default_max_active_is_large),
		TEST(queue_has_a_reference_to_its_worker),
		TEST(queue_is_either_percpu_or_unbound),
		TEST(old_names_create_queues),
		TEST(highpri_items_have_other_threads),
		TEST(system_queues_are_separate),
		TEST(bh_items_run_in_softirq_context),
		TEST(mem_reclaim_item_must_not_flush_another_queue),
		TEST(function_that_leaks_its_context_is_reported),
	};

	return TEST_MAIN("workqueue-queues", tests);
}
