// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Access to user memory; see <linux/uaccess.h>. */

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <lfshim/tls.h>

#include "host/fd.h"

unsigned long copy_from_user(void *to, const void __user *from,
			     unsigned long n)
{
	if (lfshim_tls.library_argument)
		memcpy(to, (const void __force *)from, n);
	else if (!lfhost_copy_from(to, (const void __force *)from, n))
		return n;
	return 0;
}

unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
{
	if (lfshim_tls.library_argument)
		memcpy((void __force *)to, from, n);
	else if (!lfhost_copy_to((void __force *)to, from, n))
		return n;
	return 0;
}

long strncpy_from_user(char *to, const char __user *from, long size)
{
	long done = 0, part;
	char *end;

	/* No part crosses a page: the next one need not exist. */
	for (; done < size; done += part) {
		part = min_t(long, size - done,
			     64 - ((unsigned long)(from + done) & 63));
		if (copy_from_user(to + done, from + done, part))
			return -EFAULT;
		end = memchr(to + done, 0, part);
		if (end)
			return end - to;
	}
	return done;
}

long lfshim_file_ioctl(struct file *file, unsigned int cmd, void *arg)
{
	bool saved = lfshim_tls.library_argument;
	long ret = -ENOTTY;

	lfshim_tls.library_argument = true;
	if (file->f_op->unlocked_ioctl)
		ret = file->f_op->unlocked_ioctl(file, cmd, (unsigned long)arg);
	lfshim_tls.library_argument = saved;
	return ret;
}
