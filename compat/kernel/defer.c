// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Functions that run later in process context; see defer.h.
 *
 * A thread takes functions from one list and runs them. As long as the list is
 * not empty, a second thread looks at it. If the others have ended no function
 * for a millisecond, they are blocked: the second thread takes the next
 * function, and a third thread looks at the list. So a burst of short functions
 * needs two threads, and a function that blocks costs one more. Their number has
 * no limit: another process decides how many functions it blocks.
 *
 * A thread that has run the last function naps before it goes idle, so that the
 * caller of the next one does not have to wake it, which is a system call.
 */

#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "host/fd.h"
#include "kernel/defer.h"
#include "kernel/fork.h"
#include "kernel/internal.h"
#include "kernel/service.h"

#define DEFER_STALL_NS	NSEC_PER_MSEC
#define DEFER_NAP_NS	(250 * NSEC_PER_USEC)
/* How long lfpriv_defer_flush() waits for descriptors to be closed. */
#define DEFER_CLOSE	(HZ / 10 + 1)

struct defer_thread {
	struct lfpriv_service service;
	enum {
		/* Sleeps until it is claimed, or was never started. */
		DEFER_IDLE,
		/*
		 * Takes the next function: now, at the end of its nap, or when
		 * the others stall.
		 */
		DEFER_LOOKING,
		/* Runs a function. */
		DEFER_BUSY,
	} state;
	/* The number of the function that it runs, or 0. */
	unsigned long run;
	/* That function closes a descriptor, which is an end of this pipe, or of none. */
	bool closes;
	int closes_fd;
	u64 closes_pipe;
	struct defer_thread *next;
};

static int defer_thread(void *arg);

/* Protects everything below, except ->service. No lock nests inside it. */
static DEFINE_SPINLOCK(defer_lock);
static struct callback_head *defer_first, **defer_tail = &defer_first;
/* How many functions were put on the list, and taken from it. */
static unsigned long nr_queued, nr_begun;
/* How many functions are running, and how many have returned. */
static unsigned long nr_busy, nr_ended;
/* These need no memory. The last is followed by those that are allocated. */
#define DEFER_SERVICE	{ .name = "lfshim-defer", .fn = defer_thread }
static struct defer_thread defer_threads[] = {
	{ .service = DEFER_SERVICE, .next = &defer_threads[1] },
	{ .service = DEFER_SERVICE, .next = &defer_threads[2] },
	{ .service = DEFER_SERVICE, .next = &defer_threads[3] },
	{ .service = DEFER_SERVICE },
};
/* Where the next one is added. None is removed. */
static struct defer_thread **defer_last = &defer_threads[3].next;
/* The program exits: none is added. */
static bool defer_exiting;
/* lfpriv_defer_flush() sleeps here until a function begins or has returned. */
static DECLARE_WAIT_QUEUE_HEAD(defer_progress);

#define for_each_defer_thread(t)					\
	for ((t) = defer_threads; (t); (t) = (t)->next)

/* A thread that has to be added. */
#define DEFER_NEW	((struct defer_thread *)ERR_PTR(-ENOENT))

/*
 * Select the thread that has to be woken for the list, which is not empty. NULL
 * if a thread looks at it; DEFER_NEW if all threads run functions. Called with
 * the lock.
 */
static struct defer_thread *defer_claim(void)
{
	struct defer_thread *t, *idle = NULL;

	for_each_defer_thread(t) {
		if (t->state == DEFER_LOOKING)
			return NULL;
		if (!idle && t->state == DEFER_IDLE)
			idle = t;
	}
	if (!idle)
		return DEFER_NEW;
	WRITE_ONCE(idle->state, DEFER_LOOKING);
	return idle;
}

/*
 * Add a thread, and select one again. Without memory, the list waits until a
 * function returns, or for another call of lfpriv_defer_restart().
 */
static struct defer_thread *defer_add(void)
{
	struct defer_thread *t = kzalloc_obj(*t, GFP_ATOMIC), *mine = t;
	unsigned long flags;

	if (!t)
		return NULL;
	t->service = (struct lfpriv_service)DEFER_SERVICE;
	spin_lock_irqsave(&defer_lock, flags);
	if (!defer_exiting) {
		*defer_last = t;
		defer_last = &t->next;
		mine = NULL;
	}
	t = defer_first && !mine ? defer_claim() : NULL;
	spin_unlock_irqrestore(&defer_lock, flags);
	kfree(mine);
	return t;
}

/* Wake the thread, which may be NULL or DEFER_NEW. Called without the lock. */
static void defer_wake(struct defer_thread *t)
{
	unsigned long flags;

	if (t == DEFER_NEW)
		t = defer_add();
	if (!t)
		return;
	if (lfpriv_service_start(&t->service)) {
		lfpriv_service_wake(&t->service);
		return;
	}
	spin_lock_irqsave(&defer_lock, flags);
	WRITE_ONCE(t->state, DEFER_IDLE);
	spin_unlock_irqrestore(&defer_lock, flags);
}

/* Put a function on the list. Called with the lock. */
static void defer_queue(struct callback_head *head,
			void (*fn)(struct callback_head *head))
{
	head->func = fn;
	head->next = NULL;
	*defer_tail = head;
	defer_tail = &head->next;
	WRITE_ONCE(nr_queued, nr_queued + 1);
}

void lfpriv_defer(struct callback_head *head,
		  void (*fn)(struct callback_head *head))
{
	struct defer_thread *t;
	unsigned long flags;

	spin_lock_irqsave(&defer_lock, flags);
	defer_queue(head, fn);
	t = defer_claim();
	spin_unlock_irqrestore(&defer_lock, flags);
	defer_wake(t);
}

static struct lfpriv_closer *defer_closer(struct callback_head *head)
{
	return container_of(head, struct lfpriv_closer, head);
}

static void close_deferred(struct callback_head *head)
{
	struct lfpriv_closer *c = defer_closer(head);

	lfhost_fd_close(c->fd);
	kfree(c);
}

void lfpriv_close_later(struct lfpriv_closer *closer, int fd)
{
	closer->fd = fd;
	closer->pipe = 0;
	lfpriv_defer(&closer->head, close_deferred);
}

void lfpriv_close_queue(struct lfpriv_closer *closer, int fd, u64 pipe)
{
	unsigned long flags;

	closer->fd = fd;
	closer->pipe = pipe;
	spin_lock_irqsave(&defer_lock, flags);
	defer_queue(&closer->head, close_deferred);
	spin_unlock_irqrestore(&defer_lock, flags);
}

void lfpriv_defer_restart(void)
{
	struct defer_thread *t;
	unsigned long flags;

	spin_lock_irqsave(&defer_lock, flags);
	t = defer_first ? defer_claim() : NULL;
	spin_unlock_irqrestore(&defer_lock, flags);
	defer_wake(t);
}

/* Take the first function for @t. Called with the lock. */
static struct callback_head *defer_take(struct defer_thread *t)
{
	struct callback_head *head = defer_first;

	defer_first = head->next;
	if (!defer_first)
		defer_tail = &defer_first;
	WRITE_ONCE(t->state, DEFER_BUSY);
	WRITE_ONCE(nr_begun, nr_begun + 1);
	WRITE_ONCE(t->run, nr_begun);
	t->closes = head->func == close_deferred;
	t->closes_pipe = 0;
	if (t->closes) {
		t->closes_fd = defer_closer(head)->fd;
		t->closes_pipe = defer_closer(head)->pipe;
	}
	nr_busy++;
	return head;
}

/*
 * The last function of @t has returned, or it was woken. Returns the function
 * that it has to run, or NULL if it has to sleep until *@until.
 */
static struct callback_head *defer_next(struct defer_thread *t,
					unsigned long *seen, s64 *until)
{
	struct callback_head *head = NULL;
	struct defer_thread *other = NULL;
	unsigned long flags;
	bool ran;

	spin_lock_irqsave(&defer_lock, flags);
	ran = t->run;
	nr_busy -= ran;
	nr_ended += ran;
	WRITE_ONCE(t->run, 0);
	if (!defer_first && ran) {
		WRITE_ONCE(t->state, DEFER_LOOKING);
		*seen = nr_ended;
		*until = lfhost_clock() + DEFER_NAP_NS;
	} else if (!defer_first) {
		WRITE_ONCE(t->state, DEFER_IDLE);
		*until = LFHOST_FOREVER;
	} else if (ran || !nr_busy ||
		   (*seen == nr_ended && lfhost_clock() >= *until)) {
		head = defer_take(t);
		*until = LFHOST_FOREVER;
		other = defer_first ? defer_claim() : NULL;
	} else if (*until == LFHOST_FOREVER || *seen != nr_ended) {
		*seen = nr_ended;
		*until = lfhost_clock() + DEFER_STALL_NS;
	}
	spin_unlock_irqrestore(&defer_lock, flags);
	defer_wake(other);
	if (ran || head)
		wake_up_all(&defer_progress);
	return head;
}

static int defer_thread(void *arg)
{
	struct defer_thread *t = container_of(arg, struct defer_thread,
					      service);
	s64 until = LFHOST_FOREVER;
	struct callback_head *head;
	unsigned long seen = 0;

	for (;;) {
		__set_current_state(TASK_RUNNING);
		head = defer_next(t, &seen, &until);
		if (head) {
			head->func(head);
			continue;
		}
		/*
		 * F1: full barrier. Pairs with F1 in lfpriv_wake(). Without it,
		 * the conditions below may be read before the state is visible,
		 * and the thread misses its wake-up.
		 */
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		if (until == LFHOST_FOREVER &&
		    READ_ONCE(t->state) == DEFER_LOOKING)
			continue;
		lfpriv_sleep(until);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* End the nap of a thread, if one naps. */
static void defer_end_nap(void)
{
	struct defer_thread *t;
	unsigned long flags;

	spin_lock_irqsave(&defer_lock, flags);
	for_each_defer_thread(t)
		if (t->state == DEFER_LOOKING)
			break;
	spin_unlock_irqrestore(&defer_lock, flags);
	if (t)
		lfpriv_service_wake(&t->service);
}

/*
 * Find a thread that runs one of the first @queued functions, which closes a
 * descriptor or does not. The calling thread does not wait for itself.
 */
static struct defer_thread *
defer_find_running(unsigned long queued, bool closes, unsigned long *run)
{
	struct defer_thread *t;
	unsigned long flags;

	spin_lock_irqsave(&defer_lock, flags);
	for_each_defer_thread(t)
		if (t->run && (long)(queued - t->run) >= 0 &&
		    t->closes == closes &&
		    READ_ONCE(t->service.task) != current)
			break;
	*run = t ? t->run : 0;
	spin_unlock_irqrestore(&defer_lock, flags);
	return t;
}

void lfpriv_defer_flush(void)
{
	unsigned long queued, run, flags;
	struct defer_thread *t;
	long left = DEFER_CLOSE;

	might_sleep();
	spin_lock_irqsave(&defer_lock, flags);
	queued = nr_queued;
	spin_unlock_irqrestore(&defer_lock, flags);
	/* If no thread could be created, try again. */
	do {
		lfpriv_defer_restart();
		defer_end_nap();
	} while (!wait_event_timeout(defer_progress,
				     (long)(READ_ONCE(nr_begun) - queued) >= 0,
				     HZ / 10 + 1));
	/* The functions' stores are visible: they ended under the lock. */
	while ((t = defer_find_running(queued, false, &run)))
		wait_event(defer_progress, READ_ONCE(t->run) != run);
	/* Another process may hold up a close for ever. */
	while (left && (t = defer_find_running(queued, true, &run)))
		left = wait_event_timeout(defer_progress,
					  READ_ONCE(t->run) != run, left);
}

/*
 * The thread of the parent was about to close a descriptor, or has just closed it. Then
 * the program may have the number again, but never for the end to write to. A write of
 * no bytes needs such an end, and does nothing.
 */
static void defer_fork_close(struct defer_thread *t)
{
	struct lfpriv_closer *closer;
	uint64_t pipe;

	if (!t->run || !t->closes_pipe ||
	    lfhost_fd_pipe_id(t->closes_fd, &pipe) || pipe != t->closes_pipe ||
	    lfhost_fd_write(t->closes_fd, "", 0))
		return;
	/* The close may block. */
	closer = kmalloc_obj(*closer, GFP_ATOMIC);
	if (!closer)
		return;
	closer->fd = t->closes_fd;
	closer->pipe = pipe;
	defer_queue(&closer->head, close_deferred);
}

static void defer_fork_child(void)
{
	struct defer_thread *t;

	for_each_defer_thread(t) {
		defer_fork_close(t);
		lfpriv_service_fork_child(&t->service);
		t->state = DEFER_IDLE;
		t->run = 0;
	}
	nr_busy = 0;
	init_waitqueue_head(&defer_progress);
}

LFPRIV_AT_FORK(defer_fork) = {
	.level = LFPRIV_FORK_DEFER,
	.lock = &defer_lock,
	.child = defer_fork_child,
	.restart = lfpriv_defer_restart,
};

__attribute__((__destructor__(LFPRIV_EXIT_DEFER))) static void defer_exit(void)
{
	s64 end = lfhost_clock() + NSEC_PER_SEC;
	struct defer_thread *t;
	unsigned long flags;

	/* The whole list runs. Threads that are blocked share one second. */
	lfpriv_defer_restart();
	wait_event_timeout(defer_progress,
			   READ_ONCE(nr_begun) == READ_ONCE(nr_queued), HZ);
	spin_lock_irqsave(&defer_lock, flags);
	defer_exiting = true;
	spin_unlock_irqrestore(&defer_lock, flags);
	for_each_defer_thread(t)
		if (!READ_ONCE(t->run) || lfhost_clock() < end)
			lfpriv_service_stop(&t->service);
}
