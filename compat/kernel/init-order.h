/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The priorities of the library's constructors and destructors.
 *
 * Constructors run from the lowest number to the highest, before those of the
 * program. Destructors run from the highest to the lowest, after those of the
 * program. The initcalls of kernel code (<linux/init.h>) have 200 to 206, the
 * suites of KUnit 300.
 */
#ifndef LFPRIV_INIT_ORDER_H
#define LFPRIV_INIT_ORDER_H

/* The host seam (compat/host) has 101, too, and uses nothing of the others. */
#define LFPRIV_INIT_BUG		101
#define LFPRIV_INIT_FORK	101
#define LFPRIV_INIT_TASK	102
/* Tables that begin empty. */
#define LFPRIV_INIT_TABLES	103

/* The service threads. Each may use the threads that are stopped after it. */
#define LFPRIV_EXIT_WORKER	108
#define LFPRIV_EXIT_WATCH	107
/* No thread: it gives the closed files to those of DEFER. */
#define LFPRIV_EXIT_FILE	106
#define LFPRIV_EXIT_DEFER	105
#define LFPRIV_EXIT_TIMER	104
#define LFPRIV_EXIT_IRQ_WORK	103
#define LFPRIV_EXIT_RCU		102

#endif
