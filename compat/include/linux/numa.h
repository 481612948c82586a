/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Numbers of memory nodes. The shim ignores them: the host places memory. */
#ifndef _LINUX_NUMA_H
#define _LINUX_NUMA_H

#include <lfshim/kernel-code.h>

#define NUMA_NO_NODE	(-1)
#define MAX_NUMNODES	64

#endif
