// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Reservation objects: locking, reserving, adding, replacing. */
#include "resv.h"

/* Locking */

static void lock(void)
{
	assert_int_equal(dma_resv_lock(&obj, NULL), 0);
}

static void lock_and_reserve(unsigned int n)
{
	lock();
	assert_int_equal(dma_resv_reserve_fences(&obj, n), 0);
}

static void usage_rw_gives_the_usage_to_wait_for(void **state)
{
	assert_int_equal(dma_resv_usage_rw(true), DMA_RESV_USAGE_READ);
	assert_int_equal(dma_resv_usage_rw(false), DMA_RESV_USAGE_WRITE);
	assert_int_equal(KERNEL, 0);
	assert_int_equal(WRITE, 1);
	assert_int_equal(READ, 2);
	assert_int_equal(BOOKKEEP, 3);
}

static void an_initialised_object_is_empty_and_unlocked(void **state)
{
	struct dma_resv *r = kmalloc_obj(*r);

	memset(r, 0xff, sizeof(*r));
	dma_resv_init(r);
	assert_null(resv_list(r));
	assert_false(dma_resv_is_locked(r));
	assert_null(dma_resv_locking_ctx(r));
	assert_true(dma_resv_test_signaled(r, BOOKKEEP));
	assert_string_equal(resv_text(r), "");
	dma_resv_fini(r);
	kfree(r);
}

static void fini_puts_all_fences(void **state)
{
	struct dma_fence *f = mock_fence(), *g = mock_fence();
	struct dma_resv *r = kmalloc_obj(*r);

	dma_resv_init(r);
	resv_add(r, f, WRITE);
	resv_add(r, g, READ);
	assert_int_equal(mock_refs(f), 2);
	dma_fence_signal(g);
	dma_resv_fini(r);
	assert_int_equal(mock_refs(f), 1);
	assert_int_equal(mock_refs(g), 1);
	kfree(r);
	dma_fence_put(f);
	dma_fence_put(g);
}

static int try_it(void *data)
{
	bool got = dma_resv_trylock(&obj);

	if (got)
		dma_resv_unlock(&obj);
	return got;
}

static void the_lock_without_a_context(void **state)
{
	assert_false(TEST_LOCK_OWNERS && dma_resv_held(&obj));
	lock();
	assert_true(dma_resv_is_locked(&obj));
	assert_true(!TEST_LOCK_OWNERS || dma_resv_held(&obj));
	dma_resv_assert_held(&obj);
	assert_null(dma_resv_locking_ctx(&obj));
	assert_false(dma_resv_trylock(&obj));
	assert_int_equal(mock_join(mock_run(try_it, NULL)), 0);
	dma_resv_unlock(&obj);
	assert_false(dma_resv_is_locked(&obj));
	assert_int_equal(mock_join(mock_run(try_it, NULL)), 1);
	assert_true(dma_resv_trylock(&obj));
	dma_resv_unlock(&obj);
	assert_int_equal(dma_resv_lock_interruptible(&obj, NULL), 0);
	dma_resv_unlock(&obj);
}

static struct dma_resv second;
static struct completion has_obj, may_go;

/* A thread with the older context: it locks @obj, and then @second too. */
static int older(void *data)
{
	struct ww_acquire_ctx ctx;
	int ret;

	ww_acquire_init(&ctx, &reservation_ww_class);
	ret = dma_resv_lock(&obj, &ctx);
	complete(&has_obj);
	wait_for_completion(&may_go);
	ret = ret ?: dma_resv_lock(&second, &ctx);
	dma_resv_unlock(&second);
	dma_resv_unlock(&obj);
	ww_acquire_fini(&ctx);
	return ret;
}

static void two_objects_in_any_order(void **state)
{
	struct ww_acquire_ctx ctx;
	struct task_struct *k;
	int intr;

	dma_resv_init(&second);
	for (intr = 0; intr < 2; intr++) {
		init_completion(&has_obj);
		init_completion(&may_go);
		k = mock_run(older, NULL);
		wait_for_completion(&has_obj);
		ww_acquire_init(&ctx, &reservation_ww_class);
		assert_int_equal(dma_resv_lock(&second, &ctx), 0);
		assert_ptr_equal(dma_resv_locking_ctx(&second), &ctx);
		assert_int_equal(dma_resv_lock(&second, &ctx), -EALREADY);
		assert_int_equal(intr ? dma_resv_lock_interruptible(&obj, &ctx)
				      : dma_resv_lock(&obj, &ctx), -EDEADLK);
		complete(&may_go);
		dma_resv_unlock(&second);
		if (intr)
			assert_int_equal(
				dma_resv_lock_slow_interruptible(&obj, &ctx),
				0);
		else
			dma_resv_lock_slow(&obj, &ctx);
		assert_int_equal(dma_resv_lock(&second, &ctx), 0);
		ww_acquire_done(&ctx);
		dma_resv_unlock(&obj);
		dma_resv_unlock(&second);
		ww_acquire_fini(&ctx);
		assert_int_equal(mock_join(k), 0);
	}
	dma_resv_fini(&second);
}

static int lock_interruptibly(void *data)
{
	struct ww_acquire_ctx ctx;
	int ret;

	ww_acquire_init(&ctx, &reservation_ww_class);
	ret = data ? dma_resv_lock_slow_interruptible(&obj, &ctx)
		   : dma_resv_lock_interruptible(&obj, &ctx);
	if (!ret)
		dma_resv_unlock(&obj);
	ww_acquire_fini(&ctx);
	flush_signals(current);
	return ret;
}

static void a_signal_ends_the_interruptible_forms(void **state)
{
	struct task_struct *k;
	int slow;

	for (slow = 0; slow < 2; slow++) {
		lock();
		k = mock_run(lock_interruptibly, slow ? &slow : NULL);
		send_sig(SIGUSR1, k, 1);
		assert_int_equal(mock_join(k), -EINTR);
		dma_resv_unlock(&obj);
	}
}

/* Reserving */

static void reserving_nothing_warns(void **state)
{
	int ret = 0;

	lock();
	if (CORE_BEFORE(612, "dma_resv_reserve_fences() with a count of 0 succeeds without a warning")) {
		assert_int_equal(dma_resv_reserve_fences(&obj, 0), 0);
		dma_resv_unlock(&obj);
		return;
	}
	assert_warns(1, ret = dma_resv_reserve_fences(&obj, 0));
	assert_int_equal(ret, -EINVAL);
	assert_null(resv_list(&obj));
	dma_resv_unlock(&obj);
}

/* Add @n fences, each with a context of its own. Keep no reference. */
static void add_new(unsigned int n, u64 seqno)
{
	while (n--) {
		struct dma_fence *f =
			mock_fence_at(dma_fence_context_alloc(1), seqno++);

		dma_resv_add_fence(&obj, f, READ);
		dma_fence_put(f);
	}
}

static void reserve_and_add(unsigned int reserve, unsigned int add)
{
	dma_resv_lock(&obj, NULL);
	if (reserve)
		dma_resv_reserve_fences(&obj, reserve);
	add_new(add, 1);
}

static void the_first_room_is_a_power_of_two_four_at_least(void **state)
{
	lock_and_reserve(1);
	add_new(4, 1);
	assert_string_equal(resv_text(&obj), "r1 r2 r3 r4");
	dma_resv_unlock(&obj);
}

static void larger_room_is_rounded_up(void **state)
{
	lock_and_reserve(5);
	add_new(8, 1);
	dma_resv_unlock(&obj);
}

static void without_room_it_is_a_bug(void **state)
{
	if (!CORE_KERNEL("dma_resv_add_fence() to an object without a list dereferences NULL instead of BUG()"))
		assert_dies("BUG", reserve_and_add(0, 1));
	assert_dies("BUG", reserve_and_add(1, 5));
	assert_dies("BUG", reserve_and_add(3, 5));
	assert_dies("BUG", reserve_and_add(8, 9));
}

static void existing_room_is_not_allocated_again(void **state)
{
	void *list;

	lock_and_reserve(3);
	list = resv_list(&obj);
	assert_int_equal(dma_resv_reserve_fences(&obj, 4), 0);
	add_new(2, 1);
	libfence_fail_nth(1);
	assert_int_equal(dma_resv_reserve_fences(&obj, 2), 0);
	assert_false(mock_alloc_failed());
	assert_ptr_equal(resv_list(&obj), list);
	dma_resv_unlock(&obj);
}

static void a_full_list_doubles_at_least(void **state)
{
	void *list;

	lock_and_reserve(4);
	list = resv_list(&obj);
	add_new(4, 1);
	assert_int_equal(dma_resv_reserve_fences(&obj, 1), 0);
	assert_ptr_not_equal(resv_list(&obj), list);
	assert_string_equal(resv_text(&obj), "r1 r2 r3 r4");
	add_new(4, 5);
	assert_int_equal(dma_resv_reserve_fences(&obj, 20), 0);
	add_new(20, 9);
	dma_resv_unlock(&obj);
}

static void growing_moves_what_is_not_signalled(void **state)
{
	struct dma_fence *f[4];
	int i;

	lock_and_reserve(4);
	for (i = 0; i < 4; i++) {
		f[i] = mock_fence_at(dma_fence_context_alloc(1), i);
		dma_resv_add_fence(&obj, f[i], i);
	}
	dma_fence_signal(f[0]);
	/* The work is done, but the fence has not been polled yet. */
	mock_done_at(f[2], 1);
	assert_int_equal(dma_resv_reserve_fences(&obj, 3), 0);
	assert_string_equal(resv_text(&obj), "w1 b3");
	for (i = 0; i < 4; i++)
		assert_int_equal(mock_refs(f[i]), i % 2 ? 2 : 1);
	assert_true(dma_fence_test_signaled_flag(f[2]));
	/* The signalled fences have made room. */
	add_new(6, 4);
	assert_string_equal(resv_text(&obj), "w1 b3 r4 r5 r6 r7 r8 r9");
	dma_resv_unlock(&obj);
	for (i = 0; i < 4; i++)
		dma_fence_put(f[i]);
}

static void without_memory_there_is_no_room_and_nothing_lost(void **state)
{
	void *list;

	lock();
	libfence_fail_nth(1);
	assert_int_equal(dma_resv_reserve_fences(&obj, 1), -ENOMEM);
	assert_true(mock_alloc_failed());
	assert_null(resv_list(&obj));
	assert_int_equal(dma_resv_reserve_fences(&obj, 1), 0);
	add_new(4, 1);
	list = resv_list(&obj);
	libfence_fail_nth(1);
	/* More than malloc() may have given: Linux 6.1 uses ksize(). */
	assert_int_equal(dma_resv_reserve_fences(&obj, 8), -ENOMEM);
	assert_true(mock_alloc_failed());
	assert_ptr_equal(resv_list(&obj), list);
	assert_string_equal(resv_text(&obj), "r1 r2 r3 r4");
	if (!CORE_KERNEL("dma_resv_reserve_fences() with a count near 2^32 returns 0 and makes no room"))
		assert_int_equal(dma_resv_reserve_fences(&obj, UINT_MAX), -ENOMEM);
	assert_string_equal(resv_text(&obj), "r1 r2 r3 r4");
	dma_resv_unlock(&obj);
}

static void it_lasts_until_unlocked(void)
{
	dma_resv_lock(&obj, NULL);
	dma_resv_reserve_fences(&obj, 1);
	dma_resv_unlock(&obj);
	reserve_and_add(0, 1);
}

static void a_reservation_does_not_survive_the_lock(void **state)
{
#if LFSHIM_CHECKS || defined(CONFIG_DEBUG_MUTEXES)
	assert_dies("BUG", it_lasts_until_unlocked());
#else
	it_lasts_until_unlocked();
	assert_string_equal(resv_text(&obj), "r1");
	dma_resv_unlock(&obj);
#endif
}

/* Adding */

static void adding_takes_a_reference(void **state)
{
	struct dma_fence *f = mock_fence();

	resv_add(&obj, f, WRITE);
	assert_int_equal(mock_refs(f), 2);
	assert_string_equal(resv_text(&obj), "w1");
	dma_fence_put(f);
}

static void a_container_warns(void **state)
{
	struct dma_fence *f = mock_fence(), *array = mock_array_of(f);
	struct dma_fence *link = mock_link(NULL, f, 1);

	lock_and_reserve(2);
	assert_warns(1, dma_resv_add_fence(&obj, array, WRITE));
	assert_warns(1, dma_resv_add_fence(&obj, link, WRITE));
	dma_resv_unlock(&obj);
	dma_fence_put(link);
	dma_fence_put(array);
	signal_and_put(f);
}

/*
 * A new fence replaces an older one of the same context, if its usage is at
 * least as strong.
 */
static void a_later_fence_replaces_an_older_one_unless_weaker(void **state)
{
	u64 context = dma_fence_context_alloc(1);
	int old_usage, usage, seqno, same;

	for (old_usage = KERNEL; old_usage <= BOOKKEEP; old_usage++)
	for (usage = KERNEL; usage <= BOOKKEEP; usage++)
	for (seqno = 4; seqno <= 6; seqno++)
	for (same = 0; same < 2; same++) {
		struct dma_fence *old = mock_fence_at(context, 5), *f;
		struct dma_resv r;
		bool replaces = same && seqno == 6 && old_usage >= usage;
		char text[16];

		f = mock_fence_at(same ? context : dma_fence_context_alloc(1),
				  seqno);
		dma_resv_init(&r);
		resv_add(&r, old, old_usage);
		resv_add(&r, f, usage);
		if (replaces)
			snprintf(text, sizeof(text), "%c%d", "kwrb"[usage],
				 seqno);
		else
			snprintf(text, sizeof(text), "%c5 %c%d",
				 "kwrb"[old_usage], "kwrb"[usage], seqno);
		assert_string_equal(resv_text(&r), text);
		assert_int_equal(mock_refs(old), replaces ? 1 : 2);
		assert_int_equal(mock_refs(f), 2);
		dma_resv_fini(&r);
		dma_fence_put(old);
		dma_fence_put(f);
	}
}

static void the_same_fence_again_only_gets_stronger(void **state)
{
	struct dma_fence *f = mock_fence();

	resv_add(&obj, f, READ);
	resv_add(&obj, f, READ);
	assert_string_equal(resv_text(&obj), "r1");
	resv_add(&obj, f, KERNEL);
	assert_string_equal(resv_text(&obj), "k1");
	assert_int_equal(mock_refs(f), 2);
	resv_add(&obj, f, BOOKKEEP);
	assert_string_equal(resv_text(&obj), "k1 b1");
	assert_int_equal(mock_refs(f), 3);
	dma_fence_put(f);
}

static void the_entry_of_a_signalled_fence_is_reused(void **state)
{
	struct dma_fence *f[3], *g = mock_fence_at(77, 9);
	int i;

	lock_and_reserve(4);
	for (i = 0; i < 3; i++) {
		f[i] = mock_fence_at(dma_fence_context_alloc(1), i);
		dma_resv_add_fence(&obj, f[i], WRITE);
	}
	/* Adding polls the fences. */
	mock_done_at(f[1], 1);
	dma_fence_signal(f[2]);
	dma_resv_add_fence(&obj, g, BOOKKEEP);
	dma_resv_unlock(&obj);
	/* The new fence takes the entry of one signalled fence only. */
	assert_string_equal(resv_text(&obj), "w0 b9 w2");
	assert_int_equal(mock_refs(f[1]), 1);
	assert_int_equal(mock_refs(f[2]), 2);
	for (i = 0; i < 3; i++)
		dma_fence_put(f[i]);
	dma_fence_put(g);
}

/* Replacing */

static void replacing_goes_by_context(void **state)
{
	struct dma_fence *f = mock_fence_at(50, 1), *g = mock_fence_at(50, 1);
	struct dma_fence *other = mock_fence_at(51, 2);
	struct dma_fence *r = mock_fence_at(52, 7);

	resv_add(&obj, f, WRITE);
	resv_add(&obj, other, READ);
	resv_add(&obj, g, BOOKKEEP);
	lock();
	libfence_fail_nth(1);
	dma_resv_replace_fences(&obj, 50, r, READ);
	assert_false(mock_alloc_failed());
	assert_string_equal(resv_text(&obj), "r7 r2 r7");
	/* No fence has this context any more. */
	dma_resv_replace_fences(&obj, 50, f, KERNEL);
	assert_string_equal(resv_text(&obj), "r7 r2 r7");
	dma_resv_unlock(&obj);
	assert_int_equal(mock_refs(f), 1);
	assert_int_equal(mock_refs(g), 1);
	assert_int_equal(mock_refs(other), 2);
	assert_int_equal(mock_refs(r), 3);
	dma_fence_put(f);
	dma_fence_put(g);
	dma_fence_put(other);
	dma_fence_put(r);
}

static void replacing_in_an_empty_object_does_nothing(void **state)
{
	struct dma_fence *f = mock_fence();

	lock();
	dma_resv_replace_fences(&obj, f->context, f, READ);
	assert_null(resv_list(&obj));
	dma_resv_unlock(&obj);
	assert_int_equal(mock_refs(f), 1);
	dma_fence_put(f);
}

#if LFSHIM_CHECKS
static void changing_it_unlocked_warns(void **state)
{
	struct dma_fence *f = mock_fence();
	struct dma_resv_iter cursor;
	int more = 0;

	if (CORE_KERNEL("dma_resv_replace_fences() without the lock warns three times with CONFIG_PROVE_LOCKING"))
		more = 1;
	resv_add(&obj, f, READ);
	/* Some of these checks warn only once at each call site. */
	test_expect_warnings();
	dma_resv_replace_fences(&obj, 1, f, READ);
	test_expected_warnings(2 + more, NULL, __FILE__, __LINE__);
	test_expect_warnings();
	dma_resv_iter_begin(&cursor, &obj, READ);
	dma_resv_iter_first(&cursor);
	test_expected_warnings(2, NULL, __FILE__, __LINE__);
	dma_fence_put(f);
}
#endif

#ifdef CONFIG_LOCKDEP
static void locking_it_in_a_signalling_section_is_found(void **state)
{
	bool cookie = dma_fence_begin_signalling();

	assert_warns_like(TEST_DEADLOCK, lock());
	dma_resv_unlock(&obj);
	dma_fence_end_signalling(cookie);
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		RESV_TEST(usage_rw_gives_the_usage_to_wait_for),
		RESV_TEST(an_initialised_object_is_empty_and_unlocked),
		RESV_TEST(fini_puts_all_fences),
		RESV_TEST(the_lock_without_a_context),
		RESV_TEST(two_objects_in_any_order),
		RESV_TEST(a_signal_ends_the_interruptible_forms),
		RESV_TEST(reserving_nothing_warns),
		RESV_TEST(the_first_room_is_a_power_of_two_four_at_least),
		RESV_TEST(larger_room_is_rounded_up),
		RESV_TEST(without_room_it_is_a_bug),
		RESV_TEST(existing_room_is_not_allocated_again),
		RESV_TEST(a_full_list_doubles_at_least),
		RESV_TEST(growing_moves_what_is_not_signalled),
		RESV_TEST(without_memory_there_is_no_room_and_nothing_lost),
		RESV_TEST(a_reservation_does_not_survive_the_lock),
		RESV_TEST(adding_takes_a_reference),
		RESV_TEST(a_container_warns),
		RESV_TEST(a_later_fence_replaces_an_older_one_unless_weaker),
		RESV_TEST(the_same_fence_again_only_gets_stronger),
		RESV_TEST(the_entry_of_a_signalled_fence_is_reused),
		RESV_TEST(replacing_goes_by_context),
		RESV_TEST(replacing_in_an_empty_object_does_nothing),
#if LFSHIM_CHECKS
		RESV_TEST(changing_it_unlocked_warns),
#endif
#ifdef CONFIG_LOCKDEP
		RESV_TEST(locking_it_in_a_signalling_section_is_found),
#endif
	};

	return TEST_MAIN("dma-resv", tests);
}
