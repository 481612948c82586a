/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The strategies, for main.c. */
#ifndef LFX_SEARCH_H
#define LFX_SEARCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum strategy {
	/* Every schedule. */
	STRATEGY_DFS,
	/* One schedule for each order of dependent operations. */
	STRATEGY_DPOR,
	/* The same with at most some preemptions. */
	STRATEGY_BOUNDED,
	/* Random priorities that change at a few points. */
	STRATEGY_PCT,
	STRATEGY_RANDOM,
	STRATEGY_REPLAY,
};

struct decision {
	char kind;
	uint32_t at;
	int choice;
};

struct search_result {
	/* Since the last restart, and in all. */
	uint64_t executions, all_executions;
	/* Runs that were given up because they are like an earlier one. */
	uint64_t blocked;
	unsigned int restarts;
	bool complete, failed;
	double seconds, cpu_seconds;
	/* With options.classes: different partial orders, and a sum of them. */
	uint64_t classes, class_sum;
};

void search_with(enum strategy s, int preemption_bound, double limit,
		 uint64_t seed, struct search_result *r);
bool search_minimize(void);
void search_replay(void);
void search_print_schedule(FILE *file);
bool search_parse_schedule(const char *text);

#endif
