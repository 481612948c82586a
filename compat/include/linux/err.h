/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Errors as pointers: the last 4095 addresses are never valid, and stand for
 * the negative error numbers. All of it is inline.
 */
#ifndef _LINUX_ERR_H
#define _LINUX_ERR_H

#include <lfshim/kernel-code.h>
#include <lfshim/host-begin.h>
#include <errno.h>
#include <lfshim/host-end.h>
#ifdef LIBFENCE_KERNEL_CODE
/* Kernel code has parameters of this name, which libc's macro would break. */
#undef errno
#endif
#include <linux/errno.h>
#include <linux/types.h>
#include <linux/compiler.h>

#define MAX_ERRNO	4095
#define IS_ERR_VALUE(x)	unlikely((unsigned long)(void *)(x) >= (unsigned long)-MAX_ERRNO)

static inline void *__must_check ERR_PTR(long error)
{
	return (void *)error;
}

static inline long __must_check PTR_ERR(const void *ptr)
{
	return (long)ptr;
}

static inline bool __must_check IS_ERR(const void *ptr)
{
	return IS_ERR_VALUE((unsigned long)ptr);
}

static inline bool __must_check IS_ERR_OR_NULL(const void *ptr)
{
	return unlikely(!ptr) || IS_ERR(ptr);
}

static inline void *__must_check ERR_CAST(const void *ptr)
{
	return (void *)ptr;
}

static inline int __must_check PTR_ERR_OR_ZERO(const void *ptr)
{
	return IS_ERR(ptr) ? (int)PTR_ERR(ptr) : 0;
}

#endif
