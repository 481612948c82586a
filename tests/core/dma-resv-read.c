// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Reservation objects: iteration, and the functions that use it. */
#include "resv.h"

#include <linux/seq_file.h>

static struct dma_fence *f[4];

/* Add four fences: f[i] has usage i and seqno i. */
static void add_four(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		f[i] = mock_fence_at(dma_fence_context_alloc(1), i);
		resv_add(&obj, f[i], i);
	}
}

static void put_four(void)
{
	int i;

	for (i = 0; i < 4; i++)
		dma_fence_put(f[i]);
}

/* Locked iteration */

static void locked_iteration_returns_all_and_takes_no_reference(void **state)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	int usage, n;

	add_four();
	dma_fence_signal(f[1]);
	dma_resv_lock(&obj, NULL);
	for (usage = KERNEL; usage <= BOOKKEEP; usage++) {
		n = 0;
		dma_resv_for_each_fence(&cursor, &obj, usage, fence) {
			assert_ptr_equal(fence, f[n]);
			assert_int_equal(dma_resv_iter_usage(&cursor), n);
			assert_int_equal(dma_resv_iter_is_restarted(&cursor),
					 n == 0);
			assert_int_equal(mock_refs(fence), 2);
			assert_null(cursor.fence);
			n++;
		}
		assert_int_equal(n, usage + 1);
	}
	/* Leaving the loop early needs no cleanup. */
	dma_resv_for_each_fence(&cursor, &obj, BOOKKEEP, fence)
		break;
	assert_int_equal(mock_refs(f[0]), 2);
	dma_resv_iter_end(&cursor);
	dma_resv_unlock(&obj);
	put_four();
}

static void locked_iteration_skips_other_usages(void **state)
{
	struct dma_resv_iter cursor;

	f[0] = mock_fence();
	f[1] = mock_fence();
	resv_add(&obj, f[0], BOOKKEEP);
	resv_add(&obj, f[1], WRITE);
	dma_resv_lock(&obj, NULL);
	dma_resv_iter_begin(&cursor, &obj, READ);
	assert_ptr_equal(dma_resv_iter_first(&cursor), f[1]);
	assert_true(dma_resv_iter_is_restarted(&cursor));
	assert_null(dma_resv_iter_next(&cursor));
	dma_resv_iter_begin(&cursor, &obj, KERNEL);
	assert_null(dma_resv_iter_first(&cursor));
	dma_resv_unlock(&obj);
	dma_fence_put(f[0]);
	dma_fence_put(f[1]);
}

static void locked_iteration_of_nothing(void **state)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_lock(&obj, NULL);
	dma_resv_for_each_fence(&cursor, &obj, BOOKKEEP, fence)
		fail_msg("an empty object has a fence");
	dma_resv_unlock(&obj);
}

/* Unlocked iteration */

static void unlocked_iteration_returns_what_is_not_signalled(void **state)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	int usage, n, refs = 2;

	if (CORE_KERNEL("the cursor of an unlocked iteration has a reference of its own to its fence"))
		refs++;
	add_four();
	for (usage = KERNEL; usage <= BOOKKEEP; usage++) {
		n = 0;
		dma_resv_iter_begin(&cursor, &obj, usage);
		dma_resv_for_each_fence_unlocked(&cursor, fence) {
			assert_ptr_equal(fence, f[n]);
			assert_int_equal(dma_resv_iter_usage(&cursor), n);
			assert_int_equal(dma_resv_iter_is_restarted(&cursor),
					 n == 0);
			/* See dma-resv-cursor.c. */
			assert_ptr_equal(cursor.fence, fence);
			assert_int_equal(mock_refs(fence), refs);
			/* The body may sleep. */
			might_sleep();
			n++;
		}
		assert_int_equal(n, usage + 1);
		assert_null(cursor.fence);
		dma_resv_iter_end(&cursor);
	}
	dma_fence_signal(f[0]);
	/* Polling this fence signals it. */
	mock_done_at(f[1], 1);
	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	assert_ptr_equal(dma_resv_iter_first_unlocked(&cursor), f[2]);
	assert_true(dma_fence_test_signaled_flag(f[1]));
	assert_true(dma_resv_iter_is_restarted(&cursor));
	assert_ptr_equal(dma_resv_iter_next_unlocked(&cursor), f[3]);
	dma_resv_iter_end(&cursor);
	assert_int_equal(mock_refs(f[3]), 2);
	put_four();
}

static void unlocked_iteration_of_nothing(void **state)
{
	struct dma_resv_iter cursor;

	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	assert_null(dma_resv_iter_first_unlocked(&cursor));
	assert_null(dma_resv_iter_next_unlocked(&cursor));
	dma_resv_iter_end(&cursor);
}

static void a_new_list_restarts_the_iteration(void **state)
{
	struct dma_resv_iter cursor;
	int i;

	add_four();
	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	assert_ptr_equal(dma_resv_iter_first_unlocked(&cursor), f[0]);
	assert_ptr_equal(dma_resv_iter_next_unlocked(&cursor), f[1]);
	assert_false(dma_resv_iter_is_restarted(&cursor));
	/* The list grows during the iteration. */
	dma_resv_lock(&obj, NULL);
	dma_resv_reserve_fences(&obj, 100);
	dma_resv_unlock(&obj);
	rcu_barrier();
	for (i = 0; i < 4; i++) {
		assert_ptr_equal(dma_resv_iter_next_unlocked(&cursor), f[i]);
		assert_int_equal(dma_resv_iter_is_restarted(&cursor), i == 0);
	}
	assert_null(dma_resv_iter_next_unlocked(&cursor));
	assert_false(dma_resv_iter_is_restarted(&cursor));
	dma_resv_iter_end(&cursor);
	put_four();
}

static void changes_in_place_do_not_restart_it(void **state)
{
	struct dma_fence *later, *another = mock_fence();
	struct dma_resv_iter cursor;

	dma_resv_lock(&obj, NULL);
	dma_resv_reserve_fences(&obj, 8);
	dma_resv_unlock(&obj);
	f[0] = mock_fence();
	f[1] = mock_fence();
	later = mock_fence_at(f[1]->context, 2);
	dma_resv_lock(&obj, NULL);
	dma_resv_reserve_fences(&obj, 4);
	dma_resv_add_fence(&obj, f[0], READ);
	dma_resv_add_fence(&obj, f[1], READ);
	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	assert_ptr_equal(dma_resv_iter_first_unlocked(&cursor), f[0]);
	/* Replace the fence that is next, and append another one. */
	dma_resv_add_fence(&obj, later, READ);
	dma_resv_add_fence(&obj, another, READ);
	assert_ptr_equal(dma_resv_iter_next_unlocked(&cursor), later);
	assert_false(dma_resv_iter_is_restarted(&cursor));
	/* The appended fence was not there when the iteration began. */
	assert_null(dma_resv_iter_next_unlocked(&cursor));
	dma_resv_iter_end(&cursor);
	dma_resv_unlock(&obj);
	dma_fence_put(f[0]);
	dma_fence_put(f[1]);
	dma_fence_put(later);
	dma_fence_put(another);
}

#define NEVER_ENDS							\
	"an unlocked iteration whose list becomes NULL returns the same fence for ever"

static void it_ends_when_the_list_is_gone(void **state)
{
	struct dma_resv_iter cursor;
	struct dma_resv empty;

	dma_resv_init(&empty);
	add_four();
	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	assert_ptr_equal(dma_resv_iter_first_unlocked(&cursor), f[0]);
	dma_resv_lock(&obj, NULL);
	assert_int_equal(dma_resv_copy_fences(&obj, &empty), 0);
	dma_resv_unlock(&obj);
	assert_null(resv_list(&obj));
	assert_int_equal(mock_refs(f[0]), 2);
	if (CORE_KERNEL(NEVER_ENDS)) {
		assert_ptr_equal(dma_resv_iter_next_unlocked(&cursor), f[0]);
		assert_ptr_equal(dma_resv_iter_next_unlocked(&cursor), f[0]);
	} else {
		assert_null(dma_resv_iter_next_unlocked(&cursor));
		assert_null(cursor.fence);
		assert_int_equal(mock_refs(f[0]), 1);
		assert_null(dma_resv_iter_next_unlocked(&cursor));
	}
	dma_resv_iter_end(&cursor);
	dma_resv_fini(&empty);
	put_four();
}

/*
 * A new list at the address of the old one. Comparing addresses does not find
 * the change: the test sets the cursor's pointer to the new list, which has the
 * effect of reused memory.
 */
static void a_new_list_in_the_old_memory_is_a_new_list(void **state)
{
	struct dma_resv_iter cursor;
	struct dma_resv empty;
	int i;

	if (CORE_KERNEL("an unlocked iteration does not notice a new list at the address of the old one"))
		return;
	dma_resv_init(&empty);
	add_four();
	dma_resv_iter_begin(&cursor, &obj, BOOKKEEP);
	assert_ptr_equal(dma_resv_iter_first_unlocked(&cursor), f[0]);
	assert_ptr_equal(dma_resv_iter_next_unlocked(&cursor), f[1]);
	dma_resv_lock(&obj, NULL);
	assert_int_equal(dma_resv_copy_fences(&obj, &empty), 0);
	assert_int_equal(dma_resv_reserve_fences(&obj, 4), 0);
	for (i = 3; i >= 0; i--)
		dma_resv_add_fence(&obj, f[i], READ);
	dma_resv_unlock(&obj);
	cursor.fences = resv_list(&obj);
	assert_ptr_equal(dma_resv_iter_next_unlocked(&cursor), f[3]);
	assert_true(dma_resv_iter_is_restarted(&cursor));
	assert_ptr_equal(dma_resv_iter_next_unlocked(&cursor), f[2]);
	assert_false(dma_resv_iter_is_restarted(&cursor));
	dma_resv_iter_end(&cursor);
	dma_resv_fini(&empty);
	put_four();
}

/* Getting all fences, or one for all */

static void get_fences_has_a_reference_to_each(void **state)
{
	struct dma_fence **table;
	unsigned int n;
	int usage, i;

	add_four();
	for (usage = KERNEL; usage <= BOOKKEEP; usage++) {
		assert_int_equal(dma_resv_get_fences(&obj, usage, &n, &table),
				 0);
		assert_int_equal(n, usage + 1);
		for (i = 0; i < n; i++) {
			assert_ptr_equal(table[i], f[i]);
			assert_int_equal(mock_refs(f[i]), 3);
			dma_fence_put(table[i]);
		}
		/* The table has room for one more fence. */
		table[n] = NULL;
		kfree(table);
	}
	put_four();
}

static void get_fences_of_nothing_is_no_table(void **state)
{
	struct dma_fence **table = (void *)1;
	unsigned int n = 7;

	libfence_fail_nth(1);
	assert_int_equal(dma_resv_get_fences(&obj, BOOKKEEP, &n, &table), 0);
	assert_false(mock_alloc_failed());
	assert_int_equal(n, 0);
	assert_null(table);
	add_four();
	dma_fence_signal(f[0]);
	n = 7;
	table = (void *)1;
	assert_int_equal(dma_resv_get_fences(&obj, KERNEL, &n, &table), 0);
	assert_int_equal(n, 0);
	assert_null(table);
	put_four();
}

static void get_fences_without_memory_keeps_nothing(void **state)
{
	struct dma_fence **table = (void *)1;
	unsigned int n = 7;
	int i;

	add_four();
	libfence_fail_nth(1);
	assert_int_equal(dma_resv_get_fences(&obj, BOOKKEEP, &n, &table),
			 -ENOMEM);
	assert_true(mock_alloc_failed());
	assert_int_equal(n, 0);
	assert_null(table);
	for (i = 0; i < 4; i++)
		assert_int_equal(mock_refs(f[i]), 2);
	put_four();
}

static void a_singleton_without_memory_leaves_everything(void **state)
{
	struct dma_fence *single = (void *)1;
	int i, nth;

	add_four();
	/* The first allocation is the table, the second the array. */
	for (nth = 1; nth <= 2; nth++) {
		libfence_fail_nth(nth);
		assert_int_equal(dma_resv_get_singleton(&obj, READ, &single),
				 -ENOMEM);
		assert_true(mock_alloc_failed());
		assert_ptr_equal(single, (void *)1);
		for (i = 0; i < 4; i++)
			assert_int_equal(mock_refs(f[i]), 2);
	}
	libfence_fail_nth(3);
	assert_int_equal(dma_resv_get_singleton(&obj, READ, &single), 0);
	assert_false(mock_alloc_failed());
	dma_fence_put(single);
	put_four();
}

static void a_singleton_is_signalled_when_all_are(void **state)
{
	struct dma_fence *single;

	add_four();
	assert_int_equal(dma_resv_get_singleton(&obj, WRITE, &single), 0);
	assert_true(dma_fence_is_array(single));
	assert_int_equal(single->seqno, 1);
	dma_fence_signal(f[0]);
	assert_false(dma_fence_is_signaled(single));
	dma_fence_signal(f[1]);
	assert_true(dma_fence_is_signaled(single));
	dma_fence_put(single);
	/* A single pending fence is returned itself. */
	assert_int_equal(dma_resv_get_singleton(&obj, READ, &single), 0);
	assert_ptr_equal(single, f[2]);
	assert_int_equal(mock_refs(f[2]), 3);
	dma_fence_put(single);
	put_four();
}

/* Copying */

static void copying_keeps_usages_and_replaces_what_was_there(void **state)
{
	struct dma_fence *old = mock_fence_at(dma_fence_context_alloc(1), 9);
	struct dma_resv dst;
	int i;

	dma_resv_init(&dst);
	resv_add(&dst, old, KERNEL);
	add_four();
	dma_fence_signal(f[2]);
	dma_resv_lock(&dst, NULL);
	assert_int_equal(dma_resv_copy_fences(&dst, &obj), 0);
	dma_resv_unlock(&dst);
	assert_string_equal(resv_text(&dst), "k0 w1 b3");
	assert_string_equal(resv_text(&obj), "k0 w1 r2 b3");
	assert_int_equal(mock_refs(old), 1);
	for (i = 0; i < 4; i++)
		assert_int_equal(mock_refs(f[i]), i == 2 ? 2 : 3);
	dma_resv_fini(&dst);
	dma_fence_put(old);
	put_four();
}

static void copying_nothing_leaves_no_list(void **state)
{
	struct dma_fence *old = mock_fence();
	struct dma_resv dst;

	dma_resv_init(&dst);
	resv_add(&dst, old, KERNEL);
	dma_resv_lock(&dst, NULL);
	libfence_fail_nth(1);
	assert_int_equal(dma_resv_copy_fences(&dst, &obj), 0);
	assert_false(mock_alloc_failed());
	dma_resv_unlock(&dst);
	assert_null(resv_list(&dst));
	assert_int_equal(mock_refs(old), 1);
	dma_resv_fini(&dst);
	dma_fence_put(old);
}

static void copying_without_memory_changes_nothing(void **state)
{
	struct dma_fence *old = mock_fence_at(dma_fence_context_alloc(1), 9);
	struct dma_resv dst;
	void *list;
	int i;

	dma_resv_init(&dst);
	resv_add(&dst, old, KERNEL);
	list = resv_list(&dst);
	add_four();
	dma_resv_lock(&dst, NULL);
	libfence_fail_nth(1);
	assert_int_equal(dma_resv_copy_fences(&dst, &obj), -ENOMEM);
	assert_true(mock_alloc_failed());
	dma_resv_unlock(&dst);
	assert_ptr_equal(resv_list(&dst), list);
	assert_string_equal(resv_text(&dst), "k9");
	for (i = 0; i < 4; i++)
		assert_int_equal(mock_refs(f[i]), 2);
	dma_resv_fini(&dst);
	dma_fence_put(old);
	put_four();
}

/* Waiting */

static void waiting_is_for_one_after_the_other(void **state)
{
	struct mock_fence *m[2];
	int i;

	for (i = 0; i < 2; i++) {
		m[i] = mock_new(&mock_wait_ops, dma_fence_context_alloc(1), 1);
		resv_add(&obj, &m[i]->base, READ);
	}
	/* The next fence gets the time that is left. */
	m[0]->wait_result = 6;
	m[1]->wait_result = 5;
	assert_int_equal(dma_resv_wait_timeout(&obj, READ, true, 9), 5);
	assert_int_equal(m[0]->wait_timeout, 9);
	assert_true(m[0]->wait_intr);
	assert_int_equal(m[1]->wait_timeout, 6);
	/* A timeout of 0. */
	m[0]->wait_result = 1;
	m[1]->wait_result = 1;
	assert_int_equal(dma_resv_wait_timeout(&obj, READ, false, 0), 1);
	assert_int_equal(m[1]->wait_timeout, 0);
	assert_false(m[1]->wait_intr);
	/* After a timeout or an error, the next fence is not waited for. */
	m[1]->wait_timeout = -1;
	for (i = 0; i < 2; i++) {
		m[0]->wait_result = i ? -ERESTARTSYS : 0;
		assert_int_equal(dma_resv_wait_timeout(&obj, READ, true, 9),
				 i ? -ERESTARTSYS : 0);
		assert_int_equal(m[1]->wait_timeout, -1);
	}
	/* The fences do not match this usage. */
	assert_int_equal(dma_resv_wait_timeout(&obj, WRITE, true, 9), 9);
	for (i = 0; i < 2; i++)
		dma_fence_put(&m[i]->base);
}

static int signal_later(void *data)
{
	int i;

	for (i = 3; i >= 0; i--) {
		msleep(1);
		dma_fence_signal(f[i]);
	}
	return 0;
}

static void waiting_ends_when_all_are_signalled(void **state)
{
	struct task_struct *k;

	add_four();
	assert_int_equal(dma_resv_wait_timeout(&obj, BOOKKEEP, true, 2), 0);
	assert_int_equal(mock_called(MOCK_ENABLE), 1);
	k = mock_run(signal_later, NULL);
	assert_int_equal(dma_resv_wait_timeout(&obj, BOOKKEEP, true,
					       MAX_SCHEDULE_TIMEOUT),
			 MAX_SCHEDULE_TIMEOUT);
	assert_true(dma_resv_test_signaled(&obj, BOOKKEEP));
	mock_join(k);
	put_four();
}

static void waiting_for_ever_and_more_is_an_error(void **state)
{
	long ret = 0;

	add_four();
	assert_warns(1, ret = dma_resv_wait_timeout(&obj, BOOKKEEP, true,
						    LONG_MAX + 1ul));
	assert_int_equal(ret, -EINVAL);
	put_four();
}

static void a_signal_ends_the_wait(void **state)
{
	add_four();
	send_sig(SIGUSR1, current, 1);
	assert_int_equal(dma_resv_wait_timeout(&obj, READ, true, 100),
			 -ERESTARTSYS);
	assert_int_equal(dma_resv_wait_timeout(&obj, READ, false, 1), 0);
	flush_signals(current);
	put_four();
}

/* Describing, deadlines and testing */

static void describe_does_not_show_bookkeeping(void **state)
{
	struct seq_file m;
	char text[256];

	if (mock_describes_otherwise())
		return;
	add_four();
	dma_fence_signal(f[1]);
	lfshim_seq_open(&m);
	dma_resv_lock(&obj, NULL);
	dma_resv_describe(&obj, &m);
	dma_resv_unlock(&obj);
	snprintf(text, sizeof(text),
		 "\tkernel fence:%llu:0 mock-timeline mock-driver unsignalled\n"
		 "\twrite fence:%llu:1   signalled\n"
		 "\tread fence:%llu:2 mock-timeline mock-driver unsignalled\n",
		 (unsigned long long)f[0]->context,
		 (unsigned long long)f[1]->context,
		 (unsigned long long)f[2]->context);
	assert_string_equal(lfshim_seq_text(&m), text);
	lfshim_seq_release(&m);
	put_four();
}

#if CORE_HAS(dma_fence_set_deadline)
static void a_deadline_is_for_all_that_match(void **state)
{
	int i;

	add_four();
	dma_fence_signal(f[1]);
	dma_resv_set_deadline(&obj, READ, 1234);
	for (i = 0; i < 4; i++)
		assert_int_equal(to_mock(f[i])->deadline,
				 i == 0 || i == 2 ? 1234 : 0);
	put_four();
}
#endif

static void test_signaled_asks_by_usage(void **state)
{
	int usage, i;

	assert_true(dma_resv_test_signaled(&obj, BOOKKEEP));
	add_four();
	for (i = 0; i < 4; i++) {
		for (usage = KERNEL; usage <= BOOKKEEP; usage++)
			assert_int_equal(dma_resv_test_signaled(&obj, usage),
					 usage < i);
		/* Signal the fence, or let polling find it done. */
		if (i & 1)
			dma_fence_signal(f[i]);
		else
			mock_done_at(f[i], 1);
	}
	assert_true(dma_resv_test_signaled(&obj, BOOKKEEP));
	for (i = 0; i < 4; i++)
		assert_int_equal(mock_refs(f[i]), 2);
	put_four();
}

static void test_signaled_knows_fences_that_are_not_polled(void **state)
{
	struct dma_fence *g;

	g = &mock_new(&mock_names_ops, dma_fence_context_alloc(1), 1)->base;
	resv_add(&obj, g, WRITE);
	assert_false(dma_resv_test_signaled(&obj, WRITE));
	assert_true(dma_resv_test_signaled(&obj, KERNEL));
	dma_fence_signal(g);
	assert_true(dma_resv_test_signaled(&obj, WRITE));
	dma_fence_put(g);
}

/* A fence that is signalled, and leaves the list, while it is polled. */
static const char *late_name(struct dma_fence *fence)
{
	return "late";
}

/* @replace asks another thread to replace the list; @replaced: it has. */
static bool replace, replaced;

static int replaces_the_list(void *data)
{
	int ret;

	/* Pairs with the release in late_signaled(), or in the test. */
	while (!smp_load_acquire(&replace))
		cond_resched();
	dma_resv_lock(&obj, NULL);
	ret = dma_resv_reserve_fences(&obj, 100);
	dma_resv_unlock(&obj);
	/* Pairs with the acquire in late_signaled(). */
	smp_store_release(&replaced, true);
	return ret;
}

/* Runs in a read-side section, so it must not sleep. */
static bool late_signaled(struct dma_fence *fence)
{
	if (dma_fence_test_signaled_flag(fence))
		return false;
	dma_fence_signal(fence);
	/* Pairs with the acquire in replaces_the_list(). */
	smp_store_release(&replace, true);
	/* Pairs with the release in replaces_the_list(). */
	while (!smp_load_acquire(&replaced))
		cpu_relax();
	return false;
}

static const struct dma_fence_ops late_ops = {
	.get_driver_name = late_name,
	.get_timeline_name = late_name,
	.signaled = late_signaled,
};

static void test_signaled_looks_again_when_the_list_is_replaced(void **state)
{
	struct dma_fence *late = &mock_new(&late_ops, 1, 1)->base;
	struct task_struct *other;
	void *list;
	bool signaled;

	replace = replaced = false;
	resv_add(&obj, late, WRITE);
	list = resv_list(&obj);
	other = mock_run(replaces_the_list, NULL);
	signaled = dma_resv_test_signaled(&obj, WRITE);
	/*
	 * Pairs with the acquire in replaces_the_list(). Ends the thread even
	 * if the fence was not polled.
	 */
	smp_store_release(&replace, true);
	assert_int_equal(mock_join(other), 0);
	assert_true(signaled);
	assert_ptr_not_equal(resv_list(&obj), list);
	dma_fence_put(late);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		RESV_TEST(locked_iteration_returns_all_and_takes_no_reference),
		RESV_TEST(locked_iteration_skips_other_usages),
		RESV_TEST(locked_iteration_of_nothing),
		RESV_TEST(unlocked_iteration_returns_what_is_not_signalled),
		RESV_TEST(unlocked_iteration_of_nothing),
		RESV_TEST(a_new_list_restarts_the_iteration),
		RESV_TEST(changes_in_place_do_not_restart_it),
		RESV_TEST(it_ends_when_the_list_is_gone),
		RESV_TEST(a_new_list_in_the_old_memory_is_a_new_list),
		RESV_TEST(get_fences_has_a_reference_to_each),
		RESV_TEST(get_fences_of_nothing_is_no_table),
		RESV_TEST(get_fences_without_memory_keeps_nothing),
		RESV_TEST(a_singleton_without_memory_leaves_everything),
		RESV_TEST(a_singleton_is_signalled_when_all_are),
		RESV_TEST(copying_keeps_usages_and_replaces_what_was_there),
		RESV_TEST(copying_nothing_leaves_no_list),
		RESV_TEST(copying_without_memory_changes_nothing),
		RESV_TEST(waiting_is_for_one_after_the_other),
		RESV_TEST(waiting_ends_when_all_are_signalled),
		RESV_TEST(waiting_for_ever_and_more_is_an_error),
		RESV_TEST(a_signal_ends_the_wait),
		RESV_TEST(describe_does_not_show_bookkeeping),
#if CORE_HAS(dma_fence_set_deadline)
		RESV_TEST(a_deadline_is_for_all_that_match),
#endif
		RESV_TEST(test_signaled_asks_by_usage),
		RESV_TEST(test_signaled_knows_fences_that_are_not_polled),
		RESV_TEST(test_signaled_looks_again_when_the_list_is_replaced),
	};

	return TEST_MAIN("dma-resv-read", tests);
}
