/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Support for all CMocka suites. A warning of the library fails the test,
 * unless the test expects it. A test that hangs aborts the program. Random
 * numbers can be repeated with LIBFENCE_SEED.
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
 * Only the main thread may use assertions, because CMocka leaves a test by
 * longjmp(). Other threads return a result, which the test then checks.
 */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#if defined(__has_feature)
#define TEST_HAS_FEATURE(x) __has_feature(x)
#else
#define TEST_HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || TEST_HAS_FEATURE(address_sanitizer)
#define TEST_ON_ASAN	1
#endif
#if defined(__SANITIZE_THREAD__) || TEST_HAS_FEATURE(thread_sanitizer)
#define TEST_ON_TSAN	1
#endif

/*
 * The seconds that a test waits for an event which comes at once if the code is
 * right: 60, since sanitizers and Valgrind are slow, or TEST_PATIENCE_S of the
 * environment. After three times as long, a test counts as hanging.
 */
unsigned int test_patience_s(void);

int test_setup(void **state);
int test_teardown(void **state);
int test_main(const char *group, const struct CMUnitTest *tests, size_t nr,
	      int argc, char **argv);

#define TEST(f)		cmocka_unit_test_setup_teardown(f, test_setup, test_teardown)
#define TEST_MAIN(group, tests) \
	test_main(group, tests, sizeof(tests) / sizeof((tests)[0]), argc, argv)

/*
 * assert_warns(n, statement): @statement warns exactly @n times.
 * assert_warns_like("text", statement): it warns once, and the message
 *	contains @text.
 * assert_warns_naming("one", "two", statement): it warns once, and the message
 *	contains both texts.
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

/* @low <= @value <= @high. CMocka 1.1 and 2.0 name this check differently. */
#define assert_between(value, low, high) \
	test_between(value, low, high, #value, __FILE__, __LINE__)

void test_between(long long value, long long low, long long high,
		  const char *what, const char *file, int line);
void test_expect_warnings(void);
void test_expected_warnings(int nr, const char *text, const char *file,
			    int line);

/*
 * assert_dies("text", statement): in a child process, @statement aborts (a BUG
 * or a fatal warning) and prints @text on standard error.
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
 * TEST_MAIN_BUT(group, tests, n): under Valgrind, leave out the last @n tests
 * and print their names. Valgrind has its own allocator and does not follow
 * exec(). At the limit of descriptors its socketpair() succeeds without opening
 * any. The tests are not skipped with CMocka, because its TAP output reports a
 * skipped test as a failure.
 */
#define TEST_MAIN_BUT(group, tests, n) \
	test_main(group, tests, sizeof(tests) / sizeof((tests)[0]) - \
		  (test_on_valgrind() ? test_leave_out(tests, \
			sizeof(tests) / sizeof((tests)[0]), n) : 0), argc, argv)
bool test_on_valgrind(void);
size_t test_leave_out(const struct CMUnitTest *tests, size_t nr, size_t out);

/*
 * TEST_NEEDS(there, "what", name): unless @there is true, leave out the test
 * @name and print that the host has no @what. Call it before TEST_MAIN(). For
 * example, qemu-user lacks some system calls, and some containers forbid some.
 */
#define TEST_NEEDS(there, what, name) \
	((void)sizeof(&(name)), test_needs(there, what, #name))
void test_needs(bool there, const char *what, const char *name);

/*
 * False with musl: in 1.2.3, the thread that has called fork() takes a lock for ever
 * when it ends in the child, and each later start and end of a thread waits for that
 * lock.
 */
#ifdef __GLIBC__
#define TEST_FORKED_THREAD_ENDS	true
#else
#define TEST_FORKED_THREAD_ENDS	false
#endif

/*
 * A host that refuses system calls. It cannot be undone, so call these in a child
 * process. They are for the calling thread and for those that it creates.
 *
 * test_refuse_call(): from here on, system call @nr fails with @err.
 * test_allow_call(): every system call kills the process, except for @nr, and for
 *	the one that ends it.
 *
 * Both return false if the host has no seccomp; test_host_refuses_calls() tells.
 */
bool test_refuse_call(int nr, int err);
bool test_allow_call(int nr);
bool test_host_refuses_calls(void);

/* True if process_vm_readv() works here: it copies from unchecked addresses. */
bool test_host_checks_addresses(void);

/* The seed of this run, from LIBFENCE_SEED or the clock; printed on stderr. */
unsigned long test_seed(void);

/* fork() waits until the other threads sleep, if a sanitizer or qemu-user needs that. */
void test_fork_init(void);

/*
 * The state of thread @tid of this process, as in /proc: 'R' if it runs or can run,
 * 'S' if it sleeps, 'X' if there is none. The first thread of a process is 'Z' after
 * its end, as long as others run. Its destructors have run then.
 */
char test_thread_state(int tid);

/* True if all other threads of this process sleep. */
bool test_others_sleep(void);

/* The CPU time of the process in nanoseconds. */
int64_t test_cpu_time(void);

/*
 * takes_less(limit, clock, statement): true if @statement takes less than @limit
 * nanoseconds of @clock, which is ktime_get or test_cpu_time, at least once in five
 * tries. A thread of a busy machine may be off the CPU for half a second, and a
 * virtual machine that was stopped counts that as CPU time. Code that is wrong takes
 * too long each time.
 */
#define takes_less(limit, clock, statement) ({				\
	bool __less = false;						\
	int __try;							\
									\
	for (__try = 0; __try < 5 && !__less; __try++) {		\
		int64_t __begin = clock();				\
									\
		{ statement; }						\
		__less = clock() - __begin < (int64_t)(limit);		\
	}								\
	__less; })

/* A divisor for the work: 1, or more under sanitizers and Valgrind. */
unsigned int test_slowness(void);

#endif
