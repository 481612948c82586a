/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the shim's files share with each other and with nobody else. */
#ifndef LFSHIM_SHIM_H
#define LFSHIM_SHIM_H

#include <linux/instruction_pointer.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "host/sys.h"

/* sched.c: sleep in the state that was set, until woken or @deadline. */
void lfshim_sleep(s64 deadline);
/* Wake those whose wake-up was put off until interrupts are on. */
void lfshim_wake_flush(void);

/* task.c */
extern spinlock_t lfshim_task_list_lock;
extern struct list_head lfshim_task_list;
extern unsigned int lfshim_nr_tasks;
struct task_struct *lfshim_task_alloc(void);
/* Make @task the calling thread's. */
void lfshim_task_adopt(struct task_struct *task);

/* kthread.c: the end of a thread that nobody will stop. */
void lfshim_kthread_free(struct kthread *k);

/* rcu.c: the task's thread exits. */
void lfshim_retire_exit(struct task_struct *task);
void lfshim_rcu_fork_child(void);
/* Keep the RCU thread awake a second longer. In a read-side section. */
void lfshim_rcu_kick(void);

/* file.c: release what was closed; called by the RCU thread now and then. */
void lfshim_files_look(void);
void lfshim_files_fork_child(void);
extern spinlock_t lfshim_file_lock;

/* watch.c */
void lfshim_watch_exit(void);
void lfshim_watch_fork_child(void);
extern spinlock_t lfshim_watch_lock;

/* timer.c, irq_work.c, workqueue.c, wait.c: locks that fork() has to hold. */
void lfshim_timer_fork_child(void);
void lfshim_irq_work_fork_child(void);
extern spinlock_t lfshim_timer_lock;
extern spinlock_t lfshim_wq_lock;
extern spinlock_t lfshim_irq_work_lock;

/*
 * A thread of the shim's own, started when it is first needed and stopped
 * when the library is unloaded.
 */
struct lfshim_service {
	const char *name;
	int (*fn)(void *);
	/* NULL, or the running thread; written once under ->starting. */
	struct task_struct *task;
	/* Somebody starts it. */
	bool starting;
	/* The library is going: start nothing any more. */
	bool stopped;
};

/*
 * A kthread of the shim's own, named by the string that follows. In any context:
 * unlike kthread_create() it does not wait for the thread to come up.
 */
struct task_struct *lfshim_create_service(int (*fn)(void *), void *data, ...);

/* Start it if it does not run. False if it cannot be had now. */
bool lfshim_service_start(struct lfshim_service *s);
void lfshim_service_wake(struct lfshim_service *s);
/* Stop it, unless it hangs: give up after a second. */
void lfshim_service_stop(struct lfshim_service *s);
extern struct lfshim_service lfshim_rcu_service;
extern struct lfshim_service lfshim_timer_service;
extern struct lfshim_service lfshim_irq_work_service;

/* kthread.c: kthread_stop() that gives up at @deadline. */
bool lfshim_kthread_stop_until(struct task_struct *k, s64 deadline);

/* BUG: this thread has that lock already. Says where from, if it can. */
void lfshim_bug_recursion(const char *what, const void *lock, unsigned long ip)
	__noreturn;

#if LFSHIM_CHECKS
/* symbol.c: the name of a place in the code, for a report. */
struct lfshim_place {
	char text[128];
};
const char *lfshim_place(struct lfshim_place *place, unsigned long ip);

/* held.c: complain if this context must not sleep. True if it must not. */
bool lfshim_may_not_sleep(const char *file, int line, const char *func,
			  unsigned long ip);
/* The same for what does sleep; once. */
void lfshim_check_sleep(void);
/* Is memory being given back that holds a locked lock? */
void lfshim_check_freed(const void *p, size_t size);
const char *lfshim_held_name(char *buf, size_t size,
			     const struct lfshim_held *h);

/* lockdep.c: has nothing been said yet of these two places? Now it has. */
bool lfshim_lockdep_new_pair(unsigned long held_ip, unsigned long ip);
/* @new is about to be taken. */
void lfshim_lockdep_check(struct lfshim_held_stack *held,
			  const struct lfshim_held *new,
			  const struct lockdep_map *nest);
extern spinlock_t lfshim_lockdep_lock;
#else
static inline void lfshim_check_sleep(void)
{
}

static inline void lfshim_check_freed(const void *p, size_t size)
{
}
#endif

/*
 * slab.c: is this the allocation that was asked to fail? The place is that of
 * the allocation; in a function that others call, their call.
 */
bool lfshim_should_fail_at(gfp_t flags, unsigned long ip);
#define lfshim_should_fail(flags)	lfshim_should_fail_at(flags, _RET_IP_)

#endif
