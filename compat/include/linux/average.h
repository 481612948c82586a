/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Moving averages of unsigned numbers, in which an old value counts less with
 * each new one.
 */
#ifndef _LINUX_AVERAGE_H
#define _LINUX_AVERAGE_H

#include <lfshim/kernel-code.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/log2.h>

/**
 * DECLARE_EWMA - define a type of average and its functions
 * @name: the type is struct ewma_@name; its functions are the same word with
 *	_init, _add and _read
 * @_precision: how many bits after the point are kept; at most 30
 * @_weight_rcp: a new value counts as one part of this many, a power of two
 *
 * The first value is the average, and so is the next one if the average is 0.
 * The caller serialises _init and _add; _read may run at the same time.
 * Context: any.
 */
#define DECLARE_EWMA(name, _precision, _weight_rcp)			\
	struct ewma_##name {						\
		/* The average, with _precision bits after the point. */ \
		unsigned long internal;					\
	};								\
									\
	static inline __maybe_unused void				\
	ewma_##name##_init(struct ewma_##name *e)			\
	{								\
		BUILD_BUG_ON((_precision) > 30);			\
		BUILD_BUG_ON(!is_power_of_2(_weight_rcp));		\
		e->internal = 0;					\
	}								\
									\
	static inline __maybe_unused unsigned long			\
	ewma_##name##_read(struct ewma_##name *e)			\
	{								\
		return READ_ONCE(e->internal) >> (_precision);		\
	}								\
									\
	static inline __maybe_unused void				\
	ewma_##name##_add(struct ewma_##name *e, unsigned long val)	\
	{								\
		const unsigned long parts = (_weight_rcp);		\
		unsigned long old = READ_ONCE(e->internal);		\
		unsigned long new = val << (_precision);		\
									\
		if (old)						\
			new = (old * (parts - 1) + new) / parts;	\
		WRITE_ONCE(e->internal, new);				\
	}

#endif
