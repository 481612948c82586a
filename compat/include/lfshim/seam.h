/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * LFSHIM_SEAM: the shim for a program that replaces the host.
 *
 * Such a program has a scheduler, a clock, a memory allocator and an RCU of its
 * own. It is linked with the sources of the shim without those that
 * compat/meson.build lists in seam_sources, and defines their functions. The
 * list of the functions and their contracts is in docs/architecture.md, "What
 * can be replaced".
 *
 * Some code of these headers is inline, so no file can replace it. With
 * -DLFSHIM_SEAM=1 it becomes:
 *
 *  - lfshim_spin_lock(), lfshim_spin_trylock(), lfshim_spin_unlock(), cpu_relax()
 *    and ndelay() are functions that the replacement defines, and so are
 *    lfshim_count_add(), lfshim_count_add_not_zero() and lfshim_count_sub(),
 *    which <linux/refcount.h> is built upon;
 *  - lfshim_race_ignore(), lfshim_race_marked() and lfshim_race_marked_next() are
 *    called for data_race() and for the sections of seqlocks;
 *  - lfshim_bh_changed() and, without the checks, lfshim_sleeps() are called when
 *    softirqs are disabled or enabled, and for might_sleep();
 *  - lfshim_full_fence() is an atomic fence on every CPU, so that the hooks of
 *    -fsanitize=thread are called for it.
 *  - lfshim_acquire_order and lfshim_release_order are variables that the
 *    replacement defines: the memory orders of operations that are stronger here
 *    than in the kernel. They are __ATOMIC_ACQUIRE and __ATOMIC_RELEASE, or
 *    __ATOMIC_RELAXED for the kernel's own. They are const here, so that the
 *    hooks of -fsanitize=thread are not called for them.
 *
 * The value has to be the same for all files of the program, the library's
 * sources included. Files with different values do not link if they use
 * spinlocks. It is 0 in the library itself.
 */
#ifndef LFSHIM_SEAM_H
#define LFSHIM_SEAM_H

#ifndef LFSHIM_SEAM
#define LFSHIM_SEAM	0
#endif

#if LFSHIM_SEAM
extern const int lfshim_acquire_order, lfshim_release_order;
#else
#define lfshim_acquire_order	__ATOMIC_ACQUIRE
#define lfshim_release_order	__ATOMIC_RELEASE
#endif

#endif
