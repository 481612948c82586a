// SPDX-License-Identifier: GPL-2.0 OR MIT
/* rcu_box: readers may go on reading a box that its owner has dropped. */

#include "helpers.h"
#include <linux/rcupdate.h>

struct config {
	int limit;
	atomic_t *destroyed;
};
LIBFENCE_RCU_BOX(plain, struct config);

static void config_destroy(struct config *config)
{
	atomic_inc(config->destroyed);
	/* Makes an invalid reader fail: it reads this value. */
	config->limit = -1;
}
LIBFENCE_RCU_BOX_DESTROY(config, struct config, config_destroy);

static atomic_t destroyed;

static int setup(void **state)
{
	/* Wait for the destructors of the previous test. */
	libfence_barrier();
	atomic_set(&destroyed, 0);
	return test_setup(state);
}

static struct config_box *make(int limit)
{
	struct config_box *box = config_box_create(&(struct config){
		.limit = limit, .destroyed = &destroyed });

	assert_non_null(box);
	return box;
}

static void the_owner_reads_it(void **state)
{
	struct config_box *box = make(3);
	struct plain_box *plain = plain_box_create(&(struct config){
		.limit = 4 });

	assert_int_equal(config_box_read(box)->limit, 3);
	assert_int_equal(plain_box_read(plain)->limit, 4);
	config_box_drop(&box);
	plain_box_drop(&plain);
	assert_null(box);
	assert_null(plain);
	/* The box is NULL: nothing happens. */
	config_box_drop(&box);
	libfence_barrier();
	assert_int_equal(atomic_read(&destroyed), 1);
}

static void a_reader_keeps_what_the_owner_dropped(void **state)
{
	struct config_box *slot = NULL, *box = make(3);
	const struct config *config;

	box = config_box_publish(&slot, &box);
	assert_null(box);
	libfence_rcu_read_lock();
	config = config_box_read_rcu(&slot);
	box = config_box_publish(&slot, &box);
	assert_null(slot);
	config_box_drop(&box);
	mdelay(20);
	assert_int_equal(atomic_read(&destroyed), 0);
	assert_int_equal(config->limit, 3);
	assert_null(config_box_read_rcu(&slot));
	libfence_rcu_read_unlock();
	libfence_barrier();
	assert_int_equal(atomic_read(&destroyed), 1);
}

static void publishing_replaces(void **state)
{
	struct config_box *slot = make(1), *next = make(2), *old;

	old = config_box_publish(&slot, &next);
	assert_null(next);
	assert_int_equal(config_box_read(old)->limit, 1);
	assert_int_equal(config_box_read(slot)->limit, 2);
	config_box_drop(&old);
	config_box_drop(&slot);
	libfence_barrier();
	assert_int_equal(atomic_read(&destroyed), 2);
}

static void a_box_can_be_stored_and_borrowed_under_rcu(void **state)
{
	struct config_box *box = make(5);
	void *stored = config_box_into_foreign(&box);
	const struct config *config;

	assert_null(box);
	assert_int_equal((uintptr_t)stored % sizeof(void *), 0);
	libfence_rcu_read_lock();
	config = config_box_borrow(stored);
	box = config_box_from_foreign(stored);
	config_box_drop(&box);
	mdelay(20);
	assert_int_equal(config->limit, 5);
	assert_null(config_box_borrow(NULL));
	libfence_rcu_read_unlock();
	libfence_barrier();
	assert_int_equal(atomic_read(&destroyed), 1);
}

static void creating_fails_without_memory(void **state)
{
	struct config_box *box;

	libfence_fail_nth(1);
	box = config_box_create(&(struct config){ .destroyed = &destroyed });
	assert_null(box);
	assert_int_equal(libfence_fail_nth_left(), 0);
}

static void borrowing_outside_of_a_section_is_reported(void **state)
{
	struct config_box *slot = make(1);

	if (libfence_has_checks())
		assert_warns_like("suspicious rcu_dereference",
				  config_box_read_rcu(&slot););
	else
		assert_int_equal(config_box_read_rcu(&slot)->limit, 1);
	config_box_drop(&slot);
}

/* A non-trivial payload may be kept in a box. */

struct boxed {
	struct config_box *config;
};

static void boxed_destroy(struct boxed *boxed)
{
	config_box_drop(&boxed->config);
}
static const LIBFENCE_OPS(struct boxed) boxed_ops = {
	.destroy = boxed_destroy,
};
LIBFENCE_PAYLOAD_OPS(boxed, struct boxed, boxed_ops);

static void a_payload_may_have_a_box(void **state)
{
	struct libfence_context *ctx = make_context(1);
	struct boxed_prep *prep = boxed_prepare(&(struct boxed){ make(8) });
	struct boxed_fence *fence = boxed_commit(ctx, &prep);

	assert_int_equal(
		config_box_read(boxed_fence_payload(fence)->config)->limit, 8);
	boxed_fence_signal(&fence, 0);
	libfence_context_destroy(&ctx);
	libfence_barrier();
	assert_int_equal(atomic_read(&destroyed), 1);
}

#define CASE(f)	cmocka_unit_test_setup_teardown(f, setup, test_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(the_owner_reads_it),
		CASE(a_reader_keeps_what_the_owner_dropped),
		CASE(publishing_replaces),
		CASE(a_box_can_be_stored_and_borrowed_under_rcu),
		CASE(creating_fails_without_memory),
		CASE(borrowing_outside_of_a_section_is_reported),
		CASE(a_payload_may_have_a_box),
	};

	return TEST_MAIN("driver-fence-rcu-box", tests);
}
