/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * How fast the explorer is: executions of a scenario for each second of CPU time. It is
 * another program, which the build may not have.
 */
#ifndef FENCE_BENCH_EXPLORER_H
#define FENCE_BENCH_EXPLORER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/stats.h"

struct explorer_row {
	/* "explorer/fibers/signal-wait" */
	const char *name;
	/* The kind of its threads: that of the program, too. */
	const char *threads, *scenario;
	/* So many were agreed on. */
	double target;

	bool selected;
	/* Why it did not run, or NULL. */
	const char *not_run;
	/* Searches in a sample, and executions a CPU second of each sample. */
	unsigned long searches;
	struct series values;
};

extern struct explorer_row explorer_rows[];
extern const size_t nr_explorer_rows;

/* Measures the rows that are selected. */
void run_explorer(void);

#endif
