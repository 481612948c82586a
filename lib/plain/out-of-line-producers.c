// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * As out-of-line.c: the inline functions for producers. Not in a library whose core,
 * from an older kernel tree, supports no producers.
 */

/* Their functions are in out-of-line.c. */
#include <libfence/fence.h>

#undef LIBFENCE_INLINE_
#define LIBFENCE_INLINE_

#include <libfence/driver-fence.h>
#include <libfence/timeline.h>
