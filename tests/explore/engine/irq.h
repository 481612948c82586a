/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Interrupts on top of threads: see irq.c. */
#ifndef LFX_IRQ_H
#define LFX_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#define LFX_THREADS	16

/* A vector clock, or the number of events of each thread. */
struct clock {
	uint32_t t[LFX_THREADS];
};

struct thread;

/* The work of a thread with interrupts. */
struct interrupts {
	/* The interrupt on top of it, and the thread that it is on top of. */
	struct thread *on_top, *below;
	/* Threads that want to come on top, and those of them that are softirqs. */
	uint32_t demands, soft_demands;
	/* LFX_IRQS_OFF and so on, when it last looked for interrupts. */
	unsigned int context;
	/* Since its last event; now. */
	bool has_looked, is_looking;
	/* When it last enabled interrupts; the ends of interrupts on top of it. */
	struct clock enabled_at, done;
};

/* Before the threads of the scenario run. */
void irq_start(void);
/* An interrupt may come here. @shared: as for sched_point(). */
void irq_point(bool shared, uintptr_t pc);
/* The last point of @t. Later interrupts come on an idle CPU, after all that it did. */
void irq_thread_ends(struct thread *t);
/* Fails if the thread that @word's owner stands still for wants the lock. */
void irq_check_lock(const uint32_t *word, const char *what, uintptr_t pc);
/* No thread can run: this run is like another one. */
bool irq_is_late(void);
/* Fails if the current thread may not sleep. */
void irq_check_sleep(uintptr_t pc);

#endif
