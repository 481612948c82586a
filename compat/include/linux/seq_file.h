/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * seq_file: text that collects in a buffer that grows. Left out: iterators
 * (seq_open() and struct seq_operations), escaping and helpers for numbers.
 * Implemented in compat/seq_file.c.
 *
 * A seq_file does not need a file:
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
	/* Equal to ->size if there was no memory for some of the text. */
	size_t count;
	void *private;
};

/* Initialise an empty seq_file. The caller owns the memory at ->private. */
static inline void lfshim_seq_open(struct seq_file *m)
{
	*m = (struct seq_file){ 0 };
}

/* The text so far, never NULL; valid until the next call on @m. */
const char *lfshim_seq_text(struct seq_file *m);
/* Free the buffer. */
void lfshim_seq_release(struct seq_file *m);

/* Append text. Context: any; allocates with GFP_ATOMIC. */
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

#define SEQ_SKIP	1

/**
 * single_open - open a file whose text one function produces
 * @file: the file that is opened; its private_data is used until
 *	single_release()
 * @show: is called at the first read; returns 0, or SEQ_SKIP if the file is to
 *	be empty, or an error, which that read returns
 * @data: ->private of the seq_file that is given to @show; borrowed
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM.
 */
int single_open(struct file *file, int (*show)(struct seq_file *m, void *v),
		void *data) LFSHIM(single_open);
int single_release(struct inode *inode, struct file *file)
	LFSHIM(single_release);
/* Return: the bytes read; 0 at the end; -EFAULT, -ENOMEM, @show's error. */
ssize_t seq_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
	LFSHIM(seq_read);
/* Not needed: seq_read() uses the position that its caller passes. */
#define seq_lseek	NULL

/* Defines NAME_fops, for a file whose text NAME_show() produces. */
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
