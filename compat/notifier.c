// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Notifier chains; see <linux/notifier.h>. */

#include <linux/notifier.h>
#include <linux/bug.h>

static int chain_add(struct notifier_block __rcu **link,
		     struct notifier_block *nb)
{
	struct notifier_block __rcu **place = NULL;

	for (; *link; link = &(*link)->next) {
		if (WARN(*link == nb, "notifier callback %ps already registered\n",
			 (void *)nb->notifier_call))
			return -EEXIST;
		if (!place && nb->priority > (*link)->priority)
			place = link;
	}
	if (!place)
		place = link;
	nb->next = *place;
	/*
	 * R1: release. Pairs with A1 in chain_call(). Without it, a reader may
	 * find the block before its members.
	 */
	rcu_assign_pointer(*place, nb);
	return 0;
}

static int chain_remove(struct notifier_block __rcu **link,
			struct notifier_block *nb)
{
	for (; *link; link = &(*link)->next) {
		if (*link == nb) {
			/* A reader that has @nb goes on with the next one. */
			rcu_assign_pointer(*link, nb->next);
			return 0;
		}
	}
	return -ENOENT;
}

static int chain_call(struct notifier_block __rcu **head, unsigned long val,
		      void *v)
{
	struct notifier_block *nb, *next;
	int ret = NOTIFY_DONE;

	/*
	 * A1: acquire. Pairs with R1 in chain_add(). Without it, the members of
	 * a block may be read before they were written. So in the loop.
	 */
	for (nb = rcu_dereference_raw(*head); nb; nb = next) {
		/* A function may unregister itself from a raw chain. */
		next = rcu_dereference_raw(nb->next);
		ret = nb->notifier_call(nb, val, v);
		if (ret & NOTIFY_STOP_MASK)
			break;
	}
	return ret;
}

int raw_notifier_chain_register(struct raw_notifier_head *nh,
				struct notifier_block *nb)
{
	return chain_add(&nh->head, nb);
}

int raw_notifier_chain_unregister(struct raw_notifier_head *nh,
				  struct notifier_block *nb)
{
	return chain_remove(&nh->head, nb);
}

int raw_notifier_call_chain(struct raw_notifier_head *nh, unsigned long val,
			    void *v)
{
	return chain_call(&nh->head, val, v);
}

int atomic_notifier_chain_register(struct atomic_notifier_head *nh,
				   struct notifier_block *nb)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&nh->lock, flags);
	ret = chain_add(&nh->head, nb);
	spin_unlock_irqrestore(&nh->lock, flags);
	return ret;
}

int atomic_notifier_chain_unregister(struct atomic_notifier_head *nh,
				     struct notifier_block *nb)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&nh->lock, flags);
	ret = chain_remove(&nh->head, nb);
	spin_unlock_irqrestore(&nh->lock, flags);
	synchronize_rcu();
	return ret;
}

int atomic_notifier_call_chain(struct atomic_notifier_head *nh,
			       unsigned long val, void *v)
{
	int ret;

	rcu_read_lock();
	ret = chain_call(&nh->head, val, v);
	rcu_read_unlock();
	return ret;
}

int blocking_notifier_chain_register(struct blocking_notifier_head *nh,
				     struct notifier_block *nb)
{
	int ret;

	down_write(&nh->rwsem);
	ret = chain_add(&nh->head, nb);
	up_write(&nh->rwsem);
	return ret;
}

int blocking_notifier_chain_unregister(struct blocking_notifier_head *nh,
				       struct notifier_block *nb)
{
	int ret;

	down_write(&nh->rwsem);
	ret = chain_remove(&nh->head, nb);
	up_write(&nh->rwsem);
	return ret;
}

int blocking_notifier_call_chain(struct blocking_notifier_head *nh,
				 unsigned long val, void *v)
{
	int ret = NOTIFY_DONE;

	/* As in the kernel, an empty chain takes no lock. */
	if (!rcu_access_pointer(nh->head))
		return ret;
	down_read(&nh->rwsem);
	ret = chain_call(&nh->head, val, v);
	up_read(&nh->rwsem);
	return ret;
}

void srcu_init_notifier_head(struct srcu_notifier_head *nh)
{
	mutex_init(&nh->mutex);
	init_srcu_struct(&nh->srcu);
	nh->head = NULL;
}

int srcu_notifier_chain_register(struct srcu_notifier_head *nh,
				 struct notifier_block *nb)
{
	int ret;

	mutex_lock(&nh->mutex);
	ret = chain_add(&nh->head, nb);
	mutex_unlock(&nh->mutex);
	return ret;
}

int srcu_notifier_chain_unregister(struct srcu_notifier_head *nh,
				   struct notifier_block *nb)
{
	int ret;

	mutex_lock(&nh->mutex);
	ret = chain_remove(&nh->head, nb);
	mutex_unlock(&nh->mutex);
	/* A call may still be at @nb. */
	synchronize_srcu(&nh->srcu);
	return ret;
}

int srcu_notifier_call_chain(struct srcu_notifier_head *nh, unsigned long val,
			     void *v)
{
	int idx = srcu_read_lock(&nh->srcu), ret;

	ret = chain_call(&nh->head, val, v);
	srcu_read_unlock(&nh->srcu, idx);
	return ret;
}
