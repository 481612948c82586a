/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The part of the C library's header that the tests use. */
#ifndef TESTS_MODULE_STDIO_H
#define TESTS_MODULE_STDIO_H

#include <linux/kernel.h>
#include <linux/printk.h>

#define stdout			NULL
#define printf(fmt, args...)	printk(fmt, ##args)
#define fflush(stream)		((void)(stream))

#endif
