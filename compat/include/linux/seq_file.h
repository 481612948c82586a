/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Text that a file is made of. There is no file here: the text collects in a
 * buffer that grows.
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

#endif
