// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The states of a work item: the result of each operation in each state, the
 * state it leads to, and whether it waits. One test for each cell of this table;
 * cancel_work_in_RQ tests cancel_work() of an item in the state RQ.
 *
 *	I	idle
 *	T	the timer is armed
 *	G	in transit: a thread has set PENDING, and has not queued it yet
 *	Q	on the list of its queue
 *	R	running
 *	RQ, RT	running, and queued or armed again
 *	D, DR	disabled, and idle or running
 */

#include "helpers.h"
#include <linux/completion.h>
#include <linux/workqueue.h>

#define FAR	(1000 * HZ)

enum state { I, T, G, Q, R, RQ, RT, D, DR };

static const struct {
	const char *name;
	bool pending, timer, disabled;
	unsigned int busy;
} states[] = {
	[I] = { "I" },
	[T] = { "T", .pending = true, .busy = 1, .timer = true },
	[G] = { "G", .pending = true, .busy = 1 },
	[Q] = { "Q", .pending = true, .busy = 1 },
	[R] = { "R", .busy = 2 },
	[RQ] = { "RQ", .pending = true, .busy = 3 },
	[RT] = { "RT", .pending = true, .busy = 3, .timer = true },
	[D] = { "D", .disabled = true },
	[DR] = { "DR", .busy = 2, .disabled = true },
};

static struct workqueue_struct *wq;
static struct delayed_work item;
static struct work_struct blocker;
/* The functions of both wait for it. */
static struct completion gate;
static struct completion item_runs, blocker_runs;

static void item_fn(struct work_struct *work)
{
	complete(&item_runs);
	wait_for_completion(&gate);
}

static void blocker_fn(struct work_struct *work)
{
	complete(&blocker_runs);
	wait_for_completion(&gate);
}

/* The queue runs one item at a time: the item or the blocker. */
static void enter(enum state s)
{
	wq = alloc_workqueue("cells", WQ_UNBOUND, 1);
	assert_non_null(wq);
	init_completion(&gate);
	init_completion(&item_runs);
	init_completion(&blocker_runs);
	INIT_DELAYED_WORK(&item, item_fn);
	INIT_WORK(&blocker, blocker_fn);
	if (states[s].busy & WORK_BUSY_RUNNING) {
		assert_true(queue_work(wq, &item.work));
		wait_for_completion(&item_runs);
	} else {
		assert_true(queue_work(wq, &blocker));
		wait_for_completion(&blocker_runs);
	}
	if (s == Q || s == RQ)
		assert_true(queue_work(wq, &item.work));
	if (s == T || s == RT)
		assert_true(queue_delayed_work(wq, &item, FAR));
	if (s == D || s == DR)
		assert_false(disable_work(&item.work));
	/* This thread is the one that is about to queue it. */
	if (s == G)
		set_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(&item.work));
}

static void check_state(enum state s)
{
	bool pending = work_pending(&item.work);

	if (pending != states[s].pending ||
	    delayed_work_pending(&item) != pending ||
	    work_busy(&item.work) != states[s].busy ||
	    timer_pending(&item.timer) != states[s].timer)
		fail_msg("expected state %s: pending %d busy %u timer %d",
			 states[s].name, pending, work_busy(&item.work),
			 timer_pending(&item.timer));
	/* This changes the state, so it comes last. */
	if (!pending)
		assert_int_equal(queue_work(wq, &item.work),
				 !states[s].disabled);
}

static void leave(void)
{
	cancel_delayed_work(&item);
	complete_all(&gate);
	while (item.work.lfshim_disabled)
		enable_work(&item.work);
	cancel_delayed_work_sync(&item);
	destroy_workqueue(wq);
}

/* The operations */

static bool do_queue_work(void)
{
	return queue_work(wq, &item.work);
}

static bool do_queue_delayed_work(void)
{
	return queue_delayed_work(wq, &item, FAR);
}

static bool do_queue_delayed_work_0(void)
{
	return queue_delayed_work(wq, &item, 0);
}

static bool do_mod_delayed_work(void)
{
	return mod_delayed_work(wq, &item, FAR);
}

static bool do_mod_delayed_work_0(void)
{
	return mod_delayed_work(wq, &item, 0);
}

#define ON_WORK(op)							\
	static bool do_##op(void)					\
	{								\
		return op(&item.work);					\
	}
#define ON_DELAYED(op)							\
	static bool do_##op(void)					\
	{								\
		return op(&item);					\
	}
ON_WORK(cancel_work)
ON_WORK(cancel_work_sync)
ON_WORK(disable_work)
ON_WORK(disable_work_sync)
ON_WORK(enable_work)
ON_WORK(flush_work)
ON_DELAYED(cancel_delayed_work)
ON_DELAYED(cancel_delayed_work_sync)
ON_DELAYED(disable_delayed_work)
ON_DELAYED(disable_delayed_work_sync)
ON_DELAYED(enable_delayed_work)
ON_DELAYED(flush_delayed_work)

/* Only the state is checked. */
static bool do_observe(void)
{
	return false;
}

/* An operation that returns at once. */
static void check_at_once(bool (*op)(void), enum state s, bool ret,
			  enum state to)
{
	enter(s);
	assert_int_equal(op(), ret);
	check_state(to);
	if (to == G)
		clear_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(&item.work));
	leave();
}

struct call {
	bool (*op)(void);
	bool done;
};

static int call_op(void *data)
{
	struct call *call = data;
	bool ret = call->op();

	WRITE_ONCE(call->done, true);
	return ret;
}

/* An operation that sleeps until the gate opens. */
static void check_waits(bool (*op)(void), enum state s, bool ret, enum state to)
{
	struct call call = { .op = op };
	struct task_struct *task;

	enter(s);
	task = start(call_op, &call);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	msleep(2);
	assert_false(READ_ONCE(call.done));
	complete_all(&gate);
	assert_int_equal(finish(task), ret);
	check_state(to);
	leave();
}

/* An operation that tries again until the item is no longer in transit. */
static void check_spins(bool (*op)(void), enum state s, bool ret, enum state to)
{
	struct call call = { .op = op };
	struct task_struct *task;

	enter(s);
	task = start(call_op, &call);
	msleep(5);
	assert_false(READ_ONCE(call.done));
	clear_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(&item.work));
	assert_int_equal(finish(task), ret);
	check_state(to);
	leave();
}

/* HOW(operation, state, returns, new state) */
#define CELLS(AT_ONCE, WAITS, SPINS)					\
	AT_ONCE(observe, I, false, I)					\
	AT_ONCE(observe, T, false, T)					\
	AT_ONCE(observe, G, false, G)					\
	AT_ONCE(observe, Q, false, Q)					\
	AT_ONCE(observe, R, false, R)					\
	AT_ONCE(observe, RQ, false, RQ)					\
	AT_ONCE(observe, RT, false, RT)					\
	AT_ONCE(observe, D, false, D)					\
	AT_ONCE(observe, DR, false, DR)					\
									\
	AT_ONCE(queue_work, I, true, Q)					\
	AT_ONCE(queue_work, T, false, T)				\
	AT_ONCE(queue_work, G, false, G)				\
	AT_ONCE(queue_work, Q, false, Q)				\
	AT_ONCE(queue_work, R, true, RQ)				\
	AT_ONCE(queue_work, RQ, false, RQ)				\
	AT_ONCE(queue_work, RT, false, RT)				\
	AT_ONCE(queue_work, D, false, D)				\
	AT_ONCE(queue_work, DR, false, DR)				\
									\
	AT_ONCE(queue_delayed_work, I, true, T)				\
	AT_ONCE(queue_delayed_work, T, false, T)			\
	AT_ONCE(queue_delayed_work, G, false, G)			\
	AT_ONCE(queue_delayed_work, Q, false, Q)			\
	AT_ONCE(queue_delayed_work, R, true, RT)			\
	AT_ONCE(queue_delayed_work, RQ, false, RQ)			\
	AT_ONCE(queue_delayed_work, RT, false, RT)			\
	AT_ONCE(queue_delayed_work, D, false, D)			\
	AT_ONCE(queue_delayed_work, DR, false, DR)			\
									\
	AT_ONCE(queue_delayed_work_0, I, true, Q)			\
	AT_ONCE(queue_delayed_work_0, T, false, T)			\
	AT_ONCE(queue_delayed_work_0, G, false, G)			\
	AT_ONCE(queue_delayed_work_0, Q, false, Q)			\
	AT_ONCE(queue_delayed_work_0, R, true, RQ)			\
	AT_ONCE(queue_delayed_work_0, RQ, false, RQ)			\
	AT_ONCE(queue_delayed_work_0, RT, false, RT)			\
	AT_ONCE(queue_delayed_work_0, D, false, D)			\
	AT_ONCE(queue_delayed_work_0, DR, false, DR)			\
									\
	AT_ONCE(mod_delayed_work, I, false, T)				\
	AT_ONCE(mod_delayed_work, T, true, T)				\
	SPINS(mod_delayed_work, G, false, T)				\
	AT_ONCE(mod_delayed_work, Q, true, T)				\
	AT_ONCE(mod_delayed_work, R, false, RT)				\
	AT_ONCE(mod_delayed_work, RQ, true, RT)				\
	AT_ONCE(mod_delayed_work, RT, true, RT)				\
	AT_ONCE(mod_delayed_work, D, false, D)				\
	AT_ONCE(mod_delayed_work, DR, false, DR)			\
									\
	AT_ONCE(mod_delayed_work_0, I, false, Q)			\
	AT_ONCE(mod_delayed_work_0, T, true, Q)				\
	SPINS(mod_delayed_work_0, G, false, Q)				\
	AT_ONCE(mod_delayed_work_0, Q, true, Q)				\
	AT_ONCE(mod_delayed_work_0, R, false, RQ)			\
	AT_ONCE(mod_delayed_work_0, RQ, true, RQ)			\
	AT_ONCE(mod_delayed_work_0, RT, true, RQ)			\
	AT_ONCE(mod_delayed_work_0, D, false, D)			\
	AT_ONCE(mod_delayed_work_0, DR, false, DR)			\
									\
	AT_ONCE(cancel_work, I, false, I)				\
	SPINS(cancel_work, G, false, I)					\
	AT_ONCE(cancel_work, Q, true, I)				\
	AT_ONCE(cancel_work, R, false, R)				\
	AT_ONCE(cancel_work, RQ, true, R)				\
	AT_ONCE(cancel_work, D, false, D)				\
	AT_ONCE(cancel_work, DR, false, DR)				\
									\
	AT_ONCE(cancel_delayed_work, I, false, I)			\
	AT_ONCE(cancel_delayed_work, T, true, I)			\
	SPINS(cancel_delayed_work, G, false, I)				\
	AT_ONCE(cancel_delayed_work, Q, true, I)			\
	AT_ONCE(cancel_delayed_work, R, false, R)			\
	AT_ONCE(cancel_delayed_work, RQ, true, R)			\
	AT_ONCE(cancel_delayed_work, RT, true, R)			\
	AT_ONCE(cancel_delayed_work, D, false, D)			\
	AT_ONCE(cancel_delayed_work, DR, false, DR)			\
									\
	AT_ONCE(cancel_work_sync, I, false, I)				\
	SPINS(cancel_work_sync, G, false, I)				\
	AT_ONCE(cancel_work_sync, Q, true, I)				\
	WAITS(cancel_work_sync, R, false, I)				\
	WAITS(cancel_work_sync, RQ, true, I)				\
	AT_ONCE(cancel_work_sync, D, false, D)				\
	WAITS(cancel_work_sync, DR, false, D)				\
									\
	AT_ONCE(cancel_delayed_work_sync, I, false, I)			\
	AT_ONCE(cancel_delayed_work_sync, T, true, I)			\
	SPINS(cancel_delayed_work_sync, G, false, I)			\
	AT_ONCE(cancel_delayed_work_sync, Q, true, I)			\
	WAITS(cancel_delayed_work_sync, R, false, I)			\
	WAITS(cancel_delayed_work_sync, RQ, true, I)			\
	WAITS(cancel_delayed_work_sync, RT, true, I)			\
	AT_ONCE(cancel_delayed_work_sync, D, false, D)			\
	WAITS(cancel_delayed_work_sync, DR, false, D)			\
									\
	AT_ONCE(disable_work, I, false, D)				\
	SPINS(disable_work, G, false, D)				\
	AT_ONCE(disable_work, Q, true, D)				\
	AT_ONCE(disable_work, R, false, DR)				\
	AT_ONCE(disable_work, RQ, true, DR)				\
	AT_ONCE(disable_work, D, false, D)				\
	AT_ONCE(disable_work, DR, false, DR)				\
									\
	AT_ONCE(disable_delayed_work, I, false, D)			\
	AT_ONCE(disable_delayed_work, T, true, D)			\
	SPINS(disable_delayed_work, G, false, D)			\
	AT_ONCE(disable_delayed_work, Q, true, D)			\
	AT_ONCE(disable_delayed_work, R, false, DR)			\
	AT_ONCE(disable_delayed_work, RQ, true, DR)			\
	AT_ONCE(disable_delayed_work, RT, true, DR)			\
	AT_ONCE(disable_delayed_work, D, false, D)			\
	AT_ONCE(disable_delayed_work, DR, false, DR)			\
									\
	AT_ONCE(disable_work_sync, I, false, D)				\
	SPINS(disable_work_sync, G, false, D)				\
	AT_ONCE(disable_work_sync, Q, true, D)				\
	WAITS(disable_work_sync, R, false, D)				\
	WAITS(disable_work_sync, RQ, true, D)				\
	AT_ONCE(disable_work_sync, D, false, D)				\
	WAITS(disable_work_sync, DR, false, D)				\
									\
	AT_ONCE(disable_delayed_work_sync, I, false, D)			\
	AT_ONCE(disable_delayed_work_sync, T, true, D)			\
	SPINS(disable_delayed_work_sync, G, false, D)			\
	AT_ONCE(disable_delayed_work_sync, Q, true, D)			\
	WAITS(disable_delayed_work_sync, R, false, D)			\
	WAITS(disable_delayed_work_sync, RQ, true, D)			\
	WAITS(disable_delayed_work_sync, RT, true, D)			\
	AT_ONCE(disable_delayed_work_sync, D, false, D)			\
	WAITS(disable_delayed_work_sync, DR, false, D)			\
									\
	AT_ONCE(enable_work, D, true, I)				\
	AT_ONCE(enable_work, DR, true, R)				\
	AT_ONCE(enable_delayed_work, D, true, I)			\
	AT_ONCE(enable_delayed_work, DR, true, R)			\
									\
	AT_ONCE(flush_work, I, false, I)				\
	AT_ONCE(flush_work, T, false, T)				\
	AT_ONCE(flush_work, G, false, G)				\
	WAITS(flush_work, Q, true, I)					\
	WAITS(flush_work, R, true, I)					\
	WAITS(flush_work, RQ, true, I)					\
	WAITS(flush_work, RT, true, T)					\
	AT_ONCE(flush_work, D, false, D)				\
	WAITS(flush_work, DR, true, D)					\
									\
	AT_ONCE(flush_delayed_work, I, false, I)			\
	WAITS(flush_delayed_work, T, true, I)				\
	SPINS(flush_delayed_work, G, false, I)				\
	WAITS(flush_delayed_work, Q, true, I)				\
	WAITS(flush_delayed_work, R, true, I)				\
	WAITS(flush_delayed_work, RQ, true, I)				\
	WAITS(flush_delayed_work, RT, true, I)				\
	AT_ONCE(flush_delayed_work, D, false, D)			\
	WAITS(flush_delayed_work, DR, true, D)

#define DEFINE(check, op, state, ret, to)				\
	static void op##_in_##state(void **unused)			\
	{								\
		check(do_##op, state, ret, to);				\
	}
#define DEFINE_AT_ONCE(op, state, ret, to) \
	DEFINE(check_at_once, op, state, ret, to)
#define DEFINE_WAITS(op, state, ret, to) \
	DEFINE(check_waits, op, state, ret, to)
#define DEFINE_SPINS(op, state, ret, to) \
	DEFINE(check_spins, op, state, ret, to)
CELLS(DEFINE_AT_ONCE, DEFINE_WAITS, DEFINE_SPINS)

/* Disabled twice: the first enable_work() is not enough. */
static void enable_work_in_D2(void **unused)
{
	enter(D);
	assert_false(disable_work(&item.work));
	assert_false(enable_work(&item.work));
	check_state(D);
	assert_true(enable_work(&item.work));
	check_state(I);
	leave();
}

/*
 * Without a disable_work(), both warn, once per program. The kernel takes the
 * item off, and so does this.
 */
static void enable_work_in_I_and_in_Q_warns(void **unused)
{
	assert_warns_like("underflow", {
		enter(I);
		assert_true(enable_work(&item.work));
		check_state(I);
		leave();
		enter(Q);
		assert_true(enable_work(&item.work));
		check_state(I);
		leave();
	});
}

/* An item that was refused while it was disabled is not queued later. */
static void enable_and_queue_work_in_D(void **unused)
{
	enter(D);
	assert_false(disable_work(&item.work));
	assert_false(enable_and_queue_work(wq, &item.work));
	assert_false(work_pending(&item.work));
	assert_true(enable_and_queue_work(wq, &item.work));
	check_state(Q);
	leave();
}

static void flush_work_of_a_zeroed_item_warns(void **unused)
{
	struct work_struct zero = { 0 };

	assert_warns_like("func", assert_false(flush_work(&zero)););
	assert_warns_like("func", assert_false(cancel_work_sync(&zero)););
}

#define LIST(op, state, ret, to)	TEST(op##_in_##state),

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CELLS(LIST, LIST, LIST)
		TEST(enable_work_in_D2),
		TEST(enable_work_in_I_and_in_Q_warns),
		TEST(enable_and_queue_work_in_D),
		TEST(flush_work_of_a_zeroed_item_warns),
	};

	return TEST_MAIN("workqueue-cells", tests);
}
