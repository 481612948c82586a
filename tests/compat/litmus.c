// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Litmus tests: two threads repeatedly access the same two variables. They must
 * never observe an outcome that the kernel's memory model forbids.
 *
 * Without a full barrier, store buffering is observed on all CPUs, including
 * x86. Message passing fails on weakly ordered CPUs, and if the compiler
 * reorders the accesses.
 */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/rcupdate.h>

struct cell {
	unsigned long x;
	char pad1[56];
	unsigned long y;
	char pad2[56];
	unsigned long r0, r1;
	char pad3[48];
} ____cacheline_aligned;

struct litmus {
	void (*thread0)(struct cell *c);
	void (*thread1)(struct cell *c);
	bool (*forbidden)(const struct cell *c);
};

#define NR_CELLS	1024

struct run {
	const struct litmus *litmus;
	struct cell cells[NR_CELLS];
	/* Both threads increment this for each cell that they reach. */
	atomic_t arrived;
	int nr_rounds;
};

/* Wait for the other thread, so that both return nearly at the same time. */
static void meet(struct run *run, int n)
{
	atomic_inc_return(&run->arrived);
	/* Acquire: pairs with the full barrier of the increments. */
	while (atomic_read_acquire(&run->arrived) < 2 * n)
		cpu_relax();
}

static int play(struct run *run, int nr)
{
	int round, i, n = 0, bad = 0;

	for (round = 0; round < run->nr_rounds; round++) {
		for (i = 0; i < NR_CELLS; i++) {
			struct cell *c = &run->cells[i];

			meet(run, ++n);
			if (nr)
				run->litmus->thread1(c);
			else
				run->litmus->thread0(c);
		}
		meet(run, ++n);
		for (i = 0; nr == 0 && i < NR_CELLS; i++)
			bad += run->litmus->forbidden(&run->cells[i]);
		meet(run, ++n);
		/*
		 * A store to a line that the other thread has in its cache is
		 * visible late. Each thread has half of the cells.
		 */
		for (i = nr; i < NR_CELLS; i += 2)
			run->cells[i] = (struct cell){ 0 };
		meet(run, ++n);
	}
	return bad;
}

static int play0(void *run)
{
	return play(run, 0);
}

static int play1(void *run)
{
	return play(run, 1);
}

static struct run the_run;

/* Returns the number of forbidden outcomes. */
static int run_rounds(const struct litmus *litmus, int nr_rounds)
{
	struct task_struct *t0, *t1;

	memset(&the_run, 0, sizeof(the_run));
	the_run.litmus = litmus;
	the_run.nr_rounds = max(nr_rounds / (int)test_slowness(), 2);
	t0 = start(play0, &the_run);
	t1 = start(play1, &the_run);
	finish(t1);
	return finish(t0);
}

static int run_litmus(const struct litmus *litmus)
{
	return run_rounds(litmus, 20);
}

/*
 * Store buffering: each thread writes one variable and reads the other. At
 * least one of the threads must see the other's store.
 */
static bool both_missed(const struct cell *c)
{
	return !c->r0 && !c->r1;
}

#define STORE_BUFFERING(name, write)					\
static void name##_sb0(struct cell *c)					\
{									\
	unsigned long *p = &c->x;					\
									\
	write;								\
	c->r0 = READ_ONCE(c->y);					\
}									\
static void name##_sb1(struct cell *c)					\
{									\
	unsigned long *p = &c->y;					\
									\
	write;								\
	c->r1 = READ_ONCE(c->x);					\
}									\
static void name##_orders_a_store_before_a_later_load(void **state)	\
{									\
	const struct litmus sb = { name##_sb0, name##_sb1, both_missed };	\
									\
	assert_int_equal(run_litmus(&sb), 0);				\
}

STORE_BUFFERING(smp_mb, WRITE_ONCE(*p, 1); smp_mb())
STORE_BUFFERING(smp_store_mb, smp_store_mb(*p, 1))
STORE_BUFFERING(xchg, (void)xchg(p, 1))
STORE_BUFFERING(cmpxchg, (void)cmpxchg(p, 0, 1))
STORE_BUFFERING(add_return, atomic_long_inc_return((atomic_long_t *)p))
STORE_BUFFERING(fetch_or, atomic_long_fetch_or(1, (atomic_long_t *)p))
STORE_BUFFERING(test_and_set_bit, test_and_set_bit(0, p))
STORE_BUFFERING(after_atomic, set_bit(0, p); smp_mb__after_atomic())

/*
 * The barriers of a read-modify-write operation order all accesses before and
 * after it, not only the accesses to its own word.
 */
STORE_BUFFERING(rmw_on_another_word,
		static atomic_t other; WRITE_ONCE(*p, 1);
		atomic_add_return(1, &other))

/*
 * The same for a condition and the state of a task: the waker sees the state, or
 * the task sees the condition. The task keeps the state until the next cell.
 */
static struct task_struct *sleeper;

static void wake_up_sb0(struct cell *c)
{
	WRITE_ONCE(c->x, 1);
	c->r0 = wake_up_process(READ_ONCE(sleeper));
}

static void wake_up_sb1(struct cell *c)
{
	/* Once. Another store would make the waker wait until its own is visible. */
	if (READ_ONCE(sleeper) != current)
		WRITE_ONCE(sleeper, current);
	set_current_state(TASK_UNINTERRUPTIBLE);
	c->r1 = READ_ONCE(c->x);
}

static void wake_up_orders_a_store_before_the_state(void **state)
{
	const struct litmus sb = { wake_up_sb0, wake_up_sb1, both_missed };

	/* Until the thread is known: a task that does not sleep. */
	sleeper = current;
	/* The first cell may be too early. The outcome is rare. */
	assert_true(run_rounds(&sb, 200) <= 1);
}

/* Message passing: a thread that sees the flag also sees the earlier store. */
static bool flag_without_message(const struct cell *c)
{
	return c->r0 && !c->r1;
}

#define MESSAGE_PASSING(name, send, receive)				\
static void name##_mp0(struct cell *c)					\
{									\
	WRITE_ONCE(c->x, 1);						\
	send;								\
}									\
static void name##_mp1(struct cell *c)					\
{									\
	c->r0 = receive;						\
	c->r1 = READ_ONCE(c->x);					\
}									\
static void name##_passes_a_message(void **state)			\
{									\
	const struct litmus mp = { name##_mp0, name##_mp1,		\
				   flag_without_message };		\
									\
	assert_int_equal(run_litmus(&mp), 0);				\
}

MESSAGE_PASSING(release_acquire, smp_store_release(&c->y, 1),
		smp_load_acquire(&c->y))
MESSAGE_PASSING(wmb_rmb, smp_wmb(); WRITE_ONCE(c->y, 1),
		({ unsigned long y = READ_ONCE(c->y); smp_rmb(); y; }))
MESSAGE_PASSING(set_bit_test_bit, set_bit(0, &c->y), test_bit(0, &c->y))
MESSAGE_PASSING(full_barrier_rmw, xchg(&c->y, 1),
		atomic_long_fetch_add(0, (atomic_long_t *)&c->y))
MESSAGE_PASSING(rcu_assign_pointer, rcu_assign_pointer(c->y, 1),
		rcu_dereference_raw(c->y))

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(smp_mb_orders_a_store_before_a_later_load),
		TEST(smp_store_mb_orders_a_store_before_a_later_load),
		TEST(xchg_orders_a_store_before_a_later_load),
		TEST(cmpxchg_orders_a_store_before_a_later_load),
		TEST(add_return_orders_a_store_before_a_later_load),
		TEST(fetch_or_orders_a_store_before_a_later_load),
		TEST(test_and_set_bit_orders_a_store_before_a_later_load),
		TEST(after_atomic_orders_a_store_before_a_later_load),
		TEST(rmw_on_another_word_orders_a_store_before_a_later_load),
		TEST(wake_up_orders_a_store_before_the_state),
		TEST(release_acquire_passes_a_message),
		TEST(wmb_rmb_passes_a_message),
		TEST(set_bit_test_bit_passes_a_message),
		TEST(full_barrier_rmw_passes_a_message),
		TEST(rcu_assign_pointer_passes_a_message),
	};

	return TEST_MAIN("litmus", tests);
}
