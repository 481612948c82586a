/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The results of a scenario, and how they are printed. */
#ifndef LFX_REPORT_H
#define LFX_REPORT_H

#include <stdio.h>

#include "../model.h"
#include "engine.h"
#include "search.h"

/* The extent that a search has reached. */
struct verdict {
	struct search_result result;
	enum strategy strategy;
	int bound;
	/* The number of the last run before. */
	uint32_t last_run;
	bool minimized;
	/* The search without a bound has had half of @limit seconds, too few. */
	bool is_cut;
	double limit;
	struct search_result unbounded;
};

/* Options, set by main.c. */
struct output {
	bool json, quiet, tap;
	/* A file name, or NULL. */
	const char *html;
	/* In words. */
	const char *options;
};

extern struct output output;

/* For json.c and html.c. */
struct report {
	const struct lfx_scenario *scenario;
	/* In words: "all 12 interleavings". */
	const char *verdict, *strategy;
	/* The most preemptions; -1: any. */
	int bound;
	uint64_t executions, blocked;
	/* Of all strategies that were tried. */
	uint64_t runs;
	/* The number of the last run before. */
	uint32_t last_run;
	double seconds;
	/* NULL for a replay. */
	const struct search_result *result;
	/* The search without a bound, if it was cut; or NULL. */
	const struct search_result *unbounded;
	/* The schedule of the failure; view_make() has been called. */
	bool has_trace;
	const char *replay;
};

/* All programs of a model. */
struct model_sum {
	unsigned int programs, bounded, sampled;
	/* Those of the programs that are neither bounded nor sampled. */
	uint64_t interleavings;
	uint64_t executions;
	double seconds, cpu_seconds;
	/* The number of the last run before. */
	uint32_t last_run;
};

/*
 * The kind of failure that has to be found: as the list says, else the scenario;
 * or NULL.
 */
const char *expected_failure(const struct lfx_scenario *s);

/* A model none of whose programs has failed. */
void report_model(const struct lfx_model *m, const struct model_sum *sum,
		  bool *good);
/* Both return false if a file cannot be written. @good: as the scenario says. */
bool report_search(const struct lfx_scenario *s, struct verdict *v, bool *good);
bool report_replay(const struct lfx_scenario *s);
/* At the end of all searches: is the page missing? */
void report_no_html(void);

void json_print(FILE *f, const struct report *r);
/* Returns false if the file cannot be written. */
bool html_write(const char *file, const struct report *r);

#endif
