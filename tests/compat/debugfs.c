// SPDX-License-Identifier: GPL-2.0 OR MIT
/* debugfs, and files whose text a single function makes. */
#include "helpers.h"

#include <linux/debugfs.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <lfshim/hooks.h>

static int numbers_show(struct seq_file *m, void *unused)
{
	int *n = m->private, i;

	for (i = 0; i < *n; i++)
		seq_printf(m, "%d\n", i);
	if (*n < 0)
		seq_puts(m, "nothing that should be seen\n");
	return *n < 0 ? *n : 0;
}
DEFINE_SHOW_ATTRIBUTE(numbers);

static int opened, released;
static void *released_private;

static int door_open(struct inode *inode, struct file *file)
{
	opened++;
	file->private_data = inode->i_private;
	return file->private_data ? 0 : -EACCES;
}

static int door_release(struct inode *inode, struct file *file)
{
	released++;
	released_private = inode->i_private;
	return 0;
}

static const struct file_operations door_fops = {
	.open = door_open,
	.release = door_release,
};

static void assert_open_fails(const char *path, long err)
{
	assert_int_equal(PTR_ERR(lfshim_debugfs_open(path, O_RDWR)), err);
}

static void a_file_is_opened_by_its_path(void **state)
{
	struct dentry *dir, *sub;
	struct file *file;
	int x;

	dir = debugfs_create_dir("house", NULL);
	sub = debugfs_create_dir("floor", dir);
	debugfs_create_file("door", 0644, sub, &x, &door_fops);
	debugfs_create_file("door", 0644, NULL, NULL, &door_fops);

	opened = released = 0;
	file = lfshim_debugfs_open("house/floor/door", O_RDWR);
	assert_ptr_equal(file->private_data, &x);
	assert_int_equal(file->f_flags, O_RDWR);
	__fput_sync(file);
	assert_int_equal(opened, 1);
	assert_int_equal(released, 1);
	assert_ptr_equal(released_private, &x);

	/* After a failed open, release is not called. */
	assert_open_fails("door", -EACCES);
	assert_int_equal(opened, 2);
	assert_int_equal(released, 1);

	assert_open_fails("house", -ENOENT);
	assert_open_fails("house/floor", -ENOENT);
	assert_open_fails("house/door", -ENOENT);
	assert_open_fails("", -ENOENT);

	debugfs_remove(dir);
	assert_open_fails("house/floor/door", -ENOENT);
	assert_open_fails("door", -EACCES);
	debugfs_remove(debugfs_create_file("x", 0, NULL, NULL, &door_fops));
	debugfs_remove(NULL);
	debugfs_remove(ERR_PTR(-ENOMEM));
	assert_ptr_equal(debugfs_create_dir("x", ERR_PTR(-ENOMEM)),
			 ERR_PTR(-ENOMEM));
}

static void a_second_entry_of_a_name_is_refused(void **state)
{
	struct dentry *dir = debugfs_create_dir("twice", NULL);
	struct file *file;
	int x, y;

	debugfs_create_file("door", 0644, dir, &x, &door_fops);
	assert_ptr_equal(debugfs_create_file("door", 0644, dir, &y, &door_fops),
			 ERR_PTR(-EEXIST));
	assert_ptr_equal(debugfs_create_dir("door", dir), ERR_PTR(-EEXIST));
	assert_ptr_equal(debugfs_create_dir("twice", NULL), ERR_PTR(-EEXIST));
	file = lfshim_debugfs_open("twice/door", O_RDWR);
	assert_ptr_equal(file->private_data, &x);
	__fput_sync(file);
	debugfs_remove(dir);
	/* Now the name is free. */
	dir = debugfs_create_dir("twice", NULL);
	assert_false(IS_ERR(dir));
	debugfs_remove(dir);
}

static int skip_show(struct seq_file *m, void *unused)
{
	seq_puts(m, "hidden");
	return SEQ_SKIP;
}
DEFINE_SHOW_ATTRIBUTE(skip);

static void a_show_that_skips_has_no_text(void **state)
{
	struct dentry *dentry;
	struct file *file;
	loff_t pos = 0;
	char buf[8] = "?";

	dentry = debugfs_create_file("skip", 0444, NULL, NULL, &skip_fops);
	file = lfshim_debugfs_open("skip", O_RDONLY);
	assert_int_equal(file->f_op->read(file, buf, 8, &pos), 0);
	assert_int_equal(pos, 0);
	assert_string_equal(buf, "?");
	__fput_sync(file);
	debugfs_remove(dentry);
}

static void a_shown_file_is_read_in_pieces(void **state)
{
	char buf[8] = "", all[64] = "";
	struct dentry *dentry;
	struct file *file;
	int n = 12, got;
	loff_t pos = 0;

	dentry = debugfs_create_file("numbers", 0444, NULL, &n, &numbers_fops);
	file = lfshim_debugfs_open("numbers", O_RDONLY);
	while ((got = file->f_op->read(file, buf, 7, &pos)) > 0)
		strncat(all, buf, got);
	assert_int_equal(got, 0);
	assert_string_equal(all, "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n");
	__fput_sync(file);
	debugfs_remove(dentry);
}

static void a_read_to_nowhere_is_an_error(void **state)
{
	struct dentry *dentry;
	struct file *file;
	int n = 12;

	dentry = debugfs_create_file("numbers", 0444, NULL, &n, &numbers_fops);
	file = lfshim_debugfs_open("numbers", O_RDONLY);
	/* An ioctl that the file does not have does not change that. */
	assert_int_equal(lfshim_file_ioctl(file, 1, NULL), -ENOTTY);
	assert_int_equal(file->f_op->read(file, NULL, 7, &(loff_t){ 3 }),
			 -EFAULT);
	__fput_sync(file);
	debugfs_remove(dentry);
}

static int level_get(void *data, u64 *value)
{
	int *level = data;

	*value = *level;
	return *level < 0 ? *level : 0;
}

static int level_set(void *data, u64 value)
{
	*(int *)data = value;
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(level_fops, level_get, level_set, "0x%llx\n");

static void a_number_is_shown_in_its_format(void **state)
{
	struct dentry *dentry;
	struct file *file;
	int level = 200;
	loff_t pos = 0;
	char buf[8] = "";

	dentry = debugfs_create_file("level", 0644, NULL, &level, &level_fops);
	file = lfshim_debugfs_open("level", O_RDONLY);
	assert_int_equal(file->f_op->read(file, buf, 8, &pos), 5);
	assert_string_equal(buf, "0xc8\n");
	__fput_sync(file);
	file = lfshim_debugfs_open("level", O_RDONLY);
	level = -EIO;
	pos = 0;
	assert_int_equal(file->f_op->read(file, buf, 8, &pos), -EIO);
	__fput_sync(file);
	debugfs_remove(dentry);
}

static void a_show_that_fails_leaves_nothing(void **state)
{
	struct dentry *dentry;
	struct file *file;
	int n = -EIO;
	loff_t pos = 0;
	char buf[8] = "";

	dentry = debugfs_create_file("numbers", 0444, NULL, &n, &numbers_fops);
	file = lfshim_debugfs_open("numbers", O_RDONLY);
	assert_int_equal(file->f_op->read(file, buf, 8, &pos), -EIO);
	assert_int_equal(pos, 0);
	n = 1;
	assert_int_equal(file->f_op->read(file, buf, 8, &pos), 2);
	assert_memory_equal(buf, "0\n", 2);
	__fput_sync(file);
	debugfs_remove(dentry);
}

static int nr_shown;

static int lines_show(struct seq_file *m, void *unused)
{
	int i;

	nr_shown++;
	for (i = 0; i < 500; i++)
		seq_printf(m, "line %d\n", i);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(lines);

static void a_file_is_shown_once(void **state)
{
	struct dentry *dentry;
	struct file *file;
	char buf[100];
	loff_t pos = 0;
	int total = 0, got;

	dentry = debugfs_create_file("lines", 0444, NULL, NULL, &lines_fops);
	file = lfshim_debugfs_open("lines", O_RDONLY);
	nr_shown = 0;
	while ((got = file->f_op->read(file, buf, sizeof(buf), &pos)) > 0)
		total += got;
	assert_int_equal(total, 10 * 7 + 90 * 8 + 400 * 9);
	assert_int_equal(nr_shown, 1);
	__fput_sync(file);
	debugfs_remove(dentry);
}

static void without_memory_there_is_an_error(void **state)
{
	struct dentry *dentry;
	struct file *file;
	char buf[8] = "";
	loff_t pos = 0;
	int n, got;

	lfshim_fail_nth(1);
	assert_ptr_equal(debugfs_create_dir("dir", NULL), ERR_PTR(-ENOMEM));
	dentry = debugfs_create_file("lines", 0444, NULL, NULL, &lines_fops);
	/* The file, and its state. */
	for (n = 1; n <= 2; n++) {
		lfshim_fail_nth(n);
		assert_open_fails("lines", -ENOMEM);
		assert_int_equal(lfshim_fail_nth_left(), 0);
	}
	file = lfshim_debugfs_open("lines", O_RDONLY);
	/* The text is complete or not there. */
	for (n = 1; ; n++) {
		lfshim_fail_nth(n);
		got = file->f_op->read(file, buf, 4, &pos);
		if (lfshim_fail_nth_left())
			break;
		assert_int_equal(got, -ENOMEM);
		assert_int_equal(pos, 0);
	}
	lfshim_fail_nth(0);
	assert_true(n > 2);
	assert_int_equal(got, 4);
	assert_memory_equal(buf, "line", 4);
	__fput_sync(file);
	debugfs_remove(dentry);
}

static void a_directory_removes_what_is_below_it_only(void **state)
{
	struct dentry *dir, *other;
	int x;

	dir = debugfs_create_dir("house", NULL);
	debugfs_create_file("door", 0, dir, &x, &door_fops);
	other = debugfs_create_file("houseboat", 0, NULL, &x, &door_fops);
	debugfs_remove(dir);
	assert_open_fails("house/door", -ENOENT);
	__fput_sync(lfshim_debugfs_open("houseboat", O_RDWR));
	debugfs_remove(other);
	assert_open_fails("houseboat", -ENOENT);
}

/* One round of all operations that may leak. */
static void use_debugfs(void)
{
	struct dentry *dir = debugfs_create_dir("a directory with files", NULL);
	struct file *file;
	char buf[8];

	debugfs_create_file("lines", 0444, dir, NULL, &lines_fops);
	debugfs_create_file("locked", 0444, dir, NULL, &door_fops);
	file = lfshim_debugfs_open("a directory with files/lines", O_RDONLY);
	assert_int_equal(file->f_op->read(file, buf, 8, &(loff_t){ 0 }), 8);
	__fput_sync(file);
	assert_open_fails("a directory with files/locked", -EACCES);
	debugfs_remove(dir);
}

static void ignore_log(int level, const char *message, void *data)
{
}

static void a_second_entry_leaks_nothing(void **state)
{
	struct dentry *dir = debugfs_create_dir("there", NULL);
	size_t before;
	int i;

	lfshim_set_log_hook(ignore_log, NULL);
	debugfs_create_dir("there", NULL);
	before = memory_in_use();
	for (i = 0; i < 1000; i++)
		debugfs_create_dir("there", NULL);
	lfshim_set_log_hook(NULL, NULL);
	if (MEMORY_IS_COUNTED)
		assert_true(memory_in_use() < before + 8192);
	debugfs_remove(dir);
}

static void nothing_leaks(void **state)
{
	size_t before;
	int i;

	if (!MEMORY_IS_COUNTED)
		return;
	use_debugfs();
	before = memory_in_use();
	for (i = 0; i < 300; i++)
		use_debugfs();
	assert_true(memory_in_use() < before + 8192);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_opened_by_its_path),
		TEST(a_second_entry_of_a_name_is_refused),
		TEST(a_show_that_skips_has_no_text),
		TEST(a_shown_file_is_read_in_pieces),
		TEST(a_read_to_nowhere_is_an_error),
		TEST(a_number_is_shown_in_its_format),
		TEST(a_show_that_fails_leaves_nothing),
		TEST(a_file_is_shown_once),
		TEST(without_memory_there_is_an_error),
		TEST(a_directory_removes_what_is_below_it_only),
		TEST(a_second_entry_leaks_nothing),
		TEST(nothing_leaks),
	};

	TEST_NEEDS(test_host_checks_addresses(), "process_vm_readv()",
		   a_read_to_nowhere_is_an_error);
	return TEST_MAIN("debugfs", tests);
}
