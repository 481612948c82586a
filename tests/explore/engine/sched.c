// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Which thread runs. A thread says what it does next, at a point, and the search
 * chooses one of the threads that can do their announced op.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "loop.h"
#include "names.h"
#include "order.h"
#include "plan.h"
#include "search.h"
#include "weak.h"

/*
 * Virtual time of a turn of a busy-wait loop, if no other thread can run. After some
 * turns each one lasts twice as long as the one before: the loop may wait for any time.
 */
#define TURN_NS		1000000
#define SHORT_TURNS	32
/* So many turns of each thread that change something wait for no other thread. */
#define FREE_TURNS	2
#define MAX_IDLE_TURNS	64

struct run run;

/*
 * The turns of busy-wait loops since another thread wrote: how many, the thread and
 * the time of the last one, and the writes of all other threads.
 */
static struct {
	unsigned int turns, thread;
	int64_t turn_ns;
	uint32_t writes;
} idle;

/* Threads */

struct thread *thread_new(int id, const char *name, void *(*fn)(void *),
			  void *arg)
{
	struct thread *self = run.current, *t;
	void *stack, *tls;

	if (id < 0)
		id = run.nr_threads;
	if (id >= LFX_THREADS)
		fail("limit", CALLER, "more than %u threads", LFX_THREADS);
	if ((unsigned int)id >= run.nr_threads)
		run.nr_threads = id + 1;
	t = &run.threads[id];
	stack = t->stack;
	tls = t->tls;
	memset(t, 0, sizeof(*t));
	t->stack = stack;
	t->tls = tls;
	t->id = id;
	t->used = true;
	copy_name(t->name, name, sizeof(t->name));
	t->fn = fn;
	t->arg = arg;
	t->spin.writes = run.writes;
	t->op.kind = OP_START;
	if (self) {
		t->clock = self->clock;
		clock_publish_loads(&t->clock, self);
		t->events = self->events;
		if (unlikely(options.stale))
			weak_start(t, self);
		clock_tick(self);
	}
	t->clock.t[id] = run.time_base + 1;
	t->parent = self;
	fiber_prepare(t);
	return t;
}

int lfx_thread_start(void *(*fn)(void *arg), void *arg)
{
	char name[32];

	if (!engine_on())
		return -EAGAIN;
	if (run.nr_threads == LFX_THREADS)
		return -EAGAIN;
	snprintf(name, sizeof(name), "kthread %u", run.nr_threads);
	return thread_new(-1, name, fn, arg)->id;
}

void lfx_thread_set_name(const char *name)
{
	if (engine_on() && run.current->id)
		copy_name(run.current->name, name, sizeof(run.current->name));
}

int lfx_self(void)
{
	return engine_on() ? run.current->id : 0;
}

/* Choosing */

static unsigned int nr_scenario_threads(void)
{
	unsigned int n = 0;

	while (n < LFX_SCENARIO_THREADS && run.scenario->threads[n].fn)
		n++;
	return n;
}

static void begin_turn(struct thread *t, struct turn *turn)
{
	turn->nr_reads = 0;
	turn->any = false;
	turn->writes = run.writes - t->writes;
}

/* Another thread has written what the turn has read, so the next one may find it. */
static bool has_news(const struct thread *t, const struct turn *turn)
{
	const struct spin_read *r;
	unsigned int i;

	if ((turn->any || !turn->nr_reads) &&
	    run.writes - t->writes != turn->writes)
		return true;
	for (i = 0; i < turn->nr_reads; i++) {
		r = &turn->reads[i];
		if (run.locations[r->location].writes != r->writes)
			return true;
	}
	return false;
}

static bool may_time_out(const struct thread *t)
{
	return t->op.deadline != LFX_FOREVER && options.timeouts &&
	       !t->op.patient && run.phase == PHASE_RUN &&
	       (!t->naps_for_ever || !t->nr_naps || has_news(t, &t->nap));
}

bool sched_enabled(const struct thread *t)
{
	if (!t->used || t->done)
		return false;
	switch (t->op.kind) {
	case OP_START:
	case OP_ACCESS:
	case OP_UNLOCK:
	case OP_NONE:
		return true;
	case OP_LOCK:
		return !*(const uint32_t *)t->op.addr;
	case OP_WAIT:
		return t->op.ready(t->op.arg) || may_time_out(t);
	case OP_RELAX:
		return has_news(t, &t->spin);
	default:
		return false;
	}
}

static uint32_t enabled_threads(void)
{
	uint32_t enabled = 0;
	unsigned int i;

	for (i = 0; i < run.nr_threads; i++)
		if (sched_enabled(&run.threads[i]))
			enabled |= 1u << i;
	return enabled;
}

/* The threads of the scenario have the first numbers. */
static bool scenario_is_done(void)
{
	unsigned int i;

	for (i = 0; i < LFX_SCENARIO_THREADS; i++)
		if (run.scenario->threads[i].fn && !run.threads[i + 1].done)
			return false;
	return true;
}

static void describe_wait(const struct thread *t, char *buf, size_t size)
{
	uint32_t owner;
	char name[80] = "";

	if (t->op.addr)
		memory_name(t->op.addr, name, sizeof(name));
	if (t->op.kind == OP_LOCK) {
		owner = *(const uint32_t *)t->op.addr - 1;
		snprintf(buf, size, "%s waits for %s %s, which %s holds",
			 t->name, t->op.what, name, owner < LFX_THREADS ?
			 run.threads[owner].name : "an unknown thread");
	} else if (t->op.kind == OP_RELAX) {
		snprintf(buf, size, "%s is in a busy-wait loop", t->name);
	} else {
		snprintf(buf, size, "%s %s", t->name, t->op.what);
	}
}

static void __attribute__((__noreturn__)) deadlock(void)
{
	char text[900];
	size_t len = 0;
	unsigned int i;

	text[0] = '\0';
	for (i = run.nr_threads; i--;) {
		struct thread *t = &run.threads[i];

		if (!t->used || t->done || t->service ||
		    t->op.kind == OP_MAIN || t->op.kind == OP_SETTLE)
			continue;
		if (len && len < sizeof(text) - 3)
			len += sprintf(text + len, "; ");
		describe_wait(t, text + len, sizeof(text) - len);
		len = strlen(text);
		/* Its position is printed. */
		run.current = t;
	}
	fail("deadlock", 0, "%s", text);
}

static bool is_spinning(const struct thread *t)
{
	return t->used && !t->done && t->op.kind == OP_RELAX;
}

/*
 * The next thread in a busy-wait loop, if there is one: it may wait for a time. The
 * writes of such loops, as of a lock that is taken in each turn, do not end the number
 * of turns: they would go on for ever.
 */
static struct thread *take_idle_turn(void)
{
	uint32_t writes = run.writes;
	struct thread *next = NULL;
	unsigned int i, nr;

	for (i = 1; i <= run.nr_threads; i++) {
		nr = (idle.thread + i) % run.nr_threads;
		if (!is_spinning(&run.threads[nr]))
			continue;
		writes -= run.threads[nr].writes;
		if (!next)
			next = &run.threads[nr];
	}
	if (writes != idle.writes)
		idle.turns = 0;
	if (!next || idle.turns == MAX_IDLE_TURNS)
		return NULL;
	next->is_idle = true;
	idle.thread = next->id;
	idle.writes = writes;
	idle.turn_ns = idle.turns++ < SHORT_TURNS ? TURN_NS : 2 * idle.turn_ns;
	time_set(run.now + idle.turn_ns);
	return next;
}

/*
 * No thread can run: time passes. Returns the thread whose deadline is the next
 * one; or one in a busy-wait loop, which may wait for a time.
 */
static struct thread *pass_time(void)
{
	struct thread *next = NULL, *t;
	int64_t earliest = LFX_FOREVER - 1;
	unsigned int i;

	for (i = 0; i < run.nr_threads; i++) {
		t = &run.threads[i];
		if (t->used && !t->done &&
		    (t->op.kind == OP_WAIT || t->op.kind == OP_RELAX) &&
		    t->op.deadline < earliest) {
			earliest = t->op.deadline;
			next = t;
		}
	}
	if (next) {
		if (run.now < earliest)
			time_set(earliest);
		return next;
	}
	return take_idle_turn();
}

/* Before and after the threads of the scenario run, nothing is chosen. */
static struct thread *next_alone(uint32_t enabled)
{
	struct thread *main = &run.threads[MAIN_THREAD];

	if (enabled & 1u << run.current->id)
		return run.current;
	enabled &= ~1u;
	if (enabled)
		return &run.threads[__builtin_ctz(enabled)];
	if (sched_enabled(main) || main->op.kind == OP_SETTLE)
		return main;
	return NULL;
}

/* Another run shows all that this one would. */
static void __attribute__((__noreturn__)) give_up(void)
{
	run.sleep_blocked = true;
	run.phase = PHASE_OFF;
	fiber_leave();
}

static struct thread *next_thread(void)
{
	uint32_t enabled = enabled_threads();
	struct thread *next;
	int nr;

	/*
	 * Timers, workers and RCU callbacks go on to their ends: their steps could
	 * have come before the last steps of the scenario's threads.
	 */
	if (run.phase == PHASE_RUN && !enabled && scenario_is_done()) {
		run.phase = PHASE_CHECK;
		return &run.threads[MAIN_THREAD];
	}
	if (run.phase == PHASE_RUN && enabled) {
		nr = search_pick(enabled);
		if (nr >= 0)
			return &run.threads[nr];
		give_up();
	}
	next = run.phase == PHASE_RUN ? NULL : next_alone(enabled);
	if (!next) {
		next = pass_time();
		if (next)
			model_time_passes();
	}
	if (!next && irq_is_late())
		give_up();
	if (!next && model_may_block()) {
		run.phase = PHASE_OFF;
		fiber_leave();
	}
	if (!next)
		deadlock();
	return next;
}

static void schedule(void)
{
	struct thread *next = next_thread();

	if (next->op.kind == OP_WAIT)
		next->timed_out = !next->op.ready(next->op.arg);
	if (run.phase == PHASE_RUN) {
		if (search_reduces() || options.classes || options.noting_events)
			reduce_event(next, search_reduces());
	}
	if (unlikely(options.tracing))
		trace_switch_(next);
	fiber_switch(next);
}

void sched_point(const struct op *op, bool shared)
{
	struct thread *t = run.current;
	struct history *h;

	if (run.no_points || (unlikely(t->in_turns) && loop_is_quiet(t, op)))
		return;
	if (unlikely(run.interruptible))
		irq_point(shared, op->pc);
	t->op = *op;
	if (run.phase != PHASE_RUN) {
		if (!sched_enabled(t))
			schedule();
		goto out;
	}
	t->step = ++run.step;
	if (run.step > options.max_steps)
		fail("livelock", op->pc, "more than %u steps", options.max_steps);
	if (!shared && !options.all_points && sched_enabled(t))
		goto out;
	run.points++;
	if (op->addr)
		location_of(op->addr, 4, &h, &t->op.location);
	schedule();
	t->irq.has_looked = false;
out:
	t->op.kind = OP_NONE;
}

void lfx_thread_exit(void)
{
	struct thread *t = run.current;

	if (engine_on())
		shadow_end_frames(t, UINTPTR_MAX);
	if (unlikely(run.interruptible))
		irq_thread_ends(t);
	if (unlikely(t->in_turns))
		loop_leave(t);
	t->done = true;
	t->op.kind = OP_DONE;
	run.writes++;
	/* No two decisions of a run have the same number. */
	run.step++;
	schedule();
	__builtin_unreachable();
}

/* Locks */

static void check_lock(const uint32_t *word, addr_t pc)
{
	/* The lock may be freed. */
	shadow_access((addr_t)word, 4, false, ACCESS_MARKED, pc);
}

static void lock_taken(uint32_t *word, addr_t pc)
{
	struct thread *t = run.current;
	struct history *h;
	struct location *l;
	uint16_t nr;

	shadow_access((addr_t)word, 4, true, ACCESS_MARKED, pc);
	l = location_of((addr_t)word, 4, &h, &nr);
	if (unlikely(options.stale))
		weak_begin(l);
	*word = t->id + 1;
	if (l) {
		h->locks |= lock_bit((addr_t)word);
		location_acquire(t, l);
		location_wrote(l);
		if (unlikely(options.stale))
			weak_locked(l);
	}
	t->nr_locks++;
	trace_event(EVENT_LOCK, (addr_t)word, 4, 0, pc);
}

void lfx_lock(uint32_t *word, const char *what, const void *from)
{
	struct op op = { .kind = OP_LOCK, .rw = OP_WRITE, .what = what,
			 .addr = (addr_t)word, .pc = (addr_t)from };
	struct history *h;

	if (!engine_on()) {
		*word = 1;
		return;
	}
	check_lock(word, (addr_t)from);
	if (run.no_points && *word)
		fail("limit", (addr_t)from, "a new thread needs a lock that is held");
	irq_check_lock(word, what, (addr_t)from);
	sched_point(&op, memory_cell((addr_t)word, &h) && h->shared);
	lock_taken(word, (addr_t)from);
}

bool lfx_trylock(uint32_t *word, const void *from)
{
	/* If the lock is held, it is a read. */
	struct op op = { .kind = OP_ACCESS, .rw = OP_WRITE,
			 .form = FORM_IF_EQUAL, .size = 4,
			 .addr = (addr_t)word, .pc = (addr_t)from };
	struct thread *t = run.current;
	struct location *l;
	struct history *h;
	uint16_t nr;

	if (!engine_on()) {
		*word = 1;
		return true;
	}
	check_lock(word, (addr_t)from);
	if (memory_cell((addr_t)word, &h)) {
		memory_note_tried(h);
		sched_point(&op, h->shared);
	}
	if (!*word) {
		lock_taken(word, (addr_t)from);
		return true;
	}
	/* A loop of attempts waits for the unlock. */
	l = location_of((addr_t)word, 4, &h, &nr);
	if (l)
		note_spin_read(t, l, 0);
	return false;
}

void lfx_unlock(uint32_t *word, const void *from)
{
	struct op op = { .kind = OP_UNLOCK, .rw = OP_WRITE,
			 .addr = (addr_t)word, .pc = (addr_t)from };
	struct thread *t = run.current;
	struct history *h;
	struct location *l;
	uint16_t nr;

	if (!engine_on()) {
		*word = 0;
		return;
	}
	check_lock(word, (addr_t)from);
	if (unlikely(run.interruptible))
		irq_point(true, (addr_t)from);
	if (memory_cell((addr_t)word, &h) && h->tried)
		sched_point(&op, h->shared);
	shadow_access((addr_t)word, 4, true, ACCESS_MARKED, (addr_t)from);
	*word = 0;
	l = location_of((addr_t)word, 4, &h, &nr);
	if (l) {
		l->released = t->clock;
		clock_publish_loads(&l->released, t);
		location_wrote(l);
		if (unlikely(options.stale))
			weak_unlocked(l);
		/* A busy-wait loop may look at plain data with the lock. */
		note_spin_read(t, l, 0);
		if (search_reduces() || options.classes || options.noting_events)
			reduce_unlock(t, l);
	}
	t->irq.has_looked = false;
	if (t->nr_locks)
		t->nr_locks--;
	clock_tick(t);
	trace_event(EVENT_UNLOCK, (addr_t)word, 4, 0, (addr_t)from);
}

bool lfx_lock_is_mine(const uint32_t *word)
{
	return engine_on() ? *word == (uint32_t)run.current->id + 1 : *word;
}

/* Waiting */

/*
 * A thread that sleeps in a loop may do so for ever, if time passes for it only. If it
 * does, the next sleep ends after another thread has written a word that the turn has
 * used. The threads of the shim sleep in loops, too, but each sleep has another reason.
 */
static void begin_nap(struct thread *t, const struct op *op)
{
	uint64_t place;

	if (op->deadline == LFX_FOREVER || run.phase != PHASE_RUN ||
	    t->id > (int)nr_scenario_threads())
		return;
	place = loop_place(t, op);
	if (place != t->nap_place || has_news(t, &t->nap))
		t->nr_naps = 0;
	t->nap_place = place;
	t->naps_for_ever = loop_of_naps(place, t->nr_naps);
}

bool sched_wait(bool (*ready)(const void *arg), const void *arg,
		const uint32_t *word, int64_t deadline, bool patient,
		const char *what, addr_t pc)
{
	struct op op = {
		.kind = OP_WAIT, .rw = word ? OP_READ : 0,
		.addr = (addr_t)word, .what = what,
		.ready = ready, .arg = arg, .deadline = deadline,
		.patient = patient, .pc = pc,
	};
	struct thread *t = run.current;
	struct location *l;
	struct history *h;
	uint16_t nr;

	if (!engine_on())
		return true;
	if (word)
		trace_event(EVENT_SLEEP, (addr_t)word, 4, *word, pc);
	t->timed_out = false;
	begin_nap(t, &op);
	sched_point(&op, true);
	if (t->timed_out) {
		t->nr_naps++;
		begin_turn(t, &t->nap);
		time_is_up(deadline);
		trace_event(EVENT_TIMEOUT, (addr_t)word, 4, 0, pc);
		return false;
	}
	t->nr_naps = 0;
	if (word) {
		l = location_of((addr_t)word, 4, &h, &nr);
		if (l)
			location_acquire(t, l);
		if (unlikely(options.stale))
			weak_woken(l);
		trace_event(EVENT_WOKEN, (addr_t)word, 4, 0, pc);
	}
	return true;
}

bool lfx_wait(bool (*ready)(const void *arg), const void *arg,
	      const uint32_t *word, int64_t deadline, bool patient,
	      const char *what)
{
	if (engine_on())
		irq_check_sleep(CALLER);
	return sched_wait(ready, arg, word, deadline, patient, what, CALLER);
}

bool lfx_was_woken(const uint32_t *word)
{
	struct thread *t = run.current;
	struct location *l;
	struct history *h;
	uint16_t nr;
	bool woken;

	if (!engine_on())
		return true;
	l = location_of((addr_t)word, 4, &h, &nr);
	if (!l)
		return true;
	woken = l->writer != t->id && l->writes != t->woken_writes;
	t->woken_writes = l->writes;
	return woken;
}

static void wait_for_write(struct thread *t, const struct op *op,
			   const struct lfx_turn *turn)
{
	t->is_idle = false;
	sched_point(op, true);
	if (t->is_idle && turn)
		loop_is_idle(t, turn);
}

static void end_turn(const struct lfx_turn *turn, int64_t deadline, addr_t pc)
{
	struct op op = { .kind = OP_RELAX, .deadline = deadline,
			 .pc = turn ? (addr_t)turn->from : pc };
	struct thread *t = run.current;

	if (!engine_on() || run.no_points)
		return;
	/*
	 * A turn that changes something need not wait for others: the next one finds
	 * what it has changed. But it may go on like that for ever.
	 */
	if (t->has_updated && t->free_turns < FREE_TURNS)
		t->free_turns++;
	else if (!turn || !loop_goes_on(t, turn, has_news(t, &t->spin)))
		wait_for_write(t, &op, turn);
	/* The next turn begins. */
	begin_turn(t, &t->spin);
	t->has_updated = false;
}

void lfx_relax(const struct lfx_turn *turn)
{
	end_turn(turn, LFX_FOREVER, CALLER);
}

void lfx_delay(uint64_t ns, const struct lfx_turn *turn)
{
	int64_t deadline = run.now + ns;

	end_turn(turn, deadline, CALLER);
	if (engine_on() && run.now < deadline)
		time_is_up(deadline);
}

static bool is_done(const void *thread)
{
	return ((const struct thread *)thread)->done;
}

void lfx_thread_join(int nr)
{
	struct thread *other = &run.threads[nr];

	if (!engine_on())
		return;
	if (!other->done)
		lfx_wait(is_done, other, NULL, LFX_FOREVER, true,
			 "waits for the end of a thread");
	clock_publish(&run.current->clock, other);
	clock_join(&run.current->events, &other->events);
	if (unlikely(options.stale))
		weak_join(other);
}

static bool never(const void *unused)
{
	(void)unused;
	return false;
}

void lfx_delay_until(int64_t deadline)
{
	if (engine_on() && lfx_clock() < deadline)
		sched_wait(never, NULL, NULL, deadline, false, "sleeps",
			   CALLER);
}

/* A run */

/* Let the service threads do their pending work. */
static void settle(void)
{
	struct thread *t = run.current;

	t->op.kind = OP_SETTLE;
	schedule();
	t->op.kind = OP_NONE;
}

static void call_function(void (*fn)(void))
{
	if (unlikely(run.interruptible))
		irq_point(true, (addr_t)fn + 1);
	/* What makes the task is no turn of a loop. */
	run.current->has_updated = false;
	begin_turn(run.current, &run.current->spin);
	fn();
}

static void *call_thread(void *arg)
{
	const struct lfx_thread *t = arg;

	if (t->interrupts)
		program->run_interrupt(t->fn, t->interrupts);
	else
		call_function(t->fn);
	return NULL;
}

static void *call_scenario(void *unused)
{
	const struct lfx_scenario *s = run.scenario;
	struct thread *self = run.current;
	unsigned int i, n = nr_scenario_threads();

	(void)unused;
	rcu_start(n + 1);
	if (s->setup)
		s->setup();
	settle();
	for (i = 0; i < n; i++)
		thread_new(i + 1, s->threads[i].name, call_thread,
			   (void *)&s->threads[i]);
	irq_start();
	self->op.kind = OP_MAIN;
	run.phase = PHASE_RUN;
	schedule();
	self->op.kind = OP_NONE;
	for (i = 1; i < run.nr_threads; i++)
		clock_join(&self->clock, &run.threads[i].clock);
	settle();
	for (i = 1; i < run.nr_threads; i++)
		clock_join(&self->clock, &run.threads[i].clock);
	if (s->check)
		s->check();
	settle();
	if (!s->may_leak && options.check_leaks)
		memory_fail_leaks();
	run.phase = PHASE_OFF;
	fiber_leave();
}

void sched_run_scenario(void)
{
	struct thread *t;
	unsigned int i;

	run.nr++;
	memory_reset();
	trace_reset();
	reduce_reset();
	count_reset();
	if (unlikely(options.stale))
		weak_reset();
	depend_reset();
	run.failed = run.sleep_blocked = run.no_points = false;
	run.interruptible = 0;
	run.lender = NULL;
	run.in_range = false;
	run.fail_object = 0;
	run.fail_other = -1;
	for (i = 0; i < LFX_THREADS; i++)
		run.threads[i].used = false;
	/* The clocks of this run begin after all times of the last one. */
	run.time_base = run.max_time;
	run.max_time++;
	run.step = 0;
	memset(&idle, 0, sizeof(idle));
	run.nr_failed = run.nr_signals = 0;
	run.writes = 1;
	run.now = 1000000000;
	run.nr_locations = 1;
	run.hash = 0;
	run.nr_threads = nr_scenario_threads() + 2;
	run.current = NULL;
	t = thread_new(MAIN_THREAD, "main", call_scenario, NULL);
	for (i = 0; i < LFX_THREADS; i++)
		t->clock.t[i] = run.time_base;
	t->clock.t[MAIN_THREAD] = run.time_base + 1;
	run.phase = PHASE_SETUP;
	fiber_enter();
	run.phase = PHASE_OFF;
	loops_end();
}
