// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Heapsort; see <linux/sort.h>. */

#include <linux/sort.h>

static void sort_swap_bytes(void *a, void *b, int size)
{
	unsigned char *x = a, *y = b, tmp;

	while (size--) {
		tmp = *x;
		*x++ = *y;
		*y++ = tmp;
	}
}

/* Move the element at @i down until the @num elements are a heap again. */
static void sort_sift_down(char *base, size_t i, size_t num, size_t size,
			   cmp_func_t cmp, swap_func_t swap_func)
{
	size_t child;

	for (; (child = 2 * i + 1) < num; i = child) {
		if (child + 1 < num &&
		    cmp(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (cmp(base + i * size, base + child * size) >= 0)
			break;
		swap_func(base + i * size, base + child * size, size);
	}
}

void sort(void *base, size_t num, size_t size, cmp_func_t cmp,
	  swap_func_t swap_func)
{
	size_t i;

	if (!swap_func)
		swap_func = sort_swap_bytes;
	for (i = num / 2; i-- > 0;)
		sort_sift_down(base, i, num, size, cmp, swap_func);
	for (i = num; i-- > 1;) {
		swap_func(base, (char *)base + i * size, size);
		sort_sift_down(base, 0, i, size, cmp, swap_func);
	}
}
