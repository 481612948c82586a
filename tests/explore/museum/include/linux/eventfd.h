/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* No scenario has an eventfd. */
#ifndef LFX_EVENTFD_H
#define LFX_EVENTFD_H

#include <linux/err.h>

struct eventfd_ctx;

static inline struct eventfd_ctx *eventfd_ctx_fdget(int fd)
{
	return ERR_PTR(-EBADF);
}

static inline void eventfd_ctx_put(struct eventfd_ctx *ctx)
{
}

static inline void eventfd_signal(struct eventfd_ctx *ctx)
{
}

#endif
