// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A file of another type, whose wait queue outlives the file. */

#include "pipe.h"

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/poll.h>

static DECLARE_WAIT_QUEUE_HEAD(queue);
static bool is_ready;
static unsigned int polls, releases;

static __poll_t poll_it(struct file *file, poll_table *table)
{
	polls++;
	poll_wait(file, &queue, table);
	return READ_ONCE(is_ready) ? EPOLLIN : 0;
}

static int release_it(struct inode *inode, struct file *file)
{
	assert_ptr_equal(file->private_data, &queue);
	releases++;
	return 0;
}

static const struct file_operations fops = {
	.poll = poll_it,
	.release = release_it,
};

static int install(void)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct file *file = anon_inode_getfile("test", &fops, &queue, 0);

	assert_true(fd >= 0);
	assert_false(IS_ERR(file));
	is_ready = false;
	polls = releases = 0;
	fd_install(fd, file);
	return fd;
}

static void spurious_wakeups(void **state)
{
	int fd = install(), err;

	assert_int_equal(polls, 1);
	/* The queue's lock, taken with interrupts on, defers the poll. */
	wake_up_all(&queue);
	assert_true(eventually(READ_ONCE(polls) == 2));
	assert_false(readable(fd));
	is_ready = true;
	assert_false(readable(fd));
	wake_up_all(&queue);
	assert_true(eventually(readable(fd)));
	wake_up_all(&queue);
	assert_true(readable(fd));
	/* The file is not a fence, and import says so. */
	assert_null(libfence_import(fd, &err));
	assert_int_equal(libfence_sync_ioctl(fd, 0, NULL), -ENOTTY);
	close(fd);
	settle();
	assert_int_equal(releases, 1);
}

static void wakeups_while_one_is_pending(void **state)
{
	int fd = install();

	local_irq_disable();
	wake_up_all(&queue);
	wake_up_all(&queue);
	local_irq_enable();
	assert_int_equal(polls, 2);
	close(fd);
	settle();
	assert_int_equal(releases, 1);
}

static void one_that_is_ready_when_it_is_installed(void **state)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	char packet[8] = { 1 };

	/* The core of a kernel tree sets one. */
	lfshim_file_set_default_wire(NULL);
	is_ready = true;
	fd_install(fd, anon_inode_getfile("test", &fops, &queue, 0));
	assert_true(readable(fd));
	/* The packet has one byte. */
	assert_int_equal(read(fd, packet, sizeof(packet)), 1);
	assert_int_equal(packet[0], 0);
	close(fd);
	settle();
}

static bool wire_label(struct file *file, char *label, void *packet)
{
	strcpy(label, "the 26 characters of label");
	strcpy(packet, "pack");
	return true;
}

/* The text of the first function is there. */
static int wire_packet(struct file *file, void *packet)
{
	if (!READ_ONCE(is_ready))
		return 0;
	strcat(packet, "et");
	return strlen(packet);
}

/* Files without a wire of their own have the one that is set. */
static void a_wire_for_all_files(void **state)
{
	static const struct lfshim_file_wire wire = {
		.label = wire_label,
		.packet = wire_packet,
	};
	char packet[8] = "";
	int fd;

	lfshim_file_set_default_wire(&wire);
	fd = install();
	assert_string_equal(pipe_label(fd), "the 26 characters of label");
	/* Each time, it begins with the same. */
	wake_up_all(&queue);
	assert_false(readable(fd));
	is_ready = true;
	wake_up_all(&queue);
	assert_true(eventually(readable(fd)));
	assert_int_equal(read(fd, packet, sizeof(packet)), 6);
	assert_string_equal(packet, "packet");
	close(fd);
	settle();
	lfshim_file_set_default_wire(NULL);
}

static void a_descriptor_has_one_file(void **state)
{
	int fd = install();
	struct file *first = fget(fd), *now;

	assert_warns(1, fd_install(fd, anon_inode_getfile("test", &fops,
							  &queue, 0)));
	flush_delayed_fput();
	assert_int_equal(releases, 1);
	now = fget(fd);
	assert_ptr_equal(now, first);
	fput(now);
	fput(first);
	close(fd);
	settle();
	assert_int_equal(releases, 2);
}

/* The file has no ioctls, so it has no names either. */
static void another_file_has_no_label(void **state)
{
	int fd = install();

	assert_string_equal(pipe_label(fd), "");
	close(fd);
	settle();
}

static void wakeup_after_the_end(void **state)
{
	int fd = install();

	assert_true(waitqueue_active(&queue));
	close(fd);
	settle();
	assert_int_equal(releases, 1);
	assert_false(waitqueue_active(&queue));
	is_ready = true;
	wake_up_all(&queue);
}

static void file_without_a_descriptor(void **state)
{
	struct file *file = anon_inode_getfile("test", &fops, &queue, 0);

	releases = 0;
	get_file(file);
	__fput_sync(file);
	assert_int_equal(releases, 0);
	__fput_sync(file);
	assert_int_equal(releases, 1);
	file = anon_inode_getfile("test", &fops, &queue, 0);
	fput(file);
	flush_delayed_fput();
	assert_int_equal(releases, 2);
	libfence_fail_nth(1);
	assert_ptr_equal(anon_inode_getfile("test", &fops, &queue, 0),
			 ERR_PTR(-ENOMEM));
	assert_true(mock_alloc_failed());
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MOCK_TEST(spurious_wakeups),
		MOCK_TEST(wakeups_while_one_is_pending),
		MOCK_TEST(one_that_is_ready_when_it_is_installed),
		MOCK_TEST(a_wire_for_all_files),
		MOCK_TEST(a_descriptor_has_one_file),
		MOCK_TEST(another_file_has_no_label),
		MOCK_TEST(wakeup_after_the_end),
		MOCK_TEST(file_without_a_descriptor),
	};
	return TEST_MAIN("sync-file-file", tests);
}
