// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The threads that release files: how many, how late, how they are waited for. */

#include "threads.h"
#include <sys/resource.h>
#include <linux/anon_inodes.h>
#include <linux/atomic.h>
#include <linux/file.h>
#include <linux/sched.h>

/* Releases */

static atomic_t nr_begun, nr_released;
static bool may_return;

static int release(struct inode *inode, struct file *file)
{
	atomic_inc_return(&nr_released);
	return 0;
}

static const struct file_operations quick_fops = { .release = release };

/* It polls, because the child of a fork() does not have the sleeper. */
static int release_later(struct inode *inode, struct file *file)
{
	atomic_inc_return(&nr_begun);
	while (!READ_ONCE(may_return))
		usleep_range(200, 300);
	atomic_inc_return(&nr_released);
	return 0;
}

/* Not used where the sanitizers have their own threads. */
static const struct file_operations slow_fops __maybe_unused = {
	.release = release_later,
};

static int release_and_flush(struct inode *inode, struct file *file)
{
	flush_delayed_fput();
	return release(inode, file);
}

static const struct file_operations flushing_fops = {
	.release = release_and_flush,
};

static void put_new(const struct file_operations *fops)
{
	struct file *file = anon_inode_getfile("test", fops, NULL, 0);

	if (IS_ERR(file))
		_exit(96);
	fput(file);
}

static bool released(int nr)
{
	return eventually(atomic_read(&nr_released) >= nr);
}

static void flush_in_a_release_does_not_wait_for_itself(void **state)
{
	atomic_set(&nr_released, 0);
	put_new(&flushing_fops);
	put_new(&quick_fops);
	assert_true(released(2));
	flush_delayed_fput();
}

/* A release that comes while a thread goes to sleep is not missed. */
static void no_release_is_missed(void **state)
{
	int i,  rounds = 2000 / test_slowness();

	atomic_set(&nr_released, 0);
	for (i = 1; i <= rounds; i++) {
		unsigned long end = jiffies + PATIENCE_S * HZ;

		/* A thread naps for a quarter of a millisecond before. */
		udelay(i % 2 ? 0 : 230 + i % 120);
		put_new(&quick_fops);
		while (atomic_read(&nr_released) < i && time_before(jiffies, end))
			cpu_relax();
		assert_int_equal(atomic_read(&nr_released), i);
	}
}

static long nr_sleeps(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw;
}

/* True if the threads sleep for 200 ms. */
static bool threads_sleep(void)
{
	s64 begin = test_cpu_time();
	long before = nr_sleeps();

	msleep(200);
	/* Nor do they nap again and again. */
	return test_cpu_time() - begin < 100 * NSEC_PER_MSEC &&
	       nr_sleeps() - before < 100;
}

static void idle_threads_sleep(void **state)
{
	bool sleep = false;
	int i;

	put_new(&quick_fops);
	flush_delayed_fput();
	/* More than once: the machine may be busy. */
	for (i = 0; i < 5 && !sleep; i++)
		sleep = threads_sleep();
	assert_true(sleep);
}

static s64 latency(void)
{
	s64 begin;

	atomic_set(&nr_released, 0);
	begin = ktime_get();
	put_new(&quick_fops);
	while (!atomic_read(&nr_released))
		cpu_relax();
	return ktime_get() - begin;
}

/*
 * True if a release begins at once. On a busy machine most do not, but if a thread
 * waits for a millisecond, none does.
 */
static bool release_is_fast(void)
{
	s64 end = ktime_get() + (PATIENCE_S / 6 + 1) * NSEC_PER_SEC;
	int i;

	/* A thread that counts wrong does so from the first one on. */
	for (i = 0; i < 5 || ktime_get() < end; i++) {
		if (latency() < 700 * NSEC_PER_USEC && i >= 4)
			return true;
		/* Longer than the nap of a thread. */
		usleep_range(2000, 2100);
	}
	return false;
}

/* Only beside a release that runs does a thread wait for a millisecond. */
static void first_release_does_not_wait(void **state)
{
	assert_true(release_is_fast());
}

#if THREADS_ARE_OURS
#define NR_BURST	60

/* When the burst began, and when each of its releases ended. */
static s64 burst_times[NR_BURST + 1];
static atomic_t nr_times;

static void release_of_burst(int usecs)
{
	s64 now, end = ktime_get() + usecs * NSEC_PER_USEC;
	int nr;

	do
		now = ktime_get();
	while (now < end);
	nr = atomic_inc_return(&nr_times);
	if (nr <= NR_BURST)
		WRITE_ONCE(burst_times[nr], now);
	atomic_inc_return(&nr_released);
}

/* Each release takes a third of a millisecond. */
static int release_and_spin(struct inode *inode, struct file *file)
{
	release_of_burst(300);
	return 0;
}

static const struct file_operations spinning_fops = {
	.release = release_and_spin,
};

static int release_in_burst(struct inode *inode, struct file *file)
{
	release_of_burst(0);
	return 0;
}

static const struct file_operations burst_fops = {
	.release = release_in_burst,
};

#define NO_RELEASES	90
#define DISTURBED	91

/*
 * The number of threads, or DISTURBED. The library counts a release after the time that
 * the release notes, and before the next one ends. So if no two take a millisecond, one
 * was counted in each millisecond, and no thread seemed to be blocked.
 */
static int count_threads(void)
{
	int i, nr;

	/* The first thread exists. */
	put_new(&quick_fops);
	flush_delayed_fput();
	atomic_set(&nr_times, 0);
	atomic_set(&nr_released, 0);
	burst_times[0] = ktime_get();
	for (i = 0; i < NR_BURST; i++)
		put_new(i % 2 ? &spinning_fops : &burst_fops);
	if (!released(NR_BURST))
		return NO_RELEASES;
	nr = nr_threads_named("lfshim-defer");
	for (i = 0; i < NR_BURST - 1 && nr > 2; i++)
		if (burst_times[i + 2] - burst_times[i] > 900 * NSEC_PER_USEC)
			return DISTURBED;
	return nr;
}

/* One runs them, and the other looks whether it is blocked. */
static void burst_of_short_releases_needs_two_threads(void **state)
{
	s64 end = ktime_get() + PATIENCE_S * NSEC_PER_SEC;
	int nr;

	/* On a busy machine a thread may seem to be blocked. */
	do
		nr = status_of_child(count_threads);
	while (nr == DISTURBED && ktime_get() < end);
	assert_between(nr, 1, 2);
}

/* fork() */

static int flush_in_thread(void *unused)
{
	flush_delayed_fput();
	return 0;
}

static noinline int flush_deep_in_the_stack(void *unused)
{
	volatile char room[10000];

	memset((char *)room, 0x55, sizeof(room));
	flush_delayed_fput();
	return room[1];
}

static int release_in_child(void)
{
	struct task_struct *task;

	/* Garbage, in place of the data of the parent's threads. */
	overwrite_stacks();
	/* The child does not wait for releases of the parent. */
	flush_delayed_fput();
	if (!release_is_fast())
		return 1;
	atomic_set(&nr_begun, 0);
	put_new(&slow_fops);
	if (!eventually(atomic_read(&nr_begun)))
		return 2;
	task = start(flush_deep_in_the_stack, NULL);
	if (!eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)))
		return 3;
	WRITE_ONCE(may_return, true);
	finish(task);
	return 0;
}

static void child_waits_for_no_release_of_the_parent(void **state)
{
	struct task_struct *task;
	int status;

	may_return = false;
	atomic_set(&nr_begun, 0);
	put_new(&slow_fops);
	assert_true(eventually(atomic_read(&nr_begun)));
	task = start(flush_in_thread, NULL);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	status = status_of_child(release_in_child);
	WRITE_ONCE(may_return, true);
	finish(task);
	flush_delayed_fput();
	assert_int_equal(status, 0);
}

/* 42 if the release had begun before the fork(). */
static int release_what_waits(void)
{
	if (atomic_read(&nr_begun) == 2)
		return 42;
	WRITE_ONCE(may_return, true);
	return released(1) ? 0 : 1;
}

/* The second release waits until the first counts as blocked. */
static void child_releases_what_waits_behind_a_release(void **state)
{
	int i, status = 42;

	for (i = 0; i < 50 && status == 42; i++) {
		may_return = false;
		atomic_set(&nr_begun, 0);
		atomic_set(&nr_released, 0);
		put_new(&slow_fops);
		assert_true(eventually(atomic_read(&nr_begun)));
		put_new(&slow_fops);
		status = status_of_child(release_what_waits);
		WRITE_ONCE(may_return, true);
		flush_delayed_fput();
	}
	assert_int_equal(status, 0);
}

static bool stop_noise;

static int make_noise(void *puts)
{
	while (!READ_ONCE(stop_noise)) {
		/* It takes the lock again and again. */
		flush_delayed_fput();
		if (!puts)
			continue;
		put_new(&spinning_fops);
		put_new(&quick_fops);
	}
	return 0;
}

static int use_files(void)
{
	int before = atomic_read(&nr_released);

	put_new(&quick_fops);
	flush_delayed_fput();
	return atomic_read(&nr_released) > before ? 0 : 1;
}

static void fork_beside_releases_leaves_no_lock_behind(void **state)
{
	struct task_struct *tasks[2];
	int i, failed = 0;

	stop_noise = false;
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		tasks[i] = start(make_noise, i ? &stop_noise : NULL);
	for (i = 0; i < 40 && !failed; i++)
		failed = status_of_child(use_files);
	WRITE_ONCE(stop_noise, true);
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		finish(tasks[i]);
	flush_delayed_fput();
	assert_int_equal(failed, 0);
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(flush_in_a_release_does_not_wait_for_itself),
		TEST(no_release_is_missed),
		TEST(idle_threads_sleep),
		TEST(first_release_does_not_wait),
#if THREADS_ARE_OURS
		TEST(burst_of_short_releases_needs_two_threads),
		TEST(child_waits_for_no_release_of_the_parent),
		TEST(child_releases_what_waits_behind_a_release),
		TEST(fork_beside_releases_leaves_no_lock_behind),
#endif
	};

#if THREADS_ARE_OURS
	/* There it waits for the other threads, and meanwhile the second release begins. */
	TEST_NEEDS(test_host_refuses_calls(), "a fast fork() (qemu-user)",
		   child_releases_what_waits_behind_a_release);
#endif
	return TEST_MAIN("release", tests);
}
