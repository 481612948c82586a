// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * XArray: a radix tree. A node has as many slots as a word has bits. See
 * <linux/xarray.h>.
 *
 * A node of level 0 holds entries; a node of level n points to nodes of level
 * n - 1. The root has the lowest level that reaches the highest index in use.
 * An empty node is freed, so an empty array needs no memory.
 *
 * Each node has bitmaps of its slots: one for each mark, one for the entries
 * that are not NULL, and one for the free slots. In a node above level 0, a bit
 * is the OR of the bitmap of the node below it, so one walk from the root finds
 * an entry with a given mark.
 *
 * Writers hold xa_lock. Readers hold no lock and may be at any node:
 *  - A node is published after it was initialised, and unpublished before it is
 *    passed to kfree_rcu(). If the node in the root's first slot replaces the
 *    root, the old root keeps that slot: a reader that is at the old root still
 *    finds every entry that was not removed.
 *  - The present bits are set before an entry is stored, and cleared after the
 *    entry was removed. So a reader that has seen an entry also sees its bit. A
 *    reader that finds a bit without an entry treats the slot as empty.
 *
 * An operation allocates all nodes that it needs before it changes the array.
 */

#include <linux/xarray.h>
#include <linux/bitops.h>
#include <linux/math.h>
#include <linux/slab.h>

#define XA_NODE_SLOTS	BITS_PER_LONG
#define XA_NODE_SHIFT	(BITS_PER_LONG == 64 ? 6 : 5)
#define XA_MAX_LEVELS	DIV_ROUND_UP(BITS_PER_LONG, XA_NODE_SHIFT)

/* The bitmaps: XA_MARK_0 to XA_MARK_2, XA_PRESENT, and this one for writers. */
#define XA_MAP_FREE	(XA_PRESENT + 1)

struct xa_node {
	u8 level;
	/* Slots in use. */
	u8 count;
	union {
		/* Before the node is in the tree: the next node of the pool. */
		struct xa_node *next;
		/* When the node is freed. */
		struct rcu_head rcu;
	};
	unsigned long map[XA_MAP_FREE + 1];
	void __rcu *slot[XA_NODE_SLOTS];
};

/* The nodes from the root to an index, by level. */
struct xa_path {
	unsigned long index;
	unsigned int top;
	struct xa_node *node[XA_MAX_LEVELS];
};

/* Nodes that were allocated and are not in the tree yet. */
struct xa_pool {
	struct xa_node *first;
	unsigned int nr;
};

/* The entry of a reserved index: it reads as NULL, and its slot is in use. */
#define XA_RESERVED	((void *)2UL)

static inline bool xa_entry_visible(const void *entry)
{
	return entry && entry != XA_RESERVED;
}

static inline void *xa_to_user(void *entry)
{
	return entry == XA_RESERVED ? NULL : entry;
}

/* The bits in which the indices that @node reaches differ. */
static inline unsigned long xa_index_mask(const struct xa_node *node)
{
	return ((unsigned long)XA_NODE_SLOTS
		<< node->level * XA_NODE_SHIFT) - 1;
}

static inline unsigned int xa_slot_nr(const struct xa_node *node,
				      unsigned long index)
{
	return index >> node->level * XA_NODE_SHIFT & (XA_NODE_SLOTS - 1);
}

/* The first index of slot @nr. @index is any index that @node reaches. */
static inline unsigned long xa_slot_index(const struct xa_node *node,
					  unsigned long index, unsigned int nr)
{
	return (index & ~xa_index_mask(node)) |
	       (unsigned long)nr << node->level * XA_NODE_SHIFT;
}

static inline void *xa_slot_load(const struct xa_node *node, unsigned int nr)
{
	/*
	 * A1: acquire. Pairs with R3 in xa_walk_create() and R4 in
	 * xa_replace(). Without it, a reader may find a node or an object
	 * before the stores that have initialised it.
	 */
	return rcu_dereference_raw(node->slot[nr]);
}

static inline struct xa_node *xa_root_load(const struct xarray *xa)
{
	/*
	 * A2: acquire. Pairs with R1 in xa_raise_root() and R2 in
	 * xa_walk_create() and R5 in xa_prune(). Without it, a reader may find
	 * a root before the stores that have initialised it.
	 */
	return rcu_dereference_raw(xa->xa_head);
}

/*
 * Find the node of level 0 for an index; NULL if there is none. Writers also
 * get the path to it. Readers pass NULL for @path, and must be in a read-side
 * section.
 */
static inline struct xa_node *xa_walk(const struct xarray *xa,
				      unsigned long index, struct xa_path *path)
{
	struct xa_node *node = xa_root_load(xa);

	if (!node || index > xa_index_mask(node))
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
		node = xa_slot_load(node, xa_slot_nr(node, index));
	}
	return NULL;
}

/* The entry at an index. A reserved index has XA_RESERVED. */
static void *xa_load_raw(const struct xarray *xa, unsigned long index)
{
	const struct xa_node *leaf = xa_walk(xa, index, NULL);

	return leaf ? xa_slot_load(leaf, xa_slot_nr(leaf, index)) : NULL;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	void *entry;

	rcu_read_lock();
	entry = xa_load_raw(xa, index);
	rcu_read_unlock();
	return xa_to_user(entry);
}

/* Bitmaps */

static inline unsigned long xa_map_read(const struct xa_node *node,
					unsigned int map)
{
	/*
	 * A3: acquire. Pairs with R6 in xa_map_write(). Without it, a reader
	 * that sees a cleared bit may still find the entry afterwards.
	 */
	return smp_load_acquire(&node->map[map]);
}

static inline void xa_map_write(struct xa_node *node, unsigned int map,
				unsigned long bits)
{
	/*
	 * R6: release. Pairs with A3 in xa_map_read(). Without it, a reader may
	 * see that the bit of an entry is cleared before the entry is removed.
	 */
	smp_store_release(&node->map[map], bits);
}

static inline unsigned long xa_map_bit(const struct xa_node *node,
				       unsigned long index)
{
	return BIT(xa_slot_nr(node, index));
}

/* Set the bit of the path's index, in all nodes up to the root. */
static void xa_map_set(const struct xa_path *path, unsigned int map)
{
	unsigned int level;

	for (level = 0; level <= path->top; level++) {
		struct xa_node *node = path->node[level];
		unsigned long bit = xa_map_bit(node, path->index);

		if (node->map[map] & bit)
			break;
		xa_map_write(node, map, node->map[map] | bit);
	}
}

/* Clear it. In a node above, clear it if the node below has no other bit. */
static void xa_map_clear(const struct xa_path *path, unsigned int map)
{
	unsigned int level;

	for (level = 0; level <= path->top; level++) {
		struct xa_node *node = path->node[level];
		unsigned long bit = xa_map_bit(node, path->index);

		if (!(node->map[map] & bit))
			break;
		xa_map_write(node, map, node->map[map] & ~bit);
		if (node->map[map])
			break;
	}
}

/*
 * In @node and below it, find the first entry at or after *@index that has its
 * bit in @map; for XA_MAP_FREE, find the first empty slot. Return true and set
 * *@index if there is one. Otherwise *@index has no meaning afterwards.
 */
static bool xa_search(const struct xa_node *node, unsigned int map,
		      unsigned long *index, unsigned long max, void **entry)
{
	/* In a node of the highest level, some slots are beyond ULONG_MAX. */
	unsigned int last = xa_slot_nr(node, ULONG_MAX);
	unsigned int nr = xa_slot_nr(node, *index);

	for (;;) {
		unsigned long bits = xa_map_read(node, map) >> nr;

		if (!bits)
			return false;
		if (!(bits & 1)) {
			nr += __ffs(bits);
			if (nr > last)
				return false;
			*index = xa_slot_index(node, *index, nr);
		}
		if (*index > max)
			return false;
		*entry = xa_slot_load(node, nr);
		if (map == XA_MAP_FREE && !*entry)
			return true;
		if (!node->level && map != XA_MAP_FREE &&
		    xa_entry_visible(*entry))
			return true;
		if (node->level && *entry &&
		    xa_search(*entry, map, index, max, entry))
			return true;
		if (++nr > last)
			return false;
		*index = xa_slot_index(node, *index, nr);
	}
}

/* Changing the tree */

/* The lowest level of a root that reaches @index. */
static unsigned int xa_root_level(unsigned long index)
{
	return index ? __fls(index) / XA_NODE_SHIFT : 0;
}

/* The number of nodes that have to be added for a store at @index. */
static unsigned int xa_nodes_missing(const struct xarray *xa,
				     unsigned long index)
{
	unsigned int level = xa_root_level(index);
	const struct xa_node *node = xa_root_load(xa);

	if (!node)
		return level + 1;
	/* New roots, and below the last of them a node for each level. */
	if (node->level < level)
		return level - node->level + level;
	while (node->level) {
		unsigned int below = node->level;

		node = xa_slot_load(node, xa_slot_nr(node, index));
		if (!node)
			return below;
	}
	return 0;
}

static void xa_pool_free(struct xa_pool *pool)
{
	struct xa_node *node;

	while ((node = pool->first)) {
		pool->first = node->next;
		kfree(node);
	}
}

static struct xa_node *xa_pool_take(struct xa_pool *pool, unsigned int level)
{
	struct xa_node *node = pool->first;

	pool->first = node->next;
	pool->nr--;
	node->level = level;
	node->map[XA_MAP_FREE] = ~0UL;
	return node;
}

/* Release xa_lock in the way that the array's flags say it was taken. */
static gfp_t xa_unlock_to_sleep(struct xarray *xa)
{
	gfp_t type = xa->xa_flags & (XA_FLAGS_LOCK_IRQ | XA_FLAGS_LOCK_BH);

	if (WARN((type & XA_FLAGS_LOCK_IRQ) && !irqs_disabled(),
		 "xa_lock of an XA_FLAGS_LOCK_IRQ array is held with interrupts enabled"))
		type = 0;
	if (type & XA_FLAGS_LOCK_IRQ)
		xa_unlock_irq(xa);
	else if (type)
		xa_unlock_bh(xa);
	else
		xa_unlock(xa);
	return type;
}

static void xa_relock(struct xarray *xa, gfp_t type)
{
	if (type & XA_FLAGS_LOCK_IRQ)
		xa_lock_irq(xa);
	else if (type)
		xa_lock_bh(xa);
	else
		xa_lock(xa);
}

/*
 * Fill the pool with the nodes that a store at @index needs. Returns 0 or
 * -ENOMEM; or 1 if the lock was dropped: then the array may have changed.
 */
static int xa_pool_fill(struct xa_pool *pool, struct xarray *xa,
			unsigned long index, gfp_t gfp)
{
	unsigned int missing = xa_nodes_missing(xa, index);
	bool drop = gfpflags_allow_blocking(gfp);
	gfp_t type = 0;
	struct xa_node *node;

	if (pool->nr >= missing)
		return 0;
	if (drop)
		type = xa_unlock_to_sleep(xa);
	while (pool->nr < missing) {
		node = kzalloc_obj(*node, gfp);
		if (!node)
			break;
		node->next = pool->first;
		pool->first = node;
		pool->nr++;
	}
	if (drop)
		xa_relock(xa, type);
	if (pool->nr < missing)
		return -ENOMEM;
	return drop;
}

/* Add a root of the next level, with the old root in its first slot. */
static struct xa_node *xa_raise_root(struct xarray *xa, struct xa_node *old,
				     struct xa_pool *pool)
{
	struct xa_node *node = xa_pool_take(pool, old->level + 1);
	unsigned int map;

	node->count = 1;
	node->slot[0] = old;
	for (map = 0; map < XA_MAP_FREE; map++)
		node->map[map] = old->map[map] != 0;
	if (!old->map[XA_MAP_FREE])
		node->map[XA_MAP_FREE] &= ~1UL;
	/*
	 * R1: release. Pairs with A2 in xa_root_load(). Without it, a reader
	 * may not find the old root in the first slot.
	 */
	rcu_assign_pointer(xa->xa_head, node);
	return node;
}

/* As xa_walk(), but add the nodes that are missing. */
static void xa_walk_create(struct xarray *xa, unsigned long index,
			   struct xa_path *path, struct xa_pool *pool)
{
	unsigned int level = xa_root_level(index), nr;
	struct xa_node *node = xa_root_load(xa), *below;

	if (!node) {
		node = xa_pool_take(pool, level);
		/*
		 * R2: release. Pairs with A2 in xa_root_load(). Without it, a
		 * reader may read the node before it was initialised.
		 */
		rcu_assign_pointer(xa->xa_head, node);
	}
	while (node->level < level)
		node = xa_raise_root(xa, node, pool);
	path->index = index;
	path->top = node->level;
	path->node[node->level] = node;
	for (; node->level; node = below) {
		nr = xa_slot_nr(node, index);
		below = xa_slot_load(node, nr);
		if (!below) {
			below = xa_pool_take(pool, node->level - 1);
			/*
			 * R3: release. Pairs with A1 in xa_slot_load(). Without
			 * it, a reader may read the node before it was
			 * initialised.
			 */
			rcu_assign_pointer(node->slot[nr], below);
			node->count++;
		}
		path->node[below->level] = below;
	}
}

/*
 * Free the nodes of the path that are empty now. Free each root that has only
 * its first slot in use: the node in that slot becomes the root.
 */
static void xa_prune(struct xarray *xa, const struct xa_path *path)
{
	struct xa_node *node, *above;
	unsigned int level, nr;

	for (level = 0; level <= path->top; level++) {
		node = path->node[level];
		if (node->count)
			break;
		if (level == path->top) {
			RCU_INIT_POINTER(xa->xa_head, NULL);
		} else {
			above = path->node[level + 1];
			nr = xa_slot_nr(above, path->index);
			RCU_INIT_POINTER(above->slot[nr], NULL);
			above->count--;
		}
		kfree_rcu(node, rcu);
	}
	while ((node = xa_root_load(xa)) && node->level && node->count == 1 &&
	       node->slot[0]) {
		/*
		 * R5: release. Pairs with A2 in xa_root_load(). Without it, a
		 * reader that finds the new root only here may read it before
		 * it was initialised.
		 */
		rcu_assign_pointer(xa->xa_head, node->slot[0]);
		kfree_rcu(node, rcu);
	}
}

/*
 * Store @entry at the index of the path. Returns the old entry, which is
 * XA_RESERVED if the index was reserved.
 */
static void *xa_replace(struct xarray *xa, const struct xa_path *path,
			void *entry)
{
	struct xa_node *leaf = path->node[0];
	unsigned int nr = xa_slot_nr(leaf, path->index), map;
	void *old = leaf->slot[nr];

	if (xa_entry_visible(entry))
		xa_map_set(path, XA_PRESENT);
	/*
	 * R4: release. Pairs with A1 in xa_slot_load(). Without it, a reader
	 * may use the object before it was initialised, or find the entry and
	 * then not its bit in the bitmap.
	 */
	rcu_assign_pointer(leaf->slot[nr], entry);
	if (!xa_entry_visible(entry))
		for (map = XA_MARK_0; map <= XA_PRESENT; map++)
			xa_map_clear(path, map);
	if (entry && !old) {
		leaf->count++;
		xa_map_clear(path, XA_MAP_FREE);
	} else if (!entry && old) {
		leaf->count--;
		xa_map_set(path, XA_MAP_FREE);
		xa_prune(xa, path);
	}
	return old;
}

void *__xa_erase(struct xarray *xa, unsigned long index)
{
	struct xa_path path;

	lockdep_assert_held(&xa->xa_lock);
	if (!xa_walk(xa, index, &path))
		return NULL;
	return xa_to_user(xa_replace(xa, &path, NULL));
}

/* Storing */

enum xa_store_when {
	XA_ALWAYS,
	/* If the index reads as the expected entry. */
	XA_IF_SAME,
	/* If the index has no entry and is not reserved. */
	XA_IF_FREE,
};

/* Returns the old entry, XA_RESERVED for a reserved index, or an error. */
static void *xa_store_entry(struct xarray *xa, unsigned long index,
			    enum xa_store_when when, const void *expected,
			    void *entry, gfp_t gfp)
{
	struct xa_pool pool = {};
	struct xa_path path;
	void *old;
	int ret;

	lockdep_assert_held(&xa->xa_lock);
	do {
		old = xa_load_raw(xa, index);
		if ((when == XA_IF_SAME && xa_to_user(old) != expected) ||
		    (when == XA_IF_FREE && old) || (!entry && !old))
			break;
		ret = xa_pool_fill(&pool, xa, index, gfp);
		if (ret < 0) {
			old = lfshim_xa_error(ret);
		} else if (!ret) {
			xa_walk_create(xa, index, &path, &pool);
			xa_replace(xa, &path, entry);
		}
	} while (ret > 0);
	xa_pool_free(&pool);
	return old;
}

static bool xa_refuse(const void *entry)
{
	return WARN_ONCE(lfshim_xa_is_internal(entry),
			 "%p cannot be stored in an XArray", entry);
}

void *__xa_store(struct xarray *xa, unsigned long index, void *entry,
		 gfp_t gfp)
{
	if (xa_refuse(entry))
		return lfshim_xa_error(-EINVAL);
	if (!entry && xa->xa_flags & XA_FLAGS_ALLOC)
		entry = XA_RESERVED;
	return xa_to_user(xa_store_entry(xa, index, XA_ALWAYS, NULL, entry,
					 gfp));
}

void *__xa_cmpxchg(struct xarray *xa, unsigned long index, void *old,
		   void *entry, gfp_t gfp)
{
	if (xa_refuse(entry))
		return lfshim_xa_error(-EINVAL);
	return xa_to_user(xa_store_entry(xa, index, XA_IF_SAME, old, entry,
					 gfp));
}

int __xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	void *old;

	if (xa_refuse(entry))
		return -EINVAL;
	old = xa_store_entry(xa, index, XA_IF_FREE, NULL,
			     entry ? entry : XA_RESERVED, gfp);
	if (xa_is_err(old))
		return xa_err(old);
	return old ? -EBUSY : 0;
}

int lfshim_xa_reserve(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	return xa_err(xa_store_entry(xa, index, XA_IF_FREE, NULL, XA_RESERVED,
				     gfp));
}

void lfshim_xa_release(struct xarray *xa, unsigned long index)
{
	if (xa_load_raw(xa, index) == XA_RESERVED)
		__xa_erase(xa, index);
}

/* Allocating */

/* Find the first free index at or after *@index. */
static bool xa_find_free(const struct xarray *xa, unsigned long *index,
			 unsigned long max)
{
	const struct xa_node *root = xa_root_load(xa);
	void *entry;

	if (*index > max)
		return false;
	if (!root || *index > xa_index_mask(root) ||
	    xa_search(root, XA_MAP_FREE, index, max, &entry))
		return true;
	if (xa_index_mask(root) >= max)
		return false;
	*index = xa_index_mask(root) + 1;
	return true;
}

int __xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit,
	       gfp_t gfp)
{
	struct xa_pool pool = {};
	unsigned long index;
	struct xa_path path;
	int ret;

	lockdep_assert_held(&xa->xa_lock);
	if (xa_refuse(entry) ||
	    WARN(!(xa->xa_flags & XA_FLAGS_ALLOC),
		 "xa_alloc() in an array without XA_FLAGS_ALLOC"))
		return -EINVAL;
	if (xa->xa_flags & LFSHIM_XA_NO_ZERO && !limit.min)
		limit.min = 1;
	do {
		index = limit.min;
		ret = xa_find_free(xa, &index, limit.max)
			? xa_pool_fill(&pool, xa, index, gfp) : -EBUSY;
	} while (ret > 0);
	if (!ret) {
		*id = index;
		xa_walk_create(xa, index, &path, &pool);
		xa_replace(xa, &path, entry ? entry : XA_RESERVED);
	}
	xa_pool_free(&pool);
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
	/* A *@next of 0 may be new, or may have wrapped: the flag says it. */
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
	const struct xa_node *root;
	void *entry;
	bool found;

	if (WARN(filter > XA_PRESENT, "%u is not a mark", filter))
		return NULL;
	rcu_read_lock();
	root = xa_root_load(xa);
	found = root && at <= xa_index_mask(root) &&
		xa_search(root, filter, &at, max, &entry);
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

	/* The index was ULONG_MAX. */
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

static bool xa_bad_mark(const struct xarray *xa, xa_mark_t mark)
{
	return WARN(mark > XA_MARK_MAX, "%u is not a mark", mark) ||
	       WARN(mark == XA_MARK_0 &&
		    READ_ONCE(xa->xa_flags) & XA_FLAGS_ALLOC,
		    "XA_MARK_0 in an array with XA_FLAGS_ALLOC");
}

bool xa_get_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	const struct xa_node *leaf;
	bool set;

	if (xa_bad_mark(xa, mark))
		return false;
	rcu_read_lock();
	leaf = xa_walk(xa, index, NULL);
	set = leaf && xa_map_read(leaf, mark) & xa_map_bit(leaf, index);
	rcu_read_unlock();
	return set;
}

bool xa_marked(const struct xarray *xa, xa_mark_t mark)
{
	const struct xa_node *root;
	bool set;

	if (xa_bad_mark(xa, mark))
		return false;
	rcu_read_lock();
	root = xa_root_load(xa);
	set = root && xa_map_read(root, mark);
	rcu_read_unlock();
	return set;
}

void __xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct xa_path path;
	struct xa_node *leaf;

	lockdep_assert_held(&xa->xa_lock);
	if (xa_bad_mark(xa, mark))
		return;
	leaf = xa_walk(xa, index, &path);
	if (leaf &&
	    xa_entry_visible(xa_slot_load(leaf, xa_slot_nr(leaf, index))))
		xa_map_set(&path, mark);
}

void __xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct xa_path path;

	lockdep_assert_held(&xa->xa_lock);
	if (!xa_bad_mark(xa, mark) && xa_walk(xa, index, &path))
		xa_map_clear(&path, mark);
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

/* Destroying */

/* Readers may still be in the tree, so the nodes stay as they are. */
static void xa_free_tree(struct xa_node *node)
{
	unsigned int nr;

	for (nr = 0; node->level && nr < XA_NODE_SLOTS; nr++)
		if (node->slot[nr])
			xa_free_tree(node->slot[nr]);
	kfree_rcu(node, rcu);
}

void xa_destroy(struct xarray *xa)
{
	unsigned long flags;
	struct xa_node *root;

	xa_lock_irqsave(xa, flags);
	root = xa_root_load(xa);
	RCU_INIT_POINTER(xa->xa_head, NULL);
	xa_unlock_irqrestore(xa, flags);
	if (root)
		xa_free_tree(root);
}
