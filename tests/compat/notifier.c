// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Notifier chains: order, results, stopping, and unregistering. */

#include "helpers.h"
#include <errno.h>
#include <linux/notifier.h>

static char called[16];
static struct raw_notifier_head *remove_from;

struct named {
	struct notifier_block nb;
	char name;
	int ret;
};

static int record(struct notifier_block *nb, unsigned long action, void *data)
{
	struct named *named = container_of(nb, struct named, nb);

	strncat(called, &named->name, 1);
	if (action == 9)
		raw_notifier_chain_unregister(remove_from, nb);
	return named->ret;
}

#define NAMED(name_, priority_, ret_) \
	{ { .notifier_call = record, .priority = priority_ }, name_, ret_ }

static void higher_priorities_come_first(void **state)
{
	struct named a = NAMED('a', 0, NOTIFY_OK), b = NAMED('b', 5, NOTIFY_OK);
	struct named c = NAMED('c', 0, NOTIFY_DONE), d = NAMED('d', 5, NOTIFY_OK);
	RAW_NOTIFIER_HEAD(chain);

	called[0] = 0;
	assert_int_equal(raw_notifier_call_chain(&chain, 1, NULL), NOTIFY_DONE);
	raw_notifier_chain_register(&chain, &a.nb);
	raw_notifier_chain_register(&chain, &b.nb);
	raw_notifier_chain_register(&chain, &c.nb);
	raw_notifier_chain_register(&chain, &d.nb);
	assert_int_equal(raw_notifier_call_chain(&chain, 1, NULL), NOTIFY_DONE);
	assert_string_equal(called, "bdac");
	assert_warns_like("already registered",
			  assert_int_equal(raw_notifier_chain_register(&chain, &c.nb),
					   -EEXIST));
	called[0] = 0;
	assert_int_equal(raw_notifier_chain_unregister(&chain, &d.nb), 0);
	assert_int_equal(raw_notifier_chain_unregister(&chain, &d.nb), -ENOENT);
	raw_notifier_call_chain(&chain, 1, NULL);
	assert_string_equal(called, "bac");
	/* Each removes itself. */
	remove_from = &chain;
	called[0] = 0;
	raw_notifier_call_chain(&chain, 9, NULL);
	assert_string_equal(called, "bac");
	called[0] = 0;
	raw_notifier_call_chain(&chain, 1, NULL);
	assert_string_equal(called, "");
}

static void a_function_can_stop_the_chain(void **state)
{
	struct named a = NAMED('a', 2, NOTIFY_OK);
	struct named b = NAMED('b', 1, notifier_from_errno(-ENOMEM));
	struct named c = NAMED('c', 0, NOTIFY_OK);
	ATOMIC_NOTIFIER_HEAD(chain);
	int ret;

	called[0] = 0;
	atomic_notifier_chain_register(&chain, &c.nb);
	atomic_notifier_chain_register(&chain, &b.nb);
	atomic_notifier_chain_register(&chain, &a.nb);
	ret = atomic_notifier_call_chain(&chain, 1, NULL);
	assert_string_equal(called, "ab");
	assert_int_equal(notifier_to_errno(ret), -ENOMEM);
	assert_int_equal(notifier_to_errno(NOTIFY_OK), 0);
	assert_int_equal(notifier_to_errno(NOTIFY_DONE), 0);
	assert_int_equal(notifier_from_errno(0), NOTIFY_OK);
	assert_int_equal(atomic_notifier_chain_unregister(&chain, &b.nb), 0);
	assert_int_equal(atomic_notifier_call_chain(&chain, 1, NULL), NOTIFY_OK);
	assert_string_equal(called, "abac");
}

static struct atomic_notifier_head slow = ATOMIC_NOTIFIER_INIT(slow);
static int entered, left;

static int be_slow(struct notifier_block *nb, unsigned long action, void *data)
{
	u64 end = ktime_get() + 20 * NSEC_PER_MSEC;

	WRITE_ONCE(entered, 1);
	while ((u64)ktime_get() < end)
		cpu_relax();
	WRITE_ONCE(left, 1);
	return NOTIFY_OK;
}

static int call_slow(void *data)
{
	return atomic_notifier_call_chain(&slow, 0, NULL) != NOTIFY_OK;
}

static void unregistering_waits_for_a_running_function(void **state)
{
	struct notifier_block nb = { .notifier_call = be_slow };
	struct task_struct *thread;

	atomic_notifier_chain_register(&slow, &nb);
	thread = start(call_slow, NULL);
	while (!READ_ONCE(entered))
		cpu_relax();
	atomic_notifier_chain_unregister(&slow, &nb);
	assert_int_equal(READ_ONCE(left), 1);
	assert_int_equal(finish(thread), 0);
}

static BLOCKING_NOTIFIER_HEAD(blocking);
static SRCU_NOTIFIER_HEAD(sleepable);

static int sleep_long(struct notifier_block *nb, unsigned long action, void *data)
{
	WRITE_ONCE(entered, 1);
	msleep(20);
	WRITE_ONCE(left, 1);
	return NOTIFY_BAD;
}

static int call_blocking(void *data)
{
	return blocking_notifier_call_chain(&blocking, 0, NULL) != NOTIFY_BAD;
}

static int call_sleepable(void *data)
{
	return srcu_notifier_call_chain(&sleepable, 0, NULL) != NOTIFY_BAD;
}

static void functions_of_other_chains_may_sleep(void **state)
{
	struct notifier_block nb = { .notifier_call = sleep_long };
	struct task_struct *thread;

	entered = left = 0;
	assert_int_equal(blocking_notifier_chain_register(&blocking, &nb), 0);
	thread = start(call_blocking, NULL);
	while (!READ_ONCE(entered))
		cpu_relax();
	assert_int_equal(blocking_notifier_chain_unregister(&blocking, &nb), 0);
	assert_int_equal(READ_ONCE(left), 1);
	assert_int_equal(finish(thread), 0);

	entered = left = 0;
	assert_int_equal(srcu_notifier_chain_register(&sleepable, &nb), 0);
	thread = start(call_sleepable, NULL);
	while (!READ_ONCE(entered))
		cpu_relax();
	assert_int_equal(srcu_notifier_chain_unregister(&sleepable, &nb), 0);
	assert_int_equal(READ_ONCE(left), 1);
	assert_int_equal(finish(thread), 0);
	assert_int_equal(srcu_notifier_call_chain(&sleepable, 0, NULL), NOTIFY_DONE);
}

static void all_chains_have_the_same_order(void **state)
{
	struct named a = NAMED('a', 0, NOTIFY_OK), b = NAMED('b', 5, NOTIFY_OK);
	struct named c = NAMED('c', -1, NOTIFY_STOP), d = NAMED('d', -2, NOTIFY_OK);
	struct named *all[] = { &a, &b, &c, &d };
	struct blocking_notifier_head one;
	struct srcu_notifier_head two;
	int i;

	BLOCKING_INIT_NOTIFIER_HEAD(&one);
	called[0] = 0;
	assert_int_equal(blocking_notifier_call_chain(&one, 1, NULL), NOTIFY_DONE);
	for (i = 0; i < 4; i++)
		assert_int_equal(blocking_notifier_chain_register(&one, &all[i]->nb), 0);
	assert_int_equal(blocking_notifier_call_chain(&one, 1, NULL), NOTIFY_STOP);
	assert_string_equal(called, "bac");
	assert_warns_like("already registered",
			  assert_int_equal(blocking_notifier_chain_register(&one, &a.nb), -EEXIST));
	for (i = 0; i < 4; i++)
		assert_int_equal(blocking_notifier_chain_unregister(&one, &all[i]->nb), 0);
	assert_int_equal(blocking_notifier_chain_unregister(&one, &a.nb), -ENOENT);

	srcu_init_notifier_head(&two);
	called[0] = 0;
	for (i = 0; i < 4; i++)
		assert_int_equal(srcu_notifier_chain_register(&two, &all[i]->nb), 0);
	assert_int_equal(srcu_notifier_call_chain(&two, 1, NULL), NOTIFY_STOP);
	assert_string_equal(called, "bac");
	for (i = 0; i < 4; i++)
		assert_int_equal(srcu_notifier_chain_unregister(&two, &all[i]->nb), 0);
	assert_int_equal(srcu_notifier_chain_unregister(&two, &a.nb), -ENOENT);
	srcu_cleanup_notifier_head(&two);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(higher_priorities_come_first),
		TEST(a_function_can_stop_the_chain),
		TEST(unregistering_waits_for_a_running_function),
		TEST(functions_of_other_chains_may_sleep),
		TEST(all_chains_have_the_same_order),
	};

	return TEST_MAIN("notifier", tests);
}
