/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Scenarios that the explorer makes from a list of operations, and checks against a
 * model; see docs/explore-models.md.
 *
 *	LFX_MODEL(counter) = {
 *		.name = "model-counter",
 *		.what = "a counter that starts at 0",
 *		.setup = make_counter,
 *		.operations = {
 *			{ "add", do_add, model_add, .args = 2 },
 *			{ "get", do_get, model_get, .reads = true },
 *		},
 *		.cleanup = free_counter,
 *		.state_size = sizeof(struct counter_model),
 *	};
 *
 * A program is a scenario of two or three threads with up to four calls of these
 * operations each. Its name is its text: "model-counter:add.1,get+add.0,add.1" has two
 * threads. In every interleaving, there has to be an order of the calls in which the
 * model has the same results. A call that returned before another one began comes
 * first in it.
 */
#ifndef LFX_MODEL_H
#define LFX_MODEL_H

#include "explore.h"

#define LFX_OPERATIONS		16
#define LFX_STEPS		4
/* The most bytes of the state of a model, and arguments of an operation. */
#define LFX_STATE_SIZE		64
#define LFX_ARGS		8

/* The result of a model's operation that waits in this state. */
#define LFX_BLOCKS		(-0x7fffffff - 1)

struct lfx_operation {
	const char *name;
	/* A call in a thread of the program. The results are compared. */
	int (*run)(int arg);
	/* The same on the state of the model. */
	int (*model)(void *state, int arg);
	/* The arguments are 0, ..., args - 1. 0: it is called with 0 only. */
	unsigned int args;
	/* A thread may be left waiting in it, if the model says LFX_BLOCKS. */
	bool may_block;
	/* It changes nothing. A program has at least one call that does. */
	bool reads;
	/* With each argument, at most once in a program. */
	bool once;
	/* All calls in a program are in the same thread. */
	bool one_thread;
	/*
	 * NULL, or an operation: each call needs one of those of its own, before it,
	 * in the same thread and with the same argument.
	 */
	const char *after;
};

/*
 * The model may take this step at any time: for the work of the code in other
 * threads, such as those of a work queue. False: it cannot in this state, which is
 * then not changed. At the end of a run, no step can be taken any more.
 */
struct lfx_step {
	const char *name;
	bool (*model)(void *state);
};

struct lfx_model {
	const char *name;
	/* One line: the object. */
	const char *what;
	/* Runs alone, before the calls. May be NULL. */
	void (*setup)(void);
	/* The first one without a name ends the list. */
	struct lfx_operation operations[LFX_OPERATIONS];
	struct lfx_step steps[LFX_STEPS];
	/* The state that is seen at the end, with each argument. It may have no name. */
	struct lfx_operation final;
	/* Runs alone, after that. May be NULL. */
	void (*cleanup)(void);
	/*
	 * The state: plain bytes, which are copied and compared, so no pointers. It
	 * begins with zeroes, which init() may change, if that is not NULL.
	 * 0: there is no model. The calls, made by one thread in each order, say
	 * what the results are.
	 */
	size_t state_size;
	void (*init)(void *state);
	/* NULL, or a program that is tried first: "add.1,get+get". */
	const char *first;
	/* How many programs are made, besides those of two calls. 0: 60. */
	unsigned int programs;
	/* As in a scenario. With .fails, the first program that fails is enough. */
	const char *fails;
	bool may_leak;
	unsigned int stale;
	bool lkmm;
};

/* An entry of the list of the models of a program. */
struct lfx_listed_model {
	const struct lfx_model *model;
	const char *file;
	struct lfx_order order;
};

/* @ident may be the name of a function, too. */
#define LFX_MODEL(ident)						\
	static const struct lfx_model lfx_model_##ident;		\
	static const struct lfx_listed_model lfx_listed_model_##ident	\
		LFX_ENTRY("lfx_models") =				\
			{ &lfx_model_##ident, __FILE__, LFX_ORDER };	\
	static const struct lfx_model lfx_model_##ident

#pragma GCC visibility push(default)

/*
 * The number of the thread of a call: 1, 2 or 3. Unlike lfx_self(), also if one
 * thread makes the calls of all.
 */
int lfx_caller(void);

#pragma GCC visibility pop

#endif
