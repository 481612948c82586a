// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * lockdep's reports for the shim's users: wait types, mutexes and allocations.
 * For builds with -Dchecks=true. lockdep.c tests lockdep itself.
 */

#include "helpers.h"
#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <libfence/libfence.h>

#define MAP(name)	static struct lockdep_map name = \
				STATIC_LOCKDEP_MAP_INIT(#name, NULL)

/* Wait types */

static struct lockdep_map no_wait;
static DEFINE_SPINLOCK(spin);
static DEFINE_MUTEX(mutex_in_no_wait);
MAP(plain);

static noinline void enter_no_wait(void)
{
	lock_map_acquire(&no_wait);
}

static void leave_no_wait(void)
{
	lock_map_release(&no_wait);
}

static noinline void take_spinlock(void)
{
	spin_lock(&spin);
	spin_unlock(&spin);
}

static noinline void take_spinlock_irqsave(void)
{
	unsigned long flags;

	spin_lock_irqsave(&spin, flags);
	spin_unlock_irqrestore(&spin, flags);
}

static noinline void try_spinlock(void)
{
	if (spin_trylock(&spin))
		spin_unlock(&spin);
}

static noinline void take_plain_map(void)
{
	lock_map_acquire(&plain);
	lock_map_release(&plain);
}

static noinline void take_mutex(void)
{
	mutex_lock(&mutex_in_no_wait);
	mutex_unlock(&mutex_in_no_wait);
}

static noinline void say_might_sleep(void)
{
	might_sleep();
}

static void nothing_may_wait_inside_a_map_that_forbids_it(void **state)
{
	lockdep_init_map_wait(&no_wait, "no_wait", NULL, 0, LD_WAIT_FREE);
	enter_no_wait();
	assert_warns_naming(" taken at take_spinlock+0x",
			    " inside no_wait (since enter_no_wait+0x",
			    take_spinlock());
	take_spinlock();
	assert_warns_naming("take_spinlock_irqsave+0x", "enter_no_wait+0x",
			    take_spinlock_irqsave());
	assert_warns_naming("plain taken at take_plain_map+0x",
			    "enter_no_wait+0x", take_plain_map());
	assert_warns_naming("might_sleep", "enter_no_wait+0x",
			    say_might_sleep());
	/* One report, although mutex_lock() may sleep and takes a lock. */
	assert_warns_naming("take_mutex+0x", "enter_no_wait+0x", take_mutex());
	try_spinlock();
	leave_no_wait();
	take_spinlock();
	take_plain_map();
	say_might_sleep();
	take_mutex();
}

static void maps_that_forbid_waiting_may_nest(void **state)
{
	struct lockdep_map inner;

	lockdep_init_map_wait(&no_wait, "no_wait", NULL, 0, LD_WAIT_FREE);
	lockdep_init_map_wait(&inner, "inner", NULL, 0, LD_WAIT_FREE);
	enter_no_wait();
	lock_map_acquire(&inner);
	lock_map_release(&inner);
	leave_no_wait();
}

static struct lockdep_map spins;

static noinline void enter_spins(void)
{
	lock_map_acquire(&spins);
}

static void a_map_that_spins_must_not_sleep(void **state)
{
	lockdep_init_map_wait(&spins, "spins", NULL, 0, LD_WAIT_SPIN);
	enter_spins();
	take_spinlock();
	take_plain_map();
	assert_warns_naming("take_mutex", "enter_spins", take_mutex());
	lock_map_release(&spins);
}

static DEFINE_SPINLOCK(spin_of_interrupt);

static void take_spinlock_in_interrupt(struct irq_work *work)
{
	spin_lock(&spin_of_interrupt);
	spin_unlock(&spin_of_interrupt);
}

static void a_map_does_not_forbid_it_to_interrupts(void **state)
{
	struct irq_work work;
	unsigned long flags;

	init_irq_work(&work, take_spinlock_in_interrupt);
	lockdep_init_map_wait(&no_wait, "no_wait", NULL, 0, LD_WAIT_FREE);
	enter_no_wait();
	local_irq_save(flags);
	irq_work_queue(&work);
	local_irq_restore(flags);
	leave_no_wait();
	irq_work_sync(&work);
}

static DECLARE_WAIT_QUEUE_HEAD(wq);
static struct completion done;
static struct timer_list timer;
static struct work_struct work;
static struct irq_work iwork;

struct object {
	struct rcu_head rcu;
};

static void nop_timer(struct timer_list *t)
{
}

static void nop_work(struct work_struct *w)
{
}

static void nop_irq_work(struct irq_work *w)
{
}

static void free_object(struct rcu_head *head)
{
	kfree(container_of(head, struct object, rcu));
}

/* Operations allowed in any context: lockdep ignores the shim's own locks. */
static void do_what_may_be_done_anywhere(struct workqueue_struct *queue,
					 struct kmem_cache *cache,
					 struct object *one,
					 struct object *two)
{
	wake_up_all(&wq);
	complete(&done);
	mod_timer(&timer, jiffies + 1);
	timer_delete(&timer);
	irq_work_queue(&iwork);
	queue_work(queue, &work);
	cancel_work(&work);
	call_rcu(&one->rcu, free_object);
	kfree_rcu(two, rcu);
	kfree(kmalloc(8, GFP_ATOMIC));
	kfree(kmalloc(8, GFP_NOWAIT));
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_ATOMIC));
	wake_up_process(current);
	completion_done(&done);
	mutex_is_locked(&mutex_in_no_wait);
}

static void the_locks_of_the_shim_are_not_looked_at(void **state)
{
	struct object *one = kmalloc_obj(*one), *two = kmalloc_obj(*two);
	struct workqueue_struct *queue;
	struct kmem_cache *cache;

	init_completion(&done);
	timer_setup(&timer, nop_timer, 0);
	INIT_WORK(&work, nop_work);
	init_irq_work(&iwork, nop_irq_work);
	queue = alloc_workqueue("test", WQ_UNBOUND, 1);
	cache = KMEM_CACHE(object, SLAB_TYPESAFE_BY_RCU);
	lockdep_init_map_wait(&no_wait, "no_wait", NULL, 0, LD_WAIT_FREE);

	enter_no_wait();
	do_what_may_be_done_anywhere(queue, cache, one, two);
	leave_no_wait();

	irq_work_sync(&iwork);
	destroy_workqueue(queue);
	rcu_barrier();
	kmem_cache_destroy(cache);
}

/* Mutexes */

static DEFINE_MUTEX(m1);
static DEFINE_MUTEX(m2);

static noinline void m1_then_m2(void)
{
	mutex_lock(&m1);
	mutex_lock(&m2);
	mutex_unlock(&m2);
	mutex_unlock(&m1);
}

static noinline void m2_then_m1(void)
{
	guard(mutex)(&m2);
	mutex_lock(&m1);
	mutex_unlock(&m1);
}

static noinline void m2_then_try_m1(void)
{
	mutex_lock(&m2);
	if (mutex_trylock(&m1))
		mutex_unlock(&m1);
	mutex_unlock(&m2);
}

static void mutexes_have_an_order(void **state)
{
	m1_then_m2();
	m2_then_try_m1();
	assert_warns_naming("m1 taken at m2_then_m1+0x",
			    "m1 was held since m1_then_m2+0x", m2_then_m1());
}

static noinline void init_one(struct mutex *lock)
{
	mutex_init(lock);
}

static noinline void take_two(struct mutex *x, struct mutex *y)
{
	mutex_lock(x);
	mutex_lock(y);
	mutex_unlock(y);
	mutex_unlock(x);
}

static noinline void take_two_others(struct mutex *x, struct mutex *y)
{
	mutex_lock(x);
	mutex_lock(y);
	mutex_unlock(y);
	mutex_unlock(x);
}

static noinline void take_two_nested(struct mutex *x, struct mutex *y)
{
	mutex_lock(x);
	mutex_lock_nested(y, SINGLE_DEPTH_NESTING);
	mutex_unlock(y);
	mutex_unlock(x);
}

static void mutexes_of_one_init_site_are_a_class(void **state)
{
	static struct lock_class_key key;
	struct mutex x, y;

	init_one(&x);
	init_one(&y);
	take_two_nested(&x, &y);
	take_two_nested(&y, &x);
	assert_warns_naming("possible recursion: lock taken at take_two",
			    "since take_two", take_two(&x, &y));
	/* A class or subclass of its own makes it legal. */
	lockdep_set_class(&y, &key);
	take_two_others(&x, &y);
	init_one(&y);
	lockdep_set_subclass(&y, SINGLE_DEPTH_NESTING);
	take_two_others(&x, &y);
}

static noinline void lock_first(void)
{
	mutex_lock(&m1);
}

static noinline void lock_again(void)
{
	mutex_lock(&m1);
}

static void recursion_of_a_mutex_names_both_call_sites(void **state)
{
	assert_dies("taken at lock_first+0x", lock_first(); lock_again());
	assert_dies("again at lock_again+0x", lock_first(); lock_again());
}

static int lock_interruptibly(void *unused)
{
	int err = mutex_lock_interruptible(&m1);

	flush_signals(current);
	if (current->held.nr)
		return 1;
	return err;
}

static void a_mutex_that_was_not_taken_is_not_held(void **state)
{
	struct task_struct *task;

	mutex_lock(&m1);
	task = start(lock_interruptibly, NULL);
	assert_true(eventually(sleeps_in(task, TASK_INTERRUPTIBLE)));
	send_sig(SIGUSR1, task, 0);
	assert_int_equal(finish(task), -EINTR);
	mutex_unlock(&m1);
	assert_int_equal(current->held.nr, 0);
}

static noinline void lock_inside(struct mutex *lock)
{
	mutex_lock(lock);
}

static int free_with_mutex(void *unused)
{
	struct mutex *lock = kmalloc_obj(*lock);

	mutex_init(lock);
	lock_inside(lock);
	kfree(lock);
	return 0;
}

static void freeing_memory_with_a_held_mutex_warns(void **state)
{
	assert_warns_naming("memory freed while a lock inside it is held",
			    "lock taken at lock_inside+0x",
			    finish(start(free_with_mutex, NULL)));
}

/* Reclaim */

static DEFINE_MUTEX(reclaim_mutex);

static noinline void take_it_in_reclaim(void)
{
	fs_reclaim_acquire(GFP_KERNEL);
	mutex_lock(&reclaim_mutex);
	mutex_unlock(&reclaim_mutex);
	fs_reclaim_release(GFP_KERNEL);
}

/* The report names the caller, not a function inside the allocator. */
static void *volatile memory;
static struct kmem_cache *cache;

static noinline void alloc_kmalloc(gfp_t gfp) { memory = kmalloc(8, gfp); }
static noinline void alloc_kzalloc(gfp_t gfp) { memory = kzalloc(8, gfp); }
static noinline void alloc_kcalloc(gfp_t gfp) { memory = kcalloc(1, 8, gfp); }
static noinline void alloc_krealloc(gfp_t gfp) { memory = krealloc(NULL, 8, gfp); }
static noinline void alloc_kmemdup(gfp_t gfp) { memory = kmemdup("x", 2, gfp); }
static noinline void alloc_kstrdup(gfp_t gfp) { memory = kstrdup("x", gfp); }
static noinline void alloc_kasprintf(gfp_t gfp) { memory = kasprintf(gfp, "x"); }
static noinline void alloc_cache(gfp_t gfp) { memory = kmem_cache_alloc(cache, gfp); }
static noinline void alloc_none(gfp_t gfp) { memory = NULL; might_alloc(gfp); }

static const struct {
	void (*alloc)(gfp_t gfp);
	const char *name;
} allocs[] = {
	{ alloc_kmalloc, "alloc_kmalloc+0x" },
	{ alloc_kzalloc, "alloc_kzalloc+0x" },
	{ alloc_kcalloc, "alloc_kcalloc+0x" },
	{ alloc_krealloc, "alloc_krealloc+0x" },
	{ alloc_kmemdup, "alloc_kmemdup+0x" },
	{ alloc_kstrdup, "alloc_kstrdup+0x" },
	{ alloc_kasprintf, "alloc_kasprintf+0x" },
	{ alloc_cache, "alloc_cache+0x" },
	{ alloc_none, "alloc_none+0x" },
};

static noinline void lock_around_allocation(void)
{
	mutex_lock(&reclaim_mutex);
}

static void allocation_waits_for_what_reclaim_takes(void **state)
{
	unsigned int i;

	cache = KMEM_CACHE(object, 0);
	take_it_in_reclaim();
	lock_around_allocation();
	for (i = 0; i < ARRAY_SIZE(allocs); i++) {
		allocs[i].alloc(GFP_ATOMIC);
		kfree(memory);
		allocs[i].alloc(GFP_NOWAIT);
		kfree(memory);
		/* Reclaim for these flags does not take the mutex. */
		allocs[i].alloc(GFP_NOFS);
		kfree(memory);
		allocs[i].alloc(GFP_NOIO);
		kfree(memory);
		assert_warns_naming(allocs[i].name, "lock_around_allocation+0x",
				    allocs[i].alloc(GFP_KERNEL));
		kfree(memory);
	}
	mutex_unlock(&reclaim_mutex);
	for (i = 0; i < ARRAY_SIZE(allocs); i++) {
		allocs[i].alloc(GFP_KERNEL);
		kfree(memory);
	}
	kmem_cache_destroy(cache);
}

static noinline void alloc_in_reclaim(void)
{
	kfree(kmalloc(8, GFP_KERNEL));
}

static noinline void begin_reclaim(void)
{
	fs_reclaim_acquire(GFP_KERNEL);
}

static void allocation_in_reclaim_is_a_recursion(void **state)
{
	begin_reclaim();
	kfree(kmalloc(8, GFP_ATOMIC));
	assert_warns_naming("alloc_in_reclaim+0x", "begin_reclaim+0x",
			    alloc_in_reclaim());
	fs_reclaim_release(GFP_KERNEL);
	alloc_in_reclaim();
}

static noinline void alloc_in_spinlock(void)
{
	kfree(kmalloc(8, GFP_KERNEL));
}

static noinline void enter_spinlock(void)
{
	spin_lock(&spin);
}

static void allocation_in_atomic_context_is_reported_once(void **state)
{
	lock_around_allocation();
	enter_spinlock();
	assert_warns_naming("alloc_in_spinlock+0x", "enter_spinlock+0x",
			    alloc_in_spinlock());
	spin_unlock(&spin);
	mutex_unlock(&reclaim_mutex);
}

/* Timers: waiting for one means waiting for the locks that it takes. */

MAP(in_timer);
static bool timer_ran;

static void take_in_timer(struct timer_list *t)
{
	lock_map_acquire(&in_timer);
	lock_map_release(&in_timer);
	smp_store_release(&timer_ran, true);
}

static void waiting_for_a_timer_under_a_lock_that_it_takes(void **state)
{
	int how;

	for (how = 0; how < 2; how++) {
		struct timer_list timer;

		lockdep_init_map_waits(&in_timer, "in_timer", NULL, 0,
				       LD_WAIT_SPIN, LD_WAIT_SPIN);
		timer_setup_on_stack(&timer, take_in_timer, 0);
		timer_ran = false;
		mod_timer(&timer, jiffies);
		assert_true(eventually(smp_load_acquire(&timer_ran)));
		/* Without the lock it is allowed. */
		timer_delete_sync(&timer);
		lock_map_acquire(&in_timer);
		/* It does not wait, and can always be used. */
		timer_delete(&timer);
		timer_delete_sync_try(&timer);
		assert_warns_naming("possible deadlock", "&timer", {
			if (how)
				timer_shutdown_sync(&timer);
			else
				timer_delete_sync(&timer);
		});
		lock_map_release(&in_timer);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_may_wait_inside_a_map_that_forbids_it),
		TEST(maps_that_forbid_waiting_may_nest),
		TEST(a_map_that_spins_must_not_sleep),
		TEST(a_map_does_not_forbid_it_to_interrupts),
		TEST(the_locks_of_the_shim_are_not_looked_at),
		TEST(mutexes_have_an_order),
		TEST(mutexes_of_one_init_site_are_a_class),
		TEST(recursion_of_a_mutex_names_both_call_sites),
		TEST(a_mutex_that_was_not_taken_is_not_held),
		TEST(freeing_memory_with_a_held_mutex_warns),
		TEST(allocation_waits_for_what_reclaim_takes),
		TEST(allocation_in_reclaim_is_a_recursion),
		TEST(allocation_in_atomic_context_is_reported_once),
		TEST(waiting_for_a_timer_under_a_lock_that_it_takes),
	};

	BUG_ON(!libfence_has_checks());
	return TEST_MAIN("lockdep-use", tests);
}
