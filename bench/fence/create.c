// SPDX-License-Identifier: GPL-2.0 OR MIT
/* From the creation of a fence to its free, which is after a grace period. */

#include <malloc.h>
#include <string.h>
#include <linux/dma-fence.h>
#include <linux/slab.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "fence/fence.h"
#include "fence/lanes.h"
#include "fence/library.h"

struct create_state {
	size_t in_use;
	double cpu_ns, cpu_from;
	long rss_kib;
	unsigned long ops, most_pending;
};

/* A value of /proc/self/status; 0 if it is not there. */
static long status_kib(const char *key)
{
	FILE *f = fopen("/proc/self/status", "r");
	size_t len = strlen(key);
	char line[128];
	long kib = 0;

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, len) &&
		    sscanf(line + len, ": %ld", &kib) == 1)
			break;
	fclose(f);
	return kib;
}

/* Resets the peak of the resident size, VmHWM, to the present size. */
static void reset_peak(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (!f)
		return;
	fputs("5", f);
	fclose(f);
}

/* Bytes that are allocated with malloc(); 0 if malloc() does not count them. */
static size_t malloc_bytes(void)
{
#ifdef __GLIBC__
	return mallinfo2().uordblks;
#else
	return 0;
#endif
}

void fence_create_setup(struct lane *l)
{
	struct create_state *s = must_alloc(sizeof(*s));

	memset(s, 0, sizeof(*s));
	rcu_barrier();
	s->in_use = malloc_bytes();
	s->rss_kib = status_kib("VmRSS");
	reset_peak();
	l->state = s;
}

/*
 * The CPU time of all threads, because the thread that waits for grace periods
 * and frees works for the lane, too.
 */
static double process_cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

void fence_create_before(struct lane *l)
{
	struct create_state *s = l->state;

	s->cpu_from = process_cpu_ns();
}

void fence_create_after(struct lane *l, unsigned long ops)
{
	struct create_state *s = l->state;
	size_t in_use = malloc_bytes();
	unsigned long pending;

	/* malloc() adds a header of 8 to 16 bytes. */
	pending = in_use > s->in_use ?
			  (in_use - s->in_use) / (fence_size + 16) : 0;
	s->most_pending = max(s->most_pending, pending);
	s->ops += ops;
	/* Each sample begins when everything is freed. */
	rcu_barrier();
	s->cpu_ns += process_cpu_ns() - s->cpu_from;
}

static void add_extra(struct lane *l, const char *name, double value,
		      const char *unit)
{
	l->extra[l->nr_extra++] = (struct extra){ name, unit, value };
}

void fence_create_teardown(struct lane *l)
{
	struct create_state *s = l->state;
	long growth = status_kib("VmHWM") - s->rss_kib;
	size_t in_use;

	rcu_barrier();
	in_use = malloc_bytes();
	/* Memory that malloc() caches for a thread counts as used. */
	if (in_use > s->in_use + (1 << 20))
		wrong("%s: %zu bytes were not freed", l->name,
		      in_use - s->in_use);
	add_extra(l, "fences created", s->ops, "");
	add_extra(l, "most of them still to be freed", s->most_pending, "");
	add_extra(l, "CPU time of all threads, each", s->cpu_ns / s->ops, "ns");
	add_extra(l, "peak RSS growth", max(growth, 0L), "KiB");
	free(s);
}

uint64_t fence_create_signal_put(struct lane *l, unsigned long n)
{
	unsigned long failed = 0;
	uint64_t t0 = ticks();

	OPS(n, l, {
		struct dma_fence *f = kmalloc_obj(*f);

		if (!f) {
			failed++;
			continue;
		}
		bench_fence_init(f, &bench_fence_ops, 1, 1);
		dma_fence_signal(f);
		dma_fence_put(f);
	});
	t0 = span(t0, ticks());
	if (failed)
		wrong("%s: no memory for a fence", l->name);
	return t0;
}
