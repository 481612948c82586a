// SPDX-License-Identifier: GPL-2.0 OR MIT
/* seq_file: text in a buffer that grows; see <linux/seq_file.h>. */

#include <stdio.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define SEQ_FIRST_SIZE	256

static bool seq_make_room(struct seq_file *m, size_t len)
{
	size_t size = m->size ? m->size : SEQ_FIRST_SIZE;
	char *buf;

	/* With a NUL after the text. Only an overflow makes the buffer full. */
	while (size - m->count < len + 2)
		size *= 2;
	if (size == m->size)
		return true;
	buf = krealloc(m->buf, size, GFP_ATOMIC);
	if (!buf) {
		/* A full buffer means an overflow, even without any memory. */
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
	if (seq_has_overflowed(m) || !seq_make_room(m, len))
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
	if (len < 0 || !seq_make_room(m, len))
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

/* The seq_file is first: in the kernel, private_data points to one. */
struct seq_single {
	struct seq_file m;
	int (*show)(struct seq_file *m, void *v);
	void *data;
	/* Protects @m and @shown against several readers. */
	struct mutex lock;
	/* @m has the complete text. */
	bool shown;
};

int single_open(struct file *file, int (*show)(struct seq_file *m, void *v),
		void *data)
{
	struct seq_single *s = kzalloc_obj(*s);

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
	struct seq_single *s = file->private_data;

	lfshim_seq_release(&s->m);
	mutex_destroy(&s->lock);
	kfree(s);
	return 0;
}

/* Make the text if it does not exist yet. Returns 0 or a negative errno. */
static int seq_single_show(struct seq_single *s)
{
	int err;

	if (s->shown)
		return 0;
	/* A call that failed may have left a part of the text. */
	lfshim_seq_release(&s->m);
	s->m.private = s->data;
	err = s->show(&s->m, NULL);
	if (!err && seq_has_overflowed(&s->m))
		err = -ENOMEM;
	if (err == SEQ_SKIP) {
		s->m.count = 0;
		err = 0;
	}
	s->shown = !err;
	return err;
}

ssize_t seq_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	struct seq_single *s = file->private_data;
	ssize_t ret;

	mutex_lock(&s->lock);
	ret = seq_single_show(s);
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
