// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Every atomic operation once, or twice if it may do nothing. This file is compiled with
 * ThreadSanitizer's hooks, as the explorer's programs are. atomic-orders.c has the hooks.
 *
 * The values are written out for each operation, and the accesses for each ordering. The
 * word is B + 6, where B has bits up to the sign bit, and the operations change its lowest
 * bits.
 */
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/limits.h>
#include <linux/stddef.h>
#include "atomic-calls.h"

/* A read-modify-write operation, and a compare-and-exchange, with each ordering. */
#define RMW_FULL	"fs us fs "
#define RMW_acquire	"ua "
#define RMW_release	"ur "
#define RMW_relaxed	"ux "
/* As the kernel's: one that fails orders nothing. */
#define CAS_FULL	"csx fs "
#define FAIL_FULL	"csx "
#define FAIL_acquire	CAS_acquire
#define FAIL_release	CAS_release
#define FAIL_relaxed	CAS_relaxed
#define CAS_acquire	"cax "
#define CAS_release	"crx "
#define CAS_relaxed	"cxx "
/* It looks at the value first. */
#define LOOK		"lx "

/*
 * X(name, word, via, expression, before, returns, after, accesses): one operation on
 * *v, which is a @word. The result is converted to @via and then to s64.
 */
#define FOUR(X, name, word, via, kind, args, before, returns, after)	\
X(name, word, via, name args, before, returns, after, kind##_FULL)	\
X(name##_acquire, word, via, name##_acquire args, before, returns, after, \
  kind##_acquire)							\
X(name##_release, word, via, name##_release args, before, returns, after, \
  kind##_release)							\
X(name##_relaxed, word, via, name##_relaxed args, before, returns, after, \
  kind##_relaxed)

#define NOTHING(X, name, word, args, before, after, accesses)		\
X(name, word, s64, (name args, 0), before, 0, after, accesses)

/* Another case of the same operation. */
#define CASE(X, name, case, word, args, before, returns, after, accesses) \
X(name##_##case, word, s64, name args, before, returns, after, accesses)

#define TRY(name, new, expected) \
	({ __typeof__(expected) e_ = (expected); \
	   bool ok_ = name(v, &e_, new); ok_ ? 1000 : (s64)e_; })
#define TRY_ONE(X, name, word, type, B, order)				\
X(name, word, s64, TRY(name, (type)((B) + 9), (type)((B) + 6)),	\
  (B) + 6, 1000, (B) + 9, CAS_##order)					\
X(name##_fails, word, s64, TRY(name, (type)((B) + 9), (type)((B) + 7)),	\
  (B) + 6, (B) + 6, (B) + 6, FAIL_##order)
#define TRY_FOUR(X, name, word, type, B)				\
TRY_ONE(X, name, word, type, B, FULL)					\
TRY_ONE(X, name##_acquire, word, type, B, acquire)			\
TRY_ONE(X, name##_release, word, type, B, release)			\
TRY_ONE(X, name##_relaxed, word, type, B, relaxed)

#define COUNTERS(X, p, T, B)						\
X(p##_read, p##_t, s64, p##_read(v), (B) + 6, (B) + 6, (B) + 6, "lx ")	\
X(p##_read_acquire, p##_t, s64, p##_read_acquire(v), (B) + 6, (B) + 6, (B) + 6, "la ") \
NOTHING(X, p##_set, p##_t, (v, (B) + 9), (B) + 6, (B) + 9, "sx ")	\
NOTHING(X, p##_set_release, p##_t, (v, (B) + 9), (B) + 6, (B) + 9, "sr ") \
NOTHING(X, p##_add, p##_t, (5, v), (B) + 6, (B) + 11, RMW_relaxed)	\
NOTHING(X, p##_sub, p##_t, (2, v), (B) + 6, (B) + 4, RMW_relaxed)	\
NOTHING(X, p##_inc, p##_t, (v), (B) + 6, (B) + 7, RMW_relaxed)		\
NOTHING(X, p##_dec, p##_t, (v), (B) + 6, (B) + 5, RMW_relaxed)		\
NOTHING(X, p##_and, p##_t, (~(T)2, v), (B) + 6, (B) + 4, RMW_relaxed)	\
NOTHING(X, p##_andnot, p##_t, (3, v), (B) + 6, (B) + 4, RMW_relaxed)	\
NOTHING(X, p##_or, p##_t, (9, v), (B) + 6, (B) + 15, RMW_relaxed)	\
NOTHING(X, p##_xor, p##_t, (3, v), (B) + 6, (B) + 5, RMW_relaxed)	\
FOUR(X, p##_fetch_add, p##_t, s64, RMW, (5, v), (B) + 6, (B) + 6, (B) + 11) \
FOUR(X, p##_fetch_sub, p##_t, s64, RMW, (2, v), (B) + 6, (B) + 6, (B) + 4) \
FOUR(X, p##_fetch_inc, p##_t, s64, RMW, (v), (B) + 6, (B) + 6, (B) + 7)	\
FOUR(X, p##_fetch_dec, p##_t, s64, RMW, (v), (B) + 6, (B) + 6, (B) + 5)	\
FOUR(X, p##_fetch_and, p##_t, s64, RMW, (~(T)2, v), (B) + 6, (B) + 6, (B) + 4) \
FOUR(X, p##_fetch_andnot, p##_t, s64, RMW, (3, v), (B) + 6, (B) + 6, (B) + 4) \
FOUR(X, p##_fetch_or, p##_t, s64, RMW, (9, v), (B) + 6, (B) + 6, (B) + 15) \
FOUR(X, p##_fetch_xor, p##_t, s64, RMW, (3, v), (B) + 6, (B) + 6, (B) + 5) \
FOUR(X, p##_add_return, p##_t, s64, RMW, (5, v), (B) + 6, (B) + 11, (B) + 11) \
FOUR(X, p##_sub_return, p##_t, s64, RMW, (2, v), (B) + 6, (B) + 4, (B) + 4) \
FOUR(X, p##_inc_return, p##_t, s64, RMW, (v), (B) + 6, (B) + 7, (B) + 7) \
FOUR(X, p##_dec_return, p##_t, s64, RMW, (v), (B) + 6, (B) + 5, (B) + 5) \
FOUR(X, p##_add_negative, p##_t, s64, RMW, (-(B) - 7, v), (B) + 6, 1, -1) \
CASE(X, p##_add_negative, zero, p##_t, (-(B) - 6, v), (B) + 6, 0, 0, RMW_FULL) \
CASE(X, p##_add_negative, positive, p##_t, (1, v), (B) + 6, 0, (B) + 7, RMW_FULL) \
FOUR(X, p##_xchg, p##_t, s64, RMW, (v, (B) + 9), (B) + 6, (B) + 6, (B) + 9) \
FOUR(X, p##_cmpxchg, p##_t, s64, CAS, (v, (B) + 6, (B) + 9), (B) + 6, (B) + 6, (B) + 9) \
CASE(X, p##_cmpxchg, fails, p##_t, (v, (B) + 7, (B) + 9), (B) + 6, (B) + 6, (B) + 6, FAIL_FULL) \
TRY_FOUR(X, p##_try_cmpxchg, p##_t, T, B)				\
CASE(X, p##_sub_and_test, true, p##_t, ((B) + 6, v), (B) + 6, 1, 0, RMW_FULL) \
CASE(X, p##_sub_and_test, false, p##_t, ((B) + 5, v), (B) + 6, 0, 1, RMW_FULL) \
CASE(X, p##_dec_and_test, true, p##_t, (v), 1, 1, 0, RMW_FULL)		\
CASE(X, p##_dec_and_test, false, p##_t, (v), 0, 0, -1, RMW_FULL)	\
CASE(X, p##_inc_and_test, true, p##_t, (v), -1, 1, 0, RMW_FULL)		\
CASE(X, p##_inc_and_test, false, p##_t, (v), 0, 0, 1, RMW_FULL)		\
CASE(X, p##_fetch_add_unless, adds, p##_t, (v, 5, 6), (B) + 6, (B) + 6, (B) + 11, LOOK CAS_FULL) \
CASE(X, p##_fetch_add_unless, equal, p##_t, (v, 5, (B) + 6), (B) + 6, (B) + 6, (B) + 6, LOOK) \
CASE(X, p##_add_unless, adds, p##_t, (v, 5, 6), (B) + 6, 1, (B) + 11, LOOK CAS_FULL) \
CASE(X, p##_add_unless, equal, p##_t, (v, 5, (B) + 6), (B) + 6, 0, (B) + 6, LOOK) \
CASE(X, p##_inc_not_zero, other, p##_t, (v), -1, 1, 0, LOOK CAS_FULL)	\
CASE(X, p##_inc_not_zero, zero, p##_t, (v), 0, 0, 0, LOOK)		\
CASE(X, p##_inc_unless_negative, zero, p##_t, (v), 0, 1, 1, LOOK CAS_FULL) \
CASE(X, p##_inc_unless_negative, positive, p##_t, (v), (B) + 6, 1, (B) + 7, LOOK CAS_FULL) \
CASE(X, p##_inc_unless_negative, negative, p##_t, (v), -1, 0, -1, LOOK)	\
CASE(X, p##_dec_unless_positive, zero, p##_t, (v), 0, 1, -1, LOOK CAS_FULL) \
CASE(X, p##_dec_unless_positive, negative, p##_t, (v), -1, 1, -2, LOOK CAS_FULL) \
CASE(X, p##_dec_unless_positive, positive, p##_t, (v), 1, 0, 1, LOOK)	\
CASE(X, p##_dec_if_positive, positive, p##_t, (v), 1, 0, 0, LOOK CAS_FULL) \
CASE(X, p##_dec_if_positive, zero, p##_t, (v), 0, -1, 0, LOOK)		\
CASE(X, p##_dec_if_positive, negative, p##_t, (v), -1, -2, -1, LOOK)	\
CASE(X, p##_cond_read_acquire, true, p##_t, (v, VAL == (B) + 6), (B) + 6, (B) + 6, (B) + 6, "la ") \
CASE(X, p##_cond_read_relaxed, true, p##_t, (v, VAL == (B) + 6), (B) + 6, (B) + 6, (B) + 6, "lx ")

/* The macros that take any type. */
#define FOUR_OF(X, name, T, via, kind, args, before, returns, after)	\
X(name##_##T, T, via, name args, before, returns, after, kind##_FULL)	\
X(name##_acquire_##T, T, via, name##_acquire args, before, returns, after, \
  kind##_acquire)							\
X(name##_release_##T, T, via, name##_release args, before, returns, after, \
  kind##_release)							\
X(name##_relaxed_##T, T, via, name##_relaxed args, before, returns, after, \
  kind##_relaxed)

#define TRY_OF(name, T, via, B, wanted)					\
	({ T e_ = (T)((B) + (wanted));					\
	   bool ok_ = name(v, &e_, (T)((B) + 9)); ok_ ? 1000 : (s64)(via)e_; })
#define TRY_PAIR(X, name, T, via, B, kind)				\
X(name##_##T, T, s64, TRY_OF(name, T, via, B, 6), (B) + 6, 1000, (B) + 9, CAS_##kind) \
X(name##_fails_##T, T, s64, TRY_OF(name, T, via, B, 7), (B) + 6, (B) + 6, (B) + 6, FAIL_##kind)

#define ANY(X, T, via, B)						\
FOUR_OF(X, xchg, T, via, RMW, (v, (T)((B) + 9)), (B) + 6, (B) + 6, (B) + 9) \
FOUR_OF(X, cmpxchg, T, via, CAS, (v, (T)((B) + 6), (T)((B) + 9)), (B) + 6, (B) + 6, (B) + 9) \
X(cmpxchg_fails_##T, T, via, cmpxchg(v, (T)((B) + 7), (T)((B) + 9)), (B) + 6, (B) + 6, (B) + 6, FAIL_FULL) \
X(cmpxchg_local_##T, T, via, cmpxchg_local(v, (T)((B) + 6), (T)((B) + 9)), (B) + 6, (B) + 6, (B) + 9, CAS_relaxed) \
X(sync_cmpxchg_##T, T, via, sync_cmpxchg(v, (T)((B) + 6), (T)((B) + 9)), (B) + 6, (B) + 6, (B) + 9, CAS_FULL) \
TRY_PAIR(X, try_cmpxchg, T, via, B, FULL)				\
TRY_PAIR(X, try_cmpxchg_acquire, T, via, B, acquire)			\
TRY_PAIR(X, try_cmpxchg_release, T, via, B, release)			\
TRY_PAIR(X, try_cmpxchg_relaxed, T, via, B, relaxed)			\
TRY_PAIR(X, try_cmpxchg_local, T, via, B, relaxed)			\
TRY_PAIR(X, sync_try_cmpxchg, T, via, B, FULL)				\
X(load_acquire_##T, T, via, smp_load_acquire(v), (B) + 6, (B) + 6, (B) + 6, "la ") \
X(cond_load_acquire_##T, T, via, ({ int n_ = 0; smp_cond_load_acquire(v, VAL == *v && ++n_ == 3); }), \
  (B) + 6, (B) + 6, (B) + 6, "la relax la relax la ")			\
X(cond_load_relaxed_##T, T, via, ({ int n_ = 0; smp_cond_load_relaxed(v, VAL == *v && ++n_ == 2); }), \
  (B) + 6, (B) + 6, (B) + 6, "lx relax lx ")				\
X(store_release_##T, T, s64, ({ smp_store_release(v, (T)((B) + 9)); 0; }), (B) + 6, 0, (B) + 9, "sr ")

#define WIDE(X, T, B)							\
FOUR_OF(X, cmpxchg64, T, s64, CAS, (v, (B) + 6, (B) + 9), (B) + 6, (B) + 6, (B) + 9) \
X(cmpxchg64_local_##T, T, s64, cmpxchg64_local(v, (B) + 6, (B) + 9), (B) + 6, (B) + 6, (B) + 9, CAS_relaxed) \
TRY_PAIR(X, try_cmpxchg64, T, s64, B, FULL)				\
TRY_PAIR(X, try_cmpxchg64_acquire, T, s64, B, acquire)			\
TRY_PAIR(X, try_cmpxchg64_release, T, s64, B, release)			\
TRY_PAIR(X, try_cmpxchg64_relaxed, T, s64, B, relaxed)			\
TRY_PAIR(X, try_cmpxchg64_local, T, s64, B, relaxed)

#define BARRIER(X, name, accesses)					\
X(name, int, s64, ({ name(); 0; }), 6, 0, 6, accesses)
#define BARRIERS(X)							\
BARRIER(X, smp_mb, "fs ")						\
BARRIER(X, smp_rmb, "fa ")						\
BARRIER(X, smp_wmb, "fr ")						\
BARRIER(X, mb, "fs ")							\
BARRIER(X, rmb, "fa ")							\
BARRIER(X, wmb, "fr ")							\
BARRIER(X, dma_mb, "fs ")						\
BARRIER(X, dma_rmb, "fa ")						\
BARRIER(X, dma_wmb, "fr ")						\
BARRIER(X, smp_mb__before_atomic, "fs ")				\
BARRIER(X, smp_mb__after_atomic, "fs ")				\
BARRIER(X, smp_acquire__after_ctrl_dep, "fa ")

/* The type that the kernel's Rust has for all pointers. */
typedef const void *pointer;

#define OF_INT	0x12345600
#define OF_S64	0x123456789abcde00
#define OF_LONG	(LONG_MAX & ~0xffl)
#define ALL(X)								\
	COUNTERS(X, atomic, int, OF_INT)				\
	COUNTERS(X, atomic64, s64, OF_S64)				\
	COUNTERS(X, atomic_long, long, OF_LONG)				\
	ANY(X, s8, s64, 0x40)						\
	ANY(X, s16, s64, 0x1200)					\
	ANY(X, int, s64, OF_INT)					\
	ANY(X, s64, s64, OF_S64)					\
	ANY(X, pointer, long, OF_LONG)					\
	WIDE(X, s64, OF_S64)						\
	BARRIERS(X)

#define DEFINE(name, word, via, expression, before, returns, after, accesses) \
static int64_t call_##name(void *p)					\
{									\
	word *v = p;							\
									\
	(void)v;							\
	return (s64)(via)(expression);					\
}
ALL(DEFINE)

#define ENTRY(name, word, via, expression, before, returns, after, accesses) \
	{ #name, call_##name, sizeof(word), before, returns, after, accesses },
const struct call calls[] = { ALL(ENTRY) };
const size_t nr_calls = ARRAY_SIZE(calls);
