// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Layout, initialisation, references, stubs, contexts. */
#include "mock.h"

#include <linux/dma-fence-unwrap.h>

#if CORE_HAS(inline_lock)
#if __SIZEOF_LONG__ == 4
static void layout_is_the_kernels(void **state)
{
	/* 64-bit integers are aligned to 8 bytes on arm, to 4 bytes on i386. */
	assert_int_equal(sizeof(struct dma_fence),
			 _Alignof(struct { u64 x; }) == 8 ? 48 : 44);
	assert_int_equal(offsetof(struct dma_fence, extern_lock), 0);
	assert_int_equal(offsetof(struct dma_fence, inline_lock), 0);
	assert_int_equal(offsetof(struct dma_fence, ops), 4);
	assert_int_equal(offsetof(struct dma_fence, cb_list), 8);
	assert_int_equal(offsetof(struct dma_fence, timestamp), 8);
	assert_int_equal(offsetof(struct dma_fence, rcu), 8);
	assert_int_equal(offsetof(struct dma_fence, context), 16);
	assert_int_equal(offsetof(struct dma_fence, seqno), 24);
	assert_int_equal(offsetof(struct dma_fence, flags), 32);
	assert_int_equal(offsetof(struct dma_fence, refcount), 36);
	assert_int_equal(offsetof(struct dma_fence, error), 40);
	assert_int_equal(sizeof(struct dma_fence_cb), 12);
	assert_int_equal(sizeof(struct dma_fence_ops), 28);
	assert_int_equal(sizeof(struct dma_fence_array_cb), 16);
}
#else
static void layout_is_the_kernels(void **state)
{
	test_not_with_lockdep("its locks are larger");
	assert_int_equal(sizeof(struct dma_fence), 64);
	assert_int_equal(offsetof(struct dma_fence, extern_lock), 0);
	assert_int_equal(offsetof(struct dma_fence, inline_lock), 0);
	assert_int_equal(offsetof(struct dma_fence, ops), 8);
	assert_int_equal(offsetof(struct dma_fence, cb_list), 16);
	assert_int_equal(offsetof(struct dma_fence, timestamp), 16);
	assert_int_equal(offsetof(struct dma_fence, rcu), 16);
	assert_int_equal(offsetof(struct dma_fence, context), 32);
	assert_int_equal(offsetof(struct dma_fence, seqno), 40);
	assert_int_equal(offsetof(struct dma_fence, flags), 48);
	assert_int_equal(offsetof(struct dma_fence, refcount), 56);
	assert_int_equal(offsetof(struct dma_fence, error), 60);

	assert_int_equal(sizeof(struct dma_fence_cb), 24);
	assert_int_equal(offsetof(struct dma_fence_cb, func), 16);
	assert_int_equal(sizeof(struct dma_fence_ops), 56);
	assert_int_equal(offsetof(struct dma_fence_ops, set_deadline), 48);

	assert_int_equal(sizeof(struct dma_fence_array_cb), 32);
	assert_int_equal(offsetof(struct dma_fence_array, num_fences), 64);
	assert_int_equal(offsetof(struct dma_fence_array, num_pending), 68);
	assert_int_equal(offsetof(struct dma_fence_array, fences), 72);
	assert_int_equal(offsetof(struct dma_fence_array, work), 80);
	assert_int_equal(offsetof(struct dma_fence_array, callbacks), 112);

	assert_int_equal(sizeof(struct dma_fence_chain), 120);
	assert_int_equal(offsetof(struct dma_fence_chain, prev), 64);
	assert_int_equal(offsetof(struct dma_fence_chain, prev_seqno), 72);
	assert_int_equal(offsetof(struct dma_fence_chain, fence), 80);
	assert_int_equal(offsetof(struct dma_fence_chain, cb), 88);
	assert_int_equal(offsetof(struct dma_fence_chain, work), 88);

	assert_int_equal(sizeof(struct dma_fence_unwrap), 24);
}
#endif

static void flag_bits_are_the_kernels(void **state)
{
	assert_int_equal(DMA_FENCE_FLAG_INITIALIZED_BIT, 0);
	assert_int_equal(DMA_FENCE_FLAG_INLINE_LOCK_BIT, 1);
	assert_int_equal(DMA_FENCE_FLAG_SEQNO64_BIT, 2);
	assert_int_equal(DMA_FENCE_FLAG_SIGNALED_BIT, 3);
	assert_int_equal(DMA_FENCE_FLAG_TIMESTAMP_BIT, 4);
	assert_int_equal(DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT, 5);
	assert_int_equal(DMA_FENCE_FLAG_USER_BITS, 6);
}

static void was_initialized_only_after_init(void **state)
{
	struct dma_fence *f = kzalloc_obj(*f);

	assert_false(dma_fence_was_initialized(NULL));
	assert_false(dma_fence_was_initialized(f));
	dma_fence_init(f, &mock_names_ops, NULL, 1, 1);
	assert_true(dma_fence_was_initialized(f));
	dma_fence_signal(f);
	assert_true(dma_fence_was_initialized(f));
	dma_fence_put(f);
}

static void init_starts_a_fence_with_no_callbacks_and_no_status(void **state)
{
	struct dma_fence *f = kmalloc_obj(*f);

	memset(f, 0x5a, sizeof(*f));
	dma_fence_init(f, &mock_names_ops, NULL, U64_MAX, U64_MAX);
	assert_int_equal(f->context, U64_MAX);
	assert_int_equal(f->seqno, U64_MAX);
	assert_ptr_equal(f->ops, &mock_names_ops);
	assert_int_equal(mock_queued(f), 0);
	assert_int_equal(dma_fence_get_status(f), 0);
	assert_ptr_equal(dma_fence_spinlock(f), &f->inline_lock);
	assert_false(spin_is_locked(&f->inline_lock));
	dma_fence_put(f);
}

static void init_takes_an_external_lock(void **state)
{
	struct dma_fence *a = kmalloc_obj(*a), *b = kmalloc_obj(*b);
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;

	dma_fence_init(a, &mock_names_ops, &lock, 1, 1);
	dma_fence_init(b, &mock_names_ops, &lock, 1, 2);
	assert_int_equal(a->flags, BIT(DMA_FENCE_FLAG_INITIALIZED_BIT));
	assert_ptr_equal(dma_fence_spinlock(a), &lock);

	/* The fences share a lock: holding it for @a allows signalling @b. */
	dma_fence_lock_irqsave(a, flags);
	assert_true(spin_is_locked(&lock));
	dma_fence_signal_locked(b);
	dma_fence_unlock_irqrestore(a, flags);
	assert_false(spin_is_locked(&lock));

	assert_false(dma_fence_is_signaled(a));
	assert_true(dma_fence_is_signaled(b));
	/* Signalling does not change the lock. */
	assert_ptr_equal(dma_fence_spinlock(b), &lock);
	dma_fence_put(a);
	dma_fence_put(b);
	rcu_barrier();
}

/* In a kernel's header the macro ends in a semicolon: this does not compile. */
#if CORE_TREE == CORE_OWN
static void assert_if_locked(struct dma_fence *f, bool locked)
{
	if (locked)
		dma_fence_assert_held(f);
	else
		assert_false(spin_is_locked(dma_fence_spinlock(f)));
}

static void assert_held_is_one_statement(void **state)
{
	struct dma_fence *f = mock_fence();
	unsigned long flags;

	assert_if_locked(f, false);
	dma_fence_lock_irqsave(f, flags);
	assert_if_locked(f, true);
	dma_fence_unlock_irqrestore(f, flags);
	if (LFSHIM_CHECKS)
		assert_warns_like("is not held here", assert_if_locked(f, true));
	dma_fence_put(f);
}
#endif

static void init64_marks_the_seqno_as_64_bits(void **state)
{
	struct dma_fence *f = kmalloc_obj(*f);

	dma_fence_init64(f, &mock_names_ops, NULL, 1, 1);
	assert_int_equal(f->flags, BIT(DMA_FENCE_FLAG_INITIALIZED_BIT) |
				   BIT(DMA_FENCE_FLAG_INLINE_LOCK_BIT) |
				   BIT(DMA_FENCE_FLAG_SEQNO64_BIT));
	dma_fence_put(f);
}
#endif

#if CORE_HAS(inline_lock)
static const char *a_name(struct dma_fence *fence)
{
	return "a name";
}

static void init_without_ops_or_names_is_a_bug(void **state)
{
	const struct dma_fence_ops no_driver = { .get_timeline_name = a_name };
	const struct dma_fence_ops no_timeline = { .get_driver_name = a_name };
	struct dma_fence f;

	assert_dies("BUG", dma_fence_init(&f, NULL, NULL, 1, 1));
	assert_dies("BUG", dma_fence_init(&f, &no_driver, NULL, 1, 1));
	assert_dies("BUG", dma_fence_init(&f, &no_timeline, NULL, 1, 1));
	assert_dies("BUG", dma_fence_init64(&f, NULL, NULL, 1, 1));
}
#endif

/* References */

static void get_and_put_count(void **state)
{
	struct dma_fence *f = mock_fence();

	assert_ptr_equal(dma_fence_get(f), f);
	assert_int_equal(mock_refs(f), 2);
	dma_fence_put(f);
	assert_int_equal(mock_refs(f), 1);
	assert_int_equal(mock_called(MOCK_RELEASE), 0);
	dma_fence_put(f);
	assert_int_equal(mock_called(MOCK_RELEASE), 1);
}

static void get_and_put_take_null(void **state)
{
	assert_null(dma_fence_get(NULL));
	dma_fence_put(NULL);
}

static void get_rcu_does_not_resurrect(void **state)
{
	struct mock_fence *m = mock_new(&mock_ops, 1, 1);
	struct dma_fence *f = &m->base;

	m->keep = true;
	rcu_read_lock();
	assert_ptr_equal(dma_fence_get_rcu(f), f);
	assert_int_equal(mock_refs(f), 2);
	dma_fence_put(f);
	dma_fence_put(f);
	assert_null(dma_fence_get_rcu(f));
	assert_int_equal(mock_refs(f), 0);
	rcu_read_unlock();
	kfree(m);
}

static void get_rcu_safe_gets_what_is_in_the_slot(void **state)
{
	struct dma_fence __rcu *slot = NULL;
	struct dma_fence *f = mock_fence();

	rcu_read_lock();
	assert_null(dma_fence_get_rcu_safe(&slot));
	rcu_assign_pointer(slot, f);
	assert_ptr_equal(dma_fence_get_rcu_safe(&slot), f);
	rcu_read_unlock();
	assert_int_equal(mock_refs(f), 2);
	dma_fence_put(f);
	dma_fence_put(f);
}

struct swapper {
	struct dma_fence __rcu **slot;
	struct dma_fence *fence;
};

static int put_another_in(void *data)
{
	struct swapper *s = data;

	msleep(5);
	rcu_assign_pointer(*s->slot, s->fence);
	return 0;
}

static void get_rcu_safe_waits_while_the_slot_has_a_dead_fence(void **state)
{
	struct mock_fence *dead = mock_new(&mock_ops, 1, 1);
	struct dma_fence *live = mock_fence(), *got;
	struct dma_fence __rcu *slot = &dead->base;
	struct swapper s = { &slot, live };
	struct task_struct *k;

	dead->keep = true;
	dma_fence_put(&dead->base);
	k = mock_run(put_another_in, &s);
	rcu_read_lock();
	got = dma_fence_get_rcu_safe(&slot);
	rcu_read_unlock();
	assert_ptr_equal(got, live);
	assert_int_equal(mock_refs(&dead->base), 0);
	assert_int_equal(mock_join(k), 0);
	dma_fence_put(got);
	dma_fence_put(live);
	kfree(dead);
}

/* A misused refcount saturates: the fence leaks, and is not released twice. */
static void refcount_misuse_warns_and_saturates(void **state)
{
	struct mock_fence *m = mock_new(&mock_ops, 1, 1);
	struct dma_fence *f = &m->base;

	m->keep = true;
	dma_fence_put(f);
	assert_int_equal(mock_called(MOCK_RELEASE), 1);

	assert_warns_like("underflow", dma_fence_put(f));
	assert_int_equal(mock_refs(f), (unsigned int)REFCOUNT_SATURATED);

	refcount_set(&f->refcount.refcount, 0);
	assert_warns_like("addition on 0", dma_fence_get(f));
	assert_int_equal(mock_refs(f), (unsigned int)REFCOUNT_SATURATED);

	refcount_set(&f->refcount.refcount, REFCOUNT_MAX);
	assert_warns_like("saturated", dma_fence_get(f));
	assert_int_equal(mock_refs(f), (unsigned int)REFCOUNT_SATURATED);

	refcount_set(&f->refcount.refcount, REFCOUNT_MAX);
	assert_warns_like("saturated", assert_ptr_equal(dma_fence_get_rcu(f), f));
	assert_int_equal(mock_refs(f), (unsigned int)REFCOUNT_SATURATED);

	/*
	 * A saturated refcount stays saturated. The second underflow is silent:
	 * each kind of misuse warns once.
	 */
	assert_warns(0, dma_fence_put(f));
	assert_int_equal(mock_refs(f), (unsigned int)REFCOUNT_SATURATED);
	assert_int_equal(mock_called(MOCK_RELEASE), 1);
	kfree(m);
}

/* Stubs */

static void stub_is_one_fence_signalled_from_the_start(void **state)
{
	struct dma_fence *a = dma_fence_get_stub(), *b;
	unsigned int refs = mock_refs(a);
	int i;

	for (i = 0; i < 64; i++) {
		b = dma_fence_get_stub();
		assert_ptr_equal(a, b);
		assert_true(dma_fence_is_signaled(b));
	}
	assert_int_equal(mock_refs(a), refs + 64);
	for (i = 0; i < 64; i++)
		dma_fence_put(b);

	assert_int_equal(dma_fence_get_status(a), 1);
	assert_int_equal(a->context, 0);
	assert_int_equal(a->seqno, 0);
	if (!mock_ops_stay())
		assert_null(a->ops);
	assert_true(mock_flag(a, DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT));
	assert_between(dma_fence_timestamp(a), 1, ktime_get());
	/* The stub's initial reference is never dropped. */
	dma_fence_put(a);
	assert_between(mock_refs(a), 1, refs);
}

static void private_stubs_are_fences_of_their_own(void **state)
{
	struct dma_fence *a = dma_fence_allocate_private_stub(-1);
	struct dma_fence *b = dma_fence_allocate_private_stub(KTIME_MAX);

	assert_ptr_not_equal(a, b);
	assert_int_equal(mock_refs(a), 1);
	assert_int_equal(dma_fence_timestamp(a), -1);
	assert_int_equal(dma_fence_timestamp(b), KTIME_MAX);
	assert_true(mock_flag(a, DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT));
	assert_int_equal(dma_fence_get_status(a), 1);
	dma_fence_put(a);
	dma_fence_put(b);
}

static void private_stub_without_memory_is_null(void **state)
{
	libfence_fail_nth(1);
	assert_null(dma_fence_allocate_private_stub(1));
	assert_true(mock_alloc_failed());
}

/* Contexts */

static void contexts_are_handed_out_in_rows(void **state)
{
	u64 a = dma_fence_context_alloc(5), b = dma_fence_context_alloc(1);

	/* Context 0 belongs to the stubs. */
	assert_true(a > 0);
	assert_int_equal(b, a + 5);
	assert_warns(1, assert_int_equal(dma_fence_context_alloc(0), b + 1));
	assert_int_equal(dma_fence_context_alloc(1), b + 1);
}

#define NR_THREADS	4
#define PER_THREAD	1000

static int alloc_contexts(void *data)
{
	u64 *got = data;
	int i;

	for (i = 0; i < PER_THREAD; i++)
		got[i] = dma_fence_context_alloc(3);
	return 0;
}

static void no_two_threads_get_the_same_context(void **state)
{
	static u64 got[NR_THREADS][PER_THREAD];
	static bool seen[NR_THREADS * PER_THREAD];
	u64 first = dma_fence_context_alloc(1) + 1;
	struct task_struct *k[NR_THREADS];
	int i, j;

	for (i = 0; i < NR_THREADS; i++)
		k[i] = mock_run(alloc_contexts, got[i]);
	for (i = 0; i < NR_THREADS; i++)
		assert_int_equal(mock_join(k[i]), 0);
	memset(seen, 0, sizeof(seen));
	for (i = 0; i < NR_THREADS; i++) {
		for (j = 0; j < PER_THREAD; j++) {
			u64 row = (got[i][j] - first) / 3;

			assert_int_equal((got[i][j] - first) % 3, 0);
			assert_between(row, 0, ARRAY_SIZE(seen) - 1);
			assert_false(seen[row]);
			seen[row] = true;
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#if CORE_HAS(inline_lock)
		MOCK_TEST(layout_is_the_kernels),
		MOCK_TEST(flag_bits_are_the_kernels),
		MOCK_TEST(was_initialized_only_after_init),
		MOCK_TEST(init_starts_a_fence_with_no_callbacks_and_no_status),
		MOCK_TEST(init_takes_an_external_lock),
#if CORE_TREE == CORE_OWN
		MOCK_TEST(assert_held_is_one_statement),
#endif
		MOCK_TEST(init64_marks_the_seqno_as_64_bits),
		MOCK_TEST(init_without_ops_or_names_is_a_bug),
#endif
		MOCK_TEST(get_and_put_count),
		MOCK_TEST(get_and_put_take_null),
		MOCK_TEST(get_rcu_does_not_resurrect),
		MOCK_TEST(get_rcu_safe_gets_what_is_in_the_slot),
		MOCK_TEST(get_rcu_safe_waits_while_the_slot_has_a_dead_fence),
		MOCK_TEST(refcount_misuse_warns_and_saturates),
		MOCK_TEST(stub_is_one_fence_signalled_from_the_start),
		MOCK_TEST(private_stubs_are_fences_of_their_own),
		MOCK_TEST(private_stub_without_memory_is_null),
		MOCK_TEST(contexts_are_handed_out_in_rows),
		MOCK_TEST(no_two_threads_get_the_same_context),
	};

	return TEST_MAIN("dma-fence-basic", tests);
}
