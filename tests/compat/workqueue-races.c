// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Work items beside other threads. The stress tests count: each
 * queueing is one run or one cancellation.
 */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#define FAR	(1000 * HZ)

static struct workqueue_struct *wq;

static void set_up(int max_active)
{
	wq = alloc_workqueue("races", WQ_UNBOUND, max_active);
	assert_non_null(wq);
}

/* Conservation, A1 races 1 to 4: pairs of operations on one delayed item. */

static struct delayed_work item;
static atomic_t nr_runs, nr_queued, nr_cancelled;
static bool stop;

static void count_fn(struct work_struct *work)
{
	atomic_inc_return(&nr_runs);
}

static void op_queue_delayed(unsigned int i)
{
	if (queue_delayed_work(wq, &item, i & 1))
		atomic_inc_return(&nr_queued);
}

static void op_queue(unsigned int i)
{
	if (queue_work(wq, &item.work))
		atomic_inc_return(&nr_queued);
}

static void op_mod(unsigned int i)
{
	if (!mod_delayed_work(wq, &item, i & 1))
		atomic_inc_return(&nr_queued);
}

static void op_cancel(unsigned int i)
{
	if (cancel_delayed_work(&item))
		atomic_inc_return(&nr_cancelled);
}

static void op_cancel_sync(unsigned int i)
{
	if (cancel_delayed_work_sync(&item))
		atomic_inc_return(&nr_cancelled);
}

static void op_disable(unsigned int i)
{
	if (disable_delayed_work(&item))
		atomic_inc_return(&nr_cancelled);
	/* An item that nobody else disables can be queued again. */
	if (enable_delayed_work(&item))
		op_queue_delayed(i);
}

static void op_flush_delayed(unsigned int i)
{
	flush_delayed_work(&item);
}

static void op_flush(unsigned int i)
{
	flush_work(&item.work);
}

static void op_flush_queue(unsigned int i)
{
	flush_workqueue(wq);
}

static int repeat(void *data)
{
	void (*op)(unsigned int) = data;
	unsigned int i;

	for (i = 0; !READ_ONCE(stop); i++)
		op(i);
	return 0;
}

/* Returns the number of queueings that are neither a run nor a cancellation. */
static int lost_beside(void (*one)(unsigned int), void (*two)(unsigned int))
{
	struct task_struct *a, *b;
	bool queued;

	set_up(0);
	atomic_set(&nr_runs, 0);
	atomic_set(&nr_queued, 0);
	atomic_set(&nr_cancelled, 0);
	WRITE_ONCE(stop, false);
	INIT_DELAYED_WORK(&item, count_fn);
	a = start(repeat, one);
	b = start(repeat, two);
	msleep(150);
	queued = eventually(atomic_read(&nr_queued) > 0);
	WRITE_ONCE(stop, true);
	finish(a);
	finish(b);
	flush_delayed_work(&item);
	assert_int_equal(work_busy(&item.work), 0);
	destroy_workqueue(wq);
	assert_true(queued);
	return atomic_read(&nr_queued) - atomic_read(&nr_cancelled) -
	       atomic_read(&nr_runs);
}

#define CONSERVED(name, one, two)					\
	static void name(void **state)					\
	{								\
		assert_int_equal(lost_beside(one, two), 0);		\
	}
CONSERVED(r1_cancel_beside_expiry, op_queue_delayed, op_cancel)
CONSERVED(r1_cancel_sync_beside_expiry, op_queue_delayed, op_cancel_sync)
CONSERVED(r2_mod_beside_expiry, op_queue_delayed, op_mod)
CONSERVED(r2_mod_beside_cancel, op_mod, op_cancel)
CONSERVED(r3_queue_beside_expiry, op_queue_delayed, op_queue)
CONSERVED(r4_flush_delayed_beside_queue, op_queue_delayed, op_flush_delayed)
CONSERVED(r6_flush_beside_mod, op_mod, op_flush)
CONSERVED(r7_cancel_sync_beside_queue, op_queue, op_cancel_sync)
CONSERVED(r9_disable_beside_queue, op_queue_delayed, op_disable)
CONSERVED(flush_workqueue_beside_queue, op_queue_delayed, op_flush_queue)

/*
 * Race 1: if cancel_delayed_work() returns false and the item is not running,
 * it does not run later.
 */
static void r1_cancelled_item_never_runs_later(void **state)
{
	int i, before, nr = 300 / test_slowness();

	set_up(0);
	INIT_DELAYED_WORK(&item, count_fn);
	for (i = 0; i < nr; i++) {
		queue_delayed_work(wq, &item, 1);
		while (timer_pending(&item.timer))
			cpu_relax();
		cancel_delayed_work(&item);
		flush_work(&item.work);
		before = atomic_read(&nr_runs);
		flush_workqueue(wq);
		assert_int_equal(atomic_read(&nr_runs), before);
		assert_int_equal(work_busy(&item.work), 0);
	}
	destroy_workqueue(wq);
}

/* Race 2: never armed and queued at once. The old run has begun, or is off. */
static void r2_mod_beside_expiry_puts_off(void **state)
{
	int i, before, nr = 300 / test_slowness();

	set_up(0);
	INIT_DELAYED_WORK(&item, count_fn);
	for (i = 0; i < nr; i++) {
		queue_delayed_work(wq, &item, 1);
		while (timer_pending(&item.timer))
			cpu_relax();
		mod_delayed_work(wq, &item, FAR);
		flush_work(&item.work);
		before = atomic_read(&nr_runs);
		flush_workqueue(wq);
		assert_int_equal(atomic_read(&nr_runs), before);
		assert_true(timer_pending(&item.timer));
		assert_true(cancel_delayed_work(&item));
	}
	destroy_workqueue(wq);
}

/* An item that waits for the gate, and can queue itself. */

static struct completion gate, running;
static struct work_struct gated, blocker;
static int nr_requeues;
static bool requeued;

static void gated_fn(struct work_struct *work)
{
	atomic_inc_return(&nr_runs);
	complete(&running);
	wait_for_completion(&gate);
	if (nr_requeues) {
		nr_requeues--;
		requeued = queue_work(wq, work);
	}
}

static void blocker_fn(struct work_struct *work)
{
	atomic_inc_return(&nr_runs);
	complete(&running);
	wait_for_completion(&gate);
}

static void gated_init(int max_active)
{
	set_up(max_active);
	atomic_set(&nr_runs, 0);
	init_completion(&gate);
	init_completion(&running);
	INIT_WORK(&gated, gated_fn);
	INIT_WORK(&blocker, blocker_fn);
	nr_requeues = 0;
	requeued = false;
}

static void gated_start(struct work_struct *work)
{
	assert_true(queue_work(wq, work));
	wait_for_completion(&running);
}

static int flush_gated(void *unused)
{
	return flush_work(&gated);
}

static int cancel_gated_sync(void *unused)
{
	return cancel_work_sync(&gated);
}

static int disable_gated_sync(void *unused)
{
	return disable_work_sync(&gated);
}

static struct task_struct *start_and_wait(int (*fn)(void *))
{
	struct task_struct *task = start(fn, NULL);

	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	return task;
}

/* Race 5: the first run queues the item again, and the second does not end. */
static void r5_flush_waits_for_one_queueing(void **state)
{
	struct task_struct *task;

	gated_init(1);
	gated_start(&blocker);
	assert_true(queue_work(wq, &gated));
	nr_requeues = 1;
	task = start_and_wait(flush_gated);
	/* Lets the blocker and the first run of the item end. */
	complete(&gate);
	complete(&gate);
	assert_true(finish(task));
	assert_true(eventually(atomic_read(&nr_runs) == 3));
	assert_int_equal(work_busy(&gated), WORK_BUSY_RUNNING);
	complete_all(&gate);
	destroy_workqueue(wq);
}

static void take_off_by_mod(unsigned int i)
{
	mod_delayed_work(wq, &item, FAR);
}

static void take_off_by_disable(unsigned int i)
{
	disable_delayed_work(&item);
}

static int flush_item(void *unused)
{
	return flush_work(&item.work);
}

/* Race 6: the queueing that a flush waits for is taken off. */
static void check_flush_ends(void (*take_off)(unsigned int))
{
	struct task_struct *task;

	gated_init(1);
	gated_start(&blocker);
	INIT_DELAYED_WORK(&item, count_fn);
	assert_true(queue_delayed_work(wq, &item, 0));
	task = start_and_wait(flush_item);
	/* The blocker still runs. */
	take_off(0);
	assert_true(finish(task));
	cancel_delayed_work_sync(&item);
	complete_all(&gate);
	destroy_workqueue(wq);
	assert_int_equal(atomic_read(&nr_runs), 1);
}

static void r6_flush_returns_when_the_item_is_cancelled(void **state)
{
	check_flush_ends(op_cancel);
}

static void r6_flush_returns_when_the_item_is_put_off(void **state)
{
	check_flush_ends(take_off_by_mod);
}

static void r6_flush_returns_when_the_item_is_disabled(void **state)
{
	check_flush_ends(take_off_by_disable);
}

/* Race 7: nobody can queue the item while it is cancelled. */
static void r7_nothing_is_queued_during_cancel_sync(void **state)
{
	struct task_struct *task;

	gated_init(4);
	gated_start(&gated);
	nr_requeues = 1;
	requeued = true;
	task = start_and_wait(cancel_gated_sync);
	assert_false(queue_work(wq, &gated));
	assert_false(work_pending(&gated));
	complete_all(&gate);
	assert_false(finish(task));
	assert_false(requeued);
	assert_int_equal(atomic_read(&nr_runs), 1);
	/* Afterwards it can be queued. */
	assert_true(queue_work(wq, &gated));
	flush_work(&gated);
	destroy_workqueue(wq);
}

/* Race 8: several at once. Each of them waits, and all of them return. */
static void r8_several_sync_cancels_and_flushes(void **state)
{
	struct task_struct *tasks[5];
	int i;

	gated_init(4);
	gated_start(&gated);
	tasks[0] = start_and_wait(cancel_gated_sync);
	tasks[1] = start_and_wait(cancel_gated_sync);
	tasks[2] = start_and_wait(flush_gated);
	tasks[3] = start_and_wait(disable_gated_sync);
	tasks[4] = start_and_wait(cancel_gated_sync);
	complete_all(&gate);
	for (i = 0; i < 5; i++)
		assert_int_equal(finish(tasks[i]), i == 2);
	assert_int_equal(work_busy(&gated), 0);
	/* Only disable_work_sync() leaves it disabled. */
	assert_false(queue_work(wq, &gated));
	assert_true(enable_work(&gated));
	assert_true(queue_work(wq, &gated));
	destroy_workqueue(wq);
	assert_int_equal(atomic_read(&nr_runs), 2);
}

/*
 * Race 10: data is stored, and queue_work() says that the item is pending. The
 * run that is to come sees the data. Not atomic, so that ThreadSanitizer sees
 * whether this is ordered.
 */
static unsigned int published, seen;

static void see_fn(struct work_struct *work)
{
	seen = READ_ONCE(published);
}

static void r10_a_pending_item_sees_what_was_stored(void **state)
{
	struct work_struct see;
	unsigned int i, nr = 20000 / test_slowness();

	set_up(0);
	INIT_WORK_ONSTACK(&see, see_fn);
	for (i = 1; i <= nr; i++) {
		WRITE_ONCE(published, i);
		queue_work(wq, &see);
		if (i % 50)
			continue;
		flush_work(&see);
		assert_int_equal(seen, i);
	}
	destroy_workqueue(wq);
	assert_int_equal(seen, nr);
	destroy_work_on_stack(&see);
}

/* Race 11: a new item at the address of a running one, with another function. */

static struct work_struct *reborn;

static void other_fn(struct work_struct *work)
{
	atomic_inc_return(&nr_queued);
}

static void reborn_fn(struct work_struct *work)
{
	/* As after kfree() and kmalloc(), which may return the same address. */
	memset(work, 0xff, sizeof(*work));
	INIT_WORK(work, other_fn);
	reborn = work;
	complete(&running);
	wait_for_completion(&gate);
}

static void r11_reused_address_is_another_item(void **state)
{
	struct work_struct work;

	gated_init(4);
	atomic_set(&nr_queued, 0);
	INIT_WORK_ONSTACK(&work, reborn_fn);
	gated_start(&work);
	assert_int_equal(work_busy(reborn), 0);
	assert_false(flush_work(reborn));
	assert_false(cancel_work_sync(reborn));
	assert_true(queue_work(wq, reborn));
	assert_true(eventually(atomic_read(&nr_queued) == 1));
	flush_work(reborn);
	complete_all(&gate);
	destroy_workqueue(wq);
}

/* Race 12: an item that queues itself without end. */

static void endless_fn(struct work_struct *work)
{
	atomic_inc_return(&nr_runs);
	if (!READ_ONCE(stop))
		queue_work(wq, work);
}

static void r12_flush_returns_beside_an_endless_item(void **state)
{
	struct work_struct endless;

	set_up(2);
	WRITE_ONCE(stop, false);
	atomic_set(&nr_runs, 0);
	INIT_WORK_ONSTACK(&endless, endless_fn);
	queue_work(wq, &endless);
	flush_workqueue(wq);
	assert_true(flush_work(&endless) || atomic_read(&nr_runs));
	assert_true(eventually(atomic_read(&nr_runs) > 10));
	WRITE_ONCE(stop, true);
	drain_workqueue(wq);
	assert_int_equal(work_busy(&endless), 0);
	destroy_workqueue(wq);
}

/* Race 13: a function queues its item on a second queue, where it runs once. */

static struct workqueue_struct *second;

static void move_fn(struct work_struct *work)
{
	if (atomic_inc_return(&nr_runs) == 1)
		requeued = queue_work(second, work);
}

static void r13_item_moves_to_a_second_queue(void **state)
{
	struct work_struct work;

	set_up(1);
	second = alloc_ordered_workqueue("second", 0);
	atomic_set(&nr_runs, 0);
	INIT_WORK_ONSTACK(&work, move_fn);
	queue_work(wq, &work);
	flush_workqueue(wq);
	flush_workqueue(second);
	assert_true(requeued);
	assert_int_equal(atomic_read(&nr_runs), 2);
	destroy_workqueue(second);
	destroy_workqueue(wq);
}

/* Notes to the cells */

static struct work_struct *current_in_run, *current_after_free;
static struct work_struct *current_in_interrupt;
static unsigned int flags_in_run;

static void interrupt_fn(struct irq_work *unused)
{
	current_in_interrupt = current_work();
}

static void current_fn(struct work_struct *work)
{
	struct irq_work interrupt = IRQ_WORK_INIT(interrupt_fn);

	current_in_run = current_work();
	/* It interrupts this thread at the end of the section. */
	local_irq_disable();
	irq_work_queue(&interrupt);
	local_irq_enable();
	irq_work_sync(&interrupt);
	flags_in_run = current->flags;
	kfree(work);
	current_after_free = current_work();
}

static void current_work_is_the_item_of_this_thread(void **state)
{
	struct work_struct *work = kmalloc_obj(*work);
	void *address = work;

	set_up(0);
	assert_null(current_work());
	current_in_interrupt = work;
	INIT_WORK(work, current_fn);
	queue_work(wq, work);
	destroy_workqueue(wq);
	assert_ptr_equal(current_in_run, address);
	assert_ptr_equal(current_after_free, address);
	assert_null(current_in_interrupt);
	assert_true(flags_in_run & PF_WQ_WORKER);
	assert_false(current->flags & PF_WQ_WORKER);
}

static void self_fn(struct work_struct *work)
{
	struct delayed_work *dwork = to_delayed_work(work);

	if (atomic_inc_return(&nr_runs) > 1)
		return;
	requeued = queue_work(wq, work) && cancel_work(work) &&
		   !mod_delayed_work(wq, dwork, FAR) &&
		   disable_delayed_work(dwork) && !queue_work(wq, work) &&
		   enable_delayed_work(dwork) && queue_work(wq, work);
}

static void function_may_cancel_disable_and_queue_its_item(void **state)
{
	set_up(0);
	atomic_set(&nr_runs, 0);
	requeued = false;
	INIT_DELAYED_WORK(&item, self_fn);
	queue_work(wq, &item.work);
	drain_workqueue(wq);
	assert_true(requeued);
	assert_int_equal(atomic_read(&nr_runs), 2);
	destroy_workqueue(wq);
}

static void order_fn(struct work_struct *work)
{
	seen = atomic_read(&nr_runs);
}

static void mod_to_now_goes_to_the_tail(void **state)
{
	struct work_struct between;

	gated_init(1);
	gated_start(&blocker);
	INIT_DELAYED_WORK(&item, order_fn);
	INIT_WORK_ONSTACK(&between, count_fn);
	assert_true(queue_delayed_work(wq, &item, 0));
	assert_true(queue_work(wq, &between));
	assert_true(mod_delayed_work(wq, &item, 0));
	complete_all(&gate);
	destroy_workqueue(wq);
	/* The blocker and the item between ran first. */
	assert_int_equal(seen, 2);
}

static void mod_moves_the_item_to_another_queue(void **state)
{
	struct work_struct busy;

	gated_init(1);
	second = alloc_ordered_workqueue("second", 0);
	INIT_WORK_ONSTACK(&busy, blocker_fn);
	gated_start(&busy);
	INIT_DELAYED_WORK(&item, count_fn);
	assert_true(queue_delayed_work(wq, &item, FAR));
	assert_true(mod_delayed_work(second, &item, FAR));
	/* It does not wait for the other item of the first queue. */
	assert_true(flush_delayed_work(&item));
	assert_int_equal(atomic_read(&nr_runs), 2);
	complete_all(&gate);
	destroy_workqueue(second);
	destroy_workqueue(wq);
}

static void expires_is_now_and_the_delay(void **state)
{
	unsigned long before;

	set_up(0);
	INIT_DELAYED_WORK(&item, count_fn);
	/* Again, if a tick has come in between. */
	do {
		before = jiffies;
		cancel_delayed_work(&item);
		queue_delayed_work(wq, &item, 5000);
	} while (jiffies != before);
	assert_int_equal(item.timer.expires - before, 5000);
	mod_delayed_work(wq, &item, MAX_SCHEDULE_TIMEOUT);
	assert_true(time_after(item.timer.expires, jiffies));
	assert_true(item.timer.flags & TIMER_IRQSAFE);
	assert_true(cancel_delayed_work(&item));
	destroy_workqueue(wq);
}

static DECLARE_DELAYED_WORK(static_item, count_fn);
static DECLARE_DEFERRABLE_WORK(static_deferrable, count_fn);

static void static_delayed_items_need_no_initialisation(void **state)
{
	struct delayed_work on_stack;

	set_up(0);
	atomic_set(&nr_runs, 0);
	INIT_DELAYED_WORK_ONSTACK(&on_stack, count_fn);
	assert_true(queue_delayed_work(wq, &static_item, 1));
	assert_true(queue_delayed_work(wq, &static_deferrable, 1));
	assert_true(queue_delayed_work(wq, &on_stack, 1));
	flush_delayed_work(&static_item);
	flush_delayed_work(&static_deferrable);
	flush_delayed_work(&on_stack);
	assert_int_equal(atomic_read(&nr_runs), 3);
	destroy_delayed_work_on_stack(&on_stack);
	destroy_workqueue(wq);
}

struct rcu_item {
	int before;
	struct rcu_work rwork;
	bool is_the_item;
};

static void rcu_item_fn(struct work_struct *work)
{
	struct rcu_item *r = from_work(r, work, rwork.work);

	r->is_the_item = to_rcu_work(work) == &r->rwork;
	atomic_inc_return(&nr_runs);
}

static bool reads, flushes;

static int read_until_it_sleeps(void *task)
{
	bool slept = false;
	int i;

	rcu_read_lock();
	WRITE_ONCE(reads, true);
	/* It may not sleep. */
	for (i = 0; i < 1000 * PATIENCE_S && !slept; i++) {
		mdelay(1);
		slept = READ_ONCE(flushes) &&
			sleeps_in(task, TASK_UNINTERRUPTIBLE);
	}
	rcu_read_unlock();
	return slept;
}

static void rcu_work_runs_after_a_grace_period(void **state)
{
	struct rcu_item r = { 0 };
	struct task_struct *task;

	set_up(0);
	atomic_set(&nr_runs, 0);
	INIT_RCU_WORK_ONSTACK(&r.rwork, rcu_item_fn);
	assert_false(flush_rcu_work(&r.rwork));
	/* No grace period ends before flush_rcu_work() waits. */
	WRITE_ONCE(reads, false);
	WRITE_ONCE(flushes, false);
	task = start(read_until_it_sleeps, current);
	assert_true(eventually(READ_ONCE(reads)));
	rcu_read_lock();
	assert_true(queue_rcu_work(wq, &r.rwork));
	assert_false(queue_rcu_work(wq, &r.rwork));
	assert_true(work_pending(&r.rwork.work));
	mdelay(30);
	assert_int_equal(atomic_read(&nr_runs), 0);
	rcu_read_unlock();
	WRITE_ONCE(flushes, true);
	assert_true(flush_rcu_work(&r.rwork));
	assert_int_equal(atomic_read(&nr_runs), 1);
	assert_true(r.is_the_item);
	assert_true(finish(task));
	destroy_workqueue(wq);
}

static void add_run(struct work_struct *work)
{
	atomic_inc(&nr_runs);
}

/* After a flush, a sync cancel, and a cancel of an item that does not run. */
static void item_may_be_freed_after_a_wait(void **state)
{
	int i, nr = 500 / test_slowness();
	struct delayed_work *d;

	set_up(0);
	for (i = 0; i < nr; i++) {
		d = kzalloc(sizeof(*d), GFP_KERNEL);
		assert_non_null(d);
		INIT_DELAYED_WORK(d, add_run);
		assert_true(queue_delayed_work(wq, d, i % 2));
		if (i % 8 < 4)
			udelay(i * 29 % 1500);
		if (i % 3 == 0)
			flush_delayed_work(d);
		else if (i % 3 == 1 || !cancel_delayed_work(d))
			cancel_delayed_work_sync(d);
		memset(d, 0xff, sizeof(*d));
		kfree(d);
	}
	destroy_workqueue(wq);
}

/* An item whose timer is armed does not count for its queue. */
static void flush_and_drain_ignore_an_armed_item(void **state)
{
	set_up(0);
	atomic_set(&nr_runs, 0);
	INIT_DELAYED_WORK(&item, add_run);
	assert_true(queue_delayed_work(wq, &item, FAR));
	flush_workqueue(wq);
	drain_workqueue(wq);
	assert_true(delayed_work_pending(&item));
	assert_true(cancel_delayed_work(&item));
	assert_int_equal(atomic_read(&nr_runs), 0);
	destroy_workqueue(wq);
}

/* It cannot be disabled: that is reported once in a program. */
static void disabled_rcu_work_is_reported(void **state)
{
	struct rcu_item r = { 0 };

	set_up(0);
	INIT_RCU_WORK_ONSTACK(&r.rwork, rcu_item_fn);
	disable_work(&r.rwork.work);
	assert_warns(1, assert_true(queue_rcu_work(wq, &r.rwork)););
	rcu_barrier();
	flush_rcu_work(&r.rwork);
	destroy_workqueue(wq);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(r1_cancel_beside_expiry),
		TEST(r1_cancel_sync_beside_expiry),
		TEST(r1_cancelled_item_never_runs_later),
		TEST(r2_mod_beside_expiry),
		TEST(r2_mod_beside_cancel),
		TEST(r2_mod_beside_expiry_puts_off),
		TEST(r3_queue_beside_expiry),
		TEST(r4_flush_delayed_beside_queue),
		TEST(r5_flush_waits_for_one_queueing),
		TEST(r6_flush_beside_mod),
		TEST(r6_flush_returns_when_the_item_is_cancelled),
		TEST(r6_flush_returns_when_the_item_is_put_off),
		TEST(r6_flush_returns_when_the_item_is_disabled),
		TEST(r7_cancel_sync_beside_queue),
		TEST(r7_nothing_is_queued_during_cancel_sync),
		TEST(r8_several_sync_cancels_and_flushes),
		TEST(r9_disable_beside_queue),
		TEST(r10_a_pending_item_sees_what_was_stored),
		TEST(r11_reused_address_is_another_item),
		TEST(r12_flush_returns_beside_an_endless_item),
		TEST(r13_item_moves_to_a_second_queue),
		TEST(flush_workqueue_beside_queue),
		TEST(current_work_is_the_item_of_this_thread),
		TEST(function_may_cancel_disable_and_queue_its_item),
		TEST(mod_to_now_goes_to_the_tail),
		TEST(mod_moves_the_item_to_another_queue),
		TEST(expires_is_now_and_the_delay),
		TEST(static_delayed_items_need_no_initialisation),
		TEST(rcu_work_runs_after_a_grace_period),
		TEST(disabled_rcu_work_is_reported),
		TEST(item_may_be_freed_after_a_wait),
		TEST(flush_and_drain_ignore_an_armed_item),
	};

	return TEST_MAIN("workqueue-races", tests);
}
