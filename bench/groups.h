/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The groups: which lanes are measured, and which are compared. */
#ifndef FENCE_BENCH_GROUPS_H
#define FENCE_BENCH_GROUPS_H

#include <stddef.h>

struct group;

extern struct group *const groups[];
extern const size_t nr_groups;

#endif
