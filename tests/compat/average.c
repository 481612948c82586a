// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Small headers of arithmetic: averages, prime numbers, pages, constants. */

#include "support.h"
#include <linux/average.h>
#include <linux/const.h>
#include <linux/gfp.h>
#include <linux/prime_numbers.h>
#include <linux/time.h>

DECLARE_EWMA(coarse, 0, 2)
DECLARE_EWMA(fine, 6, 4)

static void the_first_value_is_the_average(void **state)
{
	struct ewma_fine e;

	ewma_fine_init(&e);
	assert_int_equal(ewma_fine_read(&e), 0);
	ewma_fine_add(&e, 1000);
	assert_int_equal(ewma_fine_read(&e), 1000);
}

static void a_new_value_counts_as_its_part(void **state)
{
	struct ewma_coarse c;
	struct ewma_fine f;

	ewma_coarse_init(&c);
	ewma_coarse_add(&c, 100);
	ewma_coarse_add(&c, 200);
	assert_int_equal(ewma_coarse_read(&c), 150);
	ewma_coarse_add(&c, 0);
	assert_int_equal(ewma_coarse_read(&c), 75);
	/* Without bits after the point, halves are lost. */
	ewma_coarse_add(&c, 0);
	assert_int_equal(ewma_coarse_read(&c), 37);

	ewma_fine_init(&f);
	ewma_fine_add(&f, 100);
	ewma_fine_add(&f, 200);
	assert_int_equal(ewma_fine_read(&f), 125);
	ewma_fine_add(&f, 0);
	/* 93.75, of which the fraction is kept for the next step. */
	assert_int_equal(ewma_fine_read(&f), 93);
	ewma_fine_add(&f, 97);
	assert_int_equal(ewma_fine_read(&f), 94);
}

static void an_average_reaches_its_value(void **state)
{
	struct ewma_fine f;
	int i;

	ewma_fine_init(&f);
	ewma_fine_add(&f, 1);
	for (i = 0; i < 100; i++)
		ewma_fine_add(&f, 5000);
	assert_between(ewma_fine_read(&f), 4999, 5000);
	ewma_fine_init(&f);
	assert_int_equal(ewma_fine_read(&f), 0);
}

static void prime_numbers(void **state)
{
	unsigned long p, sum = 0;
	int nr = 0;

	for_each_prime_number(p, 100) {
		nr++;
		sum += p;
	}
	assert_int_equal(nr, 25);
	assert_int_equal(sum, 1060);
	assert_false(is_prime_number(0));
	assert_false(is_prime_number(1));
	assert_true(is_prime_number(2));
	assert_false(is_prime_number(49));
	assert_int_equal(next_prime_number(0), 2);
	assert_int_equal(next_prime_number(7), 11);
	nr = 0;
	for_each_prime_number_from(p, 11, 17)
		nr++;
	assert_int_equal(nr, 3);
}

static void constants(void **state)
{
	assert_int_equal(PAGE_SIZE, 4096);
	assert_int_equal(PAGE_SIZE, UL(1) << PAGE_SHIFT);
	assert_int_equal(4097 & PAGE_MASK, 4096);
	assert_int_equal(sizeof(ULL(1)), 8);
	assert_int_equal(NSEC_PER_SEC, 1000000000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_value_is_the_average),
		TEST(a_new_value_counts_as_its_part),
		TEST(an_average_reaches_its_value),
		TEST(prime_numbers),
		TEST(constants),
	};

	return TEST_MAIN("average", tests);
}
