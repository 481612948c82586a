/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Included in front of st-dma-fence.c in builds with ThreadSanitizer.
 *
 * Its thread_signal_callback() tests a flag with a plain read ("!cb.seen") that
 * the callback sets on another thread, and when it reads true it reuses the
 * callback's memory on the stack. The kernel tolerates this race. If bool is an
 * atomic type there is no race, and nothing has to be suppressed.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/dma-fence.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#undef bool
#define bool _Atomic(_Bool)

#ifdef __clang__
/*
 * clang's __atomic builtins do not accept atomic types; its __c11_atomic ones
 * do.
 */
#undef smp_store_mb
#define smp_store_mb(var, val)	__c11_atomic_store(&(var), val, __ATOMIC_SEQ_CST)
#undef READ_ONCE
#define READ_ONCE(x)		(*(volatile typeof(x) *)&(x))
#endif
