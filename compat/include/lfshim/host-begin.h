/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Included before the shim includes a header of the host; <lfshim/host-end.h>
 * is included after it. The headers that the host's header includes are then
 * the host's, too. The pair may be nested. See <lfshim/side.h>.
 */
#pragma push_macro("LFSHIM_HOST_SIDE")
#undef LFSHIM_HOST_SIDE
#define LFSHIM_HOST_SIDE	1
