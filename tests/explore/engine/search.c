// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Runs of a scenario, one after the other, each with another schedule.
 *
 * A schedule is the list of the decisions that are not the default, by the number of
 * the step: "6s2" is "at step 6, thread 2 runs"; "1c2" is "choice 1 is 2"; "6r1" is
 * "the load at step 6 returns the store before the last one". Step numbers do not
 * depend on which memory is known to be shared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"
#include "loop.h"
#include "order.h"
#include "plan.h"
#include "search.h"
#include "shard.h"

#define MAX_SCHEDULE	4096
#define MAX_RESTARTS	500
#define MIN_LENGTH	64
#define MAX_CLASSES	(1u << 20)
#define MAX_EXACT	20000

static enum strategy strategy;
static int bound;
static struct node nodes[MAX_NODES];
static unsigned int nr_nodes, depth, preemptions, nr_choices;
static struct decision schedule[MAX_SCHEDULE];
static unsigned int nr_schedule, next_decision;
/* The first decision of a replay that cannot be made, or NULL. */
static const struct decision *impossible;
static uint64_t random_state;
/* PCT: at these points the running thread gets the lowest priority. */
static unsigned int change_points[16], nr_change_points, pct_points;
static unsigned int pct_length = MIN_LENGTH;
static bool pct_length_is_fixed;
static uint64_t *classes;

struct node *search_node(unsigned int nr)
{
	return &nodes[nr];
}

unsigned int search_depth(void)
{
	return depth;
}

bool search_reduces(void)
{
	return strategy == STRATEGY_DPOR || strategy == STRATEGY_BOUNDED;
}

bool search_is_replay(void)
{
	return strategy == STRATEGY_REPLAY;
}

bool search_is_tree(void)
{
	return search_reduces() || strategy == STRATEGY_DFS;
}

bool search_is_bounded(void)
{
	return strategy == STRATEGY_BOUNDED;
}

static uint64_t random_next(void)
{
	uint64_t x = random_state += 0x9e3779b97f4a7c15ull;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

/* Decisions */

static bool gives_way(const struct thread *t)
{
	return t->op.kind == OP_RELAX ||
	       (t->op.kind == OP_WAIT && !t->op.ready(t->op.arg));
}

/* The running thread goes on, or else the next one. */
static int default_thread(uint32_t enabled)
{
	int self = run.current->id, i, q;

	if ((enabled & 1u << self) && !gives_way(run.current))
		return self;
	for (i = 1; i <= LFX_THREADS; i++) {
		q = (self + i) % LFX_THREADS;
		if ((enabled & 1u << q) && !gives_way(&run.threads[q]))
			return q;
	}
	for (i = 1; i <= LFX_THREADS; i++) {
		q = (self + i) % LFX_THREADS;
		if (enabled & 1u << q)
			return q;
	}
	abort();
}

static void record(char kind, uint32_t at, int choice)
{
	if (nr_schedule < MAX_SCHEDULE)
		schedule[nr_schedule++] = (struct decision){ kind, at, choice };
}

/* The run has passed the place of the decision. */
static bool is_past(const struct decision *d, char kind, uint32_t at)
{
	if (d->kind == 'c')
		return kind == 'c' ? d->at < at : d->at <= nr_choices;
	/* A thread is chosen before it loads, and loads before its turn ends. */
	return d->at < run.step ||
	       (d->at == run.step && kind != 'c' &&
		strchr(KINDS, d->kind) < strchr(KINDS, kind));
}

static int replayed(char kind, uint32_t at, int fallback)
{
	const struct decision *d;

	while (next_decision < nr_schedule &&
	       is_past(&schedule[next_decision], kind, at))
		next_decision++;
	if (next_decision == nr_schedule)
		return fallback;
	d = &schedule[next_decision];
	if (d->kind != kind || d->at != at)
		return fallback;
	next_decision++;
	return d->choice;
}

/* The decision that was just found. */
static void note_impossible(void)
{
	if (!impossible)
		impossible = &schedule[next_decision - 1];
}

static void __attribute__((__noreturn__)) not_deterministic(void)
{
	fprintf(stderr, "explore: %s is not deterministic: step %u\n",
		run.scenario->name, run.step);
	fflush(NULL);
	_exit(3);
}

static struct node *new_node(enum node_kind kind)
{
	struct node *node;

	if (nr_nodes == MAX_NODES)
		fail("limit", 0, "more than %u decisions in a run", MAX_NODES);
	node = &nodes[nr_nodes++];
	depth++;
	memset(node, 0, sizeof(*node));
	node->kind = kind;
	node->step = run.step;
	node->preemptions = preemptions;
	return node;
}

/* The node of this decision in an earlier run with the same begin, or NULL. */
static struct node *known_node(enum node_kind kind, uint32_t enabled)
{
	struct node *node;

	if (depth == nr_nodes)
		return NULL;
	node = &nodes[depth++];
	if (node->kind != kind || node->step != run.step ||
	    node->enabled != enabled)
		not_deterministic();
	return node;
}

/* The op of @c was done at the node. Was the order with the op of @q of no matter? */
static bool are_independent(const struct node *node, int q, int c)
{
	if (!node->location[q] || node->location[q] != node->location[c])
		return true;
	if (effects_conflict(node->effect[q], node->effect[c]))
		return false;
	/* After the other one, a count may be closer to 0. */
	return node->effect[q] != OP_COUNT ||
	       op_effect(&run.threads[q]) == OP_COUNT;
}

/*
 * The threads whose next op need not be tried first here: it was tried first before
 * the op of the node above, and the two are independent.
 */
static uint32_t sleep_set(void)
{
	const struct node *up;
	uint32_t asleep, result = 0;
	unsigned int i = nr_nodes;
	int q, c;

	do {
		if (!i)
			return 0;
		up = &nodes[--i];
	} while (up->kind != NODE_THREAD);
	c = up->chosen;
	asleep = (up->sleep | up->done) & ~(1u << c);
	for (q = 0; q < LFX_THREADS; q++)
		if ((asleep & 1u << q) && are_independent(up, q, c))
			result |= 1u << q;
	return result;
}

static int pick_in_tree(uint32_t enabled)
{
	int self = run.current->id, fallback = default_thread(enabled), q;
	struct node *node = known_node(NODE_THREAD, enabled);
	uint32_t sleep;

	if (node)
		goto out;
	sleep = strategy == STRATEGY_DPOR ? sleep_set() : 0;
	/* An order that was tried before is no prefix. */
	if ((enabled & ~sleep) && shard_cuts())
		return -1;
	node = new_node(NODE_THREAD);
	node->enabled = enabled;
	node->current = self;
	node->current_enabled = (enabled & 1u << self) &&
				!gives_way(run.current);
	node->fallback = fallback;
	node->sleep = sleep;
	for (q = 0; q < (int)run.nr_threads; q++) {
		const struct thread *t = &run.threads[q];

		node->location[q] = t->used ? t->op.location : 0;
		node->effect[q] = node->location[q] ? op_effect(t) : 0;
	}
	if (sleep & 1u << fallback) {
		enabled &= ~sleep;
		if (!enabled) {
			nr_nodes--;
			depth--;
			return -1;
		}
		fallback = __builtin_ctz(enabled);
	}
	node->chosen = fallback;
	node->done = node->backtrack = 1u << fallback;
	shard_node(node, node->enabled & ~sleep);
out:
	run.in_prefix = node->in_prefix;
	if (node->current_enabled && node->chosen != self)
		preemptions++;
	return node->chosen;
}

static int pick_random(uint32_t enabled)
{
	int fallback = default_thread(enabled), q;

	do
		q = random_next() % LFX_THREADS;
	while (!(enabled & 1u << q));
	if (q != fallback)
		record('s', run.step, q);
	return q;
}

static int pick_by_priority(uint32_t enabled)
{
	int fallback = default_thread(enabled), q, best = -1;
	unsigned int i;

	pct_points++;
	for (i = 0; i < nr_change_points; i++)
		if (change_points[i] == pct_points)
			run.current->priority = -(int)i - 1;
	if (run.current->op.kind == OP_RELAX)
		run.current->priority = -100 - (int)pct_points;
	for (q = 0; q < LFX_THREADS; q++) {
		if (!(enabled & 1u << q))
			continue;
		/* The first point of a thread. */
		if (!run.threads[q].priority)
			run.threads[q].priority = 1 + random_next() % 65536;
		if (best < 0 ||
		    run.threads[q].priority > run.threads[best].priority)
			best = q;
	}
	if (best != fallback)
		record('s', run.step, best);
	return best;
}

static int pick_replayed(uint32_t enabled)
{
	int fallback = default_thread(enabled);
	int q = replayed('s', run.step, fallback);

	if (q >= 0 && q < LFX_THREADS && (enabled & 1u << q))
		return q;
	note_impossible();
	return fallback;
}

int search_pick(uint32_t enabled)
{
	switch (strategy) {
	case STRATEGY_RANDOM:
		return pick_random(enabled);
	case STRATEGY_PCT:
		return pick_by_priority(enabled);
	case STRATEGY_REPLAY:
		return pick_replayed(enabled);
	default:
		return pick_in_tree(enabled);
	}
}

/* One of @n: the first in the tree is 0. */
static unsigned int choose(enum node_kind kind, uint32_t at, unsigned int n)
{
	char letter = KINDS[kind];
	unsigned int chosen;
	struct node *node;

	switch (strategy) {
	case STRATEGY_REPLAY:
		chosen = replayed(letter, at, 0);
		if (chosen < n)
			return chosen;
		note_impossible();
		return 0;
	case STRATEGY_RANDOM:
	case STRATEGY_PCT:
		/* Most loads are not stale, and most loops wait. */
		if (kind != NODE_CHOICE && random_next() % 4)
			return 0;
		chosen = random_next() % n;
		if (chosen)
			record(letter, at, chosen);
		return chosen;
	default:
		node = known_node(kind, UINT32_MAX >> (32 - n));
		if (!node) {
			node = new_node(kind);
			node->enabled = UINT32_MAX >> (32 - n);
			node->backtrack = node->enabled;
			node->done = 1;
			node->current = at;
			shard_node(node, node->enabled);
		}
		return node->chosen;
	}
}

unsigned int search_choose(unsigned int n)
{
	return n < 2 ? 0 : choose(NODE_CHOICE, ++nr_choices, n);
}

unsigned int lfx_choose(unsigned int n)
{
	unsigned int chosen;

	if (!engine_on())
		return 0;
	if (n > 32)
		fail("limit", CALLER, "more than 32 choices");
	chosen = search_choose(n);
	trace_note(CALLER, "lfx_choose(%u) returns %u", n, chosen);
	return chosen;
}

unsigned int search_read(unsigned int n)
{
	/* The next turns of a loop find what the last one has found. */
	return run.current->is_quiet ? 0 : choose(NODE_READ, run.step, n);
}

bool search_leaves_loop(void)
{
	return choose(NODE_LOOP, run.step, 2);
}

bool lfx_allocation_fails(void)
{
	if (run.phase != PHASE_RUN || run.no_points ||
	    run.nr_failed == run.scenario->failing_allocations ||
	    !search_choose(2))
		return false;
	trace_note(CALLER, "the allocation fails");
	run.nr_failed++;
	return true;
}

bool lfx_signal_may_come(void)
{
	return run.phase == PHASE_RUN && !run.no_points &&
	       run.nr_signals < run.scenario->signals;
}

bool lfx_signal_comes(void)
{
	if (!lfx_signal_may_come() || !search_choose(2))
		return false;
	trace_note(CALLER, "a signal comes");
	run.nr_signals++;
	return true;
}

/* Runs */

static void run_once(void)
{
	depth = preemptions = nr_choices = next_decision = pct_points = 0;
	run.in_prefix = false;
	sched_run_scenario();
	/* Of this run, or of the runs with more points before it. */
	if (pct_points > pct_length && !pct_length_is_fixed)
		pct_length = pct_points;
}

static void begin_random_run(uint64_t seed, uint64_t nr)
{
	unsigned int i;

	random_state = seed * 0x2545f4914f6cdd1dull + nr;
	random_next();
	nr_schedule = 0;
	nr_change_points = 2;
	for (i = 0; i < nr_change_points; i++)
		change_points[i] = 1 + random_next() % pct_length;
}

static bool costs_too_much(const struct node *node, unsigned int c)
{
	return bound >= 0 && node->kind == NODE_THREAD &&
	       node->preemptions +
		       (node->current_enabled && c != node->current) >
		       (unsigned int)bound;
}

/* Go to the next schedule of the tree. False: there is none. */
static bool backtrack(void)
{
	while (nr_nodes) {
		struct node *node = &nodes[nr_nodes - 1];
		uint32_t left = node->enabled & ~node->done & ~node->sleep;
		unsigned int c;

		if (strategy != STRATEGY_DFS)
			left &= node->backtrack;
		for (c = 0; c < 32; c++) {
			if (!(left & 1u << c) || costs_too_much(node, c))
				continue;
			node->chosen = c;
			node->done |= 1u << c;
			return true;
		}
		nr_nodes--;
	}
	return false;
}

static void schedule_of_tree(void)
{
	unsigned int i;

	nr_schedule = 0;
	for (i = 0; i < nr_nodes; i++) {
		const struct node *node = &nodes[i];

		if (node->kind == NODE_THREAD && node->chosen != node->fallback)
			record('s', node->step, node->chosen);
		else if (node->kind != NODE_THREAD && node->chosen)
			record(KINDS[node->kind], node->kind == NODE_CHOICE ?
			       node->current : node->step, node->chosen);
	}
}

static void count_class(struct search_result *r)
{
	uint64_t h = run.hash | 1;
	size_t i = h % MAX_CLASSES;

	if (run.sleep_blocked)
		return;
	r->order_sum += h;
	if (!classes)
		classes = calloc(MAX_CLASSES, sizeof(*classes));
	if (!classes)
		abort();
	while (classes[i] && classes[i] != h)
		i = (i + 1) % MAX_CLASSES;
	if (classes[i])
		return;
	classes[i] = h;
	r->classes++;
	r->class_sum += h;
}

static void forget_classes(struct search_result *r)
{
	if (classes)
		memset(classes, 0, MAX_CLASSES * sizeof(*classes));
	r->classes = r->class_sum = r->order_sum = 0;
}

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/*
 * The search has to begin again, but not at once: the next runs may learn more. So it
 * takes at most twice as long as a search that knows all.
 */
static bool has_learned(struct search_result *r)
{
	/* The next run would not come to the same steps. */
	if (loops_learned())
		return true;
	if (!memory_learned() || r->restarts == MAX_RESTARTS)
		return false;
	if (!r->learned_at)
		r->learned_at = r->executions;
	return r->executions >= 2 * r->learned_at - 1;
}

static void learn_and_restart(struct search_result *r)
{
	bool early = memory_learned_early();

	memory_apply();
	nr_nodes = 0;
	r->restarts++;
	r->executions = r->blocked = r->skipped = r->learned_at = 0;
	forget_classes(r);
	shard_restart(early);
}

/*
 * A location that was not known to be shared has no past, so what its stores released was
 * lost: then a load may have returned a value that is too old. And the trial of a loop is
 * no decision, so the run cannot be repeated. The next search knows both.
 */
static bool fails_by_ignorance(const struct search_result *r)
{
	return run.failed && (loops_learned() ||
			      (options.stale && memory_learned() &&
			       r->restarts < MAX_RESTARTS));
}

/* In a shard, the runs with a number are those of a search that is not shared. */
static bool begin_shard(enum strategy s, bool tree, uint64_t *runs)
{
	if (!shard.of)
		return true;
	pct_length = MIN_LENGTH;
	pct_length_is_fixed = false;
	if (!shard_begin(s, runs))
		return false;
	pct_length_is_fixed = !tree;
	return true;
}

/* All runs of one strategy. */
void search_with(enum strategy s, int preemption_bound, double limit,
		 uint64_t seed, struct search_result *r)
{
	double begin = seconds(CLOCK_MONOTONIC);
	double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	bool tree = s != STRATEGY_PCT && s != STRATEGY_RANDOM, skipped;

	strategy = s;
	bound = preemption_bound;
	nr_nodes = 0;
	memset(r, 0, sizeof(*r));
	forget_classes(r);
	if (!begin_shard(s, tree, &r->all_executions)) {
		/* Its schedule was recorded. */
		tree = false;
		goto out;
	}
	for (;;) {
		if (!tree && shard_run(r->all_executions) >= options.max_runs)
			break;
		if (!tree)
			begin_random_run(seed, shard_run(r->all_executions));
		run_once();
		r->executions++;
		r->all_executions++;
		skipped = tree && shard_skips();
		if (skipped) {
			r->skipped++;
			run.failed = false;
		} else {
			r->blocked += run.sleep_blocked;
		}
		if (fails_by_ignorance(r)) {
			run.failed = false;
			learn_and_restart(r);
			continue;
		}
		if (run.failed)
			break;
		if (options.classes && !skipped)
			count_class(r);
		if (has_learned(r)) {
			learn_and_restart(r);
		} else if (tree && !backtrack()) {
			if (!r->learned_at) {
				r->complete = !memory_learned();
				break;
			}
			learn_and_restart(r);
		}
		if (!(r->all_executions & 63) &&
		    seconds(CLOCK_MONOTONIC) - begin > limit)
			break;
	}
out:
	r->failed = run.failed;
	r->seconds = seconds(CLOCK_MONOTONIC) - begin;
	r->cpu_seconds = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	if (r->failed && tree)
		schedule_of_tree();
}

/* Single runs, for shard.c */

void search_set_strategy(enum strategy s)
{
	strategy = s;
}

void search_restart(void)
{
	nr_nodes = 0;
}

void search_run(void)
{
	run_once();
}

bool search_next(void)
{
	return backtrack();
}

void search_run_by_chance(uint64_t seed, uint64_t nr)
{
	strategy = STRATEGY_PCT;
	begin_random_run(seed, nr);
	run_once();
}

/* Replay */

static bool fails_again(const char *kind)
{
	strategy = STRATEGY_REPLAY;
	options.all_points = true;
	run_once();
	options.all_points = false;
	return run.failed && !strcmp(run.kind, kind);
}

/* Drop the decisions without which the run fails in the same way. */
static void shorten(const char *kind)
{
	struct decision d;
	unsigned int i;
	int pass;

	for (pass = 0; pass < 2; pass++)
		for (i = nr_schedule; i--;) {
			d = schedule[i];
			memmove(&schedule[i], &schedule[i + 1],
				(nr_schedule - i - 1) * sizeof(d));
			nr_schedule--;
			if (fails_again(kind))
				continue;
			memmove(&schedule[i + 1], &schedule[i],
				(nr_schedule - i) * sizeof(d));
			nr_schedule++;
			schedule[i] = d;
		}
}

void search_print_schedule(FILE *file)
{
	schedule_print(file, schedule, nr_schedule);
}

bool search_parse_schedule(const char *text)
{
	return schedule_parse(text, schedule, &nr_schedule, MAX_SCHEDULE);
}

const char *search_wrong_schedule(void)
{
	const struct decision *d = impossible;
	static char text[80];

	if (d && d->kind == 's') {
		snprintf(text, sizeof(text), "thread %d cannot run at step %u",
			 d->choice, d->at);
		return text;
	}
	if (d) {
		snprintf(text, sizeof(text), "%u%c%d is not possible", d->at,
			 d->kind, d->choice);
		return text;
	}
	return next_decision == nr_schedule ? NULL :
		"the run has ended before the last of these steps";
}

/*
 * The run has shown a fault that comes with another order of its calls: see model.c.
 * Look for a run that has this order itself.
 */
static void find_exact(const char *kind)
{
	struct decision found[MAX_SCHEDULE];
	unsigned int nr = nr_schedule, i;

	memcpy(found, schedule, sizeof(found));
	model_set_exact(true);
	options.all_points = true;
	for (i = 0; i < MAX_EXACT; i++) {
		strategy = i & 1 ? STRATEGY_RANDOM : STRATEGY_PCT;
		begin_random_run(1, i);
		run_once();
		if (run.failed && !strcmp(run.kind, kind))
			break;
	}
	options.all_points = false;
	if (i < MAX_EXACT && fails_again(kind))
		return;
	model_set_exact(false);
	memcpy(schedule, found, sizeof(found));
	nr_schedule = nr;
}

/* The last run has failed: find the shortest schedule that fails like it. */
bool search_minimize(void)
{
	char kind[sizeof(run.kind)];

	strcpy(kind, run.kind);
	if (!fails_again(kind))
		return false;
	if (model_is_exact())
		model_set_exact(true);
	else
		find_exact(kind);
	shorten(kind);
	return fails_again(kind);
}

void search_alone(void)
{
	strategy = STRATEGY_REPLAY;
	nr_schedule = 0;
	run_once();
}

/* Run the schedule once. */
void search_replay(void)
{
	strategy = STRATEGY_REPLAY;
	options.all_points = true;
	/* The first runs learn which memory is shared, for the trace. */
	run_once();
	memory_apply();
	run_once();
	memory_apply();
	options.tracing = options.watching = true;
	impossible = NULL;
	run_once();
	options.tracing = false;
	options.watching = options.weak;
	options.all_points = false;
}
