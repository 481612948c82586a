/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Measuring groups of lanes. */
#ifndef FENCE_BENCH_RUN_H
#define FENCE_BENCH_RUN_H

/* Measures the selected groups of bench.groups. */
void run_groups(void);

#endif
