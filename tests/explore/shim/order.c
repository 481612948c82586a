// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The memory orders of <lfshim/seam.h>, which the engine changes between runs. They
 * are const there. So this file does not include it.
 */
int lfshim_acquire_order = __ATOMIC_ACQUIRE;
int lfshim_release_order = __ATOMIC_RELEASE;

/* The same, for the code that changes them. */
extern int lfshim_acquire_variable
	__attribute__((__alias__("lfshim_acquire_order")));
extern int lfshim_release_variable
	__attribute__((__alias__("lfshim_release_order")));
