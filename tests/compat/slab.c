// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Memory: kmalloc() and its variants, caches, and failing allocations. */

#include "helpers.h"
#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <libfence/libfence.h>

struct small {
	int a, b;
};

struct flexible {
	size_t nr;
	u64 element[];
};

static bool all_bytes_are(const void *p, unsigned char byte, size_t size)
{
	const unsigned char *c = p;

	while (size--)
		if (*c++ != byte)
			return false;
	return true;
}

static void zeroed_memory_is_zero(void **state)
{
	size_t size;
	char *p;

	/* Dirty the memory that malloc() returns next. */
	for (size = 1; size <= 4096; size *= 2) {
		p = kmalloc(size, GFP_KERNEL);
		memset(p, 0xff, size);
		kfree(p);
		p = kzalloc(size, GFP_ATOMIC);
		assert_true(all_bytes_are(p, 0, size));
		memset(p, 0xff, size);
		kfree(p);
		p = kcalloc(size, 3, GFP_KERNEL);
		assert_true(all_bytes_are(p, 0, 3 * size));
		assert_int_equal((uintptr_t)p % 16, 0);
		assert_true(ksize(p) >= 3 * size);
		kfree(p);
	}
	kfree(NULL);
	assert_int_equal(ksize(NULL), 0);
}

/* Hides a constant from the compiler, which warns about sizes too large. */
static size_t hidden(size_t n)
{
	volatile size_t v = n;

	return v;
}

static void overflowing_sizes_give_null(void **state)
{
	size_t huge = hidden(SIZE_MAX / 2 + 1);
	struct flexible *flex;
	void *p = kmalloc(8, GFP_KERNEL);

	assert_null(kcalloc(huge, 2, GFP_KERNEL));
	assert_null(kcalloc(2, huge, GFP_KERNEL));
	assert_null(kmalloc_array(huge, 4, GFP_KERNEL));
	assert_null(krealloc_array(p, huge, 2, GFP_KERNEL));
	assert_null(kmalloc_objs(u64, huge));
	flex = kzalloc_flex(*flex, element, huge / 4);
	assert_null(flex);
	kfree(p);
	assert_true(size_mul(huge, 2) == SIZE_MAX);
	assert_true(size_add(SIZE_MAX, hidden(1)) == SIZE_MAX);
	assert_int_equal(size_mul(6, 7), 42);
}

static void krealloc_keeps_the_contents(void **state)
{
	char *p = krealloc(NULL, 10, GFP_KERNEL), *old;
	int i;

	for (i = 0; i < 10; i++)
		p[i] = i;
	p = krealloc(p, 5000, GFP_KERNEL);
	for (i = 0; i < 10; i++)
		assert_int_equal(p[i], i);
	p = krealloc_array(p, 5, 1, GFP_KERNEL);
	for (i = 0; i < 5; i++)
		assert_int_equal(p[i], i);
	old = p;
	libfence_fail_nth(1);
	assert_null(krealloc(p, 100, GFP_KERNEL));
	/* The old memory is unchanged. */
	assert_int_equal(old[4], 4);
	kfree(old);
}

static void copies_are_copies(void **state)
{
	char text[] = "fence", *p;

	p = kstrdup(text, GFP_KERNEL);
	text[0] = 'h';
	assert_string_equal(p, "fence");
	kfree(p);
	assert_null(kstrdup(NULL, GFP_KERNEL));
	p = kmemdup(text, 3, GFP_KERNEL);
	assert_memory_equal(p, "hen", 3);
	kfree(p);
	p = kasprintf(GFP_KERNEL, "%s-%d-%0*d", "x", -7, 300, 1);
	assert_int_equal(strlen(p), 305);
	assert_memory_equal(p, "x--7-000", 8);
	kfree(p);
}

static void typed_macros_have_the_right_type_and_size(void **state)
{
	struct small *s = kmalloc_obj(*s), *z = kzalloc_obj(struct small, GFP_ATOMIC);
	struct small *many = kzalloc_objs(*many, 10);
	struct flexible *flex = kzalloc_flex(*flex, element, 10);

	assert_true(__same_type(kmalloc_obj(*s), struct small *));
	assert_true(ksize(s) >= sizeof(*s));
	assert_true(all_bytes_are(z, 0, sizeof(*z)));
	assert_true(all_bytes_are(many, 0, 10 * sizeof(*many)));
	assert_true(ksize(many) >= 10 * sizeof(*many));
	assert_true(all_bytes_are(flex, 0, sizeof(*flex) + 80));
	assert_int_equal(struct_size(flex, element, 10), sizeof(*flex) + 80);
	kfree(s);
	kfree(z);
	kfree(many);
	kvfree(flex);
}

static void nth_allocation_fails_and_no_other(void **state)
{
	void *p[3];
	int i, n;

	for (n = 1; n <= 3; n++) {
		libfence_fail_nth(n);
		for (i = 0; i < 3; i++) {
			p[i] = kmalloc(8, GFP_KERNEL);
			assert_int_equal(p[i] != NULL, i + 1 != n);
			assert_int_equal(libfence_fail_nth_left(),
					 max(n - i - 1, 0));
		}
		for (i = 0; i < 3; i++)
			kfree(p[i]);
	}
	libfence_fail_nth(5);
	libfence_fail_nth(0);
	assert_int_equal(libfence_fail_nth_left(), 0);
}

static struct kmem_cache *cache;

static void every_kind_of_allocation_can_fail(void **state)
{
	struct small *p = kmalloc_obj(*p);
	struct flexible *flex;

#define FAILS(expr)					\
	do {						\
		libfence_fail_nth(1);			\
		assert_null(expr);			\
		assert_int_equal(libfence_fail_nth_left(), 0); \
	} while (0)
	cache = KMEM_CACHE(small, 0);
	FAILS(kmalloc(1, GFP_KERNEL));
	FAILS(kzalloc(1, GFP_ATOMIC));
	FAILS(kcalloc(1, 1, GFP_NOWAIT));
	FAILS(kmalloc_array(1, 1, GFP_KERNEL));
	FAILS(krealloc(p, 100, GFP_KERNEL));
	FAILS(kmemdup(p, 8, GFP_KERNEL));
	FAILS(kstrdup("x", GFP_KERNEL));
	FAILS(kasprintf(GFP_KERNEL, "x"));
	FAILS(kmalloc_obj(*p));
	FAILS(kzalloc_objs(*p, 2));
	FAILS(kvmalloc_array(2, 2, GFP_KERNEL));
	FAILS(({ flex = kmalloc_flex(*flex, element, 2); flex; }));
	FAILS(kmem_cache_alloc(cache, GFP_KERNEL));
	FAILS(kmem_cache_zalloc(cache, GFP_KERNEL));
	FAILS(KMEM_CACHE(small, 0));
	libfence_fail_nth(2);
	assert_null(KMEM_CACHE(small, 0));
	assert_int_equal(libfence_fail_nth_left(), 0);
#undef FAILS
	kmem_cache_destroy(cache);
	kfree(p);
}

static int alloc_elsewhere(void *unused)
{
	void *p = kmalloc(8, GFP_KERNEL);

	kfree(p);
	return p ? 0 : -1;
}

static void fail_nth_is_per_thread(void **state)
{
	struct task_struct *task = kthread_create(alloc_elsewhere, NULL, "t");

	get_task_struct(task);
	libfence_fail_nth(1);
	wake_up_process(task);
	assert_int_equal(finish(task), 0);
	assert_int_equal(libfence_fail_nth_left(), 1);
}

static void plain_cache_hands_out_objects(void **state)
{
	struct small *p[10];
	int i;

	cache = kmem_cache_create("plain", sizeof(struct small), 64,
				  SLAB_HWCACHE_ALIGN, NULL);
	assert_non_null(cache);
	for (i = 0; i < 10; i++) {
		p[i] = kmem_cache_zalloc(cache, GFP_KERNEL);
		assert_true(all_bytes_are(p[i], 0, sizeof(*p[i])));
		assert_int_equal((uintptr_t)p[i] % 64, 0);
		p[i]->a = p[i]->b = i;
	}
	for (i = 0; i < 10; i++) {
		assert_int_equal(p[i]->a, i);
		kmem_cache_free(cache, p[i]);
	}
	kmem_cache_free(cache, NULL);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(NULL);
}

static void wrong_cache_arguments_warn(void **state)
{
	assert_warns(1, assert_null(kmem_cache_create(NULL, 8, 0, 0, NULL)));
	assert_warns(1, assert_null(kmem_cache_create("x", 0, 0, 0, NULL)));
	assert_warns(1, assert_null(kmem_cache_create("x", 8, 3, 0, NULL)));
}

static void slab_panic_aborts(void **state)
{
	assert_dies("SLAB_PANIC", {
		libfence_fail_nth(1);
		kmem_cache_create("x", 8, 0, SLAB_PANIC, NULL);
	});
}

static int nr_constructed;

static void construct(void *p)
{
	struct small *s = p;

	nr_constructed++;
	s->a = 1234;
}

static void stable_memory_is_reused_at_once_and_constructed_once(void **state)
{
	struct small *p, *q;

	nr_constructed = 0;
	cache = kmem_cache_create("stable", sizeof(*p), 0,
				  SLAB_TYPESAFE_BY_RCU, construct);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	assert_int_equal(nr_constructed, 1);
	assert_int_equal(p->a, 1234);
	p->b = 77;
	kmem_cache_free(cache, p);
	/* A reader that found the object under RCU still sees its contents. */
	assert_int_equal(p->a, 1234);
	assert_int_equal(p->b, 77);
	rcu_read_lock();
	q = kmem_cache_alloc(cache, GFP_ATOMIC);
	rcu_read_unlock();
	/* Reused without a grace period, not cleared or constructed. */
	assert_ptr_equal(q, p);
	assert_int_equal(q->b, 77);
	assert_int_equal(nr_constructed, 1);
	kmem_cache_free(cache, q);
	kmem_cache_destroy(cache);
}

struct refcounted {
	atomic_t refs;
	/* Changes with every reuse. */
	unsigned long key;
};

static struct refcounted *slot;
static bool stop;

/* The pattern that needs type stability: take a reference, then check again. */
static int look_up(void *unused)
{
	int bad = 0;

	while (!READ_ONCE(stop)) {
		struct refcounted *r;

		rcu_read_lock();
		r = rcu_dereference(slot);
		if (r && atomic_inc_not_zero(&r->refs)) {
			/* It is of this type, but may be another object. */
			bad += READ_ONCE(r->key) % 1000 != 7;
			if (atomic_dec_and_test(&r->refs))
				kmem_cache_free(cache, r);
		}
		rcu_read_unlock();
	}
	return bad;
}

static void construct_refcounted(void *p)
{
	struct refcounted *r = p;

	atomic_set(&r->refs, 0);
	WRITE_ONCE(r->key, 7);
}

static void readers_of_a_stable_cache_only_ever_see_its_type(void **state)
{
	int i, nr = 50000 / test_slowness(), bad = 0;
	struct task_struct *tasks[2];
	struct refcounted *r;

	cache = kmem_cache_create("refcounted", sizeof(*r), 0,
				  SLAB_TYPESAFE_BY_RCU, construct_refcounted);
	WRITE_ONCE(stop, false);
	for (i = 0; i < 2; i++)
		tasks[i] = start(look_up, NULL);
	for (i = 0; i < nr; i++) {
		r = kmem_cache_alloc(cache, GFP_KERNEL);
		WRITE_ONCE(r->key, 1000ul * i + 7);
		/* Release: the key is visible before the reference. */
		atomic_set_release(&r->refs, 1);
		rcu_assign_pointer(slot, r);
		rcu_assign_pointer(slot, NULL);
		if (atomic_dec_and_test(&r->refs))
			kmem_cache_free(cache, r);
	}
	WRITE_ONCE(stop, true);
	for (i = 0; i < 2; i++)
		bad += finish(tasks[i]);
	assert_int_equal(bad, 0);
	/* All references are dropped, so no object is in use. */
	kmem_cache_destroy(cache);
}

struct self_freeing {
	struct rcu_head rcu;
	struct kmem_cache *cache;
};

static void free_to_cache(struct rcu_head *head)
{
	struct self_freeing *s = container_of(head, struct self_freeing, rcu);

	kmem_cache_free(s->cache, s);
}

static void destroy_waits_for_objects_with_pending_callbacks(void **state)
{
	struct self_freeing *s;
	int i;

	cache = kmem_cache_create("waits", sizeof(*s), 0, SLAB_TYPESAFE_BY_RCU,
				  NULL);
	for (i = 0; i < 100; i++) {
		s = kmem_cache_alloc(cache, GFP_KERNEL);
		s->cache = cache;
		call_rcu(&s->rcu, free_to_cache);
	}
	kmem_cache_destroy(cache);
}

static void destroy_with_objects_in_use_warns(void **state)
{
	/* Static, because the object is leaked and has to stay reachable. */
	static struct small *leaked;

	cache = KMEM_CACHE(small, SLAB_TYPESAFE_BY_RCU);
	leaked = kmem_cache_alloc(cache, GFP_KERNEL);
	leaked->a = 5;
	assert_warns_like("small is destroyed with 1 objects in use",
			  kmem_cache_destroy(cache));
	assert_int_equal(leaked->a, 5);
}

static void double_free_warns(void **state)
{
	struct small *p, *q;

	cache = KMEM_CACHE(small, SLAB_TYPESAFE_BY_RCU);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, p);
	assert_warns_like("freed twice", kmem_cache_free(cache, p));
	/* The object is not allocated twice. */
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	q = kmem_cache_alloc(cache, GFP_KERNEL);
	assert_ptr_not_equal(p, q);
	kmem_cache_free(cache, p);
	kmem_cache_free(cache, q);
	kmem_cache_destroy(cache);
}

static void free_to_another_cache_warns(void **state)
{
	struct kmem_cache *other = KMEM_CACHE(small, 0);
	struct small *p;

	cache = KMEM_CACHE(small, 0);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	assert_warns_like("is not of cache", kmem_cache_free(other, p));
	kmem_cache_free(cache, p);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(other);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(zeroed_memory_is_zero),
		TEST(overflowing_sizes_give_null),
		TEST(krealloc_keeps_the_contents),
		TEST(copies_are_copies),
		TEST(typed_macros_have_the_right_type_and_size),
		TEST(nth_allocation_fails_and_no_other),
		TEST(every_kind_of_allocation_can_fail),
		TEST(fail_nth_is_per_thread),
		TEST(plain_cache_hands_out_objects),
		TEST(wrong_cache_arguments_warn),
		TEST(slab_panic_aborts),
		TEST(stable_memory_is_reused_at_once_and_constructed_once),
		TEST(readers_of_a_stable_cache_only_ever_see_its_type),
		TEST(destroy_waits_for_objects_with_pending_callbacks),
		TEST(destroy_with_objects_in_use_warns),
		TEST(double_free_warns),
		TEST(free_to_another_cache_warns),
	};

	return TEST_MAIN("slab", tests);
}
