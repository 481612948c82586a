/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * tests/support/support.h and the part of CMocka that tests/core/ uses, for tests
 * that run in a kernel. Each test is a thread of its own. An assertion that fails
 * ends this thread, as in KUnit, so only the thread of the test may use assertions.
 */
#ifndef TESTS_MODULE_SUPPORT_H
#define TESTS_MODULE_SUPPORT_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>

#ifndef INT64_MAX
#define INT64_MAX	S64_MAX
#endif
#ifndef UINT64_MAX
#define UINT64_MAX	U64_MAX
#endif

typedef void (*CMUnitTestFunction)(void **state);
typedef int (*CMFixtureFunction)(void **state);

struct CMUnitTest {
	const char *name;
	CMUnitTestFunction test_func;
	CMFixtureFunction setup_func, teardown_func;
};

#define cmocka_unit_test_setup_teardown(f, setup, teardown) \
	{ #f, f, setup, teardown }

/* test_main() of the program @name, see runner.c. */
#define PROGRAM(symbol, name) \
	int libfence_test_##symbol(int argc, char **argv);
#include "programs.h"
#undef PROGRAM

int test_main(const char *group, const struct CMUnitTest *tests, size_t nr,
	      int argc, char **argv);
int test_setup(void **state);
int test_teardown(void **state);

#define TEST(f)		cmocka_unit_test_setup_teardown(f, test_setup, test_teardown)
#define TEST_MAIN(group, tests) \
	test_main(group, tests, ARRAY_SIZE(tests), argc, argv)

/* End the test: it failed, or it cannot run here. They do not return. */
void test_fail(const char *file, int line);
void test_skip(const char *reason);

/* Print a line of the test's diagnostics. */
__printf(1, 2) void print_error(const char *fmt, ...);

/* These print the difference, if there is one, and return. */
bool test_equal_int(u64 left, u64 right, bool equal, const char *what);
bool test_equal_ptr(const void *left, const void *right, bool equal,
		    const char *what);
bool test_equal_text(const char *left, const char *right, const char *what);
bool test_equal_memory(const void *left, const void *right, size_t size,
		       const char *what);
bool test_in_range(s64 value, s64 low, s64 high, const char *what);
bool test_is_true(bool value, const char *what);

#define test_assert(check) \
	do { if (!(check)) test_fail(__FILE__, __LINE__); } while (0)
/* As in CMocka: integers of any type, and pointers that were cast. */
#define TEST_INT(value)		((u64)(value))

#define assert_true(c)		test_assert(test_is_true(!!(c), #c))
#define assert_false(c)		test_assert(test_is_true(!(c), "!(" #c ")"))
#define assert_null(p)		assert_ptr_equal(p, NULL)
#define assert_non_null(p)	assert_ptr_not_equal(p, NULL)
#define assert_int_equal(a, b) \
	test_assert(test_equal_int(TEST_INT(a), TEST_INT(b), true, #a))
#define assert_int_not_equal(a, b) \
	test_assert(test_equal_int(TEST_INT(a), TEST_INT(b), false, #a))
#define assert_ptr_equal(a, b)	test_assert(test_equal_ptr(a, b, true, #a))
#define assert_ptr_not_equal(a, b) test_assert(test_equal_ptr(a, b, false, #a))
#define assert_string_equal(a, b) test_assert(test_equal_text(a, b, #a))
#define assert_memory_equal(a, b, size) \
	test_assert(test_equal_memory(a, b, size, #a))
#define assert_between(value, low, high) \
	test_assert(test_in_range(value, low, high, #value))
#define fail_msg(fmt, args...) \
	do { print_error(fmt, ##args); test_fail(__FILE__, __LINE__); } while (0)

/* Warnings are found in the kernel's log. */
void test_expect_warnings(void);
void test_expected_warnings(int nr, const char *text, const char *file,
			    int line);

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

#define assert_dies(text, statement)					\
	do {								\
		if (0) { statement; }					\
		test_skip("a BUG would end the test's thread");		\
	} while (0)

/* The seconds that a test waits for an event. */
#define test_patience_s()	60u

/* A divisor for the work: the kernel runs in an emulator. */
unsigned int test_slowness(void);
unsigned long test_seed(void);

#endif
