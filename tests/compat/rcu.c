// SPDX-License-Identifier: GPL-2.0 OR MIT
/* RCU: read-side sections, grace periods, callbacks, cookies. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <libfence/libfence.h>

/* A reader that stays in its read-side section until @leave_now is set. */
struct reader {
	void (*enter)(void);
	void (*leave)(void);
	struct completion inside;
	bool leave_now;
	/* Set at the end of the section. */
	bool left;
	/* A callback that is queued while the reader is inside. */
	struct rcu_head rcu;
	int called;
};

static int reader_thread(void *data)
{
	struct reader *r = data;
	int too_early;

	r->enter();
	complete(&r->inside);
	while (!READ_ONCE(r->leave_now))
		cpu_relax();
	too_early = READ_ONCE(r->called);
	WRITE_ONCE(r->left, true);
	r->leave();
	return too_early;
}

static void set_called(struct rcu_head *head)
{
	struct reader *r = container_of(head, struct reader, rcu);

	/* -1 if the callback runs before the reader's last store. */
	WRITE_ONCE(r->called, READ_ONCE(r->left) ? 1 : -1);
}

static void enter_once(void)
{
	rcu_read_lock();
}

static void leave_once(void)
{
	rcu_read_unlock();
}

static void enter_nested(void)
{
	rcu_read_lock();
	rcu_read_lock();
	rcu_read_lock();
	/* The inner sections end, the outer one does not. */
	rcu_read_unlock();
	rcu_read_unlock();
}

static void enter_irq_off(void)
{
	local_irq_disable();
}

static void leave_irq_on(void)
{
	local_irq_enable();
}

static void enter_mixed(void)
{
	rcu_read_lock();
	local_irq_disable();
	rcu_read_unlock();
}

static const struct {
	void (*enter)(void);
	void (*leave)(void);
} sections[] = {
	{ enter_once, leave_once },
	{ enter_nested, leave_once },
	{ enter_irq_off, leave_irq_on },
	{ enter_mixed, leave_irq_on },
};

static struct task_struct *start_reader(struct reader *r, int section)
{
	struct task_struct *task;

	*r = (struct reader){ .enter = sections[section].enter,
			      .leave = sections[section].leave };
	init_completion(&r->inside);
	task = start(reader_thread, r);
	wait_for_completion(&r->inside);
	return task;
}

static void read_side_nesting_is_counted(void **state)
{
	assert_false(rcu_read_lock_held());
	rcu_read_lock();
	rcu_read_lock();
	assert_true(rcu_read_lock_held());
	rcu_read_unlock();
	assert_true(rcu_read_lock_held());
	rcu_read_unlock();
	assert_false(rcu_read_lock_held());
	scoped_guard(rcu)
		assert_true(rcu_read_lock_any_held());
	if (LFSHIM_CHECKS)
		assert_false(rcu_read_lock_any_held());
}

static void any_held_knows_all_that_delays_a_grace_period_in_the_kernel(void **state)
{
	DEFINE_SPINLOCK(lock);

	/* Without the checks it cannot tell, and says yes. */
	assert_int_equal(rcu_read_lock_any_held(), !LFSHIM_CHECKS);
	preempt_disable();
	assert_true(rcu_read_lock_any_held());
	preempt_enable();
	spin_lock(&lock);
	assert_true(rcu_read_lock_any_held());
	assert_false(rcu_read_lock_held());
	spin_unlock(&lock);
	spin_lock_bh(&lock);
	assert_true(rcu_read_lock_any_held());
	spin_unlock_bh(&lock);
	local_irq_disable();
	assert_true(rcu_read_lock_any_held());
	assert_false(rcu_read_lock_held());
	local_irq_enable();
	assert_int_equal(rcu_read_lock_any_held(), !LFSHIM_CHECKS);
}

static int leave_soon(void *data)
{
	struct reader *r = data;

	msleep(20);
	WRITE_ONCE(r->leave_now, true);
	return 0;
}

static void synchronize_rcu_waits_for_every_kind_of_reader(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		struct task_struct *task, *timer;
		struct reader r;

		task = start_reader(&r, i);
		timer = start(leave_soon, &r);
		synchronize_rcu();
		assert_true(READ_ONCE(r.left));
		finish(task);
		finish(timer);
	}
}

static void call_rcu_waits_for_every_kind_of_reader(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		struct task_struct *task;
		struct reader r;

		task = start_reader(&r, i);
		call_rcu(&r.rcu, set_called);
		/* Several times longer than a grace period without readers. */
		msleep(30);
		assert_int_equal(READ_ONCE(r.called), 0);
		WRITE_ONCE(r.leave_now, true);
		assert_int_equal(finish(task), 0);
		rcu_barrier();
		assert_int_equal(r.called, 1);
	}
}

static int synchronize_and_tell(void *done)
{
	synchronize_rcu();
	WRITE_ONCE(*(bool *)done, true);
	return 0;
}

static bool later_reader_is_not_waited_for(void)
{
	struct reader first, later;
	struct task_struct *tasks[3];
	bool done = false, ok;
	int i;

	tasks[0] = start_reader(&first, 0);
	tasks[1] = start(synchronize_and_tell, &done);
	/* Let it wait for the first reader before the later one begins. */
	msleep(20);
	tasks[2] = start_reader(&later, 0);
	WRITE_ONCE(first.leave_now, true);
	for (i = 0; i < 1000 && !READ_ONCE(done); i++)
		usleep_range(1000, 1100);
	ok = READ_ONCE(done) && !READ_ONCE(later.left);
	WRITE_ONCE(later.leave_now, true);
	for (i = 0; i < 3; i++)
		finish(tasks[i]);
	return ok;
}

static void synchronize_rcu_does_not_wait_for_later_readers(void **state)
{
	bool ok = false;
	int i;

	/* On a busy machine the grace period may begin after the later reader. */
	for (i = 0; i < 5 && !ok; i++)
		ok = later_reader_is_not_waited_for();
	assert_true(ok);
}

static void cookie_elapses_after_the_reader_and_not_before(void **state)
{
	unsigned long cookie;
	struct task_struct *task;
	struct reader r;

	task = start_reader(&r, 0);
	cookie = start_poll_synchronize_rcu();
	assert_false(poll_state_synchronize_rcu(cookie));
	msleep(30);
	assert_false(poll_state_synchronize_rcu(cookie));
	WRITE_ONCE(r.leave_now, true);
	assert_true(eventually(poll_state_synchronize_rcu(cookie)));
	/* A cookie that has elapsed stays elapsed. */
	start_poll_synchronize_rcu();
	assert_true(poll_state_synchronize_rcu(cookie));
	assert_true(READ_ONCE(r.left));
	finish(task);
}

static void cookie_elapses_with_a_grace_period_asked_for_later(void **state)
{
	unsigned long cookie = get_state_synchronize_rcu();
	unsigned long later = start_poll_synchronize_rcu();

	assert_true(eventually(poll_state_synchronize_rcu(later)));
	assert_true(poll_state_synchronize_rcu(cookie));
}

#define NR_CALLERS	3
#define NR_CALLS	5000

struct numbered {
	struct rcu_head rcu;
	struct caller *caller;
	int nr;
};

struct caller {
	struct numbered calls[NR_CALLS];
	/* Only the callbacks write these. */
	int next;
	int out_of_order, in_wrong_context;
};

static void check_order(struct rcu_head *head)
{
	struct numbered *n = container_of(head, struct numbered, rcu);

	n->caller->out_of_order += n->nr != n->caller->next++;
	n->caller->in_wrong_context += !in_softirq();
}

static int call_in_order(void *data)
{
	struct caller *c = data;
	int i;

	for (i = 0; i < NR_CALLS; i++) {
		c->calls[i].caller = c;
		c->calls[i].nr = i;
		if (i % 3 == 0)
			rcu_read_lock();
		call_rcu(&c->calls[i].rcu, check_order);
		if (i % 3 == 0)
			rcu_read_unlock();
		if (i % 1000 == 0)
			msleep(1);
	}
	return 0;
}

static void callbacks_of_a_thread_run_in_order(void **state)
{
	struct caller *callers = kcalloc(NR_CALLERS, sizeof(*callers), GFP_KERNEL);
	struct task_struct *tasks[NR_CALLERS];
	int i;

	for (i = 0; i < NR_CALLERS; i++)
		tasks[i] = start(call_in_order, &callers[i]);
	for (i = 0; i < NR_CALLERS; i++)
		finish(tasks[i]);
	/* The barrier also waits for the callbacks of exited threads. */
	rcu_barrier();
	for (i = 0; i < NR_CALLERS; i++) {
		assert_int_equal(callers[i].next, NR_CALLS);
		assert_int_equal(callers[i].out_of_order, 0);
		assert_int_equal(callers[i].in_wrong_context, 0);
	}
	kfree(callers);
}

struct chained {
	struct rcu_head rcu;
	int left;
	struct completion done;
};

static void call_again(struct rcu_head *head)
{
	struct chained *c = container_of(head, struct chained, rcu);

	if (c->left--)
		call_rcu(&c->rcu, call_again);
	else
		complete(&c->done);
}

static void callback_may_call_rcu_again(void **state)
{
	struct chained c = { .left = 20 };

	init_completion(&c.done);
	call_rcu(&c.rcu, call_again);
	wait_for_completion(&c.done);
	assert_int_equal(c.left, -1);
	rcu_barrier();
}

static struct {
	struct completion exists, enter, inside;
	bool leave, left;
} idle_reader;

static int read_for_long(void *unused)
{
	unsigned long end;

	complete(&idle_reader.exists);
	wait_for_completion(&idle_reader.enter);
	rcu_read_lock();
	complete(&idle_reader.inside);
	end = jiffies + PATIENCE_S * HZ;
	while (!READ_ONCE(idle_reader.leave) && time_before(jiffies, end))
		cpu_relax();
	WRITE_ONCE(idle_reader.left, true);
	rcu_read_unlock();
	return 0;
}

static void no_callback(struct rcu_head *head)
{
	kfree(head);
}

static int barrier_in_thread(void *done)
{
	rcu_barrier();
	WRITE_ONCE(*(bool *)done, true);
	return 0;
}

static void barrier_with_nothing_queued_does_not_wait_for_readers(void **state)
{
	struct task_struct *reader, *waiter;
	bool done = false;

	init_completion(&idle_reader.exists);
	init_completion(&idle_reader.enter);
	init_completion(&idle_reader.inside);
	reader = start(read_for_long, NULL);
	wait_for_completion(&idle_reader.exists);
	/* Nothing is queued after this. */
	rcu_barrier();
	complete(&idle_reader.enter);
	wait_for_completion(&idle_reader.inside);
	rcu_barrier();
	/* A grace period is no callback. */
	assert_false(poll_state_synchronize_rcu(start_poll_synchronize_rcu()));
	rcu_barrier();
	assert_false(READ_ONCE(idle_reader.left));

	/* With one callback it waits. */
	call_rcu(kmalloc_obj(struct rcu_head), no_callback);
	waiter = start(barrier_in_thread, &done);
	msleep(50);
	assert_false(READ_ONCE(done));
	WRITE_ONCE(idle_reader.leave, true);
	finish(waiter);
	finish(reader);
	assert_true(done);
}

static int barrier_fn(void *data)
{
	struct caller *c = data;
	int i, missing = 0;

	for (i = 0; i < 20; i++) {
		c->calls[i].caller = c;
		c->calls[i].nr = i;
		call_rcu(&c->calls[i].rcu, check_order);
		rcu_barrier();
		/* The barrier orders the callback's store before this read. */
		missing += c->next != i + 1;
	}
	return missing;
}

static void barrier_waits_for_everything_before_it(void **state)
{
	struct caller *callers = kcalloc(NR_CALLERS, sizeof(*callers), GFP_KERNEL);
	struct task_struct *tasks[NR_CALLERS];
	int i, missing = 0;

	/* Several threads at a time, each with its own callbacks. */
	for (i = 0; i < NR_CALLERS; i++)
		tasks[i] = start(barrier_fn, &callers[i]);
	for (i = 0; i < NR_CALLERS; i++)
		missing += finish(tasks[i]);
	assert_int_equal(missing, 0);
	kfree(callers);
}

static void barrier_with_nothing_to_wait_for_returns(void **state)
{
	int i;

	for (i = 0; i < 20; i++)
		rcu_barrier();
}

static void idle_rcu_thread_is_woken(void **state)
{
	struct chained c = { .left = 0 };

	/*
	 * The thread has begun, and has work. After a second without work, it
	 * sleeps until woken.
	 */
	init_completion(&c.done);
	call_rcu(&c.rcu, call_again);
	wait_for_completion(&c.done);
	msleep(1300);
	c.left = 0;
	init_completion(&c.done);
	call_rcu(&c.rcu, call_again);
	assert_true(wait_for_completion_timeout(&c.done, PATIENCE_S * HZ));
	rcu_barrier();
}

/* A build with checks also reports a call from an invalid context. */
static int nr_warnings(void)
{
	return libfence_has_checks() ? 2 : 1;
}

static void waiting_inside_a_section_warns_and_returns(void **state)
{
	rcu_read_lock();
	assert_warns(nr_warnings(), synchronize_rcu());
	assert_warns(nr_warnings(), rcu_barrier());
	rcu_read_unlock();
}

static bool returned;

static void barrier_in_callback(struct rcu_head *head)
{
	rcu_barrier();
	WRITE_ONCE(returned, true);
}

static void barrier_from_a_callback_warns_and_returns(void **state)
{
	struct rcu_head head;

	assert_warns(nr_warnings(), {
		call_rcu(&head, barrier_in_callback);
		rcu_barrier();
	});
	assert_true(returned);
}

static void pointer_operations(void **state)
{
	int a = 1, b = 2, *p = NULL;

	RCU_INIT_POINTER(p, &a);
	assert_ptr_equal(rcu_access_pointer(p), &a);
	rcu_assign_pointer(p, &b);
	rcu_read_lock();
	assert_ptr_equal(rcu_dereference(p), &b);
	rcu_read_unlock();
	assert_ptr_equal(rcu_dereference_check(p, true), &b);
	assert_ptr_equal(rcu_replace_pointer(p, &a, true), &b);
	assert_ptr_equal(rcu_dereference_protected(p, true), &a);
	assert_ptr_equal(rcu_pointer_handoff(unrcu_pointer(p)), &a);
	assert_ptr_equal(cmpxchg(&p, RCU_INITIALIZER(&a), NULL), &a);
	assert_null(p);
}

static int read_once(void *data)
{
	int **p = data, value;

	rcu_read_lock();
	value = *rcu_dereference(*p);
	rcu_read_unlock();
	return value;
}

static void threads_need_no_registration_and_leave_nothing(void **state)
{
	int value = 42, *p = &value, i, nr = 500 / test_slowness();

	for (i = 0; i < nr; i++)
		assert_int_equal(finish(start(read_once, &p)), 42);
	/* A reader that an exited thread left registered would block these. */
	synchronize_rcu();
	rcu_barrier();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(read_side_nesting_is_counted),
		TEST(any_held_knows_all_that_delays_a_grace_period_in_the_kernel),
		TEST(synchronize_rcu_waits_for_every_kind_of_reader),
		TEST(call_rcu_waits_for_every_kind_of_reader),
		TEST(synchronize_rcu_does_not_wait_for_later_readers),
		TEST(cookie_elapses_after_the_reader_and_not_before),
		TEST(cookie_elapses_with_a_grace_period_asked_for_later),
		TEST(callbacks_of_a_thread_run_in_order),
		TEST(callback_may_call_rcu_again),
		TEST(barrier_with_nothing_queued_does_not_wait_for_readers),
		TEST(barrier_waits_for_everything_before_it),
		TEST(barrier_with_nothing_to_wait_for_returns),
		TEST(idle_rcu_thread_is_woken),
		TEST(waiting_inside_a_section_warns_and_returns),
		TEST(barrier_from_a_callback_warns_and_returns),
		TEST(pointer_operations),
		TEST(threads_need_no_registration_and_leave_nothing),
	};

	return TEST_MAIN("rcu", tests);
}
