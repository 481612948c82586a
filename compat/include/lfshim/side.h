/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * On which side is this #include: the host's, or the kernel's? Asked by the
 * headers of compat/dispatch, for the names that both sides have. No guard: the
 * answer is for one #include.
 *
 * The preprocessor does not say which file has the #include. What is known:
 *
 * - LFSHIM_HOST_SIDE: the shim is including a header of the host.
 * - LIBFENCE_KERNEL_CODE: the program says that all of this file is kernel code.
 * - LFSHIM_KERNEL_CODE: a header that only the kernel has was included before.
 * - The level: at 1 it is the source file itself.
 *
 * What is left is a header, before any of the kernel's: the host's side.
 */
#undef LFSHIM_KERNEL_SIDE
#undef LFSHIM_SIDE_IS_A_GUESS
#undef LFSHIM_SIDE_IS_CERTAIN
#define LFSHIM_SIDE_IS_A_GUESS	0
#define LFSHIM_SIDE_IS_CERTAIN	1
#if defined(LFSHIM_HOST_SIDE)
#define LFSHIM_KERNEL_SIDE	0
/* The source file is at level 0, its #include at 1, and this file at 2. */
#elif defined(LIBFENCE_KERNEL_CODE) || __INCLUDE_LEVEL__ == 2
#define LFSHIM_KERNEL_SIDE	1
#include <lfshim/kernel-code.h>
#elif defined(LFSHIM_KERNEL_CODE)
#define LFSHIM_KERNEL_SIDE	1
#undef LFSHIM_SIDE_IS_CERTAIN
#define LFSHIM_SIDE_IS_CERTAIN	0
#else
#define LFSHIM_KERNEL_SIDE	0
#ifndef LIBFENCE_HOST_UAPI
#undef LFSHIM_SIDE_IS_A_GUESS
#define LFSHIM_SIDE_IS_A_GUESS	1
#endif
#endif
