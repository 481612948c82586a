// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Software timelines, used by one thread at a time. */

#include "../driver-fence/helpers.h"
#include <linux/dma-fence-array.h>
#include <libfence/driver-fence.h>
#include <libfence/timeline.h>

static struct libfence_timeline *make_timeline(void)
{
	struct libfence_timeline *timeline = libfence_timeline_create("line");

	assert_non_null(timeline);
	assert_int_equal(libfence_timeline_value(timeline), 0);
	return timeline;
}

static struct libfence *make_fence(struct libfence_timeline *timeline,
				   uint32_t value)
{
	struct libfence *fence = libfence_timeline_fence(timeline, value);

	assert_non_null(fence);
	assert_true(libfence_seqno(fence) == value);
	return fence;
}

/* The fences that were signalled, in order, and the depth of nested calls. */
static struct {
	u32 values[256];
	int status[256];
	unsigned int nr, depth, deepest;
} record;

static void record_it(const struct libfence *fence, void *data)
{
	assert_between(record.nr, 0, ARRAY_SIZE(record.values) - 1);
	record.values[record.nr] = libfence_seqno(fence);
	record.status[record.nr++] = libfence_status_racy(fence);
}

static void record_on(const struct libfence *fence, struct libfence_callback *cb)
{
	libfence_callback_init(cb, record_it, NULL);
	assert_int_equal(libfence_callback_register(fence, cb), 0);
}

static int setup(void **state)
{
	memset(&record, 0, sizeof(record));
	return test_setup(state);
}
#undef TEST
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, test_teardown)

/* Creating */

static void the_name_is_copied(void **state)
{
	char name[] = "line", buf[32];
	struct libfence_timeline *timeline = libfence_timeline_create(name);
	struct libfence *fence = make_fence(timeline, 1);

	memset(name, 'x', sizeof(name) - 1);
	libfence_timeline_name(fence, buf, sizeof(buf));
	assert_string_equal(buf, "line");
	libfence_driver_name(fence, buf, sizeof(buf));
	assert_string_equal(buf, "sw_sync");
	libfence_put(&fence);
	libfence_timeline_destroy(&timeline);
	assert_null(timeline);
	libfence_timeline_destroy(&timeline);
}

static void each_timeline_has_a_number_of_its_own(void **state)
{
	struct libfence_timeline *a = make_timeline(), *b = make_timeline();
	struct libfence *f = make_fence(a, 1), *g = make_fence(a, 2);
	struct libfence *h = make_fence(b, 1);

	assert_true(libfence_fence_context(f) == libfence_fence_context(g));
	assert_true(libfence_fence_context(f) != libfence_fence_context(h));
	/* Count up one timeline but not the other. */
	libfence_timeline_inc(a, 2);
	assert_true(libfence_is_signaled_racy(g));
	assert_false(libfence_is_signaled(h));
	libfence_put(&f);
	libfence_put(&g);
	libfence_put(&h);
	libfence_timeline_destroy(&a);
	libfence_timeline_destroy(&b);
}

static void creating_fails_cleanly(void **state)
{
	struct libfence_timeline *timeline;

	libfence_fail_nth(1);
	timeline = libfence_timeline_create("line");
	assert_null(timeline);
	assert_warns(1, timeline = libfence_timeline_create(NULL););
	assert_null(timeline);
}

static void making_a_fence_fails_cleanly(void **state)
{
	struct libfence_timeline *timeline = make_timeline();
	struct libfence *kept = make_fence(timeline, 1), *fence;
	static const u32 values[] = { 0, 1, 2 };
	unsigned int i, n, failed = 0;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		for (n = 1; ; n++) {
			libfence_fail_nth(n);
			fence = libfence_timeline_fence(timeline, values[i]);
			if (fence)
				break;
			assert_int_equal(libfence_fail_nth_left(), 0);
			failed++;
		}
		assert_true(libfence_fail_nth_left() > 0);
		libfence_fail_nth(0);
		libfence_put(&fence);
	}
	assert_int_equal(failed, 3);
	/* Signalling needs no memory. */
	libfence_fail_nth(1);
	libfence_timeline_inc(timeline, 1);
	assert_int_equal(libfence_fail_nth_left(), 1);
	libfence_fail_nth(0);
	assert_int_equal(libfence_status(kept), 1);
	libfence_put(&kept);
	libfence_timeline_destroy(&timeline);
}

/* Counting up */

static void a_fence_is_signalled_at_its_value(void **state)
{
	struct libfence_timeline *timeline = make_timeline();
	struct libfence *fence = make_fence(timeline, 3);

	libfence_timeline_inc(timeline, 2);
	assert_int_equal(libfence_timeline_value(timeline), 2);
	assert_false(libfence_is_signaled(fence));
	assert_int_equal(libfence_wait(fence, 1), -ETIMEDOUT);
	libfence_timeline_inc(timeline, 0);
	assert_int_equal(libfence_timeline_value(timeline), 2);
	assert_int_equal(libfence_status(fence), 0);
	libfence_timeline_inc(timeline, 1);
	assert_int_equal(libfence_timeline_value(timeline), 3);
	/* The fence is signalled even if it is not polled. */
	assert_true(libfence_is_signaled_racy(fence));
	assert_int_equal(libfence_wait(fence, 0), 0);
	assert_int_equal(libfence_status(fence), 1);
	libfence_put(&fence);
	libfence_timeline_destroy(&timeline);
}

static void a_reached_value_gives_a_signalled_fence(void **state)
{
	static const u32 behind[] = { 10, 9, 0, -1, 10 + 0x80000000u };
	struct libfence_timeline *timeline = make_timeline();
	struct libfence *fence;
	unsigned int i;

	libfence_timeline_inc(timeline, 10);
	for (i = 0; i < ARRAY_SIZE(behind); i++) {
		fence = make_fence(timeline, behind[i]);
		assert_true(libfence_is_signaled_racy(fence));
		assert_int_equal(libfence_status(fence), 1);
		libfence_put(&fence);
	}
	/* The highest value that still counts as ahead. */
	fence = make_fence(timeline, 10u + INT_MAX);
	assert_false(libfence_is_signaled(fence));
	libfence_put(&fence);
	libfence_timeline_destroy(&timeline);
}

/*
 * Make fences 1 to @nr in another order, and count past all of them in one step
 * from @start.
 */
static void check_order(u32 start, unsigned int nr, bool destroy)
{
	struct libfence_timeline *timeline = make_timeline();
	struct libfence_callback cbs[64];
	struct libfence *fence;
	unsigned int i;

	record.nr = 0;
	libfence_timeline_inc(timeline, start);
	for (i = 0; i < nr; i++) {
		/* @nr is prime, so every fence is made once. */
		fence = make_fence(timeline, start + 1 + i * 7 % nr);
		record_on(fence, &cbs[i]);
		libfence_put(&fence);
	}
	libfence_timeline_inc(timeline, 2);
	assert_int_equal(record.nr, 2);
	if (destroy)
		libfence_timeline_destroy(&timeline);
	else
		libfence_timeline_inc(timeline, nr);
	assert_int_equal(record.nr, nr);
	for (i = 0; i < nr; i++) {
		assert_int_equal(record.values[i], start + 1 + i);
		assert_int_equal(record.status[i],
				 destroy && i >= 2 ? -ENOENT : 1);
		libfence_callback_unregister(&cbs[i]);
	}
	libfence_timeline_destroy(&timeline);
}

static void they_are_signalled_in_order(void **state)
{
	check_order(0, 61, false);
	check_order(0x7fffffe0, 61, false);
}

static void values_wrap_around(void **state)
{
	check_order(-20, 61, false);
	check_order(-1, 61, false);
}

static void destroying_signals_with_enoent_in_order(void **state)
{
	check_order(0, 61, true);
	check_order(-20, 61, true);
}

static void more_than_int_max_is_done_in_steps(void **state)
{
	static const u32 by[] = { 0x80000000u, 0x80000005u, 0xfffffffeu, -1 };
	static const u32 starts[] = { 0, 7, 0x7fffffff, -3 };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(by); i++) {
		for (j = 0; j < ARRAY_SIZE(starts); j++) {
			struct libfence_timeline *timeline = make_timeline();
			struct libfence *first, *last;

			libfence_timeline_inc(timeline, starts[j]);
			first = make_fence(timeline, starts[j] + 1);
			last = make_fence(timeline, starts[j] + INT_MAX);
			assert_false(libfence_is_signaled(first));
			libfence_timeline_inc(timeline, by[i]);
			assert_int_equal(libfence_timeline_value(timeline),
					 (u32)(starts[j] + by[i]));
			assert_true(libfence_is_signaled_racy(first));
			assert_true(libfence_is_signaled_racy(last));
			libfence_put(&first);
			libfence_put(&last);
			libfence_timeline_destroy(&timeline);
		}
	}
}

/* References */

static void equal_values_share_a_fence(void **state)
{
	struct libfence_timeline *timeline = make_timeline();
	struct libfence *a = make_fence(timeline, 2), *b, *c;
	struct libfence *early = make_fence(timeline, 1);

	b = make_fence(timeline, 2);
	assert_ptr_equal(a, b);
	assert_int_equal(kref_read(&libfence_to_dma_fence(a)->refcount), 2);
	libfence_put(&a);
	libfence_timeline_inc(timeline, 2);
	/* A signalled fence is not shared: this is a new one. */
	c = make_fence(timeline, 2);
	assert_ptr_not_equal(b, c);
	assert_int_equal(libfence_status(b), 1);
	assert_int_equal(libfence_status(c), 1);
	libfence_put(&early);
	libfence_put(&b);
	libfence_put(&c);
	libfence_timeline_destroy(&timeline);
}

static void a_released_fence_leaves(void **state)
{
	struct libfence_timeline *timeline = make_timeline();
	struct libfence *fences[5];
	unsigned int i;

	for (i = 0; i < 5; i++)
		fences[i] = make_fence(timeline, i + 1);
	libfence_put(&fences[0]);
	libfence_put(&fences[2]);
	libfence_put(&fences[4]);
	/* After this, their memory may have been reused. */
	libfence_barrier();
	libfence_timeline_inc(timeline, 3);
	assert_int_equal(libfence_status(fences[1]), 1);
	assert_int_equal(libfence_status(fences[3]), 0);
	fences[2] = make_fence(timeline, 5);
	libfence_put(&fences[3]);
	libfence_timeline_destroy(&timeline);
	assert_int_equal(libfence_status(fences[2]), -ENOENT);
	libfence_put(&fences[1]);
	libfence_put(&fences[2]);
}

/*
 * The time between dropping the last reference and the release, which waits for
 * the timeline's lock: the fence is neither found nor signalled.
 */
static void a_fence_without_references_is_left_alone(void **state)
{
	struct libfence_timeline *timeline = make_timeline();
	struct libfence *gone[2], *next;
	refcount_t *counts[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		gone[i] = make_fence(timeline, 2);
		counts[i] = &libfence_to_dma_fence(gone[i])->refcount.refcount;
		refcount_set(counts[i], 0);
	}
	next = make_fence(timeline, 2);
	assert_ptr_not_equal(gone[0], gone[1]);
	assert_ptr_not_equal(gone[1], next);
	libfence_timeline_inc(timeline, 2);
	assert_true(libfence_is_signaled_racy(next));
	for (i = 0; i < 2; i++) {
		assert_int_equal(refcount_read(counts[i]), 0);
		assert_false(libfence_is_signaled_racy(gone[i]));
		refcount_set(counts[i], 1);
		libfence_put(&gone[i]);
	}
	libfence_put(&next);
	libfence_timeline_destroy(&timeline);
}

#define NR_ORDER	20000

/* The values 1 to NR_ORDER, falling if @how is 1, and mixed if it is 2. */
static u32 value_in_order(int how, int i)
{
	if (how == 2)
		return 1 + (u64)i * 7919 % NR_ORDER;
	return how ? NR_ORDER - i : i + 1;
}

/* Make fences in an order, and check that they are signalled by value. */
static s64 time_for_order(int how, struct libfence **fences)
{
	struct libfence_timeline *timeline = make_timeline();
	s64 begin = ktime_get(), end;
	struct libfence *again;
	u32 value;
	int i;

	for (i = 0; i < NR_ORDER; i++) {
		value = value_in_order(how, i);
		fences[value - 1] = make_fence(timeline, value);
	}
	end = ktime_get();
	/* One that exists is found. */
	again = make_fence(timeline, NR_ORDER / 2);
	assert_ptr_equal(again, fences[NR_ORDER / 2 - 1]);
	libfence_put(&again);
	/* Some go before they are reached. */
	for (i = 0; i < NR_ORDER; i += 3)
		libfence_put(&fences[i]);
	libfence_barrier();
	/* And come back. */
	for (i = 0; i < NR_ORDER; i += 6)
		fences[i] = make_fence(timeline, i + 1);
	for (i = 1; i < NR_ORDER; i += 1000) {
		libfence_timeline_inc(timeline, 1000);
		assert_true(!fences[i] ||
			    libfence_is_signaled_racy(fences[i]));
		assert_true(i + 1001 >= NR_ORDER || !fences[i + 1001] ||
			    !libfence_is_signaled_racy(fences[i + 1001]));
	}
	for (i = 0; i < NR_ORDER; i++)
		libfence_put(&fences[i]);
	libfence_timeline_destroy(&timeline);
	return end - begin;
}

static void any_order_of_values_is_fast(void **state)
{
	struct libfence **fences = calloc(NR_ORDER, sizeof(*fences));
	s64 rising = time_for_order(0, fences);
	s64 limit = 20 * rising + 100 * NSEC_PER_MSEC;

	assert_true(time_for_order(1, fences) < limit);
	assert_true(time_for_order(2, fences) < limit);
	free(fences);
}

static void fences_outlive_their_timeline(void **state)
{
	struct libfence_timeline *timeline = make_timeline();
	struct libfence *done = make_fence(timeline, 1);
	struct libfence *left = make_fence(timeline, 2);
	struct libfence_callback cb;
	int64_t deadline;
	char name[32];

	libfence_set_deadline(left, 42);
	libfence_timeline_inc(timeline, 1);
	libfence_timeline_destroy(&timeline);
	libfence_barrier();
	assert_int_equal(libfence_status(done), 1);
	assert_int_equal(libfence_status(left), -ENOENT);
	assert_int_equal(libfence_wait(left, LIBFENCE_FOREVER), 0);
	libfence_driver_name(left, name, sizeof(name));
	assert_string_equal(name, "detached-driver");
	libfence_callback_init(&cb, record_it, NULL);
	assert_int_equal(libfence_callback_register(left, &cb), -ENOENT);
	assert_int_equal(libfence_timeline_deadline(left, &deadline), 0);
	assert_int_equal(deadline, 42);
	libfence_put(&done);
	libfence_put(&left);
}

/* A name that was read stays valid until the read-side section ends. */
static void a_name_lasts_as_long_as_a_reader(void **state)
{
	struct libfence_timeline *timeline = make_timeline();
	struct libfence *fence = make_fence(timeline, 1);
	const char *name;

	rcu_read_lock();
	name = (const char *)dma_fence_timeline_name(libfence_to_dma_fence(fence));
	libfence_put(&fence);
	libfence_timeline_destroy(&timeline);
	assert_string_equal(name, "line");
	rcu_read_unlock();
}

static void the_kernel_named_face_can_free_one(void **state)
{
	struct libfence_timeline *timeline __free(libfence_timeline) =
		make_timeline();
	struct libfence *fence __free(libfence) = make_fence(timeline, 1);

	assert_false(libfence_is_signaled(fence));
}

/* Deadlines */

static void the_earliest_deadline_counts(void **state)
{
	struct libfence_timeline *timeline = make_timeline();
	struct libfence *fence = make_fence(timeline, 1);
	struct libfence *other = make_fence(timeline, 2);
	int64_t deadline = 77;

	assert_int_equal(libfence_timeline_deadline(fence, &deadline), -ENOENT);
	assert_int_equal(deadline, 77);
	libfence_set_deadline(fence, 1000);
	assert_int_equal(libfence_timeline_deadline(fence, &deadline), 0);
	assert_int_equal(deadline, 1000);
	libfence_set_deadline(fence, 2000);
	assert_int_equal(libfence_timeline_deadline(fence, &deadline), 0);
	assert_int_equal(deadline, 1000);
	libfence_set_deadline(fence, 0);
	assert_int_equal(libfence_timeline_deadline(fence, &deadline), 0);
	assert_int_equal(deadline, 0);
	assert_int_equal(libfence_timeline_deadline(other, &deadline), -ENOENT);
	libfence_timeline_inc(timeline, 2);
	/* Too late: the fence is signalled. */
	libfence_set_deadline(fence, -5);
	libfence_set_deadline(other, 5);
	assert_int_equal(libfence_timeline_deadline(fence, &deadline), 0);
	assert_int_equal(deadline, 0);
	assert_int_equal(libfence_timeline_deadline(other, &deadline), -ENOENT);
	libfence_put(&fence);
	libfence_put(&other);
	libfence_timeline_destroy(&timeline);
}

static void only_a_timelines_fence_has_a_deadline(void **state)
{
	struct libfence_timeline *timeline = make_timeline();
	struct libfence *stub = libfence_from_dma_fence(dma_fence_get_stub());
	struct libfence_context *ctx = make_context(1);
	struct job_fence *job = make_job(ctx, 1);
	struct libfence *array;
	struct dma_fence **one;
	int64_t deadline = 77;

	one = kmalloc(sizeof(*one), GFP_KERNEL);
	one[0] = libfence_to_dma_fence(make_fence(timeline, 1));
	libfence_set_deadline(libfence_borrow_dma_fence(one[0]), 1);
	array = libfence_from_dma_fence(&dma_fence_array_create(1, one,
			dma_fence_context_alloc(1), 1)->base);
	assert_int_equal(libfence_timeline_deadline(stub, &deadline), -EINVAL);
	assert_int_equal(libfence_timeline_deadline(job_fence_consumer(job),
						    &deadline), -EINVAL);
	assert_int_equal(libfence_timeline_deadline(array, &deadline), -EINVAL);
	assert_int_equal(deadline, 77);
	job_fence_signal(&job, 0);
	libfence_context_destroy(&ctx);
	libfence_timeline_destroy(&timeline);
	libfence_put(&array);
	libfence_put(&stub);
}

/* Callbacks */

/* The state of a callback that runs once, when fence 1 is signalled. */
static struct {
	struct libfence_timeline *timeline;
	struct libfence *a, *b, *c;
	struct libfence_callback cb, cbs[8];
	struct job_fence *job;
	int64_t deadline;
} in;

static void when_1_is_signalled(libfence_callback_fn fn)
{
	struct libfence *fence = make_fence(in.timeline, 1);

	libfence_callback_init(&in.cb, fn, NULL);
	assert_int_equal(libfence_callback_register(fence, &in.cb), 0);
	libfence_put(&fence);
}

static void begin(libfence_callback_fn fn)
{
	memset(&in, 0, sizeof(in));
	in.timeline = make_timeline();
	when_1_is_signalled(fn);
}

static void end(void)
{
	assert_true(libfence_callback_unregister(&in.cb));
	libfence_timeline_destroy(&in.timeline);
}

static void signal_job(const struct libfence *fence, void *data)
{
	job_fence_signal(&in.job, -EIO);
}

static void a_callback_signals_another_fence(void **state)
{
	struct libfence_context *ctx = make_context(1);
	struct libfence *fence;

	begin(signal_job);
	in.job = make_job(ctx, 1);
	fence = job_fence_get(in.job);
	libfence_timeline_inc(in.timeline, 1);
	assert_int_equal(libfence_status(fence), -EIO);
	libfence_put(&fence);
	end();
	libfence_context_destroy(&ctx);
}

static void make_some(const struct libfence *fence, void *data)
{
	assert_int_equal(libfence_timeline_value(in.timeline), 2);
	/*
	 * One is reached, one is signalled after this one, one is still
	 * pending.
	 */
	in.a = libfence_timeline_fence(in.timeline, 1);
	in.b = libfence_timeline_fence(in.timeline, 2);
	in.c = libfence_timeline_fence(in.timeline, 3);
	record_on(in.c, &in.cbs[0]);
	/*
	 * A function that takes only the timeline's lock may be given this very
	 * fence.
	 */
	assert_int_equal(libfence_timeline_deadline(fence, &in.deadline),
			 -ENOENT);
}

static void a_callback_makes_fences(void **state)
{
	struct libfence *second;

	begin(make_some);
	second = make_fence(in.timeline, 2);
	libfence_timeline_inc(in.timeline, 2);
	assert_int_equal(libfence_status(in.a), 1);
	assert_int_equal(libfence_status(in.b), 1);
	assert_int_equal(libfence_status(in.c), 0);
	assert_int_equal(libfence_status(second), 1);
	libfence_timeline_inc(in.timeline, 1);
	assert_int_equal(record.nr, 1);
	assert_true(libfence_callback_unregister(&in.cbs[0]));
	libfence_put(&second);
	libfence_put(&in.a);
	libfence_put(&in.b);
	libfence_put(&in.c);
	end();
}

static void drop_them(const struct libfence *fence, void *data)
{
	libfence_put(&in.a);
	libfence_put(&in.b);
	libfence_put(&in.c);
}

static void a_callback_drops_last_references(void **state)
{
	struct libfence *left;

	begin(drop_them);
	/*
	 * The next fence that is signalled, the one after it, and a later one.
	 */
	in.a = make_fence(in.timeline, 2);
	in.b = make_fence(in.timeline, 3);
	in.c = make_fence(in.timeline, 9);
	left = make_fence(in.timeline, 4);
	libfence_timeline_inc(in.timeline, 4);
	libfence_barrier();
	assert_int_equal(libfence_status(left), 1);
	libfence_timeline_inc(in.timeline, 10);
	libfence_put(&left);
	end();
}

static void inc_again(const struct libfence *fence, void *data)
{
	record.deepest = max(record.deepest, ++record.depth);
	record_it(fence, NULL);
	libfence_timeline_inc(in.timeline, 1);
	record.depth--;
}

static void a_callback_counts_up(void **state)
{
	struct libfence *fence;
	unsigned int i;

	begin(inc_again);
	for (i = 0; i < 6; i++) {
		fence = make_fence(in.timeline, i + 2);
		libfence_callback_init(&in.cbs[i],
				       i % 2 ? record_it : inc_again, NULL);
		assert_int_equal(libfence_callback_register(fence, &in.cbs[i]),
				 0);
		libfence_put(&fence);
	}
	/*
	 * The value goes to 2 first, then up by one in the callbacks of 1, 2, 4
	 * and 6.
	 */
	libfence_timeline_inc(in.timeline, 2);
	assert_int_equal(libfence_timeline_value(in.timeline), 5);
	libfence_timeline_inc(in.timeline, 1);
	assert_int_equal(libfence_timeline_value(in.timeline), 7);
	assert_int_equal(record.nr, 7);
	assert_int_equal(record.deepest, 1);
	for (i = 0; i < 7; i++)
		assert_int_equal(record.values[i], i + 1);
	for (i = 0; i < 6; i++)
		assert_true(libfence_callback_unregister(&in.cbs[i]));
	end();
}

static void inc_and_ask(const struct libfence *fence, void *data)
{
	assert_false(libfence_is_signaled(in.a));
	libfence_timeline_inc(in.timeline, 1);
	assert_false(libfence_is_signaled_racy(in.a));
	assert_true(libfence_is_signaled(in.a));
	assert_int_equal(record.nr, 1);
}

static void a_poll_signals_a_reached_fence_at_once(void **state)
{
	begin(inc_and_ask);
	in.a = make_fence(in.timeline, 2);
	record_on(in.a, &in.cbs[0]);
	libfence_timeline_inc(in.timeline, 1);
	/* The callback ran once, although two calls found the fence reached. */
	assert_int_equal(record.nr, 1);
	assert_true(libfence_callback_unregister(&in.cbs[0]));
	libfence_put(&in.a);
	end();
}

static void destroy_it(const struct libfence *fence, void *data)
{
	libfence_timeline_destroy(&in.timeline);
	assert_int_equal(record.nr, 0);
	libfence_put(&in.c);
}

static void a_callback_destroys_the_timeline(void **state)
{
	begin(destroy_it);
	in.a = make_fence(in.timeline, 2);
	record_on(in.a, &in.cbs[0]);
	in.b = make_fence(in.timeline, 3);
	record_on(in.b, &in.cbs[1]);
	in.c = make_fence(in.timeline, 4);
	libfence_timeline_inc(in.timeline, 2);
	assert_null(in.timeline);
	assert_int_equal(record.nr, 2);
	/* The first was reached before the destruction, the second was not. */
	assert_int_equal(libfence_status(in.a), 1);
	assert_int_equal(libfence_status(in.b), -ENOENT);
	assert_true(libfence_callback_unregister(&in.cbs[0]));
	assert_true(libfence_callback_unregister(&in.cbs[1]));
	/* After this, the timeline may have been freed. */
	libfence_barrier();
	libfence_put(&in.a);
	libfence_put(&in.b);
	end();
}

static void drop_all(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	libfence_timeline_destroy(&in.timeline);
	libfence_put(&in.a);
}

/* The signaller then has the last reference to the fence and the timeline. */
static void a_callback_drops_all_other_references(void **state)
{
	struct dma_fence_cb cb;

	memset(&in, 0, sizeof(in));
	in.timeline = make_timeline();
	in.a = make_fence(in.timeline, 1);
	assert_int_equal(dma_fence_add_callback(libfence_to_dma_fence(in.a),
						&cb, drop_all), 0);
	libfence_timeline_inc(in.timeline, 1);
	assert_null(in.timeline);
	assert_null(in.a);
	libfence_barrier();
}

static void make_one_more(const struct libfence *fence, void *data)
{
	struct libfence_timeline *timeline = data;

	in.a = libfence_timeline_fence(timeline, 2);
	in.b = libfence_timeline_fence(timeline, 0);
	libfence_timeline_inc(timeline, 1);
}

/* Destroying signals such a fence; otherwise it would stay pending for ever. */
static void a_fence_made_while_destroying_is_signalled(void **state)
{
	struct libfence_timeline *timeline = make_timeline();
	struct libfence *fence = make_fence(timeline, 1);
	struct libfence_callback cb;

	libfence_callback_init(&cb, make_one_more, timeline);
	assert_int_equal(libfence_callback_register(fence, &cb), 0);
	libfence_timeline_destroy(&timeline);
	assert_int_equal(libfence_status(fence), -ENOENT);
	assert_int_equal(libfence_status(in.a), -ENOENT);
	assert_int_equal(libfence_status(in.b), 1);
	assert_true(libfence_callback_unregister(&cb));
	libfence_put(&in.a);
	libfence_put(&in.b);
	libfence_put(&fence);
}

static void inc_it(const struct libfence *fence, void *data)
{
	libfence_timeline_inc(in.timeline, 1);
}

static void a_callback_of_another_fence_counts_up(void **state)
{
	struct libfence_context *ctx = make_context(1);
	struct job_fence *job = make_job(ctx, 1);
	struct libfence_callback cb;

	begin(record_it);
	libfence_callback_init(&cb, inc_it, NULL);
	assert_int_equal(libfence_callback_register(job_fence_consumer(job),
						    &cb), 0);
	job_fence_signal(&job, 0);
	assert_int_equal(record.nr, 1);
	assert_true(libfence_callback_unregister(&cb));
	end();
	libfence_context_destroy(&ctx);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_name_is_copied),
		TEST(each_timeline_has_a_number_of_its_own),
		TEST(creating_fails_cleanly),
		TEST(making_a_fence_fails_cleanly),
		TEST(a_fence_is_signalled_at_its_value),
		TEST(a_reached_value_gives_a_signalled_fence),
		TEST(they_are_signalled_in_order),
		TEST(values_wrap_around),
		TEST(destroying_signals_with_enoent_in_order),
		TEST(more_than_int_max_is_done_in_steps),
		TEST(equal_values_share_a_fence),
		TEST(a_released_fence_leaves),
		TEST(a_fence_without_references_is_left_alone),
		TEST(any_order_of_values_is_fast),
		TEST(fences_outlive_their_timeline),
		TEST(a_name_lasts_as_long_as_a_reader),
		TEST(the_kernel_named_face_can_free_one),
		TEST(the_earliest_deadline_counts),
		TEST(only_a_timelines_fence_has_a_deadline),
		TEST(a_callback_signals_another_fence),
		TEST(a_callback_makes_fences),
		TEST(a_callback_drops_last_references),
		TEST(a_callback_counts_up),
		TEST(a_poll_signals_a_reached_fence_at_once),
		TEST(a_callback_destroys_the_timeline),
		TEST(a_callback_drops_all_other_references),
		TEST(a_fence_made_while_destroying_is_signalled),
		TEST(a_callback_of_another_fence_counts_up),
	};

	return TEST_MAIN("timeline", tests);
}
