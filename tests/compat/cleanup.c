// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Cleanup actions at the end of a variable's scope. */

#include "helpers.h"
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/slab.h>

/* The events so far, one letter each. */
static char events[32];

static void event(char c)
{
	size_t len = strlen(events);

	events[len] = c;
	events[len + 1] = '\0';
}

static void put_letter(char *p)
{
	event(*p);
}

DEFINE_FREE(letter, char *, if (_T) put_letter(_T))

static void free_runs_at_the_end_of_the_scope_in_reverse(void **state)
{
	char a = 'a', b = 'b';

	events[0] = '\0';
	{
		char *p __free(letter) = &a;
		char *q __free(letter) = &b;
		char *none __free(letter) = NULL;

		(void)none;
		assert_ptr_not_equal(p, q);
		event('-');
	}
	assert_string_equal(events, "-ba");
}

static char *keep(char *c, bool fail)
{
	char *p __free(letter) = c;

	if (fail)
		return NULL;
	return_ptr(p);
}

static char *keep_otherwise(char *c)
{
	char *p __free(letter) = c;
	char *kept = no_free_ptr(p);

	assert_null(p);
	return kept;
}

static void a_returned_pointer_is_not_freed(void **state)
{
	char a = 'a';

	events[0] = '\0';
	assert_ptr_equal(keep(&a, false), &a);
	assert_ptr_equal(keep_otherwise(&a), &a);
	assert_string_equal(events, "");
	assert_null(keep(&a, true));
	assert_string_equal(events, "a");
	{
		char *p __free(letter) = &a;

		retain_and_null_ptr(p);
		assert_null(p);
	}
	assert_string_equal(events, "a");
}

static void free_of_kmalloc_memory_knows_errors(void **state)
{
	/* AddressSanitizer and LeakSanitizer check that the memory is freed. */
	void *p __free(kfree) = kmalloc(10, GFP_KERNEL);
	void *none __free(kfree) = NULL;
	void *error __free(kfree) = ERR_PTR(-ENOMEM);

	assert_non_null(p);
	assert_null(none);
	assert_true(IS_ERR(error));
}

struct door {
	int depth;
};

static void door_open(struct door *d)
{
	d->depth++;
	event('(');
}

static void door_close(struct door *d)
{
	d->depth--;
	event(')');
}

DEFINE_GUARD(door, struct door *, door_open(_T), door_close(_T))
DEFINE_LOCK_GUARD_0(gate, event('<'), event('>'))

static int leave_early(struct door *d, bool early)
{
	guard(door)(d);
	if (early)
		return d->depth;
	event('.');
	return -d->depth;
}

static void guard_lasts_until_the_end_however_one_leaves(void **state)
{
	struct door d = { 0 };

	events[0] = '\0';
	assert_int_equal(leave_early(&d, true), 1);
	assert_int_equal(leave_early(&d, false), -1);
	assert_int_equal(d.depth, 0);
	assert_string_equal(events, "()(.)");
}

static void two_guards_fit_in_one_scope(void **state)
{
	struct door a = { 0 }, b = { 0 };

	events[0] = '\0';
	{
		guard(door)(&a);
		guard(door)(&b);
		guard(gate)();
		assert_int_equal(a.depth + b.depth, 2);
	}
	assert_int_equal(a.depth + b.depth, 0);
	assert_string_equal(events, "((<>))");
}

static void scoped_guard_covers_its_body_once(void **state)
{
	struct door d = { 0 };
	int i;

	events[0] = '\0';
	scoped_guard(door, &d)
		event('1');
	assert_string_equal(events, "(1)");
	events[0] = '\0';
	for (i = 0; i < 2; i++) {
		scoped_guard(gate) {
			event('a');
			if (i == 0)
				/* Leaves the guard, but not the outer loop. */
				continue;
			event('b');
		}
	}
	assert_string_equal(events, "<a><ab>");
	events[0] = '\0';
	scoped_guard(door, &d) {
		event('x');
		break;
	}
	assert_int_equal(d.depth, 0);
	assert_string_equal(events, "(x)");
}

DEFINE_CLASS(number, int, event('0' + _T), value + 1, int value)

static void class_constructs_and_destructs(void **state)
{
	events[0] = '\0';
	{
		CLASS(number, three)(2);
		CLASS(number, five)(4);

		assert_int_equal(three, 3);
		assert_int_equal(five, 5);
	}
	assert_string_equal(events, "53");
}

static DEFINE_SPINLOCK(spin);

static bool leave_a_guard_early(bool early)
{
	guard(spinlock_irqsave)(&spin);
	if (early)
		return spin_is_locked(&spin) && irqs_disabled();
	return false;
}

static void spinlock_guards_hold_the_lock_and_restore_interrupts(void **state)
{
	unsigned long flags;
	int n = 0;

	{
		guard(spinlock)(&spin);
		assert_true(spin_is_locked(&spin));
		assert_false(irqs_disabled());
	}
	assert_false(spin_is_locked(&spin));
	scoped_guard(spinlock_irq, &spin) {
		assert_true(spin_is_locked(&spin));
		assert_true(irqs_disabled());
		n++;
	}
	assert_int_equal(n, 1);
	assert_false(spin_is_locked(&spin));
	assert_false(irqs_disabled());
	assert_true(leave_a_guard_early(true));
	assert_false(spin_is_locked(&spin));
	assert_false(irqs_disabled());
	local_irq_save(flags);
	scoped_guard(spinlock_irqsave, &spin)
		assert_true(irqs_disabled());
	/* Restored: they were off before. */
	assert_true(irqs_disabled());
	local_irq_restore(flags);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(free_runs_at_the_end_of_the_scope_in_reverse),
		TEST(a_returned_pointer_is_not_freed),
		TEST(free_of_kmalloc_memory_knows_errors),
		TEST(guard_lasts_until_the_end_however_one_leaves),
		TEST(two_guards_fit_in_one_scope),
		TEST(spinlock_guards_hold_the_lock_and_restore_interrupts),
		TEST(scoped_guard_covers_its_body_once),
		TEST(class_constructs_and_destructs),
	};

	return TEST_MAIN("cleanup", tests);
}
