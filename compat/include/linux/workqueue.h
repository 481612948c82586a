/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Work queues: threads run functions in process context. Left out: rcu_work,
 * attributes, CPU affinity and the effect of the WQ_ flags. Implemented in
 * compat/workqueue.c.
 *
 * An item never runs on two threads at the same time. Its function may queue
 * the item again, and may free it. The items of a queue start in the order in
 * which they were queued.
 */
#ifndef _LINUX_WORKQUEUE_H
#define _LINUX_WORKQUEUE_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/list.h>
#include <linux/timer.h>

struct workqueue_struct;
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	/* The queue where it is pending, or NULL. Under the workqueue lock. */
	struct workqueue_struct *lfshim_wq;
	struct list_head entry;
	work_func_t func;
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq;
};

#define INIT_WORK(_work, _func)						\
	do {								\
		(_work)->lfshim_wq = NULL;				\
		INIT_LIST_HEAD(&(_work)->entry);			\
		(_work)->func = (_func);				\
	} while (0)
#define INIT_WORK_ONSTACK(_work, _func)	INIT_WORK(_work, _func)
#define destroy_work_on_stack(work)	((void)(work))
#define __WORK_INITIALIZER(n, f) \
	{ .entry = LIST_HEAD_INIT((n).entry), .func = (f) }
#define DECLARE_WORK(n, f)	struct work_struct n = __WORK_INITIALIZER(n, f)

void delayed_work_timer_fn(struct timer_list *t) LFSHIM(delayed_work_timer_fn);
#define INIT_DELAYED_WORK(_work, _func)					\
	do {								\
		INIT_WORK(&(_work)->work, _func);			\
		timer_setup(&(_work)->timer, delayed_work_timer_fn, 0);	\
		(_work)->wq = NULL;					\
	} while (0)

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

#define WQ_UNBOUND		0x0002
#define WQ_FREEZABLE		0x0004
#define WQ_MEM_RECLAIM		0x0008
#define WQ_HIGHPRI		0x0010
#define WQ_CPU_INTENSIVE	0x0020
#define WQ_PERCPU		0x0100
#define __WQ_ORDERED		0x20000
#define WQ_MAX_ACTIVE		2048
#define WQ_UNBOUND_MAX_ACTIVE	WQ_MAX_ACTIVE

/**
 * alloc_workqueue - create a queue
 * @fmt: printf format of its name
 * @flags: WQ_ flags, which have no effect in userspace
 * @max_active: the number of items that may run at the same time; 0 for the
 *	default, 16
 *
 * This starts one thread; more are started when they are needed.
 * Context: may sleep.
 * Return: the queue, to be given to destroy_workqueue(); NULL.
 */
struct workqueue_struct *lfshim_alloc_workqueue(const char *fmt,
						unsigned int flags,
						int max_active, ...);
#define alloc_workqueue(fmt, flags, max_active, args...) \
	lfshim_alloc_workqueue(fmt, flags, max_active, ##args)
/* One item at a time, in order. */
#define alloc_ordered_workqueue(fmt, flags, args...) \
	lfshim_alloc_workqueue(fmt, (flags) | __WQ_ORDERED, 1, ##args)

/**
 * destroy_workqueue - run the pending items, then destroy the queue
 * @wq: the queue
 *
 * Context: may sleep.
 */
void destroy_workqueue(struct workqueue_struct *wq) LFSHIM(destroy_workqueue);

/**
 * queue_work - queue an item
 * @wq: the queue
 * @work: the item, of the caller's; stays valid until its function is called
 *
 * Context: any.
 * Return: true if it was queued, false if it was already pending.
 */
bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
	LFSHIM(queue_work);
/* As queue_work(), after @delay jiffies. */
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay) LFSHIM(queue_delayed_work);
/* The same, but changes the delay of a pending item. True if it was pending. */
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
		      unsigned long delay) LFSHIM(mod_delayed_work);

/*
 * Cancel a pending item; true if it was pending. The _sync variants also wait
 * until its function has returned. Context: any; may sleep for _sync.
 */
bool cancel_work(struct work_struct *work) LFSHIM(cancel_work);
bool cancel_work_sync(struct work_struct *work) LFSHIM(cancel_work_sync);
bool cancel_delayed_work(struct delayed_work *dwork)
	LFSHIM(cancel_delayed_work);
bool cancel_delayed_work_sync(struct delayed_work *dwork)
	LFSHIM(cancel_delayed_work_sync);

/* Wait until the last queueing of an item has run. False if it was idle. */
bool flush_work(struct work_struct *work) LFSHIM(flush_work);
/* Queue a delayed item now and wait until it has run. */
bool flush_delayed_work(struct delayed_work *dwork) LFSHIM(flush_delayed_work);
/* Wait until all items queued before have run; drain: until it is empty. */
void __flush_workqueue(struct workqueue_struct *wq) LFSHIM(__flush_workqueue);
void drain_workqueue(struct workqueue_struct *wq) LFSHIM(drain_workqueue);
#define flush_workqueue(wq)	__flush_workqueue(wq)

/* Is the item pending? A running item is not. The answer may be stale. */
bool work_pending(struct work_struct *work) LFSHIM(work_pending);
#define delayed_work_pending(w)	\
	(work_pending(&(w)->work) || timer_pending(&(w)->timer))
/* The value of work_busy(), which may be stale. */
#define WORK_BUSY_PENDING	0x1
#define WORK_BUSY_RUNNING	0x2
unsigned int work_busy(struct work_struct *work) LFSHIM(work_busy);

/* The queue of schedule_work(), created on first use. */
struct workqueue_struct *lfshim_system_wq(void);
#define system_wq		lfshim_system_wq()
#define system_percpu_wq	lfshim_system_wq()
#define system_unbound_wq	lfshim_system_wq()
#define system_dfl_wq		lfshim_system_wq()
#define system_highpri_wq	lfshim_system_wq()
#define system_long_wq		lfshim_system_wq()

static inline bool schedule_work(struct work_struct *work)
{
	return queue_work(system_wq, work);
}

static inline bool schedule_delayed_work(struct delayed_work *dwork,
					 unsigned long delay)
{
	return queue_delayed_work(system_wq, dwork, delay);
}

#endif
