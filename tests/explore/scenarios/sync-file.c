// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Sync files inside the process: polled, closed, merged and exported while their
 * fence is signalled. H32 is the hazard in the table of tests/stress/README.md.
 */

#include "explore.h"
#include "shim/fd.h"

#include <linux/dma-fence.h>
#include <linux/dma-fence-unwrap.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/sync_file.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <uapi/linux/sync_file.h>

static const char *get_name(struct dma_fence *fence)
{
	return "explore";
}

static const struct dma_fence_ops ops = {
	.get_driver_name = get_name,
	.get_timeline_name = get_name,
};

static struct dma_fence *fence, *fences[2], *got;
static struct sync_file *sync_file;
static struct file *file, *merged;
static int fd, fd2;

static struct dma_fence *new_fence(u64 context)
{
	struct dma_fence *f = kmalloc_obj(*f);

	dma_fence_init(f, &ops, NULL, context, 1);
	return f;
}

static struct sync_file *new_file(struct dma_fence *f)
{
	struct sync_file *s = sync_file_create(f);

	lfx_name(s, "sync_file");
	return s;
}

/* The fence's driver and two users of the file. */
static void make_file(void)
{
	fence = new_fence(1);
	lfx_name(fence, "fence");
	sync_file = new_file(fence);
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

/* Files whose descriptors are closed are looked for now. */
static void free_files(void)
{
	lfshim_files_reap();
	flush_delayed_fput();
	lfx_assert(!lfx_fd_open_pipes());
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
	.check = free_files,
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
	.check = free_files,
};

/* A poller that waits is woken. */

LFX_SCENARIO(sync_file_wait_poll) = {
	.name = "sync-file-wait-poll",
	.what = "a waiting poller against a poll and a signal",
	.setup = make_file,
	.threads = {
		{ "signaller", signal_and_put },
		{ "waiter", wait_and_close },
		{ "poller", poll_and_close },
	},
	.check = free_files,
};

/* The last close releases the file at once. */

static void make_last_file(void)
{
	make_file();
	is_readable();
	fput(file);
}

LFX_SCENARIO(sync_file_wait) = {
	.name = "sync-file-wait",
	.what = "a waiting poller against a signal",
	.setup = make_last_file,
	.threads = {
		{ "signaller", signal_and_put }, { "waiter", wait_and_close },
	},
	.check = free_files,
};

static void close_now(void)
{
	__fput_sync(file);
}

LFX_SCENARIO(sync_file_close) = {
	.name = "sync-file-close",
	.what = "the last close of a polled file against a signal",
	.setup = make_last_file,
	.threads = { { "signaller", signal_and_put }, { "closer", close_now } },
	.check = free_files,
};

/* A fence that was taken out of a file outlives it. */

static void take_fence_and_close(void)
{
	got = dma_fence_get(sync_file->fence);
	close_file();
	dma_fence_wait(got, false);
	lfx_assert(dma_fence_get_status(got) == 1);
	dma_fence_put(got);
}

LFX_SCENARIO(sync_file_fence_outlives) = {
	.name = "sync-file-fence",
	.what = "a fence is used after the close of its file, against the signal",
	.setup = make_last_file,
	.threads = {
		{ "signaller", signal_and_put },
		{ "user", take_fence_and_close },
	},
	.check = free_files,
};

/* Descriptors: the file of one is found until it is closed. */

static void make_descriptor(void)
{
	fence = new_fence(1);
	lfx_name(fence, "fence");
	sync_file = new_file(fence);
	fd = get_unused_fd_flags(O_CLOEXEC);
	lfx_assert(fd >= 0);
	fd_install(fd, sync_file->file);
}

static void close_descriptor(void)
{
	lfx_fd_close(fd);
}

static void signal_descriptor(void)
{
	signal_and_put();
	lfx_assert(lfx_fd_is_readable(fd));
	close_descriptor();
}

static void get_fence(void)
{
	got = sync_file_get_fence(fd);
	if (!got)
		return;
	dma_fence_wait(got, false);
	lfx_assert(dma_fence_get_status(got) == 1);
	dma_fence_put(got);
}

LFX_SCENARIO(sync_file_get_fence_close) = {
	.name = "sync-file-get-fence",
	.what = "sync_file_get_fence() against the signal and close()",
	.setup = make_descriptor,
	.threads = {
		{ "signaller", signal_and_put },
		{ "user", get_fence },
		{ "closer", close_descriptor },
	},
	.check = free_files,
};

/* The signal is seen by poll(), whether the descriptor is installed yet or not. */

static void make_fence_and_file(void)
{
	fence = new_fence(1);
	lfx_name(fence, "fence");
	sync_file = new_file(fence);
}

static void export_fence(void)
{
	fd = get_unused_fd_flags(O_CLOEXEC);
	fd_install(fd, sync_file->file);
}

static void check_readable(void)
{
	lfx_assert(lfx_fd_is_readable(fd));
	close_descriptor();
	free_files();
}

LFX_SCENARIO(sync_file_export) = {
	.name = "sync-file-export",
	.what = "fd_install() against the signal",
	.setup = make_fence_and_file,
	.threads = {
		{ "signaller", signal_and_put }, { "exporter", export_fence },
	},
	.check = check_readable,
};

/* The descriptor is closed before, while or after the fence is signalled. */

LFX_SCENARIO(sync_file_close_descriptor) = {
	.name = "sync-file-close-descriptor",
	.what = "close() of a descriptor against the signal",
	.setup = make_descriptor,
	.threads = {
		{ "signaller", signal_and_put }, { "closer", close_descriptor },
	},
	.check = free_files,
};

static void close_and_reap(void)
{
	close_descriptor();
	lfshim_files_reap();
}

LFX_SCENARIO(sync_file_close_reap) = {
	.name = "sync-file-close-reap",
	.what = "close() and the release of the file against the signal",
	.setup = make_descriptor,
	.threads = {
		{ "signaller", signal_and_put }, { "closer", close_and_reap },
	},
	.check = free_files,
};

static void reap(void)
{
	lfshim_files_reap();
}

static void signal_and_close(void)
{
	signal_and_put();
	close_descriptor();
}

LFX_SCENARIO(sync_file_reap) = {
	.name = "sync-file-reap",
	.what = "a search for closed descriptors against the signal and close()",
	.setup = make_descriptor,
	.threads = { { "signaller", signal_and_close }, { "reaper", reap } },
	.check = free_files,
};

LFX_SCENARIO(sync_file_reap_poll) = {
	.name = "sync-file-reap-poll",
	.what = "the same, with a poll between the signal and close()",
	.setup = make_descriptor,
	.threads = { { "signaller", signal_descriptor }, { "reaper", reap } },
	.check = free_files,
};

/* A merge with another file against the signals of both fences. */

static void make_two_files(void)
{
	fences[0] = new_fence(1);
	fences[1] = new_fence(2);
	sync_file = new_file(fences[0]);
	file = sync_file->file;
	fd2 = get_unused_fd_flags(O_CLOEXEC);
	fd_install(fd2, new_file(fences[1])->file);
}

static void signal_first(void)
{
	dma_fence_signal(fences[0]);
	dma_fence_put(fences[0]);
}

static void signal_second(void)
{
	dma_fence_signal(fences[1]);
	dma_fence_put(fences[1]);
}

static void merge(void)
{
	struct sync_merge_data data = { .name = "both", .fd2 = fd2 };
	long err = lfshim_file_ioctl(file, SYNC_IOC_MERGE, &data);

	lfx_assert(!err);
	fd = data.fence;
	merged = fget(fd);
	lfx_assert(merged);
	fput(file);
}

static void check_merged(void)
{
	struct sync_file *s = merged->private_data;

	lfx_assert(dma_fence_get_status(s->fence) == 1);
	lfx_assert(lfx_fd_is_readable(fd));
	fput(merged);
	lfx_fd_close(fd);
	lfx_fd_close(fd2);
	free_files();
}

static void signal_second_and_check(void)
{
	signal_second();
	check_merged();
}

LFX_SCENARIO(sync_file_merge) = {
	.name = "sync-file-merge",
	.what = "SYNC_IOC_MERGE against the signal of one of the fences",
	.setup = make_two_files,
	.threads = { { "signaller", signal_first }, { "merger", merge } },
	.check = signal_second_and_check,
};

LFX_SCENARIO(sync_file_merge_two) = {
	.name = "sync-file-merge-two",
	.what = "SYNC_IOC_MERGE against the signals of both fences",
	.setup = make_two_files,
	.threads = {
		{ "signaller 1", signal_first },
		{ "signaller 2", signal_second },
		{ "merger", merge },
	},
	.check = check_merged,
};

/* The information is of one moment: a signalled fence has a timestamp. */

static void get_info(void)
{
	struct sync_fence_info info = { 0 };
	struct sync_file_info data = {
		.num_fences = 1,
		.sync_fence_info = (uintptr_t)&info,
	};

	lfx_assert(!lfshim_file_ioctl(file, SYNC_IOC_FILE_INFO, &data));
	lfx_assert(info.status == 0 || info.status == 1);
	lfx_assert(!info.status == !info.timestamp_ns);
	close_file();
}

LFX_SCENARIO(sync_file_info) = {
	.name = "sync-file-info",
	.what = "SYNC_IOC_FILE_INFO against the signal",
	.setup = make_last_file,
	.threads = { { "signaller", signal_and_put }, { "asker", get_info } },
	.check = free_files,
};
