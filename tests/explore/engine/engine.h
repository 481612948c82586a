/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the files of the engine. The engine is a shared library. So its own
 * variables are not among those of the program, which every run begins with the
 * same values of. It is not instrumented.
 *
 *	hooks.c		the functions that the compiler calls for each access
 *	memory.c	the program's memory: resets, allocation, what is shared
 *	cell.h		what is known of each 8 bytes of it
 *	names.c		the names of memory, of values and of code
 *	frames.c	the names of variables on stacks
 *	shadow.c	for each word: who accessed it, in which order; races
 *	atomic.c	atomic accesses
 *	effect.c	what an op does to its word
 *	count.c		counts of references: which ops on them commute
 *	weak.c		loads of older values
 *	depend.c	address dependencies
 *	fiber.c		threads
 *	sched.c		points, waiting, locks: which thread runs next
 *	irq.c		interrupts on top of threads; sleeping where one may not
 *	rcu.c		grace periods
 *	reduce.c	which other orders of a run have to be tried
 *	search.c	runs one after the other: the strategies
 *	shard.c		a share of a search
 *	programs.c, model.c, alone.c, linear.c, history.c
 *			scenarios made from a list of operations: see plan.h
 *	trace.c		the events of a run
 *	view.c		which events are shown, and the schedule in words
 *	print.c		a failure on the terminal
 *	html.c, json.c	a failure for browsers and for programs
 *	report.c	the results of a scenario
 *	main.c		the command line
 */
#ifndef LFX_ENGINE_H
#define LFX_ENGINE_H

#include "../explore.h"
#include "seam.h"
#include "irq.h"
#include "cell.h"
#include "symbols.h"

/* The thread of setup() and check(). */
#define MAIN_THREAD	0
#define ALL_THREADS	0xffffu

#define MAX_LOCATIONS	4096
#define MAX_CALLS	128
/*
 * Not an address: the calls after it are those of the kfree_rcu() whose free runs now,
 * which has no calls of its own.
 */
#define DEFERRED_FREE	1
#define MAX_FOREIGN	64
#define MAX_SPIN_READS	16

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * A location is a word that is accessed atomically, or a lock, in one run.
 * Number 0 is none.
 */
struct location {
	/* The first access. */
	addr_t addr;
	uint16_t size;
	/* 8 bytes, and not 4. */
	bool wide;
	/* Its number in count.c, or 0. */
	uint16_t count;
	/* Its number in weak.c, or 0. */
	uint16_t past;
	/* The clock of the last release store to it. */
	struct clock released;
	/* And the updates since then that have changed nothing, if there are any. */
	struct clock kept;
	bool has_kept;
	/* How many writes there were, and the thread of the last one. */
	uint32_t writes;
	int writer;
	/* The events of reduce.c: the last of each thread, plus 1. */
	uint32_t last_write[LFX_THREADS], last_read[LFX_THREADS];
	/* The events that an access happens after. */
	struct clock events_written, events_read;
	/* For the hash of the partial order: see hash_event(). */
	uint64_t hash_before, hash_phase;
	unsigned int phase;
};

enum op_kind {
	OP_NONE,
	/* The thread has not run yet. */
	OP_START,
	OP_ACCESS,
	OP_LOCK,
	OP_UNLOCK,
	OP_WAIT,
	OP_RELAX,
	/* The main thread: while the threads of the scenario run. */
	OP_MAIN,
	/* The main thread: until no other thread can run. */
	OP_SETTLE,
	OP_DONE,
};

/* The effect of an op on its word. */
#define OP_READ		1
#define OP_WRITE	2
/* Takes or drops a reference, and no order with another one matters: see count.c. */
#define OP_COUNT	4

/* Two ops on the same word: does their order matter? */
static inline bool effects_conflict(unsigned int a, unsigned int b)
{
	return a && b && (a != b || a == OP_WRITE);
}

enum rmw {
	RMW_XCHG,
	RMW_ADD,
	RMW_SUB,
	RMW_AND,
	RMW_OR,
	RMW_XOR,
	RMW_NAND,
};

/* The values that the effect of an op depends on: see effect.c. */
enum op_form {
	/* Nothing. */
	FORM_FIXED,
	/* It writes if the word is equal to its operand. */
	FORM_IF_EQUAL,
	/* It writes if the value changes. */
	FORM_RMW,
	/* A count of references. */
	FORM_COUNT_UP,
	FORM_COUNT_UP_NOT_ZERO,
	FORM_COUNT_DOWN,
};

/* The next op of a thread, when it is chosen. */
struct op {
	enum op_kind kind;
	/* OP_READ or OP_WRITE, or 0. With a form, it may be less when it is done. */
	unsigned int rw;
	enum op_form form;
	enum rmw rmw;
	uint64_t operand;
	uint8_t size;
	uint16_t location;
	addr_t addr;
	const char *what;
	bool (*ready)(const void *arg);
	const void *arg;
	int64_t deadline;
	bool patient;
	addr_t pc;
};

struct spin_read {
	uint16_t location;
	uint32_t writes;
};

/* The words that a thread has used since the last turn of a loop. */
struct turn {
	/* The atomic accesses. */
	struct spin_read reads[MAX_SPIN_READS];
	unsigned int nr_reads;
	/* There were more: it waits for any write of another thread since then. */
	bool any;
	uint32_t writes;
};

struct thread {
	int id;
	bool used, done, service, timed_out;
	char name[32];
	void *(*fn)(void *arg);
	void *arg;
	struct op op;
	/* Happens before; see shadow.c. */
	struct clock clock, release_fence, acquire_fence;
	/* The ends of its functions happen after this, too. */
	struct clock frame_clock;
	/* The events of reduce.c that its next event happens after. */
	struct clock events;
	uint32_t nr_events;
	/* The call stack: return addresses. */
	addr_t calls[MAX_CALLS];
	/* The frames of the functions that were called. */
	struct lfx_frame frames[MAX_CALLS];
	unsigned int depth;
	/* The number of its last point. */
	uint32_t step;
	/*
	 * Its plain accesses are in no data race; they count as marked ones, as do so
	 * many of the next ones. The sum of the three numbers.
	 */
	unsigned int ignored, marked, marked_next, special;
	/* Words of its stack that other threads have accessed. */
	addr_t foreign[MAX_FOREIGN];
	/* The frames that they are in. */
	struct lfx_frame foreign_frames[MAX_FOREIGN];
	unsigned int nr_foreign;
	/* Of a busy-wait loop, and of a loop of sleeps whose time is up. */
	struct turn spin, nap;
	unsigned int free_turns;
	/* It has changed a word in the turn. */
	bool has_updated;
	/* How often in a row the time of its sleep at this place was up, and no news. */
	unsigned int nr_naps;
	bool naps_for_ever;
	uint64_t nap_place;
	/*
	 * It takes turns of a busy-wait loop at once, and the accesses in them are no
	 * points; or one turn, since no other thread can run.
	 */
	bool in_turns, is_quiet, is_idle;
	/* Its own writes. */
	uint32_t writes;
	/* The writes to its state when it was woken. */
	uint32_t woken_writes;
	/* Nesting of read-side sections; spinlocks that it holds. */
	unsigned int reading, nr_locks;
	struct interrupts irq;
	int priority;
	/* fiber.c */
	void *stack, *sp;
	/* Where the frames of its functions begin. */
	addr_t base;
	char *tls;
	struct thread *parent;
};

enum phase {
	PHASE_OFF,
	PHASE_SETUP,
	PHASE_RUN,
	PHASE_CHECK,
};

/* The state of a run. */
struct run {
	/* Increases with each run. */
	uint32_t nr;
	enum phase phase;
	bool failed, sleep_blocked;
	/* The run is the same in all shards up to here. */
	bool in_prefix;
	/* The bytes of an access to a range change at its end. */
	bool in_range;
	/* Nothing that the running code does is a point. */
	bool no_points;
	/* NULL, or the thread on whose stack ->current frees an object. */
	struct thread *lender;
	struct thread threads[LFX_THREADS];
	struct thread *current;
	unsigned int nr_threads;
	/* The threads that interrupts may come on top of: bits. */
	uint32_t interruptible;
	/* The points that were passed, and the writes. */
	uint32_t step, writes;
	/* How many more loads may return an older value. */
	unsigned int stale_left;
	/* Allocations that have failed, and signals that have come. */
	unsigned int nr_failed, nr_signals;
	int64_t now;
	struct location locations[MAX_LOCATIONS];
	unsigned int nr_locations;
	uint64_t accesses, switches, points, hash;
	const struct lfx_scenario *scenario;
	/* All times of this run are higher than this one. */
	uint32_t time_base, max_time;
	char kind[40], text[1024];
	addr_t fail_calls[16];
	unsigned int fail_depth;
	int fail_thread;
	enum phase fail_phase;
	/* The object that the failure is about, or NULL. */
	addr_t fail_object;
	/* The other access: its thread, or -1. */
	int fail_other;
	addr_t fail_other_pc, fail_other_addr;
	bool fail_other_write;
};

extern struct run run;
extern const struct lfx_program *program;
/* In scenarios.c. False: one has a mistake, and it was printed. */
bool scenarios_are_right(void);

/* Set by main.c. */
struct options {
	bool check_races, timeouts, tracing, all_points, classes, check_leaks;
	/* Traces have the steps of the shim's threads, too. */
	bool shim_steps;
	uint32_t max_steps;
	/* Of a random strategy. */
	uint64_t max_runs;
	/* At most so many loads of a run return an older value than the last. */
	unsigned int stale;
	/* Bit operations and rcu_dereference() are as weak as the kernel's. */
	bool lkmm;
	/* @stale or @lkmm. */
	bool weak;
	/* Each plain access is looked at: with @weak or @tracing. */
	bool watching;
	/* known.c has races; there are data_race()s. */
	bool known, racy;
	/* The events of reduce.c are noted with every strategy: see model.c. */
	bool noting_events;
};

extern struct options options;

static inline bool engine_on(void)
{
	return run.phase != PHASE_OFF;
}

/* memory.c */

void memory_init(void);
/* After the constructors of the program. */
void memory_take_snapshot(void);
void memory_reset(void);
/* The value of a static variable in all runs from now on. */
void memory_set(int *variable, int value);
/* The history of a scenario: forget all, or apply what was learned. */
void memory_forget(void);
bool memory_learned(void);
/* Some of it is of memory that is accessed in a prefix. */
bool memory_learned_early(void);
void memory_apply(void);
/* The cell of memory that this run has not accessed yet. */
void memory_begin_cell(struct cell *cell, addr_t addr);
/* The thread whose stack contains the address, or NULL. */
struct thread *memory_stack_owner(addr_t addr);
void memory_note(struct history *h, int thread, bool write, addr_t addr,
		 unsigned int size);
void memory_note_tried(struct history *h);
void memory_note_racy(struct history *h);

static inline unsigned int lock_bit(addr_t addr)
{
	return addr & 4 ? 2 : 1;
}

void memory_fail_leaks(void);
/*
 * The part of memory that an object has. The bounds of variables are not known: the
 * bytes around the address, or with --lkmm all static variables.
 */
bool memory_extent(addr_t addr, addr_t *begin, size_t *size);
/* Words that stand for RCU, and for all full barriers. */
addr_t memory_rcu_word(void);
addr_t memory_fence_word(void);
/* One for each thread: see irq.c. */
addr_t memory_irq_word(void);
addr_t memory_time_word(void);
bool memory_is_engine_word(addr_t addr);

/* shadow.c */
void shadow_access(addr_t addr, unsigned int size, bool write, enum access_how how,
		   addr_t pc);
/* A plain access that counts as another one. */
void shadow_special(addr_t addr, unsigned int size, bool write,
		    enum access_how how, addr_t pc);
void shadow_range(addr_t addr, size_t size, bool write, addr_t pc);
void shadow_check(struct cell *cell, addr_t addr, unsigned int mask,
		  const struct clock *clock, addr_t pc, const char *what);
void shadow_end_frames(struct thread *t, addr_t sp);
void shadow_own_read(addr_t addr, unsigned int writer, const struct clock *released);

static inline void clock_join(struct clock *to, const struct clock *from)
{
	unsigned int i;

	for (i = 0; i < LFX_THREADS; i++)
		if (to->t[i] < from->t[i])
			to->t[i] = from->t[i];
}

/* A release also carries what loads have seen: see weak_publish(). */
static inline void clock_publish_loads(struct clock *to, const struct thread *t)
{
	if (unlikely(options.lkmm))
		clock_join(to, &t->acquire_fence);
}

static inline void clock_publish(struct clock *to, const struct thread *t)
{
	clock_join(to, &t->clock);
	clock_publish_loads(to, t);
}

/* The next accesses of the thread are later than those before. */
static inline void clock_tick(struct thread *t)
{
	if (++t->clock.t[t->id] > run.max_time)
		run.max_time = t->clock.t[t->id];
}

/* fiber.c */
void fiber_init(void);
bool fiber_is_tls(addr_t addr);
/* The running thread takes the thread-local state of @t, or gives it back. */
void fiber_borrow(struct thread *t);
void fiber_give_back(struct thread *t);
void fiber_prepare(struct thread *t);
void fiber_switch(struct thread *to);
/* Run the main thread until fiber_leave(). */
void fiber_enter(void);
void fiber_leave(void) __attribute__((__noreturn__));

/* sched.c */
/* @id: its number, or -1 for the next one. */
struct thread *thread_new(int id, const char *name, void *(*fn)(void *),
			  void *arg);
/* The current thread is about to do @op. @shared: others may do something. */
void sched_point(const struct op *op, bool shared);
/* lfx_wait() for the code at @pc. */
bool sched_wait(bool (*ready)(const void *arg), const void *arg,
		const uint32_t *word, int64_t deadline, bool patient,
		const char *what, addr_t pc);
bool sched_enabled(const struct thread *t);
void sched_run_scenario(void);

/* rcu.c */
/* In the main thread, before setup(). @id: the number of the RCU thread. */
void rcu_start(int id);
/* While a kfree_rcu() frees: DEFERRED_FREE and its calls. Returns how many; 0: it does not. */
unsigned int rcu_deferred_calls(addr_t *calls, unsigned int max);

/* trace.c */
enum event_kind {
	EVENT_READ,
	EVENT_WRITE,
	EVENT_LOAD,
	EVENT_LOAD_OLD,
	EVENT_STORE,
	EVENT_RMW,
	EVENT_LOCK,
	EVENT_UNLOCK,
	/* It cannot take the lock. */
	EVENT_WAIT,
	EVENT_SLEEP,
	EVENT_WOKEN,
	EVENT_TIMEOUT,
	EVENT_ALLOC,
	EVENT_FREE,
	EVENT_RCU_BEGIN,
	EVENT_RCU_END,
	EVENT_CALL_RCU,
	EVENT_GRACE_PERIOD,
	EVENT_FRAME_END,
	EVENT_FENCE,
	EVENT_NOTE,
	/* Another thread runs. */
	EVENT_SWITCH,
};

/* Why the thread before a switch does not go on. */
enum switch_reason {
	SWITCH_CHOSEN,
	SWITCH_END,
	SWITCH_BLOCKED,
};

void trace_event_(enum event_kind kind, addr_t addr, unsigned int size,
		  uint64_t value, addr_t pc);
#define trace_event(...)						\
	do {								\
		if (unlikely(options.tracing))				\
			trace_event_(__VA_ARGS__);			\
	} while (0)
void trace_reset(void);
/* The running thread gives way to @to. */
void trace_switch_(const struct thread *to);
/* The bytes there are about to change: a plain write is done now. */
void trace_settle_(void);
/* The access that the run is about to fail with. */
void trace_failed(enum event_kind kind, addr_t addr, unsigned int size,
		  addr_t pc);
/* As lfx_note(), for the code at @pc. */
void trace_note(addr_t pc, const char *fmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));
unsigned int trace_calls(addr_t *calls, unsigned int max, addr_t pc);
/* The run has failed: it ends here. */
void fail(const char *kind, addr_t pc, const char *fmt, ...)
	__attribute__((__noreturn__, __format__(__printf__, 3, 4)));

#define CALLER	((addr_t)__builtin_return_address(0))

#endif
