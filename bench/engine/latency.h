/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Samples of a latency. */
#ifndef FENCE_BENCH_LATENCY_H
#define FENCE_BENCH_LATENCY_H

struct lane;

/* The median latency in ns. @l has wake or pingpong. */
double latency_sample(struct lane *l, double seconds);

#endif
