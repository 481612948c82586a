/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Which sanitizer is this translation unit built with?
 *
 * gcc and clang say so in different ways. Only this header asks them.
 */
#ifndef LFSHIM_COMPILER_DETECT_H
#define LFSHIM_COMPILER_DETECT_H

#if defined(__has_feature)
#define LFSHIM_HAS_FEATURE(x)	__has_feature(x)
#else
#define LFSHIM_HAS_FEATURE(x)	0
#endif

#if defined(__SANITIZE_THREAD__) || LFSHIM_HAS_FEATURE(thread_sanitizer)
#define LFSHIM_TSAN	1
#else
#define LFSHIM_TSAN	0
#endif

#if defined(__SANITIZE_ADDRESS__) || LFSHIM_HAS_FEATURE(address_sanitizer)
#define LFSHIM_ASAN	1
#else
#define LFSHIM_ASAN	0
#endif

#endif
