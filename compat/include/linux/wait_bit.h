/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Waiting for a variable: wake_up_var() and wait_var_event(). Left out: waiting
 * for a bit. Implemented in compat/wait_bit.c, as a hash table of wait queues
 * that is indexed by the address.
 */
#ifndef _LINUX_WAIT_BIT_H
#define _LINUX_WAIT_BIT_H

#include <lfshim/kernel-code.h>
#include <linux/wait.h>

struct wait_queue_head *__var_waitqueue(void *p) LFSHIM(__var_waitqueue);

/**
 * wake_up_var - wake all waiters for a variable
 * @var: its address, which is only compared: the variable may be freed already
 *
 * Before this, the caller changes the data that the waiters test, and calls
 * smp_mb().
 * Context: any.
 */
void wake_up_var(void *var) LFSHIM(wake_up_var);

#define wait_var_event(var, condition) \
	wait_event(*__var_waitqueue(var), condition)
#define wait_var_event_killable(var, condition) \
	wait_event_killable(*__var_waitqueue(var), condition)
#define wait_var_event_interruptible(var, condition) \
	wait_event_interruptible(*__var_waitqueue(var), condition)
#define wait_var_event_timeout(var, condition, timeout) \
	wait_event_timeout(*__var_waitqueue(var), condition, timeout)

#endif
