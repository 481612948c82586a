// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The only file that uses liburcu. Its headers define the kernel's names as
 * macros, so they cannot be included together with the shim's headers.
 *
 * This is the bp flavour: it registers a thread in its first read-side section
 * and unregisters it when the thread exits, and it supports fork(). docs/rcu.md
 * has the measured cost of all flavours.
 */
#include "../include/lfshim/compiler-detect.h"

#ifndef LFSHIM_SANITIZED
/*
 * Use the inline readers. Sanitized builds call liburcu's functions instead:
 * ThreadSanitizer does not understand the assembly of the inline readers and
 * would report races, and UndefinedBehaviorSanitizer would report that their
 * registry is less aligned than its type requires.
 */
#define _LGPL_SOURCE
#endif
#define URCU_API_MAP
#include <urcu/urcu-bp.h>
#undef rcu_head

#include "../include/lfshim/hb.h"
#include "../include/lfshim/tls.h"
#include "sys.h"
#include "urcu.h"

/*
 * Its address stands for the order between the end of a read-side section and
 * the end of a grace period.
 */
static char grace_period;

void lfshim_rcu_enter(void)
{
	/* lfpriv_rcu_no_reader() requires that the task is in the list before this. */
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
	/* It calls poll(), a cancellation point, under its locks. */
	int old = lfhost_cancel_off();

	urcu_bp_synchronize_rcu();
	lfhost_cancel_restore(old);
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
