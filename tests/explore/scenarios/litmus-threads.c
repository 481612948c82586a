// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Litmus tests of three and four threads: see litmus.c. */
#include "litmus.h"

#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);

static void store_x(void)
{
	WRITE_ONCE(x, 1);
}

static void store_y(void)
{
	WRITE_ONCE(y, 1);
}

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

static void load_x_mb_load_y(void)
{
	REGISTER(0) = READ_ONCE(x);
	smp_mb();
	REGISTER(1) = READ_ONCE(y);
}

static void load_y_mb_load_x(void)
{
	REGISTER(0) = READ_ONCE(y);
	smp_mb();
	REGISTER(1) = READ_ONCE(x);
}

static void load_x_load_y(void)
{
	REGISTER(0) = READ_ONCE(x);
	REGISTER(1) = READ_ONCE(y);
}

/* Independent reads of independent writes */

static void check_iriw(void)
{
	lfx_assert(!(r[3][0] == 1 && r[3][1] == 0 &&
		     r[4][0] == 1 && r[4][1] == 0));
}

SOMETIMES(iriw, "IRIW", "two readers see two stores in different orders",
	  check_iriw, { "writer x", store_x }, { "writer y", store_y },
	  { "reader x", load_x_load_y }, { "reader y", load_y_load_x });
NEVER(iriw_mb, "IRIW+mbs",
      "two readers see two stores in different orders, smp_mb()",
      check_iriw, { "writer x", store_x }, { "writer y", store_y },
      { "reader x", load_x_mb_load_y }, { "reader y", load_y_mb_load_x });

/* WRC: a store that a thread has loaded is before its own store. */

static void load_x_store_y(void)
{
	REGISTER(0) = READ_ONCE(x);
	WRITE_ONCE(y, 1);
}

static void load_x_release_y(void)
{
	REGISTER(0) = READ_ONCE(x);
	smp_store_release(&y, 1);
}

static void check_wrc(void)
{
	lfx_assert(!(r[2][0] == 1 && r[3][0] == 1 && r[3][1] == 0));
}

SOMETIMES(wrc, "WRC", "a store that another thread has seen", check_wrc,
	  { "writer", store_x }, { "middle", load_x_store_y },
	  { "reader", load_y_load_x });
NEVER(wrc_release, "WRC+release+rmb",
      "a store that another thread has seen, release and smp_rmb()", check_wrc,
      { "writer", store_x }, { "middle", load_x_release_y },
      { "reader", load_y_rmb_load_x });

/* ISA2: message passing in two steps. */

static void load_y_store_z(void)
{
	REGISTER(0) = READ_ONCE(y);
	WRITE_ONCE(z, 1);
}

static void acquire_y_release_z(void)
{
	REGISTER(0) = smp_load_acquire(&y);
	smp_store_release(&z, 1);
}

static void lock_load_y_store_z(void)
{
	spin_lock(&lock);
	REGISTER(0) = READ_ONCE(y);
	WRITE_ONCE(z, 1);
	spin_unlock(&lock);
}

static void lock_store_x_store_y(void)
{
	spin_lock(&lock);
	store_x_store_y();
	spin_unlock(&lock);
}

static void load_z_load_x(void)
{
	REGISTER(0) = READ_ONCE(z);
	REGISTER(1) = READ_ONCE(x);
}

static void acquire_z_load_x(void)
{
	REGISTER(0) = smp_load_acquire(&z);
	REGISTER(1) = READ_ONCE(x);
}

static void load_z_mb_load_x(void)
{
	REGISTER(0) = READ_ONCE(z);
	smp_mb();
	REGISTER(1) = READ_ONCE(x);
}

SOMETIMES(isa2, "ISA2", "message passing in two steps", check_wrc,
	  { "writer", store_x_store_y }, { "middle", load_y_store_z },
	  { "reader", load_z_load_x });
NEVER(isa2_rel_acq, "ISA2+release+acquire",
      "message passing in two steps, release and acquire", check_wrc,
      { "writer", store_x_release_y }, { "middle", acquire_y_release_z },
      { "reader", acquire_z_load_x });
NEVER(isa2_locks, "ISA2+locks+mb",
      "message passing in two steps, the first under a lock", check_wrc,
      { "writer", lock_store_x_store_y }, { "middle", lock_load_y_store_z },
      { "reader", load_z_mb_load_x });

/* Z6.0: as ISA2, but the last thread stores over the message. */

static void lock_mb_load_y_store_z(void)
{
	spin_lock(&lock);
	/* As smp_mb__after_spinlock(). */
	smp_mb();
	REGISTER(0) = READ_ONCE(y);
	WRITE_ONCE(z, 1);
	spin_unlock(&lock);
}

static void store_z_mb_load_x(void)
{
	WRITE_ONCE(z, 2);
	smp_mb();
	REGISTER(0) = READ_ONCE(x);
}

static void check_z6(void)
{
	lfx_assert(!(r[2][0] == 1 && z == 2 && r[3][0] == 0));
}

SOMETIMES(z6_rel_acq, "Z6.0+release+acquire+mb",
	  "an overwritten message, release and acquire", check_z6,
	  { "writer", store_x_release_y }, { "middle", acquire_y_release_z },
	  { "last", store_z_mb_load_x });
SOMETIMES(z6_locks, "Z6.0+locks+mb", "an overwritten message, locks", check_z6,
	  { "writer", lock_store_x_store_y }, { "middle", lock_load_y_store_z },
	  { "last", store_z_mb_load_x });
NEVER(z6_locks_mb, "Z6.0+locks+mbs",
      "an overwritten message, locks and a barrier after the lock", check_z6,
      { "writer", lock_store_x_store_y }, { "middle", lock_mb_load_y_store_z },
      { "last", store_z_mb_load_x });

/* A release carries the stores that the thread has loaded, also without an acquire. */

static void load_y_release_z(void)
{
	REGISTER(0) = READ_ONCE(y);
	smp_store_release(&z, 1);
}

NEVER(isa2_cumulative, "ISA2+release+once+release",
      "message passing in two steps, the first load does not acquire",
      check_wrc, { "writer", store_x_release_y },
      { "middle", load_y_release_z }, { "reader", acquire_z_load_x });

/* A read-modify-write operation between a release and an acquire. */

static int message;

static void store_x_release_message(void)
{
	WRITE_ONCE(x, 1);
	smp_store_release(&message, 1);
}

static void update_message(void)
{
	REGISTER(0) = cmpxchg_relaxed(&message, 1, 2);
}

static void acquire_message_load_x(void)
{
	REGISTER(0) = smp_load_acquire(&message);
	REGISTER(1) = READ_ONCE(x);
}

static void check_release_sequence(void)
{
	lfx_assert(!(r[3][0] == 2 && r[3][1] == 0));
}

NEVER(mp_rmw, "MP+release+rmw+acquire",
      "message passing, the message is updated on its way",
      check_release_sequence, { "writer", store_x_release_message },
      { "middle", update_message }, { "reader", acquire_message_load_x });
