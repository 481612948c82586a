/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * RCU: read-side critical sections, grace periods, call_rcu() and kfree_rcu().
 * It is built on the bp flavour of liburcu: no thread has to register, and one
 * that exits leaves nothing behind. Left out: the _bh and _sched flavours, and
 * the tasks flavours. SRCU is in <linux/srcu.h>. Implemented in compat/rcupdate.c.
 */
#ifndef _LINUX_RCUPDATE_H
#define _LINUX_RCUPDATE_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/bug.h>
#include <linux/preempt.h>
#include <linux/irqflags.h>
#include <asm/barrier.h>
#include <linux/sched.h>

/* liburcu's headers may have been included; they define these as macros. */
#undef call_rcu
#undef poll_state_synchronize_rcu
#undef rcu_assign_pointer
#undef rcu_barrier
#undef rcu_dereference
#undef rcu_read_lock
#undef rcu_read_unlock
#undef start_poll_synchronize_rcu
#undef synchronize_rcu

static lfshim_inline void rcu_read_lock(void)
{
	if (!lfshim_rcu_depth_inc())
		lfshim_rcu_enter();
}

static inline void rcu_read_unlock(void)
{
#if LFSHIM_CHECKS
	if (WARN(!lfshim_rcu_depth(), "rcu_read_unlock() without a lock"))
		return;
#endif
	if (!lfshim_rcu_depth_dec())
		lfshim_rcu_exit();
}

/* In every build this knows whether the thread is under rcu_read_lock(). */
static inline int rcu_read_lock_held(void)
{
	return lfshim_rcu_depth() != 0;
}

/*
 * Also true with interrupts, softirqs or preemption disabled, or a spinlock
 * held. Without the checks a spinlock does not count, so this says yes, as the
 * kernel does without CONFIG_DEBUG_LOCK_ALLOC.
 */
static inline int rcu_read_lock_any_held(void)
{
	return !LFSHIM_CHECKS || lfshim_rcu_depth() || !preemptible();
}

/*
 * True if no grace period can end before this code continues: under
 * rcu_read_lock() or with interrupts disabled.
 */
static inline bool lfshim_rcu_reading(void)
{
	return lfshim_tls.reading;
}

/*
 * @want is the condition as the caller wrote it. Each macro below has its own
 * #c for it: a macro that it hands the condition to would get the expansion.
 */
#if LFSHIM_CHECKS
#define lfshim_rcu_check(cond, name, want)				\
	((void)WARN_ONCE(!(cond), "suspicious " name "(): it wants %s", want))
#else
#define lfshim_rcu_check(cond, name, want)	((void)0)
#endif

#define RCU_INITIALIZER(v)	((__typeof__(*(v)) __force __rcu *)(v))
#define unrcu_pointer(p)	(p)
#define rcu_pointer_handoff(p)	(p)

/* For the value of the pointer only: it must not be dereferenced. */
#define rcu_access_pointer(p)	READ_ONCE(p)

/*
 * Acquire, since compilers do not implement consume ordering.
 * No partner: the partner is an rcu_assign_pointer() in the caller.
 */
#if LFSHIM_SEAM
#define rcu_dereference_raw(p) \
	__atomic_load_n(&(p), lfshim_acquire_order)
#else
#define rcu_dereference_raw(p)	smp_load_acquire(&(p))
#endif
#define rcu_dereference_check(p, c) ({					\
	lfshim_rcu_check((c) || rcu_read_lock_held(),			\
			 "rcu_dereference_check", "rcu_read_lock() or " #c); \
	rcu_dereference_raw(p); })
#define rcu_dereference(p) ({						\
	lfshim_rcu_check(rcu_read_lock_held(),				\
			 "rcu_dereference", "rcu_read_lock()");		\
	rcu_dereference_raw(p); })

/* For code that excludes all other writers: it needs no ordering. */
#define rcu_dereference_protected(p, c) ({				\
	lfshim_rcu_check(c, "rcu_dereference_protected", #c);		\
	READ_ONCE(p); })

/* No partner: the partner is an rcu_dereference() in the caller. */
#define rcu_assign_pointer(p, v)	smp_store_release(&(p), v)
/*
 * For a pointer that no reader can see yet, or for NULL: it needs no ordering.
 * The kernel's dma-resv.c stores fences with it in a list that readers already
 * see, and x86 keeps the order. With core=kernel the tree's code tells race
 * detectors so. All other code does not: a missing rcu_assign_pointer() has to
 * be reported.
 */
#if defined(LFSHIM_KERNEL_TREE) && LFSHIM_TSAN
/* No partner: the partner is an rcu_dereference() in the caller. */
#define RCU_INIT_POINTER(p, v)		smp_store_release(&(p), v)
#else
#ifdef LFSHIM_KERNEL_TREE
#define lfshim_init_pointer_release(p)	lfshim_hb_release(p)
#else
#define lfshim_init_pointer_release(p)	((void)0)
#endif
#define RCU_INIT_POINTER(p, v) \
	do {								\
		__typeof__(&(p)) __rip = &(p);				\
		__typeof__(p) __riv = (__typeof__(p))(v);			\
									\
		lfshim_init_pointer_release(__rip);			\
		WRITE_ONCE(*__rip, __riv);				\
	} while (0)
#endif
/* No partner: the partner is an rcu_dereference() in the caller. */
#define rcu_replace_pointer(rcu_ptr, ptr, c) ({				\
	__typeof__(ptr) __old;						\
									\
	lfshim_rcu_check(c, "rcu_replace_pointer", #c);			\
	__old = READ_ONCE(rcu_ptr);					\
	rcu_assign_pointer(rcu_ptr, ptr);				\
	__old; })

/**
 * call_rcu - run a function after a grace period
 * @head: owned by RCU until @func is called
 * @func: is called with @head, on the shim's RCU thread; must not sleep
 *
 * The callbacks of one thread run in the order of its calls.
 * Context: any, including read-side sections and held locks.
 */
void call_rcu(struct rcu_head *head, rcu_callback_t func) LFSHIM(call_rcu);
#define call_rcu_hurry(head, func)	call_rcu(head, func)

/**
 * lfshim_kfree_rcu - the function that kfree_rcu() expands to
 * @ptr: memory from kmalloc() and its variants, now owned by RCU
 * @head: the rcu_head inside it, less than 4096 bytes from its start
 *
 * The frees of a thread are batched: the objects of a batch share a grace
 * period. Later kfree_rcu() calls of the same thread free them. If the thread
 * stops calling it, or exits, the RCU thread frees them.
 * Context: any.
 */
void lfshim_kfree_rcu(void *ptr, struct rcu_head *head);

/* Free @ptr, whose member @rhf is a struct rcu_head, after a grace period. */
#define kfree_rcu(ptr, rhf)						\
	do {								\
		__typeof__(ptr) __kptr = (ptr);				\
		BUILD_BUG_ON(offsetof(__typeof__(*__kptr), rhf) >= 4096); \
		if (__kptr)						\
			lfshim_kfree_rcu((void *)__kptr, &__kptr->rhf);	\
	} while (0)
#define kvfree_rcu(ptr, rhf)	kfree_rcu(ptr, rhf)
/* For objects without an rcu_head: waits for a grace period. May sleep. */
#define kfree_rcu_mightsleep(ptr) \
	do { synchronize_rcu(); kfree(ptr); } while (0)

/**
 * synchronize_rcu - wait for a grace period
 *
 * Context: may sleep; not inside a read-side section, which warns.
 */
void synchronize_rcu(void) LFSHIM(synchronize_rcu);
#define synchronize_rcu_expedited()	synchronize_rcu()

/**
 * rcu_barrier - wait until all earlier callbacks and deferred frees have run
 *
 * These are those of call_rcu() and kfree_rcu(), of all threads. If there are
 * none, this returns at once: it does not wait for readers then.
 * Context: may sleep; not in an RCU callback or a read-side section.
 */
void rcu_barrier(void) LFSHIM(rcu_barrier);

/**
 * get_state_synchronize_rcu - get a cookie for a grace period that starts now
 *
 * Only the grace periods of the RCU thread count. A synchronize_rcu() of the
 * caller does not.
 * Context: any.
 * Return: a cookie for poll_state_synchronize_rcu().
 */
unsigned long get_state_synchronize_rcu(void) LFSHIM(get_state_synchronize_rcu);

/**
 * start_poll_synchronize_rcu - get such a cookie and request the grace period
 *
 * Context: any.
 * Return: as get_state_synchronize_rcu().
 */
unsigned long start_poll_synchronize_rcu(void)
	LFSHIM(start_poll_synchronize_rcu);

/**
 * poll_state_synchronize_rcu - has the grace period of a cookie elapsed?
 * @cookie: from get_state_synchronize_rcu() or start_poll_synchronize_rcu()
 *
 * Context: any.
 */
bool poll_state_synchronize_rcu(unsigned long cookie)
	LFSHIM(poll_state_synchronize_rcu);

#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/list.h>
#include <linux/lockdep.h>
DEFINE_LOCK_GUARD_0(rcu, rcu_read_lock(), rcu_read_unlock())

#endif
