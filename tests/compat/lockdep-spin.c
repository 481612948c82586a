// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * lockdep's reports for spinlocks: their order, classes and contexts, and the
 * locks of fences. For builds with -Dchecks=true.
 *
 * lockdep reports each pair of call sites once, so every mistake here has
 * functions of its own.
 */

#include "helpers.h"
#include "versions.h"
#include <pthread.h>
#include <linux/completion.h>
#include <linux/dma-fence.h>
#include <linux/irq_work.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <libfence/libfence.h>

/* A function that takes two locks, in this order. */
#define TAKES_BOTH(name)						\
	static noinline void name(spinlock_t *one, spinlock_t *two)	\
	{								\
		spin_lock(one);						\
		spin_lock(two);						\
		spin_unlock(two);					\
		spin_unlock(one);					\
	}

/* Order */

static DEFINE_SPINLOCK(lock_a);
static DEFINE_SPINLOCK(lock_b);
static DEFINE_SPINLOCK(lock_c);
TAKES_BOTH(a_then_b)
TAKES_BOTH(b_then_c)
TAKES_BOTH(c_then_a)

static void static_spinlocks_have_an_order(void **state)
{
	int i;

	for (i = 0; i < 2; i++) {
		a_then_b(&lock_a, &lock_b);
		b_then_c(&lock_b, &lock_c);
	}
	assert_warns_naming("possible deadlock: spinlock",
			    "taken at c_then_a",
			    c_then_a(&lock_c, &lock_a));
	/* Once for the two call sites. */
	c_then_a(&lock_c, &lock_a);
}

static void each_step_has_both_places(void **state)
{
	static DEFINE_SPINLOCK(x);
	static DEFINE_SPINLOCK(y);
	unsigned long flags;

	a_then_b(&x, &y);
	spin_lock_irqsave(&y, flags);
	assert_warns_naming("taken at a_then_b",
			    "held since each_step_has_both_places+0x",
			    spin_lock(&x));
	spin_unlock(&x);
	spin_unlock_irqrestore(&y, flags);
}

static DEFINE_MUTEX(mutex);

static void mutexes_and_spinlocks_are_in_one_order(void **state)
{
	static DEFINE_SPINLOCK(spin);

	mutex_lock(&mutex);
	spin_lock(&spin);
	spin_unlock(&spin);
	mutex_unlock(&mutex);
	/* A trylock waits for nobody. */
	spin_lock(&spin);
	assert_int_equal(mutex_trylock(&mutex), 1);
	mutex_unlock(&mutex);
	/* The other report is that it may sleep. */
	assert_warns(2, mutex_lock(&mutex));
	mutex_unlock(&mutex);
	spin_unlock(&spin);
}

static void trylock_orders_nothing_that_is_held(void **state)
{
	static DEFINE_SPINLOCK(x);
	static DEFINE_SPINLOCK(y);

	spin_lock(&x);
	assert_true(spin_trylock(&y));
	spin_unlock(&y);
	spin_unlock(&x);
	spin_lock(&y);
	assert_true(spin_trylock(&x));
	spin_unlock(&x);
	spin_unlock(&y);
}

/* Classes */

struct device {
	int number;
	spinlock_t lock;
};

static void device_init(struct device *dev)
{
	spin_lock_init(&dev->lock);
}

static struct device *device_new(void)
{
	struct device *dev = kzalloc_obj(*dev);

	if (!dev)
		fail_msg("no memory");
	device_init(dev);
	return dev;
}

TAKES_BOTH(two_devices)
TAKES_BOTH(two_devices_of_two_classes)

static noinline void two_devices_nested(spinlock_t *one, spinlock_t *two)
{
	unsigned long flags;

	spin_lock(one);
	spin_lock_nested(two, SINGLE_DEPTH_NESTING);
	spin_unlock(two);
	spin_unlock(one);
	spin_lock(one);
	spin_lock_irqsave_nested(two, flags, SINGLE_DEPTH_NESTING);
	spin_unlock_irqrestore(two, flags);
	spin_unlock(one);
}

static void spinlocks_of_one_init_site_are_a_class(void **state)
{
	static struct lock_class_key key;
	struct device *one = device_new(), *two = device_new();

	two_devices_nested(&one->lock, &two->lock);
	two_devices_nested(&two->lock, &one->lock);
	assert_warns_naming("possible recursion: &dev->lock taken at two_devices",
			    "held already, since two_devices",
			    two_devices(&one->lock, &two->lock));
	/* A class or a subclass of its own makes it legal. */
	lockdep_set_class(&two->lock, &key);
	two_devices_of_two_classes(&one->lock, &two->lock);
	device_init(two);
	lockdep_set_subclass(&two->lock, SINGLE_DEPTH_NESTING);
	two_devices_of_two_classes(&one->lock, &two->lock);
	kfree(one);
	kfree(two);
}

TAKES_BOTH(list_then_device)
TAKES_BOTH(device_then_list)

static void the_order_holds_for_other_locks_of_the_class(void **state)
{
	static DEFINE_SPINLOCK(list);
	struct device *dev = device_new();

	list_then_device(&list, &dev->lock);
	kfree(dev);
	dev = device_new();
	assert_warns_naming("possible deadlock: &dev->lock -> spinlock",
			    "taken at list_then_device",
			    device_then_list(&dev->lock, &list));
	kfree(dev);
}

static void a_lock_that_was_only_cleared_has_no_order(void **state)
{
	struct device *one = kzalloc_obj(*one), *two = kzalloc_obj(*two);
	DEFINE_SPINLOCK(on_stack);

	a_then_b(&one->lock, &two->lock);
	a_then_b(&two->lock, &one->lock);
	a_then_b(&on_stack, &two->lock);
	a_then_b(&two->lock, &on_stack);
	kfree(one);
	kfree(two);
}

TAKES_BOTH(two_in_freed_memory)
TAKES_BOTH(two_in_freed_pages)
TAKES_BOTH(two_in_freed_objects)

#define FAR	(512 * 1024)

/* The next allocation is at the address of the last free. */
static void freed_memory_forgets_the_classes_of_its_locks(void **state)
{
	struct kmem_cache *cache = KMEM_CACHE(device, 0);
	struct device *two[2];
	char *large;

	two[0] = device_new();
	two[1] = device_new();
	kfree(two[1]);
	kfree(two[0]);
	two[0] = kzalloc_obj(*two[0]);
	two[1] = kzalloc_obj(*two[1]);
	two_in_freed_memory(&two[0]->lock, &two[1]->lock);
	kfree(two[1]);
	kfree(two[0]);

	/* More lines than the table has buckets. malloc() adapts to the size. */
	kfree(kmalloc(FAR + sizeof(struct device), GFP_KERNEL));
	large = kmalloc(FAR + sizeof(struct device), GFP_KERNEL);
	device_init((void *)large);
	device_init((void *)(large + FAR));
	kfree(large);
	large = kzalloc(FAR + sizeof(struct device), GFP_KERNEL);
	two_in_freed_pages(&((struct device *)large)->lock,
			   &((struct device *)(large + FAR))->lock);
	kfree(large);

	two[0] = kmem_cache_alloc(cache, GFP_KERNEL);
	two[1] = kmem_cache_alloc(cache, GFP_KERNEL);
	device_init(two[0]);
	device_init(two[1]);
	kmem_cache_free(cache, two[1]);
	kmem_cache_free(cache, two[0]);
	two[0] = kmem_cache_zalloc(cache, GFP_KERNEL);
	two[1] = kmem_cache_zalloc(cache, GFP_KERNEL);
	two_in_freed_objects(&two[0]->lock, &two[1]->lock);
	kmem_cache_free(cache, two[1]);
	kmem_cache_free(cache, two[0]);
	kmem_cache_destroy(cache);
}

#define NR_LOCKS	5000

static void locks_that_made_room_cause_no_report(void **state)
{
	spinlock_t *locks = kcalloc(NR_LOCKS, sizeof(*locks), GFP_KERNEL);
	int i;

	/* Many more on a cache line than the table has room for. */
	for (i = 0; i < NR_LOCKS; i++)
		spin_lock_init(&locks[i]);
	for (i = 0; i < NR_LOCKS; i++) {
		spin_lock(&locks[i]);
		spin_lock(&lock_a);
		spin_unlock(&lock_a);
		spin_unlock(&locks[i]);
	}
	kfree(locks);
}

static void subclasses_end_at_seven(void **state)
{
	static DEFINE_SPINLOCK(spin);

	spin_lock_nested(&spin, MAX_LOCKDEP_SUBCLASSES - 1);
	spin_unlock(&spin);
	assert_warns_like("subclass 8", spin_lock_nested(&spin, 8));
	spin_unlock(&spin);
	mutex_lock_nested(&mutex, MAX_LOCKDEP_SUBCLASSES - 1);
	mutex_unlock(&mutex);
	assert_warns_like("subclass 9", mutex_lock_nested(&mutex, 9));
	mutex_unlock(&mutex);
}

/* Contexts */

static DEFINE_SPINLOCK(irq_lock);
static noinline void take_irq_lock(void)
{
	spin_lock(&irq_lock);
	spin_unlock(&irq_lock);
}

static void irq_fn(struct irq_work *work)
{
	take_irq_lock();
}

static noinline void take_with_interrupts_on(void)
{
	spin_lock(&irq_lock);
	spin_unlock(&irq_lock);
}

static void lock_of_an_interrupt_wants_interrupts_disabled(void **state)
{
	struct irq_work work = IRQ_WORK_INIT(irq_fn);
	unsigned long flags;

	spin_lock_irqsave(&irq_lock, flags);
	spin_unlock_irqrestore(&irq_lock, flags);
	local_irq_disable();
	irq_work_queue(&work);
	local_irq_enable();
	/* Softirqs are no interrupts. */
	local_bh_disable();
	assert_warns_naming("with interrupts enabled at take_with_interrupts_on+0x",
			    "in hard interrupt context at take_irq_lock+0x",
			    take_with_interrupts_on());
	local_bh_enable();
}

static struct {
	spinlock_t *lock;
	struct completion done;
} soft;

static void soft_fn(struct rcu_head *head)
{
	spin_lock(soft.lock);
	spin_unlock(soft.lock);
	complete(&soft.done);
}

static void in_softirq_take(spinlock_t *lock)
{
	struct rcu_head head;

	soft.lock = lock;
	init_completion(&soft.done);
	call_rcu(&head, soft_fn);
	wait_for_completion(&soft.done);
	rcu_barrier();
}

static void lock_of_a_softirq_wants_softirqs_disabled(void **state)
{
	static DEFINE_SPINLOCK(right);
	static DEFINE_SPINLOCK(wrong);
	unsigned long flags;

	spin_lock_bh(&right);
	spin_unlock_bh(&right);
	spin_lock_irqsave(&right, flags);
	spin_unlock_irqrestore(&right, flags);
	in_softirq_take(&right);
	spin_lock(&wrong);
	spin_unlock(&wrong);
	assert_warns_naming("in a timer or an RCU callback at soft_fn+0x",
			    "with softirqs enabled at lock_of_a_softirq",
			    in_softirq_take(&wrong));
}

/* Orders that lead from a class of interrupts to another class */

static spinlock_t *irq_takes;

static void take_in_irq_fn(struct irq_work *work)
{
	spin_lock(irq_takes);
	spin_unlock(irq_takes);
}

static void in_hardirq_take(spinlock_t *lock)
{
	struct irq_work work = IRQ_WORK_INIT(take_in_irq_fn);

	irq_takes = lock;
	local_irq_disable();
	irq_work_queue(&work);
	local_irq_enable();
}

static noinline void take_plainly(spinlock_t *lock)
{
	spin_lock(lock);
	spin_unlock(lock);
}

/* Every test has functions of its own, as each pair is reported once. */
#define TAKES_BOTH_WITH_IRQS_OFF(name)					\
	static noinline void name(spinlock_t *one, spinlock_t *two)	\
	{								\
		unsigned long flags;					\
									\
		spin_lock_irqsave(one, flags);				\
		spin_lock(two);						\
		spin_unlock(two);					\
		spin_unlock_irqrestore(one, flags);			\
	}

TAKES_BOTH_WITH_IRQS_OFF(order_then_use)
TAKES_BOTH_WITH_IRQS_OFF(use_then_order)
TAKES_BOTH_WITH_IRQS_OFF(first_of_three)
TAKES_BOTH_WITH_IRQS_OFF(last_of_three)
TAKES_BOTH_WITH_IRQS_OFF(order_of_softirq)
TAKES_BOTH_WITH_IRQS_OFF(order_that_is_right)

static void an_order_from_an_interrupt_to_enabled_interrupts(void **state)
{
	static DEFINE_SPINLOCK(safe);
	static DEFINE_SPINLOCK(unsafe);
	static DEFINE_SPINLOCK(other);

	order_then_use(&safe, &unsafe);
	in_hardirq_take(&safe);
	assert_warns_naming("the first is taken in hard interrupt context at take_in_irq_fn+0x",
			    "the last with interrupts enabled at take_plainly",
			    take_plainly(&unsafe));
	/* Once, and every other use of the two locks is fine. */
	take_plainly(&unsafe);
	order_then_use(&safe, &unsafe);
	order_then_use(&safe, &other);
	in_hardirq_take(&safe);
}

static noinline void take_plainly_before(spinlock_t *lock)
{
	spin_lock(lock);
	spin_unlock(lock);
}

static void the_order_may_come_last(void **state)
{
	static DEFINE_SPINLOCK(safe);
	static DEFINE_SPINLOCK(unsafe);

	take_plainly_before(&unsafe);
	in_hardirq_take(&safe);
	assert_warns_naming("possible deadlock with an interrupt: spinlock",
			    "taken at use_then_order",
			    use_then_order(&safe, &unsafe));
}

static noinline void take_in_the_third(spinlock_t *lock)
{
	spin_lock(lock);
	spin_unlock(lock);
}

static void an_order_may_lead_over_other_locks(void **state)
{
	static DEFINE_SPINLOCK(safe);
	static DEFINE_SPINLOCK(between);
	static DEFINE_SPINLOCK(unsafe);

	last_of_three(&between, &unsafe);
	take_in_the_third(&unsafe);
	first_of_three(&safe, &between);
	assert_warns_naming("taken at first_of_three",
			    "taken at last_of_three",
			    in_hardirq_take(&safe));
}

static noinline void take_with_softirqs_on(spinlock_t *lock)
{
	spin_lock(lock);
	spin_unlock(lock);
}

static void an_order_from_a_softirq_to_enabled_softirqs(void **state)
{
	static DEFINE_SPINLOCK(safe);
	static DEFINE_SPINLOCK(unsafe);

	in_softirq_take(&safe);
	order_of_softirq(&safe, &unsafe);
	/* Hard interrupts do not take the first one. */
	local_bh_disable();
	take_with_softirqs_on(&unsafe);
	local_bh_enable();
	assert_warns_naming("the first is taken in a timer or an RCU callback at soft_fn+0x",
			    "the last with softirqs enabled at take_with_softirqs_on",
			    take_with_softirqs_on(&unsafe));
}

static noinline void take_with_interrupts_off(spinlock_t *lock)
{
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	spin_unlock_irqrestore(lock, flags);
}

static void orders_that_no_interrupt_can_close(void **state)
{
	static DEFINE_SPINLOCK(safe);
	static DEFINE_SPINLOCK(also_safe);
	static DEFINE_SPINLOCK(before);
	static DEFINE_SPINLOCK(after);
	static DEFINE_SPINLOCK(plain);
	unsigned long flags;

	in_hardirq_take(&safe);
	in_hardirq_take(&also_safe);
	order_that_is_right(&safe, &also_safe);
	/* Every holder of this one has interrupts disabled. */
	order_that_is_right(&safe, &after);
	take_with_interrupts_off(&after);
	/* The interrupt waits, and the holder waits for no interrupt. */
	spin_lock(&before);
	take_with_interrupts_off(&safe);
	spin_unlock(&before);
	/* No interrupt takes the first one. */
	mutex_lock(&mutex);
	spin_lock(&plain);
	spin_unlock(&plain);
	mutex_unlock(&mutex);
	/* A trylock does not wait. */
	spin_lock_irqsave(&safe, flags);
	assert_true(spin_trylock(&before));
	spin_unlock(&before);
	spin_unlock_irqrestore(&safe, flags);
}

/* Fences */

static const char *fence_name(struct dma_fence *fence)
{
	return "test";
}

static const struct dma_fence_ops fence_ops = {
	.get_driver_name = fence_name,
	.get_timeline_name = fence_name,
};

struct job {
	struct dma_fence base;
	spinlock_t lock;
	struct dma_fence_cb cb;
	struct dma_fence *other;
};

static struct job *job_new(bool own_lock)
{
	struct job *job = kzalloc_obj(*job);

	if (!job)
		fail_msg("no memory");
	spin_lock_init(&job->lock);
	dma_fence_init(&job->base, &fence_ops, own_lock ? &job->lock : NULL,
		       dma_fence_context_alloc(1), 1);
	return job;
}

static DEFINE_SPINLOCK(driver_lock);

static void callback_takes_the_drivers_lock(struct dma_fence *fence,
					    struct dma_fence_cb *cb)
{
	spin_lock(&driver_lock);
	spin_unlock(&driver_lock);
}

static noinline void signal_under_the_drivers_lock(struct dma_fence *fence)
{
	unsigned long flags;

	spin_lock_irqsave(&driver_lock, flags);
	dma_fence_signal(fence);
	spin_unlock_irqrestore(&driver_lock, flags);
}

/* Two threads that did this at the same time would hang. */
static void the_classic_bug_of_fences_is_reported(void **state)
{
	struct job *one = job_new(true), *two = job_new(true);

	assert_int_equal(dma_fence_add_callback(&one->base, &one->cb,
				callback_takes_the_drivers_lock), 0);
	dma_fence_signal(&one->base);
	assert_warns_naming("&job->lock taken at signal_under_the_drivers_lock",
			    "taken at callback_takes_the_drivers_lock+0x",
			    signal_under_the_drivers_lock(&two->base));
	dma_fence_put(&one->base);
	dma_fence_put(&two->base);
}

#if CORE_HAS(inline_lock)
static void signal_the_other(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	dma_fence_signal(container_of(fence, struct job, base)->other);
}

static noinline void lock_two_fences(struct dma_fence *one,
				     struct dma_fence *two)
{
	unsigned long outer, inner;

	dma_fence_lock_irqsave(one, outer);
	dma_fence_lock_irqsave(two, inner);
	dma_fence_unlock_irqrestore(two, inner);
	dma_fence_unlock_irqrestore(one, outer);
}

static void locks_of_fences_are_ordered_one_by_one(void **state)
{
	struct job *one, *two;
	int i;

	/* More of them than lockdep remembers. */
	for (i = 0; i < 1000; i++) {
		one = job_new(false);
		two = job_new(false);
		one->other = &two->base;
		dma_fence_add_callback(&one->base, &one->cb, signal_the_other);
		dma_fence_signal(&one->base);
		assert_true(dma_fence_is_signaled(&two->base));
		dma_fence_put(i % 2 ? &one->base : &two->base);
		dma_fence_put(i % 2 ? &two->base : &one->base);
	}
	one = job_new(false);
	two = job_new(false);
	lock_two_fences(&one->base, &two->base);
	lock_two_fences(&one->base, &two->base);
	assert_warns_naming("possible deadlock: &fence->inline_lock",
			    "since lock_two_fences+0x",
			    lock_two_fences(&two->base, &one->base));
	dma_fence_put(&one->base);
	dma_fence_put(&two->base);
}
#endif

#if CORE_TREE == CORE_OWN
static noinline int add_callback_again(struct dma_fence *fence,
				       struct dma_fence_cb *cb)
{
	return dma_fence_add_callback(fence, cb,
				      callback_takes_the_drivers_lock);
}

static void callback_that_is_added_twice_is_reported(void **state)
{
	struct job *one = job_new(true), *two = job_new(true);
	struct dma_fence_cb cb;

	/* Anything may be in a callback that was never added. */
	memset(&cb, 0xa5, sizeof(cb));
	assert_int_equal(dma_fence_add_callback(&one->base, &cb,
				callback_takes_the_drivers_lock), 0);
	assert_warns_naming("a callback is added twice",
			    " at add_callback_again+0x",
			    assert_int_equal(add_callback_again(&one->base,
								&cb),
					     -EINVAL));
	assert_warns_naming("a callback is added twice",
			    "before at callback_that_is_added_twice",
			    assert_int_equal(add_callback_again(&two->base,
								&cb),
					     -EINVAL));
	/* Removed or called, it may be added again. */
	assert_true(dma_fence_remove_callback(&one->base, &cb));
	assert_int_equal(dma_fence_add_callback(&one->base, &cb,
				callback_takes_the_drivers_lock), 0);
	dma_fence_signal(&one->base);
	assert_int_equal(dma_fence_add_callback(&two->base, &cb,
				callback_takes_the_drivers_lock), 0);
	dma_fence_signal(&two->base);
	dma_fence_put(&one->base);
	dma_fence_put(&two->base);
}
#endif

/* Threads that end */

static noinline void lock_and_end(void)
{
	mutex_lock(&mutex);
}

static int end_with_mutex(void *unused)
{
	lock_and_end();
	return 0;
}

static int end_with_spinlock(void *unused)
{
	static DEFINE_SPINLOCK(spin);

	spin_lock(&spin);
	return 0;
}

static noinline void begin_and_end(void)
{
	dma_fence_begin_signalling();
}

static int end_in_section(void *unused)
{
	begin_and_end();
	return 0;
}

static int complete_with_mutex(void *done)
{
	lock_and_end();
	kthread_complete_and_exit(done, 0);
}

static pthread_key_t end_key;

/* The thread's function has ended. The shim's destructor runs once more. */
static void lock_in_destructor(void *unused)
{
	lock_and_end();
}

static int end_with_destructor(void *unused)
{
	return pthread_setspecific(end_key, &end_key);
}

static void thread_that_ends_with_a_lock_held_is_reported(void **state)
{
	struct completion done;

	assert_warns_naming("a thread ends while it holds mutex",
			    "taken at lock_and_end+0x",
			    finish(start(end_with_mutex, NULL)));
	mutex_init(&mutex);
	/* The report comes before a thread that waits for the end goes on. */
	init_completion(&done);
	assert_warns_like("a thread ends while it holds &mutex",
			  struct task_struct *task;
			  task = start(complete_with_mutex, &done);
			  wait_for_completion(&done);
			  finish(task));
	mutex_init(&mutex);
	assert_warns_like("a thread ends while it holds spinlock",
			  finish(start(end_with_spinlock, NULL)));
	assert_warns_naming("a thread ends while it holds dma_fence_map",
			    "taken at begin_and_end+0x",
			    finish(start(end_in_section, NULL)));
	assert_int_equal(pthread_key_create(&end_key, lock_in_destructor), 0);
	assert_warns_like("a thread ends while it holds &mutex",
			  finish(start(end_with_destructor, NULL)));
	pthread_key_delete(end_key);
	mutex_init(&mutex);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(static_spinlocks_have_an_order),
		TEST(each_step_has_both_places),
		TEST(mutexes_and_spinlocks_are_in_one_order),
		TEST(trylock_orders_nothing_that_is_held),
		TEST(spinlocks_of_one_init_site_are_a_class),
		TEST(the_order_holds_for_other_locks_of_the_class),
		TEST(a_lock_that_was_only_cleared_has_no_order),
		TEST(freed_memory_forgets_the_classes_of_its_locks),
		TEST(locks_that_made_room_cause_no_report),
		TEST(subclasses_end_at_seven),
		TEST(lock_of_an_interrupt_wants_interrupts_disabled),
		TEST(lock_of_a_softirq_wants_softirqs_disabled),
		TEST(an_order_from_an_interrupt_to_enabled_interrupts),
		TEST(the_order_may_come_last),
		TEST(an_order_may_lead_over_other_locks),
		TEST(an_order_from_a_softirq_to_enabled_softirqs),
		TEST(orders_that_no_interrupt_can_close),
		TEST(the_classic_bug_of_fences_is_reported),
#if CORE_HAS(inline_lock)
		TEST(locks_of_fences_are_ordered_one_by_one),
#endif
#if CORE_TREE == CORE_OWN
		TEST(callback_that_is_added_twice_is_reported),
#endif
		TEST(thread_that_ends_with_a_lock_held_is_reported),
	};

	BUG_ON(!libfence_has_checks());
	return TEST_MAIN("lockdep-spin", tests);
}
