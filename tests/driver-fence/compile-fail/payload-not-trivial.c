// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A payload is copied as bytes, so its C++ type must be trivially copyable.
 *
 * NOT-C: there are no such types
 * EXPECT-G++: is not trivially copyable
 * EXPECT-CLANG++: is not trivially copyable
 */
#include "types.h"

struct owner {
	int *memory;
	~owner() { delete memory; }
};

LIBFENCE_PAYLOAD(owner, struct owner); /* WRONG */
