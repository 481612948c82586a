/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the stress programs: teams of threads that run at the same time,
 * points at which a thread can be held up, and counted fences.
 *
 * A test has two ways to find a race. Without a hook, stress_point() spins or
 * yields at random (LIBFENCE_SEED repeats the numbers). With a hook the test
 * decides: a thread that reaches a given point waits there until another thread
 * has done the critical step. A hook that waits for something that must not
 * happen waits for a bounded time; nothing else here depends on time.
 */
#ifndef STRESS_H
#define STRESS_H

#include "versions.h"
#include <linux/dma-fence.h>
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/random.h>
#include <linux/slab.h>

/*
 * Called at every point instead of the random delay. Points inside of it do
 * nothing.
 */
typedef void (*stress_hook_fn)(enum stress_where where,
			       const volatile void *what, long nr);
/* Change the hook only while no other thread is running. */
void stress_set_hook(stress_hook_fn hook);

/* The index of this member of the team; -1 for the main thread. */
int stress_role(void);

/*
 * One turn of a loop that has waited since @begin. After a while it sleeps: the
 * other thread may need this CPU. Besides, a spinning thread fills
 * ThreadSanitizer's history of it, and a race found later is then reported
 * without its call site, by which tsan.supp suppresses. It sleeps with libc's
 * function, so that a lock may be held.
 */
void stress_relax(ktime_t begin);

/* Wait until @cond, for @ms at most. True if @cond became true. */
#define stress_until(cond, ms) ({					\
	ktime_t __begin = ktime_get();					\
	ktime_t __end = __begin + (ms) * NSEC_PER_MSEC;			\
	bool __ok;							\
									\
	while (!(__ok = !!(cond)) && ktime_get() < __end)		\
		stress_relax(__begin);					\
	__ok; })

/* Flags between threads. They order nothing: the code under test has to. */
#define raise_flag(flag)	WRITE_ONCE(flag, true)
#define await_flag(flag)	stress_until(READ_ONCE(flag), STRESS_HANG_MS)

/* The time after which a test reports a hang. */
#define STRESS_HANG_MS		5000
/*
 * How long a hook waits for something that must not happen. In a broken core it
 * happens within a few us, unless the machine is busy: caught.sh tries longer
 * windows.
 */
#define STRESS_WINDOW_MS	stress_window_ms()
int stress_window_ms(void);

/* @n, or less under sanitizers; at least 1. */
int stress_rounds(int n);

#define STRESS_TEAM_MAX	4

/* One team at a time. Each member function is called once in every round. */
typedef void (*stress_member_fn)(void);
void stress_team_start(int nr, const stress_member_fn *members);
/* Run a round of all members; fails the test if they do not return in time. */
void stress_team_round(void);
/* The same without waiting for the end; stress_team_finish() waits. */
void stress_team_begin(void);
void stress_team_finish(void);
void stress_team_stop(void);
#define stress_team(...)						\
	stress_team_start(						\
		sizeof((stress_member_fn[]){ __VA_ARGS__ }) /		\
			sizeof(stress_member_fn),			\
		(stress_member_fn[]){ __VA_ARGS__ })

/* For members, which must not assert: the test fails after the round. */
void stress_fail(const char *claim);
/*
 * Also reports failed checks of other threads (RCU callbacks), after a barrier.
 */
void stress_check_claims(void);
#define stress_check(cond) \
	do { if (!(cond)) stress_fail(#cond); } while (0)

/* Ops with names only: freed by dma_fence_free(), cleared by signalling. */
extern const struct dma_fence_ops stress_plain_ops;
/* With a release op, which counts. */
extern const struct dma_fence_ops stress_counted_ops;
const char *stress_name(struct dma_fence *fence);
void stress_counted_release(struct dma_fence *fence);
struct dma_fence *stress_fence(const struct dma_fence_ops *ops);
/* The same for members: returns NULL without memory. */
struct dma_fence *stress_try_fence(const struct dma_fence_ops *ops);
/* Passed instead of a lock where fences may use a lock of their own. */
#if CORE_HAS(inline_lock)
#define STRESS_OWN_LOCK(lock)	NULL
#else
#define STRESS_OWN_LOCK(lock)	(lock)
#endif
/* The fences with a counting release op that are not released yet. */
int stress_live(void);

int stress_main(const char *group, const struct CMUnitTest *tests, size_t nr,
		int argc, char **argv);
#define STRESS_MAIN(group, tests) \
	stress_main(group, tests, sizeof(tests) / sizeof((tests)[0]), argc, argv)

#endif
