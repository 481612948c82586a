/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Checks that work without exceptions, and TAP. */
#ifndef TESTS_CPP_CHECK_HPP
#define TESTS_CPP_CHECK_HPP

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

#define CHECK(condition)							\
	do {									\
		if (!(condition)) {						\
			std::printf("# %s:%d: %s\n", __FILE__, __LINE__, #condition); \
			test_failed = true;					\
		}								\
	} while (0)

/* Code that uses the value of @result, which has to be one. */
#define REQUIRE(result)								\
	do {									\
		if (!(result)) {						\
			std::printf("Bail out! %s:%d: %s\n", __FILE__, __LINE__, #result); \
			std::exit(1);						\
		}								\
	} while (0)

inline bool test_failed;

struct test {
	const char *name;
	void (*run)();
};

template <std::size_t N> int run_tests(const test (&tests)[N])
{
	bool any = false;
	int n = 0;

	std::printf("1..%zu\n", N);
	for (const test &t : tests) {
		test_failed = false;
		t.run();
		std::printf("%sok %d - %s\n", test_failed ? "not " : "", ++n, t.name);
		any = any || test_failed;
	}
	return any;
}

/*
 * A thread that calls @fn. (clang 17 does not compile std::thread(lambda) with libstdc++
 * 14 in C++23. With one more argument it does.)
 */
template <class F> std::thread spawn(F fn)
{
	return std::thread([](F moved, int) { moved(); }, std::move(fn), 0);
}

#endif
