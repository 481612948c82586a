// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Kernel threads: <linux/kthread.h>. */

#include <linux/kthread.h>
#include <linux/completion.h>
#include <linux/slab.h>
#include <stdio.h>

#include "kernel/internal.h"

struct kthread {
	int (*fn)(void *data);
	void *data;
	unsigned long thread;
	/* Set once, by kthread_stop(). */
	bool should_stop;
	/* The function is called: a stop can no longer prevent that. */
	bool started;
	/* The thread was joined or detached. */
	bool reaped;
	/* Protected by park_wait.lock, as is the next. */
	bool should_park;
	/* How often the thread has parked. Changes while ->should_park is set. */
	unsigned int nr_parked;
	/* kthread_park() sleeps here until that changes, or until the exit. */
	struct wait_queue_head park_wait;
	/* The thread runs, and waits to be woken. */
	struct completion created;
	/* Written before ->exited is completed. */
	int result;
	/* The function has returned, or will not be called. */
	struct completion exited;
};

static void kthread_done(struct kthread *k, int result)
{
	k->result = result;
	/* Before the completion: kthread_park() of this thread is a mistake. */
	WRITE_ONCE(current->flags, current->flags | PF_EXITING);
	complete_all(&k->exited);
	wake_up_all(&k->park_wait);
}

/* Sleep as long as the thread has to be parked. */
static void kthread_parkme_self(struct kthread *k)
{
	unsigned long flags;

	spin_lock_irqsave(&k->park_wait.lock, flags);
	while (k->should_park) {
		/*
		 * No partner: kthread_unpark() changes ->should_park under the
		 * lock, before it reads the state.
		 */
		set_current_state(TASK_PARKED);
		/*
		 * R1: release. Pairs with A1 in kthread_park(). Without it, the
		 * caller of kthread_park() may not see the stores of this
		 * thread before it parked.
		 */
		smp_store_release(&k->nr_parked, k->nr_parked + 1);
		wake_up_all_locked(&k->park_wait);
		spin_unlock_irqrestore(&k->park_wait.lock, flags);
		schedule();
		spin_lock_irqsave(&k->park_wait.lock, flags);
	}
	spin_unlock_irqrestore(&k->park_wait.lock, flags);
}

static void *kthread_main(void *arg)
{
	struct task_struct *self = arg;
	struct kthread *k = self->kthread;
	int result;

	lfpriv_task_adopt(self);
	lfhost_thread_name(self->comm);
	complete(&k->created);
	/* Sleep until the creator wakes this thread, or it is stopped. */
	schedule();
	if (READ_ONCE(k->should_stop)) {
		kthread_done(k, -EINTR);
	} else {
		kthread_parkme_self(k);
		WRITE_ONCE(k->started, true);
		result = k->fn(k->data);
		lfpriv_check_exit(self);
		kthread_done(k, result);
	}
	return NULL;
}

bool lfpriv_kthread_has_begun(const struct task_struct *task)
{
	const struct kthread *k = task->kthread;

	return !k || READ_ONCE(k->started) || READ_ONCE(k->should_stop);
}

/*
 * Works in any context, because the shim starts its service threads where they
 * are first needed.
 */
struct task_struct *lfpriv_kthread_create(int (*threadfn)(void *data),
					  void *data, const char *namefmt,
					  va_list args)
{
	struct task_struct *task = lfpriv_task_alloc();
	struct kthread *k = lfhost_alloc(sizeof(*k), 1, true);
	int err = -ENOMEM;

	if (!task || !k)
		goto fail;
	k->fn = threadfn;
	k->data = data;
	init_completion(&k->created);
	init_completion(&k->exited);
	init_waitqueue_head(&k->park_wait);
	task->kthread = k;
	task->flags = PF_KTHREAD;
	vsnprintf(task->comm, sizeof(task->comm), namefmt, args);
	/*
	 * The state says that the thread sleeps, so a wake-up before it runs is
	 * not lost. No partner: creating the thread orders all of this.
	 */
	smp_store_release(&task->__state, TASK_UNINTERRUPTIBLE);
	err = lfhost_thread_start(&k->thread, kthread_main, task);
	if (!err)
		return task;
fail:
	lfhost_free(k);
	lfhost_free(task);
	return ERR_PTR(err);
}

struct task_struct *lfpriv_kthread_create_wait(int (*threadfn)(void *data),
					       void *data, const char *namefmt,
					       va_list args)
{
	struct task_struct *task;

	if (lfpriv_should_fail(GFP_KERNEL))
		return ERR_PTR(-ENOMEM);
	task = lfpriv_kthread_create(threadfn, data, namefmt, args);
	if (IS_ERR(task))
		return task;
	/* Callers may measure time from here: return when the thread runs. */
	if (!wait_for_completion_killable(&task->kthread->created))
		return task;
	kthread_stop(task);
	return ERR_PTR(-EINTR);
}

struct task_struct *lfshim_kthread_create(int (*threadfn)(void *data),
					  void *data, const char *namefmt, ...)
{
	struct task_struct *task;
	va_list args;

	va_start(args, namefmt);
	task = lfpriv_kthread_create_wait(threadfn, data, namefmt, args);
	va_end(args);
	return task;
}

void lfpriv_kthread_free(struct kthread *k)
{
	/* No partner: it only has to be atomic. One caller gets false. */
	if (!xchg(&k->reaped, true))
		lfhost_thread_detach(k->thread);
	lfhost_free(k);
}

static void kthread_reap(struct kthread *k)
{
	/*
	 * Wait for the thread's destructors too, so that no effect of the
	 * thread comes later. No partner: as in lfpriv_kthread_free().
	 */
	if (!xchg(&k->reaped, true))
		lfhost_thread_join(k->thread);
}

int lfshim_kthread_join(struct task_struct *task)
{
	struct kthread *k = task->kthread;

	wait_for_completion(&k->exited);
	kthread_reap(k);
	return k->result;
}

bool lfpriv_kthread_stop_until(struct task_struct *task, s64 deadline)
{
	struct kthread *k = task->kthread;

	/*
	 * No partner: lfpriv_signal_notify() has the full barrier that comes
	 * between this store and the read of the state.
	 */
	smp_store_mb(k->should_stop, true);
	kthread_unpark(task);
	/* Interruptible sleeps of the thread end from now on. */
	lfpriv_signal_notify(task);
	if (deadline == LFHOST_FOREVER)
		wait_for_completion(&k->exited);
	else if (!wait_for_completion_timeout(
			 &k->exited,
			 nsecs_to_jiffies(max(deadline - lfhost_clock(),
					      (s64)0)) + 1))
		return false;
	kthread_reap(k);
	return true;
}

int kthread_stop(struct task_struct *task)
{
	int result;

	might_sleep();
	if (WARN(!task->kthread, "kthread_stop() of a thread that is no kthread"))
		return -EINVAL;
	get_task_struct(task);
	lfpriv_kthread_stop_until(task, LFHOST_FOREVER);
	result = task->kthread->result;
	put_task_struct(task);
	return result;
}

int kthread_stop_put(struct task_struct *task)
{
	int result = kthread_stop(task);

	put_task_struct(task);
	return result;
}

bool kthread_should_stop(void)
{
	struct kthread *k = current->kthread;

	return k && READ_ONCE(k->should_stop);
}

bool kthread_should_park(void)
{
	struct kthread *k = current->kthread;

	return k && READ_ONCE(k->should_park);
}

bool kthread_should_stop_or_park(void)
{
	return kthread_should_stop() || kthread_should_park();
}

/* Returns how often the thread had parked before. */
static unsigned int kthread_set_park(struct kthread *k, bool park)
{
	unsigned long flags;
	unsigned int nr;

	spin_lock_irqsave(&k->park_wait.lock, flags);
	nr = k->nr_parked;
	WRITE_ONCE(k->should_park, park);
	spin_unlock_irqrestore(&k->park_wait.lock, flags);
	return nr;
}

int kthread_park(struct task_struct *task)
{
	struct kthread *k = task->kthread;
	unsigned int before;

	if (WARN(!k, "kthread_park() of a thread that is no kthread"))
		return -ENOSYS;
	if (WARN(READ_ONCE(task->flags) & PF_EXITING,
		 "kthread_park() of a thread that has ended"))
		return -ENOSYS;
	if (WARN(READ_ONCE(k->should_park), "kthread_park() twice"))
		return -EBUSY;
	before = kthread_set_park(k, true);
	if (task == current)
		return 0;
	wake_up_process(task);
	/*
	 * A thread that returns, or is stopped, may never park.
	 *
	 * A1: acquire. Pairs with R1 in kthread_parkme_self(). Without it, the
	 * caller may not see the stores of the thread before it parked.
	 */
	wait_event(k->park_wait, smp_load_acquire(&k->nr_parked) != before ||
					 completion_done(&k->exited));
	return READ_ONCE(k->nr_parked) != before ? 0 : -ENOSYS;
}

void kthread_unpark(struct task_struct *task)
{
	struct kthread *k = task->kthread;

	if (WARN(!k, "kthread_unpark() of a thread that is no kthread"))
		return;
	if (!READ_ONCE(k->should_park))
		return;
	kthread_set_park(k, false);
	wake_up_state(task, TASK_PARKED);
}

void kthread_parkme(void)
{
	struct kthread *k = current->kthread;

	if (!WARN(!k, "kthread_parkme() in a thread that is no kthread"))
		kthread_parkme_self(k);
}

void *kthread_func(struct task_struct *task)
{
	return task->kthread ? (void *)task->kthread->fn : NULL;
}

void *kthread_data(struct task_struct *task)
{
	return task->kthread->data;
}

void *kthread_probe_data(struct task_struct *task)
{
	return task->kthread ? task->kthread->data : NULL;
}

void kthread_complete_and_exit(struct completion *comp, long code)
{
	struct kthread *k = current->kthread;

	BUG_ON(!k);
	lfpriv_check_exit(current);
	kthread_done(k, code);
	if (comp)
		complete(comp);
	lfhost_thread_exit();
}
