/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Before the shim includes a header of the host, and <lfshim/host-end.h> after
 * it: what that includes is the host's, too. Nests. See <lfshim/side.h>.
 */
#pragma push_macro("LFSHIM_HOST_SIDE")
#undef LFSHIM_HOST_SIDE
#define LFSHIM_HOST_SIDE	1
