// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * lockdep's reports for maps: order, recursion, and held locks. Each mistake is
 * reported once, with the functions' names, and similar correct code is not.
 * For builds with -Dchecks=true. See lockdep-use.c too.
 *
 * lockdep reports each pair of call sites once, so every mistake here has
 * functions of its own.
 */

#include "helpers.h"
#include <gnu/libc-version.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/irq_work.h>
#include <linux/lockdep.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <libfence/libfence.h>

#include "kernel/internal.h"

#define MAP(name)	static struct lockdep_map name = \
				STATIC_LOCKDEP_MAP_INIT(#name, NULL)
#define PAIR_OF(first, second)						\
	static noinline void first##_then_##second(void)		\
	{								\
		lock_map_acquire(&first);				\
		lock_map_acquire(&second);				\
		lock_map_release(&second);				\
		lock_map_release(&first);				\
	}

/* Code addresses */

static noinline unsigned long address_in_static_function(void)
{
	return _THIS_IP_;
}

static void code_addresses_have_names(void **state)
{
	struct lfpriv_symbol p;
	static int data;

	lfpriv_symbol_of(&p, address_in_static_function());
	assert_non_null(strstr(p.text, "address_in_static_function+0x"));
	assert_non_null(strstr(p.text, " [test-lockdep]"));
	/*
	 * The argument is a return address. At the start of a function it is
	 * that of a call at the end of the function before.
	 */
	lfpriv_symbol_of(&p, (unsigned long)&address_in_static_function);
	assert_null(strstr(p.text, "address_in_static_function"));
	/* A library without a symbol table still has its exported symbols. */
	lfpriv_symbol_of(&p, (unsigned long)&gnu_get_libc_version + 1);
	assert_string_equal(p.text, "gnu_get_libc_version+0x1 [libc.so.6]");
	/* Outside of functions: an offset for addr2line. */
	lfpriv_symbol_of(&p, (unsigned long)&data);
	assert_non_null(strstr(p.text, "test-lockdep+0x"));
	lfpriv_symbol_of(&p, (unsigned long)&data + 1);
	assert_non_null(strstr(p.text, "test-lockdep+0x"));
	lfpriv_symbol_of(&p, 1);
	assert_string_equal(p.text, "0x1");
	lfpriv_symbol_of(&p, 0);
	assert_string_equal(p.text, "0x0");
}

/* Order */

MAP(a); MAP(b); MAP(c); MAP(d); MAP(e);
PAIR_OF(a, b) PAIR_OF(b, a)
PAIR_OF(c, d) PAIR_OF(d, e) PAIR_OF(e, c) PAIR_OF(c, e)

static void one_order_is_silent(void **state)
{
	a_then_b();
	a_then_b();
	lock_map_acquire(&b);
	lock_map_release(&b);
}

static void opposite_orders_are_reported_with_all_call_sites(void **state)
{
	int i;

	a_then_b();
	test_expect_warnings();
	for (i = 0; i < 3; i++)
		b_then_a();
	test_expected_warnings(1, "possible deadlock: b -> a -> b\n  a taken at b_then_a+0x",
			       __FILE__, __LINE__);
	test_expected_warnings(1, "while b was held since b_then_a+0x",
			       __FILE__, __LINE__);
	test_expected_warnings(1, "\n  b taken at a_then_b+0x",
			       __FILE__, __LINE__);
	test_expected_warnings(1, "while a was held since a_then_b+0x",
			       __FILE__, __LINE__);
}

static noinline void b_then_a_elsewhere(void)
{
	b_then_a();
	lock_map_acquire(&b);
	lock_map_acquire(&a);
	lock_map_release(&a);
	lock_map_release(&b);
}

static void another_call_site_is_another_report(void **state)
{
	assert_warns_naming("b_then_a_elsewhere", "a_then_b",
			    b_then_a_elsewhere());
}

static void circle_of_three_is_reported(void **state)
{
	c_then_d();
	d_then_e();
	/* This order closes no circle. */
	c_then_e();
	assert_warns_naming("possible deadlock: e -> c -> e", "e_then_c+0x",
			    e_then_c());
}

MAP(g); MAP(h); MAP(i);
PAIR_OF(g, h) PAIR_OF(h, i) PAIR_OF(i, g)

static void every_step_is_in_the_report(void **state)
{
	g_then_h();
	h_then_i();
	test_expect_warnings();
	i_then_g();
	test_expected_warnings(1, "i -> g -> h -> i", __FILE__, __LINE__);
	test_expected_warnings(1, "g taken at i_then_g+0x", __FILE__, __LINE__);
	test_expected_warnings(1, "h taken at g_then_h+0x", __FILE__, __LINE__);
	test_expected_warnings(1, "i taken at h_then_i+0x", __FILE__, __LINE__);
}

MAP(j); MAP(k);
PAIR_OF(k, j)

static noinline void j_then_trylock_k(void)
{
	lock_map_acquire(&j);
	lock_map_acquire_try(&k);
	lock_map_release(&k);
	lock_map_release(&j);
}

MAP(l); MAP(m);
PAIR_OF(m, l)

static noinline void trylock_l_then_m(void)
{
	lock_map_acquire_try(&l);
	lock_map_acquire(&m);
	lock_map_release(&m);
	lock_map_release(&l);
}

static void trylock_does_not_wait_but_is_waited_for(void **state)
{
	j_then_trylock_k();
	k_then_j();
	j_then_trylock_k();

	trylock_l_then_m();
	assert_warns_naming("trylock_l_then_m", "m_then_l", m_then_l());
}

static struct lock_class_key key_one, key_two;

static noinline void order_of_members(struct lockdep_map *x,
				      struct lockdep_map *y)
{
	lock_map_acquire(x);
	lock_map_acquire(y);
	lock_map_release(y);
	lock_map_release(x);
}

static noinline void order_of_other_members(struct lockdep_map *x,
					    struct lockdep_map *y)
{
	order_of_members(x, y);
	lock_map_acquire(y);
	lock_map_acquire(x);
	lock_map_release(x);
	lock_map_release(y);
}

static void a_key_makes_a_class_of_many(void **state)
{
	struct lockdep_map one[2], two[2];
	int i;

	for (i = 0; i < 2; i++) {
		lockdep_init_map(&one[i], "one", &key_one, 0);
		lockdep_init_map(&two[i], "two", &key_two, 0);
	}
	order_of_members(&one[0], &two[0]);
	assert_warns_naming("two -> one -> two", "order_of_other_members",
			    order_of_other_members(&one[1], &two[1]));
}

static noinline void order_of_new_ones(struct lockdep_map *x,
				       struct lockdep_map *y)
{
	lock_map_acquire(x);
	lock_map_acquire(y);
	lock_map_release(y);
	lock_map_release(x);
}

static void a_new_map_at_an_old_address_is_new(void **state)
{
	struct lockdep_map *one = kmalloc_obj(*one), *two = kmalloc_obj(*two);

	lockdep_init_map(one, "one", NULL, 0);
	lockdep_init_map(two, "two", NULL, 0);
	order_of_members(one, two);
	lockdep_init_map(one, "new one", NULL, 0);
	order_of_members(two, one);
	/* The second map is forgotten too. */
	lockdep_init_map(one, "newest one", NULL, 0);
	order_of_members(one, two);
	/* The order of the newest map is recorded. */
	assert_warns_naming("newest one", "order_of_new_ones",
			    order_of_new_ones(two, one));
	kfree(one);
	kfree(two);
}

static noinline void order_of_registered(struct lockdep_map *x,
					 struct lockdep_map *y)
{
	lock_map_acquire(x);
	lock_map_acquire(y);
	lock_map_release(y);
	lock_map_release(x);
}

static void an_unregistered_key_is_forgotten(void **state)
{
	struct lock_class_key *key = kmalloc_objs(*key, 2);
	struct lockdep_map one, two;

	lockdep_register_key(&key[0]);
	lockdep_register_key(&key[1]);
	lockdep_init_map(&one, "one", &key[0], 0);
	lockdep_init_map(&two, "two", &key[1], 0);
	order_of_members(&one, &two);
	lockdep_unregister_key(&key[0]);
	/* Another class, whose key is at the same address. */
	lockdep_register_key(&key[0]);
	order_of_members(&two, &one);
	/* The key that was not unregistered is known. */
	assert_warns_naming("one", "order_of_registered",
			    order_of_registered(&one, &two));
	lockdep_unregister_key(&key[0]);
	lockdep_unregister_key(&key[1]);
	kfree(key);
}

static noinline void order_of_spinlocks(spinlock_t *x, spinlock_t *y)
{
	spin_lock(x);
	spin_lock(y);
	spin_unlock(y);
	spin_unlock(x);
}

static void an_unregistered_key_of_spinlocks_is_forgotten(void **state)
{
	struct lock_class_key *key = kmalloc_objs(*key, 2);
	static DEFINE_SPINLOCK(one);
	static DEFINE_SPINLOCK(two);

	lockdep_set_class(&one, &key[0]);
	lockdep_set_class(&two, &key[1]);
	order_of_spinlocks(&one, &two);
	lockdep_unregister_key(&key[0]);
	order_of_spinlocks(&two, &one);
	assert_warns_naming("key[1]", "order_of_spinlocks",
			    order_of_spinlocks(&one, &two));
	lockdep_unregister_key(&key[1]);
	kfree(key);
}

static void unregistering_a_key_may_sleep(void **state)
{
	static struct lock_class_key key;
	DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	assert_warns(1, lockdep_unregister_key(&key););
	spin_unlock(&lock);
}

static void interrupts_are_asserted(void **state)
{
	assert_warns(1, lockdep_assert_irqs_disabled(););
	lockdep_assert_irqs_enabled();
	local_irq_disable();
	lockdep_assert_irqs_disabled();
	assert_warns(1, lockdep_assert_irqs_enabled(););
	local_irq_enable();
}

/* Recursion */

MAP(r);

static noinline void take_r(int read)
{
	lock_acquire(&r, 0, 0, read, 1, NULL, _THIS_IP_);
}

static noinline void take_r_again(int read)
{
	lock_acquire(&r, 0, 0, read, 1, NULL, _THIS_IP_);
	lock_release(&r, _THIS_IP_);
}

static noinline void take_r_for_writing(void)
{
	lock_map_acquire(&r);
	lock_map_release(&r);
}

static noinline void take_r_for_reading(void)
{
	lock_map_acquire_read(&r);
	lock_map_release(&r);
}

static noinline void take_r_shared(void)
{
	lock_acquire(&r, 0, 0, 1, 1, NULL, _THIS_IP_);
	lock_release(&r, _THIS_IP_);
}

static void taking_a_class_twice_is_reported(void **state)
{
	take_r(0);
	assert_warns_naming("possible recursion: r taken at take_r_again",
			    "since take_r", take_r_again(0));
	assert_warns_naming("take_r_for_reading", "since take_r",
			    take_r_for_reading());
	/* The same call site is reported only once. */
	take_r_again(0);
	lock_release(&r, _THIS_IP_);
}

static noinline void read_r(int read)
{
	lock_acquire(&r, 0, 0, read, 1, NULL, _THIS_IP_);
}

static void recursive_readers_may_nest(void **state)
{
	read_r(2);
	take_r_for_reading();
	assert_warns_naming("take_r_for_writing", "since read_r",
			    take_r_for_writing());
	/* Not recursive: a waiting writer may come between the two readers. */
	assert_warns_naming("take_r_shared", "since read_r",
			    take_r_shared());
	lock_release(&r, _THIS_IP_);
	read_r(1);
	take_r_for_reading();
	lock_release(&r, _THIS_IP_);
}

MAP(nest_lock);

static noinline void nested(struct lockdep_map *x, struct lockdep_map *y,
			    unsigned int subclass, struct lockdep_map *nest)
{
	lock_acquire(x, 0, 0, 0, 1, nest, _THIS_IP_);
	lock_acquire(y, subclass, 0, 0, 1, nest, _THIS_IP_);
	lock_release(y, _THIS_IP_);
	lock_release(x, _THIS_IP_);
}

static void a_subclass_or_a_nest_lock_makes_it_right(void **state)
{
	static struct lock_class_key key;
	struct lockdep_map x, y;

	lockdep_init_map(&x, "x", &key, 0);
	lockdep_init_map(&y, "y", &key, 0);
	nested(&x, &y, SINGLE_DEPTH_NESTING, NULL);
	lock_map_acquire(&nest_lock);
	nested(&x, &y, 0, &nest_lock);
	lock_map_release(&nest_lock);
	/* A nest lock that is not held protects nothing. */
	assert_warns_like("possible recursion", nested(&y, &x, 0, &nest_lock));
}

MAP(p); MAP(q);

static noinline void p_read_then_q(int read)
{
	lock_acquire(&p, 0, 0, read, 1, NULL, _THIS_IP_);
	lock_map_acquire(&q);
	lock_map_release(&q);
	lock_release(&p, _THIS_IP_);
}

static noinline void q_then_p_read(void)
{
	lock_map_acquire(&q);
	lock_map_acquire_read(&p);
	lock_map_release(&p);
	lock_map_release(&q);
}

static noinline void q_then_p_write(void)
{
	lock_map_acquire(&q);
	lock_map_acquire(&p);
	lock_map_release(&p);
	lock_map_release(&q);
}

static void readers_do_not_wait_for_readers(void **state)
{
	p_read_then_q(2);
	q_then_p_read();
	assert_warns_naming("q_then_p_write", "p_read_then_q",
			    q_then_p_write());
}

MAP(u); MAP(v);

static noinline void u_then_v_read(void)
{
	lock_map_acquire(&u);
	lock_map_acquire_read(&v);
	lock_map_release(&v);
	lock_map_release(&u);
}

static noinline void v_read_then_u(void)
{
	lock_map_acquire_read(&v);
	lock_map_acquire(&u);
	lock_map_release(&u);
	lock_map_release(&v);
}

static void readers_do_not_wait_in_the_other_order_either(void **state)
{
	u_then_v_read();
	v_read_then_u();
}

static noinline void p_write_then_q(void)
{
	lock_map_acquire(&p);
	lock_map_acquire(&q);
	lock_map_release(&q);
	lock_map_release(&p);
}

static void a_writer_waits_for_readers_that_wait_for_it(void **state)
{
	/* In the order q -> p of an earlier test, p is taken for reading. */
	q_then_p_read();
	assert_warns_naming("q_then_p_read", "p_write_then_q",
			    p_write_then_q());
}

/* Held locks */

MAP(s); MAP(t);

static void it_knows_what_is_held_and_how(void **state)
{
	assert_false(lock_is_held(&s));
	lock_map_acquire(&s);
	lock_map_acquire_read(&t);
	assert_true(lock_is_held(&s));
	assert_true(lock_is_held_type(&s, 0));
	assert_false(lock_is_held_type(&s, 1));
	assert_true(lock_is_held(&t));
	assert_false(lock_is_held_type(&t, 0));
	assert_true(lock_is_held_type(&t, 1));
	/* Locks may be released in any order. */
	lock_map_release(&s);
	assert_false(lock_is_held(&s));
	assert_true(lock_is_held(&t));
	lock_map_release(&t);
	assert_false(lock_is_held(&t));
}

static noinline void release_what_is_not_held(void)
{
	lock_map_release(&s);
}

static void releasing_what_is_not_held_warns(void **state)
{
	assert_warns_naming("s is released", "release_what_is_not_held",
			    release_what_is_not_held());
}

static void more_locks_than_it_remembers(void **state)
{
	static spinlock_t locks[2 * LFSHIM_MAX_HELD];
	int i;

	for (i = 0; i < ARRAY_SIZE(locks); i++)
		spin_lock(&locks[i]);
	lock_map_acquire(&s);
	assert_true(in_atomic());
	lock_map_release(&s);
	for (i = 0; i < ARRAY_SIZE(locks); i++)
		spin_unlock(&locks[i]);
	assert_false(in_atomic());
	might_sleep();
	assert_int_equal(current->held.nr, 0);
	assert_int_equal(current->held.lost, 0);
}

MAP(interrupted); MAP(interrupting);
PAIR_OF(interrupting, interrupted)

static void take_interrupting(struct irq_work *work)
{
	lock_map_acquire(&interrupting);
	lock_map_release(&interrupting);
}

static void an_interrupt_has_nothing_to_do_with_what_it_interrupts(void **state)
{
	struct irq_work work;
	unsigned long flags;

	init_irq_work(&work, take_interrupting);
	lock_map_acquire(&interrupted);
	local_irq_save(flags);
	irq_work_queue(&work);
	local_irq_restore(flags);
	irq_work_sync(&work);
	lock_map_release(&interrupted);
	interrupting_then_interrupted();
}

/* Threads, fork, and the report itself */

MAP(hook_map); MAP(hook_other);
PAIR_OF(hook_map, hook_other) PAIR_OF(hook_other, hook_map)

static struct lockdep_map no_wait;
static DEFINE_SPINLOCK(spin);
static DEFINE_SPINLOCK(hook_spin);
static unsigned int hook_calls;

static void hook_that_takes_locks(const struct libfence_warning *w, void *data)
{
	if (++hook_calls > 10)
		abort();
	/* Every one of these is a mistake. */
	spin_lock(&hook_spin);
	spin_unlock(&hook_spin);
	hook_other_then_hook_map();
	might_sleep();
	kfree(kmalloc(8, GFP_KERNEL));
}

static noinline void spinlock_for_the_hook(void)
{
	spin_lock(&spin);
	spin_unlock(&spin);
}

static void a_report_makes_no_reports(void **state)
{
	hook_map_then_hook_other();
	lockdep_init_map_wait(&no_wait, "no_wait", NULL, 0, LD_WAIT_FREE);
	libfence_set_warn_hook(hook_that_takes_locks, NULL);
	lock_map_acquire(&no_wait);
	spinlock_for_the_hook();
	lock_map_release(&no_wait);
	assert_int_equal(hook_calls, 1);
	assert_int_equal(current->held.nr, 0);
}

#define NR_ORDERED	20

static struct lock_class_key ordered_keys[NR_ORDERED];
static struct lockdep_map ordered[NR_ORDERED];
static bool stop;

/* Take several maps at a time, always in the order of their numbers. */
static int take_in_order(void *data)
{
	unsigned int seed = (unsigned long)data, bits, i;

	while (!READ_ONCE(stop)) {
		seed = seed * 1664525 + 1013904223;
		bits = (seed >> 8) & ((1 << NR_ORDERED) - 1);
		for (i = 0; i < NR_ORDERED; i++)
			if (bits & 1 << i)
				lock_map_acquire(&ordered[i]);
		for (i = NR_ORDERED; i--; )
			if (bits & 1 << i)
				lock_map_release(&ordered[i]);
	}
	return 0;
}

static int in_child(void)
{
	unsigned long before = libfence_warn_count();
	struct lockdep_map map;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		lockdep_init_map(&map, "child's", NULL, 0);
		lock_map_acquire(&ordered[i % NR_ORDERED]);
		lock_map_acquire(&map);
		lock_map_release(&map);
		lock_map_release(&ordered[i % NR_ORDERED]);
	}
	return libfence_warn_count() != before;
}

static void init_ordered(void)
{
	int i;

	for (i = 0; i < NR_ORDERED; i++)
		lockdep_init_map(&ordered[i], "ordered", &ordered_keys[i], 0);
}

static void threads_and_forks_do_not_disturb_it(void **state)
{
	struct task_struct *tasks[3];
	int status, round;
	unsigned long i;
	pid_t pid;

	init_ordered();
	WRITE_ONCE(stop, false);
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		tasks[i] = start(take_in_order, (void *)i);
	/* ThreadSanitizer does not support fork() in a process with threads. */
	for (round = 0; round < (LFSHIM_TSAN ? 0 : 50); round++) {
		lockdep_init_map(&s, "s", NULL, 0);
		pid = fork();
		if (!pid) {
			alarm(20);
			_exit(in_child());
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status)
			fail_msg("child: status %x", status);
	}
	msleep(20);
	WRITE_ONCE(stop, true);
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		finish(tasks[i]);
}

/* Runs in a child, because afterwards this process finds no mistakes. */
static int run_out_of_room(void)
{
	static struct lockdep_map many[2000];
	unsigned long before = libfence_warn_count();
	int i;

	libfence_set_warn_hook(NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(many); i++) {
		many[i].name = "one of many";
		lock_map_acquire(&s);
		lock_map_acquire(&many[i]);
		lock_map_release(&many[i]);
		lock_map_release(&s);
	}
	return libfence_warn_count() != before + 1;
}

static void without_room_it_says_so_and_stops(void **state)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		_exit(run_out_of_room());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

MAP(short_lived_outer);

static int use_short_lived_maps(void)
{
	unsigned long before = libfence_warn_count();
	struct lockdep_map map;
	int i;

	/* More classes and edges than the tables have room for. */
	for (i = 0; i < 10000; i++) {
		lockdep_init_map(&map, "short-lived", NULL, 0);
		lock_map_acquire(&short_lived_outer);
		lock_map_acquire(&map);
		lock_map_release(&map);
		lock_map_release(&short_lived_outer);
	}
	return libfence_warn_count() != before;
}

static void the_room_of_forgotten_maps_is_used_again(void **state)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(use_short_lived_maps());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static unsigned int count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned int n = 0;
	int c;

	assert_non_null(maps);
	while ((c = fgetc(maps)) != EOF)
		n += c == '\n';
	fclose(maps);
	return n;
}

static void names_leave_no_mapping(void **state)
{
	struct lfpriv_symbol p;
	unsigned int before, i;

	lfpriv_symbol_of(&p, address_in_static_function());
	before = count_mappings();
	for (i = 0; i < 20; i++)
		lfpriv_symbol_of(&p, address_in_static_function());
	assert_true(count_mappings() < before + 10);
}

static void a_lock_behind_freed_memory_is_not_in_it(void **state)
{
	struct {
		char memory[32];
		spinlock_t lock;
	} x;

	spin_lock_init(&x.lock);
	spin_lock(&x.lock);
	lfpriv_check_freed(x.memory, sizeof(x.memory));
	assert_warns_like("memory freed while a lock",
			  lfpriv_check_freed(x.memory, sizeof(x)));
	spin_unlock(&x.lock);
}

MAP(in_nofs_reclaim);

static void reclaim_is_entered_by_allocations_that_wait(void **state)
{
	fs_reclaim_acquire(GFP_ATOMIC);
	assert_int_equal(current->held.nr, 0);
	fs_reclaim_release(GFP_ATOMIC);
	/* Reclaim without __GFP_FS is a part of that with it. */
	fs_reclaim_acquire(GFP_NOFS);
	lock_map_acquire(&in_nofs_reclaim);
	lock_map_release(&in_nofs_reclaim);
	fs_reclaim_release(GFP_NOFS);
	lock_map_acquire(&in_nofs_reclaim);
	assert_warns_like("possible deadlock", kfree(kmalloc(8, GFP_KERNEL)));
	lock_map_release(&in_nofs_reclaim);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(code_addresses_have_names),
		TEST(one_order_is_silent),
		TEST(opposite_orders_are_reported_with_all_call_sites),
		TEST(another_call_site_is_another_report),
		TEST(circle_of_three_is_reported),
		TEST(every_step_is_in_the_report),
		TEST(trylock_does_not_wait_but_is_waited_for),
		TEST(a_key_makes_a_class_of_many),
		TEST(a_new_map_at_an_old_address_is_new),
		TEST(an_unregistered_key_is_forgotten),
		TEST(an_unregistered_key_of_spinlocks_is_forgotten),
		TEST(unregistering_a_key_may_sleep),
		TEST(interrupts_are_asserted),
		TEST(taking_a_class_twice_is_reported),
		TEST(recursive_readers_may_nest),
		TEST(a_subclass_or_a_nest_lock_makes_it_right),
		TEST(readers_do_not_wait_for_readers),
		TEST(readers_do_not_wait_in_the_other_order_either),
		TEST(a_writer_waits_for_readers_that_wait_for_it),
		TEST(it_knows_what_is_held_and_how),
		TEST(releasing_what_is_not_held_warns),
		TEST(more_locks_than_it_remembers),
		TEST(an_interrupt_has_nothing_to_do_with_what_it_interrupts),
		TEST(a_report_makes_no_reports),
		TEST(threads_and_forks_do_not_disturb_it),
		TEST(without_room_it_says_so_and_stops),
		TEST(the_room_of_forgotten_maps_is_used_again),
		TEST(names_leave_no_mapping),
		TEST(a_lock_behind_freed_memory_is_not_in_it),
		TEST(reclaim_is_entered_by_allocations_that_wait),
	};

	BUG_ON(!libfence_has_checks());
	return TEST_MAIN("lockdep", tests);
}
