/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* See dma-fence.h. What an older tree's ioctls lack is in <libfence/...>. */
#include <libfence/sync-uapi.h>
