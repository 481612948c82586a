/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Work queues: threads run functions in process context. Left out: attributes,
 * CPU affinity (the _on functions ignore the CPU). Implemented in
 * compat/workqueue.c, which has the table of states; the threads are in
 * compat/kernel/worker.c.
 *
 * An item is pending from the call that queues it until just before its
 * function is called: while its timer runs, too. Its function may queue the
 * item again, and may free it. The items of a queue start in the order in which
 * they were queued.
 */
#ifndef _LINUX_WORKQUEUE_H
#define _LINUX_WORKQUEUE_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/timer.h>

struct workqueue_struct;
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

#define WORK_STRUCT_PENDING_BIT	0
#define WORK_DATA_INIT()	ATOMIC_LONG_INIT(0)

enum wq_misc_consts {
	/* No particular CPU. */
	WORK_CPU_UNBOUND = NR_CPUS,
};

struct work_struct {
	/* WORK_STRUCT_PENDING_BIT. The thread that sets it owns the item. */
	atomic_long_t data;
	struct list_head entry;
	work_func_t func;
	/* The rest is the work queues', under their lock. */
	/* The queue on whose list the item is, or NULL. */
	struct workqueue_struct *lfshim_wq;
	/* The number that the queue gave to this queueing. */
	u64 lfshim_number;
	/* While this is not 0, the item cannot be queued. */
	unsigned int lfshim_disabled;
	/* It has one of the max_active slots of the queue. */
	bool lfshim_active;
#ifdef CONFIG_LOCKDEP
	struct lockdep_map lockdep_map;
#endif
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	/* The queue to which the timer adds the item. */
	struct workqueue_struct *wq;
};

struct rcu_work {
	struct work_struct work;
	struct rcu_head rcu;
	/* The queue to which the item is added after the grace period. */
	struct workqueue_struct *wq;
};

#define work_data_bits(work)	((unsigned long *)(&(work)->data))

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

static inline struct rcu_work *to_rcu_work(struct work_struct *work)
{
	return container_of(work, struct rcu_work, work);
}

#define from_work(var, callback_work, work_fieldname) \
	container_of(callback_work, __typeof__(*var), work_fieldname)

/* Initialisation. All items of one call site have one lockdep class. */

#ifdef CONFIG_LOCKDEP
#define __WORK_INIT_LOCKDEP_MAP(n, k) \
	.lockdep_map = STATIC_LOCKDEP_MAP_INIT(n, k),
#define lfshim_work_map_init(work, name, key) \
	lockdep_init_map(&(work)->lockdep_map, name, key, 0)
#else
#define __WORK_INIT_LOCKDEP_MAP(n, k)
#define lfshim_work_map_init(work, name, key)	((void)(key))
#endif

#define __WORK_INITIALIZER(n, f) {					\
	.entry = LIST_HEAD_INIT((n).entry),				\
	.func = (f),							\
	__WORK_INIT_LOCKDEP_MAP(#n, &(n))				\
	}
#define __DELAYED_WORK_INITIALIZER(n, f, tflags) {			\
	.work = __WORK_INITIALIZER((n).work, f),			\
	.timer = { .function = delayed_work_timer_fn,			\
		   .flags = (tflags) | TIMER_IRQSAFE },			\
	}
#define DECLARE_WORK(n, f)	struct work_struct n = __WORK_INITIALIZER(n, f)
#define DECLARE_DELAYED_WORK(n, f) \
	struct delayed_work n = __DELAYED_WORK_INITIALIZER(n, f, 0)
#define DECLARE_DEFERRABLE_WORK(n, f) \
	struct delayed_work n = __DELAYED_WORK_INITIALIZER(n, f, TIMER_DEFERRABLE)

static inline void lfshim_init_work(struct work_struct *work, work_func_t func)
{
	atomic_long_set(&work->data, 0);
	INIT_LIST_HEAD(&work->entry);
	work->func = func;
	work->lfshim_wq = NULL;
	work->lfshim_number = 0;
	work->lfshim_disabled = 0;
	work->lfshim_active = false;
}

/* The part of INIT_WORK() that is before the function and the class. */
static inline void __init_work(struct work_struct *work, int onstack)
{
	lfshim_init_work(work, NULL);
}

#define INIT_WORK_ONSTACK_KEY(_work, _func, _key)			\
	do {								\
		lfshim_init_work(_work, _func);				\
		lfshim_work_map_init(_work, "(work_completion)" #_work,	\
				     _key);				\
	} while (0)
#define INIT_WORK(_work, _func)						\
	do {								\
		static struct lock_class_key __work_key;		\
									\
		INIT_WORK_ONSTACK_KEY(_work, _func, &__work_key);	\
	} while (0)
#define INIT_WORK_ONSTACK(_work, _func)	INIT_WORK(_work, _func)
#define destroy_work_on_stack(work)	((void)(work))

void delayed_work_timer_fn(struct timer_list *t) LFSHIM(delayed_work_timer_fn);
#define lfshim_init_delayed_work(_work, _func, _tflags)			\
	do {								\
		INIT_WORK(&(_work)->work, _func);			\
		timer_setup(&(_work)->timer, delayed_work_timer_fn,	\
			    (_tflags) | TIMER_IRQSAFE);			\
		(_work)->wq = NULL;					\
	} while (0)
#define INIT_DELAYED_WORK(_work, _func) \
	lfshim_init_delayed_work(_work, _func, 0)
#define INIT_DEFERRABLE_WORK(_work, _func) \
	lfshim_init_delayed_work(_work, _func, TIMER_DEFERRABLE)
#define INIT_DELAYED_WORK_ONSTACK(_work, _func) \
	INIT_DELAYED_WORK(_work, _func)
#define INIT_DEFERRABLE_WORK_ONSTACK(_work, _func) \
	INIT_DEFERRABLE_WORK(_work, _func)
#define destroy_delayed_work_on_stack(work) \
	timer_destroy_on_stack(&(work)->timer)

#define INIT_RCU_WORK(_work, _func)	INIT_WORK(&(_work)->work, _func)
#define INIT_RCU_WORK_ONSTACK(_work, _func) INIT_RCU_WORK(_work, _func)

/* Queues */

#define WQ_BH			0x0001
#define WQ_UNBOUND		0x0002
#define WQ_FREEZABLE		0x0004
#define WQ_MEM_RECLAIM		0x0008
#define WQ_HIGHPRI		0x0010
#define WQ_CPU_INTENSIVE	0x0020
#define WQ_SYSFS		0x0040
#define WQ_POWER_EFFICIENT	0x0080
#define WQ_PERCPU		0x0100
#define __WQ_DESTROYING		0x8000
#define __WQ_DRAINING		0x10000
#define __WQ_ORDERED		0x20000
#define __WQ_LEGACY		0x40000
#define __WQ_DEPRECATED		0x80000
#define WQ_MAX_ACTIVE		2048
#define WQ_UNBOUND_MAX_ACTIVE	WQ_MAX_ACTIVE
#define WQ_DFL_ACTIVE		(WQ_MAX_ACTIVE / 2)

/**
 * alloc_workqueue - create a queue
 * @fmt: printf format of its name, of which the first 31 bytes are used
 * @flags: WQ_PERCPU or WQ_UNBOUND, and other WQ_ flags. WQ_MEM_RECLAIM gives
 *	the queue a thread of its own, which runs its items if no other thread
 *	can be created. WQ_HIGHPRI items run on other threads than all others.
 *	WQ_BH items run in softirq context, and must not sleep; the only other
 *	flags are WQ_HIGHPRI and WQ_PERCPU then, and @max_active is 0.
 *	The other flags have no effect in userspace.
 * @max_active: the number of items that may run at the same time, in the whole
 *	process; 0 for WQ_DFL_ACTIVE. Limited to 1..WQ_MAX_ACTIVE.
 *
 * All queues share threads, which are started when they are needed.
 * Context: may sleep.
 * Return: the queue, to be given to destroy_workqueue(); NULL.
 */
struct workqueue_struct *lfshim_alloc_workqueue(const char *fmt,
						unsigned int flags,
						int max_active, ...)
	__attribute__((__format__(__printf__, 1, 4)));
#define alloc_workqueue(fmt, flags, max_active, args...) \
	lfshim_alloc_workqueue(fmt, flags, max_active, ##args)
/* One item at a time, in order. */
#define alloc_ordered_workqueue(fmt, flags, args...) \
	alloc_workqueue(fmt, WQ_UNBOUND | __WQ_ORDERED | (flags), 1, ##args)
#ifdef CONFIG_LOCKDEP
/* The same with a lockdep map of the caller's, which outlives the queue. */
struct workqueue_struct *lfshim_alloc_workqueue_map(const char *fmt,
						    unsigned int flags,
						    int max_active,
						    struct lockdep_map *map,
						    ...)
	__attribute__((__format__(__printf__, 1, 5)));
#define alloc_workqueue_lockdep_map(fmt, flags, max_active, map, args...) \
	lfshim_alloc_workqueue_map(fmt, flags, max_active, map, ##args)
#define alloc_ordered_workqueue_lockdep_map(fmt, flags, map, args...)	\
	lfshim_alloc_workqueue_map(fmt, WQ_UNBOUND | __WQ_ORDERED | (flags), \
				   1, map, ##args)
#endif
#define create_workqueue(name) \
	alloc_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM | WQ_PERCPU, 1, name)
#define create_freezable_workqueue(name)				\
	alloc_workqueue("%s", __WQ_LEGACY | WQ_FREEZABLE | WQ_UNBOUND |	\
			WQ_MEM_RECLAIM, 1, name)
#define create_singlethread_workqueue(name) \
	alloc_ordered_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM, name)

/**
 * destroy_workqueue - run the pending items, then destroy the queue
 * @wq: the queue, or NULL; an item whose timer still runs must not be on it
 *
 * Context: may sleep.
 */
void destroy_workqueue(struct workqueue_struct *wq) LFSHIM(destroy_workqueue);

/**
 * workqueue_set_max_active - change how many items may run at the same time
 * @wq: the queue; not an ordered one
 * @max_active: as in alloc_workqueue()
 *
 * Context: any.
 */
void workqueue_set_max_active(struct workqueue_struct *wq, int max_active)
	LFSHIM(workqueue_set_max_active);

/* Items */

/**
 * queue_work - queue an item
 * @wq: the queue
 * @work: the item, of the caller's; stays valid until its function is called
 *
 * The run sees everything that was stored before this call, also if this call
 * returned false because the item was pending.
 * Context: any.
 * Return: true if it was queued; false if it was pending already, or disabled.
 * On a queue that is being drained or destroyed, only items of that queue may
 * queue items: otherwise this warns, queues nothing and returns true.
 */
bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
	LFSHIM(queue_work);
/* As queue_work(), after @delay full jiffies; 0: at once, without a timer. */
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay) LFSHIM(queue_delayed_work);
/*
 * The same, but changes the delay of a pending item. True if it was pending.
 * Does nothing if the item is disabled.
 */
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
		      unsigned long delay) LFSHIM(mod_delayed_work);
/* The same, on a CPU: here on any. */
bool queue_work_on(int cpu, struct workqueue_struct *wq,
		   struct work_struct *work) LFSHIM(queue_work_on);
bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq,
			   struct delayed_work *dwork, unsigned long delay)
	LFSHIM(queue_delayed_work_on);
bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq,
			 struct delayed_work *dwork, unsigned long delay)
	LFSHIM(mod_delayed_work_on);
/*
 * As queue_work(), on a NUMA node: here on any CPU.
 * Warns once if the queue is not unbound.
 */
bool queue_work_node(int node, struct workqueue_struct *wq,
		     struct work_struct *work) LFSHIM(queue_work_node);
/*
 * As queue_work(), after a grace period. The item cannot be cancelled or
 * disabled.
 */
bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork)
	LFSHIM(queue_rcu_work);

/**
 * cancel_work - take a pending item off its queue
 * @work: the item; not one whose timer runs
 *
 * The _sync variants also wait for the run that is in progress, if any. During
 * the wait, nobody can queue the item.
 * Context: any; may sleep for _sync.
 * Return: true if the item was pending when the call took hold.
 */
bool cancel_work(struct work_struct *work) LFSHIM(cancel_work);
bool cancel_work_sync(struct work_struct *work) LFSHIM(cancel_work_sync);
bool cancel_delayed_work(struct delayed_work *dwork)
	LFSHIM(cancel_delayed_work);
bool cancel_delayed_work_sync(struct delayed_work *dwork)
	LFSHIM(cancel_delayed_work_sync);

/**
 * disable_work - cancel an item, and refuse to queue it from now on
 * @work: the item
 *
 * Disabling nests. The _sync variants also wait, as cancel_work_sync().
 * Context: any; may sleep for _sync.
 * Return: true if the item was pending.
 */
bool disable_work(struct work_struct *work) LFSHIM(disable_work);
bool disable_work_sync(struct work_struct *work) LFSHIM(disable_work_sync);
bool disable_delayed_work(struct delayed_work *dwork)
	LFSHIM(disable_delayed_work);
bool disable_delayed_work_sync(struct delayed_work *dwork)
	LFSHIM(disable_delayed_work_sync);
/* Undo one disable_work(). True if the item can be queued again. */
bool enable_work(struct work_struct *work) LFSHIM(enable_work);
bool enable_delayed_work(struct delayed_work *dwork)
	LFSHIM(enable_delayed_work);

/* enable_work(), and queue the item if that returns true. */
static inline bool enable_and_queue_work(struct workqueue_struct *wq,
					 struct work_struct *work)
{
	if (!enable_work(work))
		return false;
	queue_work(wq, work);
	return true;
}

/**
 * flush_work - wait for the queueing that was last when this was called
 * @work: the item
 *
 * Later queueings do not count. If the item is taken off its queue meanwhile,
 * this returns. It does not wait for a timer.
 * Context: may sleep. An item that waits for itself warns and does not wait.
 * Return: false if the item was idle.
 */
bool flush_work(struct work_struct *work) LFSHIM(flush_work);
/* If the timer of the item runs, queue the item now. Then as flush_work(). */
bool flush_delayed_work(struct delayed_work *dwork) LFSHIM(flush_delayed_work);
/* If the item is pending, wait for a grace period. Then as flush_work(). */
bool flush_rcu_work(struct rcu_work *rwork) LFSHIM(flush_rcu_work);

/* Wait until all items queued before have run; not for running timers. */
void __flush_workqueue(struct workqueue_struct *wq) LFSHIM(__flush_workqueue);
/* Wait until the queue is empty. Meanwhile only its own items queue items. */
void drain_workqueue(struct workqueue_struct *wq) LFSHIM(drain_workqueue);

/* Is the item pending? A running item is not. The answer may be stale. */
#define work_pending(work) \
	test_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(work))
#define delayed_work_pending(w)	work_pending(&(w)->work)
/* The value of work_busy(), which may be stale. */
#define WORK_BUSY_PENDING	0x1
#define WORK_BUSY_RUNNING	0x2
unsigned int work_busy(struct work_struct *work) LFSHIM(work_busy);
/* The item that the calling thread runs, perhaps freed already; NULL. */
struct work_struct *current_work(void) LFSHIM(current_work);

/* The queues that exist from the start. Their threads start on first use. */
enum lfshim_system_wq {
	LFSHIM_WQ_SYSTEM,
	LFSHIM_WQ_PERCPU,
	LFSHIM_WQ_HIGHPRI,
	LFSHIM_WQ_LONG,
	LFSHIM_WQ_UNBOUND,
	LFSHIM_WQ_DFL,
	LFSHIM_WQ_DFL_LONG,
	LFSHIM_WQ_FREEZABLE,
	LFSHIM_WQ_POWER_EFFICIENT,
	LFSHIM_WQ_FREEZABLE_POWER_EFFICIENT,
	LFSHIM_WQ_BH,
	LFSHIM_WQ_BH_HIGHPRI,
	LFSHIM_NR_SYSTEM_WQ,
};
struct workqueue_struct *lfshim_system_queue(enum lfshim_system_wq nr)
	__attribute__((__const__));
/*
 * They are variables, too, for code in other languages. In C they are constants,
 * so that the compiler knows which queue is flushed.
 */
extern struct workqueue_struct *system_wq LFSHIM(system_wq);
extern struct workqueue_struct *system_percpu_wq LFSHIM(system_percpu_wq);
extern struct workqueue_struct *system_highpri_wq LFSHIM(system_highpri_wq);
extern struct workqueue_struct *system_long_wq LFSHIM(system_long_wq);
extern struct workqueue_struct *system_unbound_wq LFSHIM(system_unbound_wq);
extern struct workqueue_struct *system_dfl_wq LFSHIM(system_dfl_wq);
extern struct workqueue_struct *system_dfl_long_wq LFSHIM(system_dfl_long_wq);
extern struct workqueue_struct *system_freezable_wq LFSHIM(system_freezable_wq);
extern struct workqueue_struct *system_power_efficient_wq
	LFSHIM(system_power_efficient_wq);
extern struct workqueue_struct *system_freezable_power_efficient_wq
	LFSHIM(system_freezable_power_efficient_wq);
extern struct workqueue_struct *system_bh_wq LFSHIM(system_bh_wq);
extern struct workqueue_struct *system_bh_highpri_wq
	LFSHIM(system_bh_highpri_wq);
/* The names system_wq and system_unbound_wq are deprecated. */
#define system_wq		lfshim_system_queue(LFSHIM_WQ_SYSTEM)
#define system_percpu_wq	lfshim_system_queue(LFSHIM_WQ_PERCPU)
#define system_highpri_wq	lfshim_system_queue(LFSHIM_WQ_HIGHPRI)
#define system_long_wq		lfshim_system_queue(LFSHIM_WQ_LONG)
#define system_unbound_wq	lfshim_system_queue(LFSHIM_WQ_UNBOUND)
#define system_dfl_wq		lfshim_system_queue(LFSHIM_WQ_DFL)
#define system_dfl_long_wq	lfshim_system_queue(LFSHIM_WQ_DFL_LONG)
#define system_freezable_wq	lfshim_system_queue(LFSHIM_WQ_FREEZABLE)
#define system_power_efficient_wq \
	lfshim_system_queue(LFSHIM_WQ_POWER_EFFICIENT)
#define system_freezable_power_efficient_wq \
	lfshim_system_queue(LFSHIM_WQ_FREEZABLE_POWER_EFFICIENT)
#define system_bh_wq		lfshim_system_queue(LFSHIM_WQ_BH)
#define system_bh_highpri_wq	lfshim_system_queue(LFSHIM_WQ_BH_HIGHPRI)

void lfshim_warn_flushing_systemwide_wq(void)
	__attribute__((__warning__("Please avoid flushing system-wide workqueues.")));
#define lfshim_is_wq(wq, other) \
	(__builtin_constant_p((wq) == (other)) && (wq) == (other))
#define flush_workqueue(wq) ({						\
	struct workqueue_struct *_wq = (wq);				\
									\
	if (lfshim_is_wq(_wq, system_percpu_wq) ||			\
	    lfshim_is_wq(_wq, system_highpri_wq) ||			\
	    lfshim_is_wq(_wq, system_long_wq) ||			\
	    lfshim_is_wq(_wq, system_dfl_wq) ||				\
	    lfshim_is_wq(_wq, system_dfl_long_wq) ||			\
	    lfshim_is_wq(_wq, system_freezable_wq) ||			\
	    lfshim_is_wq(_wq, system_power_efficient_wq) ||		\
	    lfshim_is_wq(_wq, system_freezable_power_efficient_wq))	\
		lfshim_warn_flushing_systemwide_wq();			\
	__flush_workqueue(_wq); })

static inline bool schedule_work(struct work_struct *work)
{
	return queue_work(system_percpu_wq, work);
}

static inline bool schedule_delayed_work(struct delayed_work *dwork,
					 unsigned long delay)
{
	return queue_delayed_work(system_percpu_wq, dwork, delay);
}

#endif
