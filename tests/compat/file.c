// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The release of files: its context, and that nobody else waits for it. */
#include "helpers.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/anon_inodes.h>
#include <linux/completion.h>
#include <linux/file.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <libfence/libfence.h>

static struct file *new_file(const struct file_operations *fops, void *data)
{
	struct file *file = anon_inode_getfile("test", fops, data, 0);

	assert_false(IS_ERR(file));
	return file;
}

static DEFINE_MUTEX(mutex);
static struct {
	bool in_task, in_interrupt, in_atomic;
	struct inode *inode;
	struct task_struct *task;
	int nr;
} seen;

static int look(struct inode *inode, struct file *file)
{
	seen.in_task = in_task();
	seen.in_interrupt = in_interrupt();
	seen.in_atomic = in_atomic();
	seen.inode = inode;
	seen.task = current;
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	synchronize_rcu();
	rcu_barrier();
	WRITE_ONCE(seen.nr, seen.nr + 1);
	return 0;
}

static const struct file_operations look_fops = { .release = look };

static void release_may_sleep_and_wait_for_rcu(void **state)
{
	struct file *file = new_file(&look_fops, NULL);
	unsigned long before = libfence_warn_count();

	memset(&seen, 0, sizeof(seen));
	/* A lock of the caller, and a section, do not matter. */
	rcu_read_lock();
	fput(file);
	rcu_read_unlock();
	flush_delayed_fput();
	assert_int_equal(seen.nr, 1);
	assert_true(seen.in_task);
	assert_false(seen.in_interrupt);
	assert_false(seen.in_atomic);
	assert_non_null(seen.inode);
	assert_ptr_not_equal(seen.task, current);
	assert_int_equal(libfence_warn_count(), before);
}

static void release_gets_the_inode_of_its_file(void **state)
{
	struct file *file = new_file(&look_fops, NULL);

	assert_ptr_equal(file->f_inode, file_inode(file));
	memset(&seen, 0, sizeof(seen));
	get_file(file);
	__fput_sync(file);
	assert_int_equal(seen.nr, 0);
	__fput_sync(file);
	assert_int_equal(seen.nr, 1);
	assert_ptr_equal(seen.inode, &file->lfshim_inode);
	assert_ptr_equal(seen.task, current);
}

static struct rcu_head head;
static DECLARE_COMPLETION(callback_ran);

static void complete_it(struct rcu_head *unused)
{
	complete(&callback_ran);
}

static long time_left;

static int wait_for_callback(struct inode *inode, struct file *file)
{
	call_rcu(&head, complete_it);
	time_left = wait_for_completion_timeout(&callback_ran, PATIENCE_S * HZ);
	return 0;
}

static const struct file_operations callback_fops = {
	.release = wait_for_callback,
};

static void release_may_wait_for_an_rcu_callback(void **state)
{
	reinit_completion(&callback_ran);
	time_left = 0;
	fput(new_file(&callback_fops, NULL));
	flush_delayed_fput();
	assert_true(time_left > 0);
}

#define NR_BLOCKED	10

static atomic_t nr_blocked, nr_quick;
static DECLARE_COMPLETION(unblock);

static int block(struct inode *inode, struct file *file)
{
	atomic_inc(&nr_blocked);
	wait_for_completion(&unblock);
	return 0;
}

static int be_quick(struct inode *inode, struct file *file)
{
	atomic_inc(&nr_quick);
	return 0;
}

static const struct file_operations block_fops = { .release = block };
static const struct file_operations quick_fops = { .release = be_quick };

static void a_release_that_blocks_holds_up_no_other(void **state)
{
	int i, nr = 100;

	reinit_completion(&unblock);
	atomic_set(&nr_blocked, 0);
	atomic_set(&nr_quick, 0);
	/* All of them at once: nobody calls fput() while the first blocks. */
	for (i = 0; i < NR_BLOCKED; i++)
		fput(new_file(&block_fops, NULL));
	for (i = 0; i < nr; i++)
		fput(new_file(&quick_fops, NULL));
	assert_true(eventually(atomic_read(&nr_quick) == nr));
	assert_int_equal(atomic_read(&nr_blocked), NR_BLOCKED);
	/* And later ones. */
	fput(new_file(&quick_fops, NULL));
	assert_true(eventually(atomic_read(&nr_quick) == nr + 1));
	synchronize_rcu();
	rcu_barrier();
	complete_all(&unblock);
	flush_delayed_fput();
}

static int flush(void *unused)
{
	flush_delayed_fput();
	return atomic_read(&nr_quick);
}

static void flush_waits_for_the_releases_that_run(void **state)
{
	struct task_struct *task;

	reinit_completion(&unblock);
	atomic_set(&nr_blocked, 0);
	fput(new_file(&block_fops, NULL));
	assert_true(eventually(atomic_read(&nr_blocked) == 1));
	atomic_set(&nr_quick, 0);
	task = start(flush, NULL);
	assert_true(eventually(sleeps_in(task, TASK_UNINTERRUPTIBLE)));
	atomic_set(&nr_quick, 7);
	complete_all(&unblock);
	assert_int_equal(finish(task), 7);
}

static int lock_it(struct inode *inode, struct file *file)
{
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	atomic_inc(&nr_quick);
	return 0;
}

static const struct file_operations lock_fops = { .release = lock_it };

static void release_of_a_closed_descriptor_is_deferred_too(void **state)
{
	int fd = get_unused_fd_flags(O_CLOEXEC), i;

	assert_true(fd >= 0);
	fd_install(fd, new_file(&lock_fops, NULL));
	atomic_set(&nr_quick, 0);
	close(fd);
	/*
	 * At one of these, closed descriptors are looked for, with a lock that
	 * the release takes.
	 */
	mutex_lock(&mutex);
	for (i = 0; i < 1000; i++)
		put_unused_fd(get_unused_fd_flags(O_CLOEXEC));
	mutex_unlock(&mutex);
	flush_delayed_fput();
	assert_int_equal(atomic_read(&nr_quick), 1);
}

static void fget_finds_what_is_installed(void **state)
{
	int fd = get_unused_fd_flags(O_CLOEXEC), copy;
	struct file *file = new_file(&quick_fops, NULL), *found;

	atomic_set(&nr_quick, 0);
	assert_null(fget(fd));
	assert_null(fget(-1));
	assert_null(fget(STDIN_FILENO));
	fd_install(fd, file);
	{
		CLASS(fd, used)(fd);

		assert_ptr_equal(fd_file(used), file);
		assert_int_equal(refcount_read(&file->lfshim_count), 2);
	}
	{
		CLASS(fd, used)(STDIN_FILENO);

		assert_true(fd_empty(used));
	}
	assert_int_equal(refcount_read(&file->lfshim_count), 1);
	found = fget(fd);
	assert_ptr_equal(found, file);
	copy = dup(fd);
	close(fd);
	assert_null(fget(fd));
	assert_ptr_equal(fget(copy), file);
	fput(file);
	close(copy);
	lfshim_files_reap();
	flush_delayed_fput();
	/* There is a reference. */
	assert_int_equal(atomic_read(&nr_quick), 0);
	__fput_sync(found);
	assert_int_equal(atomic_read(&nr_quick), 1);
	/* The number of a reserved descriptor is free again. */
	fd = get_unused_fd_flags(0);
	put_unused_fd(fd);
	assert_int_equal(get_unused_fd_flags(0), fd);
	put_unused_fd(fd);
}

static void two_descriptors_are_reserved(void **state)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	int other = get_unused_fd_flags(O_CLOEXEC);
	struct file *file = new_file(&quick_fops, NULL), *found;

	assert_true(fd >= 0 && other >= 0 && fd != other);
	fd_install(fd, file);
	assert_null(fget(other));
	found = fget(fd);
	assert_ptr_equal(found, file);
	fput(found);
	put_unused_fd(other);
	close(fd);
	lfshim_files_reap();
	flush_delayed_fput();
}

static unsigned int nr_reserved;

static int reserve(struct inode *inode, struct file *file)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);

	if (fd < 0)
		return fd;
	put_unused_fd(fd);
	lfshim_files_reap();
	nr_reserved++;
	return 0;
}

static const struct file_operations reserve_fops = { .release = reserve };

static void release_may_look_for_closed_descriptors(void **state)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);

	fd_install(fd, new_file(&reserve_fops, NULL));
	nr_reserved = 0;
	close(fd);
	assert_int_equal(lfshim_files_reap(), 1);
	assert_int_equal(nr_reserved, 1);
	fput(new_file(&reserve_fops, NULL));
	flush_delayed_fput();
	assert_int_equal(nr_reserved, 2);
}

static DECLARE_WAIT_QUEUE_HEAD(first_queue);
static DECLARE_WAIT_QUEUE_HEAD(second_queue);

static __poll_t poll_two(struct file *file, poll_table *table)
{
	poll_wait(file, &first_queue, table);
	poll_wait(file, &second_queue, table);
	return 0;
}

static const struct file_operations two_fops = { .poll = poll_two };

static void a_file_waits_on_one_queue(void **state)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);

	assert_warns_like("lfshim_queue", fd_install(fd, new_file(&two_fops,
								  NULL)));
	assert_true(waitqueue_active(&first_queue));
	assert_false(waitqueue_active(&second_queue));
	close(fd);
	lfshim_files_reap();
	assert_false(waitqueue_active(&first_queue));
}

/* ThreadSanitizer does not support threads after fork(). */
#if !LFSHIM_TSAN
static void a_child_releases_what_was_put_before_the_fork(void **state)
{
	int i, status;
	pid_t pid;

	reinit_completion(&unblock);
	atomic_set(&nr_blocked, 0);
	fput(new_file(&block_fops, NULL));
	assert_true(eventually(atomic_read(&nr_blocked) == 1));
	atomic_set(&nr_quick, 0);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(PATIENCE_S);
		/* The thread that was blocked is not here, and not waited for. */
		for (i = 0; i < 3; i++)
			fput(new_file(&quick_fops, NULL));
		flush_delayed_fput();
		_exit(atomic_read(&nr_quick) != 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	complete_all(&unblock);
	flush_delayed_fput();
}
#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(release_may_sleep_and_wait_for_rcu),
		TEST(release_gets_the_inode_of_its_file),
		TEST(release_may_wait_for_an_rcu_callback),
		TEST(a_release_that_blocks_holds_up_no_other),
		TEST(flush_waits_for_the_releases_that_run),
		TEST(release_of_a_closed_descriptor_is_deferred_too),
		TEST(fget_finds_what_is_installed),
		TEST(two_descriptors_are_reserved),
		TEST(release_may_look_for_closed_descriptors),
		TEST(a_file_waits_on_one_queue),
#if !LFSHIM_TSAN
		TEST(a_child_releases_what_was_put_before_the_fork),
#endif
	};

	return TEST_MAIN("file", tests);
}
