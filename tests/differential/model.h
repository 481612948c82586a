/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The objects of a sequence of operations, and its log. The log must be
 * the same on both cores: nothing here may depend on which core it is.
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

/* A fence to which the test has @refs references. */
struct slot {
	struct dma_fence *fence;
	unsigned int refs;
	/* Identifies the fence: an address may be reused. */
	unsigned int uid;
};

extern struct slot slots[NR_SLOTS];
extern struct dma_resv resvs[NR_RESVS];
extern u64 first_context;

struct operation {
	const char *name;
	/* How often it is chosen, relative to the others. */
	unsigned int weight;
	void (*run)(const unsigned int *arg);
};

extern const struct operation operations[];
extern const unsigned int nr_operations;

/*
 * A cursor is open, and may have a reference: do not log reference counts. See
 * resv.c.
 */
extern bool cursor_open;

/* Write to the log. */
__attribute__((__format__(__printf__, 1, 2)))
void say(const char *fmt, ...);
/*
 * Log which fence it is, by a property that neither changes nor is an address.
 */
void say_fence(const char *what, struct dma_fence *fence);
/* Log all the state that can be read without a side effect. */
void say_state(void);

/* The first slot from @i on that has a fence; NULL if none has. */
struct slot *pick(unsigned int i);
/* Slot @i, emptied. */
struct slot *vacate(unsigned int i);
/* Takes over the reference; empties the slot if @fence is NULL. */
void fill(struct slot *slot, struct dma_fence *fence);
void slot_put(struct slot *slot);

/* While false, the mock producer does not count polls. */
extern bool polls_count;
struct dma_fence *mock_new(const unsigned int *arg, bool seqno64);
/* Add a callback, or remove it. */
void cb_add(struct slot *slot, const unsigned int *arg);
void cb_remove(const unsigned int *arg);

/* The first allocation that fails, as the line says; 0: none fails. */
extern unsigned int fail_from;
void failing(unsigned int nth);
/* Call a function of the core. Only allocations in such a call fail. */
#define FAILING(call) ({			\
	failing(fail_from);			\
	__typeof__(call) __ret = (call);	\
	failing(0);				\
	__ret; })
/* The number of allocations, by any code, that are not freed. */
long allocated(void);
/* While it is on, no freed memory is reused. */
void keep_freed(bool on);

void cursors_end(void);

/* world.c */
void time_passes(void);
/* Set the event during each sleep of the waits that follow. */
void sleep_plan(const unsigned int *arg);
/* Begin a wait. @fence is signalled if nothing else ends the wait. */
void sleep_begin(struct dma_fence *fence);
void sleep_end(void);
#define SLEEPING(fence, call) ({		\
	sleep_begin(fence);			\
	__typeof__(call) __slept = (call);	\
	sleep_end();				\
	__slept; })
/* While @on, queued irq_works wait for irqs_run(). */
void irqs_keep(bool on);
void irqs_run(unsigned int num);

/* meanwhile.c: do something at one of the polls that follow. */
void meanwhile_plan(const unsigned int *arg);
void meanwhile(void);
void meanwhile_end(void);

void world_begin(void);
void world_end(void);

void sequence_begin(void);
void sequence_end(void);

#endif
