/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Does this #include mean the host's header or the kernel's? The headers of
 * compat/dispatch ask this for the names that both have. There is no include
 * guard, since the answer is for one #include.
 *
 * The preprocessor does not say which file has the #include. The answer depends
 * on these:
 *
 * - LFSHIM_HOST_SIDE: the shim is including a header of the host.
 * - LFSHIM_KERNEL_CODE: a header that only the kernel has was included before.
 * - LIBFENCE_KERNEL_CODE: the program declares that all of this file is kernel
 *   code.
 * - LIBFENCE_HOST_UAPI: the program wants the host's headers, up to the first
 *   header that only the kernel has, and where the shim has no header.
 * - The include level. At level 1 the source file itself has the #include.
 *
 * In all other cases the #include is in a header, and no header that only the
 * kernel has came before it: this is the host's side.
 *
 * A shim header has the include guard _LINUX_X_H. If the host has a header of
 * the same name, the guard is LFSHIM_LINUX_X_H: the host's header may use the
 * other one.
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
/* libdrm's headers are in no system directory and include <linux/types.h>. */
#ifndef _DRM_H_
#undef LFSHIM_SIDE_IS_A_GUESS
#define LFSHIM_SIDE_IS_A_GUESS	1
#endif
#endif
