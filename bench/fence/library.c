// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The library that is measured. */

#include <linux/dma-fence.h>
#include <linux/slab.h>
#include <libfence/libfence.h>

#include "fence/fence.h"
#include "fence/library.h"

const size_t fence_size = sizeof(struct dma_fence);

const char *fence_library_version(void)
{
	return libfence_version();
}

const char *fence_build_note(void)
{
#if defined(LFSHIM_SANITIZED)
	return "built with a sanitizer: the numbers mean nothing";
#else
	return libfence_has_checks() ?
		       "the library was built with checks: the numbers mean little" :
		       NULL;
#endif
}

unsigned long fence_warnings(void)
{
	return libfence_warn_count();
}

void fence_library_start(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	bench_fence_start();
	/* The first deferred free starts the thread that frees. */
	kfree(p);
	rcu_barrier();
}
