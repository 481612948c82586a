/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Random numbers that follow from a seed, for tests. All of it is inline. The
 * generator is L'Ecuyer's LFSR113, as in the kernel; the seeds become other
 * states than there, so the sequences differ. The caller serialises the calls
 * for one state. Left out: the net_rand names and prandom_seed_full_state().
 */
#ifndef _LINUX_PRANDOM_H
#define _LINUX_PRANDOM_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/random.h>

struct rnd_state {
	u32 s1, s2, s3, s4;
};

/* Every bit of @seed counts. The same seed gives the same sequence. */
static inline void prandom_seed_state(struct rnd_state *state, u64 seed)
{
	u32 *word[] = { &state->s1, &state->s2, &state->s3, &state->s4 };
	u64 z;
	int i;

	for (i = 0; i < 4; i++) {
		/* splitmix64 */
		z = seed += 0x9e3779b97f4a7c15ull;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
		/* The low bits of a word are not used: it must not be below 128. */
		*word[i] = (u32)(z ^ (z >> 31)) | 128;
	}
}

static inline u32 prandom_u32_state(struct rnd_state *state)
{
	state->s1 = (state->s1 & ~1u) << 18 ^ (state->s1 << 6 ^ state->s1) >> 13;
	state->s2 = (state->s2 & ~7u) << 2 ^ (state->s2 << 2 ^ state->s2) >> 27;
	state->s3 = (state->s3 & ~15u) << 7 ^ (state->s3 << 13 ^ state->s3) >> 21;
	state->s4 = (state->s4 & ~127u) << 13 ^ (state->s4 << 3 ^ state->s4) >> 12;
	return state->s1 ^ state->s2 ^ state->s3 ^ state->s4;
}

static inline void prandom_bytes_state(struct rnd_state *state, void *buf,
				       size_t bytes)
{
	u8 *p = buf;
	u32 x = 0;
	size_t i;

	for (i = 0; i < bytes; i++) {
		x = i % 4 ? x >> 8 : prandom_u32_state(state);
		p[i] = (u8)x;
	}
}

#endif
