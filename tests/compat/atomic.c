// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Atomics and bit operations: their results, and that no update is lost. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/rcupdate.h>

/* Every operation of one type. @big is a value that needs all of its bits. */
#define OPERATIONS_TEST(pfx, atype, ctype, big)				\
static void pfx##_operations_return_what_they_should(void **state)	\
{									\
	atype v = { 10 };						\
	ctype old = 7;							\
									\
	assert_int_equal(pfx##_read(&v), 10);				\
	pfx##_set(&v, 5);						\
	pfx##_add(3, &v);						\
	pfx##_sub(2, &v);						\
	pfx##_inc(&v);							\
	pfx##_dec(&v);							\
	assert_int_equal(pfx##_read(&v), 6);				\
	pfx##_or(8, &v);						\
	assert_int_equal(pfx##_read(&v), 14);				\
	pfx##_and(~2, &v);						\
	assert_int_equal(pfx##_read(&v), 12);				\
	pfx##_xor(5, &v);						\
	assert_int_equal(pfx##_read(&v), 9);				\
	assert_int_equal(pfx##_fetch_add(2, &v), 9);			\
	assert_int_equal(pfx##_fetch_sub(1, &v), 11);			\
	assert_int_equal(pfx##_fetch_or(5, &v), 10);			\
	assert_int_equal(pfx##_fetch_and(6, &v), 15);			\
	assert_int_equal(pfx##_fetch_xor(2, &v), 6);			\
	assert_int_equal(pfx##_fetch_add_relaxed(1, &v), 4);		\
	assert_int_equal(pfx##_fetch_add_acquire(1, &v), 5);		\
	assert_int_equal(pfx##_fetch_sub_release(1, &v), 6);		\
	assert_int_equal(pfx##_add_return(4, &v), 9);			\
	assert_int_equal(pfx##_sub_return(8, &v), 1);			\
	assert_int_equal(pfx##_inc_return(&v), 2);			\
	assert_int_equal(pfx##_dec_return(&v), 1);			\
	assert_true(pfx##_dec_and_test(&v));				\
	assert_false(pfx##_dec_and_test(&v));				\
	assert_int_equal(pfx##_read(&v), -1);				\
	assert_true(pfx##_inc_and_test(&v));				\
	assert_false(pfx##_inc_and_test(&v));				\
	assert_false(pfx##_sub_and_test(2, &v));			\
	assert_true(pfx##_sub_and_test(-1, &v));			\
	assert_false(pfx##_inc_not_zero(&v));				\
	assert_int_equal(pfx##_read(&v), 0);				\
	assert_true(pfx##_add_unless(&v, 7, 1));			\
	assert_false(pfx##_add_unless(&v, 7, 7));			\
	assert_int_equal(pfx##_fetch_add_unless(&v, 1, 7), 7);		\
	assert_int_equal(pfx##_fetch_add_unless(&v, 1, 8), 7);		\
	assert_true(pfx##_inc_not_zero(&v));				\
	assert_int_equal(pfx##_xchg(&v, 3), 9);				\
	assert_int_equal(pfx##_cmpxchg(&v, 4, 5), 3);			\
	assert_int_equal(pfx##_cmpxchg(&v, 3, 5), 3);			\
	assert_false(pfx##_try_cmpxchg(&v, &old, 1));			\
	assert_int_equal(old, 5);					\
	assert_true(pfx##_try_cmpxchg(&v, &old, 1));			\
	assert_int_equal(old, 5);					\
	pfx##_set_release(&v, big);					\
	assert_true(pfx##_read_acquire(&v) == (ctype)big);		\
	assert_true(pfx##_inc_return(&v) == (ctype)big + 1);		\
}

OPERATIONS_TEST(atomic, atomic_t, int, 0x7ffffff0)
OPERATIONS_TEST(atomic64, atomic64_t, s64, 0x123456789abcdef0)
OPERATIONS_TEST(atomic_long, atomic_long_t, long, (LONG_MAX - 15))

static void atomics_wrap_around(void **state)
{
	atomic_t v = ATOMIC_INIT(INT_MAX);

	assert_int_equal(atomic_inc_return(&v), INT_MIN);
	assert_int_equal(atomic_dec_return(&v), INT_MAX);
}

static void cmpxchg_works_on_integers(void **state)
{
	int i = 1;
	u64 w = 0x100000001;
	bool b = false;

	assert_int_equal(cmpxchg(&i, 2, 3), 1);
	assert_int_equal(i, 1);
	assert_int_equal(cmpxchg(&i, 1, 3), 1);
	assert_int_equal(i, 3);
	assert_int_equal(cmpxchg_relaxed(&i, 3, 4), 3);
	assert_int_equal(cmpxchg_acquire(&i, 4, 5), 4);
	assert_int_equal(cmpxchg_release(&i, 5, 6), 5);
	assert_int_equal(cmpxchg_release(&i, 5, 7), 6);
	assert_int_equal(i, 6);
	assert_int_equal(xchg(&i, -1), 6);
	/* The upper half is compared too. */
	assert_true(cmpxchg(&w, 1, 2) == 0x100000001);
	assert_true(cmpxchg(&w, 0x100000001, 2) == 0x100000001);
	assert_int_equal(w, 2);
	assert_false(xchg(&b, true));
	assert_true(xchg(&b, true));
}

static void cmpxchg_works_on_pointers(void **state)
{
	int a, b, *p = &a, *old = &b;

	assert_ptr_equal(cmpxchg(&p, NULL, &b), &a);
	assert_ptr_equal(p, &a);
	assert_ptr_equal(cmpxchg(&p, &a, NULL), &a);
	assert_null(p);
	assert_null(cmpxchg(&p, NULL, &b));
	assert_ptr_equal(xchg(&p, &a), &b);
	assert_false(try_cmpxchg(&p, &old, NULL));
	assert_ptr_equal(old, &a);
	assert_true(try_cmpxchg(&p, &old, &b));
	assert_ptr_equal(p, &b);
}

static void cmpxchg_evaluates_its_arguments_once(void **state)
{
	int v[2] = { 1, 1 }, *p = v, expected = 1, fresh = 5;

	assert_int_equal(cmpxchg(p++, expected++, fresh++), 1);
	assert_ptr_equal(p, &v[1]);
	assert_int_equal(expected, 2);
	assert_int_equal(fresh, 6);
	assert_int_equal(v[0], 5);
	assert_int_equal(v[1], 1);
}

static void bits_are_set_across_words(void **state)
{
	unsigned long map[3] = { 0 };
	int nr[] = { 0, 1, BITS_PER_LONG - 1, BITS_PER_LONG, 2 * BITS_PER_LONG + 5 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nr); i++) {
		assert_false(test_bit(nr[i], map));
		set_bit(nr[i], map);
		assert_true(test_bit(nr[i], map));
		assert_true(test_bit_acquire(nr[i], map));
	}
	assert_true(map[0] == (3 | 1UL << (BITS_PER_LONG - 1)));
	assert_true(map[1] == 1);
	assert_true(map[2] == 32);
	clear_bit(1, map);
	clear_bit_unlock(BITS_PER_LONG, map);
	change_bit(2, map);
	change_bit(2 * BITS_PER_LONG + 5, map);
	assert_true(map[0] == (5 | 1UL << (BITS_PER_LONG - 1)));
	assert_true(map[1] == 0);
	assert_true(map[2] == 0);
}

static void test_and_bit_returns_the_old_bit(void **state)
{
	unsigned long map[2] = { 0 };
	int nr;

	for (nr = 0; nr < 2 * BITS_PER_LONG; nr += 13) {
		assert_false(test_and_set_bit(nr, map));
		assert_true(test_and_set_bit(nr, map));
		assert_true(test_and_clear_bit(nr, map));
		assert_false(test_and_clear_bit(nr, map));
		assert_false(test_and_set_bit_lock(nr, map));
		clear_bit(nr, map);
		assert_false(__test_and_set_bit(nr, map));
		assert_true(__test_and_set_bit(nr, map));
		__clear_bit(nr, map);
		__set_bit(nr, map);
		assert_true(test_bit(nr, map));
		__clear_bit(nr, map);
		assert_true(!map[0] && !map[1]);
	}
}

static void bits_are_counted_and_found(void **state)
{
	int i;

	assert_int_equal(hweight_long(0), 0);
	assert_int_equal(hweight_long(~0UL), BITS_PER_LONG);
	for (i = 0; i < BITS_PER_LONG; i++) {
		assert_int_equal(__ffs(~0UL << i), i);
		assert_int_equal(__fls(~0UL >> (BITS_PER_LONG - 1 - i)), i);
	}
	assert_true(GENMASK(7, 4) == 0xf0);
	assert_true(GENMASK(BITS_PER_LONG - 1, 0) == ~0UL);
}

#define NR_THREADS	4

struct counters {
	atomic_t i;
	atomic64_t w;
	int by_cmpxchg;
	unsigned long bits;
	atomic_t next_thread;
};

static int count_up(void *data)
{
	struct counters *c = data;
	int nr = atomic_fetch_add(1, &c->next_thread), i, v;
	int rounds = 20000 / test_slowness();

	for (i = 0; i < rounds; i++) {
		atomic_inc(&c->i);
		atomic64_add(0x100000001, &c->w);
		do {
			v = READ_ONCE(c->by_cmpxchg);
		} while (cmpxchg(&c->by_cmpxchg, v, v + 1) != v);
		/* Each thread has a bit of its own in the same word. */
		if (test_and_set_bit(nr, &c->bits) ||
		    !test_and_clear_bit(nr, &c->bits))
			return -1;
		set_bit(nr + NR_THREADS, &c->bits);
		if (!test_bit(nr + NR_THREADS, &c->bits))
			return -1;
		clear_bit(nr + NR_THREADS, &c->bits);
	}
	return rounds;
}

static void concurrent_changes_are_not_lost(void **state)
{
	struct task_struct *tasks[NR_THREADS];
	struct counters c = { .bits = 0 };
	s64 total = 0;
	int i, n, failed = 0;

	for (i = 0; i < NR_THREADS; i++)
		tasks[i] = start(count_up, &c);
	for (i = 0; i < NR_THREADS; i++) {
		n = finish(tasks[i]);
		failed += n < 0;
		total += n;
	}
	assert_int_equal(failed, 0);
	assert_int_equal(atomic_read(&c.i), total);
	assert_true(atomic64_read(&c.w) == total * 0x100000001);
	assert_int_equal(c.by_cmpxchg, total);
	assert_int_equal(c.bits, 0);
}

struct message {
	int data, ready;
	atomic_t turn;
};

static int answer(void *p)
{
	struct message *m = p;

	atomic_cond_read_relaxed(&m->turn, VAL == 1);
	smp_acquire__after_ctrl_dep();
	m->data++;
	smp_store_release(&m->ready, 5);
	return 0;
}

static void conditional_loads_wait_for_another_thread(void **state)
{
	struct message m = { .data = 6 }, *p = &m;
	struct task_struct *task = start(answer, &m);
	int turns = 0;

	/* It may only answer when it is its turn. */
	schedule_timeout_uninterruptible(2);
	assert_int_equal(READ_ONCE(m.ready), 0);
	atomic_set_release(&m.turn, 1);
	assert_int_equal(smp_cond_load_acquire(&p++->ready,
					       ++turns && VAL > 3), 5);
	assert_int_equal(m.data, 7);
	assert_true(turns > 0);
	assert_ptr_equal(p, &m + 1);
	finish(task);
}

/* Kernel code relies on it: RCU_INIT_POINTER(list->table[--k], fence). */
static void accesses_evaluate_their_arguments_once(void **state)
{
	int words[4] = { 1, 2, 3, 4 }, *table[2] = { words, words + 1 };
	int i = 0, v = 10;

	assert_int_equal(READ_ONCE(words[i++]), 1);
	WRITE_ONCE(words[i++], v++);
	assert_int_equal(smp_load_acquire(&words[i++]), 3);
	smp_store_release(&words[i++], v++);
	assert_int_equal(i, 4);
	assert_int_equal(words[1], 10);
	assert_int_equal(words[3], 11);
	smp_store_mb(words[--i], v++);
	assert_int_equal(xchg(&words[--i], v++), 3);
	assert_true(try_cmpxchg(&words[--i], &(int){ 10 }, v++));
	assert_int_equal(i, 1);
	assert_int_equal(v, 15);
	assert_int_equal(words[3], 12);

	RCU_INIT_POINTER(table[--i], &words[++v - 13]);
	assert_int_equal(i, 0);
	assert_int_equal(v, 16);
	assert_ptr_equal(table[0], &words[3]);
	assert_ptr_equal(rcu_dereference_raw(table[i++]), &words[3]);
	rcu_assign_pointer(table[i--], &words[v++ - 16]);
	assert_int_equal(i, 0);
	assert_int_equal(v, 17);
	assert_ptr_equal(table[1], words);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(atomic_operations_return_what_they_should),
		TEST(atomic64_operations_return_what_they_should),
		TEST(atomic_long_operations_return_what_they_should),
		TEST(atomics_wrap_around),
		TEST(cmpxchg_works_on_integers),
		TEST(cmpxchg_works_on_pointers),
		TEST(cmpxchg_evaluates_its_arguments_once),
		TEST(conditional_loads_wait_for_another_thread),
		TEST(accesses_evaluate_their_arguments_once),
		TEST(bits_are_set_across_words),
		TEST(test_and_bit_returns_the_old_bit),
		TEST(bits_are_counted_and_found),
		TEST(concurrent_changes_are_not_lost),
	};

	return TEST_MAIN("atomic", tests);
}
