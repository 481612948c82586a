// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Runs the selftests that files of drivers/gpu/drm/i915 contain with
 * CONFIG_DRM_I915_SELFTEST: those of the driver's list of mock selftests that are
 * linked. Each of them is a line of TAP. The parts of the driver's test
 * framework that the files need are here.
 *
 *	./run kernel TREE --file drivers/gpu/drm/i915/i915_sw_fence.c \
 *		--config DRM_I915_SELFTEST --test tests/kernel/files/i915_selftests.c
 *	./run kernel TREE --file drivers/gpu/drm/i915/i915_syncmap.c \
 *		--file drivers/gpu/drm/i915/selftests/i915_random.c \
 *		--config DRM_I915_SELFTEST --test tests/kernel/files/i915_selftests.c
 */

#include <stdio.h>

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include <libfence/libfence.h>

#include "i915_selftest.h"

#define selftest(name, function)	int __weak function(void);
#include "selftests/i915_mock_selftests.h"
#undef selftest

static unsigned int nr_results, nr_failures;

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
	int err;
	unsigned long warnings;
	unsigned int i;

	for (i = 0; i < count; i++) {
		warnings = libfence_warn_count();
		err = st[i].func(data);
		/* The tests use fences that are freed by RCU. */
		rcu_barrier();
		if (libfence_warn_count() != warnings)
			err = -EINVAL;
		printf("%s %u - %s\n", err ? "not ok" : "ok", ++nr_results,
		       st[i].name);
		nr_failures += !!err;
		fflush(stdout);
	}
	return 0;
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
	printf("TAP version 13\n");
#define selftest(name, function)					\
	if (function && function()) {					\
		printf("not ok %u - %s\n", ++nr_results, #name);	\
		nr_failures++;						\
	}
#include "selftests/i915_mock_selftests.h"
	printf("1..%u\n", nr_results);
	if (!nr_results)
		fprintf(stderr, "no selftest is linked\n");
	return !nr_results || nr_failures;
}
