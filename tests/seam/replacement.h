/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A replacement of the host, for the tests of the seam: see README.md.
 *
 * All threads of the shim are coroutines on one thread of the host. A coroutine
 * runs until it waits, or until a switch point at which the test wants another
 * one to run. So a run depends on the test's choice alone.
 */
#ifndef TESTS_SEAM_REPLACEMENT_H
#define TESTS_SEAM_REPLACEMENT_H

#include <linux/types.h>

/* For the test */

/**
 * seam_choose - start a run
 * @switches: bit n: let the next coroutine run at switch point n
 *
 * Switch points are counted from 0. At those after the 64th, and at those whose
 * bit is 0, the running coroutine continues. Clears the trace.
 */
void seam_choose(u64 switches);

/* The switch points since seam_choose(), each with the coroutine's number. */
const char *seam_trace(void);

enum seam_owner {
	SEAM_NOTHING,		/* No allocation, or it was freed. */
	SEAM_SHIM,		/* The shim keeps it for itself. */
	SEAM_KERNEL,		/* Kernel code has to free it. */
};

enum seam_owner seam_owner(const void *p);
/* The number of allocations of an owner that were not freed. */
unsigned int seam_live(enum seam_owner owner);

/* Between the files of the replacement */

#define SEAM_THREADS	32

/* The number of the running coroutine. */
unsigned int seam_self(void);

/* A place at which the test may want another coroutine to run. */
void seam_point(char what);

/*
 * Wait until @ready(@arg) is true. Other coroutines run meanwhile, and the clock
 * moves on if all of them wait. @ready is called by any coroutine.
 * Return: false if @deadline passed and @ready(@arg) is false.
 */
bool seam_wait(bool (*ready)(const void *arg), const void *arg, s64 deadline);

/* Start a coroutine that is never joined. */
void seam_start(void *(*fn)(void *arg), void *arg);

#endif
