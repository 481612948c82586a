// SPDX-License-Identifier: GPL-2.0 OR MIT
/* refcount_t and kref: exact when used correctly, saturated after misuse. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/slab.h>

/*
 * @expr is misuse of a kind. The first one in this program warns with @text, and
 * all others are silent: the suite fails for a warning that is not expected.
 */
static bool misused[REFCOUNT_DEC_LEAK + 1];
#define assert_misuse(kind, text, expr)					\
	do {								\
		if (!misused[kind])					\
			assert_warns_like(text, expr);			\
		else							\
			assert_warns(0, expr);				\
		misused[kind] = true;					\
	} while (0)

static int nr_released;

static void count_release(struct kref *kref)
{
	nr_released++;
}

static void kref_releases_at_the_last_put(void **state)
{
	struct kref kref;

	nr_released = 0;
	kref_init(&kref);
	assert_int_equal(kref_read(&kref), 1);
	kref_get(&kref);
	assert_int_equal(kref_read(&kref), 2);
	assert_int_equal(kref_put(&kref, count_release), 0);
	assert_int_equal(nr_released, 0);
	assert_int_equal(kref_put(&kref, count_release), 1);
	assert_int_equal(nr_released, 1);
}

static void kref_get_unless_zero_takes_nothing_from_a_dead_object(void **state)
{
	struct kref kref = KREF_INIT(1);

	assert_true(kref_get_unless_zero(&kref));
	assert_int_equal(kref_read(&kref), 2);
	kref_put(&kref, count_release);
	kref_put(&kref, count_release);
	assert_false(kref_get_unless_zero(&kref));
	assert_int_equal(kref_read(&kref), 0);
}

static DEFINE_SPINLOCK(release_lock);
static bool released_with_lock;

static void release_locked(struct kref *kref)
{
	released_with_lock = lfshim_spin_held(&release_lock);
	spin_unlock(&release_lock);
}

static void kref_put_lock_releases_with_the_lock_held(void **state)
{
	struct kref kref = KREF_INIT(2);

	released_with_lock = false;
	assert_int_equal(kref_put_lock(&kref, release_locked, &release_lock), 0);
	assert_false(spin_is_locked(&release_lock));
	assert_int_equal(kref_put_lock(&kref, release_locked, &release_lock), 1);
	assert_true(released_with_lock);
	assert_false(spin_is_locked(&release_lock));
}

static void dec_and_lock_holds_the_lock_at_the_last_one(void **state)
{
	refcount_t r = REFCOUNT_INIT(2);
	unsigned long flags = 0;

	assert_false(refcount_dec_and_lock(&r, &release_lock));
	assert_false(spin_is_locked(&release_lock));
	assert_int_equal(refcount_read(&r), 1);
	assert_true(refcount_dec_and_lock(&r, &release_lock));
	assert_true(lfshim_spin_held(&release_lock));
	assert_int_equal(refcount_read(&r), 0);
	spin_unlock(&release_lock);

	refcount_set(&r, 2);
	assert_false(refcount_dec_and_lock_irqsave(&r, &release_lock, &flags));
	assert_false(irqs_disabled());
	assert_true(refcount_dec_and_lock_irqsave(&r, &release_lock, &flags));
	assert_true(irqs_disabled());
	assert_true(lfshim_spin_held(&release_lock));
	spin_unlock_irqrestore(&release_lock, flags);
	assert_false(irqs_disabled());
	assert_int_equal(refcount_read(&r), 0);
}

static DEFINE_MUTEX(release_mutex);

static void dec_and_mutex_lock_holds_the_mutex_at_the_last_one(void **state)
{
	refcount_t r = REFCOUNT_INIT(2);

	assert_false(refcount_dec_and_mutex_lock(&r, &release_mutex));
	assert_false(mutex_is_locked(&release_mutex));
	assert_true(refcount_dec_and_mutex_lock(&r, &release_mutex));
	assert_true(mutex_is_locked(&release_mutex));
	mutex_unlock(&release_mutex);
	assert_int_equal(refcount_read(&r), 0);
}

static void dec_if_one_leaves_other_counts(void **state)
{
	refcount_t r = REFCOUNT_INIT(2);

	assert_false(refcount_dec_if_one(&r));
	assert_int_equal(refcount_read(&r), 2);
	refcount_set(&r, 1);
	assert_true(refcount_dec_if_one(&r));
	assert_int_equal(refcount_read(&r), 0);
	assert_false(refcount_dec_if_one(&r));
	assert_int_equal(refcount_read(&r), 0);
}

static bool may_put;

static int put_last(void *kref)
{
	while (!READ_ONCE(may_put))
		cpu_relax();
	return kref_put_lock(kref, release_locked, &release_lock);
}

static void kref_put_lock_unlocks_if_it_was_not_the_last(void **state)
{
	struct kref kref = KREF_INIT(1);
	struct task_struct *task;

	may_put = false;
	task = start(put_last, &kref);
	spin_lock(&release_lock);
	WRITE_ONCE(may_put, true);
	/* It has seen one reference, and waits for the lock. */
	while (!(READ_ONCE(release_lock.word) & LFSHIM_SPIN_WAITERS))
		cpu_relax();
	kref_get(&kref);
	spin_unlock(&release_lock);
	assert_int_equal(finish(task), 0);
	assert_int_equal(kref_read(&kref), 1);
	assert_false(spin_is_locked(&release_lock));
}

static int drop_last_irqsave(void *r)
{
	unsigned long flags;
	int last;

	while (!READ_ONCE(may_put))
		cpu_relax();
	last = refcount_dec_and_lock_irqsave(r, &release_lock, &flags);
	return last | irqs_disabled() << 1;
}

static int drop_last_with_mutex(void *r)
{
	while (!READ_ONCE(may_put))
		cpu_relax();
	return refcount_dec_and_mutex_lock(r, &release_mutex);
}

static void dec_and_lock_unlocks_if_it_was_not_the_last(void **state)
{
	refcount_t r = REFCOUNT_INIT(1);
	struct task_struct *task;

	may_put = false;
	task = start(drop_last_irqsave, &r);
	spin_lock(&release_lock);
	WRITE_ONCE(may_put, true);
	while (!(READ_ONCE(release_lock.word) & LFSHIM_SPIN_WAITERS))
		cpu_relax();
	refcount_inc(&r);
	spin_unlock(&release_lock);
	assert_int_equal(finish(task), 0);
	assert_int_equal(refcount_read(&r), 1);
	assert_false(spin_is_locked(&release_lock));

	may_put = false;
	task = start(drop_last_with_mutex, &r);
	mutex_lock(&release_mutex);
	WRITE_ONCE(may_put, true);
	while (READ_ONCE(task->__state) != TASK_UNINTERRUPTIBLE)
		cpu_relax();
	refcount_inc(&r);
	mutex_unlock(&release_mutex);
	assert_int_equal(finish(task), 0);
	assert_int_equal(refcount_read(&r), 1);
	assert_false(mutex_is_locked(&release_mutex));
}

static void each_kind_of_misuse_warns_once(void **state)
{
	refcount_t r;
	int i;

	for (i = 0; i < 3; i++) {
		refcount_set(&r, 0);
		assert_misuse(REFCOUNT_ADD_UAF, "addition on 0",
			      refcount_inc(&r));
		/* Silent or not, the count saturates. */
		assert_int_equal((int)refcount_read(&r), REFCOUNT_SATURATED);
	}
}

static void kref_put_lock_leaves_misused_counts_alone(void **state)
{
	struct kref kref = KREF_INIT(REFCOUNT_SATURATED);

	assert_int_equal(kref_put_lock(&kref, release_locked, &release_lock), 0);
	assert_int_equal((int)kref_read(&kref), REFCOUNT_SATURATED);
	refcount_set(&kref.refcount, 0);
	assert_warns_like("underflow",
			  kref_put_lock(&kref, release_locked, &release_lock));
	assert_int_equal(kref_read(&kref), 0);
	assert_false(spin_is_locked(&release_lock));
}

static void dec_not_one_leaves_the_last_reference(void **state)
{
	refcount_t r = REFCOUNT_INIT(2);

	assert_true(refcount_dec_not_one(&r));
	assert_int_equal(refcount_read(&r), 1);
	assert_false(refcount_dec_not_one(&r));
	assert_int_equal(refcount_read(&r), 1);
}

static void get_from_zero_warns_and_saturates(void **state)
{
	struct kref kref = KREF_INIT(0);
	refcount_t r = REFCOUNT_INIT(0);

	assert_misuse(REFCOUNT_ADD_UAF, "addition on 0",
		      kref_get(&kref));
	assert_int_equal((int)kref_read(&kref), REFCOUNT_SATURATED);
	assert_misuse(REFCOUNT_ADD_UAF, "addition on 0",
		      refcount_add(5, &r));
	assert_int_equal((int)refcount_read(&r), REFCOUNT_SATURATED);
}

static void inc_not_zero_of_zero_is_refused_in_silence(void **state)
{
	refcount_t r = REFCOUNT_INIT(0);

	assert_false(refcount_inc_not_zero(&r));
	assert_false(refcount_add_not_zero(3, &r));
	assert_int_equal(refcount_read(&r), 0);
	refcount_set(&r, 4);
	assert_true(refcount_add_not_zero(3, &r));
	assert_int_equal(refcount_read(&r), 7);
}

static void int_max_is_a_legal_count(void **state)
{
	refcount_t r = REFCOUNT_INIT(REFCOUNT_MAX - 1);

	refcount_inc(&r);
	assert_int_equal(refcount_read(&r), REFCOUNT_MAX);
	assert_false(refcount_dec_and_test(&r));
	assert_int_equal(refcount_read(&r), REFCOUNT_MAX - 1);
}

static void overflow_at_int_max_warns_and_saturates(void **state)
{
	refcount_t r = REFCOUNT_INIT(REFCOUNT_MAX);
	bool got = false;

	assert_misuse(REFCOUNT_ADD_OVF, "saturated", refcount_inc(&r));
	assert_int_equal((int)refcount_read(&r), REFCOUNT_SATURATED);

	refcount_set(&r, REFCOUNT_MAX);
	assert_misuse(REFCOUNT_ADD_NOT_ZERO_OVF, "saturated",
		      got = refcount_inc_not_zero(&r));
	/* The caller has a reference: a saturated object is never released. */
	assert_true(got);
	assert_int_equal((int)refcount_read(&r), REFCOUNT_SATURATED);

	refcount_set(&r, REFCOUNT_MAX - 2);
	assert_misuse(REFCOUNT_ADD_OVF, "saturated", refcount_add(3, &r));
	assert_int_equal((int)refcount_read(&r), REFCOUNT_SATURATED);
}

static void underflow_warns_and_never_tests_true(void **state)
{
	refcount_t r = REFCOUNT_INIT(0);
	bool last = true;

	assert_misuse(REFCOUNT_SUB_UAF, "underflow",
		      last = refcount_dec_and_test(&r));
	assert_false(last);
	assert_int_equal((int)refcount_read(&r), REFCOUNT_SATURATED);

	refcount_set(&r, 2);
	assert_misuse(REFCOUNT_SUB_UAF, "underflow",
		      last = refcount_sub_and_test(3, &r));
	assert_false(last);
	assert_int_equal((int)refcount_read(&r), REFCOUNT_SATURATED);

	refcount_set(&r, 3);
	assert_true(refcount_sub_and_test(3, &r));
}

static void dec_of_the_last_one_warns_of_a_leak(void **state)
{
	refcount_t r = REFCOUNT_INIT(2);

	refcount_dec(&r);
	assert_int_equal(refcount_read(&r), 1);
	assert_misuse(REFCOUNT_DEC_LEAK, "decrement hit 0", refcount_dec(&r));
	assert_int_equal((int)refcount_read(&r), REFCOUNT_SATURATED);
}

static void saturation_is_for_ever(void **state)
{
	refcount_t r = REFCOUNT_INIT(REFCOUNT_SATURATED);
	bool last = true, got = false;

	/* The middle of the negative range, far from 0 on both sides. */
	assert_int_equal(REFCOUNT_SATURATED, (int)0xc0000000);
	assert_misuse(REFCOUNT_ADD_OVF, "saturated", refcount_inc(&r));
	assert_misuse(REFCOUNT_DEC_LEAK, "decrement hit 0", refcount_dec(&r));
	assert_misuse(REFCOUNT_SUB_UAF, "underflow",
		      last = refcount_dec_and_test(&r));
	assert_misuse(REFCOUNT_ADD_NOT_ZERO_OVF, "saturated",
		      got = refcount_inc_not_zero(&r));
	assert_false(last);
	assert_true(got);
	assert_int_equal((int)refcount_read(&r), REFCOUNT_SATURATED);
}

#define NR_THREADS	4

struct shared {
	struct kref kref;
	/* Not atomic: the last put makes them visible to the release. */
	unsigned long seen[NR_THREADS];
	unsigned long *sum;
	atomic_t nr_released;
};

struct user {
	struct shared *shared;
	int nr;
};

static void sum_up(struct kref *kref)
{
	struct shared *s = container_of(kref, struct shared, kref);
	int i;

	atomic_inc(&s->nr_released);
	for (i = 0; i < NR_THREADS; i++)
		*s->sum += s->seen[i];
}

static int get_and_put(void *data)
{
	struct user *user = data;
	struct shared *s = user->shared;
	int i, nr = 20000 / test_slowness();

	for (i = 0; i < nr; i++) {
		kref_get(&s->kref);
		s->seen[user->nr]++;
		kref_put(&s->kref, sum_up);
	}
	kref_put(&s->kref, sum_up);
	return nr;
}

static void last_put_sees_what_all_others_wrote(void **state)
{
	struct task_struct *tasks[NR_THREADS];
	struct user users[NR_THREADS];
	unsigned long sum = 0, expected = 0;
	struct shared s = { .sum = &sum, .kref = KREF_INIT(NR_THREADS) };
	int i;

	for (i = 0; i < NR_THREADS; i++) {
		users[i] = (struct user){ &s, i };
		tasks[i] = start(get_and_put, &users[i]);
	}
	for (i = 0; i < NR_THREADS; i++)
		expected += finish(tasks[i]);
	assert_int_equal(atomic_read(&s.nr_released), 1);
	assert_int_equal(sum, expected);
}

struct race {
	struct kref kref;
	/* The current round; the number of rounds that race_get() has done. */
	atomic_t round, done;
	atomic_t released, resurrected;
	int nr_rounds;
};

static void mark_released(struct kref *kref)
{
	atomic_inc(&container_of(kref, struct race, kref)->released);
}

static int race_get(void *data)
{
	struct race *r = data;
	int i, taken = 0;

	for (i = 1; i <= r->nr_rounds; i++) {
		/* Acquire: pairs with the release of the round. */
		while (atomic_read_acquire(&r->round) < i)
			cpu_relax();
		if (kref_get_unless_zero(&r->kref)) {
			taken++;
			/* The object must not have been released before. */
			if (atomic_read(&r->released) != i - 1)
				atomic_inc(&r->resurrected);
			kref_put(&r->kref, mark_released);
		}
		atomic_inc_return(&r->done);
	}
	return taken;
}

static void get_unless_zero_never_takes_a_released_object(void **state)
{
	struct race r = { .nr_rounds = 20000 / test_slowness() };
	struct task_struct *task = start(race_get, &r);
	int i, too_many = 0;

	for (i = 1; i <= r.nr_rounds; i++) {
		kref_init(&r.kref);
		/* Release: pairs with the acquire in race_get(). */
		atomic_set_release(&r.round, i);
		kref_put(&r.kref, mark_released);
		while (atomic_read_acquire(&r.done) < i)
			cpu_relax();
		too_many += atomic_read(&r.released) != i;
	}
	finish(task);
	assert_int_equal(atomic_read(&r.resurrected), 0);
	assert_int_equal(too_many, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(kref_releases_at_the_last_put),
		TEST(kref_get_unless_zero_takes_nothing_from_a_dead_object),
		TEST(kref_put_lock_releases_with_the_lock_held),
		TEST(kref_put_lock_unlocks_if_it_was_not_the_last),
		TEST(dec_and_lock_holds_the_lock_at_the_last_one),
		TEST(dec_and_mutex_lock_holds_the_mutex_at_the_last_one),
		TEST(dec_and_lock_unlocks_if_it_was_not_the_last),
		TEST(dec_if_one_leaves_other_counts),
		TEST(each_kind_of_misuse_warns_once),
		TEST(kref_put_lock_leaves_misused_counts_alone),
		TEST(dec_not_one_leaves_the_last_reference),
		TEST(get_from_zero_warns_and_saturates),
		TEST(inc_not_zero_of_zero_is_refused_in_silence),
		TEST(int_max_is_a_legal_count),
		TEST(overflow_at_int_max_warns_and_saturates),
		TEST(underflow_warns_and_never_tests_true),
		TEST(dec_of_the_last_one_warns_of_a_leak),
		TEST(saturation_is_for_ever),
		TEST(last_put_sees_what_all_others_wrote),
		TEST(get_unless_zero_never_takes_a_released_object),
	};

	return TEST_MAIN("refcount", tests);
}
