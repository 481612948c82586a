// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The plain face in C and in C++: the same operations in both. */

#include <stdlib.h>
#include <libfence/driver-fence.h>
#include <libfence/fence.h>
#include <libfence/several.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "fence/lanes.h"
#include "fence/plain-loops.h"

struct plain {
	struct plain_objects objects;
	struct libfence_driver_fence *owners[2];
};

static const struct {
	plain_loop *c, *cpp;
} loops[] = {
	[PLAIN_CREATE] = { c_create, cpp_create },
	[PLAIN_SHARE] = { c_share, cpp_share },
	[PLAIN_WAIT] = { c_wait, cpp_wait },
	[PLAIN_ATTACH] = { c_attach, cpp_attach },
	[PLAIN_ANY] = { c_any, cpp_any },
};

static struct libfence_driver_fence *new_owner(struct libfence_context *ctx)
{
	struct libfence_preparation *prep = libfence_prepare(NULL, NULL);

	if (!prep)
		die("no memory for a fence");
	return libfence_commit(ctx, prep);
}

void fence_plain_setup(struct lane *l)
{
	struct plain *p = must_alloc(sizeof(*p));
	int i;

	p->objects.ctx = libfence_context_create("bench", "bench", 1, NULL);
	if (!p->objects.ctx)
		die("no memory for a context");
	p->owners[0] = new_owner(p->objects.ctx);
	p->owners[1] = new_owner(p->objects.ctx);
	p->objects.pending =
		libfence_get(libfence_driver_fence_consumer(p->owners[0]));
	for (i = 0; i < PLAIN_MANY; i++)
		p->objects.many[i] = libfence_get(libfence_driver_fence_consumer(
			p->owners[i == PLAIN_MANY - 1]));
	libfence_driver_fence_signal_raw(p->owners[1], 0);
	l->state = p;
}

void fence_plain_teardown(struct lane *l)
{
	struct plain *p = l->state;
	int i;

	libfence_driver_fence_signal_raw(p->owners[0], 0);
	for (i = 0; i < PLAIN_MANY; i++)
		libfence_put(&p->objects.many[i]);
	libfence_put(&p->objects.pending);
	libfence_context_destroy(&p->objects.ctx);
	free(p);
}

static uint64_t run(struct lane *l, unsigned long n, plain_loop *loop)
{
	struct plain *p = l->state;
	uint64_t t0 = ticks();
	unsigned long right = loop(&p->objects, n);

	t0 = span(t0, ticks());
	if (right != n)
		wrong("%s: %lu of %lu were right", l->name, right, n);
	return t0;
}

uint64_t fence_plain_c(struct lane *l, unsigned long n)
{
	return run(l, n, loops[l->arg].c);
}

uint64_t fence_plain_cpp(struct lane *l, unsigned long n)
{
	return run(l, n, loops[l->arg].cpp);
}
