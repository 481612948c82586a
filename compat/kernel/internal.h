/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Functions and data that the files of the shim share. */
#ifndef LFPRIV_INTERNAL_H
#define LFPRIV_INTERNAL_H

#include <stdarg.h>
#include <lfshim/seam.h>
#include <linux/instruction_pointer.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "host/sys.h"

struct file;
struct work_struct;

/*
 * sleep.c: sleep until the task is woken or until @deadline. The caller has set
 * the task's state; with TASK_RUNNING this only yields.
 */
void lfpriv_sleep(s64 deadline);
/*
 * Make the system call that wakes the thread which sleeps on the state word of
 * a task. Under a lock that was taken with spin_lock_irqsave() or the like, it
 * is put off until the lock is released. @task is NULL, or the task with a
 * reference for this function.
 */
void lfpriv_wake_sleeper(unsigned int *word, struct task_struct *task);
/* True if it can only put the call off with a reference to the task. */
bool lfpriv_wake_list_is_full(void);
/* Make the system calls that were put off until interrupts are enabled. */
void lfpriv_wake_flush(void);

/* The value of ->lfshim_words of a task. */
union lfpriv_task_words {
	struct {
		unsigned int state, asleep;
	};
	u64 words;
};

/*
 * sched.c: wake_up_state(). @later: the system call may be put off.
 */
int lfpriv_wake(struct task_struct *task, unsigned int mask, bool later);

/* fork.c: this process is a child whose parent used the library. */
extern bool lfpriv_forked;

/* task.c: the tasks of all threads, and how many there are. */
extern spinlock_t lfpriv_task_list_lock;
extern struct list_head lfpriv_task_list;
extern unsigned int lfpriv_nr_tasks;
/* Returns a task with one reference, which is in no list yet, or NULL. */
struct task_struct *lfpriv_task_alloc(void);
/* Make @task the task of the calling thread. Consumes the reference. */
void lfpriv_task_adopt(struct task_struct *task);
/* Learn the CPUs of the calling thread. Context: any, without that lock. */
void lfpriv_learn_cpus(void);

/*
 * signal.c: make signal_pending() true for ever, for kthread_stop(), and wake
 * the task as wake_up_process() does.
 */
void lfpriv_signal_notify(struct task_struct *task);

/* kthread.c: kthread_create() that does not wait for the thread. */
struct kthread;
struct task_struct *lfpriv_kthread_create(int (*threadfn)(void *data),
					  void *data, const char *namefmt,
					  va_list args);
/* As kthread_create(): waits until the thread has started. */
struct task_struct *lfpriv_kthread_create_wait(int (*threadfn)(void *data),
					       void *data, const char *namefmt,
					       va_list args);
/* True if the function of the thread was called, or never will be. */
bool lfpriv_kthread_has_begun(const struct task_struct *task);
/* kthread_stop() that gives up at @deadline, and then returns false. */
bool lfpriv_kthread_stop_until(struct task_struct *k, s64 deadline);
/* The last reference to the task of a kthread was put. */
void lfpriv_kthread_free(struct kthread *k);

/*
 * rcupdate.c: the thread of @task exits. The RCU thread takes over its deferred
 * frees.
 */
void lfpriv_retire_exit(struct task_struct *task);
/* rcu_barrier() that always waits for a grace period. Context: may sleep. */
void lfpriv_rcu_barrier_always(void);
/*
 * readers.c: true if each other thread was outside of all read-side sections at
 * some moment during the call.
 */
bool lfpriv_rcu_no_reader(void);
/*
 * Test whether a grace period has already elapsed because there are no readers.
 * Waits for a few microseconds at most. Called outside of read-side sections.
 */
bool lfpriv_rcu_try_grace_period(void);
/*
 * If the number of lfpriv_rcu_fast_ended() is higher than a cookie, a grace
 * period that a thread has found in this way has elapsed since the cookie.
 */
unsigned long lfpriv_rcu_fast_cookie(void);
unsigned long lfpriv_rcu_fast_ended(void);
/* Keep the RCU thread awake for another second. Context: under RCU. */
void lfpriv_rcu_kick(void);
/*
 * Set the function that the RCU thread calls between two naps during the second
 * after lfpriv_rcu_kick(). Context: a constructor.
 */
void lfpriv_rcu_set_idle_hook(void (*fn)(void));

/* file.c: a file for anon_inode_getfile(), or NULL if there is no memory. */
struct file *lfpriv_file_alloc(void);

/*
 * The calling thread, which is one of the shim, is about to call a function in interrupt
 * context, and the function has returned. An explorer of interleavings stops another
 * thread in between, as an interrupt does. Called without locks.
 */
#if LFSHIM_SEAM
void lfpriv_interrupt_begins(bool soft);
void lfpriv_interrupt_ended(void);
#else
static inline void lfpriv_interrupt_begins(bool soft)
{
}

static inline void lfpriv_interrupt_ended(void)
{
}
#endif

/*
 * BUG: the calling thread holds @lock already. With the checks the report says
 * where it took the lock.
 */
void lfpriv_bug_recursion(const char *what, const void *lock, unsigned long ip)
	__noreturn;

/* symbol.c: the name of a code address, and that of a function, for reports. */
struct lfpriv_symbol {
	char text[128];
};
const char *lfpriv_symbol_of(struct lfpriv_symbol *symbol, unsigned long ip);
const char *lfpriv_symbol_of_function(struct lfpriv_symbol *symbol,
				      void (*fn)(struct work_struct *));

#if LFSHIM_CHECKS
/* held.c: warn and return true if the calling context must not sleep. */
bool lfpriv_may_not_sleep(const char *file, int line, const char *func,
			  unsigned long ip);
/* The same for a thread that is about to sleep. Warns once. */
void lfpriv_check_sleep(void);
/* Warn if the memory, which is being freed, contains a held lock. */
void lfpriv_check_freed(const void *p, size_t size);
/* Write the name of a held lock to @buf, for a report. Returns @buf. */
const char *lfpriv_held_name(char *buf, size_t size,
			     const struct lfshim_held *h);

/*
 * lockdep.c: true the first time that it is called with these two call sites.
 * A report is printed only then.
 */
bool lfpriv_lockdep_new_pair(unsigned long held_ip, unsigned long ip);
/* Check the lock order before @new is taken. */
void lfpriv_lockdep_check(struct lfshim_held_stack *held,
			  const struct lfshim_held *new,
			  const struct lockdep_map *nest);
/*
 * Find or make the class of a spinlock, and forget the order of the lock that
 * was at its address. Returns its number, or 0 if the table is full.
 */
unsigned int lfpriv_lockdep_spin_class(const void *lock,
				       const struct lfshim_held *like);
/* Set the fields of @h that say which class it has. */
void lfpriv_lockdep_set_class(struct lfshim_held *h, unsigned int class);
/* A spinlock of the class is taken: is it used in the same way elsewhere? */
void lfpriv_lockdep_use(struct lfshim_held_stack *held,
			const struct lfshim_held *h, unsigned int class);
/*
 * spin.c: set the class of @h, which is a spinlock, and check that it is used
 * consistently. @h->subclass is the one of the call.
 */
void lfpriv_spin_classify(struct lfshim_held_stack *held,
			  struct lfshim_held *h);
/* spin.c: forget the classes of the spinlocks in memory that is freed. */
void lfpriv_spin_freed(const void *p, size_t size);
/* place.c: where something was last done to an object; see <linux/list.h>. */
const char *lfpriv_place_of(struct lfpriv_symbol *symbol, const void *object);
/* held.c: warn if the thread of @task, which ends, holds a lock. */
void lfpriv_check_exit(struct task_struct *task);
#else
static inline void lfpriv_check_sleep(void)
{
}

static inline void lfpriv_check_freed(const void *p, size_t size)
{
}

static inline void lfpriv_spin_freed(const void *p, size_t size)
{
}

static inline void lfpriv_check_exit(struct task_struct *task)
{
}
#endif

/*
 * slab.c: true if this allocation has to fail, for a test. The checks test here
 * that the caller may allocate. @ip is the call site of the allocation, or that
 * of the function which allocates for its caller.
 */
bool lfpriv_should_fail_at(gfp_t flags, unsigned long ip);
#define lfpriv_should_fail(flags)	lfpriv_should_fail_at(flags, _RET_IP_)

#endif
