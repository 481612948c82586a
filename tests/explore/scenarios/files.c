// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The last fput(): the release op runs later, on a thread of the shim.
 * flush_delayed_fput() looks again at intervals, and a loop of timeouts has no end, so
 * no thread calls it.
 */

#include "explore.h"

#include <linux/anon_inodes.h>
#include <linux/completion.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/slab.h>

/* The data that the file owns. Its flag is plain: the flush has to order it. */
struct owned {
	bool released;
};

static struct owned owned[2];
static struct file *files[2];
static DECLARE_COMPLETION(second_is_released);

static int note_release(struct inode *inode, struct file *file)
{
	struct owned *o = file->private_data;

	lfx_assert(!o->released);
	o->released = true;
	return 0;
}

static const struct file_operations ops = { .release = note_release };

static struct file *new_file(const struct file_operations *fops, int nr)
{
	struct file *file = anon_inode_getfile("file", fops, &owned[nr], 0);

	lfx_assert(!IS_ERR(file));
	lfx_name(file, nr ? "file 1" : "file 0");
	return file;
}

static void make_files(void)
{
	files[0] = new_file(&ops, 0);
	files[1] = new_file(&ops, 1);
}

static void put_1(void)
{
	fput(files[1]);
}

static void check_both(void)
{
	flush_delayed_fput();
	lfx_assert(owned[0].released && owned[1].released);
}

/* Two references: one of the puts is the last. */

static void make_shared_file(void)
{
	files[0] = new_file(&ops, 0);
	get_file(files[0]);
	owned[1].released = true;
}

static void put_0(void)
{
	fput(files[0]);
}

LFX_SCENARIO(file_two_puts) = {
	.name = "file-two-puts",
	.what = "two fput() of the last two references",
	.setup = make_shared_file,
	.threads = { { "thread 0", put_0 }, { "thread 1", put_0 } },
	.check = check_both,
};

LFX_SCENARIO(file_puts) = {
	.name = "file-puts",
	.what = "the last fput() of two files",
	.setup = make_files,
	.threads = { { "thread 0", put_0 }, { "thread 1", put_1 } },
	.check = check_both,
};

/* A release may wait for another one: it does not hold up the others. */

static int wait_for_second(struct inode *inode, struct file *file)
{
	wait_for_completion(&second_is_released);
	return note_release(inode, file);
}

static int complete_release(struct inode *inode, struct file *file)
{
	note_release(inode, file);
	complete(&second_is_released);
	return 0;
}

static const struct file_operations waiting_ops = { .release = wait_for_second };
static const struct file_operations completing_ops = {
	.release = complete_release,
};

static void make_waiting_files(void)
{
	files[0] = new_file(&waiting_ops, 0);
	files[1] = new_file(&completing_ops, 1);
}

LFX_SCENARIO(file_release_waits) = {
	.name = "file-release-waits",
	.what = "a release that waits for that of the next file",
	.setup = make_waiting_files,
	.threads = { { "thread 0", put_0 }, { "thread 1", put_1 } },
	.check = check_both,
};
