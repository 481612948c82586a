/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The limits and the peers: functions of lanes. They are compiled without the
 * library's headers, so that they do not depend on the code that they are
 * compared with.
 */
#ifndef FENCE_BENCH_LIMITS_H
#define FENCE_BENCH_LIMITS_H

#include "engine/lane.h"

/* basic.c */
uint64_t raw_load_test(struct lane *l, unsigned long n);
uint64_t raw_inc_dec(struct lane *l, unsigned long n);
uint64_t raw_four_rmw(struct lane *l, unsigned long n);
uint64_t raw_futex_mutex(struct lane *l, unsigned long n);
uint64_t raw_clock(struct lane *l, unsigned long n);
/* arg: bytes; 0: the size of a fence. */
uint64_t raw_malloc_free(struct lane *l, unsigned long n);
/* A futex with an absolute deadline, which passes. */
uint64_t raw_deadline(struct lane *l, unsigned long n);
/* arg: words, in as many objects. */
uint64_t raw_scan_objects(struct lane *l, unsigned long n);
/* arg: words. */
uint64_t raw_scan(struct lane *l, unsigned long n);

/* walk.c, far.c; arg: nodes. */
uint64_t raw_walk(struct lane *l, unsigned long n);
uint64_t raw_far_walk(struct lane *l, unsigned long n);
void raw_walk_setup(struct lane *l);
void raw_walk_teardown(struct lane *l);

/* sync.c */
uint64_t raw_pipe_write(struct lane *l, unsigned long n);
uint64_t raw_make_pipe(struct lane *l, unsigned long n);
uint64_t raw_eventfd_write(struct lane *l, unsigned long n);

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

/* wake.c; raw_waitv_setup() is for peer_waitv_wake. */
extern const struct wake_ops raw_flag_wake, raw_futex_wake;
extern const struct wake_ops peer_cond_wake, peer_eventfd_wake;
extern const struct wake_ops peer_waitv_wake, peer_poll_wake;
void raw_wake_setup(struct lane *l);
void raw_waitv_setup(struct lane *l);
void raw_wake_teardown(struct lane *l);
/* The last of NR_ANY words, or descriptors, ends the wait at once. */
uint64_t peer_waitv_done(struct lane *l, unsigned long n);
uint64_t peer_poll_done(struct lane *l, unsigned long n);

#endif
