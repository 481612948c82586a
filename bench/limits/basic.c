// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The limits: the least that an operation on a fence has to do, in as little
 * code as possible. Here are those of one thread and of memory.
 */

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "engine/sizes.h"
#include "limits/futex.h"
#include "limits/limits.h"

uint64_t raw_load_test(struct lane *l, unsigned long n)
{
	static unsigned long word = 8;
	unsigned long *p = &word, missed = 0;
	uint64_t t0 = ticks();

	/* Acquire, because the test of a fence is; no thread writes. */
	OPS(n, p, EXPECT(__atomic_load_n(p, __ATOMIC_ACQUIRE) & 8, missed));
	t0 = span(t0, ticks());
	if (missed)
		wrong("%s: the flag was not set", l->name);
	return t0;
}

uint64_t raw_scan(struct lane *l, unsigned long n)
{
	static unsigned long words[1024];
	unsigned long *p = words, found = 0, left = n;
	uint64_t t0;
	int i;

	words[l->arg - 1] = 8;
	t0 = ticks();
	while (left--) {
		for (i = 0; i < l->arg; i++)
			if (__atomic_load_n(&p[i], __ATOMIC_ACQUIRE) & 8)
				break;
		found += i == l->arg - 1;
		hide(p);
	}
	t0 = span(t0, ticks());
	if (found != n)
		wrong("%s: found %lu of %lu", l->name, found, n);
	return t0;
}

/* The same with a pointer to each word. The words are in objects of 64 bytes. */
uint64_t raw_scan_objects(struct lane *l, unsigned long n)
{
	static struct {
		unsigned long word, rest[7];
	} objects[1024];
	static unsigned long *words[1024];
	unsigned long **p = words, found = 0, left = n;
	uint64_t t0;
	int i;

	for (i = 0; i < l->arg; i++)
		words[i] = &objects[i].word;
	*words[l->arg - 1] = 8;
	t0 = ticks();
	while (left--) {
		for (i = 0; i < l->arg; i++)
			if (__atomic_load_n(p[i], __ATOMIC_ACQUIRE) & 8)
				break;
		found += i == l->arg - 1;
		hide(p);
	}
	t0 = span(t0, ticks());
	if (found != n)
		wrong("%s: found %lu of %lu", l->name, found, n);
	return t0;
}

uint64_t raw_deadline(struct lane *l, unsigned long n)
{
	unsigned long late = 0, left = n;
	struct timespec at;
	uint32_t word = 0;
	uint64_t t0 = ticks();

	while (left--) {
		clock_gettime(CLOCK_MONOTONIC, &at);
		at.tv_nsec += DEADLINE_NS;
		if (at.tv_nsec >= 1000000000) {
			at.tv_nsec -= 1000000000;
			at.tv_sec++;
		}
		late += syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE_, 0,
				&at, NULL, -1) < 0 && errno == ETIMEDOUT;
	}
	t0 = span(t0, ticks());
	if (late != n)
		wrong("%s: %lu of %lu waits timed out", l->name, late, n);
	return t0;
}

uint64_t raw_inc_dec(struct lane *l, unsigned long n)
{
	static int count = 1;
	int *p = &count;
	unsigned long zero = 0;
	uint64_t t0 = ticks();

	OPS(n, p, {
		__atomic_fetch_add(p, 1, __ATOMIC_RELAXED);
		EXPECT(__atomic_fetch_sub(p, 1, __ATOMIC_RELEASE) != 1, zero);
	});
	t0 = span(t0, ticks());
	if (zero || count != 1)
		wrong("%s: the count is %d", l->name, count);
	return t0;
}

uint64_t raw_four_rmw(struct lane *l, unsigned long n)
{
	static unsigned int word;
	unsigned int *p = &word, old;
	uint64_t t0 = ticks();

	OPS(n, p, {
		__atomic_fetch_add(p, 1, __ATOMIC_SEQ_CST);
		old = 1;
		__atomic_compare_exchange_n(p, &old, 3, false, __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST);
		__atomic_fetch_sub(p, 1, __ATOMIC_SEQ_CST);
		__atomic_exchange_n(p, 0, __ATOMIC_SEQ_CST);
	});
	t0 = span(t0, ticks());
	if (word)
		wrong("%s: the word is %u", l->name, word);
	return t0;
}

/* 0: free, 1: held, 2: held, and a thread may sleep. */
static void futex_lock_slow(uint32_t *m)
{
	while (__atomic_exchange_n(m, 2, __ATOMIC_ACQUIRE))
		raw_futex(m, FUTEX_WAIT_PRIVATE_, 2);
}

static inline void futex_lock(uint32_t *m)
{
	uint32_t free = 0;

	/* Acquire: pairs with the release in futex_unlock(). */
	if (__builtin_expect(!__atomic_compare_exchange_n(m, &free, 1, false,
							  __ATOMIC_ACQUIRE,
							  __ATOMIC_RELAXED), 0))
		futex_lock_slow(m);
}

static inline void futex_unlock(uint32_t *m)
{
	/* Release: pairs with the acquire in futex_lock(). */
	if (__builtin_expect(__atomic_exchange_n(m, 0, __ATOMIC_RELEASE) == 2, 0))
		raw_futex(m, FUTEX_WAKE_PRIVATE_, 1);
}

uint64_t raw_futex_mutex(struct lane *l, unsigned long n)
{
	static uint32_t mutex;
	uint32_t *p = &mutex;
	uint64_t t0 = ticks();

	OPS(n, p, futex_lock(p); hide(p); futex_unlock(p));
	t0 = span(t0, ticks());
	if (mutex)
		wrong("%s: the lock is still held", l->name);
	return t0;
}

uint64_t raw_clock(struct lane *l, unsigned long n)
{
	struct timespec ts, *p = &ts;
	uint64_t t0;

	hide(l);
	t0 = ticks();
	OPS(n, p, clock_gettime(CLOCK_MONOTONIC, p));
	return span(t0, ticks());
}

uint64_t raw_malloc_free(struct lane *l, unsigned long n)
{
	size_t size = l->arg ? (size_t)l->arg : bench.fence_size;
	unsigned long failed = 0;
	uint64_t t0 = ticks();

	OPS(n, l, {
		void *p = malloc(size);

		EXPECT(p, failed);
		hide(p);
		free(p);
	});
	t0 = span(t0, ticks());
	if (failed)
		wrong("%s: malloc() failed", l->name);
	return t0;
}
