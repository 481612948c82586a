/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_SORT_H
#define _LINUX_SORT_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

typedef int (*cmp_func_t)(const void *a, const void *b);
typedef void (*swap_func_t)(void *a, void *b, int size);

/**
 * sort - sort an array in place; not stable
 * @base: first element
 * @num: number of elements
 * @size: of one
 * @cmp: negative, 0, positive
 * @swap: exchanges two elements, or NULL for bytes
 *
 * Heapsort: no allocation, no deep recursion. Context: any.
 */
void sort(void *base, size_t num, size_t size, cmp_func_t cmp,
	  swap_func_t swap) LFSHIM(sort);

#endif
