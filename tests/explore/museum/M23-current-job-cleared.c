// SPDX-License-Identifier: GPL-2.0 OR MIT
/* An interrupt signals the fence of a job, and forgets the job. */
#include "museum.h"

static struct dma_fence *fence;
static int current_job __aligned(8);

static void start_job_1(void)
{
	fence = museum_fence("fence of job 1", 1, 1);
	current_job = 1;
}

static void signal_then_clear(void)
{
	dma_fence_signal(fence);
	WRITE_ONCE(current_job, 0);
}

static void clear_then_signal(void)
{
	WRITE_ONCE(current_job, 0);
	dma_fence_signal(fence);
}

static void start_job_2(void)
{
	dma_fence_wait(fence, false);
	WRITE_ONCE(current_job, 2);
}

static void check_job_2(void)
{
	lfx_assert(current_job == 2);
	dma_fence_put(fence);
}

LFX_SCENARIO(signal_first) = {
	.name = "m23-signal-first",
	.what = "signal and clear against a wait and the next job",
	.setup = start_job_1,
	.threads = {
		{ "interrupt", signal_then_clear }, { "run", start_job_2 },
	},
	.check = check_job_2,
};

LFX_SCENARIO(clear_first) = {
	.name = "m23-clear-first",
	.what = "clear and signal against a wait and the next job",
	.setup = start_job_1,
	.threads = {
		{ "interrupt", clear_then_signal }, { "run", start_job_2 },
	},
	.check = check_job_2,
};
