// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Spinlocks: exclusion, misuse, nested interrupt disabling, many waiters. */

#include "helpers.h"
#include <stdio.h>
#include <stdlib.h>
#include <linux/atomic.h>
#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

static_assert(sizeof(spinlock_t) == 4, "struct dma_fence has room for four bytes");

static void lock_is_held_between_lock_and_unlock(void **state)
{
	DEFINE_SPINLOCK(lock);

	assert_false(spin_is_locked(&lock));
	spin_lock(&lock);
	assert_true(spin_is_locked(&lock));
	assert_true(lfshim_spin_held(&lock));
	spin_unlock(&lock);
	assert_false(spin_is_locked(&lock));
	assert_false(lfshim_spin_held(&lock));
}

static void zeroed_memory_is_an_unlocked_lock(void **state)
{
	static spinlock_t zeroed;
	spinlock_t initialised;

	memset(&initialised, 0xff, sizeof(initialised));
	spin_lock_init(&initialised);
	assert_memory_equal(&zeroed, &initialised, sizeof(zeroed));
	assert_true(spin_trylock(&zeroed));
	spin_unlock(&zeroed);
}

struct shared {
	spinlock_t lock;
	/* @held: the holder has the lock. @may_release: it may release it. */
	bool held, may_release;
	int result;
};

static int try_lock(void *data)
{
	struct shared *s = data;
	int got = spin_trylock(&s->lock);

	if (got)
		spin_unlock(&s->lock);
	return got;
}

static int hold(void *data)
{
	struct shared *s = data;

	spin_lock(&s->lock);
	WRITE_ONCE(s->held, true);
	while (!READ_ONCE(s->may_release))
		cpu_relax();
	s->result++;
	spin_unlock(&s->lock);
	return 0;
}

static struct task_struct *start_holder(struct shared *s)
{
	struct task_struct *task = start(hold, s);

	assert_true(eventually(READ_ONCE(s->held)));
	return task;
}

static void trylock_fails_while_another_thread_holds_the_lock(void **state)
{
	struct shared s = { __SPIN_LOCK_UNLOCKED(s.lock) };
	struct task_struct *task;
	unsigned long flags;

	/* The thread's first lock operation: the thread has no number yet. */
	assert_int_equal(finish(start(try_lock, &s)), 1);
	task = start_holder(&s);
	assert_int_equal(finish(start(try_lock, &s)), 0);
	assert_false(spin_trylock(&s.lock));
	assert_false(spin_trylock_irqsave(&s.lock, flags));
	assert_false(irqs_disabled());
	WRITE_ONCE(s.may_release, true);
	finish(task);
	assert_true(spin_trylock_irqsave(&s.lock, flags));
	assert_true(irqs_disabled());
	/* A trylock by the holder fails without a recursion report. */
	assert_false(spin_trylock(&s.lock));
	spin_unlock_irqrestore(&s.lock, flags);
	assert_false(irqs_disabled());
}

static int lock_and_look(void *data)
{
	struct shared *s = data;
	int seen;

	spin_lock(&s->lock);
	seen = s->result;
	spin_unlock(&s->lock);
	return seen;
}

static void a_waiter_sleeps_until_the_unlock(void **state)
{
	struct shared s = { __SPIN_LOCK_UNLOCKED(s.lock) };
	struct task_struct *holder = start_holder(&s);
	struct task_struct *waiter = start(lock_and_look, &s);

	/* The waiter no longer spins: it sleeps in the futex or is about to. */
	assert_true(eventually(READ_ONCE(s.lock.word) & LFSHIM_SPIN_WAITERS));
	WRITE_ONCE(s.may_release, true);
	assert_int_equal(finish(waiter), 1);
	finish(holder);
	assert_int_equal(s.lock.word, 0);
}

static void every_sleeping_waiter_gets_the_lock(void **state)
{
	struct shared s = { __SPIN_LOCK_UNLOCKED(s.lock) };
	struct task_struct *holder = start_holder(&s), *waiters[3];
	int i;

	for (i = 0; i < 3; i++)
		waiters[i] = start(lock_and_look, &s);
	/* By then, all of them sleep in the futex. */
	msleep(10);
	WRITE_ONCE(s.may_release, true);
	for (i = 0; i < 3; i++)
		assert_int_equal(finish(waiters[i]), 1);
	finish(holder);
	assert_int_equal(s.lock.word, 0);
}

static int lock_when_held(void *data)
{
	struct shared *s = data;

	while (!READ_ONCE(s->held))
		cpu_relax();
	return lock_and_look(s);
}

static int look_while_waited_for(void *data)
{
	struct shared *s = data;
	struct task_struct *waiter = start(lock_when_held, s);
	int held;

	spin_lock(&s->lock);
	WRITE_ONCE(s->held, true);
	while (!(READ_ONCE(s->lock.word) & LFSHIM_SPIN_WAITERS))
		cpu_relax();
	held = lfshim_spin_held(&s->lock) && !spin_trylock(&s->lock);
	if (s->result)
		/* A recursion, which dies. */
		spin_lock(&s->lock);
	spin_unlock(&s->lock);
	finish(waiter);
	return held;
}

static void a_lock_with_waiters_knows_its_holder(void **state)
{
	struct shared s = { __SPIN_LOCK_UNLOCKED(s.lock) };

	assert_int_equal(finish(start(look_while_waited_for, &s)), 1);
	s.result = 1;
	s.held = false;
	assert_dies("spinlock recursion", look_while_waited_for(&s));
}

static void irqsave_nests(void **state)
{
	DEFINE_SPINLOCK(a);
	DEFINE_SPINLOCK(b);
	unsigned long outer, inner;

	assert_false(irqs_disabled());
	spin_lock_irqsave(&a, outer);
	assert_true(irqs_disabled());
	spin_lock_irqsave(&b, inner);
	spin_unlock_irqrestore(&b, inner);
	assert_true(irqs_disabled());
	spin_unlock_irqrestore(&a, outer);
	assert_false(irqs_disabled());
	/* Locks that are released in the order in which they were taken. */
	spin_lock_irqsave(&a, outer);
	spin_lock_irqsave(&b, inner);
	spin_unlock_irqrestore(&a, inner);
	assert_true(irqs_disabled());
	spin_unlock_irqrestore(&b, outer);
	assert_false(irqs_disabled());
}

/* It counts, unlike local_irq_disable(). */
static void disabling_interrupts_nests(void **state)
{
	unsigned long flags;

	local_interrupt_disable();
	local_interrupt_disable();
	local_interrupt_enable();
	assert_true(irqs_disabled());
	local_interrupt_enable();
	assert_false(irqs_disabled());
	/* Around a section of the other kind, and in one. */
	local_interrupt_disable();
	local_irq_save(flags);
	local_irq_restore(flags);
	assert_true(irqs_disabled());
	local_interrupt_enable();
	assert_false(irqs_disabled());
	local_irq_save(flags);
	local_interrupt_disable();
	local_interrupt_enable();
	assert_true(irqs_disabled());
	local_irq_restore(flags);
	assert_false(irqs_disabled());
	/* After code that has enabled them too early. */
	local_interrupt_disable();
	local_irq_enable();
	local_interrupt_disable();
	local_interrupt_enable();
	assert_false(irqs_disabled());
}

static void enabling_interrupts_too_often_warns(void **state)
{
	assert_warns(1, local_interrupt_enable(););
	assert_false(irqs_disabled());
	local_interrupt_disable();
	assert_true(irqs_disabled());
	local_interrupt_enable();
	assert_false(irqs_disabled());
}

static void locks_that_disable_interrupts_end_in_any_order(void **state)
{
	DEFINE_SPINLOCK(a);
	DEFINE_SPINLOCK(b);

	spin_lock_irq_disable(&a);
	spin_lock_irq_disable(&b);
	assert_true(irqs_disabled());
	spin_unlock_irq_enable(&a);
	assert_false(spin_is_locked(&a));
	assert_true(spin_is_locked(&b));
	assert_true(irqs_disabled());
	spin_unlock_irq_enable(&b);
	assert_false(irqs_disabled());
}

static int try_irq_disable(void *lock)
{
	int got = spin_trylock_irq_disable(lock), off = irqs_disabled();

	if (got)
		spin_unlock_irq_enable(lock);
	return got * 4 + off * 2 + irqs_disabled();
}

static void trylock_disables_interrupts_if_it_gets_the_lock(void **state)
{
	DEFINE_SPINLOCK(a);

	assert_int_equal(try_irq_disable(&a), 6);
	spin_lock(&a);
	assert_int_equal(try_irq_disable(&a), 0);
	spin_unlock(&a);
	local_interrupt_disable();
	assert_int_equal(try_irq_disable(&a), 7);
	local_interrupt_enable();
}

static int wait_for_readers(void *data)
{
	synchronize_rcu();
	return 0;
}

static void interrupts_are_a_flag_and_no_count(void **state)
{
	DEFINE_SPINLOCK(a);
	DEFINE_SPINLOCK(b);

	local_irq_disable();
	local_irq_disable();
	assert_true(irqs_disabled());
	local_irq_enable();
	assert_false(irqs_disabled());
	/* Enabling them once more does nothing. */
	local_irq_enable();
	assert_false(irqs_disabled());
	local_irq_disable();
	spin_lock(&a);
	spin_unlock_irq(&a);
	assert_false(irqs_disabled());
	/* The read-side section has ended, and has ended once. */
	finish(start(wait_for_readers, NULL));
	rcu_read_lock();
	local_irq_disable();
	local_irq_enable();
	assert_true(rcu_read_lock_held());
	rcu_read_unlock();
	synchronize_rcu();
	/* The inner lock enables them too early. With the checks this warns. */
	if (LFSHIM_CHECKS)
		return;
	spin_lock_irq(&a);
	spin_lock_irq(&b);
	spin_unlock_irq(&b);
	assert_false(irqs_disabled());
	spin_unlock_irq(&a);
	assert_false(irqs_disabled());
	finish(start(wait_for_readers, NULL));
}

static void spin_lock_bh_disables_softirqs(void **state)
{
	DEFINE_SPINLOCK(lock);

	assert_false(in_softirq());
	spin_lock_bh(&lock);
	assert_true(spin_is_locked(&lock));
	assert_true(in_softirq());
	assert_true(in_interrupt());
	assert_true(in_atomic());
	/* No softirq runs here, so this is still the task. */
	assert_false(in_serving_softirq());
	assert_true(in_task());
	spin_unlock_bh(&lock);
	assert_false(spin_is_locked(&lock));
	assert_false(in_softirq());
	assert_false(in_atomic());
	/* It nests, unlike the interrupts. */
	local_bh_disable();
	local_bh_disable();
	local_bh_enable();
	assert_true(in_softirq());
	local_bh_enable();
	assert_false(in_softirq());
	/* A trylock that fails leaves them as they were. */
	assert_true(spin_trylock_bh(&lock));
	assert_true(in_softirq());
	assert_false(spin_trylock_bh(&lock));
	spin_unlock_bh(&lock);
	assert_false(in_softirq());
}

static struct {
	spinlock_t *locks[2];
	int nr_runs, held, on_thread;
} probe;

static void probe_fn(struct irq_work *work)
{
	probe.nr_runs++;
	probe.held = lfshim_spin_held(probe.locks[0]) ||
		     lfshim_spin_held(probe.locks[1]);
	probe.on_thread = task_pid_nr(current);
}

static void enable_fn(struct irq_work *work)
{
	local_irq_enable();
	probe.nr_runs++;
}

static void irq_work_that_enables_interrupts_ends_one_section(void **state)
{
	struct irq_work first = IRQ_WORK_INIT(enable_fn);
	struct irq_work second = IRQ_WORK_INIT(enable_fn);

	probe.nr_runs = 0;
	local_irq_disable();
	irq_work_queue(&first);
	irq_work_queue(&second);
	local_irq_enable();
	assert_int_equal(probe.nr_runs, 2);
	assert_false(irqs_disabled());
	synchronize_rcu();
	finish(start(wait_for_readers, NULL));
}

static void irq_work_runs_at_the_outermost_unlock(void **state)
{
	struct irq_work work = IRQ_WORK_INIT(probe_fn);
	DEFINE_SPINLOCK(a);
	DEFINE_SPINLOCK(b);
	unsigned long outer, inner;

	probe.locks[0] = &a;
	probe.locks[1] = &b;
	probe.nr_runs = 0;
	spin_lock_irqsave(&a, outer);
	spin_lock_irqsave(&b, inner);
	assert_true(irq_work_queue(&work));
	assert_int_equal(probe.nr_runs, 0);
	spin_unlock_irqrestore(&b, inner);
	assert_int_equal(probe.nr_runs, 0);
	spin_unlock_irqrestore(&a, outer);
	assert_int_equal(probe.nr_runs, 1);
	assert_false(probe.held);
	assert_int_equal(probe.on_thread, task_pid_nr(current));
}

static int lock_only(void *data)
{
	spin_lock(&((struct shared *)data)->lock);
	return 0;
}

static void unlock_by_another_thread_warns(void **state)
{
	struct shared s = { __SPIN_LOCK_UNLOCKED(s.lock) };

	/* With the checks, the end of the thread is reported. */
	assert_warns(LFSHIM_CHECKS, finish(start(lock_only, &s)));
	assert_true(spin_is_locked(&s.lock));
	assert_false(lfshim_spin_held(&s.lock));
	assert_warns_like("another thread holds", spin_unlock(&s.lock));
	assert_false(spin_is_locked(&s.lock));
}

static void unlock_of_a_free_lock_warns(void **state)
{
	DEFINE_SPINLOCK(lock);

	assert_warns_like("not held", spin_unlock(&lock));
	assert_false(spin_is_locked(&lock));
}

static void recursion_dies(void **state)
{
	DEFINE_SPINLOCK(lock);

	assert_dies("spinlock recursion",
		    spin_lock(&lock); spin_lock(&lock));
}

static void assert_spin_locked_warns_of_a_free_lock(void **state)
{
	DEFINE_SPINLOCK(lock);

	assert_warns(1, assert_spin_locked(&lock));
	spin_lock(&lock);
	assert_spin_locked(&lock);
	spin_unlock(&lock);
}

static int hold_until_waited_for(void *data)
{
	struct shared *s = data;

	spin_lock(&s->lock);
	WRITE_ONCE(s->held, true);
	while (!(READ_ONCE(s->lock.word) & LFSHIM_SPIN_WAITERS))
		cpu_relax();
	spin_unlock(&s->lock);
	return 0;
}

static void unlock_does_not_look_at_the_lock_again(void **state)
{
	int i, nr = 300 / test_slowness();

	/* The next holder of the lock may free it. */
	for (i = 0; i < nr; i++) {
		struct shared *s = calloc(1, sizeof(*s));
		struct task_struct *task = start(hold_until_waited_for, s);

		while (!READ_ONCE(s->held))
			cpu_relax();
		spin_lock(&s->lock);
		spin_unlock(&s->lock);
		memset(s, 0xff, sizeof(*s));
		free(s);
		assert_int_equal(finish(task), 0);
	}
}

#define MAX_THREADS	16

struct hammer {
	spinlock_t lock;
	/* Not atomic: only the lock protects it. */
	unsigned long count;
	unsigned long per_thread;
};

static int hammer_thread(void *data)
{
	struct hammer *h = data;
	unsigned long i, flags;

	for (i = 0; i < h->per_thread; i++) {
		if (i % 2) {
			spin_lock(&h->lock);
			h->count++;
			spin_unlock(&h->lock);
		} else {
			spin_lock_irqsave(&h->lock, flags);
			h->count++;
			spin_unlock_irqrestore(&h->lock, flags);
		}
	}
	return 0;
}

/* Returns the time that @nr threads need for @total increments. */
static s64 hammer(int nr, unsigned long total)
{
	struct hammer h = { .per_thread = total / nr };
	struct task_struct *tasks[MAX_THREADS];
	s64 begin = ktime_get();
	int i;

	for (i = 0; i < nr; i++)
		tasks[i] = start(hammer_thread, &h);
	for (i = 0; i < nr; i++)
		finish(tasks[i]);
	assert_int_equal(h.count, total / nr * nr);
	return ktime_get() - begin;
}

static void sixteen_threads_on_one_lock_do_not_collapse(void **state)
{
	unsigned long total = 320000 / test_slowness();
	s64 two = KTIME_MAX, sixteen = KTIME_MAX;
	int i;

	/* Take the best of three, because other programs may be running. */
	for (i = 0; i < 3; i++) {
		two = min(two, hammer(2, total));
		sixteen = min(sixteen, hammer(16, total));
	}
	printf("# one lock, each operation: 2 threads %ld ns, 16 threads %ld ns\n",
	       (long)(two / total), (long)(sixteen / total));
	/*
	 * A fair lock would wait for a time slice of the scheduler at each
	 * handover, which is about a thousand times slower.
	 */
	if (sixteen > 20 * two + 200 * NSEC_PER_MSEC)
		fail_msg("16 threads: %ld ms, 2 threads: %ld ms",
			 (long)ktime_to_ms(sixteen), (long)ktime_to_ms(two));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(lock_is_held_between_lock_and_unlock),
		TEST(zeroed_memory_is_an_unlocked_lock),
		TEST(trylock_fails_while_another_thread_holds_the_lock),
		TEST(a_waiter_sleeps_until_the_unlock),
		TEST(every_sleeping_waiter_gets_the_lock),
		TEST(a_lock_with_waiters_knows_its_holder),
		TEST(irqsave_nests),
		TEST(disabling_interrupts_nests),
		TEST(enabling_interrupts_too_often_warns),
		TEST(locks_that_disable_interrupts_end_in_any_order),
		TEST(trylock_disables_interrupts_if_it_gets_the_lock),
		TEST(interrupts_are_a_flag_and_no_count),
		TEST(irq_work_that_enables_interrupts_ends_one_section),
		TEST(spin_lock_bh_disables_softirqs),
		TEST(irq_work_runs_at_the_outermost_unlock),
		TEST(unlock_by_another_thread_warns),
		TEST(unlock_of_a_free_lock_warns),
		TEST(recursion_dies),
		TEST(assert_spin_locked_warns_of_a_free_lock),
		TEST(unlock_does_not_look_at_the_lock_again),
		/* Valgrind runs only one thread at a time. */
		TEST(sixteen_threads_on_one_lock_do_not_collapse),
	};

	return TEST_MAIN_BUT("spinlock", tests, 1);
}
