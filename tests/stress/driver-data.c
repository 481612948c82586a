// SPDX-License-Identifier: GPL-2.0 OR MIT
/* D14: the data of a context ends while other threads use it. */
#include "driver.h"
#include <libfence/context.h>

struct ring {
	u32 *life;
};

static int ring_init(struct ring *ring, void *life)
{
	ring->life = life;
	return 0;
}

static void ring_destroy(struct ring *ring)
{
	/* The life stays for those that come too late. */
	WRITE_ONCE(*ring->life, DEAD);
}

static const LIBFENCE_CONTEXT_OPS(struct ring) ring_ops = {
	.init = ring_init,
	.destroy = ring_destroy,
};
LIBFENCE_CONTEXT(ring, struct ring, ring_ops);

/* A payload with ops and no destructor, and one with only a destructor. */
struct polled {
	int id;
};
struct load {
	int id;
};

static struct libfence_context *ctx;
static struct round {
	struct polled_fence *polled;
	struct load_fence *load;
	/* A reference of the reader. */
	struct libfence *f;
	u32 life;
	/* The op that the reader is in; puts of a context, and of the last. */
	int op, puts, last_puts;
	/* Flags: how far each member has come. */
	bool in_use, synced, in_gap, gone;
	/* The count of references to the context. */
	const volatile void *refs;
} s;

/* The data must not end while this thread uses it. */
static void use_data(struct libfence_context *of)
{
	struct ring *ring = ring_context_data(of);

	stress_check(ring != NULL);
	raise_flag(s.in_use);
	stress_check(!stress_until(READ_ONCE(s.gone), 3 * STRESS_WINDOW_MS));
	stress_check(ring && READ_ONCE(*ring->life) == ALIVE);
}

static bool polled_signaled(struct polled *payload)
{
	if (s.op == 0 && !s.in_use)
		use_data(libfence_payload_context(payload));
	return false;
}

static void polled_deadline(struct polled *payload, int64_t deadline)
{
	if (s.op == 1 && !s.in_use)
		use_data(libfence_payload_context(payload));
}

static const LIBFENCE_OPS(struct polled) polled_ops = {
	.signaled = polled_signaled,
	.set_deadline = polled_deadline,
};
LIBFENCE_PAYLOAD_OPS(polled, struct polled, polled_ops);

static void load_destroy(struct load *load)
{
	struct libfence_context *of = libfence_payload_context(load);

	if (!s.puts)
		use_data(of);
	else
		stress_check(!of);
}

static const LIBFENCE_OPS(struct load) load_ops = { .destroy = load_destroy };
LIBFENCE_PAYLOAD_OPS(load, struct load, load_ops);

static void new_round(bool has_destructor)
{
	struct polled_prep *polled;
	struct load_prep *load;

	memset(&s, 0, sizeof(s));
	stress_set_hook(NULL);
	s.life = ALIVE;
	ctx = ring_context_create("stress-driver", "ring", 1, &s.life, NULL);
	assert_non_null(ctx);
	if (has_destructor) {
		load = load_prepare(NULL);
		assert_non_null(load);
		s.load = load_commit(ctx, &load);
	} else {
		polled = polled_prepare(NULL);
		assert_non_null(polled);
		s.polled = polled_commit(ctx, &polled);
		s.f = polled_fence_get(s.polled);
	}
}

static void end_round(void)
{
	assert_int_equal(s.life, DEAD);
	polled_fence_drop(&s.polled);
	libfence_put(&s.f);
	libfence_barrier();
	stress_check_claims();
}

static void destroy(void)
{
	libfence_context_destroy(&ctx);
	raise_flag(s.gone);
}

/* Destroying the context has waited once, and tests for other references. */
static void gap_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (stress_role() != 1)
		return;
	if (where == STRESS_SYNC_RCU)
		s.synced = true;
	if (where == STRESS_READ && s.synced && !s.in_gap) {
		raise_flag(s.in_gap);
		stress_check(await_flag(s.in_use));
	}
}

/* An op uses the data. */

static void call_op(void)
{
	if (s.op)
		libfence_set_deadline(s.f, 1);
	else
		libfence_is_signaled(s.f);
}

static void destroy_when_used(void)
{
	await_flag(s.in_use);
	destroy();
}

static void d14_data_outlives_the_op(void **state)
{
	int i;

	stress_team(call_op, destroy_when_used);
	for (i = 0; i < stress_rounds(24); i++) {
		new_round(false);
		s.op = i & 1;
		assert_warns(1, stress_team_round());
		end_round();
	}
	stress_team_stop();
}

/* The owner uses the data when no op does. */

static void borrow(void)
{
	await_flag(s.in_gap);
	libfence_rcu_read_lock();
	use_data(polled_fence_context(s.polled));
	libfence_rcu_read_unlock();
}

static void d14_data_outlives_the_borrower(void **state)
{
	int i;

	stress_team(borrow, destroy);
	for (i = 0; i < stress_rounds(24); i++) {
		new_round(false);
		stress_set_hook(gap_hook);
		assert_warns(1, stress_team_round());
		assert_null(polled_fence_context(s.polled));
		end_round();
	}
	stress_team_stop();
}

/* The destructor of a payload uses the data: of a fence that is left, ... */

static void signal_in_gap(void)
{
	await_flag(s.in_gap);
	load_fence_signal(&s.load, 0);
}

static void d14_data_outlives_the_late_destructor(void **state)
{
	int i;

	stress_team(signal_in_gap, destroy);
	for (i = 0; i < stress_rounds(24); i++) {
		new_round(true);
		stress_set_hook(gap_hook);
		assert_warns(1, stress_team_round());
		assert_true(s.in_use);
		end_round();
	}
	stress_team_stop();
}

/* ... and of one that was signalled before. */
static void d14_data_outlives_the_destructors(void **state)
{
	int i;

	for (i = 0; i < stress_rounds(24); i++) {
		new_round(true);
		load_fence_signal(&s.load, 0);
		destroy();
		assert_true(s.in_use);
		end_round();
	}
}

/* The memory of the context goes with the last reference to it. */

static void count_puts(enum stress_where where, const volatile void *what,
		       long nr)
{
	if (where == STRESS_SYNC_RCU)
		s.synced = true;
	if (where == STRESS_READ && s.synced && !s.refs)
		s.refs = what;
	if (where == STRESS_DEC_AND_TEST && s.refs && what == s.refs) {
		s.puts++;
		s.last_puts += nr;
	}
}

static void d14_context_goes_with_its_last_reference(void **state)
{
	struct polled_prep *bound;
	int i;

	for (i = 0; i < 8; i++) {
		new_round(i & 1);
		bound = i & 2 ? polled_prepare_bound(ctx, NULL) : NULL;
		/* The owner has it still, or has signalled it before. */
		if (i & 4) {
			if (s.load)
				load_fence_signal(&s.load, 0);
			else
				polled_fence_signal(&s.polled, 0);
		}
		stress_set_hook(count_puts);
		assert_warns(!(i & 4), destroy());
		assert_int_equal(s.puts, 1);
		assert_int_equal(s.last_puts, i == 4 || i == 5);
		if (bound)
			polled_prep_free(&bound);
		assert_int_equal(s.puts, 1 + !!(i & 2));
		assert_int_equal(s.last_puts, !!(i & 4));
		load_fence_drop(&s.load);
		end_round();
		stress_set_hook(NULL);
		assert_int_equal(s.puts, 1 + !!(i & 2) + !(i & 4));
		assert_int_equal(s.last_puts, 1);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(d14_data_outlives_the_op),
		TEST(d14_data_outlives_the_borrower),
		TEST(d14_data_outlives_the_late_destructor),
		TEST(d14_data_outlives_the_destructors),
		TEST(d14_context_goes_with_its_last_reference),
	};
	return STRESS_MAIN("stress-driver-data", tests);
}
