// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The states of a timer, cell by cell: the result of each operation, whether
 * the timer is pending afterwards, and whether the operation waits.
 */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/slab.h>
#include <linux/timer.h>

#define FAR	(1000 * HZ)

enum state { IDLE, PENDING, RUNNING, RUNNING_PENDING, SHUT, RUNNING_SHUT };

static struct timer_list timer;
static bool gate, inside;
static int nr_runs;

static void timer_fn(struct timer_list *t)
{
	nr_runs++;
	smp_store_release(&inside, true);
	while (!READ_ONCE(gate))
		cpu_relax();
	WRITE_ONCE(inside, false);
}

static void enter(enum state s)
{
	timer_setup(&timer, timer_fn, 0);
	gate = inside = false;
	nr_runs = 0;
	if (s == PENDING)
		mod_timer(&timer, jiffies + FAR);
	if (s == RUNNING || s == RUNNING_PENDING || s == RUNNING_SHUT) {
		mod_timer(&timer, jiffies);
		assert_true(eventually(smp_load_acquire(&inside)));
	}
	if (s == RUNNING_PENDING)
		mod_timer(&timer, jiffies + FAR);
	if (s == SHUT)
		timer_shutdown_sync(&timer);
	if (s == RUNNING_SHUT)
		timer_shutdown(&timer);
	assert_int_equal(timer_pending(&timer),
			 s == PENDING || s == RUNNING_PENDING);
}

static void leave(void)
{
	WRITE_ONCE(gate, true);
	timer_shutdown_sync(&timer);
	assert_false(READ_ONCE(inside));
	assert_false(timer_pending(&timer));
}

/* The operations */

static int mod_later(void)
{
	unsigned long expires = jiffies + 2 * FAR;
	int ret = mod_timer(&timer, expires);

	if (timer_pending(&timer))
		assert_int_equal(timer.expires, expires);
	return ret;
}

static int mod_same(void)
{
	unsigned long expires = timer.expires;
	int ret = mod_timer(&timer, expires);

	assert_int_equal(timer.expires, expires);
	return ret;
}

static int mod_if_pending(void)
{
	unsigned long expires = jiffies + 2 * FAR;
	int ret = mod_timer_pending(&timer, expires);

	if (ret)
		assert_int_equal(timer.expires, expires);
	return ret;
}

static int reduce_earlier(void)
{
	unsigned long expires = jiffies + FAR / 2;
	int ret = timer_reduce(&timer, expires);

	if (timer_pending(&timer))
		assert_int_equal(timer.expires, expires);
	return ret;
}

static int reduce_later(void)
{
	unsigned long old = timer.expires, expires = jiffies + 2 * FAR;
	int ret = timer_reduce(&timer, expires);

	/* A pending timer is not touched. */
	if (timer_pending(&timer))
		assert_int_equal(timer.expires, ret ? old : expires);
	return ret;
}

static int add_with(void (*add)(struct timer_list *))
{
	bool was = timer_pending(&timer);
	unsigned long expires;

	if (!was)
		timer.expires = jiffies + FAR;
	expires = timer.expires;
	assert_warns(was, add(&timer));
	assert_int_equal(timer.expires, expires);
	return was;
}

static void add_on_cpu(struct timer_list *t)
{
	add_timer_on(t, 0);
}

static int add(void)
{
	return add_with(add_timer);
}

static int add_local(void)
{
	return add_with(add_timer_local);
}

static int add_global(void)
{
	return add_with(add_timer_global);
}

static int add_on(void)
{
	return add_with(add_on_cpu);
}

static int delete(void)
{
	return timer_delete(&timer);
}

static int delete_try(void)
{
	return timer_delete_sync_try(&timer);
}

static int assert_shut(int ret)
{
	assert_int_equal(mod_timer(&timer, jiffies + FAR), 0);
	assert_false(timer_pending(&timer));
	return ret;
}

static int shut_down(void)
{
	return assert_shut(timer_shutdown(&timer));
}

static void cell(int (*op)(void), enum state s, int ret, int pending)
{
	enter(s);
	assert_int_equal(op(), ret);
	assert_int_equal(timer_pending(&timer), pending);
	/* No operation runs the function. */
	assert_int_equal(nr_runs, s == RUNNING || s == RUNNING_PENDING ||
					  s == RUNNING_SHUT);
	leave();
}

static int delete_sync(void *unused)
{
	return timer_delete_sync(&timer);
}

static int shutdown_sync(void *unused)
{
	int ret = timer_shutdown_sync(&timer);

	/* Nothing starts it afterwards. */
	mod_timer(&timer, jiffies + FAR);
	return ret;
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
		/* It stays pending until the function has returned. */
		assert_int_equal(timer_pending(&timer), s == RUNNING_PENDING);
		WRITE_ONCE(gate, true);
	}
	assert_int_equal(finish(task), ret);
	assert_false(READ_ONCE(inside));
	assert_false(timer_pending(&timer));
	leave();
}

/* CELL(operation, state, result, pending afterwards) */
#define CELLS(CELL)					\
	CELL(mod_later, IDLE, 0, 1)			\
	CELL(mod_later, PENDING, 1, 1)			\
	CELL(mod_later, RUNNING, 0, 1)			\
	CELL(mod_later, RUNNING_PENDING, 1, 1)		\
	CELL(mod_later, SHUT, 0, 0)			\
	CELL(mod_later, RUNNING_SHUT, 0, 0)		\
	CELL(mod_same, PENDING, 1, 1)			\
	CELL(mod_same, RUNNING_PENDING, 1, 1)		\
	CELL(mod_if_pending, IDLE, 0, 0)		\
	CELL(mod_if_pending, PENDING, 1, 1)		\
	CELL(mod_if_pending, RUNNING, 0, 0)		\
	CELL(mod_if_pending, RUNNING_PENDING, 1, 1)	\
	CELL(mod_if_pending, SHUT, 0, 0)		\
	CELL(mod_if_pending, RUNNING_SHUT, 0, 0)	\
	CELL(reduce_earlier, IDLE, 0, 1)		\
	CELL(reduce_earlier, PENDING, 1, 1)		\
	CELL(reduce_earlier, RUNNING, 0, 1)		\
	CELL(reduce_earlier, RUNNING_PENDING, 1, 1)	\
	CELL(reduce_earlier, SHUT, 0, 0)		\
	CELL(reduce_earlier, RUNNING_SHUT, 0, 0)	\
	CELL(reduce_later, IDLE, 0, 1)			\
	CELL(reduce_later, PENDING, 1, 1)		\
	CELL(reduce_later, RUNNING, 0, 1)		\
	CELL(reduce_later, RUNNING_PENDING, 1, 1)	\
	CELL(reduce_later, SHUT, 0, 0)			\
	CELL(reduce_later, RUNNING_SHUT, 0, 0)		\
	CELL(add, IDLE, 0, 1)				\
	CELL(add, PENDING, 1, 1)			\
	CELL(add, RUNNING, 0, 1)			\
	CELL(add, RUNNING_PENDING, 1, 1)		\
	CELL(add, SHUT, 0, 0)				\
	CELL(add, RUNNING_SHUT, 0, 0)			\
	CELL(add_local, IDLE, 0, 1)			\
	CELL(add_local, PENDING, 1, 1)			\
	CELL(add_local, SHUT, 0, 0)			\
	CELL(add_global, IDLE, 0, 1)			\
	CELL(add_global, PENDING, 1, 1)			\
	CELL(add_global, SHUT, 0, 0)			\
	CELL(add_on, IDLE, 0, 1)			\
	CELL(add_on, PENDING, 1, 1)			\
	CELL(add_on, SHUT, 0, 0)			\
	CELL(delete, IDLE, 0, 0)			\
	CELL(delete, PENDING, 1, 0)			\
	CELL(delete, RUNNING, 0, 0)			\
	CELL(delete, RUNNING_PENDING, 1, 0)		\
	CELL(delete, SHUT, 0, 0)			\
	CELL(delete, RUNNING_SHUT, 0, 0)		\
	CELL(delete_try, IDLE, 0, 0)			\
	CELL(delete_try, PENDING, 1, 0)			\
	CELL(delete_try, RUNNING, -1, 0)		\
	CELL(delete_try, RUNNING_PENDING, -1, 1)	\
	CELL(delete_try, SHUT, 0, 0)			\
	CELL(delete_try, RUNNING_SHUT, -1, 0)		\
	CELL(shut_down, IDLE, 0, 0)			\
	CELL(shut_down, PENDING, 1, 0)			\
	CELL(shut_down, RUNNING, 0, 0)			\
	CELL(shut_down, RUNNING_PENDING, 1, 0)		\
	CELL(shut_down, SHUT, 0, 0)			\
	CELL(shut_down, RUNNING_SHUT, 0, 0)

/* CELL(operation, state, result, does it wait) */
#define WAIT_CELLS(CELL)				\
	CELL(delete_sync, IDLE, 0, false)		\
	CELL(delete_sync, PENDING, 1, false)		\
	CELL(delete_sync, RUNNING, 0, true)		\
	CELL(delete_sync, RUNNING_PENDING, 1, true)	\
	CELL(delete_sync, SHUT, 0, false)		\
	CELL(delete_sync, RUNNING_SHUT, 0, true)	\
	CELL(shutdown_sync, IDLE, 0, false)		\
	CELL(shutdown_sync, PENDING, 1, false)		\
	CELL(shutdown_sync, RUNNING, 0, true)		\
	CELL(shutdown_sync, RUNNING_PENDING, 1, true)	\
	CELL(shutdown_sync, SHUT, 0, false)		\
	CELL(shutdown_sync, RUNNING_SHUT, 0, true)

#define DEFINE_CELL(op, s, ret, pending)		\
	static void op##_in_##s(void **state)		\
	{						\
		cell(op, s, ret, pending);		\
	}
#define DEFINE_WAIT_CELL(op, s, ret, waits)		\
	static void op##_in_##s(void **state)		\
	{						\
		wait_cell(op, s, ret, waits);		\
	}
#define TEST_CELL(op, s, ret, x)	TEST(op##_in_##s),

CELLS(DEFINE_CELL)
WAIT_CELLS(DEFINE_WAIT_CELL)

static void setup_ends_a_shutdown(void **state)
{
	enter(SHUT);
	timer_setup(&timer, timer_fn, 0);
	assert_int_equal(mod_timer(&timer, jiffies), 0);
	assert_true(eventually(READ_ONCE(inside)));
	leave();
}

struct counted {
	struct timer_list timer;
	atomic_t nr_runs;
};

static void counted_fn(struct timer_list *t)
{
	struct counted *c = timer_container_of(c, t, timer);

	atomic_inc_return(&c->nr_runs);
}

/* If timer_delete() says that it was pending, the function is not called. */
static void deleted_timer_may_be_freed_at_once(void **state)
{
	int i, nr = 300 / test_slowness() + 10, nr_deleted = 0;
	struct counted *c;

	for (i = 0; i < nr; i++) {
		c = kzalloc(sizeof(*c), GFP_KERNEL);
		assert_non_null(c);
		timer_setup(&c->timer, counted_fn, 0);
		mod_timer(&c->timer, jiffies + 1);
		udelay(i * 37 % 2500);
		if (timer_delete(&c->timer)) {
			nr_deleted++;
			assert_int_equal(atomic_read(&c->nr_runs), 0);
		} else {
			timer_delete_sync(&c->timer);
			assert_int_equal(atomic_read(&c->nr_runs), 1);
		}
		memset(c, 0xff, sizeof(*c));
		kfree(c);
	}
	assert_true(nr_deleted > 0);
}

static int arm_often(void *unused)
{
	int i, nr = 20000 / test_slowness(), nr_idle = 0;

	for (i = 0; i < nr; i++)
		nr_idle += !mod_timer(&timer, jiffies + FAR + i);
	return nr_idle;
}

static void arming_from_idle_says_so_once(void **state)
{
	struct task_struct *tasks[3];
	int i, nr_idle = 0;

	enter(IDLE);
	for (i = 0; i < 3; i++)
		tasks[i] = start(arm_often, NULL);
	for (i = 0; i < 3; i++)
		nr_idle += finish(tasks[i]);
	assert_int_equal(nr_idle, 1);
	leave();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CELLS(TEST_CELL)
		WAIT_CELLS(TEST_CELL)
		TEST(setup_ends_a_shutdown),
		TEST(deleted_timer_may_be_freed_at_once),
		TEST(arming_from_idle_says_so_once),
	};

	return TEST_MAIN("timer-cells", tests);
}
