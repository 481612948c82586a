// SPDX-License-Identifier: GPL-2.0 OR MIT
/* More fences on a context than it has slots, ended by several threads. */
#include "driver.h"

#include <stdio.h>

struct load {
	u32 life;
	/* D11: the destructor is held up. */
	bool holds;
};

#define NR_MEMBERS	3
#define PER_MEMBER	80
#define NR_FENCES	(NR_MEMBERS * PER_MEMBER)

static struct libfence_context *ctx;
static atomic_t destroyed;
/* Indexed by seqno - 1. */
static struct entry {
	struct load_fence *owner;
	struct libfence *f;
	struct dma_fence_cb cb;
	atomic_t taken;
	int ran, status, runner, order;
	bool dropped;
} entries[NR_FENCES];
static struct round {
	/* Counted up by callbacks. */
	int order;
	struct load_fence *pair[2];
	struct load_prep *prep;
	int kind;
	atomic_t nr_ended;
	/* Flags between members. */
	bool stalled, committed, in_destructor, gone, no_ops;
} s;

/* No op is running once the context was destroyed. */
static void use(struct load *load)
{
	stress_check(load->life == ALIVE && !READ_ONCE(s.no_ops));
	stress_point(STRESS_OTHER_EVENT, load, 0);
	stress_check(load->life == ALIVE && !READ_ONCE(s.no_ops));
}

static bool load_signaled(struct load *load)
{
	use(load);
	return false;
}

static void load_deadline(struct load *load, int64_t deadline)
{
	use(load);
}

static void load_destroy(struct load *load)
{
	stress_check(load->life == ALIVE);
	load->life = DEAD;
	if (load->holds) {
		raise_flag(s.in_destructor);
		stress_check(await_flag(s.gone));
	}
	atomic_inc(&destroyed);
}

static const LIBFENCE_OPS(struct load) load_ops = {
	.signaled = load_signaled,
	.set_deadline = load_deadline,
	.destroy = load_destroy,
};
LIBFENCE_PAYLOAD_OPS(load, struct load, load_ops);

static void note_run(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct entry *e = container_of(cb, struct entry, cb);

	e->ran++;
	e->status = libfence_status_racy(libfence_borrow_dma_fence(fence));
	e->runner = stress_role();
	/* The order is defined only if one thread signals. */
	e->order = READ_ONCE(s.order);
	WRITE_ONCE(s.order, e->order + 1);
}

static struct load_fence *commit(void)
{
	struct load_prep *prep = load_prepare(&(struct load){ .life = ALIVE });

	return load_commit(ctx, &prep);
}

/* The entry of a fence that was just committed: its seqno is unique. */
static struct entry *enter(struct load_fence *owner)
{
	const struct libfence *f = load_fence_consumer(owner);
	u64 i = libfence_seqno(f) - 1;
	struct entry *e = &entries[i];

	stress_check(i < NR_FENCES);
	if (i >= NR_FENCES)
		return NULL;
	stress_check(!atomic_fetch_add(1, &e->taken));
	e->f = libfence_get(f);
	stress_check(!dma_fence_add_callback(libfence_to_dma_fence(f), &e->cb,
					     note_run));
	/* Full barrier: pairs with the one in end_one(). */
	xchg(&e->owner, owner);
	return e;
}

static void end_one(struct entry *e, bool drop)
{
	struct load_fence *owner = xchg(&e->owner, NULL);

	if (!owner)
		return;
	e->dropped = drop;
	if (drop)
		load_fence_drop(&owner);
	else
		load_fence_signal(&owner, -EIO);
	atomic_inc(&s.nr_ended);
}

static void new_round(void)
{
	memset(&s, 0, sizeof(s));
	memset(entries, 0, sizeof(entries));
	atomic_set(&destroyed, 0);
	ctx = new_context();
}

/* All fences were signalled once; their owners drop the rest. */
static void end_round(void)
{
	int i;

	for (i = 0; i < NR_FENCES; i++) {
		struct entry *e = &entries[i];

		assert_int_equal(atomic_read(&e->taken), 1);
		assert_int_equal(e->ran, 1);
		assert_int_equal(libfence_status(e->f), e->status);
		libfence_put(&e->f);
		if (e->owner)
			load_fence_drop(&e->owner);
	}
	libfence_barrier();
	stress_check_claims();
	assert_int_equal(atomic_read(&destroyed), NR_FENCES);
}

/* D8: owners signal and drop fences that the context is about to cancel. */

static void end_mine(void)
{
	int i;

	/* Leave some fences for the context. */
	for (i = stress_role(); i < NR_FENCES; i += 2)
		if (i % 7)
			end_one(&entries[i], i % 5 == 0);
}

static void read_names(void)
{
	char name[32];
	int i;

	for (i = 0; i < NR_FENCES; i++) {
		libfence_driver_name(entries[i].f, name, sizeof(name));
		stress_check(!strcmp(name, "stress-driver") ||
			     !strcmp(name, "detached-driver"));
		libfence_timeline_name(entries[i].f, name, sizeof(name));
		stress_check(!strcmp(name, "stress-line") ||
			     !strcmp(name, "signaled-timeline"));
		libfence_set_deadline(entries[i].f, 1);
	}
}

static void destroy_meanwhile(void)
{
	int nr_ended;

	while ((nr_ended = atomic_read(&s.nr_ended)) < s.kind)
		cpu_relax();
	libfence_context_destroy(&ctx);
	raise_flag(s.no_ops);
	stress_check(atomic_read(&destroyed) >= nr_ended);
}

static void d08_owners_race_the_context(void **state)
{
	int i, j, warns, canceled;

	stress_team(end_mine, end_mine, destroy_meanwhile, read_names);
	for (i = 0; i < stress_rounds(100); i++) {
		new_round();
		for (j = 0; j < NR_FENCES; j++)
			assert_non_null(enter(commit()));
		s.kind = i % (NR_FENCES / 2);
		test_expect_warnings();
		stress_team_round();
		for (j = warns = canceled = 0; j < NR_FENCES; j++) {
			struct entry *e = &entries[j];

			/*
			 * The thread that ran the callback has signalled the
			 * fence.
			 */
			canceled |= e->runner == 2;
			warns += e->runner != 2 && e->dropped;
			assert_int_equal(e->status,
					 e->runner == 2 || e->dropped ?
					 -ECANCELED : -EIO);
		}
		test_expected_warnings(warns + canceled, NULL, __FILE__,
				       __LINE__);
		end_round();
	}
	stress_team_stop();
}

/* D10: several fences want one slot. */

/* Member 0 may have found its slot empty, and has not taken it yet. */
static void d10_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (stress_role() == 0 && !s.stalled &&
	    (where == STRESS_CMPXCHG || where == STRESS_DEREF)) {
		raise_flag(s.stalled);
		await_flag(s.committed);
	}
}

static void commit_first(void)
{
	s.pair[0] = commit();
}

static void commit_later(void)
{
	int i;

	await_flag(s.stalled);
	for (i = 1; i < NR_SLOTS; i++) {
		struct load_fence *between = commit();

		load_fence_signal(&between, 0);
	}
	s.pair[1] = commit();
	raise_flag(s.committed);
}

static void d10_two_fences_want_one_slot(void **state)
{
	struct libfence *f[2];
	int i, j;

	stress_team(commit_first, commit_later);
	stress_set_hook(d10_hook);
	for (i = 0; i < stress_rounds(200); i++) {
		new_round();
		stress_team_round();
		for (j = 0; j < 2; j++)
			f[j] = load_fence_get(s.pair[j]);
		assert_int_equal(libfence_seqno(f[1]) - libfence_seqno(f[0]),
				 NR_SLOTS);
		assert_warns_like("with 2 unsignalled fences, now signalled with -ECANCELED: 1, 129",
				  libfence_context_destroy(&ctx));
		for (j = 0; j < 2; j++) {
			assert_int_equal(libfence_status(f[j]), -ECANCELED);
			libfence_put(&f[j]);
			load_fence_drop(&s.pair[j]);
		}
	}
	stress_team_stop();
	libfence_barrier();
}

static void commit_and_signal(void)
{
	int i;

	for (i = 0; i < PER_MEMBER; i++) {
		enter(commit());
		/* End one of those that any member has committed so far. */
		if (i % 4 == 3)
			end_one(&entries[get_random_u32_below(NR_FENCES)],
				false);
	}
}

static void d10_committers_race_signallers(void **state)
{
	char text[64];
	int i, j, left;

	stress_team(commit_and_signal, commit_and_signal, commit_and_signal);
	for (i = 0; i < stress_rounds(100); i++) {
		new_round();
		stress_team_round();
		for (j = left = 0; j < NR_FENCES; j++)
			left += !!entries[j].owner;
		assert_true(left > NR_SLOTS);
		snprintf(text, sizeof(text), "with %d unsignalled fences",
			 left);
		assert_warns_like(text, libfence_context_destroy(&ctx));
		for (j = 0; j < NR_FENCES; j++)
			assert_int_equal(entries[j].status, entries[j].owner ?
					 -ECANCELED : -EIO);
		end_round();
	}
	stress_team_stop();
}

static void d10_destroy_goes_by_seqno(void **state)
{
	int i, j, last;

	for (i = 1; i < stress_rounds(20) + 1; i++) {
		new_round();
		for (j = 0; j < NR_FENCES; j++) {
			assert_non_null(enter(commit()));
			/* Free some slots, which later fences take. */
			if (j % (i + 1) == i)
				end_one(&entries[j - i / 2], false);
		}
		s.order = 0;
		assert_warns(1, libfence_context_destroy(&ctx));
		for (j = 0, last = -1; j < NR_FENCES; j++) {
			if (entries[j].status != -ECANCELED)
				continue;
			assert_int_equal(entries[j].order, last + 1);
			last++;
		}
		assert_int_equal(s.order, last + 1);
		end_round();
	}
}

/* D11: a preparation is not on a context yet. */

static void d11_destroy(void)
{
	if (s.kind == 0)
		await_flag(s.in_destructor);
	libfence_context_destroy(&ctx);
	raise_flag(s.gone);
}

static void d11_end_preparation(void)
{
	struct libfence_context *other = NULL;
	struct load_fence *owner;

	switch (s.kind) {
	case 0:
	case 1:
		load_prep_free(&s.prep);
		stress_check(atomic_read(&destroyed) == 1);
		return;
	case 2:
		other = libfence_context_create("other", "line", 7, NULL);
		break;
	}
	owner = load_commit(other, &s.prep);
	stress_check(libfence_status(load_fence_consumer(owner)) ==
		     (other ? 0 : -ECANCELED));
	load_fence_signal(&owner, 0);
	libfence_context_destroy(&other);
}

static void d11_preparation_outlives_the_context(void **state)
{
	int i;

	stress_team(d11_destroy, d11_end_preparation);
	for (i = 0; i < stress_rounds(300); i++) {
		new_round();
		s.kind = i % 4;
		s.prep = load_prepare(&(struct load){
			.life = ALIVE, .holds = s.kind == 0 });
		assert_warns(s.kind == 3, stress_team_round());
		libfence_barrier();
		stress_check_claims();
		assert_int_equal(atomic_read(&destroyed), 1);
	}
	stress_team_stop();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(d08_owners_race_the_context),
		TEST(d10_two_fences_want_one_slot),
		TEST(d10_committers_race_signallers),
		TEST(d10_destroy_goes_by_seqno),
		TEST(d11_preparation_outlives_the_context),
	};
	return STRESS_MAIN("stress-driver-overflow", tests);
}
