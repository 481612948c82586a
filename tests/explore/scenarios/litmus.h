/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What litmus.c and litmus-threads.c share. */
#ifndef LFX_LITMUS_H
#define LFX_LITMUS_H

#include "explore.h"

#include <linux/atomic.h>

/* The locations. */
static int x, y, z __maybe_unused;
/* The registers of thread n are r[n][]. */
static int r[LFX_SCENARIO_THREADS + 1][3];

#define REGISTER(i)	r[lfx_self()][i]

/* The outcome is not seen, or the test fails. */
#define NEVER(ident, test, text, checked, ...)				\
	LFX_SCENARIO(ident) = {						\
		.name = "litmus-" test,					\
		.what = text ": never",					\
		.threads = { __VA_ARGS__ },				\
		.check = checked,					\
		.stale = 2,						\
	}
#define SOMETIMES(ident, test, text, checked, ...)			\
	LFX_SCENARIO(ident) = {						\
		.name = "litmus-" test,					\
		.what = text ": sometimes",				\
		.threads = { __VA_ARGS__ },				\
		.check = checked,					\
		.stale = 2,						\
		.fails = "assertion",					\
	}

#endif
