// SPDX-License-Identifier: GPL-2.0 OR MIT
/* seq_file: growing text, and allocations that fail. */

#include "helpers.h"
#include <linux/seq_file.h>
#include <libfence/libfence.h>

static void text_is_appended(void **state)
{
	struct seq_file m;

	lfshim_seq_open(&m);
	assert_string_equal(lfshim_seq_text(&m), "");
	seq_puts(&m, "fence ");
	seq_printf(&m, "%d/%s", 7, "x");
	seq_putc(&m, '\n');
	assert_int_equal(seq_write(&m, "a\0b", 3), 0);
	seq_puts(&m, "");
	assert_int_equal(m.count, 13);
	assert_memory_equal(lfshim_seq_text(&m), "fence 7/x\na\0b", 14);
	assert_false(seq_has_overflowed(&m));
	/* Every write ends the text, whatever was in the buffer. */
	m.count = 0;
	assert_int_equal(seq_write(&m, "ab", 2), 0);
	assert_string_equal(lfshim_seq_text(&m), "ab");
	lfshim_seq_release(&m);
	assert_string_equal(lfshim_seq_text(&m), "");
	lfshim_seq_release(&m);
}

static void buffer_grows_at_every_length(void **state)
{
	struct seq_file m;
	char expected[3000];
	int i;

	/* Each function reaches the end of the buffer at some length. */
	lfshim_seq_open(&m);
	for (i = 0; i < 2999; i++) {
		expected[i] = 'a' + i % 26;
		expected[i + 1] = '\0';
		if (i % 3 == 0)
			seq_putc(&m, expected[i]);
		else if (i % 3 == 1)
			seq_printf(&m, "%c", expected[i]);
		else
			seq_write(&m, &expected[i], 1);
		assert_int_equal(m.count, i + 1);
		assert_false(seq_has_overflowed(&m));
		assert_string_equal(lfshim_seq_text(&m), expected);
	}
	seq_printf(&m, "%5000s", "");
	assert_int_equal(strlen(lfshim_seq_text(&m)), 7999);
	lfshim_seq_release(&m);
}

/* Write a fixed text in many steps. */
static void write_text(struct seq_file *m)
{
	int i;

	for (i = 0; i < 200; i++) {
		seq_puts(m, "line ");
		seq_printf(m, "%d", i);
		seq_putc(m, '\n');
	}
}

static void lack_of_memory_overflows_and_stays_so(void **state)
{
	struct seq_file m;
	size_t complete, before;
	int n;

	lfshim_seq_open(&m);
	write_text(&m);
	complete = m.count;
	lfshim_seq_release(&m);
	for (n = 1; ; n++) {
		lfshim_seq_open(&m);
		libfence_fail_nth(n);
		write_text(&m);
		if (libfence_fail_nth_left())
			break;
		assert_true(seq_has_overflowed(&m));
		/* The text ends where the first write failed. */
		before = strlen(lfshim_seq_text(&m));
		assert_true(before < complete);
		assert_true(n > 1 || before == 0);
		seq_puts(&m, "more");
		seq_printf(&m, "more");
		assert_int_not_equal(seq_write(&m, "more", 4), 0);
		assert_int_equal(strlen(lfshim_seq_text(&m)), before);
		assert_true(seq_has_overflowed(&m));
		lfshim_seq_release(&m);
	}
	libfence_fail_nth(0);
	assert_true(n > 2);
	assert_int_equal(m.count, complete);
	assert_false(seq_has_overflowed(&m));
	lfshim_seq_release(&m);
}

static void released_text_is_freed(void **state)
{
	struct seq_file m;
	size_t before;
	int i;

	if (!MEMORY_IS_COUNTED)
		return;
	before = memory_in_use();
	for (i = 0; i < 100; i++) {
		lfshim_seq_open(&m);
		write_text(&m);
		lfshim_seq_release(&m);
	}
	assert_true(memory_in_use() < before + 16384);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(text_is_appended),
		TEST(buffer_grows_at_every_length),
		TEST(lack_of_memory_overflows_and_stays_so),
		TEST(released_text_is_freed),
	};

	return TEST_MAIN("seq_file", tests);
}
