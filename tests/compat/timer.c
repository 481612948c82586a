// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Timers: in order, never early, and not run after they are deleted. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/timer.h>
/* libc's timer_delete() may also be declared after the kernel's. */
#include <time.h>

struct probe {
	struct timer_list timer;
	struct completion fired;
	atomic_t nr_fired, nr_early, nr_pending_inside, nr_wrong_context;
	int nr_rearm;
	bool hold, holding, ended;
};

static void probe_fn(struct timer_list *t)
{
	struct probe *p = timer_container_of(p, t, timer);

	/* Not checked if the test changes the timer meanwhile. */
	if (!READ_ONCE(p->hold) && time_before(jiffies, t->expires))
		atomic_inc(&p->nr_early);
	if (timer_pending(t))
		atomic_inc(&p->nr_pending_inside);
	if (!in_softirq() || in_task() || in_hardirq())
		atomic_inc(&p->nr_wrong_context);
	if (p->nr_rearm) {
		p->nr_rearm--;
		mod_timer(t, jiffies + 1);
	}
	WRITE_ONCE(p->holding, true);
	while (READ_ONCE(p->hold))
		cpu_relax();
	p->ended = true;
	atomic_inc_return(&p->nr_fired);
	complete(&p->fired);
}

static void probe_init(struct probe *p)
{
	*p = (struct probe){ .nr_rearm = 0 };
	timer_setup_on_stack(&p->timer, probe_fn, 0);
	init_completion(&p->fired);
}

static void probe_check(struct probe *p, int nr_fired)
{
	timer_delete_sync(&p->timer);
	timer_destroy_on_stack(&p->timer);
	assert_int_equal(atomic_read(&p->nr_fired), nr_fired);
	assert_int_equal(atomic_read(&p->nr_early), 0);
	assert_int_equal(atomic_read(&p->nr_pending_inside), 0);
	assert_int_equal(atomic_read(&p->nr_wrong_context), 0);
}

static void fires_once_in_softirq_context(void **state)
{
	struct probe p;

	probe_init(&p);
	assert_false(timer_pending(&p.timer));
	assert_int_equal(mod_timer(&p.timer, jiffies + 3), 0);
	wait_for_completion(&p.fired);
	assert_false(timer_pending(&p.timer));
	msleep(5);
	probe_check(&p, 1);
}

static void add_timer_uses_the_expiry_that_is_set(void **state)
{
	struct probe p;

	probe_init(&p);
	p.timer.expires = jiffies + 2;
	add_timer(&p.timer);
	wait_for_completion(&p.fired);
	p.timer.expires = jiffies + 1000 * HZ;
	add_timer(&p.timer);
	assert_warns(1, add_timer(&p.timer));
	probe_check(&p, 1);
}

static void past_expiry_means_now(void **state)
{
	struct probe p;

	probe_init(&p);
	mod_timer(&p.timer, jiffies - 1000);
	wait_for_completion(&p.fired);
	mod_timer(&p.timer, jiffies);
	wait_for_completion(&p.fired);
	probe_check(&p, 2);
}

static void mod_timer_moves_a_pending_timer_both_ways(void **state)
{
	struct probe p;

	probe_init(&p);
	assert_int_equal(mod_timer(&p.timer, jiffies + 1000 * HZ), 0);
	assert_true(timer_pending(&p.timer));
	assert_int_equal(mod_timer(&p.timer, jiffies + 2), 1);
	wait_for_completion(&p.fired);
	assert_int_equal(mod_timer(&p.timer, jiffies + HZ), 0);
	assert_int_equal(mod_timer(&p.timer, jiffies + 1000 * HZ), 1);
	assert_true(timer_pending(&p.timer));
	/* timer_reduce() ignores a later time. */
	assert_int_equal(timer_reduce(&p.timer, jiffies + 2000 * HZ), 1);
	assert_int_equal(timer_reduce(&p.timer, jiffies + 2), 1);
	wait_for_completion(&p.fired);
	assert_int_equal(timer_reduce(&p.timer, jiffies + 2), 0);
	wait_for_completion(&p.fired);
	probe_check(&p, 3);
}

static void deleted_timer_does_not_fire(void **state)
{
	struct probe p;

	probe_init(&p);
	assert_int_equal(timer_delete(&p.timer), 0);
	mod_timer(&p.timer, jiffies + 10);
	assert_int_equal(timer_delete(&p.timer), 1);
	assert_int_equal(timer_delete(&p.timer), 0);
	mod_timer(&p.timer, jiffies + 10);
	assert_int_equal(timer_delete_sync(&p.timer), 1);
	msleep(20 * 1000 / HZ);
	probe_check(&p, 0);
}

static int release_soon(void *data)
{
	struct probe *p = data;

	msleep(20);
	WRITE_ONCE(p->hold, false);
	return 0;
}

static void delete_sync_waits_for_a_running_function(void **state)
{
	struct task_struct *task;
	struct probe p;

	probe_init(&p);
	p.hold = true;
	mod_timer(&p.timer, jiffies);
	assert_true(eventually(READ_ONCE(p.holding)));
	/* The timer is not pending, but its function is running. */
	assert_int_equal(timer_delete(&p.timer), 0);
	task = start(release_soon, &p);
	assert_int_equal(timer_delete_sync(&p.timer), 0);
	assert_true(p.ended);
	finish(task);
	probe_check(&p, 1);
}

static void timer_that_runs_can_be_set_again(void **state)
{
	struct probe p;

	probe_init(&p);
	p.hold = true;
	mod_timer(&p.timer, jiffies);
	assert_true(eventually(READ_ONCE(p.holding)));
	assert_int_equal(mod_timer(&p.timer, jiffies + 1), 0);
	assert_true(timer_pending(&p.timer));
	WRITE_ONCE(p.hold, false);
	wait_for_completion(&p.fired);
	wait_for_completion(&p.fired);
	timer_delete_sync(&p.timer);
	assert_int_equal(atomic_read(&p.nr_fired), 2);
}

static void function_may_rearm_its_timer(void **state)
{
	struct probe p;
	int i;

	probe_init(&p);
	p.nr_rearm = 10;
	mod_timer(&p.timer, jiffies + 1);
	for (i = 0; i < 11; i++)
		wait_for_completion(&p.fired);
	probe_check(&p, 11);
}

static struct completion self_done;

static void delete_self(struct timer_list *t)
{
	timer_delete_sync(t);
	complete(&self_done);
}

static void delete_sync_from_the_own_function_warns(void **state)
{
	struct timer_list timer;

	init_completion(&self_done);
	timer_setup_on_stack(&timer, delete_self, 0);
	assert_warns_like("own function", {
		mod_timer(&timer, jiffies);
		wait_for_completion(&self_done);
	});
	timer_delete_sync(&timer);
}

static void always_rearm(struct timer_list *t)
{
	struct probe *p = timer_container_of(p, t, timer);

	atomic_inc_return(&p->nr_fired);
	mod_timer(t, jiffies);
}

static void shutdown_ends_a_timer_that_rearms_itself(void **state)
{
	struct probe p;
	int fired;

	probe_init(&p);
	timer_setup_on_stack(&p.timer, always_rearm, 0);
	mod_timer(&p.timer, jiffies);
	assert_true(eventually(atomic_read(&p.nr_fired) > 3));
	timer_shutdown_sync(&p.timer);
	fired = atomic_read(&p.nr_fired);
	assert_false(timer_pending(&p.timer));
	assert_int_equal(mod_timer(&p.timer, jiffies), 0);
	assert_false(timer_pending(&p.timer));
	msleep(5);
	assert_int_equal(atomic_read(&p.nr_fired), fired);
}

static void free_self(struct timer_list *t)
{
	kfree(timer_container_of((struct probe *)NULL, t, timer));
	complete(&self_done);
}

static void function_may_free_its_timer(void **state)
{
	int i;

	for (i = 0; i < 20; i++) {
		struct probe *p = kzalloc_obj(*p);

		init_completion(&self_done);
		timer_setup(&p->timer, free_self, 0);
		mod_timer(&p->timer, jiffies);
		wait_for_completion(&self_done);
	}
}

static void pending_timer_on_the_stack_warns(void **state)
{
	struct probe p;

	probe_init(&p);
	mod_timer(&p.timer, jiffies + 1000 * HZ);
	assert_warns_like("still pending", timer_destroy_on_stack(&p.timer));
	probe_check(&p, 0);
}

#define NR_RANDOM	10000

static struct random_timer {
	struct timer_list timer;
	unsigned long fired_at;
	int nr_fired;
} random_timers[NR_RANDOM];

/* Only the timer thread writes these, until all timers have fired. */
static unsigned long last_expiry;
static int nr_out_of_order, nr_early;
static atomic_t nr_random_fired;

static void random_fn(struct timer_list *t)
{
	struct random_timer *r = timer_container_of(r, t, timer);

	nr_early += time_before(jiffies, t->expires);
	nr_out_of_order += time_before(t->expires, last_expiry);
	last_expiry = t->expires;
	r->nr_fired++;
	atomic_inc_return(&nr_random_fired);
}

static void random_timers_fire_in_order_and_not_early(void **state)
{
	u64 seed = test_seed(), base = jiffies + HZ;
	int i, expected = 0;

	last_expiry = jiffies;
	atomic_set(&nr_random_fired, 0);
	for (i = 0; i < NR_RANDOM; i++) {
		struct timer_list *t = &random_timers[i].timer;

		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		timer_setup(t, random_fn, 0);
		mod_timer(t, base + (seed >> 40) % (HZ / 2));
	}
	/* Move some and delete some, from the middle of the heap. */
	for (i = 0; i < NR_RANDOM; i += 3) {
		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		assert_int_equal(mod_timer(&random_timers[i].timer,
					   base + (seed >> 40) % HZ), 1);
	}
	for (i = 1; i < NR_RANDOM; i += 5)
		assert_int_equal(timer_delete(&random_timers[i].timer), 1);
	/* If a timer were already due, the order would prove little. */
	assert_true(time_before(jiffies, base));
	for (i = 0; i < NR_RANDOM; i++)
		expected += i % 5 != 1;
	assert_true(eventually(atomic_read(&nr_random_fired) == expected));
	for (i = 0; i < NR_RANDOM; i++) {
		timer_delete_sync(&random_timers[i].timer);
		assert_int_equal(random_timers[i].nr_fired, i % 5 != 1);
	}
	assert_int_equal(nr_early, 0);
	assert_int_equal(nr_out_of_order, 0);
}

#define NR_SHARED	16

static struct shared_timer {
	struct timer_list timer;
	/* Not atomic: a timer's function never runs on two threads at once. */
	int nr_runs;
	bool inside;
	int nr_concurrent;
} shared_timers[NR_SHARED];
static atomic_t nr_shared_runs;

static void shared_fn(struct timer_list *t)
{
	struct shared_timer *s = timer_container_of(s, t, timer);

	s->nr_concurrent += s->inside;
	s->inside = true;
	s->nr_runs++;
	atomic_inc(&nr_shared_runs);
	if (s->nr_runs % 4 == 0)
		mod_timer(t, jiffies);
	s->inside = false;
}

static int use_shared_timers(void *data)
{
	u64 seed = (unsigned long)data;
	int i, nr = 20000 / test_slowness();

	/* Go on until enough timers have run, even on a busy machine. */
	for (i = 0; i < nr || atomic_read(&nr_shared_runs) < 100; i++) {
		struct timer_list *t;

		if (i % 100 == 0)
			usleep_range(50, 100);
		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		t = &shared_timers[(seed >> 33) % NR_SHARED].timer;
		if (seed >> 60 < 12)
			mod_timer(t, jiffies + (seed >> 50) % 3);
		else if (seed >> 60 < 15)
			timer_delete(t);
		else
			timer_delete_sync(t);
	}
	return 0;
}

static void timers_can_be_changed_from_everywhere_at_once(void **state)
{
	struct task_struct *tasks[3];
	int i, runs = 0;

	atomic_set(&nr_shared_runs, 0);
	for (i = 0; i < NR_SHARED; i++)
		timer_setup(&shared_timers[i].timer, shared_fn, 0);
	for (i = 0; i < 3; i++)
		tasks[i] = start(use_shared_timers, (void *)(test_seed() + i));
	for (i = 0; i < 3; i++)
		finish(tasks[i]);
	for (i = 0; i < NR_SHARED; i++) {
		timer_shutdown_sync(&shared_timers[i].timer);
		assert_int_equal(shared_timers[i].nr_concurrent, 0);
		runs += shared_timers[i].nr_runs;
	}
	assert_int_equal(runs, atomic_read(&nr_shared_runs));
}

static void timer_far_ahead_does_not_fire(void **state)
{
	struct probe p;

	probe_init(&p);
	mod_timer(&p.timer, jiffies + MAX_JIFFY_OFFSET);
	msleep(5);
	assert_true(timer_pending(&p.timer));
	probe_check(&p, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(fires_once_in_softirq_context),
		TEST(add_timer_uses_the_expiry_that_is_set),
		TEST(past_expiry_means_now),
		TEST(mod_timer_moves_a_pending_timer_both_ways),
		TEST(deleted_timer_does_not_fire),
		TEST(delete_sync_waits_for_a_running_function),
		TEST(timer_that_runs_can_be_set_again),
		TEST(function_may_rearm_its_timer),
		TEST(delete_sync_from_the_own_function_warns),
		TEST(shutdown_ends_a_timer_that_rearms_itself),
		TEST(function_may_free_its_timer),
		TEST(pending_timer_on_the_stack_warns),
		TEST(timer_far_ahead_does_not_fire),
		TEST(random_timers_fire_in_order_and_not_early),
		TEST(timers_can_be_changed_from_everywhere_at_once),
	};

	return TEST_MAIN("timer", tests);
}
