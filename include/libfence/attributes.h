/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The compiler attributes that the plain face uses. Declares no function. */
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

/* The caller owns the result and must not ignore it. */
#define LIBFENCE_MUST_CHECK	__attribute__((__warn_unused_result__))
/* No pointer argument may be NULL. */
#define LIBFENCE_NONNULL	__attribute__((__nonnull__))
#define LIBFENCE_UNUSED		__attribute__((__unused__))

/*
 * For gcc's -fanalyzer, which reports leaks and objects that are ended twice.
 *
 * LIBFENCE_ENDED_BY: the caller has to pass the result of the function to @fn,
 * as argument number @arg.
 *
 * LIBFENCE_USES_: asserts that @object, which is not NULL, has not been ended.
 * The analyzer recognises the use of an ended object only if it is passed to
 * the same function again, or if it is read. This macro is such a read, on a
 * branch that is never taken. With optimisation the read is volatile, because
 * gcc 16 removes any other read before the analysis. gcc evaluates
 * __builtin_constant_p() after the analysis, and then removes the branch with
 * the read, so that no code is generated.
 *
 * LIBFENCE_NO_GUESS_: @object is NULL only if the caller passed NULL, so the
 * analyzer must not demand a check for NULL. The macro stores NULL again, in a
 * way that the analyzer cannot see through. To the analyzer the value is
 * different each time: otherwise it would take two such objects for one.
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
 * LIBFENCE_CLEANUP - call a function when a variable goes out of scope
 * @fn: a function of this library that takes the variable by address, such as
 *	libfence_put(); it consumes the object that the variable owns
 *
 *	struct libfence *fence LIBFENCE_CLEANUP(libfence_put) = ...;
 *
 * The variable must be initialised. If its object was consumed earlier, the
 * variable is NULL and nothing happens. A function that uses this macro must
 * not use goto.
 */
#define LIBFENCE_CLEANUP(fn)	__attribute__((__cleanup__(fn)))

/*
 * For functions that are defined in headers. They are always inlined, so that
 * warnings and the reports of the analyzer name the line of the caller.
 */
#define LIBFENCE_INLINE_						\
	static inline LIBFENCE_UNUSED __attribute__((__always_inline__))
#define LIBFENCE_PASTE__(a, b)	a##b
#define LIBFENCE_PASTE_(a, b)	LIBFENCE_PASTE__(a, b)

/*
 * Checks at compile time that @type can be copied as bytes (C++) and needs no
 * more than the 16-byte alignment that the library's allocations have.
 */
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
