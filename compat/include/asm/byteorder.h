/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Conversions between the byte order of the CPU and a given one. All of it is
 * inline; on a constant the result is a constant. The host has a header of
 * this name, too.
 */
#ifndef LFSHIM_ASM_BYTEORDER_H
#define LFSHIM_ASM_BYTEORDER_H

#include <linux/types.h>

#define lfshim_same_order_(x)	(x)
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define lfshim_le_(bits, x)	lfshim_same_order_(x)
#define lfshim_be_(bits, x)	__builtin_bswap##bits(x)
#else
#define lfshim_le_(bits, x)	__builtin_bswap##bits(x)
#define lfshim_be_(bits, x)	lfshim_same_order_(x)
#endif

#define cpu_to_le16(x)		((__le16)lfshim_le_(16, (u16)(x)))
#define cpu_to_le32(x)		((__le32)lfshim_le_(32, (u32)(x)))
#define cpu_to_le64(x)		((__le64)lfshim_le_(64, (u64)(x)))
#define le16_to_cpu(x)		((u16)lfshim_le_(16, (u16)(x)))
#define le32_to_cpu(x)		((u32)lfshim_le_(32, (u32)(x)))
#define le64_to_cpu(x)		((u64)lfshim_le_(64, (u64)(x)))
#define cpu_to_be16(x)		((__be16)lfshim_be_(16, (u16)(x)))
#define cpu_to_be32(x)		((__be32)lfshim_be_(32, (u32)(x)))
#define cpu_to_be64(x)		((__be64)lfshim_be_(64, (u64)(x)))
#define be16_to_cpu(x)		((u16)lfshim_be_(16, (u16)(x)))
#define be32_to_cpu(x)		((u32)lfshim_be_(32, (u32)(x)))
#define be64_to_cpu(x)		((u64)lfshim_be_(64, (u64)(x)))

/* The value at an address, and a conversion in place. */
#define LFSHIM_BYTEORDER_(order, bits)					\
static inline u##bits order##bits##_to_cpup(const __##order##bits *p)	\
{									\
	return order##bits##_to_cpu(*p);				\
}									\
static inline __##order##bits cpu_to_##order##bits##p(const u##bits *p)	\
{									\
	return cpu_to_##order##bits(*p);				\
}									\
static inline void cpu_to_##order##bits##s(u##bits *p)			\
{									\
	*p = cpu_to_##order##bits(*p);					\
}									\
static inline void order##bits##_to_cpus(u##bits *p)			\
{									\
	*p = order##bits##_to_cpu(*p);					\
}									\
static inline void order##bits##_add_cpu(__##order##bits *p, u##bits val) \
{									\
	*p = cpu_to_##order##bits(order##bits##_to_cpu(*p) + val);	\
}
LFSHIM_BYTEORDER_(le, 16)
LFSHIM_BYTEORDER_(le, 32)
LFSHIM_BYTEORDER_(le, 64)
LFSHIM_BYTEORDER_(be, 16)
LFSHIM_BYTEORDER_(be, 32)
LFSHIM_BYTEORDER_(be, 64)

#endif
