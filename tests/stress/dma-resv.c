// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Reservation objects: readers without the lock, and one writer. */
#include "stress.h"
#include <linux/dma-fence-array.h>
#include <linux/dma-resv.h>

#define BOOKKEEP	DMA_RESV_USAGE_BOOKKEEP
#define READ		DMA_RESV_USAGE_READ

static struct dma_resv obj;

static struct round {
	/* The object has the only references to these. */
	struct dma_fence *f[3];
	/* Replaces the last of them. */
	struct dma_fence *later;
	/* The list at the beginning of the round, and its size. */
	char *list;
	size_t size;
	int kind, stop_at, points;
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

static void new_round(int n)
{
	int i;

	memset(&s, 0, sizeof(s));
	dma_resv_init(&obj);
	dma_resv_lock(&obj, NULL);
	assert_int_equal(dma_resv_reserve_fences(&obj, 4), 0);
	for (i = 0; i < n; i++) {
		s.f[i] = stress_fence(ops);
		dma_resv_add_fence(&obj, s.f[i], READ);
	}
	s.later = fence_at(s.f[n - 1]->context, 2);
	for (i = 0; i < n; i++)
		dma_fence_put(s.f[i]);
	/* dma_resv_unlock() gives reserved room up in debug builds. */
	s.list = (char *)rcu_access_pointer(obj.fences);
	s.size = ksize(s.list);
	ww_mutex_unlock(&obj.lock);
}

static void end_round(void)
{
	dma_fence_put(s.later);
	dma_resv_fini(&obj);
	assert_int_equal(stress_live(), 0);
}

/* Is this address in the list of the beginning of the round? */
static bool in_list(const volatile void *what)
{
	return (char *)what >= s.list && (char *)what < s.list + s.size;
}

/* Member @role stops when it has read a slot, or is about to write one. */
static void stop_here(int role, enum stress_where at, enum stress_where where,
		      const volatile void *what, bool *until)
{
	if (stress_role() != role || where != at || !in_list(what) ||
	    s.points++ != s.stop_at)
		return;
	raise_flag(s.stalled);
	await_flag(*until);
}

static void reader_stops(enum stress_where where, const volatile void *what,
			 long nr)
{
	stop_here(0, STRESS_DEREF, where, what, &s.changed);
}

static void writer_stops(enum stress_where where, const volatile void *what,
			 long nr)
{
	stop_here(1, STRESS_STORE, where, what, &s.read);
}

/* Replace and so release the last fence. */
static void replace(void)
{
	dma_resv_lock(&obj, NULL);
	if (s.kind & 1)
		dma_resv_replace_fences(&obj, s.later->context, s.later, READ);
	else
		dma_resv_add_fence(&obj, s.later, READ);
	ww_mutex_unlock(&obj.lock);
	raise_flag(s.changed);
}

static void replace_when_stalled(void)
{
	await_flag(s.stalled);
	replace();
}

/* H26: a slot is replaced under a reader. */

/*
 * Cursors take all hazard slots of this CPU, so that the next cursor has to
 * take references.
 */
static struct dma_resv occupied;

static void slots_occupy(struct dma_resv_iter *cursors, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		dma_resv_iter_begin(&cursors[i], &occupied, BOOKKEEP);
		dma_resv_iter_first_unlocked(&cursors[i]);
	}
}

static void slots_release(struct dma_resv_iter *cursors, int n)
{
	while (n--)
		dma_resv_iter_end(&cursors[n]);
}

static void h26_read(void)
{
	struct dma_resv_iter cursor, cursors[9];
	struct dma_fence *f;

	if (s.kind & 2)
		slots_occupy(cursors, ARRAY_SIZE(cursors));
	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	f = dma_resv_iter_first_unlocked(&cursor);
	stress_check(f == s.later);
	stress_check(dma_resv_iter_is_restarted(&cursor));
	stress_check(!dma_resv_iter_next_unlocked(&cursor));
	dma_resv_iter_end(&cursor);
	if (s.kind & 2)
		slots_release(cursors, ARRAY_SIZE(cursors));
}

static void h26_dead_fence_is_not_returned(void **state)
{
	struct dma_fence *f = stress_fence(&stress_plain_ops);
	int i;

	dma_resv_init(&occupied);
	dma_resv_lock(&occupied, NULL);
	assert_int_equal(dma_resv_reserve_fences(&occupied, 1), 0);
	dma_resv_add_fence(&occupied, f, READ);
	dma_resv_unlock(&occupied);
	dma_fence_put(f);
	stress_team(h26_read, replace_when_stalled);
	stress_set_hook(reader_stops);
	for (i = 0; i < stress_rounds(1000); i++) {
		new_round(1);
		s.kind = i;
		stress_team_round();
		end_round();
	}
	stress_team_stop();
	dma_resv_fini(&occupied);
}

static void h26_read_while_replacing(void)
{
	struct dma_resv_iter cursor;

	await_flag(s.stalled);
	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	stress_check(dma_resv_iter_first_unlocked(&cursor) == s.f[0]);
	stress_check(stress_live() == 2);
	dma_resv_iter_end(&cursor);
	raise_flag(s.read);
}

static void h26_fence_lives_until_it_is_replaced(void **state)
{
	int i;

	stress_team(h26_read_while_replacing, replace);
	stress_set_hook(writer_stops);
	for (i = 0; i < stress_rounds(1000); i++) {
		new_round(1);
		s.kind = i;
		stress_team_round();
		end_round();
	}
	stress_team_stop();
}

static void h26_gather(void)
{
	struct dma_fence **table;
	struct dma_resv copy;
	unsigned int i, n;

	if (s.kind & 2) {
		dma_resv_init(&copy);
		dma_resv_lock(&copy, NULL);
		stress_check(!dma_resv_copy_fences(&copy, &obj));
		dma_resv_unlock(&copy);
		stress_check(!dma_resv_get_fences(&copy, BOOKKEEP, &n, &table));
		dma_resv_fini(&copy);
	} else {
		stress_check(!dma_resv_get_fences(&obj, BOOKKEEP, &n, &table));
	}
	stress_check(n == 3);
	for (i = 0; i < n; i++) {
		if (i < 3)
			stress_check(table[i] == (i < 2 ? s.f[i] : s.later));
		dma_fence_put(table[i]);
	}
	kfree(table);
}

/* By the third slot the copy has collected two fences. */
static void h26_collected_references_are_dropped(void **state)
{
	int i;

	stress_team(h26_gather, replace_when_stalled);
	stress_set_hook(reader_stops);
	for (i = 0; i < stress_rounds(1000); i++) {
		new_round(3);
		s.kind = i;
		s.stop_at = 2;
		stress_team_round();
		assert_int_equal(kref_read(&s.f[0]->refcount), 1);
		assert_int_equal(kref_read(&s.f[1]->refcount), 1);
		end_round();
	}
	stress_team_stop();
}

/* H27: the list is replaced. */

static void grow(void)
{
	dma_resv_lock(&obj, NULL);
	stress_check(!dma_resv_reserve_fences(&obj, 8));
	ww_mutex_unlock(&obj.lock);
}

static int read_all(void)
{
	struct dma_resv_iter cursor;
	struct dma_fence *f;
	int n = 0;

	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	dma_resv_for_each_fence_unlocked(&cursor, f) {
		if (dma_resv_iter_is_restarted(&cursor))
			n = 0;
		stress_check(n < 3 && f == s.f[n]);
		n++;
	}
	dma_resv_iter_end(&cursor);
	return n;
}

static void h27_read(void)
{
	stress_check(read_all() == 3);
}

static void h27_grow_under_the_reader(void)
{
	void *others[16];
	int i;

	await_flag(s.stalled);
	grow();
	/* Was the memory of the list freed? */
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		others[i] = kmalloc(s.size, GFP_KERNEL);
		stress_check(others[i] != s.list);
	}
	for (i = 0; i < ARRAY_SIZE(others); i++)
		kfree(others[i]);
	raise_flag(s.changed);
}

static void h27_list_outlives_its_readers(void **state)
{
	int i;

	stress_team(h27_read, h27_grow_under_the_reader);
	stress_set_hook(reader_stops);
	for (i = 0; i < stress_rounds(1000); i++) {
		new_round(3);
		s.stop_at = i % 3;
		stress_team_round();
		end_round();
	}
	stress_team_stop();
}

static void h27_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (stress_role() == 0 && where == STRESS_DEREF && in_list(what) &&
	    READ_ONCE(s.changed))
		stress_fail("nobody looks at a list that is gone");
}

static void h27_read_step_by_step(void)
{
	struct dma_resv_iter cursor;
	struct dma_fence *f;
	int n;

	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	stress_check(dma_resv_iter_first_unlocked(&cursor) == s.f[0]);
	for (n = 1; n <= s.stop_at; n++)
		stress_check(dma_resv_iter_next_unlocked(&cursor) == s.f[n]);
	raise_flag(s.stalled);
	await_flag(s.changed);
	f = dma_resv_iter_next_unlocked(&cursor);
	stress_check(dma_resv_iter_is_restarted(&cursor));
	for (n = 0; f && n < 3; n++) {
		stress_check(f == s.f[n]);
		f = dma_resv_iter_next_unlocked(&cursor);
	}
	stress_check(n == 3 && !f);
	dma_resv_iter_end(&cursor);
}

static void h27_grow_between_the_steps(void)
{
	await_flag(s.stalled);
	grow();
	raise_flag(s.changed);
}

static void h27_stale_list_is_not_followed(void **state)
{
	int i;

	stress_team(h27_read_step_by_step, h27_grow_between_the_steps);
	stress_set_hook(h27_hook);
	for (i = 0; i < stress_rounds(1000); i++) {
		new_round(3);
		s.stop_at = i % 3;
		stress_team_round();
		end_round();
	}
	stress_team_stop();
}

/*
 * The new list has the address of the old one. The allocator cannot be made to
 * do that, so the cursor is given the new address.
 */
static void h27_reused_memory_is_not_the_old_list(void **state)
{
	struct dma_resv_iter cursor;
	int i, n;

	if (CORE_KERNEL("an unlocked iteration does not notice a new list at the address of the old one"))
		return;
	for (i = 0; i < 3; i++) {
		new_round(3);
		dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
		assert_ptr_equal(dma_resv_iter_first_unlocked(&cursor), s.f[0]);
		for (n = 1; n <= i; n++)
			assert_ptr_equal(dma_resv_iter_next_unlocked(&cursor),
					 s.f[n]);
		grow();
		cursor.fences = rcu_access_pointer(obj.fences);
		assert_ptr_equal(dma_resv_iter_next_unlocked(&cursor), s.f[0]);
		assert_true(dma_resv_iter_is_restarted(&cursor));
		dma_resv_iter_end(&cursor);
		end_round();
	}
}

/* A released fence is not polled. */
static bool check_alive(struct dma_fence *fence)
{
	stress_check(kref_read(&fence->refcount));
	return false;
}

static const struct dma_fence_ops polled_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.release = stress_counted_release,
	.signaled = check_alive,
};

static void h27_grow_and_replace(void)
{
	await_flag(s.stalled);
	grow();
	replace();
}

static void h27_old_list_still_has_a_released_fence(void **state)
{
	int i;

	ops = &polled_ops;
	stress_team(h26_gather, h27_grow_and_replace);
	stress_set_hook(reader_stops);
	for (i = 0; i < stress_rounds(1000); i++) {
		new_round(3);
		s.kind = i;
		s.stop_at = 2;
		stress_team_round();
		end_round();
	}
	stress_team_stop();
	ops = &stress_counted_ops;
}

/* H28: a fence is appended. */

static void h28_read(void)
{
	await_flag(s.stalled);
	stress_check(read_all() == 2);
	stress_check(!dma_resv_test_signaled(&obj, BOOKKEEP));
	raise_flag(s.read);
	await_flag(s.changed);
	stress_check(read_all() == 3);
}

static void h28_append(void)
{
	dma_resv_lock(&obj, NULL);
	dma_resv_add_fence(&obj, s.f[2], READ);
	ww_mutex_unlock(&obj.lock);
	raise_flag(s.changed);
}

static void h28_fence_is_there_when_it_is_counted(void **state)
{
	int i;

	stress_team(h28_read, h28_append);
	stress_set_hook(writer_stops);
	for (i = 0; i < stress_rounds(1000); i++) {
		new_round(2);
		/*
		 * Before the slot is stored, or before the count is stored. The
		 * kernel's store of the count is a plain one, which is not a
		 * point.
		 */
		s.stop_at = i & 1 && CORE_TREE == CORE_OWN;
		s.f[2] = stress_fence(&stress_counted_ops);
		stress_team_round();
		dma_fence_put(s.f[2]);
		end_round();
	}
	stress_team_stop();
}

/* Everything at random: no reference is leaked, and none is dropped twice. */

#define NR_CONTEXTS	5

static struct dma_resv other;
static u64 contexts[NR_CONTEXTS], seqno;
static bool copies;

static void change(void)
{
	struct dma_fence *f, *last = NULL;
	unsigned int i, r;

	for (i = 0; i < 20; i++) {
		r = get_random_u32();
		WRITE_ONCE(seqno, seqno + 1);
		f = fence_at(contexts[r % NR_CONTEXTS], seqno);
		dma_resv_lock(&obj, NULL);
		switch (r >> 8 & 7) {
		case 0:
			dma_resv_replace_fences(&obj, f->context, f, r >> 16 & 3);
			break;
		case 1:
			if (copies)
				stress_check(!dma_resv_copy_fences(&obj, &other));
			break;
		case 2:
			stress_check(!dma_resv_reserve_fences(&obj, 9));
			break;
		default:
			stress_check(!dma_resv_reserve_fences(&obj, 1));
			dma_resv_add_fence(&obj, f, r >> 16 & 3);
			break;
		}
		dma_resv_unlock(&obj);
		if (r >> 24 & 1)
			dma_fence_signal(f);
		if (last && (r >> 24 & 2))
			dma_fence_signal(last);
		dma_fence_put(last);
		last = f;
	}
	dma_fence_put(last);
}

static void look(void)
{
	enum dma_resv_usage usage;
	struct dma_fence **table, *f;
	struct dma_resv_iter cursor;
	unsigned int i, n, r;

	for (i = 0; i < 20; i++) {
		r = get_random_u32();
		usage = r & 3;
		switch (r >> 8 & 7) {
		case 0:
			stress_check(!dma_resv_get_fences(&obj, usage, &n,
							  &table));
			while (n--) {
				stress_check(table[n]->context);
				dma_fence_put(table[n]);
			}
			kfree(table);
			break;
		case 1:
			stress_check(!dma_resv_get_singleton(&obj, usage, &f));
			dma_fence_put(f);
			break;
		case 2:
			dma_resv_test_signaled(&obj, usage);
			break;
		case 3:
			stress_check(dma_resv_wait_timeout(&obj, usage, false,
							   0) >= 0);
			break;
		case 4:
			dma_resv_lock(&other, NULL);
			stress_check(!dma_resv_copy_fences(&other, &obj));
			dma_resv_unlock(&other);
			break;
		default:
			dma_resv_iter_begin(&cursor, &obj, usage);
			dma_resv_for_each_fence_unlocked(&cursor, f) {
				stress_check(f->seqno <= READ_ONCE(seqno));
				stress_check(kref_read(&f->refcount) > 0);
				if ((r >> 16 & 7) == 7)
					break;
			}
			dma_resv_iter_end(&cursor);
			break;
		}
	}
}

static void h26_h28_references_are_conserved(void **state)
{
	int i;

	/*
	 * With the kernel's core a reader never ends if a copy makes the list
	 * NULL.
	 */
	copies = !CORE_KERNEL("an unlocked iteration whose list becomes NULL returns the same fence for ever");

	dma_resv_init(&obj);
	dma_resv_init(&other);
	for (i = 0; i < NR_CONTEXTS; i++)
		contexts[i] = dma_fence_context_alloc(1);
	stress_team(look, change, look);
	for (i = 0; i < stress_rounds(6000); i++)
		stress_team_round();
	stress_team_stop();
	dma_resv_fini(&obj);
	dma_resv_fini(&other);
	assert_int_equal(stress_live(), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(h26_dead_fence_is_not_returned),
		TEST(h26_fence_lives_until_it_is_replaced),
		TEST(h26_collected_references_are_dropped),
		TEST(h27_list_outlives_its_readers),
		TEST(h27_stale_list_is_not_followed),
		TEST(h27_reused_memory_is_not_the_old_list),
		TEST(h27_old_list_still_has_a_released_fence),
		TEST(h28_fence_is_there_when_it_is_counted),
		TEST(h26_h28_references_are_conserved),
	};
	return STRESS_MAIN("stress-dma-resv", tests);
}
