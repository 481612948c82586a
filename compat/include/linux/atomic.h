/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Atomic counters (atomic_t, atomic64_t, atomic_long_t), xchg() and cmpxchg(),
 * with the kernel's ordering rules. All of it is inline. Left out:
 * fetch_andnot, inc_unless_negative, dec_if_positive and the like, and most
 * _relaxed, _acquire and _release variants of operations other than fetch_
 * ones.
 *
 * The ordering rules:
 *  - an operation that returns nothing, atomic_read() and atomic_set() are
 *    relaxed;
 *  - an operation that changes the counter and returns a value is a full
 *    barrier on both sides;
 *  - the suffixes _relaxed, _acquire and _release give the ordering;
 *  - a compare-and-exchange that fails has no ordering.
 */
#ifndef _LINUX_ATOMIC_H
#define _LINUX_ATOMIC_H

#include <lfshim/kernel-code.h>
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

/* No partner: the partner is in the caller. */
#define xchg(ptr, v) ({							\
	__auto_type __xptr = (ptr);					\
	__typeof__(*__xptr) __xval = (v);					\
	lfshim_ordered_(__xptr, __atomic_exchange_n(__xptr, __xval,	\
						    __ATOMIC_SEQ_CST)); })

/* No partner: the partner is in the caller. */
#define lfshim_cmpxchg_(ptr, old, new, success) ({			\
	__typeof__(ptr) __cptr = (ptr);					\
	__typeof__(__atomic_load_n(__cptr, __ATOMIC_RELAXED)) __exp = (old); \
	__atomic_compare_exchange_n(__cptr, &__exp, new, false,	\
				    success, __ATOMIC_ACQUIRE);		\
	lfshim_hb_acquire(__cptr);					\
	__exp; })

/*
 * These return the previous value; if that equals @old, @new was stored.
 * No partner: the partner is in the caller.
 */
#define cmpxchg(ptr, old, new) ({					\
	__auto_type __fptr = (ptr);					\
	__typeof__(*__fptr) __fold = (old), __fnew = (new);			\
	lfshim_ordered_(__fptr, lfshim_cmpxchg_(__fptr, __fold, __fnew,	\
						__ATOMIC_SEQ_CST)); })
#define cmpxchg_relaxed(ptr, old, new) ({				\
	__typeof__(ptr) __cptr = (ptr);					\
	__typeof__(__atomic_load_n(__cptr, __ATOMIC_RELAXED)) __exp = (old); \
	__atomic_compare_exchange_n(__cptr, &__exp, new, false,	\
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED); \
	__exp; })
/* No partner: the partner is in the caller. */
#define cmpxchg_acquire(ptr, old, new) \
	lfshim_cmpxchg_(ptr, old, new, __ATOMIC_ACQUIRE)
#define cmpxchg_release(ptr, old, new) ({				\
	__auto_type __rptr = (ptr);					\
	__typeof__(*__rptr) __rold = (old), __rnew = (new);			\
	lfshim_hb_release(__rptr);					\
	lfshim_cmpxchg_(__rptr, __rold, __rnew, __ATOMIC_ACQ_REL); })

/*
 * True if @new was stored; otherwise *@oldp is set to the value found.
 * No partner: the partner is in the caller.
 */
#define try_cmpxchg(ptr, oldp, new) ({					\
	__auto_type __tptr = (ptr);					\
	__typeof__(*__tptr) __tnew = (new);					\
	bool __ok;							\
	lfshim_hb_release(__tptr);					\
	lfshim_full_fence();						\
	__ok = __atomic_compare_exchange_n(__tptr, oldp, __tnew, false,	\
					   __ATOMIC_SEQ_CST,		\
					   __ATOMIC_ACQUIRE);		\
	lfshim_full_fence();						\
	lfshim_hb_acquire(__tptr);					\
	__ok; })

/*
 * These macros define the functions of atomic_t (int), atomic64_t (s64) and
 * atomic_long_t (long).
 */
#define LFSHIM_ATOMIC_OP_(pfx, atype, ctype, op, builtin)		\
static inline void pfx##_##op(ctype i, atype *v)			\
{									\
	__atomic_##builtin(lfshim_hb_atomic(&v->counter), i,		\
			   __ATOMIC_RELAXED);				\
}									\
static inline ctype pfx##_fetch_##op(ctype i, atype *v)			\
{									\
	/* No partner: the partner is in the caller. */			\
	return lfshim_ordered_(&v->counter,				\
			       __atomic_##builtin(&v->counter, i,	\
						  __ATOMIC_SEQ_CST));	\
}									\
static inline ctype pfx##_fetch_##op##_relaxed(ctype i, atype *v)	\
{									\
	return __atomic_##builtin(lfshim_hb_atomic(&v->counter), i,	\
				  __ATOMIC_RELAXED);			\
}									\
static inline ctype pfx##_fetch_##op##_acquire(ctype i, atype *v)	\
{									\
	/* No partner: the partner is in the caller. */			\
	ctype old = __atomic_##builtin(&v->counter, i,			\
				       __ATOMIC_ACQUIRE);		\
									\
	lfshim_hb_acquire(&v->counter);					\
	return old;							\
}									\
static inline ctype pfx##_fetch_##op##_release(ctype i, atype *v)	\
{									\
	lfshim_hb_release(&v->counter);					\
	/* No partner: the partner is in the caller. */			\
	return __atomic_##builtin(&v->counter, i, __ATOMIC_RELEASE);	\
}

#define LFSHIM_ATOMIC_(pfx, atype, ctype)				\
static inline ctype pfx##_read(const atype *v)				\
{									\
	return READ_ONCE(v->counter);					\
}									\
static inline ctype pfx##_read_acquire(const atype *v)			\
{									\
	/* No partner: the partner is in the caller. */			\
	return smp_load_acquire(&v->counter);				\
}									\
static inline void pfx##_set(atype *v, ctype i)				\
{									\
	WRITE_ONCE(v->counter, i);					\
}									\
static inline void pfx##_set_release(atype *v, ctype i)			\
{									\
	/* No partner: the partner is in the caller. */			\
	smp_store_release(&v->counter, i);				\
}									\
LFSHIM_ATOMIC_OP_(pfx, atype, ctype, add, fetch_add)			\
LFSHIM_ATOMIC_OP_(pfx, atype, ctype, sub, fetch_sub)			\
LFSHIM_ATOMIC_OP_(pfx, atype, ctype, or, fetch_or)			\
LFSHIM_ATOMIC_OP_(pfx, atype, ctype, and, fetch_and)			\
LFSHIM_ATOMIC_OP_(pfx, atype, ctype, xor, fetch_xor)			\
static inline void pfx##_inc(atype *v) { pfx##_add(1, v); }		\
static inline void pfx##_dec(atype *v) { pfx##_sub(1, v); }		\
static inline ctype pfx##_add_return(ctype i, atype *v)			\
{									\
	return pfx##_fetch_add(i, v) + i;				\
}									\
static inline ctype pfx##_sub_return(ctype i, atype *v)			\
{									\
	return pfx##_fetch_sub(i, v) - i;				\
}									\
static inline ctype pfx##_inc_return(atype *v)				\
{									\
	return pfx##_add_return(1, v);					\
}									\
static inline ctype pfx##_dec_return(atype *v)				\
{									\
	return pfx##_sub_return(1, v);					\
}									\
static inline bool pfx##_dec_and_test(atype *v)				\
{									\
	return pfx##_dec_return(v) == 0;				\
}									\
static inline bool pfx##_inc_and_test(atype *v)				\
{									\
	return pfx##_inc_return(v) == 0;				\
}									\
static inline bool pfx##_sub_and_test(ctype i, atype *v)		\
{									\
	return pfx##_sub_return(i, v) == 0;				\
}									\
static inline ctype pfx##_xchg(atype *v, ctype i)			\
{									\
	/* No partner: the partner is in the caller. */			\
	return xchg(&v->counter, i);					\
}									\
static inline ctype pfx##_cmpxchg(atype *v, ctype old, ctype new_)	\
{									\
	return cmpxchg(&v->counter, old, new_);				\
}									\
static inline bool pfx##_try_cmpxchg(atype *v, ctype *old, ctype new_)	\
{									\
	/* No partner: the partner is in the caller. */			\
	return try_cmpxchg(&v->counter, old, new_);			\
}									\
/* Adds @a unless the value is @u; returns the previous value. */	\
static inline ctype pfx##_fetch_add_unless(atype *v, ctype a, ctype u)	\
{									\
	ctype c = pfx##_read(v);					\
									\
	while (c != u && !pfx##_try_cmpxchg(v, &c, c + a))		\
		;							\
	return c;							\
}									\
static inline bool pfx##_add_unless(atype *v, ctype a, ctype u)		\
{									\
	return pfx##_fetch_add_unless(v, a, u) != u;			\
}									\
static inline bool pfx##_inc_not_zero(atype *v)				\
{									\
	return pfx##_add_unless(v, 1, 0);				\
}

LFSHIM_ATOMIC_(atomic, atomic_t, int)
LFSHIM_ATOMIC_(atomic64, atomic64_t, s64)

typedef struct {
	long counter;
} atomic_long_t;
#define ATOMIC_LONG_INIT(i)	{ (i) }
LFSHIM_ATOMIC_(atomic_long, atomic_long_t, long)

#endif
