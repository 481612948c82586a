// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Linearizability (Herlihy, Wing: "Linearizability: a correctness condition for
 * concurrent objects", 1990): is there an order of the calls in which the model has the
 * results of the run, and in which a call that ended before another one began comes
 * first?
 *
 * The begins and ends of the calls come one after the other. After each of them, this
 * file knows all states that the model can be in: which calls have taken effect, and the
 * bytes. A call takes effect between its begin and its end. If no state is left, no
 * order explains the results.
 *
 * The run is one of many that have the same order of dependent steps, hence the same
 * results, and other orders of begins and ends. There must be an order of the calls for
 * each of those. An end that can come comes at once: a later one allows more orders of
 * the calls, and no other begins. What is left to try is the order of the begins.
 */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

#define MAX_CONFIGS	1024
#define SEEN_BITS	12
#define NR_KNOWN	4096

/* A state, and the calls that have taken effect: bits. */
struct config {
	uint16_t effect;
	struct model_state state;
};

struct configs {
	unsigned int nr;
	struct config list[MAX_CONFIGS];
};

/* All that matters of a history. */
struct key {
	uint8_t ended[PLAN_THREADS], blocked;
	/*
	 * For each begin and end of a thread: how many begins and ends of each other
	 * thread are before it in all orders.
	 */
	uint8_t before[PLAN_THREADS][2 * PLAN_LENGTH][PLAN_THREADS];
	int result[PLAN_THREADS][PLAN_LENGTH];
	int final[LFX_ARGS];
};

static const struct plan *plan;
static const struct history_of_run *history;
static struct key key;
static struct refutation *refutation;
/* The configs after so many begins and ends. */
static struct configs sets[2 * PLAN_CALLS + 2];
/* The positions and configs that were looked at, as hashes. 0: none. */
static uint64_t seen[1u << SEEN_BITS];
static unsigned int nr_seen;
/* Histories that have an order. */
static struct key known[NR_KNOWN];
static bool is_known[NR_KNOWN];

static uint64_t hash_bytes(const void *p, size_t size)
{
	const unsigned char *c = p;
	uint64_t h = 14695981039346656037ull;

	while (size--)
		h = (h ^ *c++) * 1099511628211ull;
	return h ^ h >> 29;
}

static unsigned int bit_of(unsigned int thread, unsigned int call)
{
	return 1u << (thread * PLAN_LENGTH + call);
}

/* Sets of configs */

static void add_config(struct configs *set, unsigned int effect,
		       const struct model_state *state)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		if (set->list[i].effect == effect &&
		    !memcmp(&set->list[i].state, state, sizeof(*state)))
			return;
	if (set->nr == MAX_CONFIGS)
		fail("limit", 0, "the model has more than %u states",
		     MAX_CONFIGS);
	set->list[set->nr].effect = effect;
	set->list[set->nr++].state = *state;
}

/* The call takes effect in this config, if the model has its result. */
static void try_call(struct configs *set, unsigned int i, unsigned int t,
		     unsigned int call)
{
	struct model_state state = set->list[i].state;
	unsigned int effect = set->list[i].effect;

	if (effect & bit_of(t, call))
		return;
	if (model_call(&state, t, call) == history->record[t][call].result)
		add_config(set, effect | bit_of(t, call), &state);
}

static void try_steps(struct configs *set, unsigned int i)
{
	struct model_state state;
	unsigned int k;

	for (k = 0; k < model_nr_steps(); k++) {
		state = set->list[i].state;
		if (model_step(&state, k))
			add_config(set, set->list[i].effect, &state);
	}
}

/* Add the operations that need no other begin or end. @at: how many there were. */
static void close_set(struct configs *set, const uint8_t *at)
{
	unsigned int i, t;

	for (i = 0; i < set->nr; i++) {
		for (t = 0; t < plan->nr_threads; t++)
			if (at[t] & 1)
				try_call(set, i, t, at[t] / 2);
		try_steps(set, i);
	}
}

static bool keep_effective(struct configs *set, unsigned int bit)
{
	unsigned int i, kept = 0;

	for (i = 0; i < set->nr; i++)
		if (set->list[i].effect & bit)
			set->list[kept++] = set->list[i];
	set->nr = kept;
	return kept;
}

/* The end of the run */

static bool is_at_rest(const struct model_state *s)
{
	struct model_state state;
	unsigned int k;

	for (k = 0; k < model_nr_steps(); k++) {
		state = *s;
		if (model_step(&state, k))
			return false;
	}
	return true;
}

/* The calls that wait do so in the model. */
static bool blocks_too(const struct model_state *s)
{
	struct model_state state;
	unsigned int t;

	for (t = 0; t < plan->nr_threads; t++) {
		if (key.ended[t] == plan->nr_calls[t])
			continue;
		state = *s;
		if (model_call(&state, t, key.ended[t]) != LFX_BLOCKS) {
			refutation->thread = t;
			refutation->call = key.ended[t];
			return false;
		}
	}
	return true;
}

static bool final_fits(const struct model_state *s, unsigned int *furthest)
{
	unsigned int i;

	for (i = 0; i < history->nr_final; i++)
		if (model_final(s, i) != history->final[i])
			break;
	if (*furthest < i)
		*furthest = i;
	return i == history->nr_final;
}

static bool check_end(struct configs *set)
{
	static const uint8_t none[PLAN_THREADS];
	unsigned int i, furthest = 0;

	close_set(set, none);
	for (i = 0; i < set->nr; i++) {
		const struct model_state *s = &set->list[i].state;

		if (!is_at_rest(s))
			continue;
		if (history->blocked ? blocks_too(s) : final_fits(s, &furthest))
			return true;
	}
	refutation->culprit = CULPRIT_BLOCKED;
	if (!history->blocked) {
		refutation->culprit = CULPRIT_FINAL;
		refutation->call = furthest;
	}
	return false;
}

/* Orders of begins and ends */

static bool is_at_end(const uint8_t *at)
{
	unsigned int t;

	for (t = 0; t < plan->nr_threads; t++)
		if (at[t] < 2 * key.ended[t])
			return false;
	return true;
}

/* The next begin or end of @t can come now. */
static bool can_come(const uint8_t *at, unsigned int t)
{
	unsigned int u;

	if (at[t] == 2 * key.ended[t])
		return false;
	for (u = 0; u < plan->nr_threads; u++)
		if (u != t && at[u] < key.before[t][at[t]][u])
			return false;
	return true;
}

/* It comes: sets[@nr + 1] is made of sets[@nr]. False: nothing is left. */
static bool come(uint8_t *at, unsigned int t, unsigned int nr)
{
	struct configs *set = &sets[nr + 1];

	set->nr = sets[nr].nr;
	memcpy(set->list, sets[nr].list, set->nr * sizeof(set->list[0]));
	refutation->order[nr] = t;
	refutation->nr = nr + 1;
	if (!(at[t] & 1)) {
		at[t]++;
		return true;
	}
	close_set(set, at);
	if (!keep_effective(set, bit_of(t, at[t] / 2))) {
		refutation->culprit = CULPRIT_RESULT;
		refutation->thread = t;
		refutation->call = at[t] / 2;
		at[t]++;
		return false;
	}
	at[t]++;
	return true;
}

static bool was_seen(const uint8_t *at, const struct configs *set)
{
	uint64_t h = hash_bytes(at, PLAN_THREADS);
	unsigned int i;
	size_t k;

	for (i = 0; i < set->nr; i++)
		h += (hash_bytes(&set->list[i].state,
				 sizeof(set->list[i].state)) |
		      1) * (2 * set->list[i].effect + 1);
	h |= 1;
	for (k = h >> (64 - SEEN_BITS); seen[k]; k = (k + 1) % ARRAY_SIZE(seen))
		if (seen[k] == h)
			return true;
	if (nr_seen < ARRAY_SIZE(seen) / 2) {
		seen[k] = h;
		nr_seen++;
	}
	return false;
}

static bool check_from(const uint8_t *position, unsigned int nr)
{
	uint8_t at[PLAN_THREADS];
	unsigned int t;

	memcpy(at, position, sizeof(at));
	for (t = 0; t < plan->nr_threads; t++)
		if ((at[t] & 1) && can_come(at, t))
			return come(at, t, nr) && check_from(at, nr + 1);
	if (is_at_end(at))
		return check_end(&sets[nr]);
	if (was_seen(at, &sets[nr]))
		return true;
	for (t = 0; t < plan->nr_threads; t++) {
		if (!can_come(at, t))
			continue;
		if (!come(at, t, nr) || !check_from(at, nr + 1))
			return false;
		memcpy(at, position, sizeof(at));
	}
	return true;
}

static const struct moment *moment(unsigned int t, unsigned int i)
{
	const struct record *r = &history->record[t][i / 2];

	return i & 1 ? &r->end : &r->begin;
}

/* The order of the run. */
static bool check_run(void)
{
	uint8_t at[PLAN_THREADS] = { 0 };
	unsigned int nr = 0, t, next;

	while (!is_at_end(at)) {
		next = PLAN_THREADS;
		for (t = 0; t < plan->nr_threads; t++)
			if (at[t] < 2 * key.ended[t] &&
			    (next == PLAN_THREADS ||
			     moment(t, at[t])->nr < moment(next, at[next])->nr))
				next = t;
		if (!come(at, next, nr++))
			return false;
	}
	return check_end(&sets[nr]);
}

static void first_set(void)
{
	sets[0].nr = 1;
	memset(&sets[0].list[0], 0, sizeof(sets[0].list[0]));
	model_first_state(&sets[0].list[0].state);
}

/* @a of thread @t is before @b of another thread in all orders. */
static bool is_before(const struct moment *a, unsigned int t,
		      const struct moment *b)
{
	return b->events.t[t + 1] > a->events.t[t + 1];
}

static void make_key(void)
{
	unsigned int t, i, u, k;

	memset(&key, 0, sizeof(key));
	key.blocked = history->blocked;
	for (t = 0; t < plan->nr_threads; t++)
		while (key.ended[t] < plan->nr_calls[t] &&
		       history->record[t][key.ended[t]].ended)
			key.ended[t]++;
	for (t = 0; t < plan->nr_threads; t++)
		for (i = 0; i < 2u * key.ended[t]; i++) {
			key.result[t][i / 2] = history->record[t][i / 2].result;
			for (u = 0; u < plan->nr_threads; u++) {
				k = 0;
				while (u != t && k < 2u * key.ended[u] &&
				       is_before(moment(u, k), u, moment(t, i)))
					k++;
				key.before[t][i][u] = k;
			}
		}
	memcpy(key.final, history->final, sizeof(key.final));
}

void linear_begin(void)
{
	memset(is_known, 0, sizeof(is_known));
}

bool linear_check(const struct plan *p, const struct history_of_run *h,
		  struct refutation *r, bool exact)
{
	static const uint8_t begin[PLAN_THREADS];
	unsigned int slot;

	plan = p;
	history = h;
	refutation = r;
	make_key();
	slot = hash_bytes(&key, sizeof(key)) % NR_KNOWN;
	if (!h->time_passed && is_known[slot] &&
	    !memcmp(&known[slot], &key, sizeof(key)))
		return true;
	memset(r, 0, sizeof(*r));
	first_set();
	if (!check_run()) {
		r->is_of_run = true;
		return false;
	}
	/* The other orders may need another time. */
	if (exact || h->time_passed)
		return true;
	memset(seen, 0, sizeof(seen));
	nr_seen = 0;
	if (!check_from(begin, 0))
		return false;
	is_known[slot] = true;
	known[slot] = key;
	return true;
}
