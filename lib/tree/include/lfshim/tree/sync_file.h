/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* See dma-fence.h. */
#ifndef LFSHIM_TREE_SYNC_FILE_H
#define LFSHIM_TREE_SYNC_FILE_H

/* Functions that only our sync_file.c has; lib/tree/sync_file.c defines them. */
struct sync_file *sync_file_from_file(struct file *file);
long sync_file_merge_with(struct sync_file *sync_file, void __user *arg,
			  struct dma_fence *(*get_fence)(int fd));

#endif
