/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Regulators: there are none. The types, for structures and prototypes.
 */
#ifndef _LINUX_REGULATOR_CONSUMER_H
#define _LINUX_REGULATOR_CONSUMER_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

struct regulator;

struct regulator_bulk_data {
	const char *supply;
	struct regulator *consumer;
};

#endif
