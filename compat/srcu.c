// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Sleepable RCU; see <linux/srcu.h>. Readers count themselves at one of two
 * indices. A grace period waits until the unused one has no readers, makes it
 * the one of new readers, and waits until the other has none. The first wait is
 * for readers that read the index before an earlier grace period and counted
 * themselves after it.
 */

#include <linux/srcu.h>
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/wait_bit.h>

int init_srcu_struct(struct srcu_struct *ssp)
{
	atomic_set(&ssp->readers[0], 0);
	atomic_set(&ssp->readers[1], 0);
	ssp->index = 0;
	mutex_init(&ssp->gp);
	spin_lock_init(&ssp->lock);
	ssp->first = NULL;
	ssp->last = &ssp->first;
	INIT_WORK(&ssp->work, lfshim_srcu_work);
	return 0;
}

void cleanup_srcu_struct(struct srcu_struct *ssp)
{
	WARN_ON(srcu_read_lock_held(ssp));
	flush_work(&ssp->work);
	WARN_ON(ssp->first);
	mutex_destroy(&ssp->gp);
}

int srcu_read_lock(struct srcu_struct *ssp)
{
	int idx = READ_ONCE(ssp->index) & 1;

	/*
	 * F1: full barrier. Pairs with F3 in synchronize_srcu() and F4 in
	 * synchronize_srcu(). Without it, the data of this section could be older
	 * than a grace period that has not seen the reader.
	 */
	atomic_inc_return(&ssp->readers[idx]);
	return idx;
}

void srcu_read_unlock(struct srcu_struct *ssp, int idx)
{
	atomic_t *readers = &ssp->readers[idx];
	struct wait_queue_head *wq = __var_waitqueue(readers);

	/*
	 * F2: full barrier. Pairs with A1 in wait_for_readers(). Without it,
	 * accesses of this section could follow the end of a grace period that
	 * waited for it. Also before wq_has_sleeper() reads the queue. The domain
	 * may be gone after this, so the queue is one of the table's.
	 */
	if (!atomic_dec_return(readers) && wq_has_sleeper(wq))
		wake_up_var(readers);
}

static void wait_for_readers(struct srcu_struct *ssp, unsigned int idx)
{
	atomic_t *readers = &ssp->readers[idx];

	/*
	 * A1: acquire. Pairs with F2 in srcu_read_unlock(). Without it, the
	 * caller may free an object before the last reads of a reader.
	 */
	wait_var_event(readers, !atomic_read_acquire(readers));
}

void synchronize_srcu(struct srcu_struct *ssp)
{
	unsigned int idx;

	might_sleep();
	mutex_lock(&ssp->gp);
	/*
	 * F3: full barrier. Pairs with F1 in srcu_read_lock(). Without it, a
	 * reader could find an object that the caller has removed, and not be counted yet.
	 */
	smp_mb();
	idx = ssp->index & 1;
	wait_for_readers(ssp, idx ^ 1);
	/* Relaxed: a reader that has the old value counts itself there. */
	WRITE_ONCE(ssp->index, idx ^ 1);
	/*
	 * F4: full barrier. Pairs with F1 in srcu_read_lock(). Without it, the
	 * count could be read before new readers go to the other index.
	 */
	smp_mb();
	wait_for_readers(ssp, idx);
	mutex_unlock(&ssp->gp);
}

void lfshim_srcu_work(struct work_struct *work)
{
	struct srcu_struct *ssp = container_of(work, struct srcu_struct, work);
	struct rcu_head *head, *next;

	spin_lock_irq(&ssp->lock);
	head = ssp->first;
	ssp->first = NULL;
	ssp->last = &ssp->first;
	spin_unlock_irq(&ssp->lock);
	if (!head)
		return;
	synchronize_srcu(ssp);
	for (; head; head = next) {
		next = head->next;
		local_bh_disable();
		head->func(head);
		local_bh_enable();
	}
}

void call_srcu(struct srcu_struct *ssp, struct rcu_head *head,
	       rcu_callback_t func)
{
	unsigned long flags;

	head->func = func;
	head->next = NULL;
	spin_lock_irqsave(&ssp->lock, flags);
	*ssp->last = head;
	ssp->last = &head->next;
	spin_unlock_irqrestore(&ssp->lock, flags);
	/* The item runs again if it has taken the list already. */
	queue_work(system_dfl_wq, &ssp->work);
}

struct srcu_waiter {
	struct rcu_head head;
	struct completion done;
};

static void srcu_barrier_done(struct rcu_head *head)
{
	complete(&container_of(head, struct srcu_waiter, head)->done);
}

void srcu_barrier(struct srcu_struct *ssp)
{
	struct srcu_waiter waiter;

	might_sleep();
	init_completion(&waiter.done);
	call_srcu(ssp, &waiter.head, srcu_barrier_done);
	wait_for_completion(&waiter.done);
}
