/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The lists and the threads of work queues. compat/workqueue.c has the
 * operations on items and queues, and the table of states.
 *
 * A *queueing* is one passage of an item through a queue, from
 * lfpriv_work_insert() to the end of the run, or to lfpriv_work_remove(). It
 * counts as in flight for its queue all that time. It needs one of the queue's
 * max_active slots before a thread may take it; until then it is on the list
 * ->inactive. From the start of the run, the worker stands for the queueing,
 * because the function may free the item.
 */
#ifndef LFPRIV_WORKER_H
#define LFPRIV_WORKER_H

#include <linux/completion.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct lfpriv_pool;
struct task_struct;

#define LFPRIV_WQ_NAME_LEN	32

struct workqueue_struct {
	char name[LFPRIV_WQ_NAME_LEN];
	/* WQ_ flags. __WQ_DRAINING and __WQ_DESTROYING change. */
	unsigned int flags;
	/* How many drain_workqueue() are in progress. */
	unsigned int nr_drainers;
	int max_active;
	/* The queueings that have a slot, and all of them. */
	unsigned int nr_active, nr_in_flight;
	/* Given to each queueing; each flush of the queue increments it. */
	u64 number;
	/* Items without a slot, in the order of queueing. */
	struct list_head inactive;
	/* The struct lfpriv_flusher that wait. */
	struct list_head flushers;
	/* In the list of all queues. */
	struct list_head node;
	struct lfpriv_pool *pool;
	/* With WQ_MEM_RECLAIM: its own thread, and a request to run items. */
	struct lfpriv_worker *rescuer;
	bool mayday;
	/* Held while an item runs. Usually own_map. */
	struct lockdep_map *lockdep_map, own_map;
	char map_name[LFPRIV_WQ_NAME_LEN + 20];
};

/* A thread, and the run that it is in. */
struct lfpriv_worker {
	/* In the list of all workers. */
	struct list_head node;
	/* In the list of idle or of busy workers, or empty. */
	struct list_head link;
	struct task_struct *task;
	struct lfpriv_pool *pool;
	/* The queue whose rescuer it is, or NULL. */
	struct workqueue_struct *rescues;
	/*
	 * The run: NULL if there is none. The item is only compared: it may
	 * have been freed. With its function it is the identity of the run.
	 */
	struct work_struct *work;
	work_func_t func;
	struct workqueue_struct *wq;
	/* The queue has WQ_BH. */
	bool in_softirq;
	u64 number;
	/* The same item, queued again: this worker runs it next. */
	struct list_head scheduled;
	/* The struct lfpriv_barrier that wait for the end of the run. */
	struct list_head barriers;
};

/* flush_work() waits for @done. On the stack of the thread that waits. */
struct lfpriv_barrier {
	struct list_head node;
	const struct work_struct *work;
	struct completion done;
};

/* flush_workqueue() waits for @left queueings with numbers up to @until. */
struct lfpriv_flusher {
	struct list_head node;
	u64 until;
	unsigned int left;
	struct completion done;
};

/*
 * Protects all lists and counts of queues, pools and workers, the runs, the
 * lfshim_ fields and ->entry of all items, and the flags of queues.
 */
extern spinlock_t lfpriv_wq_lock;

/*
 * Release the lock. If an item is queued and there is no thread yet, this
 * creates one. Context: any.
 */
void lfpriv_wq_unlock(unsigned long flags);

/* The following are called with the lock held. */

/* The busy worker that runs @work, or NULL. */
struct lfpriv_worker *lfpriv_worker_running(const struct work_struct *work);
/*
 * Add an item whose PENDING bit the caller owns. Returns false, and clears the
 * bit, if the queue is being drained and the caller is not one of its items.
 */
bool lfpriv_work_insert(struct workqueue_struct *wq, struct work_struct *work);
/*
 * Take an item off its list. The caller owns the PENDING bit afterwards. Ends
 * the waits of all barriers for this queueing.
 */
void lfpriv_work_remove(struct work_struct *work);
/* Wait with @b for the queueing of @work, or for the run of @w. */
void lfpriv_barrier_add(struct lfpriv_barrier *b, const struct work_struct *work,
			struct lfpriv_worker *w);
/* Give slots to items that have none. */
void lfpriv_wq_activate(struct workqueue_struct *wq);

/* The following are called without it. */

/* The calling worker while it runs an item, or NULL. Context: any. */
struct lfpriv_worker *lfpriv_worker_self(void);
/* Initialise the lists of a queue, and add it to the list of all queues. */
void lfpriv_wq_init(struct workqueue_struct *wq);
/*
 * Create the threads that the queue needs to make progress. Returns false if
 * there is no memory. Context: may sleep.
 */
bool lfpriv_wq_start(struct workqueue_struct *wq);
/* Undo both. Nothing is in flight. Context: may sleep. */
void lfpriv_wq_stop(struct workqueue_struct *wq);

#endif
