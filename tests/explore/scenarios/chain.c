// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Chains: links are signalled, collected, searched and released at the same
 * time. H14, ... are the hazards in the table of tests/stress/README.md.
 */

#include "fences.h"

#include <linux/dma-fence-chain.h>
#include <linux/dma-fence.h>
#include <linux/irqflags.h>
#include <linux/slab.h>

#define MAX_LINKS 3

/* The fence in each link, and the links, the oldest first. */
static struct dma_fence *fences[MAX_LINKS], *links[MAX_LINKS];
static int nr_links;
/* The newest link, to which the scenario has a reference. */
static struct dma_fence *head;
static struct dma_fence_cb cb;
static int calls;

static struct dma_fence *new_link(struct dma_fence *prev,
				  struct dma_fence *fence, u64 seqno)
{
	struct dma_fence_chain *chain = dma_fence_chain_alloc();

	dma_fence_chain_init(chain, prev, dma_fence_get(fence), seqno);
	return &chain->base;
}

static void make_links(int nr, spinlock_t *lock)
{
	static const char *const fence_names[] = { "fence 0", "fence 1",
						   "fence 2" };
	static const char *const link_names[] = { "link 0", "link 1",
						  "link 2" };
	int i;

	for (i = 0; i < nr; i++) {
		fences[i] = new_fence_with(fence_names[i], &plain_ops, lock,
					   10 + i, 1);
		head = new_link(head, fences[i], i + 1);
		links[i] = head;
		lfx_name(head, link_names[i]);
	}
	nr_links = nr;
}

static void make_two_links(void)
{
	make_links(2, NULL);
}

static void make_three_links(void)
{
	make_links(3, NULL);
}

static void signal_0(void)
{
	dma_fence_signal(fences[0]);
}

static void signal_1(void)
{
	dma_fence_signal(fences[1]);
}

static void signal_2(void)
{
	dma_fence_signal(fences[2]);
}

static void signal_0_1(void)
{
	signal_0();
	signal_1();
}

static void signal_in_order(void)
{
	signal_0_1();
	signal_2();
}

static void signal_against_order(void)
{
	signal_2();
	signal_1();
	signal_0();
}

/* Signal the fences that are not signalled. */
static void put_fences(void)
{
	int i;

	for (i = 0; i < nr_links; i++) {
		dma_fence_signal(fences[i]);
		dma_fence_put(fences[i]);
	}
}

static void put_head(void)
{
	dma_fence_put(head);
}

static void put_chain(void)
{
	put_head();
	put_fences();
}

static void check_signalled_chain(void)
{
	lfx_assert(dma_fence_is_signaled(head));
	put_chain();
}

/* H17: one callback passes from fence to fence until all are signalled. */

static void wait_for_chain(void)
{
	int i;

	lfx_assert(!dma_fence_wait(head, false));
	for (i = 0; i < nr_links; i++)
		lfx_assert(dma_fence_is_signaled(fences[i]));
}

LFX_SCENARIO(chain_wait) = {
	.name = "chain-wait",
	.what = "signals from the oldest to the newest against a wait",
	.setup = make_three_links,
	.threads = {
		{ "signaller", signal_in_order }, { "waiter", wait_for_chain },
	},
	.check = check_signalled_chain,
};

LFX_SCENARIO(chain_wait_reverse) = {
	.name = "chain-wait-reverse",
	.what = "signals from the newest to the oldest against a wait",
	.setup = make_three_links,
	.threads = {
		{ "signaller", signal_against_order },
		{ "waiter", wait_for_chain },
	},
	.check = check_signalled_chain,
};

static void count_call(struct dma_fence *fence, struct dma_fence_cb *c)
{
	calls++;
}

static void add_callback(void)
{
	dma_fence_add_callback(head, &cb, count_call);
}

static void make_called_chain(void)
{
	make_three_links();
	add_callback();
}

static void check_called_chain(void)
{
	lfx_assert(calls == 1);
	check_signalled_chain();
}

LFX_SCENARIO(chain_callback) = {
	.name = "chain-callback",
	.what = "three signallers, and a callback on the chain",
	.setup = make_called_chain,
	.threads = {
		{ "signaller 0", signal_0 },
		{ "signaller 1", signal_1 },
		{ "signaller 2", signal_2 },
	},
	.check = check_called_chain,
};

/* H21: the fences share a lock. The work that goes on runs without it. */

static DEFINE_SPINLOCK(shared_lock);

static void make_chain_with_one_lock(void)
{
	make_links(2, &shared_lock);
	add_callback();
}

LFX_SCENARIO(chain_one_lock) = {
	.name = "chain-one-lock",
	.what = "two signallers of fences with one lock",
	.setup = make_chain_with_one_lock,
	.threads = {
		{ "signaller 0", signal_0 }, { "signaller 1", signal_1 },
	},
	.check = check_called_chain,
};

/*
 * H15: the callback has a reference to its fence, taken before it is added. The signaller
 * has interrupts disabled, so the work that signals the head, and needs its lock, runs
 * after the signaller's last put.
 */
static void signal_and_put(void)
{
	local_irq_disable();
	dma_fence_signal(fences[0]);
	dma_fence_put(fences[0]);
	local_irq_enable();
}

static void enable_head(void)
{
	dma_fence_enable_signaling(head);
}

static void make_one_link(void)
{
	make_links(1, NULL);
}

LFX_SCENARIO(chain_enable_last_put) = {
	.name = "chain-enable-last-put",
	.what = "enabling against a signal and the signaller's last put",
	.setup = make_one_link,
	.threads = {
		{ "signaller", signal_and_put }, { "enabler", enable_head },
	},
	.check = put_head,
};

/* H15: the callback also has a reference to the chain, until the work has run. */

static void make_enabled_chain(void)
{
	make_two_links();
	enable_head();
}

LFX_SCENARIO(chain_enabled_release) = {
	.name = "chain-enabled-release",
	.what = "the last put of a chain that is enabled against its signals",
	.setup = make_enabled_chain,
	.threads = { { "signaller", signal_0_1 }, { "owner", put_head } },
	.check = put_fences,
};

static void enable_and_put_head(void)
{
	enable_head();
	put_head();
}

LFX_SCENARIO(chain_enable_release) = {
	.name = "chain-enable-release",
	.what = "enabling and the last put of a chain against its signals",
	.setup = make_two_links,
	.threads = {
		{ "signaller", signal_0_1 }, { "owner", enable_and_put_head },
	},
	.check = put_fences,
};

/* Only callbacks have references: the one that goes on takes its own before it does. */

static void make_chain_of_callbacks(void)
{
	make_enabled_chain();
	put_head();
}

LFX_SCENARIO(chain_of_callbacks) = {
	.name = "chain-callbacks-only",
	.what = "two signallers of a chain to which only callbacks have references",
	.setup = make_chain_of_callbacks,
	.threads = {
		{ "signaller 0", signal_0 }, { "signaller 1", signal_1 },
	},
	.check = put_fences,
};

/* H14: a walk collects the link at which enabling is. */

static void walk(void);

static void make_half_signalled_chain(void)
{
	make_two_links();
	signal_1();
}

LFX_SCENARIO(chain_enable_collect) = {
	.name = "chain-enable-collect",
	.what = "enabling against a signal and a walk that collects a link",
	.setup = make_half_signalled_chain,
	.threads = {
		{ "signaller", signal_0 },
		{ "walker", walk },
		{ "enabler", enable_head },
	},
	.check = put_chain,
};

/* A search returns a link that still has to be waited for. */

static void find_seqno_2(void)
{
	struct dma_fence *found = dma_fence_get(head);

	lfx_assert(!dma_fence_chain_find_seqno(&found, 2));
	if (found) {
		lfx_assert(found == links[0] || found == links[1]);
		dma_fence_put(found);
	} else {
		lfx_assert(dma_fence_is_signaled(fences[0]) &&
			   dma_fence_is_signaled(fences[1]));
	}
}

LFX_SCENARIO(chain_find_seqno) = {
	.name = "chain-find-seqno",
	.what = "signals against a search for a seqno",
	.setup = make_three_links,
	.threads = {
		{ "signaller", signal_0_1 }, { "searcher", find_seqno_2 },
	},
	.check = put_chain,
};

/* H14: walkers collect signalled links, the same ones at the same time. */

static void walk(void)
{
	struct dma_fence *iter;
	int i, nr = 0;

	dma_fence_chain_for_each(iter, head) {
		for (i = 0; i < nr_links && iter != links[i]; i++)
			;
		lfx_assert(i < nr_links);
		nr++;
	}
	lfx_assert(nr >= 1 && nr <= nr_links);
}

LFX_SCENARIO(chain_walk) = {
	.name = "chain-walk",
	.what = "signals against a walk that collects links",
	.setup = make_three_links,
	.threads = { { "signaller", signal_0_1 }, { "walker", walk } },
	.check = put_chain,
};

static void make_collectable_chain(void)
{
	make_three_links();
	signal_0_1();
}

LFX_SCENARIO(chain_two_collectors) = {
	.name = "chain-two-collectors",
	.what = "two walks that collect the same two links",
	.setup = make_collectable_chain,
	.threads = { { "walker 1", walk }, { "walker 2", walk } },
	.check = put_chain,
};

LFX_SCENARIO(chain_two_walkers) = {
	.name = "chain-two-walkers",
	.what = "two walks that collect links against their signals",
	.setup = make_three_links,
	.threads = {
		{ "signaller", signal_0_1 },
		{ "walker 1", walk },
		{ "walker 2", walk },
	},
	.check = put_chain,
};

/* H15: the head is released, and a reader may have got it just before. */

static struct dma_fence __rcu *slot;

static void make_chain_in_slot(void)
{
	make_two_links();
	rcu_assign_pointer(slot, head);
}

static void empty_and_put(void)
{
	RCU_INIT_POINTER(slot, NULL);
	put_head();
}

static void walk_from_slot(void)
{
	struct dma_fence *found, *iter;

	rcu_read_lock();
	found = dma_fence_get_rcu_safe(&slot);
	rcu_read_unlock();
	if (!found)
		return;
	dma_fence_chain_for_each(iter, found)
		lfx_assert(iter == links[0] || iter == links[1]);
	dma_fence_put(found);
}

LFX_SCENARIO(chain_release) = {
	.name = "chain-release",
	.what = "the last put of a chain against a search and a signal",
	.setup = make_chain_in_slot,
	.threads = {
		{ "owner", empty_and_put },
		{ "searcher", walk_from_slot },
		{ "signaller", signal_0 },
	},
	.check = put_fences,
};

/* H15: links that are in use are not taken apart. */

static void make_held_chain(void)
{
	make_three_links();
	dma_fence_get(links[1]);
}

static void walk_lower_half(void)
{
	struct dma_fence *iter;
	int nr = 0;

	dma_fence_chain_for_each(iter, links[1])
		nr++;
	lfx_assert(nr == 2);
	dma_fence_put(links[1]);
}

LFX_SCENARIO(chain_release_in_use) = {
	.name = "chain-release-in-use",
	.what = "the last put of a chain against a walk of its lower half",
	.setup = make_held_chain,
	.threads = { { "owner", put_head }, { "walker", walk_lower_half } },
	.check = put_fences,
};

/* H14: the walk changes a link, drops its reference to it, and the release takes it apart. */

static void make_held_collectable_chain(void)
{
	make_held_chain();
	dma_fence_signal(fences[0]);
}

static void collect_lower_half(void)
{
	struct dma_fence *iter;
	int nr = 0;

	dma_fence_chain_for_each(iter, links[1])
		nr++;
	lfx_assert(nr == 1);
	dma_fence_put(links[1]);
}

LFX_SCENARIO(chain_release_changed) = {
	.name = "chain-release-changed",
	.what = "the last put of a chain against a walk that collects a link of it",
	.setup = make_held_collectable_chain,
	.threads = { { "owner", put_head }, { "walker", collect_lower_half } },
	.check = put_fences,
};

/* H16: two chains share their oldest links, and are released at once. */

static struct dma_fence *head_2;

static void make_shared_tail(void)
{
	make_three_links();
	head_2 = new_link(dma_fence_get(links[1]), fences[2], 4);
}

static void put_head_2(void)
{
	dma_fence_put(head_2);
}

LFX_SCENARIO(chain_shared_tail) = {
	.name = "chain-shared-tail",
	.what = "the last puts of two chains that share their oldest links",
	.setup = make_shared_tail,
	.threads = { { "owner 1", put_head }, { "owner 2", put_head_2 } },
	.check = put_fences,
};
