/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Atomic operations, and the part of their order that matters. */
#ifndef LFX_ORDER_H
#define LFX_ORDER_H

#include "engine.h"

/* atomic.c */
struct location *location_of(addr_t addr, unsigned int size,
			     struct history **history, uint16_t *nr);
void atomic_fence(int order);
void location_acquire(struct thread *t, const struct location *l);
void location_wrote(struct location *l);
/*
 * The thread has seen a value that had @old writes after it. If it comes to
 * cpu_relax(), it waits for another one.
 */
void note_spin_read(struct thread *t, const struct location *l,
		    unsigned int old);
/* A point before a plain access. */
void plain_point(addr_t addr, unsigned int size, bool write, addr_t pc);
uint64_t atomic_load(addr_t addr, unsigned int size, int order, addr_t pc);
void atomic_store(addr_t addr, unsigned int size, uint64_t value, int order,
		  addr_t pc);

uint64_t atomic_rmw(addr_t addr, unsigned int size, enum rmw op,
		    uint64_t operand, int order, addr_t pc);
bool atomic_cmpxchg(addr_t addr, unsigned int size, uint64_t *expected,
		    uint64_t value, int order, int failure_order, addr_t pc);

/* effect.c */
uint64_t value_read(addr_t addr, unsigned int size);
uint64_t value_mask(unsigned int size);
uint64_t rmw_result(enum rmw op, uint64_t old, uint64_t operand);
/* The effect of the thread's next op if it is done now: OP_*, or 0. */
unsigned int op_effect(const struct thread *t);

/* count.c */
void count_reset(void);
/* An op on a count is about to be done: how do others depend on it? */
unsigned int count_effect(const struct thread *t);
/* It is done, as the event @nr of reduce.c. */
void count_event(const struct thread *t, uint32_t nr);
/* There was another write to the word. */
void count_written(struct location *l);
/* The last event of thread @q with OP_COUNT, plus 1; or 0. */
uint32_t count_last(const struct location *l, int q);
/* The events that an op that is no OP_COUNT happens after. */
const struct clock *count_events(const struct location *l);

/* time.c */
void time_set(int64_t now);
void time_is_up(int64_t deadline);

/* reduce.c */
void reduce_reset(void);
/*
 * The thread does its op, which was chosen at the node on top of the stack. @races:
 * other orders have to be tried, too.
 */
void reduce_event(struct thread *t, bool races);
/* What @t has done is before something that it does now, which is no event. */
void reduce_step(struct thread *t);
/* The order of the present operation of @t and the unlock of @l matters. */
void reduce_unlock(struct thread *t, struct location *l);
/* The thread has seen the value. */
void hash_value(const struct thread *t, uint64_t value);
void hash_stale(const struct thread *t, unsigned int age);

#endif
