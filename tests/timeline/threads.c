// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Software timelines, used by several threads at a time. */

#include "../driver-fence/helpers.h"
#include <libfence/timeline.h>

#define NR_CREATORS	3
#define NR_INCREMENTERS	2
#define NR_FENCES	3000
/* The number of fences that one creator keeps pending at a time. */
#define WINDOW		16
/* The greatest distance of a new fence from the timeline's value. */
#define AHEAD		24

static struct libfence_timeline *timeline;
static atomic_t stop;
/* Fences are signalled only by the threads that count up. */
static bool nobody_polls;

static u32 next_random(u32 *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* One fence, and the number of calls of its callback. */
struct slot {
	struct libfence *fence;
	struct libfence_callback cb;
	atomic_t calls;
};

struct creator {
	struct task_struct *task;
	u32 seed;
	/* Callbacks that were registered, and callbacks that ran. */
	unsigned int wanted, had, reached, dropped;
	struct slot slots[WINDOW];
};

static struct creator creators[NR_CREATORS];
static atomic_t too_early, too_often, out_of_order;
/* The seqno of the fence signalled last; one thread writes at a time. */
static u32 last_value;

static void count_call(const struct libfence *fence, void *data)
{
	struct slot *slot = data;
	u32 seqno = libfence_seqno(fence);

	if ((s32)(libfence_timeline_value(timeline) - seqno) < 0)
		atomic_inc(&too_early);
	if (atomic_inc_return(&slot->calls) != 1)
		atomic_inc(&too_often);
	if (!nobody_polls)
		return;
	if ((s32)(seqno - READ_ONCE(last_value)) < 0)
		atomic_inc(&out_of_order);
	WRITE_ONCE(last_value, seqno);
}

/* Wait for the fence in one of several ways. Returns false on an error. */
static bool end_slot(struct creator *me, struct slot *slot)
{
	bool ok = true;

	switch (next_random(&me->seed) % 3) {
	case 0:
		ok = !libfence_wait(slot->fence, LIBFENCE_FOREVER);
		break;
	case 1:
		while (!nobody_polls && !libfence_is_signaled(slot->fence))
			cond_resched();
		break;
	case 2:
		/* Setting a deadline polls the fence, too. */
		if (!nobody_polls)
			libfence_set_deadline(slot->fence, me->seed);
		break;
	}
	while (!libfence_is_signaled_racy(slot->fence))
		usleep_range(10, 20);
	/* Unregistering waits for a call that is running. */
	me->had += libfence_callback_unregister(&slot->cb);
	ok = ok && atomic_read(&slot->calls) == 1 &&
	     libfence_status(slot->fence) == 1;
	libfence_put(&slot->fence);
	return ok;
}

static int create(void *data)
{
	struct creator *me = data;
	unsigned int i, nr = NR_FENCES / test_slowness();
	bool ok = true;
	u32 value;

	for (i = 0; i < nr; i++) {
		struct slot *slot = &me->slots[i % WINDOW];

		if (slot->fence)
			ok = end_slot(me, slot) && ok;
		value = libfence_timeline_value(timeline) + 1 +
			next_random(&me->seed) % AHEAD;
		slot->fence = libfence_timeline_fence(timeline, value);
		if (!slot->fence || libfence_seqno(slot->fence) != value)
			return -EINVAL;
		/*
		 * Drop some at once, so that they are released while others
		 * count up.
		 */
		if (next_random(&me->seed) % 4 == 0) {
			libfence_put(&slot->fence);
			me->dropped++;
			continue;
		}
		atomic_set(&slot->calls, 0);
		libfence_callback_init(&slot->cb, count_call, slot);
		if (libfence_callback_register(slot->fence, &slot->cb)) {
			/*
			 * The value was reached before the callback was
			 * registered.
			 */
			ok = ok && libfence_status(slot->fence) == 1;
			libfence_put(&slot->fence);
			me->reached++;
			continue;
		}
		me->wanted++;
	}
	for (i = 0; i < WINDOW; i++)
		if (me->slots[i].fence)
			ok = end_slot(me, &me->slots[i]) && ok;
	return ok ? 0 : -EIO;
}

static int count_up(void *data)
{
	u32 seed = (unsigned long)data, sum = 0, by;

	while (!atomic_read(&stop)) {
		by = next_random(&seed) % 4;
		libfence_timeline_inc(timeline, by);
		sum += by;
		if (seed & 0x100)
			usleep_range(1, 20);
	}
	return sum & INT_MAX;
}

static void create_and_count_up(u32 start_at, bool no_polling)
{
	struct task_struct *incs[NR_INCREMENTERS];
	u32 sum = start_at;
	unsigned int i;

	nobody_polls = no_polling;
	memset(creators, 0, sizeof(creators));
	atomic_set(&stop, 0);
	atomic_set(&too_early, 0);
	atomic_set(&too_often, 0);
	atomic_set(&out_of_order, 0);
	timeline = libfence_timeline_create("threads");
	libfence_timeline_inc(timeline, start_at);
	last_value = start_at;
	for (i = 0; i < NR_CREATORS; i++) {
		creators[i].seed = test_seed() + i;
		creators[i].task = start(create, &creators[i]);
	}
	for (i = 0; i < NR_INCREMENTERS; i++)
		incs[i] = start(count_up, (void *)(test_seed() + 100 + i));
	for (i = 0; i < NR_CREATORS; i++)
		assert_int_equal(finish(creators[i].task), 0);
	atomic_set(&stop, 1);
	for (i = 0; i < NR_INCREMENTERS; i++)
		sum += finish(incs[i]);
	/* No increment was lost. */
	assert_int_equal(libfence_timeline_value(timeline) & INT_MAX,
			 sum & INT_MAX);
	libfence_timeline_destroy(&timeline);
	for (i = 0; i < NR_CREATORS; i++) {
		assert_int_equal(creators[i].had, creators[i].wanted);
		assert_true(creators[i].wanted > 0);
		assert_int_equal(creators[i].wanted + creators[i].reached +
				 creators[i].dropped,
				 NR_FENCES / test_slowness());
	}
	assert_int_equal(atomic_read(&too_early), 0);
	assert_int_equal(atomic_read(&too_often), 0);
	assert_int_equal(atomic_read(&out_of_order), 0);
}

static void each_is_signalled_once_when_it_is_reached(void **state)
{
	create_and_count_up(0, false);
}

static void each_is_signalled_once_where_values_wrap(void **state)
{
	create_and_count_up(-50, false);
}

static void callbacks_run_in_order_with_many_threads(void **state)
{
	create_and_count_up(-50, true);
}

/* Threads share a few fences, and drop them while others look them up. */

static int share_and_drop(void *data)
{
	u32 seed = (unsigned long)data;
	unsigned int i, nr = 20000 / test_slowness();

	for (i = 0; i < nr; i++) {
		u32 value = libfence_timeline_value(timeline) + 1;
		struct libfence *fence;

		fence = libfence_timeline_fence(timeline, value);
		if (!fence || libfence_seqno(fence) != value)
			return -EINVAL;
		switch (next_random(&seed) % 8) {
		case 0:
			libfence_timeline_inc(timeline, 1);
			if (!libfence_is_signaled(fence))
				return -EIO;
			break;
		case 1:
			libfence_set_deadline(fence, i);
			break;
		}
		libfence_put(&fence);
	}
	return 0;
}

static void drops_race_lookups(void **state)
{
	struct task_struct *tasks[4];
	unsigned int i;

	timeline = libfence_timeline_create("threads");
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		tasks[i] = start(share_and_drop, (void *)(test_seed() + i));
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		assert_int_equal(finish(tasks[i]), 0);
	libfence_timeline_destroy(&timeline);
}

/*
 * One thread is held up in a callback while it signals. Other threads must
 * still be able to count up; and a thread that finds the value reached must see
 * all stores that were made before it was reached.
 */

static struct {
	struct completion entered;
	bool go_on, reached;
	/* One for each reader: ThreadSanitizer reports each location once. */
	u64 data[2];
	struct libfence *second;
} held;

static void hold_up(const struct libfence *fence, void *data)
{
	complete(&held.entered);
	while (!READ_ONCE(held.go_on))
		cpu_relax();
}

static int inc_to_1(void *data)
{
	libfence_timeline_inc(timeline, 1);
	return 0;
}

static int do_and_count_up(void *data)
{
	held.data[0] = 7;
	held.data[1] = 8;
	libfence_timeline_inc(timeline, 1);
	/*
	 * A plain store: a lock or a barrier would order the readers as well.
	 */
	WRITE_ONCE(held.reached, true);
	return libfence_is_signaled_racy(held.second);
}

static int poll_and_look(void *data)
{
	while (!libfence_is_signaled(held.second))
		cpu_relax();
	return held.data[0];
}

static int poll_the_value(void *data)
{
	while (libfence_timeline_value(timeline) != 2)
		cpu_relax();
	return held.data[1];
}

static void a_callback_holds_up_no_other_thread(void **state)
{
	struct task_struct *first, *polls, *polls_too, *second;
	struct libfence_callback cb;
	struct libfence *fence;

	test_not_in_a_kernel("the callback disables interrupts until threads have run that may be on its CPU");
	memset(&held, 0, sizeof(held));
	init_completion(&held.entered);
	timeline = libfence_timeline_create("threads");
	fence = libfence_timeline_fence(timeline, 1);
	held.second = libfence_timeline_fence(timeline, 2);
	libfence_callback_init(&cb, hold_up, NULL);
	assert_int_equal(libfence_callback_register(fence, &cb), 0);

	first = start(inc_to_1, NULL);
	wait_for_completion(&held.entered);
	polls = start(poll_and_look, NULL);
	polls_too = start(poll_the_value, NULL);
	second = start(do_and_count_up, NULL);
	/* All three end while the callback is still running. */
	assert_true(finish(second) >= 0);
	assert_true(READ_ONCE(held.reached));
	assert_int_equal(finish(polls), 7);
	assert_int_equal(finish(polls_too), 8);
	WRITE_ONCE(held.go_on, true);
	finish(first);

	assert_true(libfence_callback_unregister(&cb));
	libfence_put(&fence);
	libfence_put(&held.second);
	libfence_timeline_destroy(&timeline);
}

/*
 * A fence reached while another thread is signalling is signalled by that
 * thread.
 */
static void a_fence_left_to_another_thread_is_signalled(void **state)
{
	struct task_struct *first;
	struct libfence_callback cb;
	struct libfence *fence;

	memset(&held, 0, sizeof(held));
	init_completion(&held.entered);
	timeline = libfence_timeline_create("threads");
	fence = libfence_timeline_fence(timeline, 1);
	held.second = libfence_timeline_fence(timeline, 2);
	libfence_callback_init(&cb, hold_up, NULL);
	assert_int_equal(libfence_callback_register(fence, &cb), 0);

	first = start(inc_to_1, NULL);
	wait_for_completion(&held.entered);
	libfence_timeline_inc(timeline, 1);
	assert_false(libfence_is_signaled_racy(held.second));
	WRITE_ONCE(held.go_on, true);
	assert_int_equal(libfence_wait(held.second, LIBFENCE_FOREVER), 0);
	finish(first);

	assert_true(libfence_callback_unregister(&cb));
	libfence_put(&fence);
	libfence_put(&held.second);
	libfence_timeline_destroy(&timeline);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(each_is_signalled_once_when_it_is_reached),
		TEST(each_is_signalled_once_where_values_wrap),
		TEST(callbacks_run_in_order_with_many_threads),
		TEST(drops_race_lookups),
		TEST(a_callback_holds_up_no_other_thread),
		TEST(a_fence_left_to_another_thread_is_signalled),
	};

	return TEST_MAIN("timeline-threads", tests);
}
