/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * copy_from_user() and copy_to_user(), for the arguments of ioctls, and
 * get_user(), put_user() and memdup_user(), which are made of these. The memory
 * belongs to this process, but the address may be invalid, so the host copies
 * it with a system call. Left out: the unsafe_ variants.
 * Implemented in compat/uaccess.c.
 */
#ifndef _LINUX_UACCESS_H
#define _LINUX_UACCESS_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/util_macros.h>

/* Return: the number of bytes that were not copied: 0 or @n. */
unsigned long copy_from_user(void *to, const void __user *from,
			     unsigned long n) LFSHIM(copy_from_user);
unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
	LFSHIM(copy_to_user);

#define might_fault()	might_sleep()

/**
 * get_user - read an integer or a pointer from user memory
 * @x: the variable that is set; to 0 if the address is invalid
 * @ptr: the address; its type says how much is read
 *
 * Return: 0, or -EFAULT.
 */
#define get_user(x, ptr) ({						\
	/* A cast drops const. */					\
	__typeof__((__typeof__(*(ptr)))0) __user_value = 0;		\
	unsigned long __user_left = copy_from_user(			\
		&__user_value, (ptr), sizeof(__user_value));		\
	(x) = (__force __typeof__(x))__user_value;			\
	__user_left ? -EFAULT : 0; })

/**
 * put_user - write an integer or a pointer to user memory
 * @x: the value, which is converted to the type of *@ptr
 * @ptr: the address
 *
 * Return: 0, or -EFAULT.
 */
#define put_user(x, ptr) ({						\
	__typeof__(*(ptr)) __user_value = (x);				\
	copy_to_user((ptr), &__user_value, sizeof(__user_value)) ?	\
		-EFAULT : 0; })

/**
 * memdup_user - copy user memory into new memory
 * @src: the address
 * @len: the number of bytes
 *
 * Context: may sleep.
 * Return: the copy, which the caller frees with kfree(); ERR_PTR(-ENOMEM) or
 * ERR_PTR(-EFAULT).
 */
static lfshim_inline void *memdup_user(const void __user *src, size_t len)
{
	void *copy = kmalloc(len, GFP_KERNEL);

	if (!copy)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(copy, src, len)) {
		kfree(copy);
		return ERR_PTR(-EFAULT);
	}
	return copy;
}

/* As memdup_user(), for an array. ERR_PTR(-EOVERFLOW) if it is too large. */
static lfshim_inline void *memdup_array_user(const void __user *src, size_t n,
					     size_t size)
{
	size_t len;

	return check_mul_overflow(n, size, &len) ? ERR_PTR(-EOVERFLOW) :
						   memdup_user(src, len);
}

/* As memdup_user(). The caller frees the copy with kvfree(). */
static lfshim_inline void *vmemdup_user(const void __user *src, size_t len)
{
	void *copy = kvmalloc(len, GFP_KERNEL);

	if (!copy)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(copy, src, len)) {
		kvfree(copy);
		return ERR_PTR(-EFAULT);
	}
	return copy;
}

/**
 * strncpy_from_user - copy a string of user memory
 * @to: where to
 * @from: the address
 * @size: the size of @to; of a longer string, so much is copied, without a NUL
 *
 * Context: may sleep.
 * Return: the length without the NUL, at most @size; -EFAULT.
 */
long strncpy_from_user(char *to, const char __user *from, long size)
	LFSHIM(strncpy_from_user);

#endif
