/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Fences for descriptors, for the other files of this folder. */
#ifndef LFPRIV_IMPORT_H
#define LFPRIV_IMPORT_H

#include <linux/types.h>

struct dma_fence;

/*
 * Make a proxy fence for a descriptor of another process or of the host kernel.
 * If @any is true, the descriptor may be any that can become readable. Returns
 * a reference, or NULL with a negative errno in @err.
 */
struct dma_fence *lfpriv_proxy_create(int fd, bool any, int *err);
/* Get the fence of a descriptor of this process, or make a proxy fence. */
struct dma_fence *lfpriv_import(int fd, int *err);

#endif
