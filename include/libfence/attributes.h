/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the plain face asks of the compiler. No function is declared here. */
#ifndef LIBFENCE_ATTRIBUTES_H
#define LIBFENCE_ATTRIBUTES_H

#ifdef __KERNEL__
#include <linux/limits.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

#ifdef __cplusplus
#define LIBFENCE_BEGIN_DECLS	extern "C" {
#define LIBFENCE_END_DECLS	}
#else
#define LIBFENCE_BEGIN_DECLS
#define LIBFENCE_END_DECLS
#endif

/* The result is something that the caller owns: it must not be lost. */
#define LIBFENCE_MUST_CHECK	__attribute__((__warn_unused_result__))
/* No pointer argument may be NULL. */
#define LIBFENCE_NONNULL	__attribute__((__nonnull__))
#define LIBFENCE_UNUSED		__attribute__((__unused__))

/*
 * For gcc's -fanalyzer, which tells of leaks and of what is ended twice.
 *
 * LIBFENCE_ENDED_BY: what the function returns is to be given to @fn, as
 * argument number @arg.
 * LIBFENCE_USES_: @object, which is not NULL, has not been ended. gcc knows a
 * second call of the function that ended it, and otherwise only a read: here is
 * one, on a branch that is never taken. When gcc optimises, the read is
 * volatile: gcc 16 removes any other read before the analysis.
 * __builtin_constant_p() is decided
 * after that, so the branch is removed with the read, and there is no code for it.
 * LIBFENCE_NO_GUESS_: @object is NULL only if the caller asked for that, so it
 * is not for gcc to demand a check. It becomes NULL in a way that is not seen
 * through, and differs each time, or two of them would be one object.
 */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 11
#define LIBFENCE_ENDED_BY(fn, arg)	__attribute__((__malloc__(fn, arg)))
#ifdef __OPTIMIZE__
#define LIBFENCE_USES_(object)						\
	do {								\
		int any_;						\
									\
		__asm__ ("" : "=r" (any_));				\
		if (__builtin_constant_p(any_))				\
			(void)*(const volatile char *)(object);		\
	} while (0)
#else
#define LIBFENCE_USES_(object)						\
	do {								\
		int never_ = 0;						\
									\
		__asm__ ("" : "+r" (never_));				\
		if (never_) {						\
			const char byte_ = *(const char *)(object);	\
									\
			(void)byte_;					\
		}							\
	} while (0)
#endif
#define LIBFENCE_NO_GUESS_(object)					\
	do {								\
		if (!(object)) {					\
			uintptr_t any_, none_ = 0;			\
									\
			__asm__ __volatile__ ("" : "=r" (any_));	\
			__asm__ ("" : "+r" (none_));			\
			(object) = (__typeof__(object))(any_ & none_);	\
		}							\
	} while (0)
#else
#define LIBFENCE_ENDED_BY(fn, arg)
#define LIBFENCE_USES_(object)		do { } while (0)
#define LIBFENCE_NO_GUESS_(object)	do { } while (0)
#endif

/**
 * LIBFENCE_CLEANUP - have a variable ended when it goes out of scope
 * @fn: a function of this library that takes the variable by address
 *
 *	struct libfence *fence LIBFENCE_CLEANUP(libfence_put) = ...;
 *
 * The variable has to be initialised. One that was given away is NULL by then,
 * and nothing happens. Not to be mixed with goto in one function.
 */
#define LIBFENCE_CLEANUP(fn)	__attribute__((__cleanup__(fn)))

/*
 * For what the other headers define. Always inlined: then warnings, and what the
 * analyzer finds, name the line of the caller.
 */
#define LIBFENCE_INLINE_						\
	static inline LIBFENCE_UNUSED __attribute__((__always_inline__))
#define LIBFENCE_PASTE__(a, b)	a##b
#define LIBFENCE_PASTE_(a, b)	LIBFENCE_PASTE__(a, b)

/* @type has to be what can be copied as bytes, to memory that malloc() gives. */
#ifdef __cplusplus
#define LIBFENCE_BYTES_(name, type)					\
	static_assert(__is_trivially_copyable(type),			\
		      #name " is not trivially copyable");		\
	static_assert(__alignof__(type) <= 16,				\
		      #name " needs an alignment of more than 16 bytes")
#else
#define LIBFENCE_BYTES_(name, type)					\
	typedef char name##_needs_no_more_than_16_bytes_alignment_	\
		[__alignof__(type) <= 16 ? 1 : -1] LIBFENCE_UNUSED
#endif

#endif
