// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Fences and event loops: work for an executor, and eventfds. */

#include "explore.h"
#include "shim/fd.h"

#include <linux/completion.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <libfence/dma-fence.h>
#include <libfence/event-loop.h>

#include "jobs.h"

/* The executor: a queue, and a loop that is told of each entry. */

struct loop {
	spinlock_t lock;
	/* Under the lock. */
	struct libfence_work *first;
	struct completion posted;
	/* Of the loop's thread. */
	int runs;
};

static struct loop *loop;
static struct libfence_work *work;

static void post_to_loop(struct libfence_work *posted, void *executor)
{
	struct loop *to = executor;
	unsigned long flags;

	spin_lock_irqsave(&to->lock, flags);
	posted->next = to->first;
	to->first = posted;
	spin_unlock_irqrestore(&to->lock, flags);
	complete(&to->posted);
}

static struct libfence_work *take_from_loop(void)
{
	struct libfence_work *taken;
	unsigned long flags;

	wait_for_completion(&loop->posted);
	spin_lock_irqsave(&loop->lock, flags);
	taken = loop->first;
	if (taken)
		loop->first = taken->next;
	spin_unlock_irqrestore(&loop->lock, flags);
	lfx_assert(taken);
	return taken;
}

static void free_work(const struct libfence *fence, void *data)
{
	struct libfence_work *done = data;

	lfx_assert(libfence_is_signaled(fence));
	loop->runs++;
	kfree(done);
}

static void make_loop_for(int nr, libfence_callback_fn fn)
{
	make_jobs(nr);
	loop = kzalloc_obj(*loop);
	spin_lock_init(&loop->lock);
	init_completion(&loop->posted);
	work = kmalloc_obj(*work);
	libfence_work_init(work, fn, work, post_to_loop, loop);
}

static void make_loop(void)
{
	make_loop_for(1, free_work);
}

static void check_loop(int runs)
{
	lfx_assert(loop->runs == runs && !loop->first);
	kfree(loop);
	put_jobs();
}

static void check_one_run(void)
{
	check_loop(1);
}

static void register_work(void)
{
	lfx_assert(!libfence_work_register(fences[0], work));
}

static void run_work(void)
{
	libfence_work_run(take_from_loop());
}

static void register_and_run(void)
{
	register_work();
	run_work();
}

LFX_SCENARIO(loop_run) = {
	.name = "loop-run",
	.what = "a signal against a loop that registers work and runs it",
	.setup = make_loop,
	.threads = { { "owner", signal_0 }, { "loop", register_and_run } },
	.check = check_one_run,
};

/* The work may have been freed when registering returns. */

LFX_SCENARIO(loop_register) = {
	.name = "loop-register",
	.what = "a signal, a loop, and another thread that registers the work",
	.setup = make_loop,
	.threads = {
		{ "owner", signal_0 }, { "registers", register_work },
		{ "loop", run_work },
	},
	.check = check_one_run,
};

/* The loop gives the work up, whether it was posted or not. */

static void register_and_unregister(void)
{
	register_work();
	if (libfence_work_unregister(work)) {
		/* Somebody may run an item of the queue: nothing happens. */
		lfx_assert(take_from_loop() == work);
		libfence_work_run(work);
	}
	kfree(work);
}

static void check_no_run(void)
{
	check_loop(0);
}

LFX_SCENARIO(loop_unregister) = {
	.name = "loop-unregister",
	.what = "a signal against a loop that unregisters the work and frees it",
	.setup = make_loop,
	.threads = { { "owner", signal_0 },
		     { "loop", register_and_unregister } },
	.check = check_no_run,
};

/* The function registers its work again, for the other fence. */

static void register_again(const struct libfence *fence, void *data)
{
	loop->runs++;
	if (loop->runs == 2)
		kfree(work);
	else
		lfx_assert(!libfence_work_register(fences[1], work));
}

static void make_loop_of_two(void)
{
	make_loop_for(2, register_again);
	register_work();
}

static void run_work_twice(void)
{
	run_work();
	run_work();
}

static void check_two_runs(void)
{
	check_loop(2);
}

LFX_SCENARIO(loop_again) = {
	.name = "loop-again",
	.what = "two signals against work that registers itself again",
	.setup = make_loop_of_two,
	.threads = {
		{ "owner 0", signal_0 }, { "owner 1", signal_1 },
		{ "loop", run_work_twice },
	},
	.check = check_two_runs,
};

/* Eventfds */

static struct libfence_eventfd *eventfd;
static struct libfence_callback *adds[2];
static int fd;

static void make_eventfd(int nr)
{
	int i;

	make_jobs(nr);
	fd = lfx_eventfd_open();
	eventfd = libfence_eventfd_create(fd, NULL);
	lfx_assert(eventfd);
	for (i = 0; i < nr; i++)
		adds[i] = kmalloc_obj(*adds[i]);
}

static void make_eventfd_for_one(void)
{
	make_eventfd(1);
}

static void wait_for_eventfd(uint64_t value)
{
	uint64_t sum = 0, read;

	for (;;) {
		read = lfx_eventfd_read(fd);
		sum += read;
		lfx_assert(sum <= value);
		if (sum == value)
			return;
		if (!read)
			cpu_relax();
	}
}

/* The callback, and the library's descriptor, are gone after this. */
static void end_eventfd(int nr)
{
	int i;

	for (i = 0; i < nr; i++) {
		libfence_callback_unregister(adds[i]);
		kfree(adds[i]);
	}
	libfence_eventfd_destroy(&eventfd);
}

static void register_and_poll(void)
{
	lfx_assert(!libfence_eventfd_register(fences[0], adds[0], eventfd));
	wait_for_eventfd(1);
	end_eventfd(1);
}

static void check_eventfds(void)
{
	lfx_assert(!lfx_eventfd_read(fd));
	lfx_fd_close(fd);
	lfx_assert(!lfx_eventfds_open());
	put_jobs();
}

LFX_SCENARIO(eventfd_poll) = {
	.name = "eventfd-poll",
	.what = "a signal against registering and waiting for the eventfd",
	.setup = make_eventfd_for_one,
	.threads = { { "owner", signal_0 }, { "loop", register_and_poll } },
	.check = check_eventfds,
};

/*
 * The loop ends it all while the fence is signalled. If it was before, registering
 * has added, and no callback was there to unregister.
 */

static bool has_added;

static void register_and_end(void)
{
	lfx_assert(!libfence_eventfd_register(fences[0], adds[0], eventfd));
	has_added = libfence_callback_unregister(adds[0]);
	kfree(adds[0]);
	libfence_eventfd_destroy(&eventfd);
}

static void check_added(void)
{
	uint64_t value = lfx_eventfd_read(fd);

	lfx_assert(value <= 1 && (value || !has_added));
	check_eventfds();
}

LFX_SCENARIO(eventfd_end) = {
	.name = "eventfd-end",
	.what = "a signal against registering, and the end of the eventfd",
	.setup = make_eventfd_for_one,
	.threads = { { "owner", signal_0 }, { "loop", register_and_end } },
	.check = check_added,
};

/* Two fences add to it, and none is lost. */

static void make_eventfd_of_two(void)
{
	int i;

	make_eventfd(2);
	for (i = 0; i < 2; i++)
		lfx_assert(!libfence_eventfd_register(fences[i], adds[i],
						      eventfd));
}

static void poll_for_two(void)
{
	wait_for_eventfd(2);
	end_eventfd(2);
}

LFX_SCENARIO(eventfd_two) = {
	.name = "eventfd-two",
	.what = "the signals of two fences that add to one eventfd",
	.setup = make_eventfd_of_two,
	.threads = {
		{ "owner 0", signal_0 }, { "owner 1", signal_1 },
		{ "loop", poll_for_two },
	},
	.check = check_eventfds,
};
