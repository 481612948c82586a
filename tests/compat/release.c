// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The threads that release files: how many, how late, how they are waited for. */

#include "threads.h"
#include <sys/resource.h>
#include <time.h>
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

static s64 cpu_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static long nr_sleeps(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw;
}

static void idle_threads_sleep(void **state)
{
	s64 begin;
	long before;

	put_new(&quick_fops);
	flush_delayed_fput();
	msleep(5);
	begin = cpu_time();
	before = nr_sleeps();
	msleep(200);
	assert_true(cpu_time() - begin < 100 * NSEC_PER_MSEC);
	/* Nor do they nap again and again. */
	assert_true(nr_sleeps() - before < 100);
}

static int compare_times(const void *a, const void *b)
{
	return *(const s64 *)a < *(const s64 *)b ? -1 : 1;
}

/* A quarter of many times is shorter: the machine may be busy. */
static s64 usual_latency(void)
{
	s64 times[60], begin;
	int i;

	for (i = 0; i < ARRAY_SIZE(times); i++) {
		atomic_set(&nr_released, 0);
		begin = ktime_get();
		put_new(&quick_fops);
		while (!atomic_read(&nr_released))
			cpu_relax();
		times[i] = ktime_get() - begin;
		/* Longer than the nap of a thread. */
		usleep_range(2000, 2100);
	}
	qsort(times, ARRAY_SIZE(times), sizeof(times[0]), compare_times);
	return times[ARRAY_SIZE(times) / 4];
}

/* Only beside a release that runs does a thread wait for a millisecond. */
static void first_release_does_not_wait(void **state)
{
	assert_true(usual_latency() < 700 * NSEC_PER_USEC);
}

#if THREADS_ARE_OURS
/* Each release takes a third of a millisecond. */
static int release_and_spin(struct inode *inode, struct file *file)
{
	s64 end = ktime_get() + 300 * NSEC_PER_USEC;

	while (ktime_get() < end)
		cpu_relax();
	return release(inode, file);
}

static const struct file_operations spinning_fops = {
	.release = release_and_spin,
};

static int count_threads(void)
{
	int i, n = 60;

	atomic_set(&nr_released, 0);
	for (i = 0; i < n; i++)
		put_new(i % 2 ? &spinning_fops : &quick_fops);
	if (!released(n))
		return 90;
	return nr_threads_named("lfshim-defer");
}

/* One runs them, and the other looks whether it is blocked. */
static void burst_of_short_releases_needs_two_threads(void **state)
{
	int i, best = 99;

	/* On a busy machine a thread may seem to be blocked. */
	for (i = 0; i < 20 && best > 2; i++)
		best = min(best, status_of_child(count_threads));
	assert_true(best <= 2);
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
	if (usual_latency() >= 700 * NSEC_PER_USEC)
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

	return TEST_MAIN("release", tests);
}
