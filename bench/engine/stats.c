// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Medians and percentiles. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base.h"
#include "engine/stats.h"

void series_add(struct series *s, double v)
{
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->v = realloc(s->v, s->room * sizeof(*s->v));
		if (!s->v)
			die("out of memory");
	}
	s->v[s->n++] = v;
}

void series_append(struct series *s, const struct series *from)
{
	size_t i;

	for (i = 0; i < from->n; i++)
		series_add(s, from->v[i]);
}

void series_free(struct series *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}

static int series_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* A sorted copy without the values that are not a number. */
static struct series series_sorted(const struct series *s)
{
	struct series r = { 0 };
	size_t i;

	for (i = 0; i < s->n; i++)
		if (!isnan(s->v[i]))
			series_add(&r, s->v[i]);
	if (r.n)
		qsort(r.v, r.n, sizeof(*r.v), series_compare);
	return r;
}

static double series_at(const struct series *sorted, double p)
{
	double pos = p * (sorted->n - 1);
	size_t i = pos;

	if (!sorted->n)
		return NAN;
	if (i + 1 >= sorted->n)
		return sorted->v[sorted->n - 1];
	return sorted->v[i] + (pos - i) * (sorted->v[i + 1] - sorted->v[i]);
}

double series_percentile(const struct series *s, double p)
{
	struct series r = series_sorted(s);
	double v = series_at(&r, p);

	series_free(&r);
	return v;
}

double series_median(const struct series *s)
{
	return series_percentile(s, 0.5);
}

double series_min(const struct series *s)
{
	return series_percentile(s, 0);
}

double series_max(const struct series *s)
{
	return series_percentile(s, 1);
}

double series_spread(const struct series *s)
{
	struct series r = series_sorted(s);
	double width = series_at(&r, 0.75) - series_at(&r, 0.25);
	double spread = 100 * width / series_at(&r, 0.5);

	series_free(&r);
	return spread;
}

double series_mean(const struct series *s)
{
	double mean = 0;
	size_t i;

	for (i = 0; i < s->n; i++)
		mean += s->v[i] / s->n;
	return mean;
}
