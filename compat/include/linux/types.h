/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The kernel's basic types. Left out: the types of devices and sectors. The
 * host has a header of this name, too.
 */
#ifndef LFSHIM_LINUX_TYPES_H
#define LFSHIM_LINUX_TYPES_H

#include <uapi/linux/types.h>
#include <lfshim/host-begin.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <lfshim/host-end.h>
#include <linux/compiler_types.h>
#include <linux/kconfig.h>

/*
 * u64 is uint64_t here and unsigned long long in the kernel: code that declares
 * a function with u64 and defines it with uint64_t must compile.
 */
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

/* A time in nanoseconds. */
typedef s64 ktime_t;

typedef unsigned int gfp_t;
typedef unsigned short umode_t;
typedef unsigned int slab_flags_t;

/* Addresses of devices and of memory, for structures that have them. */
typedef u64 dma_addr_t;
typedef u64 phys_addr_t;
typedef phys_addr_t resource_size_t;
/* The number of a page in a file or a mapping. */
typedef unsigned long pgoff_t;
#define aligned_u64	__aligned_u64

#define DECLARE_BITMAP(name, bits) \
	unsigned long name[((bits) + 8 * sizeof(long) - 1) / (8 * sizeof(long))]

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	s64 counter;
} atomic64_t;

#define ATOMIC_INIT(i)		{ (i) }
#define ATOMIC64_INIT(i)	{ (i) }

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

/*
 * Its size is 16 bytes, as in the kernel, since it shares a union with a
 * list_head in a fence. The tag is the kernel's, too: liburcu has a struct
 * rcu_head of its own, which a program may include before this header. For
 * the other order see <urcu/call-rcu.h>.
 */
struct callback_head {
	struct callback_head *next;
	void (*func)(struct callback_head *head);
};
#define rcu_head callback_head
typedef void (*rcu_callback_t)(struct rcu_head *head);

#endif
