// SPDX-License-Identifier: GPL-2.0 OR MIT
/* seq_file: text in a buffer that grows. */

#include <stdio.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

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

/* Files */

/* The seq_file comes first: it is what the file's private_data is in Linux. */
struct single {
	struct seq_file m;
	int (*show)(struct seq_file *m, void *v);
	void *data;
	/* Protects @m and @shown from several readers. */
	struct mutex lock;
	bool shown;
};

int single_open(struct file *file, int (*show)(struct seq_file *m, void *v),
		void *data)
{
	struct single *s = kzalloc_obj(*s);

	if (!s)
		return -ENOMEM;
	mutex_init(&s->lock);
	s->show = show;
	s->data = data;
	file->private_data = s;
	return 0;
}

int single_release(struct inode *inode, struct file *file)
{
	struct single *s = file->private_data;

	lfshim_seq_release(&s->m);
	mutex_destroy(&s->lock);
	kfree(s);
	return 0;
}

/* The text is there, or an error says why not. */
static int show(struct single *s)
{
	int err;

	if (s->shown)
		return 0;
	/* Of a show that failed there may be a part. */
	lfshim_seq_release(&s->m);
	s->m.private = s->data;
	err = s->show(&s->m, NULL);
	if (!err && seq_has_overflowed(&s->m))
		err = -ENOMEM;
	s->shown = !err;
	return err;
}

ssize_t seq_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	struct single *s = file->private_data;
	ssize_t ret;

	mutex_lock(&s->lock);
	ret = show(s);
	if (!ret && *pos < s->m.count) {
		ret = min_t(size_t, size, s->m.count - *pos);
		if (copy_to_user(buf, s->m.buf + *pos, ret))
			ret = -EFAULT;
		else
			*pos += ret;
	}
	mutex_unlock(&s->lock);
	return ret;
}
