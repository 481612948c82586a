// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Timers: in order, never early, and not run after they are deleted. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
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
	if (!READ_ONCE(p->hold) && !time_after(jiffies, t->expires))
		atomic_inc(&p->nr_early);
	if (timer_pending(t))
		atomic_inc(&p->nr_pending_inside);
	if (!in_softirq() || in_task() || in_hardirq())
		atomic_inc(&p->nr_wrong_context);
	if (p->nr_rearm) {
		p->nr_rearm--;
		mod_timer(t, jiffies + 1);
	}
	smp_store_release(&p->holding, true);
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
	assert_int_equal(mod_timer(&p.timer, jiffies + 500 * HZ), 0);
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

/* timer_delete() is a macro. */
static int plain_delete(struct timer_list *timer)
{
	return timer_delete(timer);
}

/*
 * Delete it before it fires. On a busy machine, that may need several tries. Returns
 * how often it fired.
 */
static int delete_in_time(struct probe *p, int (*del)(struct timer_list *))
{
	int i, fired = atomic_read(&p->nr_fired);

	for (i = 0; i < 100; i++) {
		mod_timer(&p->timer, jiffies + 10);
		if (del(&p->timer))
			break;
		wait_for_completion(&p->fired);
		fired++;
	}
	assert_true(i < 100);
	assert_int_equal(del(&p->timer), 0);
	msleep(20 * 1000 / HZ);
	return fired;
}

static void deleted_timer_does_not_fire(void **state)
{
	struct probe p;
	int fired;

	probe_init(&p);
	assert_int_equal(timer_delete(&p.timer), 0);
	fired = delete_in_time(&p, plain_delete);
	assert_int_equal(atomic_read(&p.nr_fired), fired);
	fired = delete_in_time(&p, timer_delete_sync);
	probe_check(&p, fired);
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

	nr_early += !time_after(jiffies, t->expires);
	nr_out_of_order += time_before(t->expires, last_expiry);
	last_expiry = t->expires;
	r->nr_fired++;
	atomic_inc_return(&nr_random_fired);
}

/*
 * Arm them for @base and later, move some and delete some. Returns false if that took
 * so long that some were due: then the order would prove little.
 */
static bool arm_random_timers(unsigned long base)
{
	u64 seed = test_seed();
	int i, nr_missed = 0;

	last_expiry = jiffies;
	nr_early = nr_out_of_order = 0;
	atomic_set(&nr_random_fired, 0);
	for (i = 0; i < NR_RANDOM; i++) {
		struct timer_list *t = &random_timers[i].timer;

		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		random_timers[i].nr_fired = 0;
		timer_setup(t, random_fn, 0);
		mod_timer(t, base + (seed >> 40) % (HZ / 2));
	}
	/* From the middle of the heap. */
	for (i = 0; i < NR_RANDOM; i += 3) {
		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		nr_missed += !mod_timer(&random_timers[i].timer,
					base + (seed >> 40) % HZ);
	}
	for (i = 1; i < NR_RANDOM; i += 5)
		nr_missed += !timer_delete(&random_timers[i].timer);
	if (time_after_eq(jiffies, base)) {
		for (i = 0; i < NR_RANDOM; i++)
			timer_delete_sync(&random_timers[i].timer);
		return false;
	}
	assert_int_equal(nr_missed, 0);
	return true;
}

static void random_timers_fire_in_order_and_not_early(void **state)
{
	int i, expected = 0;
	bool armed = false;

	for (i = 1; i <= 32 && !armed; i *= 2)
		armed = arm_random_timers(jiffies + i * HZ);
	assert_true(armed);
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

/* Never early, and once in a jiffy at most */

static ktime_t fired_at;
static bool fired;

static void note_time(struct timer_list *t)
{
	fired_at = ktime_get();
	smp_store_release(&fired, true);
}

static void timer_waits_for_full_jiffies(void **state)
{
	struct timer_list timer;
	int i, n;

	timer_setup_on_stack(&timer, note_time, 0);
	for (i = 0; i < 60; i++) {
		ktime_t begin;

		/* Begin anywhere between two ticks. */
		usleep_range(i * 37 % 1000, i * 37 % 1000 + 1);
		n = 1 + i % 3;
		WRITE_ONCE(fired, false);
		begin = ktime_get();
		mod_timer(&timer, jiffies + n);
		assert_true(eventually(smp_load_acquire(&fired)));
		assert_true(fired_at - begin >= n * TICK_NSEC);
		timer_delete_sync(&timer);
	}
}

static void timer_set_to_now_in_its_function_runs_at_the_next_tick(void **state)
{
	unsigned long j0, j1;
	struct probe p;
	int before;

	probe_init(&p);
	timer_setup_on_stack(&p.timer, always_rearm, 0);
	mod_timer(&p.timer, jiffies);
	assert_true(eventually(atomic_read(&p.nr_fired) > 3));
	j0 = jiffies;
	before = atomic_read(&p.nr_fired);
	msleep(50);
	before = atomic_read(&p.nr_fired) - before;
	j1 = jiffies;
	assert_true(before <= (long)(j1 - j0) + 1);
	timer_delete_sync(&p.timer);
	assert_false(timer_pending(&p.timer));
}

static void endless_timer_does_not_overtake_a_due_one(void **state)
{
	struct timer_list endless;
	struct probe p;

	probe_init(&p);
	timer_setup_on_stack(&endless, probe_fn, 0);
	mod_timer(&endless, jiffies + LONG_MAX);
	mod_timer(&p.timer, jiffies - 1000);
	wait_for_completion(&p.fired);
	assert_int_equal(timer_delete(&endless), 1);
	probe_check(&p, 1);
}

/* The context of the function */

static int seen_irqs_off, seen_atomic;

static void note_context(struct timer_list *t)
{
	WRITE_ONCE(seen_atomic, lfshim_tls.preempt_depth);
	smp_store_release(&seen_irqs_off, irqs_disabled());
}

static int context_of(u32 flags)
{
	struct timer_list timer;

	timer_setup_on_stack(&timer, note_context, flags);
	seen_irqs_off = -1;
	mod_timer(&timer, jiffies);
	assert_true(eventually(smp_load_acquire(&seen_irqs_off) >= 0));
	timer_delete_sync(&timer);
	return seen_irqs_off;
}

static void irqsafe_function_has_interrupts_disabled(void **state)
{
	assert_int_equal(context_of(0), 0);
	assert_int_equal(context_of(TIMER_IRQSAFE), 1);
	assert_int_equal(context_of(TIMER_DEFERRABLE | TIMER_PINNED), 0);
}

static bool leaked;

static void leak_preempt_count(struct timer_list *t)
{
	preempt_disable();
	preempt_disable();
	WRITE_ONCE(leaked, true);
}

static void leaked_preempt_count_is_reported_and_restored(void **state)
{
	struct timer_list timer;

	timer_setup_on_stack(&timer, leak_preempt_count, 0);
	assert_warns_like("preempt leak", {
		mod_timer(&timer, jiffies);
		assert_true(eventually(READ_ONCE(leaked)));
		timer_delete_sync(&timer);
		/* The next function begins with the right count. */
		context_of(0);
	});
	assert_int_equal(seen_atomic, 0);
}

static struct timer_list *to_delete;

static void delete_in_hard_interrupt(struct irq_work *work)
{
	timer_delete_sync(to_delete);
}

static void delete_sync_in_hard_interrupt_context_warns(void **state)
{
	struct irq_work work = IRQ_WORK_INIT(delete_in_hard_interrupt);
	struct probe p;
	int safe;

	for (safe = 0; safe < 2; safe++) {
		probe_init(&p);
		timer_setup_on_stack(&p.timer, probe_fn,
				     safe ? TIMER_IRQSAFE : 0);
		to_delete = &p.timer;
		mod_timer(&p.timer, jiffies + 1000 * HZ);
		assert_warns(!safe, {
			local_irq_disable();
			irq_work_queue(&work);
			local_irq_enable();
		});
		/* Deleted all the same. */
		probe_check(&p, 0);
	}
}

/* Races */

static struct timer_list racy;
static atomic_t nr_racy_runs, nr_armed, nr_taken;
static bool racy_rearms;

static void racy_fn(struct timer_list *t)
{
	int i;

	atomic_inc_return(&nr_racy_runs);
	for (i = 0; i < atomic_read(&nr_racy_runs) % 60; i++)
		cpu_relax();
	if (READ_ONCE(racy_rearms) && !mod_timer(t, jiffies + 1))
		atomic_inc(&nr_armed);
}

static void racy_begin(bool rearms)
{
	timer_setup(&racy, racy_fn, 0);
	racy_rearms = rearms;
	atomic_set(&nr_racy_runs, 0);
	atomic_set(&nr_armed, 0);
	atomic_set(&nr_taken, 0);
}

static void delete_sync_leaves_a_timer_that_arms_itself_idle(void **state)
{
	int i, runs, nr = 1500 / test_slowness();

	racy_begin(true);
	for (i = 0; i < nr; i++) {
		runs = atomic_read(&nr_racy_runs);
		mod_timer(&racy, jiffies);
		assert_true(eventually(atomic_read(&nr_racy_runs) != runs));
		timer_delete_sync(&racy);
		assert_false(timer_pending(&racy));
		runs = atomic_read(&nr_racy_runs);
		if (i % 100 == 0) {
			msleep(3);
			assert_int_equal(atomic_read(&nr_racy_runs), runs);
		}
	}
}

static int shutdown_probe(void *data)
{
	struct probe *p = data;

	return timer_shutdown_sync(&p->timer);
}

static void shutdown_sync_lets_the_running_function_arm_first(void **state)
{
	struct task_struct *task;
	struct probe p;

	probe_init(&p);
	p.hold = true;
	mod_timer(&p.timer, jiffies);
	assert_true(eventually(READ_ONCE(p.holding)));
	task = start(shutdown_probe, &p);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	/* As the function would. */
	assert_int_equal(mod_timer(&p.timer, jiffies + 1000 * HZ), 0);
	assert_true(timer_pending(&p.timer));
	WRITE_ONCE(p.hold, false);
	assert_int_equal(finish(task), 1);
	assert_false(timer_pending(&p.timer));
	assert_int_equal(mod_timer(&p.timer, jiffies + 1000 * HZ), 0);
	assert_false(timer_pending(&p.timer));
	probe_check(&p, 1);
}

static int delete_probe(void *data)
{
	struct probe *p = data;
	int was = timer_delete_sync(&p->timer);

	return READ_ONCE(p->ended) ? was : -1;
}

static void two_threads_delete_one_timer(void **state)
{
	struct task_struct *tasks[2];
	struct probe p;
	int i, was = 0;

	probe_init(&p);
	p.hold = true;
	mod_timer(&p.timer, jiffies);
	assert_true(eventually(READ_ONCE(p.holding)));
	assert_int_equal(mod_timer(&p.timer, jiffies + 1000 * HZ), 0);
	for (i = 0; i < 2; i++) {
		tasks[i] = start(delete_probe, &p);
		assert_true(eventually(sleeps_in(tasks[i], TASK_UNINTERRUPTIBLE)));
	}
	WRITE_ONCE(p.hold, false);
	for (i = 0; i < 2; i++) {
		int ret = finish(tasks[i]);

		assert_true(ret >= 0);
		was += ret;
	}
	/* One of them took it off. */
	assert_int_equal(was, 1);
	probe_check(&p, 1);
}

static void delete_sync_spins_where_the_caller_may_not_sleep(void **state)
{
	struct task_struct *task;
	struct probe p;
	int how;

	for (how = 0; how < 3; how++) {
		probe_init(&p);
		p.hold = true;
		mod_timer(&p.timer, jiffies);
		assert_true(eventually(READ_ONCE(p.holding)));
		task = start(release_soon, &p);
		if (how == 0)
			preempt_disable();
		else if (how == 1)
			rcu_read_lock();
		else
			local_irq_disable();
		timer_delete_sync(&p.timer);
		if (how == 0)
			preempt_enable();
		else if (how == 1)
			rcu_read_unlock();
		else
			local_irq_enable();
		assert_true(p.ended);
		finish(task);
		probe_check(&p, 1);
	}
}

static int arm_and_delete(void *data)
{
	int i, nr = 20000 / test_slowness();
	u64 seed = (unsigned long)data;

	/* Go on until some timers have run, even on a busy machine. */
	for (i = 0; i < nr || atomic_read(&nr_racy_runs) < 20; i++) {
		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		switch (seed >> 61) {
		case 0:
			if (timer_delete(&racy))
				atomic_inc(&nr_taken);
			break;
		case 1:
			if (timer_delete_sync(&racy))
				atomic_inc(&nr_taken);
			break;
		case 2:
			usleep_range(20, 30);
			break;
		default:
			if (!mod_timer(&racy, jiffies + (seed >> 40) % 2))
				atomic_inc(&nr_armed);
		}
	}
	return 0;
}

/* Each arming from idle is one run, or one delete that says 1. */
static void armed_is_run_or_deleted(void **state)
{
	struct task_struct *tasks[3];
	int i;

	racy_begin(false);
	for (i = 0; i < 3; i++)
		tasks[i] = start(arm_and_delete, (void *)(test_seed() + i));
	for (i = 0; i < 3; i++)
		finish(tasks[i]);
	if (timer_delete_sync(&racy))
		atomic_inc(&nr_taken);
	assert_true(atomic_read(&nr_racy_runs) > 0);
	assert_int_equal(atomic_read(&nr_armed),
			 atomic_read(&nr_racy_runs) + atomic_read(&nr_taken));
}

static void function_may_free_its_timer_and_make_room_for_another(void **state)
{
	struct probe p, q;

	probe_init(&p);
	p.hold = true;
	mod_timer(&p.timer, jiffies);
	assert_true(eventually(READ_ONCE(p.holding)));
	/* The function no longer uses the memory of its timer. */
	smp_load_acquire(&p.holding);
	memset(&p.timer, 0xff, sizeof(p.timer));
	timer_setup_on_stack(&p.timer, probe_fn, 0);
	assert_false(timer_pending(&p.timer));
	assert_int_equal(mod_timer(&p.timer, jiffies + 1000 * HZ), 0);
	probe_init(&q);
	mod_timer(&q.timer, jiffies);
	WRITE_ONCE(p.hold, false);
	wait_for_completion(&q.fired);
	/* The old function has returned, and the new timer is still armed. */
	assert_true(timer_pending(&p.timer));
	assert_int_equal(mod_timer(&p.timer, jiffies), 1);
	wait_for_completion(&p.fired);
	wait_for_completion(&p.fired);
	assert_int_equal(atomic_read(&p.nr_fired), 2);
	timer_delete_sync(&p.timer);
	probe_check(&q, 1);
}

static struct timer_list one, other;
static atomic_t nr_one;

static void one_fn(struct timer_list *t)
{
	timer_delete_sync(&other);
	mod_timer(&other, jiffies);
	mod_timer(&one, jiffies);
	atomic_inc_return(&nr_one);
}

static void other_fn(struct timer_list *t)
{
	timer_delete(&one);
	mod_timer(&one, jiffies);
}

static void functions_may_delete_each_others_timers(void **state)
{
	atomic_set(&nr_one, 0);
	timer_setup(&one, one_fn, 0);
	timer_setup(&other, other_fn, 0);
	mod_timer(&one, jiffies);
	mod_timer(&other, jiffies);
	assert_true(eventually(atomic_read(&nr_one) > 20));
	timer_shutdown_sync(&one);
	timer_shutdown_sync(&other);
	assert_false(timer_pending(&one));
	assert_false(timer_pending(&other));
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
		TEST(timer_waits_for_full_jiffies),
		TEST(timer_set_to_now_in_its_function_runs_at_the_next_tick),
		TEST(endless_timer_does_not_overtake_a_due_one),
		TEST(irqsafe_function_has_interrupts_disabled),
		TEST(leaked_preempt_count_is_reported_and_restored),
		TEST(delete_sync_in_hard_interrupt_context_warns),
		TEST(delete_sync_leaves_a_timer_that_arms_itself_idle),
		TEST(shutdown_sync_lets_the_running_function_arm_first),
		TEST(two_threads_delete_one_timer),
		TEST(delete_sync_spins_where_the_caller_may_not_sleep),
		TEST(armed_is_run_or_deleted),
		TEST(function_may_free_its_timer_and_make_room_for_another),
		TEST(functions_may_delete_each_others_timers),
	};

	return TEST_MAIN("timer", tests);
}
