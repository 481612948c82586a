// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Samples of a latency: the time from the wake-up until the waiter runs. Both
 * threads read the clock: the waker immediately before it wakes, the waiter
 * immediately after its wait has returned.
 *
 * The waiter says that it is ready and waits. The waker delays for the time of
 * the lane, and wakes. If the waiter has to be asleep, the waker first reads
 * the thread's state from the kernel, and delays only when that says "asleep".
 * So the waiters of all lanes have slept for the same time, although each lane
 * spins for another time before it sleeps.
 */

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/cpus.h"
#include "engine/lane.h"
#include "engine/latency.h"
#include "engine/ops.h"

/* The first rounds of a sample do not count. */
#define WARM_ROUNDS	4
#define MIN_ROUNDS	8
/* Round trips between two readings of the clock. */
#define TRIPS		32
/* A wake-up that takes longer is lost. */
#define LOST_NS		20e9

/* The words through which the two threads meet, on cache lines of their own. */
static struct {
	struct lane *lane;
	int cpu;
	_Alignas(64) uint32_t ready;
	_Alignas(64) uint32_t done;
	/* Written before done: when the wait returned, and how it ended. */
	uint64_t woken_at;
	bool disturbed, ok;
	_Alignas(64) uint32_t stop;
	pid_t tid;
} meet;

static void *waiter_thread(void *unused)
{
	struct lane *l = meet.lane;
	unsigned long switches;
	uint64_t woken_at;
	uint32_t i, stop;

	pin_thread(meet.cpu);
	meet.tid = syscall(SYS_gettid);
	for (i = 1;; i++) {
		l->wake->prepare(l, i);
		switches = involuntary_switches();
		/* Release: pairs with the acquire in meet_until(). */
		__atomic_store_n(&meet.ready, i, __ATOMIC_RELEASE);
		l->wake->wait(l, i);
		woken_at = ticks();
		switches = involuntary_switches() - switches;
		meet.ok = l->wake->check(l, i);
		meet.woken_at = woken_at;
		meet.disturbed = switches;
		/*
		 * Acquire: pairs with the release in wake_round(). The waker
		 * sets it before the last wake-up.
		 */
		stop = __atomic_load_n(&meet.stop, __ATOMIC_ACQUIRE);
		__atomic_store_n(&meet.done, i, __ATOMIC_RELEASE);
		if (stop)
			return unused;
	}
}

_Noreturn static void die_lost(const struct lane *l)
{
	fprintf(stderr, "fence-bench: %s: the waiter was not woken\n", l->name);
	_exit(1);
}

/* Waits until @word is @value. Yields if both threads are on one CPU. */
static void meet_until(const struct lane *l, const uint32_t *word,
		       uint32_t value)
{
	uint64_t t0 = ticks();
	unsigned int turns = 0;

	/* Acquire: pairs with the releases in waiter_thread(). */
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value) {
		if (l->where == ONE_CPU)
			sched_yield();
		else
			relax();
		if (!(++turns & 1023) &&
		    (ticks() - t0) * bench.ns_per_tick > LOST_NS)
			die_lost(l);
	}
}

static void spin_ns(double ns)
{
	uint64_t t0 = ticks();

	while ((ticks() - t0) * bench.ns_per_tick < ns)
		relax();
}

/* Waits until the kernel says that the waiter sleeps. */
static void until_asleep(const struct lane *l, int fd)
{
	uint64_t t0 = ticks();
	char buf[256], *p;
	ssize_t n;

	if (fd < 0) {
		/* /proc is not there. This is much longer than any lane spins. */
		if (l->where == ONE_CPU)
			usleep(100);
		else
			spin_ns(1e5);
		return;
	}
	for (;;) {
		n = pread(fd, buf, sizeof(buf) - 1, 0);
		buf[n > 0 ? n : 0] = '\0';
		/* "tid (name) S ..." */
		p = strrchr(buf, ')');
		if (p && p[1] == ' ' && p[2] == 'S')
			return;
		if (l->where == ONE_CPU)
			sched_yield();
		if ((ticks() - t0) * bench.ns_per_tick > LOST_NS)
			die_lost(l);
	}
}

static int open_stat(pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void meet_start(pthread_t *thread, void *(*fn)(void *), struct lane *l)
{
	meet.lane = l;
	meet.cpu = bench.cpu[l->where == TWO_CPUS];
	meet.ready = meet.done = meet.stop = 0;
	if (pthread_create(thread, NULL, fn, NULL))
		die("cannot start a thread");
}

/*
 * The median of the undisturbed rounds, or of all if each was disturbed. Frees
 * both series.
 */
static double finish_sample(struct lane *l, struct series *clean,
			    struct series *disturbed)
{
	struct series *s = clean->n ? clean : disturbed;
	double median = series_median(s);

	series_append(&l->samples, s);
	l->taken += clean->n + disturbed->n;
	l->rejected += disturbed->n;
	l->disturbed_repeats += !clean->n;
	series_free(clean);
	series_free(disturbed);
	return median;
}

static void *pingpong_partner(void *unused)
{
	uint32_t i;

	pin_thread(meet.cpu);
	for (i = 1;; i++) {
		/* Acquire and release: pair with pingpong_sample()'s. */
		while (__atomic_load_n(&meet.ready, __ATOMIC_ACQUIRE) != i)
			;
		if (__atomic_load_n(&meet.stop, __ATOMIC_RELAXED))
			return unused;
		__atomic_store_n(&meet.done, i, __ATOMIC_RELEASE);
	}
}

/* A cache line to the other CPU, and another one back. */
static double pingpong_sample(struct lane *l, double seconds)
{
	struct series clean = { 0 }, disturbed = { 0 };
	double end = wall_seconds() + seconds;
	unsigned long switches;
	uint32_t i = 0, trip, round;
	pthread_t thread;
	uint64_t t0;

	meet_start(&thread, pingpong_partner, l);
	for (round = 0; round < MIN_ROUNDS || wall_seconds() < end; round++) {
		double ns;

		switches = involuntary_switches();
		t0 = ticks();
		for (trip = 0; trip < TRIPS; trip++) {
			/* Release, acquire: pair with the partner's. */
			__atomic_store_n(&meet.ready, ++i, __ATOMIC_RELEASE);
			while (__atomic_load_n(&meet.done, __ATOMIC_ACQUIRE) != i)
				;
		}
		ns = span(t0, ticks()) * bench.ns_per_tick / TRIPS;
		switches = involuntary_switches() - switches;
		if (round >= WARM_ROUNDS)
			series_add(switches ? &disturbed : &clean, ns);
	}
	__atomic_store_n(&meet.stop, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&meet.ready, i + 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	return finish_sample(l, &clean, &disturbed);
}

/* Delays until the waiter has waited, or slept, for the time of the lane. */
static void delay_wake(const struct lane *l, int *stat_fd)
{
	if (!l->asleep_ns) {
		spin_ns(l->lead_ns);
		return;
	}
	if (*stat_fd < 0)
		*stat_fd = open_stat(meet.tid);
	until_asleep(l, *stat_fd);
	spin_ns(l->asleep_ns);
}

/* Wakes the waiter of round @i, for the last time if @last. Returns the ns. */
static double wake_round(struct lane *l, uint32_t i, bool last, bool *disturbed)
{
	unsigned long switches;
	uint64_t woken_at;

	/* Release: pairs with the acquire in waiter_thread(). */
	if (last)
		__atomic_store_n(&meet.stop, 1, __ATOMIC_RELEASE);

	switches = involuntary_switches();
	woken_at = ticks();
	l->wake->wake(l, i);
	switches = involuntary_switches() - switches;
	meet_until(l, &meet.done, i);

	if (!meet.ok)
		wrong("%s: round %u did not end as it should", l->name, i);
	/* On one CPU the waiter may well interrupt the waker. */
	*disturbed = meet.disturbed || (switches && l->where != ONE_CPU);
	return span(woken_at, meet.woken_at) * bench.ns_per_tick;
}

static double wake_sample(struct lane *l, double seconds)
{
	struct series clean = { 0 }, disturbed = { 0 };
	double end = wall_seconds() + seconds, ns;
	bool last = false, is_disturbed;
	pthread_t thread;
	int stat_fd = -1;
	uint32_t i;

	if (l->before)
		l->before(l);
	meet_start(&thread, waiter_thread, l);
	for (i = 1; !last; i++) {
		meet_until(l, &meet.ready, i);
		delay_wake(l, &stat_fd);
		last = i >= WARM_ROUNDS + MIN_ROUNDS && wall_seconds() >= end;
		ns = wake_round(l, i, last, &is_disturbed);
		if (i > WARM_ROUNDS)
			series_add(is_disturbed ? &disturbed : &clean, ns);
	}
	pthread_join(thread, NULL);
	if (stat_fd >= 0)
		close(stat_fd);
	if (meet.done != i - 1)
		wrong("%s: %u signals, %u wake-ups", l->name, i - 1, meet.done);
	if (l->after)
		l->after(l, i - 1);
	return finish_sample(l, &clean, &disturbed);
}

double latency_sample(struct lane *l, double seconds)
{
	return l->pingpong ? pingpong_sample(l, seconds) : wake_sample(l, seconds);
}
