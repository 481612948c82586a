/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* _RET_IP_ and _THIS_IP_, as in the kernel. */
#ifndef _LINUX_INSTRUCTION_POINTER_H
#define _LINUX_INSTRUCTION_POINTER_H

#include <lfshim/kernel-code.h>

#define _RET_IP_	(unsigned long)__builtin_return_address(0)

/* Compilers move labels, so an instruction reads the program counter. */
#if defined(__x86_64__)
#define _THIS_IP_ ({							\
	unsigned long __here;						\
	__asm__ __volatile__("lea 0(%%rip), %0" : "=r"(__here));			\
	__here; })
#elif defined(__aarch64__)
#define _THIS_IP_ ({							\
	unsigned long __here;						\
	__asm__ __volatile__("adr %0, ." : "=r"(__here));				\
	__here; })
#else
#define _THIS_IP_	({ __label__ __here; __here: (unsigned long)&&__here; })
#endif

/* The call site for reports; in the shim's own code, that of its caller. */
#ifdef LFSHIM_INTERNAL
#define lfshim_here()	_RET_IP_
#else
#define lfshim_here()	_THIS_IP_
#endif

#endif
