// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Reservations of the plain face. */

#include "several.h"
#include <linux/dma-fence-array.h>
#include <linux/dma-resv.h>

#define OBJECTS		4

static struct libfence_reservation *objects[OBJECTS];

static int setup_objects(void **state)
{
	int i;

	for (i = 0; i < OBJECTS; i++) {
		objects[i] = libfence_reservation_create();
		if (!objects[i])
			return -1;
	}
	return setup(state);
}

static int teardown_objects(void **state)
{
	int i;

	for (i = 0; i < OBJECTS; i++)
		libfence_reservation_destroy(&objects[i]);
	return teardown(state);
}

static void add(struct libfence_reservation *object,
		const struct libfence *fence, enum libfence_usage usage)
{
	libfence_reservation_lock(object);
	assert_int_equal(libfence_reservation_add(object, fence, usage), 0);
	libfence_reservation_unlock(object);
}

static void a_usage_includes_those_before_it(void **state)
{
	int have, look;

	for (have = LIBFENCE_USAGE_KERNEL; have <= LIBFENCE_USAGE_BOOKKEEP;
	     have++) {
		struct job_fence *owner = make_job(ctx, 1);
		struct libfence *fence = job_fence_get(owner), *merged;

		add(objects[have], fence, have);
		for (look = LIBFENCE_USAGE_KERNEL;
		     look <= LIBFENCE_USAGE_BOOKKEEP; look++) {
			struct libfence_reservation *object = objects[have];
			const bool found = have <= look;

			assert_int_equal(!found,
				libfence_reservation_is_signaled(object, look));
			assert_int_equal(libfence_reservation_wait(object, look,
				libfence_deadline(1000), 0),
				found ? -ETIMEDOUT : 0);
			merged = libfence_reservation_merge(object, look);
			assert_int_equal(merged == fence, found);
			assert_int_equal(libfence_status(merged), !found);
			libfence_put(&merged);
		}
		job_fence_signal(&owner, 0);
		assert_true(libfence_reservation_is_signaled(objects[have],
						LIBFENCE_USAGE_BOOKKEEP));
		assert_int_equal(libfence_reservation_wait(objects[have],
				LIBFENCE_USAGE_BOOKKEEP, 0, 0), 0);
		libfence_put(&fence);
	}
	assert_int_equal(libfence_usage_to_wait_for(true), LIBFENCE_USAGE_READ);
	assert_int_equal(libfence_usage_to_wait_for(false),
			 LIBFENCE_USAGE_WRITE);
}

static void what_is_wrong_is_refused(void **state)
{
	struct job_fence *owner = make_job(ctx, 1);
	struct libfence *fence = job_fence_get(owner), *merged = NULL;
	struct libfence_locks *locks = (void *)1;
	int err = 0;

	assert_warns(1, err = libfence_reservation_add(objects[0], fence,
						LIBFENCE_USAGE_READ););
	assert_int_equal(err, -EINVAL);
	libfence_reservation_lock(objects[0]);
	assert_warns(1, err = libfence_reservation_add(objects[0], fence,
						(enum libfence_usage)4););
	assert_int_equal(err, -EINVAL);
	libfence_reservation_unlock(objects[0]);
	assert_warns(1, err = libfence_reservation_wait(objects[0],
						(enum libfence_usage)4, 0, 0););
	assert_int_equal(err, -EINVAL);
	assert_warns(1, err = libfence_reservation_wait(objects[0],
				LIBFENCE_USAGE_READ, 0, LIBFENCE_ALL););
	assert_int_equal(err, -EINVAL);
	assert_warns(1, merged = libfence_reservation_merge(objects[0],
						(enum libfence_usage)-1););
	assert_null(merged);
	assert_warns(1, err = libfence_reservation_lock_many(objects, 1, 0,
						LIBFENCE_ALL, &locks););
	assert_int_equal(err, -EINVAL);
	assert_null(locks);
	assert_warns(1, err = libfence_reservation_lock_many(NULL, 1, 0, 0,
							     &locks););
	assert_int_equal(err, -EINVAL);
	end_jobs(&owner, &fence, 1);
}

static void adding_borrows_and_destroying_drops(void **state)
{
	struct libfence_reservation *object = libfence_reservation_create();
	struct job_fence *owners[2];
	struct libfence *fences[2];

	make_jobs(owners, fences, 2);
	add(object, fences[0], LIBFENCE_USAGE_READ);
	assert_int_equal(references(fences[0]), 3);
	/* The later one of the context replaces it. */
	add(object, fences[1], LIBFENCE_USAGE_READ);
	assert_int_equal(references(fences[0]), 2);
	libfence_reservation_destroy(&object);
	assert_null(object);
	assert_int_equal(references(fences[1]), 2);
	libfence_reservation_destroy(&object);
	end_jobs(owners, fences, 2);
}

static void each_part_of_a_merged_fence_is_added(void **state)
{
	struct libfence_context *other = make_context(1);
	struct job_fence *owners[2] = { make_job(ctx, 1), make_job(other, 2) };
	struct libfence *fences[2] = { job_fence_get(owners[0]),
				       job_fence_get(owners[1]) };
	struct libfence *merged = libfence_merge(fences, 2), *all;

	add(objects[0], merged, LIBFENCE_USAGE_WRITE);
	assert_int_equal(references(merged), 1);
	assert_int_equal(references(fences[0]), 4);
	job_fence_signal(&owners[0], 0);
	all = libfence_reservation_merge(objects[0], LIBFENCE_USAGE_READ);
	assert_ptr_equal(all, fences[1]);
	libfence_put(&all);
	job_fence_signal(&owners[1], 0);
	libfence_put(&merged);
	end_jobs(owners, fences, 2);
	libfence_context_destroy(&other);
}

static void wait_ends_when_the_last_fence_is_signalled(void **state)
{
	struct libfence_context *other = make_context(1);
	struct job_fence *owners[2] = { make_job(ctx, 1), make_job(other, 2) };
	struct libfence *fences[2] = { job_fence_get(owners[0]),
				       job_fence_get(owners[1]) };
	struct signal_later later[2] = { { owners[0], 2000, 0 },
					 { owners[1], 4000, -EIO } };
	struct task_struct *tasks[2];
	int i;

	for (i = 0; i < 2; i++)
		add(objects[0], fences[i], LIBFENCE_USAGE_WRITE);
	for (i = 0; i < 2; i++)
		tasks[i] = start(signal_later, &later[i]);
	assert_int_equal(libfence_reservation_wait(objects[0],
				LIBFENCE_USAGE_READ, LIBFENCE_FOREVER, 0), 0);
	for (i = 0; i < 2; i++) {
		assert_true(libfence_is_signaled(fences[i]));
		finish(tasks[i]);
		libfence_put(&fences[i]);
	}
	libfence_context_destroy(&other);
}

/* One of the two is signalled while the thread waits, and the other one is not. */
static void wait_goes_on_after_the_first_fence(void **state)
{
	struct libfence_context *other = make_context(1);
	struct job_fence *owners[2] = { make_job(ctx, 1), make_job(other, 2) };
	struct libfence *fences[2] = { job_fence_get(owners[0]),
				       job_fence_get(owners[1]) };
	struct signal_later later = { owners[0], 20000, 0 };
	struct task_struct *task;
	int i;

	for (i = 0; i < 2; i++)
		add(objects[0], fences[i], LIBFENCE_USAGE_WRITE);
	task = start(signal_later, &later);
	owners[0] = NULL;
	assert_int_equal(libfence_reservation_wait(objects[0],
				LIBFENCE_USAGE_READ, libfence_deadline(60 * MS),
				0), -ETIMEDOUT);
	finish(task);
	end_jobs(owners, fences, 2);
	libfence_context_destroy(&other);
}

/* Locking several */

static bool is_locked(struct libfence_reservation *object)
{
	return ww_mutex_is_locked((struct ww_mutex *)object);
}

static void many_are_locked_in_any_order_with_duplicates(void **state)
{
	struct libfence_reservation *some[] = {
		objects[2], NULL, objects[0], objects[2], objects[1], objects[0],
	};
	struct libfence_locks *locks;

	assert_int_equal(libfence_reservation_lock_many(some, ARRAY_SIZE(some),
							0, 0, &locks), 0);
	assert_true(is_locked(objects[0]));
	assert_true(is_locked(objects[1]));
	assert_true(is_locked(objects[2]));
	assert_false(is_locked(objects[3]));
	libfence_locks_release(&locks);
	assert_null(locks);
	assert_false(is_locked(objects[0]));
	assert_false(is_locked(objects[1]));
	assert_false(is_locked(objects[2]));
	libfence_locks_release(&locks);
	/* None at all. */
	assert_int_equal(libfence_reservation_lock_many(NULL, 0, 3, 0, &locks),
			 0);
	assert_non_null(locks);
	libfence_locks_release(&locks);
}

static void adding_with_room_does_not_allocate(void **state)
{
	struct libfence_context *contexts[5];
	struct job_fence *owners[5];
	struct libfence *fences[5];
	struct libfence_locks *locks;
	int i, k;

	for (i = 0; i < 5; i++) {
		contexts[i] = make_context(1);
		owners[i] = make_job(contexts[i], i);
		fences[i] = job_fence_get(owners[i]);
	}
	assert_int_equal(libfence_reservation_lock_many(objects, 2, 5, 0,
							&locks), 0);
	libfence_fail_nth(1);
	for (k = 0; k < 2; k++)
		for (i = 0; i < 5; i++)
			assert_int_equal(libfence_reservation_add(objects[k],
				fences[i], LIBFENCE_USAGE_READ), 0);
	assert_int_equal(libfence_fail_nth_left(), 1);
	libfence_locks_release(&locks);
	/* Without room it does, and nothing is added if that fails. */
	libfence_reservation_lock(objects[2]);
	assert_int_equal(libfence_reservation_add(objects[2], fences[0],
						  LIBFENCE_USAGE_READ),
			 -ENOMEM);
	libfence_reservation_unlock(objects[2]);
	assert_true(libfence_reservation_is_signaled(objects[2],
						     LIBFENCE_USAGE_BOOKKEEP));
	for (i = 0; i < 5; i++)
		job_fence_signal(&owners[i], 0);
	end_jobs(owners, fences, 5);
	for (i = 0; i < 5; i++)
		libfence_context_destroy(&contexts[i]);
}

static void every_failed_allocation_unlocks(void **state)
{
	struct libfence_locks *locks;
	unsigned int nth = 0, failures = 0;
	int err, i;

	do {
		/* New ones, which have no room yet. */
		for (i = 0; i < OBJECTS; i++) {
			libfence_reservation_destroy(&objects[i]);
			objects[i] = libfence_reservation_create();
			assert_non_null(objects[i]);
		}
		libfence_fail_nth(++nth);
		err = libfence_reservation_lock_many(objects, OBJECTS, 2, 0,
						     &locks);
		if (err) {
			assert_int_equal(err, -ENOMEM);
			assert_null(locks);
			failures++;
			for (i = 0; i < OBJECTS; i++)
				assert_false(is_locked(objects[i]));
		}
		libfence_locks_release(&locks);
	} while (!libfence_fail_nth_left());
	libfence_fail_nth(0);
	/* The locks, and room in each object. */
	assert_int_equal(failures, 1 + OBJECTS);
	libfence_fail_nth(1);
	assert_null(libfence_reservation_create());
}

/* Threads that lock the same objects in opposite orders */

#define ROUNDS	(2000 / test_slowness())

static unsigned int counts[OBJECTS];

static int lock_in_an_order(void *data)
{
	const bool up = data;
	struct libfence_reservation *order[OBJECTS];
	struct libfence_locks *locks;
	unsigned int round;
	int i;

	for (i = 0; i < OBJECTS; i++)
		order[i] = objects[up ? i : OBJECTS - 1 - i];
	for (round = 0; round < ROUNDS; round++) {
		int err = libfence_reservation_lock_many(order, OBJECTS, 0,
			round % 2 ? LIBFENCE_INTERRUPTIBLE : 0, &locks);

		if (err)
			return err;
		for (i = 0; i < OBJECTS; i++)
			counts[i]++;
		libfence_locks_release(&locks);
	}
	return 0;
}

static void opposite_orders_make_no_deadlock(void **state)
{
	struct task_struct *tasks[3];
	int i;

	memset(counts, 0, sizeof(counts));
	for (i = 0; i < 3; i++)
		tasks[i] = start(lock_in_an_order, i % 2 ? NULL : (void *)1);
	for (i = 0; i < 3; i++)
		assert_int_equal(finish(tasks[i]), 0);
	for (i = 0; i < OBJECTS; i++) {
		assert_int_equal(counts[i], 3 * ROUNDS);
		assert_false(is_locked(objects[i]));
	}
}

static int lock_both(void *data)
{
	struct libfence_reservation *order[2] = { objects[1], objects[0] };
	struct libfence_locks *locks;
	int err;

	err = libfence_reservation_lock_many(order, 2, 0, LIBFENCE_INTERRUPTIBLE,
					     &locks);
	libfence_locks_release(&locks);
	return err;
}

/*
 * An older context holds objects[1] and takes objects[0], which the younger one
 * holds: the younger one gives it back, and has all three in the end.
 */
static struct {
	bool all;
} younger;

static int lock_three(void *data)
{
	struct libfence_reservation *order[3] = { objects[0], objects[1],
						  objects[2] };
	struct libfence_locks *locks;
	int err = libfence_reservation_lock_many(order, 3, 0, 0, &locks);

	younger.all = !err && is_locked(objects[0]) && is_locked(objects[1]) &&
		      is_locked(objects[2]);
	libfence_locks_release(&locks);
	return err;
}

static void the_younger_one_gives_back_and_begins_again(void **state)
{
	struct ww_acquire_ctx older;
	struct task_struct *task;

	ww_acquire_init(&older, &reservation_ww_class);
	assert_int_equal(ww_mutex_lock((struct ww_mutex *)objects[1], &older),
			 0);
	younger.all = false;
	task = start(lock_three, NULL);
	/* It holds the first, is refused the second, and waits for that. */
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	assert_int_equal(ww_mutex_lock((struct ww_mutex *)objects[0], &older),
			 0);
	ww_mutex_unlock((struct ww_mutex *)objects[0]);
	ww_mutex_unlock((struct ww_mutex *)objects[1]);
	ww_acquire_fini(&older);
	assert_int_equal(finish(task), 0);
	assert_true(younger.all);
}

static void a_signal_ends_the_wait_for_a_lock(void **state)
{
	struct task_struct *task;

	libfence_reservation_lock(objects[0]);
	task = start(lock_both, NULL);
	assert_true(eventually(sleeps_in(task, TASK_INTERRUPTIBLE)));
	send_sig(SIGINT, task, 1);
	assert_int_equal(finish(task), -EINTR);
	/* It has given back the other one. */
	assert_false(is_locked(objects[1]));
	libfence_reservation_unlock(objects[0]);
}

#define OBJECTS_CASE(f) \
	cmocka_unit_test_setup_teardown(f, setup_objects, teardown_objects)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		OBJECTS_CASE(a_usage_includes_those_before_it),
		OBJECTS_CASE(what_is_wrong_is_refused),
		OBJECTS_CASE(adding_borrows_and_destroying_drops),
		OBJECTS_CASE(each_part_of_a_merged_fence_is_added),
		OBJECTS_CASE(wait_ends_when_the_last_fence_is_signalled),
		OBJECTS_CASE(wait_goes_on_after_the_first_fence),
		OBJECTS_CASE(many_are_locked_in_any_order_with_duplicates),
		OBJECTS_CASE(adding_with_room_does_not_allocate),
		OBJECTS_CASE(every_failed_allocation_unlocks),
		OBJECTS_CASE(opposite_orders_make_no_deadlock),
		OBJECTS_CASE(the_younger_one_gives_back_and_begins_again),
		OBJECTS_CASE(a_signal_ends_the_wait_for_a_lock),
	};

	return TEST_MAIN("several-reservation", tests);
}
