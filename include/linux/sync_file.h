/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A file around a fence. The ioctls are in <uapi/linux/sync_file.h>. */
#ifndef __LINUX_SYNC_FILE_H
#define __LINUX_SYNC_FILE_H

#include <linux/dma-fence.h>
#include <linux/types.h>
#include <linux/wait.h>

struct file;

/**
 * struct sync_file - a file around a fence
 * @file: the file, which owns this
 * @user_name: given to it, or empty: then it has one made from the fence's
 * @wq: woken when the fence is signalled
 * @flags: POLL_ENABLED: @cb was added to the fence, once
 * @fence: with a reference
 * @cb: wakes @wq
 */
struct sync_file {
	struct file *file;
	char user_name[32];
	wait_queue_head_t wq;
	unsigned long flags;
	struct dma_fence *fence;
	struct dma_fence_cb cb;
};

/* A bit number of &sync_file.flags. */
#define POLL_ENABLED 0

struct sync_file *sync_file_create(struct dma_fence *fence);
struct dma_fence *sync_file_get_fence(int fd);
struct sync_file *sync_file_from_file(struct file *file);
long sync_file_merge_with(struct sync_file *sync_file, void __user *arg,
			  struct dma_fence *(*get_fence)(int fd));
char *sync_file_get_name(struct sync_file *sync_file, char *buf, int len);

#endif
