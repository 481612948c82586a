// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Leaves RCU callbacks and irq_work that the exit function of the module
 * libfence has to wait for. If it does not, the kernel runs code that is not
 * there any more.
 */

#include "context.h"
#include "support.h"

#include <libfence/rcu-box.h>
#include <linux/cpumask.h>
#include <linux/dma-fence-array.h>
#include <linux/dma-fence-chain.h>

#define NR_BOXES	5000
#define NR_FENCES	500

/* Their destructor is in libfence: this module does not wait for it. */
extern const struct libfence_rcu_box_type libfence_unload_box_type;

static const char *name(struct dma_fence *fence)
{
	return "unload";
}

static const struct dma_fence_ops ops = {
	.get_driver_name = name,
	.get_timeline_name = name,
};

/*
 * Not the CPU that unloads the modules, see guest.c: that one runs its own RCU
 * callbacks before it goes on.
 */
static void use_another_cpu(void)
{
	assert_int_equal(set_cpus_allowed_ptr(current, cpumask_of(1)), 0);
}

static void rcu_callbacks_are_queued(void **state)
{
	int i;

	use_another_cpu();
	for (i = 0; i < NR_BOXES; i++) {
		struct libfence_rcu_box *box;

		box = libfence_rcu_box_create(&libfence_unload_box_type, &i);
		assert_non_null(box);
		libfence_rcu_box_drop_raw(box);
	}
}

/* The callbacks of arrays and chains go on in irq_work. */
static void fences_were_just_signalled(void **state)
{
	static struct dma_fence *fences[NR_FENCES];
	int i;

	use_another_cpu();
	for (i = 0; i < NR_FENCES; i++) {
		struct dma_fence *fence = kzalloc_obj(*fence);
		struct dma_fence_chain *chain = dma_fence_chain_alloc();
		struct dma_fence **table = kmalloc_objs(*table, 1);
		struct dma_fence_array *array;

		assert_true(fence && chain && table);
		dma_fence_init(fence, &ops, NULL, dma_fence_context_alloc(1), 1);
		fences[i] = fence;
		table[0] = dma_fence_get(fence);
		array = dma_fence_array_create(1, table, dma_fence_context_alloc(1), 1);
		assert_non_null(array);
		dma_fence_chain_init(chain, &array->base, dma_fence_get(fence), 1);
		dma_fence_enable_sw_signaling(&chain->base);
		dma_fence_put(&chain->base);
	}
	for (i = 0; i < NR_FENCES; i++) {
		dma_fence_signal(fences[i]);
		dma_fence_put(fences[i]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(fences_were_just_signalled),
		TEST(rcu_callbacks_are_queued),
	};

	return TEST_MAIN("unload", tests);
}
