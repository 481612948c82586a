/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Signalling eventfds, which are the host's: a program makes one with
 * eventfd(), and waits for it with poll() or read(). Left out: struct file of
 * an eventfd, masks, and the wait queue. Implemented in compat/eventfd.c. The
 * host has a header of this name, too.
 */
#ifndef LFSHIM_LINUX_EVENTFD_H
#define LFSHIM_LINUX_EVENTFD_H

#include <linux/err.h>
#include <linux/types.h>

struct eventfd_ctx;

/**
 * eventfd_ctx_fdget - get the eventfd of a descriptor
 * @fd: a descriptor of this process
 *
 * Context: may sleep.
 * Return: for eventfd_ctx_put(); ERR_PTR(-EBADF); ERR_PTR(-EINVAL) if it is not
 * an eventfd; another error pointer if the process has no memory or descriptor
 * left. Closing @fd does not end it.
 */
struct eventfd_ctx *eventfd_ctx_fdget(int fd) LFSHIM(eventfd_ctx_fdget);
void eventfd_ctx_put(struct eventfd_ctx *ctx) LFSHIM(eventfd_ctx_put);

/**
 * eventfd_signal - add 1 to the counter of an eventfd
 * @ctx: the eventfd
 *
 * A counter that has its largest value keeps it.
 * Context: any.
 */
void eventfd_signal(struct eventfd_ctx *ctx) LFSHIM(eventfd_signal);

#endif
