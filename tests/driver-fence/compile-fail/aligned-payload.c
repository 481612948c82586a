// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A payload must not need more than 16 bytes of alignment.
 *
 * EXPECT-GCC: simd_payload_needs_no_more_than_16_bytes_alignment_
 * EXPECT-CLANG: simd_payload_needs_no_more_than_16_bytes_alignment_
 * EXPECT-G++: more than 16 bytes
 * EXPECT-CLANG++: more than 16 bytes
 */
#include "types.h"

struct simd {
	float lanes[8];
} __attribute__((__aligned__(32)));

struct half_simd {
	float lanes[4];
} __attribute__((__aligned__(16)));

LIBFENCE_PAYLOAD(half_simd, struct half_simd);
LIBFENCE_PAYLOAD(simd, struct simd); /* WRONG */
