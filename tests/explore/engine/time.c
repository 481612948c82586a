// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The virtual clock. It advances when no thread can run, and when the time of a wait is
 * up, which is a choice. So a thread that reads it has an order with that: a word stands
 * for the clock in the search, which a read of the clock reads, and a wait whose time is
 * up writes.
 */
#include "engine.h"
#include "loop.h"
#include "order.h"

static void point(bool write)
{
	struct op op = { .kind = OP_ACCESS,
			 .rw = write ? OP_WRITE : OP_READ,
			 .addr = memory_time_word() };
	struct history *h;

	if (run.phase != PHASE_RUN || !memory_cell(op.addr, &h))
		return;
	memory_note(h, run.current->id, write, op.addr, 8);
	sched_point(&op, h->shared);
}

static struct location *location(void)
{
	struct history *h;
	uint16_t nr;

	return location_of(memory_time_word(), 8, &h, &nr);
}

void time_set(int64_t now)
{
	struct location *l = location();

	run.now = now;
	/* A busy-wait loop may look at the clock. It is no write of the thread. */
	if (l)
		l->writes++;
}

/* The time of the running thread's wait is up. */
void time_is_up(int64_t deadline)
{
	point(true);
	/* Another thread may have waited longer. */
	if (run.now < deadline)
		time_set(deadline);
}

int64_t lfx_clock(void)
{
	struct location *l;

	if (!engine_on() || run.no_points)
		return run.now;
	point(false);
	hash_value(run.current, run.now);
	if (unlikely(run.current->in_turns))
		loop_reads_clock(run.current);
	l = location();
	if (l)
		note_spin_read(run.current, l, 0);
	return run.now;
}
