// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A search that several processes share. They do not talk to each other.
 *
 * A prefix is the begin of a schedule, with a few choices. Below a prefix, the search is
 * the ordinary one. Above, nothing that is found out below is known to the other
 * processes. So each node there tries all its threads, and the sleep sets leave out
 * the orders that were tried before. All processes go through the prefixes in the same
 * order, and agree on their numbers; each goes on below its own ones. The sleep set of a
 * prefix is that of a search that has tried all earlier ones.
 *
 * Which accesses are points in the prefixes has to be the same for all. So each process
 * begins with the same random runs, to learn which memory is shared. If it learns later that
 * more of the memory is shared that the prefixes access, it makes new prefixes. The
 * digest tells that to the merge: all shards must have the same one. Memory that only
 * the runs below a prefix access concerns no other shard.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "loop.h"
#include "shard.h"

/* Of the random runs before the search. */
#define LEARNING_SEED	7
/* At least so many prefixes, and so many for each shard, so that the shares are equal. */
#define MIN_PREFIXES	256
#define SHARE		64
#define MAX_DEPTH	200

struct shard shard = {
	.learning_runs = 1000,
};

static enum strategy strategy;
/* Prefixes are counted, and nothing is done below them. */
static bool counting;
/* The run was cut at the end of a prefix of another shard. */
static bool was_cut;
static unsigned int next_prefix;

bool shard_parse(const char *text)
{
	int used;

	return sscanf(text, "%u/%u%n", &shard.index, &shard.of, &used) == 2 &&
	       !text[used] && shard.index >= 1 && shard.index <= shard.of;
}

uint64_t shard_run(uint64_t nr)
{
	return shard.of ? shard.index - 1 + nr * shard.of : nr;
}

static uint64_t mix(uint64_t h, uint64_t value)
{
	h = (h ^ value) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 32;
}

/* A prefix ends. The digest has its choices, and the orders that its end leaves out. */
static void digest_prefix(void)
{
	uint64_t h = next_prefix;
	unsigned int i;

	for (i = 0; i < search_depth(); i++) {
		const struct node *node = search_node(i);

		h = mix(h, (uint64_t)node->step << 16 | node->chosen);
		h = mix(h, (uint64_t)node->enabled << 32 | node->sleep);
	}
	shard.digest += mix(h, search_depth());
}

/*
 * Neighbours are alike, and are given to different shards. So are the first ones of
 * each round.
 */
static bool is_mine(void)
{
	unsigned int nr = next_prefix;

	if (counting)
		digest_prefix();
	next_prefix++;
	if (counting || (nr + nr / shard.of) % shard.of != shard.index - 1)
		return false;
	shard.own++;
	return true;
}

static const struct node *last_node(void)
{
	return search_depth() ? search_node(search_depth() - 1) : NULL;
}

bool shard_cuts(void)
{
	const struct node *up = last_node();

	if (!shard.of || !up || !up->in_prefix || up->choices < shard.depth)
		return false;
	was_cut = !is_mine();
	return was_cut;
}

void shard_node(struct node *node, uint32_t choices)
{
	const struct node *up = search_depth() > 1 ?
				search_node(search_depth() - 2) : NULL;

	if (!shard.of)
		return;
	/* A value that is chosen does not end a prefix. */
	node->in_prefix = !up || (up->in_prefix && (up->choices < shard.depth ||
						    node->kind != NODE_THREAD));
	node->choices = (up ? up->choices : 0) +
			(__builtin_popcount(choices) > 1);
	if (node->in_prefix)
		node->backtrack = node->enabled;
}

bool shard_skips(void)
{
	const struct node *last = last_node();

	if (!shard.of)
		return false;
	if (was_cut) {
		was_cut = false;
		return true;
	}
	if (last && !last->in_prefix)
		return false;
	/* The run has ended in a prefix; or all that it could do was tried before. */
	return run.sleep_blocked || !is_mine();
}

/* Go through all prefixes with so many choices. Returns true if some go on. */
static bool count_prefixes(unsigned int depth)
{
	bool go_on;

again:
	shard.depth = depth;
	shard.digest = 0;
	next_prefix = 0;
	go_on = false;
	search_restart();
	do {
		search_run();
		go_on |= was_cut;
		shard_skips();
		if (memory_learned()) {
			memory_apply();
			goto again;
		}
	} while (search_next());
	shard.prefixes = next_prefix;
	return go_on;
}

static void divide(void)
{
	unsigned int depth = 1, wanted = SHARE * shard.of;

	if (wanted < MIN_PREFIXES)
		wanted = MIN_PREFIXES;
	counting = true;
	while (count_prefixes(depth) && shard.prefixes < wanted &&
	       depth < MAX_DEPTH)
		depth++;
	counting = false;
}

void shard_restart(bool early)
{
	bool tree = strategy != STRATEGY_PCT && strategy != STRATEGY_RANDOM;

	if (!shard.of || !tree)
		return;
	if (early)
		divide();
	next_prefix = shard.own = 0;
	search_restart();
}

bool shard_begin(enum strategy s, uint64_t *runs)
{
	uint64_t nr;

	strategy = s;
	was_cut = false;
	shard.depth = shard.prefixes = shard.own = 0;
	shard.digest = 0;
	for (nr = 0; nr < shard.learning_runs; nr++) {
		search_run_by_chance(LEARNING_SEED, nr);
		if (run.failed && !loops_learned()) {
			*runs = nr + 1;
			return false;
		}
		if (memory_learned())
			memory_apply();
	}
	search_set_strategy(s);
	shard_restart(true);
	return true;
}

static uint64_t digest_file(uint64_t h, const char *path)
{
	FILE *f = fopen(path, "rb");
	uint64_t word = 0;

	if (!f) {
		perror(path);
		exit(3);
	}
	while (fread(&word, 1, sizeof(word), f)) {
		h = mix(h, word);
		word = 0;
	}
	fclose(f);
	return h;
}

uint64_t shard_program(void)
{
	static uint64_t h;
	Dl_info engine;

	if (!h) {
		h = digest_file(1, "/proc/self/exe");
		if (dladdr((void *)shard_program, &engine))
			h = digest_file(h, engine.dli_fname);
	}
	return h;
}
