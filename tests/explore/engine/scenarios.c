// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Is each scenario of the program right? A file of a user may have none, or half of one.
 * A mistake in it is an error: otherwise the explorer would say "all" of other threads
 * than those that were meant.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"

static bool wrong(const struct lfx_listed *l, const char *fmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));

static bool wrong(const struct lfx_listed *l, const char *fmt, ...)
{
	const char *name = l->scenario->name;
	va_list args;

	fprintf(stderr, "explore: %s: the scenario %s ", l->file,
		name ? name : "(without a name)");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return false;
}

static bool threads_are_right(const struct lfx_listed *l)
{
	const struct lfx_thread *t = l->scenario->threads;
	unsigned int i, k;

	for (i = 0; i <= LFX_SCENARIO_THREADS; i++) {
		if (!t[i].fn)
			continue;
		if (i == LFX_SCENARIO_THREADS)
			return wrong(l, "has more than %u threads", i);
		if (i && !t[i - 1].fn)
			return wrong(l, "has no function for thread %u", i);
		if (!t[i].name)
			return wrong(l, "has no name for thread %u", i + 1);
		for (k = 0; k < i; k++)
			if (!strcmp(t[i].name, t[k].name))
				return wrong(l, "has two threads with the name %s",
					     t[i].name);
	}
	return true;
}

/* An interrupt comes on top of threads of the scenario that are no interrupts. */
static bool places_are_right(const struct lfx_listed *l, unsigned int places)
{
	const struct lfx_thread *t = l->scenario->threads;
	unsigned int nr;

	if (places == LFX_ANY)
		return true;
	for (nr = 1; nr < 32; nr++) {
		if (!(places & LFX_ON(nr)))
			continue;
		if (nr > LFX_SCENARIO_THREADS || !t[nr - 1].fn)
			return wrong(l, "has LFX_ON(%u), and no thread %u", nr, nr);
		if (t[nr - 1].interrupts)
			return wrong(l, "has LFX_ON(%u), and thread %u is an interrupt itself",
				     nr, nr);
	}
	return true;
}

static bool scenario_is_right(const struct lfx_listed *l)
{
	const struct lfx_scenario *s = l->scenario;
	unsigned int i;

	if (!s->name)
		return wrong(l, "has no .name");
	if (!s->threads[0].fn && !s->threads[1].fn)
		return wrong(l, "has no .threads");
	if (!threads_are_right(l) || !places_are_right(l, s->interrupts))
		return false;
	for (i = 0; i < LFX_SCENARIO_THREADS; i++)
		if (!places_are_right(l, s->threads[i].interrupts))
			return false;
	return true;
}

/* A name says which scenario is run. */
static bool names_differ(const struct lfx_listed *a, const struct lfx_listed *b)
{
	if (strcmp(a->scenario->name, b->scenario->name))
		return true;
	fprintf(stderr, "explore: two scenarios have the name %s: in %s and in %s\n",
		a->scenario->name, a->file, b->file);
	return false;
}

bool scenarios_are_right(void)
{
	const struct lfx_listed *all = program->scenarios;
	size_t i, k;

	if (!program->nr_scenarios && !program->nr_models) {
		fprintf(stderr,
			"explore: there is no scenario; see LFX_SCENARIO() in explore.h\n");
		return false;
	}
	for (i = 0; i < program->nr_scenarios; i++) {
		if (!scenario_is_right(&all[i]))
			return false;
		for (k = 0; k < i; k++)
			if (!names_differ(&all[k], &all[i]))
				return false;
	}
	return true;
}
