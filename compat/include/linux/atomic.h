/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Atomic counters (atomic_t, atomic64_t, atomic_long_t), xchg() and cmpxchg(),
 * with the kernel's ordering rules. All of it is inline. Left out: cmpxchg128().
 *
 * The ordering rules:
 *  - an operation that returns nothing, atomic_read() and atomic_set() are
 *    relaxed;
 *  - an operation that changes the counter and returns a value is a full
 *    barrier on both sides;
 *  - the suffixes _relaxed, _acquire and _release give the ordering;
 *  - an operation that depends on the value and does not change it has no
 *    ordering: a compare-and-exchange that fails, atomic_add_unless() that
 *    returns false.
 *
 * One macro for each ordering has the barriers and the annotations for race
 * detectors. Everything else is built from these. The partner of each ordering
 * is in the caller.
 */
#ifndef _LINUX_ATOMIC_H
#define _LINUX_ATOMIC_H

#include <lfshim/kernel-code.h>
#include <linux/build_bug.h>
#include <linux/types.h>
#include <asm/barrier.h>

/* <stdatomic.h> may have been included; it defines these as macros. */
#undef atomic_fetch_add
#undef atomic_fetch_sub
#undef atomic_fetch_and
#undef atomic_fetch_or
#undef atomic_fetch_xor

/*
 * Evaluates @expr on *@ptr with full ordering; see <asm/barrier.h>.
 * No partner: the partner is in the caller.
 */
#define lfshim_ordered_(ptr, expr) ({		\
	__typeof__(expr) __ord;			\
	lfshim_hb_release(ptr);			\
	lfshim_full_fence();			\
	__ord = (expr);				\
	lfshim_full_fence();			\
	lfshim_hb_acquire(ptr);			\
	__ord; })

/*
 * A read-modify-write operation on *@p with each ordering. @builtin is one of
 * the compiler's. @p is evaluated more than once.
 * No partner: the partner is in the caller.
 */
#define lfshim_rmw_full_(builtin, p, i) \
	lfshim_ordered_(p, builtin(p, i, __ATOMIC_SEQ_CST))
#define lfshim_rmw_acquire_(builtin, p, i) ({				\
	__auto_type __racq = builtin(lfshim_hb_atomic(p), i,		\
				     __ATOMIC_ACQUIRE);			\
	lfshim_hb_acquire(p);						\
	__racq; })
#define lfshim_rmw_release_(builtin, p, i) ({				\
	lfshim_hb_release(p);						\
	builtin(p, i, __ATOMIC_RELEASE); })
#define lfshim_rmw_relaxed_(builtin, p, i) \
	builtin(lfshim_hb_atomic(p), i, __ATOMIC_RELAXED)

/*
 * A compare-and-exchange of *@p with each ordering: true if @new was stored;
 * otherwise *@oldp is set to the value found. @p is evaluated more than once.
 * The one with full ordering is stronger than the kernel's if it fails, except for
 * a replacement of the host, which may explore what the kernel's allows.
 * No partner: the partner is in the caller.
 */
#define lfshim_cas_(p, oldp, new, success, failure) \
	__atomic_compare_exchange_n(p, oldp, new, false, success, failure)
#if LFSHIM_SEAM
#define lfshim_cas_full_(p, oldp, new) ({				\
	bool __cfull = lfshim_cas_(p, oldp, new, __ATOMIC_SEQ_CST,	\
				   __ATOMIC_RELAXED);			\
	if (__cfull)							\
		lfshim_full_fence();					\
	__cfull; })
#else
#define lfshim_cas_full_(p, oldp, new)					\
	lfshim_ordered_(p, lfshim_cas_(p, oldp, new, __ATOMIC_SEQ_CST,	\
				       __ATOMIC_ACQUIRE))
#endif
#define lfshim_cas_acquire_(p, oldp, new) ({				\
	bool __cacq = lfshim_cas_(lfshim_hb_atomic(p), oldp, new,	\
				  __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);	\
	if (__cacq)							\
		lfshim_hb_acquire(p);					\
	__cacq; })
#define lfshim_cas_release_(p, oldp, new) ({				\
	lfshim_hb_release(p);						\
	lfshim_cas_(p, oldp, new, __ATOMIC_RELEASE, __ATOMIC_RELAXED); })
#define lfshim_cas_relaxed_(p, oldp, new)				\
	lfshim_cas_(lfshim_hb_atomic(p), oldp, new, __ATOMIC_RELAXED,	\
		    __ATOMIC_RELAXED)

/* The same for any integer or pointer. Each argument is evaluated once. */
#define lfshim_xchg_(order, ptr, v) ({					\
	__auto_type __xptr = (ptr);					\
	__typeof__(*__xptr) __xval = (v);				\
	lfshim_rmw_##order##_(__atomic_exchange_n, __xptr, __xval); })
#define lfshim_cmpxchg_(order, ptr, old, new) ({			\
	__auto_type __cptr = (ptr);					\
	__typeof__(__atomic_load_n(__cptr, __ATOMIC_RELAXED))		\
		__cexp = (old), __cnew = (new);				\
	lfshim_cas_##order##_(__cptr, &__cexp, __cnew);			\
	__cexp; })
#define lfshim_try_cmpxchg_(order, ptr, oldp, new) ({			\
	__auto_type __tptr = (ptr);					\
	__typeof__(*__tptr) __tnew = (new);				\
	lfshim_cas_##order##_(__tptr, oldp, __tnew); })

/* These return the previous value. */
#define xchg(ptr, v)		lfshim_xchg_(full, ptr, v)
#define xchg_acquire(ptr, v)	lfshim_xchg_(acquire, ptr, v)
#define xchg_release(ptr, v)	lfshim_xchg_(release, ptr, v)
#define xchg_relaxed(ptr, v)	lfshim_xchg_(relaxed, ptr, v)

/* These return the previous value; if that equals @old, @new was stored. */
#define cmpxchg(ptr, old, new)		lfshim_cmpxchg_(full, ptr, old, new)
#define cmpxchg_acquire(ptr, old, new)	lfshim_cmpxchg_(acquire, ptr, old, new)
#define cmpxchg_release(ptr, old, new)	lfshim_cmpxchg_(release, ptr, old, new)
#define cmpxchg_relaxed(ptr, old, new)	lfshim_cmpxchg_(relaxed, ptr, old, new)
/* On data that only one CPU changes: no other CPU, so no ordering. */
#define cmpxchg_local(ptr, old, new)	cmpxchg_relaxed(ptr, old, new)
#define sync_cmpxchg(ptr, old, new)	cmpxchg(ptr, old, new)

/* True if @new was stored; otherwise *@oldp is set to the value found. */
#define try_cmpxchg(ptr, oldp, new) \
	lfshim_try_cmpxchg_(full, ptr, oldp, new)
#define try_cmpxchg_acquire(ptr, oldp, new) \
	lfshim_try_cmpxchg_(acquire, ptr, oldp, new)
#define try_cmpxchg_release(ptr, oldp, new) \
	lfshim_try_cmpxchg_(release, ptr, oldp, new)
#define try_cmpxchg_relaxed(ptr, oldp, new) \
	lfshim_try_cmpxchg_(relaxed, ptr, oldp, new)
#define try_cmpxchg_local(ptr, oldp, new)	try_cmpxchg_relaxed(ptr, oldp, new)
#define sync_try_cmpxchg(ptr, oldp, new)	try_cmpxchg(ptr, oldp, new)

/* The same for 8 bytes, on CPUs of 32 bits, too. */
#define lfshim_8_bytes_(ptr) ({						\
	__auto_type __wide = (ptr);					\
	static_assert(sizeof(*__wide) == 8);				\
	__wide; })
#define cmpxchg64(ptr, old, new) \
	cmpxchg(lfshim_8_bytes_(ptr), old, new)
#define cmpxchg64_acquire(ptr, old, new) \
	cmpxchg_acquire(lfshim_8_bytes_(ptr), old, new)
#define cmpxchg64_release(ptr, old, new) \
	cmpxchg_release(lfshim_8_bytes_(ptr), old, new)
#define cmpxchg64_relaxed(ptr, old, new) \
	cmpxchg_relaxed(lfshim_8_bytes_(ptr), old, new)
#define cmpxchg64_local(ptr, old, new) \
	cmpxchg_local(lfshim_8_bytes_(ptr), old, new)
#define try_cmpxchg64(ptr, oldp, new) \
	try_cmpxchg(lfshim_8_bytes_(ptr), oldp, new)
#define try_cmpxchg64_acquire(ptr, oldp, new) \
	try_cmpxchg_acquire(lfshim_8_bytes_(ptr), oldp, new)
#define try_cmpxchg64_release(ptr, oldp, new) \
	try_cmpxchg_release(lfshim_8_bytes_(ptr), oldp, new)
#define try_cmpxchg64_relaxed(ptr, oldp, new) \
	try_cmpxchg_relaxed(lfshim_8_bytes_(ptr), oldp, new)
#define try_cmpxchg64_local(ptr, oldp, new) \
	try_cmpxchg_local(lfshim_8_bytes_(ptr), oldp, new)

/*
 * The macros below define the functions of atomic_t (int), atomic64_t (s64) and
 * atomic_long_t (long). @pfx is the prefix of the names, @type the type of the
 * counter, @order one of the orderings above and @sfx its suffix.
 *
 * An operation that returns nothing.
 */
#define LFSHIM_ATOMIC_VOID_(pfx, type, op, builtin)			\
static inline void pfx##_##op(type i, pfx##_t *v)			\
{									\
	lfshim_rmw_relaxed_(builtin, &v->counter, i);			\
}

/* An operation that returns a value, with one argument and without. */
#define LFSHIM_ATOMIC_ARG_(pfx, type, sfx, order, op, builtin, arg)	\
static inline type pfx##_##op##sfx(type i, pfx##_t *v)			\
{									\
	return lfshim_rmw_##order##_(builtin, &v->counter, arg);	\
}
#define LFSHIM_ATOMIC_ONE_(pfx, type, sfx, order, op, builtin)		\
static inline type pfx##_##op##sfx(pfx##_t *v)				\
{									\
	return lfshim_rmw_##order##_(builtin, &v->counter, 1);		\
}

/* Every operation that has all four orderings, with one of them. */
#define LFSHIM_ATOMIC_ORDER_(pfx, type, sfx, order)			\
LFSHIM_ATOMIC_ARG_(pfx, type, sfx, order, fetch_add, __atomic_fetch_add, i) \
LFSHIM_ATOMIC_ARG_(pfx, type, sfx, order, fetch_sub, __atomic_fetch_sub, i) \
LFSHIM_ATOMIC_ARG_(pfx, type, sfx, order, fetch_and, __atomic_fetch_and, i) \
LFSHIM_ATOMIC_ARG_(pfx, type, sfx, order, fetch_andnot, __atomic_fetch_and, ~i)\
LFSHIM_ATOMIC_ARG_(pfx, type, sfx, order, fetch_or, __atomic_fetch_or, i) \
LFSHIM_ATOMIC_ARG_(pfx, type, sfx, order, fetch_xor, __atomic_fetch_xor, i) \
LFSHIM_ATOMIC_ARG_(pfx, type, sfx, order, add_return, __atomic_add_fetch, i) \
LFSHIM_ATOMIC_ARG_(pfx, type, sfx, order, sub_return, __atomic_sub_fetch, i) \
LFSHIM_ATOMIC_ONE_(pfx, type, sfx, order, fetch_inc, __atomic_fetch_add) \
LFSHIM_ATOMIC_ONE_(pfx, type, sfx, order, fetch_dec, __atomic_fetch_sub) \
LFSHIM_ATOMIC_ONE_(pfx, type, sfx, order, inc_return, __atomic_add_fetch) \
LFSHIM_ATOMIC_ONE_(pfx, type, sfx, order, dec_return, __atomic_sub_fetch) \
static inline bool pfx##_add_negative##sfx(type i, pfx##_t *v)		\
{									\
	return pfx##_add_return##sfx(i, v) < 0;				\
}									\
static inline type pfx##_xchg##sfx(pfx##_t *v, type new_)		\
{									\
	return lfshim_xchg_(order, &v->counter, new_);			\
}									\
static inline type pfx##_cmpxchg##sfx(pfx##_t *v, type old, type new_)	\
{									\
	return lfshim_cmpxchg_(order, &v->counter, old, new_);		\
}									\
static inline bool pfx##_try_cmpxchg##sfx(pfx##_t *v, type *old, type new_) \
{									\
	return lfshim_try_cmpxchg_(order, &v->counter, old, new_);	\
}

/*
 * An operation that replaces the value c by @to if @condition holds, with full
 * ordering. It returns @result.
 */
#define LFSHIM_ATOMIC_IF_(pfx, type, ret, op, args, condition, to, result) \
static inline ret pfx##_##op args					\
{									\
	type c = pfx##_read(v);						\
									\
	while ((condition) && !pfx##_try_cmpxchg(v, &c, to))		\
		;							\
	return result;							\
}

#define LFSHIM_ATOMIC_(pfx, type)					\
static inline type pfx##_read(const pfx##_t *v)				\
{									\
	return READ_ONCE(v->counter);					\
}									\
static inline type pfx##_read_acquire(const pfx##_t *v)			\
{									\
	return smp_load_acquire(&v->counter);				\
}									\
static inline void pfx##_set(pfx##_t *v, type i)			\
{									\
	WRITE_ONCE(v->counter, i);					\
}									\
static inline void pfx##_set_release(pfx##_t *v, type i)		\
{									\
	smp_store_release(&v->counter, i);				\
}									\
LFSHIM_ATOMIC_ORDER_(pfx, type, , full)					\
LFSHIM_ATOMIC_ORDER_(pfx, type, _acquire, acquire)			\
LFSHIM_ATOMIC_ORDER_(pfx, type, _release, release)			\
LFSHIM_ATOMIC_ORDER_(pfx, type, _relaxed, relaxed)			\
LFSHIM_ATOMIC_VOID_(pfx, type, add, __atomic_fetch_add)			\
LFSHIM_ATOMIC_VOID_(pfx, type, sub, __atomic_fetch_sub)			\
LFSHIM_ATOMIC_VOID_(pfx, type, and, __atomic_fetch_and)			\
LFSHIM_ATOMIC_VOID_(pfx, type, or, __atomic_fetch_or)			\
LFSHIM_ATOMIC_VOID_(pfx, type, xor, __atomic_fetch_xor)			\
static inline void pfx##_andnot(type i, pfx##_t *v) { pfx##_and(~i, v); } \
static inline void pfx##_inc(pfx##_t *v) { pfx##_add(1, v); }		\
static inline void pfx##_dec(pfx##_t *v) { pfx##_sub(1, v); }		\
static inline bool pfx##_dec_and_test(pfx##_t *v)			\
{									\
	return pfx##_dec_return(v) == 0;				\
}									\
static inline bool pfx##_inc_and_test(pfx##_t *v)			\
{									\
	return pfx##_inc_return(v) == 0;				\
}									\
static inline bool pfx##_sub_and_test(type i, pfx##_t *v)		\
{									\
	return pfx##_sub_return(i, v) == 0;				\
}									\
/* Adds @a unless the value is @u; returns the previous value. */	\
LFSHIM_ATOMIC_IF_(pfx, type, type, fetch_add_unless,			\
		  (pfx##_t *v, type a, type u), c != u, c + a, c)	\
/* The rest returns whether the value was changed. */			\
static inline bool pfx##_add_unless(pfx##_t *v, type a, type u)		\
{									\
	return pfx##_fetch_add_unless(v, a, u) != u;			\
}									\
static inline bool pfx##_inc_not_zero(pfx##_t *v)			\
{									\
	return pfx##_add_unless(v, 1, 0);				\
}									\
LFSHIM_ATOMIC_IF_(pfx, type, bool, inc_unless_negative, (pfx##_t *v),	\
		  c >= 0, c + 1, c >= 0)				\
LFSHIM_ATOMIC_IF_(pfx, type, bool, dec_unless_positive, (pfx##_t *v),	\
		  c <= 0, c - 1, c <= 0)				\
/* Except this: it returns the value minus 1, changed or not. */	\
LFSHIM_ATOMIC_IF_(pfx, type, type, dec_if_positive, (pfx##_t *v),	\
		  c > 0, c - 1, c - 1)

typedef struct {
	long counter;
} atomic_long_t;
#define ATOMIC_LONG_INIT(i)	{ (i) }

LFSHIM_ATOMIC_(atomic, int)
LFSHIM_ATOMIC_(atomic64, s64)
LFSHIM_ATOMIC_(atomic_long, long)

/* Wait until @cond, an expression of the value VAL, is true: see <asm/barrier.h>. */
#define atomic_cond_read_acquire(v, cond) \
	smp_cond_load_acquire(&(v)->counter, cond)
#define atomic_cond_read_relaxed(v, cond) \
	smp_cond_load_relaxed(&(v)->counter, cond)
#define atomic64_cond_read_acquire(v, cond) atomic_cond_read_acquire(v, cond)
#define atomic64_cond_read_relaxed(v, cond) atomic_cond_read_relaxed(v, cond)
#define atomic_long_cond_read_acquire(v, cond) atomic_cond_read_acquire(v, cond)
#define atomic_long_cond_read_relaxed(v, cond) atomic_cond_read_relaxed(v, cond)

#endif
