// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The threads of the shim itself: see service.h. */

#include <linux/kthread.h>
#include <linux/ktime.h>
#include <stdarg.h>

#include "kernel/internal.h"
#include "kernel/service.h"

struct task_struct *lfpriv_create_service(int (*fn)(void *), void *data, ...)
{
	struct task_struct *task;
	va_list args;

	va_start(args, data);
	task = lfpriv_kthread_create(fn, data, "%s", args);
	va_end(args);
	return task;
}

bool lfpriv_service_start(struct lfpriv_service *s)
{
	struct task_struct *task;

	/* Acquire: pairs with the release of ->task below. */
	if (likely(smp_load_acquire(&s->task)))
		return true;
	/* Atomic, for one of the threads that come here; pairs with the release. */
	if (READ_ONCE(s->stopped) || xchg(&s->starting, true))
		return false;
	/* Acquire: a thread that came first may have started it. */
	task = smp_load_acquire(&s->task);
	if (!task) {
		task = lfpriv_create_service(s->fn, s, s->name);
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

void lfpriv_service_wake(struct lfpriv_service *s)
{
	/* Acquire: pairs with the release in lfpriv_service_start(). */
	struct task_struct *task = smp_load_acquire(&s->task);

	if (task)
		wake_up_process(task);
}

void lfpriv_service_stop(struct lfpriv_service *s)
{
	/* Acquire: pairs with the release in lfpriv_service_start(). */
	struct task_struct *task = smp_load_acquire(&s->task);

	WRITE_ONCE(s->stopped, true);
	/* exit() may have been called from the service itself. */
	if (!task || task == current)
		return;
	/* One that is stopped before it runs would not clean up. */
	yield_to(task, true);
	lfpriv_kthread_stop_until(task, lfhost_clock() + NSEC_PER_SEC);
}

void lfpriv_service_fork_child(struct lfpriv_service *s)
{
	s->task = NULL;
	s->starting = false;
}
