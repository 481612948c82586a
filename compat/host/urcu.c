// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The only file that sees liburcu. Its headers define the kernel's names as
 * macros, so they cannot be included next to the shim's.
 *
 * The bp flavour: a thread is registered by its first read-side section and
 * unregistered when it exits, and fork() is supported. docs/rcu.md has the
 * measured cost of the others.
 */
#include "../include/lfshim/compiler-detect.h"

#ifndef LFSHIM_SANITIZED
/*
 * Inline readers. Sanitized builds call the library instead: to
 * ThreadSanitizer these are assembly and it would report what they do, and
 * UndefinedBehaviorSanitizer finds their registry less aligned than its type.
 */
#define _LGPL_SOURCE
#endif
#define URCU_API_MAP
#include <urcu/urcu-bp.h>
#undef rcu_head

#include "../include/lfshim/hb.h"
#include "../include/lfshim/tls.h"
#include "urcu.h"

/* Stands for "the end of a read-side section is seen after a grace period". */
static char grace_period;

void lfshim_rcu_enter(void)
{
	/* On the list of tasks before anything is read, see rcu.c. */
	if (__builtin_expect(!lfshim_tls.task, 0))
		lfshim_task_self();
#if LFSHIM_CHECKS
	lfshim_section_begins((unsigned long)__builtin_return_address(0));
#endif
	urcu_bp_read_lock();
}

void lfshim_rcu_exit(void)
{
	lfshim_order_release(&grace_period);
	urcu_bp_read_unlock();
#if LFSHIM_CHECKS
	lfshim_section_ended();
#endif
	if (__builtin_expect(lfshim_tls.retire_due, 0))
		lfpriv_retire_batch();
}

void lfhost_urcu_saw_no_reader(void)
{
	lfshim_order_acquire(&grace_period);
}

void lfhost_urcu_synchronize(void)
{
	urcu_bp_synchronize_rcu();
	lfshim_order_acquire(&grace_period);
}

void lfhost_urcu_before_fork(void)
{
	urcu_bp_before_fork();
}

void lfhost_urcu_after_fork_parent(void)
{
	urcu_bp_after_fork_parent();
}

void lfhost_urcu_after_fork_child(void)
{
	urcu_bp_after_fork_child();
}
