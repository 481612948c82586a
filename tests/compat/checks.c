// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The checks of a build with -Dchecks=true; other builds leave this out. */

#include "helpers.h"
#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <libfence/libfence.h>

static DEFINE_SPINLOCK(lock);

static void enter_spin(void) { spin_lock(&lock); }
static void leave_spin(void) { spin_unlock(&lock); }
static void enter_irq(void) { local_irq_disable(); }
static void leave_irq(void) { local_irq_enable(); }
static void enter_irqsave(void) { spin_lock_irq(&lock); }
/* A function that sleeps nevertheless may have enabled them already. */
static void leave_irqsave(void) { spin_unlock(&lock); local_irq_enable(); }
static void enter_trylock(void) { BUG_ON(!spin_trylock(&lock)); }
static void enter_bh(void) { local_bh_disable(); }
static void leave_bh(void) { local_bh_enable(); }
static void enter_preempt(void) { preempt_disable(); }
static void leave_preempt(void) { preempt_enable(); }
static void enter_rcu(void) { rcu_read_lock(); }
static void leave_rcu(void) { rcu_read_unlock(); }

/* Contexts in which code must not sleep. */
static const struct {
	void (*enter)(void);
	void (*leave)(void);
} contexts[] = {
	{ enter_spin, leave_spin },
	{ enter_irq, leave_irq },
	{ enter_irqsave, leave_irqsave },
	{ enter_trylock, leave_spin },
	{ enter_bh, leave_bh },
	{ enter_preempt, leave_preempt },
	{ enter_rcu, leave_rcu },
};

static void in_every_context(void (*sleep)(void))
{
	unsigned int i;

	sleep();
	for (i = 0; i < ARRAY_SIZE(contexts); i++) {
		contexts[i].enter();
		assert_warns_like("called from invalid context", sleep());
		contexts[i].leave();
		sleep();
	}
}

static void sleep_might(void)
{
	might_sleep();
}

static void sleep_alloc(void)
{
	kfree(kmalloc(1, GFP_KERNEL));
}

static void sleep_cond_resched(void)
{
	cond_resched();
}

static struct completion done;

static void sleep_completion(void)
{
	complete(&done);
	wait_for_completion(&done);
}

static DECLARE_WAIT_QUEUE_HEAD(wq);

static void sleep_wait_event(void)
{
	wait_event(wq, true);
}

static struct work_struct work;

static void sleep_flush(void)
{
	flush_work(&work);
}

static void work_fn(struct work_struct *w)
{
}

static void sleeping_functions_complain_in_atomic_context(void **state)
{
	init_completion(&done);
	INIT_WORK(&work, work_fn);
	in_every_context(sleep_might);
	in_every_context(sleep_alloc);
	in_every_context(sleep_cond_resched);
	in_every_context(sleep_completion);
	in_every_context(sleep_wait_event);
	in_every_context(sleep_flush);
}

static void allocations_that_do_not_sleep_are_fine_everywhere(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(contexts); i++) {
		contexts[i].enter();
		might_sleep_if(false);
		kfree(kmalloc(1, GFP_ATOMIC));
		kfree(kmalloc(1, GFP_NOWAIT));
		contexts[i].leave();
	}
}

/* The report names the function in which the context began. */
static noinline void begin_spin(void) { spin_lock(&lock); }
static noinline void begin_irqsave(void) { spin_lock_irq(&lock); }
static noinline void begin_irq(void) { local_irq_disable(); }
static noinline void begin_bh(void) { local_bh_disable(); }
static noinline void begin_preempt(void) { preempt_disable(); }
static noinline void begin_rcu(void) { rcu_read_lock(); }
static noinline void sleep_somewhere(void) { might_sleep(); }

static const struct {
	void (*enter)(void);
	void (*leave)(void);
	const char *text;
} beginnings[] = {
	{ begin_spin, leave_spin, " taken at begin_spin+0x" },
	{ begin_irqsave, leave_irqsave, " taken at begin_irqsave+0x" },
	{ begin_irq, leave_irq, "interrupts disabled since begin_irq+0x" },
	{ begin_bh, leave_bh, "softirqs disabled since begin_bh+0x" },
	{ begin_preempt, leave_preempt,
	  "preemption disabled since begin_preempt+0x" },
	{ begin_rcu, leave_rcu, "read-side section since begin_rcu+0x" },
};

static void the_report_names_where_the_context_began(void **state)
{
	unsigned int i;

	/* A section that has ended is not named. */
	rcu_read_lock();
	rcu_read_unlock();
	for (i = 0; i < ARRAY_SIZE(beginnings); i++) {
		beginnings[i].enter();
		assert_warns_naming("context at sleep_somewhere+0x",
				    beginnings[i].text, sleep_somewhere());
		beginnings[i].leave();
	}
	/* The innermost lock takes precedence over all other contexts. */
	begin_rcu();
	begin_irq();
	begin_spin();
	begin_preempt();
	assert_warns_like(" taken at begin_spin+0x", sleep_somewhere());
	leave_preempt();
	leave_spin();
	assert_warns_like("disabled since begin_irq+0x", sleep_somewhere());
	leave_irq();
	assert_warns_like("section since begin_rcu+0x", sleep_somewhere());
	leave_rcu();
	/* The outer of two regions is reported. */
	begin_preempt();
	preempt_disable();
	assert_warns_like("disabled since begin_preempt+0x", sleep_somewhere());
	preempt_enable();
	leave_preempt();
	/* A region that has ended is not reported. */
	begin_irq();
	assert_warns_like("disabled since begin_irq+0x", sleep_somewhere());
	leave_irq();
	sleep_somewhere();
}

static noinline void sleep_in_function(void)
{
	flush_work(&work);
}

static void a_call_site_in_the_shim_is_its_callers(void **state)
{
	begin_spin();
	assert_warns_naming("flush_work", "context at sleep_in_function+0x",
			    sleep_in_function());
	leave_spin();
}

static void sleep_in_irq_work(struct irq_work *w)
{
	sleep_somewhere();
}

static int sleep_in_wake_function(struct wait_queue_entry *entry,
				  unsigned int mode, int flags, void *key)
{
	sleep_somewhere();
	return 0;
}

static void contexts_of_the_shim_are_named(void **state)
{
	struct wait_queue_entry entry;
	struct irq_work iwork;

	init_irq_work(&iwork, sleep_in_irq_work);
	local_irq_disable();
	irq_work_queue(&iwork);
	assert_warns_like("inside an irq_work function", local_irq_enable());
	/* The report does not name the interrupted context. */
	begin_spin();
	local_irq_disable();
	irq_work_queue(&iwork);
	assert_warns_like("inside an irq_work function", local_irq_enable());
	leave_spin();
	init_waitqueue_func_entry(&entry, sleep_in_wake_function);
	add_wait_queue(&wq, &entry);
	assert_warns_like("interrupts disabled since lfshim___wake_up+0x",
			  wake_up(&wq));
	remove_wait_queue(&wq, &entry);
}

static noinline void lock_once(void) { spin_lock(&lock); }
static noinline void lock_twice(void) { spin_lock(&lock); }
static noinline void lock_both(void) { lock_once(); lock_twice(); }

static void recursion_names_both_call_sites(void **state)
{
	assert_dies("taken at lock_once+0x", lock_both());
	assert_dies("again at lock_twice+0x", lock_both());
}

static void scheduling_while_atomic_warns(void **state)
{
	spin_lock(&lock);
	/* One report: every sleep passes the same check. */
	assert_warns_like("scheduling while atomic",
			  schedule_timeout_uninterruptible(1));
	spin_unlock(&lock);
	schedule_timeout_uninterruptible(1);
}

static void in_atomic_is_exact(void **state)
{
	unsigned int i;

	assert_false(in_atomic());
	/* RCU is preemptible: in_atomic() does not count read-side sections. */
	for (i = 0; i < ARRAY_SIZE(contexts) - 1; i++) {
		contexts[i].enter();
		assert_true(in_atomic());
		contexts[i].leave();
		assert_false(in_atomic());
	}
}

static void lockdep_assert_held_warns_of_a_lock_that_is_not_held(void **state)
{
	assert_warns_like("is not held here", lockdep_assert_held(&lock));
	spin_lock(&lock);
	lockdep_assert_held(&lock);
	assert_true(lockdep_is_held(&lock));
	assert_warns_like("is held here", lockdep_assert_not_held(&lock));
	spin_unlock(&lock);
	lockdep_assert_not_held(&lock);
	assert_false(lockdep_is_held(&lock));
}

static bool may_release;
static struct completion held;

static int hold(void *unused)
{
	spin_lock(&lock);
	complete(&held);
	while (!READ_ONCE(may_release))
		cpu_relax();
	spin_unlock(&lock);
	return 0;
}

static void lock_of_another_thread_does_not_count_as_held(void **state)
{
	struct task_struct *task;

	init_completion(&held);
	WRITE_ONCE(may_release, false);
	task = start(hold, NULL);
	wait_for_completion(&held);
	assert_warns_like("is not held here", lockdep_assert_held(&lock));
	WRITE_ONCE(may_release, true);
	finish(task);
}

static void unbalanced_regions_warn(void **state)
{
	assert_warns_like("without a lock", rcu_read_unlock());
	assert_false(rcu_read_lock_held());
	assert_warns_like("enabled already", local_bh_enable());
	assert_false(in_softirq());
	local_irq_disable();
	local_bh_disable();
	assert_warns_like("with interrupts disabled", local_bh_enable());
	local_irq_enable();
}

static noinline void enable_early(void) { local_irq_enable(); }

static noinline void restore_late(unsigned long flags)
{
	local_irq_restore(flags);
}

static noinline void unlock_late(void) { spin_unlock_irq(&lock); }

static void interrupts_that_are_enabled_too_early_are_reported(void **state)
{
	unsigned long outer, inner;

	local_irq_save(outer);
	enable_early();
	assert_warns_naming("already at restore_late+0x",
			    "too early, at enable_early+0x",
			    restore_late(outer));
	spin_lock_irq(&lock);
	enable_early();
	assert_warns_naming("already at unlock_late+0x",
			    "too early, at enable_early+0x", unlock_late());
	/* Restored in the wrong order. */
	local_irq_save(outer);
	local_irq_save(inner);
	local_irq_restore(outer);
	assert_warns_like("enabled already", local_irq_restore(inner));
	assert_false(irqs_disabled());
	/* Right code: interrupts are a flag. */
	local_irq_disable();
	local_irq_disable();
	local_irq_enable();
	local_irq_enable();
}

static DEFINE_SPINLOCK(inner_lock);
static noinline void lock_irq_inside(void) { spin_lock_irq(&inner_lock); }

static void spin_lock_irq_with_interrupts_disabled_is_reported(void **state)
{
	int i;

	/* Once for the two call sites. */
	assert_warns_naming("spin_lock_irq() at lock_irq_inside+0x",
			    "since begin_irqsave+0x",
			    for (i = 0; i < 2; i++) {
				begin_irqsave();
				lock_irq_inside();
				spin_unlock(&inner_lock);
				leave_spin();
				local_irq_enable();
			    });
	/* Right: the inner one saves the flags. */
	begin_irqsave();
	{
		unsigned long flags;

		spin_lock_irqsave(&inner_lock, flags);
		spin_unlock_irqrestore(&inner_lock, flags);
	}
	leave_irqsave();
}

static int value = 1, *pointer = &value;

static void rcu_dereference_outside_of_a_section_warns(void **state)
{
	int i;

	/* Once for each call site, as in the kernel. */
	assert_warns_like("suspicious rcu_dereference(): it wants rcu_read_lock()",
			  for (i = 0; i < 3; i++)
				(void)rcu_dereference(pointer););
	/* The condition is in the message as it is written here. */
	assert_warns_like("suspicious rcu_dereference_check(): it wants "
			  "rcu_read_lock() or lockdep_is_held(&lock)",
			  (void)rcu_dereference_check(pointer,
						      lockdep_is_held(&lock)));
	assert_warns_like("suspicious rcu_dereference_protected(): it wants "
			  "lockdep_is_held(&lock)",
			  (void)rcu_dereference_protected(pointer,
							  lockdep_is_held(&lock)));
	assert_warns_like("suspicious rcu_replace_pointer(): it wants "
			  "lockdep_is_held(&lock)",
			  (void)rcu_replace_pointer(pointer, &value,
						    lockdep_is_held(&lock)));
	spin_lock(&lock);
	(void)rcu_dereference_check(pointer, lockdep_is_held(&lock));
	(void)rcu_dereference_protected(pointer, lockdep_is_held(&lock));
	spin_unlock(&lock);
	rcu_read_lock();
	(void)rcu_dereference(pointer);
	rcu_read_unlock();
	(void)rcu_access_pointer(pointer);
}

static void rcu_dereference_wants_rcu_read_lock(void **state)
{
	unsigned int i;

	/* The other contexts are no reason to dereference. */
	for (i = 0; i < ARRAY_SIZE(contexts) - 1; i++) {
		contexts[i].enter();
		assert_false(rcu_read_lock_held());
		assert_true(rcu_read_lock_any_held());
		contexts[i].leave();
		assert_false(rcu_read_lock_any_held());
	}
	local_irq_disable();
	assert_warns_like("suspicious rcu_dereference",
			  (void)rcu_dereference(pointer));
	rcu_read_lock();
	assert_true(rcu_read_lock_any_held());
	(void)rcu_dereference(pointer);
	rcu_read_unlock();
	local_irq_enable();
}

struct with_lock {
	long before;
	spinlock_t lock;
	long after;
};

static int free_with_lock(void *unused)
{
	struct with_lock *p = kzalloc_obj(*p);

	if (!p)
		return -1;
	spin_lock(&p->lock);
	kfree(p);
	/* The thread ends with the lock held, because its memory is freed. */
	return 0;
}

static void freeing_memory_with_a_held_lock_warns(void **state)
{
	struct kmem_cache *cache;
	struct with_lock *p;

	assert_warns_like("while a lock inside it is held",
			  finish(start(free_with_lock, NULL)));

	cache = KMEM_CACHE(with_lock, SLAB_TYPESAFE_BY_RCU);
	p = kmem_cache_zalloc(cache, GFP_KERNEL);
	spin_lock(&p->lock);
	assert_warns_like("while a lock inside it is held",
			  kmem_cache_free(cache, p));
	spin_unlock(&p->lock);
	kmem_cache_destroy(cache);
	/* Freeing memory with an unlocked lock is not reported. */
	p = kzalloc_obj(*p);
	spin_lock(&p->lock);
	spin_unlock(&p->lock);
	kfree(p);
}

static void use_after_free(struct kmem_cache *cache)
{
	struct with_lock *volatile p = kmem_cache_alloc(cache, GFP_KERNEL);

	kmem_cache_free(cache, p);
	p->after = 1;
}

static void use_of_a_freed_slab_object_is_found(void **state)
{
	struct kmem_cache *cache;
	struct with_lock *p;

	cache = KMEM_CACHE(with_lock, 0);
#if LFSHIM_ASAN
	assert_dies("heap-use-after-free", use_after_free(cache));
	(void)p;
#else
	/* Found at the next allocation, and when the cache is destroyed. */
	use_after_free(cache);
	assert_warns_like("written to after it was freed, at offset 16",
			  p = kmem_cache_alloc(cache, GFP_KERNEL));
	kmem_cache_free(cache, p);
	use_after_free(cache);
	assert_warns_like("cache with_lock was written to",
			  kmem_cache_destroy(cache));
	return;
#endif
	kmem_cache_destroy(cache);
}

static void double_free_of_a_plain_object_is_found(void **state)
{
	struct kmem_cache *cache;
	struct with_lock *volatile p;

	cache = KMEM_CACHE(with_lock, 0);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, p);
#if LFSHIM_ASAN
	assert_dies("heap-use-after-free", kmem_cache_free(cache, p));
#else
	assert_warns_like("freed twice", kmem_cache_free(cache, p));
#endif
	kmem_cache_destroy(cache);
}

/* A list entry is on one list, once. */

struct entry {
	struct list_head node;
};

static noinline void add_again(struct list_head *node, struct list_head *head)
{
	list_add_tail(node, head);
}

static noinline void delete_again(struct list_head *node)
{
	list_del(node);
}

static void list_entry_that_is_added_twice_is_reported(void **state)
{
	struct entry one, two;
	LIST_HEAD(head);

	list_add(&one.node, &head);
	assert_warns_naming("list_add() at add_again+0x",
			    "on the list already: added at list_entry_that_is_",
			    add_again(&one.node, &head));
	/* The list was not changed. */
	assert_true(list_is_singular(&head));
	list_add_tail(&two.node, &head);
	assert_warns_like("on the list already", list_add(&one.node, &head));
	assert_ptr_equal(head.next, &one.node);
	assert_ptr_equal(one.node.next, &two.node);
	list_del(&one.node);
	list_add_tail(&one.node, &head);
	list_del_init(&two.node);
	list_add(&two.node, &head);
}

static void list_entry_that_is_on_no_list_cannot_be_deleted(void **state)
{
	struct entry one, two, never = {};
	LIST_HEAD(head);

	list_add(&one.node, &head);
	list_add(&two.node, &head);
	list_del(&one.node);
	assert_warns_naming("list_del() at delete_again+0x",
			    "deleted before, at list_entry_that_is_on_no",
			    delete_again(&one.node));
	assert_true(list_is_singular(&head));
	/* One of its two pointers is enough. */
	one.node.prev = &head;
	assert_warns_like("deleted before", list_del(&one.node));
	one.node.next = &head;
	one.node.prev = LIST_POISON2;
	assert_warns_like("deleted before", list_del(&one.node));
	assert_warns_like("which is not on a list", list_del(&never.node));
	/* An entry that is its own list may be deleted. */
	list_del_init(&two.node);
	list_del_init(&two.node);
	list_move(&two.node, &head);
	assert_true(list_is_singular(&head));
}

static void corrupted_list_is_reported(void **state)
{
	struct entry one, two;
	LIST_HEAD(head);

	list_add(&one.node, &head);
	one.node.prev = &one.node;
	assert_warns_like("corrupted list", list_add(&two.node, &head));
	assert_warns_like("which is not on a list", list_del(&one.node));
	/* Either neighbour may be wrong. A deleted entry has no pointers. */
	one.node.prev = &head;
	one.node.next = &one.node;
	assert_warns_like("corrupted list", list_add_tail(&two.node, &head));
	assert_warns_like("which is not on a list", list_del(&one.node));
	one.node.prev = one.node.next = &head;
	head.next = &head;
	assert_warns_like("which is not on a list", list_del(&one.node));
	one.node.prev = one.node.next = &head;
	head.next = &one.node;
	head.prev = &head;
	assert_warns_like("which is not on a list", list_del(&one.node));
}

static void an_entry_is_linked_if_both_neighbours_say_so(void **state)
{
	struct entry one, two;
	LIST_HEAD(head);

	memset(&one, 0xa5, sizeof(one));
	assert_false(lfshim_list_linked(&one.node));
	INIT_LIST_HEAD(&one.node);
	assert_false(lfshim_list_linked(&one.node));
	list_add(&one.node, &head);
	assert_true(lfshim_list_linked(&one.node));
	two.node = one.node;
	assert_false(lfshim_list_linked(&two.node));
	head.next = &two.node;
	assert_false(lfshim_list_linked(&one.node));
	assert_false(lfshim_list_linked(&two.node));
	head.next = &one.node;
	head.prev = &two.node;
	assert_false(lfshim_list_linked(&one.node));
	assert_false(lfshim_list_linked(&two.node));
}

static void assert_no_lock(void)
{
	lockdep_assert_none_held_once();
}

static void a_lock_where_none_may_be_held_is_reported_once(void **state)
{
	DEFINE_SPINLOCK(lock);
	int i;

	assert_no_lock();
	spin_lock(&lock);
	assert_warns_like("a lock is held here", assert_no_lock());
	for (i = 0; i < 3; i++)
		assert_no_lock();
	spin_unlock(&lock);
	assert_no_lock();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lock_where_none_may_be_held_is_reported_once),
		TEST(sleeping_functions_complain_in_atomic_context),
		TEST(allocations_that_do_not_sleep_are_fine_everywhere),
		TEST(the_report_names_where_the_context_began),
		TEST(a_call_site_in_the_shim_is_its_callers),
		TEST(contexts_of_the_shim_are_named),
		TEST(recursion_names_both_call_sites),
		TEST(scheduling_while_atomic_warns),
		TEST(in_atomic_is_exact),
		TEST(lockdep_assert_held_warns_of_a_lock_that_is_not_held),
		TEST(lock_of_another_thread_does_not_count_as_held),
		TEST(unbalanced_regions_warn),
		TEST(interrupts_that_are_enabled_too_early_are_reported),
		TEST(spin_lock_irq_with_interrupts_disabled_is_reported),
		TEST(rcu_dereference_outside_of_a_section_warns),
		TEST(rcu_dereference_wants_rcu_read_lock),
		TEST(list_entry_that_is_added_twice_is_reported),
		TEST(list_entry_that_is_on_no_list_cannot_be_deleted),
		TEST(corrupted_list_is_reported),
		TEST(an_entry_is_linked_if_both_neighbours_say_so),
		TEST(freeing_memory_with_a_held_lock_warns),
		TEST(use_of_a_freed_slab_object_is_found),
		TEST(double_free_of_a_plain_object_is_found),
	};

	BUG_ON(!libfence_has_checks());
	return TEST_MAIN("checks", tests);
}
