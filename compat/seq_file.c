// SPDX-License-Identifier: GPL-2.0 OR MIT
/* seq_file: text in a buffer that grows. */

#include <stdio.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#define FIRST_SIZE	256

static bool make_room(struct seq_file *m, size_t len)
{
	size_t size = m->size ? m->size : FIRST_SIZE;
	char *buf;

	/* A NUL behind the text, and never full but after an overflow. */
	while (size - m->count < len + 2)
		size *= 2;
	if (size == m->size)
		return true;
	buf = krealloc(m->buf, size, GFP_ATOMIC);
	if (!buf) {
		/* Full, were it only of nothing. */
		m->size = m->size ? m->size : 1;
		m->count = m->size;
		return false;
	}
	m->buf = buf;
	m->size = size;
	return true;
}

int seq_write(struct seq_file *m, const void *data, size_t len)
{
	if (seq_has_overflowed(m) || !make_room(m, len))
		return -1;
	memcpy(m->buf + m->count, data, len);
	m->count += len;
	m->buf[m->count] = '\0';
	return 0;
}

void seq_vprintf(struct seq_file *m, const char *fmt, va_list args)
{
	va_list again;
	int len;

	if (seq_has_overflowed(m))
		return;
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0 || !make_room(m, len))
		return;
	vsnprintf(m->buf + m->count, m->size - m->count, fmt, args);
	m->count += len;
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	seq_vprintf(m, fmt, args);
	va_end(args);
}

void seq_putc(struct seq_file *m, char c)
{
	seq_write(m, &c, 1);
}

void seq_puts(struct seq_file *m, const char *s)
{
	seq_write(m, s, strlen(s));
}

const char *lfshim_seq_text(struct seq_file *m)
{
	return m->buf ? m->buf : "";
}

void lfshim_seq_release(struct seq_file *m)
{
	kfree(m->buf);
	lfshim_seq_open(m);
}
