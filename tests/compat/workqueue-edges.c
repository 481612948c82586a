// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Work queues at the edges: messages, limits, memory, the list of queues, waits
 * that end too early, and idle threads.
 */

#include "threads.h"
#include "workqueue.h"
#include <stdio.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <libfence/libfence.h>

/* A call on another thread. */
struct call {
	void (*fn)(void *data);
	void *data;
	bool done;
};

static int do_call(void *data)
{
	struct call *call = data;

	call->fn(call->data);
	WRITE_ONCE(call->done, true);
	return 0;
}

static struct task_struct *start_call(struct call *call, void (*fn)(void *),
				      void *data)
{
	struct task_struct *task;

	*call = (struct call){ fn, data };
	task = start(do_call, call);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	return task;
}

static void flush_item(void *work)
{
	flush_work(work);
}

static void flush_rcu_item(void *rwork)
{
	flush_rcu_work(rwork);
}

static void flush_queue(void *wq)
{
	__flush_workqueue(wq);
}

static void drain_queue(void *wq)
{
	drain_workqueue(wq);
}

/* Messages */

#define NR_MESSAGES	16

static char messages[NR_MESSAGES][200];
static int nr_messages;

static void keep_message(int level, const char *message, void *unused)
{
	if (level == 4 && nr_messages < NR_MESSAGES) {
		snprintf(messages[nr_messages], sizeof(messages[0]), "%s",
			 message);
		WRITE_ONCE(nr_messages, nr_messages + 1);
	}
}

static void assert_message(int nr, const char *text)
{
	if (nr >= nr_messages || !strstr(messages[nr], text))
		fail_msg("message %d of %d is not \"%s\"", nr, nr_messages,
			 text);
}

static void listen(void)
{
	nr_messages = 0;
	libfence_set_log_hook(keep_message, NULL);
}

static void use_of_a_deprecated_queue_is_reported_once(void **state)
{
	struct counted c;
	int i;

	listen();
	counted_init(&c, system_percpu_wq);
	queue_work(system_percpu_wq, &c.work);
	flush_work(&c.work);
	assert_int_equal(nr_messages, 0);
	for (i = 0; i < 2; i++) {
		queue_work(system_wq, &c.work);
		flush_work(&c.work);
	}
	libfence_set_log_hook(NULL, NULL);
	assert_int_equal(nr_messages, 1);
	assert_message(0, "work func counted_fn is queued on deprecated workqueue events");
}

static void odd_limits_and_long_names_are_reported(void **state)
{
	struct workqueue_struct *wq[4];
	int i;

	listen();
	wq[0] = make(0);
	wq[1] = make(1);
	assert_int_equal(nr_messages, 0);
	wq[2] = make(-1);
	wq[3] = alloc_workqueue("a name that has more characters than the kernel keeps",
				WQ_UNBOUND, 0);
	libfence_set_log_hook(NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(wq); i++)
		destroy_workqueue(wq[i]);
	assert_int_equal(nr_messages, 2);
	assert_message(0, "max_active -1 requested for test/-1 is out of range, clamping between 1 and");
	assert_message(1, "name is too long. Truncating to: a name that has more characters");
}

static struct workqueue_struct *drained;

static void endless_fn(struct work_struct *work)
{
	if (READ_ONCE(nr_messages) < 2)
		queue_work(drained, work);
}

static void long_drain_is_reported_now_and_then(void **state)
{
	struct work_struct work;

	drained = make(0);
	listen();
	INIT_WORK_ONSTACK(&work, endless_fn);
	queue_work(drained, &work);
	drain_workqueue(drained);
	libfence_set_log_hook(NULL, NULL);
	destroy_workqueue(drained);
	assert_int_equal(nr_messages, 2);
	assert_message(0, "drain_workqueue() isn't complete after 10 tries");
	assert_message(1, "drain_workqueue() isn't complete after 100 tries");
}

/* Limits */

static void expect_active(struct workqueue_struct *wq, int expected)
{
	struct blocker b[3];
	int i, running = 0;

	for (i = 0; i < ARRAY_SIZE(b); i++) {
		blocker_init(&b[i]);
		queue_work(wq, &b[i].work);
	}
	for (i = 0; i < expected; i++)
		wait_for_completion(&b[i].running);
	msleep(5);
	for (i = 0; i < ARRAY_SIZE(b); i++)
		running += atomic_read(&b[i].nr_runs);
	for (i = 0; i < ARRAY_SIZE(b); i++)
		complete_all(&b[i].go);
	__flush_workqueue(wq);
	assert_int_equal(running, expected);
}

static void changed_limit_is_clamped_as_a_new_one(void **state)
{
	struct workqueue_struct *wq = make(1);

	expect_active(wq, 1);
	workqueue_set_max_active(wq, 0);
	expect_active(wq, 3);
	workqueue_set_max_active(wq, -5);
	expect_active(wq, 1);
	workqueue_set_max_active(wq, 2);
	expect_active(wq, 2);
	destroy_workqueue(wq);
}

/* An item that never had a slot has none to give back. */
static void cancel_of_an_item_that_waits_frees_no_slot(void **state)
{
	struct workqueue_struct *wq = make(1);
	struct counted waits, next;
	struct blocker b;

	blocker_start(&b, wq);
	counted_init(&waits, wq);
	counted_init(&next, wq);
	queue_work(wq, &waits.work);
	assert_true(cancel_work(&waits.work));
	queue_work(wq, &next.work);
	msleep(10);
	assert_int_equal(atomic_read(&next.nr_runs), 0);
	complete(&b.go);
	flush_work(&next.work);
	assert_int_equal(atomic_read(&next.nr_runs), 1);
	destroy_workqueue(wq);
}

static void system_queues_run_items_beside_each_other(void **state)
{
	struct workqueue_struct *wq[] = {
		system_percpu_wq, system_highpri_wq, system_long_wq,
		system_dfl_wq, system_dfl_long_wq, system_freezable_wq,
		system_power_efficient_wq, system_freezable_power_efficient_wq,
		system_wq, system_unbound_wq,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(wq); i++)
		expect_active(wq[i], 3);
}

static void system_highpri_queue_has_other_threads(void **state)
{
	struct counted normal, high;
	int i;

	counted_init(&normal, system_percpu_wq);
	counted_init(&high, system_highpri_wq);
	for (i = 0; i < 10; i++) {
		queue_work(normal.wq, &normal.work);
		flush_work(&normal.work);
		queue_work(high.wq, &high.work);
		flush_work(&high.work);
		assert_int_not_equal(normal.thread, high.thread);
	}
}

/* Another worker finds the item running, and hands it over each time. */
static void item_is_handed_over_again_and_again(void **state)
{
	struct workqueue_struct *wq = make(4);
	struct blocker b;
	int i;

	blocker_start(&b, wq);
	for (i = 0; i < 5; i++) {
		assert_true(queue_work(wq, &b.work));
		msleep(5);
		complete(&b.go);
		assert_true(wait_for_completion_timeout(&b.running,
							PATIENCE_S * HZ));
	}
	complete(&b.go);
	destroy_workqueue(wq);
	assert_int_equal(b.nr_ended, 6);
}

/* Waits that must not end too early */

static void run_of_another_item_ends_no_wait(void **state)
{
	struct workqueue_struct *wq = make_ordered();
	struct counted waited_for, other;
	struct task_struct *task;
	struct blocker keeper;
	struct call call;

	blocker_start(&keeper, wq);
	counted_init(&waited_for, wq);
	counted_init(&other, system_percpu_wq);
	queue_work(wq, &waited_for.work);
	task = start_call(&call, flush_item, &waited_for.work);
	queue_work(system_percpu_wq, &other.work);
	flush_work(&other.work);
	msleep(2);
	assert_false(READ_ONCE(call.done));
	complete(&keeper.go);
	finish(task);
	assert_int_equal(atomic_read(&waited_for.nr_runs), 1);
	destroy_workqueue(wq);
}

static void flush_waits_for_the_queueing_that_is_pending(void **state)
{
	struct workqueue_struct *wq = make(4);
	struct task_struct *task;
	struct call call;
	struct blocker b;

	blocker_start(&b, wq);
	assert_true(queue_work(wq, &b.work));
	task = start_call(&call, flush_item, &b.work);
	complete(&b.go);
	wait_for_completion(&b.running);
	msleep(5);
	assert_false(READ_ONCE(call.done));
	complete(&b.go);
	finish(task);
	assert_int_equal(b.nr_ended, 2);
	destroy_workqueue(wq);
}

static void flush_of_a_queue_waits_for_the_last_item_without_a_slot(void **state)
{
	struct workqueue_struct *wq = make(1);
	struct blocker b[3];
	struct task_struct *task;
	struct call call;
	int i;

	for (i = 0; i < 3; i++) {
		blocker_init(&b[i]);
		queue_work(wq, &b[i].work);
	}
	task = start_call(&call, flush_queue, wq);
	for (i = 0; i < 3; i++) {
		wait_for_completion(&b[i].running);
		msleep(5);
		assert_false(READ_ONCE(call.done));
		complete(&b[i].go);
	}
	finish(task);
	destroy_workqueue(wq);
}

struct rcu_blocker {
	struct rcu_work rwork;
	struct completion running, go;
};

static void rcu_blocker_fn(struct work_struct *work)
{
	struct rcu_blocker *b = container_of(to_rcu_work(work),
					     struct rcu_blocker, rwork);

	complete(&b->running);
	wait_for_completion(&b->go);
}

static bool section_on, in_section;

static int stay_in_a_section(void *unused)
{
	rcu_read_lock();
	WRITE_ONCE(in_section, true);
	while (READ_ONCE(section_on))
		cpu_relax();
	rcu_read_unlock();
	return 0;
}

static void nothing(struct rcu_head *head)
{
}

static void flush_of_a_pending_rcu_item_waits_for_its_run(void **state)
{
	struct workqueue_struct *wq = make(4);
	struct task_struct *task, *reader;
	struct rcu_blocker b;
	struct rcu_head head;
	struct call call;
	int i;

	/* The grace period does not end before the flush waits for it. */
	section_on = true;
	in_section = false;
	reader = start(stay_in_a_section, NULL);
	assert_true(eventually(READ_ONCE(in_section)));
	INIT_RCU_WORK(&b.rwork, rcu_blocker_fn);
	init_completion(&b.running);
	init_completion(&b.go);
	assert_true(queue_rcu_work(wq, &b.rwork));
	task = start_call(&call, flush_rcu_item, &b.rwork);
	WRITE_ONCE(section_on, false);
	finish(reader);
	wait_for_completion(&b.running);
	/*
	 * After the first round the flush waits for no RCU callback. It is
	 * woken before the second one ends.
	 */
	for (i = 0; i < 2; i++) {
		call_rcu(&head, nothing);
		rcu_barrier();
	}
	assert_true(eventually(READ_ONCE(call.done) ||
			       sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	assert_false(READ_ONCE(call.done));
	complete(&b.go);
	finish(task);
	destroy_workqueue(wq);
}

static void disabled_rcu_item_is_reported_once(void **state)
{
	struct workqueue_struct *wq = make(4);
	struct rcu_blocker b;

	INIT_RCU_WORK(&b.rwork, rcu_blocker_fn);
	init_completion(&b.running);
	init_completion(&b.go);
	complete_all(&b.go);
	disable_work(&b.rwork.work);
	assert_warns(1, {
		queue_rcu_work(wq, &b.rwork);
		rcu_barrier();
	});
	/* As in the kernel, it does not run. */
	assert_false(try_wait_for_completion(&b.running));
	assert_true(enable_work(&b.rwork.work));
	assert_true(queue_rcu_work(wq, &b.rwork));
	flush_rcu_work(&b.rwork);
	assert_true(try_wait_for_completion(&b.running));
	destroy_workqueue(wq);
}

/* Queues another item on a queue that is not its own. */
static struct counted foreign;

static void queue_elsewhere_fn(struct work_struct *work)
{
	queue_work(foreign.wq, &foreign.work);
}

/*
 * Such a queue refuses items that its own items have not queued: those of a
 * timer, and those of an item of another queue. The warning comes once per
 * program.
 */
static void queue_that_is_drained_refuses_timers_and_foreign_items(void **state)
{
	struct workqueue_struct *wq = make(4), *other = make(4);
	struct work_struct elsewhere;
	struct delayed_work dwork;
	struct task_struct *task;
	struct blocker b;
	struct call call;

	INIT_DELAYED_WORK(&dwork, counted_fn);
	assert_true(queue_delayed_work(wq, &dwork, 1000 * HZ));
	blocker_start(&b, wq);
	task = start_call(&call, drain_queue, wq);
	counted_init(&foreign, wq);
	INIT_WORK_ONSTACK(&elsewhere, queue_elsewhere_fn);
	assert_warns_like("cannot queue counted_fn on wq test/4",
			  assert_false(flush_delayed_work(&dwork)););
	queue_work(other, &elsewhere);
	flush_work(&elsewhere);
	assert_false(delayed_work_pending(&dwork));
	assert_false(work_pending(&foreign.work));
	complete(&b.go);
	finish(task);
	assert_int_equal(atomic_read(&foreign.nr_runs), 0);
	destroy_workqueue(other);
	destroy_workqueue(wq);
}

/* Reports of WQ_MEM_RECLAIM */

static struct workqueue_struct *target;
static struct blocker waited_for;
static struct completion flushing;

static void flush_target_fn(struct work_struct *work)
{
	complete(&flushing);
	__flush_workqueue(target);
	flush_work(&waited_for.work);
}

static void flush_from_reclaim(struct workqueue_struct *wq)
{
	struct workqueue_struct *reclaim =
		alloc_workqueue("reclaim", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	struct work_struct work;

	target = wq;
	init_completion(&flushing);
	blocker_start(&waited_for, target);
	INIT_WORK_ONSTACK(&work, flush_target_fn);
	queue_work(reclaim, &work);
	wait_for_completion(&flushing);
	complete(&waited_for.go);
	destroy_workqueue(reclaim);
	destroy_workqueue(target);
}

static void mem_reclaim_item_may_flush_queues_of_its_kind_only(void **state)
{
	flush_from_reclaim(alloc_workqueue("other",
					   WQ_UNBOUND | WQ_MEM_RECLAIM, 0));
	assert_warns_like("reclaim:flush_target_fn is flushing !WQ_MEM_RECLAIM test/0:all items",
			  flush_from_reclaim(make(0)););
}

/* Memory, and the list of queues */

static struct workqueue_struct *make_reclaim(int nr)
{
	return alloc_workqueue("reclaim/%d", WQ_UNBOUND | WQ_MEM_RECLAIM, 0,
			       nr);
}

/* Each allocation of alloc_workqueue() fails in turn. */
static void fail_each_allocation(void)
{
	struct workqueue_struct *wq;
	int n = 0;

	do {
		libfence_fail_nth(++n);
		wq = make_reclaim(n);
		if (wq)
			destroy_workqueue(wq);
	} while (!libfence_fail_nth_left());
	libfence_fail_nth(0);
}

static void queues_that_are_gone_leave_no_memory(void **state)
{
	struct memory before = { 0 };
	int i;

	for (i = 0; i < 60; i++) {
		/* The first rounds fill caches. */
		if (i == 20) {
			rcu_barrier();
			before = memory_now();
		}
		destroy_workqueue(make_reclaim(i));
		fail_each_allocation();
	}
	assert_true(memory_came_back(&before, 40 * 100));
}

#if THREADS_ARE_OURS
/* Use freed memory again. Code that still uses it reads garbage. */
static void fill_freed_memory(void)
{
	size_t size;

	for (size = 16; size < 1200; size += 8) {
		void *p[24];
		int i;

		for (i = 0; i < ARRAY_SIZE(p); i++) {
			p[i] = kmalloc(size, GFP_KERNEL);
			memset(p[i], 0x55, size);
		}
		/* The compiler must not leave out these stores. */
		barrier();
		for (i = 0; i < ARRAY_SIZE(p); i++)
			kfree(p[i]);
	}
}

static int run_one_item(void)
{
	struct workqueue_struct *wq = make(1);
	struct counted c;

	counted_init(&c, wq);
	queue_work(wq, &c.work);
	destroy_workqueue(wq);
	return atomic_read(&c.nr_runs) == 1 ? 0 : 1;
}

/* fork() looks at all queues in the child. */
static void queues_that_are_gone_are_not_in_the_list(void **state)
{
	struct workqueue_struct *queues[10];
	int i, nr;

	for (i = 0; i < 2; i++) {
		if (i)
			fail_each_allocation();
		for (nr = 0; nr < ARRAY_SIZE(queues); nr++)
			queues[nr] = make_reclaim(nr);
		for (nr = 0; nr < ARRAY_SIZE(queues); nr++)
			destroy_workqueue(queues[nr]);
		rcu_barrier();
		fill_freed_memory();
		assert_int_equal(status_of_child(run_one_item), 0);
	}
}
#endif

/* The thread that became idle last takes the next item. */
static void threads_exit_beside_a_steady_load(void **state)
{
	struct workqueue_struct *wq = make(0);
	struct blocker b[8];
	struct counted c;
	int i, peak;

	for (i = 0; i < ARRAY_SIZE(b); i++)
		blocker_start(&b[i], wq);
	for (i = 0; i < ARRAY_SIZE(b); i++)
		complete(&b[i].go);
	__flush_workqueue(wq);
	peak = nr_threads();
	counted_init(&c, wq);
	/* In turn, each thread would have an item in every two seconds. */
	for (i = 0; i < 70 && nr_threads() > peak - 4; i++) {
		queue_work(wq, &c.work);
		flush_work(&c.work);
		msleep(50);
	}
	assert_true(nr_threads() <= peak - 4);
	destroy_workqueue(wq);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(use_of_a_deprecated_queue_is_reported_once),
		TEST(odd_limits_and_long_names_are_reported),
		TEST(long_drain_is_reported_now_and_then),
		TEST(run_of_another_item_ends_no_wait),
		TEST(changed_limit_is_clamped_as_a_new_one),
		TEST(cancel_of_an_item_that_waits_frees_no_slot),
		TEST(system_queues_run_items_beside_each_other),
		TEST(system_highpri_queue_has_other_threads),
		TEST(item_is_handed_over_again_and_again),
		TEST(flush_waits_for_the_queueing_that_is_pending),
		TEST(flush_of_a_queue_waits_for_the_last_item_without_a_slot),
		TEST(flush_of_a_pending_rcu_item_waits_for_its_run),
		TEST(disabled_rcu_item_is_reported_once),
		TEST(queue_that_is_drained_refuses_timers_and_foreign_items),
		TEST(mem_reclaim_item_may_flush_queues_of_its_kind_only),
		TEST(queues_that_are_gone_leave_no_memory),
#if THREADS_ARE_OURS
		TEST(queues_that_are_gone_are_not_in_the_list),
#endif
		TEST(threads_exit_beside_a_steady_load),
	};

	TEST_NEEDS(MEMORY_IS_COUNTED, "mallinfo2()",
		   queues_that_are_gone_leave_no_memory);
	return TEST_MAIN("workqueue-edges", tests);
}
