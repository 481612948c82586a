// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The module libfence-tests: runs the tests of one program of tests/core/ while it
 * is loaded, and prints a line for each in the kernel's log. guest.c makes TAP of
 * these lines:
 *
 *	libfence-tests: plan NUMBER
 *	libfence-tests: ok NAME
 *	libfence-tests: ok NAME # SKIP REASON
 *	libfence-tests: not ok NAME
 *	libfence-tests: # DIAGNOSTICS
 *
 * A warning, or another complaint of the kernel's in its log, fails the test in
 * which it appears, unless the test expects it.
 */
#undef pr_fmt
#define pr_fmt(fmt) "libfence-tests: " fmt

#include "support.h"

#include <libfence/libfence.h>
#include <linux/completion.h>
#include <linux/kmsg_dump.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <stdlib.h>

static char *program = "";
module_param(program, charp, 0444);
MODULE_PARM_DESC(program, "the program of tests/core/ that runs");

/* The test that runs. Only its thread writes here while it runs. */
static struct {
	const struct CMUnitTest *test;
	struct task_struct *thread;
	struct completion ended;
	bool passed;
	const char *skipped;
} now;

void print_error(const char *fmt, ...)
{
	struct va_format text = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	text.va = &args;
	pr_info("# %pV\n", &text);
	va_end(args);
}

/*
 * Through a pointer, because objtool knows the kernel's functions that do not return, but
 * not a module's: it would complain of all callers of test_fail().
 */
static void end_test(void)
{
	void (*volatile end)(struct completion *ended, long code) =
		kthread_complete_and_exit;

	end(&now.ended, 0);
}

void test_fail(const char *file, int line)
{
	print_error("failed at %s:%d", kbasename(file), line);
	/* A helper's thread must not use assertions. */
	BUG_ON(current != now.thread);
	end_test();
}

void test_skip(const char *reason)
{
	now.skipped = reason;
	end_test();
}

bool test_equal_int(u64 left, u64 right, bool equal, const char *what)
{
	if ((left == right) == equal)
		return true;
	print_error("%s is %lld (%llx), %s %lld (%llx)", what, left, left,
		    equal ? "expected" : "not expected", right, right);
	return false;
}

bool test_equal_ptr(const void *left, const void *right, bool equal,
		    const char *what)
{
	if ((left == right) == equal)
		return true;
	print_error("%s is %px, %s %px", what, left,
		    equal ? "expected" : "not expected", right);
	return false;
}

bool test_equal_text(const char *left, const char *right, const char *what)
{
	if (!strcmp(left, right))
		return true;
	print_error("%s is \"%s\", expected \"%s\"", what, left, right);
	return false;
}

bool test_equal_memory(const void *left, const void *right, size_t size,
		       const char *what)
{
	if (!memcmp(left, right, size))
		return true;
	print_error("%s differs in memory", what);
	return false;
}

bool test_in_range(s64 value, s64 low, s64 high, const char *what)
{
	if (low <= value && value <= high)
		return true;
	print_error("%s is %lld, expected %lld to %lld", what, value, low, high);
	return false;
}

bool test_is_true(bool value, const char *what)
{
	if (!value)
		print_error("not true: %s", what);
	return value;
}

/* Warnings, in the kernel's log */

#define MAX_WARNINGS	16

/* The place in the log up to which it was read. */
static struct kmsg_dump_iter log_place;
/*
 * The complaints since the last test_expect_warnings() or start of a test, and the
 * number of those that the test has accepted. These stay for a second look, see
 * assert_warns_naming().
 */
static unsigned int nr_warnings, nr_accepted;
/* From the line "cut here" to the one with the place. */
static char warnings[MAX_WARNINGS][512];
static bool in_warning;

static void add_text(const char *line)
{
	if (nr_warnings < MAX_WARNINGS)
		strncat(warnings[nr_warnings], line,
			sizeof(warnings[0]) - strlen(warnings[nr_warnings]) - 1);
}

static bool is_complaint(const char *line)
{
	static const char * const words[] = {
		"WARNING: ", "BUG: ", "kernel BUG at ", "INFO: ", "Oops: ",
		"=== BUG ", "general protection fault",
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(line, words[i]))
			return true;
	return false;
}

/* Read the new lines of the log. */
static void read_log(void)
{
	static char line[1024];
	size_t len;

	while (kmsg_dump_get_line(&log_place, false, line, sizeof(line) - 1,
				  &len)) {
		line[len] = '\0';
		if (strstr(line, "libfence-tests: "))
			continue;
		if (strstr(line, "[ cut here ]")) {
			in_warning = true;
			if (nr_warnings < MAX_WARNINGS)
				warnings[nr_warnings][0] = '\0';
		} else if (in_warning || is_complaint(line)) {
			if (!in_warning && nr_warnings < MAX_WARNINGS)
				warnings[nr_warnings][0] = '\0';
			add_text(line);
			if (is_complaint(line)) {
				in_warning = false;
				nr_warnings++;
			}
		}
	}
}

/* Counts the warnings that the test has not expected. */
static unsigned int unexpected;

static void take_unexpected(void)
{
	unsigned int i;

	read_log();
	for (i = nr_accepted; i < nr_warnings && i < MAX_WARNINGS; i++)
		print_error("unexpected: %s", warnings[i]);
	unexpected += nr_warnings - nr_accepted;
	nr_warnings = nr_accepted = 0;
}

void test_expect_warnings(void)
{
	take_unexpected();
}

void test_expected_warnings(int nr, const char *text, const char *file,
			    int line)
{
	int i, got;

	read_log();
	got = nr_warnings;
	nr_accepted = got;
	if (got == nr && (!text || strstr(warnings[0], text)))
		return;
	for (i = 0; i < got && i < MAX_WARNINGS; i++)
		print_error("warned: %s", warnings[i]);
	print_error("expected %d warnings%s%s, got %d", nr,
		    text ? " with " : "", text ?: "", got);
	test_fail(file, line);
}

/* Running tests */

unsigned int test_slowness(void)
{
	return 4;
}

unsigned long test_seed(void)
{
	unsigned long seed = get_random_u32();

	print_error("seed %lu", seed);
	return seed;
}

static u32 random_state;

void srand(unsigned int seed)
{
	random_state = seed;
}

int rand(void)
{
	random_state = random_state * 1103515245 + 12345;
	return random_state >> 1;
}

int test_setup(void **state)
{
	return 0;
}

int test_teardown(void **state)
{
	libfence_fail_nth(0);
	return 0;
}

static int run_test(void *unused)
{
	const struct CMUnitTest *test = now.test;
	void *state = NULL;

	/* A kthread ignores signals that it does not allow. */
	allow_signal(SIGUSR1);
	allow_signal(SIGKILL);
	if (!test->setup_func(&state)) {
		test->test_func(&state);
		now.passed = !test->teardown_func(&state);
	}
	end_test();
	return 0;
}

/* Returns false if the test's thread has died. */
static bool wait_for_end(void)
{
	while (!wait_for_completion_timeout(&now.ended, HZ / 10))
		if (READ_ONCE(now.thread->exit_state))
			return try_wait_for_completion(&now.ended);
	return true;
}

static void run_one(const struct CMUnitTest *test)
{
	now.test = test;
	now.passed = false;
	now.skipped = NULL;
	init_completion(&now.ended);
	/* The log before belongs to no test: guest.c looks at it. */
	read_log();
	nr_warnings = nr_accepted = unexpected = 0;
	in_warning = false;

	now.thread = kthread_create(run_test, NULL, "libfence-test");
	if (IS_ERR(now.thread)) {
		pr_info("not ok %s\n", test->name);
		return;
	}
	get_task_struct(now.thread);
	wake_up_process(now.thread);
	if (!wait_for_end()) {
		print_error("the thread of the test has died");
		now.passed = false;
	}
	put_task_struct(now.thread);
	/* Frees that the test has caused, so that their errors show here. */
	if (strcmp(program, "module/unload"))
		rcu_barrier();
	take_unexpected();
	if (now.skipped && !unexpected)
		pr_info("ok %s # SKIP %s\n", test->name, now.skipped);
	else
		pr_info("%s %s\n", now.passed && !unexpected ? "ok" : "not ok",
			test->name);
}

int test_main(const char *group, const struct CMUnitTest *tests, size_t nr,
	      int argc, char **argv)
{
	size_t i;

	pr_info("plan %zu\n", nr);
	kmsg_dump_rewind(&log_place);
	for (i = 0; i < nr; i++)
		run_one(&tests[i]);
	return 0;
}

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} programs[] = {
#define PROGRAM(symbol, name)	{ name, libfence_test_##symbol },
#include "programs.h"
#undef PROGRAM
};

static int __init libfence_tests_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(programs); i++)
		if (!strcmp(programs[i].name, program))
			return programs[i].main(0, NULL);
	pr_err("there is no program \"%s\"\n", program);
	return -ENOENT;
}

static void __exit libfence_tests_exit(void)
{
	/* Callbacks of this module that call_rcu() has queued; unload.c has none. */
	if (strcmp(program, "module/unload"))
		rcu_barrier();
}

module_init(libfence_tests_init);
module_exit(libfence_tests_exit);
MODULE_DESCRIPTION("libfence: the tests of the fence core");
MODULE_LICENSE("Dual MIT/GPL");
