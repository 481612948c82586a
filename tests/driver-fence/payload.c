// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Payloads: when they are destroyed, on which thread, and how often. */

#include "fixture.h"
#include <linux/preempt.h>
#include <linux/rcupdate.h>

static atomic_t destroyed;

static int clean_setup(void **state)
{
	atomic_set(&destroyed, 0);
	return setup(state);
}

static struct tracked_fence *make(void (*hook)(struct tracked *, const char *))
{
	return make_tracked(ctx, &(struct tracked){
		.id = 9, .enable_says = true, .destroyed = &destroyed,
		.hook = hook });
}

static void the_destructor_runs_once_after_a_grace_period(void **state)
{
	struct tracked_fence *fence = make(NULL);
	struct libfence *consumer = tracked_fence_get(fence);

	rcu_read_lock();
	tracked_fence_signal(&fence, 0);
	/* A reader that found the fence unsignalled may still be in an op. */
	mdelay(20);
	assert_int_equal(atomic_read(&destroyed), 0);
	rcu_read_unlock();
	libfence_barrier();
	assert_int_equal(atomic_read(&destroyed), 1);
	/* A consumer's reference does not keep the payload. */
	assert_int_equal(libfence_status(consumer), 1);
	libfence_put(&consumer);
	libfence_barrier();
	assert_int_equal(atomic_read(&destroyed), 1);
}

static void dropping_destroys_the_payload_too(void **state)
{
	struct tracked_fence *fence = make(NULL);

	rcu_read_lock();
	assert_warns(1, tracked_fence_drop(&fence););
	mdelay(20);
	assert_int_equal(atomic_read(&destroyed), 0);
	rcu_read_unlock();
	libfence_barrier();
	assert_int_equal(atomic_read(&destroyed), 1);
}

static bool in_softirq_seen, fence_was_signalled;
static struct task_struct *destructor_task;
static struct libfence *watched;

static void look_around(struct tracked *payload, const char *op)
{
	if (strcmp(op, "destroy"))
		return;
	in_softirq_seen = in_softirq();
	destructor_task = current;
	fence_was_signalled = libfence_is_signaled_racy(watched);
}

static void the_destructor_runs_in_rcu_callback_context(void **state)
{
	struct tracked_fence *fence = make(look_around);

	watched = tracked_fence_get(fence);
	tracked_fence_signal(&fence, 0);
	libfence_barrier();
	assert_true(in_softirq_seen);
	assert_true(destructor_task != current);
	assert_true(fence_was_signalled);
	libfence_put(&watched);
}

static void a_payload_without_a_value_is_zero(void **state)
{
	static const struct libfence_payload_type type = { .size = 200 };
	struct libfence_preparation *prep;
	unsigned char *payload;
	int i, j;

	/* The same memory again and again. */
	for (i = 0; i < 50; i++) {
		prep = libfence_prepare(&type, NULL);
		payload = libfence_preparation_payload(prep);
		for (j = 0; j < 200; j++)
			assert_int_equal(payload[j], 0);
		memset(payload, 0xaa, 200);
		libfence_preparation_free(prep);
	}
}

static void an_unused_preparation_destroys_its_payload_at_once(void **state)
{
	struct tracked_prep *prep = tracked_prepare(&(struct tracked){
		.destroyed = &destroyed });

	tracked_prep_free(&prep);
	assert_null(prep);
	assert_int_equal(atomic_read(&destroyed), 1);
}

static void a_preparation_that_failed_leaves_the_payload_to_its_owner(void **state)
{
	struct tracked initial = { .destroyed = &destroyed };
	struct tracked_prep *prep;

	libfence_fail_nth(1);
	prep = tracked_prepare(&initial);
	assert_null(prep);
	assert_int_equal(atomic_read(&destroyed), 0);
}

static void a_canceled_fence_keeps_its_payload_for_its_owner(void **state)
{
	struct tracked_fence *fence = make(NULL);

	assert_warns(1, libfence_context_destroy(&ctx););
	libfence_barrier();
	assert_int_equal(atomic_read(&destroyed), 0);
	assert_int_equal(tracked_fence_payload(fence)->id, 9);
	tracked_fence_signal(&fence, 0);
	libfence_barrier();
	assert_int_equal(atomic_read(&destroyed), 1);
}

/* A destructor may put or free objects that RCU itself protects. */

struct owner {
	struct libfence *other;
	void *memory;
};

static void owner_destroy(struct owner *owner)
{
	libfence_put(&owner->other);
	kfree(owner->memory);
}

static const LIBFENCE_OPS(struct owner) owner_ops = {
	.destroy = owner_destroy,
};
LIBFENCE_PAYLOAD_OPS(owner, struct owner, owner_ops);

static void a_payload_may_own_memory_and_references(void **state)
{
	struct job_fence *other = make_job(ctx, 1);
	struct dma_fence *inner =
		libfence_to_dma_fence(job_fence_consumer(other));
	struct owner_prep *prep = owner_prepare(&(struct owner){
		.other = job_fence_get(other), .memory = kmalloc(10, GFP_KERNEL),
	});
	struct owner_fence *fence = owner_commit(ctx, &prep);

	assert_int_equal(kref_read(&inner->refcount), 2);
	owner_fence_signal(&fence, 0);
	libfence_barrier();
	assert_int_equal(kref_read(&inner->refcount), 1);
	job_fence_signal(&other, 0);
}

/* Sizes */

struct wide {
	long double wide[3];
};
LIBFENCE_PAYLOAD(wide, struct wide);

struct large {
	char bytes[10000];
};
LIBFENCE_PAYLOAD(large, struct large);
LIBFENCE_PAYLOAD(byte, unsigned char);

static void payloads_have_their_alignment_and_size(void **state)
{
	struct wide_prep *wp = wide_prepare(NULL);
	struct wide_fence *wide = wide_commit(ctx, &wp);
	const unsigned int align = test_allocation_align(16);
	struct byte_prep *bp = byte_prepare(&(unsigned char){ 0xa5 });
	struct byte_fence *byte = byte_commit(ctx, &bp);
	struct large_prep *lp = large_prepare(NULL);
	struct large_fence *large = large_commit(ctx, &lp);
	unsigned int i;

	assert_int_equal((uintptr_t)wide_fence_payload(wide) % align, 0);
	assert_int_equal(*byte_fence_payload(byte), 0xa5);
	for (i = 0; i < sizeof(struct large); i++)
		assert_int_equal(large_fence_payload(large)->bytes[i], 0);
	memset(large_fence_payload(large), 1, sizeof(struct large));
	wide_fence_signal(&wide, 0);
	byte_fence_signal(&byte, 0);
	large_fence_signal(&large, 0);
}

#define CLEAN_CASE(f)	cmocka_unit_test_setup_teardown(f, clean_setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CLEAN_CASE(the_destructor_runs_once_after_a_grace_period),
		CLEAN_CASE(dropping_destroys_the_payload_too),
		CLEAN_CASE(the_destructor_runs_in_rcu_callback_context),
		CLEAN_CASE(a_payload_without_a_value_is_zero),
		CLEAN_CASE(an_unused_preparation_destroys_its_payload_at_once),
		CLEAN_CASE(a_preparation_that_failed_leaves_the_payload_to_its_owner),
		CLEAN_CASE(a_canceled_fence_keeps_its_payload_for_its_owner),
		CLEAN_CASE(a_payload_may_own_memory_and_references),
		CLEAN_CASE(payloads_have_their_alignment_and_size),
	};

	return TEST_MAIN("driver-fence-payload", tests);
}
