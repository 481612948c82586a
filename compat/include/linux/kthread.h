/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Kernel threads: pthreads that can be asked to stop or to park, and that
 * return a result; and kthread workers, threads with a queue of items. Left
 * out: binding to a CPU, freezing and kthread_use_mm(). Implemented in
 * compat/kthread.c; the workers in compat/kernel/kthread_worker.c.
 */
#ifndef _LINUX_KTHREAD_H
#define _LINUX_KTHREAD_H

#include <lfshim/kernel-code.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
/* The kernel's header includes timers, for its struct kthread_delayed_work. */
#include <linux/timer.h>

/**
 * kthread_create - create a thread that waits to be woken
 * @threadfn: its function; kthread_stop() returns its result
 * @data: the argument of @threadfn; stays the caller's
 * @namefmt: printf format of its name
 *
 * When this returns, the thread has started and waits for wake_up_process().
 * Context: may sleep.
 * Return: the task, or ERR_PTR(-ENOMEM or -EAGAIN), or ERR_PTR(-EINTR) if the
 * caller has a SIGKILL pending. The caller gets no
 * reference: the task is freed when the thread exits, so a caller that may stop
 * it later than that takes a reference with get_task_struct() first.
 */
struct task_struct *lfshim_kthread_create(int (*threadfn)(void *data),
					  void *data, const char *namefmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));
#define kthread_create(threadfn, data, namefmt, ...) \
	lfshim_kthread_create(threadfn, data, namefmt, ##__VA_ARGS__)

/* kthread_create(), then wake_up_process(). */
#define kthread_run(threadfn, data, namefmt, ...) ({			\
	struct task_struct *__k = kthread_create(threadfn, data,	\
						 namefmt, ##__VA_ARGS__); \
	if (!IS_ERR(__k))						\
		wake_up_process(__k);					\
	__k; })

/**
 * kthread_stop - ask a thread to stop, wake it, and wait until it has exited
 * @k: the task; the thread has not exited, or the caller has a reference
 *
 * From then on signal_pending() is true in the thread, so its interruptible
 * waits return -ERESTARTSYS. A parked thread is unparked.
 * Context: may sleep.
 * Return: the result of its function; -EINTR if it was stopped before its
 * function was called.
 */
int kthread_stop(struct task_struct *k) LFSHIM(kthread_stop);

/**
 * kthread_stop_put - kthread_stop(), then put_task_struct()
 * @k: the task; this drops the caller's reference
 *
 * Context: may sleep.
 * Return: as kthread_stop().
 */
int kthread_stop_put(struct task_struct *k) LFSHIM(kthread_stop_put);

/**
 * lfshim_kthread_join - wait until a thread exits, without asking it to stop
 * @k: the task; the caller holds a reference and keeps it
 *
 * Context: may sleep.
 * Return: the result of its function.
 */
int lfshim_kthread_join(struct task_struct *k);

/**
 * kthread_should_stop - has the calling kthread been asked to stop?
 *
 * Context: any.
 */
bool kthread_should_stop(void) LFSHIM(kthread_should_stop);

/**
 * kthread_park - ask a thread to park, and wait until it has
 * @k: the task
 *
 * The thread parks when it calls kthread_parkme(); before its function is
 * called if it was just created. It is woken as by wake_up_process().
 * Context: may sleep, unless @k is the caller: then this does not wait.
 * Return: 0; -EBUSY with a warning if it was asked already; -ENOSYS if the
 * thread has exited, with a warning if it had before the call.
 */
int kthread_park(struct task_struct *k) LFSHIM(kthread_park);
/* Let a thread continue. Does not wait for that. Context: any. */
void kthread_unpark(struct task_struct *k) LFSHIM(kthread_unpark);
/* Sleep as long as the calling kthread is asked to park. */
void kthread_parkme(void) LFSHIM(kthread_parkme);
/* Has the calling kthread been asked to? False in other threads. */
bool kthread_should_park(void) LFSHIM(kthread_should_park);
bool kthread_should_stop_or_park(void) LFSHIM(kthread_should_stop_or_park);

/* The function of a thread; NULL if it is no kthread. Context: any. */
void *kthread_func(struct task_struct *k) LFSHIM(kthread_func);
/* The @data of a kthread. Context: any. */
void *kthread_data(struct task_struct *k) LFSHIM(kthread_data);
/* The same; NULL if @k is no kthread. Context: any. */
void *kthread_probe_data(struct task_struct *k) LFSHIM(kthread_probe_data);

struct completion;

/**
 * kthread_complete_and_exit - exit from the calling kthread
 * @comp: a completion to complete before the exit, or NULL
 * @code: the result that kthread_stop() returns
 *
 * Context: a kthread. Does not return.
 */
void kthread_complete_and_exit(struct completion *comp, long code)
	LFSHIM(kthread_complete_and_exit) __noreturn;
#define kthread_exit(code)	kthread_complete_and_exit(NULL, code)

/*
 * Kthread workers: one thread that runs items in the order in which they were
 * queued, one at a time.
 */
struct kthread_work;
typedef void (*kthread_work_func_t)(struct kthread_work *work);

struct kthread_worker {
	unsigned int flags;
	/* Protects the lists, ->current_work, and the items on the lists. */
	spinlock_t lock;
	struct list_head work_list, delayed_work_list;
	struct task_struct *task;
	/* The item that runs. Only compared: its function may have freed it. */
	struct kthread_work *current_work;
};

struct kthread_work {
	/* In one of the worker's lists, or empty. */
	struct list_head node;
	kthread_work_func_t func;
	/* Where it was queued last. It stays there until it is initialised. */
	struct kthread_worker *worker;
	/* How many threads are cancelling it. Meanwhile nothing queues it. */
	int canceling;
	/* It is in the list of the items whose timer is armed. */
	bool lfshim_delayed;
};

struct kthread_delayed_work {
	struct kthread_work work;
	struct timer_list timer;
};

void kthread_delayed_work_timer_fn(struct timer_list *t)
	LFSHIM(kthread_delayed_work_timer_fn);

#define KTHREAD_WORK_INIT(work, fn) \
	{ .node = LIST_HEAD_INIT((work).node), .func = (fn) }
#define KTHREAD_DELAYED_WORK_INIT(dwork, fn)				\
	{ .work = KTHREAD_WORK_INIT((dwork).work, (fn)),		\
	  .timer = __TIMER_INITIALIZER(kthread_delayed_work_timer_fn,	\
				       TIMER_IRQSAFE) }
#define DEFINE_KTHREAD_WORK(work, fn) \
	struct kthread_work work = KTHREAD_WORK_INIT(work, fn)
#define DEFINE_KTHREAD_DELAYED_WORK(dwork, fn) \
	struct kthread_delayed_work dwork = KTHREAD_DELAYED_WORK_INIT(dwork, fn)

/* Initialise an item, which is neither queued nor running. */
#define kthread_init_work(work, fn)					\
	do {								\
		struct kthread_work *__kwork = (work);			\
									\
		*__kwork = (struct kthread_work){ .func = (fn) };	\
		INIT_LIST_HEAD(&__kwork->node);				\
	} while (0)
#define kthread_init_delayed_work(dwork, fn)				\
	do {								\
		kthread_init_work(&(dwork)->work, fn);			\
		timer_setup(&(dwork)->timer, kthread_delayed_work_timer_fn, \
			    TIMER_IRQSAFE);				\
	} while (0)

/* For a thread of the caller's that runs kthread_worker_fn() on @worker. */
void kthread_init_worker(struct kthread_worker *worker)
	LFSHIM(kthread_init_worker);
/* The function of a worker's thread: runs items until kthread_stop(). */
int kthread_worker_fn(void *worker_ptr) LFSHIM(kthread_worker_fn);

/**
 * kthread_create_worker - create a worker
 * @flags: 0
 * @namefmt: printf format of the name of its thread
 *
 * As in Linux 7.3, the thread is not woken: the first queueing does that.
 * Context: may sleep.
 * Return: the worker, for kthread_destroy_worker(); or an ERR_PTR().
 */
struct kthread_worker *lfshim_kthread_create_worker(unsigned int flags,
						    const char *namefmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));
#define kthread_create_worker(flags, namefmt, ...) \
	lfshim_kthread_create_worker(flags, namefmt, ##__VA_ARGS__)

/* kthread_create_worker(), then wake its thread. */
#define kthread_run_worker(flags, namefmt, ...) ({			\
	struct kthread_worker *__kw =					\
		kthread_create_worker(flags, namefmt, ##__VA_ARGS__);	\
	if (!IS_ERR(__kw))						\
		wake_up_process(__kw->task);				\
	__kw; })

/**
 * kthread_destroy_worker - run the queued items, stop the thread and free it
 * @worker: from kthread_create_worker(). No timer of its items is armed, and
 *	nobody queues any more; else this warns.
 *
 * Context: may sleep.
 */
void kthread_destroy_worker(struct kthread_worker *worker)
	LFSHIM(kthread_destroy_worker);

/**
 * kthread_queue_work - queue an item at the end
 * @worker: the worker; an item keeps to one until it is initialised again
 * @work: the item. Its function may queue it again, or free it.
 *
 * Context: any.
 * Return: true if it was queued; false if it was queued already, or is being
 * cancelled.
 */
bool kthread_queue_work(struct kthread_worker *worker,
			struct kthread_work *work) LFSHIM(kthread_queue_work);
/* The same after @delay jiffies. With 0 no timer is used. */
bool kthread_queue_delayed_work(struct kthread_worker *worker,
				struct kthread_delayed_work *dwork,
				unsigned long delay)
	LFSHIM(kthread_queue_delayed_work);

/**
 * kthread_mod_delayed_work - queue an item, whether it is queued or not
 * @worker: the worker
 * @dwork: the item
 * @delay: jiffies from now
 *
 * Context: any.
 * Return: true if it was queued before, or if it is being cancelled: then
 * nothing has changed.
 */
bool kthread_mod_delayed_work(struct kthread_worker *worker,
			      struct kthread_delayed_work *dwork,
			      unsigned long delay)
	LFSHIM(kthread_mod_delayed_work);

/*
 * Wait until an item that is queued, or running, has run. An item whose timer
 * is armed cannot be waited for; this warns and returns. So does an item of the
 * worker that waits for itself. Context: may sleep.
 */
void kthread_flush_work(struct kthread_work *work) LFSHIM(kthread_flush_work);
/* Wait until everything that is queued has run, except for armed timers. */
void kthread_flush_worker(struct kthread_worker *worker)
	LFSHIM(kthread_flush_worker);

/**
 * kthread_cancel_work_sync - take an item off the queue, and wait for its run
 * @work: the item; not its own function
 *
 * Until this returns, nothing can queue the item, its function neither.
 * Context: may sleep.
 * Return: true if it was queued.
 */
bool kthread_cancel_work_sync(struct kthread_work *work)
	LFSHIM(kthread_cancel_work_sync);
bool kthread_cancel_delayed_work_sync(struct kthread_delayed_work *dwork)
	LFSHIM(kthread_cancel_delayed_work_sync);

#endif
