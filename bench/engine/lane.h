/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A lane is one thing that is measured: a fence operation, a limit or a peer.
 * A group is a set of lanes that are measured in turn, repeat after repeat, so
 * that a disturbance of the machine affects all of them. A row is a line of the
 * result: a value and the limit that it is compared with. Each of the two is a
 * sum of lanes, which is calculated for each repeat.
 */
#ifndef FENCE_BENCH_LANE_H
#define FENCE_BENCH_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/stats.h"

enum lane_kind { LANE_FENCE, LANE_LIMIT, LANE_PEER };
enum lane_where { ON_FIRST_CPU, TWO_CPUS, ONE_CPU };

struct lane;

/*
 * One thread waits and another one wakes it, round after round. @i is the
 * number of the round. prepare(), wait() and check() run on the waiter; wake()
 * runs on the waker, after prepare(). check() says whether the wait ended as it
 * should.
 */
struct wake_ops {
	void (*prepare)(struct lane *l, unsigned int i);
	void (*wait)(struct lane *l, unsigned int i);
	void (*wake)(struct lane *l, unsigned int i);
	bool (*check)(struct lane *l, unsigned int i);
};

#define MAX_EXTRAS	4

struct extra {
	const char *name, *unit;
	double value;
};

struct lane {
	const char *name;
	enum lane_kind kind;
	enum lane_where where;

	/* Make and free the objects that the lane works on; optional. */
	void (*setup)(struct lane *l);
	void (*teardown)(struct lane *l);
	/* Called before and after each sample; optional. */
	void (*before)(struct lane *l);
	void (*after)(struct lane *l, unsigned long ops);

	/* A lane has either rate, wake or pingpong. */

	/*
	 * Does @n operations, a multiple of @chunk. Returns the ticks that they
	 * took, as a sum of span()s; work between the spans does not count.
	 */
	uint64_t (*rate)(struct lane *l, unsigned long n);
	unsigned long chunk;
	/* It needs time to settle: take the mean of long samples. */
	bool steady;

	/* Measures the time from the wake-up until the waiter runs. */
	const struct wake_ops *wake;
	/* The waiter is woken so long after it fell asleep, */
	long asleep_ns;
	/* or, if that is 0, so long after it said that it was going to wait. */
	long lead_ns;
	/* Measures how long a cache line takes to the other CPU and back. */
	bool pingpong;

	/* For the functions above. */
	int arg;
	void *state;

	/* Results. */
	bool needed;
	/* Set by setup() if this machine cannot do it. */
	const char *not_run;
	unsigned long n;
	/* One value for each repeat, NAN for a repeat that did not run. */
	struct series repeats;
	/* All latencies. */
	struct series samples;
	unsigned long taken, rejected, disturbed_repeats;
	struct extra extra[MAX_EXTRAS];
	unsigned int nr_extra;
};

struct term {
	struct lane *lane;
	double times;
};

struct row {
	const char *name, *what;
	struct term value[3];
	const char *limit_what;
	struct term limit[4];
	/* The ratio that was agreed on; 0 for none. */
	double target;

	bool selected;
	/* Why it did not run, or NULL. */
	const char *not_run;
	struct series values, limits, ratios;
};

struct group {
	const char *name;
	struct lane *lanes;
	size_t nr_lanes;
	struct row *rows;
	size_t nr_rows;
	/* Its share of the time. */
	double weight;
	bool selected;
};

#endif
