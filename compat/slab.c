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
	return unlikely(lfshim_tls.fail_nth) && !(flags & __GFP_NOFAIL) &&
	       !--lfshim_tls.fail_nth;
}

/*
 * Objects of caches. Each is in a block of the host that ends with the object, so
 * that memory checkers see an access after it.
 *
 * kfree() does not name the cache. It finds the head of an object from the
 * address: memory of kmalloc() is at a multiple of 16 bytes, an object at 8 bytes
 * after one, with its head before it. An object with a larger alignment is at a
 * multiple of SLAB_WIDE bytes, and has its head in slab_set.
 */
struct slab_head {
	/* SLAB_LIVE or SLAB_FREE. */
	unsigned long state;
	/* In use: the size - 1, to be checked. Free: the next free block. */
	unsigned long link;
	/* The struct kmem_cache. */
	unsigned long cache;
};

/*
 * A head in use looks like that of a std::string: the length, the capacity, 8
 * more bytes. Valgrind knows these, and takes a pointer to the object for one to
 * its block. Otherwise it would call the object "possibly lost".
 */
#define SLAB_LIVE	0ul
#define SLAB_FREE	0xf4eef4eeul

/* From the block to the object, if the head is there. */
#define SLAB_OFFSET	24
#define SLAB_WIDE	64u

/* AddressSanitizer reports accesses to a head, except for those made here. */
#if LFSHIM_ASAN
void __asan_poison_memory_region(const volatile void *p, size_t size);
#define slab_hide(p, size)	__asan_poison_memory_region(p, size)
#define slab_unchecked		noinline __attribute__((__no_sanitize_address__))
#else
#define slab_hide(p, size)	((void)0)
#define slab_unchecked
#endif

static slab_unchecked unsigned long slab_load(const unsigned long *p)
{
	return *p;
}

static slab_unchecked void slab_store(unsigned long *p, unsigned long value)
{
	*p = value;
}

/*
 * The set needs no lock: an object stays in its slot until it is freed. The hash
 * chooses a bucket. If that is full, a bucket of the next, larger table is used.
 */
#define SLAB_SLOTS	4
struct slab_bucket {
	/* ~obj, so that leak detectors do not take it for a pointer; or 0. */
	unsigned long key[SLAB_SLOTS];
	struct slab_head head[SLAB_SLOTS];
} __aligned(SLAB_SLOTS * 4 * sizeof(long));

#define SLAB_TABLES	8
#define SLAB_TABLE_BITS(nr)	(9 + 2 * (nr))
static struct slab_bucket slab_first[1 << SLAB_TABLE_BITS(0)];
static struct slab_bucket *slab_set[SLAB_TABLES] = { slab_first };
/* Set by the first cache whose objects are in the set. */
static bool slab_has_wide;

/* NULL if there is no such table. */
static struct slab_bucket *slab_bucket(unsigned int nr, const void *obj)
{
	u64 hash = (unsigned long)obj / SLAB_WIDE * 0x9e3779b97f4a7c15ull;
	/*
	 * A1: acquire. Pairs with R1 in slab_new_table(). Without it, the keys
	 * may be seen before they are cleared.
	 */
	struct slab_bucket *table = smp_load_acquire(&slab_set[nr]);

	return table ? &table[hash >> (64 - SLAB_TABLE_BITS(nr))] : NULL;
}

static bool slab_new_table(unsigned int nr)
{
	struct slab_bucket *fresh, *none = NULL;

	fresh = lfhost_alloc(sizeof(*fresh) << SLAB_TABLE_BITS(nr),
			     __alignof__(*fresh), true);
	if (!fresh)
		return false;
	/*
	 * R1: release. Pairs with A1 in slab_bucket(). Without it, another
	 * thread may see keys that are not cleared.
	 */
	if (!__atomic_compare_exchange_n(&slab_set[nr], &none, fresh, false,
					 __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		lfhost_free(fresh);
	return true;
}

/* Return: the head for @obj; NULL without memory. */
static struct slab_head *slab_set_add(const void *obj)
{
	struct slab_bucket *b;
	unsigned long empty;
	unsigned int nr, i;

	for (nr = 0; nr < SLAB_TABLES; nr++) {
		b = slab_bucket(nr, obj);
		if (!b && !slab_new_table(nr))
			return NULL;
		b = b ?: slab_bucket(nr, obj);
		for (i = 0; i < SLAB_SLOTS; i++) {
			empty = 0;
			/*
			 * A2: acquire. Pairs with R2 in slab_set_remove().
			 * Without it, the thread that freed the object before
			 * may still change the head.
			 */
			if (!READ_ONCE(b->key[i]) &&
			    __atomic_compare_exchange_n(&b->key[i], &empty,
							~(unsigned long)obj,
							false, __ATOMIC_ACQUIRE,
							__ATOMIC_RELAXED))
				return &b->head[i];
		}
	}
	return NULL;
}

static void slab_set_remove(struct slab_head *head)
{
	/* The alignment of a bucket is its size. */
	struct slab_bucket *b = (struct slab_bucket *)
		((unsigned long)head & -sizeof(*b));

	/*
	 * R2: release. Pairs with A2 in slab_set_add(). Without it, the accesses
	 * to the head may be of the next object's.
	 */
	smp_store_release(&b->key[head - b->head], 0);
}

/*
 * NULL if @p is not in the set. Relaxed: the caller has got @p from the thread
 * that allocated it, and so sees the key as it is for @p.
 */
static noinline struct slab_head *slab_set_find(const void *p)
{
	struct slab_bucket *b;
	unsigned int nr, i;

	for (nr = 0; nr < SLAB_TABLES; nr++) {
		b = slab_bucket(nr, p);
		if (!b)
			break;
		for (i = 0; i < SLAB_SLOTS; i++)
			if (READ_ONCE(b->key[i]) == ~(unsigned long)p)
				return &b->head[i];
	}
	return NULL;
}

/* The head of an object; NULL for memory of kmalloc(). */
static inline struct slab_head *slab_head(const void *p)
{
	unsigned long addr = (unsigned long)p;

	if (unlikely(addr % 16))
		return addr % 16 == SLAB_OFFSET % 16 ?
		       (struct slab_head *)p - 1 : NULL;
	/* Relaxed: as in slab_set_find(). */
	if (likely(!READ_ONCE(slab_has_wide)) || addr % SLAB_WIDE)
		return NULL;
	return slab_set_find(p);
}

struct kmem_cache {
	char *name;
	unsigned int size, align;
	/* From the block to the object. */
	unsigned int offset;
	slab_flags_t flags;
	void (*ctor)(void *);
	/* Protects the list of free blocks. */
	spinlock_t lock;
	void *free;
	/* The number of objects in use. Atomic. */
	long live;
};

static struct kmem_cache *slab_cache(struct slab_head *head)
{
	return (struct kmem_cache *)slab_load(&head->cache);
}

/* kmalloc() */

/* The kernel would wait for ever: this ends the program. */
static void slab_nofail_failed(void)
{
	lfshim_bug(__FILE__, __LINE__, __func__,
		   "no memory for an allocation with __GFP_NOFAIL");
}

static noinline void *slab_host_alloc_nofail(size_t size, size_t align,
					     gfp_t flags)
{
	void *p = lfhost_alloc_kernel(size, align, flags & __GFP_ZERO);

	if (!p)
		slab_nofail_failed();
	return p;
}

static void *slab_host_alloc(size_t size, size_t align, gfp_t flags)
{
	if (unlikely(flags & __GFP_NOFAIL))
		return slab_host_alloc_nofail(size, align, flags);
	return lfhost_alloc_kernel(size, align, flags & __GFP_ZERO);
}

/* Neither of these sizes needs memory. */
static noinline void *kmalloc_no_size(size_t size, size_t max, gfp_t flags)
{
	if (!size)
		return ZERO_SIZE_PTR;
	WARN_ONCE(!(flags & __GFP_NOWARN),
		  "an allocation of %zu bytes, more than %zu", size, max);
	return NULL;
}

/* @max: the largest size. A size that is too large may be an overflow. */
static inline void *kmalloc_aligned_at(size_t size, size_t align, size_t max,
				       gfp_t flags, unsigned long ip)
{
	if (unlikely(size - 1 >= max))
		return kmalloc_no_size(size, max, flags);
	if (lfpriv_should_fail_at(flags, ip))
		return NULL;
	return slab_host_alloc(size, align, flags);
}

static void *kmalloc_at(size_t size, size_t max, gfp_t flags, unsigned long ip)
{
	/* malloc() on armhf guarantees an alignment of 8 only. */
	return kmalloc_aligned_at(size, 16, max, flags, ip);
}

void *kmalloc(size_t size, gfp_t flags)
{
	return kmalloc_at(size, KMALLOC_MAX_SIZE, flags, _RET_IP_);
}

void *kvmalloc(size_t size, gfp_t flags)
{
	return kmalloc_at(size, INT_MAX, flags, _RET_IP_);
}

static void slab_free(struct kmem_cache *s, struct slab_head *head, void *obj);

void kfree(const void *p)
{
	struct slab_head *head;

	if (ZERO_OR_NULL_PTR(p))
		return;
	head = slab_head(p);
	if (unlikely(head)) {
		slab_free(slab_cache(head), head, (void *)p);
		return;
	}
	if (LFSHIM_CHECKS) {
		lfpriv_check_freed(p, lfhost_alloc_size(p));
		lfpriv_spin_freed(p, lfhost_alloc_size(p));
	}
	lfhost_free((void *)p);
}

size_t ksize(const void *p)
{
	struct slab_head *head;

	if (ZERO_OR_NULL_PTR(p))
		return 0;
	head = slab_head(p);
	return head ? slab_cache(head)->size : lfhost_alloc_size(p);
}

static void *krealloc_at(const void *p, size_t new_size, size_t align,
			 size_t limit, gfp_t flags, unsigned long ip)
{
	size_t old = ksize(p);
	void *fresh = kmalloc_aligned_at(new_size, max_t(size_t, align, 16),
					 limit, flags, ip);

	if (!fresh)
		return NULL;
	if (old && new_size)
		memcpy(fresh, p, min(old, new_size));
	kfree(p);
	return fresh;
}

void *krealloc(const void *p, size_t new_size, gfp_t flags)
{
	return krealloc_at(p, new_size, 1, KMALLOC_MAX_SIZE, flags, _RET_IP_);
}

void *krealloc_node_align(const void *p, size_t new_size, unsigned long align,
			  gfp_t flags, int nid)
{
	return krealloc_at(p, new_size, align, KMALLOC_MAX_SIZE, flags,
			   _RET_IP_);
}

void *kvrealloc(const void *p, size_t size, gfp_t flags)
{
	return krealloc_at(p, size, 1, INT_MAX, flags, _RET_IP_);
}

void *kvrealloc_node_align(const void *p, size_t size, unsigned long align,
			   gfp_t flags, int nid)
{
	return krealloc_at(p, size, align, INT_MAX, flags, _RET_IP_);
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

static char *kvasprintf_at(gfp_t flags, const char *fmt, va_list args,
			   unsigned long ip)
{
	va_list copy;
	char *p;
	int len;

	va_copy(copy, args);
	len = vsnprintf(NULL, 0, fmt, copy);
	va_end(copy);
	p = len < 0 ? NULL : kmalloc_at(len + 1, KMALLOC_MAX_SIZE, flags, ip);
	if (p)
		vsnprintf(p, len + 1, fmt, args);
	return p;
}

char *kvasprintf(gfp_t flags, const char *fmt, va_list args)
{
	return kvasprintf_at(flags, fmt, args, _RET_IP_);
}

char *kasprintf(gfp_t flags, const char *fmt, ...)
{
	va_list args;
	char *p;

	va_start(args, fmt);
	p = kvasprintf_at(flags, fmt, args, _RET_IP_);
	va_end(args);
	return p;
}

/* Caches */

#define SLAB_POISON_BYTE 0x6b

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
	s->align = align;
	if (flags & SLAB_HWCACHE_ALIGN || align > 8)
		s->align = max(align, SLAB_WIDE);
	if (s->align >= SLAB_WIDE)
		WRITE_ONCE(slab_has_wide, true);
	else
		s->offset = SLAB_OFFSET;
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

static void slab_use(struct kmem_cache *s, struct slab_head *head)
{
	slab_store(&head->state, SLAB_LIVE);
	slab_store(&head->link, s->size - 1);
	slab_store(&head->cache, (unsigned long)s);
}

/* An object that was freed, or NULL. */
static void *slab_reuse(struct kmem_cache *s)
{
	struct slab_head *head;
	unsigned long irq;
	void *block, *obj;

	if (!slab_keeps_freed(s))
		return NULL;
	spin_lock_irqsave(&s->lock, irq);
	block = s->free;
	obj = block ? block + s->offset : NULL;
	if (obj) {
		head = slab_head(obj);
		s->free = (void *)slab_load(&head->link);
		slab_use(s, head);
	}
	spin_unlock_irqrestore(&s->lock, irq);
	if (obj && slab_poisons(s))
		slab_check_poison(s, obj);
	return obj;
}

static void *slab_new(struct kmem_cache *s, gfp_t flags)
{
	struct slab_head *head;
	void *block, *obj;

	WARN_ONCE(s->ctor && flags & __GFP_ZERO,
		  "the objects of cache %s have a constructor, and are cleared",
		  s->name);
	block = slab_host_alloc(s->offset + s->size, max(s->align, 16u),
				flags & ~__GFP_ZERO);
	if (!block)
		return NULL;
	obj = block + s->offset;
	head = s->offset ? slab_head(obj) : slab_set_add(obj);
	if (!head) {
		lfhost_free(block);
		if (flags & __GFP_NOFAIL)
			slab_nofail_failed();
		return NULL;
	}
	slab_use(s, head);
	slab_hide(block, s->offset);
	if (s->ctor)
		s->ctor(obj);
	return obj;
}

/* Give the memory back to the host. */
static void slab_release(struct kmem_cache *s, struct slab_head *head, void *obj)
{
	if (!s->offset)
		slab_set_remove(head);
	lfpriv_spin_freed(obj, s->size);
	lfhost_free(obj - s->offset);
}

void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags)
{
	void *obj;

	if (lfpriv_should_fail(flags))
		return NULL;
	obj = slab_reuse(s) ?: slab_new(s, flags);
	if (!obj)
		return NULL;
	__atomic_fetch_add(&s->live, 1, __ATOMIC_RELAXED);
	if (flags & __GFP_ZERO)
		memset(obj, 0, s->size);
	return obj;
}

/*
 * Reuse the object immediately, the last freed object first. This is the hardest
 * case for readers that do not check the object they find.
 */
static void slab_keep(struct kmem_cache *s, struct slab_head *head, void *obj)
{
	unsigned long irq;

	if (slab_poisons(s))
		memset(obj, SLAB_POISON_BYTE, s->size);
	spin_lock_irqsave(&s->lock, irq);
	slab_store(&head->link, (unsigned long)s->free);
	s->free = obj - s->offset;
	spin_unlock_irqrestore(&s->lock, irq);
}

static void slab_free(struct kmem_cache *s, struct slab_head *head, void *obj)
{
	if (LFSHIM_ASAN)
		/* Report an object that was freed: its head is not checked. */
		(void)READ_ONCE(*(char *)obj);
	if (WARN(!head || slab_cache(head) != s,
		 "object %p is not of cache %s", obj, s->name) ||
	    WARN(slab_load(&head->state) != SLAB_LIVE,
		 "object %p of cache %s is freed twice", obj, s->name) ||
	    WARN(slab_load(&head->link) != s->size - 1,
		 "object %p of cache %s: memory before it was overwritten", obj,
		 s->name))
		return;
	if (LFSHIM_CHECKS)
		lfpriv_check_freed(obj, s->size);
	/* Type-stable memory keeps its locks. */
	if (!(s->flags & SLAB_TYPESAFE_BY_RCU))
		lfpriv_spin_freed(obj, s->size);
	slab_store(&head->state, SLAB_FREE);
	if (slab_keeps_freed(s))
		slab_keep(s, head, obj);
	else
		slab_release(s, head, obj);
	/* At the end: without objects the cache may be destroyed. */
	__atomic_fetch_sub(&s->live, 1, __ATOMIC_RELAXED);
}

void kmem_cache_free(struct kmem_cache *s, void *obj)
{
	if (obj)
		slab_free(s, slab_head(obj), obj);
}

void kmem_cache_destroy(struct kmem_cache *s)
{
	struct slab_head *head;
	void *block, *next, *obj;
	long live;

	if (!s)
		return;
	might_sleep();
	/*
	 * RCU callbacks and kfree_rcu() may still free objects, and readers may
	 * use them. Relaxed: the objects that the caller knows are counted.
	 */
	if (s->flags & SLAB_TYPESAFE_BY_RCU ||
	    __atomic_load_n(&s->live, __ATOMIC_RELAXED))
		lfpriv_rcu_barrier_always();
	live = __atomic_load_n(&s->live, __ATOMIC_RELAXED);
	WARN(live, "cache %s is destroyed with %ld objects in use", s->name,
	     live);
	for (block = s->free; block; block = next) {
		obj = block + s->offset;
		head = slab_head(obj);
		next = (void *)slab_load(&head->link);
		if (slab_poisons(s))
			slab_check_poison(s, obj);
		slab_release(s, head, obj);
	}
	/* An object that is freed later still has its cache. */
	if (live)
		return;
	kfree(s->name);
	kfree(s);
}
