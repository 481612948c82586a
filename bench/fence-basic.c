// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Fences on one thread: making, signalling, counting, looking. */

#include <malloc.h>
#include <string.h>
#include <linux/dma-fence.h>
#include <linux/slab.h>
#include <libfence/libfence.h>

#include "fence.h"

const size_t fence_size = sizeof(struct dma_fence);

static const char *bench_fence_name(struct dma_fence *fence)
{
	return "bench";
}

static bool bench_fence_not_done(struct dma_fence *fence)
{
	return false;
}

const struct dma_fence_ops bench_fence_ops = {
	.get_driver_name = bench_fence_name,
	.get_timeline_name = bench_fence_name,
};

static const struct dma_fence_ops asking_ops = {
	.get_driver_name = bench_fence_name,
	.get_timeline_name = bench_fence_name,
	.signaled = bench_fence_not_done,
};

const char *fence_library_version(void)
{
	return libfence_version();
}

const char *fence_build_note(void)
{
#if defined(LFSHIM_SANITIZED)
	return "built with a sanitizer: the numbers mean nothing";
#else
	return libfence_has_checks() ?
		       "the library was built with checks: the numbers mean little" :
		       NULL;
#endif
}

unsigned long fence_warnings(void)
{
	return libfence_warn_count();
}

#ifdef BENCH_NO_OWN_LOCKS
struct bench_lock bench_locks[NR_LOCKS];

static void start_locks(void)
{
	int i;

	for (i = 0; i < NR_LOCKS; i++)
		spin_lock_init(&bench_locks[i].lock);
}
#else
static void start_locks(void)
{
}
#endif

void fence_library_start(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	start_locks();
	/* Deferred frees have a thread; so that it is there. */
	kfree(p);
	rcu_barrier();
}

/* Creation to release, with the free that comes after a grace period. */

struct create_state {
	size_t in_use;
	double cpu_ns, cpu_from;
	long rss_kib;
	unsigned long ops, most_pending;
};

/* From /proc/self/status; 0 where there is no such thing. */
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

/* The highest resident size counts from here. */
static void reset_peak(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (!f)
		return;
	fputs("5", f);
	fclose(f);
}

/* Bytes from malloc(); 0 where malloc() does not tell. */
static size_t bytes_in_use(void)
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
	s->in_use = bytes_in_use();
	s->rss_kib = status_kib("VmRSS");
	reset_peak();
	l->state = s;
}

/* All threads: whoever waits for grace periods and frees works for us. */
static double cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

void fence_create_before(struct lane *l)
{
	struct create_state *s = l->state;

	s->cpu_from = cpu_ns();
}

void fence_create_after(struct lane *l, unsigned long ops)
{
	struct create_state *s = l->state;
	size_t in_use = bytes_in_use();
	unsigned long pending;

	/* malloc() adds a header of 8 to 16 bytes. */
	pending = in_use > s->in_use ?
			  (in_use - s->in_use) / (fence_size + 16) : 0;
	s->most_pending = max(s->most_pending, pending);
	s->ops += ops;
	/* So that each sample begins with nothing to be freed. */
	rcu_barrier();
	s->cpu_ns += cpu_ns() - s->cpu_from;
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
	in_use = bytes_in_use();
	/* What malloc() caches for a thread counts as used. */
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

/* One fence, for what changes nothing. */

void fence_one_setup(struct lane *l)
{
	struct dma_fence *f = must_alloc(sizeof(*f));

	bench_fence_init(f, l->arg & FENCE_HAS_OP ? &asking_ops : &bench_fence_ops,
			 1, 1);
	if (l->arg & FENCE_SIGNALLED)
		dma_fence_signal(f);
	l->state = f;
}

void fence_one_teardown(struct lane *l)
{
	check_fence(l, l->state, l->arg & FENCE_SIGNALLED);
	free(l->state);
}

uint64_t fence_get_put(struct lane *l, unsigned long n)
{
	struct dma_fence *f = l->state;
	uint64_t t0;

	hide(f);
	t0 = ticks();
	OPS(n, f, dma_fence_get(f); dma_fence_put(f));
	t0 = span(t0, ticks());
	check_fence(l, f, l->arg & FENCE_SIGNALLED);
	return t0;
}

uint64_t fence_is_signaled(struct lane *l, unsigned long n)
{
	unsigned long count = 0;
	struct dma_fence *f = l->state;
	uint64_t t0;

	if (l->arg & FENCE_SIGNALLED) {
		t0 = ticks();
		OPS(n, f, EXPECT(dma_fence_is_signaled(f), count));
	} else {
		t0 = ticks();
		OPS(n, f, EXPECT(!dma_fence_is_signaled(f), count));
	}
	t0 = span(t0, ticks());
	if (count)
		wrong("%s: %lu wrong answers of %lu", l->name, count, n);
	return t0;
}

void check_fence(struct lane *l, struct dma_fence *f, bool signalled)
{
	if (kref_read(&f->refcount) != 1)
		wrong("%s: %u references are left instead of 1", l->name,
		      kref_read(&f->refcount));
	if (dma_fence_is_signaled(f) != signalled)
		wrong("%s: the fence is %ssignalled", l->name,
		      signalled ? "not " : "");
}
