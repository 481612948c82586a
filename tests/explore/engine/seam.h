/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The engine's services for the shim: the functions that ../shim/ builds the seam of
 * docs/architecture.md, "What can be replaced", upon.
 */
#ifndef LFX_SEAM_H
#define LFX_SEAM_H

#include "../explore.h"
#include "../model.h"

/* The engine is a library that exports these. */
#pragma GCC visibility push(default)

/* No deadline. */
#define LFX_FOREVER	INT64_MAX

/* The program that the engine runs. */
struct lfx_program {
	/* Memory of each thread: the engine exchanges it when it switches. */
	void *tls;
	size_t tls_size;
	/* That of the calling thread of the host. */
	void *(*tls_address)(void);
	/* Static data: every run begins with the same values. */
	char *data_begin, *data_end;
	/* Static variables: __ATOMIC_ACQUIRE and _RELEASE, or with --lkmm relaxed. */
	int *acquire_order, *release_order;
	const struct lfx_listed *scenarios;
	size_t nr_scenarios;
	const struct lfx_listed_model *models;
	size_t nr_models;
	/* Called in each new thread, before its function. */
	void (*begin_thread)(void);
	/* LFX_IRQS_OFF and so on, of the running thread. */
	unsigned int (*context)(void);
	/* Calls the handler of an interrupt. */
	void (*run_interrupt)(void (*handler)(void), unsigned int places);
	/* Calls an RCU callback; or frees @object if @func is NULL. */
	void (*run_callback)(void (*func)(void *), void *object);
};

/* The context of a thread. */
#define LFX_IRQS_OFF		1
#define LFX_BH_OFF		2
#define LFX_PREEMPT_OFF		4
#define LFX_IN_INTERRUPT	8

int lfx_main(const struct lfx_program *program, int argc, char **argv);

/* The code that calls the seam, for the functions with a parameter @from. */
#define LFX_FROM	__builtin_return_address(0)

/* Spinlocks. The word is 0 exactly while the lock is free. */
void lfx_lock(uint32_t *word, const char *what, const void *from);
bool lfx_trylock(uint32_t *word, const void *from);
void lfx_unlock(uint32_t *word, const void *from);
bool lfx_lock_is_mine(const uint32_t *word);

/*
 * Wait until @ready(@arg), which reads the word at @word and is otherwise
 * constant, or until the deadline. Returns false at the deadline. If @patient, the
 * deadline matters only if no other thread can run.
 */
bool lfx_wait(bool (*ready)(const void *arg), const void *arg,
	      const uint32_t *word, int64_t deadline, bool patient,
	      const char *what);
/*
 * Another thread has written the word after all writes of the caller, and after the
 * last call.
 */
bool lfx_was_woken(const uint32_t *word);
/* The end of a turn of a busy-wait loop. */
struct lfx_turn {
	/* The code with the loop, and the frame of its callee, which is called here. */
	const void *from;
	uintptr_t frame;
	/* Has a variable changed since the last turn? They may be in registers. */
	const void *registers;
	size_t registers_size;
	bool is_delay;
};

/*
 * Wait until another thread has written something. @turn: NULL if the loop has no
 * limit: see loop.c.
 */
void lfx_relax(const struct lfx_turn *turn);
/* A turn that ends with a delay of @ns nanoseconds. */
void lfx_delay(uint64_t ns, const struct lfx_turn *turn);

/* See <linux/kcsan-checks.h>. */
void lfx_race_ignore(int change);
void lfx_race_marked(int change);
void lfx_race_marked_next(int n);

/*
 * Counts of references. They return the previous value. The caller may only look if
 * the count was, or is now, 0, or is not one that a count has: two of them that make
 * no 0 have no order.
 */
int lfx_count_add(int *count, int n, const void *from);
int lfx_count_add_not_zero(int *count, int n, const void *from);
int lfx_count_sub(int *count, int n, const void *from);

int64_t lfx_clock(void);
void lfx_delay_until(int64_t deadline);

/* Start a thread of the shim. Returns its number, or a negative errno. */
int lfx_thread_start(void *(*fn)(void *arg), void *arg);
void lfx_thread_join(int thread);
void lfx_thread_exit(void) __attribute__((__noreturn__));
void lfx_thread_set_name(const char *name);

/*
 * Does this allocation of kernel memory fail? Does a POSIX signal come to this sleep?
 * Both are choices, if the scenario asks for them.
 */
bool lfx_allocation_fails(void);
bool lfx_signal_comes(void);
/* The second one may be a choice now. */
bool lfx_signal_may_come(void);

/*
 * @kernel: it has to be free when the scenario ends. @from: NULL if the caller is
 * an allocator.
 */
void *lfx_alloc(size_t size, size_t align, bool zero, bool kernel,
		const void *from);
void lfx_free(void *p);
size_t lfx_alloc_size(const void *p);

/*
 * Interrupts. An interrupt begins, on top of one of @places (bits, as in struct
 * lfx_thread), or on a CPU of its own. Its function has not been called yet. @soft: a
 * softirq. The next one is for those of the shim itself.
 */
void lfx_interrupt_begins(unsigned int places, bool soft);
void lfx_service_interrupts(bool soft);
void lfx_interrupt_ended(void);
/* The running thread has disabled or enabled interrupts or softirqs. */
void lfx_context_changed(void);
/* The running thread may sleep now: a failure in atomic context. */
void lfx_might_sleep(const void *from);

/* Between the begin of the set-up and the end of the check: lfx_note() adds to the trace. */
bool lfx_in_run(void);
/*
 * For a warning of the code in @file: if that is the shim or a header, its first caller
 * that is neither, as "submit() ring.c:12" in @buf. NULL: name @file itself.
 */
const char *lfx_first_own(const char *file, char *buf, size_t size);

/* RCU */
void lfx_rcu_enter(const void *from);
void lfx_rcu_exit(const void *from);
bool lfx_rcu_reading(void);
/* @func: NULL to free the object that begins @offset bytes before @head. */
void lfx_rcu_call(void *head, void (*func)(void *head), size_t offset,
		  const void *from);
void lfx_rcu_synchronize(const void *from);
void lfx_rcu_barrier(void);
unsigned long lfx_rcu_cookie(void);
bool lfx_rcu_elapsed(unsigned long cookie);

#pragma GCC visibility pop

#endif
