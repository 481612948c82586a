// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The graph of lockdep: searches, tables that are full or used again, and the
 * table of spinlocks. For builds with -Dchecks=true.
 *
 * lockdep reports each pair of call sites once, so every mistake here has
 * functions of its own.
 */

#include "helpers.h"
#include "versions.h"
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/dma-fence.h>
#include <linux/irq_work.h>
#include <linux/lockdep.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <libfence/libfence.h>

#include "kernel/internal.h"

#define MAP(name)	static struct lockdep_map name = \
				STATIC_LOCKDEP_MAP_INIT(#name, NULL)
/* Hold @first as @how says (0: exclusive, 2: shared), then take @second. */
#define ORDER(first, how, second, as)					\
	({								\
		lock_acquire(&first, 0, 0, how, 1, NULL, _THIS_IP_);	\
		lock_acquire(&second, 0, 0, as, 1, NULL, _THIS_IP_);	\
		lock_release(&second, _THIS_IP_);			\
		lock_release(&first, _THIS_IP_);			\
	})

/* In a child, which does something to the tables. */
static void in_child(int (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(PATIENCE_S);
		libfence_set_warn_hook(NULL, NULL);
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		_exit(fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Searches */

MAP(b1); MAP(c1); MAP(d1);

static void a_way_that_does_not_wait_hides_no_other(void **state)
{
	/* A reader of b1 waits for the second of these only. */
	ORDER(b1, 2, c1, 0);
	ORDER(b1, 0, d1, 0);
	assert_warns_like("d1 -> b1 -> d1", ORDER(d1, 0, b1, 2));
}

MAP(a2); MAP(b2); MAP(c2); MAP(d2);

static void a_class_that_was_seen_hides_no_other(void **state)
{
	ORDER(a2, 0, b2, 0);
	ORDER(a2, 0, c2, 0);
	ORDER(b2, 0, c2, 0);
	ORDER(b2, 0, d2, 0);
	assert_warns_like("d2 -> a2 -> b2 -> d2", ORDER(d2, 0, a2, 0));
}

MAP(x3); MAP(y3);

static void a_reader_that_closes_nothing_hides_no_other(void **state)
{
	/* With x3 held shared, only the second of these waits. */
	ORDER(y3, 0, x3, 2);
	ORDER(y3, 0, x3, 0);
	assert_warns_like("x3 -> y3 -> x3", ORDER(x3, 2, y3, 0));
}

MAP(x4); MAP(y4);

static unsigned int nr_steps;

static void count_steps(const struct libfence_warning *w, void *data)
{
	const char *p;

	for (p = w->message; (p = strstr(p, "\n  ")); p++)
		nr_steps++;
}

static void a_report_has_one_line_for_each_step(void **state)
{
	nr_steps = 0;
	libfence_set_warn_hook(count_steps, NULL);
	ORDER(x4, 0, y4, 0);
	ORDER(y4, 0, x4, 0);
	assert_int_equal(nr_steps, 2);
}

static struct lockdep_map ring[10];

/* Of @nr maps, each before the next one; then the last before the first. */
static noinline void close_ring(int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		lockdep_init_map(&ring[i], "ring", NULL, 0);
	for (i = 0; i + 1 < nr; i++)
		ORDER(ring[i], 0, ring[i + 1], 0);
	ORDER(ring[nr - 1], 0, ring[0], 0);
}

/* Each round is a report of the same call sites, so each has a child. */
static int close_ring_of_eight(void)
{
	unsigned long before = libfence_warn_count();

	close_ring(8);
	return libfence_warn_count() != before + 1;
}

static int close_ring_of_nine(void)
{
	unsigned long before = libfence_warn_count();

	close_ring(9);
	return libfence_warn_count() != before + 1;
}

static void a_long_cycle_is_cut_after_eight_steps(void **state)
{
	in_child(close_ring_of_eight);
	in_child(close_ring_of_nine);
	assert_dies("ring -> ring -> ring -> ring -> ring -> ring -> ring -> ring -> ring\n",
		    close_ring(8); abort());
	assert_dies(" -> ring -> ... -> ring\n", close_ring(10); abort());
}

/* Classes and edges that are used again */

MAP(hub); MAP(spoke);

static void the_edges_to_a_forgotten_map_are_forgotten(void **state)
{
	static struct lockdep_map map;

	/* It is not the first one that hub comes before. */
	ORDER(hub, 0, spoke, 0);
	lockdep_init_map(&map, "old", NULL, 0);
	ORDER(hub, 0, map, 0);
	lockdep_init_map(&map, "new", NULL, 0);
	ORDER(map, 0, hub, 0);
}

MAP(others_0); MAP(others_1); MAP(others_2); MAP(others_3); MAP(others_4);

static noinline void use_star(struct lockdep_map *map)
{
	lock_map_acquire(map);
	lock_map_acquire(&others_0);
	lock_map_release(&others_0);
	lock_map_acquire(&others_1);
	lock_map_release(&others_1);
	lock_map_acquire(&others_2);
	lock_map_release(&others_2);
	lock_map_acquire(&others_3);
	lock_map_release(&others_3);
	lock_map_release(map);
	/* And one edge to it. */
	lock_map_acquire(&others_4);
	lock_map_acquire(map);
	lock_map_release(map);
	lock_map_release(&others_4);
}

static int use_and_forget_stars(void)
{
	unsigned long before = libfence_warn_count();
	struct lockdep_map map;
	int i;

	for (i = 0; i < 4000; i++) {
		lockdep_init_map(&map, "star", NULL, 0);
		use_star(&map);
	}
	return libfence_warn_count() != before;
}

static void all_edges_of_a_forgotten_map_are_used_again(void **state)
{
	in_child(use_and_forget_stars);
}

/* More edges than the table has, of few classes. */
#define NR_DENSE	140

static int use_all_edges(void)
{
	static struct lockdep_map maps[NR_DENSE], late;
	unsigned long before = libfence_warn_count();
	int i, j;

	for (i = 0; i < NR_DENSE; i++)
		lockdep_init_map(&maps[i], "dense", NULL, 0);
	for (i = 0; i < NR_DENSE; i++)
		for (j = i + 1; j < NR_DENSE; j++)
			ORDER(maps[i], 0, maps[j], 0);
	if (libfence_warn_count() != before + 1)
		return 1;
	/* It finds nothing any more. */
	lockdep_init_map(&late, "late", NULL, 0);
	ORDER(late, 0, maps[0], 0);
	ORDER(maps[0], 0, late, 0);
	return libfence_warn_count() != before + 1;
}

static void without_room_for_edges_it_says_so(void **state)
{
	in_child(use_all_edges);
	assert_dies("lockdep is turned off", use_all_edges(); abort());
}

/* Pairs of call sites */

#define NR_PAIRS	1024

static int report_pairs(void)
{
	unsigned long i;

	for (i = 1; i < 900; i++) {
		if (!lfpriv_lockdep_new_pair(i * 64, i * 4096) ||
		    lfpriv_lockdep_new_pair(i * 64, i * 4096))
			return 1;
		/* One of the two alone is another pair. */
		if (i < 50 && (!lfpriv_lockdep_new_pair(i * 64, i * 4096 + 1) ||
			       !lfpriv_lockdep_new_pair(i * 64 + 1, i * 4096)))
			return 2;
	}
	for (i = 1; i < 900; i++)
		if (lfpriv_lockdep_new_pair(i * 64, i * 4096))
			return 3;
	return 0;
}

/* Many pairs that have a call site in common share a slot of the table. */
static int report_pairs_with_one_site(void)
{
	unsigned long i;

	for (i = 1; i < 900; i++)
		if (!lfpriv_lockdep_new_pair(64, i * i * 16))
			return 1;
	for (i = 1; i < 900; i++)
		if (lfpriv_lockdep_new_pair(64, i * i * 16))
			return 2;
	return 0;
}

static int report_too_many_pairs(void)
{
	unsigned long i;

	for (i = 1; i <= NR_PAIRS; i++)
		lfpriv_lockdep_new_pair(i * 64, i * 4096);
	return lfpriv_lockdep_new_pair(7, 7);
}

static void a_pair_of_call_sites_is_new_once(void **state)
{
	in_child(report_pairs);
	in_child(report_pairs_with_one_site);
	in_child(report_too_many_pairs);
}

/* Nest locks */

MAP(nest);

static noinline void take_two(struct lockdep_map *x, struct lockdep_map *y)
{
	lock_map_acquire(x);
	lock_map_acquire(&nest);
	lock_map_release(&nest);
	lock_acquire(y, 0, 0, 0, 1, &nest, _THIS_IP_);
	lock_release(y, _THIS_IP_);
	lock_map_release(x);
}

static void a_nest_lock_that_was_released_allows_nothing(void **state)
{
	static struct lock_class_key key;
	struct lockdep_map x, y;

	lockdep_init_map(&x, "x", &key, 0);
	lockdep_init_map(&y, "y", &key, 0);
	assert_warns_like("possible recursion", take_two(&x, &y));
}

static noinline void take_unchecked(struct lockdep_map *x,
				    struct lockdep_map *y)
{
	lock_map_acquire(x);
	lock_acquire(y, 0, 0, 0, 0, NULL, _THIS_IP_);
	assert_true(lock_is_held(y));
	lock_release(y, _THIS_IP_);
	lock_map_release(x);
}

static void what_is_not_checked_is_only_held(void **state)
{
	static struct lock_class_key key;
	struct lockdep_map x, y;

	lockdep_init_map(&x, "x", &key, 0);
	lockdep_init_map(&y, "y", &key, 0);
	take_unchecked(&x, &y);
	take_unchecked(&y, &x);
}

/* The classes of spinlocks */

struct device {
	spinlock_t lock;
};

static void device_init(struct device *dev)
{
	spin_lock_init(&dev->lock);
}

#define TAKES_BOTH(name)						\
	static noinline void name(spinlock_t *one, spinlock_t *two)	\
	{								\
		spin_lock(one);						\
		spin_lock(two);						\
		spin_unlock(two);					\
		spin_unlock(one);					\
	}

TAKES_BOTH(new_then_old)
TAKES_BOTH(old_then_new)

static void a_lock_that_is_initialised_again_has_the_new_class(void **state)
{
	static DEFINE_SPINLOCK(old);
	static struct device dev;

	/* In static memory: at first a class of its own. */
	new_then_old(&dev.lock, &old);
	device_init(&dev);
	old_then_new(&old, &dev.lock);
}

TAKES_BOTH(keyed_then_list)
TAKES_BOTH(list_then_keyed)

static void a_class_and_a_name_can_be_set(void **state)
{
	static struct lock_class_key key;
	static DEFINE_SPINLOCK(list);
	struct device one, two;

	device_init(&one);
	device_init(&two);
	lockdep_set_class_and_name(&one.lock, &key, "named");
	lockdep_set_class_and_name(&two.lock, &key, "named");
	keyed_then_list(&one.lock, &list);
	assert_warns_naming("possible deadlock: spinlock",
			    "named taken at list_then_keyed",
			    list_then_keyed(&list, &two.lock));
}

TAKES_BOTH(sub_then_other)
TAKES_BOTH(other_then_sub)

static void a_subclass_is_kept_without_one_of_the_call(void **state)
{
	static DEFINE_SPINLOCK(other);
	struct device dev;

	device_init(&dev);
	lockdep_set_subclass(&dev.lock, 2);
	sub_then_other(&dev.lock, &other);
	assert_warns_like("&dev->lock/2 taken at other_then_sub",
			  other_then_sub(&other, &dev.lock));
	/* A lock without a subclass is another class. */
	device_init(&dev);
	sub_then_other(&other, &dev.lock);
}

/* The word of a lock that was only cleared: no class, whatever was there. */
TAKES_BOTH(classified_pair)
TAKES_BOTH(cleared_pair)

static void a_cleared_lock_forgets_its_class(void **state)
{
	struct device *one = kzalloc_obj(*one), *two = kzalloc_obj(*two);

	device_init(one);
	device_init(two);
	assert_warns_like("possible recursion: &dev->lock taken",
			  classified_pair(&one->lock, &two->lock));
	lfshim_spin_forget(&one->lock);
	lfshim_spin_forget(&two->lock);
	cleared_pair(&one->lock, &two->lock);
	kfree(one);
	kfree(two);
}

/* Two locks of a bucket are two entries; the whole bucket is searched. */
TAKES_BOTH(neighbours)
TAKES_BOTH(neighbours_in_the_other_order)

static void locks_of_a_cache_line_have_classes_of_their_own(void **state)
{
	static struct {
		spinlock_t lock[8];
	} line __attribute__((__aligned__(64)));
	int i;

	for (i = 0; i < 8; i++) {
		spin_lock(&line.lock[i]);
		spin_unlock(&line.lock[i]);
	}
	neighbours(&line.lock[0], &line.lock[7]);
	assert_warns_like("possible deadlock",
			  neighbours_in_the_other_order(&line.lock[7],
							&line.lock[0]));
}

/* Is the class of a lock known? */
static bool has_class(spinlock_t *lock)
{
	bool known;

	spin_lock(lock);
	known = current->held.lock[0].key;
	spin_unlock(lock);
	return known;
}

/* The locks of a cache line share a bucket, which has room for eight. */
static void a_full_bucket_makes_room_in_turn(void **state)
{
	struct device *line = lfhost_alloc(16 * sizeof(*line), 64, true);
	int i, round;

	for (i = 0; i < 7; i++)
		device_init(&line[i]);
	/* A lock without a class has one entry, too. */
	for (round = 0; round < 20; round++)
		assert_false(has_class(&line[7].lock));
	for (i = 0; i < 7; i++)
		assert_true(has_class(&line[i].lock));
	for (i = 8; i < 16; i++)
		device_init(&line[i]);
	for (i = 8; i < 16; i++)
		assert_true(has_class(&line[i].lock));
	for (i = 0; i < 16; i++)
		lfshim_spin_forget(&line[i].lock);
	lfhost_free(line);
}

static void a_bucket_with_room_makes_no_room(void **state)
{
	struct device *lines = lfhost_alloc(32 * sizeof(*lines), 64, true);
	int i;

	/* Two buckets in turn. */
	for (i = 0; i < 7; i++) {
		device_init(&lines[i]);
		device_init(&lines[16 + i]);
	}
	for (i = 0; i < 7; i++) {
		assert_true(has_class(&lines[i].lock));
		assert_true(has_class(&lines[16 + i].lock));
		lfshim_spin_forget(&lines[i].lock);
		lfshim_spin_forget(&lines[16 + i].lock);
	}
	lfhost_free(lines);
}

/* Locks at these offsets, in memory that ends after @size bytes. */
static void init_at(char *memory, const size_t *offsets, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		device_init((struct device *)(memory + offsets[i]));
}

/* Bit i: the lock at offset i has a class. */
static unsigned int classes_at(char *memory, const size_t *offsets, int nr)
{
	unsigned int bits = 0;
	int i;

	for (i = 0; i < nr; i++)
		bits |= has_class((spinlock_t *)(memory + offsets[i])) << i;
	return bits;
}

static void freed_memory_forgets_its_locks_and_no_others(void **state)
{
	static const size_t offsets[] = { 0, 4, 8, 12, 60, 64, 128, 252 };
	static const struct {
		size_t start, size;
		unsigned int left;
	} rows[] = {
		{ 4, 8, 0xf9 },
		{ 0, 256, 0 },
		{ 60, 8, 0xcf },
		{ 12, 128 - 12, 0xc7 },
		{ 12, 128 - 11, 0x87 },
		{ 252, 4, 0x7f },
	};
	char *memory = lfhost_alloc(256, 64, true);
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		init_at(memory, offsets, ARRAY_SIZE(offsets));
		lfpriv_spin_freed(memory + rows[i].start, rows[i].size);
		assert_int_equal(classes_at(memory, offsets,
					    ARRAY_SIZE(offsets)),
				 rows[i].left);
	}
	lfpriv_spin_freed(memory, 256);
	lfhost_free(memory);
}

static void a_large_block_forgets_its_locks(void **state)
{
	/* More lines than the table has buckets. */
	const size_t size = 1 << 19;
	const size_t offsets[] = {
		0, 64, 4096, 1 << 16, 1 << 17, size - 68, size - 4, size,
	};
	char *memory = lfhost_alloc(size + 64, 64, true);

	init_at(memory, offsets, ARRAY_SIZE(offsets));
	assert_int_equal(classes_at(memory, offsets, ARRAY_SIZE(offsets)),
			 0xff);
	lfpriv_spin_freed(memory, size);
	assert_int_equal(classes_at(memory, offsets, ARRAY_SIZE(offsets)),
			 0x80);
	lfpriv_spin_freed(memory, size + 64);
	lfhost_free(memory);
}

/* Contexts */

static DEFINE_SPINLOCK(in_irq);

static void take_in_irq(struct irq_work *work)
{
	spin_lock(&in_irq);
	spin_unlock(&in_irq);
}

static noinline void take_with_interrupts_on(void)
{
	spin_lock(&in_irq);
	spin_unlock(&in_irq);
}

static noinline void take_with_interrupts_on_again(void)
{
	spin_lock(&in_irq);
	spin_unlock(&in_irq);
}

static void a_use_is_reported_once(void **state)
{
	struct irq_work work = IRQ_WORK_INIT(take_in_irq);

	take_with_interrupts_on();
	assert_warns_naming("in hard interrupt context at take_in_irq+0x",
			    "with interrupts enabled at take_with_interrupts_on+0x",
			    local_irq_disable();
			    irq_work_queue(&work);
			    local_irq_enable());
	take_with_interrupts_on_again();
}

static spinlock_t *irq_locks[4];

static void take_all_in_irq(struct irq_work *work)
{
	int i;

	for (i = 0; irq_locks[i]; i++) {
		spin_lock(irq_locks[i]);
		spin_unlock(irq_locks[i]);
	}
}

/* Let an interrupt take these locks. */
static noinline void in_irq_take(spinlock_t *one, spinlock_t *two)
{
	struct irq_work work = IRQ_WORK_INIT(take_all_in_irq);

	irq_locks[0] = one;
	irq_locks[1] = two;
	local_irq_disable();
	irq_work_queue(&work);
	local_irq_enable();
	irq_work_sync(&work);
}

/* In each test a call site of its own. */
static __always_inline void take_enabled(spinlock_t *lock)
{
	spin_lock(lock);
	spin_unlock(lock);
}

#define IN_ORDER(first, second)						\
	({								\
		local_irq_disable();					\
		spin_lock(first);					\
		spin_lock(second);					\
		spin_unlock(second);					\
		spin_unlock(first);					\
		local_irq_enable();					\
	})

static void each_lock_of_an_interrupt_is_the_first_of_an_order(void **state)
{
	static DEFINE_SPINLOCK(one);
	static DEFINE_SPINLOCK(two);
	static DEFINE_SPINLOCK(enabled);
	static DEFINE_SPINLOCK(x);
	static DEFINE_SPINLOCK(y);

	in_irq_take(&one, &two);
	take_enabled(&enabled);
	assert_warns_like("possible deadlock with an interrupt",
			  IN_ORDER(&two, &enabled));
	/* It is not reported again, whatever else comes. */
	IN_ORDER(&x, &y);
	IN_ORDER(&one, &y);
}

static void an_order_goes_on_behind_a_lock_that_was_seen(void **state)
{
	static DEFINE_SPINLOCK(a);
	static DEFINE_SPINLOCK(b);
	static DEFINE_SPINLOCK(c);
	static DEFINE_SPINLOCK(enabled);

	in_irq_take(&a, NULL);
	IN_ORDER(&a, &b);
	IN_ORDER(&a, &c);
	IN_ORDER(&b, &c);
	take_enabled(&enabled);
	assert_warns_like("possible deadlock with an interrupt",
			  IN_ORDER(&b, &enabled));
}

static void a_lock_with_both_uses_is_reported_as_that(void **state)
{
	static DEFINE_SPINLOCK(both);
	static DEFINE_SPINLOCK(one);

	in_irq_take(&both, &one);
	assert_warns_like("inconsistent use of a lock", take_enabled(&both));
	IN_ORDER(&one, &both);
}

static DEFINE_SPINLOCK(soft_only);

static void softirqs_off_is_enough_for_a_softirq(void **state)
{
	/* No timer and no callback takes it, so nothing is wrong with these. */
	spin_lock(&soft_only);
	spin_unlock(&soft_only);
	spin_lock_bh(&soft_only);
	spin_unlock_bh(&soft_only);
	spin_lock_irq(&soft_only);
	spin_unlock_irq(&soft_only);
}

/* Fences */

static const char *fence_name(struct dma_fence *fence)
{
	return "test";
}

static const struct dma_fence_ops fence_ops = {
	.get_driver_name = fence_name,
	.get_timeline_name = fence_name,
};

struct job {
	struct dma_fence base;
	spinlock_t lock;
	struct dma_fence_cb cb;
	struct dma_fence *other;
};

static void job_init(struct job *job)
{
	spin_lock_init(&job->lock);
	dma_fence_init(&job->base, &fence_ops, &job->lock,
		       dma_fence_context_alloc(1), 1);
}

static struct job *job_new(void)
{
	struct job *job = kzalloc_obj(*job);

	if (!job)
		fail_msg("no memory");
	job_init(job);
	return job;
}

static void signal_the_other(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	dma_fence_signal(container_of(fence, struct job, base)->other);
}

/* Returns the number of warnings. */
static unsigned long signal_one_in_the_other(struct job *one, struct job *two)
{
	unsigned long before = libfence_warn_count();

	one->other = &two->base;
	dma_fence_add_callback(&one->base, &one->cb, signal_the_other);
	dma_fence_signal(&one->base);
	return libfence_warn_count() - before;
}

static void drivers_locks_nest_in_the_core(void **state)
{
	struct job *one = job_new(), *two = job_new();

	/* The locks have one class, and the core takes one in the other. */
	assert_int_equal(signal_one_in_the_other(one, two), 0);
	dma_fence_put(&one->base);
	dma_fence_put(&two->base);
}

static noinline void lock_and_signal(struct job *one, struct job *two)
{
	unsigned long flags;

	spin_lock_irqsave(&one->lock, flags);
	dma_fence_signal(&two->base);
	spin_unlock_irqrestore(&one->lock, flags);
}

static void a_drivers_lock_around_the_core_is_one_of_many(void **state)
{
	struct job *one = job_new(), *two = job_new();
	struct job *three = job_new(), *four = job_new();

	lock_and_signal(one, two);
	/* Only the same two locks have an order. */
	lock_and_signal(three, one);
	assert_warns_naming("possible deadlock: &job->lock 0x",
			    "taken at lock_and_signal", ({
		lock_and_signal(four, three);
		lock_and_signal(one, four);
	}));
	dma_fence_put(&one->base);
	dma_fence_put(&two->base);
	dma_fence_put(&three->base);
	dma_fence_put(&four->base);
}

#if CORE_HAS(inline_lock)
static DEFINE_SPINLOCK(outer_lock);

static noinline void lock_in_fence(struct dma_fence *fence)
{
	unsigned long flags;

	dma_fence_lock_irqsave(fence, flags);
	spin_lock(&outer_lock);
	spin_unlock(&outer_lock);
	dma_fence_unlock_irqrestore(fence, flags);
}

static noinline void fence_in_lock(struct dma_fence *fence)
{
	unsigned long flags;

	spin_lock_irqsave(&outer_lock, flags);
	dma_fence_signal(fence);
	spin_unlock_irqrestore(&outer_lock, flags);
}

static void the_class_of_all_fences_has_no_address(void **state)
{
	struct job *one = kzalloc_obj(*one), *two = kzalloc_obj(*two);

	dma_fence_init(&one->base, &fence_ops, NULL, 1, 1);
	dma_fence_init(&two->base, &fence_ops, NULL, 2, 1);
	lock_in_fence(&one->base);
	assert_warns_like(" -> &fence->inline_lock -> ",
			  fence_in_lock(&two->base));
	dma_fence_put(&one->base);
	dma_fence_put(&two->base);
}
#endif

#define NR_JOBS	3000

static int nest_many(void)
{
	struct job *jobs = kcalloc(NR_JOBS, sizeof(*jobs), GFP_KERNEL);
	unsigned long nr = 0;
	int i;

	if (!jobs)
		return 2;
	/* All of them exist: each has a class of its own for a while. */
	for (i = 0; i < NR_JOBS; i++)
		job_init(&jobs[i]);
	for (i = 0; i + 1 < NR_JOBS; i += 2)
		nr += signal_one_in_the_other(&jobs[i], &jobs[i + 1]);
	return nr != 0;
}

static void more_fences_than_classes(void **state)
{
	in_child(nest_many);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_way_that_does_not_wait_hides_no_other),
		TEST(a_class_that_was_seen_hides_no_other),
		TEST(a_reader_that_closes_nothing_hides_no_other),
		TEST(a_report_has_one_line_for_each_step),
		TEST(a_long_cycle_is_cut_after_eight_steps),
		TEST(the_edges_to_a_forgotten_map_are_forgotten),
		TEST(all_edges_of_a_forgotten_map_are_used_again),
		TEST(without_room_for_edges_it_says_so),
		TEST(a_pair_of_call_sites_is_new_once),
		TEST(a_nest_lock_that_was_released_allows_nothing),
		TEST(what_is_not_checked_is_only_held),
		TEST(a_lock_that_is_initialised_again_has_the_new_class),
		TEST(a_class_and_a_name_can_be_set),
		TEST(a_subclass_is_kept_without_one_of_the_call),
		TEST(a_cleared_lock_forgets_its_class),
		TEST(locks_of_a_cache_line_have_classes_of_their_own),
		TEST(a_full_bucket_makes_room_in_turn),
		TEST(a_bucket_with_room_makes_no_room),
		TEST(freed_memory_forgets_its_locks_and_no_others),
		TEST(a_large_block_forgets_its_locks),
		TEST(a_use_is_reported_once),
		TEST(each_lock_of_an_interrupt_is_the_first_of_an_order),
		TEST(an_order_goes_on_behind_a_lock_that_was_seen),
		TEST(a_lock_with_both_uses_is_reported_as_that),
		TEST(softirqs_off_is_enough_for_a_softirq),
		TEST(drivers_locks_nest_in_the_core),
		TEST(a_drivers_lock_around_the_core_is_one_of_many),
#if CORE_HAS(inline_lock)
		TEST(the_class_of_all_fences_has_no_address),
#endif
		TEST(more_fences_than_classes),
	};

	BUG_ON(!libfence_has_checks());
	return TEST_MAIN("lockdep-graph", tests);
}
