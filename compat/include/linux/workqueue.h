/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Work queues: functions run by threads, in process context.
 *
 * An item never runs beside itself; it may queue itself again and may free
 * itself. A queue's items start in the order they were queued.
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
	/* Pending on this queue, NULL if not. The workqueue lock protects it. */
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
 * alloc_workqueue - make a queue
 * @fmt: printf format of its name
 * @flags: WQ_ flags; accepted, no difference in userspace
 * @max_active: how many items may run at once; 0 for the default, 16
 *
 * Context: may sleep. Starts one thread; more as they are needed.
 * Return: the queue, or NULL.
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
 * destroy_workqueue - run what is pending, then end the queue
 */
void destroy_workqueue(struct workqueue_struct *wq) LFSHIM(destroy_workqueue);

/**
 * queue_work - have an item run
 *
 * Context: any.
 * Return: false if it was pending already.
 */
bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
	LFSHIM(queue_work);
/* After @delay jiffies; 0 queues at once. False if it was pending already. */
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay) LFSHIM(queue_delayed_work);
/* The same, replacing the delay of a pending item: true if it was pending. */
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
		      unsigned long delay) LFSHIM(mod_delayed_work);

/* Take an item back. _sync: and wait until it does not run. True if pending. */
bool cancel_work(struct work_struct *work) LFSHIM(cancel_work);
bool cancel_work_sync(struct work_struct *work) LFSHIM(cancel_work_sync);
bool cancel_delayed_work(struct delayed_work *dwork)
	LFSHIM(cancel_delayed_work);
bool cancel_delayed_work_sync(struct delayed_work *dwork)
	LFSHIM(cancel_delayed_work_sync);

/* Wait until the item, as queued last, has run. False if it was idle. */
bool flush_work(struct work_struct *work) LFSHIM(flush_work);
/* Queue a delayed item at once and wait for it. */
bool flush_delayed_work(struct delayed_work *dwork) LFSHIM(flush_delayed_work);
/* Wait until all that was queued before has run; drain: until empty. */
void __flush_workqueue(struct workqueue_struct *wq) LFSHIM(__flush_workqueue);
void drain_workqueue(struct workqueue_struct *wq) LFSHIM(drain_workqueue);
#define flush_workqueue(wq)	__flush_workqueue(wq)

/* Pending; running does not count. A racy look. */
bool work_pending(struct work_struct *work) LFSHIM(work_pending);
#define delayed_work_pending(w)	\
	(work_pending(&(w)->work) || timer_pending(&(w)->timer))
/* WORK_BUSY_ bits. A racy look. */
#define WORK_BUSY_PENDING	0x1
#define WORK_BUSY_RUNNING	0x2
unsigned int work_busy(struct work_struct *work) LFSHIM(work_busy);

/* The queue that schedule_work() uses; made when it is first asked for. */
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
