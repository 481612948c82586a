// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Busy-wait loops that give up: after some turns, or after some time.
 *
 * A turn that finds what the one before found tells nothing, so a loop waits until
 * another thread writes. But if a turn changes a variable of its own function, or looks
 * at the clock, the loop may end without any write. Such a loop has a limit. At the end
 * of each turn it is a choice whether the loop waits or takes its last turns at once.
 * How many these are does not matter: nothing else happens between them. So the first
 * one is as any other, and the accesses of the next ones are no points. They find the
 * same values, and the order in which another thread writes and the loop finds the value
 * is that of a loop that waits.
 *
 * A trial shows if a loop has a limit, in the first run that comes to the end of one of
 * its turns. It is a fact as those about words, and the search begins again: see memory.c.
 */
#include <string.h>

#include "loop.h"
#include "order.h"
#include "search.h"

#define MAX_LOOPS	128
#define MAX_PLACES	48
#define MAX_TURNS	100000
/* No other thread can run. The thread may begin again, so often: see sched.c. */
#define MAX_IDLE_TURNS	2000
#define MAX_CLOCK_TURNS	50
/* A loop of sleeps with more, in which nothing changes, counts as one without an end. */
#define MAX_NAPS	4
/* The time that the first turn takes. Each one takes twice as long as the one before. */
#define FIRST_TURN_NS	1000

/* In the number of a partial order, where an older value would be. */
#define LEFT_LOOP	0xfe

enum limit {
	LIMIT_UNKNOWN,
	LIMIT_NONE,
	LIMIT_SOME,
};

/* The loops that runs have come to, by the place of their cpu_relax() or sleep. */
static struct loop {
	uint64_t place;
	enum limit limit, learned;
	bool early;
} loops[MAX_LOOPS];
static unsigned int nr_loops;

/* The turns that a thread takes at once. */
static struct turns {
	/* NULL: no other thread could run. */
	const struct loop *loop;
	addr_t from, frame;
	/* To find out if the loop has a limit. */
	bool trial;
	/* The turn ends with a delay, not with cpu_relax(). */
	bool of_delay;
	/* The turn has written memory, or such that others use, ... */
	bool wrote, wrote_shared;
	/* ... taken a lock, or read the clock. */
	bool locked, read_clock;
	/* At its begin: a number made of the variables. */
	uint64_t state;
	unsigned int nr;
	int64_t ns;
	/* The places of the first turn, with their callers. */
	uint64_t places[MAX_PLACES];
	unsigned int nr_places;
} turns[LFX_THREADS];

static struct loop *known_loop(uint64_t place)
{
	unsigned int i;

	for (i = 0; i < nr_loops; i++)
		if (loops[i].place == place)
			return &loops[i];
	return NULL;
}

static struct loop *loop_at(uint64_t place)
{
	struct loop *l = known_loop(place);

	if (l)
		return l;
	if (nr_loops == MAX_LOOPS)
		fail("limit", 0, "more than %u loops", MAX_LOOPS);
	loops[nr_loops] = (struct loop){ .place = place };
	return &loops[nr_loops++];
}

static void learn(const struct loop *known, enum limit limit)
{
	struct loop *l = &loops[known - loops];

	if (l->limit == limit || l->learned == limit)
		return;
	l->learned = limit;
	if (run.in_prefix)
		l->early = true;
}

bool loops_learned(void)
{
	unsigned int i;

	for (i = 0; i < nr_loops; i++)
		if (loops[i].learned)
			return true;
	return false;
}

bool loops_learned_early(void)
{
	unsigned int i;

	for (i = 0; i < nr_loops; i++)
		if (loops[i].learned && loops[i].early)
			return true;
	return false;
}

void loops_apply(void)
{
	unsigned int i;

	for (i = 0; i < nr_loops; i++) {
		if (loops[i].learned)
			loops[i].limit = loops[i].learned;
		loops[i].learned = LIMIT_UNKNOWN;
	}
}

void loops_forget(void)
{
	nr_loops = 0;
}

static uint64_t mix(uint64_t h, uint64_t value)
{
	h = (h ^ value) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 29;
}

/* The variables of the function with the loop and of its callers. */
static uint64_t state_of(const struct thread *t, const struct lfx_turn *turn)
{
	const uint64_t *word = turn->registers;
	uint64_t h = 1;
	size_t i;

	for (i = 0; i < turn->registers_size / sizeof(*word); i++)
		h = mix(h, word[i]);
	word = (const uint64_t *)(turn->frame & ~7ul);
	for (; (addr_t)word < t->base; word++)
		h = mix(h, *word);
	return h;
}

static void watch(void)
{
	unsigned int i;

	options.watching = options.weak || options.tracing;
	for (i = 0; i < run.nr_threads; i++)
		options.watching |= run.threads[i].in_turns;
}

static void begin(struct thread *t, const struct loop *l, bool trial,
		  const struct lfx_turn *turn)
{
	struct turns *now = &turns[t->id];

	memset(now, 0, offsetof(struct turns, places));
	now->loop = l;
	now->trial = trial;
	now->of_delay = turn->is_delay;
	now->from = (addr_t)turn->from;
	now->frame = turn->frame;
	now->state = state_of(t, turn);
	now->nr = 1;
	now->ns = FIRST_TURN_NS;
	now->nr_places = 0;
	t->in_turns = true;
	watch();
}

static void end(struct thread *t)
{
	t->in_turns = t->is_quiet = false;
	watch();
}

void loop_leave(struct thread *t)
{
	struct turns *now = &turns[t->id];

	if (!t->in_turns)
		return;
	end(t);
	if (now->trial)
		/* It has ended, so it may have a limit. */
		learn(now->loop, LIMIT_SOME);
	else if (now->nr > 1)
		trace_note(0, "takes %u turns of the loop at once", now->nr);
}

void loops_end(void)
{
	unsigned int i;

	for (i = 0; i < run.nr_threads; i++)
		/* A trial that is given up tells nothing. */
		if (run.sleep_blocked)
			run.threads[i].in_turns = run.threads[i].is_quiet = false;
		else
			loop_leave(&run.threads[i]);
	watch();
}

/* Nothing has changed for the thread: it waits. */
static bool waits(struct thread *t)
{
	struct turns *now = &turns[t->id];

	end(t);
	if (now->trial)
		learn(now->loop, LIMIT_NONE);
	return false;
}

/* With a limit above this, a loop counts as one without. */
static unsigned int max_turns(const struct turns *now)
{
	if (now->read_clock)
		return MAX_CLOCK_TURNS;
	return now->loop ? MAX_TURNS : MAX_IDLE_TURNS;
}

static void pass_time(struct thread *t)
{
	struct turns *now = &turns[t->id];

	/* The end of the time is a point. */
	t->in_turns = t->is_quiet = false;
	time_is_up(run.now + now->ns);
	t->in_turns = true;
	now->ns *= 2;
}

/* The end of a turn that the thread has taken at once. */
static bool next_turn(struct thread *t, const struct lfx_turn *turn)
{
	struct turns *now = &turns[t->id];
	uint64_t state = state_of(t, turn);
	/* A variable of the loop, or what it looks at. */
	bool changed = state != now->state || now->wrote || now->read_clock;

	if (!changed || t->has_updated)
		return waits(t);
	/* Others see what it writes: there are orders that matter. */
	if (now->wrote_shared && now->locked) {
		if (now->loop)
			learn(now->loop, LIMIT_NONE);
		return waits(t);
	}
	if (now->trial) {
		end(t);
		learn(now->loop, LIMIT_SOME);
		return false;
	}
	if (now->nr == max_turns(now)) {
		if (now->loop)
			learn(now->loop, LIMIT_NONE);
		return waits(t);
	}
	now->nr++;
	now->state = state;
	if (now->read_clock)
		pass_time(t);
	now->wrote = now->wrote_shared = false;
	now->locked = now->read_clock = false;
	t->is_quiet = now->nr_places <= MAX_PLACES;
	return true;
}

bool loop_goes_on(struct thread *t, const struct lfx_turn *turn, bool news)
{
	struct turns *now = &turns[t->id];
	struct loop *l;
	bool trial;

	if (t->in_turns && now->frame == turn->frame &&
	    now->from == (addr_t)turn->from)
		return next_turn(t, turn);
	/* The turn of another loop has a delay in it. */
	if (t->in_turns && turn->is_delay && !now->of_delay)
		return true;
	loop_leave(t);
	/* With news, it does not wait. */
	if (news || run.phase != PHASE_RUN)
		return false;
	l = loop_at((addr_t)turn->from);
	/* A schedule means the same without this knowledge. */
	if (!search_is_replay() && (l->limit == LIMIT_NONE || l->learned))
		return false;
	/*
	 * In a run by chance, other threads may end the loop in its trial. All searches
	 * of a tree make it in the same way.
	 */
	trial = search_is_tree() && l->limit == LIMIT_UNKNOWN;
	if (!trial && !search_leaves_loop())
		return false;
	if (options.classes && !trial)
		hash_stale(t, LEFT_LOOP);
	begin(t, l, trial, turn);
	return true;
}

bool loop_of_naps(uint64_t place, unsigned int nr)
{
	const struct loop *l;

	if (search_is_replay())
		return false;
	if (nr == MAX_NAPS)
		learn(loop_at(place), LIMIT_NONE);
	l = known_loop(place);
	return l && (l->limit == LIMIT_NONE || l->learned == LIMIT_NONE);
}

void loop_is_idle(struct thread *t, const struct lfx_turn *turn)
{
	begin(t, NULL, false, turn);
}

uint64_t loop_place(const struct thread *t, const struct op *op)
{
	uint64_t h = mix(mix(op->kind, op->pc), op->addr);
	unsigned int i;

	for (i = 0; i < t->depth && i < MAX_CALLS; i++)
		h = mix(h, t->calls[i]);
	return h;
}

static bool is_known_place(const struct turns *now, uint64_t place)
{
	unsigned int i;

	for (i = 0; i < now->nr_places && i < MAX_PLACES; i++)
		if (now->places[i] == place)
			return true;
	return false;
}

bool loop_is_quiet(struct thread *t, const struct op *op)
{
	struct turns *now = &turns[t->id];
	uint64_t place = loop_place(t, op);
	bool known = is_known_place(now, place);

	now->locked |= op->kind == OP_LOCK;
	if (!t->is_quiet) {
		if (!known && now->nr_places++ < MAX_PLACES)
			now->places[now->nr_places - 1] = place;
		return false;
	}
	t->op = *op;
	/* All other writes change something. */
	known = known && sched_enabled(t) &&
		(op->kind != OP_ACCESS || op_effect(t) != OP_WRITE ||
		 memory_is_engine_word(op->addr));
	t->op.kind = OP_NONE;
	if (!known)
		loop_leave(t);
	return known;
}

void loop_writes(addr_t addr, bool shared)
{
	struct thread *t = run.current;

	if (!t->in_turns || memory_stack_owner(addr) == t)
		return;
	turns[t->id].wrote = true;
	turns[t->id].wrote_shared |= shared;
}

void loop_reads_clock(struct thread *t)
{
	turns[t->id].read_clock = true;
}
