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

/* For a pointer that does not exist yet. */
#define struct_size_t(type, member, count) \
	struct_size((type *)NULL, member, count)

#endif
