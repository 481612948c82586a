// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Timers and hrtimers: started, restarted and cancelled by threads and by their own
 * functions. See deferred.c for the end of their memory.
 */

#include "explore.h"

#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/slab.h>
#include <linux/timer.h>

static struct hrtimer *hrtimer;
static struct timer_list *timer;
static int runs, started[2], was_queued;

static enum hrtimer_restart run_once(struct hrtimer *t)
{
	runs++;
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart run_twice(struct hrtimer *t)
{
	if (runs++)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(t, 1000);
	return HRTIMER_RESTART;
}

static enum hrtimer_restart start_again(struct hrtimer *t)
{
	if (!runs++)
		hrtimer_start(t, 1000, HRTIMER_MODE_REL);
	return HRTIMER_NORESTART;
}

static void make(enum hrtimer_restart (*function)(struct hrtimer *))
{
	hrtimer = kzalloc_obj(*hrtimer);
	lfx_name(hrtimer, "timer");
	hrtimer_setup(hrtimer, function, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
}

static void make_hrtimer(void)
{
	make(run_once);
}

static void make_restarting_hrtimer(void)
{
	make(run_twice);
}

static void make_starting_hrtimer(void)
{
	make(start_again);
}

static void start(void)
{
	hrtimer_start(hrtimer, 1000, HRTIMER_MODE_REL);
}

static void start_later(void)
{
	hrtimer_start(hrtimer, 2000, HRTIMER_MODE_REL);
}

static void cancel(void)
{
	was_queued = hrtimer_cancel(hrtimer);
}

static void free_hrtimer(void)
{
	hrtimer_cancel(hrtimer);
	kfree(hrtimer);
}

static void check_one_or_two(void)
{
	int last = hrtimer_cancel(hrtimer);

	lfx_assert(runs + last >= 1 && runs + last <= 2);
	kfree(hrtimer);
}

LFX_SCENARIO(hrtimer_start_twice) = {
	.name = "hrtimer-start-twice",
	.what = "two hrtimer_start() of one timer against its expiry",
	.setup = make_hrtimer,
	.threads = { { "thread 0", start }, { "thread 1", start_later } },
	.check = check_one_or_two,
};

static void check_start_cancel(void)
{
	int last = hrtimer_cancel(hrtimer);

	lfx_assert(runs + last + was_queued == 1);
	kfree(hrtimer);
}

LFX_SCENARIO(hrtimer_start_cancel) = {
	.name = "hrtimer-start-cancel",
	.what = "hrtimer_start() against hrtimer_cancel() by another thread",
	.setup = make_hrtimer,
	.threads = { { "starter", start }, { "canceller", cancel } },
	.check = check_start_cancel,
};

/* A cancellation also takes off a timer that restarts itself meanwhile. */

static void start_and_cancel(void)
{
	start();
	was_queued = hrtimer_cancel(hrtimer);
	lfx_assert(runs <= 2 && !hrtimer_active(hrtimer));
	runs = 9;
}

static void check_cancelled(void)
{
	lfx_assert(runs == 9);
	kfree(hrtimer);
}

LFX_SCENARIO(hrtimer_restart_cancel) = {
	.name = "hrtimer-restart-cancel",
	.what = "hrtimer_cancel() against a function that returns HRTIMER_RESTART",
	.setup = make_restarting_hrtimer,
	.threads = { { "thread", start_and_cancel } },
	.check = check_cancelled,
};

LFX_SCENARIO(hrtimer_self_start_cancel) = {
	.name = "hrtimer-self-start-cancel",
	.what = "hrtimer_cancel() against a function that starts its timer",
	.setup = make_starting_hrtimer,
	.threads = { { "thread", start_and_cancel } },
	.check = check_cancelled,
};

LFX_SCENARIO(hrtimer_self_start) = {
	.name = "hrtimer-self-start",
	.what = "hrtimer_start() against a function that starts its timer",
	.setup = make_starting_hrtimer,
	.threads = { { "starter", start }, { "other", start_later } },
	.check = free_hrtimer,
};

static void try_to_cancel(void)
{
	was_queued = hrtimer_try_to_cancel(hrtimer);
}

static void check_tried(void)
{
	int last = hrtimer_cancel(hrtimer);

	lfx_assert(runs + last + (was_queued > 0) == 1);
	kfree(hrtimer);
}

LFX_SCENARIO(hrtimer_try) = {
	.name = "hrtimer-try-to-cancel",
	.what = "hrtimer_try_to_cancel() against the start and the expiry",
	.setup = make_hrtimer,
	.threads = { { "starter", start }, { "canceller", try_to_cancel } },
	.check = check_tried,
};

static void start_try_free(void)
{
	start();
	while (hrtimer_try_to_cancel(hrtimer) < 0)
		cpu_relax();
	kfree(hrtimer);
}

LFX_SCENARIO(hrtimer_try_free) = {
	.name = "hrtimer-try-free",
	.what = "hrtimer_try_to_cancel() and kfree() against the expiry",
	.setup = make_hrtimer,
	.threads = { { "thread", start_try_free } },
};

static void cancel_twice(void)
{
	start();
	hrtimer_cancel(hrtimer);
	start();
	hrtimer_cancel(hrtimer);
	kfree(hrtimer);
}

LFX_SCENARIO(hrtimer_cancel_twice) = {
	.name = "hrtimer-cancel-twice",
	.what = "two starts and cancellations against the expiries",
	.setup = make_hrtimer,
	.threads = { { "thread", cancel_twice } },
};

static int cancelled[2];

static void start_in_setup(void)
{
	make_hrtimer();
}

static void start_and_cancel_0(void)
{
	start();
	cancelled[0] = hrtimer_cancel(hrtimer);
}

static void cancel_1(void)
{
	cancelled[1] = hrtimer_cancel(hrtimer);
}

static void check_two_cancels(void)
{
	lfx_assert(runs + cancelled[0] + cancelled[1] == 1);
	kfree(hrtimer);
}

LFX_SCENARIO(hrtimer_two_cancels) = {
	.name = "hrtimer-two-cancels",
	.what = "two hrtimer_cancel() against the expiry",
	.setup = start_in_setup,
	.threads = {
		{ "thread 0", start_and_cancel_0 }, { "thread 1", cancel_1 },
	},
	.check = check_two_cancels,
};

/* Timers */

/* It still uses the timer. */
static void run_timer(struct timer_list *t)
{
	lfx_assert(READ_ONCE(t->function) == run_timer);
	runs++;
}

static void run_timer_twice(struct timer_list *t)
{
	if (!runs++)
		mod_timer(t, jiffies + 1);
}

static void make_timer(void)
{
	timer = kzalloc_obj(*timer);
	lfx_name(timer, "timer");
	timer_setup(timer, run_timer, 0);
}

static void make_restarting_timer(void)
{
	make_timer();
	timer_setup(timer, run_timer_twice, 0);
}

static void arm(void)
{
	started[0] = !mod_timer(timer, jiffies + 1);
}

static void delete_timer(void)
{
	was_queued = timer_delete_sync(timer);
}

static void check_timer(void)
{
	int last = timer_delete_sync(timer);

	lfx_assert(runs + last + was_queued == 1);
	kfree(timer);
}

LFX_SCENARIO(timer_arm_delete) = {
	.name = "timer-arm-delete",
	.what = "mod_timer() against timer_delete_sync() by another thread",
	.setup = make_timer,
	.threads = { { "starter", arm }, { "deleter", delete_timer } },
	.check = check_timer,
};

static void arm_and_delete(void)
{
	arm();
	timer_delete_sync(timer);
	lfx_assert(runs <= 2 && !timer_pending(timer));
	runs = 9;
}

static void check_deleted(void)
{
	lfx_assert(runs == 9);
	kfree(timer);
}

LFX_SCENARIO(timer_restart_delete) = {
	.name = "timer-restart-delete",
	.what = "timer_delete_sync() against a function that arms its timer",
	.setup = make_restarting_timer,
	.threads = { { "thread", arm_and_delete } },
	.check = check_deleted,
};

static void arm_and_shut_down(void)
{
	arm();
	timer_shutdown_sync(timer);
	lfx_assert(runs <= 2);
	kfree(timer);
}

LFX_SCENARIO(timer_restart_shutdown) = {
	.name = "timer-restart-shutdown",
	.what = "timer_shutdown_sync() and kfree() against a function that arms its timer",
	.setup = make_restarting_timer,
	.threads = { { "thread", arm_and_shut_down } },
};

static void reduce(void)
{
	started[1] = !timer_reduce(timer, jiffies);
}

static void check_reduced(void)
{
	int last = timer_delete_sync(timer);

	lfx_assert(runs + last == started[0] + started[1]);
	kfree(timer);
}

LFX_SCENARIO(timer_arm_reduce) = {
	.name = "timer-reduce",
	.what = "timer_reduce() against mod_timer() and the expiry",
	.setup = make_timer,
	.threads = { { "starter", arm }, { "reducer", reduce } },
	.check = check_reduced,
};

static void arm_try_free(void)
{
	arm();
	while (timer_delete_sync_try(timer) < 0)
		cpu_relax();
	kfree(timer);
}

LFX_SCENARIO(timer_try_free) = {
	.name = "timer-try-free",
	.what = "timer_delete_sync_try() and kfree() against the expiry",
	.setup = make_timer,
	.threads = { { "thread", arm_try_free } },
};

static void delete_twice(void)
{
	arm();
	timer_delete_sync(timer);
	arm();
	timer_delete_sync(timer);
	kfree(timer);
}

LFX_SCENARIO(timer_delete_twice) = {
	.name = "timer-delete-twice",
	.what = "a timer is armed and deleted twice against the expiries",
	.setup = make_timer,
	.threads = { { "thread", delete_twice } },
};

static void arm_and_delete_0(void)
{
	arm();
	cancelled[0] = timer_delete_sync(timer);
}

static void delete_1(void)
{
	cancelled[1] = timer_delete_sync(timer);
}

static void check_two_deletes(void)
{
	lfx_assert(runs + cancelled[0] + cancelled[1] == 1);
	kfree(timer);
}

LFX_SCENARIO(timer_two_deletes) = {
	.name = "timer-two-deletes",
	.what = "two timer_delete_sync() against the expiry",
	.setup = make_timer,
	.threads = {
		{ "thread 0", arm_and_delete_0 }, { "thread 1", delete_1 },
	},
	.check = check_two_deletes,
};

static void delete_only(void)
{
	was_queued = timer_delete(timer);
}

LFX_SCENARIO(timer_delete_only) = {
	.name = "timer-delete-only",
	.what = "timer_delete() against mod_timer() and the expiry",
	.setup = make_timer,
	.threads = { { "starter", arm }, { "deleter", delete_only } },
	.check = check_timer,
};

/* A timer that was shut down has no function any more. */

static void count(struct timer_list *t)
{
	runs++;
}

static void make_counting_timer(void)
{
	make_timer();
	timer_setup(timer, count, 0);
}

static void shut_down_only(void)
{
	was_queued = timer_shutdown(timer);
}

static void check_shut_down(void)
{
	lfx_assert(!timer_delete_sync(timer) && runs + was_queued <= 1);
	kfree(timer);
}

LFX_SCENARIO(timer_shutdown_only) = {
	.name = "timer-shutdown-only",
	.what = "timer_shutdown() against mod_timer() and the expiry",
	.setup = make_counting_timer,
	.threads = { { "starter", arm }, { "owner", shut_down_only } },
	.check = check_shut_down,
};

/*
 * A timer is armed while the thread of the timers, which has none any more, is about to
 * sleep: it expires.
 */

static DECLARE_COMPLETION(expired);

static void tell(struct timer_list *t)
{
	complete(&expired);
}

static void make_telling_timer(void)
{
	make_timer();
	timer_setup(timer, tell, 0);
}

static void arm_delete_arm(void)
{
	mod_timer(timer, jiffies + 1);
	if (!timer_delete(timer))
		wait_for_completion(&expired);
	mod_timer(timer, jiffies + 1);
	wait_for_completion(&expired);
}

static void free_timer(void)
{
	timer_delete_sync(timer);
	kfree(timer);
}

LFX_SCENARIO(timer_arm_again) = {
	.name = "timer-arm-again",
	.what = "mod_timer() after timer_delete() against the thread of the timers",
	.setup = make_telling_timer,
	.threads = { { "thread", arm_delete_arm } },
	.check = free_timer,
};

static enum hrtimer_restart tell_once(struct hrtimer *t)
{
	complete(&expired);
	return HRTIMER_NORESTART;
}

static void make_telling_hrtimer(void)
{
	make(tell_once);
}

static void start_cancel_start(void)
{
	hrtimer_start(hrtimer, 1000, HRTIMER_MODE_REL);
	if (!hrtimer_cancel(hrtimer))
		wait_for_completion(&expired);
	hrtimer_start(hrtimer, 1000, HRTIMER_MODE_REL);
	wait_for_completion(&expired);
}

LFX_SCENARIO(hrtimer_start_again) = {
	.name = "hrtimer-start-again",
	.what = "hrtimer_start() after a cancellation against the thread of the timers",
	.setup = make_telling_hrtimer,
	.threads = { { "thread", start_cancel_start } },
	.check = free_hrtimer,
};
