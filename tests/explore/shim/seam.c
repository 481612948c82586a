// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The seam of the shim on the explorer's engine: see "What can be replaced" in
 * docs/architecture.md. This file is not instrumented: the engine is told of the
 * accesses here that matter. sleep.c has lfpriv_sleep(), and functions that do nothing here are in
 * ../../seam/replacement-none.c.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfence/libfence.h>
#include <linux/delay.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "host/sys.h"
#include "host/urcu.h"
#include "kernel/internal.h"

#include "../engine/seam.h"

/* Spinlocks and busy-wait loops */

bool lfshim_spin_held(const struct spinlock *lock)
{
	return lfx_lock_is_mine(&lock->word);
}

void lfshim_spin_lock(spinlock_t *lock)
{
	if (lfshim_spin_held(lock))
		lfpriv_bug_recursion("spinlock", lock, _RET_IP_);
	lfx_lock(&lock->word, "spinlock", LFX_FROM);
}

bool lfshim_spin_trylock(spinlock_t *lock)
{
	return lfx_trylock(&lock->word, LFX_FROM);
}

void lfshim_spin_unlock(spinlock_t *lock)
{
	WARN(!lfshim_spin_held(lock), "spin_unlock() of a lock that is not held");
	lfx_unlock(&lock->word, LFX_FROM);
}

int lfshim_count_add(int *count, int n)
{
	return lfx_count_add(count, n, LFX_FROM);
}

int lfshim_count_add_not_zero(int *count, int n)
{
	return lfx_count_add_not_zero(count, n, LFX_FROM);
}

int lfshim_count_sub(int *count, int n)
{
	return lfx_count_sub(count, n, LFX_FROM);
}

/* Nothing in front of _setjmp() uses a register that belongs to the caller. */
void cpu_relax(void)
{
	jmp_buf registers;
	struct lfx_turn turn = {
		.from = LFX_FROM,
		.frame = (uintptr_t)__builtin_frame_address(0),
		.registers = registers,
		.registers_size = sizeof(registers),
	};

	memset(registers, 0, sizeof(registers));
	if (!_setjmp(registers))
		lfx_relax(&turn);
}

void ndelay(u64 nsecs)
{
	/* Not in such a register. */
	volatile u64 ns = nsecs;
	jmp_buf registers;
	struct lfx_turn turn = {
		.from = LFX_FROM,
		.frame = (uintptr_t)__builtin_frame_address(0),
		.registers = registers,
		.registers_size = sizeof(registers),
		.is_delay = true,
	};

	memset(registers, 0, sizeof(registers));
	if (!_setjmp(registers))
		lfx_delay(ns, &turn);
}

void lfhost_yield(void)
{
	lfx_relax(NULL);
}

/* Data races */

void lfshim_race_ignore(int change)
{
	lfx_race_ignore(change);
}

void lfshim_race_marked(int change)
{
	lfx_race_marked(change);
}

void lfshim_race_marked_next(int n)
{
	lfx_race_marked_next(n);
}

/* The clock */

int64_t lfhost_clock(void)
{
	return lfx_clock();
}

int64_t lfhost_clock_real(void)
{
	return lfx_clock();
}

int64_t lfhost_clock_boot(void)
{
	return lfx_clock();
}

int64_t lfhost_clock_tai(void)
{
	return lfx_clock();
}

/* Threads */

int lfhost_thread_start(unsigned long *thread, void *(*fn)(void *), void *arg)
{
	int nr = lfx_thread_start(fn, arg);

	if (nr < 0)
		return nr;
	*thread = nr;
	return 0;
}

void lfhost_thread_join(unsigned long thread)
{
	lfx_thread_join(thread);
}

void lfhost_thread_detach(unsigned long thread)
{
}

void lfhost_thread_exit(void)
{
	lfx_thread_exit();
}

/* The scenario is not about the end of a task, so no task ends. */
void lfhost_at_thread_exit(void (*fn)(void *))
{
}

void lfhost_arm_thread_exit(void *arg)
{
}

unsigned int lfhost_tid(void)
{
	return lfx_self() + 1;
}

/* A thread of the shim says its name first. */
void lfhost_thread_name(const char *name)
{
	lfx_thread_set_name(name);
}

void lfhost_thread_get_name(char *buf, size_t size)
{
	snprintf(buf, size, "thread %d", lfx_self());
}

/* Each thread has a CPU of its own. */
unsigned int lfhost_cpus(void)
{
	return 2;
}

unsigned int lfhost_cpu_ids(void)
{
	return 16;
}

unsigned int lfhost_this_cpu(void)
{
	return lfx_self();
}

/* The same in every run. */
uint64_t lfhost_random(void)
{
	return 1;
}

bool lfhost_is_static(const void *p)
{
	extern char __data_start[], _end[];

	return (const char *)p >= __data_start && (const char *)p < _end;
}

/* Interrupts */

void lfpriv_interrupt_begins(bool soft)
{
	lfx_service_interrupts(soft);
}

void lfpriv_interrupt_ended(void)
{
	lfx_interrupt_ended();
}

void lfshim_bh_changed(void)
{
	lfx_context_changed();
}

#if !LFSHIM_CHECKS
void lfshim_sleeps(void)
{
	lfx_might_sleep(LFX_FROM);
}
#endif

static unsigned int context(void)
{
	unsigned int context = 0;

	if (irqs_disabled())
		context |= LFX_IRQS_OFF;
#if LFSHIM_CHECKS
	/*
	 * In the kernel, lockdep disables interrupts for its own locks. The number
	 * is negative while do_wait_intr() has released a lock of its caller.
	 */
	if (lfshim_tls.internal_locks > 0)
		context |= LFX_IRQS_OFF;
#endif
	if (lfshim_tls.bh_depth)
		context |= LFX_BH_OFF;
	if (lfshim_tls.preempt_depth)
		context |= LFX_PREEMPT_OFF;
	if (in_hardirq() || in_serving_softirq())
		context |= LFX_IN_INTERRUPT;
	return context;
}

static void run_interrupt(void (*handler)(void), unsigned int places)
{
	lfx_interrupt_begins(places, false);
	local_irq_disable();
	lfshim_tls.hardirq_depth++;
	handler();
	lfshim_tls.hardirq_depth--;
	local_irq_enable();
	lfx_interrupt_ended();
}

/* Memory */

void *lfhost_alloc(size_t size, size_t align, bool zero)
{
	return lfx_alloc(size, align, zero, false, LFX_FROM);
}

void *lfhost_alloc_kernel(size_t size, size_t align, bool zero)
{
	return lfx_allocation_fails() ? NULL :
	       lfx_alloc(size, align, zero, true, NULL);
}

void lfhost_free(void *p)
{
	lfx_free(p);
}

size_t lfhost_alloc_size(const void *p)
{
	return lfx_alloc_size(p);
}

/* RCU */

void lfshim_rcu_enter(void)
{
#if LFSHIM_CHECKS
	lfshim_section_begins(_RET_IP_);
#endif
	lfx_rcu_enter(LFX_FROM);
	lfx_context_changed();
}

void lfshim_rcu_exit(void)
{
#if LFSHIM_CHECKS
	lfshim_section_ended();
#endif
	lfx_rcu_exit(LFX_FROM);
	lfx_context_changed();
}

static void run_callback(void (*func)(void *), void *object)
{
	if (func)
		lfx_service_interrupts(true);
	lfshim_tls.softirq_depth++;
	if (func)
		func(object);
	else
		kfree(object);
	lfshim_tls.softirq_depth--;
	lfx_interrupt_ended();
}

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	lfx_rcu_call(head, (void (*)(void *))func, 0, LFX_FROM);
}

void lfshim_kfree_rcu(void *ptr, struct rcu_head *head)
{
	lfx_rcu_call(head, NULL, (char *)head - (char *)ptr, LFX_FROM);
}

void synchronize_rcu(void)
{
	might_sleep();
	if (WARN(rcu_read_lock_held(),
		 "synchronize_rcu() inside a read-side section never returns"))
		return;
	lfx_rcu_synchronize(LFX_FROM);
}

void rcu_barrier(void)
{
	might_sleep();
	lfx_rcu_barrier();
}

void lfpriv_rcu_barrier_always(void)
{
	rcu_barrier();
}

unsigned long get_state_synchronize_rcu(void)
{
	return lfx_rcu_cookie();
}

unsigned long start_poll_synchronize_rcu(void)
{
	return lfx_rcu_cookie();
}

bool poll_state_synchronize_rcu(unsigned long cookie)
{
	return lfx_rcu_elapsed(cookie);
}

void cond_synchronize_rcu(unsigned long cookie)
{
	if (!lfx_rcu_elapsed(cookie))
		synchronize_rcu();
}

/* The program */

static void *tls_address(void)
{
	return &lfshim_tls;
}

static void begin_thread(void)
{
	(void)current;
}

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

/* What fits into a line of the trace. */
#define MESSAGE_LINE	70

static void on_warning(const struct libfence_warning *w, void *unused)
{
	const char *kind = w->kind == LIBFENCE_BUG ? "bug" : "warning";
	char caller[120];

	if (lfx_first_own(w->file, caller, sizeof(caller)))
		lfx_fail(kind, "%s (%s)", w->message, caller);
	lfx_fail(kind, "%s (%s() %s:%d)", w->message, w->function,
		 base_name(w->file), w->line);
}

/*
 * A message of printk() is a line of the trace, as lfx_note() makes one: each run would
 * print it again. A long one has several lines.
 */
static void on_message(int level, const char *message, void *unused)
{
	int len;

	if (!lfx_in_run()) {
		fputs(message, stderr);
		return;
	}
	while (*message) {
		len = strcspn(message, "\n");
		len = len > MESSAGE_LINE ? MESSAGE_LINE : len;
		if (len)
			lfx_note("log: %.*s", len, message);
		message += len + (message[len] == '\n');
	}
}

extern char __data_start[], _end[];
extern int lfshim_acquire_variable, lfshim_release_variable;
extern const struct lfx_listed __start_lfx_scenarios[];
extern const struct lfx_listed __stop_lfx_scenarios[];
extern const struct lfx_listed_model __start_lfx_models[];
extern const struct lfx_listed_model __stop_lfx_models[];
/* A program may have only one of the two kinds. */
#pragma weak __start_lfx_scenarios
#pragma weak __stop_lfx_scenarios
#pragma weak __start_lfx_models
#pragma weak __stop_lfx_models

int main(int argc, char **argv)
{
	static struct lfx_program program;

	program = (struct lfx_program){
		.tls = &lfshim_tls,
		.tls_size = sizeof(lfshim_tls),
		.tls_address = tls_address,
		.data_begin = __data_start,
		.data_end = _end,
		.acquire_order = &lfshim_acquire_variable,
		.release_order = &lfshim_release_variable,
		.scenarios = __start_lfx_scenarios,
		.nr_scenarios = __stop_lfx_scenarios - __start_lfx_scenarios,
		.models = __start_lfx_models,
		.nr_models = __stop_lfx_models - __start_lfx_models,
		.begin_thread = begin_thread,
		.context = context,
		.run_interrupt = run_interrupt,
		.run_callback = run_callback,
	};
	libfence_set_warn_hook(on_warning, NULL);
	libfence_set_log_hook(on_message, NULL);
	return lfx_main(&program, argc, argv);
}
