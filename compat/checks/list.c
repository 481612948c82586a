// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Checks of lists, with LFSHIM_CHECKS; see <linux/list.h>. */

#include <linux/bug.h>
#include <linux/list.h>

#include "host/fd.h"
#include "kernel/internal.h"

bool lfshim_list_add_valid(struct list_head *entry, struct list_head *prev,
			   struct list_head *next)
{
	struct lfpriv_symbol here, before;

	if (likely(prev && next && next->prev == prev && prev->next == next &&
		   entry != prev && entry != next)) {
		lfshim_place_note(entry, _RET_IP_);
		return true;
	}
	if (entry == prev || entry == next)
		WARN(1, "list_add() at %s of entry %p, which is on the list already: added at %s",
		     lfpriv_symbol_of(&here, _RET_IP_), entry,
		     lfpriv_place_of(&before, entry));
	else
		WARN(1, "list_add() at %s to a corrupted list: between %p and %p, which are no neighbours",
		     lfpriv_symbol_of(&here, _RET_IP_), prev, next);
	return false;
}

bool lfshim_list_del_valid(struct list_head *entry)
{
	struct list_head *prev = entry->prev, *next = entry->next;
	struct lfpriv_symbol here, before;

	if (next == LIST_POISON1 || prev == LIST_POISON2) {
		WARN(1, "list_del() at %s of entry %p, which was deleted before, at %s",
		     lfpriv_symbol_of(&here, _RET_IP_), entry,
		     lfpriv_place_of(&before, entry));
		return false;
	}
	if (likely(prev && next && prev->next == entry &&
		   next->prev == entry)) {
		lfshim_place_note(entry, _RET_IP_);
		return true;
	}
	WARN(1, "list_del() at %s of entry %p, which is not on a list: next %p, prev %p; an entry at this address was last added or deleted at %s",
	     lfpriv_symbol_of(&here, _RET_IP_), entry, next, prev,
	     lfpriv_place_of(&before, entry));
	return false;
}

/* True if the pointer at @offset after @base can be read, and is @entry. */
static bool list_points_to(const void *base, size_t offset,
			   const struct list_head *entry)
{
	const struct list_head *p;

	/* A number, because @base may be NULL or anything else. */
	return lfhost_peek(&p, (const void *)((unsigned long)base + offset),
			   sizeof(p)) && p == entry;
}

/* Reads memory that may not exist: @entry need not be initialised. */
bool lfshim_list_linked(const struct list_head *entry)
{
	return entry->next != entry &&
	       list_points_to(entry->next, offsetof(struct list_head, prev),
			      entry) &&
	       list_points_to(entry->prev, offsetof(struct list_head, next),
			      entry);
}
