// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Litmus tests of weak memory: outcomes that the kernel's memory model allows or forbids. The
 * shapes and verdicts are those of tools/memory-model/litmus-tests and of
 * Documentation/litmus-tests in the kernel; the names are theirs, shortened.
 *
 * Each check fails if the outcome in question is seen. An outcome that the model
 * allows has to be found; one that it forbids never comes.
 *
 * Left out are the tests whose outcome the explorer cannot see, because it does not
 * do stores early and keeps the stores to a location in their order: LB, S, 2+2W,
 * and cmpxchg-fail-unordered. See engine/weak.c.
 */

#include "litmus.h"

#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static DEFINE_SPINLOCK(other_lock);

/* Stores and loads that several tests have. */

static void store_x_store_y(void)
{
	WRITE_ONCE(x, 1);
	WRITE_ONCE(y, 1);
}

static void store_x_release_y(void)
{
	WRITE_ONCE(x, 1);
	smp_store_release(&y, 1);
}

static void load_y_load_x(void)
{
	REGISTER(0) = READ_ONCE(y);
	REGISTER(1) = READ_ONCE(x);
}

static void load_y_rmb_load_x(void)
{
	REGISTER(0) = READ_ONCE(y);
	smp_rmb();
	REGISTER(1) = READ_ONCE(x);
}

static void acquire_y_load_x(void)
{
	REGISTER(0) = smp_load_acquire(&y);
	REGISTER(1) = READ_ONCE(x);
}

/* Coherence: the accesses to one location. */

static void store_twice(void)
{
	WRITE_ONCE(x, 1);
	WRITE_ONCE(x, 2);
}

static void load_twice(void)
{
	REGISTER(0) = READ_ONCE(x);
	REGISTER(1) = READ_ONCE(x);
}

static void check_corr(void)
{
	lfx_assert(r[2][0] <= r[2][1]);
}

NEVER(corr, "CoRR", "two loads see two stores in the other order",
      check_corr, { "writer", store_twice }, { "reader", load_twice });

static void load_then_store(void)
{
	REGISTER(0) = READ_ONCE(x);
	WRITE_ONCE(x, 1);
}

static void store_two(void)
{
	WRITE_ONCE(x, 2);
}

static void check_corw(void)
{
	lfx_assert(!(x == 2 && r[1][0] == 2));
}

NEVER(corw, "CoRW", "a load sees a store that its own later store precedes",
      check_corw, { "first", load_then_store }, { "second", store_two });

static void store_then_load(void)
{
	WRITE_ONCE(x, 1);
	REGISTER(0) = READ_ONCE(x);
}

static void check_cowr(void)
{
	lfx_assert(!(x == 1 && r[1][0] == 2));
}

NEVER(cowr, "CoWR", "a load sees a value that its own store has replaced",
      check_cowr, { "first", store_then_load }, { "second", store_two });

static void check_coww(void)
{
	lfx_assert(x == 2);
}

NEVER(coww, "CoWW", "two stores of a thread change places",
      check_coww, { "writer", store_twice }, { "reader", load_twice });

/* Message passing */

static void check_mp(void)
{
	lfx_assert(!(r[2][0] == 1 && r[2][1] == 0));
}

SOMETIMES(mp, "MP", "message passing", check_mp,
	  { "writer", store_x_store_y }, { "reader", load_y_load_x });

static void store_x_wmb_store_y(void)
{
	WRITE_ONCE(x, 1);
	smp_wmb();
	WRITE_ONCE(y, 1);
}

NEVER(mp_fences, "MP+wmb+rmb", "message passing, smp_wmb() and smp_rmb()",
      check_mp, { "writer", store_x_wmb_store_y },
      { "reader", load_y_rmb_load_x });
SOMETIMES(mp_wmb, "MP+wmb", "message passing, smp_wmb() only", check_mp,
	  { "writer", store_x_wmb_store_y }, { "reader", load_y_load_x });
SOMETIMES(mp_rmb, "MP+rmb", "message passing, smp_rmb() only", check_mp,
	  { "writer", store_x_store_y }, { "reader", load_y_rmb_load_x });
NEVER(mp_rel_acq, "MP+release+acquire", "message passing, release and acquire",
      check_mp, { "writer", store_x_release_y },
      { "reader", acquire_y_load_x });

static void store_x_lock_store_y(void)
{
	WRITE_ONCE(x, 1);
	spin_lock(&lock);
	WRITE_ONCE(y, 1);
	spin_unlock(&lock);
}

static void lock_load_y_unlock_load_x(void)
{
	spin_lock(&lock);
	REGISTER(0) = READ_ONCE(y);
	spin_unlock(&lock);
	REGISTER(1) = READ_ONCE(x);
}

NEVER(mp_locks, "MP+polocks", "message passing, the flag under a lock",
      check_mp, { "writer", store_x_lock_store_y },
      { "reader", lock_load_y_unlock_load_x });

static void lock_store_x_unlock_store_y(void)
{
	spin_lock(&lock);
	WRITE_ONCE(x, 1);
	spin_unlock(&lock);
	WRITE_ONCE(y, 1);
}

static void load_y_lock_load_x(void)
{
	REGISTER(0) = READ_ONCE(y);
	spin_lock(&lock);
	REGISTER(1) = READ_ONCE(x);
	spin_unlock(&lock);
}

NEVER(mp_reverse_locks, "MP+porevlocks",
      "message passing, the data under a lock", check_mp,
      { "writer", lock_store_x_unlock_store_y },
      { "reader", load_y_lock_load_x });

static void store_x_unlock_lock_store_y(void)
{
	spin_lock(&lock);
	WRITE_ONCE(x, 1);
	spin_unlock(&lock);
	spin_lock(&other_lock);
	WRITE_ONCE(y, 1);
	spin_unlock(&other_lock);
}

NEVER(mp_unlock_lock, "MP+unlocklock+rmb",
      "message passing, an unlock and a lock between the stores", check_mp,
      { "writer", store_x_unlock_lock_store_y },
      { "reader", load_y_rmb_load_x });

/* A barrier after both stores does not order them for the reader. */
static void store_x_store_y_mb(void)
{
	WRITE_ONCE(x, 1);
	WRITE_ONCE(y, 1);
	smp_mb();
}

static void load_y_mb_load_x(void)
{
	REGISTER(0) = READ_ONCE(y);
	smp_mb();
	REGISTER(1) = READ_ONCE(x);
}

SOMETIMES(mp_late_mb, "MP+late-mb+mb",
	  "message passing, the writer's smp_mb() comes too late", check_mp,
	  { "writer", store_x_store_y_mb }, { "reader", load_y_mb_load_x });

/* The reader looks at the lock under which the writer stores. */

static void lock_store_x(void)
{
	spin_lock(&lock);
	WRITE_ONCE(x, 1);
	spin_unlock(&lock);
}

static void lock_mb_store_x(void)
{
	spin_lock(&lock);
	/* As smp_mb__after_spinlock(), which the shim does not have. */
	smp_mb();
	WRITE_ONCE(x, 1);
	spin_unlock(&lock);
}

static void acquire_x_is_locked(void)
{
	REGISTER(0) = smp_load_acquire(&x);
	REGISTER(1) = spin_is_locked(&lock);
	REGISTER(2) = spin_is_locked(&lock);
}

static void check_is_locked(void)
{
	lfx_assert(!(r[2][0] == 1 && r[2][1] == 0 && r[2][2] == 1));
}

SOMETIMES(mp_is_locked, "MP+polockonce+acquiresilsil",
	  "spin_is_locked() says no and then yes", check_is_locked,
	  { "writer", lock_store_x }, { "reader", acquire_x_is_locked });
NEVER(mp_mb_is_locked, "MP+polockmbonce+acquiresilsil",
      "spin_is_locked() says no and then yes, a barrier after the lock",
      check_is_locked,
      { "writer", lock_mb_store_x }, { "reader", acquire_x_is_locked });

/* Store buffering */

static void store_x_load_y(void)
{
	WRITE_ONCE(x, 1);
	REGISTER(0) = READ_ONCE(y);
}

static void store_y_load_x(void)
{
	WRITE_ONCE(y, 1);
	REGISTER(0) = READ_ONCE(x);
}

static void check_sb(void)
{
	lfx_assert(r[1][0] == 1 || r[2][0] == 1);
}

SOMETIMES(sb, "SB", "store buffering", check_sb,
	  { "first", store_x_load_y }, { "second", store_y_load_x });

static void store_x_mb_load_y(void)
{
	WRITE_ONCE(x, 1);
	smp_mb();
	REGISTER(0) = READ_ONCE(y);
}

static void store_y_mb_load_x(void)
{
	WRITE_ONCE(y, 1);
	smp_mb();
	REGISTER(0) = READ_ONCE(x);
}

NEVER(sb_mb, "SB+mbs", "store buffering, smp_mb()", check_sb,
      { "first", store_x_mb_load_y }, { "second", store_y_mb_load_x });
SOMETIMES(sb_one_mb, "SB+mb", "store buffering, one smp_mb()", check_sb,
	  { "first", store_x_mb_load_y }, { "second", store_y_load_x });

static void xchg_x_load_y(void)
{
	xchg(&x, 1);
	REGISTER(0) = READ_ONCE(y);
}

static void xchg_y_load_x(void)
{
	xchg(&y, 1);
	REGISTER(0) = READ_ONCE(x);
}

NEVER(sb_xchg, "SB+xchg", "store buffering, xchg()", check_sb,
      { "first", xchg_x_load_y }, { "second", xchg_y_load_x });

static void release_x_acquire_y(void)
{
	smp_store_release(&x, 1);
	REGISTER(0) = smp_load_acquire(&y);
}

static void release_y_acquire_x(void)
{
	smp_store_release(&y, 1);
	REGISTER(0) = smp_load_acquire(&x);
}

SOMETIMES(sb_rel_acq, "SB+release+acquire",
	  "store buffering, releases and acquires", check_sb,
	  { "first", release_x_acquire_y }, { "second", release_y_acquire_x });

static void store_x_load_x_load_y(void)
{
	WRITE_ONCE(x, 1);
	REGISTER(1) = READ_ONCE(x);
	REGISTER(0) = READ_ONCE(y);
}

static void store_y_load_y_load_x(void)
{
	WRITE_ONCE(y, 1);
	REGISTER(1) = READ_ONCE(y);
	REGISTER(0) = READ_ONCE(x);
}

SOMETIMES(sb_rfi, "SB+rfi", "store buffering, each also loads its own store",
	  check_sb, { "first", store_x_load_x_load_y },
	  { "second", store_y_load_y_load_x });

/* R: a store is overwritten by a thread that does not see the stores before it. */

static void store_two_load_x(void)
{
	WRITE_ONCE(y, 2);
	REGISTER(0) = READ_ONCE(x);
}

static void check_r(void)
{
	lfx_assert(!(y == 2 && r[2][0] == 0));
}

SOMETIMES(r_once, "R", "an overwritten store, and an old load", check_r,
	  { "first", store_x_store_y }, { "second", store_two_load_x });

static void store_x_mb_store_y(void)
{
	WRITE_ONCE(x, 1);
	smp_mb();
	WRITE_ONCE(y, 1);
}

static void store_two_mb_load_x(void)
{
	WRITE_ONCE(y, 2);
	smp_mb();
	REGISTER(0) = READ_ONCE(x);
}

NEVER(r_mb, "R+mbs", "an overwritten store, and an old load, smp_mb()", check_r,
      { "first", store_x_mb_store_y }, { "second", store_two_mb_load_x });
