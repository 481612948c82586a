// SPDX-License-Identifier: GPL-2.0 OR MIT
/* RCU boxes: a reader may use the content until the end of its section. */

#include "explore.h"

#include <libfence/driver-fence.h>
#include <libfence/rcu-box.h>
#include <linux/atomic.h>

struct note {
	bool ended;
	int nr;
};

static atomic_t destroyed = ATOMIC_INIT(0);
static int pause_word;

static void end_note(struct note *note)
{
	lfx_assert(!note->ended);
	note->ended = true;
	atomic_inc(&destroyed);
}

LIBFENCE_RCU_BOX_DESTROY(note, struct note, end_note);
/* A box without a destructor. */
LIBFENCE_RCU_BOX(plain, struct note);

static struct note_box *slot, *fresh[2];
static struct plain_box *plain_slot, *fresh_plain;

static void check_note(const struct note *note)
{
	/* Other threads may run here. */
	(void)READ_ONCE(pause_word);
	lfx_assert(!note->ended && note->nr >= 1);
}

static void make_notes(void)
{
	slot = note_box_create(&(struct note){ .nr = 1 });
	fresh[0] = note_box_create(&(struct note){ .nr = 2 });
	fresh[1] = note_box_create(&(struct note){ .nr = 3 });
	lfx_name(slot, "note 1");
}

static void make_plain(void)
{
	plain_slot = plain_box_create(&(struct note){ .nr = 1 });
	fresh_plain = plain_box_create(&(struct note){ .nr = 2 });
}

static void read_note(void)
{
	libfence_rcu_read_lock();
	check_note(note_box_read_rcu(&slot));
	libfence_rcu_read_unlock();
}

static void borrow_note(void)
{
	libfence_rcu_read_lock();
	check_note(note_box_borrow(READ_ONCE(slot)));
	libfence_rcu_read_unlock();
}

static void read_plain(void)
{
	libfence_rcu_read_lock();
	check_note(plain_box_read_rcu(&plain_slot));
	libfence_rcu_read_unlock();
}

static void publish(int i)
{
	struct note_box *old = note_box_publish(&slot, &fresh[i]);

	note_box_drop(&old);
	WRITE_ONCE(pause_word, 1);
}

static void publish_0(void)
{
	publish(0);
}

static void publish_1(void)
{
	publish(1);
}

static void publish_plain(void)
{
	struct plain_box *old = plain_box_publish(&plain_slot, &fresh_plain);

	plain_box_drop(&old);
	WRITE_ONCE(pause_word, 1);
}

static void drop_notes(void)
{
	note_box_drop(&slot);
	note_box_drop(&fresh[0]);
	note_box_drop(&fresh[1]);
	libfence_barrier();
	lfx_assert(atomic_read(&destroyed) == 3);
}

static void drop_plain(void)
{
	plain_box_drop(&plain_slot);
}

LFX_SCENARIO(box_readers) = {
	.name = "box-readers",
	.what = "a box with a destructor is replaced against two readers",
	.setup = make_notes,
	.threads = {
		{ "owner", publish_0 }, { "reader", read_note },
		{ "borrower", borrow_note },
	},
	.check = drop_notes,
};

LFX_SCENARIO(box_plain) = {
	.name = "box-plain",
	.what = "a box without a destructor is replaced against a reader",
	.setup = make_plain,
	.threads = { { "owner", publish_plain }, { "reader", read_plain } },
	.check = drop_plain,
};

LFX_SCENARIO(box_two_publishers) = {
	.name = "box-two-publishers",
	.what = "two threads replace a box, one reads it",
	.setup = make_notes,
	.threads = {
		{ "owner 0", publish_0 }, { "owner 1", publish_1 },
		{ "reader", read_note },
	},
	.check = drop_notes,
};
