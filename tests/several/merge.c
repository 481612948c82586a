// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Merging fences, the parts of fences, and fences that begin signalled. */

#include "several.h"
#include <linux/dma-fence-array.h>
#include <linux/dma-fence-chain.h>
#include <linux/dma-fence-unwrap.h>

static size_t parts_of(const struct libfence *fence,
		       const struct libfence **found, size_t max)
{
	const struct libfence *part;
	struct libfence_parts parts;
	size_t n = 0;

	for (part = libfence_parts_first(&parts, fence); part;
	     part = libfence_parts_next(&parts), n++)
		if (n < max)
			found[n] = part;
	return n;
}

/* Fences of contexts of their own, in no order. */
#define CONTEXTS	5

static struct libfence_context *contexts[CONTEXTS];

static int setup_contexts(void **state)
{
	int i;

	for (i = 0; i < CONTEXTS; i++)
		contexts[i] = make_context(10);
	return setup(state);
}

static int teardown_contexts(void **state)
{
	int i;

	for (i = 0; i < CONTEXTS; i++)
		libfence_context_destroy(&contexts[i]);
	return teardown(state);
}

static void merging_nothing_gives_a_signalled_fence(void **state)
{
	struct libfence *none[2] = { NULL, NULL };
	struct libfence *merged[2] = { libfence_merge(NULL, 0),
				       libfence_merge(none, 2) };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		assert_non_null(merged[i]);
		assert_int_equal(libfence_status(merged[i]), 1);
		assert_between(ktime_get() - libfence_timestamp(merged[i]), 0,
			       60000ll * MS);
		assert_int_equal(references(merged[i]), 1);
		libfence_put(&merged[i]);
	}
	assert_warns(1, merged[0] = libfence_merge(NULL, 2););
	assert_null(merged[0]);
}

static void one_fence_that_remains_is_the_result(void **state)
{
	struct job_fence *owners[3];
	struct libfence *fences[4], *merged;

	make_jobs(owners, fences, 3);
	fences[3] = NULL;
	job_fence_signal(&owners[0], -EIO);
	/* The later one of the same context, wherever it is. */
	merged = libfence_merge(fences, 4);
	assert_ptr_equal(merged, fences[2]);
	assert_int_equal(references(merged), 3);
	libfence_put(&merged);
	assert_int_equal(references(fences[1]), 2);
	swap(fences[1], fences[2]);
	merged = libfence_merge(fences, 4);
	assert_ptr_equal(merged, fences[1]);
	libfence_put(&merged);
	/* All are signalled: the timestamp is the latest one. */
	job_fence_signal(&owners[1], 0);
	usleep_range(1000, 1000);
	job_fence_signal(&owners[2], 0);
	merged = libfence_merge(fences, 4);
	assert_int_equal(libfence_status(merged), 1);
	assert_true(libfence_timestamp(merged) == libfence_timestamp(fences[1]));
	libfence_put(&merged);
	end_jobs(owners, fences, 3);
}

static void the_latest_of_each_context_is_kept(void **state)
{
	static const int order[] = { 3, 0, 4, 1, 2, 4, 0, 0, 3 };
	struct job_fence *owners[ARRAY_SIZE(order)];
	struct libfence *fences[ARRAY_SIZE(order)], *merged, *again[2], *all;
	const struct libfence *parts[CONTEXTS + 1], *latest[CONTEXTS];
	unsigned int i, k;
	size_t n;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		owners[i] = make_job(contexts[order[i]], i);
		fences[i] = job_fence_get(owners[i]);
		latest[order[i]] = fences[i];
	}
	merged = libfence_merge(fences, ARRAY_SIZE(order));
	assert_non_null(merged);
	n = parts_of(merged, parts, CONTEXTS);
	assert_int_equal(n, CONTEXTS);
	for (i = 0; i < CONTEXTS; i++)
		for (k = 0; k <= n; k++) {
			assert_int_not_equal(k, n);
			if (parts[k] == latest[i])
				break;
		}
	/* A merged fence is replaced by its parts, and so is a second one. */
	again[0] = libfence_merge(fences, 2);
	again[1] = merged;
	all = libfence_merge(again, 2);
	assert_int_equal(parts_of(all, parts, CONTEXTS), CONTEXTS);
	for (i = 0; i < CONTEXTS; i++)
		assert_false(dma_fence_is_container(
			libfence_to_dma_fence(parts[i])));
	libfence_put(&again[0]);
	libfence_put(&all);

	/* A signalled fence is left out. */
	again[0] = libfence_create_signaled(-EIO);
	again[1] = merged;
	all = libfence_merge(again, 2);
	assert_int_equal(parts_of(all, parts, CONTEXTS), CONTEXTS);
	libfence_put(&again[0]);
	libfence_put(&all);

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		assert_int_equal(libfence_status(merged), 0);
		job_fence_signal(&owners[i], 0);
	}
	assert_int_equal(libfence_status(merged), 1);
	libfence_put(&merged);
	for (i = 0; i < ARRAY_SIZE(order); i++)
		assert_int_equal(references(fences[i]), 1);
	end_jobs(owners, fences, ARRAY_SIZE(order));
}

static void the_first_error_is_that_of_the_merged_fence(void **state)
{
	struct job_fence *owners[3];
	struct libfence *fences[3], *merged;
	int i;

	for (i = 0; i < 3; i++) {
		owners[i] = make_job(contexts[i], i);
		fences[i] = job_fence_get(owners[i]);
	}
	merged = libfence_merge(fences, 3);
	assert_int_equal(libfence_wait(merged, 0), -ETIMEDOUT);
	job_fence_signal(&owners[1], -ENODEV);
	job_fence_signal(&owners[0], -EIO);
	assert_int_equal(libfence_status(merged), 0);
	job_fence_signal(&owners[2], 0);
	assert_int_equal(libfence_wait(merged, LIBFENCE_FOREVER), 0);
	assert_int_equal(libfence_status(merged), -ENODEV);
	libfence_put(&merged);
	end_jobs(owners, fences, 3);
}

static void every_failed_allocation_leaves_nothing(void **state)
{
	struct job_fence *owners[3];
	struct libfence *fences[3], *merged;
	unsigned int nth = 0, failures = 0;
	int i;

	for (i = 0; i < 3; i++) {
		owners[i] = make_job(contexts[i], i);
		fences[i] = job_fence_get(owners[i]);
	}
	do {
		libfence_fail_nth(++nth);
		merged = libfence_merge(fences, 3);
		failures += !merged;
		libfence_put(&merged);
		for (i = 0; i < 3; i++)
			assert_int_equal(references(fences[i]), 2);
	} while (!libfence_fail_nth_left());
	libfence_fail_nth(0);
	/* The table and the array. */
	assert_int_equal(failures, 2);
	libfence_fail_nth(1);
	assert_null(libfence_merge(NULL, 0));
	libfence_fail_nth(1);
	assert_null(libfence_create_signaled(0));
	end_jobs(owners, fences, 3);
}

static const char *a_name(struct dma_fence *fence)
{
	return "large";
}

static void a_large_merge_is_n_log_n(void **state)
{
	const unsigned int n = 10000 / test_slowness();
	struct dma_fence **all = kmalloc_objs(*all, n);
	static const struct dma_fence_ops ops = {
		.get_driver_name = a_name,
		.get_timeline_name = a_name,
	};
	struct libfence *merged = NULL;
	unsigned int i;

	assert_non_null(all);
	for (i = 0; i < n; i++) {
		all[i] = kmalloc_obj(**all);
		/* 7919 is a prime: each context once, in no order. */
		dma_fence_init(all[i], &ops, NULL, 1 + i * 7919ull % n, 1);
	}
	/* n^2 would be 100 million steps. n log n takes some ms. */
	assert_true(takes_less(1000ll * MS, ktime_get, {
		libfence_put(&merged);
		merged = libfence_merge((struct libfence *const *)all, n);
	}));
	assert_int_equal(parts_of(merged, NULL, 0), n);
	assert_int_equal(libfence_wait_many((struct libfence *const *)all, n,
					    LIBFENCE_ANY,
					    libfence_deadline(1000), NULL,
					    NULL), -ETIMEDOUT);
	for (i = 0; i < n; i++)
		dma_fence_signal(all[i]);
	assert_int_equal(libfence_wait(merged, 0), 0);
	assert_int_equal(libfence_wait_many((struct libfence *const *)all, n,
					    LIBFENCE_ALL, 0, NULL, NULL), 0);
	libfence_put(&merged);
	for (i = 0; i < n; i++)
		dma_fence_put(all[i]);
	kfree(all);
}

/* Parts */

static void a_fence_is_its_own_only_part(void **state)
{
	struct job_fence *owner = make_job(ctx, 1);
	struct libfence *fence = job_fence_get(owner);
	struct libfence_parts parts;

	assert_ptr_equal(libfence_parts_first(&parts, fence), fence);
	assert_int_equal(references(fence), 3);
	assert_null(libfence_parts_next(&parts));
	assert_int_equal(references(fence), 2);
	/* At the end, and again: nothing happens. */
	assert_null(libfence_parts_next(&parts));
	libfence_parts_end(&parts);
	assert_null(libfence_parts_first(&parts, NULL));
	assert_null(libfence_parts_next(&parts));
	libfence_parts_end(&parts);
	end_jobs(&owner, &fence, 1);
}

static void leaving_early_drops_the_reference(void **state)
{
	struct job_fence *owners[2];
	struct libfence *fences[2], *merged;
	struct libfence_parts parts;
	int i;

	for (i = 0; i < 2; i++) {
		owners[i] = make_job(contexts[i], i);
		fences[i] = job_fence_get(owners[i]);
	}
	merged = libfence_merge(fences, 2);
	assert_non_null(libfence_parts_first(&parts, merged));
	assert_int_equal(references(merged), 2);
	libfence_parts_end(&parts);
	assert_int_equal(references(merged), 1);
	libfence_parts_end(&parts);
	assert_int_equal(references(merged), 1);
	libfence_put(&merged);
	end_jobs(owners, fences, 2);
}

static void a_chain_has_parts(void **state)
{
	struct job_fence *owners[3];
	struct libfence *fences[3], *merged;
	struct dma_fence *head = NULL;
	const struct libfence *parts[3];
	int i;

	for (i = 0; i < 3; i++) {
		struct dma_fence_chain *link = dma_fence_chain_alloc();

		owners[i] = make_job(contexts[i], i);
		fences[i] = job_fence_get(owners[i]);
		dma_fence_chain_init(link, head, dma_fence_get(
			libfence_to_dma_fence(fences[i])), i + 1);
		head = &link->base;
	}
	assert_int_equal(parts_of(libfence_borrow_dma_fence(head), parts, 3), 3);
	assert_ptr_equal(parts[0], fences[2]);
	merged = libfence_merge((struct libfence *[]){ (void *)head }, 1);
	assert_int_equal(parts_of(merged, parts, 3), 3);
	libfence_put(&merged);
	for (i = 0; i < 3; i++)
		job_fence_signal(&owners[i], 0);
	dma_fence_put(head);
	end_jobs(owners, fences, 3);
}

/* Signalled from the start */

static void a_fence_begins_signalled_with_its_result(void **state)
{
	static const int results[] = { 0, -EIO, -4095 };
	struct libfence *a, *b;
	const int64_t from = ktime_get();
	char name[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(results); i++) {
		a = libfence_create_signaled(results[i]);
		assert_non_null(a);
		assert_true(libfence_is_signaled(a));
		assert_int_equal(libfence_status(a), results[i] ?: 1);
		assert_int_equal(libfence_wait(a, 0), 0);
		assert_true(libfence_timestamp(a) >= from);
		libfence_driver_name(a, name, sizeof(name));
		assert_string_equal(name, "detached-driver");
		b = libfence_create_signaled(0);
		assert_int_not_equal(libfence_fence_context(a),
				     libfence_fence_context(b));
		libfence_put(&a);
		libfence_put(&b);
	}
	for (i = 0; i < 2; i++) {
		assert_warns(1, a = libfence_create_signaled(i ? -4096 : 1););
		assert_int_equal(libfence_status(a), -EINVAL);
		libfence_put(&a);
	}
}

#define CONTEXTS_CASE(f) \
	cmocka_unit_test_setup_teardown(f, setup_contexts, teardown_contexts)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(merging_nothing_gives_a_signalled_fence),
		CASE(one_fence_that_remains_is_the_result),
		CONTEXTS_CASE(the_latest_of_each_context_is_kept),
		CONTEXTS_CASE(the_first_error_is_that_of_the_merged_fence),
		CONTEXTS_CASE(every_failed_allocation_leaves_nothing),
		CASE(a_large_merge_is_n_log_n),
		CASE(a_fence_is_its_own_only_part),
		CONTEXTS_CASE(leaving_early_drops_the_reference),
		CONTEXTS_CASE(a_chain_has_parts),
		CASE(a_fence_begins_signalled_with_its_result),
	};

	return TEST_MAIN("several-merge", tests);
}
