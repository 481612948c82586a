/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Like dma-fence.h in this directory, for <uapi/linux/sync_file.h>: the header
 * below has the ioctls that an older tree lacks.
 */
#include <libfence/sync-uapi.h>
