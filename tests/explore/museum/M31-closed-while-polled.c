// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A file has the callback of its poll in it, and is closed. */
#include "museum.h"

struct polled_file {
	struct dma_fence_cb cb;
	bool active;
};

static struct dma_fence *fence;

static void make_fence(void)
{
	fence = museum_fence("fence", 1, 1);
}

static void wake_poll(struct dma_fence *f, struct dma_fence_cb *cb)
{
	struct polled_file *file = container_of(cb, struct polled_file, cb);

	smp_store_release(&file->active, false);
}

static struct polled_file *poll_file(void)
{
	struct polled_file *file = kzalloc_obj(*file);

	lfx_name(file, "file");
	file->active = true;
	dma_fence_add_callback(fence, &file->cb, wake_poll);
	return file;
}

static void poll_close(void)
{
	kfree(poll_file());
}

static void poll_remove_close(void)
{
	struct polled_file *file = poll_file();

	dma_fence_remove_callback(fence, &file->cb);
	kfree(file);
}

static void signal_fence(void)
{
	dma_fence_signal(fence);
}

static void put_fence(void)
{
	dma_fence_put(fence);
}

LFX_SCENARIO(poll_and_close) = {
	.name = "m31-close",
	.what = "poll and close against a signal",
	.setup = make_fence,
	.threads = { { "program", poll_close }, { "driver", signal_fence } },
	.check = put_fence,
};

LFX_SCENARIO(close_and_remove) = {
	.name = "m31-close-and-remove",
	.what = "poll, removal of the callback and close against a signal",
	.setup = make_fence,
	.threads = {
		{ "program", poll_remove_close }, { "driver", signal_fence },
	},
	.check = put_fence,
};
