// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A program without a model: the calls, made by one thread in each order that the
 * threads of the program allow, say what the results are. The orders are a tree. A node
 * stands for the calls that were made, in their order. Nodes after which all is the same
 * become one: they are one state.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "search.h"

#define MAX_ALONE	(1u << 18)
#define TABLE_SIZE	(2 * MAX_ALONE)

struct node_alone {
	/* The node after the next call of each thread; 0: not known yet. */
	uint32_t next[PLAN_THREADS];
	int result[PLAN_THREADS];
	/* Bits of threads: the next call waits. */
	uint8_t blocked;
	/* All orders from here on were tried. */
	bool done;
	/* In all_final[], if there are no calls any more. */
	uint32_t final;
};

/* Hash tables of the known results. 0: none. */
static uint32_t *same_nodes, *same_finals;

static struct node_alone *nodes;
static uint32_t nr_nodes;
static int (*all_final)[LFX_ARGS];
static uint32_t nr_final;

/* The run that is made: where it is, the nodes above, and whose calls led here. */
static const struct plan *plan;
static uint32_t node, above[PLAN_CALLS];
static uint8_t by[PLAN_CALLS + 1];
static unsigned int depth, made[PLAN_THREADS];
/* The thread whose call is made, or -1. */
static int caller = -1;
static char failure[1200], failure_kind[40];

static void enter_next(int thread, int result)
{
	struct node_alone *n = &nodes[node];

	if (!n->next[thread]) {
		if (nr_nodes == MAX_ALONE)
			fail("limit", 0, "more than %u orders of the calls",
			     MAX_ALONE);
		memset(&nodes[nr_nodes], 0, sizeof(*nodes));
		n->result[thread] = result;
		n->next[thread] = nr_nodes++;
	} else if (n->result[thread] != result) {
		fail("model", 0, "alone, the results are not always the same");
	}
	by[depth] = thread;
	above[depth++] = node;
	node = n->next[thread];
	made[thread]++;
}

/* A thread whose next call was not tried here with all that follows; or -1. */
static int untried(uint32_t nr)
{
	const struct node_alone *n = &nodes[nr];
	unsigned int t;

	for (t = 0; t < plan->nr_threads; t++)
		if (made[t] < plan->nr_calls[t] && !(n->blocked & 1u << t) &&
		    !(n->next[t] && nodes[n->next[t]].done))
			return t;
	return -1;
}

static void make_calls(void)
{
	const struct call *c;
	int result;

	if (plan->model->setup)
		plan->model->setup();
	while ((caller = untried(node)) >= 0) {
		c = &plan->calls[caller][made[caller]];
		result = c->op->run(c->arg);
		enter_next(caller, result);
	}
}

static uint64_t hash_bytes(const void *p, size_t size)
{
	const unsigned char *c = p;
	uint64_t h = 14695981039346656037ull;

	while (size--)
		h = (h ^ *c++) * 1099511628211ull;
	return h ^ h >> 29;
}

/* The entry of @table that equals entry @nr of the list, which may be a new one. */
static uint32_t same_as(uint32_t *table, const void *list, size_t size,
			uint32_t nr)
{
	const char *entry = (const char *)list + nr * size;
	size_t i = hash_bytes(entry, size) % TABLE_SIZE;

	while (table[i] && memcmp((const char *)list + (table[i] - 1) * size,
				  entry, size))
		i = (i + 1) % TABLE_SIZE;
	if (!table[i])
		table[i] = nr + 1;
	return table[i] - 1;
}

/* The last run has come to an end: mark its events. */
static void go_up(void)
{
	while (untried(node) < 0) {
		uint32_t end = node;

		nodes[end].done = true;
		if (!depth)
			return;
		node = above[--depth];
		made[by[depth]]--;
		nodes[node].next[by[depth]] =
			same_as(same_nodes, nodes, sizeof(*nodes), end);
	}
}

static void look_at_end(void)
{
	const struct lfx_operation *op = &plan->model->final;
	unsigned int i;

	caller = -1;
	memset(all_final[nr_final], 0, sizeof(all_final[0]));
	for (i = 0; i < model_nr_final(); i++)
		all_final[nr_final][i] = op->run(i);
	nodes[node].final = same_as(same_finals, all_final,
				    sizeof(all_final[0]), nr_final);
	nr_final += nodes[node].final == nr_final;
	if (plan->model->cleanup)
		plan->model->cleanup();
}

static void note_failure(void)
{
	unsigned int nr[PLAN_THREADS] = { 0 }, i;
	size_t len;
	char buf[64];

	if (caller >= 0)
		by[depth++] = caller;
	len = snprintf(failure, sizeof(failure), "%.500s; one thread made the calls",
		       run.text);
	for (i = 0; i < depth && len < sizeof(failure); i++)
		len += snprintf(failure + len, sizeof(failure) - len, "%s %s",
				i ? "," : "",
				call_text(&plan->calls[by[i]][nr[by[i]]++], buf,
					  sizeof(buf)));
	snprintf(failure_kind, sizeof(failure_kind), "%s", run.kind);
}

const char *alone_begin(const struct plan *p, const char **kind)
{
	static struct lfx_scenario scenario;

	if (!nodes) {
		nodes = malloc(MAX_ALONE * sizeof(*nodes));
		all_final = malloc(MAX_ALONE * sizeof(*all_final));
		same_nodes = malloc(TABLE_SIZE * sizeof(*same_nodes));
		same_finals = malloc(TABLE_SIZE * sizeof(*same_finals));
		if (!nodes || !all_final || !same_nodes || !same_finals)
			abort();
	}
	memset(same_nodes, 0, TABLE_SIZE * sizeof(*same_nodes));
	memset(same_finals, 0, TABLE_SIZE * sizeof(*same_finals));
	plan = p;
	scenario = p->scenario;
	memset(scenario.threads, 0, sizeof(scenario.threads));
	scenario.setup = make_calls;
	run.scenario = &scenario;
	memset(&nodes[0], 0, sizeof(nodes[0]));
	nr_nodes = 1;
	nr_final = 0;
	*kind = failure_kind;
	do {
		node = depth = 0;
		memset(made, 0, sizeof(made));
		scenario.check = look_at_end;
		search_alone();
		if (run.failed) {
			note_failure();
			break;
		}
		go_up();
	} while (!nodes[0].done);
	plan = NULL;
	caller = -1;
	run.scenario = &p->scenario;
	return run.failed ? failure : NULL;
}

bool alone_blocks(void)
{
	if (!plan || caller < 0 || run.phase != PHASE_SETUP ||
	    !plan->calls[caller][made[caller]].op->may_block)
		return false;
	nodes[node].blocked |= 1u << caller;
	return true;
}

int alone_caller(void)
{
	return plan ? caller + 1 : 0;
}

int alone_call(uint32_t *nr, unsigned int thread)
{
	const struct node_alone *n = &nodes[*nr];

	if (n->blocked & 1u << thread)
		return LFX_BLOCKS;
	*nr = n->next[thread];
	return n->result[thread];
}

int alone_final(uint32_t nr, unsigned int i)
{
	return all_final[nodes[nr].final][i];
}
