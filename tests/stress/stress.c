// SPDX-License-Identifier: GPL-2.0 OR MIT
/* See stress.h. */
#include "stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static bool stress_on;
static int window_ms = 1;
static stress_hook_fn stress_hook;
static __thread bool in_point;
static __thread int role = -1;

void stress_set_hook(stress_hook_fn hook)
{
	WRITE_ONCE(stress_hook, hook);
}

int stress_role(void)
{
	return role;
}

void stress_relax(ktime_t begin)
{
	const struct timespec nap = { .tv_nsec = 20 * NSEC_PER_USEC };

	if (ktime_get() - begin < 100 * NSEC_PER_USEC)
		cpu_relax();
	else
		nanosleep(&nap, NULL);
}

static void random_delay(void)
{
	u32 r = get_random_u32();

	if (!(r & 0x1f))
		for (r = r >> 8 & 0x7f; r; r--)
			cpu_relax();
	else if ((r & 0x3ff) == 1)
		yield();
}

void stress_point(enum stress_where where, const volatile void *what, long nr)
{
	stress_hook_fn hook;

	if (in_point || !READ_ONCE(stress_on))
		return;
	in_point = true;
	hook = READ_ONCE(stress_hook);
	if (hook)
		hook(where, what, nr);
	else
		random_delay();
	in_point = false;
}

int stress_window_ms(void)
{
	return window_ms;
}

int stress_rounds(int n)
{
	n /= (int)test_slowness();
	return n > 0 ? n : 1;
}

/* Teams */

static struct {
	int nr;
	stress_member_fn members[STRESS_TEAM_MAX];
	struct task_struct *tasks[STRESS_TEAM_MAX];
	int round, done;
	bool stop;
} team;

static const char *failed_claim;

void stress_fail(const char *claim)
{
	/* Release: pairs with the acquire in stress_check_claims(). */
	smp_store_release(&failed_claim, claim);
}

static int member_thread(void *data)
{
	int seen = 0;

	role = (int)(long)data;
	for (;;) {
		int round;

		/* Acquire: pairs with the release in stress_team_begin(). */
		while ((round = smp_load_acquire(&team.round)) == seen)
			cpu_relax();
		seen = round;
		if (READ_ONCE(team.stop))
			return 0;
		team.members[role]();
		/* Release: pairs with the acquire in stress_team_finish(). */
		__atomic_fetch_add(&team.done, 1, __ATOMIC_RELEASE);
	}
}

void stress_team_start(int nr, const stress_member_fn *members)
{
	int i;

	assert_true(nr <= STRESS_TEAM_MAX);
	/* A failed test has not stopped its team. */
	if (team.nr) {
		/* Acquire: pairs with the release in member_thread(). */
		if (smp_load_acquire(&team.done) != team.nr)
			fail_msg("threads of an earlier test hang");
		stress_team_stop();
	}
	team.round = 0;
	team.stop = false;
	failed_claim = NULL;
	for (i = 0; i < nr; i++)
		team.members[i] = members[i];
	for (i = 0; i < nr; i++) {
		team.tasks[i] = kthread_create(member_thread, (void *)(long)i,
					       "member%d", i);
		assert_false(IS_ERR(team.tasks[i]));
		get_task_struct(team.tasks[i]);
		wake_up_process(team.tasks[i]);
		/* The number of members to stop, all of them idle. */
		team.nr = team.done = i + 1;
	}
}

void stress_team_begin(void)
{
	team.done = 0;
	/* Release: pairs with the acquire in member_thread(). */
	smp_store_release(&team.round, team.round + 1);
}

void stress_check_claims(void)
{
	/* Acquire: pairs with the release in stress_fail(). */
	const char *claim = smp_load_acquire(&failed_claim);

	if (claim)
		fail_msg("not so: %s", claim);
}

void stress_team_finish(void)
{
	ktime_t end = ktime_get() + 2 * STRESS_HANG_MS * NSEC_PER_MSEC;
	int turns = 0;

	/*
	 * The members may need this CPU: after a while, check less often.
	 * Acquire: pairs with the release in member_thread().
	 */
	while (smp_load_acquire(&team.done) != team.nr) {
		cpu_relax();
		if (++turns > 1000)
			usleep_range(20, 50);
		if (turns % 64 == 0 && ktime_get() > end)
			fail_msg("threads hang");
	}
	stress_check_claims();
}

void stress_team_round(void)
{
	stress_team_begin();
	stress_team_finish();
}

void stress_team_stop(void)
{
	int i;

	team.stop = true;
	/* Release: pairs with the acquire in member_thread(). */
	smp_store_release(&team.round, team.round + 1);
	for (i = 0; i < team.nr; i++) {
		lfshim_kthread_join(team.tasks[i]);
		put_task_struct(team.tasks[i]);
	}
	team.nr = 0;
	stress_set_hook(NULL);
}

/* Fences */

static atomic_t live = ATOMIC_INIT(0);

const char *stress_name(struct dma_fence *fence)
{
	return "stress";
}

void stress_counted_release(struct dma_fence *fence)
{
	atomic_dec(&live);
	dma_fence_free(fence);
}

const struct dma_fence_ops stress_plain_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
};

const struct dma_fence_ops stress_counted_ops = {
	.get_driver_name = stress_name,
	.get_timeline_name = stress_name,
	.release = stress_counted_release,
};

struct dma_fence *stress_try_fence(const struct dma_fence_ops *ops)
{
	struct { struct dma_fence base; spinlock_t lock; } *f = kmalloc_obj(*f);

	if (!f)
		return NULL;
	/* Release ops in these tests must count. */
	if (ops->release)
		atomic_inc(&live);
	spin_lock_init(&f->lock);
	dma_fence_init(&f->base, ops, STRESS_OWN_LOCK(&f->lock),
		       dma_fence_context_alloc(1), 1);
	return &f->base;
}

struct dma_fence *stress_fence(const struct dma_fence_ops *ops)
{
	struct dma_fence *fence = stress_try_fence(ops);

	assert_non_null(fence);
	return fence;
}

int stress_live(void)
{
	return atomic_read(&live);
}

int stress_main(const char *group, const struct CMUnitTest *tests, size_t nr,
		int argc, char **argv)
{
	const char *window = getenv("STRESS_WINDOW_MS");
	char seed[32];

	/* Makes every thread use the seed that test_seed() prints. */
	snprintf(seed, sizeof(seed), "%lu", test_seed());
	setenv("LIBFENCE_SEED", seed, 1);
	if (window)
		window_ms = max(atoi(window), 1);
	stress_on = true;
	return test_main(group, tests, nr, argc, argv);
}
