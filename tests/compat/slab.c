// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Memory: kmalloc() and its variants, caches, and failing allocations. */

#include "helpers.h"
#include <sys/wait.h>
#include <unistd.h>
#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
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

static void kvrealloc_keeps_the_contents_and_may_be_large(void **state)
{
	char *p = kvrealloc(NULL, 10, GFP_KERNEL);

	memset(p, 7, 10);
	p = kvrealloc(p, KMALLOC_MAX_SIZE + 1, GFP_KERNEL | __GFP_ZERO);
	assert_true(all_bytes_are(p, 7, 10));
	assert_int_equal(p[KMALLOC_MAX_SIZE], 0);
	p = kvrealloc(p, 5, GFP_KERNEL);
	assert_true(all_bytes_are(p, 7, 5));
	libfence_fail_nth(1);
	assert_null(kvrealloc(p, 100, GFP_KERNEL));
	assert_true(all_bytes_are(p, 7, 5));
	assert_null(kvrealloc(p, hidden((size_t)INT_MAX + 1),
			      GFP_KERNEL | __GFP_NOWARN));
	kvfree(p);
}

static void krealloc_clears_what_is_added(void **state)
{
	size_t sizes[] = { 1, 3, 7, 15, 16, 17, 24, 40, 1000 }, size, used;
	unsigned int i;
	char *p;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size = sizes[i];
		/* Memory that was used before, up to its end. */
		p = kmalloc(size, GFP_KERNEL);
		used = ksize(p);
		memset(p, 0x5a, used);
		kfree(p);
		p = kzalloc(size, GFP_KERNEL);
		memset(p, 1, size);
		p = krealloc(p, 3 * size, GFP_KERNEL | __GFP_ZERO);
		for (used = size; used < 3 * size; used++)
			assert_int_equal(p[used], 0);
		kfree(p);
	}
}

static void an_allocation_of_no_bytes_is_zero_size_ptr(void **state)
{
	char *p;

	assert_ptr_equal(kmalloc(hidden(0), GFP_KERNEL), ZERO_SIZE_PTR);
	assert_ptr_equal(kzalloc(hidden(0), GFP_KERNEL), ZERO_SIZE_PTR);
	assert_ptr_equal(kvmalloc(hidden(0), GFP_KERNEL), ZERO_SIZE_PTR);
	assert_ptr_equal(kcalloc(hidden(0), 8, GFP_KERNEL), ZERO_SIZE_PTR);
	assert_ptr_equal(kmemdup("x", hidden(0), GFP_KERNEL), ZERO_SIZE_PTR);
	assert_ptr_equal(ZERO_SIZE_PTR, (void *)16);
	/* It does not need memory, so it cannot fail. */
	libfence_fail_nth(1);
	assert_ptr_equal(kmalloc(hidden(0), GFP_KERNEL), ZERO_SIZE_PTR);
	assert_int_equal(libfence_fail_nth_left(), 1);
	libfence_fail_nth(0);

	assert_true(ZERO_OR_NULL_PTR(NULL));
	assert_true(ZERO_OR_NULL_PTR(ZERO_SIZE_PTR));
	p = kmalloc(1, GFP_KERNEL);
	assert_false(ZERO_OR_NULL_PTR(p));
	assert_int_equal(ksize(ZERO_SIZE_PTR), 0);
	kfree(ZERO_SIZE_PTR);
	kvfree(ZERO_SIZE_PTR);

	*p = 7;
	assert_ptr_equal(krealloc(p, hidden(0), GFP_KERNEL), ZERO_SIZE_PTR);
	p = krealloc(ZERO_SIZE_PTR, 10, GFP_KERNEL | __GFP_ZERO);
	assert_true(all_bytes_are(p, 0, 10));
	kfree(p);
}

/* The warning is given once: this has to be the first size that is refused. */
static void sizes_have_the_kernels_limits(void **state)
{
	size_t too_much = hidden(KMALLOC_MAX_SIZE + 1);
	void *p;

	assert_int_equal(KMALLOC_MAX_SIZE, 4 << 20);
	assert_null(kmalloc(too_much, GFP_KERNEL | __GFP_NOWARN));
	assert_warns_like("an allocation of 4194305 bytes",
			  assert_null(kmalloc(too_much, GFP_KERNEL)));
	assert_null(kmalloc(too_much, GFP_KERNEL));
	/* Not even this makes it succeed. */
	assert_null(kmalloc(too_much, GFP_KERNEL | __GFP_NOFAIL));
	assert_null(kcalloc(1024, hidden(4097), GFP_KERNEL));
	assert_null(kmemdup("x", too_much, GFP_KERNEL));
	p = kmalloc(KMALLOC_MAX_SIZE, GFP_KERNEL);
	assert_non_null(p);
	assert_null(krealloc(p, too_much, GFP_KERNEL));
	kfree(p);

	p = kvmalloc(too_much, GFP_KERNEL);
	assert_non_null(p);
	kvfree(p);
	p = kvzalloc(too_much, GFP_KERNEL);
	assert_true(all_bytes_are(p, 0, too_much));
	kvfree(p);
	p = kvmalloc_array(1024, hidden(4097), GFP_KERNEL);
	assert_non_null(p);
	kvfree(p);
	assert_null(kvmalloc(hidden((size_t)INT_MAX + 1), GFP_KERNEL));
	assert_null(kvcalloc(1024, hidden(2 << 20), GFP_KERNEL));
}

static bool is_aligned(const void *p, size_t align)
{
	return ((unsigned long)p & (align - 1)) == 0;
}

/* @realloc: with the signature of krealloc_node_align(). */
static void check_aligned(void *(*realloc)(const void *, size_t, unsigned long,
					   gfp_t, int))
{
	unsigned char *p = NULL;
	size_t align;

	for (align = 1; align <= 4096; align *= 2) {
		p = realloc(p, 2 * align, align, GFP_KERNEL | __GFP_ZERO,
			    NUMA_NO_NODE);
		assert_non_null(p);
		assert_true(is_aligned(p, align));
		/* The rest is clear, and the first part was kept. */
		assert_true(all_bytes_are(p, 1, align > 1 ? align : 0));
		assert_true(all_bytes_are(p + align, 0, align));
		memset(p, 1, 2 * align);
	}
	/* Smaller, and at a node. */
	p = realloc(p, 100, 256, GFP_KERNEL, 0);
	assert_true(is_aligned(p, 256));
	assert_true(all_bytes_are(p, 1, 100));
	kvfree(p);
}

static void aligned_krealloc(void **state)
{
	void *p;

	check_aligned(krealloc_node_align);
	p = krealloc_node_align(NULL, 0, 64, GFP_KERNEL, NUMA_NO_NODE);
	assert_ptr_equal(p, ZERO_SIZE_PTR);
	p = krealloc_node(p, 3, GFP_KERNEL, NUMA_NO_NODE);
	assert_true(is_aligned(p, ARCH_KMALLOC_MINALIGN));
	kfree(p);
	assert_null(krealloc_node_align(NULL, KMALLOC_MAX_SIZE + 1, 8,
					GFP_KERNEL | __GFP_NOWARN, 0));
}

static void aligned_kvrealloc(void **state)
{
	void *p;

	check_aligned(kvrealloc_node_align);
	p = kvrealloc_node(NULL, KMALLOC_MAX_SIZE + 1, GFP_KERNEL, NUMA_NO_NODE);
	assert_non_null(p);
	kvfree(p);
}

static void vmalloc_begins_at_a_page(void **state)
{
	unsigned char *p = vmalloc(5), *q = vzalloc(3 * PAGE_SIZE);

	assert_true(is_aligned(p, PAGE_SIZE));
	assert_true(is_aligned(q, PAGE_SIZE));
	assert_true(all_bytes_are(q, 0, 3 * PAGE_SIZE));
	memset(p, 7, 5);
	p = vrealloc(p, 2 * PAGE_SIZE, GFP_KERNEL);
	assert_true(is_aligned(p, PAGE_SIZE));
	assert_true(all_bytes_are(p, 7, 5));
	p = vrealloc_node_align(p, 10, 8 * PAGE_SIZE, GFP_KERNEL, 0);
	assert_true(is_aligned(p, 8 * PAGE_SIZE));
	assert_true(all_bytes_are(p, 7, 5));
	/* Frees it. */
	assert_null(vrealloc(p, 0, GFP_KERNEL));
	assert_null(vmalloc(0));
	vfree(q);
}

static char *print_into_memory(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = kvasprintf(GFP_KERNEL, fmt, args);
	va_end(args);
	return text;
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
	p = print_into_memory("%s-%d", "y", 8);
	assert_string_equal(p, "y-8");
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

static void nofail_does_not_fail(void **state)
{
	struct small *p;

	cache = KMEM_CACHE(small, 0);
	libfence_fail_nth(1);
	p = kmalloc(8, GFP_KERNEL | __GFP_NOFAIL);
	assert_non_null(p);
	kfree(p);
	p = krealloc(NULL, 8, GFP_KERNEL | __GFP_NOFAIL);
	assert_non_null(p);
	kfree(p);
	p = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_NOFAIL);
	assert_non_null(p);
	kmem_cache_free(cache, p);
	/* These are not counted. */
	assert_int_equal(libfence_fail_nth_left(), 1);
	assert_null(kmalloc(8, GFP_KERNEL));
	kmem_cache_destroy(cache);
}

static void construct_nothing(void *obj)
{
}

/* One round of all operations that may leak. */
static void use_and_free_memory(void)
{
	struct kmem_cache *cache;
	void *obj[4];
	int i;

	kfree(krealloc(kmalloc(400, GFP_KERNEL), 800, GFP_KERNEL));
	kfree(kasprintf(GFP_KERNEL, "%300d", 1));
	for (i = 1; i <= 2; i++) {
		libfence_fail_nth(i);
		assert_null(kmem_cache_create("a name to be copied", 300, 0, 0,
					      NULL));
		assert_int_equal(libfence_fail_nth_left(), 0);
	}
	cache = kmem_cache_create("objects", 300, 0, SLAB_TYPESAFE_BY_RCU,
				  construct_nothing);
	for (i = 0; i < ARRAY_SIZE(obj); i++)
		obj[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(obj); i++)
		kmem_cache_free(cache, obj[i]);
	kmem_cache_destroy(cache);
}

static void nothing_leaks(void **state)
{
	size_t before;
	int i;

	if (!MEMORY_IS_COUNTED)
		return;
	use_and_free_memory();
	before = memory_in_use();
	for (i = 0; i < 200; i++)
		use_and_free_memory();
	assert_true(memory_in_use() < before + 8192);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(zeroed_memory_is_zero),
		TEST(sizes_have_the_kernels_limits),
		TEST(overflowing_sizes_give_null),
		TEST(an_allocation_of_no_bytes_is_zero_size_ptr),
		TEST(krealloc_keeps_the_contents),
		TEST(kvrealloc_keeps_the_contents_and_may_be_large),
		TEST(krealloc_clears_what_is_added),
		TEST(aligned_krealloc),
		TEST(aligned_kvrealloc),
		TEST(vmalloc_begins_at_a_page),
		TEST(copies_are_copies),
		TEST(typed_macros_have_the_right_type_and_size),
		TEST(nth_allocation_fails_and_no_other),
		TEST(every_kind_of_allocation_can_fail),
		TEST(fail_nth_is_per_thread),
		TEST(nofail_does_not_fail),
		TEST(nothing_leaks),
	};

	return TEST_MAIN("slab", tests);
}
