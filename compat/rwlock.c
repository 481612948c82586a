// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Reader-writer spinlocks; see <linux/rwlock.h>. */

#include <linux/rwlock.h>
#include <linux/bug.h>

/* Take the spinlock, unless the lock is held in the way @held. */
static bool try_unless(rwlock_t *rw, bool (*held)(u32 readers))
{
	while (!spin_trylock(&rw->lock)) {
		if (held(READ_ONCE(rw->readers)))
			return false;
		/* A reader has the spinlock only for a moment. */
		cpu_relax();
	}
	if (!held(rw->readers))
		return true;
	spin_unlock(&rw->lock);
	return false;
}

static bool by_writer(u32 readers)
{
	return readers == LFSHIM_RW_WRITER;
}

static bool by_anyone(u32 readers)
{
	return readers != 0;
}

/*
 * The caller has the spinlock, and there is no writer. A reader has the spinlock with
 * interrupts disabled: an interrupt on its CPU may be a reader, too.
 */
static void become_reader(rwlock_t *rw, unsigned long flags)
{
	WRITE_ONCE(rw->readers, rw->readers + 1);
	preempt_disable();
	spin_unlock_irqrestore(&rw->lock, flags);
}

void read_lock(rwlock_t *rw)
{
	unsigned long flags;

	/* A writer has it until write_unlock(). */
	spin_lock_irqsave(&rw->lock, flags);
	become_reader(rw, flags);
}

int read_trylock(rwlock_t *rw)
{
	unsigned long flags;

	local_irq_save(flags);
	if (!try_unless(rw, by_writer)) {
		local_irq_restore(flags);
		return 0;
	}
	become_reader(rw, flags);
	return 1;
}

void read_unlock(rwlock_t *rw)
{
	unsigned long flags;

	if (WARN(by_writer(READ_ONCE(rw->readers)) || !READ_ONCE(rw->readers),
		 "libfence: read_unlock() of a lock that has no reader\n"))
		return;
	spin_lock_irqsave(&rw->lock, flags);
	WRITE_ONCE(rw->readers, rw->readers - 1);
	spin_unlock_irqrestore(&rw->lock, flags);
	preempt_enable();
}

void write_lock(rwlock_t *rw)
{
	for (;;) {
		spin_lock(&rw->lock);
		if (!rw->readers)
			break;
		/* Readers need the spinlock to leave. */
		spin_unlock(&rw->lock);
		while (by_anyone(READ_ONCE(rw->readers)))
			cpu_relax();
	}
	WRITE_ONCE(rw->readers, LFSHIM_RW_WRITER);
}

int write_trylock(rwlock_t *rw)
{
	if (!try_unless(rw, by_anyone))
		return 0;
	WRITE_ONCE(rw->readers, LFSHIM_RW_WRITER);
	return 1;
}

void write_unlock(rwlock_t *rw)
{
	if (WARN(!by_writer(READ_ONCE(rw->readers)),
		 "libfence: write_unlock() of a lock that has no writer\n"))
		return;
	WRITE_ONCE(rw->readers, 0);
	spin_unlock(&rw->lock);
}
