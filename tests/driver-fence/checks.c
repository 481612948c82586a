// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Rules that C cannot express, which a build with -Dchecks=true checks. Each
 * report names two call sites: where the rule began and where it was broken.
 *
 * Each pair of call sites is reported once, so every mistake here has functions
 * of its own.
 */
#include "fixture.h"
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

/* Destructors */

struct load {
	void (*end)(struct load *load);
	void *memory;
	struct libfence *fence;
};

static noinline void load_end(struct load *load)
{
	load->end(load);
}

static const LIBFENCE_OPS(struct load) load_ops = { .destroy = load_end };
LIBFENCE_PAYLOAD_OPS(load, struct load, load_ops);
LIBFENCE_RCU_BOX_DESTROY(loaded, struct load, load_end);

/* Destroy a payload a grace period after its fence was signalled. */
static void end_by_fence(struct load load)
{
	struct load_prep *prep = load_prepare(&load);
	struct load_fence *fence = load_commit(ctx, &prep);

	load_fence_signal(&fence, 0);
	libfence_barrier();
}

static void end_by_preparation(struct load load)
{
	struct load_prep *prep = load_prepare(&load);

	load_prep_free(&prep);
}

static void end_by_box(struct load load)
{
	struct loaded_box *box = loaded_box_create(&load);

	loaded_box_drop(&box);
	libfence_barrier();
}

static DEFINE_SPINLOCK(spin);
static DEFINE_MUTEX(mutex);
static DECLARE_WAIT_QUEUE_HEAD(queue);

static noinline void sleep_in_destructor(struct load *load)
{
	might_sleep();
}

static noinline void alloc_in_destructor(struct load *load)
{
	kfree(kmalloc(8, GFP_KERNEL));
}

static noinline void wait_in_destructor(struct load *load)
{
	if (libfence_wait(load->fence, LIBFENCE_FOREVER))
		BUG();
	libfence_put(&load->fence);
}

static void a_destructor_that_sleeps_is_reported(void **state)
{
	struct job_fence *done = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(done);

	job_fence_signal(&done, 0);
	assert_warns_naming("load_payload_destroy+0x1", "sleep_in_destructor+0x",
			    end_by_fence((struct load){ sleep_in_destructor }));
	assert_warns_naming("load_payload_destroy+0x1", "alloc_in_destructor+0x",
			    end_by_fence((struct load){ alloc_in_destructor }));
	/* Three reports: a wait sleeps, and takes the fence's lock twice. */
	test_expect_warnings();
	end_by_fence((struct load){ wait_in_destructor, NULL, consumer });
	test_expected_warnings(3, "a destructor must not wait, since load_payload_destroy+0x1",
			       __FILE__, __LINE__);
}

static noinline void spin_in_destructor(struct load *load)
{
	spin_lock_bh(&spin);
	spin_unlock_bh(&spin);
}

static noinline void irqsave_in_destructor(struct load *load)
{
	unsigned long flags;

	spin_lock_irqsave(&spin, flags);
	spin_unlock_irqrestore(&spin, flags);
}

static noinline void mutex_in_destructor(struct load *load)
{
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
}

static void a_destructor_that_locks_is_reported(void **state)
{
	assert_warns_naming("load_payload_destroy+0x1", "spin_in_destructor+0x",
			    end_by_fence((struct load){ spin_in_destructor }));
	assert_warns_naming("load_payload_destroy+0x1",
			    "irqsave_in_destructor+0x",
			    end_by_fence((struct load){ irqsave_in_destructor }));
	assert_warns_naming("load_payload_destroy+0x1", "mutex_in_destructor+0x",
			    end_by_fence((struct load){ mutex_in_destructor }));
}

static noinline void spin_before_commit(struct load *load)
{
	spin_lock_bh(&spin);
	spin_unlock_bh(&spin);
}

static noinline void sleep_before_commit(struct load *load)
{
	might_sleep();
}

static void a_preparation_has_the_same_rules(void **state)
{
	assert_warns_naming("load_payload_destroy+0x1", "spin_before_commit+0x",
			    end_by_preparation((struct load){
				    spin_before_commit }));
	assert_warns_naming("load_payload_destroy+0x1", "sleep_before_commit+0x",
			    end_by_preparation((struct load){
				    sleep_before_commit }));
}

static noinline void spin_in_box(struct load *load)
{
	spin_lock_bh(&spin);
	spin_unlock_bh(&spin);
}

static noinline void sleep_in_box(struct load *load)
{
	might_sleep();
}

static void a_box_has_the_same_rules(void **state)
{
	assert_warns_naming("loaded_box_destroy+0x1", "spin_in_box+0x",
			    end_by_box((struct load){ spin_in_box }));
	assert_warns_naming("loaded_box_destroy+0x1", "sleep_in_box+0x",
			    end_by_box((struct load){ sleep_in_box }));
}

static int ended;

/* A destructor may allocate atomically, put, free and wake. */
static void end_as_it_should(struct load *load)
{
	kfree(kmalloc(8, GFP_ATOMIC));
	libfence_put(&load->fence);
	kfree(load->memory);
	WRITE_ONCE(ended, ended + 1);
	wake_up_all(&queue);
}

static void a_correct_destructor_is_not_reported(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);

	ended = 0;
	end_by_fence((struct load){ end_as_it_should,
		     kmalloc(10, GFP_KERNEL), job_fence_get(fence) });
	end_by_preparation((struct load){ end_as_it_should,
			   kmalloc(10, GFP_KERNEL), job_fence_get(fence) });
	end_by_box((struct load){ end_as_it_should,
		   kmalloc(10, GFP_KERNEL), job_fence_get(fence) });
	wait_event(queue, READ_ONCE(ended) == 3);
	job_fence_signal(&fence, 0);
	/* The rules end with the destructor. */
	spin_in_destructor(NULL);
	sleep_in_destructor(NULL);
}

/* Callbacks */

static noinline void unregister_in_callback(const struct libfence *fence,
					    void *data)
{
	libfence_callback_unregister(data);
}

/* The callback of another fence: this one returns, and another time may not. */
static struct libfence_callback other_cb;

static noinline void unregister_other(const struct libfence *fence, void *data)
{
	libfence_callback_unregister(&other_cb);
}

static noinline void do_nothing(const struct libfence *fence, void *data)
{
}

static noinline void signal_with(libfence_callback_fn fn)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence_callback cb;

	libfence_callback_init(&cb, fn, &cb);
	if (libfence_callback_register(job_fence_consumer(fence), &cb))
		BUG();
	job_fence_signal(&fence, 0);
}

static void a_callback_that_takes_its_own_fences_lock_is_found(void **state)
{
	assert_dies("taken at libfence_driver_fence_signal",
		    signal_with(unregister_in_callback););
	assert_dies("again at libfence_callback_unregister+0x",
		    signal_with(unregister_in_callback););
}

static void unregistering_in_a_callback_is_reported(void **state)
{
	struct job_fence *other = make_job(ctx, 2);

	libfence_callback_init(&other_cb, do_nothing, NULL);
	assert_int_equal(libfence_callback_register(job_fence_consumer(other),
						    &other_cb), 0);
	assert_warns_like("libfence_callback_unregister() in a callback",
			  signal_with(unregister_other););
	job_fence_signal(&other, 0);
}

/* The signalling section */

static struct libfence_signalling section;

static noinline void begin_section(void)
{
	section = libfence_signalling_begin();
}

static void end_section(void)
{
	libfence_signalling_end(&section);
}

static noinline int wait_in_section(const struct libfence *fence)
{
	int ret = libfence_wait(fence, LIBFENCE_FOREVER);

	/* Prevents a tail call, so that the report names this function. */
	barrier();
	return ret;
}

static void a_wait_in_the_section_is_reported(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);

	begin_section();
	job_fence_signal(&fence, 0);
	assert_warns_naming("begin_section+0x", "wait_in_section+0x",
			    wait_in_section(consumer););
	end_section();
	assert_int_equal(wait_in_section(consumer), 0);
	libfence_put(&consumer);
}

static void an_allocation_in_the_section_is_reported(void **state)
{
	struct job_prep *prep;

	begin_section();
	assert_warns_naming("begin_section+0x", "libfence_prepare_ops+0x",
			    prep = job_prepare(NULL););
	end_section();
	job_prep_free(&prep);
	prep = job_prepare(NULL);
	job_prep_free(&prep);
}

static DEFINE_MUTEX(of_waiters);

static noinline void wait_with_mutex(const struct libfence *fence)
{
	mutex_lock(&of_waiters);
	if (libfence_wait(fence, LIBFENCE_FOREVER))
		BUG();
	mutex_unlock(&of_waiters);
}

static noinline void lock_in_section(void)
{
	mutex_lock(&of_waiters);
	mutex_unlock(&of_waiters);
}

static void a_lock_that_is_held_around_waits_is_reported(void **state)
{
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);

	job_fence_signal(&fence, 0);
	wait_with_mutex(consumer);
	begin_section();
	test_expect_warnings();
	lock_in_section();
	test_expected_warnings(1, "lock_in_section+0x", __FILE__, __LINE__);
	test_expected_warnings(1, "begin_section+0x", __FILE__, __LINE__);
	test_expected_warnings(1, "wait_with_mutex+0x", __FILE__, __LINE__);
	end_section();
	lock_in_section();
	libfence_put(&consumer);
}

static void allowed_calls_in_the_section_are_not_reported(void **state)
{
	struct job_prep *prep = job_prepare(NULL);
	struct libfence *consumer;
	struct job_fence *fence;

	{
		LIBFENCE_SIGNALLING_GUARD();

		fence = job_commit(ctx, &prep);
		consumer = job_fence_get(fence);
		assert_false(libfence_is_signaled(consumer));
		job_fence_signal(&fence, 0);
		assert_true(libfence_is_signaled(consumer));
	}
	assert_int_equal(libfence_wait(consumer, LIBFENCE_FOREVER), 0);
	libfence_put(&consumer);
	prep = job_prepare(NULL);
	fence = job_commit(ctx, &prep);
	assert_warns(1, job_fence_drop(&fence););
}

/* Contexts */

static void a_context_that_is_destroyed_twice_is_reported(void **state)
{
	/* Through integers, since compilers see this mistake, too. */
	volatile uintptr_t first, again;
	int i;

	for (i = 0; i < 3; i++) {
		first = (uintptr_t)libfence_context_create("a", "b", 1, NULL);
		again = first;
		libfence_context_destroy_raw((void *)first);
		assert_warns_naming("is destroyed twice",
				    "before at a_context_that_is_destroyed_twi",
				    libfence_context_destroy_raw((void *)again));
	}
	/* The memory may be that of a new context. */
	for (i = 0; i < 100; i++)
		libfence_context_destroy_raw(
			libfence_context_create("a", "b", 1, NULL));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(a_destructor_that_sleeps_is_reported),
		CASE(a_destructor_that_locks_is_reported),
		CASE(a_preparation_has_the_same_rules),
		CASE(a_box_has_the_same_rules),
		CASE(a_correct_destructor_is_not_reported),
		CASE(a_callback_that_takes_its_own_fences_lock_is_found),
		CASE(unregistering_in_a_callback_is_reported),
		CASE(a_wait_in_the_section_is_reported),
		CASE(an_allocation_in_the_section_is_reported),
		CASE(a_lock_that_is_held_around_waits_is_reported),
		CASE(allowed_calls_in_the_section_are_not_reported),
		CASE(a_context_that_is_destroyed_twice_is_reported),
	};

	BUG_ON(!libfence_has_checks());
	return TEST_MAIN("driver-fence-checks", tests);
}
