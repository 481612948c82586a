/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The KUnit case that runs, for code that it tests. Without libfence's runner there is
 * none. The runner is in tests/kernel/runner/kunit.c.
 */
#ifndef _KUNIT_TEST_BUG_H
#define _KUNIT_TEST_BUG_H

#include <lfshim/kernel-code.h>
#include <kunit/test.h>

/* The runner defines it. */
struct kunit *lfshim_kunit_current(void) __weak;

/* The case that the calling thread runs, or NULL. Context: any. */
static inline struct kunit *kunit_get_current_test(void)
{
	return lfshim_kunit_current ? lfshim_kunit_current() : NULL;
}

/* Fail the case, if there is one. */
#define kunit_fail_current_test(fmt, ...)				\
	do {								\
		struct kunit *lfshim_test = kunit_get_current_test();	\
									\
		if (lfshim_test)					\
			KUNIT_FAIL(lfshim_test, fmt, ##__VA_ARGS__);	\
	} while (0)

#endif
