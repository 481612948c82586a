/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The type of a firmware file, for structures and prototypes that have it.
 * Left out: all functions.
 */
#ifndef _LINUX_FIRMWARE_H
#define _LINUX_FIRMWARE_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

struct firmware {
	size_t size;
	const u8 *data;
	void *priv;
};

#endif
