// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Tasks: states and wake-ups, timeouts, signals. */

#include "helpers.h"
#include <signal.h>
#include <unistd.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <libfence/libfence.h>

/* A thread that sleeps once, in a given state, with a timeout. */
struct sleeper {
	unsigned int state;
	long timeout;
	long left;
	bool woken;
};

static int sleep_once(void *data)
{
	struct sleeper *s = data;

	set_current_state(s->state);
	s->left = schedule_timeout(s->timeout);
	WRITE_ONCE(s->woken, true);
	return READ_ONCE(current->__state);
}

static struct task_struct *start_sleeper(struct sleeper *s)
{
	struct task_struct *task = start(sleep_once, s);

	assert_true(eventually(sleeps_in(task, s->state)));
	return task;
}

static void wake_up_reaches_only_the_states_in_its_mask(void **state)
{
	static const unsigned int states[] = {
		TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, TASK_KILLABLE,
		TASK_IDLE,
	};
	static const unsigned int masks[] = {
		TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, TASK_WAKEKILL,
		TASK_NORMAL,
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		for (j = 0; j < ARRAY_SIZE(masks); j++) {
			struct sleeper s = { states[i], MAX_SCHEDULE_TIMEOUT };
			struct task_struct *task = start_sleeper(&s);
			bool matches = states[i] & masks[j];

			assert_int_equal(wake_up_state(task, masks[j]), matches);
			assert_int_equal(sleeps_in(task, states[i]), !matches);
			if (!matches)
				assert_int_equal(wake_up_process(task), 1);
			/* The state is TASK_RUNNING after any wake-up. */
			assert_int_equal(finish(task), TASK_RUNNING);
			assert_true(s.left == MAX_SCHEDULE_TIMEOUT);
		}
	}
}

static void waking_a_running_task_does_nothing(void **state)
{
	assert_int_equal(wake_up_process(current), 0);
	assert_int_equal(wake_up_state(current, ~0u), 0);
	assert_true(task_is_running(current));
}

static void wake_up_before_the_sleep_is_not_lost(void **state)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	assert_int_equal(get_current_state(), TASK_UNINTERRUPTIBLE);
	assert_int_equal(wake_up_process(current), 1);
	/* Without the wake-up this would never return. */
	schedule();
	assert_true(task_is_running(current));
}

struct ping {
	struct task_struct *peer[2];
	/* The thread whose turn it is. */
	int turn;
	int rounds;
};

static void take_turns(struct ping *p, int me)
{
	int i;

	for (i = 0; i < p->rounds; i++) {
		for (;;) {
			set_current_state(TASK_UNINTERRUPTIBLE);
			if (READ_ONCE(p->turn) == me)
				break;
			schedule();
		}
		__set_current_state(TASK_RUNNING);
		WRITE_ONCE(p->turn, !me);
		wake_up_process(p->peer[!me]);
	}
}

static int ping_thread(void *data)
{
	take_turns(data, 1);
	return 0;
}

static void condition_and_wake_up_never_miss_each_other(void **state)
{
	struct ping p = { .rounds = 20000 / test_slowness() };
	struct task_struct *task;

	/* After one missed wake-up, both threads would sleep for ever. */
	p.peer[0] = current;
	task = kthread_create(ping_thread, &p, "ping");
	get_task_struct(task);
	p.peer[1] = task;
	wake_up_process(task);
	take_turns(&p, 0);
	assert_int_equal(finish(task), 0);
}

static void timeout_is_never_too_short(void **state)
{
	ktime_t begin = ktime_get();

	assert_int_equal(schedule_timeout_uninterruptible(5), 0);
	assert_true(ktime_get() - begin >= 5 * TICK_NSEC);
	assert_true(task_is_running(current));
	assert_int_equal(schedule_timeout_interruptible(1), 0);
}

static void schedule_timeout_returns_what_is_left(void **state)
{
	struct sleeper s = { TASK_UNINTERRUPTIBLE, 1000 * HZ };
	unsigned long begin, passed;
	struct task_struct *task;
	long left;

	/* Exactly, if no tick has come in between. */
	do {
		begin = jiffies;
		set_current_state(TASK_INTERRUPTIBLE);
		wake_up_process(current);
		left = schedule_timeout(100);
	} while (jiffies != begin);
	assert_int_equal(left, 100);

	begin = jiffies;
	task = start_sleeper(&s);
	msleep(20);
	wake_up_process(task);
	finish(task);
	passed = jiffies - begin;
	assert_true(s.left >= 1000 * HZ - (long)passed);
	assert_true(s.left <= 1000 * HZ - 20 * HZ / 1000);
}

static void sleep_without_a_timeout_has_no_limit(void **state)
{
	struct sleeper s = { TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT };
	struct task_struct *task = start_sleeper(&s);

	msleep(1200);
	assert_true(sleeps_in(task, TASK_UNINTERRUPTIBLE));
	assert_int_equal(wake_up_process(task), 1);
	finish(task);
}

static void running_task_is_not_put_to_sleep(void **state)
{
	ktime_t begin = ktime_get();

	__set_current_state(TASK_RUNNING);
	assert_true(schedule_timeout(1000 * HZ) > 0);
	assert_true(schedule_timeout(MAX_SCHEDULE_TIMEOUT) ==
		    MAX_SCHEDULE_TIMEOUT);
	schedule();
	assert_true(ktime_get() - begin < 900 * NSEC_PER_SEC);
}

static void timeout_of_zero_returns_at_once(void **state)
{
	assert_int_equal(schedule_timeout_uninterruptible(0), 0);
	assert_true(task_is_running(current));
}

static void sleeper_that_times_out_seems_awake(void **state)
{
	/* Long enough to sleep in the host's kernel. */
	assert_int_equal(schedule_timeout_uninterruptible(1 + HZ / 50), 0);
	assert_true(task_is_running(current));
	assert_false(READ_ONCE(current->lfshim_asleep));
}

static void count_error(int level, const char *message, void *data)
{
	if (level == 3 && strstr(message, "wrong timeout value"))
		++*(int *)data;
}

static void negative_timeout_logs_an_error_and_does_not_sleep(void **state)
{
	int logged = 0;

	libfence_set_log_hook(count_error, &logged);
	set_current_state(TASK_UNINTERRUPTIBLE);
	/* No WARN(), which would fail a KUnit case. */
	assert_warns(0, assert_int_equal(schedule_timeout(-5), 0));
	libfence_set_log_hook(NULL, NULL);
	assert_true(task_is_running(current));
	assert_int_equal(logged, 1);
}

static void state_of_a_sleeper_is_what_it_has_set(void **state)
{
	static const unsigned int states[] = {
		TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, TASK_KILLABLE,
		TASK_IDLE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		struct sleeper s = { states[i], 1000 * HZ };
		struct task_struct *task = start_sleeper(&s);

		/* Also when it sleeps in the host's kernel. */
		assert_true(eventually(READ_ONCE(task->lfshim_asleep)));
		assert_int_equal(READ_ONCE(task->__state), states[i]);
		wake_up_state(task, states[i]);
		assert_int_equal(finish(task), TASK_RUNNING);
	}
}

static DEFINE_SPINLOCK(wake_lock);

/* A sleeper that sleeps in the host's kernel. */
static struct task_struct *start_deep_sleeper(struct sleeper *s)
{
	struct task_struct *task = start_sleeper(s);

	assert_true(eventually(READ_ONCE(task->lfshim_asleep)));
	/* The flag is set before the system call. */
	msleep(10);
	return task;
}

/* Wait without a call of the shim, which might make the calls. */
static void wait_in_the_host(struct sleeper *s)
{
	int i;

	for (i = 0; i < PATIENCE_S * 1000 && !READ_ONCE(s->woken); i++)
		usleep(1000);
	assert_true(READ_ONCE(s->woken));
}

static void wake_up_with_interrupts_disabled_is_not_put_off(void **state)
{
	struct sleeper s = { TASK_UNINTERRUPTIBLE, 1000 * HZ };
	struct task_struct *task = start_deep_sleeper(&s);

	local_irq_disable();
	assert_int_equal(wake_up_process(task), 1);
	assert_int_equal(lfshim_tls.nr_wakes, 0);
	/* The sleeper ends although interrupts stay disabled. */
	wait_in_the_host(&s);
	local_irq_enable();
	finish(task);
}

static void wake_up_under_a_lock_waits_for_its_release_only(void **state)
{
	struct sleeper s = { TASK_UNINTERRUPTIBLE, 1000 * HZ };
	struct task_struct *task = start_deep_sleeper(&s);
	unsigned long flags;

	local_irq_disable();
	spin_lock_irqsave(&wake_lock, flags);
	assert_int_equal(wake_up_process(task), 1);
	/* The sleeper may want this lock. */
	assert_int_equal(lfshim_tls.nr_wakes, 1);
	spin_unlock_irqrestore(&wake_lock, flags);
	assert_int_equal(lfshim_tls.nr_wakes, 0);
	assert_true(irqs_disabled());
	wait_in_the_host(&s);
	local_irq_enable();
	finish(task);
}

/* Nothing that this thread does later is needed for it. */
static void release_of_a_lock_makes_the_wake_up(void **state)
{
	struct sleeper s = { TASK_UNINTERRUPTIBLE, 1000 * HZ };
	struct task_struct *task = start_deep_sleeper(&s);
	unsigned long flags;

	spin_lock_irqsave(&wake_lock, flags);
	assert_int_equal(wake_up_process(task), 1);
	spin_unlock_irqrestore(&wake_lock, flags);
	wait_in_the_host(&s);
	finish(task);
}

/* More than the array of deferred wake-ups has room for. */
#define NR_CROWD	(LFSHIM_MAX_WAKES + 3)

struct repeated {
	/* Of the next sleep, and of the last one that began. */
	long timeout, begun;
	unsigned int nr_woken;
	bool stop;
};

static int sleep_again_and_again(void *data)
{
	struct repeated *r = data;

	while (!READ_ONCE(r->stop)) {
		WRITE_ONCE(r->begun, READ_ONCE(r->timeout));
		schedule_timeout_uninterruptible(r->begun);
		WRITE_ONCE(r->nr_woken, r->nr_woken + 1);
	}
	return 0;
}

/*
 * Wait until the task has slept in the host's kernel: the flag is set before the
 * system call. Without a call of the shim, which might make the wake-ups.
 */
static void wait_until_asleep(struct task_struct *task)
{
	int i;

	for (i = 0; i < PATIENCE_S * 1000; i++) {
		/* Valgrind's threads seem to sleep while another one runs. */
		usleep(1000);
		if (READ_ONCE(task->lfshim_asleep) &&
		    test_thread_state(task->pid) == 'S')
			return;
	}
	fail_msg("the task does not sleep");
}

/* Without a call of the shim, too. */
static bool eventually_woken(struct repeated *r, unsigned int nr)
{
	int i;

	for (i = 0; i < PATIENCE_S * 1000 && READ_ONCE(r->nr_woken) < nr; i++)
		usleep(1000);
	return READ_ONCE(r->nr_woken) >= nr;
}

static void full_list_of_wake_ups_goes_on_in_another(void **state)
{
	struct task_struct *tasks[NR_CROWD];
	struct repeated r[NR_CROWD];
	unsigned int i, round, refs;
	unsigned long flags;

	for (i = 0; i < NR_CROWD; i++) {
		r[i] = (struct repeated){ .timeout = MAX_SCHEDULE_TIMEOUT };
		tasks[i] = start(sleep_again_and_again, &r[i]);
	}
	refs = refcount_read(&tasks[0]->usage);
	/* The second time, the tasks were in the list before. */
	for (round = 1; round <= 3; round++) {
		for (i = 0; i < NR_CROWD; i++)
			wait_until_asleep(tasks[i]);
		spin_lock_irqsave(&wake_lock, flags);
		for (i = 0; i < NR_CROWD; i++) {
			if (round == 3)
				WRITE_ONCE(r[i].stop, true);
			wake_up_process(tasks[i]);
		}
		usleep(5000);
		for (i = 0; i < NR_CROWD; i++)
			assert_int_equal(READ_ONCE(r[i].nr_woken), round - 1);
		spin_unlock_irqrestore(&wake_lock, flags);
		for (i = 0; i < NR_CROWD; i++)
			assert_true(eventually_woken(&r[i], round));
	}
	for (i = 0; i < NR_CROWD; i++) {
		lfshim_kthread_join(tasks[i]);
		/* Without the thread's own reference. */
		assert_int_equal(refcount_read(&tasks[i]->usage), refs - 1);
		put_task_struct(tasks[i]);
	}
}

static void task_in_the_list_of_a_waker_is_woken_at_once(void **state)
{
	struct sleeper fill[LFSHIM_MAX_WAKES];
	struct task_struct *fillers[LFSHIM_MAX_WAKES], *task;
	struct repeated r = { .timeout = HZ / 10 + 1 };
	unsigned int i, nr;
	unsigned long flags;

	for (i = 0; i < LFSHIM_MAX_WAKES; i++) {
		fill[i] = (struct sleeper){ TASK_UNINTERRUPTIBLE, 1000 * HZ };
		fillers[i] = start_deep_sleeper(&fill[i]);
	}
	task = start(sleep_again_and_again, &r);
	spin_lock_irqsave(&wake_lock, flags);
	for (i = 0; i < LFSHIM_MAX_WAKES; i++)
		wake_up_process(fillers[i]);
	/* It may be awake for a moment, because its time was up. */
	while (!READ_ONCE(task->lfshim_wake_next)) {
		wait_until_asleep(task);
		wake_up_process(task);
	}
	/* It sleeps until its time is up, and then for ever. */
	WRITE_ONCE(r.timeout, MAX_SCHEDULE_TIMEOUT);
	while (READ_ONCE(r.begun) != MAX_SCHEDULE_TIMEOUT)
		usleep(1000);
	wait_until_asleep(task);
	nr = READ_ONCE(r.nr_woken);
	WRITE_ONCE(r.stop, true);
	wake_up_process(task);
	assert_true(eventually_woken(&r, nr + 1));
	spin_unlock_irqrestore(&wake_lock, flags);
	finish(task);
	for (i = 0; i < LFSHIM_MAX_WAKES; i++)
		finish(fillers[i]);
}

static void huge_timeouts_do_not_overflow(void **state)
{
	static const long timeouts[] = {
		LONG_MAX - 1, LONG_MAX / 2, LONG_MAX / TICK_NSEC,
		LONG_MAX / TICK_NSEC - 1,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(timeouts); i++) {
		struct sleeper s = { TASK_INTERRUPTIBLE, timeouts[i] };
		struct task_struct *task = start_sleeper(&s);

		msleep(2);
		assert_true(sleeps_in(task, TASK_INTERRUPTIBLE));
		wake_up_process(task);
		finish(task);
		assert_true(s.left > timeouts[i] - 1000 * HZ);
	}
}

static void sent_signal_ends_an_interruptible_sleep(void **state)
{
	struct sleeper s = { TASK_INTERRUPTIBLE, 1000 * HZ };
	struct task_struct *task = start_deep_sleeper(&s);

	assert_false(signal_pending(task));
	assert_int_equal(send_sig(SIGINT, task, 0), 0);
	assert_int_equal(finish(task), TASK_RUNNING);
	assert_true(s.left > 0);
}

static void sent_signal_does_not_wait_for_interrupts_to_be_on(void **state)
{
	struct sleeper s = { TASK_INTERRUPTIBLE, 1000 * HZ };
	struct task_struct *task = start_sleeper(&s);
	unsigned int deferred;
	unsigned long flags;

	/* It sleeps in the host's kernel: waking it is a system call. */
	assert_true(eventually(READ_ONCE(task->lfshim_asleep)));
	spin_lock_irqsave(&wake_lock, flags);
	send_sig(SIGINT, task, 0);
	/*
	 * send_sig() may be called by a signal handler that interrupts another
	 * wake-up, so it must not use the thread's list of deferred wake-ups.
	 */
	deferred = lfshim_tls.nr_wakes;
	spin_unlock_irqrestore(&wake_lock, flags);
	assert_int_equal(deferred, 0);
	assert_int_equal(finish(task), TASK_RUNNING);
}

static void sent_signal_leaves_other_sleeps_alone(void **state)
{
	static const unsigned int states[] = {
		TASK_UNINTERRUPTIBLE, TASK_KILLABLE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		struct sleeper s = { states[i], MAX_SCHEDULE_TIMEOUT };
		struct task_struct *task = start_sleeper(&s);

		send_sig(SIGINT, task, 0);
		assert_true(signal_pending(task));
		assert_false(fatal_signal_pending(task));
		assert_true(sleeps_in(task, states[i]));
		wake_up_process(task);
		finish(task);
	}
}

static void sigkill_ends_a_killable_sleep(void **state)
{
	struct sleeper k = { TASK_KILLABLE, MAX_SCHEDULE_TIMEOUT };
	struct sleeper u = { TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT };
	struct task_struct *task = start_deep_sleeper(&k);

	send_sig(SIGKILL, task, 0);
	finish(task);

	task = start_sleeper(&u);
	send_sig(SIGKILL, task, 0);
	assert_true(fatal_signal_pending(task));
	assert_true(sleeps_in(task, TASK_UNINTERRUPTIBLE));
	wake_up_process(task);
	finish(task);
}

static void pending_signal_keeps_an_interruptible_sleep_from_beginning(void **state)
{
	send_sig(SIGINT, current, 0);
	assert_true(schedule_timeout_interruptible(1000 * HZ) > 0);
	/* The signal stays pending until it is flushed. */
	assert_true(signal_pending(current));
	assert_true(signal_pending(current));
	assert_true(signal_pending_state(TASK_INTERRUPTIBLE, current));
	assert_false(signal_pending_state(TASK_UNINTERRUPTIBLE, current));
	assert_false(signal_pending_state(TASK_KILLABLE, current));
	flush_signals(current);
	assert_false(signal_pending(current));
	assert_int_equal(schedule_timeout_interruptible(1), 0);
}

static int nr_handled;

static void count_signal(int sig)
{
	__atomic_fetch_add(&nr_handled, 1, __ATOMIC_SEQ_CST);
}

struct pester {
	pid_t process;
	bool enough;
};

/* A signal that arrives before the sleep does not end it, so keep sending. */
static int send_posix_signals(void *data)
{
	struct pester *p = data;

	while (!READ_ONCE(p->enough)) {
		kill(p->process, SIGUSR1);
		msleep(1);
	}
	return 0;
}

static void posix_signal_ends_an_interruptible_sleep(void **state)
{
	struct sigaction sa = { .sa_handler = count_signal,
				.sa_flags = SA_RESTART }, old;
	struct pester p = { getpid() };
	struct task_struct *task;
	long left;

	nr_handled = 0;
	sigaction(SIGUSR1, &sa, &old);
	assert_false(signal_pending(current));
	/* The shim's threads block all signals, so this thread gets them. */
	task = start(send_posix_signals, &p);
	left = schedule_timeout_interruptible(1000 * HZ);
	WRITE_ONCE(p.enough, true);
	finish(task);
	assert_true(left > 0);
	assert_true(nr_handled > 0);
	/* The handler has run, so the signal is reported only once. */
	assert_true(signal_pending(current));
	assert_false(signal_pending(current));
	sigaction(SIGUSR1, &old, NULL);
}

static void posix_signal_leaves_an_uninterruptible_sleep_alone(void **state)
{
	struct sigaction sa = { .sa_handler = count_signal }, old;
	struct pester p = { getpid() };
	ktime_t begin = ktime_get();
	struct task_struct *task;

	nr_handled = 0;
	sigaction(SIGUSR1, &sa, &old);
	task = start(send_posix_signals, &p);
	assert_int_equal(schedule_timeout_uninterruptible(30 * HZ / 1000), 0);
	assert_true(ktime_get() - begin >= 30 * NSEC_PER_MSEC);
	WRITE_ONCE(p.enough, true);
	finish(task);
	assert_true(nr_handled > 0);
	assert_false(signal_pending(current));
	sigaction(SIGUSR1, &old, NULL);
}

static int look_at_self(void *data)
{
	char comm[TASK_COMM_LEN];

	get_task_comm(comm, current);
	if (strcmp(comm, "test") || !(current->flags & PF_KTHREAD))
		return 1;
	if (current->group_leader != data)
		return 2;
	if (current->tgid != getpid() || current->mm)
		return 3;
	return task_pid_nr(current) == task_pid_nr(data) ? 4 : 0;
}

static void every_thread_has_a_task_of_its_own(void **state)
{
	assert_ptr_equal(current, current);
	assert_int_equal(task_pid_nr(current), getpid());
	assert_int_equal(current->tgid, getpid());
	assert_ptr_equal(current->group_leader, current);
	assert_int_equal(finish(start(look_at_self, current)), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(every_thread_has_a_task_of_its_own),
		TEST(wake_up_reaches_only_the_states_in_its_mask),
		TEST(waking_a_running_task_does_nothing),
		TEST(wake_up_before_the_sleep_is_not_lost),
		TEST(condition_and_wake_up_never_miss_each_other),
		TEST(timeout_is_never_too_short),
		TEST(schedule_timeout_returns_what_is_left),
		TEST(sleep_without_a_timeout_has_no_limit),
		TEST(running_task_is_not_put_to_sleep),
		TEST(timeout_of_zero_returns_at_once),
		TEST(sleeper_that_times_out_seems_awake),
		TEST(negative_timeout_logs_an_error_and_does_not_sleep),
		TEST(state_of_a_sleeper_is_what_it_has_set),
		TEST(wake_up_with_interrupts_disabled_is_not_put_off),
		TEST(wake_up_under_a_lock_waits_for_its_release_only),
		TEST(release_of_a_lock_makes_the_wake_up),
		TEST(full_list_of_wake_ups_goes_on_in_another),
		TEST(task_in_the_list_of_a_waker_is_woken_at_once),
		TEST(huge_timeouts_do_not_overflow),
		TEST(sent_signal_ends_an_interruptible_sleep),
		TEST(sent_signal_does_not_wait_for_interrupts_to_be_on),
		TEST(sent_signal_leaves_other_sleeps_alone),
		TEST(sigkill_ends_a_killable_sleep),
		TEST(pending_signal_keeps_an_interruptible_sleep_from_beginning),
		TEST(posix_signal_ends_an_interruptible_sleep),
		TEST(posix_signal_leaves_an_uninterruptible_sleep_alone),
	};

	return TEST_MAIN("sched", tests);
}
