// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Fences as descriptors, <libfence/sync.h>: the plain face of sync_file. */

#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sync_file.h>
#include <uapi/linux/sync_file.h>
#include <lfshim/watch.h>
#include <libfence/dma-fence.h>
#include <libfence/sync.h>

#include "wire.h"

int libfence_export(const struct libfence *fence, const char *name)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct sync_file *s;

	if (fd < 0)
		return fd;
	s = sync_file_create(libfence_to_dma_fence(fence));
	if (!s) {
		put_unused_fd(fd);
		return -ENOMEM;
	}
	if (name)
		strscpy(s->user_name, name);
	fd_install(fd, s->file);
	return fd;
}
EXPORT_SYMBOL(libfence_export);

/*
 * A fence of another process, or of the kernel: one here that is signalled when
 * that one is. Nobody has a reference on its account; when the last is dropped
 * before that, nobody wants to know.
 */
struct proxy {
	struct dma_fence base;
	/* The fence's: the core may be one whose fences have none inside. */
	spinlock_t lock;
	struct lfshim_watch watch;
	char driver[LFSHIM_WATCH_NAME];
	char timeline[LFSHIM_WATCH_NAME];
};

static struct proxy *to_proxy(struct dma_fence *fence)
{
	return container_of(fence, struct proxy, base);
}

static const char *proxy_driver_name(struct dma_fence *fence)
{
	return to_proxy(fence)->driver;
}

static const char *proxy_timeline_name(struct dma_fence *fence)
{
	return to_proxy(fence)->timeline;
}

static void proxy_release(struct dma_fence *fence)
{
	lfshim_watch_stop(&to_proxy(fence)->watch);
	dma_fence_free(fence);
}

static const struct dma_fence_ops proxy_ops = {
	.get_driver_name = proxy_driver_name,
	.get_timeline_name = proxy_timeline_name,
	.release = proxy_release,
};

static bool proxy_get(struct lfshim_watch *w)
{
	return dma_fence_get_rcu(&container_of(w, struct proxy, watch)->base);
}

static void proxy_done(struct lfshim_watch *w, int status, s64 timestamp)
{
	struct dma_fence *fence = &container_of(w, struct proxy, watch)->base;

	/* A process that was forked at a bad moment gets here twice. */
	if (dma_fence_test_signaled_flag(fence))
		return;
	if (status < 0)
		dma_fence_set_error(fence, status);
	dma_fence_signal_timestamp(fence, ns_to_ktime(timestamp));
}

static void proxy_put(struct lfshim_watch *w)
{
	dma_fence_put(&container_of(w, struct proxy, watch)->base);
}

static const struct lfshim_watch_ops proxy_watch_ops = {
	.get = proxy_get,
	.done = proxy_done,
	.put = proxy_put,
};

static struct dma_fence *new_proxy(int fd, bool any, int *err)
{
	struct proxy *p = kzalloc_obj(*p);

	*err = -ENOMEM;
	if (!p)
		return NULL;
	*err = lfshim_watch_open(&p->watch, &proxy_watch_ops, fd, any,
				 p->driver, p->timeline);
	if (*err) {
		kfree(p);
		return NULL;
	}
	spin_lock_init(&p->lock);
	dma_fence_init(&p->base, &proxy_ops, &p->lock,
		       dma_fence_context_alloc(1), 1);
	*err = lfshim_watch_start(&p->watch);
	if (*err) {
		dma_fence_put(&p->base);
		return NULL;
	}
	return &p->base;
}

/* Of this process, or of another. */
static struct dma_fence *get_fence(int fd, int *err)
{
	struct dma_fence *fence = sync_file_get_fence(fd);

	return fence ? fence : new_proxy(fd, false, err);
}

struct libfence *libfence_import(int fd, int *err)
{
	int unused;

	lfshim_files_reap();
	return libfence_from_dma_fence(get_fence(fd, err ? err : &unused));
}
EXPORT_SYMBOL(libfence_import);

struct libfence *libfence_wrap_fd(int fd, int *err)
{
	int unused;

	return libfence_from_dma_fence(
		new_proxy(fd, true, err ? err : &unused));
}
EXPORT_SYMBOL(libfence_wrap_fd);

/* ioctls */

s64 lfshim_sync_file_timestamp(struct file *file)
{
	return dma_fence_timestamp(sync_file_from_file(file)->fence);
}

static struct dma_fence *get_any_fence(int fd)
{
	int unused;

	return get_fence(fd, &unused);
}

/* What there is besides is the owner's. */
static bool is_for_users(unsigned long request)
{
	return request == SYNC_IOC_MERGE || request == SYNC_IOC_FILE_INFO ||
	       request == SYNC_IOC_SET_DEADLINE;
}

static long sync_file_do(struct file *file, struct sync_file *s,
			 unsigned long request, void *arg)
{
	if (request == SYNC_IOC_MERGE)
		return sync_file_merge_with(s, arg, get_any_fence);
	return file->f_op->unlocked_ioctl(file, request, (unsigned long)arg);
}

/* Not from here: the kernel's, or a fence of ours that stands for it. */
static long foreign_do(int fd, unsigned long request, void *arg)
{
	struct dma_fence *fence;
	struct sync_file *s;
	int err;
	long ret;

	ret = lfshim_host_ioctl(fd, request, arg);
	/* -ENOENT: the kernel does not know what to merge with. We may. */
	if (ret != -ENOTTY && !(request == SYNC_IOC_MERGE && ret == -ENOENT))
		return ret;
	fence = new_proxy(fd, false, &err);
	if (!fence)
		return err == -EINVAL ? -ENOTTY : err;
	s = sync_file_create(fence);
	dma_fence_put(fence);
	if (!s)
		return -ENOMEM;
	ret = sync_file_do(s->file, s, request, arg);
	/* Nothing is held: the descriptor that it has is free at once. */
	__fput_sync(s->file);
	return ret;
}

int libfence_sync_ioctl(int fd, unsigned long request, void *arg)
{
	struct file *file;
	long ret = -ENOTTY;
	struct sync_file *s;

	lfshim_files_reap();
	file = fget(fd);
	if (!file)
		return is_for_users(request) ? foreign_do(fd, request, arg) :
					       -ENOTTY;
	s = sync_file_from_file(file);
	if (s && is_for_users(request))
		ret = sync_file_do(file, s, request, arg);
	fput(file);
	return ret;
}
EXPORT_SYMBOL(libfence_sync_ioctl);

int libfence_sync_wait(int fd, int timeout_ms)
{
	ktime_t end = ktime_get() + timeout_ms * NSEC_PER_MSEC;
	int ret, left = timeout_ms;

	for (;;) {
		ret = lfshim_fd_wait(fd, left);
		if (ret != -EINTR && ret != -EAGAIN)
			return ret;
		if (timeout_ms >= 0)
			left = max_t(s64, 0, (end - ktime_get()) / NSEC_PER_MSEC + 1);
	}
}
EXPORT_SYMBOL(libfence_sync_wait);

unsigned int libfence_sync_reap(void)
{
	return lfshim_files_reap();
}
EXPORT_SYMBOL(libfence_sync_reap);
