// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Kernel threads, and the shim's own service threads. See <linux/kthread.h>. */

#include <linux/kthread.h>
#include <linux/completion.h>
#include <linux/slab.h>
#include <stdio.h>

#include "shim.h"

struct kthread {
	int (*fn)(void *data);
	void *data;
	unsigned long thread;
	/* Set once, by kthread_stop(). */
	bool should_stop;
	/* Past the point where a stop would keep the function from running. */
	bool started;
	/* Somebody has joined the thread, or seen to it that nobody need. */
	bool reaped;
	/* The thread has come up, and waits to be woken. */
	struct completion created;
	/* Written before ->exited. */
	int result;
	/* The thread is done, or as good as. */
	struct completion exited;
};

static void kthread_done(struct kthread *k, int result)
{
	k->result = result;
	complete_all(&k->exited);
}

static void *kthread_main(void *arg)
{
	struct task_struct *self = arg;
	struct kthread *k = self->kthread;

	lfshim_task_adopt(self);
	lfshim_sys_thread_name(self->comm);
	complete(&k->created);
	/* Until kthread_create()'s caller wakes us, or somebody stops us. */
	schedule();
	if (READ_ONCE(k->should_stop)) {
		kthread_done(k, -EINTR);
	} else {
		WRITE_ONCE(k->started, true);
		kthread_done(k, k->fn(k->data));
	}
	return NULL;
}

int yield_to(struct task_struct *task, bool preempt)
{
	struct kthread *k = task->kthread;

	do {
		lfshim_sys_yield();
	} while (k && READ_ONCE(task->__state) == TASK_RUNNING &&
		 !READ_ONCE(k->started) && !READ_ONCE(k->should_stop));
	return 1;
}

/* In any context: the shim starts its services where they are first needed. */
static struct task_struct *create(int (*threadfn)(void *data), void *data,
				  const char *namefmt, va_list args)
{
	struct task_struct *task = lfshim_task_alloc();
	struct kthread *k = lfshim_sys_alloc(sizeof(*k), 1, true);
	int err = -ENOMEM;

	if (!task || !k)
		goto fail;
	k->fn = threadfn;
	k->data = data;
	init_completion(&k->created);
	init_completion(&k->exited);
	task->kthread = k;
	task->flags = PF_KTHREAD;
	vsnprintf(task->comm, sizeof(task->comm), namefmt, args);
	/* It sleeps from the start: a wake-up before it runs is not lost. */
	smp_store_release(&task->__state, TASK_UNINTERRUPTIBLE);
	err = lfshim_sys_thread_start(&k->thread, kthread_main, task);
	if (!err)
		return task;
fail:
	lfshim_sys_free(k);
	lfshim_sys_free(task);
	return ERR_PTR(err);
}

struct task_struct *lfshim_kthread_create(int (*threadfn)(void *data),
					  void *data, const char *namefmt, ...)
{
	struct task_struct *task;
	va_list args;

	if (lfshim_should_fail(GFP_KERNEL))
		return ERR_PTR(-ENOMEM);
	va_start(args, namefmt);
	task = create(threadfn, data, namefmt, args);
	va_end(args);
	/* What its caller does next has no time for a thread that comes up. */
	if (!IS_ERR(task))
		wait_for_completion(&task->kthread->created);
	return task;
}

struct task_struct *lfshim_create_service(int (*fn)(void *), void *data, ...)
{
	struct task_struct *task;
	va_list args;

	va_start(args, data);
	task = create(fn, data, "%s", args);
	va_end(args);
	return task;
}

void lfshim_kthread_free(struct kthread *k)
{
	if (!xchg(&k->reaped, true))
		lfshim_sys_thread_detach(k->thread);
	lfshim_sys_free(k);
}

static void kthread_reap(struct kthread *k)
{
	/* Its destructors too: it leaves nothing behind that could be seen. */
	if (!xchg(&k->reaped, true))
		lfshim_sys_thread_join(k->thread);
}

int lfshim_kthread_join(struct task_struct *task)
{
	struct kthread *k = task->kthread;

	wait_for_completion(&k->exited);
	kthread_reap(k);
	return k->result;
}

bool lfshim_kthread_stop_until(struct task_struct *task, s64 deadline)
{
	struct kthread *k = task->kthread;

	smp_store_mb(k->should_stop, true);
	wake_up_process(task);
	if (deadline == LFSHIM_FOREVER)
		wait_for_completion(&k->exited);
	else if (!wait_for_completion_timeout(
			 &k->exited,
			 nsecs_to_jiffies(max(deadline - lfshim_sys_clock(),
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
	lfshim_kthread_stop_until(task, LFSHIM_FOREVER);
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

void kthread_complete_and_exit(struct completion *comp, long code)
{
	struct kthread *k = current->kthread;

	BUG_ON(!k);
	kthread_done(k, code);
	if (comp)
		complete(comp);
	lfshim_sys_thread_exit();
}

bool lfshim_service_start(struct lfshim_service *s)
{
	struct task_struct *task;

	if (likely(smp_load_acquire(&s->task)))
		return true;
	if (READ_ONCE(s->stopped) || xchg(&s->starting, true))
		return false;
	task = smp_load_acquire(&s->task);
	if (!task) {
		task = lfshim_create_service(s->fn, s, s->name);
		if (IS_ERR(task)) {
			WARN_ONCE(1, "cannot start the thread %s: error %ld",
				  s->name, PTR_ERR(task));
			WRITE_ONCE(s->starting, false);
			return false;
		}
		/* Ours, so that it can be woken whatever becomes of it. */
		get_task_struct(task);
		/* Release: pairs with the acquire loads of ->task. */
		smp_store_release(&s->task, task);
		wake_up_process(task);
	}
	/* Release: a thread that passes the xchg() above sees ->task. */
	smp_store_release(&s->starting, false);
	return true;
}

void lfshim_service_wake(struct lfshim_service *s)
{
	struct task_struct *task = smp_load_acquire(&s->task);

	if (task)
		wake_up_process(task);
}

void lfshim_service_stop(struct lfshim_service *s)
{
	struct task_struct *task = smp_load_acquire(&s->task);

	WRITE_ONCE(s->stopped, true);
	/* exit() may have been called from the service itself. */
	if (!task || task == current)
		return;
	/* One that is stopped before it runs would not clean up. */
	yield_to(task, true);
	lfshim_kthread_stop_until(task, lfshim_sys_clock() + NSEC_PER_SEC);
}
