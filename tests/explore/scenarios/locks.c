// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Locks of readers and writers, those that spin and those that sleep; seqlocks and SRCU;
 * reference counts whose last one is dropped under a lock; conditional loads, lock-free
 * lists and notifier chains.
 */

#include "explore.h"

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/refcount.h>
#include <linux/rwlock.h>
#include <linux/rwsem.h>
#include <linux/sched/signal.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>

/* Plain: a lock protects it. */
static int data;
static int result[2];

/* Sleeping locks: a writer excludes all others, and those that wait are let in. */

static DECLARE_RWSEM(sem);

static void write_sem(void)
{
	down_write(&sem);
	data++;
	up_write(&sem);
}

static void read_sem(void)
{
	down_read(&sem);
	lfx_assert(data >= 0 && data <= 2);
	up_read(&sem);
}

static DECLARE_COMPLETION(has_read);

/* A downgrade lets readers in: it does not have to end before they have read. */
static void write_sem_and_read(void)
{
	down_write(&sem);
	data++;
	downgrade_write(&sem);
	wait_for_completion(&has_read);
	lfx_assert(data == 1);
	up_read(&sem);
}

static void read_sem_and_tell(void)
{
	read_sem();
	complete(&has_read);
}

static void check_two_writes(void)
{
	lfx_assert(data == 2 && !rwsem_is_locked(&sem));
}

LFX_SCENARIO(rwsem_two_writers) = {
	.name = "rwsem-writers",
	.what = "down_write() of two threads",
	.threads = { { "writer 1", write_sem }, { "writer 2", write_sem } },
	.check = check_two_writes,
};

LFX_SCENARIO(rwsem_reader) = {
	.name = "rwsem-reader",
	.what = "down_write() against down_read()",
	.threads = { { "writer", write_sem }, { "reader", read_sem } },
};

static void check_one_write(void)
{
	lfx_assert(data == 1 && !rwsem_is_locked(&sem));
}

LFX_SCENARIO(rwsem_downgrade) = {
	.name = "rwsem-downgrade",
	.what = "downgrade_write(), and a wait for a down_read()",
	.threads = {
		{ "writer", write_sem_and_read },
		{ "reader", read_sem_and_tell },
	},
	.check = check_one_write,
};

static struct task_struct *waiter;

static void write_sem_or_be_killed(void)
{
	smp_store_release(&waiter, get_task_struct(current));
	if (down_write_killable(&sem))
		return;
	data++;
	up_write(&sem);
}

static void read_and_kill(void)
{
	struct task_struct *task;

	down_read(&sem);
	task = smp_cond_load_acquire(&waiter, VAL);
	send_sig(SIGKILL, task, 1);
	up_read(&sem);
}

static void check_free(void)
{
	lfx_assert(!rwsem_is_locked(&sem) && down_write_trylock(&sem));
	up_write(&sem);
	put_task_struct(waiter);
}

/* The lock is free, or the signal comes: both at once leave nothing behind. */
LFX_SCENARIO(rwsem_killed) = {
	.name = "rwsem-killed",
	.what = "up_read() and a fatal signal against down_write_killable()",
	.threads = {
		{ "reader", read_and_kill },
		{ "writer", write_sem_or_be_killed },
	},
	.check = check_free,
};

static void kill_and_wait_for_reader(void)
{
	down_read(&sem);
	send_sig(SIGKILL, smp_cond_load_acquire(&waiter, VAL), 1);
	wait_for_completion(&has_read);
	up_read(&sem);
}

/* A reader waits behind the writer only. */
LFX_SCENARIO(rwsem_killed_lets_in) = {
	.name = "rwsem-killed-lets-in",
	.what = "a fatal signal against down_write_killable(), and a reader behind it",
	.threads = {
		{ "holder", kill_and_wait_for_reader },
		{ "writer", write_sem_or_be_killed },
		{ "reader", read_sem_and_tell },
	},
	.check = check_free,
};

/* Locks that spin. */

static DEFINE_RWLOCK(rw);

static void write_rw(void)
{
	write_lock(&rw);
	data++;
	write_unlock(&rw);
}

static void read_rw(void)
{
	read_lock(&rw);
	lfx_assert(data >= 0 && data <= 1);
	read_unlock(&rw);
}

LFX_SCENARIO(rwlock_readers) = {
	.name = "rwlock-readers",
	.what = "write_lock() against two read_lock()",
	.threads = {
		{ "writer", write_rw },
		{ "reader 1", read_rw },
		{ "reader 2", read_rw },
	},
};

static void try_write_rw(void)
{
	if (!write_trylock(&rw))
		return;
	data++;
	write_unlock(&rw);
}

static void try_read_rw(void)
{
	if (!read_trylock(&rw))
		return;
	lfx_assert(data >= 0 && data <= 1);
	read_unlock(&rw);
}

LFX_SCENARIO(rwlock_try) = {
	.name = "rwlock-try",
	.what = "write_trylock() against read_trylock() and read_lock()",
	.threads = {
		{ "writer", try_write_rw },
		{ "reader 1", try_read_rw },
		{ "reader 2", read_rw },
	},
};

/* Seqlocks: a reader sees both words of a write, or none. */

static DEFINE_SEQLOCK(seq);
static int low, high;

static void write_seq(void)
{
	write_seqlock(&seq);
	WRITE_ONCE(low, low + 1);
	WRITE_ONCE(high, high + 1);
	write_sequnlock(&seq);
}

static void read_seq(void)
{
	unsigned int start;
	int a, b;

	do {
		start = read_seqbegin(&seq);
		a = READ_ONCE(low);
		b = READ_ONCE(high);
	} while (read_seqretry(&seq, start));
	lfx_assert(a == b);
}

LFX_SCENARIO(seqlock_reader) = {
	.name = "seqlock",
	.what = "write_seqlock() against read_seqbegin(), with older values",
	.threads = { { "writer", write_seq }, { "reader", read_seq } },
	.stale = 2,
};

static void read_seq_or_lock(void)
{
	int a, b, turn = 0;

	for (;; turn = 1) {
		read_seqbegin_or_lock(&seq, &turn);
		a = READ_ONCE(low);
		b = READ_ONCE(high);
		if (!need_seqretry(&seq, turn))
			break;
	}
	done_seqretry(&seq, turn);
	lfx_assert(a == b);
}

static void check_seq(void)
{
	lfx_assert(low == 2 && high == 2 && !spin_is_locked(&seq.lock));
}

LFX_SCENARIO(seqlock_or_lock) = {
	.name = "seqlock-or-lock",
	.what = "two write_seqlock() against a reader whose second turn takes the lock",
	.threads = {
		{ "writer 1", write_seq },
		{ "writer 2", write_seq },
		{ "reader", read_seq_or_lock },
	},
	.check = check_seq,
};

/* The handler writes, so the reader that takes the lock has interrupts disabled. */
static void read_seq_or_lock_irqsave(void)
{
	unsigned long flags;
	int a, b, turn = 0;

	for (;; turn = 1) {
		flags = read_seqbegin_or_lock_irqsave(&seq, &turn);
		a = READ_ONCE(low);
		b = READ_ONCE(high);
		if (!need_seqretry(&seq, turn))
			break;
	}
	done_seqretry_irqrestore(&seq, turn, flags);
	lfx_assert(a == b && !irqs_disabled());
}

LFX_SCENARIO(seqlock_or_lock_irqsave) = {
	.name = "seqlock-or-lock-irqsave",
	.what = "the same with interrupts disabled, against an interrupt that writes",
	.threads = {
		{ "irq", write_seq, LFX_ANY },
		{ "reader", read_seq_or_lock_irqsave },
	},
};

/* SRCU: a grace period waits for the readers that were there before it. */

DEFINE_STATIC_SRCU(srcu);

static int *object;

static void make_object(void)
{
	object = kzalloc_obj(*object);
}

static void replace_and_free(void)
{
	int *old = rcu_dereference_raw(object);

	rcu_assign_pointer(object, NULL);
	synchronize_srcu(&srcu);
	kfree(old);
}

static void read_object(void)
{
	int idx = srcu_read_lock(&srcu), *p;

	p = srcu_dereference(object, &srcu);
	if (p)
		lfx_assert(!*p);
	srcu_read_unlock(&srcu, idx);
}

LFX_SCENARIO(srcu_synchronize) = {
	.name = "srcu-synchronize",
	.what = "replacing, synchronize_srcu() and kfree() against a reader",
	.setup = make_object,
	.threads = { { "writer", replace_and_free }, { "reader", read_object } },
};

static void replace_after_a_period(void)
{
	synchronize_srcu(&srcu);
	replace_and_free();
}

/*
 * A reader may read the index before a grace period, and count itself after the next
 * one has changed it back.
 */
LFX_SCENARIO(srcu_two_periods) = {
	.name = "srcu-two-periods",
	.what = "the same after another synchronize_srcu()",
	.setup = make_object,
	.threads = {
		{ "writer", replace_after_a_period }, { "reader", read_object },
	},
};

LFX_SCENARIO(srcu_stale) = {
	.name = "srcu-stale",
	.what = "replacing, synchronize_srcu() and kfree(), with older values",
	.setup = make_object,
	.threads = { { "writer", replace_and_free }, { "reader", read_object } },
	.stale = 1,
};

static void only_synchronize(void)
{
	synchronize_srcu(&srcu);
}

LFX_SCENARIO(srcu_two_writers) = {
	.name = "srcu-two-writers",
	.what = "two synchronize_srcu(), one of them before a kfree(), and a reader",
	.setup = make_object,
	.threads = {
		{ "writer", replace_and_free },
		{ "other", only_synchronize },
		{ "reader", read_object },
	},
};

struct node {
	struct rcu_head rcu;
	struct list_head entry;
	refcount_t count;
	int value;
};

static struct node *node;

static void free_node(struct rcu_head *head)
{
	kfree(container_of(head, struct node, rcu));
}

static void make_node(void)
{
	node = kzalloc_obj(*node);
}

/* Workers exist already. */
static void make_node_and_workers(void)
{
	make_node();
	srcu_barrier(&srcu);
}

static void replace_and_call(void)
{
	struct node *old = rcu_dereference_raw(node);

	rcu_assign_pointer(node, NULL);
	call_srcu(&srcu, &old->rcu, free_node);
}

static void replace_and_barrier(void)
{
	replace_and_call();
	srcu_barrier(&srcu);
}

static void read_node(void)
{
	int idx = srcu_read_lock(&srcu);
	struct node *p = srcu_dereference(node, &srcu);

	if (p)
		lfx_assert(!p->value);
	srcu_read_unlock(&srcu, idx);
}

LFX_SCENARIO(srcu_call) = {
	.name = "srcu-call",
	.what = "replacing, call_srcu() and srcu_barrier() against a reader",
	.setup = make_node_and_workers,
	.threads = { { "writer", replace_and_barrier }, { "reader", read_node } },
};

/* The last reference: an object that the list has is alive. */

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);
static LIST_HEAD(list);

static void make_listed_node(void)
{
	make_node();
	refcount_set(&node->count, 2);
	list_add(&node->entry, &list);
}

static void drop_with_lock(void)
{
	unsigned long flags;

	if (!refcount_dec_and_lock_irqsave(&node->count, &lock, &flags))
		return;
	list_del(&node->entry);
	spin_unlock_irqrestore(&lock, flags);
	kfree(node);
}

static struct node *find(void)
{
	struct node *n = list_first_entry_or_null(&list, struct node, entry);

	/* Not refcount_inc_not_zero(): its count is not 0. */
	if (n)
		refcount_inc(&n->count);
	return n;
}

static void drop_with_plain_lock(void)
{
	if (!refcount_dec_and_lock(&node->count, &lock))
		return;
	list_del(&node->entry);
	spin_unlock(&lock);
	kfree(node);
}

static void find_and_drop(void)
{
	struct node *n;

	spin_lock_irq(&lock);
	n = find();
	spin_unlock_irq(&lock);
	if (!n || !refcount_dec_and_lock(&n->count, &lock))
		return;
	list_del(&n->entry);
	spin_unlock(&lock);
	kfree(n);
}

LFX_SCENARIO(refcount_lock) = {
	.name = "refcount-dec-and-lock",
	.what = "refcount_dec_and_lock() of two threads against a search",
	.setup = make_listed_node,
	.threads = {
		{ "owner 1", drop_with_lock },
		{ "owner 2", drop_with_plain_lock },
		{ "searcher", find_and_drop },
	},
};

static void drop_with_mutex(void)
{
	if (!refcount_dec_and_mutex_lock(&node->count, &mutex))
		return;
	list_del(&node->entry);
	mutex_unlock(&mutex);
	kfree(node);
}

static void make_listed_node_of_one(void)
{
	make_listed_node();
	refcount_set(&node->count, 1);
}

static void find_and_drop_with_mutex(void)
{
	struct node *n;

	mutex_lock(&mutex);
	n = find();
	mutex_unlock(&mutex);
	if (!n || !refcount_dec_and_mutex_lock(&n->count, &mutex))
		return;
	list_del(&n->entry);
	mutex_unlock(&mutex);
	kfree(n);
}

LFX_SCENARIO(refcount_mutex) = {
	.name = "refcount-dec-and-mutex-lock",
	.what = "refcount_dec_and_mutex_lock() against a search",
	.setup = make_listed_node_of_one,
	.threads = {
		{ "owner", drop_with_mutex },
		{ "searcher", find_and_drop_with_mutex },
	},
};

/* Conditional loads are busy-wait loops: they wait, and they order what follows. */

static int flag;
static atomic_t turn;

static void send(void)
{
	data = 1;
	smp_store_release(&flag, 1);
	atomic_cond_read_acquire(&turn, VAL == 2);
	lfx_assert(data == 2);
}

static void wait_and_answer(void)
{
	lfx_assert(smp_cond_load_relaxed(&flag, VAL) == 1);
	smp_acquire__after_ctrl_dep();
	lfx_assert(data == 1);
	data = 2;
	atomic_set_release(&turn, 2);
}

LFX_SCENARIO(cond_load) = {
	.name = "cond-load",
	.what = "a message and its answer, with smp_cond_load_relaxed() and _acquire()",
	.threads = { { "sender", send }, { "receiver", wait_and_answer } },
};

LFX_SCENARIO(cond_load_stale) = {
	.name = "cond-load-stale",
	.what = "the same with older values",
	.threads = { { "sender", send }, { "receiver", wait_and_answer } },
	.stale = 2,
};

static void wait_without_order(void)
{
	smp_cond_load_relaxed(&flag, VAL);
	data = 2;
	atomic_set_release(&turn, 2);
}

LFX_SCENARIO(fault_cond_load) = {
	.name = "fault-cond-load-relaxed",
	.what = "smp_cond_load_relaxed() without a barrier after it",
	.threads = { { "sender", send }, { "receiver", wait_without_order } },
	.fails = "data race",
};

/* Lock-free lists: each entry is taken once, with its contents. */

static LLIST_HEAD(entries);

struct entry {
	struct llist_node node;
	int value;
};

static void add_one(void)
{
	struct entry *e = kzalloc_obj(*e);

	e->value = 3;
	llist_add(&e->node, &entries);
}

static void add_two(void)
{
	add_one();
	add_one();
}

static void take_first(void)
{
	struct llist_node *first = llist_del_first(&entries);
	struct entry *e;

	if (!first)
		return;
	e = llist_entry(first, struct entry, node);
	lfx_assert(e->value == 3);
	result[0]++;
	kfree(e);
}

static void take_all(void)
{
	struct llist_node *first = llist_del_all(&entries);
	struct entry *e, *next;

	llist_for_each_entry_safe(e, next, first, node) {
		lfx_assert(e->value == 3);
		result[1]++;
		kfree(e);
	}
}

static void check_entries(void)
{
	take_all();
	lfx_assert(result[0] + result[1] == 2);
}

LFX_SCENARIO(llist_first) = {
	.name = "llist-del-first",
	.what = "two llist_add() against llist_del_first(), with older values",
	.threads = { { "adder", add_two }, { "taker", take_first } },
	.check = check_entries,
	.stale = 1,
};

LFX_SCENARIO(llist_all) = {
	.name = "llist-del-all",
	.what = "llist_add() of two threads against llist_del_all()",
	.threads = {
		{ "adder 1", add_one },
		{ "adder 2", add_one },
		{ "taker", take_all },
	},
	.check = check_entries,
};

/* Notifier chains: unregistering waits for a call. */

static ATOMIC_NOTIFIER_HEAD(chain);
static BLOCKING_NOTIFIER_HEAD(blocking_chain);
SRCU_NOTIFIER_HEAD_STATIC(srcu_chain);

struct listener {
	struct notifier_block block;
	int calls;
};

static struct listener *listener;

static int note_call(struct notifier_block *nb, unsigned long action, void *p)
{
	container_of(nb, struct listener, block)->calls++;
	return NOTIFY_OK;
}

static void make_listener(void)
{
	listener = kzalloc_obj(*listener);
	listener->block.notifier_call = note_call;
}

static void make_registered_listener(void)
{
	make_listener();
	atomic_notifier_chain_register(&chain, &listener->block);
}

static void unregister_and_free(void)
{
	atomic_notifier_chain_unregister(&chain, &listener->block);
	kfree(listener);
}

static void call_chain(void)
{
	atomic_notifier_call_chain(&chain, 1, NULL);
}

LFX_SCENARIO(notifier_atomic) = {
	.name = "notifier-atomic",
	.what = "atomic_notifier_chain_unregister() and kfree() against a call",
	.setup = make_registered_listener,
	.threads = {
		{ "owner", unregister_and_free }, { "caller", call_chain },
	},
};

/* A call meets all that were registered before it. */

static struct listener second;

static void register_second(void)
{
	second.block.notifier_call = note_call;
	second.block.priority = 1;
	atomic_notifier_chain_register(&chain, &second.block);
}

static void call_first(void)
{
	call_chain();
	lfx_assert(listener->calls == 1 && second.calls <= 1);
}

static void free_listener(void)
{
	kfree(listener);
}

LFX_SCENARIO(notifier_register) = {
	.name = "notifier-register",
	.what = "atomic_notifier_chain_register() in front of another one against a call",
	.setup = make_registered_listener,
	.threads = { { "owner", register_second }, { "caller", call_first } },
	.check = free_listener,
};

static void make_blocking_listener(void)
{
	make_listener();
	blocking_notifier_chain_register(&blocking_chain, &listener->block);
}

static void unregister_blocking(void)
{
	blocking_notifier_chain_unregister(&blocking_chain, &listener->block);
	kfree(listener);
}

static void call_blocking(void)
{
	blocking_notifier_call_chain(&blocking_chain, 1, NULL);
}

LFX_SCENARIO(notifier_blocking) = {
	.name = "notifier-blocking",
	.what = "blocking_notifier_chain_unregister() and kfree() against a call",
	.setup = make_blocking_listener,
	.threads = {
		{ "owner", unregister_blocking }, { "caller", call_blocking },
	},
};

static void make_srcu_listener(void)
{
	make_listener();
	srcu_notifier_chain_register(&srcu_chain, &listener->block);
}

static void unregister_srcu(void)
{
	srcu_notifier_chain_unregister(&srcu_chain, &listener->block);
	kfree(listener);
}

static void call_srcu_chain(void)
{
	srcu_notifier_call_chain(&srcu_chain, 1, NULL);
}

LFX_SCENARIO(notifier_srcu) = {
	.name = "notifier-srcu",
	.what = "srcu_notifier_chain_unregister() and kfree() against a call",
	.setup = make_srcu_listener,
	.threads = {
		{ "owner", unregister_srcu }, { "caller", call_srcu_chain },
	},
};
