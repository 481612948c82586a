/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A mock producer that the test controls and that counts the calls of its ops,
 * a callback that records its arguments, and the checks made after every test.
 */
#ifndef TESTS_CORE_MOCK_H
#define TESTS_CORE_MOCK_H

#include "context.h"
#include "support.h"
#include "versions.h"

#include <libfence/libfence.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-fence-array.h>
#include <linux/dma-fence-chain.h>
#include <linux/dma-fence.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#define MOCK_DRIVER	"mock-driver"
#define MOCK_TIMELINE	"mock-timeline"

enum mock_op {
	MOCK_NAME,
	MOCK_ENABLE,
	MOCK_SIGNALED,
	MOCK_WAIT,
	MOCK_RELEASE,
	MOCK_DEADLINE,
	MOCK_NR_OPS,
};

/* The context in which an op was called. */
#define MOCK_LOCKED	0x1	/* with the fence's lock held */
#define MOCK_IRQS_OFF	0x2
#define MOCK_RCU	0x4	/* inside rcu_read_lock() */

/* The lock argument of a mock fence: older cores have no inline lock. */
#if CORE_HAS(inline_lock)
#define MOCK_LOCK(lock)		NULL
#else
#define MOCK_LOCK(lock)		(lock)
#endif
/* An external lock for fences that are not mock fences. */
extern spinlock_t mock_lock;

/* Differences of older kernels that several suites meet. */
static inline bool mock_names_stay(void)
{
	return CORE_BEFORE(702, "a signalled fence keeps the names of its producer");
}

static inline bool mock_ops_stay(void)
{
	return CORE_BEFORE(702, "signalling does not clear the ops of a fence");
}

/* The flag that an op has in its context if the core calls it under RCU. */
static inline unsigned int mock_op_rcu(void)
{
	return CORE_BEFORE(702, "ops are called without rcu_read_lock()") ? 0 :
									MOCK_RCU;
}

/* The names of a producer's fence after it is signalled. */
static inline const char *mock_driver_then(void)
{
	return mock_names_stay() ? MOCK_DRIVER : "detached-driver";
}

static inline const char *mock_timeline_then(void)
{
	return mock_names_stay() ? MOCK_TIMELINE : "signaled-timeline";
}

/* The result of SYNC_IOC_SET_DEADLINE. */
static inline int mock_deadline_ioctl(void)
{
	return CORE_BEFORE(612, "SYNC_IOC_SET_DEADLINE returns -ENOTTY") ? -ENOTTY : 0;
}

static inline bool mock_no_deadlines(void)
{
	return CORE_BEFORE(612, "fences have no deadlines: there is no dma_fence_set_deadline()");
}

static inline bool mock_describes_otherwise(void)
{
	return CORE_BEFORE(702, "dma_fence_describe() prints \"driver timeline seq seqno state\", also for a signalled fence");
}

/* The number of calls of each op in this test, and the context of the last. */
extern atomic_t mock_calls[MOCK_NR_OPS];
extern unsigned int mock_context[MOCK_NR_OPS];
/* Fences with a release op that have not been released. */
extern atomic_t mock_live;

struct mock_fence {
	struct dma_fence base;
	/* An external lock, for tests that need one. */
	spinlock_t lock;

	/* enable_signaling: whether it fails; the error it sets, or 0. */
	bool enable_fails;
	int enable_error;
	/*
	 * signaled: the number of calls; the call from which on it returns
	 * true, or 0 for never; the error that it sets then.
	 */
	int polls;
	int done_at_poll;
	int poll_error;
	/* wait: its result, its arguments, and the reference count it saw. */
	signed long wait_result;
	bool wait_intr;
	signed long wait_timeout;
	unsigned int wait_refs;
	/* set_deadline: the last deadline. */
	ktime_t deadline;
	/* release: do not free the memory; the test does. */
	bool keep;
};

/* All have the two names, and the ops that the comments name. */
extern const struct dma_fence_ops mock_ops;		/* only release */
extern const struct dma_fence_ops mock_names_ops;	/* nothing else */
extern const struct dma_fence_ops mock_enable_ops;	/* only enable */
extern const struct dma_fence_ops mock_signaled_ops;	/* only signaled */
extern const struct dma_fence_ops mock_deadline_ops;	/* only set_deadline */
extern const struct dma_fence_ops mock_wait_ops;	/* only wait */
extern const struct dma_fence_ops mock_full_ops;	/* all but wait */

struct mock_fence *mock_new(const struct dma_fence_ops *ops, u64 context,
			    u64 seqno);
/* A fence with mock_full_ops, in a new context or in a given one. */
struct dma_fence *mock_fence(void);
struct dma_fence *mock_fence_at(u64 context, u64 seqno);

/* Containers. They take their own references: the caller keeps its own. */
struct dma_fence *mock_array(int nr, struct dma_fence **fences);
#define mock_array_of(...) ({						\
	struct dma_fence *__of[] = { __VA_ARGS__ };			\
	mock_array(ARRAY_SIZE(__of), __of); })
struct dma_fence *mock_link(struct dma_fence *prev, struct dma_fence *fence,
			    u64 seqno);

static inline struct mock_fence *to_mock(struct dma_fence *fence)
{
	return container_of(fence, struct mock_fence, base);
}

/* The work is done from the @nth poll on; 1 is the next poll. */
static inline void mock_done_at(struct dma_fence *fence, int nth)
{
	to_mock(fence)->done_at_poll = to_mock(fence)->polls + nth;
}

static inline unsigned int mock_refs(struct dma_fence *fence)
{
	return kref_read(&fence->refcount);
}

static inline unsigned int mock_called(enum mock_op op)
{
	return atomic_read(&mock_calls[op]);
}

bool mock_flag(struct dma_fence *fence, enum dma_fence_flag_bits bit);
/* The number of queued callbacks and waiters. Takes the lock. */
unsigned int mock_queued(struct dma_fence *fence);
/* Wait until a callback or waiter is queued, and return with the lock held. */
unsigned long mock_lock_when_queued(struct dma_fence *fence);
void mock_unlock(struct dma_fence *fence, unsigned long flags);

/* A callback that records the state in which it is called. */
struct mock_cb {
	struct dma_fence_cb base;
	unsigned int ran;
	/* The ordinal of this callback in the test, from 1. */
	int order;
	unsigned int context;
	bool signaled, timestamp_set, self_linked;
	ktime_t timestamp;
	int error;
};

void mock_cb_func(struct dma_fence *fence, struct dma_fence_cb *cb);
/* Clears @cb first. */
int mock_add(struct dma_fence *fence, struct mock_cb *cb);

/*
 * mock_run() starts a thread, lets it begin and keeps a reference to it, so
 * that it may end at any time. mock_join() waits for the thread to end, drops
 * the reference and returns the result of the thread's function.
 */
struct task_struct *mock_run(int (*fn)(void *data), void *data);
int mock_join(struct task_struct *k);

/* True if the allocation that was to fail has failed. Cancels the request. */
static inline bool mock_alloc_failed(void)
{
	bool failed = !libfence_fail_nth_left();

	libfence_fail_nth(0);
	return failed;
}

/*
 * Like TEST(). Also fails the test if a fence was not released, or if the test
 * returns with interrupts or preemption disabled, or in a read-side section.
 */
#define MOCK_TEST(f) \
	cmocka_unit_test_setup_teardown(f, mock_setup, mock_teardown)

int mock_setup(void **state);
int mock_teardown(void **state);

#endif
