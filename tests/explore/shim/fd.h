/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The descriptors of the explorer, for scenarios. */
#ifndef LFX_FD_H
#define LFX_FD_H

#include <stdbool.h>

/* As close(). */
void lfx_fd_close(int fd);
/* Does poll() say POLLIN or POLLHUP? */
bool lfx_fd_is_readable(int fd);
/* Pipes of which an end is open: 0 when all files are released. */
int lfx_fd_open_pipes(void);

#endif
