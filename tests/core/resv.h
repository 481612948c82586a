/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Helpers of the dma_resv suites. */
#ifndef TESTS_CORE_RESV_H
#define TESTS_CORE_RESV_H

#include <stdio.h>
#include "mock.h"
#include <linux/dma-resv.h>

/* A kernel has other macros of these names. */
#undef READ
#undef WRITE
#define KERNEL		DMA_RESV_USAGE_KERNEL
#define WRITE		DMA_RESV_USAGE_WRITE
#define READ		DMA_RESV_USAGE_READ
#define BOOKKEEP	DMA_RESV_USAGE_BOOKKEEP

/* Lock, reserve, add, unlock. */
static inline void resv_add(struct dma_resv *obj, struct dma_fence *fence,
			    enum dma_resv_usage usage)
{
	assert_int_equal(dma_resv_lock(obj, NULL), 0);
	assert_int_equal(dma_resv_reserve_fences(obj, 1), 0);
	dma_resv_add_fence(obj, fence, usage);
	dma_resv_unlock(obj);
}

/* The address of the list, which shows whether the list was replaced. */
static inline void *resv_list(struct dma_resv *obj)
{
	return rcu_access_pointer(obj->fences);
}

/* The fences, read under the lock, as usage and seqno: "k1 w2 b3". */
static inline const char *resv_text(struct dma_resv *obj)
{
	static char text[256];
	struct dma_resv_iter cursor;
	struct dma_fence *f;
	bool locked = dma_resv_is_locked(obj);
	int n = 0;

	if (!locked)
		dma_resv_lock(obj, NULL);
	text[0] = '\0';
	dma_resv_for_each_fence(&cursor, obj, BOOKKEEP, f)
		n += snprintf(text + n, sizeof(text) - n, "%s%c%llu",
			      n ? " " : "",
			      "kwrb"[dma_resv_iter_usage(&cursor)],
			      (unsigned long long)f->seqno);
	if (!locked)
		dma_resv_unlock(obj);
	return text;
}

/* The object of a RESV_TEST(): initialised before it and destroyed after it. */
static struct dma_resv obj __maybe_unused;

static inline int resv_setup(void **state)
{
	int ret = mock_setup(state);

	dma_resv_init(&obj);
	return ret;
}

static inline int resv_teardown(void **state)
{
	dma_resv_fini(&obj);
	return mock_teardown(state);
}

#define RESV_TEST(f) \
	cmocka_unit_test_setup_teardown(f, resv_setup, resv_teardown)

static inline void signal_and_put(struct dma_fence *f)
{
	dma_fence_signal(f);
	dma_fence_put(f);
}

#endif
