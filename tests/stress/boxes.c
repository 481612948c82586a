// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Objects found under RCU: boxes, and fences stored as foreign pointers. */
#include "driver.h"

struct note {
	u32 life;
	int nr;
};

static atomic_t destroyed;

static void end_note(struct note *note)
{
	stress_check(note->life == ALIVE);
	note->life = DEAD;
	atomic_inc(&destroyed);
}

LIBFENCE_RCU_BOX_DESTROY(note, struct note, end_note);
/* A box without a destructor. */
LIBFENCE_RCU_BOX(plain, struct note);

struct job {
	u64 context;
};
LIBFENCE_PAYLOAD(job, struct job);

static struct libfence_context *ctx;
static struct note_box *note_slot;
static struct plain_box *plain_slot;
static void *fence_slot;
static struct round {
	struct note_box *fresh[2], *old[2];
	struct plain_box *plain;
	bool stalled, dropped, found;
	int kind;
	u64 seqno;
} s;

static struct note_box *new_note(int nr)
{
	struct note_box *box;

	box = note_box_create(&(struct note){ .life = ALIVE, .nr = nr });
	stress_check(box);
	return box;
}

/* Allocate and overwrite memory that was freed too early. */
static void reuse_memory(size_t size)
{
	void *others[16];
	int i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		others[i] = kmalloc(size, GFP_KERNEL);
		memset(others[i], 0, size);
	}
	for (i = 0; i < ARRAY_SIZE(others); i++)
		kfree(others[i]);
}

/* D12: a box is dropped while readers use it. */

static void d12_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	/* The reader has loaded the pointer and has not yet dereferenced it. */
	if (where == STRESS_DEREF && stress_role() == 0 && !s.stalled) {
		raise_flag(s.stalled);
		await_flag(s.dropped);
		stress_check(!stress_until(atomic_read(&destroyed),
					   3 * STRESS_WINDOW_MS));
	}
}

static void d12_read(void)
{
	const struct note *note;

	libfence_rcu_read_lock();
	if (s.kind == 0)
		note = note_box_read_rcu(&note_slot);
	else if (s.kind == 1)
		note = plain_box_read_rcu(&plain_slot);
	else
		note = note_box_borrow(READ_ONCE(note_slot));
	stress_check(note->life == ALIVE && note->nr == 1);
	libfence_rcu_read_unlock();
}

static void d12_replace(void)
{
	struct plain_box *old_plain;
	size_t size;

	await_flag(s.stalled);
	if (s.kind != 1) {
		s.old[0] = note_box_publish(&note_slot, &s.fresh[0]);
		note_box_drop(&s.old[0]);
	} else {
		size = ksize(plain_slot);
		old_plain = plain_box_publish(&plain_slot, &s.plain);
		plain_box_drop(&old_plain);
		reuse_memory(size);
	}
	raise_flag(s.dropped);
}

static void d12_box_outlives_its_readers(void **state)
{
	struct note initial = { .life = ALIVE, .nr = 1 };
	int i;

	stress_team(d12_read, d12_replace);
	for (i = 0; i < stress_rounds(60); i++) {
		memset(&s, 0, sizeof(s));
		atomic_set(&destroyed, 0);
		s.kind = i % 3;
		note_slot = new_note(1);
		s.fresh[0] = new_note(2);
		plain_slot = plain_box_create(&initial);
		initial.nr = 2;
		s.plain = plain_box_create(&initial);
		initial.nr = 1;
		stress_set_hook(d12_hook);
		stress_team_round();
		stress_set_hook(NULL);
		libfence_barrier();
		stress_check_claims();
		assert_int_equal(atomic_read(&destroyed), s.kind != 1);
		note_box_drop(&note_slot);
		note_box_drop(&s.fresh[0]);
		plain_box_drop(&plain_slot);
		plain_box_drop(&s.plain);
		libfence_barrier();
	}
	stress_team_stop();
}

/* Two publishers: each box is returned to one of them, or left in the slot. */
static void d12_publish_hook(enum stress_where where,
			     const volatile void *what, long nr)
{
	if ((where == STRESS_XCHG || where == STRESS_DEREF) &&
	    what == (void *)&note_slot && stress_role() == 0 && !s.stalled) {
		raise_flag(s.stalled);
		await_flag(s.dropped);
	}
}

static void d12_publish(void)
{
	int i = stress_role();

	if (i)
		await_flag(s.stalled);
	s.old[i] = note_box_publish(&note_slot, &s.fresh[i]);
	raise_flag(s.dropped);
}

static void d12_two_publishers_share_the_boxes(void **state)
{
	int i, nr[3];

	stress_team(d12_publish, d12_publish);
	stress_set_hook(d12_publish_hook);
	for (i = 0; i < stress_rounds(1000); i++) {
		memset(&s, 0, sizeof(s));
		note_slot = new_note(0);
		s.fresh[0] = new_note(1);
		s.fresh[1] = new_note(2);
		stress_team_round();
		nr[0] = note_box_read(s.old[0])->nr;
		nr[1] = note_box_read(s.old[1])->nr;
		nr[2] = note_box_read(note_slot)->nr;
		assert_true(nr[0] != nr[1] && nr[0] + nr[1] + nr[2] == 3);
		note_box_drop(&s.old[0]);
		note_box_drop(&s.old[1]);
		note_box_drop(&note_slot);
	}
	stress_team_stop();
	libfence_barrier();
	stress_check_claims();
}

static void read_boxes(void)
{
	const struct note *note;
	int i;

	for (i = 0; i < 20; i++) {
		libfence_rcu_read_lock();
		note = note_box_read_rcu(&note_slot);
		stress_check(note->life == ALIVE);
		stress_point(STRESS_OTHER_EVENT, note, 0);
		stress_check(note->life == ALIVE);
		libfence_rcu_read_unlock();
	}
}

static void replace_boxes(void)
{
	struct note_box *box;
	int i;

	for (i = 0; i < 20; i++) {
		box = new_note(i);
		box = note_box_publish(&note_slot, &box);
		note_box_drop(&box);
	}
}

static void d12_every_box_is_destroyed_once(void **state)
{
	int i, rounds = stress_rounds(500);

	atomic_set(&destroyed, 0);
	note_slot = new_note(0);
	stress_team(read_boxes, read_boxes, replace_boxes, replace_boxes);
	for (i = 0; i < rounds; i++)
		stress_team_round();
	stress_team_stop();
	libfence_barrier();
	assert_int_equal(atomic_read(&destroyed), 2 * 20 * rounds);
	note_box_drop(&note_slot);
	libfence_barrier();
	stress_check_claims();
	assert_int_equal(atomic_read(&destroyed), 2 * 20 * rounds + 1);
}

/* D13: a fence is stored as a pointer, and another thread removes it. */

static void *new_stored_fence(u64 *seqno)
{
	struct job_prep *prep = job_prepare(&(struct job){ .context = 0 });
	struct job_fence *owner = job_commit(ctx, &prep);
	struct libfence *f = job_fence_get(owner);

	if (seqno)
		*seqno = libfence_seqno(f);
	job_fence_signal(&owner, 0);
	return libfence_into_foreign(&f);
}

/*
 * As with an XArray of fences: look up, and take a reference unless it is zero.
 */
static struct libfence *look_up(void)
{
	const struct libfence *found;
	struct dma_fence *got = NULL;
	void *ptr;

	libfence_rcu_read_lock();
	ptr = rcu_dereference(fence_slot);
	found = libfence_borrow(ptr);
	if (found) {
		stress_check(libfence_fence_context(found) ==
			     libfence_context_number(ctx));
		got = dma_fence_get_rcu(libfence_to_dma_fence(found));
		/* The memory is valid even if the reference count is zero. */
		stress_check(libfence_fence_context(found) ==
			     libfence_context_number(ctx));
		stress_check(libfence_is_signaled(found));
	}
	libfence_rcu_read_unlock();
	return libfence_from_dma_fence(got);
}

static void d13_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	/* The pointer was loaded, and no reference is taken yet. */
	if (where == STRESS_DEREF && what == (void *)&fence_slot &&
	    stress_role() == 0) {
		raise_flag(s.stalled);
		await_flag(s.dropped);
	}
}

static void d13_look_up(void)
{
	struct libfence *f = look_up();

	s.found = f;
	libfence_put(&f);
}

static void d13_take_out(void)
{
	struct libfence *f;
	size_t size;

	await_flag(s.stalled);
	f = libfence_from_foreign(xchg(&fence_slot, NULL));
	stress_check(libfence_seqno(f) == s.seqno);
	stress_check(references(f) == 1);
	size = ksize(f);
	libfence_put(&f);
	reuse_memory(size);
	raise_flag(s.dropped);
}

static void d13_removed_fence_is_not_found(void **state)
{
	int i;

	ctx = new_context();
	stress_team(d13_look_up, d13_take_out);
	for (i = 0; i < stress_rounds(500); i++) {
		memset(&s, 0, sizeof(s));
		stress_set_hook(NULL);
		fence_slot = new_stored_fence(&s.seqno);
		stress_set_hook(d13_hook);
		stress_team_round();
		assert_true(s.stalled);
		assert_false(s.found);
	}
	stress_team_stop();
	libfence_context_destroy(&ctx);
}

static void look_up_often(void)
{
	struct libfence *f;
	int i;

	for (i = 0; i < 20; i++) {
		f = look_up();
		if (f)
			stress_check(libfence_status(f) == 1);
		libfence_put(&f);
	}
}

static void replace_often(void)
{
	struct libfence *f;
	int i;

	for (i = 0; i < 20; i++) {
		/* Full barrier: pairs with rcu_dereference() in look_up(). */
		f = libfence_from_foreign(xchg(&fence_slot,
					       new_stored_fence(NULL)));
		libfence_put(&f);
	}
}

static void d13_lookups_race_replacing(void **state)
{
	struct libfence *f;
	int i;

	ctx = new_context();
	fence_slot = NULL;
	stress_team(look_up_often, look_up_often, replace_often, replace_often);
	for (i = 0; i < stress_rounds(500); i++)
		stress_team_round();
	stress_team_stop();
	f = libfence_from_foreign(fence_slot);
	assert_int_equal(references(f), 1);
	libfence_put(&f);
	libfence_context_destroy(&ctx);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(d12_box_outlives_its_readers),
		TEST(d12_two_publishers_share_the_boxes),
		TEST(d12_every_box_is_destroyed_once),
		TEST(d13_removed_fence_is_not_found),
		TEST(d13_lookups_race_replacing),
	};
	return STRESS_MAIN("stress-boxes", tests);
}
