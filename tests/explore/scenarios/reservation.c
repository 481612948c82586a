// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Reservations of the plain face: fences are added, waited for and merged. */

#include "explore.h"

#include <linux/errno.h>
#include <linux/slab.h>
#include <libfence/dma-fence.h>
#include <libfence/reservation.h>
#include <libfence/several.h>

#include "jobs.h"

static struct libfence_reservation *objects[2];
static struct libfence *merged;
/* Under the locks of both. */
static int changes, expected;

static void make_objects(void)
{
	objects[0] = libfence_reservation_create();
	objects[1] = libfence_reservation_create();
	lfx_name(objects[0], "object 0");
	lfx_name(objects[1], "object 1");
}

/* The first fence is in object 0. */
static void make_all(int nr)
{
	make_objects();
	make_jobs(nr);
	libfence_reservation_lock(objects[0]);
	lfx_assert(!libfence_reservation_add(objects[0], fences[0],
					     LIBFENCE_USAGE_WRITE));
	libfence_reservation_unlock(objects[0]);
}

static void make_one(void)
{
	make_all(1);
}

static void make_two(void)
{
	make_all(2);
}

static void end_all(void)
{
	lfx_assert(changes == expected);
	libfence_put(&merged);
	libfence_reservation_destroy(&objects[0]);
	libfence_reservation_destroy(&objects[1]);
	put_jobs();
}

/* A fence is added, and then signalled. */
static void add_and_signal_1(void)
{
	libfence_reservation_lock(objects[0]);
	lfx_assert(!libfence_reservation_add(objects[0], fences[1],
					     LIBFENCE_USAGE_WRITE));
	libfence_reservation_unlock(objects[0]);
	signal_1();
}

static void wait_for_object(void)
{
	lfx_assert(!libfence_reservation_wait(objects[0], LIBFENCE_USAGE_READ,
					      LIBFENCE_FOREVER, 0));
	lfx_assert(libfence_is_signaled_racy(fences[0]));
}

LFX_SCENARIO(reservation_wait) = {
	.name = "reservation-wait",
	.what = "a signal against a wait for the object",
	.setup = make_one,
	.threads = { { "owner 0", signal_0 }, { "waiter", wait_for_object } },
	.check = end_all,
};

/* The object has the last reference, until another fence takes the place. */

static void make_two_and_put(void)
{
	make_two();
	libfence_put(&fences[0]);
}

static void only_wait(void)
{
	lfx_assert(!libfence_reservation_wait(objects[0], LIBFENCE_USAGE_READ,
					      LIBFENCE_FOREVER, 0));
}

LFX_SCENARIO(reservation_add_wait) = {
	.name = "reservation-add-wait",
	.what = "a signal, and a fence that is added and signalled, against a wait",
	.setup = make_two_and_put,
	.threads = {
		{ "owner 0", signal_0 }, { "owner 1", add_and_signal_1 },
		{ "waiter", only_wait },
	},
	.check = end_all,
};

static void wait_for_object_a_while(void)
{
	int err;

	err = libfence_reservation_wait(objects[0], LIBFENCE_USAGE_READ,
					libfence_deadline(2000000), 0);
	lfx_assert(!err || err == -ETIMEDOUT);
	if (!err)
		lfx_assert(libfence_is_signaled(fences[0]));
}

LFX_SCENARIO(reservation_wait_time) = {
	.name = "reservation-wait-time",
	.what = "a signal against a wait for the object whose time may be up",
	.setup = make_one,
	.threads = {
		{ "owner 0", signal_0 }, { "waiter", wait_for_object_a_while },
	},
	.check = end_all,
};

static void merge_object(void)
{
	merged = libfence_reservation_merge(objects[0], LIBFENCE_USAGE_READ);
	lfx_assert(merged);
	lfx_assert(!libfence_wait(merged, LIBFENCE_FOREVER));
	lfx_assert(libfence_is_signaled_racy(fences[0]));
}

LFX_SCENARIO(reservation_merge) = {
	.name = "reservation-merge",
	.what = "a signal, and a fence that is added, against a merge of the object",
	.setup = make_two,
	.threads = {
		{ "owner 0", signal_0 }, { "owner 1", add_and_signal_1 },
		{ "merger", merge_object },
	},
	.check = end_all,
};

/* Opposite orders: the later thread gives up its locks, and begins again. */

static void lock_both(struct libfence_reservation *first,
		      struct libfence_reservation *second, unsigned int flags)
{
	struct libfence_reservation *both[] = { first, second, second };
	struct libfence_locks *locks;
	int err;

	err = libfence_reservation_lock_many(both, 3, 0, flags, &locks);
	if (err) {
		lfx_assert(flags && err == -EINTR && !locks);
		expected--;
		return;
	}
	changes++;
	libfence_locks_release(&locks);
}

static void lock_0_1(void)
{
	lock_both(objects[0], objects[1], 0);
}

static void lock_1_0(void)
{
	lock_both(objects[1], objects[0], 0);
}

static void make_objects_for_two(void)
{
	make_objects();
	expected = 2;
}

LFX_SCENARIO(reservation_lock_many) = {
	.name = "reservation-lock-many",
	.what = "two threads lock the same two objects in opposite orders",
	.setup = make_objects_for_two,
	.threads = { { "0, 1", lock_0_1 }, { "1, 0", lock_1_0 } },
	.check = end_all,
};

static void lock_1_0_interruptible(void)
{
	lock_both(objects[1], objects[0], LIBFENCE_INTERRUPTIBLE);
}

LFX_SCENARIO(reservation_lock_interrupted) = {
	.name = "reservation-lock-interrupted",
	.what = "the same, and a POSIX signal may end one of them",
	.setup = make_objects_for_two,
	.threads = { { "0, 1", lock_0_1 }, { "1, 0", lock_1_0_interruptible } },
	.check = end_all,
	.signals = 1,
};
