// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The state of the benchmark, and the ways out of it. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base.h"

struct bench bench;

/* Errors of this number and above are counted, and not printed. */
#define MAX_PRINTED	20

void wrong(const char *fmt, ...)
{
	va_list args;

	if (bench.errors++ >= MAX_PRINTED)
		return;
	fputs("fence-bench: wrong: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

void die(const char *fmt, ...)
{
	va_list args;

	fputs("fence-bench: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

void *must_alloc(size_t size)
{
	/* aligned_alloc() wants a multiple of the alignment. */
	void *p = aligned_alloc(64, (size + 63) & ~(size_t)63);

	if (!p)
		die("out of memory");
	return p;
}
