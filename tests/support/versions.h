/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Which core is tested: ours, which behaves like Linux 7.3, or that of a kernel
 * tree. Where the tree's core behaves differently, the test describes the
 * difference with CORE_BEFORE() or CORE_KERNEL(). tests/core/differences.py
 * makes the tables of docs/kernel-differences.md from these descriptions.
 */
#ifndef TESTS_SUPPORT_VERSIONS_H
#define TESTS_SUPPORT_VERSIONS_H

#include "support.h"

#include <stdio.h>

/*
 * CORE_TREE is the version of the kernel tree: 612 for 6.12. The build defines
 * it only for a tree's core. Tests that need a name which older trees lack are
 * inside #if CORE_HAS(name).
 */
#define CORE_OWN	10000
#ifdef CORE_TREE
#include <lfshim/tree/config.h>
#define CORE_HAS(name)	LFSHIM_TREE_HAS_##name
#else
#define CORE_TREE	CORE_OWN
#define CORE_HAS(name)	1
#endif

/* Returns @so. If it is true, prints @how, which describes the difference. */
static inline bool core_differs(bool so, const char *how)
{
	if (so) {
		printf("# Linux %d.%d: %s\n", CORE_TREE / 100, CORE_TREE % 100,
		       how);
		fflush(stdout);
	}
	return so;
}

/* True for a tree before @version (702 is 7.2). @how: that tree's behaviour. */
#define CORE_BEFORE(version, how)	core_differs(CORE_TREE < (version), how)
/* True for the core of any kernel tree. @how: the kernel's behaviour. */
#define CORE_KERNEL(how)		core_differs(CORE_TREE < CORE_OWN, how)

#endif
