// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The consumer's side, <libfence/fence.h>, except the waits, which are in
 * wait.c. A struct libfence is a struct dma_fence, seen through the functions
 * that consumers may call. It can be any fence, from any producer.
 */

#include <linux/dma-fence.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/irqflags.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <libfence/dma-fence.h>

static struct dma_fence *to_dma_fence(const struct libfence *fence)
{
	return libfence_to_dma_fence(fence);
}

struct libfence *libfence_get_raw(const struct libfence *fence)
{
	return libfence_from_dma_fence(dma_fence_get(to_dma_fence(fence)));
}
EXPORT_SYMBOL(libfence_get_raw);

void libfence_put_raw(struct libfence *fence)
{
	dma_fence_put(to_dma_fence(fence));
}
EXPORT_SYMBOL(libfence_put_raw);

/*
 * The fence is signalled: have its callbacks finished? They run under the lock,
 * and the flag is set under the same lock before, so getting the lock once is
 * enough.
 *
 * This thread waits for the callbacks if it can. Inside a callback it cannot:
 * it holds the lock of another fence, and a callback of this fence may be
 * asking for the state of that one. Callbacks run with interrupts disabled, and
 * so does all code that holds a lock which callbacks take.
 */
static bool fence_callbacks_finished(struct dma_fence *fence)
{
	unsigned long flags;

	if (unlikely(irqs_disabled())) {
		if (!spin_trylock(dma_fence_spinlock(fence)))
			return false;
		spin_unlock(dma_fence_spinlock(fence));
		return true;
	}
	dma_fence_lock_irqsave(fence, flags);
	dma_fence_unlock_irqrestore(fence, flags);
	return true;
}

bool libfence_is_signaled(const struct libfence *fence)
{
	return dma_fence_is_signaled(to_dma_fence(fence)) &&
	       fence_callbacks_finished(to_dma_fence(fence));
}
EXPORT_SYMBOL(libfence_is_signaled);

bool libfence_is_signaled_racy(const struct libfence *fence)
{
	return dma_fence_test_signaled_flag(to_dma_fence(fence));
}
EXPORT_SYMBOL(libfence_is_signaled_racy);

int libfence_status(const struct libfence *fence)
{
	return libfence_is_signaled(fence) ? libfence_status_racy(fence) : 0;
}
EXPORT_SYMBOL(libfence_status);

int libfence_status_racy(const struct libfence *fence)
{
	/* The error was stored before the flag. */
	if (!dma_fence_test_signaled_flag(to_dma_fence(fence)))
		return 0;
	return to_dma_fence(fence)->error ?: 1;
}
EXPORT_SYMBOL(libfence_status_racy);

void libfence_set_deadline(const struct libfence *fence, int64_t deadline)
{
	dma_fence_set_deadline(to_dma_fence(fence), ns_to_ktime(deadline));
}
EXPORT_SYMBOL(libfence_set_deadline);

int64_t libfence_timestamp(const struct libfence *fence)
{
	return ktime_to_ns(dma_fence_timestamp(to_dma_fence(fence)));
}
EXPORT_SYMBOL(libfence_timestamp);

uint64_t libfence_fence_context(const struct libfence *fence)
{
	return to_dma_fence(fence)->context;
}
EXPORT_SYMBOL(libfence_fence_context);

uint64_t libfence_seqno(const struct libfence *fence)
{
	return to_dma_fence(fence)->seqno;
}
EXPORT_SYMBOL(libfence_seqno);

/* Copies in one read-side section: the string is valid until its end. */
static size_t fence_copy_name(const char __rcu *(*get)(struct dma_fence *fence),
			      const struct libfence *fence, char *buf,
			      size_t size)
{
	const char *name;
	size_t len, n;

	rcu_read_lock();
	name = (const char __force *)get(to_dma_fence(fence));
	len = strlen(name);
	n = min(len + 1, size);
	if (n) {
		memcpy(buf, name, n);
		buf[n - 1] = '\0';
	}
	rcu_read_unlock();
	return len;
}

size_t libfence_driver_name(const struct libfence *fence, char *buf,
			    size_t size)
{
	return fence_copy_name(dma_fence_driver_name, fence, buf, size);
}
EXPORT_SYMBOL(libfence_driver_name);

size_t libfence_timeline_name(const struct libfence *fence, char *buf,
			      size_t size)
{
	return fence_copy_name(dma_fence_timeline_name, fence, buf, size);
}
EXPORT_SYMBOL(libfence_timeline_name);

/* Callbacks */

static struct dma_fence_cb *inner_cb(struct libfence_callback *cb)
{
	BUILD_BUG_ON(sizeof(cb->private_) < sizeof(struct dma_fence_cb));
	BUILD_BUG_ON(__alignof__(cb->private_) <
		     __alignof__(struct dma_fence_cb));
	return (struct dma_fence_cb *)cb->private_;
}

static void fence_run_callback(struct dma_fence *fence,
			       struct dma_fence_cb *inner)
{
	struct libfence_callback *cb;

	cb = container_of((void *)inner, struct libfence_callback, private_);
	cb->fn(libfence_borrow_dma_fence(fence), cb->data);
}

int libfence_callback_register(const struct libfence *fence,
			       struct libfence_callback *cb)
{
	int err;

	if (WARN(cb->fence, "callback is registered already"))
		return -EBUSY;
	if (WARN(!cb->fn, "callback has no function"))
		return -EINVAL;
	if (libfence_is_signaled_racy(fence))
		return -ENOENT;
	/*
	 * Complete @cb before it is added. Once it is added, the function may
	 * run, and a thread that it notifies may unregister @cb and free it.
	 */
	cb->fence = libfence_get(fence);
	err = dma_fence_add_callback(to_dma_fence(fence), inner_cb(cb),
				     fence_run_callback);
	if (err)
		libfence_put(&cb->fence);
	return err;
}
EXPORT_SYMBOL(libfence_callback_register);

bool libfence_callback_unregister(struct libfence_callback *cb)
{
	bool had_run;

	if (!cb->fence)
		return false;
	/*
	 * Two callbacks that unregister each other's would wait for ever. This
	 * has to wait, unlike fence_callbacks_finished(): the caller frees @cb.
	 */
	if (LFSHIM_CHECKS)
		WARN(irqs_disabled(),
		     "libfence_callback_unregister() in a callback, which may never return");
	had_run = !dma_fence_remove_callback(to_dma_fence(cb->fence),
					     inner_cb(cb));
	libfence_put(&cb->fence);
	return had_run;
}
EXPORT_SYMBOL(libfence_callback_unregister);
