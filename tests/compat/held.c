// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The stack of held locks, cell by cell: which faults are reported, and when
 * again, and the names in the reports. For builds with -Dchecks=true.
 *
 * lockdep reports each pair of call sites once, so every mistake here has
 * functions of its own.
 */

#include "helpers.h"
#include <linux/completion.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <libfence/libfence.h>

#include "kernel/internal.h"

#define MAP(name)	static struct lockdep_map name = \
				STATIC_LOCKDEP_MAP_INIT(#name, NULL)

static DEFINE_SPINLOCK(lock);
static struct lockdep_map no_wait;
MAP(plain);

static void enter_no_wait(void)
{
	lockdep_init_map_wait(&no_wait, "no_wait", NULL, 0, LD_WAIT_FREE);
	lock_map_acquire(&no_wait);
}

static void leave_no_wait(void)
{
	lock_map_release(&no_wait);
}

/* One report for one fault: only the next report is of the same fault. */

static noinline void take_after_a_push(void)
{
	lock_map_acquire(&plain);
	lock_map_release(&plain);
}

static noinline void take_after_a_pop(void)
{
	lock_map_acquire(&plain);
	lock_map_release(&plain);
}

static void a_later_fault_is_reported_although_one_was(void **state)
{
	enter_no_wait();
	assert_warns(1, might_sleep());
	assert_warns_like("lib.rs:7", __might_sleep("lib.rs", 7));
	assert_true(spin_trylock(&lock));
	assert_warns_like("plain taken at take_after_a_push+0x",
			  take_after_a_push());
	assert_warns(1, might_sleep());
	spin_unlock(&lock);
	assert_warns_like("plain taken at take_after_a_pop+0x",
			  take_after_a_pop());
	leave_no_wait();
}

MAP(spins);

static void a_map_waits_as_its_outer_type_says(void **state)
{
	struct lockdep_map inner;

	lockdep_init_map_wait(&spins, "spins", NULL, 0, LD_WAIT_SPIN);
	lock_map_acquire(&spins);
	lockdep_init_map_waits(&inner, "inner", NULL, 0, LD_WAIT_SLEEP,
			       LD_WAIT_SPIN);
	lock_map_acquire(&inner);
	lock_map_release(&inner);
	lockdep_init_map_waits(&inner, "inner", NULL, 0, LD_WAIT_SPIN,
			       LD_WAIT_SLEEP);
	assert_warns_like("inner taken at", lock_map_acquire(&inner));
	lock_map_release(&inner);
	lock_map_release(&spins);
}

static noinline void sleep_once(void)
{
	schedule_timeout_uninterruptible(1);
}

static noinline void begin_atomic(void)
{
	spin_lock(&lock);
}

/* Once for the program, so in a child. Returns the line that failed. */
static int sleep_in_atomic(void)
{
	unsigned long before = libfence_warn_count();

	begin_atomic();
	sleep_once();
	if (libfence_warn_count() != before + 1)
		return __LINE__;
	sleep_once();
	if (libfence_warn_count() != before + 1)
		return __LINE__;
	/* A report is over when it is made. */
	if (current->held.reporting)
		return __LINE__;
	might_sleep();
	return libfence_warn_count() == before + 2 ? 0 : __LINE__;
}

static void scheduling_is_reported_once_and_others_go_on(void **state)
{
	assert_dies("scheduling while atomic: spinlock", ({
		if (!sleep_in_atomic())
			abort();
	}));
	assert_dies("taken at begin_atomic+0x", ({
		if (!sleep_in_atomic())
			abort();
	}));
}

/* The reason in the report */

static noinline void begin_spin(void)
{
	spin_lock(&lock);
}

static void a_map_that_allows_it_is_not_the_reason(void **state)
{
	begin_spin();
	lock_map_acquire(&plain);
	assert_warns_naming("called from invalid context",
			    "taken at begin_spin+0x", might_sleep());
	lock_map_release(&plain);
	spin_unlock(&lock);
}

static noinline void begin_outer_section(void)
{
	rcu_read_lock();
}

static void the_outer_section_is_the_reason(void **state)
{
	begin_outer_section();
	rcu_read_lock();
	assert_warns_like("section since begin_outer_section+0x",
			  might_sleep());
	rcu_read_unlock();
	assert_warns_like("section since begin_outer_section+0x",
			  might_sleep());
	rcu_read_unlock();
	/* One that has ended is not the reason of the next. */
	rcu_read_lock();
	assert_warns_like("section since the_outer_section_is_the_reason+0x",
			  might_sleep());
	rcu_read_unlock();
}

static noinline void begin_outer_bh(void)
{
	local_bh_disable();
}

static void the_outer_region_is_the_reason(void **state)
{
	begin_outer_bh();
	local_bh_disable();
	assert_warns_like("softirqs disabled since begin_outer_bh+0x",
			  might_sleep());
	local_bh_enable();
	local_bh_enable();
	/* Regions of another kind do not change where a section began. */
	begin_outer_section();
	local_irq_disable();
	local_irq_disable();
	local_irq_enable();
	assert_warns_like("section since begin_outer_section+0x",
			  might_sleep());
	rcu_read_unlock();
}

static struct completion done;

static void sleep_in_callback(struct rcu_head *head)
{
	might_sleep();
	complete(&done);
}

static void a_callback_is_a_reason(void **state)
{
	struct rcu_head head;

	init_completion(&done);
	assert_warns_like("inside a timer or an RCU callback", ({
		call_rcu(&head, sleep_in_callback);
		wait_for_completion(&done);
		rcu_barrier();
	}));
}

static void a_lock_of_the_shim_is_a_reason(void **state)
{
	lfshim_tls.preempt_depth++;
	assert_warns_like("called with a lock of the shim held",
			  might_sleep());
	lfshim_tls.preempt_depth--;
	might_sleep();
}

static DEFINE_SPINLOCK(nested_lock);

static noinline void disable_and_lock(void)
{
	unsigned long flags;

	local_irq_save(flags);
	spin_lock_irq(&nested_lock);
	spin_unlock(&nested_lock);
	local_irq_restore(flags);
}

static void a_nested_spin_lock_irq_is_reported_the_first_time(void **state)
{
	assert_warns_like("spin_lock_irq() at disable_and_lock+0x",
			  disable_and_lock());
	disable_and_lock();
}

/* Names */

struct device {
	spinlock_t lock;
};

static void device_init(struct device *dev)
{
	spin_lock_init(&dev->lock);
}

static void subclass_eight_counts_as_seven(void **state)
{
	struct device one, two;

	device_init(&one);
	device_init(&two);
	assert_warns_like("subclass 8", spin_lock_nested(&one.lock, 8));
	assert_warns_like("possible recursion: &dev->lock/7 taken",
			  spin_lock_nested(&two.lock, 7));
	spin_unlock(&two.lock);
	spin_unlock(&one.lock);
}

static noinline void take_nested_twice(struct lockdep_map *x,
				       struct lockdep_map *y)
{
	lock_acquire(x, 2, 0, 0, 1, NULL, _THIS_IP_);
	lock_acquire(y, 2, 0, 0, 1, NULL, _THIS_IP_);
	lock_release(y, _THIS_IP_);
	lock_release(x, _THIS_IP_);
}

static noinline void take_with_own_subclass(struct lockdep_map *x,
					    struct lockdep_map *y)
{
	lock_map_acquire(x);
	lock_acquire(y, 3, 0, 0, 1, NULL, _THIS_IP_);
	lock_release(y, _THIS_IP_);
	lock_release(x, _THIS_IP_);
}

static void the_subclass_of_a_map_is_in_its_name(void **state)
{
	static struct lock_class_key key;
	struct lockdep_map x, y;

	lockdep_init_map(&x, "x", &key, 3);
	lockdep_init_map(&y, "y", &key, 0);
	assert_warns_like("possible recursion: x/2 taken",
			  take_nested_twice(&x, &y));
	/* Without a subclass of the call, the map's own. */
	assert_warns_like("possible recursion: x/3 taken",
			  take_with_own_subclass(&x, &y));
}

static noinline void lock_again(void)
{
	spin_lock(&lock);
	spin_lock(&lock);
}

static void recursion_of_a_lock_that_was_lost(void **state)
{
	static spinlock_t locks[LFSHIM_MAX_HELD];
	int i;

	for (i = 0; i < ARRAY_SIZE(locks); i++)
		spin_lock(&locks[i]);
	assert_dies("taken at a call site in the shim", lock_again());
	assert_dies("again at lock_again+0x", lock_again());
	for (i = 0; i < ARRAY_SIZE(locks); i++)
		spin_unlock(&locks[i]);
}

static void as_many_locks_as_it_remembers(void **state)
{
	static spinlock_t locks[LFSHIM_MAX_HELD + 1];
	int i;

	for (i = 0; i < ARRAY_SIZE(locks); i++)
		spin_lock(&locks[i]);
	assert_int_equal(current->held.nr, LFSHIM_MAX_HELD);
	assert_int_equal(current->held.lost, 1);
	/* The last one is the one that was lost. */
	for (i = ARRAY_SIZE(locks); i--; )
		spin_unlock(&locks[i]);
	assert_int_equal(current->held.nr, 0);
	assert_int_equal(current->held.lost, 0);
	assert_warns_like("is not held", lock_map_release(&plain));
}

/* Memory that is freed */

static void a_lock_anywhere_in_freed_memory_is_found(void **state)
{
	struct {
		spinlock_t first;
		char memory[16];
		spinlock_t last;
	} x;

	spin_lock_init(&x.first);
	spin_lock_init(&x.last);
	/* One that has nothing to do with it is the outer one. */
	spin_lock(&lock);
	spin_lock(&x.first);
	assert_warns_like("lock inside it is held",
			  lfpriv_check_freed(&x, sizeof(x.first)));
	spin_unlock(&x.first);
	spin_lock(&x.last);
	assert_warns_like("lock inside it is held",
			  lfpriv_check_freed(x.memory,
					     sizeof(x) - offsetof(typeof(x),
								  memory)));
	lfpriv_check_freed(x.memory, sizeof(x.memory));
	spin_unlock(&x.last);
	spin_unlock(&lock);
}

static DEFINE_SPINLOCK(other);

/* The memory is not gone, so that the lock still looks held. */
static int free_then_lock(void *unused)
{
	struct device dev;

	device_init(&dev);
	spin_lock(&dev.lock);
	lfpriv_check_freed(&dev, sizeof(dev));
	spin_lock(&other);
	spin_unlock(&other);
	return 0;
}

static void a_freed_lock_has_no_order(void **state)
{
	struct device dev;

	assert_warns(1, finish(start(free_then_lock, NULL)));
	device_init(&dev);
	spin_lock(&other);
	spin_lock(&dev.lock);
	spin_unlock(&dev.lock);
	spin_unlock(&other);
}

/* Threads that end */

static unsigned int nr_reports;

static void hook_that_may_not_sleep(const struct libfence_warning *w,
				    void *data)
{
	if (++nr_reports < 10)
		might_sleep();
}

static int end_with_four_locks(void *unused)
{
	static spinlock_t locks[4];
	int i;

	for (i = 0; i < 4; i++)
		spin_lock(&locks[i]);
	return 0;
}

static void each_lock_of_a_thread_that_ends_is_reported(void **state)
{
	nr_reports = 0;
	libfence_set_warn_hook(hook_that_may_not_sleep, NULL);
	finish(start(end_with_four_locks, NULL));
	assert_int_equal(nr_reports, 4);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_later_fault_is_reported_although_one_was),
		TEST(a_map_waits_as_its_outer_type_says),
		TEST(scheduling_is_reported_once_and_others_go_on),
		TEST(a_map_that_allows_it_is_not_the_reason),
		TEST(the_outer_section_is_the_reason),
		TEST(the_outer_region_is_the_reason),
		TEST(a_callback_is_a_reason),
		TEST(a_lock_of_the_shim_is_a_reason),
		TEST(a_nested_spin_lock_irq_is_reported_the_first_time),
		TEST(subclass_eight_counts_as_seven),
		TEST(the_subclass_of_a_map_is_in_its_name),
		TEST(recursion_of_a_lock_that_was_lost),
		TEST(as_many_locks_as_it_remembers),
		TEST(a_lock_anywhere_in_freed_memory_is_found),
		TEST(a_freed_lock_has_no_order),
		TEST(each_lock_of_a_thread_that_ends_is_reported),
	};

	BUG_ON(!libfence_has_checks());
	return TEST_MAIN("held", tests);
}
