// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Time: the clock, jiffies, conversions, comparisons across the wrap. */

#include "helpers.h"
#include <linux/ktime.h>
#include <linux/math.h>
#include <linux/timer.h>

static void clock_never_goes_back(void **state)
{
	ktime_t last = ktime_get(), now;
	unsigned long last_j = jiffies, now_j;
	int i;

	for (i = 0; i < 100000; i++) {
		now = ktime_get();
		now_j = jiffies;
		assert_true(now >= last);
		assert_false(time_before(now_j, last_j));
		last = now;
		last_j = now_j;
	}
	assert_true(ktime_get_ns() >= (u64)last);
}

static void real_time_is_after_2020(void **state)
{
	assert_true(ktime_get_real() > 1577836800 * NSEC_PER_SEC);
	/* No leap second was ever taken away. */
	assert_true(ktime_get_clocktai_ns() > 1577836800 * NSEC_PER_SEC);
}

static void boot_time_is_not_before_the_monotonic_one(void **state)
{
	ktime_t before = ktime_get();

	assert_true(ktime_get_boottime() >= before);
	assert_true(ktime_get_boottime_ns() < ktime_get_real_ns());
}

static void jiffies_tick_hz_times_a_second(void **state)
{
	unsigned long j0, j1;
	ktime_t before, after;
	long ticks;

	before = ktime_get();
	j0 = jiffies;
	msleep(50);
	j1 = jiffies;
	after = ktime_get();
	ticks = j1 - j0;
	/* One tick more is possible, because the sleep starts inside a tick. */
	assert_true(ticks >= 50 * HZ / 1000);
	assert_true(ticks <= (after - before) / TICK_NSEC + 1);
	assert_between((long)(jiffies - (unsigned long)get_jiffies_64()),
		       -100, 100);
	/* The upper half is right too. */
	assert_int_equal(get_jiffies_64() >> 32,
			 (INITIAL_JIFFIES + ktime_get() / TICK_NSEC) >> 32);
}

static void jiffies_are_the_whole_ticks_of_the_clock(void **state)
{
	s64 before, after;
	u64 j;

	/* Again, if a tick has come in between. */
	do {
		before = ktime_get() / TICK_NSEC;
		j = get_jiffies_64();
		after = ktime_get() / TICK_NSEC;
	} while (before != after);
	assert_int_equal(j - INITIAL_JIFFIES, before);
}

static void low_half_of_jiffies_wraps_early(void **state)
{
	/* As in the kernel: code that mishandles the wrap fails early. */
	assert_int_equal((int)INITIAL_JIFFIES, -300 * HZ);
}

static void sleep_is_never_too_short(void **state)
{
	ktime_t begin = ktime_get();

	msleep(3);
	assert_true(ktime_get() - begin >= 3 * NSEC_PER_MSEC);
	begin = ktime_get();
	usleep_range(700, 800);
	assert_true(ktime_get() - begin >= 700 * NSEC_PER_USEC);
	begin = ktime_get();
	fsleep(300);
	assert_true(ktime_get() - begin >= 300 * NSEC_PER_USEC);
	begin = ktime_get();
	udelay(50);
	assert_true(ktime_get() - begin >= 50 * NSEC_PER_USEC);
	begin = ktime_get();
	mdelay(2);
	assert_true(ktime_get() - begin >= 2 * NSEC_PER_MSEC);
}

static unsigned int delay_ms;

static int sleep_so_long(void *use_usleep)
{
	ktime_t begin = ktime_get();

	if (use_usleep)
		usleep_range(1000 * delay_ms, 1000 * delay_ms);
	else
		msleep(delay_ms);
	return ktime_get() - begin >= delay_ms * NSEC_PER_MSEC;
}

/* Returns false if the thread was not seen asleep. */
static bool wake_up_does_not_shorten(long use_usleep)
{
	struct task_struct *task = start(sleep_so_long, (void *)use_usleep);
	bool asleep = false;

	while (!asleep && !(READ_ONCE(task->flags) & PF_EXITING)) {
		usleep_range(100, 200);
		asleep = sleeps_in(task, TASK_UNINTERRUPTIBLE);
	}
	wake_up_process(task);
	msleep(2);
	wake_up_process(task);
	assert_int_equal(finish(task), 1);
	return asleep;
}

static void wake_up_does_not_shorten_a_delay(void **state)
{
	long i;

	/* A busy machine needs a longer one. */
	for (i = 0; i < 2; i++)
		for (delay_ms = 20; !wake_up_does_not_shorten(i); delay_ms *= 2)
			assert_true(delay_ms < 2000);
}

static void timeouts_are_rounded_up(void **state)
{
	assert_int_equal(msecs_to_jiffies(0), 0);
	assert_int_equal(msecs_to_jiffies(1), DIV_ROUND_UP(HZ, 1000));
	assert_int_equal(msecs_to_jiffies(1000), HZ);
	assert_int_equal(msecs_to_jiffies(1001), HZ + DIV_ROUND_UP(HZ, 1000));
	assert_int_equal(usecs_to_jiffies(0), 0);
	assert_int_equal(usecs_to_jiffies(1), 1);
	assert_int_equal(usecs_to_jiffies(1000000), HZ);
	assert_int_equal(usecs_to_jiffies(1000001), HZ + 1);
	/* nsecs_to_jiffies() rounds down, as in the kernel. */
	assert_int_equal(nsecs_to_jiffies(TICK_NSEC - 1), 0);
	assert_int_equal(nsecs_to_jiffies(TICK_NSEC), 1);
}

static void negative_milliseconds_mean_for_ever(void **state)
{
	assert_int_equal(msecs_to_jiffies(-1), MAX_JIFFY_OFFSET);
	assert_int_equal(msecs_to_jiffies(INT_MIN), MAX_JIFFY_OFFSET);
	assert_int_equal(msecs_to_jiffies(INT_MAX),
			 INT_MAX / 1000l * HZ + (INT_MAX % 1000l * HZ + 999) / 1000);
	/* The largest timeout still compares as later than now. */
	assert_true(time_after(jiffies + MAX_JIFFY_OFFSET, jiffies));
}

static void conversions_survive_the_way_back(void **state)
{
	unsigned int ms;

	/* Both ways round up. */
	for (ms = 0; ms < 100000; ms += 1000 / HZ * 7) {
		if (1000 % HZ)
			assert_between(jiffies_to_msecs(msecs_to_jiffies(ms)),
				       ms, ms + 1000 / HZ + 1);
		else
			assert_int_equal(jiffies_to_msecs(msecs_to_jiffies(ms)),
					 ms);
	}
	assert_int_equal(jiffies_to_usecs(HZ), 1000000);
	assert_int_equal(jiffies_to_nsecs(HZ), NSEC_PER_SEC);
}

static void comparisons_work_across_the_wrap(void **state)
{
	static const unsigned long base[] = {
		0, 1, LONG_MAX, (unsigned long)LONG_MAX + 1, ULONG_MAX,
	};
	static const unsigned long step[] = { 1, 1000, LONG_MAX };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(base); i++) {
		unsigned long a = base[i];

		assert_false(time_after(a, a));
		assert_false(time_before(a, a));
		assert_true(time_after_eq(a, a));
		assert_true(time_before_eq(a, a));
		for (j = 0; j < ARRAY_SIZE(step); j++) {
			unsigned long b = a + step[j];

			assert_true(time_after(b, a));
			assert_true(time_after_eq(b, a));
			assert_true(time_before(a, b));
			assert_true(time_before_eq(a, b));
			assert_false(time_after(a, b));
			assert_false(time_before(b, a));
			assert_false(time_after_eq(a, b));
			assert_false(time_before_eq(b, a));
		}
	}
	assert_true(time_is_before_jiffies(jiffies - 10));
	assert_true(time_is_after_jiffies(jiffies + HZ));
}

static void ktime_arithmetic(void **state)
{
	ktime_t a = ktime_set(5, 7), b = ktime_add_ms(a, 3);

	assert_int_equal(ktime_to_ns(a), 5 * NSEC_PER_SEC + 7);
	assert_int_equal(ktime_sub(b, a), 3 * NSEC_PER_MSEC);
	assert_int_equal(ktime_us_delta(b, a), 3000);
	assert_int_equal(ktime_ms_delta(b, a), 3);
	assert_int_equal(ktime_add_us(a, 2), a + 2000);
	assert_int_equal(ktime_add_ns(a, 2), a + 2);
	assert_int_equal(ktime_sub_ns(a, 7), 5 * NSEC_PER_SEC);
	assert_int_equal(ktime_add(a, b), a + b);
	assert_int_equal(ktime_compare(a, b), -1);
	assert_int_equal(ktime_compare(b, a), 1);
	assert_int_equal(ktime_compare(a, a), 0);
	assert_true(ktime_after(b, a) && ktime_before(a, b));
	assert_false(ktime_after(a, a) || ktime_before(a, a));
	assert_int_equal(ktime_to_us(us_to_ktime(9)), 9);
	assert_int_equal(ktime_to_ms(ms_to_ktime(9)), 9);
	assert_int_equal(ns_to_ktime(9), 9);
	/* Too many seconds for a ktime_t. */
	assert_true(ktime_set(KTIME_SEC_MAX, 0) == KTIME_MAX);
}

static void timespec_of_a_negative_time_has_positive_nanoseconds(void **state)
{
	struct timespec64 ts = ktime_to_timespec64(ktime_set(3, 4));

	assert_int_equal(ts.tv_sec, 3);
	assert_int_equal(ts.tv_nsec, 4);
	ts = ktime_to_timespec64(-1);
	assert_int_equal(ts.tv_sec, -1);
	assert_int_equal(ts.tv_nsec, NSEC_PER_SEC - 1);
	ts = ktime_to_timespec64(-NSEC_PER_SEC);
	assert_int_equal(ts.tv_sec, -1);
	assert_int_equal(ts.tv_nsec, 0);
}

/* In 64 bits and in lowest terms, as the kernel computes it. */
static void timespecs_are_compared_and_subtracted(void **state)
{
	struct timespec64 a = { 5, 100 }, b = { 4, 999999999 }, c = { 5, 101 };
	struct timespec64 d = timespec64_sub(a, b), now;
	u64 before;

	assert_true(timespec64_compare(&a, &b) > 0 && timespec64_compare(&b, &a) < 0);
	assert_true(timespec64_compare(&a, &c) < 0 && timespec64_compare(&c, &a) > 0);
	assert_int_equal(timespec64_compare(&a, &a), 0);
	assert_true(timespec64_equal(&a, &a) && !timespec64_equal(&a, &c) && !timespec64_equal(&a, &b));
	assert_int_equal(d.tv_sec, 0);
	assert_int_equal(d.tv_nsec, 101);
	assert_int_equal(timespec64_to_ns(&a), 5 * NSEC_PER_SEC + 100);
	d = ns_to_timespec64(-1);
	assert_int_equal(d.tv_sec, -1);
	assert_int_equal(d.tv_nsec, NSEC_PER_SEC - 1);
	assert_int_equal(timespec64_to_ns(&d), -1);

	before = ktime_get_ns();
	ktime_get_ts64(&now);
	assert_true(timespec64_to_ns(&now) >= before && timespec64_to_ns(&now) <= ktime_get_ns());
	before = ktime_get_raw_ns();
	assert_true(ktime_get_raw() >= before);
	before = ktime_get_real_ns();
	ktime_get_real_ts64(&now);
	assert_true(timespec64_to_ns(&now) >= before && now.tv_sec > 1577836800);

	a = (struct timespec64){ 2, TICK_NSEC + 1 };
	assert_int_equal(timespec64_to_jiffies(&a), 2 * HZ + 2);
	a.tv_nsec = 0;
	assert_int_equal(timespec64_to_jiffies(&a), 2 * HZ);
	a.tv_sec = MAX_JIFFY_OFFSET;
	assert_true(timespec64_to_jiffies(&a) == MAX_JIFFY_OFFSET);
	a.tv_sec = -1;
	assert_true(timespec64_to_jiffies(&a) == MAX_JIFFY_OFFSET);
}

static void milliseconds_are_rounded_up_and_wrap_as_in_the_kernel(void **state)
{
	static const unsigned long js[] = {
		0, 1, 2, 7, 1000, UINT_MAX, LONG_MAX / 2, MAX_JIFFY_OFFSET,
		MAX_SCHEDULE_TIMEOUT, ULONG_MAX,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(js); i++) {
		u64 a = 1000, b = HZ;

		while (b) {
			u64 rest = a % b;

			a = b;
			b = rest;
		}
		b = HZ / a;
		assert_int_equal(jiffies_to_msecs(js[i]),
				 (unsigned int)((js[i] * (1000 / a) + b - 1) / b));
	}
	/* A poll that is built on it never waits too little. */
	for (i = 0; i < 3 * HZ; i++)
		assert_true(jiffies_to_msecs(i) * (u64)HZ >= i * 1000ull);
	assert_int_equal(jiffies_delta_to_msecs(-5), 0);
	assert_int_equal(jiffies_delta_to_msecs(HZ), 1000);
}

static void extremes_of_the_conversions(void **state)
{
	if (sizeof(long) < 8 || HZ != 1000)
		return;
	assert_int_equal(jiffies_to_msecs(MAX_SCHEDULE_TIMEOUT), 4294967295u);
	assert_int_equal(jiffies_to_usecs(MAX_SCHEDULE_TIMEOUT), 4294966296u);
	assert_int_equal(usecs_to_jiffies(UINT_MAX), MAX_JIFFY_OFFSET);
	assert_int_equal(usecs_to_jiffies(4294965296u), 4294966);
	assert_int_equal(usecs_to_jiffies(4294965297u), MAX_JIFFY_OFFSET);
	/* It goes through microseconds in 32 bits. */
	assert_int_equal(jiffies_to_nsecs(4294968), 704000);
}

static void more_comparisons_and_conversions(void **state)
{
	unsigned long j = jiffies;

	assert_true(time_in_range(j, j, j));
	assert_true(time_in_range(ULONG_MAX, ULONG_MAX - 1, 1ul));
	assert_false(time_in_range(2ul, ULONG_MAX - 1, 1ul));
	assert_true(time_is_before_eq_jiffies(j));
	assert_true(time_is_after_eq_jiffies(j + HZ));
	assert_true(time_after64(1ull, ~0ull) && time_before64(~0ull, 1ull));
	assert_false(time_after64(5ull, 5ull));
	assert_true(time_after_eq64(5ull, 5ull) && time_before_eq64(5ull, 5ull));
	assert_int_equal(secs_to_jiffies(7), 7 * HZ);
	assert_int_equal(nsecs_to_jiffies64(3ull * NSEC_PER_SEC), 3 * HZ);
}

static unsigned long skewed_second(unsigned long j, int cpu)
{
	return (j + 3ul * cpu) % HZ;
}

static void round_jiffies_is_to_a_whole_second(void **state)
{
	unsigned long now, j, r;
	int cpu, i;

	for (i = 0; i < 3 * HZ; i += 7) {
		for (cpu = 0; cpu < 3; cpu++) {
			now = jiffies;
			r = __round_jiffies_relative(2 * HZ + i, cpu);
			/* jiffies may have changed meanwhile. */
			if (jiffies != now)
				continue;
			j = now + 2 * HZ + i;
			assert_int_equal(skewed_second(now + r, cpu), 0);
			if (skewed_second(j, cpu) < HZ / 4)
				assert_int_equal(now + r,
						 j - skewed_second(j, cpu));
			else
				assert_int_equal(now + r,
						 j - skewed_second(j, cpu) + HZ);
			r = __round_jiffies_up_relative(2 * HZ + i, cpu);
			if (jiffies != now)
				continue;
			assert_int_equal(now + r,
					 j - skewed_second(j, cpu) + HZ);
		}
	}
	/* A result that is not in the future is not used. */
	j = jiffies - 10 * HZ;
	assert_int_equal(round_jiffies(j), j);
	j = jiffies + 10 * HZ;
	assert_true(time_after_eq(round_jiffies_up(j), j));
	assert_true(time_after(round_jiffies(j), j - HZ / 4 - 1));
	assert_true(round_jiffies_relative(10 * HZ) > 9 * HZ);
	assert_true(round_jiffies_up_relative(10 * HZ) + 1 >= 10 * HZ);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(clock_never_goes_back),
		TEST(real_time_is_after_2020),
		TEST(boot_time_is_not_before_the_monotonic_one),
		TEST(jiffies_tick_hz_times_a_second),
		TEST(jiffies_are_the_whole_ticks_of_the_clock),
		TEST(low_half_of_jiffies_wraps_early),
		TEST(sleep_is_never_too_short),
		TEST(wake_up_does_not_shorten_a_delay),
		TEST(timeouts_are_rounded_up),
		TEST(negative_milliseconds_mean_for_ever),
		TEST(conversions_survive_the_way_back),
		TEST(milliseconds_are_rounded_up_and_wrap_as_in_the_kernel),
		TEST(extremes_of_the_conversions),
		TEST(more_comparisons_and_conversions),
		TEST(comparisons_work_across_the_wrap),
		TEST(ktime_arithmetic),
		TEST(timespec_of_a_negative_time_has_positive_nanoseconds),
		TEST(timespecs_are_compared_and_subtracted),
		TEST(round_jiffies_is_to_a_whole_second),
	};

	return TEST_MAIN("time", tests);
}
