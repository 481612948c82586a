/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Included in front of every file of a stress program, including lib's. It
 * turns the primitives with which fence code synchronises into points at which
 * a thread may be held up, at random or by the test (see stress.h).
 *
 * stress_point() orders nothing, so it hides no race.
 */
#ifndef STRESS_YIELD_H
#define STRESS_YIELD_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

enum stress_where {
	STRESS_LOCK,		/* before; the lock */
	STRESS_UNLOCKED,	/* after; the lock */
	STRESS_TEST_BIT,	/* after; the word, the bit */
	STRESS_SET_BIT,		/* after */
	STRESS_TEST_AND_SET,	/* after */
	STRESS_LIST_ADD,	/* before; the list */
	STRESS_LIST_REPLACE,	/* before; the list */
	STRESS_DEREF,		/* after; the pointer's address */
	STRESS_CMPXCHG,		/* before; the address */
	STRESS_READ,		/* after; an atomic_t */
	STRESS_DEC_AND_TEST,	/* after; the atomic_t, the result */
	STRESS_GET_RCU,		/* before; the kref */
	STRESS_KREF_READ,	/* after; the kref, the value */
	STRESS_PUT,		/* before; the kref */
	STRESS_IRQ_WORK,	/* before; the work */
	STRESS_SLEEP,		/* before */
	STRESS_WOKEN,		/* after */
	/* The trace events; the fence. */
	STRESS_INIT,
	STRESS_DESTROY,
	STRESS_ENABLE,
	STRESS_SIGNALED,
	STRESS_OTHER_EVENT,
	/* These are used by the driver-fence layer. */
	STRESS_IRQ_ON,		/* after interrupts were restored */
	STRESS_CALL_RCU,	/* before; the head */
	STRESS_SYNC_RCU,	/* before waiting for readers or callbacks */
	STRESS_STORE,		/* before a store that publishes; the address */
	STRESS_XCHG,		/* before; the address */
};

void stress_point(enum stress_where where, const volatile void *what, long nr);

#define test_bit(nr, addr) ({						\
	const volatile unsigned long *__sa = (addr);			\
	bool __sv = (test_bit)(nr, __sa);				\
	stress_point(STRESS_TEST_BIT, __sa, nr);			\
	__sv; })
#define test_bit_acquire(nr, addr) ({					\
	const volatile unsigned long *__sa = (addr);			\
	bool __sv = (test_bit_acquire)(nr, __sa);			\
	stress_point(STRESS_TEST_BIT, __sa, nr);			\
	__sv; })
#define set_bit(nr, addr) ({						\
	volatile unsigned long *__sa = (addr);				\
	(set_bit)(nr, __sa);						\
	stress_point(STRESS_SET_BIT, __sa, nr); })
#define test_and_set_bit(nr, addr) ({					\
	volatile unsigned long *__sa = (addr);				\
	bool __sv = (test_and_set_bit)(nr, __sa);			\
	stress_point(STRESS_TEST_AND_SET, __sa, nr);			\
	__sv; })

#define spin_lock(lock) ({						\
	spinlock_t *__sl = (lock);					\
	stress_point(STRESS_LOCK, __sl, 0);				\
	(spin_lock)(__sl); })
#define spin_unlock(lock) ({						\
	spinlock_t *__sl = (lock);					\
	(spin_unlock)(__sl);						\
	stress_point(STRESS_UNLOCKED, __sl, 0); })

#define list_add_tail(entry, head) ({					\
	struct list_head *__sh = (head);				\
	stress_point(STRESS_LIST_ADD, __sh, 0);				\
	(list_add_tail)(entry, __sh); })
#define list_replace(old, entry) ({					\
	struct list_head *__sh = (old);					\
	stress_point(STRESS_LIST_REPLACE, __sh, 0);			\
	(list_replace)(__sh, entry); })

/* rcu_dereference() and its other forms consist of a check and this. */
#undef rcu_dereference_raw
#define rcu_dereference_raw(p) ({					\
	typeof(p) *__sd = &(p), __sp = smp_load_acquire(__sd);		\
	stress_point(STRESS_DEREF, __sd, 0);				\
	__sp; })

#undef cmpxchg
#define cmpxchg(ptr, old, new) ({					\
	typeof(ptr) __sc = (ptr);					\
	stress_point(STRESS_CMPXCHG, __sc, 0);				\
	lfshim_cmpxchg_(full, __sc, old, new); })
#undef xchg
#define xchg(ptr, v) ({							\
	typeof(ptr) __sx = (ptr);					\
	stress_point(STRESS_XCHG, __sx, 0);				\
	lfshim_xchg_(full, __sx, v); })
#undef smp_store_release
#define smp_store_release(p, v) ({					\
	typeof(p) __ss = (p);						\
	stress_point(STRESS_STORE, __ss, 0);				\
	__atomic_store_n(__ss, v, __ATOMIC_RELEASE); })
/* The kernel's dma-resv.c stores a slot with this. */
#undef RCU_INIT_POINTER
#define RCU_INIT_POINTER(p, v) ({					\
	typeof(p) *__si = &(p);						\
	stress_point(STRESS_STORE, __si, 0);				\
	__atomic_store_n(__si, v, LFSHIM_TSAN ? __ATOMIC_RELEASE :	\
						__ATOMIC_RELAXED); })
#define atomic_read(v) ({						\
	const atomic_t *__sv = (v);					\
	int __si = (atomic_read)(__sv);					\
	stress_point(STRESS_READ, __sv, __si);				\
	__si; })
#define atomic_read_acquire(v) ({					\
	const atomic_t *__sv = (v);					\
	int __si = (atomic_read_acquire)(__sv);				\
	stress_point(STRESS_READ, __sv, __si);				\
	__si; })
#define atomic_dec_and_test(v) ({					\
	atomic_t *__sv = (v);						\
	bool __sb = (atomic_dec_and_test)(__sv);			\
	stress_point(STRESS_DEC_AND_TEST, __sv, __sb);			\
	__sb; })

#define kref_get_unless_zero(k) ({					\
	struct kref *__sk = (k);					\
	stress_point(STRESS_GET_RCU, __sk, 0);				\
	(kref_get_unless_zero)(__sk); })
#define kref_read(k) ({						\
	const struct kref *__sk = (k);				\
	unsigned int __su = (kref_read)(__sk);				\
	stress_point(STRESS_KREF_READ, __sk, __su);			\
	__su; })
#define kref_put(k, release) ({					\
	struct kref *__sk = (k);					\
	stress_point(STRESS_PUT, __sk, 0);				\
	(kref_put)(__sk, release); })

#define irq_work_queue(work) ({						\
	struct irq_work *__sw = (work);					\
	stress_point(STRESS_IRQ_WORK, __sw, 0);				\
	(irq_work_queue)(__sw); })

#define call_rcu(head, func) ({						\
	struct rcu_head *__sr = (head);					\
	stress_point(STRESS_CALL_RCU, __sr, 0);				\
	(call_rcu)(__sr, func); })
#define synchronize_rcu() ({						\
	stress_point(STRESS_SYNC_RCU, NULL, 0);				\
	(synchronize_rcu)(); })
#define rcu_barrier() ({						\
	stress_point(STRESS_SYNC_RCU, NULL, 1);				\
	(rcu_barrier)(); })
/* spin_unlock_irqrestore() ends with this. */
#define local_irq_restore(flags) ({					\
	(local_irq_restore)(flags);					\
	stress_point(STRESS_IRQ_ON, NULL, 0); })

#define schedule_timeout(timeout) ({					\
	long __st = (timeout);						\
	stress_point(STRESS_SLEEP, NULL, __st);				\
	__st = (schedule_timeout)(__st);				\
	stress_point(STRESS_WOKEN, NULL, __st);				\
	__st; })

#endif
