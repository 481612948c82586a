// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Functions that run on a thread of the program's choice: struct libfence_work
 * in <libfence/event-loop.h>.
 */

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <libfence/dma-fence.h>
#include <libfence/event-loop.h>

/* Once it is posted, the work belongs to the executor, and may be freed. */
static void work_post(struct libfence_work *work)
{
	work->posted_ = true;
	work->post(work, work->executor);
}

static void work_callback(const struct libfence *fence, void *data)
{
	work_post(data);
}

void libfence_work_init(struct libfence_work *work, libfence_callback_fn fn,
			void *data, libfence_post_fn post, void *executor)
{
	work->fn = fn;
	work->data = data;
	work->post = post;
	work->executor = executor;
	work->next = NULL;
	work->fence = NULL;
	work->posted_ = false;
	libfence_callback_init(&work->cb_, work_callback, work);
}
EXPORT_SYMBOL(libfence_work_init);

int libfence_work_register(const struct libfence *fence,
			   struct libfence_work *work)
{
	int err;

	if (WARN(work->fence, "work is registered already"))
		return -EBUSY;
	/* Complete @work before the callback can run, and post it. */
	work->posted_ = false;
	work->fence = libfence_get(fence);
	err = libfence_callback_register(fence, &work->cb_);
	if (err == -ENOENT)
		work_post(work);
	else if (WARN_ON(err))
		libfence_put(&work->fence);
	else
		return 0;
	return err == -ENOENT ? 0 : err;
}
EXPORT_SYMBOL(libfence_work_register);

void libfence_work_run(struct libfence_work *work)
{
	const libfence_callback_fn fn = work->fn;
	struct libfence *fence = work->fence;
	void *data = work->data;

	if (!fence)
		return;
	/* Waits until the executor has returned in the signalling thread. */
	libfence_callback_unregister(&work->cb_);
	work->fence = NULL;
	work->posted_ = false;
	fn(fence, data);
	libfence_put(&fence);
}
EXPORT_SYMBOL(libfence_work_run);

bool libfence_work_unregister(struct libfence_work *work)
{
	bool posted;

	if (!work->fence)
		return false;
	libfence_callback_unregister(&work->cb_);
	posted = work->posted_;
	work->posted_ = false;
	libfence_put(&work->fence);
	return posted;
}
EXPORT_SYMBOL(libfence_work_unregister);
