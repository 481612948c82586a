/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_PROCESSOR_H
#define _ASM_PROCESSOR_H

#include <lfshim/kernel-code.h>
#include <lfshim/abi.h>

/**
 * lfshim_relax_slow - give the CPU away once in a while
 *
 * In userspace the thread that a busy-wait waits for may need this very CPU.
 */
void lfshim_relax_slow(void);

/* Tell the CPU that this is a busy-wait loop. */
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
 * One turn of a busy-wait loop: a pause, and the CPU given up every so many
 * turns, since the one who is waited for may be descheduled.
 */
static inline void cpu_relax(void)
{
	static __thread unsigned int turns;

	if (!(++turns % 64))
		lfshim_relax_slow();
	lfshim_pause();
}

#endif
