/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Ends the part of the host, which <lfshim/host-begin.h> began. */
#pragma pop_macro("LFSHIM_HOST_SIDE")
