// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Where the program last did something to an object, with LFSHIM_CHECKS: added
 * an entry to a list or deleted it, added a callback, or destroyed a context.
 * The report of the second time says where the first time was.
 *
 * The objects have no room for that, so it is in a table of words, which needs
 * no lock. An object that was not used for long may have lost its word to
 * another one. Then the report says so. One of 65536 lost words is taken for
 * that of another object.
 */

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/list.h>

#include "kernel/internal.h"

#define NR_PLACES	4096
#define TAG_BITS	16

/* The call site, then a part of the hash of the address. 0: none. */
static u64 places[NR_PLACES];

static u64 place_hash(const void *object)
{
	return (unsigned long)object * 0x9e3779b97f4a7c15ull;
}

static u64 *place_slot(const void *object)
{
	return &places[(place_hash(object) >> 48) % NR_PLACES];
}

static u64 place_tag(const void *object)
{
	return place_hash(object) >> 24 & ((1u << TAG_BITS) - 1);
}

void lfshim_place_note(const void *object, unsigned long ip)
{
	/* Relaxed: the word is all that there is to read. */
	WRITE_ONCE(*place_slot(object), (u64)ip << TAG_BITS | place_tag(object));
}

const char *lfpriv_place_of(struct lfpriv_symbol *symbol, const void *object)
{
	u64 word = READ_ONCE(*place_slot(object));

	if (word && (word & ((1u << TAG_BITS) - 1)) == place_tag(object))
		return lfpriv_symbol_of(symbol, word >> TAG_BITS);
	strcpy(symbol->text, "an unknown call site");
	return symbol->text;
}

void lfshim_report_twice(const char *what, const void *object,
			 unsigned long ip)
{
	struct lfpriv_symbol here, before;

	WARN(1, "%s twice: %p at %s, and before at %s", what, object,
	     lfpriv_symbol_of(&here, ip), lfpriv_place_of(&before, object));
}
