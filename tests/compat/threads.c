// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The threads of the shim when none can be created, and at the end of the
 * process. Each test uses a child process, which has none of them yet.
 */

#include "threads.h"
#include <time.h>
#include <linux/anon_inodes.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/file.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <libfence/libfence.h>

#if THREADS_ARE_OURS
/* The end of the process */

static struct completion used;

static void timer_fn(struct timer_list *t)
{
	complete(&used);
}

static void use_timer(void)
{
	static struct timer_list timer;

	timer_setup(&timer, timer_fn, 0);
	mod_timer(&timer, jiffies);
}

static enum hrtimer_restart hrtimer_fn(struct hrtimer *timer)
{
	complete(&used);
	return HRTIMER_NORESTART;
}

static void use_hrtimer(void)
{
	static struct hrtimer timer;

	hrtimer_setup(&timer, hrtimer_fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&timer, 0, HRTIMER_MODE_REL);
}

static void irq_fn(struct irq_work *work)
{
	complete(&used);
}

static void use_irq_work(void)
{
	static struct irq_work work = IRQ_WORK_INIT(irq_fn);

	irq_work_queue(&work);
}

static int release(struct inode *inode, struct file *file)
{
	complete(&used);
	return 0;
}

static const struct file_operations fops = { .release = release };

static void use_file(void)
{
	fput(anon_inode_getfile("test", &fops, NULL, 0));
}

static void work_fn(struct work_struct *work)
{
	complete(&used);
}

static void use_workqueue(void)
{
	static DECLARE_WORK(work, work_fn);

	queue_work(system_dfl_wq, &work);
}

static void use_nothing(void)
{
	complete(&used);
}

static const struct {
	void (*fn)(void);
	/* How many threads it starts, at least. */
	int nr_threads;
} services[] = {
	{ use_nothing, 0 },
	{ use_timer, 1 },
	{ use_hrtimer, 1 },
	{ use_irq_work, 1 },
	{ use_file, 1 },
	{ use_workqueue, 2 },
};

/* In a child: use one service, and end the process as any program does. */
static void use_and_exit(void (*fn)(void), int fd)
{
	init_completion(&used);
	fn();
	if (!wait_for_completion_timeout(&used, PATIENCE_S * HZ))
		_exit(1);
	/* The threads are idle soon. */
	msleep(20);
	join_pipe = fd;
	exit(0);
}

static int releases_at_exit;

/* Counts the joins at the exit of a child, and the releases that tell. */
static int joins_at_exit(void (*fn)(void))
{
	int fds[2], status, nr = 0;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		alarm(2 * PATIENCE_S);
		close(fds[0]);
		use_and_exit(fn, fds[1]);
	}
	close(fds[1]);
	releases_at_exit = 0;
	while (read(fds[0], &byte, 1) == 1) {
		releases_at_exit += byte == 'r';
		nr += byte != 'r';
	}
	close(fds[0]);
	assert_true(waitpid(pid, &status, 0) == pid);
	assert_int_equal(status, 0);
	return nr;
}

/* A thread that does not stop is waited for a second. */
static bool exit_is_fast(void (*fn)(void))
{
	return takes_less(900 * NSEC_PER_MSEC, ktime_get, joins_at_exit(fn));
}

static void idle_threads_are_stopped_at_exit(void **state)
{
	int i, nr;

	for (i = 0; i < ARRAY_SIZE(services); i++) {
		nr = joins_at_exit(services[i].fn);
		assert_true(nr >= services[i].nr_threads);
		if (!i)
			assert_int_equal(nr, 0);
		assert_true(exit_is_fast(services[i].fn));
	}
}

static enum hrtimer_restart always_restart(struct hrtimer *timer)
{
	return HRTIMER_RESTART;
}

/* Its thread always has something to do. */
static void use_endless_hrtimer(void)
{
	static struct hrtimer timer;

	hrtimer_setup(&timer, always_restart, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	hrtimer_start(&timer, 0, HRTIMER_MODE_REL);
	complete(&used);
}

static void hrtimer_that_restarts_does_not_delay_the_exit(void **state)
{
	assert_true(exit_is_fast(use_endless_hrtimer));
}

static int release_and_block(struct inode *inode, struct file *file)
{
	static DECLARE_COMPLETION(never);

	complete(&used);
	wait_for_completion(&never);
	return 0;
}

static const struct file_operations blocking_fops = {
	.release = release_and_block,
};

static int release_and_tell(struct inode *inode, struct file *file)
{
	/* The exit has to wait for it. */
	msleep(50);
	return write(join_pipe, "r", 1) != 1;
}

static const struct file_operations telling_fops = {
	.release = release_and_tell,
};

static int close_at_exit;

static void close_it(void)
{
	close(close_at_exit);
}

static void use_file_until_the_exit(void)
{
	close_at_exit = get_unused_fd_flags(O_CLOEXEC);
	fd_install(close_at_exit,
		   anon_inode_getfile("test", &telling_fops, NULL, 0));
	/* After a second the RCU thread no longer looks at descriptors. */
	msleep(1200);
	atexit(close_it);
	complete(&used);
}

static int release_slowly(struct inode *inode, struct file *file)
{
	msleep(20);
	return 0;
}

static const struct file_operations slow_fops = { .release = release_slowly };

/* The first thread is idle again, and the second one is blocked. */
static void use_file_beside_a_blocked_one(void)
{
	fput(anon_inode_getfile("test", &slow_fops, NULL, 0));
	fput(anon_inode_getfile("test", &blocking_fops, NULL, 0));
	wait_for_completion(&used);
	use_file_until_the_exit();
}

static void file_that_is_closed_last_is_released(void **state)
{
	joins_at_exit(use_file_until_the_exit);
	assert_int_equal(releases_at_exit, 1);
	joins_at_exit(use_file_beside_a_blocked_one);
	assert_int_equal(releases_at_exit, 1);
}

static void use_files_that_block(void)
{
	int i;

	for (i = 0; i < 3; i++)
		fput(anon_inode_getfile("test", &blocking_fops, NULL, 0));
	for (i = 0; i < 2; i++)
		wait_for_completion(&used);
}

/* They share a second. Three seconds would be too many. */
static void blocked_releases_delay_the_exit_once(void **state)
{
	assert_true(takes_less(2500 * NSEC_PER_MSEC, ktime_get,
			       joins_at_exit(use_files_that_block)));
}

/* Threads that cannot be created */

static void note_work(struct work_struct *work);
static DECLARE_WORK(normal, note_work);
static DECLARE_WORK(high, note_work);
static int nr_run;

static void note_work(struct work_struct *work)
{
	__atomic_fetch_add(&nr_run, 1, __ATOMIC_SEQ_CST);
}

static int queue_while_creation_fails(void)
{
	/* The thread that tries again. */
	init_completion(&used);
	use_timer();
	wait_for_completion(&used);
	allow_creations(0);
	queue_work(system_dfl_wq, &normal);
	queue_work(system_highpri_wq, &high);
	msleep(100);
	if (nr_run)
		return 1;
	/* A wait for them might help. */
	allow_creations(INT_MAX);
	return eventually(READ_ONCE(nr_run) == 2) ? 0 : 2;
}

static void items_wait_until_threads_can_be_created(void **state)
{
	assert_int_equal(status_of_child(queue_while_creation_fails), 0);
}

/* Returns true if there is such a queue with @nr new threads. */
static bool queue_exists(unsigned int flags, int nr)
{
	struct workqueue_struct *wq;

	allow_creations(nr);
	wq = alloc_workqueue("test", WQ_UNBOUND | flags, 0);
	allow_creations(INT_MAX);
	if (wq)
		destroy_workqueue(wq);
	return wq;
}

static int create_queues_while_creation_fails(void)
{
	struct memory before;
	int i;

	/* Two workers, and a rescuer for WQ_MEM_RECLAIM. */
	if (queue_exists(0, 0) || queue_exists(0, 1) || queue_exists(0, 0))
		return 1;
	if (!queue_exists(0, 1) || !queue_exists(0, 0))
		return 2;
	if (queue_exists(WQ_MEM_RECLAIM, 0) || !queue_exists(WQ_MEM_RECLAIM, 1))
		return 3;
	rcu_barrier();
	before = memory_now();
	for (i = 0; i < 300; i++)
		queue_exists(WQ_MEM_RECLAIM, 0);
	return memory_came_back(&before, 10000) ? 0 : 4;
}

static void queue_is_not_created_without_its_threads(void **state)
{
	assert_int_equal(status_of_child(create_queues_while_creation_fails), 0);
}

static int do_nothing(void *unused)
{
	return 0;
}

static int create_threads_while_creation_fails(void)
{
	struct task_struct *task = NULL;
	struct kthread_worker *worker = NULL;
	size_t before = 0;
	int i;

	allow_creations(0);
	for (i = 0; i < 300; i++) {
		if (i == 10)
			before = memory_in_use();
		task = kthread_create(do_nothing, NULL, "test");
		worker = kthread_create_worker(0, "test");
		if (!IS_ERR(task) || !IS_ERR(worker))
			return 1;
	}
	if (PTR_ERR(task) != -EAGAIN || PTR_ERR(worker) != -EAGAIN)
		return 2;
	return memory_in_use() < before + 10000 ? 0 : 3;
}

static void error_of_the_host_is_returned_and_nothing_leaks(void **state)
{
	assert_int_equal(status_of_child(create_threads_while_creation_fails),
			 0);
}

static int release_while_creation_fails(void)
{
	unsigned long before = libfence_warn_count();

	init_completion(&used);
	allow_creations(0);
	use_file();
	use_file();
	if (libfence_warn_count() != before + 1)
		return 1;
	allow_creations(INT_MAX);
	use_file();
	flush_delayed_fput();
	return try_wait_for_completion(&used) &&
	       try_wait_for_completion(&used) &&
	       try_wait_for_completion(&used) ? 0 : 2;
}

static void release_waits_until_a_thread_can_be_created(void **state)
{
	assert_int_equal(status_of_child(release_while_creation_fails), 0);
}

static struct work_struct polling[24];
static atomic_t nr_polling;
static bool polling_ends;

static void poll_fn(struct work_struct *work)
{
	atomic_inc_return(&nr_polling);
	while (!READ_ONCE(polling_ends))
		usleep_range(500, 600);
}

static void queue_polling_items(int nr)
{
	while (nr--) {
		INIT_WORK(&polling[nr], poll_fn);
		queue_work(system_dfl_wq, &polling[nr]);
	}
}

static int nr_errors;

static void count_error(int level, const char *message, void *unused)
{
	if (level == 3 && strstr(message, "cannot create a worker thread"))
		WRITE_ONCE(nr_errors, nr_errors + 1);
}

static int try_to_create_workers(void)
{
	init_completion(&used);
	use_workqueue();
	wait_for_completion(&used);
	libfence_set_log_hook(count_error, NULL);
	allow_creations(0);
	queue_polling_items(4);
	if (!eventually(READ_ONCE(nr_errors)))
		return 4;
	msleep(50);
	if (!takes_less(50 * NSEC_PER_MSEC, test_cpu_time, msleep(200)))
		return 1;
	if (nr_errors != 1)
		return 2;
	allow_creations(INT_MAX);
	return eventually(atomic_read(&nr_polling) == 4) ? 0 : 3;
}

/* It is reported once, and does not take the processor. */
static void manager_tries_again_now_and_then(void **state)
{
	assert_int_equal(status_of_child(try_to_create_workers), 0);
}

static int let_workers_exit(void)
{
	struct memory before = { 0 };
	int i;

	/*
	 * The host keeps some memory of so many threads as there were at once,
	 * and malloc() keeps some for the threads that free.
	 */
	for (i = 0; i < 3; i++) {
		int nr = i ? 14 : ARRAY_SIZE(polling);

		before = memory_now();
		atomic_set(&nr_polling, 0);
		WRITE_ONCE(polling_ends, false);
		queue_polling_items(nr);
		if (!eventually(atomic_read(&nr_polling) == nr))
			return 1;
		WRITE_ONCE(polling_ends, true);
		msleep(2200);
		if (!eventually(nr_threads_named("lfshim-wq") == 2))
			return 2;
		msleep(50);
		rcu_barrier();
	}
	/* The thread may still be freeing. */
	return memory_came_back(&before, 1500) ? 0 : 3;
}

static void workers_that_exit_leave_no_memory(void **state)
{
	assert_int_equal(status_of_child(let_workers_exit), 0);
}

static int keep_two_workers(void)
{
	init_completion(&used);
	use_workqueue();
	wait_for_completion(&used);
	/* Others exit after two seconds. */
	return eventually(nr_threads_named("lfshim-wq") == 2) &&
	       (msleep(2500), nr_threads_named("lfshim-wq") == 2) ? 0 : 1;
}

static void two_idle_workers_stay(void **state)
{
	assert_int_equal(status_of_child(keep_two_workers), 0);
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#if THREADS_ARE_OURS
		TEST(idle_threads_are_stopped_at_exit),
		TEST(hrtimer_that_restarts_does_not_delay_the_exit),
		TEST(file_that_is_closed_last_is_released),
		TEST(blocked_releases_delay_the_exit_once),
		TEST(items_wait_until_threads_can_be_created),
		TEST(queue_is_not_created_without_its_threads),
		TEST(error_of_the_host_is_returned_and_nothing_leaks),
		TEST(release_waits_until_a_thread_can_be_created),
		TEST(manager_tries_again_now_and_then),
		TEST(workers_that_exit_leave_no_memory),
		TEST(two_idle_workers_stay),
#endif
	};

	return TEST_MAIN("threads", tests);
}
