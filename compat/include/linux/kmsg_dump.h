/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The type, so that structures that contain one compile. Left out: all
 * functions.
 */
#ifndef _LINUX_KMSG_DUMP_H
#define _LINUX_KMSG_DUMP_H

#include <lfshim/kernel-code.h>
#include <linux/list.h>

struct kmsg_dump_detail;

struct kmsg_dumper {
	struct list_head list;
	void (*dump)(struct kmsg_dumper *dumper,
		     struct kmsg_dump_detail *detail);
	bool registered;
};

#endif
