/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * KUnit, the kernel's unit tests, as a program that prints TAP. Left out:
 * static stubs, named resources and the debugfs results.
 * Implemented in tests/kernel/runner/kunit.c.
 *
 * A file that ends in kunit_test_suite() becomes a test program when it is
 * linked with tests/kernel/runner/kunit.c. Each case runs on a thread of its
 * own. An assertion that fails, and kunit_skip(), end that thread. A warning
 * during a case makes the case fail, except a warning of the file that has the
 * suite: as in the kernel, this one is only printed.
 */
#ifndef _KUNIT_TEST_H
#define _KUNIT_TEST_H

#include <lfshim/kernel-code.h>
#include <kunit/assert.h>
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/wait_bit.h>

#define KUNIT_PARAM_DESC_SIZE	128
#define KUNIT_STATUS_COMMENT_SIZE 256

enum kunit_status {
	KUNIT_SUCCESS,
	KUNIT_FAILURE,
	KUNIT_SKIPPED,
};

enum kunit_speed {
	KUNIT_SPEED_UNSET,
	KUNIT_SPEED_VERY_SLOW,
	KUNIT_SPEED_SLOW,
	KUNIT_SPEED_NORMAL,
};

struct kunit_attributes {
	enum kunit_speed speed;
};

/**
 * struct kunit - one run of one case
 * @priv: private to the test, from its init function to its exit function
 * @param_value: the parameter of this run
 * @name: the name of the case
 * @parent: NULL; for a run with a parameter the test that was given to the
 *	generator, whose resources live until the last run
 * @status: the result so far; the last change counts
 * @status_comment: the reason why it was skipped
 */
struct kunit {
	void *priv;
	const void *param_value;
	const char *name;
	struct kunit *parent;
	/* Any thread of the case may change it, atomically. */
	enum kunit_status status;
	char status_comment[KUNIT_STATUS_COMMENT_SIZE];
	/* Released in reverse order after the case. Protected by ->lock. */
	struct list_head resources;
	spinlock_t lock;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	/* Returns the parameter after @prev; NULL after the last one. */
	const void *(*generate_params)(struct kunit *test, const void *prev,
				       char *desc);
	struct kunit_attributes attr;
};

struct kunit_suite {
	const char name[256];
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
	struct kunit_attributes attr;
};

#define KUNIT_CASE(test_name)	{ .run_case = test_name, .name = #test_name }
#define KUNIT_CASE_ATTR(test_name, attributes) \
	{ .run_case = test_name, .name = #test_name, .attr = attributes }
#define KUNIT_CASE_SLOW(test_name) \
	{ .run_case = test_name, .name = #test_name, \
	  .attr.speed = KUNIT_SPEED_SLOW }
#define KUNIT_CASE_PARAM(test_name, gen_params) \
	{ .run_case = test_name, .name = #test_name, \
	  .generate_params = gen_params }
#define KUNIT_CASE_PARAM_ATTR(test_name, gen_params, attributes) \
	{ .run_case = test_name, .name = #test_name, \
	  .generate_params = gen_params, .attr = attributes }

#define KUNIT_ARRAY_PARAM(name, array, get_desc)			\
	static const void *name##_gen_params(struct kunit *test,	\
					     const void *prev, char *desc) \
	{								\
		__typeof__((array)[0]) *__next = prev			\
			? ((__typeof__(__next))prev) + 1 : (array);	\
		void (*__get_desc)(__typeof__(__next), char *) = get_desc; \
									\
		if (__next - (array) >= (long)ARRAY_SIZE(array))	\
			return NULL;					\
		if (__get_desc)						\
			__get_desc(__next, desc);			\
		return __next;						\
	}
#define KUNIT_ARRAY_PARAM_DESC(name, array, desc_member)		\
	static const void *name##_gen_params(struct kunit *test,	\
					     const void *prev, char *desc) \
	{								\
		__typeof__((array)[0]) *__next = prev			\
			? ((__typeof__(__next))prev) + 1 : (array);	\
									\
		if (__next - (array) >= (long)ARRAY_SIZE(array))	\
			return NULL;					\
		strscpy(desc, __next->desc_member, KUNIT_PARAM_DESC_SIZE); \
		return __next;						\
	}

/* Suites run in the order of registration: the order of the object files. */
void lfshim_kunit_register(struct kunit_suite *const *suites, int nr,
			   const char *file);

#define kunit_test_suites_(unique, ...)					\
	static struct kunit_suite *const unique[] = { __VA_ARGS__ };	\
	static void __attribute__((__constructor__(300), __used__))	\
	LFSHIM_PASTE(unique, _register)(void)				\
	{								\
		lfshim_kunit_register(unique, ARRAY_SIZE(unique), __FILE__); \
	}
#define LFSHIM_PASTE_(a, b)	a##b
#define LFSHIM_PASTE(a, b)	LFSHIM_PASTE_(a, b)
#define kunit_test_suites(...) \
	kunit_test_suites_(__UNIQUE_ID(kunit_suites), __VA_ARGS__)
#define kunit_test_suite(suite)	kunit_test_suites(&suite)

/* Print a message before the result of the case. */
void lfshim_kunit_log(struct kunit *test, const char *fmt, ...);
#define kunit_info(test, fmt, ...) lfshim_kunit_log(test, fmt, ##__VA_ARGS__)
#define kunit_warn(test, fmt, ...) lfshim_kunit_log(test, fmt, ##__VA_ARGS__)
#define kunit_err(test, fmt, ...)  lfshim_kunit_log(test, fmt, ##__VA_ARGS__)
#define kunit_log(lvl, test, fmt, ...) \
	lfshim_kunit_log(test, fmt, ##__VA_ARGS__)

/* Mark the case as skipped and continue; kunit_skip() also ends the case. */
void lfshim_kunit_mark_skipped(struct kunit *test, const char *fmt, ...);
#define kunit_mark_skipped(test, fmt, ...) \
	lfshim_kunit_mark_skipped(test, fmt, ##__VA_ARGS__)
#define kunit_skip(test, fmt, ...)					\
	do {								\
		kunit_mark_skipped(test, fmt, ##__VA_ARGS__);		\
		lfshim_kunit_abort(test);				\
	} while (0)

/* Memory that is freed, and actions that run, at the end of the case. */
void *kunit_kmalloc_array(struct kunit *test, size_t n, size_t size, gfp_t gfp)
	LFSHIM(kunit_kmalloc_array);
int kunit_add_action(struct kunit *test, void (*action)(void *), void *ctx)
	LFSHIM(kunit_add_action);
int kunit_add_action_or_reset(struct kunit *test, void (*action)(void *),
			      void *ctx) LFSHIM(kunit_add_action_or_reset);
/* Forget an action, which need not exist; or run it now, and forget it. */
void kunit_remove_action(struct kunit *test, void (*action)(void *), void *ctx)
	LFSHIM(kunit_remove_action);
void kunit_release_action(struct kunit *test, void (*action)(void *), void *ctx)
	LFSHIM(kunit_release_action);
#define kunit_kmalloc(test, size, gfp)	kunit_kmalloc_array(test, 1, size, gfp)
#define kunit_kzalloc(test, size, gfp) \
	kunit_kmalloc_array(test, 1, size, (gfp) | __GFP_ZERO)
#define kunit_kcalloc(test, n, size, gfp) \
	kunit_kmalloc_array(test, n, size, (gfp) | __GFP_ZERO)
#define KUNIT_DEFINE_ACTION_WRAPPER(wrapper, orig, arg_type)		\
	static void wrapper(void *in) { orig((arg_type)(in)); }

/* Warnings of one thread that are counted, and not reported. */
struct kunit_suppressed_warning {
	struct task_struct *task;
	int count;
};

/*
 * From here on, until kunit_end_suppress_warning() or the end of the case, warnings
 * of the calling thread are only counted. One at a time: return NULL, and the case
 * fails, if one is there. The runner owns the result.
 */
struct kunit_suppressed_warning *kunit_start_suppress_warning(struct kunit *test)
	LFSHIM(kunit_start_suppress_warning);
void kunit_end_suppress_warning(struct kunit *test,
				struct kunit_suppressed_warning *w)
	LFSHIM(kunit_end_suppress_warning);

static inline int
kunit_suppressed_warning_count(struct kunit_suppressed_warning *w)
{
	return w ? w->count : 0;
}

static inline void
lfshim_kunit_end_suppress(struct kunit_suppressed_warning **w)
{
	if (*w)
		kunit_end_suppress_warning(NULL, *w);
}

/* Do so for a block. It ends also with break, return and goto. */
#define kunit_warning_suppress(test)					\
	for (struct kunit_suppressed_warning *lfshim_suppressed		\
	     __attribute__((__cleanup__(lfshim_kunit_end_suppress))) =	\
		     kunit_start_suppress_warning(test);		\
	     lfshim_suppressed;						\
	     kunit_end_suppress_warning(test, lfshim_suppressed),	\
		     lfshim_suppressed = NULL)
#define KUNIT_SUPPRESSED_WARNING_COUNT() \
	kunit_suppressed_warning_count(lfshim_suppressed)
#define KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, expected) \
	KUNIT_EXPECT_EQ(test, KUNIT_SUPPRESSED_WARNING_COUNT(), expected)
#define KUNIT_ASSERT_SUPPRESSED_WARNING_COUNT(test, expected) \
	KUNIT_ASSERT_EQ(test, KUNIT_SUPPRESSED_WARNING_COUNT(), expected)

#endif
