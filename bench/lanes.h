/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What there is to be measured. */
#ifndef FENCE_BENCH_LANES_H
#define FENCE_BENCH_LANES_H

#include "bench.h"

/* limits.c */
uint64_t raw_load_test(struct lane *l, unsigned long n);
uint64_t raw_inc_dec(struct lane *l, unsigned long n);
uint64_t raw_four_rmw(struct lane *l, unsigned long n);
uint64_t raw_futex_mutex(struct lane *l, unsigned long n);
uint64_t raw_clock(struct lane *l, unsigned long n);
/* arg: bytes; 0: as many as a fence has. */
uint64_t raw_malloc_free(struct lane *l, unsigned long n);
/* arg: nodes. */
uint64_t raw_walk(struct lane *l, unsigned long n);
uint64_t raw_far_walk(struct lane *l, unsigned long n);
void raw_walk_setup(struct lane *l);
void raw_walk_teardown(struct lane *l);
/* arg: words. */
uint64_t raw_scan(struct lane *l, unsigned long n);
long raw_futex(uint32_t *word, int op, uint32_t value);

/* peers.c */
uint64_t peer_mutex(struct lane *l, unsigned long n);
uint64_t peer_spin(struct lane *l, unsigned long n);
uint64_t peer_cond_create(struct lane *l, unsigned long n);
uint64_t peer_cond_signal(struct lane *l, unsigned long n);
uint64_t peer_cond_poll(struct lane *l, unsigned long n);
void peer_eventfd_setup(struct lane *l);
void peer_eventfd_teardown(struct lane *l);
uint64_t peer_eventfd_create(struct lane *l, unsigned long n);
uint64_t peer_eventfd_signal(struct lane *l, unsigned long n);
uint64_t peer_eventfd_poll(struct lane *l, unsigned long n);

/* raw-wake.c; each has its own setup and teardown. */
extern const struct wake_ops raw_flag_wake, raw_futex_wake;
extern const struct wake_ops peer_cond_wake, peer_eventfd_wake;
extern const struct wake_ops peer_waitv_wake, peer_poll_wake;
void raw_wake_setup(struct lane *l);
void raw_waitv_setup(struct lane *l);
void raw_wake_teardown(struct lane *l);
/* The last of 64 is there already. */
uint64_t peer_waitv_done(struct lane *l, unsigned long n);
uint64_t peer_poll_done(struct lane *l, unsigned long n);

/* fence-basic.c */
void fence_create_setup(struct lane *l);
void fence_create_before(struct lane *l);
void fence_create_after(struct lane *l, unsigned long ops);
void fence_create_teardown(struct lane *l);
uint64_t fence_create_signal_put(struct lane *l, unsigned long n);
/* arg: enum fence_flavour. */
enum fence_flavour { FENCE_UNSIGNALLED, FENCE_SIGNALLED, FENCE_HAS_OP = 2 };
void fence_one_setup(struct lane *l);
void fence_one_teardown(struct lane *l);
uint64_t fence_get_put(struct lane *l, unsigned long n);
uint64_t fence_is_signaled(struct lane *l, unsigned long n);

/* fence-callbacks.c; arg: callbacks on each fence. */
void fence_callbacks_setup(struct lane *l);
void fence_callbacks_teardown(struct lane *l);
uint64_t fence_signal(struct lane *l, unsigned long n);
uint64_t fence_add_callbacks(struct lane *l, unsigned long n);
/* How many fences, or lists, are on hand with so many callbacks on each. */
static inline unsigned long lists_of(unsigned long callbacks)
{
	return callbacks <= 1 ? 128 : callbacks <= 10 ? 32 :
	       callbacks <= 100 ? 8 : 1;
}

/* fence-wake.c */
extern const struct wake_ops fence_wait_wake, fence_poll_wake;
extern const struct wake_ops fence_any_wake;
void fence_wake_setup(struct lane *l);
void fence_wake_teardown(struct lane *l);
uint64_t fence_any_done(struct lane *l, unsigned long n);

/* fence-driver.c */
void fence_driver_setup(struct lane *l);
void fence_driver_teardown(struct lane *l);
uint64_t fence_driver_create_signal(struct lane *l, unsigned long n);

/* fence-sync.c, limits.c */
#define NR_EXPORTED	128
uint64_t fence_signal_exported(struct lane *l, unsigned long n);
uint64_t raw_send(struct lane *l, unsigned long n);
uint64_t raw_eventfd_write(struct lane *l, unsigned long n);

/* fence-containers.c; arg: the phase that is measured. */
#define NR_CONTAINED	1000
enum array_phase { ARRAY_CREATE, ARRAY_ENABLE, ARRAY_SIGNAL, ARRAY_RELEASE };
enum chain_phase {
	CHAIN_WALK, CHAIN_SIGNAL, CHAIN_SIGNAL_EACH, CHAIN_RELEASE,
};
void fence_contained_setup(struct lane *l);
void fence_contained_teardown(struct lane *l);
uint64_t fence_array(struct lane *l, unsigned long n);
uint64_t fence_chain(struct lane *l, unsigned long n);

/* fence-resv.c; arg: */
enum resv_readers { RESV_ITERATES = 1, RESV_TWO_READERS = 2 };
void fence_resv_setup(struct lane *l);
void fence_resv_teardown(struct lane *l);
void fence_resv_before(struct lane *l);
void fence_resv_after(struct lane *l, unsigned long ops);
uint64_t fence_resv_read(struct lane *l, unsigned long n);

/* How many fences a wait for any of several has. */
#define NR_ANY		64

#endif
