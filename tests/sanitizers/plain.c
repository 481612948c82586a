// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Programs that use the plain API. See user.h. */
#include <libfence/driver-fence.h>
#include <libfence/libfence.h>
#include <libfence/rcu-box.h>
#include <libfence/sync.h>
#include <libfence/timeline.h>
#include <poll.h>
#include <unistd.h>
#include "user.h"

struct job {
	struct data *data;
	char *buffer;
};
static int nr_destroyed;

static void job_destroy(struct job *job)
{
	/* Written by the owner before it signalled. */
	MUST(job->buffer[0] == 'x' || !job->buffer[0]);
	free(job->buffer);
	nr_destroyed++;
}

static const LIBFENCE_OPS(struct job) job_ops = {
	.destroy = job_destroy,
};
LIBFENCE_PAYLOAD_OPS(job, struct job, job_ops);

/* One fence, and the objects that belong to it. */
static struct libfence_context *ctx;
static struct job_fence *owned;
static struct libfence *fence;
static struct data data;

static void make(void)
{
	struct job job = { &data, calloc(1, 100) };
	struct job_prep *prep = job_prepare(&job);

	MUST(job.buffer && prep);
	if (!ctx)
		ctx = libfence_context_create("user", "ring", 1, NULL);
	MUST(ctx);
	owned = job_commit(ctx, &prep);
	fence = job_fence_get(owned);
}

static void unmake(void)
{
	libfence_put(&fence);
	libfence_context_destroy(&ctx);
}

/* Producers */

static void *write_and_signal(void *arg)
{
	(void)arg;
	data_write(&data, 1);
	job_fence_payload(owned)->buffer[0] = 'x';
	job_fence_signal(&owned, 0);
	return NULL;
}

/*
 * In the cases with a race the consumer has to arrive first. A thread that
 * calls the library for the first time after the producer has exited is ordered
 * behind the producer, by the lock of the list of threads.
 */
static void *signal_and_write(void *arg)
{
	(void)arg;
	await_other();
	job_fence_payload(owned)->buffer[0] = 'x';
	job_fence_signal(&owned, 0);
	data_write(&data, 1);
	return NULL;
}

static void *write_and_drop(void *arg)
{
	(void)arg;
	data_write(&data, 1);
	job_fence_payload(owned)->buffer[0] = 'x';
	job_fence_drop(&owned);
	return NULL;
}

static void *write_and_destroy_context(void *arg)
{
	(void)arg;
	data_write(&data, 1);
	job_fence_payload(owned)->buffer[0] = 'x';
	libfence_context_destroy(&ctx);
	job_fence_drop(&owned);
	return NULL;
}

/* Consumers */

static void *wait_and_read(void *arg)
{
	(void)arg;
	MUST(!libfence_wait(fence, LIBFENCE_FOREVER));
	data_check(&data, 1);
	return NULL;
}

static void *wait_and_look(void *arg)
{
	(void)arg;
	MUST(!libfence_is_signaled(fence));
	arrive();
	MUST(!libfence_wait(fence, LIBFENCE_FOREVER));
	data_sum(&data);
	return NULL;
}

static void *look_and_wait(void *arg)
{
	(void)arg;
	data_sum(&data);
	MUST(!libfence_wait(fence, LIBFENCE_FOREVER));
	return NULL;
}

static void *wait_some_and_read(void *arg)
{
	(void)arg;
	while (libfence_wait(fence, 100000))
		;
	data_check(&data, 1);
	return NULL;
}

static void *poll_and_read(void *arg)
{
	(void)arg;
	while (!libfence_is_signaled(fence))
		sched_yield();
	data_check(&data, 1);
	return NULL;
}

static void *poll_racy_and_read(void *arg)
{
	(void)arg;
	while (!libfence_is_signaled_racy(fence))
		sched_yield();
	data_check(&data, 1);
	return NULL;
}

static void *status_and_read(void *arg)
{
	(void)arg;
	while (!libfence_status(fence))
		sched_yield();
	MUST(libfence_status(fence) == 1);
	data_check(&data, 1);
	return NULL;
}

static void *wait_and_reuse(void *arg)
{
	(void)arg;
	MUST(!libfence_wait(fence, LIBFENCE_FOREVER));
	data_write(&data, 2);
	return NULL;
}

static void with(void *(*producer)(void *), void *(*consumer)(void *))
{
	make();
	both(producer, consumer, NULL);
	unmake();
}

static void run_wait(void) { with(write_and_signal, wait_and_read); }
static void run_wait_some(void) { with(write_and_signal, wait_some_and_read); }
static void run_poll(void) { with(write_and_signal, poll_and_read); }
static void run_poll_racy(void) { with(write_and_signal, poll_racy_and_read); }
static void run_status(void) { with(write_and_signal, status_and_read); }
static void run_reuse(void) { with(write_and_signal, wait_and_reuse); }
static void run_race_after(void) { with(signal_and_write, wait_and_look); }
static void run_race_before(void) { with(write_and_signal, look_and_wait); }

/*
 * Dropping signals with -ECANCELED and warns. The warning is not checked here.
 */
static void no_warning(const struct libfence_warning *warning, void *unused)
{
	(void)warning;
	(void)unused;
}

static void run_drop(void)
{
	libfence_set_warn_hook(no_warning, NULL);
	with(write_and_drop, wait_and_read);
}

static void run_destroy(void)
{
	libfence_set_warn_hook(no_warning, NULL);
	make();
	both(write_and_destroy_context, wait_and_read, NULL);
	libfence_put(&fence);
}

/* Many rounds: memory is reused, and the last user frees it. */

static void *put_last(void *arg)
{
	(void)arg;
	while (!libfence_is_signaled(fence))
		sched_yield();
	data_check(&data, 1);
	libfence_put(&fence);
	return NULL;
}

static void run_rounds(void)
{
	int i;

	for (i = 0; i < 100; i++) {
		make();
		both(write_and_signal, put_last, NULL);
	}
	libfence_context_destroy(&ctx);
	/* All destructors have run, and their stores are visible here. */
	libfence_barrier();
	MUST(nr_destroyed == 100);
}

/* Callbacks */

static struct data for_callback, from_callback;
static struct libfence_callback callback;

static void read_and_write(const struct libfence *f, void *arg)
{
	(void)f;
	data_check(arg, 3);
	/* The producer's data is ordered as well. */
	data_check(&data, 1);
	data_write(&from_callback, 4);
}

static void look(const struct libfence *f, void *arg)
{
	(void)f;
	data_sum(arg);
}

static void *register_callback(void *arg)
{
	(void)arg;
	data_write(&for_callback, 3);
	libfence_callback_init(&callback, read_and_write, &for_callback);
	if (libfence_callback_register(fence, &callback)) {
		/* The fence was signalled before: see is_signaled. */
		MUST(libfence_is_signaled(fence));
		data_check(&data, 1);
		return NULL;
	}
	while (!libfence_is_signaled(fence))
		sched_yield();
	/* The callback has finished. */
	data_check(&from_callback, 4);
	libfence_callback_unregister(&callback);
	data_write(&for_callback, 0);
	return NULL;
}

static void *register_and_remove(void *arg)
{
	(void)arg;
	data_write(&for_callback, 3);
	libfence_callback_init(&callback, read_and_write, &for_callback);
	if (libfence_callback_register(fence, &callback))
		return NULL;
	pause_ms(2);
	/* True: the callback has run, and has finished. */
	if (libfence_callback_unregister(&callback))
		data_check(&from_callback, 4);
	data_write(&for_callback, 0);
	return NULL;
}

static void *register_and_write(void *arg)
{
	(void)arg;
	libfence_callback_init(&callback, look, &for_callback);
	MUST(!libfence_callback_register(fence, &callback));
	arrive();
	data_write(&for_callback, 3);
	/* Without the fence's lock, which would order the writes. */
	while (!libfence_is_signaled_racy(fence))
		sched_yield();
	libfence_callback_unregister(&callback);
	return NULL;
}

static void run_callback(void) { with(write_and_signal, register_callback); }
static void run_remove(void) { with(write_and_signal, register_and_remove); }

static void run_race_callback(void) { with(signal_and_write, register_and_write); }

/* Software timelines */

static struct libfence_timeline *timeline;

static void *write_and_inc(void *arg)
{
	(void)arg;
	data_write(&data, 1);
	libfence_timeline_inc(timeline, 3);
	return NULL;
}

static void *inc_and_write(void *arg)
{
	(void)arg;
	await_other();
	libfence_timeline_inc(timeline, 3);
	data_write(&data, 1);
	return NULL;
}

static void with_timeline(void *(*producer)(void *), void *(*consumer)(void *))
{
	timeline = libfence_timeline_create("user");
	MUST(timeline);
	fence = libfence_timeline_fence(timeline, 2);
	MUST(fence);
	both(producer, consumer, NULL);
	libfence_put(&fence);
	libfence_timeline_destroy(&timeline);
}

static void run_timeline(void) { with_timeline(write_and_inc, wait_and_read); }
static void run_race_timeline(void)
{
	with_timeline(inc_and_write, wait_and_look);
}

/* RCU boxes */

struct conf {
	struct data *data;
	int value;
};

static void conf_destroy(struct conf *conf)
{
	/* There is no reader left, so the memory is exclusive. */
	data_write(conf->data, -1);
	free(conf->data);
}
LIBFENCE_RCU_BOX_DESTROY(conf, struct conf, conf_destroy);

static struct conf_box *slot;

static struct conf_box *new_conf(int value)
{
	struct conf conf = { malloc(sizeof(struct data)), value };
	struct conf_box *box;

	MUST(conf.data);
	data_write(conf.data, value);
	box = conf_box_create(&conf);
	MUST(box);
	return box;
}

static void *publish_many(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 200; i++) {
		struct conf_box *box = new_conf(i);
		struct conf_box *old = conf_box_publish(&slot, &box);

		conf_box_drop(&old);
		if (i % 16 == 0)
			pause_ms(1);
	}
	user_flag_set();
	return NULL;
}

static void *read_many(void *arg)
{
	(void)arg;
	while (!user_flag_read()) {
		const struct conf *conf;

		libfence_rcu_read_lock();
		conf = conf_box_read_rcu(&slot);
		if (conf)
			data_check(conf->data, conf->value);
		libfence_rcu_read_unlock();
	}
	return NULL;
}

static void drop_slot(void)
{
	struct conf_box *none = NULL, *old = conf_box_publish(&slot, &none);

	conf_box_drop(&old);
	libfence_barrier();
}

static void run_box(void)
{
	both(publish_many, read_many, NULL);
	drop_slot();
}

static void *publish_and_write(void *arg)
{
	struct conf_box *box = new_conf(1), *old;
	struct data *in_it = conf_box_read(box)->data;

	(void)arg;
	await_other();
	old = conf_box_publish(&slot, &box);
	conf_box_drop(&old);
	data_write(in_it, 5);
	return NULL;
}

static void *read_once(void *arg)
{
	const struct conf *conf;

	(void)arg;
	do {
		libfence_rcu_read_lock();
		arrive();
		conf = conf_box_read_rcu(&slot);
		if (conf)
			data_sum(conf->data);
		libfence_rcu_read_unlock();
	} while (!conf);
	return NULL;
}

static void run_race_box(void)
{
	both(publish_and_write, read_once, NULL);
	drop_slot();
}

static void *read_too_late(void *arg)
{
	const struct conf *conf;
	struct data *kept;

	(void)arg;
	libfence_rcu_read_lock();
	conf = conf_box_read_rcu(&slot);
	kept = conf->data;
	libfence_rcu_read_unlock();
	data_sum(kept);
	arrive();
	/*
	 * Neither a read-side section nor anything else orders this thread
	 * before the box is freed.
	 */
	pause_ms(400);
	return NULL;
}

static void *drop_soon(void *arg)
{
	(void)arg;
	await_other();
	drop_slot();
	return NULL;
}

static void run_race_box_late(void)
{
	struct conf_box *box = new_conf(1), *old = conf_box_publish(&slot, &box);

	conf_box_drop(&old);
	both(drop_soon, read_too_late, NULL);
}

/* Not a race but a use after free. */
static void run_freed(void)
{
	struct job *job;

	make();
	job = job_fence_payload(owned);
	job->buffer[0] = 'x';
	job_fence_signal(&owned, 0);
	libfence_put(&fence);
	libfence_context_destroy(&ctx);
	/*
	 * The first wait is for the destructor, the second for its own frees.
	 */
	libfence_barrier();
	libfence_barrier();
	MUST(job->data);
}

/* Descriptors */

static int fd;

static void *fd_wait_and_read(void *arg)
{
	(void)arg;
	MUST(!libfence_sync_wait(fd, -1));
	data_check(&data, 1);
	return NULL;
}

/*
 * poll() orders nothing for a detector: the fence or the library is asked as
 * well.
 */
static void *fd_poll_and_read(void *arg)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	(void)arg;
	MUST(poll(&p, 1, -1) == 1);
	MUST(!libfence_sync_wait(fd, 0));
	data_check(&data, 1);
	return NULL;
}

static void *fd_import_and_read(void *arg)
{
	struct libfence *f = libfence_import(fd, NULL);

	(void)arg;
	MUST(f);
	MUST(!libfence_wait(f, LIBFENCE_FOREVER));
	data_check(&data, 1);
	libfence_put(&f);
	return NULL;
}

static void *fd_wrap_and_read(void *arg)
{
	struct libfence *f = libfence_wrap_fd(fd, NULL);

	(void)arg;
	MUST(f);
	MUST(!libfence_wait(f, LIBFENCE_FOREVER));
	data_check(&data, 1);
	libfence_put(&f);
	return NULL;
}

static void *fd_wait_and_look(void *arg)
{
	(void)arg;
	MUST(!libfence_is_signaled(fence));
	arrive();
	MUST(!libfence_sync_wait(fd, -1));
	data_sum(&data);
	return NULL;
}

static void with_fd(void *(*producer)(void *), void *(*consumer)(void *))
{
	make();
	fd = libfence_export(fence, "user");
	MUST(fd >= 0);
	both(producer, consumer, NULL);
	close(fd);
	unmake();
}

static void run_fd_wait(void) { with_fd(write_and_signal, fd_wait_and_read); }
static void run_fd_poll(void) { with_fd(write_and_signal, fd_poll_and_read); }
static void run_fd_import(void)
{
	with_fd(write_and_signal, fd_import_and_read);
}
static void run_fd_wrap(void) { with_fd(write_and_signal, fd_wrap_and_read); }
static void run_race_fd(void) { with_fd(signal_and_write, fd_wait_and_look); }

/* Before main() */

static struct libfence *early;

__attribute__((__constructor__)) static void make_early(void)
{
	make();
	early = libfence_get(fence);
}

static void run_early(void)
{
	both(write_and_signal, wait_and_read, NULL);
	MUST(libfence_is_signaled(early));
}

static const struct user_case cases[] = {
	{ "wait", run_wait },
	{ "wait-some", run_wait_some },
	{ "poll", run_poll },
	{ "poll-racy", run_poll_racy },
	{ "status", run_status },
	{ "reuse", run_reuse },
	{ "drop", run_drop },
	{ "context-destroy", run_destroy },
	{ "rounds", run_rounds },
	{ "callback", run_callback },
	{ "callback-remove", run_remove },
	{ "timeline", run_timeline },
	{ "rcu-box", run_box },
	{ "fd-wait", run_fd_wait },
	{ "fd-poll", run_fd_poll },
	{ "fd-import", run_fd_import },
	{ "fd-wrap", run_fd_wrap },
	{ "early", run_early },
	{ "race-write-after-signal", run_race_after },
	{ "race-read-before-wait", run_race_before },
	{ "race-callback", run_race_callback },
	{ "race-timeline", run_race_timeline },
	{ "race-box-write", run_race_box },
	{ "race-box-late-read", run_race_box_late },
	{ "race-fd", run_race_fd },
	{ "freed-payload", run_freed },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	int ret;

	/*
	 * The fence made before main() is used by one case, and dropped in the
	 * others.
	 */
	if (argc != 2 || strcmp(argv[1], "early")) {
		libfence_set_warn_hook(no_warning, NULL);
		job_fence_drop(&owned);
		unmake();
		libfence_put(&early);
		libfence_barrier();
		nr_destroyed = 0;
		libfence_set_warn_hook(NULL, NULL);
	}
	ret = user_main(argc, argv, cases);
	if (early) {
		libfence_put(&early);
		unmake();
	}
	return ret;
}
