// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Work queues: running, order, concurrency, and destruction. */

#include "workqueue.h"
#include <linux/slab.h>
#include <libfence/libfence.h>

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

/* The first use of the threads of WQ_HIGHPRI fails. It is tried again. */
static void system_queue_waits_for_memory_at_its_first_use(void **state)
{
	struct counted c;

	counted_init(&c, NULL);
	libfence_fail_nth(1);
	assert_true(queue_work(system_highpri_wq, &c.work));
	assert_int_equal(libfence_fail_nth_left(), 0);
	assert_true(eventually(atomic_read(&c.nr_runs) == 1));
	flush_work(&c.work);
}

static DECLARE_WORK(static_item, ordered_fn);

static void static_items_need_no_initialisation(void **state)
{
	assert_false(work_pending(&static_item));
	assert_false(cancel_work_sync(&static_item));
	assert_false(flush_work(&static_item));
}

static void threads_that_are_idle_exit(void **state)
{
	struct workqueue_struct *wq = make(0);
	int i, before = nr_threads();
	struct blocker b[12];
	struct counted c;

	for (i = 0; i < 12; i++)
		blocker_start(&b[i], wq);
	assert_true(nr_threads() >= 10);
	for (i = 0; i < 12; i++)
		complete(&b[i].go);
	assert_true(eventually(nr_threads() <= max(before, 6)));
	/* Not all: those that are left were idle for as long. */
	msleep(200);
	counted_init(&c, wq);
	queue_work(wq, &c.work);
	destroy_workqueue(wq);
	assert_int_equal(atomic_read(&c.nr_runs), 1);
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

/* As code in other languages does it, in memory that holds anything. */
static void item_is_initialised_without_the_macro(void **state)
{
	static struct lock_class_key key;
	struct workqueue_struct *wq = make(0);
	struct counted c;

	counted_init(&c, wq);
	memset(&c.work, 0xff, sizeof(c.work));
	__init_work(&c.work, false);
	c.work.data = (atomic_long_t)WORK_DATA_INIT();
	lockdep_init_map(&c.work.lockdep_map, "item", &key, 0);
	INIT_LIST_HEAD(&c.work.entry);
	c.work.func = counted_fn;
	assert_false(work_pending(&c.work));
	assert_true(queue_work(wq, &c.work));
	flush_work(&c.work);
	assert_int_equal(atomic_read(&c.nr_runs), 1);
	destroy_workqueue(wq);
}

static atomic_t nr_delayed_runs;

static void counted_delayed_fn(struct work_struct *work)
{
	atomic_inc(&nr_delayed_runs);
}

static void items_may_name_a_cpu(void **state)
{
	struct workqueue_struct *wq = make(0);
	struct delayed_work late;
	struct counted c;

	counted_init(&c, wq);
	assert_true(queue_work_on(WORK_CPU_UNBOUND, wq, &c.work));
	flush_work(&c.work);
	assert_true(queue_work_on(0, wq, &c.work));
	flush_work(&c.work);
	assert_int_equal(atomic_read(&c.nr_runs), 2);
	assert_true(queue_work_node(0, wq, &c.work));
	flush_work(&c.work);
	assert_true(queue_work_node(NUMA_NO_NODE, wq, &c.work));
	flush_work(&c.work);
	assert_int_equal(atomic_read(&c.nr_runs), 4);
	assert_warns(1, queue_work_node(0, system_percpu_wq, &c.work));
	flush_work(&c.work);
	assert_int_equal(atomic_read(&c.nr_runs), 5);

	INIT_DELAYED_WORK(&late, counted_delayed_fn);
	assert_true(queue_delayed_work_on(WORK_CPU_UNBOUND, wq, &late, 1000 * HZ));
	assert_true(timer_pending(&late.timer));
	assert_false(queue_delayed_work_on(0, wq, &late, 0));
	assert_true(delayed_work_pending(&late));
	assert_true(mod_delayed_work_on(0, wq, &late, 0));
	flush_delayed_work(&late);
	assert_false(mod_delayed_work_on(WORK_CPU_UNBOUND, wq, &late, 0));
	flush_delayed_work(&late);
	assert_int_equal(atomic_read(&nr_delayed_runs), 2);
	destroy_workqueue(wq);
}

/* The variables, which the macros hide. */
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

static void system_queues_are_variables_too(void **state)
{
	assert_ptr_equal(system_bh_wq, lfshim_system_queue(LFSHIM_WQ_BH));
	assert_ptr_equal(system_bh_highpri_wq,
			 lfshim_system_queue(LFSHIM_WQ_BH_HIGHPRI));
	assert_ptr_equal(system_wq,
			 lfshim_system_queue(LFSHIM_WQ_SYSTEM));
	assert_ptr_equal(system_percpu_wq,
			 lfshim_system_queue(LFSHIM_WQ_PERCPU));
	assert_ptr_equal(system_highpri_wq,
			 lfshim_system_queue(LFSHIM_WQ_HIGHPRI));
	assert_ptr_equal(system_long_wq,
			 lfshim_system_queue(LFSHIM_WQ_LONG));
	assert_ptr_equal(system_unbound_wq,
			 lfshim_system_queue(LFSHIM_WQ_UNBOUND));
	assert_ptr_equal(system_dfl_wq,
			 lfshim_system_queue(LFSHIM_WQ_DFL));
	assert_ptr_equal(system_dfl_long_wq,
			 lfshim_system_queue(LFSHIM_WQ_DFL_LONG));
	assert_ptr_equal(system_freezable_wq,
			 lfshim_system_queue(LFSHIM_WQ_FREEZABLE));
	assert_ptr_equal(system_power_efficient_wq,
			 lfshim_system_queue(LFSHIM_WQ_POWER_EFFICIENT));
	assert_ptr_equal(system_freezable_power_efficient_wq,
			 lfshim_system_queue(LFSHIM_WQ_FREEZABLE_POWER_EFFICIENT));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		/* Has to be first, because it tests the first use. */
		TEST(system_queue_works_at_its_first_use),
		TEST(system_queue_waits_for_memory_at_its_first_use),
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
		TEST(item_is_initialised_without_the_macro),
		TEST(items_may_name_a_cpu),
		TEST(system_queues_are_variables_too),
		TEST(threads_that_are_idle_exit),
		TEST(no_memory_no_queue),
	};

	return TEST_MAIN("workqueue", tests);
}
