// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Races and failures of the code that is explored, which a list says are there. A
 * scenario with a known failure has to fail like that. A known race is counted, and the
 * run goes on, so the order of its accesses matters from then on: in the functions of the
 * list, plain accesses are points like marked ones.
 *
 * Of each thread, the last read and the last write of a word are remembered. A race at
 * another place is not hidden by one that is listed: if the listed access comes later, the
 * thread can be stopped before it; and if it comes earlier, the other one takes its place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"
#include "names.h"
#include "symbols.h"
#include "trace.h"

#define MAX_KNOWN	64

struct known {
	char *text;
	/* The parts of a copy: two functions and an object, or a scenario and a kind. */
	char *part[3];
	/* A run in which it was seen, or 0. */
	uint32_t last_run;
};

static struct known races[MAX_KNOWN], failures[MAX_KNOWN];
static unsigned int nr_races, nr_failures;
static uint32_t hash;

static void note_text(const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	hash = hash * 16777619u + 1;
}

static char *copy(const char *text)
{
	char *new = strdup(text);

	if (!new)
		abort();
	return new;
}

bool known_add_race(const char *text)
{
	struct known *k = &races[nr_races];
	char *rest;
	int i;

	if (nr_races == MAX_KNOWN)
		return false;
	rest = copy(text);
	for (i = 0; i < 3; i++)
		k->part[i] = strsep(&rest, " ");
	if (!k->part[2] || rest || !*k->part[0] || !*k->part[1] || !*k->part[2])
		return false;
	k->text = copy(text);
	nr_races++;
	options.known = true;
	note_text(text);
	return true;
}

bool known_add_failure(const char *text)
{
	struct known *k = &failures[nr_failures];
	char *colon;

	if (nr_failures == MAX_KNOWN)
		return false;
	k->part[0] = copy(text);
	colon = strstr(k->part[0], ": ");
	if (!colon || colon == k->part[0] || !colon[2])
		return false;
	*colon = '\0';
	k->part[1] = colon + 2;
	nr_failures++;
	note_text(text);
	return true;
}

struct place {
	addr_t pc;
	/* "" if unknown. */
	const char *function;
	bool is_listed;
};

static void find_place(struct place *p)
{
	struct lfx_code code;
	unsigned int i;

	p->function = code_find(&p->pc, 1, &code) ? code.function : "";
	p->is_listed = false;
	for (i = 0; i < nr_races; i++)
		p->is_listed |= !strcmp(races[i].part[0], p->function) ||
				!strcmp(races[i].part[1], p->function);
}

static const struct place *place_of(addr_t pc)
{
	static struct place places[4096];
	struct place *p = &places[pc % ARRAY_SIZE(places)];

	if (!p->function || p->pc != pc) {
		p->pc = pc;
		find_place(p);
	}
	return p;
}

bool known_place(addr_t pc)
{
	return place_of(pc)->is_listed;
}

static bool is_at(const struct known *k, const char *a, const char *b)
{
	return (!strcmp(k->part[0], a) && !strcmp(k->part[1], b)) ||
	       (!strcmp(k->part[0], b) && !strcmp(k->part[1], a));
}

bool known_race(addr_t addr, addr_t pc, addr_t other_pc)
{
	char name[NAME_SIZE];
	unsigned int i;

	for (i = 0; i < nr_races; i++) {
		if (!is_at(&races[i], place_of(pc)->function,
			   place_of(other_pc)->function) ||
		    strcmp(races[i].part[2],
			   memory_type_name(addr, name, sizeof(name))))
			continue;
		races[i].last_run = run.nr;
		return true;
	}
	return false;
}

unsigned int known_races(void)
{
	return nr_races;
}

const char *known_race_text(unsigned int i)
{
	return races[i].text;
}

bool known_race_seen(unsigned int i, uint32_t run_nr)
{
	return races[i].last_run > run_nr;
}

unsigned int known_seen(uint32_t run_nr)
{
	unsigned int i, n = 0;

	for (i = 0; i < nr_races; i++)
		n += known_race_seen(i, run_nr);
	return n;
}

const char *known_fails(const char *name, const char *fails)
{
	unsigned int i;

	for (i = 0; i < nr_failures; i++)
		if (!strcmp(failures[i].part[0], name))
			return failures[i].part[1];
	return fails;
}

const char *known_failing(unsigned int i)
{
	return i < nr_failures ? failures[i].part[0] : NULL;
}

uint32_t known_hash(void)
{
	return hash;
}
