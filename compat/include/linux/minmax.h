/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * min(), max(), clamp() and swap(). Left out: min_array(), MIN() and MAX().
 *
 * A signed and an unsigned argument do not compile, unless the signed one is
 * known not to be negative. An unsigned type that is smaller than an int counts
 * as both. Only an optimising compiler checks this: it has to know the values.
 */
#ifndef _LINUX_MINMAX_H
#define _LINUX_MINMAX_H

#include <lfshim/kernel-code.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/types.h>

#define lfshim_known_(cond)	(__builtin_constant_p(cond) && (cond))

/*
 * A function, since a comparison of an unsigned value with 0 is warned about.
 * Without "const", GCC takes the call for something that is never known.
 */
static __always_inline __attribute__((__const__)) bool
lfshim_not_negative(long long v)
{
	return v >= 0;
}

/* A signed integer as wide as @v. A pointer may be given, and is ignored. */
#define lfshim_wide_(v) \
	((__typeof__(__builtin_choose_expr(sizeof(v) > sizeof(long),	\
					   1LL, 1L)))(v))
/* Bit 0: compares as an unsigned number; bit 1: as a signed one. */
#define lfshim_sign_(v)							\
	((__typeof__(v))-1 < (__typeof__(v))1 ?				\
	 2 + lfshim_known_(lfshim_not_negative(lfshim_wide_(v))) :			\
	 1 + 2 * (sizeof(v) < sizeof(int)))
#ifdef __OPTIMIZE__
#define lfshim_same_sign_(op, signs) \
	BUILD_BUG_ON_MSG(!(signs), op " of signed and unsigned arguments")
#else
#define lfshim_same_sign_(op, signs)	((void)0)
#endif

/* Each argument is evaluated once. */
#define lfshim_cmp_once_(name, op, x, y, ux, uy) ({			\
	__auto_type ux = (x);						\
	__auto_type uy = (y);						\
	lfshim_same_sign_(name, lfshim_sign_(ux) & lfshim_sign_(uy));	\
	ux op uy ? ux : uy; })
#define lfshim_cmp_(name, op, x, y)					\
	lfshim_cmp_once_(name, op, x, y, __UNIQUE_ID(lfshim_x),		\
			 __UNIQUE_ID(lfshim_y))
#define lfshim_cmp3_once_(name, op, x, y, z, ux, uy, uz) ({		\
	__auto_type ux = (x);						\
	__auto_type uy = (y);						\
	__auto_type uz = (z);						\
	lfshim_same_sign_(name, lfshim_sign_(ux) & lfshim_sign_(uy) &	\
				lfshim_sign_(uz));			\
	ux op uy ? (ux op uz ? ux : uz) : (uy op uz ? uy : uz); })
#define lfshim_cmp3_(name, op, x, y, z)					\
	lfshim_cmp3_once_(name, op, x, y, z, __UNIQUE_ID(lfshim_x),	\
			  __UNIQUE_ID(lfshim_y), __UNIQUE_ID(lfshim_z))
#define lfshim_clamp_once_(type, val, lo, hi, uval, ulo, uhi) ({	\
	type uval = (val);						\
	type ulo = (lo);						\
	type uhi = (hi);						\
	BUILD_BUG_ON_MSG(lfshim_known_(ulo > uhi),			\
			 "clamp() to limits that are in the wrong order"); \
	lfshim_same_sign_("clamp()", lfshim_sign_(uval) &		\
			  lfshim_sign_(ulo) & lfshim_sign_(uhi));	\
	uval >= uhi ? uhi : uval <= ulo ? ulo : uval; })
#define lfshim_clamp_(type, val, lo, hi)				\
	lfshim_clamp_once_(type, val, lo, hi, __UNIQUE_ID(lfshim_v),	\
			   __UNIQUE_ID(lfshim_l), __UNIQUE_ID(lfshim_h))
/* An unsigned number of the same value, if @x is not negative. */
#define lfshim_unsigned_(x)	((x) + 0u + 0ul + 0ull)

#define min(x, y)		lfshim_cmp_("min()", <, x, y)
#define max(x, y)		lfshim_cmp_("max()", >, x, y)
#define min3(x, y, z)		lfshim_cmp3_("min3()", <, x, y, z)
#define max3(x, y, z)		lfshim_cmp3_("max3()", >, x, y, z)
#define clamp(val, lo, hi)	lfshim_clamp_(__auto_type, val, lo, hi)

/* For arguments that are not negative. */
#define umin(x, y)	min(lfshim_unsigned_(x), lfshim_unsigned_(y))
#define umax(x, y)	max(lfshim_unsigned_(x), lfshim_unsigned_(y))

/* These convert the arguments to a type first. */
#define min_t(type, x, y)	min((type)(x), (type)(y))
#define max_t(type, x, y)	max((type)(x), (type)(y))
#define clamp_t(type, val, lo, hi)	lfshim_clamp_(type, val, lo, hi)
#define clamp_val(val, lo, hi)	lfshim_clamp_(__typeof__(val), val, lo, hi)

/* The smaller one of those that are not 0; 0 if both are. */
#define min_not_zero(x, y) ({						\
	__auto_type __mx = (x);						\
	__auto_type __my = (y);						\
	__mx == 0 ? __my : __my == 0 ? __mx : min(__mx, __my); })

#define swap(a, b) \
	do { __typeof__(a) __tmp = (a); (a) = (b); (b) = __tmp; } while (0)

#endif
