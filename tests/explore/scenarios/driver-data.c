// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * D14: the data that a context owns ends after the ops, the destructors of
 * payloads and the readers that use it. See tests/stress/README.md.
 */

#include "explore.h"

#include <libfence/context.h>
#include <libfence/driver-fence.h>
#include <libfence/libfence.h>
#include <libfence/rcu-box.h>
#include <linux/atomic.h>
#include <linux/slab.h>

/* The destructor of the data frees this. */
struct ring_state {
	int nr;
};

struct ring {
	struct ring_state *state;
};

static int nr_ended, nr_destroyed;

static int ring_init(struct ring *ring, void *unused)
{
	ring->state = kzalloc_obj(*ring->state);
	lfx_name(ring->state, "ring state");
	ring->state->nr = 7;
	return 0;
}

static void ring_destroy(struct ring *ring)
{
	kfree(ring->state);
	nr_ended++;
}

static const LIBFENCE_CONTEXT_OPS(struct ring) ring_ops = {
	.init = ring_init,
	.destroy = ring_destroy,
};
LIBFENCE_CONTEXT(ring, struct ring, ring_ops);

static void use(struct libfence_context *of)
{
	if (of)
		lfx_assert(READ_ONCE(ring_context_data(of)->state->nr) == 7);
}

/* An op, and no destructor. */
struct polled {
	int nr;
};

static bool polled_signaled(struct polled *payload)
{
	lfx_assert(libfence_payload_context(payload));
	use(libfence_payload_context(payload));
	return false;
}

static const LIBFENCE_OPS(struct polled) polled_ops = {
	.signaled = polled_signaled,
};
LIBFENCE_PAYLOAD_OPS(polled, struct polled, polled_ops);

/* A destructor, and no op. */
struct load {
	int nr;
};

static void load_destroy(struct load *load)
{
	use(libfence_payload_context(load));
	nr_destroyed++;
}

static const LIBFENCE_OPS(struct load) load_ops = { .destroy = load_destroy };
LIBFENCE_PAYLOAD_OPS(load, struct load, load_ops);

static struct libfence_context *context;
static struct polled_fence *polled;
static struct load_fence *load;
static struct load_prep *prep;
static struct libfence *fence;
static int warnings;

static void count_warning(const struct libfence_warning *warning, void *unused)
{
	warnings++;
}

static void make_context(void)
{
	context = ring_context_create("driver", "timeline", 1, NULL, NULL);
	lfx_name(context, "context");
	libfence_set_warn_hook(count_warning, NULL);
}

static void make_polled(void)
{
	struct polled_prep *made = polled_prepare(&(struct polled){ .nr = 1 });

	make_context();
	polled = polled_commit(context, &made);
	fence = polled_fence_get(polled);
}

static void make_load(void)
{
	make_context();
	prep = load_prepare(&(struct load){ .nr = 1 });
	load = load_commit(context, &prep);
}

static void bind_load(void)
{
	make_context();
	prep = load_prepare_bound(context, &(struct load){ .nr = 1 });
}

static void destroy_context(void)
{
	libfence_context_destroy(&context);
	lfx_assert(nr_ended == 1);
}

static void signal_and_destroy(void)
{
	polled_fence_signal(&polled, 0);
	destroy_context();
}

static void put_fence(void)
{
	lfx_assert(!warnings && libfence_status(fence) == 1);
	libfence_put(&fence);
}

/* Ops and names: the payload needs no destructor, so only RCU keeps them. */

static void poll(void)
{
	libfence_is_signaled(fence);
}

static void read_names(void)
{
	char name[20];

	libfence_driver_name(fence, name, sizeof(name));
	lfx_assert(!strcmp(name, "driver") || !strcmp(name, "detached-driver"));
	libfence_timeline_name(fence, name, sizeof(name));
	lfx_assert(!strcmp(name, "timeline") ||
		   !strcmp(name, "signaled-timeline"));
}

LFX_SCENARIO(data_ops) = {
	.name = "data-ops",
	.what = "a context with data ends against an op and a name",
	.setup = make_polled,
	.threads = {
		{ "owner", signal_and_destroy },
		{ "poller", poll },
		{ "reader", read_names },
	},
	.check = put_fence,
};

/* The owner uses the data while another thread destroys the context. */

static void borrow_and_drop(void)
{
	libfence_rcu_read_lock();
	use(polled_fence_context(polled));
	libfence_rcu_read_unlock();
	polled_fence_signal(&polled, 0);
}

static void put_fence_after_warning(void)
{
	lfx_assert(libfence_status(fence) == (warnings ? -ECANCELED : 1));
	libfence_put(&fence);
}

LFX_SCENARIO(data_owner) = {
	.name = "data-owner",
	.what = "a context with data ends against its owner, who uses the data",
	.setup = make_polled,
	.threads = {
		{ "owner", borrow_and_drop }, { "destroyer", destroy_context },
	},
	.check = put_fence_after_warning,
};

/* The destructor of a payload uses the data. */

static void signal_load(void)
{
	load_fence_signal(&load, 0);
}

static void check_destroyed(void)
{
	libfence_barrier();
	lfx_assert(nr_destroyed == 1);
}

LFX_SCENARIO(data_destructor) = {
	.name = "data-destructor",
	.what = "a context with data ends against a destructor that uses it",
	.setup = make_load,
	.threads = {
		{ "owner", signal_load }, { "destroyer", destroy_context },
	},
	.check = check_destroyed,
};

static void free_preparation(void)
{
	load_prep_free(&prep);
}

LFX_SCENARIO(data_preparation) = {
	.name = "data-preparation",
	.what = "a context with data ends against a free of a preparation",
	.setup = bind_load,
	.threads = {
		{ "preparer", free_preparation },
		{ "destroyer", destroy_context },
	},
	.check = check_destroyed,
};
