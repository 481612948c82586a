// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Sync files inside the process, without descriptors: they are polled and closed
 * while their fence is signalled. H32 is the hazard in the table of
 * tests/stress/README.md.
 */

#include "explore.h"

#include <linux/dma-fence.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/sync_file.h>
#include <linux/wait.h>

static const char *get_name(struct dma_fence *fence)
{
	return "explore";
}

static const struct dma_fence_ops ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
};

static struct dma_fence *fence;
static struct sync_file *sync_file;
static struct file *file;

/* The fence's driver and two users of the file. */
static void make_file(void)
{
	fence = kmalloc_obj(*fence);
	dma_fence_init(fence, &ops, NULL, 1, 1);
	lfx_name(fence, "fence");
	sync_file = sync_file_create(fence);
	lfx_name(sync_file, "sync_file");
	file = get_file(sync_file->file);
}

static bool is_readable(void)
{
	return file->f_op->poll(file, NULL) & EPOLLIN;
}

static void signal_and_put(void)
{
	dma_fence_signal(fence);
	dma_fence_put(fence);
}

static void close_file(void)
{
	fput(file);
}

static void poll_and_close(void)
{
	is_readable();
	close_file();
}

static void wait_and_close(void)
{
	wait_event(sync_file->wq, is_readable());
	close_file();
}

static void free_file(void)
{
	flush_delayed_fput();
}

/* H32: the first of two polls adds the callback. The last close removes it. */

LFX_SCENARIO(sync_file_two_polls) = {
	.name = "sync-file-two-polls",
	.what = "two polls and closes against a signal",
	.setup = make_file,
	.threads = {
		{ "signaller", signal_and_put },
		{ "poller 1", poll_and_close },
		{ "poller 2", poll_and_close },
	},
	.check = free_file,
};

LFX_SCENARIO(sync_file_poll_close) = {
	.name = "sync-file-poll-close",
	.what = "a poll and a close against another close and a signal",
	.setup = make_file,
	.threads = {
		{ "signaller", signal_and_put },
		{ "poller", poll_and_close },
		{ "closer", close_file },
	},
	.check = free_file,
};

/* A poller that waits is woken. */

LFX_SCENARIO(sync_file_wait) = {
	.name = "sync-file-wait",
	.what = "a waiting poller against a poll and a signal",
	.setup = make_file,
	.threads = {
		{ "signaller", signal_and_put },
		{ "waiter", wait_and_close },
		{ "poller", poll_and_close },
	},
	.check = free_file,
};
