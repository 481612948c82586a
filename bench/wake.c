// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * From the signal to the waiter running. Both threads read the clock: the waker
 * right before it wakes, the waiter right after its wait has returned.
 *
 * The waiter says that it is ready and waits; the waker lets the time pass that
 * the lane asks for, and wakes. Where the waiter is to be asleep, the waker
 * first looks at what the kernel says of the thread's state, so that all lanes
 * have slept for the same time, however long each spins before it sleeps.
 */

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

/* Rounds at the beginning of a sample that do not count. */
#define WARM_ROUNDS	4
#define MIN_ROUNDS	8
/* Round trips between two readings of the clock. */
#define TRIPS		32
/* A wake-up that takes longer was lost. */
#define LOST_NS		20e9

/* What the threads tell each other, each on a line of its own. */
static struct {
	struct lane *lane;
	int cpu;
	_Alignas(64) uint32_t ready;
	_Alignas(64) uint32_t done;
	/* Before done is stored: when the wait returned, and how it went. */
	uint64_t woken_at;
	bool disturbed, ok;
	_Alignas(64) uint32_t stop;
	pid_t tid;
} meet;

static void *waiter(void *unused)
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
		/* Release: pairs with the waker's acquire. */
		__atomic_store_n(&meet.ready, i, __ATOMIC_RELEASE);
		l->wake->wait(l, i);
		woken_at = ticks();
		switches = involuntary_switches() - switches;
		meet.ok = l->wake->check(l, i);
		meet.woken_at = woken_at;
		meet.disturbed = switches;
		/* Set before the last wake-up, which orders it. */
		stop = __atomic_load_n(&meet.stop, __ATOMIC_ACQUIRE);
		__atomic_store_n(&meet.done, i, __ATOMIC_RELEASE);
		if (stop)
			return unused;
	}
}

static void lost(const struct lane *l)
{
	fprintf(stderr, "fence-bench: %s: the waiter was not woken\n", l->name);
	_exit(1);
}

/* Until @word is @value. On one CPU the other thread needs it to get there. */
static void until(const struct lane *l, const uint32_t *word, uint32_t value)
{
	uint64_t t0 = ticks();
	unsigned int turns = 0;

	/* Acquire: pairs with the waiter's releases. */
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value) {
		if (l->where == ONE_CPU)
			sched_yield();
		else
			relax();
		if (!(++turns & 1023) &&
		    (ticks() - t0) * bench.ns_per_tick > LOST_NS)
			lost(l);
	}
}

static void spin_ns(double ns)
{
	uint64_t t0 = ticks();

	while ((ticks() - t0) * bench.ns_per_tick < ns)
		relax();
}

/* Until the kernel says that the waiter sleeps. */
static void until_asleep(const struct lane *l, int fd)
{
	uint64_t t0 = ticks();
	char buf[256], *p;
	ssize_t n;

	if (fd < 0) {
		/* It does not say. This is much longer than any lane spins. */
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
			lost(l);
	}
}

static int open_stat(pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void start(pthread_t *thread, void *(*fn)(void *), struct lane *l)
{
	meet.lane = l;
	meet.cpu = bench.cpu[l->where == TWO_CPUS];
	meet.ready = meet.done = meet.stop = 0;
	if (pthread_create(thread, NULL, fn, NULL))
		die("cannot start a thread");
}

/* Median of the undisturbed, or of all if there are none. */
static double finish(struct lane *l, struct series *clean, struct series *dirty)
{
	struct series *s = clean->n ? clean : dirty;
	double median = series_median(s);
	size_t i;

	for (i = 0; i < s->n; i++)
		series_add(&l->samples, s->v[i]);
	l->taken += clean->n + dirty->n;
	l->rejected += dirty->n;
	l->disturbed_repeats += !clean->n;
	series_free(clean);
	series_free(dirty);
	return median;
}

static void *pingpong_partner(void *unused)
{
	uint32_t i;

	pin_thread(meet.cpu);
	for (i = 1;; i++) {
		/* Acquire and release: pair with pingpong()'s. */
		while (__atomic_load_n(&meet.ready, __ATOMIC_ACQUIRE) != i)
			;
		if (__atomic_load_n(&meet.stop, __ATOMIC_RELAXED))
			return unused;
		__atomic_store_n(&meet.done, i, __ATOMIC_RELEASE);
	}
}

/* A line to the other CPU and another one back. */
static double pingpong(struct lane *l, double seconds)
{
	struct series clean = { 0 }, dirty = { 0 };
	double end = wall_seconds() + seconds;
	unsigned long switches;
	uint32_t i = 0, trip, round;
	pthread_t thread;
	uint64_t t0;

	start(&thread, pingpong_partner, l);
	for (round = 0; round < MIN_ROUNDS || wall_seconds() < end; round++) {
		double ns;

		switches = involuntary_switches();
		t0 = ticks();
		for (trip = 0; trip < TRIPS; trip++) {
			__atomic_store_n(&meet.ready, ++i, __ATOMIC_RELEASE);
			while (__atomic_load_n(&meet.done, __ATOMIC_ACQUIRE) != i)
				;
		}
		ns = span(t0, ticks()) * bench.ns_per_tick / TRIPS;
		switches = involuntary_switches() - switches;
		if (round >= WARM_ROUNDS)
			series_add(switches ? &dirty : &clean, ns);
	}
	__atomic_store_n(&meet.stop, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&meet.ready, i + 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	return finish(l, &clean, &dirty);
}

double wake_sample(struct lane *l, double seconds)
{
	struct series clean = { 0 }, dirty = { 0 };
	double end = wall_seconds() + seconds;
	bool last = false;
	pthread_t thread;
	int fd = -1;
	uint32_t i;

	if (l->pingpong)
		return pingpong(l, seconds);

	if (l->before)
		l->before(l);
	start(&thread, waiter, l);
	for (i = 1; !last; i++) {
		unsigned long switches;
		uint64_t woken_at;
		double ns;

		until(l, &meet.ready, i);
		if (l->asleep_ns) {
			if (fd < 0)
				fd = open_stat(meet.tid);
			until_asleep(l, fd);
			spin_ns(l->asleep_ns);
		} else {
			spin_ns(l->lead_ns);
		}
		last = i >= WARM_ROUNDS + MIN_ROUNDS && wall_seconds() >= end;
		if (last)
			__atomic_store_n(&meet.stop, 1, __ATOMIC_RELEASE);

		switches = involuntary_switches();
		woken_at = ticks();
		l->wake->wake(l, i);
		switches = involuntary_switches() - switches;
		until(l, &meet.done, i);

		if (!meet.ok)
			wrong("%s: round %u did not end as it should", l->name, i);
		/* On one CPU the waiter may well interrupt the waker. */
		if (l->where == ONE_CPU)
			switches = 0;
		ns = span(woken_at, meet.woken_at) * bench.ns_per_tick;
		if (i > WARM_ROUNDS)
			series_add(switches || meet.disturbed ? &dirty : &clean,
				   ns);
	}
	pthread_join(thread, NULL);
	if (fd >= 0)
		close(fd);
	if (meet.done != i - 1)
		wrong("%s: %u signals, %u wake-ups", l->name, i - 1, meet.done);
	if (l->after)
		l->after(l, i - 1);
	return finish(l, &clean, &dirty);
}
