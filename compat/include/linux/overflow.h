/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Checked and saturating arithmetic. Left out: the shift, multiply-add and
 * wrapping variants, and the DEFINE_FLEX() family.
 */
#ifndef _LINUX_OVERFLOW_H
#define _LINUX_OVERFLOW_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/limits.h>

/* True if the result does not fit; then *d is the wrapped result. */
#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d)	__builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)

/* These return SIZE_MAX on overflow; no allocation of that size succeeds. */
static inline size_t size_mul(size_t a, size_t b)
{
	size_t r;

	return check_mul_overflow(a, b, &r) ? SIZE_MAX : r;
}

static inline size_t size_add(size_t a, size_t b)
{
	size_t r;

	return check_add_overflow(a, b, &r) ? SIZE_MAX : r;
}

#define array_size(a, b)	size_mul(a, b)
/* A constant, if @count is one. */
#define flex_array_size(p, member, count)				\
	__builtin_choose_expr(__builtin_constant_p(count),		\
			      (count) * sizeof(*(p)->member),		\
			      size_mul(count, sizeof(*(p)->member)))
#define struct_size(p, member, count)					\
	__builtin_choose_expr(__builtin_constant_p(count),		\
			      sizeof(*(p)) + flex_array_size(p, member, count), \
			      size_add(sizeof(*(p)),			\
				       flex_array_size(p, member, count)))

/*
 * Does a range of @size from @start on leave 0 ... @max - 1? An empty range at @max
 * does; with range_end_overflows() it does not. All have one unsigned type.
 */
#define range_overflows(start, size, max) ({				\
	__typeof__(start) __start = (start);				\
	__typeof__(size) __size = (size);				\
	__typeof__(max) __max = (max);					\
	(void)(&__start == &__size);					\
	(void)(&__start == &__max);					\
	__start >= __max || __size > __max - __start; })
#define range_overflows_t(type, start, size, max) \
	range_overflows((type)(start), (type)(size), (type)(max))
#define range_end_overflows(start, size, max) ({			\
	__typeof__(start) __start = (start);				\
	__typeof__(size) __size = (size);				\
	__typeof__(max) __max = (max);					\
	(void)(&__start == &__size);					\
	(void)(&__start == &__max);					\
	__start > __max || __size > __max - __start; })
#define range_end_overflows_t(type, start, size, max) \
	range_end_overflows((type)(start), (type)(size), (type)(max))

/* For a pointer that does not exist yet. */
#define struct_size_t(type, member, count) \
	struct_size((type *)NULL, member, count)

#endif
