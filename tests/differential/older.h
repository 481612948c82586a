/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a tree that is older than 7.2 does in another way, on purpose: both programs
 * are told which tree it is, and neither does, or says, that. Each of these is a
 * line of docs/kernel-differences.md, and a test in tests/core/ has it.
 */
#ifndef TESTS_DIFFERENTIAL_OLDER_H
#define TESTS_DIFFERENTIAL_OLDER_H

/* The names of a signalled fence are its producer's, as before. */
#define NAMES_GO_AWAY		(TREE >= 702)
/* And their places in a description are others. */
#define DESCRIBES_ALIKE		(TREE >= 702)
/* Signalling NULL is an error, without a warning. */
#define NULL_WARNS		(TREE >= 702)
/*
 * A merge takes memory for one pending fence, too, and goes over all for it once more;
 * so it keeps one reference more at an array without fences.
 */
#define MERGES_ALIKE		(TREE >= 702)
/* There is no dma_fence_dedup_array() but inside of merging. */
#define HAS_DEDUP		(TREE >= 702)
/* Every fence has a lock that is somebody else's. */
#define HAS_INLINE_LOCK		(TREE >= 702)
/* Fences have deadlines. */
#define HAS_DEADLINES		(TREE >= 612)
/* Reserving nothing warns, and is an error. */
#define RESERVES_NOTHING	(TREE >= 612)

/* The ops say whether seqnos have 64 bits, not the fence. */
#if LFSHIM_TREE_HAS_use_64bit_seqno
#define SEQNO64(is)		.use_64bit_seqno = (is),
#define dma_fence_init64	dma_fence_init
#else
#define SEQNO64(is)
#endif

#endif
