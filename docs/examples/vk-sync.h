/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Semaphores and fences of Vulkan, made of fences of this library: a back end as a
 * driver needs it for Mesa's struct vk_sync_type. Each function is that
 * for the member with the rest of its name: lf_sync_move() is for .move. A
 * binary sync is unsignalled, pending or signalled. A timeline has a value of 64
 * bits, which only grows.
 *
 * The payload of a sync is a list of fences. One more fence is signalled when something
 * is submitted: waits for work that has not been submitted wait for that. So each wait
 * is a wait for fences.
 *
 * Functions return 0 or a negative errno; lf_sync_result() makes a VkResult of it.
 * -ENODEV means that the work of a fence has failed: the device is lost. Times are
 * CLOCK_MONOTONIC in nanoseconds, as for vk_sync. Any thread may call any function,
 * except that importing into a sync, lf_sync_init() and lf_sync_finish() need it to
 * be unused, as Vulkan demands.
 */
#ifndef VK_SYNC_H
#define VK_SYNC_H

#include <errno.h>
#include <libfence/driver-fence.h>

/* The device gives the fences that mean "something was submitted" a context. */
struct lf_device {
	struct libfence_context *ctx;
};

enum lf_sync_flags {
	LF_SYNC_IS_TIMELINE = 1,
};

enum lf_sync_wait_flags {
	LF_SYNC_WAIT_COMPLETE = 0,
	LF_SYNC_WAIT_PENDING = 1,	/* until the work is submitted */
	LF_SYNC_WAIT_ANY = 2,		/* until one of the waits is satisfied */
};

struct lf_sync {
	struct lf_device *device;
	struct lf_payload *payload;	/* a reference */
};

/* For a binary sync, the value is not used. */
struct lf_sync_wait {
	struct lf_sync *sync;
	uint64_t value;
};

/* A fence in a payload, which is allocated before the fence exists. */
struct lf_point {
	struct lf_point *next;
	uint64_t value;
	struct libfence *fence;
};

int lf_sync_init(struct lf_device *device, struct lf_sync *sync, unsigned int flags,
		 uint64_t initial);
void lf_sync_finish(struct lf_sync *sync);
int lf_sync_signal(struct lf_sync *sync, uint64_t value);
int lf_sync_get_value(struct lf_sync *sync, uint64_t *value);
int lf_sync_reset(struct lf_sync *sync);
int lf_sync_move(struct lf_sync *dst, struct lf_sync *src);
int lf_sync_wait(struct lf_sync *sync, uint64_t value, unsigned int flags,
		 uint64_t abs_timeout_ns);
int lf_sync_wait_many(uint32_t n, const struct lf_sync_wait *waits, unsigned int flags,
		      uint64_t abs_timeout_ns);
/* The caller keeps its descriptor. -1 stands for a fence that is signalled. */
int lf_sync_import_sync_file(struct lf_sync *sync, int fd);
int lf_sync_export_sync_file(struct lf_sync *sync, int *fd);
/* In one process only: see vk-sync.c. */
int lf_sync_import_opaque_fd(struct lf_sync *sync, int fd);
int lf_sync_export_opaque_fd(struct lf_sync *sync, int *fd);

/*
 * For the submission of work. Appends references to the fences that have to be
 * signalled, if any, to an array from realloc(), which gets room for one more. -EAGAIN
 * if nothing that reaches @value has been submitted.
 */
int lf_sync_collect(struct lf_sync *sync, uint64_t value, struct libfence ***fences,
		    size_t *n);
/* Give a sync a fence. Consumes both. Cannot fail. A timeline gets point->value. */
void lf_sync_submit(struct lf_sync *sync, struct lf_point *point, struct libfence *fence);

static inline int lf_sync_result(int err)
{
	switch (err) {
	case 0:
		return 0;		/* VK_SUCCESS */
	case -ETIMEDOUT:
		return 2;		/* VK_TIMEOUT */
	case -ENOMEM:
		return -1;		/* VK_ERROR_OUT_OF_HOST_MEMORY */
	case -EMFILE:
	case -ENFILE:
		return -10;		/* VK_ERROR_TOO_MANY_OBJECTS */
	case -EBADF:
	case -EINVAL:
		return -1000072003;	/* VK_ERROR_INVALID_EXTERNAL_HANDLE */
	default:
		return -4;		/* VK_ERROR_DEVICE_LOST */
	}
}

#endif
