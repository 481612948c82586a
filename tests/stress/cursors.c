// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * H38: cursors over reservation objects have no references of their own, while
 * a writer drops the fences that they are on.
 */
#include "stress.h"
#include <linux/dma-resv.h>

#include "dma-resv-hazard.h"

#define BOOKKEEP	DMA_RESV_USAGE_BOOKKEEP
#define READ		DMA_RESV_USAGE_READ

static struct dma_resv obj;

static struct round {
	/* The object has the only references to these. */
	struct dma_fence *f[2];
	/* Replaces the first. */
	struct dma_fence *later;
	/* The list at the beginning of the round, and its size. */
	char *list;
	size_t size;
	int kind;
	/* The cursor's hazard slot. */
	struct dma_fence **hazard;
	/* Flags: how far each member has come. */
	bool stalled, changed, read;
} s;

static const struct dma_fence_ops *ops = &stress_counted_ops;

static struct dma_fence *fence_at(u64 context, u64 seqno)
{
	struct dma_fence *f = stress_fence(ops);

	f->context = context;
	f->seqno = seqno;
	return f;
}

static void new_round(int kind)
{
	int i;

	memset(&s, 0, sizeof(s));
	s.kind = kind;
	dma_resv_init(&obj);
	dma_resv_lock(&obj, NULL);
	assert_int_equal(dma_resv_reserve_fences(&obj, 4), 0);
	for (i = 0; i < 2; i++) {
		s.f[i] = stress_fence(ops);
		dma_resv_add_fence(&obj, s.f[i], READ);
	}
	s.later = fence_at(s.f[0]->context, 2);
	for (i = 0; i < 2; i++)
		dma_fence_put(s.f[i]);
	s.list = (char *)rcu_access_pointer(obj.fences);
	s.size = ksize(s.list);
	/* dma_resv_unlock() gives reserved room up in debug builds. */
	ww_mutex_unlock(&obj.lock);
}

static void end_round(void)
{
	dma_fence_put(s.later);
	dma_resv_fini(&obj);
	assert_int_equal(stress_live(), 0);
}

static void drop(void)
{
	struct dma_resv empty;

	switch (s.kind & 3) {
	case 0:
		dma_resv_lock(&obj, NULL);
		dma_resv_add_fence(&obj, s.later, READ);
		dma_resv_unlock(&obj);
		break;
	case 1:
		dma_resv_lock(&obj, NULL);
		dma_resv_replace_fences(&obj, s.later->context, s.later, READ);
		dma_resv_unlock(&obj);
		break;
	case 2:
		dma_resv_init(&empty);
		dma_resv_lock(&obj, NULL);
		stress_check(!dma_resv_copy_fences(&obj, &empty));
		dma_resv_unlock(&obj);
		dma_resv_fini(&empty);
		break;
	case 3:
		dma_fence_signal(s.f[0]);
		dma_resv_lock(&obj, NULL);
		stress_check(!dma_resv_reserve_fences(&obj, 100));
		dma_resv_unlock(&obj);
		break;
	}
	raise_flag(s.changed);
}

static void drop_when_stalled(void)
{
	await_flag(s.stalled);
	drop();
}

/*
 * Only these are alive: the object's fences, without the dropped one, and @kept
 * more.
 */
static bool only_alive(int kept)
{
	return stress_live() == kept + ((s.kind & 3) == 2 ? 1 : 2);
}

static void h38_stay_and_leave(void)
{
	struct dma_resv_iter cursor;
	struct dma_fence *f;

	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	f = dma_resv_iter_first_unlocked(&cursor);
	stress_check(f == s.f[0]);
	raise_flag(s.stalled);
	await_flag(s.changed);
	if (s.kind & 4)
		usleep_range(10, 20);
	/* A fence that was freed cannot be examined. */
	if (!only_alive(1)) {
		stress_fail("the fence is alive while the cursor is on it");
		return;
	}
	dma_fence_get(f);
	if (s.kind & 8)
		stress_check(dma_resv_iter_next_unlocked(&cursor) != f);
	if (s.kind & 16)
		stress_check(dma_resv_iter_first_unlocked(&cursor) != f);
	dma_resv_iter_end(&cursor);
	stress_check(only_alive(1));
	dma_fence_put(f);
	stress_check(only_alive(0));
}

static void h38_cursor_keeps_its_fence(void **state)
{
	int i;

	stress_team(h38_stay_and_leave, drop_when_stalled);
	for (i = 0; i < stress_rounds(1000); i++) {
		new_round(i);
		stress_team_round();
		end_round();
	}
	stress_team_stop();
}

static void writer_stops_before_replacing(enum stress_where where,
					  const volatile void *what, long nr)
{
	if (stress_role() != 1 || where != STRESS_STORE ||
	    (char *)what < s.list || (char *)what >= s.list + s.size)
		return;
	raise_flag(s.stalled);
	await_flag(s.read);
}

static void h38_enter_before_it_goes(void)
{
	struct dma_resv_iter cursor;

	await_flag(s.stalled);
	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	stress_check(dma_resv_iter_first_unlocked(&cursor) == s.f[0]);
	raise_flag(s.read);
	await_flag(s.changed);
	stress_check(only_alive(1));
	dma_resv_iter_end(&cursor);
	stress_check(only_alive(0));
}

static void h38_cursor_begins_before_the_fence_goes(void **state)
{
	int i;

	stress_team(h38_enter_before_it_goes, drop);
	stress_set_hook(writer_stops_before_replacing);
	for (i = 0; i < stress_rounds(1000); i++) {
		new_round(i & 1);
		stress_team_round();
		end_round();
	}
	stress_team_stop();
}

static void h38_ended_cursor_gets_no_reference(void **state)
{
	struct dma_resv_iter cursor;
	int i;

	for (i = 0; i < 32; i++) {
		new_round(i);
		dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
		assert_ptr_equal(dma_resv_iter_first_unlocked(&cursor), s.f[0]);
		if (i & 8)
			dma_resv_iter_next_unlocked(&cursor);
		if (i & 16)
			dma_resv_iter_next_unlocked(&cursor);
		dma_resv_iter_end(&cursor);
		drop();
		assert_true(only_alive(0));
		end_round();
	}
}

/*
 * The writer is about to mark the cursor's hazard slot: it now has a reference.
 */
static void writer_stops_at_hazard_slot(enum stress_where where,
			     const volatile void *what, long nr)
{
	if (stress_role() != 1 || !what || what != READ_ONCE(s.hazard) ||
	    (where != STRESS_CMPXCHG && where != STRESS_XCHG))
		return;
	raise_flag(s.changed);
	await_flag(s.read);
}

static void h38_leave_in_between(void)
{
	struct dma_resv_iter cursor;

	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	stress_check(dma_resv_iter_first_unlocked(&cursor) == s.f[0]);
	WRITE_ONCE(s.hazard, cursor.hazard);
	raise_flag(s.stalled);
	await_flag(s.changed);
	if (s.kind & 8)
		dma_resv_iter_next_unlocked(&cursor);
	dma_resv_iter_end(&cursor);
	raise_flag(s.read);
}

static void h38_cursor_ends_during_the_handover(void **state)
{
	int i;

	stress_team(h38_leave_in_between, drop_when_stalled);
	stress_set_hook(writer_stops_at_hazard_slot);
	for (i = 0; i < stress_rounds(1000); i++) {
		new_round(i);
		stress_team_round();
		assert_true(only_alive(0));
		end_round();
	}
	stress_team_stop();
}

/*
 * The two barriers. Both threads start together. The reader writes a hazard
 * slot and then reads the list's slot; the writer writes the list's slot and
 * then reads the hazard slots. Without a barrier, a thread's read can pass its
 * own write in the store buffer. That takes two CPUs.
 */

#define NR_TRIES	256

static struct {
	struct dma_fence *fence[NR_TRIES], *slot[NR_TRIES];
	/* Progress of each thread, each in a cache line of its own. */
	int reader ____cacheline_aligned;
	int writer ____cacheline_aligned;
	int done ____cacheline_aligned;
} litmus;

/* Nothing at the points: neither ordering nor delays. */
static void no_delay(enum stress_where where, const volatile void *what,
		     long nr)
{
}

static void meet(int *me, int *other, int n, u32 delay)
{
	WRITE_ONCE(*me, n);
	stress_until(READ_ONCE(*other) >= n, STRESS_HANG_MS);
	for (delay &= 15; delay; delay--)
		barrier();
}

static void h38_enter_at_once(void)
{
	u32 r = get_random_u32();
	struct dma_fence **hazard, *seen;
	int i;

	for (i = 0; i < NR_TRIES; i++) {
		struct dma_fence *f = litmus.fence[i];

		meet(&litmus.reader, &litmus.writer, i + 1, r >> (i & 15));
		hazard = resv_hazard_take(f);
		seen = READ_ONCE(litmus.slot[i]);
		stress_until(READ_ONCE(litmus.done) > i, STRESS_HANG_MS);
		if (resv_hazard_change(hazard, NULL))
			dma_fence_put(f);
		else
			stress_check(!seen);
	}
}

static void h38_take_out_at_once(void)
{
	u32 r = get_random_u32();
	int i;

	for (i = 0; i < NR_TRIES; i++) {
		struct dma_fence *f = litmus.fence[i];

		meet(&litmus.writer, &litmus.reader, i + 1, r >> (i & 15));
		WRITE_ONCE(litmus.slot[i], NULL);
		resv_hazard_hand_over(&f, 1);
		WRITE_ONCE(litmus.done, i + 1);
	}
}

static void h38_writer_or_reader_sees_the_other(void **state)
{
	int i, n;

	for (n = 0; n < NR_TRIES; n++)
		litmus.fence[n] = stress_fence(&stress_counted_ops);
	stress_team(h38_enter_at_once, h38_take_out_at_once);
	stress_set_hook(no_delay);
	for (i = 0; i < stress_rounds(1200); i++) {
		litmus.reader = litmus.writer = litmus.done = 0;
		memcpy(litmus.slot, litmus.fence, sizeof(litmus.slot));
		stress_team_round();
	}
	stress_team_stop();
	for (n = 0; n < NR_TRIES; n++) {
		assert_int_equal(kref_read(&litmus.fence[n]->refcount), 1);
		dma_fence_put(litmus.fence[n]);
	}
	assert_int_equal(stress_live(), 0);
}

/* At random, with cursors that sleep. A released fence is marked as gone. */

#define GONE		0xdeadull
#define NR_CONTEXTS	4

static u64 contexts[NR_CONTEXTS], seqno;

static void mark_as_gone(struct dma_fence *fence)
{
	WRITE_ONCE(fence->seqno, GONE);
	stress_counted_release(fence);
}

static const struct dma_fence_ops marked_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.release = mark_as_gone,
};

/*
 * Opens @depth more cursors inside: sometimes more than there are hazard slots.
 */
static void stay(int depth)
{
	struct dma_fence *f, *mine = NULL;
	struct dma_resv_iter cursor;
	u32 r = get_random_u32();

	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	dma_resv_for_each_fence_unlocked(&cursor, f) {
		if (!(r & 3))
			usleep_range(1, 20);
		if (depth > 0)
			stay(depth - 1);
		depth = 0;
		stress_check(READ_ONCE(f->seqno) != GONE);
		if (!(r & 12) && !mine)
			mine = dma_fence_get(f);
		if (!(r & 0x70))
			break;
		r >>= 7;
	}
	if (mine)
		stress_check(READ_ONCE(mine->seqno) != GONE);
	dma_resv_iter_end(&cursor);
	if (mine)
		stress_check(READ_ONCE(mine->seqno) != GONE);
	dma_fence_put(mine);
}

static void stay_for_a_while(void)
{
	u32 r = get_random_u32();

	stay(r & 15 ? r >> 4 & 1 : 10);
}

static void replace_and_drop(void)
{
	struct dma_fence *f;
	u32 r;
	int i;

	for (i = 0; i < 4; i++) {
		r = get_random_u32();
		f = fence_at(contexts[r & 3], ++seqno + GONE);
		dma_resv_lock(&obj, NULL);
		if (r & 0x70 || !rcu_access_pointer(obj.fences)) {
			stress_check(!dma_resv_reserve_fences(&obj, 1));
			dma_resv_add_fence(&obj, f, READ);
		} else {
			dma_resv_replace_fences(&obj, f->context, f, READ);
		}
		dma_resv_unlock(&obj);
		dma_fence_put(f);
	}
}

static void h38_cursors_race_the_writer(void **state)
{
	int i;

	ops = &marked_ops;
	seqno = 0;
	dma_resv_init(&obj);
	for (i = 0; i < NR_CONTEXTS; i++)
		contexts[i] = dma_fence_context_alloc(1);
	stress_team(stay_for_a_while, replace_and_drop, stay_for_a_while);
	for (i = 0; i < stress_rounds(6000); i++)
		stress_team_round();
	stress_team_stop();
	dma_resv_fini(&obj);
	assert_int_equal(stress_live(), 0);
	ops = &stress_counted_ops;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(h38_cursor_keeps_its_fence),
		TEST(h38_cursor_begins_before_the_fence_goes),
		TEST(h38_ended_cursor_gets_no_reference),
		TEST(h38_cursor_ends_during_the_handover),
		TEST(h38_writer_or_reader_sees_the_other),
		TEST(h38_cursors_race_the_writer),
	};
	return STRESS_MAIN("stress-cursors", tests);
}
