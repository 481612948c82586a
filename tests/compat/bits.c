// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Searching bits, and random numbers that follow from a seed. */

#include "helpers.h"
#include <linux/bitops.h>
#include <linux/find.h>
#include <linux/kernel.h>
#include <linux/prandom.h>
#include <linux/sched/clock.h>
#include <linux/timekeeping.h>

#define NR_BITS	(3 * BITS_PER_LONG)

/* The same as find_next_bit() and find_next_zero_bit(), bit by bit. */
static unsigned long next_bit(const unsigned long *map, unsigned long size,
			      unsigned long from, bool value)
{
	for (; from < size; from++)
		if (!!(map[BIT_WORD(from)] & BIT_MASK(from)) == value)
			return from;
	return size;
}

static void check_map(const unsigned long *map)
{
	unsigned long size, from, bit, last, expected;

	for (size = 0; size <= NR_BITS; size++) {
		for (from = 0; from <= size; from++) {
			assert_int_equal(find_next_bit(map, size, from),
					 next_bit(map, size, from, true));
			assert_int_equal(find_next_zero_bit(map, size, from),
					 next_bit(map, size, from, false));
		}
		assert_int_equal(find_next_bit(map, size, size + 1), size);
		assert_int_equal(find_first_bit(map, size),
				 next_bit(map, size, 0, true));
		assert_int_equal(find_first_zero_bit(map, size),
				 next_bit(map, size, 0, false));
		last = size;
		expected = next_bit(map, size, 0, true);
		for_each_set_bit(bit, map, size) {
			assert_int_equal(bit, expected);
			expected = next_bit(map, size, bit + 1, true);
			last = bit;
		}
		assert_int_equal(expected, size);
		assert_int_equal(find_last_bit(map, size), last);
		expected = next_bit(map, size, 0, false);
		for_each_clear_bit(bit, map, size) {
			assert_int_equal(bit, expected);
			expected = next_bit(map, size, bit + 1, false);
		}
		assert_int_equal(expected, size);
		bit = size / 2;
		expected = next_bit(map, size, bit, true);
		for_each_set_bit_from(bit, map, size) {
			assert_int_equal(bit, expected);
			expected = next_bit(map, size, bit + 1, true);
		}
		assert_int_equal(expected, size);
	}
}

static void searches_find_what_a_walk_finds(void **state)
{
	unsigned long map[NR_BITS / BITS_PER_LONG];
	struct rnd_state random;
	unsigned int i, j;

	memset(map, 0, sizeof(map));
	check_map(map);
	memset(map, 0xff, sizeof(map));
	check_map(map);
	prandom_seed_state(&random, test_seed());
	for (i = 0; i < 10; i++) {
		prandom_bytes_state(&random, map, sizeof(map));
		/* With fewer bits from time to time. */
		for (j = 0; i % 3 && j < ARRAY_SIZE(map); j++)
			map[j] &= map[j] << 7;
		check_map(map);
	}
}

static void highest_and_lowest_bits_have_numbers(void **state)
{
	int i;

	assert_int_equal(fls(0), 0);
	assert_int_equal(fls64(0), 0);
	assert_int_equal(fls_long(0), 0);
	for (i = 0; i < 64; i++) {
		u64 x = 1ull << i;

		assert_int_equal(fls64(x), i + 1);
		assert_int_equal(fls64(x | 1), i + 1);
		assert_int_equal(__ffs64(x | 1ull << 63), i);
		if (i < 32)
			assert_int_equal(fls(x | 1), i + 1);
		if (i < BITS_PER_LONG)
			assert_int_equal(fls_long(x | 1), i + 1);
	}
	assert_int_equal(rol32(0x80000001, 4), 0x18);
	assert_int_equal(ror32(0x18, 4), 0x80000001);
	assert_int_equal(rol32(5, 0), 5);
	assert_int_equal(ror32(5, 32), 5);
}

static void the_same_seed_gives_the_same_numbers(void **state)
{
	struct rnd_state a, b;
	u64 seed = test_seed();
	u8 bytes[7];
	u32 first;
	int i, nr_same = 0;

	prandom_seed_state(&a, seed);
	prandom_seed_state(&b, seed);
	for (i = 0; i < 100; i++)
		assert_int_equal(prandom_u32_state(&a), prandom_u32_state(&b));
	/* The high half counts, too. */
	prandom_seed_state(&a, seed);
	prandom_seed_state(&b, seed ^ 1ull << 40);
	for (i = 0; i < 100; i++)
		nr_same += prandom_u32_state(&a) == prandom_u32_state(&b);
	assert_in_range(nr_same, 0, 2);
	prandom_seed_state(&a, seed);
	first = prandom_u32_state(&a);
	prandom_seed_state(&a, seed);
	prandom_bytes_state(&a, bytes, sizeof(bytes));
	assert_int_equal(bytes[0], first & 0xff);
	assert_int_equal(bytes[3], first >> 24);
}

static void every_bit_of_the_numbers_changes(void **state)
{
	struct rnd_state random;
	int ones[32] = { 0 }, flips[32] = { 0 }, i, j;
	u32 x, old = 0;

	prandom_seed_state(&random, test_seed());
	for (i = 0; i < 4000; i++) {
		x = prandom_u32_state(&random);
		for (j = 0; j < 32; j++) {
			ones[j] += x >> j & 1;
			flips[j] += (x ^ old) >> j & 1;
		}
		old = x;
	}
	/* Ten standard deviations. */
	for (j = 0; j < 32; j++) {
		assert_in_range(ones[j], 2000 - 320, 2000 + 320);
		assert_in_range(flips[j], 2000 - 320, 2000 + 320);
	}
}

static void clocks_of_the_scheduler_are_the_monotonic_clock(void **state)
{
	u64 before = ktime_get_ns(), a = sched_clock(), b = local_clock(),
	    c = cpu_clock(0), after = ktime_get_ns();

	assert_true(before <= a && a <= b && b <= c && c <= after);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(searches_find_what_a_walk_finds),
		TEST(highest_and_lowest_bits_have_numbers),
		TEST(the_same_seed_gives_the_same_numbers),
		TEST(every_bit_of_the_numbers_changes),
		TEST(clocks_of_the_scheduler_are_the_monotonic_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
