// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * KUnit cases with every possible outcome. kunit-runner.c runs this program and
 * checks the reports of the runner. Most of the cases fail on purpose.
 */

#include <stdlib.h>
#include <sys/stat.h>

#include <kunit/test.h>
#include <kunit/device.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/kthread.h>

static int nr_inits, nr_exits;

static int sample_suite_init(struct kunit_suite *suite)
{
	pr_info("suite_init\n");
	return 0;
}

static void sample_suite_exit(struct kunit_suite *suite)
{
	pr_info("suite_exit inits %d exits %d\n", nr_inits, nr_exits);
}

static int sample_init(struct kunit *test)
{
	nr_inits++;
	test->priv = &nr_inits;
	return 0;
}

static void sample_exit(struct kunit *test)
{
	nr_exits++;
}

static void passes(struct kunit *test)
{
	int v = 3;

	KUNIT_EXPECT_EQ(test, v, 3);
	KUNIT_EXPECT_NE(test, v, 4);
	KUNIT_EXPECT_LT(test, v, 4);
	KUNIT_EXPECT_LE(test, v, 3);
	KUNIT_EXPECT_GT(test, v, 2);
	KUNIT_EXPECT_GE(test, v, 3);
	KUNIT_EXPECT_TRUE(test, v);
	KUNIT_EXPECT_FALSE(test, !v);
	KUNIT_EXPECT_NULL(test, NULL);
	KUNIT_EXPECT_NOT_NULL(test, test->priv);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, test->priv);
	KUNIT_EXPECT_PTR_EQ(test, &v, &v);
	KUNIT_EXPECT_STREQ(test, "a", "a");
	KUNIT_ASSERT_EQ_MSG(test, v, 3, "%d", v);
	KUNIT_ASSERT_PTR_EQ(test, test->priv, &nr_inits);
	KUNIT_SUCCEED(test);
}

static void compares_bad_strings(struct kunit *test)
{
	const char *null = NULL, *error = ERR_PTR(-ENOMEM);

	KUNIT_EXPECT_STREQ(test, null, "a");
	KUNIT_EXPECT_STREQ(test, "a", error);
	KUNIT_EXPECT_STREQ(test, null, null);
	pr_info("still there after three bad strings\n");
}

static void fails_by_expect(struct kunit *test)
{
	int v = 3;

	KUNIT_EXPECT_EQ(test, v, 4);
	KUNIT_EXPECT_TRUE_MSG(test, v == 5, "message %d", 17);
	KUNIT_EXPECT_STREQ(test, "a", "b");
	pr_info("still there after three expectations\n");
}

static noinline void deep(struct kunit *test, int depth)
{
	if (depth)
		deep(test, depth - 1);
	KUNIT_ASSERT_EQ(test, depth, 1);
	pr_info("reached depth %d\n", depth);
}

static void say_freed(void *nr)
{
	pr_info("undone %ld\n", (long)nr);
}

static void aborts_from_depth(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, say_freed, (void *)70l), 0);
	deep(test, 5);
}

static void fails_and_aborts(struct kunit *test)
{
	KUNIT_FAIL(test, "first");
	KUNIT_FAIL_AND_ABORT(test, "second");
	pr_info("reached the code after KUNIT_FAIL_AND_ABORT\n");
}

static void skips(struct kunit *test)
{
	kunit_skip(test, "not today %d", 1);
	pr_info("reached the code after kunit_skip\n");
}

static void marks_skipped(struct kunit *test)
{
	kunit_mark_skipped(test, "maybe tomorrow");
	pr_info("went on after kunit_mark_skipped\n");
}

static void skips_after_failing(struct kunit *test)
{
	KUNIT_FAIL(test, "failed first");
	kunit_skip(test, "too late");
}

static void skips_before_failing(struct kunit *test)
{
	kunit_mark_skipped(test, "too early");
	KUNIT_FAIL(test, "failed afterwards");
}

static void warns(struct kunit *test)
{
	WARN(1, "a warning of %s", "the case");
}

static void is_warned_of(struct kunit *test)
{
	refcount_t r = REFCOUNT_INIT(0);

	/* A warning of the library. */
	refcount_inc(&r);
}

static void takes_too_long(struct kunit *test)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(60 * HZ);
	pr_info("woken after the time was up\n");
}

static void is_slow(struct kunit *test)
{
	msleep(1500);
}

static void passes_again(struct kunit *test)
{
}

static void never_ends(struct kunit *test)
{
	for (;;)
		msleep(100);
}

static int fail_on_thread(void *data)
{
	struct kunit *test = data;

	KUNIT_ASSERT_TRUE(test, false);
	pr_info("reached the code after the thread's assertion\n");
	return 0;
}

static void fails_on_another_thread(struct kunit *test)
{
	struct task_struct *task = kthread_create(fail_on_thread, test, "t");

	get_task_struct(task);
	wake_up_process(task);
	lfshim_kthread_join(task);
	put_task_struct(task);
	pr_info("the case's own thread goes on\n");
}

struct param {
	const char *name;
	int value;
};

static const struct param params[] = {
	{ "one", 1 }, { "two", 2 }, { "three", 3 },
};
KUNIT_ARRAY_PARAM_DESC(params, params, name);

static void is_odd(struct kunit *test)
{
	const struct param *p = test->param_value;

	KUNIT_EXPECT_EQ(test, p->value % 2, 1);
}

static struct device *kept;

static void drop_kept(void *unused)
{
	pr_info("kept %s\n", dev_name(kept));
	put_device(kept);
}

static void has_devices(struct kunit *test)
{
	struct device *dev = kunit_device_register(test, "first");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	KUNIT_EXPECT_STREQ(test, dev_name(dev), "first");
	KUNIT_EXPECT_STREQ(test, dev_driver_string(dev), "first");
	KUNIT_ASSERT_EQ(test, devm_add_action(dev, say_freed, (void *)1l), 0);
	dev = kunit_device_register(test, "second");
	KUNIT_ASSERT_EQ(test, devm_add_action(dev, say_freed, (void *)2l), 0);
	kunit_device_unregister(test, dev);
	pr_info("unregistered\n");
	/* A reference to a device that has ended. */
	kept = get_device(kunit_device_register(test, "third"));
	kunit_add_action(test, drop_kept, NULL);
}

static void dies_with_two(struct kunit *test)
{
	const struct param *p = test->param_value;

	if (p->value == 2)
		abort();
	pr_info("process %d\n", p->value);
}

/* The first process that comes here dies. The others find the directory that it has made. */
static void dies_with_two_once(struct kunit *test)
{
	const struct param *p = test->param_value;

	if (p->value == 2 && mkdir(getenv("KUNIT_SAMPLE_MARK"), 0700) == 0)
		abort();
}

static const void *generate_nothing(struct kunit *test, const void *prev,
				    char *desc)
{
	return NULL;
}

static void is_not_called(struct kunit *test)
{
	pr_info("called without a parameter\n");
}

/* The parameters live in memory of the test that the generator gets. */
static const void *generate_memory(struct kunit *test, const void *prev,
				   char *desc)
{
	static int *memory;

	if (!prev) {
		memory = kunit_kcalloc(test, 2, sizeof(int), GFP_KERNEL);
		kunit_add_action(test, say_freed, (void *)33l);
		return memory;
	}
	return prev == memory ? memory + 1 : NULL;
}

static void has_memory(struct kunit *test)
{
	int *n = (int *)test->param_value;

	KUNIT_ASSERT_NOT_NULL(test, n);
	KUNIT_EXPECT_EQ(test, *n, 0);
	KUNIT_EXPECT_NOT_NULL(test, test->parent);
	KUNIT_EXPECT_NE(test, test->parent, test);
	pr_info("the parameter is %d\n", ++*n);
}

static void describe(const struct param *p, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "value %d", p->value);
}
KUNIT_ARRAY_PARAM(described, params, describe);

static void is_small(struct kunit *test)
{
	const struct param *p = test->param_value;

	KUNIT_EXPECT_LT(test, p->value, 10);
}

struct freed {
	struct rcu_head rcu;
};

static void free_it(struct rcu_head *head)
{
	pr_info("callback before anything is undone\n");
	kfree(container_of(head, struct freed, rcu));
}

static void undoes_in_reverse(struct kunit *test)
{
	struct freed *freed = kmalloc_obj(*freed);
	char *p;
	long i;

	for (i = 1; i <= 3; i++)
		KUNIT_ASSERT_EQ(test, kunit_add_action(test, say_freed, (void *)i), 0);
	p = kunit_kzalloc(test, 100, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, p[99], 0);
	KUNIT_ASSERT_NOT_NULL(test, kunit_kmalloc(test, 8, GFP_KERNEL));
	KUNIT_ASSERT_NOT_NULL(test, kunit_kcalloc(test, 8, 8, GFP_KERNEL));
	KUNIT_ASSERT_NOT_NULL(test, freed);
	kunit_info(test, "end of the body\n");
	call_rcu(&freed->rcu, free_it);
}

static const char **late_text;

static void say_late_text(void *unused)
{
	pr_info("the memory says %s\n", *late_text);
}

static void uses_memory_when_undone(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, say_late_text, NULL), 0);
	late_text = kunit_kmalloc(test, sizeof(*late_text), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, late_text);
	*late_text = "alive";
}

static struct kunit_case sample_cases[] = {
	KUNIT_CASE(passes),
	KUNIT_CASE(fails_by_expect),
	KUNIT_CASE(aborts_from_depth),
	KUNIT_CASE(fails_and_aborts),
	KUNIT_CASE(skips),
	KUNIT_CASE_SLOW(marks_skipped),
	KUNIT_CASE(skips_after_failing),
	KUNIT_CASE(warns),
	KUNIT_CASE(fails_on_another_thread),
	KUNIT_CASE_PARAM(is_odd, params_gen_params),
	KUNIT_CASE_PARAM(is_small, described_gen_params),
	KUNIT_CASE(undoes_in_reverse),
	KUNIT_CASE(uses_memory_when_undone),
	{ }
};

/*
 * Every macro: with a false condition each case fails, and an assertion ends
 * it; with a true condition nothing is said.
 */

#define FOR_EACH_CHECK(f)					\
	f(TRUE, (v == w), (v != w))				\
	f(FALSE, (v != w), (v == w))				\
	f(NULL, (test), (NULL))					\
	f(NOT_NULL, (NULL), (test))				\
	f(NOT_ERR_OR_NULL, (ERR_PTR(-EIO)), (test))		\
	f(EQ, (v, w), (v, 3))					\
	f(NE, (v, 3), (v, w))					\
	f(LT, (v, 3), (v, 4))					\
	f(LE, (w, v), (v, 3))					\
	f(GT, (v, 3), (v, 2))					\
	f(GE, (v, w), (v, 3))					\
	f(PTR_EQ, (&v, &w), (&v, &v))				\
	f(PTR_NE, (&v, &v), (&v, &w))				\
	f(STREQ, ("a", "b"), ("a", "a"))			\
	f(STRNEQ, ("a", "a"), ("a", "b"))			\
	f(MEMEQ, ("ab", "ac", 2), ("ab", "ac", 1))		\
	f(MEMNEQ, ("ab", "ac", 1), ("ab", "ac", 2))
#define ARGUMENTS(...)	__VA_ARGS__
/* The arguments are separated before the macro sees them. */
#define CALL(macro, ...)	macro(__VA_ARGS__)

static const void *count_up(const void *prev, long nr, char *desc)
{
	long next = (long)prev + 1;

	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%ld", next);
	return next <= nr ? (const void *)next : NULL;
}

#define COUNT(...)	+ 2
#define NR_CHECKS	(0 FOR_EACH_CHECK(COUNT))

static const void *count_checks(struct kunit *test, const void *prev,
				char *desc)
{
	return count_up(prev, NR_CHECKS, desc);
}

#define EXPECT_FALSE_ONE(name, is_false, is_true)			\
	if (++nr == number)						\
		CALL(KUNIT_EXPECT_##name, test, ARGUMENTS is_false);		\
	if (++nr == number)						\
		CALL(KUNIT_EXPECT_##name##_MSG, test, ARGUMENTS is_false, "text %d", \
		     nr);

static void expects_what_is_false(struct kunit *test)
{
	long number = (long)test->param_value;
	int v = 3, w = 4, nr = 0;

	FOR_EACH_CHECK(EXPECT_FALSE_ONE)
	pr_info("went on\n");
}

#define ASSERT_FALSE_ONE(name, is_false, is_true)			\
	if (++nr == number)						\
		CALL(KUNIT_ASSERT_##name, test, ARGUMENTS is_false);		\
	if (++nr == number)						\
		CALL(KUNIT_ASSERT_##name##_MSG, test, ARGUMENTS is_false, "text %d", \
		     nr);

static void asserts_what_is_false(struct kunit *test)
{
	long number = (long)test->param_value;
	int v = 3, w = 4, nr = 0;

	FOR_EACH_CHECK(ASSERT_FALSE_ONE)
	pr_info("went on\n");
}

#define CHECK_TRUE_ONE(name, is_false, is_true)				\
	CALL(KUNIT_EXPECT_##name, test, ARGUMENTS is_true);			\
	CALL(KUNIT_EXPECT_##name##_MSG, test, ARGUMENTS is_true, "text");	\
	CALL(KUNIT_ASSERT_##name, test, ARGUMENTS is_true);			\
	CALL(KUNIT_ASSERT_##name##_MSG, test, ARGUMENTS is_true, "text");

static void checks_what_is_true(struct kunit *test)
{
	int v = 3, w = 4;

	FOR_EACH_CHECK(CHECK_TRUE_ONE)
	pr_info("went on\n");
}

static void suppresses_warnings(struct kunit *test)
{
	refcount_t r = REFCOUNT_INIT(0);

	kunit_warning_suppress(test) {
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 0);
		refcount_inc(&r);
		WARN(1, "a warning of the case");
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 2);
	}
}

static void suppresses_and_leaves(struct kunit *test)
{
	refcount_t r = REFCOUNT_INIT(0);

	kunit_warning_suppress(test)
		break;
	refcount_inc(&r);
}

static void suppresses_and_aborts(struct kunit *test)
{
	kunit_warning_suppress(test)
		KUNIT_FAIL_AND_ABORT(test, "in the block");
}

static int warn_on_thread(void *data)
{
	is_warned_of(data);
	return 0;
}

static void suppresses_for_itself_only(struct kunit *test)
{
	struct task_struct *task = kthread_create(warn_on_thread, test, "t");

	get_task_struct(task);
	kunit_warning_suppress(test) {
		wake_up_process(task);
		lfshim_kthread_join(task);
	}
	put_task_struct(task);
}

static void suppresses_twice(struct kunit *test)
{
	kunit_warning_suppress(test) {
		kunit_warning_suppress(test)
			pr_info("reached the second block\n");
	}
}

static struct kunit_case suppress_cases[] = {
	KUNIT_CASE(suppresses_warnings),
	KUNIT_CASE(suppresses_and_leaves),
	KUNIT_CASE(suppresses_for_itself_only),
	KUNIT_CASE(suppresses_twice),
	{ }
};

static struct kunit_suite suppress_suite = {
	.name = "suppress",
	.test_cases = suppress_cases,
};

static struct kunit_case left_cases[] = {
	KUNIT_CASE(suppresses_and_aborts),
	KUNIT_CASE(is_warned_of),
	KUNIT_CASE(suppresses_and_leaves),
	{ }
};

static struct kunit_suite left_suite = {
	.name = "left",
	.test_cases = left_cases,
};

static struct kunit_case macro_cases[] = {
	KUNIT_CASE_PARAM(expects_what_is_false, count_checks),
	KUNIT_CASE_PARAM(asserts_what_is_false, count_checks),
	KUNIT_CASE(checks_what_is_true),
	{ }
};

static struct kunit_suite macro_suite = {
	.name = "macros",
	.test_cases = macro_cases,
};

static void is_warned_often(struct kunit *test)
{
	is_warned_of(test);
}

static struct kunit_case more_cases[] = {
	KUNIT_CASE(compares_bad_strings),
	KUNIT_CASE(skips_before_failing),
	KUNIT_CASE(is_warned_of),
	KUNIT_CASE_PARAM(is_not_called, generate_nothing),
	KUNIT_CASE_PARAM(has_memory, generate_memory),
	KUNIT_CASE(has_devices),
	KUNIT_CASE_PARAM(dies_with_two, params_gen_params),
	KUNIT_CASE_PARAM(dies_with_two_once, params_gen_params),
	KUNIT_CASE_PARAM(is_warned_often, params_gen_params),
	{ }
};

static struct kunit_suite more_suite = {
	.name = "more",
	.test_cases = more_cases,
};

static struct kunit_case slow_cases[] = {
	KUNIT_CASE(takes_too_long),
	KUNIT_CASE_SLOW(is_slow),
	KUNIT_CASE(never_ends),
	KUNIT_CASE(passes_again),
	{ }
};

static struct kunit_suite slow_suite = {
	.name = "slow",
	.test_cases = slow_cases,
};

static struct kunit_suite sample_suite = {
	.name = "sample",
	.suite_init = sample_suite_init,
	.suite_exit = sample_suite_exit,
	.init = sample_init,
	.exit = sample_exit,
	.test_cases = sample_cases,
};

static int failing_init(struct kunit *test)
{
	return -ENOMEM;
}

static void never_runs(struct kunit *test)
{
	pr_info("ran although init failed\n");
}

static struct kunit_case unlucky_cases[] = {
	KUNIT_CASE(never_runs),
	{ }
};

static struct kunit_suite unlucky_suite = {
	.name = "unlucky",
	.init = failing_init,
	.test_cases = unlucky_cases,
};

kunit_test_suites(&sample_suite, &unlucky_suite, &more_suite, &slow_suite,
		  &macro_suite, &suppress_suite, &left_suite);
MODULE_DESCRIPTION("Cases that end in every way there is");
MODULE_LICENSE("Dual MIT/GPL");
