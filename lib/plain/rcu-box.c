// SPDX-License-Identifier: GPL-2.0 OR MIT
/* RCU boxes, <libfence/rcu-box.h>. */

#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <libfence/rcu-box.h>

#include "destructor.h"

struct libfence_rcu_box {
	const struct libfence_rcu_box_type *type;
	struct rcu_head rcu;
	char content[] __aligned(16);
};

void libfence_rcu_read_lock(void)
{
	rcu_read_lock();
}
EXPORT_SYMBOL(libfence_rcu_read_lock);

void libfence_rcu_read_unlock(void)
{
	rcu_read_unlock();
}
EXPORT_SYMBOL(libfence_rcu_read_unlock);

struct libfence_rcu_box *
libfence_rcu_box_create(const struct libfence_rcu_box_type *type,
			const void *initial)
{
	struct libfence_rcu_box *box;

	box = kmalloc(struct_size(box, content, type->size), GFP_KERNEL);
	if (!box)
		return NULL;
	box->type = type;
	memcpy(box->content, initial, type->size);
	return box;
}
EXPORT_SYMBOL(libfence_rcu_box_create);

const void *libfence_rcu_box_read(const struct libfence_rcu_box *box)
{
	return box->content;
}
EXPORT_SYMBOL(libfence_rcu_box_read);

const void *libfence_rcu_box_read_rcu(struct libfence_rcu_box *const *slot)
{
	/*
	 * A1: acquire. Pairs with F1 in libfence_rcu_box_publish_raw(). Without
	 * it, the content may be read before it was stored.
	 */
	const struct libfence_rcu_box *box = rcu_dereference(*slot);

	return box ? box->content : NULL;
}
EXPORT_SYMBOL(libfence_rcu_box_read_rcu);

const void *libfence_rcu_box_borrow(const void *ptr)
{
	/* No partner: the caller has loaded @ptr, with an order of its own. */
	const struct libfence_rcu_box *box = rcu_dereference(ptr);

	return box ? box->content : NULL;
}
EXPORT_SYMBOL(libfence_rcu_box_borrow);

struct libfence_rcu_box *
libfence_rcu_box_publish_raw(struct libfence_rcu_box **slot,
			     struct libfence_rcu_box *box)
{
	/*
	 * F1: full barrier. Pairs with A1 in libfence_rcu_box_read_rcu().
	 * Without it, a reader may find the box before its content.
	 */
	return xchg(slot, box);
}
EXPORT_SYMBOL(libfence_rcu_box_publish_raw);

static void rcu_box_destroy_rcu(struct rcu_head *rcu)
{
	struct libfence_rcu_box *box =
		container_of(rcu, struct libfence_rcu_box, rcu);

	run_destructor(box->type->destroy, box->content);
	kfree(box);
}

void libfence_rcu_box_drop_raw(struct libfence_rcu_box *box)
{
	if (!box)
		return;
	if (box->type->destroy)
		call_rcu(&box->rcu, rcu_box_destroy_rcu);
	else
		kfree_rcu(box, rcu);
}
EXPORT_SYMBOL(libfence_rcu_box_drop_raw);
