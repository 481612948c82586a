/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The order in which the library comes up and goes down.
 *
 * Constructors run from the lowest number to the highest, before those of the
 * program; destructors from the highest to the lowest, after those of the program.
 * Kernel code's initcalls (<linux/init.h>) have 200 to 206, KUnit's suites 300.
 */
#ifndef LFPRIV_INIT_ORDER_H
#define LFPRIV_INIT_ORDER_H

/* The host seam (compat/host) has 101, too. It needs nothing of the rest. */
#define LFPRIV_INIT_BUG		101
#define LFPRIV_INIT_FORK	101
#define LFPRIV_INIT_TASK	102
/* Tables that are empty at first. */
#define LFPRIV_INIT_TABLES	103

/* The service threads. Each may still use those that stop after it. */
#define LFPRIV_EXIT_WATCH	105
#define LFPRIV_EXIT_TIMER	104
#define LFPRIV_EXIT_IRQ_WORK	103
#define LFPRIV_EXIT_RCU		102

#endif
