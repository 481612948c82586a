// SPDX-License-Identifier: GPL-2.0 OR MIT
/* WARN, BUG and printk(), and the hooks behind them. */

#include <pthread.h>
#include "helpers.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/bug.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <libfence/libfence.h>

static struct {
	int nr;
	enum libfence_warning_kind kind;
	char file[128], function[64], message[128];
	int line;
	void *data;
} got;

static void hook(const struct libfence_warning *w, void *data)
{
	got.nr++;
	got.kind = w->kind;
	got.line = w->line;
	got.data = data;
	strscpy(got.file, w->file);
	strscpy(got.function, w->function);
	strscpy(got.message, w->message);
}

static void hook_gets_message_and_location(void **state)
{
	unsigned long before = libfence_warn_count();
	int line;

	got.nr = 0;
	libfence_set_warn_hook(hook, &got);
	line = __LINE__; WARN(1, "%s is %d\n", "answer", 42);
	assert_int_equal(got.nr, 1);
	assert_int_equal(got.kind, LIBFENCE_WARN);
	assert_int_equal(got.line, line);
	assert_ptr_equal(got.data, &got);
	assert_non_null(strstr(got.file, "warn.c"));
	assert_string_equal(got.function, __func__);
	/* The newline is removed. */
	assert_string_equal(got.message, "answer is 42");
	WARN_ON(got.nr == 1);
	assert_string_equal(got.message, "WARN_ON(got.nr == 1)");
	assert_int_equal(libfence_warn_count() - before, 2);
}

static void false_condition_is_silent_and_the_value_comes_back(void **state)
{
	int evaluated = 0;

	assert_false(WARN_ON(evaluated++));
	assert_false(WARN(evaluated - 1, "no"));
	assert_false(WARN_ON_ONCE(0));
	assert_false(WARN_ONCE(0, "no"));
	assert_int_equal(evaluated, 1);
	assert_warns(1, assert_true(WARN_ON(evaluated++)));
	assert_int_equal(evaluated, 2);
	/* The result is 1 for any true value of any width. */
	assert_warns(1, assert_int_equal(WARN_ON(0x100000000ull), 1));
}

static bool warn_here(bool condition)
{
	return WARN_ON_ONCE(condition);
}

static bool warn_there(bool condition)
{
	return WARN_ONCE(condition, "there");
}

static void once_is_once_for_each_call_site(void **state)
{
	int i;

	/* A false condition does not count as the first time. */
	assert_false(warn_here(false));
	assert_warns(1, for (i = 0; i < 5; i++) assert_true(warn_here(true)););
	assert_warns_like("there",
			  for (i = 0; i < 5; i++) assert_true(warn_there(true)););
	assert_false(warn_here(false));
}

static int warn_once_thread(void *unused)
{
	int i;

	for (i = 0; i < 1000; i++)
		WARN_ON_ONCE(1);
	return 0;
}

static void once_is_once_for_all_threads(void **state)
{
	struct task_struct *tasks[4];
	int i;

	assert_warns(1, {
		for (i = 0; i < 4; i++)
			tasks[i] = start(warn_once_thread, NULL);
		for (i = 0; i < 4; i++)
			finish(tasks[i]);
	});
}

static void long_messages_are_cut(void **state)
{
	char text[2000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	libfence_set_warn_hook(hook, NULL);
	WARN(1, "%s", text);
	assert_int_equal(strlen(got.message), sizeof(got.message) - 1);
}

static noinline void bug_site(void)
{
	BUG();
}

static void bug_dies_with_location_and_backtrace(void **state)
{
	assert_dies("BUG at ", bug_site());
	assert_dies("bug_site(): BUG()", bug_site());
	/* The backtrace has a frame of this program. */
	assert_dies("test-warn(", bug_site());
	assert_dies("BUG_ON(argument > 2)", ({ int argument = 3; BUG_ON(argument > 2); }));
}

static void warn_without_a_hook_is_printed_with_a_backtrace(void **state)
{
	assert_dies("WARNING at ", WARN(1, "printed"); abort());
	assert_dies("(): printed\n", WARN(1, "printed\n"); abort());
	assert_dies("test-warn(", WARN(1, "printed"); abort());
}

static void quiet_hook(const struct libfence_warning *w, void *data)
{
	fprintf(stderr, "hook saw kind %d\n", w->kind);
}

static void bug_dies_after_the_hook(void **state)
{
	assert_dies("hook saw kind 1", {
		libfence_set_warn_hook(quiet_hook, NULL);
		BUG_ON(1);
	});
}

static void panic_on_warn_makes_a_warning_fatal(void **state)
{
	assert_dies("fatal now", {
		libfence_set_panic_on_warn(true);
		WARN(1, "fatal now");
		_exit(0);
	});
	assert_dies("hook saw kind 0", {
		libfence_set_warn_hook(quiet_hook, NULL);
		libfence_set_panic_on_warn(true);
		WARN_ON(1);
		_exit(0);
	});
	/* Switched off again: the program survives until the BUG. */
	assert_dies("the end", {
		libfence_set_panic_on_warn(true);
		libfence_set_panic_on_warn(false);
		WARN(1, "survived");
		lfshim_bug("file", 1, "function", "the end");
	});
}

static const char *program;

/* Execute this program again with @mode, so that it only warns. */
static void warn_in_new_program(const char *env, const char *mode)
{
	setenv("LIBFENCE_PANIC_ON_WARN", env, 1);
	/* Meson sets MESON_EXE_WRAPPER where a CPU is emulated. */
	execl("/bin/sh", "sh", "-c", "exec $MESON_EXE_WRAPPER \"$0\" $1",
	      program, mode, (char *)NULL);
	_exit(0);
}

static void environment_makes_a_warning_fatal(void **state)
{
	/* A program that survives ends without an error. */
	assert_dies("from --warn", warn_in_new_program("1", "--warn-and-end"));
	/* The program survives, and then dies with this message. */
	assert_dies("survived the warning", warn_in_new_program("0", "--warn"));
	assert_dies("survived the warning", warn_in_new_program("", "--warn"));
}

static int last_level;
static char last_text[1100];
static void *last_data;

static void log_hook(int level, const char *message, void *data)
{
	last_level = level;
	last_data = data;
	strscpy(last_text, message);
}

static void log_levels_reach_the_hook(void **state)
{
	libfence_set_log_hook(log_hook, last_text);
	assert_int_equal(printk("plain %d\n", 1), 8);
	assert_int_equal(last_level, 4);
	assert_string_equal(last_text, "plain 1\n");
	assert_ptr_equal(last_data, last_text);
#define LEVEL(fn, level)				\
	do {						\
		fn("about %s\n", #fn);			\
		assert_int_equal(last_level, level);	\
		assert_string_equal(last_text, "about " #fn "\n"); \
	} while (0)
	LEVEL(pr_emerg, 0);
	LEVEL(pr_alert, 1);
	LEVEL(pr_crit, 2);
	LEVEL(pr_err, 3);
	LEVEL(pr_warn, 4);
	LEVEL(pr_notice, 5);
	LEVEL(pr_info, 6);
#undef LEVEL
	printk(KERN_DEBUG "debug");
	assert_int_equal(last_level, 7);
	/* pr_debug() is compiled out, but its arguments are checked. */
	last_text[0] = '\0';
	pr_debug("no %d", 1);
	assert_string_equal(last_text, "");
	pr_cont("more");
	assert_string_equal(last_text, "more");
	/* A prefix that is no level stands for the default one. */
	last_level = -1;
	printk(KERN_SOH "cmore");
	assert_int_equal(last_level, 4);
	assert_string_equal(last_text, "more");
	libfence_set_log_hook(NULL, NULL);
}

static void a_long_message_is_cut_and_its_length_returned(void **state)
{
	char text[2000];
	int len;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	libfence_set_log_hook(log_hook, NULL);
	len = printk("%s", text);
	libfence_set_log_hook(NULL, NULL);
	assert_int_equal(strlen(last_text), 1023);
	assert_int_equal(len, 1023);
}

static void log_without_a_hook_goes_to_standard_error(void **state)
{
	assert_dies("to stderr 5", pr_info("to stderr %d\n", 5); abort());
}

/* Returns the line that failed. Prints to standard error. */
static int print_and_look(void)
{
	int state;

	if (printk("12345\n") != 6)
		return __LINE__;
	WARN(1, "a warning");
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
	if (state != PTHREAD_CANCEL_ENABLE)
		return __LINE__;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	printk("12345\n");
	WARN(1, "a warning");
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	return state == PTHREAD_CANCEL_DISABLE ? 0 : __LINE__;
}

static bool printed_all;

static void *print_while_cancelled(void *unused)
{
	pthread_cancel(pthread_self());
	printk("a message\n");
	WARN(1, "a warning");
	printed_all = true;
	pthread_testcancel();
	printed_all = false;
	return NULL;
}

static int print_in_cancelled_thread(void)
{
	pthread_t thread;
	void *result;

	if (pthread_create(&thread, NULL, print_while_cancelled, NULL))
		return __LINE__;
	pthread_join(thread, &result);
	return printed_all && result == PTHREAD_CANCELED ? 0 : __LINE__;
}

static void printing_is_no_cancellation_point(void **state)
{
	assert_dies("12345", if (!print_and_look()) abort());
	assert_dies("a warning", if (!print_in_cancelled_thread()) abort());
}

static int failed_initcall(void)
{
	return -ENODEV;
}

static int good_initcall(void)
{
	return 0;
}

static void an_initcall_that_fails_is_reported(void **state)
{
	assert_warns_like("initcall it returned -19",
			  lfshim_initcall(failed_initcall, "it"));
	lfshim_initcall(good_initcall, "it");
}

static void the_stack_goes_to_standard_error(void **state)
{
	assert_dies("test-warn(", dump_stack(); abort());
}

static void version_is_that_of_the_header(void **state)
{
	assert_string_equal(libfence_version(), LIBFENCE_VERSION);
	assert_int_equal(libfence_has_checks(), LFSHIM_CHECKS);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(hook_gets_message_and_location),
		TEST(false_condition_is_silent_and_the_value_comes_back),
		TEST(once_is_once_for_each_call_site),
		TEST(once_is_once_for_all_threads),
		TEST(long_messages_are_cut),
		TEST(bug_dies_with_location_and_backtrace),
		TEST(warn_without_a_hook_is_printed_with_a_backtrace),
		TEST(bug_dies_after_the_hook),
		TEST(panic_on_warn_makes_a_warning_fatal),
		TEST(log_levels_reach_the_hook),
		TEST(a_long_message_is_cut_and_its_length_returned),
		TEST(log_without_a_hook_goes_to_standard_error),
		TEST(printing_is_no_cancellation_point),
		TEST(an_initcall_that_fails_is_reported),
		TEST(the_stack_goes_to_standard_error),
		TEST(version_is_that_of_the_header),
		/* Valgrind does not follow this into the new program. */
		TEST(environment_makes_a_warning_fatal),
	};

#ifndef LFSHIM_BACKTRACE
	TEST_NEEDS(false, "backtrace()", bug_dies_with_location_and_backtrace);
	TEST_NEEDS(false, "backtrace()", the_stack_goes_to_standard_error);
	TEST_NEEDS(false, "backtrace()",
		   warn_without_a_hook_is_printed_with_a_backtrace);
#endif
	/* ThreadSanitizer ends a thread that is cancelled a little later. */
	TEST_NEEDS(!LFSHIM_TSAN, "pthread_cancel() of libc",
		   printing_is_no_cancellation_point);
	program = argv[0];
	if (argc > 1 && !strncmp(argv[1], "--warn", 6)) {
		WARN(1, "from --warn");
		if (!strcmp(argv[1], "--warn-and-end"))
			return 0;
		lfshim_bug("file", 1, "function", "survived the warning");
	}
	return TEST_MAIN_BUT("warn", tests, 1);
}
