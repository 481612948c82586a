// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Software timelines: threads that count up, make fences and drop fences. */
#include "stress.h"

#include <libfence/dma-fence.h>
#include <libfence/timeline.h>

static struct libfence_timeline *timeline;
static struct round {
	struct libfence *dropped, *made;
	/*
	 * The address of a fence that must not be touched once it is released.
	 */
	struct dma_fence *gone;
	/* Flags between members. */
	bool held, gone_on, first_is_done, second_ran;
} s;

static void begin(void)
{
	memset(&s, 0, sizeof(s));
	timeline = libfence_timeline_create("stress");
	assert_non_null(timeline);
}

static void end(void)
{
	stress_team_stop();
	stress_set_hook(NULL);
}

/* The first lock that member 0 takes is the timeline's. */
static void hold_before_the_lock(enum stress_where where,
				 const volatile void *what, long nr)
{
	if (where != STRESS_LOCK || stress_role() != 0 || READ_ONCE(s.held))
		return;
	raise_flag(s.held);
	stress_check(await_flag(s.gone_on));
}

/* H33: the last reference is dropped, and the release waits for the lock. */

static void drop_it(void)
{
	libfence_put(&s.dropped);
}

static void make_another_and_count_up(void)
{
	stress_check(await_flag(s.held));
	s.made = libfence_timeline_fence(timeline, 1);
	stress_check(libfence_to_dma_fence(s.made) != s.gone);
	libfence_timeline_inc(timeline, 1);
	stress_check(libfence_is_signaled_racy(s.made));
	stress_check(!dma_fence_test_signaled_flag(s.gone));
	raise_flag(s.gone_on);
}

static void count_up_meanwhile(void)
{
	stress_check(await_flag(s.held));
	libfence_timeline_inc(timeline, 1);
	stress_check(!dma_fence_test_signaled_flag(s.gone));
	raise_flag(s.gone_on);
}

static void drop_while(stress_member_fn member)
{
	int i;

	stress_set_hook(hold_before_the_lock);
	stress_team(drop_it, member);
	for (i = 0; i < stress_rounds(100); i++) {
		begin();
		s.dropped = libfence_timeline_fence(timeline, 1);
		s.gone = libfence_to_dma_fence(s.dropped);
		stress_team_round();
		libfence_put(&s.made);
		libfence_timeline_destroy(&timeline);
	}
	end();
}

static void h33_released_fence_is_not_shared(void **state)
{
	drop_while(make_another_and_count_up);
}

static void h33_released_fence_is_not_signalled(void **state)
{
	drop_while(count_up_meanwhile);
}

/*
 * The value is reached after the fence's value was compared, and before the
 * lock is taken.
 */

static void make_it(void)
{
	s.made = libfence_timeline_fence(timeline, 1);
	stress_check(libfence_is_signaled_racy(s.made));
}

static void count_up_before_it(void)
{
	stress_check(await_flag(s.held));
	libfence_timeline_inc(timeline, 1);
	raise_flag(s.gone_on);
}

static void s01_fence_is_made_while_its_value_is_reached(void **state)
{
	int i;

	stress_set_hook(hold_before_the_lock);
	stress_team(make_it, count_up_before_it);
	for (i = 0; i < stress_rounds(100); i++) {
		begin();
		stress_team_round();
		libfence_put(&s.made);
		libfence_timeline_destroy(&timeline);
	}
	end();
}

/* Two threads count up: the first one's fence is signalled first. */

static void first_callback(const struct libfence *fence, void *data)
{
	raise_flag(s.held);
	stress_check(await_flag(s.gone_on));
	stress_check(!READ_ONCE(s.second_ran));
	raise_flag(s.first_is_done);
}

static void second_callback(const struct libfence *fence, void *data)
{
	raise_flag(s.second_ran);
	stress_check(READ_ONCE(s.first_is_done));
}

static void count_up(void)
{
	libfence_timeline_inc(timeline, 1);
}

static void s02_two_increments_keep_the_order(void **state)
{
	struct libfence_callback cbs[2];
	int i;

	stress_team(count_up, count_up_before_it);
	for (i = 0; i < stress_rounds(100); i++) {
		begin();
		s.dropped = libfence_timeline_fence(timeline, 1);
		s.made = libfence_timeline_fence(timeline, 2);
		libfence_callback_init(&cbs[0], first_callback, NULL);
		libfence_callback_init(&cbs[1], second_callback, NULL);
		assert_int_equal(libfence_callback_register(s.dropped, &cbs[0]),
				 0);
		assert_int_equal(libfence_callback_register(s.made, &cbs[1]),
				 0);
		stress_team_round();
		assert_true(libfence_callback_unregister(&cbs[0]));
		assert_true(libfence_callback_unregister(&cbs[1]));
		libfence_put(&s.dropped);
		libfence_put(&s.made);
		libfence_timeline_destroy(&timeline);
	}
	end();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(h33_released_fence_is_not_shared),
		TEST(h33_released_fence_is_not_signalled),
		TEST(s01_fence_is_made_while_its_value_is_reached),
		TEST(s02_two_increments_keep_the_order),
	};

	return STRESS_MAIN("stress-timeline", tests);
}
