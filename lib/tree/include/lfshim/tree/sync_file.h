/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Like dma-fence.h in this directory, for <linux/sync_file.h>. */
#ifndef LFSHIM_TREE_SYNC_FILE_H
#define LFSHIM_TREE_SYNC_FILE_H

/* For lib/sync-file. lib/tree/sync_file.c has these for a tree's core. */
struct sync_file *sync_file_from_file(struct file *file);
long sync_file_merge_with(struct sync_file *sync_file, void __user *arg,
			  struct dma_fence *(*get_fence)(int fd));

#endif
