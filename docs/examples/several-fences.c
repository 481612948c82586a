// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Three engines, and two buffers that they share. Each job waits for the fences
 * in the reservations of its buffers. The main thread waits for any job, for
 * all of them, and for a buffer.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <libfence/reservation.h>
#include <libfence/several.h>
#include <libfence/timeline.h>

#define ENGINES	3
#define MS	1000000

static struct libfence_timeline *engines[ENGINES];

/*
 * Lock both buffers, find out what the job has to wait for, and add its fence.
 * Returns one fence, which stands for all that the job has to wait for.
 */
static struct libfence *submit(struct libfence *job,
			       struct libfence_reservation *source,
			       struct libfence_reservation *target)
{
	struct libfence_reservation *both[2] = { source, target };
	struct libfence *before[2], *all;
	struct libfence_locks *locks;

	/* With room for one fence each, adding it below cannot fail. */
	if (libfence_reservation_lock_many(both, 2, 1, 0, &locks))
		return NULL;
	before[0] = libfence_reservation_merge(source,
					       libfence_usage_to_wait_for(false));
	before[1] = libfence_reservation_merge(target,
					       libfence_usage_to_wait_for(true));
	all = before[0] && before[1] ? libfence_merge(before, 2) : NULL;
	libfence_put(&before[0]);
	libfence_put(&before[1]);
	if (all) {
		int err = libfence_reservation_add(source, job,
						   LIBFENCE_USAGE_READ);

		assert(!err);
		err = libfence_reservation_add(target, job,
					       LIBFENCE_USAGE_WRITE);
		assert(!err);
	}
	libfence_locks_release(&locks);
	return all;
}

int main(void)
{
	struct libfence_reservation *a = libfence_reservation_create();
	struct libfence_reservation *b = libfence_reservation_create();
	struct libfence *jobs[ENGINES], *before[ENGINES], *merged;
	const struct libfence *part;
	struct libfence_parts parts;
	int statuses[ENGINES], err, i, n = 0;
	size_t index;

	for (i = 0; i < ENGINES; i++) {
		engines[i] = libfence_timeline_create("engine");
		assert(engines[i]);
		jobs[i] = libfence_timeline_fence(engines[i], 1);
		assert(jobs[i]);
	}
	assert(a && b);

	/* The first one copies a to b, and so do the others after it. */
	for (i = 0; i < ENGINES; i++) {
		before[i] = submit(jobs[i], a, b);
		assert(before[i]);
	}
	assert(libfence_is_signaled(before[0]));
	assert(libfence_status(before[1]) == 0);

	/* No job is done within 1 ms. */
	err = libfence_wait_many(jobs, ENGINES, LIBFENCE_ANY,
				 libfence_deadline(1 * MS), &index, NULL);
	assert(err == -ETIMEDOUT);

	libfence_timeline_inc(engines[0], 1);
	err = libfence_wait_many(jobs, ENGINES, LIBFENCE_ANY, LIBFENCE_FOREVER,
				 &index, statuses);
	assert(!err && index == 0);
	assert(statuses[0] == 1 && statuses[1] == 0);
	err = libfence_wait(before[1], LIBFENCE_FOREVER);
	assert(!err);

	/* One fence for the jobs that are left. */
	merged = libfence_merge(jobs, ENGINES);
	assert(merged);
	for (part = libfence_parts_first(&parts, merged); part;
	     part = libfence_parts_next(&parts))
		n++;
	printf("%d of %d jobs are left\n", n, ENGINES);
	assert(n == 2);

	libfence_timeline_inc(engines[1], 1);
	libfence_timeline_destroy(&engines[2]);
	err = libfence_wait_many(jobs, ENGINES, LIBFENCE_ALL, LIBFENCE_FOREVER,
				 &index, statuses);
	assert(!err);
	printf("job %zu failed: %d\n", index, statuses[index]);
	assert(index == 2);
	err = libfence_reservation_wait(b, LIBFENCE_USAGE_BOOKKEEP, 0, 0);
	assert(!err);

	libfence_put(&merged);
	for (i = 0; i < ENGINES; i++) {
		libfence_put(&jobs[i]);
		libfence_put(&before[i]);
		libfence_timeline_destroy(&engines[i]);
	}
	libfence_reservation_destroy(&a);
	libfence_reservation_destroy(&b);
	return 0;
}
