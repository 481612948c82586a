/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The state of the benchmark, and the ways out of it. */
#ifndef FENCE_BENCH_BASE_H
#define FENCE_BENCH_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))

struct group;

struct options {
	bool quick;
	double seconds;
	const char *json;
	bool list;
	const char *cpus;
};

struct bench {
	struct options opt;
	/* The cases, and facts about the library: set by main(). */
	struct group *const *groups;
	size_t nr_groups;
	const char *library_version;
	/* Why the results mean little, or NULL. */
	const char *build_note;
	size_t fence_size;

	/* The second is -1 if there is only one CPU. */
	int cpu[2];
	unsigned int repeats;

	bool tsc;
	double ns_per_tick;
	/* The cost of one reading of the clock, in ticks and in ns. */
	uint64_t clock_ticks;
	double clock_ns;
	/* The cost of an empty operation of OPS(). */
	double loop_ns;
	/* The difference between the counters of the two CPUs. */
	double skew_ns, skew_error_ns;

	unsigned long taken, rejected;
	unsigned long errors;
	double elapsed;
};

extern struct bench bench;

enum { EXIT_WRONG = 1, EXIT_USAGE = 2 };

/* Reports that an operation did not work as it should. */
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Exits, because nothing can be measured. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Memory that begins on a cache line. The caller frees it with free(). */
void *must_alloc(size_t size);

#endif
