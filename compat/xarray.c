// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * XArray: a radix tree with as many slots in a node as a word has bits.
 *
 * A node of level 0 holds entries, one of level n points to nodes of level
 * n - 1. The root is of the lowest level that reaches the highest index in use,
 * and a node without anything in it does not stay, so an empty array has no
 * memory.
 *
 * Each node has bitmaps of its slots: one for each mark, one for the entries
 * that are not NULL, one for what is free. In a node above level 0 a bit is the
 * OR of the bitmap of the node below it, hence a search takes one walk.
 *
 * Writers hold xa_lock. Readers hold none and may be anywhere in the tree
 * meanwhile:
 *  - A node is published when it is initialised, and unpublished before it is
 *    given to kfree_rcu(). A root that is replaced by the node in its first
 *    slot keeps that slot: who is there already finds all entries that stay.
 *  - The present bits are set before an entry is stored, and cleared after it
 *    is gone. So a reader that has seen an entry sees its bit as well, and
 *    takes a bit without an entry for none.
 *
 * What an operation may allocate it has before it changes anything.
 */

#include <linux/xarray.h>
#include <linux/bitops.h>
#include <linux/math.h>
#include <linux/slab.h>

#define SLOTS	BITS_PER_LONG
#define SHIFT	(BITS_PER_LONG == 64 ? 6 : 5)
#define LEVELS	DIV_ROUND_UP(BITS_PER_LONG, SHIFT)

/* The bitmaps: XA_MARK_0 ... XA_MARK_2, XA_PRESENT, and this, for writers. */
#define FREE	(XA_PRESENT + 1)

struct node {
	u8 level;
	/* Slots in use. */
	u8 count;
	union {
		/* Before it is in the tree: the next of a pool. */
		struct node *next;
		/* After. */
		struct rcu_head rcu;
	};
	unsigned long map[FREE + 1];
	void __rcu *slot[SLOTS];
};

/* The nodes from the root to an index, by level. */
struct path {
	unsigned long index;
	unsigned int top;
	struct node *node[LEVELS];
};

/* Nodes to come. */
struct pool {
	struct node *first;
	unsigned int nr;
};

/* Reads as NULL, and keeps its slot. */
#define RESERVED	((void *)2UL)

static inline bool visible(const void *entry)
{
	return entry && entry != RESERVED;
}

static inline void *to_user(void *entry)
{
	return entry == RESERVED ? NULL : entry;
}

/* Of the indices that @node reaches, all but the lowest bits are the same. */
static inline unsigned long index_mask(const struct node *node)
{
	return ((unsigned long)SLOTS << node->level * SHIFT) - 1;
}

static inline unsigned int slot_nr(const struct node *node, unsigned long index)
{
	return index >> node->level * SHIFT & (SLOTS - 1);
}

/* The first index in slot @nr of the node that @index is in. */
static inline unsigned long slot_index(const struct node *node,
				       unsigned long index, unsigned int nr)
{
	return (index & ~index_mask(node)) |
	       (unsigned long)nr << node->level * SHIFT;
}

/* For readers and writers; pairs with the rcu_assign_pointer()s of writers. */
static inline void *slot_load(const struct node *node, unsigned int nr)
{
	return rcu_dereference_raw(node->slot[nr]);
}

static inline struct node *root_load(const struct xarray *xa)
{
	return rcu_dereference_raw(xa->xa_head);
}

/*
 * The node of level 0 for an index, or NULL. A writer gets the path to it; a
 * reader, who must be in a read-side section, has no use for that.
 */
static inline struct node *walk(const struct xarray *xa, unsigned long index,
				struct path *path)
{
	struct node *node = root_load(xa);

	if (!node || index > index_mask(node))
		return NULL;
	if (path) {
		path->index = index;
		path->top = node->level;
	}
	while (node) {
		if (path)
			path->node[node->level] = node;
		if (!node->level)
			return node;
		node = slot_load(node, slot_nr(node, index));
	}
	return NULL;
}

/* RESERVED where it is. */
static void *load_raw(const struct xarray *xa, unsigned long index)
{
	const struct node *leaf = walk(xa, index, NULL);

	return leaf ? slot_load(leaf, slot_nr(leaf, index)) : NULL;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	void *entry;

	rcu_read_lock();
	entry = load_raw(xa, index);
	rcu_read_unlock();
	return to_user(entry);
}

/* Bitmaps */

/* Acquire: pairs with the release in map_write(). */
static inline unsigned long map_read(const struct node *node, unsigned int map)
{
	return smp_load_acquire(&node->map[map]);
}

/* Release: who sees that a bit is cleared sees that the entry is gone. */
static inline void map_write(struct node *node, unsigned int map,
			     unsigned long bits)
{
	smp_store_release(&node->map[map], bits);
}

static inline unsigned long map_bit(const struct node *node,
				    unsigned long index)
{
	return BIT(slot_nr(node, index));
}

/* Set a bit at the end of the path, and so in all nodes up to the root. */
static void map_set(const struct path *path, unsigned int map)
{
	unsigned int level;

	for (level = 0; level <= path->top; level++) {
		struct node *node = path->node[level];
		unsigned long bit = map_bit(node, path->index);

		if (node->map[map] & bit)
			break;
		map_write(node, map, node->map[map] | bit);
	}
}

/* Clear it, and above as far as it was the last one. */
static void map_clear(const struct path *path, unsigned int map)
{
	unsigned int level;

	for (level = 0; level <= path->top; level++) {
		struct node *node = path->node[level];
		unsigned long bit = map_bit(node, path->index);

		if (!(node->map[map] & bit))
			break;
		map_write(node, map, node->map[map] & ~bit);
		if (node->map[map])
			break;
	}
}

/*
 * From *@index on, in @node and below it, find an entry with its bit in @map,
 * or, in the map FREE, an empty slot. *@index ends up there; if there is none
 * it has no meaning.
 */
static bool search(const struct node *node, unsigned int map,
		   unsigned long *index, unsigned long max, void **entry)
{
	/* In the highest possible node, some slots have no index. */
	unsigned int last = slot_nr(node, ULONG_MAX);
	unsigned int nr = slot_nr(node, *index);

	for (;;) {
		unsigned long bits = map_read(node, map) >> nr;

		if (!bits)
			return false;
		if (!(bits & 1)) {
			nr += __ffs(bits);
			if (nr > last)
				return false;
			*index = slot_index(node, *index, nr);
		}
		if (*index > max)
			return false;
		*entry = slot_load(node, nr);
		if (map == FREE && !*entry)
			return true;
		if (!node->level && map != FREE && visible(*entry))
			return true;
		if (node->level && *entry &&
		    search(*entry, map, index, max, entry))
			return true;
		if (++nr > last)
			return false;
		*index = slot_index(node, *index, nr);
	}
}

/* Changing the tree */

/* The level of a root that reaches @index. */
static unsigned int root_level(unsigned long index)
{
	return index ? __fls(index) / SHIFT : 0;
}

/* How many nodes it takes to store at @index. */
static unsigned int nodes_missing(const struct xarray *xa, unsigned long index)
{
	unsigned int level = root_level(index);
	const struct node *node = root_load(xa);

	if (!node)
		return level + 1;
	/* New roots, and from the last of them all the way down. */
	if (node->level < level)
		return level - node->level + level;
	while (node->level) {
		unsigned int below = node->level;

		node = slot_load(node, slot_nr(node, index));
		if (!node)
			return below;
	}
	return 0;
}

static void pool_free(struct pool *pool)
{
	struct node *node;

	while ((node = pool->first)) {
		pool->first = node->next;
		kfree(node);
	}
}

static struct node *pool_take(struct pool *pool, unsigned int level)
{
	struct node *node = pool->first;

	pool->first = node->next;
	pool->nr--;
	node->level = level;
	node->map[FREE] = ~0UL;
	return node;
}

/* Drop xa_lock as the array's flags say that it was taken. */
static bool unlock_to_sleep(struct xarray *xa)
{
	bool irq = xa->xa_flags & XA_FLAGS_LOCK_IRQ;

	/* Turning on what is not off would upset the shim's count. */
	if (WARN(irq && !irqs_disabled(),
		 "xa_lock of an XA_FLAGS_LOCK_IRQ array is held with interrupts on"))
		irq = false;
	if (irq)
		xa_unlock_irq(xa);
	else
		xa_unlock(xa);
	return irq;
}

static void lock_again(struct xarray *xa, bool irq)
{
	if (irq)
		xa_lock_irq(xa);
	else
		xa_lock(xa);
}

/*
 * Have the nodes in the pool that a store at @index takes. 0, or -ENOMEM, or 1:
 * the lock was dropped, so look at everything again.
 */
static int pool_fill(struct pool *pool, struct xarray *xa, unsigned long index,
		     gfp_t gfp)
{
	unsigned int missing = nodes_missing(xa, index);
	bool drop = gfpflags_allow_blocking(gfp), irq = false;
	struct node *node;

	if (pool->nr >= missing)
		return 0;
	if (drop)
		irq = unlock_to_sleep(xa);
	while (pool->nr < missing) {
		node = kzalloc_obj(*node, gfp);
		if (!node)
			break;
		node->next = pool->first;
		pool->first = node;
		pool->nr++;
	}
	if (drop)
		lock_again(xa, irq);
	if (pool->nr < missing)
		return -ENOMEM;
	return drop;
}

/* A root one level up, with the old one in its first slot. */
static struct node *raise_root(struct xarray *xa, struct node *old,
			       struct pool *pool)
{
	struct node *node = pool_take(pool, old->level + 1);
	unsigned int map;

	node->count = 1;
	node->slot[0] = old;
	for (map = 0; map < FREE; map++)
		node->map[map] = old->map[map] != 0;
	if (!old->map[FREE])
		node->map[FREE] &= ~1UL;
	rcu_assign_pointer(xa->xa_head, node);
	return node;
}

/* walk() that makes what is missing. */
static void walk_making(struct xarray *xa, unsigned long index,
			struct path *path, struct pool *pool)
{
	unsigned int level = root_level(index), nr;
	struct node *node = root_load(xa), *below;

	if (!node) {
		node = pool_take(pool, level);
		rcu_assign_pointer(xa->xa_head, node);
	}
	while (node->level < level)
		node = raise_root(xa, node, pool);
	path->index = index;
	path->top = node->level;
	path->node[node->level] = node;
	for (; node->level; node = below) {
		nr = slot_nr(node, index);
		below = slot_load(node, nr);
		if (!below) {
			below = pool_take(pool, node->level - 1);
			rcu_assign_pointer(node->slot[nr], below);
			node->count++;
		}
		path->node[below->level] = below;
	}
}

/* Free the nodes of the path that are empty now, and roots of no use. */
static void prune(struct xarray *xa, const struct path *path)
{
	struct node *node, *above;
	unsigned int level;

	for (level = 0; level <= path->top; level++) {
		node = path->node[level];
		if (node->count)
			break;
		if (level == path->top) {
			RCU_INIT_POINTER(xa->xa_head, NULL);
		} else {
			above = path->node[level + 1];
			RCU_INIT_POINTER(above->slot[slot_nr(above, path->index)],
					 NULL);
			above->count--;
		}
		kfree_rcu(node, rcu);
	}
	while ((node = root_load(xa)) && node->level && node->count == 1 &&
	       node->slot[0]) {
		rcu_assign_pointer(xa->xa_head, node->slot[0]);
		kfree_rcu(node, rcu);
	}
}

/* Change the slot at the end of the path; the old entry, RESERVED if it was. */
static void *replace(struct xarray *xa, const struct path *path, void *entry)
{
	struct node *leaf = path->node[0];
	unsigned int nr = slot_nr(leaf, path->index), map;
	void *old = leaf->slot[nr];

	if (visible(entry))
		map_set(path, XA_PRESENT);
	rcu_assign_pointer(leaf->slot[nr], entry);
	if (!visible(entry))
		for (map = XA_MARK_0; map <= XA_PRESENT; map++)
			map_clear(path, map);
	if (entry && !old) {
		leaf->count++;
		map_clear(path, FREE);
	} else if (!entry && old) {
		leaf->count--;
		map_set(path, FREE);
		prune(xa, path);
	}
	return old;
}

void *__xa_erase(struct xarray *xa, unsigned long index)
{
	struct path path;

	lockdep_assert_held(&xa->xa_lock);
	if (!walk(xa, index, &path))
		return NULL;
	return to_user(replace(xa, &path, NULL));
}

/* Storing */

enum when {
	ALWAYS,
	/* It reads as the expected one. */
	IF_SAME,
	/* Not even reserved. */
	IF_FREE,
};

/* The entry that is there before, RESERVED if it is, or an error. */
static void *store(struct xarray *xa, unsigned long index, enum when when,
		   const void *expected, void *entry, gfp_t gfp)
{
	struct pool pool = {};
	struct path path;
	void *old;
	int ret;

	lockdep_assert_held(&xa->xa_lock);
	do {
		old = load_raw(xa, index);
		if ((when == IF_SAME && to_user(old) != expected) ||
		    (when == IF_FREE && old) || (!entry && !old))
			break;
		ret = pool_fill(&pool, xa, index, gfp);
		if (ret < 0) {
			old = lfshim_xa_error(ret);
		} else if (!ret) {
			walk_making(xa, index, &path, &pool);
			replace(xa, &path, entry);
		}
	} while (ret > 0);
	pool_free(&pool);
	return old;
}

static bool refuse(const void *entry)
{
	return WARN(lfshim_xa_is_internal(entry),
		    "%p cannot be stored in an XArray", entry);
}

void *__xa_store(struct xarray *xa, unsigned long index, void *entry,
		 gfp_t gfp)
{
	if (refuse(entry))
		return lfshim_xa_error(-EINVAL);
	if (!entry && xa->xa_flags & XA_FLAGS_ALLOC)
		entry = RESERVED;
	return to_user(store(xa, index, ALWAYS, NULL, entry, gfp));
}

void *__xa_cmpxchg(struct xarray *xa, unsigned long index, void *old,
		   void *entry, gfp_t gfp)
{
	if (refuse(entry))
		return lfshim_xa_error(-EINVAL);
	return to_user(store(xa, index, IF_SAME, old, entry, gfp));
}

int __xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	void *old;

	if (refuse(entry))
		return -EINVAL;
	old = store(xa, index, IF_FREE, NULL, entry ? entry : RESERVED, gfp);
	if (xa_is_err(old))
		return xa_err(old);
	return old ? -EBUSY : 0;
}

int lfshim_xa_reserve(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	return xa_err(store(xa, index, IF_FREE, NULL, RESERVED, gfp));
}

void lfshim_xa_release(struct xarray *xa, unsigned long index)
{
	if (load_raw(xa, index) == RESERVED)
		__xa_erase(xa, index);
}

/* Allocating */

/* The first free index from *@index on. */
static bool find_free(const struct xarray *xa, unsigned long *index,
		      unsigned long max)
{
	const struct node *root = root_load(xa);
	void *entry;

	if (*index > max)
		return false;
	if (!root || *index > index_mask(root) ||
	    search(root, FREE, index, max, &entry))
		return true;
	if (index_mask(root) >= max)
		return false;
	*index = index_mask(root) + 1;
	return true;
}

int __xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit,
	       gfp_t gfp)
{
	struct pool pool = {};
	unsigned long index;
	struct path path;
	int ret;

	lockdep_assert_held(&xa->xa_lock);
	if (refuse(entry) ||
	    WARN(!(xa->xa_flags & XA_FLAGS_ALLOC),
		 "xa_alloc() in an array without XA_FLAGS_ALLOC"))
		return -EINVAL;
	if (xa->xa_flags & LFSHIM_XA_NO_ZERO && !limit.min)
		limit.min = 1;
	do {
		index = limit.min;
		ret = find_free(xa, &index, limit.max)
			? pool_fill(&pool, xa, index, gfp) : -EBUSY;
	} while (ret > 0);
	if (!ret) {
		*id = index;
		walk_making(xa, index, &path, &pool);
		replace(xa, &path, entry ? entry : RESERVED);
	}
	pool_free(&pool);
	return ret;
}

int __xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
		      struct xa_limit limit, u32 *next, gfp_t gfp)
{
	bool wrapped = xa->xa_flags & LFSHIM_XA_WRAPPED;
	struct xa_limit rest = limit;
	int ret;

	rest.min = max(limit.min, *next);
	ret = __xa_alloc(xa, id, entry, rest, gfp);
	if ((ret == -EBUSY || ret == -ENOMEM) && rest.min > limit.min) {
		ret = __xa_alloc(xa, id, entry, limit, gfp);
		wrapped = true;
	}
	if (ret)
		return ret;
	*next = *id + 1;
	/* 0 comes next: to be told apart from a cursor that is new. */
	if (*next)
		WRITE_ONCE(xa->xa_flags, xa->xa_flags & ~LFSHIM_XA_WRAPPED);
	else
		WRITE_ONCE(xa->xa_flags, xa->xa_flags | LFSHIM_XA_WRAPPED);
	return wrapped;
}

/* Searching */

void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max,
	      xa_mark_t filter)
{
	unsigned long at = *index;
	const struct node *root;
	void *entry;
	bool found;

	if (WARN(filter > XA_PRESENT, "no mark: %u", filter))
		return NULL;
	rcu_read_lock();
	root = root_load(xa);
	found = root && at <= index_mask(root) &&
		search(root, filter, &at, max, &entry);
	rcu_read_unlock();
	if (!found)
		return NULL;
	*index = at;
	return entry;
}

void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max,
		    xa_mark_t filter)
{
	unsigned long at = *index + 1;
	void *entry;

	/* There is nothing behind the last one. */
	if (!at)
		return NULL;
	entry = xa_find(xa, &at, max, filter);
	if (entry)
		*index = at;
	return entry;
}

unsigned int xa_extract(struct xarray *xa, void **dst, unsigned long start,
			unsigned long max, unsigned int n, xa_mark_t filter)
{
	unsigned long index;
	unsigned int i = 0;
	void *entry;

	if (!n)
		return 0;
	lfshim_xa_for_each(xa, index, entry, start, max, filter) {
		dst[i++] = entry;
		if (i == n)
			break;
	}
	return i;
}

/* Marks */

static bool bad_mark(const struct xarray *xa, xa_mark_t mark)
{
	return WARN(mark > XA_MARK_MAX, "no mark: %u", mark) ||
	       WARN(mark == XA_MARK_0 &&
		    READ_ONCE(xa->xa_flags) & XA_FLAGS_ALLOC,
		    "XA_MARK_0 in an array with XA_FLAGS_ALLOC");
}

bool xa_get_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	const struct node *leaf;
	bool set;

	if (bad_mark(xa, mark))
		return false;
	rcu_read_lock();
	leaf = walk(xa, index, NULL);
	set = leaf && map_read(leaf, mark) & map_bit(leaf, index);
	rcu_read_unlock();
	return set;
}

bool xa_marked(const struct xarray *xa, xa_mark_t mark)
{
	const struct node *root;
	bool set;

	if (bad_mark(xa, mark))
		return false;
	rcu_read_lock();
	root = root_load(xa);
	set = root && map_read(root, mark);
	rcu_read_unlock();
	return set;
}

void __xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct path path;
	struct node *leaf;

	lockdep_assert_held(&xa->xa_lock);
	if (bad_mark(xa, mark))
		return;
	leaf = walk(xa, index, &path);
	if (leaf && visible(slot_load(leaf, slot_nr(leaf, index))))
		map_set(&path, mark);
}

void __xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct path path;

	lockdep_assert_held(&xa->xa_lock);
	if (!bad_mark(xa, mark) && walk(xa, index, &path))
		map_clear(&path, mark);
}

void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	xa_lock(xa);
	__xa_set_mark(xa, index, mark);
	xa_unlock(xa);
}

void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	xa_lock(xa);
	__xa_clear_mark(xa, index, mark);
	xa_unlock(xa);
}

/* The end */

/* Readers may still be in there: nothing is changed. */
static void free_tree(struct node *node)
{
	unsigned int nr;

	for (nr = 0; node->level && nr < SLOTS; nr++)
		if (node->slot[nr])
			free_tree(node->slot[nr]);
	kfree_rcu(node, rcu);
}

void xa_destroy(struct xarray *xa)
{
	unsigned long flags;
	struct node *root;

	xa_lock_irqsave(xa, flags);
	root = root_load(xa);
	RCU_INIT_POINTER(xa->xa_head, NULL);
	xa_unlock_irqrestore(xa, flags);
	if (root)
		free_tree(root);
}
