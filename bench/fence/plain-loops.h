/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The same loops in C and in C++, for the comparison of the two interfaces. They are
 * compiled without the headers of the benchmark, which are C.
 */
#ifndef FENCE_BENCH_PLAIN_LOOPS_H
#define FENCE_BENCH_PLAIN_LOOPS_H

#ifdef __cplusplus
extern "C" {
#endif

struct libfence;
struct libfence_context;

#define PLAIN_MANY	64

/* A context, a fence that is pending, and fences of which the last is signalled. */
struct plain_objects {
	struct libfence_context *ctx;
	struct libfence *pending;
	struct libfence *many[PLAIN_MANY];
};

/* Does an operation @n times. Returns how often it was right. */
typedef unsigned long plain_loop(struct plain_objects *objects, unsigned long n);

/* Prepare, commit, signal. */
plain_loop c_create, cpp_create;
/* Take a reference and drop it. */
plain_loop c_share, cpp_share;
/* Wait for a signalled fence. */
plain_loop c_wait, cpp_wait;
/* Register a callback and unregister it. */
plain_loop c_attach, cpp_attach;
/* Wait for any of PLAIN_MANY. */
plain_loop c_any, cpp_any;

#ifdef __cplusplus
}
#endif

#endif
