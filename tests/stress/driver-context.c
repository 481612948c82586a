// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A context is destroyed while other threads use fences on it. */
#include "driver.h"

/* A payload with ops and no destructor, and one with only a destructor. */
struct polled {
	int id;
};
struct load {
	u32 life;
};

static struct libfence_context *ctx;
static atomic_t destroyed;
static struct round {
	/* The fence without a reference, for comparisons. */
	const struct libfence *f;
	/* The owner has one of the first two. */
	struct polled_fence *polled;
	struct load_fence *load;
	struct polled_fence *other;
	/*
	 * The op or name that the reader is in; the fence is on the overflow
	 * list.
	 */
	int op;
	bool overflowed, owner_signals;
	/* A callback without a reference to the fence. */
	struct dma_fence_cb cb;
	int ran, status, destroyed_then;
	/* Flags: how far each member has come. */
	bool in_op, stalled, picked, ended, synced, gone;
	atomic_t released, ops;
} s;

static void hold_reader(void)
{
	if (stress_role() != 0 || s.in_op)
		return;
	raise_flag(s.in_op);
	stress_check(!stress_until(READ_ONCE(s.gone), 3 * STRESS_WINDOW_MS));
}

static bool polled_signaled(struct polled *payload)
{
	atomic_inc(&s.ops);
	if (s.op == 0)
		hold_reader();
	return false;
}

static void polled_deadline(struct polled *payload, int64_t deadline)
{
	atomic_inc(&s.ops);
	if (s.op == 1)
		hold_reader();
}

static const LIBFENCE_OPS(struct polled) polled_ops = {
	.signaled = polled_signaled,
	.set_deadline = polled_deadline,
};
LIBFENCE_PAYLOAD_OPS(polled, struct polled, polled_ops);

static void load_destroy(struct load *load)
{
	stress_check(load->life == ALIVE);
	load->life = DEAD;
	atomic_inc(&destroyed);
}

static const LIBFENCE_OPS(struct load) load_ops = {
	.destroy = load_destroy,
};
LIBFENCE_PAYLOAD_OPS(load, struct load, load_ops);

static struct polled_fence *commit_polled(void)
{
	struct polled_prep *prep = polled_prepare(NULL);

	assert_non_null(prep);
	return polled_commit(ctx, &prep);
}

static void note_status(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	s.ran++;
	s.status = libfence_status_racy(libfence_borrow_dma_fence(fence));
}

static void watch(void)
{
	assert_int_equal(dma_fence_add_callback(libfence_to_dma_fence(s.f),
						&s.cb, note_status), 0);
}

/* A context with one fence on it, in its slot or on the overflow list. */
static void new_round(bool overflowed, bool has_destructor)
{
	struct load_prep *prep;
	int i;

	memset(&s, 0, sizeof(s));
	atomic_set(&destroyed, 0);
	stress_set_hook(NULL);
	ctx = new_context();
	s.overflowed = overflowed;
	if (overflowed)
		s.other = commit_polled();
	for (i = 1; overflowed && i < NR_SLOTS; i++) {
		struct polled_fence *between = commit_polled();

		polled_fence_signal(&between, 0);
	}
	if (has_destructor) {
		prep = load_prepare(&(struct load){ .life = ALIVE });
		assert_non_null(prep);
		s.load = load_commit(ctx, &prep);
		s.f = load_fence_consumer(s.load);
	} else {
		s.polled = commit_polled();
		s.f = polled_fence_consumer(s.polled);
	}
	if (overflowed)
		polled_fence_signal(&s.other, 0);
}

static void end_round(void)
{
	if (s.polled)
		polled_fence_drop(&s.polled);
	if (s.load)
		load_fence_drop(&s.load);
}

static void destroy(void)
{
	libfence_context_destroy(&ctx);
	s.destroyed_then = atomic_read(&destroyed);
	raise_flag(s.gone);
}

/* D7: a reader is in an op, or has a name, when the context is destroyed. */

static void d07_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	/*
	 * The reader has loaded the ops and read the flag; next it asks for the
	 * name.
	 */
	if (s.op > 1 && where == STRESS_TEST_BIT &&
	    what == &libfence_to_dma_fence(s.f)->flags)
		hold_reader();
}

static void read_by(int op, const char *driver, const char *timeline)
{
	char name[32] = "";

	switch (op) {
	case 0:
		libfence_is_signaled(s.f);
		break;
	case 1:
		libfence_set_deadline(s.f, 1);
		break;
	case 2:
		libfence_driver_name(s.f, name, sizeof(name));
		stress_check(!strcmp(name, driver));
		break;
	default:
		libfence_timeline_name(s.f, name, sizeof(name));
		stress_check(!strcmp(name, timeline));
	}
}

static void d07_read(void)
{
	read_by(s.op, "stress-driver", "stress-line");
}

static void d07_destroy(void)
{
	int ops, op;

	await_flag(s.in_op);
	if (s.owner_signals)
		polled_fence_signal(&s.polled, 0);
	destroy();
	/* From now on no op is called. */
	ops = atomic_read(&s.ops);
	for (op = 0; op < 4; op++)
		read_by(op, "detached-driver", "signaled-timeline");
	stress_check(atomic_read(&s.ops) == ops);
}

static void d07_destroy_waits_for_readers(void **state)
{
	struct libfence *f;
	int i;

	stress_team(d07_read, d07_destroy);
	for (i = 0; i < stress_rounds(48); i++) {
		new_round(i & 1, false);
		f = libfence_get(s.f);
		s.owner_signals = i & 2;
		s.op = i / 4 % 4;
		stress_set_hook(d07_hook);
		assert_warns(!s.owner_signals, stress_team_round());
		end_round();
		libfence_put(&f);
	}
	stress_team_stop();
}

/* D8: the owner and the context signal at the same time. */

static void note_progress(enum stress_where where, const volatile void *what)
{
	if (where == STRESS_SYNC_RCU && stress_role() == 1)
		raise_flag(s.synced);
	if (where == STRESS_DESTROY && what == s.f)
		atomic_inc(&s.released);
}

static void d08_owner_hook(enum stress_where where, const volatile void *what,
			   long nr)
{
	note_progress(where, what);
	if (where == STRESS_LOCK && what == lock_of(s.f) &&
	    stress_role() == 0 && !s.stalled) {
		raise_flag(s.stalled);
		/* Destroying the context waits for this thread in the end. */
		stress_check(await_flag(s.synced));
	}
}

static void d08_end(void)
{
	if (s.load)
		load_fence_signal(&s.load, -EIO);
	else
		polled_fence_signal(&s.polled, -EIO);
	raise_flag(s.ended);
}

static void d08_destroy_after_stall(void)
{
	await_flag(s.stalled);
	destroy();
}

static void d08_context_signals_first(void **state)
{
	int i;

	stress_team(d08_end, d08_destroy_after_stall);
	for (i = 0; i < stress_rounds(80); i++) {
		new_round(i & 1, i & 2);
		watch();
		stress_set_hook(d08_owner_hook);
		assert_warns(1, stress_team_round());
		assert_int_equal(s.ran, 1);
		assert_int_equal(s.status, -ECANCELED);
		libfence_barrier();
		assert_int_equal(atomic_read(&destroyed), !!(i & 2));
		assert_int_equal(atomic_read(&s.released), 1);
	}
	stress_team_stop();
}

/* Destroying the context has found the fence and has not signalled it yet. */
static void d08_context_hook(enum stress_where where,
			      const volatile void *what, long nr)
{
	note_progress(where, what);
	if (stress_role() != 1)
		return;
	if (where == STRESS_DEREF && READ_ONCE(*(void **)what) == s.f)
		s.picked = true;
	if (where == STRESS_IRQ_ON && (s.picked || s.overflowed) && !s.stalled) {
		raise_flag(s.stalled);
		stress_check(await_flag(s.ended));
		/*
		 * The owner's references are dropped; destroying the context
		 * has one of its own.
		 */
		stress_check(!atomic_read(&s.released));
	}
}

static void d08_end_after_stall(void)
{
	await_flag(s.stalled);
	if (s.load)
		load_fence_signal(&s.load, -EIO);
	else
		polled_fence_signal(&s.polled, -EIO);
	rcu_barrier();
	raise_flag(s.ended);
}

static void d08_owner_signals_first(void **state)
{
	int i;

	stress_team(d08_end_after_stall, destroy);
	for (i = 0; i < stress_rounds(80); i++) {
		new_round(i & 1, i & 2);
		watch();
		stress_set_hook(d08_context_hook);
		stress_team_round();
		assert_true(s.stalled);
		assert_int_equal(s.ran, 1);
		assert_int_equal(s.status, -EIO);
		assert_int_equal(atomic_read(&destroyed), !!(i & 2));
		assert_int_equal(atomic_read(&s.released), 1);
	}
	stress_team_stop();
}

/* D8: the owner has signalled, and is about to schedule the destructor. */

static void d08_call_rcu_hook(enum stress_where where, const volatile void *what,
			    long nr)
{
	note_progress(where, what);
	if (where == STRESS_CALL_RCU && stress_role() == 0) {
		raise_flag(s.stalled);
		await_flag(s.synced);
		stress_check(!stress_until(READ_ONCE(s.gone),
					   3 * STRESS_WINDOW_MS));
	}
}

static void d08_destroy_waits_for_destructors(void **state)
{
	int i;

	stress_team(d08_end, d08_destroy_after_stall);
	for (i = 0; i < stress_rounds(60); i++) {
		new_round(i & 1, true);
		stress_set_hook(d08_call_rcu_hook);
		stress_team_round();
		assert_int_equal(s.destroyed_then, 1);
	}
	stress_team_stop();
}

/*
 * D9: destroying the context finds only fences to which it can take a
 * reference.
 */

static void d09_leave_hook(enum stress_where where, const volatile void *what,
			   long nr)
{
	note_progress(where, what);
	/*
	 * The last reference is dropped: nothing may find the fence any more.
	 */
	if (where == STRESS_DESTROY && what == s.f && stress_role() == 0) {
		raise_flag(s.stalled);
		stress_check(await_flag(s.synced));
	}
}

static void d09_fence_leaves_before_its_reference(void **state)
{
	int i;

	stress_team(d08_end, d08_destroy_after_stall);
	for (i = 0; i < stress_rounds(80); i++) {
		new_round(i & 1, false);
		stress_set_hook(d09_leave_hook);
		stress_team_round();
		assert_true(s.stalled);
		assert_int_equal(atomic_read(&s.released), 1);
	}
	stress_team_stop();
}

/* Found in its slot, and released before a reference was taken. */
static void d09_dead_hook(enum stress_where where, const volatile void *what,
			  long nr)
{
	note_progress(where, what);
	if (where == STRESS_DEREF && stress_role() == 1 && !s.stalled &&
	    READ_ONCE(*(void **)what) == s.f) {
		raise_flag(s.stalled);
		stress_check(await_flag(s.ended));
	}
}

static void d09_end_after_stall(void)
{
	await_flag(s.stalled);
	d08_end();
}

static void d09_dead_fence_is_not_taken(void **state)
{
	int i;

	stress_team(d09_end_after_stall, destroy);
	for (i = 0; i < stress_rounds(80); i++) {
		new_round(false, false);
		watch();
		stress_set_hook(d09_dead_hook);
		stress_team_round();
		assert_true(s.stalled);
		assert_int_equal(s.ran, 1);
		assert_int_equal(s.status, -EIO);
		assert_int_equal(atomic_read(&s.released), 1);
	}
	stress_team_stop();
}

/* The owner is about to remove the fence from the overflow list. */
static void d09_overflow_hook(enum stress_where where, const volatile void *what,
			   long nr)
{
	note_progress(where, what);
	if (where == STRESS_LOCK && what != lock_of(s.f) &&
	    stress_role() == 0 && !s.stalled) {
		raise_flag(s.stalled);
		/*
		 * The fence's lock is held: no other thread removes the fence.
		 */
		stress_check(!stress_until(READ_ONCE(s.synced),
					   3 * STRESS_WINDOW_MS));
	}
}

static void d09_fence_leaves_the_overflow_list_once(void **state)
{
	int i;

	stress_team(d08_end, d08_destroy_after_stall);
	for (i = 0; i < stress_rounds(60); i++) {
		new_round(true, i & 1);
		watch();
		stress_set_hook(d09_overflow_hook);
		stress_team_round();
		assert_true(s.stalled);
		assert_int_equal(s.status, -EIO);
		assert_int_equal(s.ran, 1);
	}
	stress_team_stop();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(d07_destroy_waits_for_readers),
		TEST(d08_context_signals_first),
		TEST(d08_owner_signals_first),
		TEST(d08_destroy_waits_for_destructors),
		TEST(d09_fence_leaves_before_its_reference),
		TEST(d09_dead_fence_is_not_taken),
		TEST(d09_fence_leaves_the_overflow_list_once),
	};
	return STRESS_MAIN("stress-driver-context", tests);
}
