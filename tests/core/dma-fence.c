// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "support.h"
#include <linux/dma-fence.h>
#include <linux/slab.h>

static const char *name(struct dma_fence *f) { return "mock"; }
static const struct dma_fence_ops ops = { .get_driver_name = name, .get_timeline_name = name };

static void double_signal_is_silent(void **state)
{
	struct dma_fence *f = kmalloc_obj(*f);
	dma_fence_init(f, &ops, NULL, 7, 9);
	dma_fence_signal(f);
	dma_fence_signal(f);
	assert_int_equal(dma_fence_get_status(f), 1);
	assert_warns(1, dma_fence_set_error(f, -5));
	assert_dies("BUG_ON", dma_fence_init(f, NULL, NULL, 1, 1));
	dma_fence_put(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { TEST(double_signal_is_silent) };
	return TEST_MAIN("dma-fence", tests);
}
