// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Threads, locks, sleeping, the clock and memory, instead of compat/spinlock.c,
 * compat/kernel/sleep.c and compat/host/sys.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>

#include "host/sys.h"
#include "kernel/internal.h"
#include "replacement.h"

#define STACK_SIZE	(256 * 1024)
/* Virtual time of one turn of a busy-wait loop. */
#define TURN_NS		1000

struct coroutine {
	ucontext_t context;
	/* The thread-local state of the shim while another coroutine runs. */
	struct lfshim_tls tls;
	void *stack;
	void *(*fn)(void *arg);
	void *arg;
	/* NULL, or the argument for the function of lfhost_at_thread_exit(). */
	void *exit_arg;
	bool used, done, detached;
	/* In a busy-wait loop: run only if no other coroutine can. */
	bool gave_way;
	/* NULL, or the condition that seam_wait() waits for. */
	bool (*ready)(const void *arg);
	const void *ready_arg;
	s64 deadline;
};

/* The first one is the thread of the program. */
static struct coroutine all[SEAM_THREADS] = { { .used = true } };
static struct coroutine *running = all;
static s64 now_ns = NSEC_PER_SEC;
static void (*thread_exit)(void *arg);

static u64 switches;
static unsigned int nr_points;
static char trace[16384];
static size_t trace_len;

unsigned int seam_self(void)
{
	return running - all;
}

static void switch_to(struct coroutine *next)
{
	struct coroutine *old = running;

	next->gave_way = false;
	if (next == old)
		return;
	old->tls = lfshim_tls;
	lfshim_tls = next->tls;
	running = next;
	if (swapcontext(&old->context, &next->context))
		abort();
}

static bool is_ready(const struct coroutine *c)
{
	return c->used && !c->done &&
	       (!c->ready || c->ready(c->ready_arg) || now_ns >= c->deadline);
}

/* The next coroutine that can run. The running one comes last. */
static struct coroutine *next_ready(bool gave_way)
{
	unsigned int i;

	for (i = 1; i <= SEAM_THREADS; i++) {
		struct coroutine *c = &all[(seam_self() + i) % SEAM_THREADS];

		if (is_ready(c) && c->gave_way <= gave_way)
			return c;
	}
	return NULL;
}

/* All coroutines wait: it is the time of the earliest deadline. */
static void advance_clock(void)
{
	s64 earliest = LFHOST_FOREVER;
	unsigned int i;

	for (i = 0; i < SEAM_THREADS; i++)
		if (all[i].used && !all[i].done)
			earliest = min(earliest, all[i].deadline);
	if (earliest >= LFHOST_FAR_FUTURE) {
		fprintf(stderr, "deadlock: all threads wait, after %s\n", trace);
		abort();
	}
	now_ns = earliest;
}

static void run_others(void)
{
	struct coroutine *next;

	while (!(next = next_ready(false)) && !(next = next_ready(true)))
		advance_clock();
	switch_to(next);
}

bool seam_wait(bool (*ready)(const void *arg), const void *arg, s64 deadline)
{
	running->ready = ready;
	running->ready_arg = arg;
	running->deadline = deadline;
	if (!is_ready(running))
		run_others();
	running->ready = NULL;
	return ready(arg);
}

/* The caller waits in a loop for another coroutine. */
static void give_way(void)
{
	now_ns += TURN_NS;
	running->gave_way = true;
	run_others();
}

void seam_point(char what)
{
	unsigned int nr = nr_points++;
	struct coroutine *next;

	if (trace_len + 8 < sizeof(trace))
		trace_len += sprintf(trace + trace_len, "%u%c ", seam_self(),
				     what);
	if (nr >= 64 || !(switches >> nr & 1))
		return;
	next = next_ready(false);
	if (next)
		switch_to(next);
}

void seam_choose(u64 choice)
{
	/* Jiffies have the same remainder in each run. */
	now_ns += NSEC_PER_SEC - now_ns % NSEC_PER_SEC;
	switches = choice;
	nr_points = 0;
	trace_len = 0;
	trace[0] = '\0';
}

const char *seam_trace(void)
{
	return trace;
}

/* Threads */

static void coroutine_main(void)
{
	running->fn(running->arg);
	lfhost_thread_exit();
}

static void init_context(struct coroutine *c)
{
	if (!c->stack)
		c->stack = malloc(STACK_SIZE);
	if (!c->stack || getcontext(&c->context))
		abort();
	c->context.uc_stack.ss_sp = c->stack;
	c->context.uc_stack.ss_size = STACK_SIZE;
	c->context.uc_link = NULL;
	makecontext(&c->context, coroutine_main, 0);
}

static struct coroutine *start(void *(*fn)(void *), void *arg)
{
	struct coroutine *c = all;

	while (c->used)
		if (++c == all + SEAM_THREADS)
			return NULL;
	init_context(c);
	memset(&c->tls, 0, sizeof(c->tls));
	c->fn = fn;
	c->arg = arg;
	c->used = true;
	c->done = c->detached = false;
	return c;
}

void seam_start(void *(*fn)(void *), void *arg)
{
	struct coroutine *c = start(fn, arg);

	if (!c)
		abort();
	c->detached = true;
}

int lfhost_thread_start(unsigned long *thread, void *(*fn)(void *), void *arg)
{
	struct coroutine *c = start(fn, arg);

	if (!c)
		return -EAGAIN;
	*thread = c - all;
	return 0;
}

static bool is_done(const void *arg)
{
	return ((const struct coroutine *)arg)->done;
}

void lfhost_thread_join(unsigned long thread)
{
	seam_wait(is_done, &all[thread], LFHOST_FOREVER);
	all[thread].used = false;
}

void lfhost_thread_detach(unsigned long thread)
{
	all[thread].detached = true;
	if (all[thread].done)
		all[thread].used = false;
}

void lfhost_thread_exit(void)
{
	void *arg;

	while ((arg = running->exit_arg)) {
		running->exit_arg = NULL;
		thread_exit(arg);
	}
	running->done = true;
	if (running->detached)
		running->used = false;
	run_others();
	abort();
}

void lfhost_at_thread_exit(void (*fn)(void *))
{
	thread_exit = fn;
}

void lfhost_arm_thread_exit(void *arg)
{
	running->exit_arg = arg;
}

unsigned int lfhost_tid(void)
{
	return seam_self() + 1;
}

void lfhost_thread_name(const char *name)
{
}

void lfhost_thread_get_name(char *buf, size_t size)
{
	snprintf(buf, size, "main");
}

/* Each coroutine has a CPU of its own. */
unsigned int lfhost_cpus(void)
{
	return SEAM_THREADS;
}

unsigned int lfhost_cpu_ids(void)
{
	return SEAM_THREADS;
}

unsigned int lfhost_this_cpu(void)
{
	return seam_self();
}

void lfhost_yield(void)
{
	seam_point('y');
	give_way();
}

/* No thread stands still for the functions of timers and irq_work. */
void lfpriv_interrupt_begins(bool soft)
{
}

void lfpriv_interrupt_ended(void)
{
}

void lfshim_bh_changed(void)
{
}

#if !LFSHIM_CHECKS
void lfshim_sleeps(void)
{
}
#endif

/* Locks and busy-wait loops */

static bool is_free(const void *arg)
{
	return !READ_ONCE(((const spinlock_t *)arg)->word);
}

bool lfshim_spin_held(const struct spinlock *lock)
{
	return READ_ONCE(lock->word) == lfhost_tid();
}

void lfshim_spin_lock(spinlock_t *lock)
{
	seam_point('l');
	if (lfshim_spin_held(lock))
		lfpriv_bug_recursion("spinlock", lock, _RET_IP_);
	seam_wait(is_free, lock, LFHOST_FOREVER);
	WRITE_ONCE(lock->word, lfhost_tid());
}

bool lfshim_spin_trylock(spinlock_t *lock)
{
	seam_point('t');
	if (!is_free(lock))
		return false;
	WRITE_ONCE(lock->word, lfhost_tid());
	return true;
}

void lfshim_spin_unlock(spinlock_t *lock)
{
	WARN(!lfshim_spin_held(lock), "spin_unlock() of a lock that is not held");
	WRITE_ONCE(lock->word, 0);
	seam_point('u');
}

/* One thread runs at a time. */
int lfshim_count_add(int *count, int n)
{
	int old = *count;

	*count = (int)((unsigned int)old + n);
	return old;
}

int lfshim_count_add_not_zero(int *count, int n)
{
	return *count ? lfshim_count_add(count, n) : 0;
}

int lfshim_count_sub(int *count, int n)
{
	return lfshim_count_add(count, (int)-(unsigned int)n);
}

const int lfshim_acquire_order = __ATOMIC_ACQUIRE;
const int lfshim_release_order = __ATOMIC_RELEASE;

void cpu_relax(void)
{
	seam_point('c');
	give_way();
}

/* It looks for no data races. */
void lfshim_race_ignore(int change)
{
}

void lfshim_race_marked(int change)
{
}

void lfshim_race_marked_next(int n)
{
}

void ndelay(u64 nsecs)
{
	s64 end = lfhost_clock() + nsecs;

	while (lfhost_clock() < end)
		cpu_relax();
}

/* Sleeping */

static bool is_woken(const void *arg)
{
	const struct task_struct *task = arg;
	unsigned int state = READ_ONCE(task->__state);
	unsigned int sig = READ_ONCE(task->lfshim_signal);

	return state == TASK_RUNNING || (sig && (state & TASK_INTERRUPTIBLE)) ||
	       ((sig & LFSHIM_SIG_KILLED) && (state & TASK_WAKEKILL));
}

void lfpriv_sleep(s64 deadline)
{
	struct task_struct *self = current;

	lfpriv_check_sleep();
	seam_point('s');
	if (READ_ONCE(self->__state) == TASK_RUNNING) {
		give_way();
		return;
	}
	seam_wait(is_woken, self, deadline);
	WRITE_ONCE(self->__state, TASK_RUNNING);
}

/* The clock */

int64_t lfhost_clock(void)
{
	return now_ns;
}

int64_t lfhost_clock_real(void)
{
	return now_ns;
}

int64_t lfhost_clock_boot(void)
{
	return now_ns;
}

int64_t lfhost_clock_tai(void)
{
	return now_ns;
}

/* Memory */

struct block {
	struct block *next, **link;
	void *start;
	size_t size;
	enum seam_owner owner;
};

static struct block *blocks;
static unsigned int nr_live[SEAM_KERNEL + 1];

static struct block *block_of(const void *p)
{
	return (struct block *)((char *)p - sizeof(struct block));
}

static void *new_block(size_t size, size_t align, bool zero,
		       enum seam_owner owner)
{
	size_t unit = max_t(size_t, align, 16);
	size_t front = (sizeof(struct block) + unit - 1) / unit * unit;
	struct block *b;
	void *start;

	if (posix_memalign(&start, unit, front + size))
		return NULL;
	b = block_of((char *)start + front);
	b->start = start;
	b->size = size;
	b->owner = owner;
	b->next = blocks;
	b->link = &blocks;
	if (b->next)
		b->next->link = &b->next;
	blocks = b;
	nr_live[owner]++;
	memset(b + 1, zero ? 0 : 0xa5, size);
	return b + 1;
}

void *lfhost_alloc(size_t size, size_t align, bool zero)
{
	return new_block(size, align, zero, SEAM_SHIM);
}

void *lfhost_alloc_kernel(size_t size, size_t align, bool zero)
{
	return new_block(size, align, zero, SEAM_KERNEL);
}

void lfhost_free(void *p)
{
	struct block *b;

	if (!p)
		return;
	b = block_of(p);
	*b->link = b->next;
	if (b->next)
		b->next->link = b->link;
	nr_live[b->owner]--;
	free(b->start);
}

size_t lfhost_alloc_size(const void *p)
{
	return block_of(p)->size;
}

enum seam_owner seam_owner(const void *p)
{
	struct block *b;

	for (b = blocks; b; b = b->next)
		if (b + 1 == p)
			return b->owner;
	return SEAM_NOTHING;
}

unsigned int seam_live(enum seam_owner owner)
{
	return nr_live[owner];
}

/* The process */

/* The checks give such a lock no class of its own. */
bool lfhost_is_static(const void *p)
{
	return false;
}
