// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The parts of the seam that do nothing here: those that this host lacks, and
 * those for others. ../explore/ uses them, too.
 */
#include <linux/sched.h>

#include "host/sys.h"
#include "host/urcu.h"
#include "kernel/internal.h"

/* The state that a sleeper waits for is read when it is its turn. */

void lfpriv_wake_sleeper(unsigned int *word, struct task_struct *task)
{
	if (task)
		put_task_struct(task);
}

bool lfpriv_wake_list_is_full(void)
{
	return false;
}

void lfpriv_wake_flush(void)
{
}

void lfhost_futex_wake(uint32_t *word, int nr)
{
}

/* CPUs are not looked at. */

bool lfhost_this_cpu_is_known(void)
{
	return true;
}

bool lfhost_cpus_are_known(void)
{
	return true;
}

void lfhost_cpus_learn(void)
{
}

void lfhost_thread_add_cpus(unsigned int tid)
{
}

void lfhost_thread_wake_exactly(void)
{
}

/* No fork(), and no thread that is cancelled. */

void lfhost_at_fork(void (*prepare)(void), void (*parent)(void),
		    void (*child)(void))
{
}

void lfhost_urcu_before_fork(void)
{
}

void lfhost_urcu_after_fork_parent(void)
{
}

void lfhost_urcu_after_fork_child(void)
{
}

int lfhost_cancel_off(void)
{
	return 0;
}

void lfhost_cancel_restore(int old)
{
}

/* Without deferred frees of each thread, and without descriptors. */

void lfpriv_retire_exit(struct task_struct *task)
{
}

void lfpriv_rcu_kick(void)
{
}

void lfpriv_rcu_set_idle_hook(void (*fn)(void))
{
}

/* The environment, and symbols: reports of the checks have addresses only. */

const char *lfhost_getenv(const char *name)
{
	return NULL;
}

void lfhost_print_backtrace(int skip)
{
}

bool lfhost_find_object(unsigned long addr, struct lfhost_object *object)
{
	return false;
}

void *lfhost_map_file(const char *path, size_t *size)
{
	return NULL;
}

void lfhost_unmap_file(void *p, size_t size)
{
}
