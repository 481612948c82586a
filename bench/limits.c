// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The limits: the least that each operation of a fence has to do, as bare as it
 * can be written.
 */

#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "far.h"
#include "lanes.h"

#define FUTEX_WAIT_PRIVATE_	128
#define FUTEX_WAKE_PRIVATE_	129

long raw_futex(uint32_t *word, int op, uint32_t value)
{
	return syscall(SYS_futex, word, op, value, NULL);
}

uint64_t raw_load_test(struct lane *l, unsigned long n)
{
	static unsigned long word = 8;
	unsigned long *p = &word, missed = 0;
	uint64_t t0 = ticks();

	/* Acquire, as what it is the limit of; nobody writes. */
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

/* 0 free, 1 held, 2 held and somebody may sleep. */
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
	size_t size = l->arg ? (size_t)l->arg : fence_size;
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

/* One packet each to as many sockets as there are descriptors of fences. */
uint64_t raw_send(struct lane *l, unsigned long n)
{
	static int pairs[NR_EXPORTED][2];
	char packet[24] = "";
	unsigned long failed = 0;
	uint64_t t0, total = 0;
	int i;

	for (; n; n -= NR_EXPORTED) {
		for (i = 0; i < NR_EXPORTED; i++)
			if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
				       SOCK_NONBLOCK, 0, pairs[i]))
				die("cannot make a pair of sockets");
		t0 = ticks();
		for (i = 0; i < NR_EXPORTED; i++)
			failed += send(pairs[i][1], packet, sizeof(packet),
				       MSG_DONTWAIT | MSG_NOSIGNAL) !=
				  sizeof(packet);
		total += span(t0, ticks());
		for (i = 0; i < NR_EXPORTED; i++) {
			close(pairs[i][0]);
			close(pairs[i][1]);
		}
	}
	if (failed)
		wrong("%s: a socket did not take a packet", l->name);
	return total;
}

uint64_t raw_eventfd_write(struct lane *l, unsigned long n)
{
	static int fds[NR_EXPORTED];
	unsigned long failed = 0;
	uint64_t one = 1, t0, total = 0;
	int i;

	for (; n; n -= NR_EXPORTED) {
		for (i = 0; i < NR_EXPORTED; i++) {
			fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
			if (fds[i] < 0)
				die("cannot make an eventfd");
		}
		t0 = ticks();
		for (i = 0; i < NR_EXPORTED; i++)
			failed += write(fds[i], &one, sizeof(one)) != sizeof(one);
		total += span(t0, ticks());
		for (i = 0; i < NR_EXPORTED; i++)
			close(fds[i]);
	}
	if (failed)
		wrong("%s: an eventfd did not take a write", l->name);
	return total;
}

/* A list of as many nodes, of the same size, as a fence has callbacks. */

static unsigned long visited;

/*
 * Six cycles a node are few enough for the place of a jump in its cache line
 * to tell: these two stand on lines of their own, whatever is around them.
 */
static __attribute__((noinline, aligned(64))) void visit(struct node *node)
{
	visited++;
}

static __attribute__((noinline, aligned(64))) void walk(struct node *node)
{
	while (node) {
		struct node *next = node->next;

		node->func(node);
		node = next;
	}
}

void raw_walk_setup(struct lane *l)
{
	unsigned long lists = lists_of(l->arg), i, k;
	struct node *nodes = must_alloc(lists * l->arg * sizeof(*nodes));

	for (i = 0; i < lists; i++) {
		struct node *list = &nodes[i * l->arg];

		for (k = 0; k < (unsigned long)l->arg; k++) {
			list[k].next = k + 1 < (unsigned long)l->arg ?
					       &list[k + 1] : NULL;
			list[k].func = visit;
		}
	}
	l->state = nodes;
}

void raw_walk_teardown(struct lane *l)
{
	free(l->state);
}

static inline uint64_t walk_lists(struct lane *l, unsigned long n,
				  void (*walk_list)(struct node *))
{
	unsigned long lists = lists_of(l->arg), i, blocks = n / lists;
	unsigned long expect = visited + n * l->arg;
	uint64_t t0, total = 0;

	while (blocks--) {
		t0 = ticks();
		for (i = 0; i < lists; i++) {
			struct node *node = (struct node *)l->state + i * l->arg;

			hide(node);
			walk_list(node);
		}
		total += span(t0, ticks());
	}
	if (visited != expect)
		wrong("%s: visited %ld nodes too many", l->name,
		      (long)(visited - expect));
	return total;
}

uint64_t raw_walk(struct lane *l, unsigned long n)
{
	return walk_lists(l, n, walk);
}

uint64_t raw_far_walk(struct lane *l, unsigned long n)
{
	return walk_lists(l, n, far_walk);
}
