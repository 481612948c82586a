/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Scenarios made from a list of operations:
 *
 *	programs.c	which programs there are, and their names
 *	model.c		a run of a program, and its history
 *	alone.c		the calls made by one thread, if there is no model
 *	linear.c	is there an order that explains the results?
 *	history.c	a history in words, and why no order explains it
 */
#ifndef LFX_PLAN_H
#define LFX_PLAN_H

#include <stdio.h>

#include "../model.h"
#include "engine.h"

#define PLAN_THREADS	3
#define PLAN_LENGTH	4
#define PLAN_CALLS	(PLAN_THREADS * PLAN_LENGTH)
#define PLAN_NAME	256

struct call {
	const struct lfx_operation *op;
	int arg;
};

/* A program. The rest of the engine sees its scenario only. */
struct plan {
	struct lfx_scenario scenario;
	const struct lfx_model *model;
	unsigned int nr_threads, nr_calls[PLAN_THREADS];
	struct call calls[PLAN_THREADS][PLAN_LENGTH];
	char name[PLAN_NAME];
};

/* The begin or the end of a call, in a run. */
struct moment {
	/* Its place in the order of all. */
	unsigned int nr;
	/* The events of reduce.c that are before it. */
	struct clock events;
};

struct record {
	bool begun, ended;
	int result;
	struct moment begin, end;
};

/* The results of a run. Threads and calls are counted from 0. */
struct history_of_run {
	struct record record[PLAN_THREADS][PLAN_LENGTH];
	unsigned int nr_moments;
	/* No thread could go on: there are calls that have not ended. */
	bool blocked;
	/* Time has passed, which is no event: earlier ones are before it. */
	bool time_passed;
	/* If the threads have ended, what was seen at the end. */
	unsigned int nr_final;
	int final[LFX_ARGS];
};

/* A state of the model, or a node of alone.c. */
struct model_state {
	char bytes[LFX_STATE_SIZE] __attribute__((__aligned__(16)));
};

enum culprit {
	NO_CULPRIT,
	/* The result of a call, or that of .final. */
	CULPRIT_RESULT,
	CULPRIT_FINAL,
	/* A call waits that does not in the model. */
	CULPRIT_BLOCKED,
};

/* The begins and ends of the calls in an order that no order of calls explains. */
struct refutation {
	enum culprit culprit;
	unsigned int thread, call;
	/* It is the order of the run, or one with the same order of dependent steps. */
	bool is_of_run;
	unsigned int nr;
	/* Threads: the first entry of one is the begin of its first call. */
	uint8_t order[2 * PLAN_CALLS];
};

/* programs.c */
/* @program gets a list with the programs of its models. False: a wrong name. */
bool plans_make(int argc, char **argv, unsigned int nr, uint64_t seed);
/* The program of the scenario, or NULL. */
struct plan *plan_of(const struct lfx_scenario *s);
/* The program without a call; NULL if the operations do not allow that. */
struct plan *plan_without(const struct plan *p, unsigned int thread,
			  unsigned int call);
/* "add(1)" */
const char *call_text(const struct call *c, char *buf, size_t size);

/* model.c */
/* The next runs are those of @s. */
void model_begin(const struct lfx_scenario *s);
/* No thread can run: the model allows it, and the run ends. */
bool model_may_block(void);
void model_time_passes(void);
/* The failure of the last run: its history in words, or NULL. To be freed. */
char *model_history(void);
/* The calls of the last run began and ended in the order that was found. */
bool model_is_exact(void);
/* From now on, only the order of the run is looked at. */
void model_set_exact(bool only);
/* Plan threads and scenario functions. */
void model_fill_scenario(struct plan *p);
/* The state that the calls begin with. */
void model_first_state(struct model_state *s);
/*
 * The next call of @thread in this state, which is changed. Returns the result, or
 * LFX_BLOCKS, and then nothing has changed.
 */
int model_call(struct model_state *s, unsigned int thread, unsigned int call);
bool model_step(struct model_state *s, unsigned int nr);
unsigned int model_nr_steps(void);
int model_final(const struct model_state *s, unsigned int nr);
unsigned int model_nr_final(void);

/* alone.c */
/* Try all orders of the calls. The result is the text of a failure, or NULL. */
const char *alone_begin(const struct plan *p, const char **kind);
int alone_call(uint32_t *node, unsigned int thread);
int alone_final(uint32_t node, unsigned int nr);
/* A call waits, made by one thread. */
bool alone_blocks(void);
/* The thread whose call it is, counted from 1; or 0. */
int alone_caller(void);

/* linear.c */
void linear_begin(void);
/* @exact: look only at the order of the begins and ends in the run. */
bool linear_check(const struct plan *p, const struct history_of_run *h,
		  struct refutation *r, bool exact);

/* history.c */
void history_print(FILE *f, const struct plan *p,
		   const struct history_of_run *h, const struct refutation *r);

#endif
