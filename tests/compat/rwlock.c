// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Reader-writer locks, those that spin and those that sleep, and seqlocks. */

#include "helpers.h"
#include <errno.h>
#include <linux/rwlock.h>
#include <linux/rwsem.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>

static void readers_share_and_a_writer_does_not(void **state)
{
	DEFINE_RWLOCK(lock);

	assert_false(rwlock_is_locked(&lock));
	read_lock(&lock);
	assert_true(rwlock_is_locked(&lock));
	assert_true(read_trylock(&lock));
	assert_false(write_trylock(&lock));
	read_unlock(&lock);
	assert_false(write_trylock(&lock));
	read_unlock(&lock);
	assert_true(write_trylock(&lock));
	assert_false(read_trylock(&lock));
	assert_false(write_trylock(&lock));
	assert_true(rwlock_is_locked(&lock));
	write_unlock(&lock);
	assert_false(rwlock_is_locked(&lock));
}

static void variants_change_the_context(void **state)
{
	DEFINE_RWLOCK(lock);
	unsigned long flags;

	read_lock(&lock);
	assert_true(in_atomic());
	read_unlock(&lock);
	assert_false(in_atomic());
	read_lock_irqsave(&lock, flags);
	assert_true(irqs_disabled());
	read_unlock_irqrestore(&lock, flags);
	write_lock_irq(&lock);
	assert_true(irqs_disabled());
	write_unlock_irq(&lock);
	assert_false(irqs_disabled());
	write_lock_bh(&lock);
	assert_true(in_softirq());
	write_unlock_bh(&lock);
	assert_false(in_softirq());
	scoped_guard(read_lock_irqsave, &lock)
		assert_true(irqs_disabled() && rwlock_is_locked(&lock));
	scoped_guard(write_lock, &lock)
		assert_false(read_trylock(&lock));
	assert_false(rwlock_is_locked(&lock));
}

static void an_unlock_of_a_free_lock_is_reported(void **state)
{
	DEFINE_RWLOCK(lock);

	assert_warns_like("no reader", read_unlock(&lock));
	assert_warns_like("no writer", write_unlock(&lock));
	read_lock(&lock);
	assert_warns_like("no writer", write_unlock(&lock));
	read_unlock(&lock);
	assert_false(rwlock_is_locked(&lock));
}

struct pair {
	rwlock_t rw;
	struct rw_semaphore sem;
	seqlock_t seq;
	long a, b;
	int go, waits, writers;
};

static int write_rw(void *data)
{
	struct pair *pair = data;

	while (!READ_ONCE(pair->go))
		cpu_relax();
	WRITE_ONCE(pair->waits, 1);
	write_lock(&pair->rw);
	pair->writers++;
	write_unlock(&pair->rw);
	return 0;
}

static void a_reader_may_read_again_while_a_writer_waits(void **state)
{
	struct pair pair = { .rw = __RW_LOCK_UNLOCKED(pair.rw) };
	struct task_struct *thread = start(write_rw, &pair);
	ktime_t end;

	/* Nobody may sleep with the lock. */
	read_lock(&pair.rw);
	WRITE_ONCE(pair.go, 1);
	while (!READ_ONCE(pair.waits))
		cpu_relax();
	for (end = ktime_get() + 5 * NSEC_PER_MSEC; ktime_get() < end;)
		cpu_relax();
	read_lock(&pair.rw);
	assert_int_equal(pair.writers, 0);
	read_unlock(&pair.rw);
	read_unlock(&pair.rw);
	finish(thread);
	assert_int_equal(pair.writers, 1);
}

#define NR_TURNS	3000

static int change_rw(void *data)
{
	struct pair *pair = data;
	int i;

	for (i = 0; i < NR_TURNS; i++) {
		write_lock(&pair->rw);
		pair->a++;
		pair->b++;
		write_unlock(&pair->rw);
	}
	return 0;
}

static int look_rw(void *data)
{
	struct pair *pair = data;
	int i, bad = 0;

	for (i = 0; i < NR_TURNS; i++) {
		read_lock(&pair->rw);
		bad |= pair->a != pair->b;
		read_unlock(&pair->rw);
	}
	return bad;
}

static int change_sem(void *data)
{
	struct pair *pair = data;
	int i;

	for (i = 0; i < NR_TURNS; i++) {
		down_write(&pair->sem);
		pair->a++;
		pair->b++;
		up_write(&pair->sem);
	}
	return 0;
}

static int look_sem(void *data)
{
	struct pair *pair = data;
	int i, bad = 0;

	for (i = 0; i < NR_TURNS; i++) {
		down_read(&pair->sem);
		bad |= pair->a != pair->b;
		up_read(&pair->sem);
	}
	return bad;
}

static int change_seq(void *data)
{
	struct pair *pair = data;
	int i;

	for (i = 0; i < NR_TURNS; i++) {
		write_seqlock(&pair->seq);
		WRITE_ONCE(pair->a, pair->a + 1);
		WRITE_ONCE(pair->b, pair->b + 1);
		write_sequnlock(&pair->seq);
	}
	return 0;
}

static int look_seq(void *data)
{
	struct pair *pair = data;
	unsigned int seq;
	int i, bad = 0;
	long a, b;

	for (i = 0; i < NR_TURNS; i++) {
		do {
			seq = read_seqbegin(&pair->seq);
			a = READ_ONCE(pair->a);
			b = READ_ONCE(pair->b);
		} while (read_seqretry(&pair->seq, seq));
		bad |= a != b;
	}
	return bad;
}

/* The second try takes the lock. */
static int look_seq_or_lock(void *data)
{
	struct pair *pair = data;
	unsigned long flags = 0;
	int i, seq, bad = 0;
	long a, b;

	for (i = 0; i < NR_TURNS; i++) {
		for (seq = 0;; seq = 1) {
			if (i & 1)
				flags = read_seqbegin_or_lock_irqsave(&pair->seq,
								      &seq);
			else
				read_seqbegin_or_lock(&pair->seq, &seq);
			a = READ_ONCE(pair->a);
			b = READ_ONCE(pair->b);
			if (!need_seqretry(&pair->seq, seq))
				break;
		}
		if (i & 1)
			done_seqretry_irqrestore(&pair->seq, seq, flags);
		else
			done_seqretry(&pair->seq, seq);
		bad |= a != b;
	}
	return bad;
}

static void check_exclusion(int (*change)(void *), int (*look)(void *))
{
	struct task_struct *threads[4];
	struct pair pair = {};
	int i;

	rwlock_init(&pair.rw);
	init_rwsem(&pair.sem);
	seqlock_init(&pair.seq);
	for (i = 0; i < 4; i++)
		threads[i] = start(i % 2 ? change : look, &pair);
	for (i = 0; i < 4; i++)
		assert_int_equal(finish(threads[i]), 0);
	assert_int_equal(pair.a, 2 * NR_TURNS);
	assert_int_equal(pair.b, 2 * NR_TURNS);
}

static void writers_of_an_rwlock_exclude_everybody(void **state)
{
	check_exclusion(change_rw, look_rw);
}

static void writers_of_an_rwsem_exclude_everybody(void **state)
{
	check_exclusion(change_sem, look_sem);
}

static void readers_of_a_seqlock_see_whole_writes(void **state)
{
	check_exclusion(change_seq, look_seq);
}

#define NR_COUNTS	2000

static DEFINE_SPINLOCK(count_lock);
static int count;

static int count_with_lock(void *unused)
{
	int i;

	for (i = 0; i < NR_COUNTS; i++) {
		spin_lock(&count_lock);
		count++;
		spin_unlock(&count_lock);
	}
	return 0;
}

/* ThreadSanitizer reports it without data_race(). */
static void data_race_is_no_race_for_sanitizers(void **state)
{
	struct task_struct *writer;
	int seen = 0;

	count = 0;
	writer = start(count_with_lock, NULL);
	/* The compiler does not keep the value in a register. */
	while (seen < NR_COUNTS) {
		barrier();
		seen = data_race(count);
		assert_in_range(seen, 0, NR_COUNTS);
		cpu_relax();
	}
	assert_int_equal(finish(writer), 0);
}

static void readers_that_may_take_the_seqlock_see_whole_writes(void **state)
{
	check_exclusion(change_seq, look_seq_or_lock);
}

static void a_reader_takes_the_seqlock_with_an_odd_number(void **state)
{
	DEFINE_SEQLOCK(lock);
	unsigned long flags;
	int seq = 0;

	read_seqbegin_or_lock(&lock, &seq);
	assert_false(lfshim_spin_held(&lock.lock));
	assert_false(need_seqretry(&lock, seq));
	write_seqlock(&lock);
	write_sequnlock(&lock);
	assert_true(need_seqretry(&lock, seq));
	done_seqretry(&lock, seq);
	seq = 1;
	read_seqbegin_or_lock(&lock, &seq);
	assert_int_equal(seq, 1);
	assert_true(lfshim_spin_held(&lock.lock));
	assert_false(need_seqretry(&lock, seq));
	done_seqretry(&lock, seq);
	assert_false(lfshim_spin_held(&lock.lock));

	seq = 0;
	flags = read_seqbegin_or_lock_irqsave(&lock, &seq);
	assert_false(irqs_disabled());
	done_seqretry_irqrestore(&lock, seq, flags);
	seq = 1;
	flags = read_seqbegin_or_lock_irqsave(&lock, &seq);
	assert_true(irqs_disabled());
	assert_true(lfshim_spin_held(&lock.lock));
	done_seqretry_irqrestore(&lock, seq, flags);
	assert_false(irqs_disabled());
	assert_false(lfshim_spin_held(&lock.lock));

	read_seqlock_excl_irqsave(&lock, flags);
	assert_true(irqs_disabled());
	read_sequnlock_excl_irqrestore(&lock, flags);
	read_seqlock_excl_irq(&lock);
	assert_true(irqs_disabled());
	read_sequnlock_excl_irq(&lock);
	read_seqlock_excl_bh(&lock);
	assert_true(in_softirq());
	read_sequnlock_excl_bh(&lock);
	assert_false(in_softirq() || irqs_disabled());
}

static void a_seqcount_is_odd_in_a_write(void **state)
{
	seqcount_t s = SEQCNT_ZERO(s);
	unsigned int start = read_seqcount_begin(&s);

	assert_false(read_seqcount_retry(&s, start));
	write_seqcount_begin(&s);
	assert_int_equal(raw_read_seqcount(&s) & 1, 1);
	assert_true(read_seqcount_retry(&s, start));
	write_seqcount_end(&s);
	assert_true(read_seqcount_retry(&s, start));
	assert_false(read_seqcount_retry(&s, read_seqcount_begin(&s)));
}

static void an_rwsem_is_shared_by_readers_only(void **state)
{
	DECLARE_RWSEM(sem);

	assert_false(rwsem_is_locked(&sem));
	down_read(&sem);
	assert_true(down_read_trylock(&sem));
	assert_false(down_write_trylock(&sem));
	up_read(&sem);
	up_read(&sem);
	assert_true(down_write_trylock(&sem));
	assert_false(down_read_trylock(&sem));
	downgrade_write(&sem);
	assert_true(down_read_trylock(&sem));
	assert_false(down_write_trylock(&sem));
	up_read(&sem);
	up_read(&sem);
	assert_false(rwsem_is_locked(&sem));
	assert_warns_like("not held", up_read(&sem));
	assert_warns_like("not held", up_write(&sem));
	scoped_guard(rwsem_write, &sem)
		assert_false(down_read_trylock(&sem));
	scoped_guard(rwsem_read, &sem)
		assert_true(rwsem_is_locked(&sem));
	assert_false(rwsem_is_locked(&sem));
}

static int write_sem(void *data)
{
	struct pair *pair = data;
	int ret = down_write_killable(&pair->sem);

	if (!ret) {
		pair->writers++;
		up_write(&pair->sem);
	}
	return ret;
}

static int read_sem(void *data)
{
	struct pair *pair = data;
	int ret = down_read_interruptible(&pair->sem);

	if (!ret) {
		/* How many writers were before. */
		ret = pair->writers;
		up_read(&pair->sem);
	}
	return ret;
}

static void wait_for_waiter(struct pair *pair, struct task_struct *task)
{
	while (!rwsem_is_contended(&pair->sem) ||
	       READ_ONCE(task->__state) == TASK_RUNNING)
		cpu_relax();
}

static void waiters_get_an_rwsem_in_their_order(void **state)
{
	struct pair pair = { .sem = __RWSEM_INITIALIZER(pair.sem) };
	struct task_struct *writer, *reader;

	down_read(&pair.sem);
	writer = start(write_sem, &pair);
	wait_for_waiter(&pair, writer);
	/* A writer waits, so nobody reads before it. */
	assert_false(down_read_trylock(&pair.sem));
	reader = start(read_sem, &pair);
	wait_for_waiter(&pair, reader);
	assert_int_equal(pair.writers, 0);
	up_read(&pair.sem);
	assert_int_equal(finish(reader), 1);
	assert_int_equal(finish(writer), 0);
	assert_false(rwsem_is_locked(&pair.sem));
}

static void a_signal_ends_a_wait_and_lets_others_in(void **state)
{
	struct pair pair = { .sem = __RWSEM_INITIALIZER(pair.sem) };
	struct task_struct *writer, *reader;

	down_read(&pair.sem);
	writer = start(write_sem, &pair);
	wait_for_waiter(&pair, writer);
	reader = start(read_sem, &pair);
	wait_for_waiter(&pair, reader);
	send_sig(SIGKILL, writer, 0);
	assert_int_equal(finish(writer), -EINTR);
	/* It waited only for the writer before it. */
	assert_int_equal(finish(reader), 0);
	up_read(&pair.sem);
	assert_false(rwsem_is_locked(&pair.sem));

	down_write(&pair.sem);
	reader = start(read_sem, &pair);
	wait_for_waiter(&pair, reader);
	send_sig(SIGINT, reader, 0);
	assert_int_equal(finish(reader), -EINTR);
	up_write(&pair.sem);
	assert_false(rwsem_is_locked(&pair.sem));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(readers_share_and_a_writer_does_not),
		TEST(variants_change_the_context),
		TEST(an_unlock_of_a_free_lock_is_reported),
		TEST(a_reader_may_read_again_while_a_writer_waits),
		TEST(writers_of_an_rwlock_exclude_everybody),
		TEST(writers_of_an_rwsem_exclude_everybody),
		TEST(readers_of_a_seqlock_see_whole_writes),
		TEST(readers_that_may_take_the_seqlock_see_whole_writes),
		TEST(a_reader_takes_the_seqlock_with_an_odd_number),
		TEST(a_seqcount_is_odd_in_a_write),
		TEST(data_race_is_no_race_for_sanitizers),
		TEST(an_rwsem_is_shared_by_readers_only),
		TEST(waiters_get_an_rwsem_in_their_order),
		TEST(a_signal_ends_a_wait_and_lets_others_in),
	};

	return TEST_MAIN("rwlock", tests);
}
