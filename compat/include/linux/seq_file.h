/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Text that a file is made of. It collects in a buffer that grows; there need
 * not be a file:
 *
 *	struct seq_file m;
 *
 *	lfshim_seq_open(&m);
 *	dma_fence_describe(fence, &m);
 *	fputs(lfshim_seq_text(&m), stdout);
 *	lfshim_seq_release(&m);
 */
#ifndef _LINUX_SEQ_FILE_H
#define _LINUX_SEQ_FILE_H

#include <lfshim/kernel-code.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/types.h>

struct seq_file {
	char *buf;
	size_t size;
	/* == size: something did not fit, for want of memory. */
	size_t count;
	void *private;
};

/* An empty file; what is behind ->private is the caller's. */
static inline void lfshim_seq_open(struct seq_file *m)
{
	*m = (struct seq_file){ 0 };
}

/* The text so far, never NULL, until the next call on @m. */
const char *lfshim_seq_text(struct seq_file *m);
/* Give the buffer back. */
void lfshim_seq_release(struct seq_file *m);

/* Append. Context: may allocate (GFP_ATOMIC). */
void seq_printf(struct seq_file *m, const char *fmt, ...) LFSHIM(seq_printf);
void seq_vprintf(struct seq_file *m, const char *fmt, va_list args)
	LFSHIM(seq_vprintf);
void seq_putc(struct seq_file *m, char c) LFSHIM(seq_putc);
void seq_puts(struct seq_file *m, const char *s) LFSHIM(seq_puts);
int seq_write(struct seq_file *m, const void *data, size_t len)
	LFSHIM(seq_write);

static inline bool seq_has_overflowed(struct seq_file *m)
{
	return m->size && m->count == m->size;
}

/**
 * single_open - a file whose text is made by one function
 * @file: being opened; its private_data is taken, for single_release()
 * @show: called at the first read; 0, or an error, which the read returns
 * @data: the ->private of the seq_file that @show gets
 *
 * Return: 0; -ENOMEM.
 */
int single_open(struct file *file, int (*show)(struct seq_file *m, void *v),
		void *data) LFSHIM(single_open);
int single_release(struct inode *inode, struct file *file)
	LFSHIM(single_release);
/* Return: bytes, 0 at the end; -EFAULT, -ENOMEM, or what @show returned. */
ssize_t seq_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
	LFSHIM(seq_read);
/* Only the position of the read counts, and that is the reader's. */
#define seq_lseek	NULL

/* NAME_fops, of a file that NAME_show() makes the text of. */
#define DEFINE_SHOW_ATTRIBUTE(__name)					\
static int __name##_open(struct inode *inode, struct file *file)	\
{									\
	return single_open(file, __name##_show, inode->i_private);	\
}									\
									\
static const struct file_operations __name##_fops = {			\
	.owner		= THIS_MODULE,					\
	.open		= __name##_open,				\
	.read		= seq_read,					\
	.llseek		= seq_lseek,					\
	.release	= single_release,				\
}

#endif
