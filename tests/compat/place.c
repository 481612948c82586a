// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The table of call sites, and the reports that use it. For builds with
 * -Dchecks=true.
 */

#include "helpers.h"
#include <stdio.h>
#include <linux/list.h>
#include <libfence/libfence.h>

#include "kernel/internal.h"

#define NR_OBJECTS	10000
#define UNKNOWN		"an unknown call site"

/* No code is at these addresses, so their names are numbers. */
static unsigned long ip_of(int i)
{
	return 0x100000000000ul + i;
}

static void the_place_of_an_object_is_its_own_or_unknown(void **state)
{
	static char objects[NR_OBJECTS];
	char own[32];
	struct lfpriv_symbol s;
	int i, known = 0;

	assert_string_equal(lfpriv_place_of(&s, &objects[0]), UNKNOWN);
	for (i = 0; i < NR_OBJECTS; i++) {
		lfshim_place_note(&objects[i], ip_of(i));
		snprintf(own, sizeof(own), "%#lx", ip_of(i));
		assert_string_equal(lfpriv_place_of(&s, &objects[i]), own);
	}
	for (i = 0; i < NR_OBJECTS; i++) {
		snprintf(own, sizeof(own), "%#lx", ip_of(i));
		if (!strcmp(lfpriv_place_of(&s, &objects[i]), own))
			known++;
		else
			assert_string_equal(s.text, UNKNOWN);
	}
	/* The table has room for some of them. */
	assert_between(known, 1000, 4096);
	/* The last call counts. */
	lfshim_place_note(&objects[0], ip_of(1));
	lfshim_place_note(&objects[0], ip_of(2));
	assert_string_equal(lfpriv_place_of(&s, &objects[0]),
			    "0x100000000002");
}

static noinline void delete_first(struct list_head *entry)
{
	list_del(entry);
}

static noinline void delete_second(struct list_head *entry)
{
	list_del(entry);
}

static noinline void add_first(struct list_head *entry, struct list_head *head)
{
	list_add(entry, head);
}

static noinline void add_second(struct list_head *entry,
				struct list_head *head)
{
	list_add(entry, head);
}

static void a_report_of_lists_names_both_places(void **state)
{
	struct list_head entry;
	LIST_HEAD(head);

	add_first(&entry, &head);
	assert_warns_naming("list_add() at add_second+0x",
			    "added at add_first+0x", add_second(&entry, &head));
	delete_first(&entry);
	assert_warns_naming("list_del() at delete_second+0x",
			    "deleted before, at delete_first+0x",
			    delete_second(&entry));
	entry.next = entry.prev = &head;
	assert_warns_naming("which is not on a list",
			    "last added or deleted at delete_first+0x",
			    delete_second(&entry));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_place_of_an_object_is_its_own_or_unknown),
		TEST(a_report_of_lists_names_both_places),
	};

	BUG_ON(!libfence_has_checks());
	return TEST_MAIN("place", tests);
}
