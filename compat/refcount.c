// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The warnings of reference counts; see <linux/refcount.h>. */

#include <linux/array_size.h>
#include <linux/bug.h>
#include <linux/refcount.h>

void refcount_warn_saturate(refcount_t *r, enum refcount_saturation_type t)
{
	static const char *const what[] = {
		[REFCOUNT_ADD_NOT_ZERO_OVF] = "saturated; leaking memory",
		[REFCOUNT_ADD_OVF] = "saturated; leaking memory",
		[REFCOUNT_ADD_UAF] = "addition on 0; use-after-free",
		[REFCOUNT_SUB_UAF] = "underflow; use-after-free",
		[REFCOUNT_DEC_LEAK] = "decrement hit 0; leaking memory",
	};
	static bool warned[ARRAY_SIZE(what)];

	refcount_set(r, REFCOUNT_SATURATED);
	if (!__atomic_exchange_n(&warned[t], true, __ATOMIC_RELAXED))
		WARN(1, "refcount_t: %s", what[t]);
}
