/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* container_of() and typeof_member(), as in the kernel. */
#ifndef _LINUX_CONTAINER_OF_H
#define _LINUX_CONTAINER_OF_H

#include <lfshim/kernel-code.h>
#include <linux/stddef.h>
#include <linux/compiler_types.h>
#include <linux/build_bug.h>

/* The structure of type @type that has its member @member at @ptr. */
#define container_of(ptr, type, member) ({				\
	void *__mptr = (void *)(ptr);					\
	_Static_assert(__same_type(*(ptr), ((type *)0)->member) ||	\
		       __same_type(*(ptr), void),			\
		       "pointer type mismatch in container_of()");	\
	((type *)(__mptr - offsetof(type, member))); })

#define container_of_const(ptr, type, member)	container_of(ptr, type, member)

#define typeof_member(T, m)	__typeof__(((T *)0)->m)

#endif
