/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * sort(). Left out: sort_r() and the _nonatomic variants. Implemented in
 * compat/sort.c.
 */
#ifndef _LINUX_SORT_H
#define _LINUX_SORT_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

typedef int (*cmp_func_t)(const void *a, const void *b);
typedef void (*swap_func_t)(void *a, void *b, int size);

/**
 * sort - sort an array in place; the order of equal elements may change
 * @base: the first element
 * @num: the number of elements
 * @size: the size of an element
 * @cmp: compares two elements; returns a negative number, 0, or a positive one
 * @swap: exchanges two elements; NULL to exchange them byte by byte
 *
 * This is a heapsort, which needs no memory and does not recurse.
 * Context: any.
 */
void sort(void *base, size_t num, size_t size, cmp_func_t cmp,
	  swap_func_t swap) LFSHIM(sort);

#endif
