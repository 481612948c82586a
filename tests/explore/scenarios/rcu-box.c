// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Boxes: constant objects in a shared variable, which readers use under RCU.
 * D12 is the race in the table of tests/stress/README.md.
 */

#include "explore.h"

#include <libfence/driver-fence.h>
#include <libfence/rcu-box.h>
#include <linux/atomic.h>
#include <linux/slab.h>

struct config {
	int *limit;
};

static atomic_t destroyed;

static void config_destroy(struct config *config)
{
	kfree(config->limit);
	atomic_inc(&destroyed);
}

LIBFENCE_RCU_BOX_DESTROY(config, struct config, config_destroy);

static struct config_box *current_config;

static struct config_box *new_config(int limit)
{
	struct config config = { .limit = kmalloc_obj(int) };

	*config.limit = limit;
	return config_box_create(&config);
}

static void publish(int limit)
{
	struct config_box *new = limit ? new_config(limit) : NULL, *old;

	old = config_box_publish(&current_config, &new);
	config_box_drop(&old);
}

static void make_config(void)
{
	publish(1);
}

static void publish_2(void)
{
	publish(2);
}

static void publish_3(void)
{
	publish(3);
}

static void read_config(void)
{
	const struct config *config;

	libfence_rcu_read_lock();
	config = config_box_read_rcu(&current_config);
	if (config)
		lfx_assert(*config->limit >= 1 && *config->limit <= 3);
	libfence_rcu_read_unlock();
}

/* D12: a dropped box stays until its readers have left their sections. */

static void drop_config(void)
{
	config_box_drop(&current_config);
	libfence_barrier();
	lfx_assert(atomic_read(&destroyed) == 2);
}

LFX_SCENARIO(box_replace) = {
	.name = "box-replace",
	.what = "publishing a box and dropping the old one against two readers",
	.setup = make_config,
	.threads = {
		{ "owner", publish_2 },
		{ "reader 1", read_config },
		{ "reader 2", read_config },
	},
	.check = drop_config,
};

/* D12: each of two publishers gets another old box. */

static void drop_last_of_three(void)
{
	config_box_drop(&current_config);
	libfence_barrier();
	lfx_assert(atomic_read(&destroyed) == 3);
}

LFX_SCENARIO(box_two_publishers) = {
	.name = "box-two-publishers",
	.what = "two threads publish boxes against a reader",
	.setup = make_config,
	.threads = {
		{ "publisher 2", publish_2 },
		{ "publisher 3", publish_3 },
		{ "reader", read_config },
	},
	.check = drop_last_of_three,
};

/* The variable becomes empty, and destructors run before barrier() returns. */

static void empty_and_wait(void)
{
	publish(0);
	libfence_barrier();
	lfx_assert(atomic_read(&destroyed) == 1);
}

LFX_SCENARIO(box_barrier) = {
	.name = "box-barrier",
	.what = "dropping the published box and barrier() against a reader",
	.setup = make_config,
	.threads = { { "owner", empty_and_wait }, { "reader", read_config } },
};

/* A box without a destructor is freed after a grace period, too. */

LIBFENCE_RCU_BOX(number, int);

static struct number_box *current_number;

static void make_number(void)
{
	int one = 1;

	current_number = number_box_create(&one);
}

static void drop_number(void)
{
	struct number_box *none = NULL, *old;

	old = number_box_publish(&current_number, &none);
	number_box_drop(&old);
}

static void read_number(void)
{
	const int *number;

	libfence_rcu_read_lock();
	number = number_box_read_rcu(&current_number);
	if (number)
		lfx_assert(*number == 1);
	libfence_rcu_read_unlock();
}

LFX_SCENARIO(box_drop_plain) = {
	.name = "box-drop-plain",
	.what = "dropping a box without a destructor against two readers",
	.setup = make_number,
	.threads = {
		{ "owner", drop_number },
		{ "reader 1", read_number },
		{ "reader 2", read_number },
	},
};
