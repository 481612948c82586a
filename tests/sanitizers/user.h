/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the programs here, which are written as users write them, with
 * pthreads.
 *
 * PROGRAM CASE runs one case; --list prints all. The names of cases with a race
 * begin with "race-": a detector has to report those and no others.
 */
#ifndef TESTS_SANITIZERS_USER_H
#define TESTS_SANITIZERS_USER_H

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef LFSHIM_ANNOTATE
void lfshim_tell_atomic(const volatile void *p, unsigned long size);
#endif

struct user_case {
	const char *name;
	void (*run)(void);
};

#define MUST(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "%s:%d: %s\n", __FILE__,	\
				__LINE__, #cond);			\
			exit(1);					\
		}							\
	} while (0)

/* The data that is handed over: plain memory, ordered only by a fence. */
#define NR_WORDS	8

struct data {
	int words[NR_WORDS];
};

static inline void data_write(struct data *d, int value)
{
	int i;

	for (i = 0; i < NR_WORDS; i++)
		d->words[i] = value + i;
	/* The compiler must not drop the writes, even if nothing reads them. */
	__asm__ __volatile__("" : : "r"(d) : "memory");
}

static inline void data_check(const struct data *d, int value)
{
	int i;

	for (i = 0; i < NR_WORDS; i++)
		MUST(d->words[i] == value + i);
}

/* For the cases with a race: the values read are not checked. */
static inline int data_sum(const struct data *d)
{
	volatile int sum = 0;
	int i;

	for (i = 0; i < NR_WORDS; i++)
		sum += d->words[i];
	return sum;
}

static inline void pause_ms(int ms)
{
	struct timespec ts = { 0, ms * 1000000L };

	nanosleep(&ts, NULL);
}

/* A relaxed flag, which orders nothing. */
static int user_flag;

static inline void user_flag_set(void)
{
	__atomic_store_n(&user_flag, 1, __ATOMIC_RELAXED);
}

static inline int user_flag_read(void)
{
	return __atomic_load_n(&user_flag, __ATOMIC_RELAXED);
}

/*
 * In a case with a race, the thread that has to be first announces its arrival.
 */
static inline void arrive(void)
{
	user_flag_set();
}

static inline void await_other(void)
{
	while (!user_flag_read())
		pause_ms(1);
	pause_ms(20);
}

/* Run both at the same time, and wait until both have finished. */
static inline void both(void *(*a)(void *), void *(*b)(void *), void *arg)
{
	pthread_t threads[2];

	MUST(!pthread_create(&threads[0], NULL, a, arg));
	MUST(!pthread_create(&threads[1], NULL, b, arg));
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
}

static inline int user_main(int argc, char **argv,
			    const struct user_case *cases)
{
#ifdef LFSHIM_ANNOTATE
	/* Helgrind and DRD would take the flag for plain memory. */
	lfshim_tell_atomic(&user_flag, sizeof(user_flag));
#endif
	for (; cases->name; cases++) {
		if (argc == 2 && !strcmp(argv[1], "--list")) {
			puts(cases->name);
		} else if (argc == 2 && !strcmp(argv[1], cases->name)) {
			cases->run();
			return 0;
		}
	}
	return argc == 2 && !strcmp(argv[1], "--list") ? 0 : 2;
}

#endif
