/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * sync_file: a file that represents a fence. <uapi/linux/sync_file.h> has its
 * ioctls. The functions are documented where they are defined: sync_file.c.
 */
#ifndef __LINUX_SYNC_FILE_H
#define __LINUX_SYNC_FILE_H

#include <linux/dma-fence.h>
#include <linux/types.h>
#include <linux/wait.h>

struct file;

/**
 * struct sync_file - a file that represents a fence
 * @file: the file, which owns this struct
 * @user_name: name that the user gave to the file. If it is empty, the file has
 *	a name that is made from the names of the fence.
 * @wq: wait queue of pollers, woken when the fence is signalled
 * @flags: POLL_ENABLED is set by the first poll, which adds @cb to the fence
 * @fence: a reference to the fence
 * @cb: the callback that wakes @wq
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
