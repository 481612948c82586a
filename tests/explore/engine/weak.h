/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Weak memory: what the other files call if options.stale or options.lkmm. */
#ifndef LFX_WEAK_H
#define LFX_WEAK_H

#include "engine.h"

#define VIEW_SIZE	256

/* For each location, the oldest store that may be read. */
struct view {
	uint16_t t[VIEW_SIZE];
};

static inline bool order_acquires(int order)
{
	return order == __ATOMIC_ACQUIRE || order == __ATOMIC_CONSUME ||
	       order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

static inline bool order_releases(int order)
{
	return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL ||
	       order == __ATOMIC_SEQ_CST;
}

void weak_reset(void);
/* Before the memory changes. Returns @l. */
struct location *weak_begin(struct location *l);
void weak_plain_write(const struct cell *cell, const struct history *h,
		      addr_t addr, unsigned int size);
/*
 * Choose the store that a load returns. Returns its age: 0 is the newest. If it is
 * older, *@value and *@released are those of the store. *@view is its view, or it
 * is not set.
 */
unsigned int weak_load(struct location *l, addr_t addr, unsigned int size,
		       int order, uint64_t *value,
		       const struct clock **released, const struct view **view);
void weak_read_newest(struct location *l, int order);
/* The view of the newest store, or NULL. */
const struct view *weak_newest_view(struct location *l);
/* After the memory and the released clock of the location have changed. */
void weak_store(struct location *l, int order, bool rmw);
void weak_fence(int order);
void weak_locked(struct location *l);
void weak_unlocked(struct location *l);
/* The thread has slept until the word had this value. */
void weak_woken(struct location *l);

/* The current thread has seen the stores of the view, or adds to it those it saw. */
void weak_observe(const struct view *from);
void weak_publish(struct view *to);
void weak_start(const struct thread *t, const struct thread *parent);
void weak_join(const struct thread *other);
void view_join(struct view *to, const struct view *from);

/* depend.c */
void depend_reset(void);
/* @value was loaded from @from. The store had released the clock and the view. */
void depend_loaded(addr_t from, uint64_t value, const struct clock *released,
		   const struct view *view);
void depend_plain_read(addr_t from);
/* The access is after that of @other at @time because of a dependency. */
bool depend_orders(addr_t addr, int other, uint32_t time);
uint32_t depend_oldest(addr_t addr, unsigned int past);

#endif
