/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What code tells a race detector of its accesses. KCSAN is not here, but ThreadSanitizer
 * and the explorer are, and the explorer knows all of it. ThreadSanitizer knows
 * kcsan_disable_current() only. Without them it costs nothing, as in a kernel without
 * KCSAN. The assertions, ASSERT_EXCLUSIVE_WRITER() and others, do nothing.
 */
#ifndef _LINUX_KCSAN_CHECKS_H
#define _LINUX_KCSAN_CHECKS_H

#include <lfshim/kernel-code.h>
#include <lfshim/compiler-detect.h>
#include <lfshim/seam.h>

#if LFSHIM_SEAM
/* The replacement of the host defines them: see docs/architecture.md. */
void lfshim_race_ignore(int change);
void lfshim_race_marked(int change);
void lfshim_race_marked_next(int n);
#elif LFSHIM_TSAN
/* libtsan has these, and no header. They nest. */
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);

static inline void lfshim_race_ignore(int change)
{
	if (change > 0) {
		AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
		AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
	} else {
		AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
		AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
	}
}
#define lfshim_race_marked(change)	((void)0)
#define lfshim_race_marked_next(n)	((void)0)
#else
#define lfshim_race_ignore(change)	((void)0)
#define lfshim_race_marked(change)	((void)0)
#define lfshim_race_marked_next(n)	((void)0)
#endif

/**
 * kcsan_disable_current - the accesses of this thread are in no data race
 *
 * Until kcsan_enable_current(). The two nest.
 */
static inline void kcsan_disable_current(void)
{
	lfshim_race_ignore(1);
}

static inline void kcsan_enable_current(void)
{
	lfshim_race_ignore(-1);
}

/**
 * kcsan_nestable_atomic_begin - the plain accesses of this thread count as marked
 *
 * As those of READ_ONCE() and WRITE_ONCE(), until kcsan_nestable_atomic_end(). The
 * two nest. The kernel has other names for sections that do not.
 */
static inline void kcsan_nestable_atomic_begin(void)
{
	lfshim_race_marked(1);
}

static inline void kcsan_nestable_atomic_end(void)
{
	lfshim_race_marked(-1);
}

#define kcsan_flat_atomic_begin()	kcsan_nestable_atomic_begin()
#define kcsan_flat_atomic_end()		kcsan_nestable_atomic_end()

/**
 * kcsan_atomic_next - the next plain accesses of this thread count as marked
 * @n: so many; 0: no more
 */
static inline void kcsan_atomic_next(int n)
{
	lfshim_race_marked_next(n);
}

#define __kcsan_disable_current()	kcsan_disable_current()
#define __kcsan_enable_current()	kcsan_enable_current()

#define ASSERT_EXCLUSIVE_WRITER(var)		((void)&(var))
#define ASSERT_EXCLUSIVE_WRITER_SCOPED(var)	((void)&(var))
#define ASSERT_EXCLUSIVE_ACCESS(var)		((void)&(var))
#define ASSERT_EXCLUSIVE_ACCESS_SCOPED(var)	((void)&(var))
#define ASSERT_EXCLUSIVE_BITS(var, mask)	((void)&(var))

#endif
