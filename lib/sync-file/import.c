// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Fences for descriptors: libfence_import() and libfence_wrap_fd(). */

#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/sync_file.h>
#include <libfence/dma-fence.h>
#include <libfence/sync.h>

#include "import.h"
#include "watch.h"

/*
 * A proxy fence. It is signalled when a fence of another process or of the host
 * kernel is, or when any descriptor becomes readable. The watch has no
 * reference to it: if the last user drops the fence before that, the watch
 * stops.
 */
struct proxy_fence {
	struct dma_fence base;
	/* The lock of the fence, since some trees' fences have none inside. */
	spinlock_t lock;
	struct lfpriv_watch watch;
	char driver[LFPRIV_WATCH_NAME];
	char timeline[LFPRIV_WATCH_NAME];
};

static struct proxy_fence *to_proxy_fence(struct dma_fence *fence)
{
	return container_of(fence, struct proxy_fence, base);
}

static const char *proxy_driver_name(struct dma_fence *fence)
{
	return to_proxy_fence(fence)->driver;
}

static const char *proxy_timeline_name(struct dma_fence *fence)
{
	return to_proxy_fence(fence)->timeline;
}

static void proxy_release(struct dma_fence *fence)
{
	lfpriv_watch_stop(&to_proxy_fence(fence)->watch);
	dma_fence_free(fence);
}

static const struct dma_fence_ops proxy_ops = {
	.get_driver_name = proxy_driver_name,
	.get_timeline_name = proxy_timeline_name,
	.release = proxy_release,
};

static struct dma_fence *watch_to_fence(struct lfpriv_watch *w)
{
	return &container_of(w, struct proxy_fence, watch)->base;
}

static bool proxy_get(struct lfpriv_watch *w)
{
	return dma_fence_get_rcu(watch_to_fence(w));
}

static void proxy_done(struct lfpriv_watch *w, int status, s64 timestamp)
{
	struct dma_fence *fence = watch_to_fence(w);

	/* This is the second call in a process that was forked in the first. */
	if (dma_fence_test_signaled_flag(fence))
		return;
	if (status < 0)
		dma_fence_set_error(fence, status);
	dma_fence_signal_timestamp(fence, ns_to_ktime(timestamp));
}

static void proxy_put(struct lfpriv_watch *w)
{
	dma_fence_put(watch_to_fence(w));
}

static const struct lfpriv_watch_ops proxy_watch_ops = {
	.get = proxy_get,
	.done = proxy_done,
	.put = proxy_put,
};

struct dma_fence *lfpriv_proxy_create(int fd, bool any, int *err)
{
	struct proxy_fence *p = kzalloc_obj(*p);

	*err = -ENOMEM;
	if (!p)
		return NULL;
	*err = lfpriv_watch_open(&p->watch, &proxy_watch_ops, fd, any,
				 p->driver, p->timeline);
	if (*err) {
		kfree(p);
		return NULL;
	}
	spin_lock_init(&p->lock);
	dma_fence_init(&p->base, &proxy_ops, &p->lock,
		       dma_fence_context_alloc(1), 1);
	*err = lfpriv_watch_start(&p->watch);
	if (*err) {
		dma_fence_put(&p->base);
		return NULL;
	}
	return &p->base;
}

struct dma_fence *lfpriv_import(int fd, int *err)
{
	struct dma_fence *fence = sync_file_get_fence(fd);

	return fence ? fence : lfpriv_proxy_create(fd, false, err);
}

struct libfence *libfence_import(int fd, int *err)
{
	int unused;

	return libfence_from_dma_fence(lfpriv_import(fd, err ? err : &unused));
}
EXPORT_SYMBOL(libfence_import);

struct libfence *libfence_wrap_fd(int fd, int *err)
{
	int unused;

	return libfence_from_dma_fence(
		lfpriv_proxy_create(fd, true, err ? err : &unused));
}
EXPORT_SYMBOL(libfence_wrap_fd);
