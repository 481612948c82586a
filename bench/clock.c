// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Which CPUs, and what time it is. */

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "bench.h"

/* Do two CPUs share a core? Then they are a bad pair to measure between. */
static bool are_siblings(int a, int b)
{
	char path[96], *p;
	char buf[256] = "";
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path),
		 "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", a);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fgets(buf, sizeof(buf), f)) {
		for (p = buf; *p && *p != '\n';) {
			long from = strtol(p, &p, 10), to = from;

			if (*p == '-')
				to = strtol(p + 1, &p, 10);
			if (b >= from && b <= to)
				found = true;
			if (*p != ',')
				break;
			p++;
		}
	}
	fclose(f);
	return found;
}

static int parse_cpu(const char *list, const char **p)
{
	char *end;
	long cpu;

	errno = 0;
	cpu = strtol(*p, &end, 10);
	if (end == *p || errno || cpu < 0 || cpu >= CPU_SETSIZE)
		die("--cpu wants one or two CPU numbers, as in 0,1; not \"%s\"",
		    list);
	*p = end;
	return cpu;
}

void choose_cpus(const char *list)
{
	const char *p = list;
	cpu_set_t allowed;
	int i, a = -1, b = -1, sibling = -1;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		die("sched_getaffinity: %s", strerror(errno));
	if (list) {
		a = parse_cpu(list, &p);
		if (*p == ',') {
			p++;
			b = parse_cpu(list, &p);
		}
		if (*p)
			die("--cpu wants one or two CPU numbers, as in 0,1; not \"%s\"",
			    list);
		if (a == b)
			die("--cpu wants two different CPUs, or one");
		if (!CPU_ISSET(a, &allowed))
			die("CPU %d does not exist, or must not be used", a);
		if (b >= 0 && !CPU_ISSET(b, &allowed))
			die("CPU %d does not exist, or must not be used", b);
	} else {
		for (i = 0; i < CPU_SETSIZE && b < 0; i++) {
			if (!CPU_ISSET(i, &allowed))
				continue;
			if (a < 0)
				a = i;
			else if (!are_siblings(a, i))
				b = i;
			else if (sibling < 0)
				sibling = i;
		}
		if (b < 0)
			b = sibling;
	}
	bench.cpu[0] = a;
	bench.cpu[1] = b;
}

static void pin_tid(pid_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	/* A thread of the library may have ended since it was listed. */
	if (sched_setaffinity(tid, sizeof(set), &set) && errno != ESRCH)
		die("cannot run on CPU %d: %s", cpu, strerror(errno));
}

void pin_thread(int cpu)
{
	pin_tid(0, cpu);
}

void pin_other_threads(int cpu)
{
	DIR *dir = opendir("/proc/self/task");
	pid_t self = syscall(SYS_gettid);
	struct dirent *e;

	if (!dir)
		return;
	while ((e = readdir(dir))) {
		pid_t tid = atoi(e->d_name);

		if (tid > 0 && tid != self)
			pin_tid(tid, cpu);
	}
	closedir(dir);
}

unsigned long involuntary_switches(void)
{
	struct rusage ru;

	getrusage(RUSAGE_THREAD, &ru);
	return ru.ru_nivcsw;
}

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

double wall_seconds(void)
{
	return monotonic_ns() * 1e-9;
}

static bool tsc_is_good(void)
{
#if defined(__x86_64__)
	char name[32] = "";
	unsigned int a, b, c, d;
	FILE *f;

	/* It counts at one rate, whatever the core does, */
	if (__get_cpuid(0x80000007, &a, &b, &c, &d) && (d & 1u << 8))
		return true;
	/* or the kernel trusts it. */
	f = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource",
		  "r");
	if (f) {
		if (!fgets(name, sizeof(name), f))
			name[0] = '\0';
		fclose(f);
	}
	return !strcmp(name, "tsc\n");
#else
	return false;
#endif
}

/* The counter's rate, against the kernel's clock. */
static double calibrate(void)
{
	uint64_t ns, ns0 = monotonic_ns(), t0 = ticks(), t;

	do {
		ns = monotonic_ns();
		t = ticks();
	} while (ns - ns0 < 50000000);
	return (double)(ns - ns0) / (t - t0);
}

uint64_t empty_loop(struct lane *l, unsigned long n)
{
	uint64_t t0;

	hide(l);
	t0 = ticks();
	OPS(n, l, (void)0);
	return span(t0, ticks());
}

/*
 * Do the counters of the two CPUs agree? A cache line is sent to and fro with
 * a reading on each side. In the shortest round trip, the other CPU's reading
 * should be half-way, and cannot be off by more than half of the trip.
 */
#define SKEW_ROUNDS	20000

static struct {
	_Alignas(64) uint32_t ball;
	_Alignas(64) uint64_t seen_at;
} skew;

static void *skew_partner(void *unused)
{
	uint32_t i;

	pin_thread(bench.cpu[1]);
	for (i = 1; i <= SKEW_ROUNDS; i++) {
		/* Acquire and release: pair with each other across threads. */
		while (__atomic_load_n(&skew.ball, __ATOMIC_ACQUIRE) != 2 * i - 1)
			relax();
		skew.seen_at = ticks();
		__atomic_store_n(&skew.ball, 2 * i, __ATOMIC_RELEASE);
	}
	return unused;
}

static void check_skew(void)
{
	double there, back, shortest = 1e18;
	bool backwards = false;
	uint64_t t0, t1;
	pthread_t thread;
	uint32_t i;

	if (bench.cpu[1] < 0)
		return;
	skew.ball = 0;
	if (pthread_create(&thread, NULL, skew_partner, NULL))
		die("cannot start a thread");
	for (i = 1; i <= SKEW_ROUNDS; i++) {
		t0 = ticks();
		__atomic_store_n(&skew.ball, 2 * i - 1, __ATOMIC_RELEASE);
		while (__atomic_load_n(&skew.ball, __ATOMIC_ACQUIRE) != 2 * i)
			relax();
		t1 = ticks();
		there = (double)(int64_t)(skew.seen_at - t0);
		back = (double)(int64_t)(t1 - skew.seen_at);
		if (there < 0 || back < 0)
			backwards = true;
		if (there + back < shortest) {
			shortest = there + back;
			bench.skew_ns = (there - back) / 2 * bench.ns_per_tick;
		}
	}
	pthread_join(thread, NULL);
	bench.skew_error_ns = shortest / 2 * bench.ns_per_tick;
	/* Then a latency read on both sides means nothing. */
	if (bench.tsc && backwards) {
		bench.tsc = false;
		fprintf(stderr,
			"fence-bench: the CPUs' counters do not agree; using CLOCK_MONOTONIC\n");
	}
}

/* After pin_thread(). */
void clock_init(void)
{
	struct series s = { 0 };
	unsigned long n = 16384;
	int i;

	bench.tsc = tsc_is_good();
	bench.ns_per_tick = bench.tsc ? calibrate() : 1;
	check_skew();
	if (!bench.tsc)
		bench.ns_per_tick = 1;

	for (i = 0; i < 1001; i++) {
		uint64_t t0 = ticks(), t1 = ticks();

		series_add(&s, t1 - t0);
	}
	bench.clock_ticks = series_median(&s);
	bench.clock_ns = bench.clock_ticks * bench.ns_per_tick;
	series_free(&s);

	for (i = 0; i < 101; i++)
		series_add(&s, empty_loop(NULL, n) * bench.ns_per_tick / n);
	bench.loop_ns = series_median(&s);
	series_free(&s);
}
