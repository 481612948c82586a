/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * fence-bench: what the parts have in common.
 *
 * A lane is one thing that is measured: a fence operation, a limit or a peer.
 * A group is a set of lanes that are measured in turn, repeat after repeat, so
 * that whatever happens to the machine happens to all of them. A row is a line
 * of the result: a value and the limit it is compared with, each a sum of
 * lanes, put together within each repeat.
 *
 * This header and all that is not fence-*.c are compiled without the library's
 * headers: the limits and the peers cannot lean on what they are to judge.
 */
#ifndef FENCE_BENCH_H
#define FENCE_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))

/* A growing list of numbers. */
struct series {
	double *v;
	size_t n, room;
};

void series_add(struct series *s, double v);
void series_free(struct series *s);
/* 0 <= @p <= 1, interpolated; NAN where there is nothing. */
double series_percentile(const struct series *s, double p);
double series_median(const struct series *s);
/* Width of the middle half, in percent of the median. */
double series_spread(const struct series *s);
double series_min(const struct series *s);
double series_max(const struct series *s);

enum lane_kind { LANE_FENCE, LANE_LIMIT, LANE_PEER };
enum lane_where { ON_FIRST_CPU, TWO_CPUS, ONE_CPU };

struct lane;

/*
 * One thread waits, another wakes it, round after round. @i counts the rounds.
 * prepare(), wait() and check() run on the waiter; the waker sees what
 * prepare() did. check() says whether the wake-up was the one it should be.
 */
struct wake_ops {
	void (*prepare)(struct lane *l, unsigned int i);
	void (*wait)(struct lane *l, unsigned int i);
	void (*wake)(struct lane *l, unsigned int i);
	bool (*check)(struct lane *l, unsigned int i);
};

#define MAX_EXTRAS	4

struct extra {
	const char *name, *unit;
	double value;
};

struct lane {
	const char *name;
	enum lane_kind kind;
	enum lane_where where;

	/* Make and end what the lane works on; optional. */
	void (*setup)(struct lane *l);
	void (*teardown)(struct lane *l);
	/* Around each sample; optional. */
	void (*before)(struct lane *l);
	void (*after)(struct lane *l, unsigned long ops);

	/*
	 * Do @n operations, a multiple of @chunk. The ticks that they took,
	 * as told by span(); what is between spans does not count.
	 */
	uint64_t (*rate)(struct lane *l, unsigned long n);
	unsigned long chunk;
	/* It takes a while to settle: the mean of long samples. */
	bool steady;

	/* Or a latency: */
	const struct wake_ops *wake;
	/* between threads that hand a cache line to and fro, */
	bool pingpong;
	/* or until the waiter runs. It is woken that long after it fell asleep, */
	long asleep_ns;
	/* or that long after it said that it was going to wait. */
	long lead_ns;

	/* The functions' own. */
	int arg;
	void *state;

	/* Results. */
	bool needed;
	/* Set by setup() if this machine cannot do it. */
	const char *not_run;
	unsigned long n;
	/* One value for each repeat, NAN where it did not run. */
	struct series repeats;
	/* All latencies. */
	struct series samples;
	unsigned long taken, rejected, disturbed_repeats;
	struct extra extra[MAX_EXTRAS];
	unsigned int nr_extra;
};

struct term {
	struct lane *lane;
	double times;
};

struct row {
	const char *name, *what;
	struct term value[3];
	const char *limit_what;
	struct term limit[4];
	/* The ratio that was agreed on; 0 for none. */
	double target;

	bool selected;
	/* Why it did not run, or NULL. */
	const char *not_run;
	struct series values, limits, ratios;
};

struct group {
	const char *name;
	struct lane *lanes;
	size_t nr_lanes;
	struct row *rows;
	size_t nr_rows;
	/* Its share of the time. */
	double weight;
	bool selected;
};

extern struct group *const groups[];
extern const size_t nr_groups;

struct options {
	bool quick;
	double seconds;
	const char *json;
	bool list;
	const char *cpus;
};

struct bench {
	struct options opt;
	/* The second is -1 where there is one CPU only. */
	int cpu[2];
	unsigned int repeats;

	bool tsc;
	double ns_per_tick;
	/* Of reading the clock once, in ticks; and the same in ns. */
	uint64_t clock_ticks;
	double clock_ns;
	/* Of an empty turn of OPS(). */
	double loop_ns;
	/* Between the two CPUs' counters. */
	double skew_ns, skew_error_ns;

	unsigned long taken, rejected;
	unsigned long errors;
	double elapsed;
};

extern struct bench bench;

/* The benchmark found that something did not do what it should. */
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Nothing can be measured. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void *must_alloc(size_t size);

/* clock.c */
void choose_cpus(const char *list);
void pin_thread(int cpu);
/* All threads but the calling one: they are the library's. */
void pin_other_threads(int cpu);
void clock_init(void);
unsigned long involuntary_switches(void);
double wall_seconds(void);
uint64_t empty_loop(struct lane *l, unsigned long n);

/* run.c, wake.c */
void run_groups(void);
double wake_sample(struct lane *l, double seconds);

/* output.c, json.c */
void print_list(FILE *f);
void print_header(FILE *f);
void print_results(FILE *f);
void write_json(FILE *f);
const char *cpu_model(void);
const char *kernel_name(void);
const char *compiler_name(void);
const char *date_now(void);

/* What the fence side tells of itself. */
const char *fence_library_version(void);
const char *fence_build_note(void);
unsigned long fence_warnings(void);
/* Have the library start its threads. */
void fence_library_start(void);
extern const size_t fence_size;

/* The compiler knows nothing about memory after this, nor about @p. */
#define hide(p)		__asm__ volatile("" : "+r"(p) : : "memory")

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" : : : "memory");
#else
	__asm__ volatile("" : : : "memory");
#endif
}

static inline uint64_t ticks(void)
{
	struct timespec ts;

#if defined(__x86_64__)
	if (__builtin_expect(bench.tsc, 1)) {
		uint32_t lo, hi;

		/* Not before what comes before, nor after what comes after. */
		__asm__ volatile("lfence\n\trdtsc\n\tlfence"
				 : "=a"(lo), "=d"(hi) : : "memory");
		return (uint64_t)hi << 32 | lo;
	}
#endif
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* From one reading to another, without the cost of reading. */
static inline uint64_t span(uint64_t from, uint64_t to)
{
	uint64_t d = to - from;

	return (int64_t)d > (int64_t)bench.clock_ticks ? d - bench.clock_ticks : 0;
}

/*
 * Count what was not as expected: a branch that is not taken, never arithmetic,
 * which is cheaper for some and would compare unlike with like.
 */
#define EXPECT(cond, misses)						\
	do {								\
		if (__builtin_expect(!(cond), 0)) {			\
			__asm__ volatile("" : "+r"(misses));		\
			(misses)++;					\
		}							\
	} while (0)

/*
 * @n times @op, sixteen to a turn so that the loop itself is next to nothing,
 * and a compiler barrier that hides @p after each, so that none is left out,
 * merged with another, or moved out of the loop.
 */
#define OP_1(p, op)	do { op; hide(p); } while (0)
#define OP_4(p, op)	OP_1(p, op); OP_1(p, op); OP_1(p, op); OP_1(p, op)
#define OPS_PER_TURN	16
#define OPS(n, p, op)							\
	do {								\
		unsigned long left__ = (n) / OPS_PER_TURN;		\
		while (left__--) {					\
			OP_4(p, op); OP_4(p, op);			\
			OP_4(p, op); OP_4(p, op);			\
		}							\
	} while (0)

#endif
