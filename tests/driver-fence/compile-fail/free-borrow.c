// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The borrower of a preparation cannot free it.
 *
 * EXPECT-GCC: incompatible-pointer-types
 * EXPECT-CLANG: incompatible-pointer-types-discards-qualifiers
 * EXPECT-G++: invalid conversion from|cannot convert
 * EXPECT-CLANG++: no matching function for call to|cannot initialize
 */
#include "types.h"

int peek(const struct job_prep *prep);

int peek(const struct job_prep *prep)
{
	job_prep_free(&prep); /* WRONG */
	return job_prep_payload(prep)->id;
}
