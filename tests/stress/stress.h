/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the stress programs share: teams of threads that act at the same time,
 * points where a thread can be held up, and fences that are counted.
 *
 * A test has two ways to find a race. Left alone, stress_point() spins or
 * yields at random (LIBFENCE_SEED repeats the numbers). With a hook the test
 * decides: a thread that comes to a certain place waits there until another has
 * got to where it hurts. Where the hook waits for what must not happen, it
 * waits for a bounded time; that is the only use of time here.
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

/* Called at every point instead of the random delay; points inside are none. */
typedef void (*stress_hook_fn)(enum stress_where where,
			       const volatile void *what, long nr);
/* Only to be changed while no other thread is at work. */
void stress_set_hook(stress_hook_fn hook);

/* Which member of the team this thread is; -1 for the main thread. */
int stress_role(void);

/*
 * One turn of a loop that has waited since @begin. After a while it sleeps: the
 * other thread may want this CPU, and a spinning one fills what ThreadSanitizer
 * remembers of it, so that a race found later has lost the place it was at, which
 * tsan.supp goes by. It is libc that sleeps: nobody minds a lock that is held.
 */
void stress_relax(ktime_t begin);

/* Wait until @cond, for @ms at most. Was it? */
#define stress_until(cond, ms) ({					\
	ktime_t __begin = ktime_get();					\
	ktime_t __end = __begin + (ms) * NSEC_PER_MSEC;			\
	bool __ok;							\
									\
	while (!(__ok = !!(cond)) && ktime_get() < __end)		\
		stress_relax(__begin);					\
	__ok; })

/* Flags between threads: they order nothing, what is tested has to. */
#define raise_flag(flag)	WRITE_ONCE(flag, true)
#define await_flag(flag)	stress_until(READ_ONCE(flag), STRESS_HANG_MS)

/* How long anything may take before the test says that it hangs. */
#define STRESS_HANG_MS		5000
/*
 * How long a hook waits for what must not happen; in a broken core it happens
 * within a few us, unless the machine is busy: caught.sh tries longer windows.
 */
#define STRESS_WINDOW_MS	stress_window_ms()
int stress_window_ms(void);

/* @n, less under sanitizers; at least 1. */
int stress_rounds(int n);

#define STRESS_TEAM_MAX	4

/* One team at a time. A member is called once in every round. */
typedef void (*stress_member_fn)(void);
void stress_team_start(int nr, const stress_member_fn *members);
/* All members, at once; fails the test when they do not come back. */
void stress_team_round(void);
/* The same without waiting for the end: then stress_team_finish(). */
void stress_team_begin(void);
void stress_team_finish(void);
void stress_team_stop(void);
#define stress_team(...)						\
	stress_team_start(						\
		sizeof((stress_member_fn[]){ __VA_ARGS__ }) /		\
			sizeof(stress_member_fn),			\
		(stress_member_fn[]){ __VA_ARGS__ })

/* For members, who may not assert: the test fails when the round is over. */
void stress_fail(const char *claim);
/* The same for what other threads claimed, RCU callbacks: after a barrier. */
void stress_check_claims(void);
#define stress_check(cond) \
	do { if (!(cond)) stress_fail(#cond); } while (0)

/* Ops with names only: freed by dma_fence_free(), detached when signalled. */
extern const struct dma_fence_ops stress_plain_ops;
/* With a release op, that counts. */
extern const struct dma_fence_ops stress_counted_ops;
const char *stress_name(struct dma_fence *fence);
void stress_counted_release(struct dma_fence *fence);
struct dma_fence *stress_fence(const struct dma_fence_ops *ops);
/* The same for members: NULL if there is no memory. */
struct dma_fence *stress_try_fence(const struct dma_fence_ops *ops);
/* What a fence that may have a lock of its own is given instead of that. */
#if CORE_HAS(inline_lock)
#define STRESS_OWN_LOCK(lock)	NULL
#else
#define STRESS_OWN_LOCK(lock)	(lock)
#endif
/* Fences with a counting release that were made and not released yet. */
int stress_live(void);

int stress_main(const char *group, const struct CMUnitTest *tests, size_t nr,
		int argc, char **argv);
#define STRESS_MAIN(group, tests) \
	stress_main(group, tests, sizeof(tests) / sizeof((tests)[0]), argc, argv)

#endif
