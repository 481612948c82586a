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

#include "kernel/fork.h"
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
	return unlikely(lfshim_tls.fail_nth) && !(flags & __GFP_NOFAIL) &&
	       !--lfshim_tls.fail_nth;
}

/* Memory of the host. The kernel would wait for ever: this ends the program. */
static void *slab_host_alloc(size_t size, size_t align, gfp_t flags)
{
	void *p = lfhost_alloc_kernel(size, align, flags & __GFP_ZERO);

	if (unlikely(!p) && flags & __GFP_NOFAIL)
		lfshim_bug(__FILE__, __LINE__, __func__,
			   "no memory for an allocation with __GFP_NOFAIL");
	return p;
}

/* @max: the largest size. A size that is too large may be an overflow. */
static void *kmalloc_at(size_t size, size_t max, gfp_t flags, unsigned long ip)
{
	if (unlikely(!size))
		return ZERO_SIZE_PTR;
	if (unlikely(size > max)) {
		WARN_ONCE(!(flags & __GFP_NOWARN),
			  "an allocation of %zu bytes, more than %zu", size,
			  max);
		return NULL;
	}
	if (lfpriv_should_fail_at(flags, ip))
		return NULL;
	/* malloc() on armhf guarantees an alignment of 8 only. */
	return slab_host_alloc(size, 16, flags);
}

void *kmalloc(size_t size, gfp_t flags)
{
	return kmalloc_at(size, KMALLOC_MAX_SIZE, flags, _RET_IP_);
}

void *kvmalloc(size_t size, gfp_t flags)
{
	return kmalloc_at(size, INT_MAX, flags, _RET_IP_);
}

static void slab_forget(const void *obj);

void kfree(const void *p)
{
	if (ZERO_OR_NULL_PTR(p))
		return;
	if (LFSHIM_CHECKS)
		lfpriv_check_freed(p, lfhost_alloc_size(p));
	slab_forget(p);
	lfhost_free((void *)p);
}

size_t ksize(const void *p)
{
	return ZERO_OR_NULL_PTR(p) ? 0 : lfhost_alloc_size(p);
}

void *krealloc(const void *p, size_t new_size, gfp_t flags)
{
	size_t old = ksize(p);
	void *fresh = kmalloc_at(new_size, KMALLOC_MAX_SIZE, flags, _RET_IP_);

	if (!fresh)
		return NULL;
	if (old && new_size)
		memcpy(fresh, p, min(old, new_size));
	kfree(p);
	return fresh;
}

static void *kmemdup_at(const void *src, size_t len, gfp_t flags,
			unsigned long ip)
{
	void *p = kmalloc_at(len, KMALLOC_MAX_SIZE, flags, ip);

	return p && len ? memcpy(p, src, len) : p;
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
	p = len < 0 ? NULL : kmalloc_at(len + 1, KMALLOC_MAX_SIZE, flags,
				       _RET_IP_);
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
	/* In the table of the objects that kfree() may free: ~(the next one). */
	unsigned long hidden_next;
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
	/* The number of objects in use. Atomic. */
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

/*
 * The objects in use of the caches that are not type-stable. kfree() and
 * kfree_rcu() work on them and do not name the cache, so kfree() looks here for
 * the cache whose object it frees.
 *
 * The links are inverted: leak detectors do not take them for pointers, and
 * still find an object that was lost. The objects are spread over shards, so
 * that threads seldom wait for each other.
 */
struct slab_shard {
	spinlock_t lock;
	/* Chains of objects. There are as many chains as objects, or more. */
	unsigned long *chain;
	unsigned int nr_chains, nr;
	struct lfpriv_fork_entry at_fork;
} ____cacheline_aligned;

#define SLAB_SHARDS	16
#define SLAB_CHAINS	64
static struct slab_shard slab_shards[SLAB_SHARDS];
/* Set by the first cache that is not type-stable. */
static bool slab_has_plain;

__attribute__((__constructor__(LFPRIV_INIT_FORK)))
static void slab_fork_register(void)
{
	unsigned int i;

	for (i = 0; i < SLAB_SHARDS; i++) {
		slab_shards[i].at_fork.level = LFPRIV_FORK_SLAB;
		slab_shards[i].at_fork.lock = &slab_shards[i].lock;
		lfpriv_fork_register(&slab_shards[i].at_fork);
	}
}

static u32 slab_hash(const void *obj)
{
	return ((u64)(unsigned long)obj >> 4) * 0x9e3779b97f4a7c15ull >> 32;
}

static struct slab_shard *slab_shard(const void *obj)
{
	return &slab_shards[slab_hash(obj) % SLAB_SHARDS];
}

static unsigned long *slab_chain(struct slab_shard *shard, const void *obj)
{
	return &shard->chain[slab_hash(obj) / SLAB_SHARDS % shard->nr_chains];
}

/* Make room. Without memory the chains become longer, or there are none. */
static bool slab_grow(struct slab_shard *shard)
{
	unsigned int i, old_nr = shard->nr_chains;
	unsigned long *old = shard->chain, *fresh, *to;
	struct slab_tail *tail;

	if (shard->nr < old_nr)
		return true;
	fresh = lfhost_alloc(max(2 * old_nr, SLAB_CHAINS) * sizeof(*fresh), 16,
			     true);
	if (!fresh)
		return old_nr;
	shard->chain = fresh;
	shard->nr_chains = max(2 * old_nr, SLAB_CHAINS);
	for (i = 0; i < old_nr; i++) {
		while (old[i]) {
			tail = (struct slab_tail *)~old[i];
			old[i] = tail->hidden_next;
			to = slab_chain(shard, slab_obj(tail));
			tail->hidden_next = *to;
			*to = ~(unsigned long)tail;
		}
	}
	lfhost_free(old);
	return true;
}

/* False without memory. */
static bool slab_remember(struct slab_tail *tail)
{
	struct slab_shard *shard = slab_shard(slab_obj(tail));
	unsigned long flags, *chain;
	bool ok;

	spin_lock_irqsave(&shard->lock, flags);
	ok = slab_grow(shard);
	if (ok) {
		chain = slab_chain(shard, slab_obj(tail));
		tail->hidden_next = *chain;
		*chain = ~(unsigned long)tail;
		shard->nr++;
	}
	spin_unlock_irqrestore(&shard->lock, flags);
	return ok;
}

/* @obj is freed. If it is of a cache, that has one object less. */
static void slab_forget(const void *obj)
{
	struct slab_shard *shard = slab_shard(obj);
	struct slab_tail *tail = NULL;
	unsigned long flags, *link;

	/* Relaxed: the caller has got @obj from a thread that had set it. */
	if (likely(!READ_ONCE(slab_has_plain)))
		return;
	spin_lock_irqsave(&shard->lock, flags);
	if (shard->nr) {
		for (link = slab_chain(shard, obj); *link;
		     link = &tail->hidden_next) {
			tail = (struct slab_tail *)~*link;
			if (slab_obj(tail) == obj)
				break;
		}
		if (*link) {
			*link = tail->hidden_next;
			shard->nr--;
			tail->state = SLAB_FREE;
			__atomic_fetch_sub(&tail->cache->live, 1,
					   __ATOMIC_RELAXED);
		}
	}
	spin_unlock_irqrestore(&shard->lock, flags);
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
	if (!(flags & SLAB_TYPESAFE_BY_RCU))
		WRITE_ONCE(slab_has_plain, true);
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

/* An object that was freed, or NULL. */
static void *slab_reuse(struct kmem_cache *s)
{
	struct slab_tail *tail;
	unsigned long irq;

	if (!slab_keeps_freed(s))
		return NULL;
	spin_lock_irqsave(&s->lock, irq);
	tail = s->free;
	if (tail)
		s->free = tail->free_next;
	spin_unlock_irqrestore(&s->lock, irq);
	if (!tail)
		return NULL;
	if (slab_poisons(s))
		slab_check_poison(s, slab_obj(tail));
	return slab_obj(tail);
}

static void *slab_new(struct kmem_cache *s, gfp_t flags)
{
	struct slab_tail *tail;
	unsigned long irq;
	void *obj;

	WARN_ONCE(s->ctor && flags & __GFP_ZERO,
		  "the objects of cache %s have a constructor, and are cleared",
		  s->name);
	obj = slab_host_alloc(s->tail + sizeof(*tail), s->align,
			      flags & ~__GFP_ZERO);
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
	return obj;
}

void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags)
{
	void *obj;

	if (lfpriv_should_fail(flags))
		return NULL;
	obj = slab_reuse(s) ?: slab_new(s, flags);
	if (!obj)
		return NULL;
	if (!(s->flags & SLAB_TYPESAFE_BY_RCU) &&
	    !slab_remember(slab_tail(s, obj))) {
		lfhost_free(obj);
		return NULL;
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
	if (s->flags & SLAB_TYPESAFE_BY_RCU) {
		tail->state = SLAB_FREE;
		__atomic_fetch_sub(&s->live, 1, __ATOMIC_RELAXED);
	} else {
		slab_forget(obj);
	}
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
	long live;

	if (!s)
		return;
	might_sleep();
	/*
	 * RCU callbacks and kfree_rcu() may still free objects, and readers may
	 * use them. Relaxed: the objects that the caller knows are counted.
	 */
	if (stable || __atomic_load_n(&s->live, __ATOMIC_RELAXED))
		lfpriv_rcu_barrier_always();
	live = __atomic_load_n(&s->live, __ATOMIC_RELAXED);
	WARN(live, "cache %s is destroyed with %ld objects in use", s->name,
	     live);
	for (tail = stable ? s->all : s->free; tail; tail = next) {
		next = stable ? tail->all_next : tail->free_next;
		if (tail->state != SLAB_FREE)
			continue;
		if (slab_poisons(s))
			slab_check_poison(s, slab_obj(tail));
		lfhost_free(slab_obj(tail));
	}
	/* An object that is freed later still has its cache. */
	if (live)
		return;
	kfree(s->name);
	kfree(s);
}
