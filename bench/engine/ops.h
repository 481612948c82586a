/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Loops of operations that the compiler must not optimize away. */
#ifndef FENCE_BENCH_OPS_H
#define FENCE_BENCH_OPS_H

/* After this, the compiler knows nothing about memory, nor about @p. */
#define hide(p)		__asm__ volatile("" : "+r"(p) : : "memory")

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" : : : "memory");
#else
	__asm__ volatile("" : : : "memory");
#endif
}

/*
 * Counts a result that is not the expected one. This is always a branch that is
 * not taken. Without the asm the compiler would use arithmetic for some
 * conditions, which is cheaper, and lanes could not be compared.
 */
#define EXPECT(cond, misses)						\
	do {								\
		if (__builtin_expect(!(cond), 0)) {			\
			__asm__ volatile("" : "+r"(misses));		\
			(misses)++;					\
		}							\
	} while (0)

/*
 * Does @op @n times. A turn of the loop has sixteen operations, so that the
 * loop itself costs next to nothing. hide(@p) comes after each operation, so
 * that the compiler does not leave one out, merge two, or move one out of the
 * loop.
 */
#define OP_1(p, op)	do { op; hide(p); } while (0)
#define OP_4(p, op)	OP_1(p, op); OP_1(p, op); OP_1(p, op); OP_1(p, op)
#define OPS_PER_TURN	16
#define OPS(n, p, op)							\
	do {								\
		unsigned long left__ = (n) / OPS_PER_TURN;		\
		while (left__--) {					\
			OP_4(p, op); OP_4(p, op);			\
			OP_4(p, op); OP_4(p, op);			\
		}							\
	} while (0)

#endif
