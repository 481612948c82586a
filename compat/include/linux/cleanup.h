/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Scope-based cleanup: __free(), CLASS() and guard(). All of it is macros. Left
 * out: EXTEND_CLASS(), scoped_cond_guard() and the conditional guards.
 *
 *	struct foo *p __free(kfree) = kmalloc_obj(*p);
 *	...
 *	return no_free_ptr(p);
 *
 * Do not use goto in a function that has such variables.
 */
#ifndef _LINUX_CLEANUP_H
#define _LINUX_CLEANUP_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/err.h>

#undef __cleanup
#define __cleanup(func)		__attribute__((__cleanup__(func)))

/* __free(@name) runs @code, in which _T is the variable's value. */
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

/* A class: @init is the constructor's value, @exit runs in the destructor. */
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

/* A guard that holds the lock _T. If _T is NULL, nothing is unlocked. */
#define DEFINE_GUARD(name, type, _lock, _unlock)				\
	DEFINE_CLASS(name, type, if (_T) { _unlock; },			\
		     ({ _lock; _T; }), type _T)				\
	static inline __maybe_unused void *class_##name##_lock_ptr(class_##name##_t *p) \
	{								\
		return (void *)*p;					\
	}

/*
 * A guard that keeps members (saved interrupt flags) beside the lock. In @_lock
 * and @_unlock, _T is the address of the guard and _T->lock the lock.
 */
#define DEFINE_LOCK_GUARD_1(name, type, _lock, _unlock, ...)		\
	typedef struct {						\
		type *lock;						\
		__VA_OPT__(__VA_ARGS__;)				\
	} class_##name##_t;						\
	static inline __maybe_unused void				\
	class_##name##_destructor(class_##name##_t *_T)			\
	{								\
		if (_T->lock) {						\
			_unlock;					\
		}							\
	}								\
	static lfshim_inline __maybe_unused class_##name##_t		\
	class_##name##_constructor(type *l)				\
	{								\
		class_##name##_t t = { .lock = l }, *_T = &t;		\
									\
		_lock;							\
		return t;						\
	}								\
	static inline __maybe_unused void *class_##name##_lock_ptr(class_##name##_t *p) \
	{								\
		return p->lock;						\
	}

/* A guard without an object, such as guard(rcu)(). */
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
	static inline __maybe_unused void *class_##name##_lock_ptr(class_##name##_t *p) \
	{								\
		return p->lock;						\
	}

#define guard(name) \
	CLASS(name, __UNIQUE_ID(guard))
#define scoped_guard(name, args...)					\
	for (CLASS(name, scope)(args), *lfshim_done = NULL;		\
	     class_##name##_lock_ptr(&scope) && !lfshim_done;		\
	     lfshim_done = (void *)1)

#endif
