// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The text of a schedule, for --replay: decisions, each with its step, in their order.
 *
 *	6s2,1c1		at step 6 thread 2 runs, and the result of the first choice is 1
 *	42r1,50l1	the load of step 42 returns the value before the last one, and the
 *			loop of step 50 takes its last turns
 *	6s2+8x5		the first one five times: at step 6, 14, 22, 30 and 38
 *	6s2/9s1+8x5	the same with two: at step 6, 9, 14, 17, ...
 *
 * A run that never ends goes around in a loop: with repetitions, its schedule is a line
 * that one can read. The characters need no quotes in a shell.
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "search.h"

/* The longest part that is repeated, and how often it has to be there. */
#define MAX_PART	16
#define MIN_REPEATS	4

/* How many of the first @nr decisions are repetitions of the first @part, by @period. */
static unsigned int repeats(const struct decision *d, unsigned int nr,
			    unsigned int part, uint32_t period)
{
	unsigned int i;

	for (i = part; i < nr; i++)
		if (d[i].kind != d[i - part].kind ||
		    d[i].choice != d[i - part].choice ||
		    d[i].at - d[i - part].at != period)
			break;
	return i / part;
}

/* The part at @d whose repetitions are the longest. Returns how many there are, or 1. */
static unsigned int best_part(const struct decision *d, unsigned int nr,
			      unsigned int *best)
{
	unsigned int part, found, times = 1;

	*best = 1;
	for (part = 1; part <= MAX_PART && part < nr; part++) {
		found = repeats(d, nr, part, d[part].at - d[0].at);
		if (found >= MIN_REPEATS && found * part > times * *best) {
			times = found;
			*best = part;
		}
	}
	return times;
}

void schedule_print(FILE *file, const struct decision *d, unsigned int nr)
{
	unsigned int i, part, times;

	if (!nr)
		fputc('-', file);
	while (nr) {
		times = best_part(d, nr, &part);
		for (i = 0; i < part; i++)
			fprintf(file, "%s%u%c%d", i ? "/" : "", d[i].at,
				d[i].kind, d[i].choice);
		if (times > 1)
			fprintf(file, "+%ux%u", d[part].at - d[0].at, times);
		d += part * times;
		nr -= part * times;
		if (nr)
			fputc(',', file);
	}
}

static bool parse_decision(const char **text, struct decision *d)
{
	int used;

	if (sscanf(*text, "%u%c%d%n", &d->at, &d->kind, &d->choice, &used) < 3 ||
	    !strchr(KINDS, d->kind))
		return false;
	*text += used;
	return true;
}

/* "+PERIODxTIMES", if it is there, after the @part decisions up to @d[*nr]. */
static bool parse_repetition(const char **text, struct decision *d,
			     unsigned int *nr, unsigned int part,
			     unsigned int max)
{
	unsigned int period, times, i;
	int used;

	if (**text != '+')
		return true;
	if (sscanf(*text, "+%ux%u%n", &period, &times, &used) < 2 || !times ||
	    times > max / part || *nr + (times - 1) * part > max)
		return false;
	*text += used;
	for (i = 0; i < (times - 1) * part; i++, ++*nr) {
		d[*nr] = d[*nr - part];
		d[*nr].at += period;
	}
	return true;
}

bool schedule_parse(const char *text, struct decision *d, unsigned int *nr,
		    unsigned int max)
{
	unsigned int part;

	*nr = 0;
	if (!strcmp(text, "-"))
		return true;
	for (;; text++) {
		for (part = 1;; part++, text++) {
			if (*nr == max || !parse_decision(&text, &d[(*nr)++]))
				return false;
			if (*text != '/')
				break;
		}
		if (!parse_repetition(&text, d, nr, part, max))
			return false;
		if (!*text)
			return true;
		if (*text != ',')
			return false;
	}
}
