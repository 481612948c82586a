// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Waiting against signalling: callbacks on the stack, wake-ups, and limits. */
#include "stress.h"
#include <linux/sched/signal.h>

#define NR_FENCES	3

static struct round {
	struct dma_fence *f, *fences[NR_FENCES];
	struct dma_fence_cb cb;
	signed long ret, timeout;
	uint32_t idx;
	/* Flags: how far each member has come. */
	bool registered, stalled, sleeping, left, signalled, cb_done;
} s;

static void new_round(void)
{
	int i;

	memset(&s, 0, sizeof(s));
	for (i = 0; i < NR_FENCES; i++)
		s.fences[i] = stress_fence(&stress_plain_ops);
	s.f = s.fences[NR_FENCES - 1];
	s.idx = ~0;
}

static void end_round(void)
{
	int i;

	for (i = 0; i < NR_FENCES; i++) {
		if (!dma_fence_test_signaled_flag(s.fences[i]))
			assert_true(list_empty(&s.fences[i]->cb_list));
		dma_fence_put(s.fences[i]);
	}
}

/* Overwrite the remains of earlier calls on the stack. */
static noinline void scribble_on_stack(void)
{
	volatile char dead[2048];
	int i;

	for (i = 0; i < sizeof(dead); i++)
		dead[i] = 0xa5;
}

static void signal_it(void)
{
	dma_fence_signal(s.f);
	raise_flag(s.signalled);
}

/* H5: a wait times out, and the stack with its callback is reused. */

static void wait_a_little(void)
{
	s.ret = dma_fence_wait_timeout(s.f, false, 2);
	scribble_on_stack();
	raise_flag(s.left);
}

static void h05_signal_after(void)
{
	await_flag(s.left);
	signal_it();
}

static void h05_timed_out_waiter_takes_its_callback_along(void **state)
{
	int i;

	stress_team(wait_a_little, h05_signal_after);
	for (i = 0; i < stress_rounds(30); i++) {
		new_round();
		stress_team_round();
		assert_int_equal(s.ret, 0);
		end_round();
	}
	stress_team_stop();
}

static void h05_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_SLEEP && stress_role() == 0)
		raise_flag(s.sleeping);
	/* The wait times out when its callback is about to be called. */
	if (where == STRESS_LIST_REPLACE && stress_role() == 1 &&
	    what == &s.f->cb_list && !list_empty(&s.f->cb_list))
		stress_check(!stress_until(READ_ONCE(s.left),
					   3 + STRESS_WINDOW_MS));
}

static void h05_signal_meanwhile(void)
{
	await_flag(s.sleeping);
	signal_it();
}

static void h05_timed_out_waiter_waits_for_the_signaller(void **state)
{
	int i;

	stress_team(wait_a_little, h05_signal_meanwhile);
	stress_set_hook(h05_hook);
	for (i = 0; i < stress_rounds(20); i++) {
		new_round();
		stress_team_round();
		end_round();
	}
	stress_team_stop();
}

/* H6: a woken waiter waits for its waker, and for the callbacks that follow. */

static void h06_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_SLEEP && stress_role() == 0)
		raise_flag(s.sleeping);
}

static void slow_callback(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	/* The waiter's callback has run before this one. */
	stress_check(!stress_until(READ_ONCE(s.left), STRESS_WINDOW_MS));
	WRITE_ONCE(s.cb_done, true);
}

static void h06_signal(void)
{
	await_flag(s.sleeping);
	stress_check(!dma_fence_add_callback(s.f, &s.cb, slow_callback));
	signal_it();
}

static void h06_wait(void)
{
	s.ret = dma_fence_wait_timeout(s.f, false, 20 * HZ);
	raise_flag(s.left);
	stress_check(READ_ONCE(s.cb_done));
}

static void h06_wait_any(void)
{
	s.ret = dma_fence_wait_any_timeout(s.fences, NR_FENCES, false, 20 * HZ,
					   &s.idx);
	raise_flag(s.left);
	stress_check(READ_ONCE(s.cb_done));
}

static void wait_ends_after_the_callbacks(stress_member_fn waiter)
{
	int i;

	stress_team(waiter, h06_signal);
	stress_set_hook(h06_hook);
	for (i = 0; i < stress_rounds(50); i++) {
		new_round();
		stress_team_round();
		assert_true(s.ret > 0);
		end_round();
	}
	stress_team_stop();
}

static void h06_wait_ends_after_the_callbacks(void **state)
{
	wait_ends_after_the_callbacks(h06_wait);
}

static void h06_wait_any_ends_after_the_callbacks(void **state)
{
	wait_ends_after_the_callbacks(h06_wait_any);
}

static int wait_and_exit(void *data)
{
	return dma_fence_wait(s.f, false);
}

/* The woken task is freed as soon as possible. */
static void h06_waiter_may_end_at_once(void **state)
{
	struct task_struct *waiters[2];
	int i, j;

	for (i = 0; i < stress_rounds(200); i++) {
		new_round();
		for (j = 0; j < 2; j++) {
			waiters[j] = kthread_create(wait_and_exit, NULL, "wait");
			assert_false(IS_ERR(waiters[j]));
			get_task_struct(waiters[j]);
			wake_up_process(waiters[j]);
			yield_to(waiters[j], true);
		}
		signal_it();
		for (j = 0; j < 2; j++) {
			assert_int_equal(lfshim_kthread_join(waiters[j]), 0);
			put_task_struct(waiters[j]);
		}
		end_round();
	}
}

/* H7: the fence is signalled between the test and the sleep. */

static void h07_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_UNLOCKED && stress_role() == 0 && !s.stalled) {
		raise_flag(s.stalled);
		await_flag(s.signalled);
	}
}

static void h07_wait(void)
{
	s.ret = dma_fence_default_wait(s.f, false, 3 * HZ);
}

static void h07_signal(void)
{
	await_flag(s.stalled);
	signal_it();
}

static void wakeup_is_not_lost(stress_member_fn waiter, stress_hook_fn hook)
{
	int i;

	stress_team(waiter, h07_signal);
	stress_set_hook(hook);
	for (i = 0; i < stress_rounds(300); i++) {
		new_round();
		stress_team_round();
		/*
		 * 0 would mean that the wait timed out because no wake-up came.
		 */
		assert_true(s.ret > 0);
		end_round();
	}
	stress_team_stop();
}

static void h07_wakeup_before_the_sleep_is_not_lost(void **state)
{
	wakeup_is_not_lost(h07_wait, h07_hook);
}

static void h07_any_hook(enum stress_where where, const volatile void *what,
			 long nr)
{
	if (stress_role() != 0)
		return;
	if (where == STRESS_LIST_ADD && what == &s.f->cb_list)
		s.registered = true;
	/* All flags were found clear; this was the last. */
	if (where == STRESS_TEST_BIT && what == &s.f->flags &&
	    nr == DMA_FENCE_FLAG_SIGNALED_BIT && s.registered && !s.stalled) {
		raise_flag(s.stalled);
		await_flag(s.signalled);
	}
}

static void h07_wait_any(void)
{
	s.ret = dma_fence_wait_any_timeout(s.fences, NR_FENCES, false, 3 * HZ,
					   &s.idx);
}

static void h07_any_wakeup_before_the_sleep_is_not_lost(void **state)
{
	wakeup_is_not_lost(h07_wait_any, h07_any_hook);
}

static void wait_either_way(void)
{
	signed long ret;
	uint32_t idx;

	if (get_random_u32() & 1) {
		ret = dma_fence_wait_any_timeout(s.fences, NR_FENCES, false,
						 3 * HZ, &idx);
		stress_check(ret <= 0 || idx == NR_FENCES - 1);
	} else {
		ret = dma_fence_wait_timeout(s.f, false, 3 * HZ);
	}
	stress_check(ret > 0);
}

static void signal_sometime(void)
{
	unsigned int turns = get_random_u32_below(300);

	while (turns--)
		cpu_relax();
	signal_it();
}

static void h07_no_wakeup_is_lost(void **state)
{
	int i;

	stress_team(wait_either_way, wait_either_way, signal_sometime);
	for (i = 0; i < stress_rounds(4000); i++) {
		new_round();
		stress_team_round();
		end_round();
	}
	stress_team_stop();
}

/* H30: which result counts when two events happen at once. */

static void h30_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_SLEEP && s.timeout > 1)
		signal_it();
	if (where != STRESS_WOKEN)
		return;
	if (nr == 0)
		signal_it();
	else
		send_sig(SIGUSR1, current, 0);
}

static signed long h30_wait(bool any, bool intr, signed long timeout)
{
	s.timeout = timeout;
	if (any)
		return dma_fence_wait_any_timeout(s.fences, NR_FENCES, intr,
						  timeout, &s.idx);
	return dma_fence_wait_timeout(s.f, intr, timeout);
}

static void h30_expiry_and_signals_win_over_the_fence(void **state)
{
	signed long ret;
	int any;

	for (any = 0; any < 2; any++) {
		stress_set_hook(h30_hook);
		/* Signalled when the timeout has expired. */
		new_round();
		ret = h30_wait(any, false, 1);
		assert_int_equal(ret, 0);
		assert_true(dma_fence_is_signaled(s.f));
		assert_int_equal(s.idx, ~0U);
		end_round();

		/* Signalled and then interrupted, with time left. */
		new_round();
		ret = h30_wait(any, true, 10 * HZ);
		assert_int_equal(ret, -ERESTARTSYS);
		assert_true(dma_fence_is_signaled(s.f));
		flush_signals(current);
		end_round();

		new_round();
		ret = h30_wait(any, false, 10 * HZ);
		assert_true(ret > 0 && ret <= 10 * HZ);
		flush_signals(current);
		end_round();
		stress_set_hook(NULL);
	}
}

/* H31: wait_any finds a signalled fence while it adds callbacks. */

static void h31_only_added_callbacks_are_removed(void **state)
{
	unsigned int i;

	for (i = 0; i < NR_FENCES; i++) {
		new_round();
		dma_fence_signal(s.fences[i]);
		assert_int_equal(dma_fence_wait_any_timeout(s.fences, NR_FENCES,
							    true, 50, &s.idx),
				 50);
		assert_int_equal(s.idx, i);
		end_round();
	}
}

static void h31_wait_any(void)
{
	s.ret = dma_fence_wait_any_timeout(s.fences, NR_FENCES, false, 5 * HZ,
					   &s.idx);
	stress_check(dma_fence_test_signaled_flag(s.fences[s.idx]));
}

static void h31_signal_one(void)
{
	unsigned int turns = get_random_u32_below(100);

	while (turns--)
		cpu_relax();
	dma_fence_signal(s.fences[get_random_u32_below(NR_FENCES)]);
}

static void h31_wait_any_races_registration(void **state)
{
	int i;

	stress_team(h31_wait_any, h31_signal_one);
	for (i = 0; i < stress_rounds(5000); i++) {
		new_round();
		stress_team_round();
		assert_true(s.ret > 0);
		end_round();
	}
	stress_team_stop();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(h05_timed_out_waiter_takes_its_callback_along),
		TEST(h05_timed_out_waiter_waits_for_the_signaller),
		TEST(h06_wait_ends_after_the_callbacks),
		TEST(h06_wait_any_ends_after_the_callbacks),
		TEST(h06_waiter_may_end_at_once),
		TEST(h07_wakeup_before_the_sleep_is_not_lost),
		TEST(h07_any_wakeup_before_the_sleep_is_not_lost),
		TEST(h07_no_wakeup_is_lost),
		TEST(h30_expiry_and_signals_win_over_the_fence),
		TEST(h31_only_added_callbacks_are_removed),
		TEST(h31_wait_any_races_registration),
	};
	return STRESS_MAIN("stress-wait", tests);
}
