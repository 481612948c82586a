/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The strategies. */
#ifndef LFX_SEARCH_H
#define LFX_SEARCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine.h"

#define MAX_NODES	20000

enum node_kind {
	NODE_THREAD,
	NODE_CHOICE,
	/* Which store a load returns: see weak.c. */
	NODE_READ,
	/* Does a busy-wait loop take its last turns at once: see loop.c. */
	NODE_LOOP,
};

/* Their letters in a schedule. */
#define KINDS		"scrl"

/* A decision of the running execution. */
struct node {
	enum node_kind kind;
	uint32_t step;
	/* Bits of threads, or of choices. */
	uint32_t enabled, done, backtrack, sleep;
	uint8_t chosen, fallback;
	/* The thread that ran; or the number of the choice. */
	uint16_t current;
	bool current_enabled;
	unsigned int preemptions;
	/* See shard.c: in a prefix, and the number of choices up to this one. */
	bool in_prefix;
	uint16_t choices;
	/* The next op of each thread, and its effect if it is done here. */
	uint16_t location[LFX_THREADS];
	uint8_t effect[LFX_THREADS];
};

struct node *search_node(unsigned int nr);

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
	/* Runs of other shards. */
	uint64_t skipped;
	/* After so many since the last restart there was something to learn; or 0. */
	uint64_t learned_at;
	unsigned int restarts;
	bool complete, failed;
	double seconds, cpu_seconds;
	/* With options.classes: different partial orders, and a sum of them. */
	uint64_t classes, class_sum;
	/* The sum over all runs. */
	uint64_t order_sum;
};

/* Questions of a run. */

unsigned int search_depth(void);
/* Which thread runs next? A number, or -1: nothing new can come of this run. */
int search_pick(uint32_t enabled);
/* The age of the store that a load returns: 0, ..., @n - 1. */
unsigned int search_read(unsigned int n);
/* A choice of the explorer, not of the scenario: 0 to @n - 1. */
unsigned int search_choose(unsigned int n);
bool search_leaves_loop(void);
bool search_is_replay(void);
/* It goes through all schedules, without chance. */
bool search_is_tree(void);
bool search_reduces(void);
bool search_is_bounded(void);

/* For main.c. */

void search_with(enum strategy s, int preemption_bound, double limit,
		 uint64_t seed, struct search_result *r);
bool search_minimize(void);
void search_replay(void);
/* One run, in which nothing is chosen. */
void search_alone(void);
void search_print_schedule(FILE *file);
bool search_parse_schedule(const char *text);
/* In schedule.c: the text of decisions. False: it is no schedule of at most @max. */
void schedule_print(FILE *file, const struct decision *d, unsigned int nr);
bool schedule_parse(const char *text, struct decision *d, unsigned int *nr,
		    unsigned int max);
/* After a replay: NULL, or what is wrong with its schedule, in words. */
const char *search_wrong_schedule(void);

/* For shard.c: single runs. */
void search_set_strategy(enum strategy s);
/* The next run is the first one of the tree. */
void search_restart(void);
void search_run(void);
/* Go to the next schedule of the tree. False: there is none. */
bool search_next(void);
/* A run with random priorities, which depend on the two numbers only. */
void search_run_by_chance(uint64_t seed, uint64_t nr);

#endif
