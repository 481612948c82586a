/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * cpu_relax(), for busy-wait loops. Everything about the CPU itself is left
 * out. compat/spinlock.c has lfshim_relax_slow().
 */
#ifndef _ASM_PROCESSOR_H
#define _ASM_PROCESSOR_H

#include <lfshim/kernel-code.h>
#include <lfshim/abi.h>
#include <lfshim/seam.h>

#if LFSHIM_SEAM
/* Let other threads run: the caller waits for one of them. */
void cpu_relax(void) LFSHIM(cpu_relax);
#else
/**
 * lfshim_relax_slow - yield the CPU in a busy-wait loop
 *
 * In userspace, the thread that the loop waits for may need this CPU.
 * Context: any.
 */
void lfshim_relax_slow(void);

/* The CPU's hint for busy-wait loops. */
static inline void lfshim_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__ARM_ARCH_7A__)
	__asm__ __volatile__("yield" : : : "memory");
#else
	__asm__ __volatile__("" : : : "memory");
#endif
}

/*
 * One turn of a busy-wait loop: a pause and, every 64 turns, a yield, since the
 * thread that the loop waits for may have been preempted.
 */
static inline void cpu_relax(void)
{
	static __thread unsigned int turns;

	if (!(++turns % 64))
		lfshim_relax_slow();
	lfshim_pause();
}
#endif

#endif
