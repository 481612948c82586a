/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The descriptors of the explorer, for scenarios. */
#ifndef LFX_FD_H
#define LFX_FD_H

#include <stdbool.h>
#include <stdint.h>

/* As close(). */
void lfx_fd_close(int fd);
/* Does poll() say POLLIN or POLLHUP? */
bool lfx_fd_is_readable(int fd);
/* Pipes of which an end is open: 0 when all files are released. */
int lfx_fd_open_pipes(void);

/* As eventfd(0, EFD_NONBLOCK). */
int lfx_eventfd_open(void);
/* As read() of an eventfd: its value, which is 0 afterwards. 0 if it is 0 now. */
uint64_t lfx_eventfd_read(int fd);
/* Descriptors of eventfds that are open. */
int lfx_eventfds_open(void);

#endif
