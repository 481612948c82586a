/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The fence operations: functions of lanes. */
#ifndef FENCE_BENCH_FENCE_LANES_H
#define FENCE_BENCH_FENCE_LANES_H

#include "engine/lane.h"

/* create.c */
void fence_create_setup(struct lane *l);
void fence_create_before(struct lane *l);
void fence_create_after(struct lane *l, unsigned long ops);
void fence_create_teardown(struct lane *l);
uint64_t fence_create_signal_put(struct lane *l, unsigned long n);

/* basic.c; arg: fence_flavour, a mask. */
enum fence_flavour { FENCE_UNSIGNALLED, FENCE_SIGNALLED, FENCE_HAS_OP = 2 };
void fence_one_setup(struct lane *l);
void fence_one_teardown(struct lane *l);
uint64_t fence_get_put(struct lane *l, unsigned long n);
uint64_t fence_is_signaled(struct lane *l, unsigned long n);

/* callbacks.c; arg: callbacks on each fence. */
void fence_callbacks_setup(struct lane *l);
void fence_callbacks_teardown(struct lane *l);
uint64_t fence_signal(struct lane *l, unsigned long n);
uint64_t fence_add_callbacks(struct lane *l, unsigned long n);

/* wake.c */
extern const struct wake_ops fence_wait_wake, fence_poll_wake;
extern const struct wake_ops fence_any_wake;
void fence_wake_setup(struct lane *l);
void fence_wake_teardown(struct lane *l);
uint64_t fence_any_done(struct lane *l, unsigned long n);

/* driver.c */
void fence_driver_setup(struct lane *l);
void fence_driver_teardown(struct lane *l);
uint64_t fence_driver_create_signal(struct lane *l, unsigned long n);

/* sync.c */
uint64_t fence_signal_exported(struct lane *l, unsigned long n);
uint64_t fence_export(struct lane *l, unsigned long n);

/* containers.c; arg: the phase that is measured. */
#define NR_CONTAINED	1000
enum array_phase { ARRAY_CREATE, ARRAY_ENABLE, ARRAY_SIGNAL, ARRAY_RELEASE };
enum chain_phase {
	CHAIN_WALK, CHAIN_SIGNAL, CHAIN_SIGNAL_EACH, CHAIN_RELEASE,
};
void fence_contained_setup(struct lane *l);
void fence_contained_teardown(struct lane *l);
uint64_t fence_array(struct lane *l, unsigned long n);
uint64_t fence_chain(struct lane *l, unsigned long n);

/* several.c; arg: for fence_merge(), whose function is measured. */
enum merge_face { MERGE_PLAIN, MERGE_KERNEL };
void fence_several_setup(struct lane *l);
void fence_several_teardown(struct lane *l);
uint64_t fence_many_done(struct lane *l, unsigned long n);
uint64_t fence_merge(struct lane *l, unsigned long n);
uint64_t fence_deadline(struct lane *l, unsigned long n);

/* plain.c; arg: the operation. */
enum plain_op { PLAIN_CREATE, PLAIN_SHARE, PLAIN_WAIT, PLAIN_ATTACH, PLAIN_ANY };
void fence_plain_setup(struct lane *l);
void fence_plain_teardown(struct lane *l);
uint64_t fence_plain_c(struct lane *l, unsigned long n);
uint64_t fence_plain_cpp(struct lane *l, unsigned long n);

/* resv.c; arg: resv_readers, a mask. */
enum resv_readers { RESV_ITERATES = 1, RESV_TWO_READERS = 2 };
void fence_resv_setup(struct lane *l);
void fence_resv_teardown(struct lane *l);
void fence_resv_before(struct lane *l);
void fence_resv_after(struct lane *l, unsigned long ops);
uint64_t fence_resv_read(struct lane *l, unsigned long n);

#endif
