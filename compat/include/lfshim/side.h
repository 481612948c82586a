/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * On which side is this #include: the host's, or the kernel's? Asked by the
 * headers of compat/dispatch, for the names that both sides have. No guard: the
 * answer is for one #include.
 *
 * The preprocessor does not say which file has the #include. The answer uses:
 *
 * - LFSHIM_HOST_SIDE: the shim is including a header of the host.
 * - LFSHIM_KERNEL_CODE: a header that only the kernel has was included before.
 * - LIBFENCE_KERNEL_CODE: the program says that all of this file is kernel code.
 * - LIBFENCE_HOST_UAPI: the program wants the host's, up to the first kernel-only
 *   header, and where the shim has none.
 * - The level: at 1 it is the source file itself.
 *
 * In all other cases a header has the #include, and no kernel-only header came
 * before it: the host's side.
 */
#undef LFSHIM_KERNEL_SIDE
#undef LFSHIM_SIDE_IS_A_GUESS
#undef LFSHIM_SIDE_IS_CERTAIN
#define LFSHIM_SIDE_IS_A_GUESS	0
#define LFSHIM_SIDE_IS_CERTAIN	0
#if defined(LFSHIM_HOST_SIDE) || \
	(defined(LIBFENCE_HOST_UAPI) && !defined(LFSHIM_KERNEL_CODE) && \
	 !defined(LIBFENCE_KERNEL_CODE))
#define LFSHIM_KERNEL_SIDE	0
/* The source file is at level 0, its #include at 1, and this file at 2. */
#elif __INCLUDE_LEVEL__ == 2
#define LFSHIM_KERNEL_SIDE	1
#undef LFSHIM_SIDE_IS_CERTAIN
#define LFSHIM_SIDE_IS_CERTAIN	1
#include <lfshim/kernel-code.h>
#elif defined(LFSHIM_KERNEL_CODE) || defined(LIBFENCE_KERNEL_CODE)
#define LFSHIM_KERNEL_SIDE	1
#else
#define LFSHIM_KERNEL_SIDE	0
/* libdrm's headers are not in a system directory, and begin with <linux/types.h>. */
#ifndef _DRM_H_
#undef LFSHIM_SIDE_IS_A_GUESS
#define LFSHIM_SIDE_IS_A_GUESS	1
#endif
#endif
