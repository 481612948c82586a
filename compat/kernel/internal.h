/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Functions and data that the shim's files share with each other only. */
#ifndef LFPRIV_INTERNAL_H
#define LFPRIV_INTERNAL_H

#include <stdarg.h>
#include <linux/instruction_pointer.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "host/sys.h"

struct file;

/* sleep.c: sleep in the state that was set, until woken or @deadline. */
void lfpriv_sleep(s64 deadline);
/*
 * Wake the thread that sleeps on the state word of a task. With interrupts
 * disabled, when they are enabled again.
 */
void lfpriv_wake_sleeper(unsigned int *word);
/* Carry out the wake-ups that were put off until interrupts are enabled. */
void lfpriv_wake_flush(void);

/*
 * sched.c: wake_up_state(). @later: the system call may be put off until interrupts
 * are enabled.
 */
int lfpriv_wake(struct task_struct *task, unsigned int mask, bool later);

/* task.c */
extern spinlock_t lfpriv_task_list_lock;
extern struct list_head lfpriv_task_list;
extern unsigned int lfpriv_nr_tasks;
struct task_struct *lfpriv_task_alloc(void);
/* Make @task the calling thread's. */
void lfpriv_task_adopt(struct task_struct *task);

/* kthread.c */
struct kthread;
struct task_struct *lfpriv_kthread_create(int (*threadfn)(void *data),
					  void *data, const char *namefmt,
					  va_list args);
/* Has the thread begun its function, or will it never? */
bool lfpriv_kthread_has_begun(const struct task_struct *task);
/* kthread_stop() that gives up at @deadline. */
bool lfpriv_kthread_stop_until(struct task_struct *k, s64 deadline);
/* The last reference to the task of a kthread was put. */
void lfpriv_kthread_free(struct kthread *k);

/* rcupdate.c: the thread of @task exits. */
void lfpriv_retire_exit(struct task_struct *task);
/* Keep the RCU thread awake a second longer. In a read-side section. */
void lfpriv_rcu_kick(void);
/* What the RCU thread calls now and then while it is kept awake. */
void lfpriv_rcu_set_idle_hook(void (*fn)(void));

/* file.c: a file for anon_inode_getfile(). NULL: no memory. */
struct file *lfpriv_file_alloc(void);

/* BUG: this thread has that lock already. Says where from, if it can. */
void lfpriv_bug_recursion(const char *what, const void *lock, unsigned long ip)
	__noreturn;

#if LFSHIM_CHECKS
/* symbol.c: the name of a place in the code, for a report. */
struct lfpriv_symbol {
	char text[128];
};
const char *lfpriv_symbol_of(struct lfpriv_symbol *symbol, unsigned long ip);

/* held.c: complain if this context must not sleep. True if it must not. */
bool lfpriv_may_not_sleep(const char *file, int line, const char *func,
			  unsigned long ip);
/* The same for what does sleep; once. */
void lfpriv_check_sleep(void);
/* Is memory being given back that holds a locked lock? */
void lfpriv_check_freed(const void *p, size_t size);
const char *lfpriv_held_name(char *buf, size_t size,
			     const struct lfshim_held *h);

/* lockdep.c: has nothing been said yet of these two places? Now it has. */
bool lfpriv_lockdep_new_pair(unsigned long held_ip, unsigned long ip);
/* @new is about to be taken. */
void lfpriv_lockdep_check(struct lfshim_held_stack *held,
			  const struct lfshim_held *new,
			  const struct lockdep_map *nest);
#else
static inline void lfpriv_check_sleep(void)
{
}

static inline void lfpriv_check_freed(const void *p, size_t size)
{
}
#endif

/*
 * slab.c: is this the allocation that was asked to fail? The place is that of
 * the allocation; in a function that others call, their call.
 */
bool lfpriv_should_fail_at(gfp_t flags, unsigned long ip);
#define lfpriv_should_fail(flags)	lfpriv_should_fail_at(flags, _RET_IP_)

#endif
