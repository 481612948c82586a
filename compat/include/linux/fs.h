/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * struct file and struct file_operations, as far as files without a file system
 * need them. There are no superblocks, inodes on disk or directories.
 * Implemented in compat/file.c.
 *
 * A file that was installed (<linux/file.h>) is a descriptor of the process
 * that can be polled, sent and inherited. The host's other operations on
 * descriptors do not reach @f_op; see docs/sync-file.md. The host has a header
 * of this name, too.
 */
#ifndef LFSHIM_LINUX_FS_H
#define LFSHIM_LINUX_FS_H

#include <uapi/linux/fs.h>
#include <lfshim/host-begin.h>
#include <fcntl.h>
#include <lfshim/host-end.h>
#include <linux/types.h>
#include <linux/irq_work.h>
#include <linux/refcount.h>
#include <linux/poll.h>
#include <linux/init.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <linux/xarray.h>

struct address_space;
struct file;
struct module;
struct seq_file;
struct lfshim_endpoint;
/* For prototypes of the tree's headers. */
struct vm_area_struct;

/* Room for a packet. */
#define LFSHIM_FILE_PACKET_MAX	96
/* Room for a label and its terminating 0. */
#define LFSHIM_FILE_LABEL_MAX	27

/*
 * The data of a file that another process can see by its descriptor, which is a
 * pipe: a label, and a packet that makes it readable. A file without this has
 * no label and an empty packet: other processes can poll it, and no more.
 */
struct lfshim_file_wire {
	/*
	 * Write the label, of 7-bit characters, and the packet as far as it is
	 * known. Returns false if there is no label.
	 */
	bool (*label)(struct file *file, char *label, void *packet);
	/*
	 * Complete the packet; its size, or 0 while the file is not readable.
	 * Context: any. Must not allocate memory.
	 */
	int (*packet)(struct file *file, void *packet);
};

/* For all files whose operations have no ->lfshim_wire. */
void lfshim_file_set_default_wire(const struct lfshim_file_wire *wire);

struct inode {
	/* Set by the creator of the file. */
	void *i_private;
	/* NULL: there is no page cache. */
	struct address_space *i_mapping;
};

struct file_operations {
	struct module *owner;
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	ssize_t (*read)(struct file *file, char __user *buf, size_t size,
			loff_t *pos);
	__poll_t (*poll)(struct file *file, struct poll_table_struct *table);
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd,
			       unsigned long arg);
	long (*compat_ioctl)(struct file *file, unsigned int cmd,
			     unsigned long arg);
	int (*open)(struct inode *inode, struct file *file);
	int (*release)(struct inode *inode, struct file *file);
	void (*show_fdinfo)(struct seq_file *m, struct file *file);
	/* NULL, or see above. */
	const struct lfshim_file_wire *lfshim_wire;
};

struct file {
	const struct file_operations *f_op;
	void *private_data;
	unsigned int f_flags;
	/* Never NULL. The files that were opened by one name do not share it. */
	struct inode *f_inode;
	/* Private to the shim from here on; first the members for wake-ups. */
	refcount_t lfshim_count;
	/* The library's end of the pipe, or -1. */
	int lfshim_fd;
	/* The packet that makes the users' descriptors readable is written. */
	bool lfshim_notified;
	/* ->lfshim_entry, in the queue of the poll function, queues this. */
	struct irq_work lfshim_irq;
	struct wait_queue_entry lfshim_entry;
	struct wait_queue_head *lfshim_queue;
	/* NULL until the file is installed. */
	struct lfshim_endpoint *lfshim_endpoint;
	struct inode lfshim_inode;
	/* The last fput() queues this. */
	struct callback_head lfshim_work;
};

static inline struct inode *file_inode(const struct file *file)
{
	return file->f_inode;
}

static inline struct file *get_file(struct file *file)
{
	refcount_inc(&file->lfshim_count);
	return file;
}

/* There is only one ABI, so no argument has to be converted. */
#define compat_ptr_ioctl	NULL

#endif
