// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Random numbers. The environment can set the seed; see <linux/random.h>. */

#include <stdlib.h>
#include <linux/random.h>
#include <lfshim/tls.h>

#include "host/sys.h"

static u64 random_seed(void)
{
	static u64 nr_threads;
	const char *env = lfhost_getenv("LIBFENCE_SEED");
	u64 base = env ? strtoull(env, NULL, 0) : (u64)lfhost_clock();

	return base + 0x9e3779b97f4a7c15ull *
	       (1 + __atomic_fetch_add(&nr_threads, 1, __ATOMIC_RELAXED));
}

/* Each thread has its own sequence of splitmix64. */
u32 get_random_u32(void)
{
	u64 z;

	if (!lfshim_tls.random_state)
		lfshim_tls.random_state = random_seed();
	z = lfshim_tls.random_state += 0x9e3779b97f4a7c15ull;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return (z ^ (z >> 31)) >> 32;
}

u32 get_random_u32_below(u32 ceil)
{
	return (u64)get_random_u32() * ceil >> 32;
}
