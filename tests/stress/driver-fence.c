// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A driver fence, its owner, its ops, and the threads that poll it. */
#include "driver.h"

struct load {
	u32 life;
	/* The fence with this payload, once it is committed. */
	const struct libfence *f;
};

enum op { OP_SIGNALED, OP_SIGNALED_LOCKED, OP_DEADLINE, OP_ENABLE, NR_OPS };
enum end { END_SUCCESS, END_ERROR, END_DROP, NR_ENDS };

static struct libfence_context *ctx;
static atomic_t destroyed;

static struct load_fence *owner;
static struct round {
	struct libfence *f;
	struct libfence_callback cb;
	enum op op;
	enum end end;
	/* An op is held up; the result of the signaled op. */
	bool holds, says;
	/* The member that is held up before it takes the fence's lock. */
	int held_role;
	/* Flags: how far each member has come. */
	bool in_op, stalled, polled, ended, seen;
	int ran, statuses[3];
	int64_t times[3];
} s;

/* The payload and its ops */

static void use(struct load *load, enum op op)
{
	stress_check(load->life == ALIVE);
	if (s.holds && s.op == op) {
		raise_flag(s.in_op);
		/*
		 * These two run with the fence's lock held, so the owner cannot
		 * end the fence.
		 */
		if (op == OP_SIGNALED || op == OP_DEADLINE)
			await_flag(s.ended);
		stress_check(!stress_until(atomic_read(&destroyed),
					   3 * STRESS_WINDOW_MS));
	} else {
		stress_point(STRESS_OTHER_EVENT, load, 0);
	}
	stress_check(load->life == ALIVE);
}

static bool load_enable(struct load *load)
{
	use(load, OP_ENABLE);
	return true;
}

static bool load_signaled(struct load *load)
{
	use(load, s.op == OP_SIGNALED_LOCKED ? OP_SIGNALED_LOCKED :
					       OP_SIGNALED);
	return READ_ONCE(s.says);
}

static void load_deadline(struct load *load, int64_t deadline)
{
	use(load, OP_DEADLINE);
}

static void load_destroy(struct load *load)
{
	stress_check(load->life == ALIVE);
	stress_check(libfence_is_signaled_racy(load->f));
	load->life = DEAD;
	atomic_inc(&destroyed);
}

static const LIBFENCE_OPS(struct load) load_ops = {
	.enable_signaling = load_enable,
	.signaled = load_signaled,
	.set_deadline = load_deadline,
	.destroy = load_destroy,
};
LIBFENCE_PAYLOAD_OPS(load, struct load, load_ops);

static void start(void)
{
	ctx = new_context();
	atomic_set(&destroyed, 0);
}

static void finish(int nr)
{
	stress_team_stop();
	libfence_barrier();
	stress_check_claims();
	assert_int_equal(atomic_read(&destroyed), nr);
	libfence_context_destroy(&ctx);
}

static void new_round(enum op op, enum end end)
{
	struct load_prep *prep = load_prepare(&(struct load){ .life = ALIVE });

	assert_non_null(prep);
	memset(&s, 0, sizeof(s));
	s.op = op;
	s.end = end;
	s.held_role = -1;
	owner = load_commit(ctx, &prep);
	s.f = load_fence_get(owner);
	load_fence_payload(owner)->f = s.f;
}

static int result_of(enum end end)
{
	switch (end) {
	case END_ERROR:
		return -EIO;
	case END_DROP:
		return -ECANCELED;
	default:
		return 1;
	}
}

static void end_it(void)
{
	if (s.end == END_DROP)
		load_fence_drop(&owner);
	else
		load_fence_signal(&owner, s.end == END_ERROR ? -EIO : 0);
	raise_flag(s.ended);
}

/* D1: the payload is destroyed while an op is using it. */

static void use_op(enum op op)
{
	int ret;

	switch (op) {
	case OP_SIGNALED:
		libfence_is_signaled(s.f);
		break;
	case OP_SIGNALED_LOCKED:
		libfence_status(s.f);
		break;
	case OP_DEADLINE:
		libfence_set_deadline(s.f, 1);
		break;
	default:
		ret = libfence_wait(s.f, 0);
		stress_check(!ret || ret == -ETIMEDOUT);
	}
}

static void d01_use(void)
{
	use_op(s.op);
	raise_flag(s.in_op);
}

static void d01_end(void)
{
	await_flag(s.in_op);
	end_it();
}

static void no_delay(enum stress_where where, const volatile void *what,
		     long nr)
{
}

static void d01_payload_outlives_the_op(void **state)
{
	int i;

	start();
	stress_team(d01_use, d01_end);
	/* The ops are held up by themselves, not at points. */
	stress_set_hook(no_delay);
	for (i = 0; i < stress_rounds(48); i++) {
		new_round(i % NR_OPS, i / NR_OPS % NR_ENDS);
		atomic_set(&destroyed, 0);
		s.holds = true;
		assert_warns(s.end == END_DROP, stress_team_round());
		libfence_barrier();
		stress_check_claims();
		assert_int_equal(atomic_read(&destroyed), 1);
		/*
		 * The destructor's reference was dropped; the round's reference
		 * is left.
		 */
		assert_int_equal(references(s.f), 1);
		assert_int_equal(libfence_status(s.f), result_of(s.end));
		libfence_put(&s.f);
	}
	finish(1);
}

static void use_all(void)
{
	int i;

	for (i = 0; i < 4 * NR_OPS; i++)
		use_op(i % NR_OPS);
}

static void d01_ops_race_the_owner(void **state)
{
	int i;

	start();
	stress_team(use_all, use_all, end_it);
	for (i = 0; i < stress_rounds(4000); i++) {
		/* No op is held up or takes a lock. */
		new_round(OP_SIGNALED, i % NR_ENDS);
		assert_warns(s.end == END_DROP, stress_team_round());
		assert_int_equal(libfence_status(s.f), result_of(s.end));
		libfence_put(&s.f);
	}
	finish(i);
}

/* D2: the owner ends a fence whose op reports that the work is done. */

static void d02_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	/*
	 * Destructors of earlier rounds may run, on a thread that is no member.
	 */
	if (where != STRESS_LOCK || stress_role() < 0 ||
	    stress_role() != s.held_role || what != lock_of(s.f) || s.stalled)
		return;
	raise_flag(s.stalled);
	if (s.held_role)
		await_flag(s.polled);
	else
		await_flag(s.ended);
}

static void d02_poll(void)
{
	if (s.held_role)
		await_flag(s.stalled);
	stress_check(libfence_is_signaled(s.f));
	s.times[0] = libfence_timestamp(s.f);
	raise_flag(s.polled);
}

static void d02_end(void)
{
	if (!s.held_role)
		await_flag(s.stalled);
	end_it();
	s.times[1] = libfence_timestamp(s.f);
}

static void count_run(const struct libfence *f, void *data)
{
	s.ran++;
}

static void register_it(void)
{
	libfence_callback_init(&s.cb, count_run, NULL);
	assert_int_equal(libfence_callback_register(s.f, &s.cb), 0);
}

/* Either the op or the owner was first, and all readers agree on the result. */
static void d02_owner_and_op_signal_once(void **state)
{
	int i, warns, status;

	start();
	stress_team(d02_poll, d02_end);
	for (i = 0; i < stress_rounds(300); i++) {
		stress_set_hook(NULL);
		new_round(OP_SIGNALED, i / 2 % NR_ENDS);
		register_it();
		s.says = true;
		s.held_role = i & 1;
		stress_set_hook(d02_hook);
		/* If the owner is held up, it is too late to set an error. */
		status = s.held_role ? 1 : result_of(s.end);
		warns = s.held_role ? s.end == END_ERROR : s.end == END_DROP;
		assert_warns(warns, stress_team_round());
		assert_int_equal(libfence_status(s.f), status);
		assert_true(s.times[0] == s.times[1]);
		assert_int_equal(s.ran, 1);
		assert_true(libfence_callback_unregister(&s.cb));
		libfence_put(&s.f);
	}
	finish(i);
}

static void poll_it(void)
{
	int i = stress_role();

	while (!libfence_is_signaled(s.f))
		cpu_relax();
	s.times[i] = libfence_timestamp(s.f);
	s.statuses[i] = libfence_status(s.f);
}

static void d02_end_and_look(void)
{
	end_it();
	poll_it();
}

static void d02_two_pollers_race_the_owner(void **state)
{
	int i, j, status;

	start();
	stress_team(poll_it, poll_it, d02_end_and_look);
	for (i = 0; i < stress_rounds(4000); i++) {
		new_round(OP_SIGNALED, i & 1 ? END_DROP : END_SUCCESS);
		register_it();
		s.says = i & 2;
		test_expect_warnings();
		stress_team_round();
		status = libfence_status(s.f);
		/* A drop warns if it signalled the fence. */
		test_expected_warnings(status < 0, NULL, __FILE__, __LINE__);
		assert_true(status == 1 ||
			    (status == -ECANCELED && s.end == END_DROP));
		for (j = 0; j < 3; j++) {
			assert_int_equal(s.statuses[j], status);
			assert_true(s.times[j] == libfence_timestamp(s.f));
		}
		assert_int_equal(s.ran, 1);
		assert_true(libfence_callback_unregister(&s.cb));
		libfence_put(&s.f);
	}
	finish(i);
}

/* D3: the result is set when the fence is signalled. */

static void d03_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	/* The flag is set, and the owner has done nothing after that. */
	if (where == STRESS_TEST_AND_SET && nr == DMA_FENCE_FLAG_SIGNALED_BIT &&
	    stress_role() == 1) {
		raise_flag(s.stalled);
		await_flag(s.seen);
	}
}

static void d03_look(void)
{
	await_flag(s.stalled);
	stress_check(libfence_is_signaled_racy(s.f));
	stress_check(libfence_status_racy(s.f) == result_of(s.end));
	raise_flag(s.seen);
	stress_check(libfence_status(s.f) == result_of(s.end));
}

static void look_in_callback(const struct libfence *f, void *data)
{
	stress_check(libfence_status_racy(f) == result_of(s.end));
}

static void d03_result_comes_with_the_signal(void **state)
{
	int i;

	start();
	stress_team(d03_look, end_it);
	for (i = 0; i < stress_rounds(300); i++) {
		stress_set_hook(NULL);
		new_round(OP_SIGNALED, i % NR_ENDS);
		libfence_callback_init(&s.cb, look_in_callback, NULL);
		assert_int_equal(libfence_callback_register(s.f, &s.cb), 0);
		stress_set_hook(d03_hook);
		assert_warns(s.end == END_DROP, stress_team_round());
		assert_true(libfence_callback_unregister(&s.cb));
		libfence_put(&s.f);
	}
	finish(i);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(d01_payload_outlives_the_op),
		TEST(d01_ops_race_the_owner),
		TEST(d02_owner_and_op_signal_once),
		TEST(d02_two_pollers_race_the_owner),
		TEST(d03_result_comes_with_the_signal),
	};
	return STRESS_MAIN("stress-driver-fence", tests);
}
