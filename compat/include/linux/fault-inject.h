/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Fault injection, as in a kernel without CONFIG_FAULT_INJECTION: the type
 * has no members, and nothing fails. libfence_fail_nth() injects faults here.
 */
#ifndef _LINUX_FAULT_INJECT_H
#define _LINUX_FAULT_INJECT_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

struct fault_attr {
};

static inline bool should_fail(struct fault_attr *attr, ssize_t size)
{
	(void)attr;
	(void)size;
	return false;
}

#endif
