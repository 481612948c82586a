// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A sync file is a file around a fence. It becomes readable when the fence is
 * signalled. Its ioctls report on the fence and merge it with that of another
 * file. <linux/sync_file.h> has the structure, and <uapi/linux/sync_file.h> the
 * arguments of the ioctls.
 */

#include <linux/anon_inodes.h>
#include <linux/dma-fence.h>
#include <linux/dma-fence-unwrap.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sync_file.h>
#include <linux/uaccess.h>
#include <uapi/linux/sync_file.h>

#include "wire.h"

static const struct file_operations sync_file_fops;

/**
 * sync_file_create - create a file around a fence
 * @fence: borrowed; the file takes its own reference
 *
 * Its &sync_file.file owns the result. The caller passes that to fd_install()
 * or fput().
 * Context: may sleep.
 * Return: the sync file, or NULL without memory.
 */
struct sync_file *sync_file_create(struct dma_fence *fence)
{
	struct sync_file *s = kzalloc_obj(*s);

	if (!s)
		return NULL;
	init_waitqueue_head(&s->wq);
	INIT_LIST_HEAD(&s->cb.node);
	s->file = anon_inode_getfile("sync_file", &sync_file_fops, s, 0);
	if (IS_ERR(s->file)) {
		kfree(s);
		return NULL;
	}
	s->fence = dma_fence_get(fence);
	return s;
}
EXPORT_SYMBOL(sync_file_create);

/**
 * sync_file_from_file - get the sync file of a file
 * @file: any file, borrowed
 *
 * Context: any.
 * Return: the sync file, borrowed from @file; NULL for any other file.
 */
struct sync_file *sync_file_from_file(struct file *file)
{
	return file->f_op == &sync_file_fops ? file->private_data : NULL;
}
EXPORT_SYMBOL(sync_file_from_file);

/**
 * sync_file_get_fence - get the fence of a descriptor
 * @fd: any number
 *
 * Context: may sleep.
 * Return: the fence with a reference; NULL when @fd is not open or is not a
 * sync file.
 */
struct dma_fence *sync_file_get_fence(int fd)
{
	struct dma_fence *fence = NULL;
	struct file *file = fget(fd);
	struct sync_file *s;

	if (!file)
		return NULL;
	s = sync_file_from_file(file);
	if (s)
		fence = dma_fence_get(s->fence);
	fput(file);
	return fence;
}
EXPORT_SYMBOL(sync_file_get_fence);

/**
 * sync_file_get_name - get the name of a sync file
 * @sync_file: the sync file
 * @buf: gets the name
 * @len: the size of @buf; the name is truncated to fit, with a terminating 0
 *
 * The name is the one that the file was given, for example by SYNC_IOC_MERGE.
 * Otherwise it consists of the fence's driver name, timeline name, context and
 * seqno.
 * Context: any.
 * Return: @buf.
 */
char *sync_file_get_name(struct sync_file *sync_file, char *buf, int len)
{
	struct dma_fence *fence = sync_file->fence;

	if (sync_file->user_name[0]) {
		strscpy(buf, sync_file->user_name, len);
		return buf;
	}
	/* The producer's strings are valid in this section. */
	rcu_read_lock();
	snprintf(buf, len, "%s-%s%llu-%lld",
		 (const char __force *)dma_fence_driver_name(fence),
		 (const char __force *)dma_fence_timeline_name(fence),
		 (unsigned long long)fence->context, (long long)fence->seqno);
	rcu_read_unlock();
	return buf;
}
EXPORT_SYMBOL(sync_file_get_name);

/* With the fence's lock held. */
static void sync_file_wake_pollers(struct dma_fence *fence,
				   struct dma_fence_cb *cb)
{
	wake_up_all(&container_of(cb, struct sync_file, cb)->wq);
}

static __poll_t sync_file_poll(struct file *file, poll_table *table)
{
	struct sync_file *s = file->private_data;

	poll_wait(file, &s->wq, table);
	/*
	 * The first poller adds the callback. No partner: the bit selects one
	 * poller, and the release op comes after all polls.
	 */
	if (!test_bit(POLL_ENABLED, &s->flags) &&
	    !test_and_set_bit(POLL_ENABLED, &s->flags) &&
	    dma_fence_add_callback(s->fence, &s->cb,
				   sync_file_wake_pollers) < 0)
		wake_up_all(&s->wq);
	return dma_fence_is_signaled(s->fence) ? EPOLLIN : 0;
}

static int sync_file_release(struct inode *inode, struct file *file)
{
	struct sync_file *s = file->private_data;

	/* Takes the fence's lock: the callback is not running after it. */
	if (test_bit(POLL_ENABLED, &s->flags))
		dma_fence_remove_callback(s->fence, &s->cb);
	dma_fence_put(s->fence);
	kfree(s);
	return 0;
}

/* SYNC_IOC_MERGE */

/* Consumes @other. */
static struct sync_file *sync_file_merge_fences(struct sync_file *a,
						struct dma_fence *other,
						const char *name)
{
	struct dma_fence *merged = dma_fence_unwrap_merge(a->fence, other);
	struct sync_file *s = NULL;

	if (merged)
		s = sync_file_create(merged);
	if (s)
		strscpy(s->user_name, name, sizeof(s->user_name));
	dma_fence_put(merged);
	dma_fence_put(other);
	return s;
}

/**
 * sync_file_merge_with - the ioctl SYNC_IOC_MERGE
 * @sync_file: the sync file on which the ioctl was called
 * @arg: a struct sync_merge_data
 * @get_fence: gets the fence of the other descriptor, with a reference:
 *	sync_file_get_fence(), or a function that knows more kinds of
 *	descriptors
 *
 * Context: may sleep.
 * Return: 0, or the negative errno that the ioctl returns.
 */
long sync_file_merge_with(struct sync_file *sync_file, void __user *arg,
			  struct dma_fence *(*get_fence)(int fd))
{
	int fd = get_unused_fd_flags(O_CLOEXEC), err;
	struct sync_merge_data data;
	struct sync_file *merged;
	struct dma_fence *other;

	if (fd < 0)
		return fd;
	err = -EFAULT;
	if (copy_from_user(&data, arg, sizeof(data)))
		goto put_fd;
	err = -EINVAL;
	if (data.flags || data.pad)
		goto put_fd;
	data.name[sizeof(data.name) - 1] = '\0';
	err = -ENOENT;
	other = get_fence(data.fd2);
	if (!other)
		goto put_fd;
	err = -ENOMEM;
	merged = sync_file_merge_fences(sync_file, other, data.name);
	if (!merged)
		goto put_fd;
	data.fence = fd;
	err = -EFAULT;
	if (copy_to_user(arg, &data, sizeof(data)))
		goto put_file;
	fd_install(fd, merged->file);
	return 0;

put_file:
	fput(merged->file);
put_fd:
	put_unused_fd(fd);
	return err;
}
EXPORT_SYMBOL(sync_file_merge_with);

/* SYNC_IOC_FILE_INFO */

static u64 timestamp_ns(struct dma_fence *fence, int status)
{
	return status ? ktime_to_ns(dma_fence_timestamp(fence)) : 0;
}

static int sync_file_fill_fence(struct dma_fence *fence,
				struct sync_fence_info *info)
{
	/* Names first: asking for the status may signal the fence. */
	rcu_read_lock();
	strscpy(info->obj_name,
		(const char __force *)dma_fence_timeline_name(fence),
		sizeof(info->obj_name));
	strscpy(info->driver_name,
		(const char __force *)dma_fence_driver_name(fence),
		sizeof(info->driver_name));
	rcu_read_unlock();
	info->status = dma_fence_get_status(fence);
	info->timestamp_ns = timestamp_ns(fence, info->status);
	return info->status;
}

static unsigned int sync_file_count_fences(struct dma_fence *fence)
{
	struct dma_fence_unwrap cursor;
	struct dma_fence *f;
	unsigned int n = 0;

	dma_fence_unwrap_for_each(f, &cursor, fence)
		n++;
	return n;
}

/*
 * Copy a table of the fences to the user. Store their number and status in
 * @info.
 */
static long sync_file_fill_table(struct dma_fence *fence, unsigned int room,
				 struct sync_file_info *info)
{
	struct dma_fence_unwrap cursor;
	struct sync_fence_info *table;
	unsigned int n = 0;
	struct dma_fence *f;
	long err = 0;

	table = kzalloc_objs(*table, room);
	if (!table)
		return -ENOMEM;
	info->status = 1;
	dma_fence_unwrap_for_each(f, &cursor, fence) {
		int status;

		/* There can only be fewer than were counted. */
		if (WARN_ON(n == room)) {
			dma_fence_put(cursor.chain);
			break;
		}
		status = sync_file_fill_fence(f, &table[n++]);
		if (info->status > 0)
			info->status = status;
	}
	info->num_fences = n;
	if (copy_to_user(u64_to_user_ptr(info->sync_fence_info), table,
			 room * sizeof(*table)))
		err = -EFAULT;
	kfree(table);
	return err;
}

static long sync_file_ioctl_file_info(struct sync_file *s, void __user *arg)
{
	struct sync_file_info info;
	unsigned int n;
	long err;

	if (copy_from_user(&info, arg, sizeof(info)))
		return -EFAULT;
	if (info.flags || info.pad)
		return -EINVAL;
	n = sync_file_count_fences(s->fence);
	if (info.num_fences) {
		if (info.num_fences < n)
			return -EINVAL;
		err = sync_file_fill_table(s->fence, n, &info);
		if (err)
			return err;
	} else {
		info.status = dma_fence_get_status(s->fence);
		info.num_fences = n;
	}
	sync_file_get_name(s, info.name, sizeof(info.name));
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long sync_file_ioctl_set_deadline(struct sync_file *s, void __user *arg)
{
	struct sync_set_deadline data;

	if (copy_from_user(&data, arg, sizeof(data)))
		return -EFAULT;
	if (data.pad)
		return -EINVAL;
	dma_fence_set_deadline(s->fence, ns_to_ktime(data.deadline_ns));
	return 0;
}

static long sync_file_ioctl_result(struct sync_file *s, void __user *arg)
{
	struct sync_file_result result = { 0 };

	/* Does not take the lock, so callbacks may still be running. */
	if (dma_fence_is_signaled(s->fence)) {
		result.status = s->fence->error ?: 1;
		result.timestamp_ns =
			ktime_to_ns(dma_fence_timestamp(s->fence));
	}
	return copy_to_user(arg, &result, sizeof(result)) ? -EFAULT : 0;
}

static long sync_file_ioctl_names(struct sync_file *s, void __user *arg)
{
	struct sync_file_names names = { 0 };

	if (dma_fence_is_container(s->fence))
		return -EINVAL;
	rcu_read_lock();
	strscpy(names.driver,
		(const char __force *)dma_fence_driver_name(s->fence));
	strscpy(names.timeline,
		(const char __force *)dma_fence_timeline_name(s->fence));
	rcu_read_unlock();
	return copy_to_user(arg, &names, sizeof(names)) ? -EFAULT : 0;
}

static long sync_file_ioctl(struct file *file, unsigned int cmd,
			    unsigned long arg)
{
	struct sync_file *s = file->private_data;
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case SYNC_IOC_MERGE:
		return sync_file_merge_with(s, user, sync_file_get_fence);
	case SYNC_IOC_FILE_INFO:
		return sync_file_ioctl_file_info(s, user);
	case SYNC_IOC_SET_DEADLINE:
		return sync_file_ioctl_set_deadline(s, user);
	case SYNC_FILE_IOC_RESULT:
		return sync_file_ioctl_result(s, user);
	case SYNC_FILE_IOC_NAMES:
		return sync_file_ioctl_names(s, user);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations sync_file_fops = {
	.poll = sync_file_poll,
	.unlocked_ioctl = sync_file_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = sync_file_release,
	.lfshim_wire = &lfpriv_sync_file_wire,
};
