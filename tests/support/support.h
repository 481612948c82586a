/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What every CMocka suite here has in common: a warning of the library's fails
 * the test unless it was expected, a test that hangs fails with the program,
 * and random numbers can be repeated.
 *
 *	static void signals_once(void **state) { ... }
 *
 *	int main(int argc, char **argv)
 *	{
 *		const struct CMUnitTest tests[] = {
 *			TEST(signals_once),
 *		};
 *		return TEST_MAIN("dma-fence", tests);
 *	}
 *
 * An argument on the command line selects tests by name (shell pattern).
 * Assertions are for the main thread: CMocka leaves a test by longjmp(). A
 * thread made by kthread_run() returns a result, and the test asserts on that.
 */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Seconds until a test counts as hanging; sanitizers and Valgrind are slow. */
#define TEST_TIMEOUT_S	180

int test_setup(void **state);
int test_teardown(void **state);
int test_main(const char *group, const struct CMUnitTest *tests, size_t nr,
	      int argc, char **argv);

#define TEST(f)		cmocka_unit_test_setup_teardown(f, test_setup, test_teardown)
#define TEST_MAIN(group, tests) \
	test_main(group, tests, sizeof(tests) / sizeof((tests)[0]), argc, argv)

/*
 * assert_warns(n, statement): it warns exactly @n times.
 * assert_warns_like("text", statement): exactly once, with @text in it.
 * assert_warns_naming("one", "two", statement): exactly once, with both.
 */
#define assert_warns(n, statement)					\
	do {								\
		test_expect_warnings();					\
		{ statement; }						\
		test_expected_warnings(n, NULL, __FILE__, __LINE__);	\
	} while (0)
#define assert_warns_like(text, statement)				\
	do {								\
		test_expect_warnings();					\
		{ statement; }						\
		test_expected_warnings(1, text, __FILE__, __LINE__);	\
	} while (0)

#define assert_warns_naming(one, two, statement)			\
	do {								\
		test_expect_warnings();					\
		{ statement; }						\
		test_expected_warnings(1, one, __FILE__, __LINE__);	\
		test_expected_warnings(1, two, __FILE__, __LINE__);	\
	} while (0)

/* @low <= @value <= @high; CMocka 1.1 and 2.0 have different names for it. */
#define assert_between(value, low, high) \
	test_between(value, low, high, #value, __FILE__, __LINE__)

void test_between(long long value, long long low, long long high,
		  const char *what, const char *file, int line);
void test_expect_warnings(void);
void test_expected_warnings(int nr, const char *text, const char *file,
			    int line);

/*
 * assert_dies("text", statement): in a child process, @statement aborts (BUG,
 * or a warning that was made fatal) and says @text on standard error.
 */
#define assert_dies(text, statement)					\
	do {								\
		int __fd;						\
									\
		if (test_death_begin(&__fd)) {				\
			{ statement; }					\
			test_death_survived();				\
		}							\
		test_death_end(__fd, text, __FILE__, __LINE__);		\
	} while (0)

bool test_death_begin(int *fd);
void test_death_survived(void) __attribute__((__noreturn__));
void test_death_end(int fd, const char *text, const char *file, int line);

/*
 * TEST_MAIN_BUT(group, tests, n): without the last @n of them, and saying so,
 * when Valgrind runs the program, which has an allocator of its own, stays behind
 * when another program is executed, and has socketpair() succeed with nothing
 * open at the limit of descriptors. CMocka could skip them, but its TAP calls that
 * a failure.
 */
#define TEST_MAIN_BUT(group, tests, n) \
	test_main(group, tests, sizeof(tests) / sizeof((tests)[0]) - \
		  (test_on_valgrind() ? test_leave_out(tests, \
			sizeof(tests) / sizeof((tests)[0]), n) : 0), argc, argv)
bool test_on_valgrind(void);
size_t test_leave_out(const struct CMUnitTest *tests, size_t nr, size_t out);

/*
 * TEST_NEEDS(there, "what", name): before TEST_MAIN(). The test of that name is
 * left out, and the output says so, unless the host has what it needs: qemu-user
 * does not have every system call, and some containers forbid them.
 */
#define TEST_NEEDS(there, what, name) \
	((void)sizeof(&(name)), test_needs(there, what, #name))
void test_needs(bool there, const char *what, const char *name);

/* The kernel copies between addresses that may be wrong: process_vm_readv(). */
bool test_host_checks_addresses(void);

/* The seed of this run, from LIBFENCE_SEED or the clock; printed when failing. */
unsigned long test_seed(void);

/* 1; more under sanitizers and Valgrind: divide the work by it. */
unsigned int test_slowness(void);

#endif
