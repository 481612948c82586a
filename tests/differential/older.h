/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Deliberate differences of a tree older than 7.2. Both programs are told the
 * tree's version, and neither of them does or logs these things. Each of them
 * is a line of docs/kernel-differences.md, and has a test in tests/core/.
 */
#ifndef TESTS_DIFFERENTIAL_OLDER_H
#define TESTS_DIFFERENTIAL_OLDER_H

/* Before 7.2 a signalled fence still has its producer's names. */
#define NAMES_GO_AWAY		(TREE >= 702)
/* Before 7.2 they stand at other positions in a description. */
#define DESCRIBES_ALIKE		(TREE >= 702)
/* Before 7.2 signalling NULL is an error without a warning. */
#define NULL_WARNS		(TREE >= 702)
/*
 * Before 7.2 a merge allocates even for one pending fence, and goes over all
 * fences once more; so it keeps one more reference to an array without fences.
 */
#define MERGES_ALIKE		(TREE >= 702)
/* Before 7.2 dma_fence_dedup_array() is a part of the merge only. */
#define HAS_DEDUP		(TREE >= 702)
/* Before 7.2 every fence has an external lock. */
#define HAS_INLINE_LOCK		(TREE >= 702)
/* Before 6.12 fences have no deadlines. */
#define HAS_DEADLINES		(TREE >= 612)
/* Before 6.12 reserving nothing warns, and is an error. */
#define RESERVES_NOTHING	(TREE >= 612)

/* In older trees the ops, not the fence, say whether seqnos have 64 bits. */
#if LFSHIM_TREE_HAS_use_64bit_seqno
#define SEQNO64(is)		.use_64bit_seqno = (is),
#define dma_fence_init64	dma_fence_init
#else
#define SEQNO64(is)
#endif

#endif
