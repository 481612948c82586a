// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A reservation object against its model: which of its fences are in the way of an
 * access. Those who change it hold its lock, those who look do not.
 */

#include "model.h"
#include "fences.h"

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>

#define FENCES	2
#define USAGES	2

static struct dma_resv *resv;
static struct dma_fence *fences[FENCES];

struct state {
	bool signaled[FENCES], is_in[FENCES];
	/* As DMA_RESV_USAGE_WRITE; else as DMA_RESV_USAGE_READ. */
	bool writes[FENCES];
};

static void make_resv(void)
{
	static const char *const names[FENCES] = { "fence 0", "fence 1" };
	int i;

	resv = kmalloc_obj(*resv);
	dma_resv_init(resv);
	lfx_name(resv, "resv");
	for (i = 0; i < FENCES; i++)
		fences[i] = new_fence(names[i], 10 + i, 1);
}

static void free_resv(void)
{
	int i;

	dma_resv_fini(resv);
	kfree(resv);
	for (i = 0; i < FENCES; i++) {
		dma_fence_signal(fences[i]);
		dma_fence_put(fences[i]);
	}
}

static enum dma_resv_usage usage_of(int writes)
{
	return writes ? DMA_RESV_USAGE_WRITE : DMA_RESV_USAGE_READ;
}

/* The argument: a fence, and whether it writes. */
static int do_add(int arg)
{
	dma_resv_lock(resv, NULL);
	if (dma_resv_reserve_fences(resv, 1))
		lfx_fail("model", "no memory");
	dma_resv_add_fence(resv, fences[arg / USAGES], usage_of(arg % USAGES));
	dma_resv_unlock(resv);
	return 0;
}

static int model_add(void *state, int arg)
{
	struct state *s = state;

	s->is_in[arg / USAGES] = true;
	/* A fence may be there with both usages. */
	s->writes[arg / USAGES] |= arg % USAGES;
	return 0;
}

static int do_signal(int fence)
{
	return dma_fence_check_and_signal(fences[fence]);
}

static int model_signal(void *state, int fence)
{
	struct state *s = state;
	bool was = s->signaled[fence];

	s->signaled[fence] = true;
	return was;
}

/* All fences that are in the way of a read (0) or of a write (1) are signalled. */
static int do_test(int write)
{
	return dma_resv_test_signaled(resv, dma_resv_usage_rw(write));
}

static int do_test_locked(int write)
{
	int result;

	dma_resv_lock(resv, NULL);
	result = do_test(write);
	dma_resv_unlock(resv);
	return result;
}

static int model_test(void *state, int write)
{
	struct state *s = state;
	int i;

	for (i = 0; i < FENCES; i++)
		if (s->is_in[i] && !s->signaled[i] && (write || s->writes[i]))
			return 0;
	return 1;
}

LFX_MODEL(resv_model) = {
	.name = "model-resv",
	.what = "a reservation object with two fences, and tests with the lock",
	.setup = make_resv,
	.operations = {
		{ "add", do_add, model_add, .args = FENCES * USAGES,
		  .once = true },
		{ "signal", do_signal, model_signal, .args = FENCES },
		{ "test", do_test_locked, model_test, .args = USAGES,
		  .reads = true },
	},
	.final = { "test", do_test, model_test, .args = USAGES },
	.cleanup = free_resv,
	.state_size = sizeof(struct state),
};

/*
 * Without the lock, a fence that is added while the test runs may be missed. The test
 * says yes, if the others are signalled meanwhile, although at no time all of them were.
 */
static int do_add_writer(int fence)
{
	return do_add(fence * USAGES + 1);
}

static int model_add_writer(void *state, int fence)
{
	return model_add(state, fence * USAGES + 1);
}

LFX_MODEL(resv_unlocked_model) = {
	.name = "model-resv-unlocked",
	.what = "a reservation object with two fences, and tests without the lock",
	.setup = make_resv,
	.operations = {
		{ "add", do_add_writer, model_add_writer, .args = FENCES,
		  .once = true },
		{ "signal", do_signal, model_signal, .args = FENCES },
		{ "test", do_test, model_test, .args = 1, .reads = true },
	},
	.cleanup = free_resv,
	.state_size = sizeof(struct state),
	.first = "add.1,add.0,signal.1+test.0",
	.fails = "not linearizable",
};
