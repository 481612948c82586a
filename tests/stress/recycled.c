// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * H12, H13: a slot with fences whose memory is reused for other fences at once.
 */
#include "stress.h"

static struct round {
	struct dma_fence *f, *other;
	struct dma_fence __rcu *slot;
	int tries;
	/* Flags: how far each member has come. */
	bool stalled, zero, tried, recycled;
} s;

static void new_round(void)
{
	memset(&s, 0, sizeof(s));
}

/*
 * The seqno of a fence that is or was in the slot, and of one that never was.
 */
#define IN_SLOT		1
#define NOT_IN_SLOT	2

struct mock {
	struct dma_fence base;
	spinlock_t lock;
};
static struct kmem_cache *mocks;

static void mock_release(struct dma_fence *fence)
{
	kmem_cache_free(mocks, container_of(fence, struct mock, base));
}

/* The slot still has the fence, to which no reference may be taken any more. */
static void dying_release(struct dma_fence *fence)
{
	if (stress_role() == 1) {
		raise_flag(s.zero);
		await_flag(s.tried);
		rcu_assign_pointer(s.slot, s.other);
	}
	mock_release(fence);
}

static const struct dma_fence_ops mock_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.release = mock_release,
};
static const struct dma_fence_ops dying_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.release = dying_release,
};

static struct dma_fence *mock_fence(const struct dma_fence_ops *ops, u64 seqno)
{
	struct mock *m = kmem_cache_alloc(mocks, GFP_KERNEL);

	spin_lock_init(&m->lock);
	dma_fence_init(&m->base, ops, &m->lock, 1, seqno);
	return &m->base;
}

static void make_mocks(void)
{
	mocks = KMEM_CACHE(mock, SLAB_TYPESAFE_BY_RCU | SLAB_HWCACHE_ALIGN);
	assert_non_null(mocks);
}

/* The reader has loaded the pointer, and has no reference yet. */
static void h12_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where == STRESS_DEREF && what == &s.slot && stress_role() == 0 &&
	    !s.stalled) {
		raise_flag(s.stalled);
		await_flag(s.recycled);
	}
}

static struct dma_fence *get_from_slot(void)
{
	struct dma_fence *f;

	rcu_read_lock();
	f = dma_fence_get_rcu_safe(&s.slot);
	rcu_read_unlock();
	return f;
}

static void h12_get(void)
{
	struct dma_fence *f = get_from_slot();

	stress_check(f->seqno == IN_SLOT);
	dma_fence_put(f);
}

static void recycle(void)
{
	struct dma_fence *old = rcu_dereference_protected(s.slot, true);

	if (READ_ONCE(s.other))
		dma_fence_put(s.other);
	rcu_assign_pointer(s.slot, mock_fence(&mock_ops, IN_SLOT));
	dma_fence_put(old);
	/* This most likely reuses the memory of @old. */
	s.other = mock_fence(&mock_ops, NOT_IN_SLOT);
	raise_flag(s.recycled);
}

static void h12_recycle(void)
{
	await_flag(s.stalled);
	recycle();
}

static void h12_recycled_fence_is_not_taken_for_the_old_one(void **state)
{
	int i;

	make_mocks();
	stress_team(h12_get, h12_recycle);
	for (i = 0; i < stress_rounds(4000); i++) {
		new_round();
		s.slot = mock_fence(&mock_ops, IN_SLOT);
		stress_set_hook(i % 4 ? NULL : h12_hook);
		s.stalled = i % 4;
		stress_team_round();
		dma_fence_put(s.slot);
		dma_fence_put(s.other);
	}
	stress_team_stop();
	/* Reports every fence that leaks. */
	kmem_cache_destroy(mocks);
}

static void h13_hook(enum stress_where where, const volatile void *what,
		     long nr)
{
	if (where != STRESS_GET_RCU || stress_role() != 0)
		return;
	/* This is the second try, so the first one failed. */
	if (s.tries++ == 1)
		raise_flag(s.tried);
	/* The loop under test does not yield. */
	cpu_relax();
}

static void h13_get(void)
{
	struct dma_fence *f;

	await_flag(s.zero);
	f = get_from_slot();
	stress_check(f == s.other);
	raise_flag(s.tried);
	dma_fence_put(f);
}

static void h13_put_last(void)
{
	dma_fence_put(s.f);
}

static void h13_dead_fence_is_not_resurrected(void **state)
{
	int i;

	make_mocks();
	stress_team(h13_get, h13_put_last);
	stress_set_hook(h13_hook);
	for (i = 0; i < stress_rounds(2000); i++) {
		new_round();
		s.other = mock_fence(&mock_ops, IN_SLOT);
		s.slot = s.f = mock_fence(&dying_ops, IN_SLOT);
		stress_team_round();
		dma_fence_put(s.other);
	}
	stress_team_stop();
	kmem_cache_destroy(mocks);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(h12_recycled_fence_is_not_taken_for_the_old_one),
		TEST(h13_dead_fence_is_not_resurrected),
	};
	return STRESS_MAIN("stress-recycled", tests);
}
