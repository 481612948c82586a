/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The part of the host seam that uses liburcu; see urcu.c. */
#ifndef LFHOST_URCU_H
#define LFHOST_URCU_H

/* The outermost section of a thread begins and ends; see <lfshim/tls.h>. */
void lfshim_rcu_enter(void);
void lfshim_rcu_exit(void);

/* Wait for a grace period. */
void lfhost_urcu_synchronize(void);
/*
 * Tell ThreadSanitizer that a grace period has elapsed without
 * lfhost_urcu_synchronize().
 */
void lfhost_urcu_saw_no_reader(void);

/* task.c, rcupdate.c: lfshim_rcu_enter() and lfshim_rcu_exit() call these. */
struct task_struct *lfshim_task_self(void);
void lfpriv_retire_batch(void);

/* Take liburcu's locks before fork(), and release them in both processes. */
void lfhost_urcu_before_fork(void);
void lfhost_urcu_after_fork_parent(void);
void lfhost_urcu_after_fork_child(void);

#endif
