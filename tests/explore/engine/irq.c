// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Interrupts. The handler is a thread of its own. It runs on a CPU of its own, or on
 * top of another thread, which stands still until the handler has returned. Which of
 * them is a choice.
 *
 * To come on top of a thread, the handler writes the word of this thread, its demand,
 * and waits. A thread whose interrupts are enabled reads its word at each point,
 * before each unlock, and when it enables interrupts. If there is a demand, it lets the
 * handler run. So the search finds each place where the interrupt may come: the read
 * and the write are dependent.
 *
 * For the race check, a handler is not after all that the interrupted thread did before.
 * The compiler may tear and move plain accesses (KCSAN reports these races with
 * CONFIG_KCSAN_INTERRUPT_WATCHER). It is after the last place where that thread enabled
 * interrupts, and before the next one where it disables them.
 */
#include <stdio.h>

#include "engine.h"
#include "names.h"
#include "order.h"
#include "search.h"
#include "weak.h"

#define ANY_CPU (1u << 0)

static addr_t word_of(const struct thread *t)
{
	return memory_irq_word() + 8 * t->id;
}

static bool is_handler(unsigned int thread)
{
	return run.scenario->threads[thread - 1].interrupts;
}

/* The threads that an interrupt may come on top of: bits; and bit 0. */
static uint32_t places_of(uint32_t wanted)
{
	uint32_t places = wanted & ANY_CPU;
	unsigned int i;

	for (i = 1; i <= LFX_SCENARIO_THREADS; i++)
		if ((wanted & 1u << i) && run.scenario->threads[i - 1].fn &&
		    !is_handler(i))
			places |= 1u << i;
	return places;
}

void irq_start(void)
{
	const struct lfx_scenario *s = run.scenario;
	unsigned int i;

	run.interruptible = places_of(s->interrupts);
	for (i = 0; i < LFX_SCENARIO_THREADS && s->threads[i].fn; i++)
		run.interruptible |= places_of(s->threads[i].interrupts);
	run.interruptible &= ~ANY_CPU;
}

static bool may_be_interrupted(const struct thread *t)
{
	return (run.interruptible & 1u << t->id) && run.phase == PHASE_RUN;
}

/* The demand that the thread gives way to now, or NULL. */
static struct thread *next_demand(const struct thread *t)
{
	uint32_t demands = t->irq.demands;

	if (t->irq.context & (LFX_IRQS_OFF | LFX_IN_INTERRUPT))
		return NULL;
	if (t->irq.context & LFX_BH_OFF)
		demands &= ~t->irq.soft_demands;
	return demands ? &run.threads[__builtin_ctz(demands)] : NULL;
}

static bool is_over(const void *below)
{
	return !((const struct thread *)below)->irq.on_top;
}

/* The interrupt @by comes: the current thread stands still until it is over. */
static void stand_still(struct thread *by, addr_t pc)
{
	struct op op = { .kind = OP_WAIT,
			 .ready = is_over,
			 .deadline = LFX_FOREVER,
			 .patient = true,
			 .what = "stands still below an interrupt",
			 .pc = pc };
	struct thread *t = run.current;

	t->irq.demands &= ~(1u << by->id);
	t->irq.on_top = by;
	clock_join(&by->events, &t->events);
	op.arg = t;
	sched_point(&op, true);
}

/*
 * The current thread is at a place where an interrupt may come. @shared: other
 * threads may tell this place from the last one.
 */
static void look_for_interrupts(bool shared, addr_t pc)
{
	struct op op = { .kind = OP_ACCESS, .rw = OP_READ, .pc = pc };
	struct thread *t = run.current, *by;
	struct history *h;

	op.addr = word_of(t);
	if (!memory_cell(op.addr, &h))
		return;
	memory_note(h, t->id, false, op.addr, 8);
	shared &= h->shared;
	do {
		sched_point(&op,
			    (shared && !t->irq.has_looked) || next_demand(t));
		t->irq.has_looked |= shared;
		by = next_demand(t);
		if (by)
			stand_still(by, pc);
	} while (by);
}

/* Learn the context of the current thread. Returns true if it has enabled something. */
static bool update_context(struct thread *t)
{
	unsigned int was = t->irq.context, now = program->context();

	t->irq.context = now;
	if (now & ~was & (LFX_IRQS_OFF | LFX_BH_OFF))
		clock_join(&t->clock, &t->irq.done);
	if (!(was & ~now & (LFX_IRQS_OFF | LFX_BH_OFF)))
		return false;
	t->irq.enabled_at = t->clock;
	clock_publish_loads(&t->irq.enabled_at, t);
	clock_tick(t);
	t->irq.has_looked = false;
	return true;
}

void irq_point(bool shared, addr_t pc)
{
	struct thread *t = run.current;

	if (t->irq.is_looking || !may_be_interrupted(t))
		return;
	shared |= update_context(t);
	if (t->irq.context & (LFX_IRQS_OFF | LFX_IN_INTERRUPT))
		return;
	t->irq.is_looking = true;
	look_for_interrupts(shared, pc);
	t->irq.is_looking = false;
}

void lfx_context_changed(void)
{
	if (engine_on() && run.interruptible && !run.no_points)
		irq_point(false, CALLER);
}

void irq_thread_ends(struct thread *t)
{
	uint32_t demands;

	irq_point(true, 0);
	demands = t->irq.demands;
	clock_publish(&t->irq.enabled_at, t);
	for (; demands; demands &= demands - 1)
		clock_join(&run.threads[__builtin_ctz(demands)].events,
			   &t->events);
}

static struct thread *choose_place(uint32_t wanted)
{
	uint32_t places = places_of(wanted);
	unsigned int n = __builtin_popcount(places);

	if (!n)
		return NULL;
	for (n = search_choose(n); n; n--)
		places &= places - 1;
	n = __builtin_ctz(places);
	return n ? &run.threads[n] : NULL;
}

/* Where a thread has ended, its CPU is free for one interrupt after the other. */
static bool has_come(const void *handler)
{
	const struct thread *t = handler, *v = t->irq.below;

	return v->irq.on_top == t || (v->done && !v->irq.on_top);
}

static void demand(struct thread *below, bool soft, addr_t pc)
{
	struct op op = { .kind = OP_ACCESS,
			 .rw = OP_WRITE,
			 .pc = pc,
			 .addr = word_of(below) };
	struct thread *t = run.current;
	struct location *l;
	struct history *h;
	uint16_t nr;

	if (!memory_cell(op.addr, &h))
		return;
	memory_note(h, t->id, true, op.addr, 8);
	sched_point(&op, h->shared);
	l = location_of(op.addr, 8, &h, &nr);
	if (l)
		location_wrote(l);
	below->irq.demands |= 1u << t->id;
	if (soft)
		below->irq.soft_demands |= 1u << t->id;
	t->irq.below = below;
	if (below->done)
		clock_join(&t->events, &below->events);
	op = (struct op){ .kind = OP_WAIT,
			  .rw = OP_WRITE,
			  .addr = op.addr,
			  .ready = has_come,
			  .arg = t,
			  .deadline = LFX_FOREVER,
			  .patient = true,
			  .pc = pc,
			  .what = "is an interrupt that cannot come" };
	sched_point(&op, true);
	below->irq.demands &= ~(1u << t->id);
	below->irq.soft_demands &= ~(1u << t->id);
	below->irq.on_top = t;
	clock_join(&t->events, &below->events);
}

void lfx_interrupt_begins(unsigned int wanted, bool soft)
{
	struct thread *t = run.current, *below;

	if (!engine_on() || run.phase != PHASE_RUN || run.no_points)
		return;
	below = choose_place(wanted);
	if (!below)
		return;
	demand(below, soft, CALLER);
	clock_join(&t->clock, &below->irq.enabled_at);
	clock_join(&t->clock, &below->irq.done);
	if (unlikely(options.stale))
		weak_join(below);
	lfx_note("interrupts %s", below->name);
}

void lfx_service_interrupts(bool soft)
{
	if (engine_on())
		lfx_interrupt_begins(run.scenario->interrupts, soft);
}

void lfx_interrupt_ended(void)
{
	struct thread *t = run.current, *below;

	if (!engine_on() || !t->irq.below)
		return;
	below = t->irq.below;
	t->irq.below = NULL;
	clock_publish(&below->irq.done, t);
	clock_tick(t);
	clock_join(&below->events, &t->events);
	lfx_note("returns to %s", below->name);
	below->irq.on_top = NULL;
	run.writes++;
}

/* Does the interrupted thread hold the lock that the current one is about to take? */
void irq_check_lock(const uint32_t *word, const char *what, addr_t pc)
{
	char name[NAME_SIZE], here[NAME_SIZE], there[NAME_SIZE];
	struct thread *t = run.current, *v = t->irq.below;
	addr_t calls[16];
	unsigned int nr;

	if (!v || *word != (uint32_t)v->id + 1)
		return;
	here_name(pc, here, sizeof(here));
	run.current = v;
	nr = trace_calls(calls, ARRAY_SIZE(calls), v->op.pc);
	run.current = t;
	calls_name(calls, nr, there, sizeof(there));
	/* Its position is printed. */
	t->op = (struct op){ .kind = OP_LOCK, .what = what,
			     .addr = (addr_t)word, .pc = pc };
	trace_failed(EVENT_WAIT, (addr_t)word, 4, pc);
	fail("deadlock", pc,
	     "self-deadlock in an interrupt: %s waits in %s for %s %s, which %s holds: it has interrupts enabled, and stands still in %s",
	     t->name, here, what, memory_name((addr_t)word, name, sizeof(name)),
	     v->name, there);
}

/*
 * No thread can run, and an interrupt wants to come on top of a thread that is blocked
 * with interrupts enabled. It would come now. That is another run: the one in which it
 * came before the thread was blocked.
 */
bool irq_is_late(void)
{
	const struct thread *t;
	unsigned int i;

	for (i = 1; i < run.nr_threads; i++) {
		t = &run.threads[i];
		if (t->used && !t->done && !t->irq.on_top && next_demand(t))
			return true;
	}
	return false;
}

/* The current thread sleeps, or might: may it? */
void irq_check_sleep(addr_t pc)
{
	static const struct {
		unsigned int bit;
		const char *text;
	} reasons[] = {
		{ LFX_IN_INTERRUPT, "in an interrupt" },
		{ LFX_IRQS_OFF, "with interrupts disabled" },
		{ LFX_BH_OFF, "with softirqs disabled" },
		{ LFX_PREEMPT_OFF, "with preemption disabled" },
	};
	struct thread *t = run.current;
	char here[NAME_SIZE];
	const char *why = NULL;
	unsigned int context = program->context(), i;

	if (t->nr_locks)
		why = "with a spinlock held";
	else if (t->reading)
		why = "in an RCU read-side section";
	for (i = ARRAY_SIZE(reasons); i--;)
		if (context & reasons[i].bit)
			why = reasons[i].text;
	if (why)
		fail("sleeping in atomic context", pc, "%s sleeps %s, in %s",
		     t->name, why, here_name(pc, here, sizeof(here)));
}

void lfx_might_sleep(const void *from)
{
	if (engine_on() && !run.no_points && run.phase != PHASE_SETUP)
		irq_check_sleep((addr_t)from);
}
