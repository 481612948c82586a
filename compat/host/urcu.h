/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* liburcu for the rest of the shim; see urcu.c. */
#ifndef LFSHIM_URCU_H
#define LFSHIM_URCU_H

/* Called by rcu_read_lock() and lfshim_irq_off(), see <lfshim/tls.h>. */
void lfshim_rcu_enter(void);
void lfshim_rcu_exit(void);

/* Wait for a grace period. */
void lfhost_urcu_synchronize(void);
/* For ThreadSanitizer: it was found out otherwise that one has elapsed. */
void lfhost_urcu_saw_no_reader(void);

/* task.c, rcu.c: called from the two above. */
struct task_struct *lfshim_task_self(void);
void lfpriv_retire_batch(void);

void lfhost_urcu_before_fork(void);
void lfhost_urcu_after_fork_parent(void);
void lfhost_urcu_after_fork_child(void);

#endif
