// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Runs the selftests that drivers/gpu/drm/i915/i915_sw_fence.c contains with
 * CONFIG_DRM_I915_SELFTEST. Each of them is a line of TAP. What the file needs of
 * the rest of the driver's test framework is here.
 *
 *	./run kernel TREE --file drivers/gpu/drm/i915/i915_sw_fence.c \
 *		--config DRM_I915_SELFTEST --test tests/kernel/files/i915_sw_fence.c
 */

#include <stdio.h>

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include <libfence/libfence.h>

#include "i915_selftest.h"

int i915_sw_fence_mock_selftests(void);

struct i915_selftest i915_selftest = {
	.timeout_ms = 1000,
	.random_seed = 1,
};

bool __igt_timeout(unsigned long timeout, const char *fmt, ...)
{
	if (!signal_pending(current)) {
		cond_resched();
		if (time_before(jiffies, timeout))
			return false;
	}
	return true;
}

int __i915_subtests(const char *caller, int (*setup)(void *data),
		    int (*teardown)(int err, void *data),
		    const struct i915_subtest *st, unsigned int count,
		    void *data)
{
	int failed = 0, err;
	unsigned long warnings;
	unsigned int i;

	printf("TAP version 13\n1..%u\n", count);
	for (i = 0; i < count; i++) {
		warnings = libfence_warn_count();
		err = st[i].func(data);
		/* The tests use fences that are freed by RCU. */
		rcu_barrier();
		if (libfence_warn_count() != warnings)
			err = -EINVAL;
		printf("%s %u - %s\n", err ? "not ok" : "ok", i + 1, st[i].name);
		if (err)
			failed = err;
		fflush(stdout);
	}
	return failed;
}

int __i915_nop_setup(void *data)
{
	return 0;
}

int __i915_nop_teardown(int err, void *data)
{
	return err;
}

int main(void)
{
	i915_selftest.timeout_jiffies =
		msecs_to_jiffies(i915_selftest.timeout_ms);
	return i915_sw_fence_mock_selftests() ? 1 : 0;
}
