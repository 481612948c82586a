// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The shim's own objects against their models. */

#include "model.h"

#include <linux/completion.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

/* A completion counts: each complete() lets one wait end, complete_all() all. */

static struct completion done;

static void make_completion(void)
{
	init_completion(&done);
	lfx_name(&done, "done");
}

static int do_complete(int unused)
{
	complete(&done);
	return 0;
}

static int do_complete_all(int unused)
{
	complete_all(&done);
	return 0;
}

static int do_try(int unused)
{
	return try_wait_for_completion(&done);
}

static int do_is_done(int unused)
{
	return completion_done(&done);
}

static int do_wait(int unused)
{
	wait_for_completion(&done);
	return 0;
}

struct completion_state {
	int count;
	bool all;
};

static int model_complete(void *state, int unused)
{
	struct completion_state *s = state;

	s->count++;
	return 0;
}

static int model_complete_all(void *state, int unused)
{
	struct completion_state *s = state;

	s->all = true;
	return 0;
}

static int model_is_done(void *state, int unused)
{
	struct completion_state *s = state;

	return s->all || s->count;
}

static int model_try(void *state, int unused)
{
	struct completion_state *s = state;

	if (!model_is_done(s, 0))
		return 0;
	/* After complete_all(), the count does not matter any more. */
	s->count -= !s->all;
	return 1;
}

static int model_wait(void *state, int unused)
{
	return model_try(state, 0) ? 0 : LFX_BLOCKS;
}

LFX_MODEL(completion_model) = {
	.name = "model-completion",
	.what = "a completion",
	.setup = make_completion,
	.operations = {
		{ "complete", do_complete, model_complete },
		{ "all", do_complete_all, model_complete_all },
		{ "try", do_try, model_try },
		{ "is_done", do_is_done, model_is_done, .reads = true },
		{ "wait", do_wait, model_wait, .may_block = true },
	},
	.state_size = sizeof(struct completion_state),
};

/* An array of three entries. NULL is 0. */

#define INDICES	3

static struct xarray array;

static void make_array(void)
{
	xa_init_flags(&array, XA_FLAGS_ALLOC);
	lfx_name(&array, "array");
}

static void free_array(void)
{
	xa_destroy(&array);
}

static int value_of(void *entry)
{
	return entry ? (int)xa_to_value(entry) : 0;
}

static int do_store(int arg)
{
	return value_of(xa_store(&array, arg / 2, xa_mk_value(1 + arg % 2),
				 GFP_KERNEL));
}

static int do_load(int index)
{
	return value_of(xa_load(&array, index));
}

static int do_erase(int index)
{
	return value_of(xa_erase(&array, index));
}

/* The entry is there, and was not before. */
static int do_insert(int index)
{
	return xa_insert(&array, index, xa_mk_value(3), GFP_KERNEL);
}

static int do_alloc(int unused)
{
	u32 id;
	int err = xa_alloc(&array, &id, xa_mk_value(4), XA_LIMIT(0, INDICES - 1),
			   GFP_KERNEL);

	return err ? err : (int)id;
}

struct array_state {
	char value[INDICES];
};

static int swap_value(struct array_state *s, int index, int value)
{
	int old = s->value[index];

	s->value[index] = value;
	return old;
}

static int model_store(void *state, int arg)
{
	return swap_value(state, arg / 2, 1 + arg % 2);
}

static int model_load(void *state, int index)
{
	struct array_state *s = state;

	return s->value[index];
}

static int model_erase(void *state, int index)
{
	return swap_value(state, index, 0);
}

static int model_insert(void *state, int index)
{
	struct array_state *s = state;

	if (s->value[index])
		return -EBUSY;
	s->value[index] = 3;
	return 0;
}

static int model_alloc(void *state, int unused)
{
	int i;

	for (i = 0; i < INDICES; i++)
		if (!model_insert(state, i)) {
			swap_value(state, i, 4);
			return i;
		}
	return -EBUSY;
}

LFX_MODEL(xarray_model) = {
	.name = "model-xarray",
	.what = "an XArray with three entries",
	.setup = make_array,
	.operations = {
		{ "store", do_store, model_store, .args = 2 * INDICES },
		{ "load", do_load, model_load, .args = INDICES, .reads = true },
		{ "erase", do_erase, model_erase, .args = INDICES },
		{ "insert", do_insert, model_insert, .args = INDICES },
		{ "alloc", do_alloc, model_alloc },
	},
	.final = { "load", do_load, model_load, .args = INDICES },
	.cleanup = free_array,
	.state_size = sizeof(struct array_state),
};

/* The same object without a model. */
LFX_MODEL(xarray_alone) = {
	.name = "model-xarray-alone",
	.what = "an XArray, and the same calls made by one thread",
	.setup = make_array,
	.operations = {
		{ "load", do_load, .args = INDICES, .reads = true },
		{ "erase", do_erase, .args = INDICES },
		{ "insert", do_insert, .args = INDICES },
		{ "alloc", do_alloc },
	},
	.final = { "load", do_load, .args = INDICES },
	.cleanup = free_array,
};

/*
 * A work item: it is pending or not, and runs or not. A thread of the queue begins it
 * and ends it.
 */

static struct workqueue_struct *queue;
static struct work_struct work;
static int runs;

static void count_run(struct work_struct *unused)
{
	WRITE_ONCE(runs, READ_ONCE(runs) + 1);
}

static void make_queue(void)
{
	queue = alloc_workqueue("queue", WQ_UNBOUND, 0);
	INIT_WORK(&work, count_run);
	lfx_name(&work, "work");
}

static void free_queue(void)
{
	destroy_workqueue(queue);
}

static int do_queue(int unused)
{
	return queue_work(queue, &work);
}

static int do_cancel(int unused)
{
	return cancel_work(&work);
}

static int do_flush(int unused)
{
	flush_work(&work);
	return 0;
}

static int do_pending(int unused)
{
	return work_pending(&work);
}

static int get_runs(int unused)
{
	return READ_ONCE(runs);
}

struct work_state {
	bool pending, running;
	int runs;
};

static int model_queue(void *state, int unused)
{
	struct work_state *s = state;
	bool was = s->pending;

	s->pending = true;
	return !was;
}

static int model_cancel(void *state, int unused)
{
	struct work_state *s = state;
	bool was = s->pending;

	s->pending = false;
	return was;
}

/* All queueing is in the same thread, so none comes while it waits. */
static int model_flush(void *state, int unused)
{
	struct work_state *s = state;

	return s->pending || s->running ? LFX_BLOCKS : 0;
}

static int model_pending(void *state, int unused)
{
	struct work_state *s = state;

	return s->pending;
}

static int model_runs(void *state, int unused)
{
	struct work_state *s = state;

	return s->runs;
}

static bool model_begins(void *state)
{
	struct work_state *s = state;

	if (!s->pending || s->running)
		return false;
	s->pending = false;
	s->running = true;
	return true;
}

static bool model_counts(void *state)
{
	struct work_state *s = state;

	if (!s->running)
		return false;
	s->running = false;
	s->runs++;
	return true;
}

/*
 * No model has both cancel and flush: a cancelled item is pending until the end of
 * cancel_work(), but a flush may end before that, as in the kernel.
 */
LFX_MODEL(work_model) = {
	.name = "model-work",
	.what = "a work item that is queued and cancelled, and its runs",
	.setup = make_queue,
	.operations = {
		{ "queue", do_queue, model_queue },
		{ "cancel", do_cancel, model_cancel },
		{ "pending", do_pending, model_pending, .reads = true },
		{ "runs", get_runs, model_runs, .reads = true },
	},
	.steps = { { "begins", model_begins }, { "runs", model_counts } },
	.final = { "runs", get_runs, model_runs },
	.cleanup = free_queue,
	.state_size = sizeof(struct work_state),
};

LFX_MODEL(work_flush_model) = {
	.name = "model-work-flush",
	.what = "a work item that is queued and flushed, and its runs",
	.setup = make_queue,
	.operations = {
		{ "queue", do_queue, model_queue, .one_thread = true },
		{ "flush", do_flush, model_flush, .after = "queue" },
		{ "pending", do_pending, model_pending, .reads = true },
		{ "runs", get_runs, model_runs, .reads = true },
	},
	.steps = { { "begins", model_begins }, { "runs", model_counts } },
	.final = { "runs", get_runs, model_runs },
	.cleanup = free_queue,
	.state_size = sizeof(struct work_state),
};
