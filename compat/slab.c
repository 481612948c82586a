// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Memory. Every allocation that kernel code asks for passes through
 * lfpriv_should_fail(), where it can be made to fail.
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

/* Of the calling thread; 0: no allocation fails. */
static __thread unsigned int fail_nth;

void lfshim_fail_nth(unsigned int n)
{
	fail_nth = n;
}

unsigned int lfshim_fail_nth_left(void)
{
	return fail_nth;
}

#ifndef CONFIG_LOCKDEP
#define lfshim_might_alloc(gfp, ip)	((void)0)
#endif

bool lfpriv_should_fail_at(gfp_t flags, unsigned long ip)
{
	lfshim_might_alloc(flags, ip);
	return unlikely(fail_nth) && !--fail_nth;
}

static void *alloc(size_t size, gfp_t flags, unsigned long ip)
{
	if (lfpriv_should_fail_at(flags, ip))
		return NULL;
	/* What overflowed: sanitizers end the program for asking malloc(). */
	if (unlikely(size > PTRDIFF_MAX))
		return NULL;
	/* malloc() of armhf promises 8. */
	return lfhost_alloc(size, 16, flags & __GFP_ZERO);
}

void *kmalloc(size_t size, gfp_t flags)
{
	return alloc(size, flags, _RET_IP_);
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
	void *fresh = alloc(new_size, flags, _RET_IP_);

	if (!fresh)
		return NULL;
	if (p) {
		memcpy(fresh, p, min(old, new_size));
		kfree(p);
	}
	return fresh;
}

static void *copy(const void *src, size_t len, gfp_t flags, unsigned long ip)
{
	void *p = alloc(len, flags, ip);

	return p ? memcpy(p, src, len) : NULL;
}

void *kmemdup(const void *src, size_t len, gfp_t flags)
{
	return copy(src, len, flags, _RET_IP_);
}

char *kstrdup(const char *s, gfp_t flags)
{
	return s ? copy(s, strlen(s) + 1, flags, _RET_IP_) : NULL;
}

char *kasprintf(gfp_t flags, const char *fmt, ...)
{
	va_list args;
	char *p;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	p = len < 0 ? NULL : alloc(len + 1, flags, _RET_IP_);
	if (!p)
		return NULL;
	va_start(args, fmt);
	vsnprintf(p, len + 1, fmt, args);
	va_end(args);
	return p;
}

/*
 * Caches. Behind each object is a tail with what the cache has to know of it;
 * not in front, so that the address of the object is that of the malloc()
 * block and kfree() and kfree_rcu() work on objects of a plain cache.
 */
struct slab_tail {
	struct kmem_cache *cache;
	/* All objects of a type-stable cache. */
	struct slab_tail *all_next;
	/* Free ones. */
	struct slab_tail *free_next;
	unsigned int state;
};

#define SLAB_LIVE	0x11fe11feu
#define SLAB_FREE	0xf4eef4eeu
#define SLAB_POISON_BYTE 0x6b

struct kmem_cache {
	char *name;
	unsigned int size, align;
	/* From the object to its tail. */
	unsigned int tail;
	slab_flags_t flags;
	void (*ctor)(void *);
	/* Protects the lists and the count. */
	spinlock_t lock;
	struct slab_tail *all, *free;
	/* Objects out there. Only a type-stable cache is told of every free. */
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
 * Keep freed objects, poisoned, to find who writes to them: with the checks
 * on, unless AddressSanitizer does it better.
 */
static bool keeps_freed(const struct kmem_cache *s)
{
	return (s->flags & SLAB_TYPESAFE_BY_RCU) ||
	       (LFSHIM_CHECKS && !LFSHIM_ASAN && !s->ctor);
}

static bool poisons(const struct kmem_cache *s)
{
	return keeps_freed(s) && !(s->flags & SLAB_TYPESAFE_BY_RCU);
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
	if (keeps_freed(s)) {
		spin_lock_irqsave(&s->lock, irq);
		tail = s->free;
		if (tail)
			s->free = tail->free_next;
		spin_unlock_irqrestore(&s->lock, irq);
		if (tail)
			obj = slab_obj(tail);
	}
	if (obj && poisons(s))
		slab_check_poison(s, obj);
	if (!obj) {
		obj = lfhost_alloc(s->tail + sizeof(*tail), s->align, false);
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
	if (!keeps_freed(s)) {
		lfhost_free(obj);
		return;
	}
	if (poisons(s))
		memset(obj, SLAB_POISON_BYTE, s->size);
	/* At once, and the last one freed comes first: as nasty as can be. */
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
	/* Objects may come back from RCU callbacks, and readers may look. */
	if (stable)
		rcu_barrier();
	WARN(stable && s->live, "cache %s is destroyed with %ld objects in use",
	     s->name, s->live);
	for (tail = stable ? s->all : s->free; tail; tail = next) {
		next = stable ? tail->all_next : tail->free_next;
		if (tail->state != SLAB_FREE)
			continue;
		if (poisons(s))
			slab_check_poison(s, slab_obj(tail));
		lfhost_free(slab_obj(tail));
	}
	kfree(s->name);
	kfree(s);
}
