// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * XArray with several threads: lockless readers with a writer that stores,
 * erases and frees entries, and several writers.
 */

#include "helpers.h"
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/dma-fence.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/xarray.h>

static struct xarray xa;
static bool stop;

/* A random number; each thread has its own seed. */
static u32 rnd(u64 *seed, u32 below)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return (*seed >> 33) % below;
}

#define MAX_THREADS	4

/*
 * Run @work here while @nr threads run @other, and return the sum of their
 * results. They must not use assertions, which would leave the threads running.
 */
static int run_with(int (*other)(void *), int nr, int (*work)(void))
{
	struct task_struct *tasks[MAX_THREADS];
	int sum;
	long i;

	test_seed();
	WRITE_ONCE(stop, false);
	for (i = 0; i < nr; i++)
		tasks[i] = start(other, (void *)(i + 1));
	sum = work();
	WRITE_ONCE(stop, true);
	for (i = 0; i < nr; i++)
		sum += finish(tasks[i]);
	return sum;
}

/*
 * Objects that know their index, at indices that make the tree grow and shrink
 * all the time. AddressSanitizer or wrong contents show if one is freed early.
 */
struct object {
	unsigned long index;
	unsigned long copies[6];
	struct rcu_head rcu;
};

static struct object *object_make(unsigned long index)
{
	struct object *o = kmalloc_obj(*o, GFP_ATOMIC);
	unsigned int i;

	if (!o)
		return NULL;
	o->index = index;
	for (i = 0; i < ARRAY_SIZE(o->copies); i++)
		o->copies[i] = index;
	return o;
}

static bool object_is_at(const struct object *o, unsigned long index)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(o->copies); i++)
		if (o->copies[i] != index)
			return false;
	return o->index == index;
}

#define NR_INDICES	48

/* Two indices in each leaf; with each group of eight, one level more. */
static unsigned long nth_index(unsigned int i)
{
	return ((unsigned long)(i / 2) * 64 << i / 8 * 6) + i % 2;
}

static int read_objects(void *nr)
{
	u64 seed = test_seed() + (long)nr;
	unsigned long index, last = 0;
	struct object *o;
	int bad = 0;
	bool first;

	while (!READ_ONCE(stop)) {
		rcu_read_lock();
		index = nth_index(rnd(&seed, NR_INDICES));
		o = xa_load(&xa, index);
		bad += o && !object_is_at(o, index);
		first = true;
		xa_for_each(&xa, index, o) {
			bad += !object_is_at(o, index);
			bad += !first && index <= last;
			last = index;
			first = false;
		}
		rcu_read_unlock();
	}
	return bad;
}

static void retire(struct object *o)
{
	if (o)
		kfree_rcu(o, rcu);
}

static int store_and_erase_objects(void)
{
	u64 seed = test_seed();
	int i, nr = 300000 / test_slowness();

	for (i = 0; i < nr; i++) {
		unsigned long index = nth_index(rnd(&seed, NR_INDICES));

		/* Alternate between a mostly full and a mostly empty array. */
		if (rnd(&seed, 1000) < (i / 1000 % 2 ? 800 : 200))
			retire(xa_store(&xa, index, object_make(index),
					GFP_ATOMIC));
		else
			retire(xa_erase(&xa, index));
	}
	for (i = 0; i < NR_INDICES; i++)
		retire(xa_erase(&xa, nth_index(i)));
	return 0;
}

static void readers_see_whole_entries_and_no_freed_node(void **state)
{
	xa_init(&xa);
	assert_int_equal(run_with(read_objects, 2, store_and_erase_objects), 0);
	assert_true(xa_empty(&xa));
	rcu_barrier();
}

static int fill_and_destroy(void)
{
	int round, i, nr = 10000 / test_slowness();

	for (round = 0; round < nr; round++) {
		unsigned long index;
		struct object *o, *all[NR_INDICES];
		unsigned int n;

		for (i = 0; i < NR_INDICES; i++)
			xa_store(&xa, nth_index(i), object_make(nth_index(i)),
				 GFP_ATOMIC);
		n = 0;
		xa_for_each(&xa, index, o)
			all[n++] = o;
		xa_destroy(&xa);
		while (n > 0)
			retire(all[--n]);
	}
	return 0;
}

static void destroy_does_not_take_nodes_from_readers(void **state)
{
	xa_init(&xa);
	assert_int_equal(run_with(read_objects, 2, fill_and_destroy), 0);
	assert_true(xa_empty(&xa));
	rcu_barrier();
}

/* The indices of entries that stay, while other entries come and go. */
static const unsigned long fixed[] = { 1, 62, 64, 4100 };

static int look_for_fixed(void *nr)
{
	int missed = 0;

	while (!READ_ONCE(stop)) {
		unsigned int i, seen = 0, marked = 0;
		unsigned long index;
		void *entry;

		for (i = 0; i < ARRAY_SIZE(fixed); i++)
			missed += xa_load(&xa, fixed[i]) != xa_mk_value(fixed[i]);
		xa_for_each(&xa, index, entry)
			seen += xa_is_value(entry) &&
				xa_to_value(entry) == index;
		xa_for_each_marked(&xa, index, entry, XA_MARK_1)
			marked += index == fixed[1];
		missed += seen != ARRAY_SIZE(fixed);
		missed += marked != 1;
		missed += xa_empty(&xa) || !xa_marked(&xa, XA_MARK_1);
		missed += !xa_get_mark(&xa, fixed[1], XA_MARK_1);
	}
	return missed;
}

static u64 other_thing;

static int grow_and_shrink(void)
{
	/* Neighbours in a leaf, neighbouring leaves, roots of any height. */
	const unsigned long others[] = {
		0, 2, 63, 128, 4096, 4099, 5000, 1ul << 20, 1ul << 31,
		1ul << (BITS_PER_LONG - 3), ULONG_MAX,
	};
	u64 seed = test_seed();
	int i, nr = 500000 / test_slowness();

	for (i = 0; i < nr; i++) {
		unsigned long index = others[rnd(&seed, ARRAY_SIZE(others))];

		switch (rnd(&seed, 4)) {
		case 0:
			xa_store(&xa, index, &other_thing, GFP_KERNEL);
			break;
		case 1:
			xa_store(&xa, index, &other_thing, GFP_ATOMIC);
			xa_set_mark(&xa, index, XA_MARK_1);
			break;
		default:
			xa_erase(&xa, index);
		}
	}
	return 0;
}

static void entry_that_stays_is_never_missed(void **state)
{
	unsigned int i;

	xa_init(&xa);
	for (i = 0; i < ARRAY_SIZE(fixed); i++)
		xa_store(&xa, fixed[i], xa_mk_value(fixed[i]), GFP_KERNEL);
	xa_set_mark(&xa, fixed[1], XA_MARK_1);
	assert_int_equal(run_with(look_for_fixed, 2, grow_and_shrink), 0);
	xa_destroy(&xa);
}

/*
 * If xa_load() finds an entry before and after a search, the search must find
 * it too, because nothing is stored to an index a second time.
 */
#define NR_ROUNDS	(1000000 / test_slowness())
#define BEHIND		40
static unsigned long upto;

static int load_then_find(void *nr)
{
	unsigned int n = 0;
	int bad = 0;

	while (!READ_ONCE(stop)) {
		/* The index that is stored to, or the index that is erased. */
		unsigned long index = READ_ONCE(upto) - (n++ % 2 ? BEHIND : 0);
		unsigned long at = index;

		bad += xa_load(&xa, index) &&
		       !xa_find(&xa, &at, index, XA_PRESENT) &&
		       xa_load(&xa, index);
	}
	return bad;
}

static int store_one_after_the_other(void)
{
	unsigned int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		WRITE_ONCE(upto, i);
		/* Into a leaf with neighbours, or into a new leaf. */
		xa_store(&xa, i, &other_thing, GFP_ATOMIC);
		if (i >= BEHIND)
			xa_erase(&xa, i - BEHIND);
	}
	return 0;
}

static void entry_that_is_loaded_is_found(void **state)
{
	xa_init(&xa);
	assert_int_equal(run_with(load_then_find, 1,
				  store_one_after_the_other), 0);
	xa_destroy(&xa);
}

/* Each object that is stored is removed exactly once, by any thread. */
static atomic_t nr_in, nr_out;

static int exchange_objects(void *nr)
{
	u64 seed = test_seed() + (long)nr;
	int bad = 0, i, n = 200000 / test_slowness();

	for (i = 0; i < n; i++) {
		unsigned long index = nth_index(rnd(&seed, NR_INDICES));
		struct object *o, *old = NULL;

		switch (rnd(&seed, 4)) {
		case 0:
			o = object_make(index);
			atomic_inc(&nr_in);
			old = xa_store(&xa, index, o, GFP_KERNEL);
			break;
		case 1:
			o = object_make(index);
			if (!xa_insert(&xa, index, o, GFP_KERNEL))
				atomic_inc(&nr_in);
			else
				kfree(o);
			break;
		case 2:
			rcu_read_lock();
			o = xa_load(&xa, index);
			if (o && xa_cmpxchg(&xa, index, o, NULL, 0) == o)
				old = o;
			rcu_read_unlock();
			break;
		case 3:
			old = xa_erase(&xa, index);
			break;
		}
		if (old) {
			bad += !object_is_at(old, index) || xa_is_err(old);
			atomic_inc(&nr_out);
			retire(old);
		}
	}
	return bad;
}

static int exchange_here_too(void)
{
	return exchange_objects(NULL);
}

static void writers_neither_lose_nor_double_an_entry(void **state)
{
	unsigned long index;
	struct object *o;

	xa_init(&xa);
	atomic_set(&nr_in, 0);
	atomic_set(&nr_out, 0);
	assert_int_equal(run_with(exchange_objects, 2, exchange_here_too), 0);
	xa_for_each(&xa, index, o) {
		assert_true(object_is_at(o, index));
		assert_ptr_equal(xa_erase(&xa, index), o);
		atomic_inc(&nr_out);
		retire(o);
	}
	assert_true(xa_empty(&xa));
	assert_int_equal(atomic_read(&nr_in), atomic_read(&nr_out));
	rcu_barrier();
}

/* Allocated numbers: no two threads own the same one. */
#define NR_NUMBERS	100
static atomic_t owners[NR_NUMBERS];

static int use_numbers(void *nr)
{
	u64 seed = test_seed() + (long)nr;
	int bad = 0, i, n = 200000 / test_slowness(), held = 0;
	u32 mine[NR_NUMBERS / 4], next = 0;

	for (i = 0; i < n; i++) {
		bool get = held < 10 ||
			   (held < ARRAY_SIZE(mine) && rnd(&seed, 2));
		const struct xa_limit limit = XA_LIMIT(0, NR_NUMBERS - 1);
		u32 id, k;
		int ret;

		if (!get) {
			k = rnd(&seed, held);
			id = mine[k];
			mine[k] = mine[--held];
			bad += atomic_dec_return(&owners[id]) != 0;
			bad += xa_erase(&xa, id) != xa_mk_value((long)nr);
			continue;
		}
		if (rnd(&seed, 2))
			ret = xa_alloc(&xa, &id, xa_mk_value((long)nr), limit,
				       GFP_KERNEL);
		else
			ret = xa_alloc_cyclic(&xa, &id, xa_mk_value((long)nr),
					      limit, &next, GFP_ATOMIC);
		/* There are more numbers than all threads together hold. */
		bad += ret < 0;
		if (ret < 0)
			continue;
		bad += atomic_inc_return(&owners[id]) != 1;
		mine[held++] = id;
	}
	while (held > 0) {
		atomic_dec(&owners[mine[--held]]);
		xa_erase(&xa, mine[held]);
	}
	return bad;
}

static int use_numbers_here_too(void)
{
	return use_numbers((void *)17);
}

static void no_number_is_given_to_two(void **state)
{
	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	assert_int_equal(run_with(use_numbers, 2, use_numbers_here_too), 0);
	assert_true(xa_empty(&xa));
}

/* Objects that contain their number, which a reader may rely on. */
struct numbered {
	u32 id;
	struct rcu_head rcu;
};

static int read_numbers(void *nr)
{
	unsigned long index;
	struct numbered *o;
	int bad = 0;

	while (!READ_ONCE(stop)) {
		rcu_read_lock();
		xa_for_each(&xa, index, o)
			bad += o->id != index;
		rcu_read_unlock();
	}
	return bad;
}

static int number_objects(void)
{
	int i, nr = 300000 / test_slowness();
	struct numbered *o;
	u32 next = 0;
	int bad = 0;

	for (i = 0; i < nr; i++) {
		o = kmalloc_obj(*o);
		o->id = ~0;
		if (xa_alloc_cyclic(&xa, &o->id, o, XA_LIMIT(0, 200), &next,
				    GFP_KERNEL) < 0) {
			bad++;
			kfree(o);
			continue;
		}
		if (i % 4) {
			xa_erase(&xa, o->id);
			kfree_rcu(o, rcu);
			continue;
		}
		o = xa_erase(&xa, (o->id + 100) % 200);
		if (o)
			kfree_rcu(o, rcu);
	}
	for (i = 0; i <= 200; i++) {
		o = xa_erase(&xa, i);
		if (o)
			kfree_rcu(o, rcu);
	}
	return bad;
}

static void id_is_stored_before_the_entry(void **state)
{
	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	assert_int_equal(run_with(read_numbers, 2, number_objects), 0);
	assert_true(xa_empty(&xa));
	rcu_barrier();
}

/* xa_insert() drops the lock to allocate, and has to check again. */
static atomic_t winners[2000];
static atomic_t round_nr;

static int insert_first(void *nr)
{
	int i, bad = 0, n = ARRAY_SIZE(winners) / test_slowness();

	for (i = 0; i < n; i++) {
		int ret;

		/* Both threads at once, each time into a new leaf. */
		atomic_inc(&round_nr);
		while (atomic_read(&round_nr) < 2 * (i + 1))
			cpu_relax();
		ret = xa_insert(&xa, i * 4096ul, xa_mk_value((long)nr),
				GFP_KERNEL);
		if (!ret)
			atomic_inc(&winners[i]);
		else
			bad += ret != -EBUSY;
	}
	return bad;
}

static int insert_first_too(void)
{
	return insert_first((void *)2);
}

static void one_of_two_inserts_wins(void **state)
{
	int i, n = ARRAY_SIZE(winners) / test_slowness();

	xa_init(&xa);
	memset(winners, 0, sizeof(winners));
	atomic_set(&round_nr, 0);
	assert_int_equal(run_with(insert_first, 1, insert_first_too), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(atomic_read(&winners[i]), 1);
	xa_destroy(&xa);
}

/* With GFP_ATOMIC the lock is not dropped, so no other thread gets it. */
static atomic_t nr_locked;

static int take_the_lock(void *nr)
{
	while (!READ_ONCE(stop)) {
		if (!xa_trylock(&xa))
			continue;
		atomic_inc(&nr_locked);
		xa_unlock(&xa);
		udelay(1);
	}
	return 0;
}

static int store_far_away(void)
{
	int i, before, nr = 20000 / test_slowness();
	int bad = !eventually(atomic_read(&nr_locked) > 0);

	for (i = 0; i < nr; i++) {
		xa_lock(&xa);
		before = atomic_read(&nr_locked);
		__xa_store(&xa, ULONG_MAX, &other_thing, GFP_ATOMIC);
		bad += atomic_read(&nr_locked) != before;
		__xa_erase(&xa, ULONG_MAX);
		xa_unlock(&xa);
	}
	return bad;
}

static void lock_is_kept_to_allocate_without_sleeping(void **state)
{
	xa_init(&xa);
	atomic_set(&nr_locked, 0);
	assert_int_equal(run_with(take_the_lock, 1, store_far_away), 0);
	assert_true(xa_empty(&xa));
}

/* Fences that are looked up by a number, as drivers use an XArray */
static const char *name(struct dma_fence *fence)
{
	return "xarray";
}

static const struct dma_fence_ops fence_ops = {
	.get_driver_name = name,
	.get_timeline_name = name,
};

static struct dma_fence *fence_make(u32 id)
{
	static DEFINE_SPINLOCK(lock);
	struct dma_fence *fence = kzalloc_obj(*fence);

	/* Some cores need an external lock. A context may share one. */
	if (fence)
		dma_fence_init(fence, &fence_ops, &lock, 5, id);
	return fence;
}

#define NR_FENCES	70

static int look_up_fences(void *nr)
{
	u64 seed = test_seed() + (long)nr;
	unsigned long index;
	struct dma_fence *fence;
	int bad = 0;

	while (!READ_ONCE(stop)) {
		index = rnd(&seed, NR_FENCES);
		rcu_read_lock();
		fence = xa_load(&xa, index);
		if (fence)
			fence = dma_fence_get_rcu(fence);
		rcu_read_unlock();
		if (fence) {
			/* While referenced, it stays the same fence. */
			bad += fence->context != 5 ||
			       fence->seqno % NR_FENCES != index;
			bad += dma_fence_get_status(fence) < 0;
			dma_fence_put(fence);
		}
		rcu_read_lock();
		xa_for_each(&xa, index, fence) {
			fence = dma_fence_get_rcu(fence);
			if (!fence)
				continue;
			bad += fence->seqno % NR_FENCES != index;
			dma_fence_put(fence);
		}
		rcu_read_unlock();
	}
	return bad;
}

static int store_and_signal_fences(void)
{
	int i, nr = 150000 / test_slowness();
	struct dma_fence *fence;

	for (i = 0; i < nr; i++) {
		/* The array owns the reference. */
		fence = fence_make(i);
		fence = xa_store(&xa, i % NR_FENCES, fence, GFP_KERNEL);
		if (!fence && i >= 40)
			fence = xa_erase(&xa, (i - 40) % NR_FENCES);
		if (fence) {
			dma_fence_signal(fence);
			dma_fence_put(fence);
		}
	}
	for (i = 0; i < NR_FENCES; i++) {
		fence = xa_erase(&xa, i);
		if (fence) {
			dma_fence_signal(fence);
			dma_fence_put(fence);
		}
	}
	return 0;
}

static void fences_are_looked_up_while_others_drop_them(void **state)
{
	xa_init(&xa);
	assert_int_equal(run_with(look_up_fences, 2,
				  store_and_signal_fences), 0);
	assert_true(xa_empty(&xa));
	rcu_barrier();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(readers_see_whole_entries_and_no_freed_node),
		TEST(destroy_does_not_take_nodes_from_readers),
		TEST(entry_that_stays_is_never_missed),
		TEST(entry_that_is_loaded_is_found),
		TEST(writers_neither_lose_nor_double_an_entry),
		TEST(no_number_is_given_to_two),
		TEST(id_is_stored_before_the_entry),
		TEST(one_of_two_inserts_wins),
		TEST(lock_is_kept_to_allocate_without_sleeping),
		TEST(fences_are_looked_up_while_others_drop_them),
	};

	return TEST_MAIN("xarray-rcu", tests);
}
