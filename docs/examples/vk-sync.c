// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The back end that vk-sync.h declares. vk-queue.c uses it, and vk-test.c tests it.
 */
#include "vk-sync.h"
#include <fcntl.h>
#include <libfence/several.h>
#include <libfence/sync.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Signalled when something is submitted to a payload. */
struct more {
	char unused;
};
LIBFENCE_PAYLOAD(more, struct more);

/*
 * The state of a sync, which syncs and opaque descriptors share. @lock protects all
 * members after it. No fence is signalled, polled or waited for with the lock held,
 * because these call functions of other code.
 */
struct lf_payload {
	bool timeline;
	pthread_mutex_t lock;
	unsigned int refs;
	uint64_t value;			/* of a timeline: every point up to it is past */
	int error;			/* of the first point that failed, or 0 */
	struct lf_point *points;	/* by value; a binary one has at most one */
	struct more_fence *more;	/* NULL if nobody waits for it */
};

static void lf_point_free(struct lf_point *point)
{
	if (point)
		libfence_put(&point->fence);
	free(point);
}

static struct lf_payload *payload_get(struct lf_payload *payload)
{
	pthread_mutex_lock(&payload->lock);
	payload->refs++;
	pthread_mutex_unlock(&payload->lock);
	return payload;
}

static void payload_put(struct lf_payload *payload)
{
	struct lf_point *point;
	bool last;

	pthread_mutex_lock(&payload->lock);
	last = --payload->refs == 0;
	pthread_mutex_unlock(&payload->lock);
	if (!last)
		return;
	while ((point = payload->points)) {
		payload->points = point->next;
		lf_point_free(point);
	}
	if (payload->more)
		more_fence_signal(&payload->more, -ECANCELED);
	pthread_mutex_destroy(&payload->lock);
	free(payload);
}

int lf_sync_init(struct lf_device *device, struct lf_sync *sync, unsigned int flags,
		 uint64_t initial)
{
	struct lf_payload *payload = calloc(1, sizeof(*payload));
	int err = 0;

	if (!payload)
		return -ENOMEM;
	payload->timeline = flags & LF_SYNC_IS_TIMELINE;
	payload->refs = 1;
	payload->value = payload->timeline ? initial : 0;
	pthread_mutex_init(&payload->lock, NULL);
	sync->device = device;
	sync->payload = payload;
	if (!payload->timeline && initial)
		err = lf_sync_signal(sync, 0);
	if (err)
		lf_sync_finish(sync);
	return err;
}

void lf_sync_finish(struct lf_sync *sync)
{
	payload_put(sync->payload);
	sync->payload = NULL;
}

/* Take all points out of a binary payload. The caller frees the result. */
static struct lf_point *take_points(struct lf_payload *payload)
{
	struct lf_point *points;

	pthread_mutex_lock(&payload->lock);
	points = payload->points;
	payload->points = NULL;
	pthread_mutex_unlock(&payload->lock);
	return points;
}

void lf_sync_submit(struct lf_sync *sync, struct lf_point *point, struct libfence *fence)
{
	struct lf_payload *payload = sync->payload;
	struct lf_point **place = &payload->points, *old = NULL;
	struct more_fence *more;

	point->fence = fence;
	pthread_mutex_lock(&payload->lock);
	if (payload->timeline) {
		while (*place && (*place)->value <= point->value)
			place = &(*place)->next;
	} else {
		old = *place;
		*place = NULL;
	}
	point->next = *place;
	*place = point;
	more = more_fence_take(&payload->more);
	pthread_mutex_unlock(&payload->lock);
	lf_point_free(old);
	if (more)
		more_fence_signal(&more, 0);
}

int lf_sync_signal(struct lf_sync *sync, uint64_t value)
{
	struct libfence *fence = libfence_create_signaled(0);
	struct lf_point *point = calloc(1, sizeof(*point));

	if (!fence || !point) {
		libfence_put(&fence);
		free(point);
		return -ENOMEM;
	}
	point->value = value;
	lf_sync_submit(sync, point, fence);
	return 0;
}

int lf_sync_reset(struct lf_sync *sync)
{
	lf_point_free(take_points(sync->payload));
	return 0;
}

/* What @src has goes to @dst. The waits for @dst that are in progress see it. */
int lf_sync_move(struct lf_sync *dst, struct lf_sync *src)
{
	struct lf_point *point = take_points(src->payload);
	struct libfence *fence;

	if (!point)
		return lf_sync_reset(dst);
	fence = point->fence;
	lf_sync_submit(dst, point, fence);
	return 0;
}

/*
 * Remove the points of a timeline that are past. A wait makes sure that the fences
 * that it has waited for are past. Asking a fence may call its driver, so the lock is
 * not held then. Since there is a reference, no other point has this fence.
 */
static void advance(struct lf_payload *payload)
{
	bool past = payload->timeline;

	while (past) {
		struct libfence *fence = NULL;
		struct lf_point *point = NULL;
		int status = 0;

		pthread_mutex_lock(&payload->lock);
		if (payload->points)
			fence = libfence_get(payload->points->fence);
		pthread_mutex_unlock(&payload->lock);
		if (fence)
			status = libfence_status(fence);
		past = status;
		pthread_mutex_lock(&payload->lock);
		if (past && payload->points && payload->points->fence == fence) {
			point = payload->points;
			payload->points = point->next;
			if (point->value > payload->value)
				payload->value = point->value;
			if (status < 0 && !payload->error)
				payload->error = status;
		}
		pthread_mutex_unlock(&payload->lock);
		lf_point_free(point);
		libfence_put(&fence);
	}
}

/* Make the fence for "something was submitted". Called with the lock held. */
static int get_more(struct lf_sync *sync, struct libfence **fence)
{
	struct lf_payload *payload = sync->payload;
	struct more_prep *prep;

	if (!payload->more) {
		prep = more_prepare(&(struct more){ 0 });
		if (!prep)
			return -ENOMEM;
		payload->more = more_commit(sync->device->ctx, &prep);
	}
	*fence = more_fence_get(payload->more);
	return 0;
}

/*
 * Find out what a wait has to wait for: 0 and a reference to a fence, or 0 and NULL if
 * it is satisfied. Afterwards, look again. The last point that is needed comes first:
 * if there is an earlier one that takes longer, the next look finds it.
 */
static int look(const struct lf_sync_wait *wait, bool pending, struct libfence **fence)
{
	struct lf_payload *payload = wait->sync->payload;
	struct lf_point *point;
	int err = 0, status = 0;

	*fence = NULL;
	advance(payload);
	pthread_mutex_lock(&payload->lock);
	point = payload->points;
	while (point && payload->timeline && point->value < wait->value)
		point = point->next;
	if (payload->error)
		err = -ENODEV;
	else if (payload->timeline && payload->value >= wait->value)
		err = 0;
	else if (!point)
		err = get_more(wait->sync, fence);
	else if (!pending && payload->timeline && libfence_status_racy(point->fence))
		*fence = libfence_get(payload->points->fence);
	else if (!pending)
		*fence = libfence_get(point->fence);
	pthread_mutex_unlock(&payload->lock);
	if (point && *fence && !payload->timeline) {
		status = libfence_status(*fence);
		if (status)
			libfence_put(fence);
		if (status < 0)
			err = -ENODEV;
	}
	return err;
}

int lf_sync_wait_many(uint32_t n, const struct lf_sync_wait *waits, unsigned int flags,
		      uint64_t abs_timeout_ns)
{
	bool any = flags & LF_SYNC_WAIT_ANY, pending = flags & LF_SYNC_WAIT_PENDING;
	int64_t deadline = abs_timeout_ns < INT64_MAX ? (int64_t)abs_timeout_ns :
							LIBFENCE_FOREVER;
	struct libfence **fences = calloc(n ? n : 1, sizeof(struct libfence *));
	uint32_t i, satisfied;
	bool more;
	int err = 0;

	if (!fences)
		return -ENOMEM;
	do {
		satisfied = 0;
		for (i = 0; i < n && !err; i++) {
			err = look(&waits[i], pending, &fences[i]);
			satisfied += !err && !fences[i];
		}
		more = !err && satisfied < n && !(any && satisfied);
		if (more)
			err = libfence_wait_many(fences, n, any ? LIBFENCE_ANY : LIBFENCE_ALL,
						 deadline, NULL, NULL);
		for (i = 0; i < n; i++)
			libfence_put(&fences[i]);
	} while (more && !err);
	free(fences);
	return err;
}

int lf_sync_wait(struct lf_sync *sync, uint64_t value, unsigned int flags,
		 uint64_t abs_timeout_ns)
{
	struct lf_sync_wait wait = { sync, value };

	return lf_sync_wait_many(1, &wait, flags, abs_timeout_ns);
}

/* For a binary sync: is it signalled? */
int lf_sync_get_value(struct lf_sync *sync, uint64_t *value)
{
	struct lf_payload *payload = sync->payload;
	struct libfence *fence = NULL;
	int err, status;

	advance(payload);
	pthread_mutex_lock(&payload->lock);
	*value = payload->value;
	err = payload->error ? -ENODEV : 0;
	if (!payload->timeline && payload->points)
		fence = libfence_get(payload->points->fence);
	pthread_mutex_unlock(&payload->lock);
	if (fence) {
		status = libfence_status(fence);
		*value = status != 0;
		err = status < 0 ? -ENODEV : 0;
		libfence_put(&fence);
	}
	return err;
}

int lf_sync_collect(struct lf_sync *sync, uint64_t value, struct libfence ***fences,
		    size_t *n)
{
	struct lf_payload *payload = sync->payload;
	struct libfence **longer = NULL;
	struct lf_point *point, *end;
	size_t more = 0;
	int err = -EAGAIN;

	advance(payload);
	pthread_mutex_lock(&payload->lock);
	for (end = payload->points; end && err; end = end->next) {
		more++;
		if (!payload->timeline || end->value >= value)
			err = 0;
	}
	if (payload->timeline && payload->value >= value)
		more = err = 0;
	if (payload->error)
		err = -ENODEV;
	if (!err) {
		longer = realloc(*fences, (*n + more + 1) * sizeof(*longer));
		err = longer ? 0 : -ENOMEM;
	}
	if (longer)
		*fences = longer;
	for (point = payload->points; !err && more; more--, point = point->next)
		longer[(*n)++] = libfence_get(point->fence);
	pthread_mutex_unlock(&payload->lock);
	return err;
}

int lf_sync_import_sync_file(struct lf_sync *sync, int fd)
{
	struct lf_point *point = calloc(1, sizeof(*point));
	struct libfence *fence;
	int err = -ENOMEM;

	if (!point)
		return err;
	fence = fd == -1 ? libfence_create_signaled(0) : libfence_import(fd, &err);
	if (!fence) {
		free(point);
		return err;
	}
	lf_sync_submit(sync, point, fence);
	return 0;
}

int lf_sync_export_sync_file(struct lf_sync *sync, int *fd)
{
	struct lf_payload *payload = sync->payload;
	struct libfence *fence = NULL;

	pthread_mutex_lock(&payload->lock);
	if (!payload->timeline && payload->points)
		fence = libfence_get(payload->points->fence);
	pthread_mutex_unlock(&payload->lock);
	if (!fence)
		return -EINVAL;
	*fd = libfence_export(fence, "vk-sync");
	libfence_put(&fence);
	return *fd < 0 ? *fd : 0;
}

/*
 * Opaque descriptors. Such a descriptor stands for a payload, not for a fence: the
 * syncs that import it share all that is done with it later. The library has no
 * object that could be changed by several processes, so this works inside one process
 * (for several devices or APIs in it). An import in another process fails.
 *
 * The descriptor is the end of a pipe to read from, and the inode number of the pipe
 * leads to the payload. While this file has the other end, there is no other pipe
 * with this number. A pipe without readers is an error for poll(): then the last copy
 * of the descriptor is closed.
 */
struct exported {
	struct exported *next;
	struct lf_payload *payload;	/* a reference */
	struct stat pipe;
	int write_end;
	pid_t process;
};
static struct exported *all_exported;
static pthread_mutex_t exported_lock = PTHREAD_MUTEX_INITIALIZER;	/* the list */

/* Forget the descriptors that are closed. */
static void reap(void)
{
	struct exported **place = &all_exported, *closed = NULL, *one;

	pthread_mutex_lock(&exported_lock);
	while ((one = *place)) {
		struct pollfd poll_fd = { .fd = one->write_end };

		if (poll(&poll_fd, 1, 0) == 1 && poll_fd.revents & POLLERR) {
			*place = one->next;
			one->next = closed;
			closed = one;
		} else {
			place = &one->next;
		}
	}
	pthread_mutex_unlock(&exported_lock);
	while ((one = closed)) {
		closed = one->next;
		close(one->write_end);
		payload_put(one->payload);
		free(one);
	}
}

int lf_sync_export_opaque_fd(struct lf_sync *sync, int *fd)
{
	struct exported *one = calloc(1, sizeof(*one));
	int ends[2], err;

	reap();
	if (!one)
		return -ENOMEM;
	if (pipe2(ends, O_CLOEXEC)) {
		err = -errno;
		free(one);
		return err;
	}
	fstat(ends[0], &one->pipe);
	one->write_end = ends[1];
	one->process = getpid();
	one->payload = payload_get(sync->payload);
	*fd = ends[0];
	pthread_mutex_lock(&exported_lock);
	one->next = all_exported;
	all_exported = one;
	pthread_mutex_unlock(&exported_lock);
	return 0;
}

int lf_sync_import_opaque_fd(struct lf_sync *sync, int fd)
{
	struct lf_payload *payload = NULL;
	struct exported *one;
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	pthread_mutex_lock(&exported_lock);
	for (one = all_exported; one && !payload; one = one->next) {
		if (one->pipe.st_ino == st.st_ino && one->pipe.st_dev == st.st_dev &&
		    one->process == getpid() &&
		    one->payload->timeline == sync->payload->timeline)
			payload = payload_get(one->payload);
	}
	pthread_mutex_unlock(&exported_lock);
	if (!payload)
		return -EINVAL;
	payload_put(sync->payload);
	sync->payload = payload;
	reap();
	return 0;
}
