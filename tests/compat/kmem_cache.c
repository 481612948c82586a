// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Caches of objects. */

#include "helpers.h"
#include <sys/wait.h>
#include <unistd.h>
#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <libfence/libfence.h>

struct small {
	int a, b;
};

static struct kmem_cache *cache;

static bool all_bytes_are(const void *p, unsigned char byte, size_t size)
{
	const unsigned char *c = p;

	while (size--)
		if (*c++ != byte)
			return false;
	return true;
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

static bool stop;

static int use_cache(void *unused)
{
	void *p[50];
	int i;

	while (!READ_ONCE(stop)) {
		for (i = 0; i < 50; i++)
			p[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		for (i = 0; i < 50; i++)
			kfree(p[i]);
	}
	return 0;
}

struct refcounted {
	atomic_t refs;
	/* Changes with every reuse. */
	unsigned long key;
};

static struct refcounted *slot;

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
	/* Static, because they are leaked and have to stay reachable. */
	static struct small *leaked;
	static struct kmem_cache *leaked_cache;

	leaked_cache = KMEM_CACHE(small, SLAB_TYPESAFE_BY_RCU);
	leaked = kmem_cache_alloc(leaked_cache, GFP_KERNEL);
	leaked->a = 5;
	assert_warns_like("small is destroyed with 1 objects in use",
			  kmem_cache_destroy(leaked_cache));
	assert_int_equal(leaked->a, 5);
}

static void destroy_of_a_plain_cache_with_objects_in_use_warns(void **state)
{
	static struct small *leaked[200];
	static struct kmem_cache *leaked_cache;
	int i;

	leaked_cache = KMEM_CACHE(small, 0);
	for (i = 0; i < 200; i++)
		leaked[i] = kmem_cache_alloc(leaked_cache, GFP_KERNEL);
	for (i = 0; i < 197; i++)
		kmem_cache_free(leaked_cache, leaked[i]);
	leaked[199]->a = 5;
	assert_warns_like("small is destroyed with 3 objects in use",
			  kmem_cache_destroy(leaked_cache));
	assert_int_equal(leaked[199]->a, 5);
	/* An object that is freed too late does no harm. */
	kfree(leaked[198]);
	kmem_cache_free(leaked_cache, leaked[197]);
}

struct with_head {
	int a;
	struct rcu_head rcu;
};

/* kfree() does not name the cache, and still counts. */
static void kfree_of_cache_objects_is_counted(void **state)
{
	struct kmem_cache *other = KMEM_CACHE(with_head, 0);
	/* More than a table without growing holds. */
	static struct with_head *p[5000];
	unsigned int i;
	void *block;

	cache = KMEM_CACHE(with_head, SLAB_HWCACHE_ALIGN);
	for (i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = kmem_cache_alloc(i % 5 ? cache : other, GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(p); i++) {
		/* Memory that is of no cache, in between. */
		block = kmalloc(sizeof(**p), GFP_KERNEL);
		if (i % 3 == 0)
			kfree(p[i]);
		else if (i % 3 == 1)
			kfree_rcu(p[i], rcu);
		else
			kmem_cache_free(i % 5 ? cache : other, p[i]);
		kfree(block);
	}
	/* Neither warns: no object is in use. */
	kmem_cache_destroy(cache);
	kmem_cache_destroy(other);
}

static int free_all(void *objects)
{
	struct small **p = objects;
	int i;

	for (i = 0; i < 1000; i++)
		kfree(p[i]);
	return 0;
}

static void free_in_other_threads(slab_flags_t flags)
{
	static struct small *p[4][1000];
	struct task_struct *tasks[4];
	int i, n;

	cache = KMEM_CACHE(small, flags);
	for (n = 0; n < 4; n++) {
		for (i = 0; i < 1000; i++)
			p[n][i] = kmem_cache_alloc(cache, GFP_KERNEL);
		tasks[n] = start(free_all, p[n]);
	}
	for (n = 0; n < 4; n++)
		finish(tasks[n]);
	kmem_cache_destroy(cache);
}

static void objects_that_other_threads_free_are_counted(void **state)
{
	free_in_other_threads(0);
	free_in_other_threads(SLAB_HWCACHE_ALIGN);
}

/* They may use the same memory, and the same place in the shim's tables. */
static int use_own_cache(void *unused)
{
	struct kmem_cache *own = KMEM_CACHE(small, SLAB_HWCACHE_ALIGN);
	int i, n, bad = 0;
	void *block;
	struct small *p[64];

	for (n = 0; n < 200; n++) {
		for (i = 0; i < 64; i++) {
			p[i] = kmem_cache_alloc(own, GFP_KERNEL);
			bad += ksize(p[i]) != sizeof(**p);
			block = kmalloc(40, GFP_KERNEL);
			bad += ksize(block) < 40;
			kfree(block);
		}
		for (i = 0; i < 64; i++)
			kfree(p[i]);
	}
	kmem_cache_destroy(own);
	return bad;
}

static void threads_use_their_own_caches(void **state)
{
	struct task_struct *tasks[4];
	int i;

	for (i = 0; i < 4; i++)
		tasks[i] = start(use_own_cache, NULL);
	for (i = 0; i < 4; i++)
		assert_int_equal(finish(tasks[i]), 0);
}

static void kfree_of_a_stable_object_keeps_its_memory(void **state)
{
	struct with_head *p, *q;

	cache = KMEM_CACHE(with_head, SLAB_TYPESAFE_BY_RCU);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	p->a = 77;
	kfree(p);
	assert_int_equal(p->a, 77);
	q = kmem_cache_alloc(cache, GFP_KERNEL);
	assert_ptr_equal(q, p);
	kfree_rcu(q, rcu);
	/* Waits for it, and no object is in use. */
	kmem_cache_destroy(cache);
}

static void the_size_of_an_object_is_that_of_its_cache(void **state)
{
	struct kmem_cache *wide = KMEM_CACHE(with_head, SLAB_HWCACHE_ALIGN);
	struct with_head *p, *q;

	cache = KMEM_CACHE(with_head, 0);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	q = kmem_cache_alloc(wide, GFP_KERNEL);
	assert_int_equal(ksize(p), sizeof(*p));
	assert_int_equal(ksize(q), sizeof(*q));
	p->a = 3;
	p = krealloc(p, 2 * sizeof(*p), GFP_KERNEL);
	assert_int_equal(p->a, 3);
	kfree(p);
	kfree(q);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(wide);
}

/* kfree() must not take memory of kmalloc() for an object that was there. */
static bool overlap(uintptr_t a, uintptr_t b)
{
	return a < b + sizeof(struct with_head) &&
	       b < a + sizeof(struct with_head);
}

static void memory_of_an_object_can_become_memory_of_kmalloc(void **state)
{
	static uintptr_t object[500];
	static void *block[500];
	int i, j, again = 0;

	cache = KMEM_CACHE(with_head, SLAB_HWCACHE_ALIGN);
	for (i = 0; i < 500; i++)
		object[i] = (uintptr_t)kmem_cache_alloc(cache, GFP_KERNEL);
	for (i = 0; i < 500; i++)
		kmem_cache_free(cache, (void *)object[i]);
	kmem_cache_destroy(cache);
	for (i = 0; i < 500; i++) {
		block[i] = kmalloc(sizeof(struct with_head), GFP_KERNEL);
		for (j = 0; j < 500; j++)
			again += overlap((uintptr_t)block[i], object[j]);
		assert_true(ksize(block[i]) >= sizeof(struct with_head));
	}
	for (i = 0; i < 500; i++)
		kfree(block[i]);
	/*
	 * Memory checkers keep freed memory for a while, musl for longer. On armhf,
	 * glibc takes blocks of this size from elsewhere.
	 */
	if (MEMORY_IS_COUNTED && BITS_PER_LONG == 64 && !LFSHIM_ASAN &&
	    !LFSHIM_TSAN && !test_on_valgrind())
		assert_true(again > 0);
}

/* The memory around an object belongs to nobody, or to the shim. */
static void writes_beside_an_object_are_found(void **state)
{
	struct with_head *volatile p;
	/* In the last word but one before the object. */
	const int __maybe_unused before = -(int)sizeof(long) - 1;

	cache = KMEM_CACHE(with_head, 0);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
#if LFSHIM_ASAN
	assert_dies("heap-buffer-overflow", ((char *)p)[sizeof(*p)] = 1);
	assert_dies("use-after-poison", ((char *)p)[-1] = 1);
	assert_dies("use-after-poison", ((char *)p)[-24] = 1);
#else
	((char *)p)[before]++;
	assert_warns_like("memory before it was overwritten",
			  kmem_cache_free(cache, p));
	((char *)p)[before]--;
#endif
	kmem_cache_free(cache, p);
	kmem_cache_destroy(cache);

	cache = KMEM_CACHE(with_head, SLAB_HWCACHE_ALIGN);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
#if LFSHIM_ASAN
	assert_dies("heap-buffer-overflow", ((char *)p)[sizeof(*p)] = 1);
	assert_dies("heap-buffer-overflow", ((char *)p)[-1] = 1);
#endif
	kmem_cache_free(cache, p);
	kmem_cache_destroy(cache);
}

static void clearing_a_constructed_object_warns_once(void **state)
{
	struct small *p[3];

	cache = kmem_cache_create("both", sizeof(**p), 0, 0, construct);
	p[0] = kmem_cache_alloc(cache, GFP_KERNEL);
	assert_warns_like("cache both have a constructor, and are cleared",
			  p[1] = kmem_cache_zalloc(cache, GFP_KERNEL));
	p[2] = kmem_cache_zalloc(cache, GFP_KERNEL);
	assert_int_equal(p[2]->a, 0);
	kmem_cache_free(cache, p[0]);
	kmem_cache_free(cache, p[1]);
	kmem_cache_free(cache, p[2]);
	kmem_cache_destroy(cache);
}

static void construct_nothing(void *obj)
{
}

/*
 * As a driver does it: the child may free the objects of its parent. With
 * the checks, a cache without a constructor keeps freed objects, under a lock.
 */
static void a_child_can_free_the_objects_of_a_cache(void **state)
{
	struct task_struct *task;
	struct small *p;
	int i, status;
	pid_t pid;

	/* The sanitizers' allocators keep their locks over fork(). */
	if (LFSHIM_ASAN || LFSHIM_TSAN)
		return;
	cache = kmem_cache_create("forked", sizeof(*p), 0, 0, construct_nothing);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	WRITE_ONCE(stop, false);
	task = start(use_cache, NULL);
	for (i = 0; i < 30; i++) {
		pid = fork();
		if (!pid) {
			/* Not for ever, if another thread's lock was copied. */
			alarm(10);
			for (i = 0; i < 100; i++)
				kmem_cache_free(cache, kmem_cache_alloc(
						cache, GFP_KERNEL));
			kfree(p);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
	WRITE_ONCE(stop, true);
	finish(task);
	kfree(p);
	kmem_cache_destroy(cache);
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
	struct kmem_cache *wide = KMEM_CACHE(small, SLAB_HWCACHE_ALIGN);
	struct small *p, *q;

	cache = KMEM_CACHE(small, 0);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	q = kmem_cache_alloc(wide, GFP_KERNEL);
	assert_warns_like("is not of cache", kmem_cache_free(other, p));
	assert_warns_like("is not of cache", kmem_cache_free(wide, p));
	assert_warns_like("is not of cache", kmem_cache_free(other, q));
	kmem_cache_free(cache, p);
	kmem_cache_free(wide, q);
	p = kmalloc_obj(*p);
	assert_warns_like("is not of cache", kmem_cache_free(cache, p));
	assert_warns_like("is not of cache", kmem_cache_free(wide, p));
	kfree(p);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(other);
	kmem_cache_destroy(wide);
}

static void objects_have_the_alignment_of_their_cache(void **state)
{
	struct kmem_cache *wide = kmem_cache_create("wide", 24, 256, 0, NULL);
	struct kmem_cache *line = kmem_cache_create("line", 24, 8,
						    SLAB_HWCACHE_ALIGN, NULL);
	void *a[8], *b[8];
	int i;

	for (i = 1; i <= 4096; i *= 2) {
		cache = kmem_cache_create("any", 20, i, 0, NULL);
		a[0] = kmem_cache_alloc(cache, GFP_KERNEL);
		a[1] = kmem_cache_alloc(cache, GFP_KERNEL);
		assert_int_equal((uintptr_t)a[0] % max(i, 8), 0);
		assert_int_equal((uintptr_t)a[1] % max(i, 8), 0);
		kfree(a[0]);
		kmem_cache_free(cache, a[1]);
		kmem_cache_destroy(cache);
	}
	for (i = 0; i < 8; i++) {
		a[i] = kmem_cache_alloc(wide, GFP_KERNEL);
		b[i] = kmem_cache_alloc(line, GFP_KERNEL);
		assert_int_equal((uintptr_t)a[i] % 256, 0);
		assert_int_equal((uintptr_t)b[i] % 64, 0);
	}
	for (i = 0; i < 8; i++) {
		kmem_cache_free(wide, a[i]);
		kmem_cache_free(line, b[i]);
	}
	kmem_cache_destroy(wide);
	kmem_cache_destroy(line);
}

static void a_reused_object_is_zeroed_on_request(void **state)
{
	struct kmem_cache *cache = KMEM_CACHE(small, SLAB_TYPESAFE_BY_RCU);
	struct small *p = kmem_cache_alloc(cache, GFP_KERNEL), *again;

	memset(p, 0xff, sizeof(*p));
	kmem_cache_free(cache, p);
	again = kmem_cache_zalloc(cache, GFP_KERNEL);
	assert_ptr_equal(again, p);
	assert_true(all_bytes_are(again, 0, sizeof(*again)));
	kmem_cache_free(cache, again);
	kmem_cache_destroy(cache);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_cache_hands_out_objects),
		TEST(wrong_cache_arguments_warn),
		TEST(slab_panic_aborts),
		TEST(stable_memory_is_reused_at_once_and_constructed_once),
		TEST(readers_of_a_stable_cache_only_ever_see_its_type),
		TEST(destroy_waits_for_objects_with_pending_callbacks),
		TEST(destroy_with_objects_in_use_warns),
		TEST(destroy_of_a_plain_cache_with_objects_in_use_warns),
		TEST(kfree_of_cache_objects_is_counted),
		TEST(objects_that_other_threads_free_are_counted),
		TEST(threads_use_their_own_caches),
		TEST(kfree_of_a_stable_object_keeps_its_memory),
		TEST(the_size_of_an_object_is_that_of_its_cache),
		TEST(memory_of_an_object_can_become_memory_of_kmalloc),
		TEST(writes_beside_an_object_are_found),
		TEST(clearing_a_constructed_object_warns_once),
		TEST(a_child_can_free_the_objects_of_a_cache),
		TEST(double_free_warns),
		TEST(free_to_another_cache_warns),
		TEST(objects_have_the_alignment_of_their_cache),
		TEST(a_reused_object_is_zeroed_on_request),
	};

	return TEST_MAIN("kmem_cache", tests);
}
