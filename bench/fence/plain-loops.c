// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The loops in C: see cpp-loops.cpp. */

#include <libfence/driver-fence.h>
#include <libfence/fence.h>
#include <libfence/several.h>

#include "fence/plain-loops.h"

struct plain_job {
	int id;
};

LIBFENCE_PAYLOAD(plain, struct plain_job);

unsigned long c_create(struct plain_objects *objects, unsigned long n)
{
	unsigned long right = 0;

	while (n--) {
		struct plain_prep *prep = plain_prepare(&(struct plain_job){ .id = 1 });
		struct plain_fence *fence;

		if (!prep)
			continue;
		fence = plain_commit(objects->ctx, &prep);
		plain_fence_signal(&fence, 0);
		right++;
	}
	return right;
}

unsigned long c_share(struct plain_objects *objects, unsigned long n)
{
	unsigned long right = 0;

	while (n--) {
		struct libfence *ref = libfence_get(objects->pending);

		right += !!ref;
		libfence_put(&ref);
	}
	return right;
}

unsigned long c_wait(struct plain_objects *objects, unsigned long n)
{
	unsigned long right = 0;

	while (n--)
		right += !libfence_wait(objects->many[PLAIN_MANY - 1],
					LIBFENCE_FOREVER);
	return right;
}

static void count(const struct libfence *fence, void *data)
{
	(void)fence;
	++*(unsigned long *)data;
}

unsigned long c_attach(struct plain_objects *objects, unsigned long n)
{
	unsigned long right = 0, calls = 0;

	while (n--) {
		struct libfence_callback cb;

		libfence_callback_init(&cb, count, &calls);
		right += !libfence_callback_register(objects->pending, &cb);
		libfence_callback_unregister(&cb);
	}
	return right - calls;
}

unsigned long c_any(struct plain_objects *objects, unsigned long n)
{
	unsigned long right = 0;
	size_t index;

	while (n--)
		right += !libfence_wait_many(objects->many, PLAIN_MANY, LIBFENCE_ANY,
					     LIBFENCE_FOREVER, &index, NULL) &&
			 index == PLAIN_MANY - 1;
	return right;
}
