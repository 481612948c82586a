/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Sorting lists. Implemented in compat/list_sort.c. */
#ifndef _LINUX_LIST_SORT_H
#define _LINUX_LIST_SORT_H

#include <lfshim/kernel-code.h>
#include <linux/list.h>

typedef int __attribute__((__nonnull__(2, 3)))
(*list_cmp_func_t)(void *priv, const struct list_head *a,
		   const struct list_head *b);

/**
 * list_sort - sort a list
 * @priv: is given to @cmp
 * @head: the list
 * @cmp: positive if @b has to come before @a; else, @a comes first
 *
 * Entries that are equal keep their order. It allocates nothing. Context: any;
 * the caller excludes others from the list.
 */
void list_sort(void *priv, struct list_head *head, list_cmp_func_t cmp)
	LFSHIM(list_sort);

#endif
