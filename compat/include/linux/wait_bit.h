/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Waiting for a variable: a hash table of wait queues keyed by its address.
 */
#ifndef _LINUX_WAIT_BIT_H
#define _LINUX_WAIT_BIT_H

#include <lfshim/kernel-code.h>
#include <linux/wait.h>

struct wait_queue_head *__var_waitqueue(void *p) LFSHIM(__var_waitqueue);

/**
 * wake_up_var - wake all who wait for a variable
 * @var: its address; only compared, it may be gone
 *
 * The caller has changed what the waiters test, and ordered that before.
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
