// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Data that readers may still use: ops, names and memory. */
#include "stress.h"
#include <linux/seq_file.h>

#if !CORE_HAS(dma_fence_was_initialized)
#define dma_fence_was_initialized(fence)	true
#endif

static struct round {
	struct dma_fence *f;
	struct dma_fence __rcu *slot;
	struct dma_fence_cb cb;
	struct rcu_head freed_head;
	int stop_at, points;
	/* Flags: how far each member has come. */
	bool stalled, signalled, gone, ran;
} s;

static void new_round(const struct dma_fence_ops *ops)
{
	memset(&s, 0, sizeof(s));
	s.f = stress_fence(ops);
}

/* Older kernels do not clear the ops of a signalled fence. */
#if CORE_TREE >= 702

/* H8: the ops are cleared between two reads of them. */

static void signal_it(void)
{
	dma_fence_signal(s.f);
	raise_flag(s.signalled);
}

static bool not_done(struct dma_fence *fence)
{
	return false;
}

static void take_note(struct dma_fence *fence, ktime_t deadline)
{
}

static const struct dma_fence_ops polled_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.signaled = not_done,
	.set_deadline = take_note,
};

/* The reader stops at one of its reads of the ops or of the flag. */
static void h08_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (stress_role() != 0)
		return;
	if (!(where == STRESS_DEREF && what == &s.f->ops) &&
	    !(where == STRESS_TEST_BIT && what == &s.f->flags))
		return;
	if (s.points++ != s.stop_at)
		return;
	raise_flag(s.stalled);
	await_flag(s.signalled);
}

static int h08_kind;

static void h08_read(void)
{
	unsigned long flags;

	switch (h08_kind) {
	case 0:
		dma_fence_is_signaled(s.f);
		break;
	case 1:
		dma_fence_set_deadline(s.f, 1);
		break;
	case 2:
		rcu_read_lock();
		dma_fence_driver_name(s.f);
		rcu_read_unlock();
		break;
	case 3:
		rcu_read_lock();
		dma_fence_timeline_name(s.f);
		rcu_read_unlock();
		break;
	case 4:
		/*
		 * The fence cannot be signalled while the lock is held: do not
		 * stop there.
		 */
		s.points = s.stop_at + 1;
		raise_flag(s.stalled);
		dma_fence_lock_irqsave(s.f, flags);
		dma_fence_is_signaled_locked(s.f);
		dma_fence_unlock_irqrestore(s.f, flags);
		break;
	}
	raise_flag(s.stalled);
}

static void h08_signal(void)
{
	await_flag(s.stalled);
	signal_it();
}

static void h08_ops_are_looked_at_once(void **state)
{
	int i;

	stress_team(h08_read, h08_signal);
	for (i = 0; i < stress_rounds(4000); i++) {
		new_round(&polled_ops);
		stress_set_hook(i & 1 ? h08_hook : NULL);
		s.stop_at = i / 2 % 5;
		h08_kind = i / 10 % 5;
		stress_team_round();
		assert_null(rcu_access_pointer(s.f->ops));
		dma_fence_put(s.f);
	}
	stress_team_stop();
}

/* The work is done, and nothing has signalled the fence yet. */
static bool always_done(struct dma_fence *fence)
{
	return true;
}

static const struct dma_fence_ops done_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.signaled = always_done,
};

static bool h08_answer;

static void h08_ask(void)
{
	h08_answer = dma_fence_is_signaled(s.f);
	raise_flag(s.stalled);
}

/* The ops are cleared between the test of the flag and the look at them. */
static void h08_what_the_op_would_say_stays_true(void **state)
{
	bool any_no = false;
	int i;

	stress_team(h08_ask, h08_signal);
	stress_set_hook(h08_hook);
	for (i = 0; i < stress_rounds(1000); i++) {
		new_round(&done_ops);
		s.stop_at = i % 3;
		stress_team_round();
		any_no |= !h08_answer;
		dma_fence_put(s.f);
	}
	stress_team_stop();
	assert_int_equal(any_no, CORE_KERNEL("dma_fence_is_signaled() may be false although the signaled op would say yes"));
}

/* H8, H9: a grace period after signalling, the producer is gone. */

static char driver_name[16], timeline_name[16];

/* An op that runs long enough for an early end of the producer to show. */
static void in_op(void)
{
	if (stress_role() == 0) {
		raise_flag(s.stalled);
		stress_until(READ_ONCE(s.gone), 3 * STRESS_WINDOW_MS);
	}
	stress_check(!READ_ONCE(s.gone));
}

static const char *going_driver_name(struct dma_fence *fence)
{
	in_op();
	return driver_name;
}

static const char *going_timeline_name(struct dma_fence *fence)
{
	in_op();
	return timeline_name;
}

static bool going_signaled(struct dma_fence *fence)
{
	in_op();
	return false;
}

static void going_deadline(struct dma_fence *fence, ktime_t deadline)
{
	in_op();
}

static const struct dma_fence_ops going_ops = {
	.get_driver_name = going_driver_name,
	.get_timeline_name = going_timeline_name,
	.signaled = going_signaled,
	.set_deadline = going_deadline,
};
/* The same with a release op, so that the fence keeps its ops. */
static const struct dma_fence_ops going_counted_ops = {
	.get_driver_name = going_driver_name,
	.get_timeline_name = going_timeline_name,
	.signaled = going_signaled,
	.set_deadline = going_deadline,
	.release = stress_counted_release,
};

static void h09_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
}

static void h09_read(void)
{
	const char *name;
	struct seq_file m;

	switch (h08_kind) {
	case 0:
		dma_fence_is_signaled(s.f);
		break;
	case 1:
		dma_fence_set_deadline(s.f, 1);
		break;
	case 2:
		rcu_read_lock();
		name = dma_fence_driver_name(s.f);
		stress_check(!strcmp(name, "going") ||
			     !strcmp(name, "detached-driver"));
		rcu_read_unlock();
		break;
	case 3:
		rcu_read_lock();
		name = dma_fence_timeline_name(s.f);
		stress_check(!strcmp(name, "going") ||
			     !strcmp(name, "signaled-timeline"));
		rcu_read_unlock();
		break;
	case 4:
		lfshim_seq_open(&m);
		dma_fence_describe(s.f, &m);
		stress_check(strstr(lfshim_seq_text(&m), "signalled"));
		stress_check(!strstr(lfshim_seq_text(&m), "gone"));
		lfshim_seq_release(&m);
		break;
	}
	raise_flag(s.stalled);
}

static void h09_signal_and_go(void)
{
	await_flag(s.stalled);
	dma_fence_signal(s.f);
	synchronize_rcu();
	raise_flag(s.gone);
	strcpy(driver_name, "gone");
	strcpy(timeline_name, "gone");
}

static void h09_ops_and_names_last_a_grace_period(void **state)
{
	int i;

	stress_team(h09_read, h09_signal_and_go);
	/* The ops are held up by themselves, not at points. */
	stress_set_hook(h09_hook);
	for (i = 0; i < stress_rounds(50); i++) {
		strcpy(driver_name, "going");
		strcpy(timeline_name, "going");
		new_round(i & 1 ? &going_ops : &going_counted_ops);
		h08_kind = i / 2 % 5;
		stress_team_round();
		/* The producer is not called any more. */
		h09_read();
		rcu_read_lock();
		assert_string_equal(dma_fence_driver_name(s.f),
				    "detached-driver");
		assert_string_equal(dma_fence_timeline_name(s.f),
				    "signaled-timeline");
		rcu_read_unlock();
		dma_fence_put(s.f);
	}
	stress_team_stop();
	assert_int_equal(stress_live(), 0);
}

#endif

/* H10: a callback drops the last reference, before the unlock. */

static void note_freed(struct rcu_head *head)
{
	raise_flag(s.gone);
}

static void put_last(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	dma_fence_put(fence);
	/* Queued after the fence's own callback: has the fence been freed? */
	call_rcu(&s.freed_head, note_freed);
	assert_false(stress_until(READ_ONCE(s.gone), 25 * STRESS_WINDOW_MS));
	s.ran = true;
}

static void h10_locked_fence_is_not_freed(void **state)
{
	int i;

	for (i = 0; i < 4; i++) {
		new_round(i & 1 ? &stress_plain_ops : &stress_counted_ops);
		dma_fence_add_callback(s.f, &s.cb, put_last);
		dma_fence_signal(s.f);
		assert_true(s.ran);
		rcu_barrier();
		assert_true(s.gone);
	}
	assert_int_equal(stress_live(), 0);
}

static void h10_reader_keeps_the_memory(void **state)
{
	void *others[16];
	u64 context;
	int i, j;

	for (i = 0; i < 50; i++) {
		new_round(&stress_plain_ops);
		context = s.f->context;
		rcu_read_lock();
		dma_fence_put(s.f);
		for (j = 0; j < ARRAY_SIZE(others); j++) {
			others[j] = kmalloc(ksize(s.f), GFP_ATOMIC);
			assert_ptr_not_equal(others[j], s.f);
		}
		/*
		 * There is no reference left, and the memory is still a fence.
		 */
		assert_true(s.f->context == context);
		assert_true(dma_fence_was_initialized(s.f));
		assert_null(dma_fence_get_rcu(s.f));
		rcu_read_unlock();
		for (j = 0; j < ARRAY_SIZE(others); j++)
			kfree(others[j]);
	}
}

static void read_slot(void)
{
	struct dma_fence *f;
	u64 context;
	int i;

	for (i = 0; i < 20; i++) {
		rcu_read_lock();
		f = rcu_dereference(s.slot);
		context = READ_ONCE(f->context);
		stress_point(STRESS_OTHER_EVENT, f, 0);
		stress_check(context == READ_ONCE(f->context));
		stress_check(dma_fence_was_initialized(f));
		f = dma_fence_get_rcu(f);
		rcu_read_unlock();
		if (f) {
			stress_check(f->context == context);
			dma_fence_put(f);
		}
	}
}

static void replace_slot(void)
{
	struct dma_fence *old, *fence;
	int i;

	for (i = 0; i < 20; i++) {
		fence = stress_try_fence(&stress_plain_ops);
		stress_check(fence);
		if (!fence)
			break;
		old = rcu_dereference_protected(s.slot, true);
		rcu_assign_pointer(s.slot, fence);
		dma_fence_put(old);
	}
}

static void h10_fences_are_freed_behind_readers(void **state)
{
	int i;

	memset(&s, 0, sizeof(s));
	s.slot = stress_fence(&stress_plain_ops);
	stress_team(read_slot, replace_slot);
	for (i = 0; i < stress_rounds(500); i++)
		stress_team_round();
	stress_team_stop();
	dma_fence_put(s.slot);
}

/* H35: the producer dropped a fence that still has callbacks. */

static void note_deadlock(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	s.ran = fence->error == -EDEADLK && !kref_read(&fence->refcount) &&
		dma_fence_test_signaled_flag(fence);
}

static void h35_release_signals_a_fence_with_callbacks(void **state)
{
	new_round(&stress_counted_ops);
	dma_fence_add_callback(s.f, &s.cb, note_deadlock);
	assert_warns_like("released with pending signals",
			  dma_fence_put(s.f));
	assert_true(s.ran);
	assert_true(list_empty(&s.cb.node));
	assert_int_equal(stress_live(), 0);

	/* Without callbacks the fence is not signalled. */
	new_round(&stress_counted_ops);
	dma_fence_put(s.f);
	assert_int_equal(stress_live(), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#if CORE_TREE >= 702
		TEST(h08_ops_are_looked_at_once),
		TEST(h08_what_the_op_would_say_stays_true),
		TEST(h09_ops_and_names_last_a_grace_period),
#endif
		TEST(h10_locked_fence_is_not_freed),
		TEST(h10_reader_keeps_the_memory),
		TEST(h10_fences_are_freed_behind_readers),
		TEST(h35_release_signals_a_fence_with_callbacks),
	};

	/* Reports why the tests of H8 and H9 are left out. */
	CORE_BEFORE(702, "signalling does not clear the ops of a fence");
	return STRESS_MAIN("stress-lifetime", tests);
}
