// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Sleepable RCU: which readers a grace period waits for, and callbacks. */

#include "helpers.h"
#include <linux/slab.h>
#include <linux/srcu.h>

DEFINE_STATIC_SRCU(domain);
static DEFINE_SRCU(other);

static int inside, go_on, after;

static int read_and_sleep(void *data)
{
	struct srcu_struct *ssp = data;
	int idx = srcu_read_lock(ssp);

	WRITE_ONCE(inside, 1);
	while (!READ_ONCE(go_on))
		msleep(1);
	WRITE_ONCE(after, 1);
	srcu_read_unlock(ssp, idx);
	return 0;
}

static struct task_struct *start_reader(struct srcu_struct *ssp)
{
	struct task_struct *thread;

	inside = go_on = after = 0;
	thread = start(read_and_sleep, ssp);
	while (!READ_ONCE(inside))
		cpu_relax();
	return thread;
}

static int let_it_go_on(void *data)
{
	msleep(10);
	WRITE_ONCE(go_on, 1);
	return 0;
}

static void a_grace_period_waits_for_a_reader_that_sleeps(void **state)
{
	struct task_struct *reader, *helper;
	int i;

	/* Both indices. */
	for (i = 0; i < 2; i++) {
		reader = start_reader(&domain);
		assert_int_equal(srcu_read_lock_held(&domain), 1);
		helper = start(let_it_go_on, NULL);
		synchronize_srcu(&domain);
		assert_int_equal(READ_ONCE(after), 1);
		finish(helper);
		finish(reader);
		assert_int_equal(srcu_read_lock_held(&domain), 0);
	}
}

static void a_grace_period_waits_for_no_other_domain(void **state)
{
	struct task_struct *reader = start_reader(&other);

	synchronize_srcu(&domain);
	assert_int_equal(READ_ONCE(after), 0);
	WRITE_ONCE(go_on, 1);
	finish(reader);
}

/* Readers that come later are at the other index, and are not waited for. */
static void sections_nest(void **state)
{
	int outer = srcu_read_lock(&domain), inner;

	{
		guard(srcu)(&domain);
		inner = srcu_read_lock(&domain);
		srcu_read_unlock(&domain, inner);
		assert_int_equal(srcu_read_lock_held(&domain), 1);
	}
	assert_int_equal(srcu_read_lock_held(&domain), 1);
	srcu_read_unlock(&domain, outer);
	assert_int_equal(srcu_read_lock_held(&domain), 0);
	synchronize_srcu(&domain);
}

static int ended;

static int wait_for_readers_of_domain(void *data)
{
	synchronize_srcu(&domain);
	WRITE_ONCE(ended, 1);
	return 0;
}

static struct task_struct *start_grace_period(void)
{
	struct task_struct *thread;

	ended = 0;
	thread = start(wait_for_readers_of_domain, NULL);
	assert_true(eventually(sleeps_in(thread, TASK_UNINTERRUPTIBLE)));
	return thread;
}

static void a_grace_period_waits_for_no_later_reader(void **state)
{
	int first = srcu_read_lock(&domain), later;
	struct task_struct *thread = start_grace_period();

	later = srcu_read_lock(&domain);
	srcu_read_unlock(&domain, first);
	assert_true(eventually(READ_ONCE(ended)));
	srcu_read_unlock(&domain, later);
	finish(thread);
}

/* It read the index, and counts itself when a grace period has changed it. */
static void a_reader_that_was_held_up_is_waited_for(void **state)
{
	int old = READ_ONCE(domain.index) & 1;
	struct task_struct *thread;

	synchronize_srcu(&domain);
	atomic_inc_return(&domain.readers[old]);
	thread = start_grace_period();
	assert_int_equal(READ_ONCE(ended), 0);
	srcu_read_unlock(&domain, old);
	assert_true(eventually(READ_ONCE(ended)));
	finish(thread);
}

struct object {
	struct rcu_head rcu;
	int nr;
};

static int called, order_is_right = 1, was_early;

static void note(struct rcu_head *head)
{
	struct object *object = container_of(head, struct object, rcu);

	order_is_right &= object->nr == called;
	was_early |= !READ_ONCE(after);
	WRITE_ONCE(called, called + 1);
	kfree(object);
}

static void callbacks_wait_for_readers_and_keep_their_order(void **state)
{
	struct task_struct *reader = start_reader(&domain);
	int i;

	for (i = 0; i < 20; i++) {
		struct object *object = kzalloc(sizeof(*object), GFP_KERNEL);

		object->nr = i;
		call_srcu(&domain, &object->rcu, note);
	}
	/* Time to be wrong. */
	for (i = 0; i < 50 && !READ_ONCE(called); i++)
		msleep(2);
	assert_int_equal(READ_ONCE(called), 0);
	WRITE_ONCE(go_on, 1);
	srcu_barrier(&domain);
	assert_false(was_early);
	assert_int_equal(READ_ONCE(called), 20);
	assert_true(order_is_right);
	finish(reader);
}

static struct object *shared;
static int stop;

static int read_for_a_while(void *data)
{
	int sum = 0, idx;

	while (!READ_ONCE(stop)) {
		idx = srcu_read_lock(&domain);
		/* Freed memory is poisoned, and ASan sees a read of it. */
		sum |= srcu_dereference(shared, &domain)->nr;
		srcu_read_unlock(&domain, idx);
	}
	return sum;
}

static void no_reader_sees_what_is_freed(void **state)
{
	struct task_struct *threads[2];
	struct object *new, *old;
	int i;

	shared = kzalloc(sizeof(*shared), GFP_KERNEL);
	for (i = 0; i < 2; i++)
		threads[i] = start(read_for_a_while, NULL);
	for (i = 0; i < 200; i++) {
		new = kzalloc(sizeof(*new), GFP_KERNEL);
		old = shared;
		rcu_assign_pointer(shared, new);
		synchronize_srcu(&domain);
		old->nr = 1;
		kfree(old);
	}
	WRITE_ONCE(stop, 1);
	for (i = 0; i < 2; i++)
		assert_int_equal(finish(threads[i]), 0);
	kfree(shared);
}

static void a_domain_ends_without_readers(void **state)
{
	struct srcu_struct *ssp = kzalloc(sizeof(*ssp), GFP_KERNEL);
	int idx;

	assert_int_equal(__init_srcu_struct(ssp, "domain", NULL), 0);
	assert_false(srcu_readers_active(ssp));
	idx = srcu_read_lock(ssp);
	assert_true(srcu_readers_active(ssp));
	assert_warns_like("srcu", cleanup_srcu_struct(ssp));
	srcu_read_unlock(ssp, idx);
	synchronize_srcu(ssp);
	cleanup_srcu_struct(ssp);
	kfree(ssp);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_grace_period_waits_for_a_reader_that_sleeps),
		TEST(a_grace_period_waits_for_no_other_domain),
		TEST(a_grace_period_waits_for_no_later_reader),
		TEST(a_reader_that_was_held_up_is_waited_for),
		TEST(sections_nest),
		TEST(callbacks_wait_for_readers_and_keep_their_order),
		TEST(no_reader_sees_what_is_freed),
		TEST(a_domain_ends_without_readers),
	};

	return TEST_MAIN("srcu", tests);
}
