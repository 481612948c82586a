// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The consumers of driver fences: callbacks are registered and unregistered
 * while the owner signals. D4, ... are the races in the table of
 * tests/stress/README.md.
 */

#include "explore.h"

#include <linux/completion.h>
#include <linux/slab.h>

#include "jobs.h"

/* D5: after unregistering, the callback's memory is the consumer's again. */

static int calls, expected;

static void count_call(const struct libfence *fence, void *unused)
{
	calls++;
}

static void register_unregister_free(void)
{
	struct libfence_callback *cb = kmalloc_obj(*cb);

	libfence_callback_init(cb, count_call, NULL);
	if (!libfence_callback_register(fences[0], cb))
		expected = libfence_callback_unregister(cb);
	lfx_assert(calls == expected);
	kfree(cb);
}

static void check_calls(void)
{
	lfx_assert(calls == expected);
	put_jobs();
}

LFX_SCENARIO(unregister_signal) = {
	.name = "unregister-signal",
	.what = "a signal against registering, unregistering and kfree()",
	.setup = make_job,
	.threads = {
		{ "owner", signal_0 }, { "consumer", register_unregister_free },
	},
	.check = check_calls,
};

/* D6: the registration has the last reference of the consumers. */

static struct libfence_callback *registered;

static void make_registered_job(void)
{
	make_job();
	registered = kmalloc_obj(*registered);
	libfence_callback_init(registered, count_call, NULL);
	lfx_assert(!libfence_callback_register(fences[0], registered));
	libfence_put(&fences[0]);
}

static void unregister_and_free(void)
{
	expected = libfence_callback_unregister(registered);
	lfx_assert(calls == expected);
	kfree(registered);
}

LFX_SCENARIO(unregister_last) = {
	.name = "unregister-last",
	.what = "a signal against an unregister that puts the last reference",
	.setup = make_registered_job,
	.threads = {
		{ "owner", signal_0 }, { "consumer", unregister_and_free },
	},
	.check = check_calls,
};

/*
 * D6: the callback wakes a thread that unregisters and frees it. The function
 * that registers may not have returned yet.
 */

static DECLARE_COMPLETION(called);

static void complete_called(const struct libfence *fence, void *unused)
{
	calls++;
	complete(&called);
}

static void make_unregistered_job(void)
{
	make_job();
	registered = kmalloc_obj(*registered);
	libfence_callback_init(registered, complete_called, NULL);
}

static void only_register(void)
{
	if (libfence_callback_register(fences[0], registered))
		complete(&called);
}

static void wait_unregister_free(void)
{
	wait_for_completion(&called);
	expected = calls;
	lfx_assert(libfence_callback_unregister(registered) == expected);
	kfree(registered);
}

LFX_SCENARIO(unregister_from_woken) = {
	.name = "unregister-from-woken",
	.what = "registering, and a thread that the callback wakes unregisters",
	.setup = make_unregistered_job,
	.threads = {
		{ "owner", signal_0 },
		{ "registers", only_register },
		{ "unregisters", wait_unregister_free },
	},
	.check = check_calls,
};

/* D4: "signalled" says that the callbacks have finished. */

static int *written;

static void write_seven(const struct libfence *fence, void *unused)
{
	*written = 7;
}

static struct libfence_callback writer;
static bool data_is_freed;

static void make_job_with_writer(void)
{
	make_job();
	written = kzalloc_obj(*written);
	libfence_callback_init(&writer, write_seven, NULL);
	lfx_assert(!libfence_callback_register(fences[0], &writer));
}

static void poll_and_free(void)
{
	if (!libfence_is_signaled(fences[0]))
		return;
	lfx_assert(*written == 7);
	kfree(written);
	data_is_freed = true;
}

static void unregister_writer(void)
{
	lfx_assert(libfence_callback_unregister(&writer));
	if (!data_is_freed)
		kfree(written);
	put_jobs();
}

LFX_SCENARIO(signaled_after_callbacks) = {
	.name = "signaled-after-callbacks",
	.what = "a signal against is_signaled() and a free of the data",
	.setup = make_job_with_writer,
	.threads = { { "owner", signal_0 }, { "poller", poll_and_free } },
	.check = unregister_writer,
};

static void ask_and_free(void)
{
	if (!libfence_status(fences[0]))
		return;
	lfx_assert(*written == 7);
	kfree(written);
	data_is_freed = true;
}

LFX_SCENARIO(status_after_callbacks) = {
	.name = "status-after-callbacks",
	.what = "a signal against status() and a free of the data",
	.setup = make_job_with_writer,
	.threads = { { "owner", signal_0 }, { "poller", ask_and_free } },
	.check = unregister_writer,
};

static void wait_a_while_and_free(void)
{
	int err = libfence_wait(fences[0], 2000000);

	lfx_assert(!err || err == -ETIMEDOUT);
	if (err)
		return;
	lfx_assert(*written == 7);
	kfree(written);
	data_is_freed = true;
}

LFX_SCENARIO(wait_after_callbacks) = {
	.name = "wait-after-callbacks",
	.what = "the same with a wait whose time may be up",
	.setup = make_job_with_writer,
	.threads = {
		{ "owner", signal_0 },
		{ "waiter", wait_a_while_and_free },
	},
	.check = unregister_writer,
};

/* Callbacks of two fences ask for each other's state, and do not hang. */

static struct libfence_callback askers[2];

static void ask(const struct libfence *fence, void *other)
{
	struct libfence **asked = other;

	libfence_is_signaled(*asked);
	libfence_status_racy(*asked);
	/* A callback of this fence is running: the answer is no. */
	lfx_assert(!libfence_is_signaled(fence));
	lfx_assert(libfence_is_signaled_racy(fence));
}

static void make_askers(void)
{
	int i;

	make_jobs(2);
	for (i = 0; i < 2; i++) {
		libfence_callback_init(&askers[i], ask, &fences[!i]);
		lfx_assert(!libfence_callback_register(fences[i], &askers[i]));
	}
}

static void unregister_askers(void)
{
	lfx_assert(libfence_callback_unregister(&askers[0]));
	lfx_assert(libfence_callback_unregister(&askers[1]));
	put_jobs();
}

LFX_SCENARIO(callbacks_ask) = {
	.name = "callbacks-ask",
	.what = "two signals whose callbacks ask for the other's state",
	.setup = make_askers,
	.threads = { { "owner 0", signal_0 }, { "owner 1", signal_1 } },
	.check = unregister_askers,
};
