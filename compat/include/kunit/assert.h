/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * KUnit's expectations and assertions. <kunit/test.h> includes this. Implemented in
 * tests/kernel/runner/kunit.c.
 */
#ifndef _KUNIT_ASSERT_H
#define _KUNIT_ASSERT_H

#include <lfshim/kernel-code.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

struct kunit;
void lfshim_kunit_abort(struct kunit *test) __noreturn;
void lfshim_kunit_fail(struct kunit *test, bool fatal, const char *file,
		       int line, const char *what, const char *fmt, ...);

#define lfshim_kunit_fail_(test, fatal, what, fmt, ...)			\
	do {								\
		lfshim_kunit_fail(test, fatal, __FILE__, __LINE__, what, \
				  fmt, ##__VA_ARGS__);			\
		if (fatal)						\
			lfshim_kunit_abort(test);			\
	} while (0)

#define KUNIT_SUCCEED(test)		((void)(test))
#define KUNIT_FAIL(test, fmt, ...) \
	lfshim_kunit_fail_(test, false, "", fmt, ##__VA_ARGS__)
#define KUNIT_FAIL_AND_ABORT(test, fmt, ...) \
	lfshim_kunit_fail_(test, true, "", fmt, ##__VA_ARGS__)

#define lfshim_kunit_true_(test, fatal, cond, text, fmt, ...)		\
	do {								\
		if (!(cond))						\
			lfshim_kunit_fail_(test, fatal, text, fmt,	\
					   ##__VA_ARGS__);		\
	} while (0)
/* The value of an integer or a pointer (type class 5), to be printed. */
#define lfshim_kunit_value_(x)						\
	((long long)__builtin_choose_expr(__builtin_classify_type(x) == 5, \
					  (unsigned long)(x), (x)))
/* Compares integers or pointers. A failure prints both. */
#define lfshim_kunit_cmp_(test, fatal, l, op, r, fmt, ...)		\
	do {								\
		__typeof__(l) __left = (l);				\
		__typeof__(r) __right = (r);				\
		char __what[256];					\
									\
		if (!(__left op __right)) {				\
			snprintf(__what, sizeof(__what),		\
				 "%s %s %s: %lld (0x%llx) against %lld (0x%llx)", \
				 #l, #op, #r,				\
				 lfshim_kunit_value_(__left),		\
				 lfshim_kunit_value_(__left),		\
				 lfshim_kunit_value_(__right),		\
				 lfshim_kunit_value_(__right));		\
			lfshim_kunit_fail_(test, fatal, __what, fmt,	\
					   ##__VA_ARGS__);		\
		}							\
	} while (0)
#define lfshim_kunit_ptr_(test, fatal, l, op, r, fmt, ...)		\
	lfshim_kunit_cmp_(test, fatal, (uintptr_t)(l), op, (uintptr_t)(r), \
			  fmt, ##__VA_ARGS__)
/* Compares strings. NULL and error pointers compare as false. */
#define lfshim_kunit_str_(test, fatal, l, op, r, fmt, ...)		\
	do {								\
		const char *__left = (l);				\
		const char *__right = (r);				\
									\
		if (IS_ERR_OR_NULL(__left) || IS_ERR_OR_NULL(__right) || \
		    !(strcmp(__left, __right) op 0))			\
			lfshim_kunit_fail_(test, fatal,			\
					   #l " " #op " " #r, fmt,	\
					   ##__VA_ARGS__);		\
	} while (0)

/* Compares @size bytes. NULL and error pointers compare as false. */
#define lfshim_kunit_mem_(test, fatal, l, op, r, size, fmt, ...)	\
	do {								\
		const void *__left = (l);				\
		const void *__right = (r);				\
		size_t __size = (size);					\
									\
		if (IS_ERR_OR_NULL(__left) || IS_ERR_OR_NULL(__right) || \
		    !(memcmp(__left, __right, __size) op 0))		\
			lfshim_kunit_fail_(test, fatal,			\
					   #size " bytes of " #l " " #op " " #r, \
					   fmt, ##__VA_ARGS__);		\
	} while (0)

/* Each has a variant with a message. An assertion that fails ends the case. */
#define KUNIT_EXPECT_TRUE(t, c) \
	lfshim_kunit_true_(t, false, c, #c, NULL)
#define KUNIT_EXPECT_TRUE_MSG(t, c, fmt, ...) \
	lfshim_kunit_true_(t, false, c, #c, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_FALSE(t, c) \
	lfshim_kunit_true_(t, false, !(c), "!(" #c ")", NULL)
#define KUNIT_EXPECT_FALSE_MSG(t, c, fmt, ...) \
	lfshim_kunit_true_(t, false, !(c), "!(" #c ")", fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_NULL(t, p) \
	lfshim_kunit_true_(t, false, !(p), #p " is NULL", NULL)
#define KUNIT_EXPECT_NULL_MSG(t, p, fmt, ...) \
	lfshim_kunit_true_(t, false, !(p), #p " is NULL", fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_NOT_NULL(t, p) \
	lfshim_kunit_true_(t, false, p, #p " is not NULL", NULL)
#define KUNIT_EXPECT_NOT_NULL_MSG(t, p, fmt, ...) \
	lfshim_kunit_true_(t, false, p, #p " is not NULL", fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL(t, p) \
	lfshim_kunit_true_(t, false, !IS_ERR_OR_NULL(p), #p " is a pointer", NULL)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(t, p, fmt, ...) \
	lfshim_kunit_true_(t, false, !IS_ERR_OR_NULL(p), #p " is a pointer", fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_EQ(t, l, r) \
	lfshim_kunit_cmp_(t, false, l, ==, r, NULL)
#define KUNIT_EXPECT_EQ_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_cmp_(t, false, l, ==, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_NE(t, l, r) \
	lfshim_kunit_cmp_(t, false, l, !=, r, NULL)
#define KUNIT_EXPECT_NE_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_cmp_(t, false, l, !=, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_LT(t, l, r) \
	lfshim_kunit_cmp_(t, false, l, <, r, NULL)
#define KUNIT_EXPECT_LT_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_cmp_(t, false, l, <, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_LE(t, l, r) \
	lfshim_kunit_cmp_(t, false, l, <=, r, NULL)
#define KUNIT_EXPECT_LE_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_cmp_(t, false, l, <=, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_GT(t, l, r) \
	lfshim_kunit_cmp_(t, false, l, >, r, NULL)
#define KUNIT_EXPECT_GT_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_cmp_(t, false, l, >, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_GE(t, l, r) \
	lfshim_kunit_cmp_(t, false, l, >=, r, NULL)
#define KUNIT_EXPECT_GE_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_cmp_(t, false, l, >=, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_PTR_EQ(t, l, r) \
	lfshim_kunit_ptr_(t, false, l, ==, r, NULL)
#define KUNIT_EXPECT_PTR_EQ_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_ptr_(t, false, l, ==, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_PTR_NE(t, l, r) \
	lfshim_kunit_ptr_(t, false, l, !=, r, NULL)
#define KUNIT_EXPECT_PTR_NE_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_ptr_(t, false, l, !=, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_STREQ(t, l, r) \
	lfshim_kunit_str_(t, false, l, ==, r, NULL)
#define KUNIT_EXPECT_STREQ_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_str_(t, false, l, ==, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_STRNEQ(t, l, r) \
	lfshim_kunit_str_(t, false, l, !=, r, NULL)
#define KUNIT_EXPECT_STRNEQ_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_str_(t, false, l, !=, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_MEMEQ(t, l, r, size) \
	lfshim_kunit_mem_(t, false, l, ==, r, size, NULL)
#define KUNIT_EXPECT_MEMEQ_MSG(t, l, r, size, fmt, ...) \
	lfshim_kunit_mem_(t, false, l, ==, r, size, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_MEMNEQ(t, l, r, size) \
	lfshim_kunit_mem_(t, false, l, !=, r, size, NULL)
#define KUNIT_EXPECT_MEMNEQ_MSG(t, l, r, size, fmt, ...) \
	lfshim_kunit_mem_(t, false, l, !=, r, size, fmt, ##__VA_ARGS__)

#define KUNIT_ASSERT_TRUE(t, c) \
	lfshim_kunit_true_(t, true, c, #c, NULL)
#define KUNIT_ASSERT_TRUE_MSG(t, c, fmt, ...) \
	lfshim_kunit_true_(t, true, c, #c, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_FALSE(t, c) \
	lfshim_kunit_true_(t, true, !(c), "!(" #c ")", NULL)
#define KUNIT_ASSERT_FALSE_MSG(t, c, fmt, ...) \
	lfshim_kunit_true_(t, true, !(c), "!(" #c ")", fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_NULL(t, p) \
	lfshim_kunit_true_(t, true, !(p), #p " is NULL", NULL)
#define KUNIT_ASSERT_NULL_MSG(t, p, fmt, ...) \
	lfshim_kunit_true_(t, true, !(p), #p " is NULL", fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_NOT_NULL(t, p) \
	lfshim_kunit_true_(t, true, p, #p " is not NULL", NULL)
#define KUNIT_ASSERT_NOT_NULL_MSG(t, p, fmt, ...) \
	lfshim_kunit_true_(t, true, p, #p " is not NULL", fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(t, p) \
	lfshim_kunit_true_(t, true, !IS_ERR_OR_NULL(p), #p " is a pointer", NULL)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(t, p, fmt, ...) \
	lfshim_kunit_true_(t, true, !IS_ERR_OR_NULL(p), #p " is a pointer", fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_EQ(t, l, r) \
	lfshim_kunit_cmp_(t, true, l, ==, r, NULL)
#define KUNIT_ASSERT_EQ_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_cmp_(t, true, l, ==, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_NE(t, l, r) \
	lfshim_kunit_cmp_(t, true, l, !=, r, NULL)
#define KUNIT_ASSERT_NE_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_cmp_(t, true, l, !=, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_LT(t, l, r) \
	lfshim_kunit_cmp_(t, true, l, <, r, NULL)
#define KUNIT_ASSERT_LT_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_cmp_(t, true, l, <, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_LE(t, l, r) \
	lfshim_kunit_cmp_(t, true, l, <=, r, NULL)
#define KUNIT_ASSERT_LE_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_cmp_(t, true, l, <=, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_GT(t, l, r) \
	lfshim_kunit_cmp_(t, true, l, >, r, NULL)
#define KUNIT_ASSERT_GT_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_cmp_(t, true, l, >, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_GE(t, l, r) \
	lfshim_kunit_cmp_(t, true, l, >=, r, NULL)
#define KUNIT_ASSERT_GE_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_cmp_(t, true, l, >=, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_PTR_EQ(t, l, r) \
	lfshim_kunit_ptr_(t, true, l, ==, r, NULL)
#define KUNIT_ASSERT_PTR_EQ_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_ptr_(t, true, l, ==, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_PTR_NE(t, l, r) \
	lfshim_kunit_ptr_(t, true, l, !=, r, NULL)
#define KUNIT_ASSERT_PTR_NE_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_ptr_(t, true, l, !=, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_STREQ(t, l, r) \
	lfshim_kunit_str_(t, true, l, ==, r, NULL)
#define KUNIT_ASSERT_STREQ_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_str_(t, true, l, ==, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_STRNEQ(t, l, r) \
	lfshim_kunit_str_(t, true, l, !=, r, NULL)
#define KUNIT_ASSERT_STRNEQ_MSG(t, l, r, fmt, ...) \
	lfshim_kunit_str_(t, true, l, !=, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_MEMEQ(t, l, r, size) \
	lfshim_kunit_mem_(t, true, l, ==, r, size, NULL)
#define KUNIT_ASSERT_MEMEQ_MSG(t, l, r, size, fmt, ...) \
	lfshim_kunit_mem_(t, true, l, ==, r, size, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_MEMNEQ(t, l, r, size) \
	lfshim_kunit_mem_(t, true, l, !=, r, size, NULL)
#define KUNIT_ASSERT_MEMNEQ_MSG(t, l, r, size, fmt, ...) \
	lfshim_kunit_mem_(t, true, l, !=, r, size, fmt, ##__VA_ARGS__)
#endif
