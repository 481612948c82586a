/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the fence-*.c files share; the library's headers come before it. */
#ifndef FENCE_BENCH_FENCE_H
#define FENCE_BENCH_FENCE_H

#include <stdio.h>
#include <stdlib.h>

#include "lanes.h"

/* Names only. */
extern const struct dma_fence_ops bench_fence_ops;

/* One reference is left, and it is (un)signalled, as it should be. */
void check_fence(struct lane *l, struct dma_fence *f, bool signalled);

#endif
