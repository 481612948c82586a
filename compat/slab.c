// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * kmalloc() and slab caches; see <linux/slab.h>. Every allocation calls
 * lfpriv_should_fail_at(), which can make it fail.
 */

#include <stdio.h>
#include <linux/slab.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/printk.h>
#include <lfshim/hooks.h>

#include "kernel/internal.h"

void lfshim_fail_nth(unsigned int n)
{
	lfshim_tls.fail_nth = n;
}

unsigned int lfshim_fail_nth_left(void)
{
	return lfshim_tls.fail_nth;
}

#ifndef CONFIG_LOCKDEP
#define lfshim_might_alloc(gfp, ip)	((void)0)
#endif

bool lfpriv_should_fail_at(gfp_t flags, unsigned long ip)
{
	lfshim_might_alloc(flags, ip);
	return unlikely(lfshim_tls.fail_nth) && !--lfshim_tls.fail_nth;
}

static void *kmalloc_at(size_t size, gfp_t flags, unsigned long ip)
{
	if (lfpriv_should_fail_at(flags, ip))
		return NULL;
	/*
	 * The computation of such a size has overflowed. Sanitizers abort the
	 * program if malloc() is called with it.
	 */
	if (unlikely(size > PTRDIFF_MAX))
		return NULL;
	/* malloc() on armhf guarantees an alignment of 8 only. */
	return lfhost_alloc_kernel(size, 16, flags & __GFP_ZERO);
}

void *kmalloc(size_t size, gfp_t flags)
{
	return kmalloc_at(size, flags, _RET_IP_);
}

void kfree(const void *p)
{
	if (LFSHIM_CHECKS && p)
		lfpriv_check_freed(p, lfhost_alloc_size(p));
	lfhost_free((void *)p);
}

size_t ksize(const void *p)
{
	return p ? lfhost_alloc_size(p) : 0;
}

void *krealloc(const void *p, size_t new_size, gfp_t flags)
{
	size_t old = ksize(p);
	void *fresh = kmalloc_at(new_size, flags, _RET_IP_);

	if (!fresh)
		return NULL;
	if (p) {
		memcpy(fresh, p, min(old, new_size));
		kfree(p);
	}
	return fresh;
}

static void *kmemdup_at(const void *src, size_t len, gfp_t flags,
			unsigned long ip)
{
	void *p = kmalloc_at(len, flags, ip);

	return p ? memcpy(p, src, len) : NULL;
}

void *kmemdup(const void *src, size_t len, gfp_t flags)
{
	return kmemdup_at(src, len, flags, _RET_IP_);
}

char *kstrdup(const char *s, gfp_t flags)
{
	return s ? kmemdup_at(s, strlen(s) + 1, flags, _RET_IP_) : NULL;
}

char *kasprintf(gfp_t flags, const char *fmt, ...)
{
	va_list args;
	char *p;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	p = len < 0 ? NULL : kmalloc_at(len + 1, flags, _RET_IP_);
	if (!p)
		return NULL;
	va_start(args, fmt);
	vsnprintf(p, len + 1, fmt, args);
	va_end(args);
	return p;
}

/*
 * Caches. Each object is followed by a tail with the cache's data about it. The
 * tail is not before the object, so that the object has the address of the
 * malloc() block: kfree() and kfree_rcu() work on the objects of an ordinary
 * cache.
 */
struct slab_tail {
	struct kmem_cache *cache;
	/* In the list of all objects of a type-stable cache. */
	struct slab_tail *all_next;
	/* In the list of free objects. */
	struct slab_tail *free_next;
	unsigned int state;
};

#define SLAB_LIVE	0x11fe11feu
#define SLAB_FREE	0xf4eef4eeu
#define SLAB_POISON_BYTE 0x6b

struct kmem_cache {
	char *name;
	unsigned int size, align;
	/* The offset of the tail from the object. */
	unsigned int tail;
	slab_flags_t flags;
	void (*ctor)(void *);
	/* Protects the lists. */
	spinlock_t lock;
	struct slab_tail *all, *free;
	/*
	 * The number of objects in use. Atomic. It is right for type-stable
	 * caches only: kfree() of an object of another cache does not count.
	 */
	long live;
};

static struct slab_tail *slab_tail(struct kmem_cache *s, void *obj)
{
	return (struct slab_tail *)((char *)obj + s->tail);
}

static void *slab_obj(struct slab_tail *t)
{
	return (char *)t - t->cache->tail;
}

/*
 * True if freed objects stay in the cache. A type-stable cache needs that. With
 * the checks, other caches keep them poisoned, to find writes after the free.
 * They do not if AddressSanitizer is used, which finds more of these, or if
 * there is a constructor, whose result the poison would destroy.
 */
static bool slab_keeps_freed(const struct kmem_cache *s)
{
	return (s->flags & SLAB_TYPESAFE_BY_RCU) ||
	       (LFSHIM_CHECKS && !LFSHIM_ASAN && !s->ctor);
}

static bool slab_poisons(const struct kmem_cache *s)
{
	return slab_keeps_freed(s) && !(s->flags & SLAB_TYPESAFE_BY_RCU);
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, slab_flags_t flags,
				     void (*ctor)(void *))
{
	struct kmem_cache *s;

	might_sleep();
	if (WARN_ON(!name || !size || (align && !is_power_of_2(align))))
		return NULL;
	s = kzalloc_obj(*s);
	if (s)
		s->name = kstrdup(name, GFP_KERNEL);
	if (!s || !s->name) {
		kfree(s);
		if (flags & SLAB_PANIC)
			lfshim_bug(__FILE__, __LINE__, __func__,
				   "no memory for a cache with SLAB_PANIC");
		return NULL;
	}
	s->size = size;
	s->align = max(align, 1u);
	if (flags & SLAB_HWCACHE_ALIGN)
		s->align = max(s->align, 64u);
	s->tail = round_up(size, (unsigned int)__alignof__(struct slab_tail));
	s->flags = flags;
	s->ctor = ctor;
	spin_lock_init(&s->lock);
	return s;
}

static void slab_check_poison(struct kmem_cache *s, const unsigned char *obj)
{
	unsigned int i;

	for (i = 0; i < s->size; i++)
		if (obj[i] != SLAB_POISON_BYTE)
			break;
	WARN(i < s->size, "object %p of cache %s was written to after it was freed, at offset %u",
	     (const void *)obj, s->name, i);
}

void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags)
{
	struct slab_tail *tail;
	unsigned long irq;
	void *obj = NULL;

	if (lfpriv_should_fail(flags))
		return NULL;
	if (slab_keeps_freed(s)) {
		spin_lock_irqsave(&s->lock, irq);
		tail = s->free;
		if (tail)
			s->free = tail->free_next;
		spin_unlock_irqrestore(&s->lock, irq);
		if (tail)
			obj = slab_obj(tail);
	}
	if (obj && slab_poisons(s))
		slab_check_poison(s, obj);
	if (!obj) {
		obj = lfhost_alloc_kernel(s->tail + sizeof(*tail), s->align,
					  false);
		if (!obj)
			return NULL;
		tail = slab_tail(s, obj);
		tail->cache = s;
		if (s->ctor)
			s->ctor(obj);
		if (s->flags & SLAB_TYPESAFE_BY_RCU) {
			spin_lock_irqsave(&s->lock, irq);
			tail->all_next = s->all;
			s->all = tail;
			spin_unlock_irqrestore(&s->lock, irq);
		}
	}
	slab_tail(s, obj)->state = SLAB_LIVE;
	__atomic_fetch_add(&s->live, 1, __ATOMIC_RELAXED);
	if (flags & __GFP_ZERO)
		memset(obj, 0, s->size);
	return obj;
}

void kmem_cache_free(struct kmem_cache *s, void *obj)
{
	struct slab_tail *tail;
	unsigned long irq;

	if (!obj)
		return;
	tail = slab_tail(s, obj);
	if (WARN(tail->cache != s, "object %p is not of cache %s", obj, s->name) ||
	    WARN(tail->state != SLAB_LIVE,
		 "object %p of cache %s is freed twice", obj, s->name))
		return;
	if (LFSHIM_CHECKS)
		lfpriv_check_freed(obj, s->size);
	tail->state = SLAB_FREE;
	__atomic_fetch_sub(&s->live, 1, __ATOMIC_RELAXED);
	if (!slab_keeps_freed(s)) {
		lfhost_free(obj);
		return;
	}
	if (slab_poisons(s))
		memset(obj, SLAB_POISON_BYTE, s->size);
	/*
	 * Reuse the object immediately, the last freed object first. This is
	 * the hardest case for readers that do not check the object they find.
	 */
	spin_lock_irqsave(&s->lock, irq);
	tail->free_next = s->free;
	s->free = tail;
	spin_unlock_irqrestore(&s->lock, irq);
}

void kmem_cache_destroy(struct kmem_cache *s)
{
	bool stable = s && s->flags & SLAB_TYPESAFE_BY_RCU;
	struct slab_tail *tail, *next;

	if (!s)
		return;
	might_sleep();
	/* RCU callbacks may still free objects, and readers may use them. */
	if (stable)
		rcu_barrier();
	WARN(stable && s->live, "cache %s is destroyed with %ld objects in use",
	     s->name, s->live);
	for (tail = stable ? s->all : s->free; tail; tail = next) {
		next = stable ? tail->all_next : tail->free_next;
		if (tail->state != SLAB_FREE)
			continue;
		if (slab_poisons(s))
			slab_check_poison(s, slab_obj(tail));
		lfhost_free(slab_obj(tail));
	}
	kfree(s->name);
	kfree(s);
}
