/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A mapping of memory, which in the kernel is either system memory or I/O
 * memory. Here both are ordinary memory: an I/O address is a pointer, and a
 * read or a write of it is one access. All of it is inline.
 */
#ifndef _LINUX_IOSYS_MAP_H
#define _LINUX_IOSYS_MAP_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/string.h>

struct iosys_map {
	union {
		void __iomem *vaddr_iomem;
		void *vaddr;
	};
	bool is_iomem;
};

#define IOSYS_MAP_INIT_VADDR(vaddr_) \
	{ .vaddr = (vaddr_), .is_iomem = false }
#define IOSYS_MAP_INIT_VADDR_IOMEM(vaddr_) \
	{ .vaddr_iomem = (vaddr_), .is_iomem = true }
/* The mapping at an offset in another one. */
#define IOSYS_MAP_INIT_OFFSET(map_, offset_) ({				\
	struct iosys_map __copy = *(map_);				\
	iosys_map_incr(&__copy, offset_);				\
	__copy; })

static inline void iosys_map_set_vaddr(struct iosys_map *map, void *vaddr)
{
	map->vaddr = vaddr;
	map->is_iomem = false;
}

static inline void iosys_map_set_vaddr_iomem(struct iosys_map *map,
					     void __iomem *vaddr)
{
	map->vaddr_iomem = vaddr;
	map->is_iomem = true;
}

static inline bool iosys_map_is_equal(const struct iosys_map *a,
				      const struct iosys_map *b)
{
	return a->is_iomem == b->is_iomem && a->vaddr == b->vaddr;
}

static inline bool iosys_map_is_null(const struct iosys_map *map)
{
	return !map->vaddr;
}

static inline bool iosys_map_is_set(const struct iosys_map *map)
{
	return !iosys_map_is_null(map);
}

static inline void iosys_map_clear(struct iosys_map *map)
{
	iosys_map_set_vaddr(map, NULL);
}

static inline void iosys_map_incr(struct iosys_map *map, size_t incr)
{
	map->vaddr = (char *)map->vaddr + incr;
}

static inline void iosys_map_memcpy_to(struct iosys_map *dst, size_t offset,
				       const void *src, size_t len)
{
	memcpy((char *)dst->vaddr + offset, src, len);
}

static inline void iosys_map_memcpy_from(void *dst, const struct iosys_map *src,
					 size_t offset, size_t len)
{
	memcpy(dst, (const char *)src->vaddr + offset, len);
}

static inline void iosys_map_memset(struct iosys_map *dst, size_t offset,
				    int value, size_t len)
{
	memset((char *)dst->vaddr + offset, value, len);
}

#define lfshim_iosys_at_(map, offset, type) \
	((type *)((char *)(map)->vaddr + (offset)))
#define iosys_map_rd(map, offset, type) \
	READ_ONCE(*lfshim_iosys_at_(map, offset, type))
#define iosys_map_wr(map, offset, type, val) \
	WRITE_ONCE(*lfshim_iosys_at_(map, offset, type), val)
#define iosys_map_rd_field(map, offset, struct_type, field)		\
	iosys_map_rd(map, (offset) + offsetof(struct_type, field),	\
		     __typeof__(((struct_type *)0)->field))
#define iosys_map_wr_field(map, offset, struct_type, field, val)	\
	iosys_map_wr(map, (offset) + offsetof(struct_type, field),	\
		     __typeof__(((struct_type *)0)->field), val)

#endif
