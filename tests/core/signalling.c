// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The reports of lockdep about fences: waits and allocations in a signalling
 * section, and locks that connect the two. For builds with -Dchecks=true.
 *
 * lockdep reports each pair of call sites once, so every mistake here has
 * functions of its own.
 */
#include "mock.h"

#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>

static bool cookie;

static noinline void begin_section(void)
{
	cookie = dma_fence_begin_signalling();
}

static void end_section(void)
{
	dma_fence_end_signalling(cookie);
}

/* Waiting */

static noinline void wait_in_section(struct dma_fence *f)
{
	dma_fence_wait(f, false);
}

static noinline void wait_a_little(struct dma_fence *f)
{
	dma_fence_wait_timeout(f, false, 1);
}

static void waiting_in_a_section_is_reported(void **state)
{
	struct dma_fence *f = mock_fence();
	int i;

	dma_fence_signal(f);
	begin_section();
	test_expect_warnings();
	for (i = 0; i < 3; i++)
		wait_in_section(f);
	test_expected_warnings(1, "possible recursion: dma_fence_map taken at wait_in_section",
			       __FILE__, __LINE__);
	test_expected_warnings(1, "already, since begin_section+0x",
			       __FILE__, __LINE__);
	assert_warns_naming("wait_a_little", "begin_section+0x",
			    wait_a_little(f));
	end_section();
	wait_in_section(f);
	wait_a_little(f);
	dma_fence_put(f);
}

static void asking_and_signalling_in_a_section_is_fine(void **state)
{
	struct dma_fence *f = mock_fence();
	struct mock_cb cb;

	begin_section();
	assert_false(dma_fence_is_signaled(f));
	assert_int_equal(dma_fence_get_status(f), 0);
	assert_int_equal(mock_add(f, &cb), 0);
	dma_fence_signal(f);
	assert_true(dma_fence_is_signaled(f));
	dma_fence_put(f);
	end_section();
	/* The section inside dma_fence_signal() is over. */
	f = mock_fence();
	dma_fence_signal(f);
	assert_int_equal(dma_fence_wait(f, false), 0);
	dma_fence_put(f);
}

static noinline void layer_begins_section(unsigned long ip)
{
	cookie = __dma_fence_begin_signalling(ip);
}

static noinline void call_the_layer(void)
{
	layer_begins_section(_THIS_IP_);
}

static noinline void wait_below_a_layer(struct dma_fence *f)
{
	dma_fence_wait(f, false);
}

static void a_layer_can_say_where_its_section_began(void **state)
{
	struct dma_fence *f = mock_fence();

	dma_fence_signal(f);
	call_the_layer();
	assert_warns_naming("wait_below_a_layer", "call_the_layer+0x",
			    wait_below_a_layer(f));
	end_section();
	dma_fence_put(f);
}

/* Allocating */

static noinline void alloc_in_section(gfp_t gfp)
{
	kfree(kmalloc(8, gfp));
}

static noinline void alloc_without_fs(gfp_t gfp)
{
	kfree(kmalloc(8, gfp));
}

static noinline void make_a_private_stub(void)
{
	dma_fence_put(dma_fence_allocate_private_stub(0));
}

static void allocating_in_a_section_is_reported(void **state)
{
	int i;

	begin_section();
	alloc_in_section(GFP_ATOMIC);
	alloc_in_section(GFP_NOWAIT);
	test_expect_warnings();
	for (i = 0; i < 3; i++)
		alloc_in_section(GFP_KERNEL);
	test_expected_warnings(1, "dma_fence_map -> fs_reclaim -> dma_fence_map\n  fs_reclaim taken at alloc_in_section",
			       __FILE__, __LINE__);
	test_expected_warnings(1, "while dma_fence_map was held since begin_section+0x",
			       __FILE__, __LINE__);
	assert_warns_naming("reclaim taken at alloc_without_fs",
			    "since begin_section+0x",
			    alloc_without_fs(GFP_NOIO));
	assert_warns_naming("dma_fence_allocate_private_stub+0x",
			    "since begin_section+0x", make_a_private_stub());
	end_section();
	alloc_in_section(GFP_KERNEL);
	make_a_private_stub();
}

/* Locks in between */

static DEFINE_MUTEX(around_alloc);
static DEFINE_MUTEX(around_wait);
static DEFINE_MUTEX(of_section);
static DEFINE_MUTEX(harmless);

static noinline void alloc_under_mutex(void)
{
	mutex_lock(&around_alloc);
	kfree(kmalloc(8, GFP_KERNEL));
	mutex_unlock(&around_alloc);
}

static noinline void take_around_alloc(void)
{
	mutex_lock(&around_alloc);
	mutex_unlock(&around_alloc);
}

static void mutex_of_an_allocation_is_reported_in_a_section(void **state)
{
	alloc_under_mutex();
	take_around_alloc();
	begin_section();
	assert_warns_naming("around_alloc taken at take_around_alloc+0x",
			    "fs_reclaim taken at alloc_under_mutex+0x",
			    take_around_alloc());
	end_section();
}

static noinline void wait_under_mutex(struct dma_fence *f)
{
	mutex_lock(&around_wait);
	dma_fence_wait(f, false);
	mutex_unlock(&around_wait);
}

static noinline void take_around_wait(void)
{
	mutex_lock(&around_wait);
	mutex_unlock(&around_wait);
}

static noinline void try_around_wait(void)
{
	if (mutex_trylock(&around_wait))
		mutex_unlock(&around_wait);
}

static void mutex_of_a_wait_is_reported_in_a_section(void **state)
{
	struct dma_fence *f = mock_fence();

	dma_fence_signal(f);
	wait_under_mutex(f);
	begin_section();
	try_around_wait();
	assert_warns_naming("around_wait taken at take_around_wait+0x",
			    "dma_fence_map taken at wait_under_mutex",
			    take_around_wait());
	end_section();
	dma_fence_put(f);
}

static noinline void take_of_section(void)
{
	mutex_lock(&of_section);
	mutex_unlock(&of_section);
}

static noinline void wait_under_of_section(struct dma_fence *f)
{
	mutex_lock(&of_section);
	dma_fence_wait(f, false);
	mutex_unlock(&of_section);
}

static noinline void alloc_under_of_section(gfp_t gfp)
{
	mutex_lock(&of_section);
	kfree(kmalloc(8, gfp));
	mutex_unlock(&of_section);
}

/* The same mistakes in the opposite order. */
static void mutex_of_a_section_is_reported_around_both(void **state)
{
	struct dma_fence *f = mock_fence();

	dma_fence_signal(f);
	begin_section();
	take_of_section();
	end_section();
	alloc_under_of_section(GFP_ATOMIC);
	assert_warns_naming("dma_fence_map taken at wait_under_of_section",
			    "of_section taken at take_of_section+0x",
			    wait_under_of_section(f));
	assert_warns_naming("fs_reclaim taken at alloc_under_of_section",
			    "of_section taken at take_of_section+0x",
			    alloc_under_of_section(GFP_KERNEL));
	dma_fence_put(f);
}

static void mutex_that_has_to_do_with_neither_is_fine(void **state)
{
	struct dma_fence *f = mock_fence();

	begin_section();
	mutex_lock(&harmless);
	kfree(kmalloc(8, GFP_ATOMIC));
	dma_fence_signal(f);
	mutex_unlock(&harmless);
	end_section();
	mutex_lock(&harmless);
	dma_fence_signal(f);
	mutex_unlock(&harmless);
	dma_fence_put(f);
}

/* Callbacks */

static void ask_for_status(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	dma_fence_get_status(fence);
}

static void alloc_in_callback(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	kfree(kmalloc(8, GFP_KERNEL));
}

static noinline void signal_with(dma_fence_func_t func)
{
	struct dma_fence *f = mock_fence();
	struct dma_fence_cb cb;

	if (dma_fence_add_callback(f, &cb, func))
		BUG();
	dma_fence_signal(f);
	dma_fence_put(f);
}

static void a_callback_that_takes_the_lock_is_found(void **state)
{
	/* The call sites of the program, not the library's. */
	assert_dies("taken at signal_with", signal_with(ask_for_status));
	assert_dies("again at ask_for_status+0x", signal_with(ask_for_status));
}

static void a_callback_that_allocates_is_found(void **state)
{
	assert_warns_naming("context at alloc_in_callback+0x",
			    "taken at signal_with",
			    signal_with(alloc_in_callback));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(waiting_in_a_section_is_reported),
		MOCK_TEST(asking_and_signalling_in_a_section_is_fine),
		MOCK_TEST(a_layer_can_say_where_its_section_began),
		MOCK_TEST(allocating_in_a_section_is_reported),
		MOCK_TEST(mutex_of_an_allocation_is_reported_in_a_section),
		MOCK_TEST(mutex_of_a_wait_is_reported_in_a_section),
		MOCK_TEST(mutex_of_a_section_is_reported_around_both),
		MOCK_TEST(mutex_that_has_to_do_with_neither_is_fine),
		MOCK_TEST(a_callback_that_takes_the_lock_is_found),
		MOCK_TEST(a_callback_that_allocates_is_found),
	};

	BUG_ON(!libfence_has_checks());
	return TEST_MAIN("signalling", tests);
}
