// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The KUnit runner: checks its output for kunit-sample.c. */

#include "helpers.h"
#include <stdio.h>
#include <sys/wait.h>

static char output[32768];

/* Run the sample, store its output in @output, return its exit status. */
static int run(const char *arguments)
{
	char command[4096];
	size_t len;
	FILE *pipe;
	int status;

	/* Meson sets MESON_EXE_WRAPPER where a CPU is emulated. */
	snprintf(command, sizeof(command),
		 "$MESON_EXE_WRAPPER '%s' %s 2>/dev/null", KUNIT_SAMPLE,
		 arguments);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	output[0] = '\n';
	len = 1 + fread(output + 1, 1, sizeof(output) - 2, pipe);
	output[len] = '\0';
	status = pclose(pipe);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* True if the output has this line. */
static bool says(const char *line)
{
	char text[512];

	snprintf(text, sizeof(text), "\n%s\n", line);
	return strstr(output, text);
}

static int count(const char *text)
{
	const char *at = output;
	int nr = 0;

	while ((at = strstr(at, text))) {
		at++;
		nr++;
	}
	return nr;
}

static void assert_says(const char *line)
{
	if (!says(line))
		fail_msg("no line '%s' in:%s", line, output);
}

static void every_case_gets_its_line(void **state)
{
	assert_int_equal(run("'[su][an]*'"), 1);
	assert_says("ok 1 - sample.passes");
	assert_says("not ok 2 - sample.fails_by_expect");
	assert_says("not ok 3 - sample.aborts_from_depth");
	assert_says("not ok 4 - sample.fails_and_aborts");
	assert_says("ok 5 - sample.skips # SKIP not today 1");
	assert_says("ok 6 - sample.marks_skipped # SKIP maybe tomorrow");
	assert_says("ok 7 - sample.skips_after_failing # SKIP too late");
	assert_says("ok 8 - sample.warns");
	assert_says("not ok 9 - sample.fails_on_another_thread");
	assert_says("ok 10 - sample.is_odd[one]");
	assert_says("not ok 11 - sample.is_odd[two]");
	assert_says("ok 12 - sample.is_odd[three]");
	assert_says("ok 13 - sample.is_small[value 1]");
	assert_says("ok 15 - sample.is_small[value 3]");
	assert_says("ok 16 - sample.undoes_in_reverse");
	assert_says("ok 17 - sample.uses_memory_when_undone");
	assert_says("not ok 18 - unlucky.never_runs");
	assert_says("1..18");
	assert_int_equal(count("\nok ") + count("\nnot ok "), 18);
}

static void output_is_tap(void **state)
{
	char *line, *rest = output;

	run("'[sum][ano]*'");
	/* Only results, the plan and comments are allowed. */
	while ((line = strsep(&rest, "\n")))
		if (*line && strncmp(line, "ok ", 3) &&
		    strncmp(line, "not ok ", 7) && strncmp(line, "# ", 2) &&
		    strncmp(line, "1..", 3))
			fail_msg("not TAP: '%s'", line);
}

static void failures_say_what_and_where(void **state)
{
	assert_int_equal(run("'*expect'"), 1);
	assert_int_equal(count("EXPECTATION FAILED"), 3);
	assert_int_equal(count("kunit-sample.c:"), 3);
	assert_non_null(strstr(output, "v == 4: 3 (0x3) against 4 (0x4)"));
	assert_non_null(strstr(output, "message 17"));
	assert_says("# still there after three expectations");
}

static void fatal_failures_end_the_case(void **state)
{
	assert_int_equal(run("aborts_from_depth"), 1);
	assert_int_equal(count("ASSERTION FAILED"), 1);
	assert_null(strstr(output, "reached"));
	/* The resources are still cleaned up. */
	assert_says("# undone 70");
	assert_int_equal(run("fails_and_aborts"), 1);
	assert_non_null(strstr(output, "first"));
	assert_non_null(strstr(output, "second"));
	assert_null(strstr(output, "reached"));
}

static void every_macro_finds_what_is_false(void **state)
{
	int nr;

	assert_int_equal(run("expects_what_is_false"), 1);
	nr = count("EXPECTATION FAILED");
	/* 17 macros, each with and without a message. */
	assert_int_equal(nr, 34);
	assert_int_equal(count("\nnot ok "), nr);
	assert_int_equal(count("went on"), nr);
	assert_int_equal(count(": text "), nr / 2);
	assert_int_equal(run("asserts_what_is_false"), 1);
	assert_int_equal(count("ASSERTION FAILED"), nr);
	assert_int_equal(count("\nnot ok "), nr);
	assert_int_equal(count(": text "), nr / 2);
	assert_int_equal(count("went on"), 0);
}

static void no_macro_finds_what_is_true(void **state)
{
	assert_int_equal(run("checks_what_is_true"), 0);
	assert_int_equal(count("FAILED"), 0);
	assert_int_equal(count("went on"), 1);
}

static void warnings_are_suppressed_for_a_block(void **state)
{
	assert_int_equal(run("suppress.suppresses_warnings"), 0);
	assert_null(strstr(output, "addition on 0"));
	assert_null(strstr(output, "a warning of the case"));
	assert_int_equal(run("suppresses_and_leaves"), 1);
	assert_int_equal(run("suppresses_for_itself_only"), 1);
	assert_int_equal(run("suppresses_twice"), 1);
	assert_null(strstr(output, "reached"));
	/* A block that an assertion has left does not go on in the next case. */
	assert_int_equal(run("'left.*'"), 1);
	assert_says("not ok 1 - left.suppresses_and_aborts");
	assert_says("not ok 2 - left.is_warned_of");
	assert_int_equal(count("suppressed already"), 0);
}

static void skipping_is_no_failure(void **state)
{
	assert_int_equal(run("skips"), 0);
	assert_null(strstr(output, "reached"));
	assert_int_equal(run("marks_skipped"), 0);
	assert_says("# went on after kunit_mark_skipped");
}

static void the_last_status_counts(void **state)
{
	assert_int_equal(run("skips_after_failing"), 0);
	assert_says("ok 1 - sample.skips_after_failing # SKIP too late");
	assert_int_equal(run("skips_before_failing"), 1);
	assert_says("not ok 1 - more.skips_before_failing");
}

static void warning_of_the_library_fails_the_case(void **state)
{
	assert_int_equal(run("is_warned_of"), 1);
	assert_non_null(strstr(output, "# WARNING at "));
	assert_non_null(strstr(output, "addition on 0"));
	assert_says("not ok 1 - more.is_warned_of");
}

static void warning_of_the_test_itself_is_printed_only(void **state)
{
	assert_int_equal(run("warns"), 0);
	assert_non_null(strstr(output, "# WARNING at "));
	assert_non_null(strstr(output, "a warning of the case"));
	assert_says("ok 1 - sample.warns");
}

static void known_warning_is_printed_only(void **state)
{
	assert_int_equal(run("-w '*addition on 0*' is_warned_of"), 0);
	assert_non_null(strstr(output, "addition on 0"));
	assert_says("ok 1 - more.is_warned_of");
	assert_int_equal(run("-w 'another one' is_warned_of"), 1);
	/* Processes for parameters get the pattern, too. */
	assert_int_equal(run("-w '*addition on 0*' -j 2 is_warned_often"), 0);
	assert_int_equal(run("-w 'another one' -j 2 is_warned_often"), 1);
}

static void strings_that_are_no_strings_differ(void **state)
{
	assert_int_equal(run("compares_bad_strings"), 1);
	assert_int_equal(count("EXPECTATION FAILED"), 3);
	assert_says("# still there after three bad strings");
}

static void a_case_without_parameters_is_skipped(void **state)
{
	assert_int_equal(run("is_not_called"), 0);
	assert_says("ok 1 - more.is_not_called # SKIP it has no parameters");
	assert_says("1..1");
	assert_null(strstr(output, "called without"));
}

static void a_generator_gets_a_test_to_allocate_from(void **state)
{
	const char *last;

	assert_int_equal(run("has_memory"), 0);
	assert_says("ok 1 - more.has_memory[param-1]");
	assert_says("ok 2 - more.has_memory[param-2]");
	assert_int_equal(count("# the parameter is 1\n"), 2);
	/* Its resources are released after the last parameter. */
	last = strstr(output, "ok 2 ");
	assert_non_null(last);
	assert_non_null(strstr(last, "# undone 33\n"));
	assert_int_equal(count("# undone 33\n"), 1);
}

static void parameters_run_in_processes(void **state)
{
	assert_int_equal(run("-j 2 'sample.[ip][sa]*'"), 1);
	assert_says("ok 1 - sample.passes");
	assert_says("ok 2 - sample.is_odd[one]");
	assert_says("not ok 3 - sample.is_odd[two]");
	assert_says("ok 4 - sample.is_odd[three]");
	assert_says("ok 5 - sample.is_small[value 1]");
	assert_says("ok 7 - sample.is_small[value 3]");
	assert_says("1..7");
	assert_int_equal(count("EXPECTATION FAILED"), 1);
	assert_int_equal(run("-j 8 is_small"), 0);
	assert_int_equal(run("-j 8 -t 1 never_ends"), 1);
}

static void a_process_that_dies_is_one_failure(void **state)
{
	assert_int_equal(run("-j 2 dies_with_two"), 1);
	assert_says("ok 1 - more.dies_with_two[one]");
	assert_says("# process 1");
	assert_says("not ok 2 - more.dies_with_two[two]");
	assert_says("ok 3 - more.dies_with_two[three]");
	assert_says("1..3");
}

/* Of a case that is known to race with its own jobs. */
static void a_racing_case_runs_again(void **state)
{
	char dir[] = "/tmp/kunit-runner-XXXXXX", mark[sizeof(dir) + 5];

	assert_non_null(mkdtemp(dir));
	snprintf(mark, sizeof(mark), "%s/mark", dir);
	setenv("KUNIT_SAMPLE_MARK", mark, 1);
	/* Each run but the first one finds the directory. */
	assert_int_equal(run("-j 2 -r dies_with_two_once dies_with_two_once"), 0);
	assert_says("ok 2 - more.dies_with_two_once[two]");
	assert_says("1..3");
	assert_int_equal(count("races with its jobs"), 1);
	assert_int_equal(rmdir(mark), 0);
	/* Not the others. */
	assert_int_equal(run("-j 2 -r dies_with_three dies_with_two_once"), 1);
	assert_says("not ok 2 - more.dies_with_two_once[two]");
	assert_int_equal(rmdir(mark), 0);
	/* And not for ever. */
	assert_int_equal(run("-j 2 -r 'dies*' dies_with_two"), 1);
	assert_says("not ok 2 - more.dies_with_two[two]");
	assert_int_equal(count("races with its jobs"), 2);
	/* A result is one. */
	assert_int_equal(run("-j 2 -r is_odd is_odd"), 1);
	assert_says("not ok 2 - sample.is_odd[two]");
	assert_int_equal(count("races with its jobs"), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void one_parameter_is_chosen_by_number(void **state)
{
	assert_int_equal(run("-p 3 'sample.is_*'"), 0);
	assert_says("ok 1 - sample.is_odd[three]");
	assert_says("ok 2 - sample.is_small[value 3]");
	assert_says("1..2");
}

static void a_case_that_takes_too_long_fails_alone(void **state)
{
	assert_int_equal(run("-t 1 'slow.[tip]*'"), 1);
	assert_says("# woken after the time was up");
	assert_says("not ok 1 - slow.takes_too_long");
	/* It has three times the time. */
	assert_says("ok 2 - slow.is_slow");
	assert_says("ok 3 - slow.passes_again");
	assert_says("1..3");
}

static void a_case_that_never_ends_ends_the_program(void **state)
{
	assert_int_equal(run("-t 1 never_ends"), 1);
	assert_says("Bail out! The case does not end.");
}

static void assertion_on_a_thread_ends_that_thread_only(void **state)
{
	assert_int_equal(run("fails_on_another_thread"), 1);
	assert_null(strstr(output, "reached"));
	assert_says("# the case's own thread goes on");
}

static void resources_are_undone_in_reverse_after_callbacks(void **state)
{
	const char *body, *callback, *undone[3];
	int i;

	assert_int_equal(run("undoes_in_reverse"), 0);
	body = strstr(output, "# end of the body\n");
	callback = strstr(output, "# callback before anything is undone\n");
	assert_non_null(body);
	assert_true(callback > body);
	for (i = 0; i < 3; i++) {
		char line[32];

		snprintf(line, sizeof(line), "# undone %d\n", 3 - i);
		undone[i] = strstr(output, line);
		assert_true(undone[i] > (i ? undone[i - 1] : callback));
	}
}

static void memory_is_released_after_older_actions(void **state)
{
	assert_int_equal(run("uses_memory_when_undone"), 0);
	assert_says("# the memory says alive");
}

static void devices_end_with_the_case(void **state)
{
	const char *second, *first, *kept;

	assert_int_equal(run("has_devices"), 0);
	second = strstr(output, "# undone 2\n# unregistered\n");
	kept = strstr(output, "# kept third\n");
	first = strstr(output, "# undone 1\n");
	assert_non_null(second);
	assert_true(kept > second);
	assert_true(first > kept);
	assert_int_equal(count("# undone"), 2);
}

static void init_and_exit_surround_every_case(void **state)
{
	run("sample.*");
	assert_int_equal(count("# suite_init\n"), 1);
	assert_says("# suite_exit inits 17 exits 17");
	/* No other suite was selected. */
	assert_says("1..17");
	assert_int_equal(run("never_runs"), 1);
	assert_null(strstr(output, "ran although"));
}

static void cases_are_selected_by_pattern(void **state)
{
	assert_int_equal(run("passes"), 0);
	assert_says("ok 1 - sample.passes");
	assert_says("1..1");
	assert_int_equal(run("'sample.is_*'"), 1);
	assert_says("1..6");
	assert_int_equal(run("nothing_like_it"), 1);
	assert_says("1..0");
}

static void cases_are_listed(void **state)
{
	assert_int_equal(run("-l"), 0);
	assert_says("sample.passes");
	assert_says("unlucky.never_runs");
	assert_int_equal(count("\n") - 2, 37 - 1);
	assert_int_equal(run("-l 'sample.skip*'"), 0);
	assert_string_equal(output, "\nsample.skips\nsample.skips_after_failing\n");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(every_case_gets_its_line),
		TEST(output_is_tap),
		TEST(failures_say_what_and_where),
		TEST(fatal_failures_end_the_case),
		TEST(every_macro_finds_what_is_false),
		TEST(no_macro_finds_what_is_true),
		TEST(warnings_are_suppressed_for_a_block),
		TEST(skipping_is_no_failure),
		TEST(the_last_status_counts),
		TEST(warning_of_the_library_fails_the_case),
		TEST(warning_of_the_test_itself_is_printed_only),
		TEST(known_warning_is_printed_only),
		TEST(strings_that_are_no_strings_differ),
		TEST(a_case_without_parameters_is_skipped),
		TEST(a_generator_gets_a_test_to_allocate_from),
		TEST(parameters_run_in_processes),
		TEST(a_process_that_dies_is_one_failure),
		TEST(a_racing_case_runs_again),
		TEST(one_parameter_is_chosen_by_number),
		TEST(a_case_that_takes_too_long_fails_alone),
		TEST(a_case_that_never_ends_ends_the_program),
		TEST(assertion_on_a_thread_ends_that_thread_only),
		TEST(resources_are_undone_in_reverse_after_callbacks),
		TEST(memory_is_released_after_older_actions),
		TEST(devices_end_with_the_case),
		TEST(init_and_exit_surround_every_case),
		TEST(cases_are_selected_by_pattern),
		TEST(cases_are_listed),
	};
	bool starts = !getenv("MESON_EXE_WRAPPER");

	TEST_NEEDS(starts, "an emulator for programs that it starts",
		   parameters_run_in_processes);
	TEST_NEEDS(starts, "an emulator for programs that it starts",
		   a_process_that_dies_is_one_failure);
	TEST_NEEDS(starts, "an emulator for programs that it starts",
		   a_racing_case_runs_again);
	TEST_NEEDS(starts, "an emulator for programs that it starts",
		   known_warning_is_printed_only);
	return TEST_MAIN("kunit-runner", tests);
}
