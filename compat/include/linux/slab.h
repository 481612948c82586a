/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * kmalloc() and slab caches. kmalloc() is malloc() behind one seam, at which
 * allocations can be made to fail (libfence_fail_nth()). Memory is aligned to
 * 16 bytes. Left out: the _node variants except those of krealloc(), the _track
 * variants, bulk allocation, and kmem_cache_create() with a struct kmem_cache_args. Implemented in
 * compat/slab.c.
 */
#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/bug.h>
#include <linux/gfp.h>
#include <linux/numa.h>
#include <linux/overflow.h>
#include <linux/stdarg.h>
#include <linux/cleanup.h>

/* The memory of an allocation of 0 bytes: it can only be freed. */
#define ZERO_SIZE_PTR		((void *)16)
#define ZERO_OR_NULL_PTR(p) \
	((unsigned long)(p) <= (unsigned long)ZERO_SIZE_PTR)
/* kmalloc() does not give more than that; kvmalloc() gives up to INT_MAX. */
#define KMALLOC_MAX_SIZE	(1UL << 22)
/* The alignment that code may rely on, as on x86. Here it is more. */
#define ARCH_KMALLOC_MINALIGN	__alignof__(unsigned long long)

/**
 * kfree - free memory
 * @p: memory from kmalloc() or one of its variants, an object of a cache,
 *	ZERO_SIZE_PTR, or NULL
 *
 * Context: any.
 */
void kfree(const void *p) LFSHIM(kfree);

/*
 * Not __malloc__: with it the compiler removes a store to memory that is only
 * freed, and a store to ZERO_SIZE_PTR does not fault.
 */

/**
 * kmalloc - allocate memory
 * @size: the number of bytes
 * @flags: with GFP_KERNEL the caller may sleep, with GFP_ATOMIC it must not;
 *	__GFP_ZERO clears the memory; with __GFP_NOFAIL the result is not NULL,
 *	unless @size is too large
 *
 * Context: as @flags say.
 * Return: memory of the caller's, to be given to kfree() or kfree_rcu(); NULL;
 * ZERO_SIZE_PTR if @size is 0. NULL and a warning, once and not with
 * __GFP_NOWARN, if @size is more than KMALLOC_MAX_SIZE.
 */
void *kmalloc(size_t size, gfp_t flags) LFSHIM(kmalloc)
	__attribute__((__alloc_size__(1)));

static lfshim_inline void *kzalloc(size_t size, gfp_t flags)
{
	return kmalloc(size, flags | __GFP_ZERO);
}

static lfshim_inline void *kmalloc_array(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	return check_mul_overflow(n, size, &bytes) ? NULL :
						     kmalloc(bytes, flags);
}

static lfshim_inline void *kcalloc(size_t n, size_t size, gfp_t flags)
{
	return kmalloc_array(n, size, flags | __GFP_ZERO);
}

/* Return: the new memory, which replaces @p; NULL, and then @p stays valid. */
void *krealloc(const void *p, size_t new_size, gfp_t flags) LFSHIM(krealloc);
/* The same, aligned to @align, a power of two. The node is ignored. */
void *krealloc_node_align(const void *p, size_t new_size, unsigned long align,
			  gfp_t flags, int nid) LFSHIM(krealloc_node_align);
#define krealloc_node(p, new_size, flags, nid) \
	krealloc_node_align(p, new_size, 1, flags, nid)

static lfshim_inline void *krealloc_array(const void *p, size_t n, size_t size,
				   gfp_t flags)
{
	size_t bytes;

	return check_mul_overflow(n, size, &bytes) ? NULL :
						     krealloc(p, bytes, flags);
}

/* The names of these without profiling, which the shim has not. */
#define kmalloc_array_noprof	kmalloc_array
#define kvmalloc_array_noprof	kvmalloc_array

void *kmemdup(const void *src, size_t len, gfp_t flags) LFSHIM(kmemdup);
char *kstrdup(const char *s, gfp_t flags) LFSHIM(kstrdup);
char *kasprintf(gfp_t flags, const char *fmt, ...) LFSHIM(kasprintf);
char *kvasprintf(gfp_t flags, const char *fmt, va_list args)
	LFSHIM(kvasprintf);
/* The usable size of @p, which is at least the requested size. */
size_t ksize(const void *p) LFSHIM(ksize);

/* The size that kmalloc(size) is guaranteed to provide. */
static inline size_t kmalloc_size_roundup(size_t size)
{
	return size;
}

/**
 * kvmalloc - allocate memory that may be large
 * @size: the number of bytes
 * @flags: as for kmalloc()
 *
 * Context: as @flags say.
 * Return: as kmalloc(); NULL and a warning, once and not with __GFP_NOWARN, if
 * @size is more than INT_MAX.
 */
void *kvmalloc(size_t size, gfp_t flags) LFSHIM(kvmalloc)
	__attribute__((__alloc_size__(1)));

static lfshim_inline void *kvzalloc(size_t size, gfp_t flags)
{
	return kvmalloc(size, flags | __GFP_ZERO);
}

static lfshim_inline void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	return check_mul_overflow(n, size, &bytes) ? NULL :
						     kvmalloc(bytes, flags);
}

static lfshim_inline void *kvcalloc(size_t n, size_t size, gfp_t flags)
{
	return kvmalloc_array(n, size, flags | __GFP_ZERO);
}

#define kvfree(p)			kfree(p)

/* As krealloc(), of memory that may be large. */
void *kvrealloc(const void *p, size_t size, gfp_t flags) LFSHIM(kvrealloc);
void *kvrealloc_node_align(const void *p, size_t size, unsigned long align,
			   gfp_t flags, int nid) LFSHIM(kvrealloc_node_align);
#define kvrealloc_node(p, size, flags, nid) \
	kvrealloc_node_align(p, size, 1, flags, nid)

/* Typed allocation. The flags may be left out, and are then GFP_KERNEL. */
#define lfshim_gfp_(a, ...)		a
/* Not ", ##": in strict C that keeps the comma if no parameter has a name. */
#define default_gfp(...) \
	lfshim_gfp_(__VA_ARGS__ __VA_OPT__(,) GFP_KERNEL)
#define lfshim_obj_(fn, T, n, flags) \
	((__typeof__(T) *)fn(size_mul(sizeof(__typeof__(T)), n), flags))
#define kmalloc_obj(T, ...) \
	lfshim_obj_(kmalloc, T, 1, default_gfp(__VA_ARGS__))
#define kzalloc_obj(T, ...) \
	lfshim_obj_(kzalloc, T, 1, default_gfp(__VA_ARGS__))
#define kmalloc_objs(T, n, ...) \
	lfshim_obj_(kmalloc, T, n, default_gfp(__VA_ARGS__))
#define kzalloc_objs(T, n, ...) \
	lfshim_obj_(kzalloc, T, n, default_gfp(__VA_ARGS__))
#define kvmalloc_obj(T, ...) \
	lfshim_obj_(kvmalloc, T, 1, default_gfp(__VA_ARGS__))
#define kvzalloc_obj(T, ...) \
	lfshim_obj_(kvzalloc, T, 1, default_gfp(__VA_ARGS__))
#define kvmalloc_objs(T, n, ...) \
	lfshim_obj_(kvmalloc, T, n, default_gfp(__VA_ARGS__))
#define kvzalloc_objs(T, n, ...) \
	lfshim_obj_(kvzalloc, T, n, default_gfp(__VA_ARGS__))
/* Allocates a structure with @n elements in its flexible array @fam. */
#define lfshim_flex_(fn, T, fam, n, flags) ({				\
	__typeof__(T) *__flex = NULL;					\
	__flex = fn(struct_size(__flex, fam, n), flags);		\
	__flex; })
#define kmalloc_flex(T, fam, n, ...) \
	lfshim_flex_(kmalloc, T, fam, n, default_gfp(__VA_ARGS__))
#define kzalloc_flex(T, fam, n, ...) \
	lfshim_flex_(kzalloc, T, fam, n, default_gfp(__VA_ARGS__))

DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))

/*
 * Slab caches. Each object is in a malloc() block of its own. In a cache with
 * SLAB_TYPESAFE_BY_RCU, the memory of an object stays an object of that cache
 * until the cache is destroyed, and is reused immediately. A reader that finds an
 * object under RCU has to check that it is the one that it looked for.
 */
struct kmem_cache;

#define SLAB_CONSISTENCY_CHECKS	0x00000100u
#define SLAB_POISON		0x00000800u
#define SLAB_HWCACHE_ALIGN	0x00002000u
#define SLAB_RECLAIM_ACCOUNT	0x00020000u
#define SLAB_PANIC		0x00040000u
#define SLAB_TYPESAFE_BY_RCU	0x00080000u
#define SLAB_ACCOUNT		0x00400000u

/**
 * kmem_cache_create - create a cache
 * @name: the name of the cache; copied
 * @size: the size of an object
 * @align: the alignment of an object, a power of two; at least 8 is used
 * @flags: SLAB_TYPESAFE_BY_RCU, SLAB_HWCACHE_ALIGN and SLAB_PANIC have an
 *	effect; the others are ignored
 * @ctor: called once for each object, when its memory is new; or NULL
 *
 * Context: may sleep.
 * Return: the cache, to be given to kmem_cache_destroy(); NULL.
 */
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, slab_flags_t flags,
				     void (*ctor)(void *))
	LFSHIM(kmem_cache_create);
#define KMEM_CACHE(__struct, __flags)					\
	kmem_cache_create(#__struct, sizeof(struct __struct),		\
			  __alignof__(struct __struct), (__flags), NULL)

/**
 * kmem_cache_destroy - destroy a cache
 * @s: the cache, or NULL
 *
 * Warns of objects that are still allocated; they leak, and so does the cache.
 * Before that it calls rcu_barrier(), because kfree_rcu() and RCU callbacks may
 * still free objects.
 * Context: may sleep.
 */
void kmem_cache_destroy(struct kmem_cache *s) LFSHIM(kmem_cache_destroy);
void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags)
	LFSHIM(kmem_cache_alloc);
void kmem_cache_free(struct kmem_cache *s, void *obj) LFSHIM(kmem_cache_free);

static lfshim_inline void *kmem_cache_zalloc(struct kmem_cache *s, gfp_t flags)
{
	return kmem_cache_alloc(s, flags | __GFP_ZERO);
}

#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#endif
