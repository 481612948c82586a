// SPDX-License-Identifier: GPL-2.0 OR MIT
/* H29: a merge polls every fence twice, and fences are signalled in between. */
#include "stress.h"
#include <linux/dma-fence-array.h>
#include <linux/dma-fence-unwrap.h>

#define INPUTS	3

struct polled {
	struct dma_fence base;
	spinlock_t lock;
	/* The poll from which on the fence is done; 0: it never is. */
	int done_at, looks;
};

static bool done_by_now(struct dma_fence *fence)
{
	struct polled *p = container_of(fence, struct polled, base);

	return ++p->looks == p->done_at;
}

static const struct dma_fence_ops polled_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.signaled = done_by_now,
};

static struct dma_fence *inputs[INPUTS];

static void h29_fences_signalled_between_the_passes_are_left_out(void **state)
{
	struct dma_fence *merged, *f, *only;
	struct dma_fence_unwrap cursor;
	int mask, i, left, seen;

	for (mask = 0; mask < 1 << INPUTS; mask++) {
		left = 0;
		only = NULL;
		for (i = 0; i < INPUTS; i++) {
			struct polled *p = kzalloc_obj(*p);

			assert_non_null(p);
			spin_lock_init(&p->lock);
			dma_fence_init(&p->base, &polled_ops, STRESS_OWN_LOCK(&p->lock),
				       dma_fence_context_alloc(1), 1);
			inputs[i] = &p->base;
			/* The second poll is that of the second pass. */
			p->done_at = mask & 1 << i ? 2 : 0;
			if (!p->done_at) {
				only = inputs[i];
				left++;
			}
		}
		merged = dma_fence_unwrap_merge(inputs[0], inputs[1],
						inputs[2]);
		assert_non_null(merged);
		for (i = 0; i < INPUTS; i++)
			assert_int_equal(dma_fence_test_signaled_flag(inputs[i]),
					 !!(mask & 1 << i));
		seen = 0;
		switch (left) {
		case 0:
			assert_true(dma_fence_test_signaled_flag(merged));
			assert_false(dma_fence_is_container(merged));
			break;
		case 1:
			assert_ptr_equal(merged, only);
			break;
		default:
			assert_true(dma_fence_is_array(merged));
			dma_fence_unwrap_for_each(f, &cursor, merged) {
				assert_false(dma_fence_test_signaled_flag(f));
				seen++;
			}
			assert_int_equal(seen, left);
		}
		dma_fence_put(merged);
		for (i = 0; i < INPUTS; i++) {
			assert_int_equal(kref_read(&inputs[i]->refcount), 1);
			dma_fence_put(inputs[i]);
		}
	}
}

static struct dma_fence *merged;

static void merge_inputs(void)
{
	merged = dma_fence_unwrap_merge(inputs[0], inputs[1], inputs[2]);
}

static void signal_inputs(void)
{
	int first = get_random_u32_below(INPUTS), i;

	for (i = 0; i < INPUTS; i++)
		dma_fence_signal(inputs[(first + i) % INPUTS]);
}

static void h29_merge_races_signals(void **state)
{
	int i, j;

	stress_team(merge_inputs, signal_inputs);
	for (i = 0; i < stress_rounds(5000); i++) {
		for (j = 0; j < INPUTS; j++)
			inputs[j] = stress_fence(&stress_counted_ops);
		stress_team_round();
		/* All fences of the merge are signalled, with any result. */
		assert_true(dma_fence_is_signaled(merged));
		dma_fence_put(merged);
		for (j = 0; j < INPUTS; j++)
			dma_fence_put(inputs[j]);
		assert_int_equal(stress_live(), 0);
	}
	stress_team_stop();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(h29_fences_signalled_between_the_passes_are_left_out),
		TEST(h29_merge_races_signals),
	};
	return STRESS_MAIN("stress-merge", tests);
}
