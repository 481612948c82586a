/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A share of a search, for search.c, main.c and json.c. */
#ifndef LFX_SHARD_H
#define LFX_SHARD_H

#include <stdbool.h>
#include <stdint.h>

#include "search.h"

struct shard {
	/* --shard @index/@of; @of is 0 without it. */
	unsigned int index, of;
	/* So many random runs before the search. */
	unsigned int learning_runs;
	/* Of a tree: a prefix has so many choices; all prefixes, and its own. */
	unsigned int depth, prefixes, own;
	/* A number made of all prefixes: the same in all shards. */
	uint64_t digest;
};

extern struct shard shard;

/* "2/3". Returns false if it is none. */
bool shard_parse(const char *text);

/*
 * Before the first run of a search. Returns false if one of the runs to learn from has
 * failed, the *@runs-th: its schedule is recorded.
 */
bool shard_begin(enum strategy s, uint64_t *runs);
/* Something was learned, and applied. @early: of the memory of the prefixes. */
void shard_restart(bool early);
/* A new node comes next. True: the run goes on in another shard. */
bool shard_cuts(void);
/* @node is new, with these choices. */
void shard_node(struct node *node, uint32_t choices);
/* At the end of a run in a tree: true if it is not one of this shard. */
bool shard_skips(void);
/* The number of the @nr-th random run of this shard. */
uint64_t shard_run(uint64_t nr);

/* The same for the same program and engine. */
uint64_t shard_program(void);

#endif
