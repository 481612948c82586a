/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The part of the C library's header that the tests use. */
#ifndef TESTS_MODULE_STDLIB_H
#define TESTS_MODULE_STDLIB_H

#include <linux/slab.h>

/* Without fault injection. */
#define malloc(size)	kcalloc(1, size, GFP_KERNEL)
#define calloc(n, size)	kcalloc(n, size, GFP_KERNEL)
#define free(memory)	kfree(memory)

void srand(unsigned int seed);
int rand(void);

#endif
