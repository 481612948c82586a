/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The end of what <lfshim/host-begin.h> began. */
#pragma pop_macro("LFSHIM_HOST_SIDE")
