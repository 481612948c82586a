// SPDX-License-Identifier: GPL-2.0 OR MIT
/* irq_work: it runs soon, in interrupt context, not inside irq_work_queue(). */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <libfence/libfence.h>

struct probe {
	struct irq_work work;
	struct completion ran;
	atomic_t nr_runs;
	/* The context that the function saw. */
	bool hardirq, irqs_off, pending;
	pid_t thread;
	int nr_requeue;
	bool hold, holding, ended;
};

static void probe_fn(struct irq_work *work)
{
	struct probe *p = container_of(work, struct probe, work);

	p->hardirq = in_hardirq() && !in_task();
	p->irqs_off = irqs_disabled();
	p->pending = irq_work_is_pending(work);
	p->thread = task_pid_nr(current);
	WRITE_ONCE(p->holding, true);
	while (READ_ONCE(p->hold))
		cpu_relax();
	p->ended = true;
	atomic_inc_return(&p->nr_runs);
	if (p->nr_requeue) {
		p->nr_requeue--;
		irq_work_queue(work);
	} else {
		complete(&p->ran);
	}
}

static void probe_init(struct probe *p)
{
	*p = (struct probe){ .nr_requeue = 0 };
	init_irq_work(&p->work, probe_fn);
	init_completion(&p->ran);
}

static void with_interrupts_on_another_thread_runs_it(void **state)
{
	struct probe p;

	probe_init(&p);
	assert_false(irq_work_is_pending(&p.work));
	assert_true(irq_work_queue(&p.work));
	wait_for_completion(&p.ran);
	irq_work_sync(&p.work);
	/* It ran on another thread, so not inside irq_work_queue(). */
	assert_int_not_equal(p.thread, task_pid_nr(current));
	assert_true(p.hardirq);
	assert_true(p.irqs_off);
	assert_false(p.pending);
	assert_false(in_hardirq());
}

static void with_interrupts_off_it_waits_until_they_are_on(void **state)
{
	unsigned long flags;
	struct probe p;

	probe_init(&p);
	local_irq_save(flags);
	assert_true(irq_work_queue(&p.work));
	assert_int_equal(atomic_read(&p.nr_runs), 0);
	assert_true(irq_work_is_pending(&p.work));
	assert_false(irq_work_queue(&p.work));
	local_irq_restore(flags);
	/* It has run on this thread when interrupts were enabled. */
	assert_int_equal(atomic_read(&p.nr_runs), 1);
	assert_int_equal(p.thread, task_pid_nr(current));
	assert_true(p.hardirq);
	assert_true(p.irqs_off);
	assert_false(p.pending);
	assert_false(in_hardirq());
	assert_false(irqs_disabled());
}

static struct {
	struct irq_work work[4];
	int order[8], nr;
} seq;

static void seq_fn(struct irq_work *work)
{
	int nr = work - seq.work;

	seq.order[seq.nr++] = nr;
	/* The first item queues the last one, which goes to the end. */
	if (nr == 0)
		irq_work_queue(&seq.work[3]);
}

static void items_run_in_the_order_they_were_queued(void **state)
{
	struct probe p;
	int i;

	seq.nr = 0;
	for (i = 0; i < 4; i++)
		init_irq_work(&seq.work[i], seq_fn);
	local_irq_disable();
	for (i = 0; i < 3; i++)
		irq_work_queue(&seq.work[i]);
	local_irq_enable();
	assert_int_equal(seq.nr, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(seq.order[i], i);

	/* An item that is queued alone does not bring those that were behind it. */
	seq.nr = 0;
	probe_init(&p);
	irq_work_queue(&seq.work[1]);
	irq_work_sync(&seq.work[1]);
	irq_work_queue(&p.work);
	irq_work_sync(&p.work);
	assert_int_equal(seq.nr, 1);

	seq.nr = 0;
	for (i = 0; i < 3; i++)
		irq_work_queue(&seq.work[i]);
	for (i = 0; i < 4; i++)
		irq_work_sync(&seq.work[i]);
	assert_int_equal(seq.nr, 4);
	assert_int_equal(seq.order[0], 0);
}

static void function_may_queue_its_own_item(void **state)
{
	struct probe p;

	/* With interrupts disabled: all runs end before the region does. */
	probe_init(&p);
	p.nr_requeue = 5;
	local_irq_disable();
	irq_work_queue(&p.work);
	local_irq_enable();
	assert_int_equal(atomic_read(&p.nr_runs), 6);
	/* With interrupts enabled. */
	probe_init(&p);
	p.nr_requeue = 5;
	irq_work_queue(&p.work);
	wait_for_completion(&p.ran);
	irq_work_sync(&p.work);
	assert_int_equal(atomic_read(&p.nr_runs), 6);
}

static struct completion freed;

static void free_item(struct irq_work *work)
{
	memset(work, 0xff, sizeof(*work));
	kfree(work);
	complete(&freed);
}

static void function_may_free_its_item(void **state)
{
	int i, nr = 200 / test_slowness();

	for (i = 0; i < nr; i++) {
		struct irq_work *work = kmalloc_obj(*work);

		init_completion(&freed);
		init_irq_work(work, free_item);
		if (i % 2)
			local_irq_disable();
		irq_work_queue(work);
		if (i % 2)
			local_irq_enable();
		wait_for_completion(&freed);
	}
}

static int release_soon(void *data)
{
	struct probe *p = data;

	msleep(20);
	WRITE_ONCE(p->hold, false);
	return 0;
}

static int queue_with_interrupts_off(void *data)
{
	struct probe *p = data;

	local_irq_disable();
	irq_work_queue(&p->work);
	local_irq_enable();
	return 0;
}

static void sync_waits_for_the_function_wherever_it_runs(void **state)
{
	struct task_struct *release, *runner;
	struct probe p;

	/* The function runs on the shim's thread. */
	probe_init(&p);
	p.hold = true;
	irq_work_queue(&p.work);
	assert_true(eventually(READ_ONCE(p.holding)));
	assert_false(irq_work_is_pending(&p.work));
	release = start(release_soon, &p);
	irq_work_sync(&p.work);
	assert_true(p.ended);
	finish(release);

	/* The function runs on a thread that has enabled interrupts. */
	probe_init(&p);
	p.hold = true;
	runner = start(queue_with_interrupts_off, &p);
	assert_true(eventually(READ_ONCE(p.holding)));
	release = start(release_soon, &p);
	irq_work_sync(&p.work);
	assert_true(p.ended);
	finish(release);
	finish(runner);
}

static int sync_item(void *data)
{
	struct probe *p = data;

	irq_work_sync(&p->work);
	return p->ended;
}

static void sync_waits_for_an_item_that_is_queued(void **state)
{
	struct task_struct *syncer;
	struct probe first, second;

	/* The second item is in the queue behind the first, which runs. */
	probe_init(&first);
	probe_init(&second);
	first.hold = true;
	irq_work_queue(&first.work);
	assert_true(eventually(READ_ONCE(first.holding)));
	irq_work_queue(&second.work);
	syncer = start(sync_item, &second);
	assert_true(eventually(sleeps_in(syncer, TASK_UNINTERRUPTIBLE)));
	WRITE_ONCE(first.hold, false);
	assert_int_equal(finish(syncer), 1);
	irq_work_sync(&first.work);
}

static void idle_thread_is_woken_for_each_item(void **state)
{
	struct probe p;
	int i;

	for (i = 0; i < 3; i++) {
		probe_init(&p);
		assert_true(irq_work_queue(&p.work));
		assert_true(wait_for_completion_timeout(&p.ran, PATIENCE_S * HZ));
		irq_work_sync(&p.work);
		/* The thread sleeps by then. */
		msleep(2);
	}
}

static void each_region_runs_the_items_queued_in_it(void **state)
{
	struct probe p;
	int i;

	probe_init(&p);
	for (i = 1; i <= 3; i++) {
		local_irq_disable();
		assert_true(irq_work_queue(&p.work));
		local_irq_enable();
		assert_int_equal(atomic_read(&p.nr_runs), i);
	}
}

static void sync_of_an_idle_item_returns(void **state)
{
	struct probe p;

	probe_init(&p);
	irq_work_sync(&p.work);
	assert_int_equal(atomic_read(&p.nr_runs), 0);
}

static struct irq_work idle_item;
static bool synced;

static void sync_fn(struct irq_work *work)
{
	irq_work_sync(&idle_item);
	WRITE_ONCE(synced, true);
}

/* A build with checks also reports a call from an invalid context. */
static void sync_with_interrupts_off_or_in_an_item_warns(void **state)
{
	int nr = libfence_has_checks() ? 2 : 1;
	struct irq_work work;

	init_irq_work(&idle_item, sync_fn);
	init_irq_work(&work, sync_fn);
	local_irq_disable();
	assert_warns(nr, irq_work_sync(&idle_item));
	local_irq_enable();
	synced = false;
	assert_warns(nr, {
		irq_work_queue(&work);
		assert_true(eventually(READ_ONCE(synced)));
	});
	irq_work_sync(&work);
}

static void item_that_runs_can_be_queued_again(void **state)
{
	struct probe p;

	probe_init(&p);
	p.hold = true;
	irq_work_queue(&p.work);
	assert_true(eventually(READ_ONCE(p.holding)));
	assert_true(irq_work_queue(&p.work));
	assert_false(irq_work_queue(&p.work));
	WRITE_ONCE(p.hold, false);
	wait_for_completion(&p.ran);
	wait_for_completion(&p.ran);
	irq_work_sync(&p.work);
	assert_int_equal(atomic_read(&p.nr_runs), 2);
}

static spinlock_t outer = __SPIN_LOCK_UNLOCKED(outer);

static void take_the_lock(struct irq_work *work)
{
	struct probe *p = container_of(work, struct probe, work);
	unsigned long flags;

	/* Inside irq_work_queue(), taking this lock would deadlock. */
	spin_lock_irqsave(&outer, flags);
	p->ended = true;
	spin_unlock_irqrestore(&outer, flags);
	complete(&p->ran);
}

static void function_may_take_the_lock_it_was_queued_under(void **state)
{
	unsigned long flags;
	struct probe p;

	probe_init(&p);
	init_irq_work(&p.work, take_the_lock);
	spin_lock_irqsave(&outer, flags);
	irq_work_queue(&p.work);
	assert_false(p.ended);
	spin_unlock_irqrestore(&outer, flags);
	assert_true(p.ended);
	/*
	 * With interrupts enabled, another thread waits for the lock. In the
	 * kernel this is a deadlock, so the checks report it.
	 */
	probe_init(&p);
	init_irq_work(&p.work, take_the_lock);
	assert_warns(LFSHIM_CHECKS, spin_lock(&outer));
	irq_work_queue(&p.work);
	spin_unlock(&outer);
	wait_for_completion(&p.ran);
	irq_work_sync(&p.work);
}

#define NR_THREADS	3

static struct probe shared;
static atomic_t nr_queued;

static void count_run(struct irq_work *work)
{
	atomic_inc_return(&shared.nr_runs);
}

static int queue_a_lot(void *data)
{
	int i, nr = 10000 / test_slowness();

	for (i = 0; i < nr; i++) {
		bool off = (i + (long)data) % 2;
		unsigned long flags = 0;

		if (off)
			local_irq_save(flags);
		if (irq_work_queue(&shared.work))
			atomic_inc_return(&nr_queued);
		if (off)
			local_irq_restore(flags);
	}
	return 0;
}

static void every_successful_queueing_is_one_run(void **state)
{
	struct task_struct *tasks[NR_THREADS];
	long i;

	init_irq_work(&shared.work, count_run);
	atomic_set(&shared.nr_runs, 0);
	atomic_set(&nr_queued, 0);
	for (i = 0; i < NR_THREADS; i++)
		tasks[i] = start(queue_a_lot, (void *)i);
	for (i = 0; i < NR_THREADS; i++)
		finish(tasks[i]);
	irq_work_sync(&shared.work);
	assert_true(atomic_read(&nr_queued) > 0);
	assert_int_equal(atomic_read(&shared.nr_runs), atomic_read(&nr_queued));
}

static DEFINE_IRQ_WORK(static_item, count_run);

static void static_items_need_no_initialisation(void **state)
{
	atomic_set(&shared.nr_runs, 0);
	local_irq_disable();
	irq_work_queue(&static_item);
	local_irq_enable();
	assert_int_equal(atomic_read(&shared.nr_runs), 1);
}

static void busy_from_queueing_until_the_function_has_returned(void **state)
{
	struct probe p;

	probe_init(&p);
	p.hold = true;
	assert_false(irq_work_is_busy(&p.work));
	local_irq_disable();
	irq_work_queue(&p.work);
	assert_true(irq_work_is_pending(&p.work));
	assert_true(irq_work_is_busy(&p.work));
	p.hold = false;
	local_irq_enable();
	assert_false(irq_work_is_busy(&p.work));
	/* Running, and running and pending. */
	probe_init(&p);
	p.hold = true;
	irq_work_queue(&p.work);
	assert_true(eventually(READ_ONCE(p.holding)));
	assert_false(irq_work_is_pending(&p.work));
	assert_true(irq_work_is_busy(&p.work));
	assert_true(irq_work_queue(&p.work));
	assert_true(irq_work_is_pending(&p.work));
	assert_true(irq_work_is_busy(&p.work));
	WRITE_ONCE(p.hold, false);
	irq_work_sync(&p.work);
	assert_false(irq_work_is_busy(&p.work));
	assert_int_equal(atomic_read(&p.nr_runs), 2);
}

static void count_any_run(struct irq_work *work)
{
	atomic_inc_return(&shared.nr_runs);
}

static void lazy_and_hard_items_run_like_the_others(void **state)
{
	struct irq_work plain = IRQ_WORK_INIT(count_any_run);
	struct irq_work lazy = IRQ_WORK_INIT_LAZY(count_any_run);
	struct irq_work hard = IRQ_WORK_INIT_HARD(count_any_run);
	int i;

	atomic_set(&shared.nr_runs, 0);
	for (i = 1; i <= 3; i++) {
		assert_true(irq_work_queue(&plain));
		assert_true(irq_work_queue(&lazy));
		assert_true(irq_work_queue(&hard));
		irq_work_sync(&plain);
		irq_work_sync(&lazy);
		irq_work_sync(&hard);
		assert_int_equal(atomic_read(&shared.nr_runs), 3 * i);
		/* Runs do not change the kind of an item. */
		assert_false(irq_work_is_hard(&plain));
		assert_false(irq_work_is_hard(&lazy));
		assert_true(irq_work_is_hard(&hard));
		assert_false(irq_work_is_busy(&hard));
	}
}

static void queued_under_nested_irqsave_it_waits_for_the_outermost(void **state)
{
	unsigned long a, b, c;
	struct probe p;

	probe_init(&p);
	local_irq_save(a);
	local_irq_save(b);
	local_irq_save(c);
	irq_work_queue(&p.work);
	local_irq_restore(c);
	local_irq_restore(b);
	assert_int_equal(atomic_read(&p.nr_runs), 0);
	local_irq_restore(a);
	assert_int_equal(atomic_read(&p.nr_runs), 1);
}

static atomic_t chain_left;
static bool chain_ended;

static void go_on(struct irq_work *work)
{
	if (atomic_dec_return(&chain_left))
		irq_work_queue(work);
	else
		WRITE_ONCE(chain_ended, true);
}

/* Queued again from its function, an item is busy throughout. */
static void item_may_be_freed_after_sync(void **state)
{
	int i, nr = 1000 / test_slowness();
	struct irq_work *work;

	for (i = 0; i < nr; i++) {
		work = kzalloc(sizeof(*work), GFP_KERNEL);
		assert_non_null(work);
		init_irq_work(work, count_any_run);
		irq_work_queue(work);
		irq_work_sync(work);
		memset(work, 0xff, sizeof(*work));
		kfree(work);
	}
}

static void sync_waits_for_an_item_that_queues_itself(void **state)
{
	int i, nr = 100 / test_slowness() + 1;
	struct irq_work work;

	init_irq_work(&work, go_on);
	for (i = 0; i < nr; i++) {
		atomic_set(&chain_left, 1000);
		chain_ended = false;
		irq_work_queue(&work);
		if (i % 2)
			while (irq_work_is_busy(&work))
				cpu_relax();
		else
			irq_work_sync(&work);
		assert_true(READ_ONCE(chain_ended));
		assert_int_equal(atomic_read(&chain_left), 0);
	}
}

static atomic_t data_seen;
static int data;

static void look_at_data(struct irq_work *work)
{
	atomic_set(&data_seen, READ_ONCE(data));
}

/* "Store; queue says false": the run that is pending sees the store. */
static void queue_that_says_false_is_seen_by_the_run(void **state)
{
	int i, nr = 20000 / test_slowness();
	struct irq_work work;

	init_irq_work(&work, look_at_data);
	for (i = 1; i <= nr; i++) {
		irq_work_queue(&work);
		WRITE_ONCE(data, i);
		irq_work_queue(&work);
		if (i % 8 == 0) {
			irq_work_sync(&work);
			assert_int_equal(atomic_read(&data_seen), i);
		}
	}
	irq_work_sync(&work);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(with_interrupts_on_another_thread_runs_it),
		TEST(with_interrupts_off_it_waits_until_they_are_on),
		TEST(items_run_in_the_order_they_were_queued),
		TEST(function_may_queue_its_own_item),
		TEST(function_may_free_its_item),
		TEST(sync_waits_for_the_function_wherever_it_runs),
		TEST(sync_waits_for_an_item_that_is_queued),
		TEST(idle_thread_is_woken_for_each_item),
		TEST(each_region_runs_the_items_queued_in_it),
		TEST(sync_of_an_idle_item_returns),
		TEST(sync_with_interrupts_off_or_in_an_item_warns),
		TEST(item_that_runs_can_be_queued_again),
		TEST(function_may_take_the_lock_it_was_queued_under),
		TEST(every_successful_queueing_is_one_run),
		TEST(static_items_need_no_initialisation),
		TEST(busy_from_queueing_until_the_function_has_returned),
		TEST(lazy_and_hard_items_run_like_the_others),
		TEST(queued_under_nested_irqsave_it_waits_for_the_outermost),
		TEST(item_may_be_freed_after_sync),
		TEST(sync_waits_for_an_item_that_queues_itself),
		TEST(queue_that_says_false_is_seen_by_the_run),
	};

	return TEST_MAIN("irq_work", tests);
}
