// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Calls that producers make in their ops, and their guarantees. */
#include "stress.h"

static struct round {
	struct dma_fence *f;
	struct dma_fence_cb cbs[2];
	int added[2];
	signed long ret;
	int op_calls;
	atomic_t ran;
	bool armed, signalled;
} s;

static void new_round(const struct dma_fence_ops *ops)
{
	memset(&s, 0, sizeof(s));
	s.f = stress_fence(ops);
}

static void count_run(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	atomic_inc(&s.ran);
}

static void add_callback(void)
{
	int i = stress_role();

	s.added[i] = dma_fence_add_callback(s.f, &s.cbs[i], count_run);
}

static void wait_for_it(void)
{
	s.ret = dma_fence_wait_timeout(s.f, false, 3 * HZ);
}

/* H22: the work turns out to be done when signalling is enabled. */

static bool signals_itself(struct dma_fence *fence)
{
	s.op_calls++;
	dma_fence_signal_locked(fence);
	return false;
}

static bool is_done_with_error(struct dma_fence *fence)
{
	s.op_calls++;
	dma_fence_set_error(fence, -EIO);
	return false;
}

static const struct dma_fence_ops self_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.enable_signaling = signals_itself,
};
static const struct dma_fence_ops done_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.enable_signaling = is_done_with_error,
};

static void h22_op_that_says_false_leaves_a_signalled_fence(void **state)
{
	int i;

	stress_team(add_callback, add_callback, wait_for_it);
	for (i = 0; i < stress_rounds(2000); i++) {
		new_round(i & 1 ? &self_ops : &done_ops);
		stress_team_round();
		assert_int_equal(s.added[0], -ENOENT);
		assert_int_equal(s.added[1], -ENOENT);
		assert_true(s.ret > 0);
		assert_int_equal(s.op_calls, 1);
		assert_int_equal(atomic_read(&s.ran), 0);
		assert_int_equal(dma_fence_get_status(s.f), i & 1 ? 1 : -EIO);
		dma_fence_put(s.f);
	}
	stress_team_stop();
}

static bool is_armed(struct dma_fence *fence)
{
	s.op_calls++;
	raise_flag(s.armed);
	return true;
}

static const struct dma_fence_ops armed_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.enable_signaling = is_armed,
};

static void signal_when_armed(void)
{
	await_flag(s.armed);
	dma_fence_signal(s.f);
}

static void h22_op_is_called_once(void **state)
{
	int i;

	stress_team(add_callback, add_callback, wait_for_it, signal_when_armed);
	for (i = 0; i < stress_rounds(2000); i++) {
		new_round(&armed_ops);
		stress_team_round();
		assert_int_equal(s.op_calls, 1);
		assert_true(s.ret > 0);
		assert_int_equal(atomic_read(&s.ran),
				 !s.added[0] + !s.added[1]);
		dma_fence_put(s.f);
	}
	stress_team_stop();
}

/*
 * H23: the interrupt comes at once, and puts the reference that the op took,
 * which may be the last.
 */

static bool arms_hardware(struct dma_fence *fence)
{
	dma_fence_get(fence);
	raise_flag(s.armed);
	/*
	 * The op runs with the lock held, and the interrupt waits for that
	 * lock.
	 */
	stress_check(!stress_until(READ_ONCE(s.signalled), STRESS_WINDOW_MS));
	return true;
}

static const struct dma_fence_ops hardware_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.enable_signaling = arms_hardware,
	.release = stress_counted_release,
};

static void add_and_forget(void)
{
	add_callback();
	dma_fence_put(s.f);
}

static void interrupt(void)
{
	await_flag(s.armed);
	dma_fence_signal(s.f);
	raise_flag(s.signalled);
	dma_fence_put(s.f);
}

static void h23_interrupt_waits_for_the_op(void **state)
{
	int i;

	stress_team(add_and_forget, interrupt);
	for (i = 0; i < stress_rounds(50); i++) {
		new_round(&hardware_ops);
		stress_team_round();
		assert_int_equal(s.added[0], 0);
		assert_int_equal(atomic_read(&s.ran), 1);
		assert_int_equal(stress_live(), 0);
	}
	stress_team_stop();
}

/* H36: the error is set when the fence is signalled. */

static bool done_with_error(struct dma_fence *fence)
{
	if (!READ_ONCE(s.armed))
		return false;
	/* Two pollers may be here at once; both write the same error. */
	WRITE_ONCE(fence->error, -EIO);
	return true;
}

static const struct dma_fence_ops failing_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.signaled = done_with_error,
};

static void read_status(void)
{
	int status;

	while (!(status = dma_fence_get_status(s.f)))
		cpu_relax();
	stress_check(status == -EIO);
}

static void become_done(void)
{
	raise_flag(s.armed);
}

static void fail_and_signal(void)
{
	dma_fence_set_error(s.f, -EIO);
	dma_fence_signal(s.f);
}

static void h36_error_comes_with_the_signal(void **state)
{
	int i;

	stress_team(read_status, read_status, fail_and_signal);
	for (i = 0; i < stress_rounds(2000); i++) {
		new_round(&stress_plain_ops);
		stress_team_round();
		dma_fence_put(s.f);
	}
	stress_team_stop();

	stress_team(read_status, become_done);
	for (i = 0; i < stress_rounds(2000); i++) {
		new_round(&failing_ops);
		stress_team_round();
		dma_fence_put(s.f);
	}
	stress_team_stop();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(h22_op_that_says_false_leaves_a_signalled_fence),
		TEST(h22_op_is_called_once),
		TEST(h23_interrupt_waits_for_the_op),
		TEST(h36_error_comes_with_the_signal),
	};
	return STRESS_MAIN("stress-producer", tests);
}
