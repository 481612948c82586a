/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Samples of a rate. */
#ifndef FENCE_BENCH_RATE_H
#define FENCE_BENCH_RATE_H

struct lane;

/* Chooses how many operations a slice of @l has. Comes before rate_sample(). */
void rate_calibrate(struct lane *l);
/* The ns of an operation, without the cost of the loop. */
double rate_sample(struct lane *l, double seconds);

#endif
