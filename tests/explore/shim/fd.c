// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Descriptors, instead of compat/host/fd.c: pipes and eventfds of this program only.
 * This file is instrumented: each call of the host is one step under a lock, as in a
 * kernel, so that the explorer tries their orders. See fd.h for close(), poll() and
 * eventfds.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "host/fd.h"

#include "fd.h"

#define MAX_PIPES	16
#define MAX_EVENTFDS 8
/* Their descriptors have these numbers and the next ones. */
#define FIRST_EVENTFD (2 * MAX_PIPES)

/* Descriptor 2n is the end of pipe n to read from, and 2n + 1 the other one. */
static struct pipe {
	bool used, open[2], has_label, has_packet;
	char label[LFHOST_FD_LABEL];
} pipes[MAX_PIPES];

/* A descriptor of an eventfd. All of one eventfd share a counter. */
static struct eventfd {
	bool open;
	int counter;
} eventfds[MAX_EVENTFDS];
static uint64_t counters[MAX_EVENTFDS];
static int nr_eventfds;

/* Protects ->pipes, ->eventfds and ->counters. No lock nests inside it. */
static DEFINE_SPINLOCK(pipes_lock);

static struct pipe *pipe_of(int fd)
{
	struct pipe *p = &pipes[fd / 2];

	return fd >= 0 && fd < 2 * MAX_PIPES && p->used && p->open[fd % 2] ?
	       p : NULL;
}

static struct eventfd *eventfd_of(int fd)
{
	int n = fd - FIRST_EVENTFD;

	return n >= 0 && n < nr_eventfds && eventfds[n].open ? &eventfds[n] :
							       NULL;
}

/* A pipe is never used twice: its number is that of a pipe of this run. */
int lfhost_fd_pipe(int fds[2], uint64_t *id)
{
	int n = 0, err = -EMFILE;
	unsigned long flags;

	spin_lock_irqsave(&pipes_lock, flags);
	while (n < MAX_PIPES && pipes[n].used)
		n++;
	if (n < MAX_PIPES) {
		pipes[n] = (struct pipe){ .used = true, .open = { true, true } };
		fds[0] = 2 * n;
		fds[1] = 2 * n + 1;
		*id = n + 1;
		err = 0;
	}
	spin_unlock_irqrestore(&pipes_lock, flags);
	return err;
}

int lfhost_fd_pipe_id(int fd, uint64_t *id)
{
	unsigned long flags;
	struct pipe *p;

	spin_lock_irqsave(&pipes_lock, flags);
	p = pipe_of(fd);
	spin_unlock_irqrestore(&pipes_lock, flags);
	if (!p)
		return -EBADF;
	*id = p - pipes + 1;
	return 0;
}

void lfhost_fd_shrink(int fd)
{
}

int lfhost_fd_set_label(int fd, const char *label)
{
	unsigned long flags;
	struct pipe *p;

	spin_lock_irqsave(&pipes_lock, flags);
	p = pipe_of(fd);
	if (p) {
		strscpy(p->label, label, sizeof(p->label));
		p->has_label = true;
	}
	spin_unlock_irqrestore(&pipes_lock, flags);
	return p ? 0 : -EBADF;
}

void lfhost_fd_clear_label(int fd)
{
	unsigned long flags;
	struct pipe *p;

	spin_lock_irqsave(&pipes_lock, flags);
	p = pipe_of(fd);
	if (p)
		p->has_label = false;
	spin_unlock_irqrestore(&pipes_lock, flags);
}

int lfhost_fd_write(int fd, const void *buf, size_t size)
{
	int result = -EBADF;
	unsigned long flags;
	struct pipe *p;

	spin_lock_irqsave(&pipes_lock, flags);
	p = pipe_of(fd);
	if (p && !p->open[0]) {
		result = -EPIPE;
	} else if (p) {
		WARN(p->has_packet, "a second packet in a pipe");
		p->has_packet = true;
		result = size;
	}
	spin_unlock_irqrestore(&pipes_lock, flags);
	return result;
}

void lfhost_fd_alone(const int *fds, bool *closed, int n)
{
	unsigned long flags;
	struct pipe *p;
	int i;

	spin_lock_irqsave(&pipes_lock, flags);
	for (i = 0; i < n; i++) {
		p = pipe_of(fds[i]);
		closed[i] = p && !p->open[0];
	}
	spin_unlock_irqrestore(&pipes_lock, flags);
}

int lfhost_fd_each_pipe(void (*fn)(uint64_t id, void *data), void *data)
{
	unsigned long flags;
	int i, n = 0;
	bool open;

	for (i = 0; i < MAX_PIPES; i++) {
		spin_lock_irqsave(&pipes_lock, flags);
		open = pipes[i].open[0];
		spin_unlock_irqrestore(&pipes_lock, flags);
		if (!open)
			continue;
		fn(i + 1, data);
		n++;
	}
	return n;
}

void lfhost_fd_clear_cloexec(int fd)
{
}

void lfhost_fd_close(int fd)
{
	unsigned long flags;
	struct eventfd *e;
	struct pipe *p;

	spin_lock_irqsave(&pipes_lock, flags);
	p = pipe_of(fd);
	e = eventfd_of(fd);
	if (p)
		p->open[fd % 2] = false;
	else if (e)
		e->open = false;
	spin_unlock_irqrestore(&pipes_lock, flags);
	WARN(!p && !e, "close(%d) of a descriptor that is not open", fd);
}

/* The next descriptor, which is never used again. With the lock. */
static int new_eventfd(int counter)
{
	if (nr_eventfds == MAX_EVENTFDS)
		return -EMFILE;
	eventfds[nr_eventfds] =
		(struct eventfd){ .open = true, .counter = counter };
	return FIRST_EVENTFD + nr_eventfds++;
}

int lfhost_eventfd_dup(int fd)
{
	unsigned long flags;
	struct eventfd *e;
	int new = -EBADF;

	spin_lock_irqsave(&pipes_lock, flags);
	e = eventfd_of(fd);
	if (e)
		new = new_eventfd(e->counter);
	else if (pipe_of(fd))
		new = -EINVAL;
	spin_unlock_irqrestore(&pipes_lock, flags);
	return new;
}

void lfhost_eventfd_add(int fd)
{
	unsigned long flags;
	struct eventfd *e;

	spin_lock_irqsave(&pipes_lock, flags);
	e = eventfd_of(fd);
	if (e)
		counters[e->counter]++;
	spin_unlock_irqrestore(&pipes_lock, flags);
	WARN(!e, "write(%d) to a descriptor that is not open", fd);
}

int lfx_eventfd_open(void)
{
	unsigned long flags;
	int fd;

	spin_lock_irqsave(&pipes_lock, flags);
	fd = new_eventfd(nr_eventfds);
	spin_unlock_irqrestore(&pipes_lock, flags);
	return fd;
}

uint64_t lfx_eventfd_read(int fd)
{
	unsigned long flags;
	uint64_t value = 0;
	struct eventfd *e;

	spin_lock_irqsave(&pipes_lock, flags);
	e = eventfd_of(fd);
	if (e) {
		value = counters[e->counter];
		counters[e->counter] = 0;
	}
	spin_unlock_irqrestore(&pipes_lock, flags);
	WARN(!e, "read(%d) of a descriptor that is not open", fd);
	return value;
}

bool lfx_fd_is_readable(int fd)
{
	bool readable = false;
	unsigned long flags;
	struct pipe *p;

	spin_lock_irqsave(&pipes_lock, flags);
	p = pipe_of(fd);
	if (p)
		readable = p->has_packet || !p->open[1];
	spin_unlock_irqrestore(&pipes_lock, flags);
	return readable;
}

void lfx_fd_close(int fd)
{
	lfhost_fd_close(fd);
}

int lfx_fd_open_pipes(void)
{
	int i, n = 0;

	for (i = 0; i < MAX_PIPES; i++)
		n += pipes[i].open[0] || pipes[i].open[1];
	return n;
}

int lfx_eventfds_open(void)
{
	int i, n = 0;

	for (i = 0; i < nr_eventfds; i++)
		n += eventfds[i].open;
	return n;
}

/* User memory is the memory of the program. */
bool lfhost_copy_from(void *to, const void *from, size_t size)
{
	memcpy(to, from, size);
	return true;
}

bool lfhost_copy_to(void *to, const void *from, size_t size)
{
	memcpy(to, from, size);
	return true;
}

/* As on a host that does not allow it: the memory may not exist. */
bool lfhost_peek(void *to, const void *from, size_t size)
{
	return false;
}
