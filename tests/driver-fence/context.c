// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Contexts: names, seqnos, and the fences of a context that is destroyed. */

#include "helpers.h"

static void the_names_are_copied(void **state)
{
	char driver[] = "driver", timeline[] = "timeline", name[32];
	struct libfence_context *ctx;
	struct job_fence *fence;

	ctx = libfence_context_create(driver, timeline, 1, NULL);
	memset(driver, 'x', sizeof(driver) - 1);
	memset(timeline, 'x', sizeof(timeline) - 1);
	fence = make_job(ctx, 1);
	assert_int_equal(libfence_driver_name(job_fence_consumer(fence), name,
					      sizeof(name)), 6);
	assert_string_equal(name, "driver");
	assert_int_equal(libfence_timeline_name(job_fence_consumer(fence), name,
						sizeof(name)), 8);
	assert_string_equal(name, "timeline");
	job_fence_signal(&fence, 0);
	libfence_context_destroy(&ctx);
}

static void a_name_that_does_not_fit_is_cut_off(void **state)
{
	struct libfence_context *ctx = make_context(1);
	struct job_fence *fence = make_job(ctx, 1);
	const struct libfence *consumer = job_fence_consumer(fence);
	char name[8] = "#######";

	assert_int_equal(libfence_driver_name(consumer, name, 4), 6);
	assert_string_equal(name, "dri");
	assert_int_equal(name[4], '#');
	assert_int_equal(libfence_driver_name(consumer, name, 7), 6);
	assert_string_equal(name, "driver");
	assert_int_equal(libfence_driver_name(consumer, NULL, 0), 6);
	job_fence_signal(&fence, 0);
	libfence_context_destroy(&ctx);
}

static void a_signalled_fence_has_forgotten_the_names(void **state)
{
	struct libfence_context *ctx = make_context(1);
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);
	char name[32];

	job_fence_signal(&fence, 0);
	libfence_context_destroy(&ctx);
	libfence_driver_name(consumer, name, sizeof(name));
	assert_string_equal(name, "detached-driver");
	libfence_timeline_name(consumer, name, sizeof(name));
	assert_string_equal(name, "signaled-timeline");
	libfence_put(&consumer);
}

static void seqnos_begin_at_the_given_value(void **state)
{
	static const uint64_t firsts[] = {
		0, 1, 1000, 0xffffffff, 1ull << 32, UINT64_MAX - 2,
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(firsts); i++) {
		struct libfence_context *ctx = make_context(firsts[i]);
		struct libfence *last = NULL;

		for (j = 0; j < 3; j++) {
			struct job_fence *fence = make_job(ctx, j);
			struct libfence *next = job_fence_get(fence);

			assert_true(libfence_seqno(next) == firsts[i] + j);
			if (last)
				assert_true(dma_fence_is_later(
					libfence_to_dma_fence(next),
					libfence_to_dma_fence(last)));
			libfence_put(&last);
			last = next;
			job_fence_signal(&fence, 0);
		}
		libfence_put(&last);
		libfence_context_destroy(&ctx);
	}
}

static void each_context_has_a_number_of_its_own(void **state)
{
	struct libfence_context *a = make_context(1), *b = make_context(1);
	u64 between = dma_fence_context_alloc(1);

	assert_true(libfence_context_number(a) != libfence_context_number(b));
	assert_true(libfence_context_number(b) < between);
	libfence_context_destroy(&a);
	libfence_context_destroy(&b);
}

static void the_driver_data_is_handed_back(void **state)
{
	int data;
	struct libfence_context *ctx =
		libfence_context_create("d", "t", 1, &data);

	assert_ptr_equal(libfence_context_data(ctx), &data);
	libfence_context_destroy(&ctx);
}

static void creating_fails_cleanly(void **state)
{
	struct libfence_context *ctx;

	libfence_fail_nth(1);
	ctx = libfence_context_create("d", "t", 1, NULL);
	assert_null(ctx);
	assert_warns(1, ctx = libfence_context_create(NULL, "t", 1, NULL););
	assert_null(ctx);
	assert_warns(1, ctx = libfence_context_create("d", NULL, 1, NULL););
	assert_null(ctx);
}

/* Destroying */

static void destroying_signals_and_lists_pending_fences(void **state)
{
	struct libfence_context *ctx = make_context(5);
	struct job_fence *fences[9];
	struct libfence *consumers[9];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fences); i++) {
		fences[i] = make_job(ctx, i);
		consumers[i] = job_fence_get(fences[i]);
	}
	/* Seqnos 5 to 13; 6 and 10 are signalled. */
	job_fence_signal(&fences[1], 0);
	job_fence_signal(&fences[5], -EIO);
	test_expect_warnings();
	libfence_context_destroy(&ctx);
	test_expected_warnings(1, "context \"driver/timeline\" is destroyed with 7 unsignalled fences, now signalled with -ECANCELED: 5, 7-9, 11-13",
			       __FILE__, __LINE__);
	assert_null(ctx);
	for (i = 0; i < ARRAY_SIZE(fences); i++) {
		assert_int_equal(libfence_status(consumers[i]),
				 i == 1 ? 1 : i == 5 ? -EIO : -ECANCELED);
		libfence_put(&consumers[i]);
	}
	/* The owners signal or drop as usual, without a warning. */
	for (i = 0; i < ARRAY_SIZE(fences); i++) {
		if (i == 1 || i == 5)
			continue;
		assert_int_equal(job_fence_payload(fences[i])->id, i);
		if (i % 2)
			job_fence_drop(&fences[i]);
		else
			job_fence_signal(&fences[i], i == 2 ? -EIO : 0);
	}
}

static void destroying_an_idle_context_does_not_warn(void **state)
{
	struct libfence_context *ctx = make_context(1);
	struct job_fence *fence = make_job(ctx, 1);
	struct job_prep *prep = job_prepare(NULL);

	job_fence_signal(&fence, 0);
	libfence_context_destroy(&ctx);
	job_prep_free(&prep);
}

/*
 * More fences than a context has slots, some of which are signalled meanwhile.
 */
static void destroying_finds_every_fence_of_many(void **state)
{
	enum { MANY = 1000 };
	struct libfence_context *ctx = make_context(0);
	static struct job_fence *fences[MANY];
	static struct libfence *consumers[MANY];
	unsigned int i, left = 0;

	for (i = 0; i < MANY; i++) {
		fences[i] = make_job(ctx, i);
		consumers[i] = job_fence_get(fences[i]);
		/*
		 * Now and then free a slot for the fence with a seqno 128
		 * higher.
		 */
		if (i % 7 == 3)
			job_fence_signal(&fences[i / 2 | 1], 0);
	}
	for (i = 0; i < MANY; i++)
		left += fences[i] != NULL;
	assert_true(left > MANY / 2);
	test_expect_warnings();
	libfence_context_destroy(&ctx);
	test_expected_warnings(1, "unsignalled fences", __FILE__, __LINE__);
	for (i = 0; i < MANY; i++) {
		assert_int_equal(libfence_status(consumers[i]),
				 fences[i] ? -ECANCELED : 1);
		libfence_put(&consumers[i]);
		job_fence_drop(&fences[i]);
	}
}

static u64 last_seqno;
static bool out_of_order;

static void check_order(const struct libfence *fence, void *data)
{
	if (libfence_seqno(fence) <= last_seqno)
		out_of_order = true;
	last_seqno = libfence_seqno(fence);
	++*(unsigned int *)data;
}

static void destroying_signals_in_the_order_of_seqnos(void **state)
{
	enum { MANY = 300 };
	struct libfence_context *ctx = make_context(1);
	static struct job_fence *fences[MANY];
	static struct libfence_callback cbs[MANY];
	unsigned int i, calls = 0;

	last_seqno = 0;
	out_of_order = false;
	for (i = 0; i < MANY; i++) {
		fences[i] = make_job(ctx, i);
		libfence_callback_init(&cbs[i], check_order, &calls);
		assert_int_equal(libfence_callback_register(
			job_fence_consumer(fences[i]), &cbs[i]), 0);
	}
	assert_warns(1, libfence_context_destroy(&ctx););
	assert_int_equal(calls, MANY);
	assert_false(out_of_order);
	for (i = 0; i < MANY; i++) {
		assert_true(libfence_callback_unregister(&cbs[i]));
		job_fence_drop(&fences[i]);
	}
}

static int wait_for_it(void *data)
{
	return libfence_wait(data, LIBFENCE_FOREVER);
}

static void destroying_wakes_waiters(void **state)
{
	struct libfence_context *ctx = make_context(1);
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);
	struct task_struct *task;

	task = start(wait_for_it, consumer);
	assert_warns(1, libfence_context_destroy(&ctx););
	assert_int_equal(finish(task), 0);
	job_fence_drop(&fence);
	libfence_put(&consumer);
}

static void destroying_waits_for_destructors(void **state)
{
	atomic_t destroyed = ATOMIC_INIT(0);
	struct libfence_context *ctx = make_context(1);
	struct tracked_fence *signalled, *left;

	signalled = make_tracked(ctx, &(struct tracked){
		.destroyed = &destroyed, .enable_says = true });
	left = make_tracked(ctx, &(struct tracked){
		.destroyed = &destroyed, .enable_says = true });
	tracked_fence_signal(&signalled, 0);
	assert_warns(1, libfence_context_destroy(&ctx););
	/*
	 * That of the fence whose owner has signalled it; the other's comes
	 * later.
	 */
	assert_int_equal(atomic_read(&destroyed), 1);
	tracked_fence_drop(&left);
	libfence_barrier();
	assert_int_equal(atomic_read(&destroyed), 2);
}

/* An op is running on another thread: destroying has to wait for it. */

static struct {
	struct completion entered, go_on;
	bool left;
} op;

static void stay_in_the_op(struct tracked *payload, const char *name)
{
	if (strcmp(name, "set_deadline"))
		return;
	complete(&op.entered);
	while (!READ_ONCE(payload->signaled_says))
		cpu_relax();
	mdelay(2);
	WRITE_ONCE(op.left, true);
}

static int ask(void *data)
{
	libfence_set_deadline(data, 1);
	return 0;
}

static void destroying_waits_for_ops(void **state)
{
	struct libfence_context *ctx = make_context(1);
	struct tracked_fence *fence;
	struct libfence *consumer;
	struct task_struct *task;

	init_completion(&op.entered);
	op.left = false;
	fence = make_tracked(ctx, &(struct tracked){ .hook = stay_in_the_op });
	consumer = tracked_fence_get(fence);
	task = start(ask, consumer);
	wait_for_completion(&op.entered);
	WRITE_ONCE(tracked_fence_payload(fence)->signaled_says, true);
	assert_warns(1, libfence_context_destroy(&ctx););
	assert_true(READ_ONCE(op.left));
	finish(task);
	tracked_fence_drop(&fence);
	libfence_put(&consumer);
}

/* Consumers may use fences after their context was destroyed. */
static void consumers_outlive_the_context(void **state)
{
	struct libfence_context *ctx = make_context(1);
	struct job_fence *fence = make_job(ctx, 1);
	struct libfence *consumer = job_fence_get(fence);
	struct libfence_callback cb;

	assert_warns(1, libfence_context_destroy(&ctx););
	libfence_callback_init(&cb, check_order, NULL);
	assert_int_equal(libfence_callback_register(consumer, &cb), -ENOENT);
	libfence_set_deadline(consumer, 1);
	assert_int_equal(libfence_wait(consumer, 0), 0);
	assert_int_equal(libfence_status(consumer), -ECANCELED);
	job_fence_drop(&fence);
	libfence_put(&consumer);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_names_are_copied),
		TEST(a_name_that_does_not_fit_is_cut_off),
		TEST(a_signalled_fence_has_forgotten_the_names),
		TEST(seqnos_begin_at_the_given_value),
		TEST(each_context_has_a_number_of_its_own),
		TEST(the_driver_data_is_handed_back),
		TEST(creating_fails_cleanly),
		TEST(destroying_signals_and_lists_pending_fences),
		TEST(destroying_an_idle_context_does_not_warn),
		TEST(destroying_finds_every_fence_of_many),
		TEST(destroying_signals_in_the_order_of_seqnos),
		TEST(destroying_wakes_waiters),
		TEST(destroying_waits_for_destructors),
		TEST(destroying_waits_for_ops),
		TEST(consumers_outlive_the_context),
	};

	return TEST_MAIN("driver-fence-context", tests);
}
