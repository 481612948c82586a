/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Scenarios for the explorer; see docs/explore.md.
 *
 * A scenario is a set-up, two or more threads, and a check. The explorer runs it
 * again and again, each time with another interleaving of the threads. Each run
 * begins with the same memory: static variables have their initial values.
 *
 *	LFX_SCENARIO(signal_wait) = {
 *		.name = "signal-wait",
 *		.what = "a signal against a wait",
 *		.setup = make_fence,
 *		.threads = { { "signaller", do_signal }, { "waiter", do_wait } },
 *		.check = put_fence,
 *	};
 */
#ifndef LFX_EXPLORE_H
#define LFX_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

#define LFX_SCENARIO_THREADS	6

/*
 * Where an interrupt comes: on a CPU of its own, or on top of a thread whose
 * interrupts are enabled, which stands still until the handler has returned. The
 * first thread is 1. The thread has to be there, and no interrupt itself.
 */
#define LFX_OWN_CPU	1u
#define LFX_ON(thread)	(1u << (thread))
/* Each of them. */
#define LFX_ANY		(~0u)

struct lfx_thread {
	const char *name;
	void (*fn)(void);
	/*
	 * 0: a thread. Else it is the handler of an interrupt, which comes once, at
	 * one of these places: each is tried.
	 */
	unsigned int interrupts;
};

struct lfx_scenario {
	const char *name;
	/* One line: the operations that meet. May be NULL. */
	const char *what;
	/* Runs alone, before the threads. May be NULL. */
	void (*setup)(void);
	/*
	 * They run to their ends: up to LFX_SCENARIO_THREADS, each with a name of its
	 * own. The one after the last has no function.
	 */
	struct lfx_thread threads[LFX_SCENARIO_THREADS + 1];
	/* Runs alone, when all threads and all RCU callbacks are done. May be NULL. */
	void (*check)(void);
	/* Kernel memory that is not freed at the end is no failure. */
	bool may_leak;
	/*
	 * So many allocations of kernel memory in the threads may fail: each is
	 * a choice. And so many POSIX signals may come to interruptible sleeps.
	 */
	unsigned int failing_allocations, signals;
	/*
	 * Where the functions of irq_work, timers, hrtimers and RCU callbacks run: as
	 * above. 0: on a CPU of their own.
	 */
	unsigned int interrupts;
	/*
	 * NULL, or the kind of failure that the explorer has to find, such as
	 * "use after free": the scenario shows a fault.
	 */
	const char *fails;
	/* As with --stale: so many loads of a run may return older values. */
	unsigned int stale;
	/* As with --lkmm. */
	bool lkmm;
};

/*
 * The order of the entries of a list in their file, which is not the order that the
 * compiler puts them into: the file that is compiled, and a number that increases in it.
 */
struct lfx_order {
	const char *unit;
	size_t nr;
};

#define LFX_ORDER	{ __BASE_FILE__, __COUNTER__ }

/* For an entry: the compiler would leave gaps between larger ones. */
#define LFX_ENTRY(section)						\
	__attribute__((__section__(section), __used__,			\
		       __aligned__(sizeof(void *))))

/* An entry of the list of the scenarios of a program. */
struct lfx_listed {
	const struct lfx_scenario *scenario;
	const char *file;
	struct lfx_order order;
};

/* @ident may be the name of a function, too. */
#define LFX_SCENARIO(ident)						\
	static const struct lfx_scenario lfx_scenario_##ident;		\
	static const struct lfx_listed lfx_listed_##ident		\
		LFX_ENTRY("lfx_scenarios") =				\
			{ &lfx_scenario_##ident, __FILE__, LFX_ORDER };	\
	static const struct lfx_scenario lfx_scenario_##ident

/* The run fails unless @cond is true. */
#define lfx_assert(cond)						\
	do {								\
		if (!(cond))						\
			lfx_fail("assertion", "%s", #cond);		\
	} while (0)

/* The run fails with this kind and text. */
void lfx_fail(const char *kind, const char *fmt, ...)
	__attribute__((__noreturn__, __format__(__printf__, 2, 3)));

/* A line in the trace. */
void lfx_note(const char *fmt, ...)
	__attribute__((__format__(__printf__, 1, 2)));

/* One of 0, ..., @n - 1: each is tried. */
unsigned int lfx_choose(unsigned int n);

/* The name of the object at @p in traces and reports. */
void lfx_name(const void *p, const char *name);

/* The number of the calling thread: 0 in setup() and check(), 1 for the first. */
int lfx_self(void);

#pragma GCC visibility pop

#endif
