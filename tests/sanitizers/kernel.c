// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Programs that use the kernel-named API: fences and their containers. */
#include "user.h"
#include <linux/dma-fence.h>
#include <linux/dma-fence-array.h>
#include <linux/dma-fence-chain.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>

/* A driver's fence, with its own lock, memory and release. */
struct job {
	struct dma_fence base;
	spinlock_t lock;
	struct data data;
	int *released;
};

static struct job *to_job(struct dma_fence *f)
{
	return container_of(f, struct job, base);
}

static const char *name(struct dma_fence *f)
{
	return "user";
}

/* The thread that drops the last reference writes to data that all read. */
static void job_release(struct dma_fence *f)
{
	struct job *job = to_job(f);

	data_write(&job->data, -1);
	if (job->released)
		++*job->released;
	dma_fence_free(f);
}

/* Called without a lock. */
static bool job_signaled(struct dma_fence *f)
{
	return false;
}

static const struct dma_fence_ops job_ops = {
	.get_driver_name = name,
	.get_timeline_name = name,
	.signaled = job_signaled,
	.release = job_release,
};

static struct dma_fence *fence, *second;
static struct data data;

static struct dma_fence *new_job(u64 seqno)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	MUST(job);
	spin_lock_init(&job->lock);
	dma_fence_init(&job->base, &job_ops, &job->lock,
		       dma_fence_context_alloc(1), seqno);
	return &job->base;
}

/* Producers */

static void *write_and_signal(void *arg)
{
	data_write(&data, 1);
	data_write(&to_job(fence)->data, 7);
	dma_fence_signal(fence);
	return NULL;
}

static void *write_and_signal_locked(void *arg)
{
	struct job *job = to_job(fence);
	unsigned long flags;

	data_write(&data, 1);
	spin_lock_irqsave(&job->lock, flags);
	data_write(&job->data, 7);
	dma_fence_signal_locked(fence);
	spin_unlock_irqrestore(&job->lock, flags);
	return NULL;
}

/* See plain.c: the consumer has to arrive first. */
static void *write_and_signal_late(void *arg)
{
	await_other();
	return write_and_signal(arg);
}

static void *signal_and_write(void *arg)
{
	await_other();
	dma_fence_signal(fence);
	data_write(&data, 1);
	return NULL;
}

/* Consumers */

static void *wait_and_read(void *arg)
{
	MUST(!dma_fence_wait(fence, false));
	data_check(&data, 1);
	data_check(&to_job(fence)->data, 7);
	return NULL;
}

static void *wait_and_look(void *arg)
{
	MUST(!dma_fence_is_signaled(fence));
	arrive();
	MUST(!dma_fence_wait(fence, false));
	data_sum(&data);
	return NULL;
}

static void *timeout_and_read(void *arg)
{
	while (dma_fence_wait_timeout(fence, true, 1) <= 0)
		;
	data_check(&data, 1);
	return NULL;
}

static void *poll_and_read(void *arg)
{
	while (!dma_fence_is_signaled(fence))
		sched_yield();
	data_check(&data, 1);
	data_check(&to_job(fence)->data, 7);
	return NULL;
}

static void *flag_and_read(void *arg)
{
	while (!test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->flags))
		sched_yield();
	data_check(&data, 1);
	return NULL;
}

static void *status_and_read(void *arg)
{
	while (dma_fence_get_status(fence) != 1)
		sched_yield();
	data_check(&data, 1);
	MUST(dma_fence_timestamp(fence) > 0);
	return NULL;
}

static void *look_early(void *arg)
{
	MUST(!dma_fence_is_signaled(fence));
	data_sum(&data);
	arrive();
	return NULL;
}

static void with(void *(*producer)(void *), void *(*consumer)(void *))
{
	fence = new_job(1);
	both(producer, consumer, NULL);
	dma_fence_put(fence);
	rcu_barrier();
}

static void run_wait(void) { with(write_and_signal, wait_and_read); }
static void run_locked(void) { with(write_and_signal_locked, wait_and_read); }
static void run_timeout(void) { with(write_and_signal, timeout_and_read); }
static void run_poll(void) { with(write_and_signal, poll_and_read); }
static void run_flag(void) { with(write_and_signal_locked, flag_and_read); }
static void run_status(void) { with(write_and_signal, status_and_read); }
static void run_race_after(void) { with(signal_and_write, wait_and_look); }
static void run_race_early(void) { with(write_and_signal_late, look_early); }

/* References: the last put, in whichever thread, writes and frees. */

static void *signal_and_put(void *arg)
{
	write_and_signal(NULL);
	dma_fence_put(fence);
	return NULL;
}

static void *read_and_put(void *arg)
{
	poll_and_read(NULL);
	dma_fence_put(fence);
	return NULL;
}

static void run_put(void)
{
	int i, released = 0;

	for (i = 0; i < 100; i++) {
		fence = new_job(1);
		to_job(fence)->released = &released;
		dma_fence_get(fence);
		both(signal_and_put, read_and_put, NULL);
	}
	MUST(released == 100);
	rcu_barrier();
}

static void *read_after_put(void *arg)
{
	struct job *job = to_job(fence);

	dma_fence_put(fence);
	data_sum(&job->data);
	arrive();
	return NULL;
}

static void *put_late(void *arg)
{
	await_other();
	dma_fence_put(fence);
	return NULL;
}

/* The release function writes while the other thread still reads. */
static void run_race_put(void)
{
	fence = new_job(1);
	dma_fence_signal(fence);
	dma_fence_get(fence);
	both(read_after_put, put_late, NULL);
	rcu_barrier();
}

/* Callbacks */

struct watcher {
	struct dma_fence_cb cb;
	struct data before, after;
};
static struct watcher watcher;

static void run_watcher(struct dma_fence *f, struct dma_fence_cb *cb)
{
	struct watcher *w = container_of(cb, struct watcher, cb);

	data_check(&w->before, 3);
	data_check(&data, 1);
	data_write(&w->after, 4);
	dma_fence_signal(second);
}

static void look_only(struct dma_fence *f, struct dma_fence_cb *cb)
{
	data_sum(&container_of(cb, struct watcher, cb)->before);
	dma_fence_signal(second);
}

static void *add_callback(void *arg)
{
	data_write(&watcher.before, 3);
	if (dma_fence_add_callback(fence, &watcher.cb, run_watcher)) {
		data_check(&data, 1);
		dma_fence_signal(second);
		return NULL;
	}
	/*
	 * The callback's stores happen before the signal of the second fence.
	 */
	MUST(!dma_fence_wait(second, false));
	data_check(&watcher.after, 4);
	return NULL;
}

static void *add_and_remove(void *arg)
{
	data_write(&watcher.before, 3);
	if (dma_fence_add_callback(fence, &watcher.cb, run_watcher))
		return NULL;
	pause_ms(1);
	if (!dma_fence_remove_callback(fence, &watcher.cb))
		data_check(&watcher.after, 4);
	data_write(&watcher.before, 0);
	return NULL;
}

static void *add_and_write(void *arg)
{
	MUST(!dma_fence_add_callback(fence, &watcher.cb, look_only));
	arrive();
	data_write(&watcher.before, 3);
	MUST(!dma_fence_wait(second, false));
	return NULL;
}

static void with_second(void *(*producer)(void *), void *(*consumer)(void *))
{
	second = new_job(1);
	with(producer, consumer);
	dma_fence_signal(second);
	dma_fence_put(second);
}

static void run_callback(void) { with_second(write_and_signal, add_callback); }
static void run_remove(void) { with_second(write_and_signal, add_and_remove); }
static void run_race_callback(void)
{
	with_second(signal_and_write, add_and_write);
}

/* Several fences at a time */

static void *wait_any_and_read(void *arg)
{
	struct dma_fence *two[] = { second, fence };

	MUST(dma_fence_wait_any_timeout(two, 2, false, MAX_SCHEDULE_TIMEOUT,
					NULL) > 0);
	data_check(&data, 1);
	return NULL;
}

static void run_wait_any(void)
{
	with_second(write_and_signal, wait_any_and_read);
}

static struct dma_fence *whole;

static void *wait_whole_and_read(void *arg)
{
	MUST(!dma_fence_wait(whole, false));
	data_check(&data, 1);
	return NULL;
}

static void *poll_whole_and_read(void *arg)
{
	while (!dma_fence_is_signaled(whole))
		sched_yield();
	data_check(&data, 1);
	return NULL;
}

static void *wait_whole_and_look(void *arg)
{
	MUST(!dma_fence_is_signaled(whole));
	arrive();
	MUST(!dma_fence_wait(whole, false));
	data_sum(&data);
	return NULL;
}

static void with_array(void *(*producer)(void *), void *(*consumer)(void *))
{
	struct dma_fence **fences = kmalloc_array(2, sizeof(*fences), GFP_KERNEL);
	struct dma_fence_array *array;

	fence = new_job(1);
	second = new_job(2);
	dma_fence_signal(second);
	fences[0] = dma_fence_get(fence);
	fences[1] = second;
	array = dma_fence_array_create(2, fences, dma_fence_context_alloc(1), 1);
	MUST(array);
	whole = &array->base;
	both(producer, consumer, NULL);
	dma_fence_put(whole);
	dma_fence_put(fence);
	rcu_barrier();
}

static void run_array(void) { with_array(write_and_signal, wait_whole_and_read); }
static void run_array_poll(void)
{
	with_array(write_and_signal, poll_whole_and_read);
}
static void run_race_array(void)
{
	with_array(signal_and_write, wait_whole_and_look);
}

static void run_chain(void)
{
	struct dma_fence_chain *links[2];

	fence = new_job(1);
	second = new_job(2);
	dma_fence_signal(second);
	links[0] = dma_fence_chain_alloc();
	links[1] = dma_fence_chain_alloc();
	MUST(links[0] && links[1]);
	dma_fence_chain_init(links[0], NULL, dma_fence_get(fence), 1);
	dma_fence_chain_init(links[1], &links[0]->base, second, 2);
	whole = &links[1]->base;
	both(write_and_signal, wait_whole_and_read, NULL);
	dma_fence_put(whole);
	dma_fence_put(fence);
	rcu_barrier();
}

/* Reservation objects */

static struct dma_resv resv;
static struct data guarded;

/* Many fences, each with data written before the fence was added. */
static void *add_fences(void *arg)
{
	int i;

	for (i = 0; i < 50; i++) {
		struct dma_fence *f = new_job(i);

		data_write(&to_job(f)->data, i);
		MUST(!dma_resv_lock(&resv, NULL));
		data_write(&guarded, i);
		MUST(!dma_resv_reserve_fences(&resv, 1));
		dma_resv_add_fence(&resv, f, DMA_RESV_USAGE_WRITE);
		dma_resv_unlock(&resv);
		dma_fence_signal(f);
		dma_fence_put(f);
	}
	return NULL;
}

static void *iterate(void *arg)
{
	struct dma_resv_iter cursor;
	struct dma_fence *f;
	int i;

	for (i = 0; i < 50; i++) {
		dma_resv_iter_begin(&cursor, &resv, DMA_RESV_USAGE_READ);
		dma_resv_for_each_fence_unlocked(&cursor, f)
			data_check(&to_job(f)->data, f->seqno);
		dma_resv_iter_end(&cursor);
		MUST(!dma_resv_lock(&resv, NULL));
		data_write(&guarded, -i);
		dma_resv_unlock(&resv);
	}
	return NULL;
}

static void *resv_wait_and_read(void *arg)
{
	MUST(dma_resv_wait_timeout(&resv, DMA_RESV_USAGE_READ, false,
				   MAX_SCHEDULE_TIMEOUT) > 0);
	data_check(&data, 1);
	return NULL;
}

static void *resv_test_and_read(void *arg)
{
	while (!dma_resv_test_signaled(&resv, DMA_RESV_USAGE_READ))
		sched_yield();
	data_check(&data, 1);
	return NULL;
}

static void *write_unlocked(void *arg)
{
	data_write(&guarded, 1);
	return NULL;
}

static void with_resv(void *(*a)(void *), void *(*b)(void *))
{
	dma_resv_init(&resv);
	both(a, b, NULL);
	dma_resv_fini(&resv);
	rcu_barrier();
}

static void with_one_in_resv(void *(*consumer)(void *))
{
	dma_resv_init(&resv);
	fence = new_job(1);
	MUST(!dma_resv_lock(&resv, NULL));
	MUST(!dma_resv_reserve_fences(&resv, 1));
	dma_resv_add_fence(&resv, fence, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&resv);
	both(write_and_signal, consumer, NULL);
	dma_resv_fini(&resv);
	dma_fence_put(fence);
	rcu_barrier();
}

static void run_resv(void) { with_resv(add_fences, iterate); }
static void run_resv_wait(void) { with_one_in_resv(resv_wait_and_read); }
static void run_resv_test(void) { with_one_in_resv(resv_test_and_read); }
static void run_race_resv(void) { with_resv(add_fences, write_unlocked); }

/* Fences found under RCU while they may be released */

static struct dma_fence __rcu *slot;

static void *replace_fences(void *arg)
{
	int i;

	for (i = 0; i < 200; i++) {
		struct dma_fence *f = i < 199 ? new_job(i) : NULL, *old;

		if (f)
			data_write(&to_job(f)->data, i);
		old = rcu_replace_pointer(slot, f, true);
		if (old)
			dma_fence_signal(old);
		dma_fence_put(old);
	}
	return NULL;
}

static void *get_fences(void *arg)
{
	int i;

	for (i = 0; i < 200; i++) {
		struct dma_fence *f;

		rcu_read_lock();
		f = dma_fence_get_rcu_safe(&slot);
		rcu_read_unlock();
		if (f)
			data_check(&to_job(f)->data, f->seqno);
		dma_fence_put(f);
	}
	return NULL;
}

static void run_get_rcu(void)
{
	both(replace_fences, get_fences, NULL);
	rcu_barrier();
}

static const struct user_case cases[] = {
	{ "wait", run_wait },
	{ "signal-locked", run_locked },
	{ "wait-timeout", run_timeout },
	{ "poll", run_poll },
	{ "flag", run_flag },
	{ "status", run_status },
	{ "put", run_put },
	{ "callback", run_callback },
	{ "callback-remove", run_remove },
	{ "wait-any", run_wait_any },
	{ "array", run_array },
	{ "array-poll", run_array_poll },
	{ "chain", run_chain },
	{ "resv", run_resv },
	{ "resv-wait", run_resv_wait },
	{ "resv-test", run_resv_test },
	{ "get-rcu", run_get_rcu },
	{ "race-write-after-signal", run_race_after },
	{ "race-read-early", run_race_early },
	{ "race-put", run_race_put },
	{ "race-callback", run_race_callback },
	{ "race-array", run_race_array },
	{ "race-resv-unlocked", run_race_resv },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return user_main(argc, argv, cases);
}
