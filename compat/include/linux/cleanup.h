/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Things that are undone when a variable goes out of scope.
 *
 *	struct foo *p __free(kfree) = kmalloc_obj(*p);
 *	...
 *	return no_free_ptr(p);
 *
 * Do not mix with goto in one function.
 */
#ifndef _LINUX_CLEANUP_H
#define _LINUX_CLEANUP_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>

#undef __cleanup
#define __cleanup(func)		__attribute__((__cleanup__(func)))

/* @code sees the value as _T. */
#define DEFINE_FREE(name, type, code)					\
	static inline __maybe_unused void __free_##name(void *p)	\
	{								\
		type _T = *(type *)p;					\
		code;							\
	}
#define __free(name)		__cleanup(__free_##name)

#define no_free_ptr(p) ({						\
	__typeof__(p) *__pp = &(p);					\
	__typeof__(p) __val = *__pp;					\
	*__pp = NULL;							\
	__val; })
#define return_ptr(p)		return no_free_ptr(p)
#define retain_and_null_ptr(p)	((void)no_free_ptr(p))

/* A type with a constructor (@init, giving @type) and a destructor (@exit). */
#define DEFINE_CLASS(name, type, exit, init, init_args...)		\
	typedef type class_##name##_t;					\
	static inline __maybe_unused void class_##name##_destructor(type *p) \
	{								\
		type _T = *p;						\
		exit;							\
	}								\
	static lfshim_inline __maybe_unused type			\
	class_##name##_constructor(init_args)				\
	{								\
		type t = init;						\
		return t;						\
	}
#define CLASS(name, var)						\
	class_##name##_t var __cleanup(class_##name##_destructor)	\
		__maybe_unused = class_##name##_constructor

/* A lock whose address is the guard's value; NULL is not unlocked. */
#define DEFINE_GUARD(name, type, _lock, _unlock)				\
	DEFINE_CLASS(name, type, if (_T) { _unlock; },			\
		     ({ _lock; _T; }), type _T)				\
	static inline __maybe_unused void *class_##name##_ptr(class_##name##_t *p) \
	{								\
		return (void *)*p;					\
	}

/* A guard without an object. */
#define DEFINE_LOCK_GUARD_0(name, _lock, _unlock)				\
	typedef struct { void *lock; } class_##name##_t;		\
	static inline __maybe_unused void				\
	class_##name##_destructor(class_##name##_t *p)			\
	{								\
		if (p->lock) {						\
			_unlock;					\
		}							\
	}								\
	static inline __maybe_unused class_##name##_t			\
	class_##name##_constructor(void)				\
	{								\
		class_##name##_t t = { .lock = (void *)1 };		\
									\
		_lock;							\
		return t;						\
	}								\
	static inline __maybe_unused void *class_##name##_ptr(class_##name##_t *p) \
	{								\
		return p->lock;						\
	}

#define guard(name) \
	CLASS(name, __UNIQUE_ID(guard))
#define scoped_guard(name, args...)					\
	for (CLASS(name, scope)(args), *lfshim_done = NULL;		\
	     class_##name##_ptr(&scope) && !lfshim_done;		\
	     lfshim_done = (void *)1)

#endif
