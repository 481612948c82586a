// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Peers: alternatives to fences. Here are those of one thread. */

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/base.h"
#include "engine/clock.h"
#include "engine/lane.h"
#include "engine/ops.h"
#include "limits/limits.h"

uint64_t peer_mutex(struct lane *l, unsigned long n)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_t *p = &mutex;
	uint64_t t0;

	hide(l);
	t0 = ticks();
	OPS(n, p, pthread_mutex_lock(p); hide(p); pthread_mutex_unlock(p));
	return span(t0, ticks());
}

uint64_t peer_spin(struct lane *l, unsigned long n)
{
	pthread_spinlock_t spin;
	void *p = (void *)&spin;
	uint64_t t0;

	hide(l);
	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	t0 = ticks();
	OPS(n, p, pthread_spin_lock(p); hide(p); pthread_spin_unlock(p));
	t0 = span(t0, ticks());
	pthread_spin_destroy(&spin);
	return t0;
}

/* An event made of a mutex and a condition, with a reference count. */
struct peer_event {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool done;
	int refs;
};

static void event_init(struct peer_event *e)
{
	pthread_mutex_init(&e->mutex, NULL);
	pthread_cond_init(&e->cond, NULL);
	e->done = false;
	e->refs = 1;
}

static void event_set(struct peer_event *e)
{
	pthread_mutex_lock(&e->mutex);
	e->done = true;
	pthread_cond_broadcast(&e->cond);
	pthread_mutex_unlock(&e->mutex);
}

static bool event_is_set(struct peer_event *e)
{
	bool done;

	pthread_mutex_lock(&e->mutex);
	done = e->done;
	pthread_mutex_unlock(&e->mutex);
	return done;
}

static void event_put(struct peer_event *e)
{
	/* Acquire and release: all uses of the event come before its end. */
	if (__atomic_fetch_sub(&e->refs, 1, __ATOMIC_ACQ_REL) != 1)
		return;
	pthread_cond_destroy(&e->cond);
	pthread_mutex_destroy(&e->mutex);
	free(e);
}

uint64_t peer_cond_create(struct lane *l, unsigned long n)
{
	unsigned long failed = 0;
	uint64_t t0 = ticks();

	OPS(n, l, {
		struct peer_event *e = malloc(sizeof(*e));

		if (!e) {
			failed++;
			continue;
		}
		event_init(e);
		event_set(e);
		event_put(e);
	});
	t0 = span(t0, ticks());
	if (failed)
		wrong("%s: no memory for an event", l->name);
	return t0;
}

uint64_t peer_cond_signal(struct lane *l, unsigned long n)
{
	struct peer_event event, *p = &event;
	uint64_t t0;

	event_init(p);
	t0 = ticks();
	OPS(n, p, event_set(p));
	t0 = span(t0, ticks());
	if (!event_is_set(p))
		wrong("%s: the event is not set", l->name);
	return t0;
}

uint64_t peer_cond_poll(struct lane *l, unsigned long n)
{
	struct peer_event event, *p = &event;
	unsigned long missed = 0;
	uint64_t t0;

	event_init(p);
	event_set(p);
	t0 = ticks();
	OPS(n, p, EXPECT(event_is_set(p), missed));
	t0 = span(t0, ticks());
	if (missed)
		wrong("%s: the event is not set", l->name);
	return t0;
}

void peer_eventfd_setup(struct lane *l)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		die("cannot make an eventfd");
	l->state = (void *)(intptr_t)fd;
}

void peer_eventfd_teardown(struct lane *l)
{
	close((intptr_t)l->state);
}

uint64_t peer_eventfd_create(struct lane *l, unsigned long n)
{
	unsigned long failed = 0;
	uint64_t one = 1, *p = &one, t0 = ticks();

	OPS(n, p, {
		int fd = eventfd(0, EFD_CLOEXEC);

		failed += write(fd, p, sizeof(*p)) != sizeof(*p);
		close(fd);
	});
	t0 = span(t0, ticks());
	if (failed)
		wrong("%s: an eventfd did not take a write", l->name);
	return t0;
}

uint64_t peer_eventfd_signal(struct lane *l, unsigned long n)
{
	int fd = (intptr_t)l->state;
	unsigned long failed = 0;
	uint64_t one = 1, *p = &one, t0 = ticks();

	OPS(n, p, failed += write(fd, p, sizeof(*p)) != sizeof(*p));
	t0 = span(t0, ticks());
	if (failed)
		wrong("%s: an eventfd did not take a write", l->name);
	return t0;
}

uint64_t peer_eventfd_poll(struct lane *l, unsigned long n)
{
	struct pollfd pfd = { .fd = (intptr_t)l->state, .events = POLLIN };
	struct pollfd *p = &pfd;
	unsigned long missed = 0;
	uint64_t one = 1, t0;

	if (write(pfd.fd, &one, sizeof(one)) != sizeof(one))
		wrong("%s: an eventfd did not take a write", l->name);
	t0 = ticks();
	OPS(n, p, missed += poll(p, 1, 0) != 1);
	t0 = span(t0, ticks());
	if (missed)
		wrong("%s: the eventfd was not readable", l->name);
	return t0;
}
