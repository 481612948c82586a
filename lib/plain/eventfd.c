// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Eventfds that fences add to: struct libfence_eventfd. */

#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/export.h>
#include <libfence/dma-fence.h>
#include <libfence/event-loop.h>

/* A struct libfence_eventfd is a struct eventfd_ctx, with a name of ours. */
static struct eventfd_ctx *to_eventfd_ctx(struct libfence_eventfd *eventfd)
{
	return (struct eventfd_ctx *)eventfd;
}

static void eventfd_callback(const struct libfence *fence, void *data)
{
	eventfd_signal(data);
}

struct libfence_eventfd *libfence_eventfd_create(int fd, int *err)
{
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);

	if (!IS_ERR(ctx))
		return (struct libfence_eventfd *)ctx;
	if (err)
		*err = PTR_ERR(ctx);
	return NULL;
}
EXPORT_SYMBOL(libfence_eventfd_create);

void libfence_eventfd_destroy_raw(struct libfence_eventfd *eventfd)
{
	if (eventfd)
		eventfd_ctx_put(to_eventfd_ctx(eventfd));
}
EXPORT_SYMBOL(libfence_eventfd_destroy_raw);

int libfence_eventfd_register(const struct libfence *fence,
			      struct libfence_callback *cb,
			      struct libfence_eventfd *eventfd)
{
	int err;

	libfence_callback_init(cb, eventfd_callback, to_eventfd_ctx(eventfd));
	err = libfence_callback_register(fence, cb);
	if (err != -ENOENT)
		return err;
	eventfd_signal(to_eventfd_ctx(eventfd));
	return 0;
}
EXPORT_SYMBOL(libfence_eventfd_register);
