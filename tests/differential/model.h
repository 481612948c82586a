/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a sequence of operations works on, and what is written down of it. The
 * same on both cores: nothing here may depend on which of them it is.
 */
#ifndef TESTS_DIFFERENTIAL_MODEL_H
#define TESTS_DIFFERENTIAL_MODEL_H

#include <stdbool.h>
#include <linux/dma-fence.h>
#include <linux/dma-fence-array.h>
#include <linux/dma-fence-chain.h>
#include <linux/dma-fence-unwrap.h>
#include <linux/dma-resv.h>
#include "older.h"

#define NR_SLOTS	8
#define NR_CBS		8
#define NR_RESVS	2
#define NR_CONTEXTS	4
#define NR_ARGS		4

/* A fence in the hands of the test, with @refs references to it. */
struct slot {
	struct dma_fence *fence;
	unsigned int refs;
	/* Which fence, where its address does not say: it may be used again. */
	unsigned int uid;
};

extern struct slot slots[NR_SLOTS];
extern struct dma_resv resvs[NR_RESVS];
extern u64 first_context;

struct operation {
	const char *name;
	/* How often, relative to the others. */
	unsigned int weight;
	void (*run)(const unsigned int *arg);
};

extern const struct operation operations[];
extern const unsigned int nr_operations;

/* A cursor may have a reference: none is written down. See resv.c. */
extern bool cursor_open;

/* Write down. */
__attribute__((__format__(__printf__, 1, 2)))
void say(const char *fmt, ...);
/* Which fence: not by its address, nor by anything that changes. */
void say_fence(const char *what, struct dma_fence *fence);
/* Everything about it that can be seen without a side effect. */
void say_state(void);

/* The first slot from @i on that has a fence; NULL: none has. */
struct slot *pick(unsigned int i);
/* Slot @i, emptied. */
struct slot *vacate(unsigned int i);
/* Takes over the reference; empties the slot if @fence is NULL. */
void fill(struct slot *slot, struct dma_fence *fence);
void slot_put(struct slot *slot);

/* Off: how often it is asked does not matter to the producer. */
extern bool polls_count;
struct dma_fence *mock_new(const unsigned int *arg, bool seqno64);
/* Add a callback, or take it back. */
void cb_add(struct slot *slot, const unsigned int *arg);
void cb_remove(const unsigned int *arg);

/* The line says from which one on allocations fail; 0: none does. */
extern unsigned int fail_from;
void failing(unsigned int nth);
/* A call of the core: only its allocations fail. */
#define FAILING(call) ({			\
	failing(fail_from);			\
	__typeof__(call) __ret = (call);	\
	failing(0);				\
	__ret; })
/* What was allocated by anybody and not freed. */
long allocated(void);
/* While it is on, no memory is used again. */
void keep_freed(bool on);

void cursors_end(void);

/* world.c */
void time_passes(void);
/* What happens in the sleeps of the waits that follow. */
void sleep_plan(const unsigned int *arg);
/* A wait; @fence is signalled where nothing else ends it. */
void sleep_begin(struct dma_fence *fence);
void sleep_end(void);
#define SLEEPING(fence, call) ({		\
	sleep_begin(fence);			\
	__typeof__(call) __slept = (call);	\
	sleep_end();				\
	__slept; })
/* From now on irq_works wait until they are run. */
void irqs_keep(bool on);
void irqs_run(unsigned int num);

/* meanwhile.c: at one of the polls that follow, something happens. */
void meanwhile_plan(const unsigned int *arg);
void meanwhile(void);
void meanwhile_end(void);

void world_begin(void);
void world_end(void);

void sequence_begin(void);
void sequence_end(void);

#endif
