// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The ioctls of a tree's drm_syncobj.c, as a program calls them. */

#include <poll.h>
#include <unistd.h>
#include <sys/eventfd.h>

#include <kunit/test.h>
#include <linux/dma-fence.h>
#include <linux/file.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/sync_file.h>
#include <linux/workqueue.h>
#include <drm/drm.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_kunit_helpers.h>
#include <drm/drm_syncobj.h>

#include "drm_internal.h"

/* How long a wait lasts that has to end by itself, and one that must not. */
#define SHORT_NS	(5 * NSEC_PER_MSEC)
#define LONG_NS		(60 * NSEC_PER_SEC)

struct syncobj_test {
	struct drm_device *drm;
	/* Two clients. */
	struct drm_file file, other;
};

struct hw_fence {
	struct dma_fence base;
	spinlock_t lock;
	ktime_t deadline;
};

static const char *hw_name(struct dma_fence *fence)
{
	return "hw";
}

static void hw_set_deadline(struct dma_fence *fence, ktime_t deadline)
{
	container_of(fence, struct hw_fence, base)->deadline = deadline;
}

static const struct dma_fence_ops hw_ops = {
	.get_driver_name = hw_name,
	.get_timeline_name = hw_name,
	.set_deadline = hw_set_deadline,
};

static struct dma_fence *new_fence(struct kunit *test)
{
	struct hw_fence *fence = kzalloc_obj(*fence);

	KUNIT_ASSERT_NOT_NULL(test, fence);
	spin_lock_init(&fence->lock);
	dma_fence_init(&fence->base, &hw_ops, &fence->lock,
		       dma_fence_context_alloc(1), 1);
	return &fence->base;
}

static int syncobj_init(struct kunit *test)
{
	struct syncobj_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct device *dev = drm_kunit_helper_alloc_device(test);

	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	t->drm = __drm_kunit_helper_alloc_drm_device(
		test, dev, sizeof(*t->drm), 0,
		DRIVER_SYNCOBJ | DRIVER_SYNCOBJ_TIMELINE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->drm);
	drm_syncobj_open(&t->file);
	drm_syncobj_open(&t->other);
	test->priv = t;
	return 0;
}

static void syncobj_exit(struct kunit *test)
{
	struct syncobj_test *t = test->priv;

	if (!t)
		return;
	drm_syncobj_release(&t->file);
	drm_syncobj_release(&t->other);
	lfshim_files_reap();
	flush_delayed_fput();
}

/* The ioctls. Each has the result of the kernel's function. */

#define IOCTL(t, name, args) \
	drm_syncobj_##name##_ioctl((t)->drm, args, &(t)->file)

static u32 create(struct kunit *test, u32 flags)
{
	struct drm_syncobj_create args = { .flags = flags };

	KUNIT_ASSERT_EQ(test, IOCTL((struct syncobj_test *)test->priv, create,
				    &args), 0);
	KUNIT_ASSERT_NE(test, args.handle, 0);
	return args.handle;
}

static int destroy(struct kunit *test, u32 handle)
{
	struct drm_syncobj_destroy args = { .handle = handle };

	return IOCTL((struct syncobj_test *)test->priv, destroy, &args);
}

static int reset(struct kunit *test, u32 handle)
{
	struct drm_syncobj_array args = {
		.handles = (uintptr_t)&handle, .count_handles = 1,
	};

	return IOCTL((struct syncobj_test *)test->priv, reset, &args);
}

static int signal_object(struct kunit *test, u32 handle)
{
	struct drm_syncobj_array args = {
		.handles = (uintptr_t)&handle, .count_handles = 1,
	};

	return IOCTL((struct syncobj_test *)test->priv, signal, &args);
}

static int signal_point(struct kunit *test, u32 handle, u64 point)
{
	struct drm_syncobj_timeline_array args = {
		.handles = (uintptr_t)&handle, .points = (uintptr_t)&point,
		.count_handles = 1,
	};

	return IOCTL((struct syncobj_test *)test->priv, timeline_signal, &args);
}

static u64 query(struct kunit *test, u32 handle, u32 flags)
{
	u64 point = 777;
	struct drm_syncobj_timeline_array args = {
		.handles = (uintptr_t)&handle, .points = (uintptr_t)&point,
		.count_handles = 1, .flags = flags,
	};

	KUNIT_EXPECT_EQ(test, IOCTL((struct syncobj_test *)test->priv, query,
				    &args), 0);
	return point;
}

static int wait_many(struct kunit *test, u32 *handles, u32 nr, u32 flags,
		     s64 ns, u32 *first)
{
	struct drm_syncobj_wait args = {
		.handles = (uintptr_t)handles, .count_handles = nr,
		.flags = flags, .timeout_nsec = ns ? ktime_get() + ns : 0,
	};
	int ret = IOCTL((struct syncobj_test *)test->priv, wait, &args);

	if (first)
		*first = args.first_signaled;
	return ret;
}

static int wait_one(struct kunit *test, u32 handle, u32 flags, s64 ns)
{
	return wait_many(test, &handle, 1, flags, ns, NULL);
}

static int wait_point(struct kunit *test, u32 handle, u64 point, u32 flags,
		      s64 ns)
{
	struct drm_syncobj_timeline_wait args = {
		.handles = (uintptr_t)&handle, .points = (uintptr_t)&point,
		.count_handles = 1, .flags = flags,
		.timeout_nsec = ns ? ktime_get() + ns : 0,
	};

	return IOCTL((struct syncobj_test *)test->priv, timeline_wait, &args);
}

static int transfer(struct kunit *test, u32 src, u64 src_point, u32 dst,
		    u64 dst_point, u32 flags)
{
	struct drm_syncobj_transfer args = {
		.src_handle = src, .dst_handle = dst, .src_point = src_point,
		.dst_point = dst_point, .flags = flags,
	};

	return IOCTL((struct syncobj_test *)test->priv, transfer, &args);
}

static int watch(struct kunit *test, u32 handle, u64 point, int fd, u32 flags)
{
	struct drm_syncobj_eventfd args = {
		.handle = handle, .point = point, .fd = fd, .flags = flags,
	};

	return IOCTL((struct syncobj_test *)test->priv, eventfd, &args);
}

/* The fence of a submission. Drops the caller's reference. */
static void submit(struct kunit *test, u32 handle, u64 point,
		   struct dma_fence *fence)
{
	struct syncobj_test *t = test->priv;
	struct drm_syncobj *obj = drm_syncobj_find(&t->file, handle);

	KUNIT_ASSERT_NOT_NULL(test, obj);
	if (point)
		drm_syncobj_add_point(obj, dma_fence_chain_alloc(), fence,
				      point);
	else
		drm_syncobj_replace_fence(obj, fence);
	drm_syncobj_put(obj);
	dma_fence_put(fence);
}

/* Something that happens while the test waits. */
struct later {
	struct delayed_work work;
	struct kunit *test;
	u32 handle;
	u64 point;
	/* Is submitted, or, without a handle, signalled. */
	struct dma_fence *fence;
	/* NULL, or the thread that gets a signal. */
	struct task_struct *task;
};

static void later_fn(struct work_struct *work)
{
	struct later *l = container_of(work, struct later, work.work);

	if (l->task)
		send_sig(SIGINT, l->task, 0);
	else if (l->handle)
		submit(l->test, l->handle, l->point, l->fence);
	else
		dma_fence_signal(l->fence);
}

#define later_start(l)							\
	do {								\
		INIT_DELAYED_WORK_ONSTACK(&(l)->work, later_fn);	\
		schedule_delayed_work(&(l)->work, msecs_to_jiffies(10)); \
	} while (0)

static void later_end(struct later *l)
{
	flush_delayed_work(&l->work);
	destroy_delayed_work_on_stack(&l->work);
}

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* Cases */

static void handles_come_and_go(struct kunit *test)
{
	struct syncobj_test *t = test->priv;
	struct drm_syncobj_create bad = { .flags = 1 << 7 };
	struct drm_syncobj_destroy padded = { .pad = 1 };
	u32 one = create(test, 0), two = create(test, 0);

	KUNIT_EXPECT_NE(test, one, two);
	KUNIT_EXPECT_EQ(test, IOCTL(t, create, &bad), -EINVAL);
	padded.handle = one;
	KUNIT_EXPECT_EQ(test, IOCTL(t, destroy, &padded), -EINVAL);
	KUNIT_EXPECT_EQ(test, destroy(test, one), 0);
	KUNIT_EXPECT_EQ(test, destroy(test, one), -EINVAL);
	/* A free number is used again. The other is freed by the release. */
	KUNIT_EXPECT_EQ(test, create(test, 0), one);
}

static void a_device_without_the_feature_refuses(struct kunit *test)
{
	struct syncobj_test *t = test->priv;
	struct drm_syncobj_create create_args = { };
	struct drm_syncobj_transfer transfer_args = { };

	t->drm->driver_features = ~DRIVER_SYNCOBJ_TIMELINE;
	KUNIT_EXPECT_EQ(test, IOCTL(t, create, &create_args), 0);
	KUNIT_EXPECT_EQ(test, IOCTL(t, transfer, &transfer_args), -EOPNOTSUPP);
	t->drm->driver_features = 0;
	KUNIT_EXPECT_EQ(test, IOCTL(t, create, &create_args), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, wait_one(test, 1, 0, 0), -EOPNOTSUPP);
}

static void signal_and_reset_change_the_fence(struct kunit *test)
{
	u32 handle = create(test, 0);
	struct syncobj_test *t = test->priv;
	struct drm_syncobj_array none = { };

	/* Nothing was submitted. */
	KUNIT_EXPECT_EQ(test, wait_one(test, handle, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, signal_object(test, handle), 0);
	KUNIT_EXPECT_EQ(test, wait_one(test, handle, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, reset(test, handle), 0);
	KUNIT_EXPECT_EQ(test, wait_one(test, handle, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, signal_object(test, 99), -ENOENT);
	KUNIT_EXPECT_EQ(test, reset(test, 99), -ENOENT);
	KUNIT_EXPECT_EQ(test, IOCTL(t, signal, &none), -EINVAL);
	KUNIT_EXPECT_EQ(test, IOCTL(t, reset, &none), -EINVAL);
	/* One that begins signalled. */
	handle = create(test, DRM_SYNCOBJ_CREATE_SIGNALED);
	KUNIT_EXPECT_EQ(test, wait_one(test, handle, 0, 0), 0);
}

static void arguments_that_are_not_there_are_refused(struct kunit *test)
{
	struct syncobj_test *t = test->priv;
	struct drm_syncobj_wait args = {
		.handles = 8, .count_handles = 2,
	};
	u32 handle = create(test, DRM_SYNCOBJ_CREATE_SIGNALED);
	struct drm_syncobj_timeline_array result = {
		.handles = (uintptr_t)&handle, .points = 8, .count_handles = 1,
	};

	KUNIT_EXPECT_EQ(test, IOCTL(t, wait, &args), -EFAULT);
	KUNIT_EXPECT_EQ(test, IOCTL(t, timeline_signal, &result), -EFAULT);
	KUNIT_EXPECT_EQ(test, IOCTL(t, query, &result), -EFAULT);
}

static void a_wait_ends_with_its_time(struct kunit *test)
{
	struct dma_fence *fence = new_fence(test);
	u32 handle = create(test, 0);
	ktime_t start = ktime_get();

	submit(test, handle, 0, dma_fence_get(fence));
	KUNIT_EXPECT_EQ(test, wait_one(test, handle, 0, 0), -ETIME);
	KUNIT_EXPECT_EQ(test, wait_one(test, handle, 0, SHORT_NS), -ETIME);
	KUNIT_EXPECT_GE(test, ktime_get() - start, SHORT_NS);
	/* A time that has passed. */
	KUNIT_EXPECT_EQ(test, wait_one(test, handle, 0, -SHORT_NS), -ETIME);
	dma_fence_signal(fence);
	KUNIT_EXPECT_EQ(test, wait_one(test, handle, 0, 0), 0);
	dma_fence_put(fence);
}

static void a_wait_ends_with_the_fence(struct kunit *test)
{
	struct later later = { .fence = new_fence(test) };
	u32 handle = create(test, 0);

	submit(test, handle, 0, dma_fence_get(later.fence));
	later_start(&later);
	KUNIT_EXPECT_EQ(test, wait_one(test, handle, 0, LONG_NS), 0);
	later_end(&later);
	dma_fence_put(later.fence);
}

static void a_wait_for_many(struct kunit *test)
{
	struct dma_fence *fence[2] = { new_fence(test), new_fence(test) };
	u32 handles[2] = { create(test, 0), create(test, 0) };
	const u32 all = DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL;
	struct later later = { .fence = fence[1] };
	u32 first = ~0;

	submit(test, handles[0], 0, dma_fence_get(fence[0]));
	submit(test, handles[1], 0, dma_fence_get(fence[1]));
	later_start(&later);
	KUNIT_EXPECT_EQ(test, wait_many(test, handles, 2, 0, LONG_NS, &first),
			0);
	KUNIT_EXPECT_EQ(test, first, 1);
	later_end(&later);
	KUNIT_EXPECT_EQ(test, wait_many(test, handles, 2, all, SHORT_NS, NULL),
			-ETIME);
	later.fence = fence[0];
	later_start(&later);
	KUNIT_EXPECT_EQ(test, wait_many(test, handles, 2, all, LONG_NS, NULL),
			0);
	later_end(&later);
	KUNIT_EXPECT_EQ(test, wait_many(test, handles, 0, all, 0, NULL), 0);
	handles[1] = 99;
	KUNIT_EXPECT_EQ(test, wait_many(test, handles, 2, 0, 0, NULL), -ENOENT);
	dma_fence_put(fence[0]);
	dma_fence_put(fence[1]);
}

static void a_wait_for_the_submission(struct kunit *test)
{
	const u32 flags = DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT;
	struct later later = {
		.test = test, .handle = create(test, 0),
		.fence = dma_fence_get_stub(),
	};

	KUNIT_EXPECT_EQ(test, wait_one(test, later.handle, flags, SHORT_NS),
			-ETIME);
	later_start(&later);
	KUNIT_EXPECT_EQ(test, wait_one(test, later.handle, flags, LONG_NS), 0);
	later_end(&later);
	/* The same for a point. */
	later.handle = create(test, 0);
	later.point = 5;
	later.fence = dma_fence_get_stub();
	later_start(&later);
	KUNIT_EXPECT_EQ(test, wait_point(test, later.handle, 3, flags, LONG_NS),
			0);
	later_end(&later);
}

static void a_wait_until_a_point_is_there(struct kunit *test)
{
	const u32 flags = DRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE;
	struct dma_fence *fence = new_fence(test);
	struct later later = {
		.test = test, .handle = create(test, 0), .point = 2,
		.fence = dma_fence_get(fence),
	};

	later_start(&later);
	/* It is there, and not signalled. */
	KUNIT_EXPECT_EQ(test, wait_point(test, later.handle, 2, flags, LONG_NS),
			0);
	KUNIT_EXPECT_EQ(test, wait_point(test, later.handle, 2, 0, 0), -ETIME);
	later_end(&later);
	dma_fence_signal(fence);
	KUNIT_EXPECT_EQ(test, wait_point(test, later.handle, 2, 0, LONG_NS), 0);
	dma_fence_put(fence);
}

static void a_signal_ends_a_wait(struct kunit *test)
{
	struct dma_fence *fence = new_fence(test);
	struct later later = { .task = current };
	u32 handle = create(test, 0);

	allow_signal(SIGINT);
	submit(test, handle, 0, fence);
	later_start(&later);
	KUNIT_EXPECT_EQ(test, wait_one(test, handle, 0, LONG_NS), -ERESTARTSYS);
	later_end(&later);
	flush_signals(current);
	later_start(&later);
	KUNIT_EXPECT_EQ(test,
			wait_one(test, create(test, 0),
				 DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT,
				 LONG_NS), -ERESTARTSYS);
	later_end(&later);
	flush_signals(current);
	dma_fence_signal(fence);
}

static void a_deadline_reaches_the_fence(struct kunit *test)
{
	struct syncobj_test *t = test->priv;
	struct dma_fence *fence = new_fence(test);
	u32 handle = create(test, 0);
	struct drm_syncobj_wait args = {
		.handles = (uintptr_t)&handle, .count_handles = 1,
		.flags = DRM_SYNCOBJ_WAIT_FLAGS_WAIT_DEADLINE,
		.deadline_nsec = 12345,
	};

	submit(test, handle, 0, dma_fence_get(fence));
	KUNIT_EXPECT_EQ(test, IOCTL(t, wait, &args), -ETIME);
	KUNIT_EXPECT_EQ(test, container_of(fence, struct hw_fence,
					   base)->deadline, 12345);
	dma_fence_signal(fence);
	dma_fence_put(fence);
}

static void points_are_signalled_in_their_order(struct kunit *test)
{
	const u32 last = DRM_SYNCOBJ_QUERY_FLAGS_LAST_SUBMITTED;
	struct dma_fence *fence[3];
	u32 handle = create(test, 0);
	int i;

	KUNIT_EXPECT_EQ(test, query(test, handle, 0), 0);
	KUNIT_EXPECT_EQ(test, signal_point(test, handle, 1), 0);
	KUNIT_EXPECT_EQ(test, query(test, handle, 0), 1);
	for (i = 0; i < 3; i++) {
		fence[i] = new_fence(test);
		submit(test, handle, 2 + i, dma_fence_get(fence[i]));
	}
	KUNIT_EXPECT_EQ(test, query(test, handle, last), 4);
	KUNIT_EXPECT_EQ(test, query(test, handle, 0), 1);
	/* 3 is reached with 2. */
	dma_fence_signal(fence[1]);
	KUNIT_EXPECT_EQ(test, query(test, handle, 0), 1);
	KUNIT_EXPECT_EQ(test, wait_point(test, handle, 3, 0, 0), -ETIME);
	dma_fence_signal(fence[0]);
	KUNIT_EXPECT_EQ(test, query(test, handle, 0), 3);
	KUNIT_EXPECT_EQ(test, wait_point(test, handle, 3, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, wait_point(test, handle, 4, 0, 0), -ETIME);
	/* Nobody has submitted it. */
	KUNIT_EXPECT_EQ(test, wait_point(test, handle, 5, 0, 0), -EINVAL);
	dma_fence_signal(fence[2]);
	KUNIT_EXPECT_EQ(test, query(test, handle, 0), 4);
	KUNIT_EXPECT_EQ(test, query(test, handle, last), 4);
	for (i = 0; i < 3; i++)
		dma_fence_put(fence[i]);
}

static void fences_are_transferred(struct kunit *test)
{
	struct dma_fence *fence = new_fence(test);
	u32 binary = create(test, 0), timeline = create(test, 0);
	u32 copy = create(test, 0);

	KUNIT_EXPECT_EQ(test, transfer(test, binary, 0, timeline, 1, 0),
			-EINVAL);
	submit(test, binary, 0, dma_fence_get(fence));
	KUNIT_EXPECT_EQ(test, transfer(test, 99, 0, timeline, 1, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, transfer(test, binary, 0, 99, 1, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, transfer(test, binary, 0, timeline, 7, 0), 0);
	KUNIT_EXPECT_EQ(test, transfer(test, timeline, 7, copy, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, wait_point(test, timeline, 7, 0, 0), -ETIME);
	KUNIT_EXPECT_EQ(test, wait_one(test, copy, 0, 0), -ETIME);
	dma_fence_signal(fence);
	KUNIT_EXPECT_EQ(test, wait_point(test, timeline, 7, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, wait_one(test, copy, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, query(test, timeline, 0), 7);
	dma_fence_put(fence);
}

static void a_transfer_waits_for_the_submission(struct kunit *test)
{
	struct later later = {
		.test = test, .handle = create(test, 0),
		.fence = dma_fence_get_stub(),
	};
	u32 timeline = create(test, 0);

	later_start(&later);
	KUNIT_EXPECT_EQ(test,
			transfer(test, later.handle, 0, timeline, 1,
				 DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT), 0);
	later_end(&later);
	KUNIT_EXPECT_EQ(test, wait_point(test, timeline, 1, 0, 0), 0);
}

static void an_object_is_shared_by_descriptor(struct kunit *test)
{
	struct syncobj_test *t = test->priv;
	struct drm_syncobj_handle args = { .handle = create(test, 0) };
	struct drm_syncobj *mine, *theirs;
	u32 handle = args.handle;

	KUNIT_ASSERT_EQ(test, IOCTL(t, handle_to_fd, &args), 0);
	args.handle = 0;
	KUNIT_ASSERT_EQ(test,
			drm_syncobj_fd_to_handle_ioctl(t->drm, &args,
						       &t->other), 0);
	mine = drm_syncobj_find(&t->file, handle);
	theirs = drm_syncobj_find(&t->other, args.handle);
	KUNIT_EXPECT_PTR_EQ(test, mine, theirs);
	drm_syncobj_put(mine);
	drm_syncobj_put(theirs);
	/* It lives as long as a descriptor or a handle. */
	KUNIT_EXPECT_EQ(test, destroy(test, handle), 0);
	close(args.fd);
	args.fd = STDIN_FILENO;
	KUNIT_EXPECT_EQ(test, IOCTL(t, fd_to_handle, &args), -EINVAL);
	args = (struct drm_syncobj_handle){ .handle = 99 };
	KUNIT_EXPECT_EQ(test, IOCTL(t, handle_to_fd, &args), -EINVAL);
	args = (struct drm_syncobj_handle){ .pad = 1 };
	KUNIT_EXPECT_EQ(test, IOCTL(t, handle_to_fd, &args), -EINVAL);
	KUNIT_EXPECT_EQ(test, IOCTL(t, fd_to_handle, &args), -EINVAL);
}

static void sync_files_are_exported_and_imported(struct kunit *test)
{
	struct syncobj_test *t = test->priv;
	struct dma_fence *fence = new_fence(test), *found;
	struct drm_syncobj_handle args = {
		.handle = create(test, 0),
		.flags = DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE,
	};
	u32 copy = create(test, 0);

	KUNIT_EXPECT_EQ(test, IOCTL(t, handle_to_fd, &args), -EINVAL);
	submit(test, args.handle, 0, dma_fence_get(fence));
	KUNIT_ASSERT_EQ(test, IOCTL(t, handle_to_fd, &args), 0);
	KUNIT_EXPECT_FALSE(test, is_readable(args.fd));
	found = sync_file_get_fence(args.fd);
	KUNIT_EXPECT_PTR_EQ(test, found, fence);
	dma_fence_put(found);

	args.handle = copy;
	args.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE;
	KUNIT_EXPECT_EQ(test, IOCTL(t, fd_to_handle, &args), 0);
	KUNIT_EXPECT_EQ(test, wait_one(test, copy, 0, 0), -ETIME);
	dma_fence_signal(fence);
	KUNIT_EXPECT_EQ(test, wait_one(test, copy, 0, 0), 0);
	KUNIT_EXPECT_TRUE(test, is_readable(args.fd));
	args.handle = 99;
	KUNIT_EXPECT_EQ(test, IOCTL(t, fd_to_handle, &args), -ENOENT);
	close(args.fd);
	args.fd = STDIN_FILENO;
	KUNIT_EXPECT_EQ(test, IOCTL(t, fd_to_handle, &args), -EINVAL);
	dma_fence_put(fence);
}

static void an_eventfd_tells_of_a_fence(struct kunit *test)
{
	struct dma_fence *fence = new_fence(test);
	int fd = eventfd(0, EFD_NONBLOCK);
	u32 handle = create(test, 0);

	/* Before the submission. */
	KUNIT_EXPECT_EQ(test, watch(test, handle, 0, fd, 0), 0);
	submit(test, handle, 0, dma_fence_get(fence));
	KUNIT_EXPECT_FALSE(test, is_readable(fd));
	dma_fence_signal(fence);
	KUNIT_EXPECT_TRUE(test, is_readable(fd));
	close(fd);
	/* After the signal. */
	fd = eventfd(0, EFD_NONBLOCK);
	KUNIT_EXPECT_EQ(test, watch(test, handle, 0, fd, 0), 0);
	KUNIT_EXPECT_TRUE(test, is_readable(fd));
	KUNIT_EXPECT_EQ(test, watch(test, handle, 0, STDIN_FILENO, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, watch(test, handle, 0, -1, 0), -EBADF);
	KUNIT_EXPECT_EQ(test, watch(test, 99, 0, fd, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, watch(test, handle, 0, fd, 1), -EINVAL);
	close(fd);
	dma_fence_put(fence);
}

static void an_eventfd_tells_of_a_point(struct kunit *test)
{
	const u32 available = DRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE;
	int there = eventfd(0, EFD_NONBLOCK), done = eventfd(0, EFD_NONBLOCK);
	struct dma_fence *fence = new_fence(test);
	int never = eventfd(0, EFD_NONBLOCK);
	u32 handle = create(test, 0);

	KUNIT_EXPECT_EQ(test, watch(test, handle, 3, there, available), 0);
	KUNIT_EXPECT_EQ(test, watch(test, handle, 3, done, 0), 0);
	KUNIT_EXPECT_EQ(test, watch(test, handle, 9, never, 0), 0);
	KUNIT_EXPECT_EQ(test, signal_point(test, handle, 2), 0);
	KUNIT_EXPECT_FALSE(test, is_readable(there));
	submit(test, handle, 4, dma_fence_get(fence));
	KUNIT_EXPECT_TRUE(test, is_readable(there));
	KUNIT_EXPECT_FALSE(test, is_readable(done));
	dma_fence_signal(fence);
	KUNIT_EXPECT_TRUE(test, is_readable(done));
	/* The object ends, and tells nobody. */
	KUNIT_EXPECT_EQ(test, destroy(test, handle), 0);
	KUNIT_EXPECT_FALSE(test, is_readable(never));
	close(there);
	close(done);
	close(never);
	dma_fence_put(fence);
}

static struct kunit_case syncobj_cases[] = {
	KUNIT_CASE(handles_come_and_go),
	KUNIT_CASE(a_device_without_the_feature_refuses),
	KUNIT_CASE(signal_and_reset_change_the_fence),
	KUNIT_CASE(arguments_that_are_not_there_are_refused),
	KUNIT_CASE(a_wait_ends_with_its_time),
	KUNIT_CASE(a_wait_ends_with_the_fence),
	KUNIT_CASE(a_wait_for_many),
	KUNIT_CASE(a_wait_for_the_submission),
	KUNIT_CASE(a_wait_until_a_point_is_there),
	KUNIT_CASE(a_signal_ends_a_wait),
	KUNIT_CASE(a_deadline_reaches_the_fence),
	KUNIT_CASE(points_are_signalled_in_their_order),
	KUNIT_CASE(fences_are_transferred),
	KUNIT_CASE(a_transfer_waits_for_the_submission),
	KUNIT_CASE(an_object_is_shared_by_descriptor),
	KUNIT_CASE(sync_files_are_exported_and_imported),
	KUNIT_CASE(an_eventfd_tells_of_a_fence),
	KUNIT_CASE(an_eventfd_tells_of_a_point),
	{ }
};

static struct kunit_suite syncobj_suite = {
	.name = "syncobj",
	.init = syncobj_init,
	.exit = syncobj_exit,
	.test_cases = syncobj_cases,
};

kunit_test_suite(syncobj_suite);
