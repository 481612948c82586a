// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The service threads of the shim; see service.h. */

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

	/*
	 * A1: acquire. Pairs with R1 in lfpriv_service_start(). Without it, the
	 * caller may use a task that is not initialised.
	 */
	if (likely(smp_load_acquire(&s->task)))
		return true;
	/*
	 * A2: acquire. Pairs with R2 in lfpriv_service_start(). Without it,
	 * this thread may miss that another one has stored ->task, and create
	 * a second thread.
	 */
	if (READ_ONCE(s->stopped) || xchg(&s->starting, true))
		return false;
	/* No partner: after the exchange above, a plain load is enough. */
	task = smp_load_acquire(&s->task);
	if (!task) {
		task = lfpriv_create_service(s->fn, s, s->name);
		if (IS_ERR(task)) {
			WARN_ONCE(1, "cannot start the thread %s: error %ld",
				  s->name, PTR_ERR(task));
			WRITE_ONCE(s->starting, false);
			return false;
		}
		/* The service keeps a reference, so it can always be woken. */
		get_task_struct(task);
		/*
		 * R1: release. Pairs with A1 in lfpriv_service_start(), A3 in
		 * lfpriv_service_wake(), A4 in lfpriv_service_stop() and A1 in
		 * ensure_rcu_thread(). Without it, those may use a task that is
		 * not initialised.
		 */
		smp_store_release(&s->task, task);
		wake_up_process(task);
	}
	/*
	 * R2: release. Pairs with A2 in lfpriv_service_start(). Without it, the
	 * next thread may not see ->task, and create a second thread.
	 */
	smp_store_release(&s->starting, false);
	return true;
}

void lfpriv_service_wake(struct lfpriv_service *s)
{
	/*
	 * A3: acquire. Pairs with R1 in lfpriv_service_start(). Without it, the
	 * task may not be initialised yet.
	 */
	struct task_struct *task = smp_load_acquire(&s->task);

	if (task)
		wake_up_process(task);
}

void lfpriv_service_stop(struct lfpriv_service *s)
{
	/*
	 * A4: acquire. Pairs with R1 in lfpriv_service_start(). Without it, the
	 * task may not be initialised yet.
	 */
	struct task_struct *task = smp_load_acquire(&s->task);

	WRITE_ONCE(s->stopped, true);
	/* The service thread itself may have called exit(). */
	if (!task || task == current)
		return;
	/* A thread that is stopped before its function runs cannot clean up. */
	yield_to(task, true);
	lfpriv_kthread_stop_until(task, lfhost_clock() + NSEC_PER_SEC);
}

void lfpriv_service_fork_child(struct lfpriv_service *s)
{
	s->task = NULL;
	s->starting = false;
}
