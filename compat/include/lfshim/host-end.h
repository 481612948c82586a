/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Ends what <lfshim/host-begin.h> began. */
#pragma pop_macro("LFSHIM_HOST_SIDE")
