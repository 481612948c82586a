/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Names that the crate "kernel" needs, and the shim's headers do not have: the shim has no
 * pages, a userspace address is no vmalloc() address, and all tasks are of one user in one
 * namespace. The tree's rust/helpers/ get this header, too.
 */
#ifndef LIBFENCE_RUST_GLUE_H
#define LIBFENCE_RUST_GLUE_H

#include <lfshim/kernel-code.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* No memory is high. */
#define __GFP_HIGHMEM	((gfp_t)0)

struct page;
struct module;

struct page *vmalloc_to_page(const void *addr);
bool is_vmalloc_addr(const void *addr);
int kstrtobool(const char *s, bool *res);
/* What warn_on!() calls: a WARN() at a line of Rust. @fmt is NULL. */
void warn_slowpath_fmt(const char *file, int line, unsigned int taint, const char *fmt, ...);

typedef struct { uid_t val; } kuid_t;
struct user_namespace;

/* The user of the process, and the effective one. */
kuid_t task_uid(struct task_struct *task);
kuid_t current_euid(void);

static inline bool uid_eq(kuid_t left, kuid_t right)
{
	return left.val == right.val;
}

/* The namespace of all tasks. */
static inline struct user_namespace *current_user_ns(void)
{
	return NULL;
}

static inline uid_t from_kuid(struct user_namespace *to, kuid_t uid)
{
	return uid.val;
}

struct pid_namespace {
	unsigned int level;
};
extern struct pid_namespace init_pid_ns;

/* It is never freed, so it has no references. */
static inline struct pid_namespace *task_active_pid_ns(struct task_struct *task)
{
	return &init_pid_ns;
}

static inline struct pid_namespace *task_get_pid_ns(struct task_struct *task)
{
	return &init_pid_ns;
}

static inline struct pid_namespace *get_pid_ns(struct pid_namespace *ns)
{
	return ns;
}

static inline void put_pid_ns(struct pid_namespace *ns)
{
}

static inline pid_t task_tgid_nr_ns(struct task_struct *task, struct pid_namespace *ns)
{
	return task->tgid;
}

#ifdef CONFIG_DEBUG_SPINLOCK
#define spinlock_check(lock)	(lock)

/* The class of a SpinLock is the place where new_spinlock!() is. */
static inline void __raw_spin_lock_init(spinlock_t *lock, const char *name, struct lock_class_key *key, short inner)
{
	lfshim_spin_init(lock, name, key, false);
}
#endif

/* print.rs has it: writes a message that Rust has formatted. Returns its end. */
char *rust_fmt_argument(char *buf, char *end, const void *arguments);

#endif
