// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Objects with faults that only the results of their operations show. */

#include "model.h"
#include "engine/seam.h"

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/completion.h>

/* Two threads add at once, and one addition is lost. */

static atomic_t counter;

static int add_in_two_steps(int arg)
{
	int new = atomic_read(&counter) + arg + 1;

	atomic_set(&counter, new);
	return 0;
}

static int get_counter(int unused)
{
	return atomic_read(&counter);
}

static int model_add(void *state, int arg)
{
	int *value = state;

	*value += arg + 1;
	return 0;
}

static int model_get(void *state, int unused)
{
	int *value = state;

	return *value;
}

LFX_MODEL(lost_addition) = {
	.name = "model-lost-addition",
	.what = "a counter that reads and writes",
	.operations = {
		{ "add", add_in_two_steps, model_add, .args = 2 },
		{ "get", get_counter, model_get, .reads = true },
	},
	.state_size = sizeof(int),
	.fails = "not linearizable",
};

/* The same. The calls made by one thread are the model, and only the end shows it. */
LFX_MODEL(lost_addition_alone) = {
	.name = "model-lost-addition-alone",
	.what = "the same without a model",
	.operations = { { "add", add_in_two_steps, .args = 2 } },
	.final = { "get", get_counter },
	.fails = "not linearizable",
};

/* A correct one. */
static int add_at_once(int arg)
{
	atomic_add(arg + 1, &counter);
	return 0;
}

LFX_MODEL(counter_alone) = {
	.name = "model-counter",
	.what = "a counter without a model",
	.operations = {
		{ "add", add_at_once, .args = 2 },
		{ "get", get_counter, .reads = true },
	},
	.final = { "get", get_counter },
};

/* Another one: a lock, which is not given back in the call that takes it. */

static uint32_t lock;

static int take_lock(int unused)
{
	lfx_lock(&lock, "lock", LFX_FROM);
	return 0;
}

static int give_lock(int unused)
{
	lfx_unlock(&lock, LFX_FROM);
	return 0;
}

static int model_take(void *state, int unused)
{
	if (*(int *)state)
		return LFX_BLOCKS;
	*(int *)state = 1;
	return 0;
}

static int model_give(void *state, int unused)
{
	*(int *)state = 0;
	return 0;
}

LFX_MODEL(lock_across_calls) = {
	.name = "model-lock",
	.what = "a lock that is held from call to call",
	.operations = {
		{ "take", take_lock, model_take, .may_block = true },
		{ "give", give_lock, model_give, .after = "take" },
	},
	.state_size = sizeof(int),
	.first = "take,give+take,give",
	.programs = 10,
};

/*
 * Each thread has a copy, and the others see a change only after a flush. No step of a
 * set and of a get of another thread depend on each other, so only the real-time order
 * shows it.
 */

static int copies[4];
static atomic_t published;

static int get_copy(int unused)
{
	int copy = copies[lfx_caller()];

	return copy ? copy : atomic_read(&published);
}

static int set_copy(int unused)
{
	copies[lfx_caller()] = 1;
	return 0;
}

static int flush_copy(int unused)
{
	atomic_set(&published, 1);
	return 0;
}

static int model_set(void *state, int unused)
{
	*(int *)state = 1;
	return 0;
}

static int model_flush(void *state, int unused)
{
	return 0;
}

LFX_MODEL(late_effect) = {
	.name = "model-late-effect",
	.what = "a flag that others see late",
	.operations = {
		{ "get", get_copy, model_get, .reads = true },
		{ "set", set_copy, model_set, .one_thread = true },
		{ "flush", flush_copy, model_flush, .after = "set" },
	},
	.state_size = sizeof(int),
	.fails = "not linearizable",
};

/* The same, and at the end of the run a call waits. No time passes there. */

static struct completion never;

static void make_never(void)
{
	init_completion(&never);
}

static int wait_for_ever(int unused)
{
	wait_for_completion(&never);
	return 0;
}

static int model_for_ever(void *state, int unused)
{
	return LFX_BLOCKS;
}

LFX_MODEL(late_effect_and_wait) = {
	.name = "model-late-effect-and-wait",
	.what = "the same while a call waits",
	.setup = make_never,
	.operations = {
		{ "get", get_copy, model_get, .reads = true },
		{ "set", set_copy, model_set, .once = true },
		{ "wait", wait_for_ever, model_for_ever, .may_block = true,
		  .once = true },
	},
	.state_size = sizeof(int),
	.first = "get+set,wait",
	.programs = 1,
	.fails = "not linearizable",
};

/* The flag is set after a thread has looked at it, and before it says that it waits. */

static atomic_t flag, waiting;
static struct completion woken;

static void make_flag(void)
{
	init_completion(&woken);
}

static int set_flag(int unused)
{
	atomic_set(&flag, 1);
	if (atomic_read(&waiting))
		complete_all(&woken);
	return 0;
}

static int wait_for_flag(int unused)
{
	if (!atomic_read(&flag)) {
		atomic_set(&waiting, 1);
		wait_for_completion(&woken);
	}
	return 0;
}

static int model_wait(void *state, int unused)
{
	return *(int *)state ? 0 : LFX_BLOCKS;
}

LFX_MODEL(lost_wake_up) = {
	.name = "model-lost-wake-up",
	.what = "a flag and those who wait for it",
	.setup = make_flag,
	.operations = {
		{ "set", set_flag, model_set },
		{ "wait", wait_for_flag, model_wait, .may_block = true },
	},
	.state_size = sizeof(int),
	.fails = "deadlock",
};
