/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Fences for descriptors, inside of the library. */
#ifndef LFPRIV_IMPORT_H
#define LFPRIV_IMPORT_H

#include <linux/types.h>

struct dma_fence;

/*
 * A new fence that is signalled when the descriptor is: that of another process or
 * of the host kernel, or, if @any, any descriptor when it becomes readable. NULL
 * with a negative errno in @err.
 */
struct dma_fence *lfpriv_proxy_create(int fd, bool any, int *err);
/* The fence of a descriptor of this process, or a new one, as above. */
struct dma_fence *lfpriv_import(int fd, int *err);

#endif
