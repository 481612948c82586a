/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Factors between units. Left out: watts, joules, bits and temperatures.
 */
#ifndef _LINUX_UNITS_H
#define _LINUX_UNITS_H

#include <lfshim/kernel-code.h>

#define KILO			1000UL
#define MEGA			(1000UL * KILO)
#define GIGA			(1000UL * MEGA)
/* Divisors: of a second, a metre ... */
#define MILLI			KILO
#define MICRO			MEGA
#define NANO			GIGA

#define MILLIHZ_PER_HZ		MILLI
#define MICROHZ_PER_HZ		MICRO
#define NANOHZ_PER_HZ		NANO
#define HZ_PER_KHZ		KILO
#define HZ_PER_MHZ		MEGA
#define HZ_PER_GHZ		GIGA
#define KHZ_PER_MHZ		KILO
#define KHZ_PER_GHZ		MEGA

#endif
