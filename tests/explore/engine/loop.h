/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Busy-wait loops that give up. */
#ifndef LFX_LOOP_H
#define LFX_LOOP_H

#include "engine.h"
#include "seam.h"

/* The run is over. */
void loops_end(void);
/* The knowledge about the loops of a scenario: see memory.c. */
bool loops_learned(void);
bool loops_learned_early(void);
void loops_apply(void);
void loops_forget(void);

/*
 * The thread is at the end of a turn. @news: other threads have written what it has read.
 * Does it take the next one at once?
 */
bool loop_goes_on(struct thread *t, const struct lfx_turn *turn, bool news);
/* The thread takes a turn because no other thread can run. */
void loop_is_idle(struct thread *t, const struct lfx_turn *turn);
/* An op in a turn: is it no point? */
bool loop_is_quiet(struct thread *t, const struct op *op);
/* A sleep. Has the thread slept @nr times here, and would do so for ever? */
bool loop_of_naps(uint64_t place, unsigned int nr);
/* The place of an op, with its callers. */
uint64_t loop_place(const struct thread *t, const struct op *op);
/* A plain write, of memory that other threads access, too. */
void loop_writes(addr_t addr, bool shared);
/* The thread has read the clock. */
void loop_reads_clock(struct thread *t);
/* The thread leaves the loop, or may. */
void loop_leave(struct thread *t);

#endif
