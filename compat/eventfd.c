// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Eventfds; see <linux/eventfd.h>. */

#include <linux/eventfd.h>
#include <linux/slab.h>

#include "host/fd.h"

struct eventfd_ctx {
	/* A descriptor of its own. */
	int fd;
};

struct eventfd_ctx *eventfd_ctx_fdget(int fd)
{
	struct eventfd_ctx *ctx = kmalloc_obj(*ctx);

	if (!ctx)
		return ERR_PTR(-ENOMEM);
	ctx->fd = lfhost_eventfd_dup(fd);
	if (ctx->fd < 0) {
		fd = ctx->fd;
		kfree(ctx);
		return ERR_PTR(fd);
	}
	return ctx;
}

void eventfd_ctx_put(struct eventfd_ctx *ctx)
{
	lfhost_fd_close(ctx->fd);
	kfree(ctx);
}

void eventfd_signal(struct eventfd_ctx *ctx)
{
	lfhost_eventfd_add(ctx->fd);
}
