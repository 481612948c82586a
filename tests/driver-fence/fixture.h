/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A context for each test, destroyed without warnings after it. */
#ifndef TESTS_DRIVER_FENCE_FIXTURE_H
#define TESTS_DRIVER_FENCE_FIXTURE_H

#include "helpers.h"

static struct libfence_context *ctx;

static int setup(void **state)
{
	ctx = libfence_context_create("driver", "timeline", 1, NULL);
	return ctx ? test_setup(state) : -1;
}

static int teardown(void **state)
{
	libfence_context_destroy(&ctx);
	return test_teardown(state);
}

#define CASE(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
