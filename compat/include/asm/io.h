/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Accesses to I/O memory, which is ordinary memory here: one access of the
 * given size, in little-endian order. The plain ones are ordered against
 * accesses to memory, as in the kernel; the _relaxed ones are not. All of it
 * is inline. Left out: ports, and mappings.
 */
#ifndef _ASM_IO_H
#define _ASM_IO_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/string.h>
#include <asm/barrier.h>
#include <asm/byteorder.h>

#define LFSHIM_IO_(name, type, get, put)				\
static inline type read##name##_relaxed(const volatile void __iomem *addr) \
{									\
	return get(__atomic_load_n((const volatile type *)addr,		\
				   __ATOMIC_RELAXED));			\
}									\
static inline type read##name(const volatile void __iomem *addr)	\
{									\
	type value = read##name##_relaxed(addr);			\
									\
	/* No partner: later reads of memory that a device wrote. */	\
	rmb();								\
	return value;							\
}									\
static inline void write##name##_relaxed(type value,			\
					 volatile void __iomem *addr)	\
{									\
	__atomic_store_n((volatile type *)addr, put(value),		\
			 __ATOMIC_RELAXED);				\
}									\
static inline void write##name(type value, volatile void __iomem *addr)	\
{									\
	/* No partner: earlier writes, for a device to read. */		\
	wmb();								\
	write##name##_relaxed(value, addr);				\
}
LFSHIM_IO_(b, u8, (u8), (u8))
LFSHIM_IO_(w, u16, le16_to_cpu, cpu_to_le16)
LFSHIM_IO_(l, u32, le32_to_cpu, cpu_to_le32)
LFSHIM_IO_(q, u64, le64_to_cpu, cpu_to_le64)
#undef LFSHIM_IO_

#define ioread8(addr)		readb(addr)
#define ioread16(addr)		readw(addr)
#define ioread32(addr)		readl(addr)
#define ioread64(addr)		readq(addr)
#define iowrite8(value, addr)	writeb(value, addr)
#define iowrite16(value, addr)	writew(value, addr)
#define iowrite32(value, addr)	writel(value, addr)
#define iowrite64(value, addr)	writeq(value, addr)

#define memcpy_toio(to, from, size)	((void)memcpy(to, from, size))
#define memcpy_fromio(to, from, size)	((void)memcpy(to, from, size))
#define memset_io(addr, value, size)	((void)memset(addr, value, size))

#endif
