// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A tree's drm_suballoc.c: ranges of a buffer that are free after a fence. */

#include <kunit/test.h>
#include <linux/dma-fence.h>
#include <linux/sched/signal.h>
#include <linux/workqueue.h>
#include <drm/drm_suballoc.h>

#define SIZE	4096
#define ALIGN_TO 256

struct hw_fence {
	struct dma_fence base;
	spinlock_t lock;
};

static const char *hw_name(struct dma_fence *fence)
{
	return "hw";
}

static const struct dma_fence_ops hw_ops = {
	.get_driver_name = hw_name,
	.get_timeline_name = hw_name,
};

static struct dma_fence *new_fence(struct kunit *test, u64 context)
{
	struct hw_fence *fence = kzalloc_obj(*fence);

	KUNIT_ASSERT_NOT_NULL(test, fence);
	spin_lock_init(&fence->lock);
	dma_fence_init(&fence->base, &hw_ops, &fence->lock, context, 1);
	return &fence->base;
}

static int suballoc_init(struct kunit *test)
{
	struct drm_suballoc_manager *m =
		kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	drm_suballoc_manager_init(m, SIZE, ALIGN_TO);
	test->priv = m;
	return 0;
}

static void suballoc_exit(struct kunit *test)
{
	drm_suballoc_manager_fini(test->priv);
}

static struct drm_suballoc *take(struct kunit *test, size_t size)
{
	struct drm_suballoc *sa =
		drm_suballoc_new(test->priv, size, GFP_KERNEL, true, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sa);
	return sa;
}

/* Something that happens while the test waits for a range. */
struct later {
	struct delayed_work work;
	struct dma_fence *fence;
	struct drm_suballoc *sa;
	struct task_struct *task;
};

static void later_fn(struct work_struct *work)
{
	struct later *l = container_of(work, struct later, work.work);

	if (l->task)
		send_sig(SIGINT, l->task, 0);
	else if (l->sa)
		drm_suballoc_free(l->sa, NULL);
	else
		dma_fence_signal(l->fence);
}

#define later_start(l)							\
	do {								\
		INIT_DELAYED_WORK_ONSTACK(&(l)->work, later_fn);	\
		schedule_delayed_work(&(l)->work, msecs_to_jiffies(10)); \
	} while (0)

static void later_end(struct later *l)
{
	flush_delayed_work(&l->work);
	destroy_delayed_work_on_stack(&l->work);
}

static void ranges_do_not_overlap(struct kunit *test)
{
	struct drm_suballoc *sa[8];
	int i, j;

	for (i = 0; i < 8; i++) {
		sa[i] = take(test, 100 + 50 * i);
		KUNIT_EXPECT_EQ(test, drm_suballoc_soffset(sa[i]) % ALIGN_TO, 0);
		KUNIT_EXPECT_EQ(test, drm_suballoc_size(sa[i]), 100 + 50 * i);
		KUNIT_EXPECT_LE(test, drm_suballoc_eoffset(sa[i]), SIZE);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_TRUE(test,
				drm_suballoc_eoffset(sa[j]) <=
					drm_suballoc_soffset(sa[i]) ||
				drm_suballoc_eoffset(sa[i]) <=
					drm_suballoc_soffset(sa[j]));
	}
	for (i = 0; i < 8; i++)
		drm_suballoc_free(sa[i], NULL);
	/* All of it is free again. */
	drm_suballoc_free(take(test, SIZE), NULL);
}

static void a_range_is_free_after_its_fence(struct kunit *test)
{
	struct later later = { .fence = new_fence(test, 1) };
	struct drm_suballoc *sa = take(test, SIZE);

	drm_suballoc_free(sa, later.fence);
	later_start(&later);
	sa = take(test, SIZE);
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(later.fence));
	later_end(&later);
	drm_suballoc_free(sa, NULL);
	dma_fence_put(later.fence);
}

static void a_range_is_free_after_any_fence_that_suffices(struct kunit *test)
{
	struct dma_fence *fence[4];
	struct drm_suballoc *sa[4];
	struct later later = { };
	int i;

	for (i = 0; i < 4; i++) {
		fence[i] = new_fence(test, i + 1);
		sa[i] = take(test, SIZE / 4);
	}
	for (i = 0; i < 4; i++)
		drm_suballoc_free(sa[i], fence[i]);
	/* The third is signalled, so its place is the next one. */
	later.fence = fence[2];
	later_start(&later);
	sa[0] = take(test, SIZE / 4);
	KUNIT_EXPECT_EQ(test, drm_suballoc_soffset(sa[0]), SIZE / 2);
	later_end(&later);
	for (i = 0; i < 4; i++)
		dma_fence_signal(fence[i]);
	drm_suballoc_free(sa[0], NULL);
	drm_suballoc_free(take(test, SIZE), NULL);
	for (i = 0; i < 4; i++)
		dma_fence_put(fence[i]);
}

static void a_full_buffer_waits_for_a_free(struct kunit *test)
{
	struct later later = { .sa = take(test, SIZE) };
	struct drm_suballoc *sa;

	later_start(&later);
	sa = take(test, 100);
	later_end(&later);
	drm_suballoc_free(sa, NULL);
	/* Without signals. */
	later.sa = take(test, SIZE);
	later_start(&later);
	sa = drm_suballoc_new(test->priv, 100, GFP_KERNEL, false, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sa);
	later_end(&later);
	drm_suballoc_free(sa, NULL);
}

static void a_signal_ends_the_wait(struct kunit *test)
{
	struct dma_fence *fence = new_fence(test, 1);
	struct drm_suballoc *full = take(test, SIZE), *sa;
	struct later later = { .task = current };

	allow_signal(SIGINT);
	later_start(&later);
	sa = drm_suballoc_new(test->priv, 100, GFP_KERNEL, true, 0);
	KUNIT_EXPECT_PTR_EQ(test, sa, ERR_PTR(-ERESTARTSYS));
	later_end(&later);
	flush_signals(current);
	/* The same while it waits for a fence. */
	drm_suballoc_free(full, fence);
	later_start(&later);
	sa = drm_suballoc_new(test->priv, 100, GFP_KERNEL, true, 0);
	KUNIT_EXPECT_PTR_EQ(test, sa, ERR_PTR(-ERESTARTSYS));
	later_end(&later);
	flush_signals(current);
	dma_fence_signal(fence);
	dma_fence_put(fence);
}

static struct kunit_case suballoc_cases[] = {
	KUNIT_CASE(ranges_do_not_overlap),
	KUNIT_CASE(a_range_is_free_after_its_fence),
	KUNIT_CASE(a_range_is_free_after_any_fence_that_suffices),
	KUNIT_CASE(a_full_buffer_waits_for_a_free),
	KUNIT_CASE(a_signal_ends_the_wait),
	{ }
};

static struct kunit_suite suballoc_suite = {
	.name = "suballoc",
	.init = suballoc_init,
	.exit = suballoc_exit,
	.test_cases = suballoc_cases,
};

kunit_test_suite(suballoc_suite);
