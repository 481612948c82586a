// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A test of ring_fence.c: a GPU that is an array. See ../../try-your-driver.md. */

#include <kunit/test.h>
#include <linux/io.h>

#include "ring_fence.h"

static void a_job_that_is_done_is_signalled(struct kunit *test)
{
	static u32 regs[8];
	struct dma_fence *first, *second;
	struct ring ring;

	ring_init(&ring, regs);
	first = ring_emit_fence(&ring);
	second = ring_emit_fence(&ring);
	KUNIT_ASSERT_NOT_NULL(test, first);
	KUNIT_ASSERT_NOT_NULL(test, second);

	KUNIT_EXPECT_EQ(test, ring_process(&ring), 0);
	writel(1, (void *)regs + 0x10);
	KUNIT_EXPECT_EQ(test, ring_process(&ring), 1);
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(first));
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(second));
	writel(2, (void *)regs + 0x10);
	KUNIT_EXPECT_EQ(test, ring_process(&ring), 1);
	KUNIT_EXPECT_EQ(test, dma_fence_wait_timeout(second, false, HZ), HZ);
	dma_fence_put(second);
	dma_fence_put(first);
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(a_job_that_is_done_is_signalled),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "ring",
	.test_cases = ring_cases,
};

kunit_test_suite(ring_suite);
