// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Run sequences of operations on one core, and log all that can be observed.
 *
 *	PROGRAM SEED FIRST COUNT	run COUNT sequences, and print a line for each:
 *					its number and a hash of its log
 *	PROGRAM -g SEED NUMBER		print the operations of one sequence
 *	PROGRAM -p FILE			run the operations in FILE, and print the log
 *
 * The operations do not depend on the behaviour of the core. run.py runs two of
 * these programs and compares them.
 */
#include "model.h"
#include <libfence/libfence.h>
#include <linux/string.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdint.h>

#define SEQUENCE_LENGTH	60
/*
 * The first operations of a sequence are "new", so that there are fences to
 * work on.
 */
#define BEGINNING	5

unsigned int fail_from;
static bool verbose;
static uint64_t hash;

void say(const char *fmt, ...)
{
	char text[256];
	va_list args;
	int i, n;

	va_start(args, fmt);
	if (verbose) {
		vprintf(fmt, args);
	} else {
		n = vsnprintf(text, sizeof(text), fmt, args);
		for (i = 0; i < n && i < (int)sizeof(text) - 1; i++)
			hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3ull;
	}
	va_end(args);
}

static void warned(const struct libfence_warning *warning, void *unused)
{
	say(" {%s}", warning->kind == LIBFENCE_BUG ? "BUG" : "WARN");
	if (verbose) {
		fprintf(stderr, "# %s: %s\n", warning->function, warning->message);
		fflush(stdout);
	}
}

struct line {
	unsigned int op, arg[NR_ARGS], fail;
};

static uint64_t state;

/* splitmix64 */
static unsigned int next_random(unsigned int below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return (z ^ (z >> 31)) % below;
}

static void generate(uint64_t seed, uint64_t number, struct line *lines)
{
	unsigned int i, k, total = 0, at;

	state = seed * 0x2545f4914f6cdd1dull + number;
	next_random(1);
	state ^= number << 32;
	for (i = 0; i < nr_operations; i++)
		total += operations[i].weight;
	for (i = 0; i < SEQUENCE_LENGTH; i++) {
		at = next_random(total);
		for (k = 0; i >= BEGINNING && at >= operations[k].weight; k++)
			at -= operations[k].weight;
		lines[i].op = k;
		for (k = 0; k < NR_ARGS; k++)
			lines[i].arg[k] = next_random(64);
		/*
		 * Fail often enough to reach every allocation, rarely enough
		 * for sequences to progress.
		 */
		lines[i].fail = next_random(5) ? 0 : 1 + next_random(3);
	}
}

static void print_line(const struct line *line)
{
	say("%s %u %u %u %u %u", operations[line->op].name, line->arg[0],
	    line->arg[1], line->arg[2], line->arg[3], line->fail);
}

static void run(const struct line *lines, unsigned int num)
{
	unsigned int i;

	sequence_begin();
	for (i = 0; i < num; i++) {
		print_line(&lines[i]);
		say(":");
		if (verbose)
			fflush(stdout);
		time_passes();
		fail_from = lines[i].fail;
		operations[lines[i].op].run(lines[i].arg);
		meanwhile_end();
		say_state();
		say("\n");
	}
	sequence_end();
}

static bool parse(const char *text, struct line *line)
{
	char name[32];

	if (sscanf(text, "%31s %u %u %u %u %u", name, &line->arg[0],
		   &line->arg[1], &line->arg[2], &line->arg[3], &line->fail) != 6)
		return false;
	for (line->op = 0; line->op < nr_operations; line->op++)
		if (!strcmp(name, operations[line->op].name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static struct line lines[10000];
	uint64_t i, first, count;
	char text[256];
	unsigned int num = 0;
	FILE *file;

	libfence_set_warn_hook(warned, NULL);
	if (argc == 3 && !strcmp(argv[1], "-p")) {
		file = fopen(argv[2], "r");
		if (!file) {
			perror(argv[2]);
			return 1;
		}
		while (num < ARRAY_SIZE(lines) && fgets(text, sizeof(text), file))
			if (!parse(text, &lines[num++])) {
				fprintf(stderr, "not an operation: %s", text);
				return 1;
			}
		fclose(file);
		verbose = true;
		run(lines, num);
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "-g")) {
		generate(strtoull(argv[2], NULL, 0), strtoull(argv[3], NULL, 0), lines);
		verbose = true;
		for (i = 0; i < SEQUENCE_LENGTH; i++) {
			print_line(&lines[i]);
			say("\n");
		}
		return 0;
	}
	if (argc != 4) {
		fprintf(stderr, "see the top of main.c\n");
		return 1;
	}
	/*
	 * Line-buffered: if the program dies, the last line tells which
	 * sequence it was in.
	 */
	setvbuf(stdout, NULL, _IOLBF, 0);
	first = strtoull(argv[2], NULL, 0);
	count = strtoull(argv[3], NULL, 0);
	for (i = first; i < first + count; i++) {
		generate(strtoull(argv[1], NULL, 0), i, lines);
		hash = 0xcbf29ce484222325ull;
		run(lines, SEQUENCE_LENGTH);
		printf("%llu %016llx\n", (unsigned long long)i, (unsigned long long)hash);
	}
	return 0;
}
