// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Waking a thread without a fence: the limits, which are a bare flag and a bare
 * futex, and the peers.
 */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "engine/sizes.h"
#include "limits/futex.h"
#include "limits/limits.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv		449
#endif

/* struct futex_waitv of <linux/futex.h>. */
struct raw_waitv {
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};
#define WAITV_PRIVATE_32	(2 | 128)

/*
 * Each round has a slot on a cache line of its own, because a program makes a
 * new fence for each job.
 */
#define RING	64

struct wake_slot {
	_Alignas(64) uint32_t flag;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int fd;
	ssize_t got;
};

struct raw_wake {
	struct wake_slot ring[RING];
	/* For a wait for any of several: all but the last one, which is a slot. */
	uint32_t idle[NR_ANY];
	struct raw_waitv waitv[NR_ANY];
	struct pollfd poll[NR_ANY];
	int fds[NR_ANY];
	long result;
};

static struct wake_slot *slot_of(struct lane *l, unsigned int i)
{
	return &((struct raw_wake *)l->state)->ring[i % RING];
}

static int new_eventfd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd < 0)
		die("cannot make an eventfd");
	return fd;
}

void raw_wake_setup(struct lane *l)
{
	struct raw_wake *r = must_alloc(sizeof(*r));
	int i;

	for (i = 0; i < RING; i++) {
		r->ring[i].flag = 0;
		pthread_mutex_init(&r->ring[i].mutex, NULL);
		pthread_cond_init(&r->ring[i].cond, NULL);
		r->ring[i].fd = new_eventfd();
	}
	for (i = 0; i < NR_ANY; i++) {
		r->idle[i] = 0;
		r->waitv[i] = (struct raw_waitv){
			.uaddr = (uintptr_t)&r->idle[i],
			.flags = WAITV_PRIVATE_32,
		};
		r->fds[i] = new_eventfd();
		r->poll[i] = (struct pollfd){
			.fd = r->fds[i], .events = POLLIN,
		};
	}
	l->state = r;
}

void raw_wake_teardown(struct lane *l)
{
	struct raw_wake *r = l->state;
	int i;

	for (i = 0; i < RING; i++) {
		pthread_cond_destroy(&r->ring[i].cond);
		pthread_mutex_destroy(&r->ring[i].mutex);
		close(r->ring[i].fd);
	}
	for (i = 0; i < NR_ANY; i++)
		close(r->fds[i]);
	free(r);
}

static void flag_prepare(struct lane *l, unsigned int i)
{
	/* Relaxed: the waiter publishes it with the round's number. */
	__atomic_store_n(&slot_of(l, i)->flag, 0, __ATOMIC_RELAXED);
}

static bool flag_check(struct lane *l, unsigned int i)
{
	return __atomic_load_n(&slot_of(l, i)->flag, __ATOMIC_RELAXED) == i;
}

static void flag_wait(struct lane *l, unsigned int i)
{
	uint32_t *flag = &slot_of(l, i)->flag;

	/* Acquire: pairs with the release in flag_wake(). */
	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE))
		relax();
}

static void flag_wake(struct lane *l, unsigned int i)
{
	/* Release: pairs with the acquire in flag_wait(). */
	__atomic_store_n(&slot_of(l, i)->flag, i, __ATOMIC_RELEASE);
}

const struct wake_ops raw_flag_wake = {
	flag_prepare, flag_wait, flag_wake, flag_check,
};

static void futex_wait(struct lane *l, unsigned int i)
{
	uint32_t *flag = &slot_of(l, i)->flag;

	/* Acquire: pairs with the release in futex_wake(). */
	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE))
		raw_futex(flag, FUTEX_WAIT_PRIVATE_, 0);
}

static void futex_wake(struct lane *l, unsigned int i)
{
	uint32_t *flag = &slot_of(l, i)->flag;

	/* Release: pairs with the acquire in futex_wait() and waitv_wait(). */
	__atomic_store_n(flag, i, __ATOMIC_RELEASE);
	raw_futex(flag, FUTEX_WAKE_PRIVATE_, 1);
}

const struct wake_ops raw_futex_wake = {
	flag_prepare, futex_wait, futex_wake, flag_check,
};

static void cond_wait(struct lane *l, unsigned int i)
{
	struct wake_slot *s = slot_of(l, i);

	pthread_mutex_lock(&s->mutex);
	while (!s->flag)
		pthread_cond_wait(&s->cond, &s->mutex);
	pthread_mutex_unlock(&s->mutex);
}

static void cond_wake(struct lane *l, unsigned int i)
{
	struct wake_slot *s = slot_of(l, i);

	pthread_mutex_lock(&s->mutex);
	s->flag = i;
	pthread_cond_broadcast(&s->cond);
	pthread_mutex_unlock(&s->mutex);
}

const struct wake_ops peer_cond_wake = {
	flag_prepare, cond_wait, cond_wake, flag_check,
};

static void no_prepare(struct lane *l, unsigned int i)
{
}

static void eventfd_wait(struct lane *l, unsigned int i)
{
	struct wake_slot *s = slot_of(l, i);
	uint64_t v = 0;

	s->got = read(s->fd, &v, sizeof(v)) == sizeof(v) ? (ssize_t)v : -1;
}

static void eventfd_wake(struct lane *l, unsigned int i)
{
	uint64_t v = i;

	if (write(slot_of(l, i)->fd, &v, sizeof(v)) != sizeof(v))
		wrong("%s: an eventfd did not take a write", l->name);
}

static bool eventfd_check(struct lane *l, unsigned int i)
{
	return slot_of(l, i)->got == i;
}

const struct wake_ops peer_eventfd_wake = {
	no_prepare, eventfd_wait, eventfd_wake, eventfd_check,
};

/* A wait for any of NR_ANY words, by one system call. */
static long futex_waitv(struct raw_wake *r)
{
	return syscall(SYS_futex_waitv, r->waitv, NR_ANY, 0, NULL, 0);
}

void raw_waitv_setup(struct lane *l)
{
	struct raw_wake *r;

	raw_wake_setup(l);
	r = l->state;
	r->idle[0] = 1;
	if (futex_waitv(r) < 0 && errno != EAGAIN)
		l->not_run = "this kernel has no FUTEX_WAITV";
	r->idle[0] = 0;
}

static void waitv_prepare(struct lane *l, unsigned int i)
{
	struct raw_wake *r = l->state;

	flag_prepare(l, i);
	r->waitv[NR_ANY - 1].uaddr = (uintptr_t)&slot_of(l, i)->flag;
}

static void waitv_wait(struct lane *l, unsigned int i)
{
	struct raw_wake *r = l->state;
	uint32_t *flag = &slot_of(l, i)->flag;

	/* Acquire: pairs with the release in futex_wake(). */
	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE))
		futex_waitv(r);
}

const struct wake_ops peer_waitv_wake = {
	waitv_prepare, waitv_wait, futex_wake, flag_check,
};

uint64_t peer_waitv_done(struct lane *l, unsigned long n)
{
	struct raw_wake *r = l->state;
	unsigned long found = 0, i;
	uint64_t t0;

	/* The call returns, because this word has not the expected value. */
	r->idle[NR_ANY - 1] = 1;
	t0 = ticks();
	for (i = 0; i < n; i++)
		found += futex_waitv(r) < 0 && errno == EAGAIN;
	t0 = span(t0, ticks());
	r->idle[NR_ANY - 1] = 0;
	if (found != n)
		wrong("%s: found %lu of %lu", l->name, found, n);
	return t0;
}

static void poll_prepare(struct lane *l, unsigned int i)
{
	struct raw_wake *r = l->state;

	r->poll[NR_ANY - 1].fd = slot_of(l, i)->fd;
}

static void poll_wait(struct lane *l, unsigned int i)
{
	struct raw_wake *r = l->state;

	r->result = poll(r->poll, NR_ANY, -1);
}

static bool poll_check(struct lane *l, unsigned int i)
{
	struct raw_wake *r = l->state;

	/* Read the descriptor, so that the next round has to wait. */
	eventfd_wait(l, i);
	return r->result == 1 && r->poll[NR_ANY - 1].revents == POLLIN &&
	       eventfd_check(l, i);
}

const struct wake_ops peer_poll_wake = {
	poll_prepare, poll_wait, eventfd_wake, poll_check,
};

uint64_t peer_poll_done(struct lane *l, unsigned long n)
{
	struct raw_wake *r = l->state;
	struct pollfd *last = &r->poll[NR_ANY - 1];
	unsigned long found = 0, i;
	uint64_t t0, v = 1;

	if (write(last->fd, &v, sizeof(v)) != sizeof(v))
		wrong("%s: an eventfd did not take a write", l->name);
	t0 = ticks();
	for (i = 0; i < n; i++)
		found += poll(r->poll, NR_ANY, -1) == 1 &&
			 last->revents == POLLIN;
	t0 = span(t0, ticks());
	if (read(last->fd, &v, sizeof(v)) != sizeof(v) || found != n)
		wrong("%s: found %lu of %lu", l->name, found, n);
	return t0;
}
