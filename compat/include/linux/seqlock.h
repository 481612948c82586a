/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Sequence counters and sequence locks: readers take no lock, and read again
 * if a writer was there. All of it is inline. Left out: the variants of
 * seqcount_t that name a lock, latches, and scoped_seqlock_read().
 */
#ifndef _LINUX_SEQLOCK_H
#define _LINUX_SEQLOCK_H

#include <lfshim/kernel-code.h>
#include <linux/compiler.h>
#include <linux/kcsan-checks.h>
#include <linux/spinlock.h>
#include <linux/mutex.h>

/* Odd while a writer is in its section. */
typedef struct seqcount {
	unsigned int sequence;
} seqcount_t;

/* Of one that does not call read_seqcount_retry(), so many accesses are the reader's. */
#define LFSHIM_SEQLOCK_REGION_MAX	1000

#define SEQCNT_ZERO(name)	{ 0 }
#define seqcount_init(s)	((void)((s)->sequence = 0))

/**
 * raw_read_seqcount - read a counter, which may be odd
 * @s: the counter
 */
static inline unsigned int raw_read_seqcount(const seqcount_t *s)
{
	/*
	 * A1: acquire. Pairs with R1 in write_seqcount_end(). Without it, the
	 * section may read data from before the write that ended.
	 */
	unsigned int seq = smp_load_acquire(&s->sequence);

	kcsan_atomic_next(LFSHIM_SEQLOCK_REGION_MAX);
	return seq;
}

/**
 * read_seqcount_begin - begin to read
 * @s: the counter
 *
 * Waits until there is no writer. Context: any.
 * Return: a number for read_seqcount_retry().
 */
static inline unsigned int read_seqcount_begin(const seqcount_t *s)
{
	unsigned int seq;

	while ((seq = raw_read_seqcount(s)) & 1)
		cpu_relax();
	return seq;
}

/* Has a writer been there since? Then the data has to be read again. */
static inline bool read_seqcount_retry(const seqcount_t *s, unsigned int start)
{
	/*
	 * F2: full barrier. Pairs with F1 in write_seqcount_begin(). Without
	 * it, the counter may be read before the data, and a write is missed.
	 */
	kcsan_atomic_next(0);
	smp_rmb();
	return READ_ONCE(s->sequence) != start;
}

/* A writer's section. Writers exclude each other, and are not preempted. */
static inline void write_seqcount_begin(seqcount_t *s)
{
	kcsan_nestable_atomic_begin();
	WRITE_ONCE(s->sequence, s->sequence + 1);
	/*
	 * F1: full barrier. Pairs with F2 in read_seqcount_retry(). Without it,
	 * a reader may see new data and the old counter.
	 */
	smp_wmb();
}

static inline void write_seqcount_end(seqcount_t *s)
{
	/*
	 * R1: release. Pairs with A1 in raw_read_seqcount(). Without it, a
	 * reader may see the new counter and old data.
	 */
	smp_store_release(&s->sequence, s->sequence + 1);
	kcsan_nestable_atomic_end();
}

/* Without lockdep's checks; the shim has none for seqcounts. */
#define raw_write_seqcount_begin(s)	write_seqcount_begin(s)
#define raw_write_seqcount_end(s)	write_seqcount_end(s)

/* A counter, and the lock of its writers. */
typedef struct {
	seqcount_t seqcount;
	spinlock_t lock;
} seqlock_t;

#define __SEQLOCK_UNLOCKED(name) \
	{ SEQCNT_ZERO((name).seqcount), __SPIN_LOCK_UNLOCKED((name).lock) }
#define DEFINE_SEQLOCK(name)	seqlock_t name = __SEQLOCK_UNLOCKED(name)
#define seqlock_init(sl)						\
	do {								\
		spin_lock_init(&(sl)->lock);				\
		seqcount_init(&(sl)->seqcount);				\
	} while (0)

static inline unsigned int read_seqbegin(const seqlock_t *sl)
{
	return read_seqcount_begin(&sl->seqcount);
}

static inline bool read_seqretry(const seqlock_t *sl, unsigned int start)
{
	return read_seqcount_retry(&sl->seqcount, start);
}

/*
 * write_seqlock(), read_seqlock_excl() and their variants, named as those of
 * spin_lock(). The second one is for a reader that keeps writers out.
 */
#define LFSHIM_SEQLOCK_(how)						\
static inline void write_seqlock##how(seqlock_t *sl)			\
{									\
	spin_lock##how(&sl->lock);					\
	write_seqcount_begin(&sl->seqcount);				\
}									\
static inline void write_sequnlock##how(seqlock_t *sl)			\
{									\
	write_seqcount_end(&sl->seqcount);				\
	spin_unlock##how(&sl->lock);					\
}									\
static inline void read_seqlock_excl##how(seqlock_t *sl)		\
{									\
	spin_lock##how(&sl->lock);					\
}									\
static inline void read_sequnlock_excl##how(seqlock_t *sl)		\
{									\
	spin_unlock##how(&sl->lock);					\
}
LFSHIM_SEQLOCK_()
LFSHIM_SEQLOCK_(_irq)
LFSHIM_SEQLOCK_(_bh)
#define write_seqlock_irqsave(sl, flags)				\
	do {								\
		spin_lock_irqsave(&(sl)->lock, flags);			\
		write_seqcount_begin(&(sl)->seqcount);			\
	} while (0)
#define write_sequnlock_irqrestore(sl, flags)				\
	do {								\
		write_seqcount_end(&(sl)->seqcount);			\
		spin_unlock_irqrestore(&(sl)->lock, flags);		\
	} while (0)

#define read_seqlock_excl_irqsave(sl, flags) \
	spin_lock_irqsave(&(sl)->lock, flags)
#define read_sequnlock_excl_irqrestore(sl, flags) \
	spin_unlock_irqrestore(&(sl)->lock, flags)

/**
 * read_seqbegin_or_lock - begin to read, without the lock or with it
 * @lock: the seqlock
 * @seq: 0 or another even number: without the lock; gets a number for
 *	need_seqretry(). An odd number: with the lock.
 *
 * A reader that would otherwise read again and again takes the lock then:
 *
 *	int seq = 0;
 *
 *	for (;;) {
 *		read_seqbegin_or_lock(&lock, &seq);
 *		... read ...
 *		if (!need_seqretry(&lock, seq))
 *			break;
 *		seq = 1;
 *	}
 *	done_seqretry(&lock, seq);
 *
 * Context: any. With an odd @seq, @lock is held from now on.
 */
static inline void read_seqbegin_or_lock(seqlock_t *lock, int *seq)
{
	if (*seq & 1)
		read_seqlock_excl(lock);
	else
		*seq = read_seqbegin(lock);
}

/* Does the data have to be read again? No, if it was read with the lock held. */
static inline int need_seqretry(seqlock_t *lock, int seq)
{
	return !(seq & 1) && read_seqretry(lock, seq);
}

/* The end: releases the lock if @seq is odd. */
static inline void done_seqretry(seqlock_t *lock, int seq)
{
	if (seq & 1)
		read_sequnlock_excl(lock);
}

/* The same; with an odd @seq, interrupts are disabled. Returns the flags for the end. */
static inline unsigned long read_seqbegin_or_lock_irqsave(seqlock_t *lock,
							  int *seq)
{
	unsigned long flags = 0;

	if (*seq & 1)
		read_seqlock_excl_irqsave(lock, flags);
	else
		*seq = read_seqbegin(lock);
	return flags;
}

static inline void done_seqretry_irqrestore(seqlock_t *lock, int seq,
					    unsigned long flags)
{
	if (seq & 1)
		read_sequnlock_excl_irqrestore(lock, flags);
}

#endif
