// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * RCU and memory: no reader sees an object after its grace period, with any
 * context in which it was retired, and all memory is freed.
 */

#include "helpers.h"
#include <unistd.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

/*
 * Witnesses. One thread repeatedly replaces an object and retires the old one,
 * whose callback marks it dead. If a reader sees a dead object, the grace
 * period was too short. The memory is not freed, so the mark stays visible.
 */
enum { FREE, LIVE, DEAD };

struct witness {
	struct rcu_head rcu;
	int state;
	/* Not atomic: ThreadSanitizer knows about grace periods. */
	unsigned long payload;
};

#define NR_WITNESSES	512
#define NR_READERS	3

static struct {
	struct witness pool[NR_WITNESSES];
	struct witness *published;
	bool stop;
	atomic_t nr_dead;
} w;

static int watch(void *data)
{
	bool nested = data;
	unsigned int nr_sections = 0;
	int bad = 0;

	while (!READ_ONCE(w.stop)) {
		struct witness *p;
		unsigned long payload;

		rcu_read_lock();
		p = rcu_dereference(w.published);
		payload = p->payload;
		bad += READ_ONCE(p->state) != LIVE;
		if (nested) {
			rcu_read_lock();
			rcu_read_unlock();
		}
		/* Some sections are long enough for a grace period to begin. */
		if (nr_sections++ % 16 == 0)
			udelay(1000);
		bad += READ_ONCE(p->state) != LIVE || p->payload != payload;
		rcu_read_unlock();
	}
	return bad;
}

static void mark_dead(struct rcu_head *head)
{
	struct witness *p = container_of(head, struct witness, rcu);

	p->payload = 0;
	/* Release: pairs with the acquire in fresh_witness(). */
	smp_store_release(&p->state, DEAD);
	atomic_inc_return(&w.nr_dead);
}

/* The next object to publish. Waits while its last callback is pending. */
static struct witness *fresh_witness(int nr)
{
	struct witness *p = &w.pool[nr % NR_WITNESSES];

	/* Acquire: pairs with the release in mark_dead(). */
	while (smp_load_acquire(&p->state) == LIVE)
		cpu_relax();
	p->payload = nr;
	WRITE_ONCE(p->state, LIVE);
	return p;
}

static void no_reader_sees_an_object_after_its_grace_period(void **state)
{
	int nr = 20000 / test_slowness(), i, bad = 0;
	struct task_struct *tasks[NR_READERS];
	struct witness *old;

	memset(&w, 0, sizeof(w));
	rcu_assign_pointer(w.published, fresh_witness(0));
	for (i = 0; i < NR_READERS; i++)
		tasks[i] = start(watch, (void *)(i % 2ul));
	for (i = 1; i < nr; i++) {
		old = w.published;
		rcu_assign_pointer(w.published, fresh_witness(i));
		if (i % 500 == 0) {
			synchronize_rcu();
			mark_dead(&old->rcu);
		} else {
			call_rcu(&old->rcu, mark_dead);
		}
	}
	WRITE_ONCE(w.stop, true);
	for (i = 0; i < NR_READERS; i++)
		bad += finish(tasks[i]);
	rcu_barrier();
	assert_int_equal(bad, 0);
	assert_int_equal(atomic_read(&w.nr_dead), nr - 1);
}

/* kfree_rcu(): AddressSanitizer or wrong contents show an early free. */
struct object {
	unsigned long head[4];
	struct rcu_head rcu;
	unsigned long tail[6];
};

static struct object *object_make(unsigned long value)
{
	struct object *o = kmalloc_obj(*o, GFP_ATOMIC);
	int i;

	for (i = 0; o && i < 4; i++)
		o->head[i] = value;
	for (i = 0; o && i < 6; i++)
		o->tail[i] = value;
	return o;
}

static struct object *published;
static bool stop_reading;

static int read_objects(void *unused)
{
	int bad = 0;

	while (!READ_ONCE(stop_reading)) {
		struct object *o;
		unsigned long value;

		rcu_read_lock();
		o = rcu_dereference(published);
		value = o->head[0];
		cpu_relax();
		bad += o->head[3] != value || o->tail[0] != value ||
		       o->tail[5] != value;
		rcu_read_unlock();
	}
	return bad;
}

static void kfree_rcu_frees_nothing_that_is_read(void **state)
{
	int nr = 100000 / test_slowness(), i, bad = 0;
	struct task_struct *tasks[2];
	struct object *old;

	stop_reading = false;
	rcu_assign_pointer(published, object_make(0));
	for (i = 0; i < 2; i++)
		tasks[i] = start(read_objects, NULL);
	for (i = 1; i < nr; i++) {
		old = published;
		rcu_assign_pointer(published, object_make(i));
		/* Inside a section, inside nested sections, and outside. */
		if (i % 4 == 1)
			rcu_read_lock();
		if (i % 4 <= 1)
			rcu_read_lock();
		kfree_rcu(old, rcu);
		if (i % 4 <= 1)
			rcu_read_unlock();
		if (i % 4 == 1)
			rcu_read_unlock();
	}
	WRITE_ONCE(stop_reading, true);
	for (i = 0; i < 2; i++)
		bad += finish(tasks[i]);
	assert_int_equal(bad, 0);
	kfree(published);
	rcu_barrier();
}

static void object_stays_while_its_own_thread_reads(void **state)
{
	struct object *o;
	int i, j, nr = 20000 / test_slowness();

	/* Retire many batches of objects inside one section. */
	rcu_read_lock();
	o = object_make(7);
	kfree_rcu(o, rcu);
	for (i = 0; i < nr; i++) {
		struct object *other = object_make(i);

		rcu_read_lock();
		kfree_rcu(other, rcu);
		rcu_read_unlock();
	}
	for (j = 0; j < 4; j++)
		assert_int_equal(o->head[j], 7);
	for (j = 0; j < 6; j++)
		assert_int_equal(o->tail[j], 7);
	rcu_read_unlock();
	rcu_barrier();
}

static void kfree_rcu_of_null_does_nothing(void **state)
{
	struct object *none = NULL;

	kfree_rcu(none, rcu);
	kvfree_rcu(none, rcu);
	kfree_rcu_mightsleep(none);
	kfree_rcu_mightsleep(object_make(1));
}

/* In total, far more memory than an allocator keeps. */
#define BIG		4000
#define NR_BIG		4000
/* One percent of it may remain in caches and threads' stacks. */
#define SLACK		(160 * 1000)

struct big {
	struct rcu_head rcu;
	char payload[BIG];
};

static bool came_back(size_t before)
{
	size_t now = memory_in_use();

	return now < before + SLACK;
}

static int retire_many(void *how)
{
	bool inside = how;
	int i;

	if (inside)
		rcu_read_lock();
	for (i = 0; i < NR_BIG; i++) {
		struct big *b = kmalloc_obj(*b, GFP_ATOMIC);

		if (!b)
			return -1;
		memset(b, 1, sizeof(*b));
		kfree_rcu(b, rcu);
	}
	if (inside)
		rcu_read_unlock();
	return 0;
}

static void barrier_brings_back_all_memory(void **state)
{
	size_t before;
	int i;

	rcu_barrier();
	before = memory_in_use();
	for (i = 0; i < 2; i++) {
		assert_int_equal(retire_many((void *)(unsigned long)i), 0);
		rcu_barrier();
		assert_true(came_back(before));
	}
}

static void memory_in_use_counts_what_is_not_freed(void **state)
{
	/* Without this, the tests around it would prove nothing. */
	size_t before = memory_in_use();
	struct big *b[200];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(b); i++)
		b[i] = kzalloc_obj(*b[i]);
	assert_false(came_back(before));
	for (i = 0; i < ARRAY_SIZE(b); i++)
		kfree(b[i]);
	assert_true(came_back(before));
}

static void exited_threads_keep_no_memory(void **state)
{
	size_t before;
	int i;

	rcu_barrier();
	before = memory_in_use();
	for (i = 0; i < 8; i++)
		assert_int_equal(finish(start(retire_many, NULL)), 0);
	/* The RCU thread frees the memory without a request. */
	assert_true(eventually(came_back(before)));
}

static int retire_then_idle(void *data)
{
	struct completion *may_exit = data;
	int err = retire_many(NULL);

	wait_for_completion(may_exit);
	return err;
}

static void idle_threads_keep_no_memory(void **state)
{
	DECLARE_COMPLETION_ONSTACK(may_exit);
	struct task_struct *tasks[4];
	size_t before;
	int i;

	rcu_barrier();
	before = memory_in_use();
	for (i = 0; i < 4; i++)
		tasks[i] = start(retire_then_idle, &may_exit);
	for (i = 0; i < 4; i++)
		assert_true(eventually(sleeps_in(tasks[i],
						 TASK_UNINTERRUPTIBLE)));
	assert_true(eventually(came_back(before)));
	complete_all(&may_exit);
	for (i = 0; i < 4; i++)
		assert_int_equal(finish(tasks[i]), 0);
}

static void retiring_thread_keeps_up_without_being_asked(void **state)
{
	size_t before, now, most = 0;
	int i, nr = 200000 / test_slowness();

	rcu_barrier();
	before = memory_in_use();
	/* 800 MB in total, if nothing were freed meanwhile. */
	for (i = 0; i < nr; i++) {
		struct big *b = kmalloc_obj(*b, GFP_ATOMIC);

		assert_non_null(b);
		kfree_rcu(b, rcu);
		if (i % 1000 == 0) {
			now = memory_in_use();
			most = max(most, now);
		}
	}
	assert_true(most < before + (size_t)nr * BIG / 4);
	rcu_barrier();
	assert_true(came_back(before));
}

/*
 * Each thread is in a section most of the time, and there are more threads than
 * CPUs: some reader is nearly always off the CPU.
 */
#define NR_RETIRERS	6

static bool retire_on;

static int read_and_retire(void *unused)
{
	struct {
		struct rcu_head rcu;
		char payload[48];
	} *object;
	ktime_t sink = 0;

	while (READ_ONCE(retire_on)) {
		rcu_read_lock();
		sink += ktime_get() + ktime_get();
		rcu_read_unlock();
		object = kmalloc_obj(*object);
		if (object)
			kfree_rcu(object, rcu);
	}
	return sink == 1;
}

static void frees_of_many_threads_stay_few(void **state)
{
	struct task_struct *tasks[NR_RETIRERS];
	size_t before, most = 0;
	int i;

	rcu_barrier();
	before = memory_in_use();
	WRITE_ONCE(retire_on, true);
	for (i = 0; i < NR_RETIRERS; i++)
		tasks[i] = start(read_and_retire, NULL);
	for (i = 0; i < 150; i++) {
		usleep_range(10000, 11000);
		most = max(most, memory_in_use());
	}
	WRITE_ONCE(retire_on, false);
	for (i = 0; i < NR_RETIRERS; i++)
		finish(tasks[i]);
	assert_between(most, 0, before + (12 << 20));
}

static bool section_on, in_section;

static int stay_in_a_section(void *unused)
{
	rcu_read_lock();
	WRITE_ONCE(in_section, true);
	/* Off the CPU, like a reader that the host has preempted. */
	while (READ_ONCE(section_on))
		usleep(1000);
	rcu_read_unlock();
	return 0;
}

/* A reader that stays in its section for long does not stop the others. */
static void long_section_slows_the_frees_of_others_down(void **state)
{
	struct task_struct *reader, *task;
	size_t before, now;

	rcu_barrier();
	before = memory_in_use();
	WRITE_ONCE(section_on, true);
	reader = start(stay_in_a_section, NULL);
	assert_true(eventually(READ_ONCE(in_section)));
	WRITE_ONCE(retire_on, true);
	task = start(read_and_retire, NULL);
	msleep(500);
	WRITE_ONCE(retire_on, false);
	finish(task);
	now = memory_in_use();
	WRITE_ONCE(section_on, false);
	finish(reader);
	assert_between(now, 0, before + (6 << 20));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(no_reader_sees_an_object_after_its_grace_period),
		TEST(kfree_rcu_frees_nothing_that_is_read),
		TEST(object_stays_while_its_own_thread_reads),
		TEST(kfree_rcu_of_null_does_nothing),
		/* The others measure the memory that is in use. */
		TEST(memory_in_use_counts_what_is_not_freed),
		TEST(barrier_brings_back_all_memory),
		TEST(exited_threads_keep_no_memory),
		TEST(idle_threads_keep_no_memory),
		TEST(retiring_thread_keeps_up_without_being_asked),
		TEST(frees_of_many_threads_stay_few),
		TEST(long_section_slows_the_frees_of_others_down),
	};

	TEST_NEEDS(MEMORY_IS_COUNTED, "mallinfo2()",
		   memory_in_use_counts_what_is_not_freed);
	TEST_NEEDS(MEMORY_IS_COUNTED, "mallinfo2()",
		   barrier_brings_back_all_memory);
	TEST_NEEDS(MEMORY_IS_COUNTED, "mallinfo2()",
		   exited_threads_keep_no_memory);
	TEST_NEEDS(MEMORY_IS_COUNTED, "mallinfo2()",
		   idle_threads_keep_no_memory);
	TEST_NEEDS(MEMORY_IS_COUNTED, "mallinfo2()",
		   retiring_thread_keeps_up_without_being_asked);
	TEST_NEEDS(MEMORY_IS_COUNTED, "mallinfo2()",
		   frees_of_many_threads_stay_few);
	TEST_NEEDS(MEMORY_IS_COUNTED, "mallinfo2()",
		   long_section_slows_the_frees_of_others_down);
	return TEST_MAIN_BUT("rcu-free", tests, 7);
}
