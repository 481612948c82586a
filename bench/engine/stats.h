/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Medians and percentiles. */
#ifndef FENCE_BENCH_STATS_H
#define FENCE_BENCH_STATS_H

#include <stddef.h>

/* A growing list of numbers. */
struct series {
	double *v;
	size_t n, room;
};

void series_add(struct series *s, double v);
/* Adds all numbers of @from. */
void series_append(struct series *s, const struct series *from);
void series_free(struct series *s);

/* These ignore values that are not a number; NAN if there are no others. */

/* 0 <= @p <= 1, interpolated. */
double series_percentile(const struct series *s, double p);
double series_median(const struct series *s);
double series_min(const struct series *s);
double series_max(const struct series *s);
/* The width of the middle half, in percent of the median. */
double series_spread(const struct series *s);

/* The mean of all; 0 of an empty series. */
double series_mean(const struct series *s);

#endif
