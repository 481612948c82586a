// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The memory of the program: its static variables, a heap for each thread, and the
 * stacks. All have the same addresses in every run and every process, so that
 * facts about a word that one run has learned are true in the next.
 *
 * A heap never uses memory twice in one run. So an access to freed memory is found
 * however late it comes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine.h"
#include "loop.h"
#include "memory.h"
#include "names.h"

#define MAX_OBJECTS	16384
#define MAX_LEARNED	4096
#define MAX_TOUCHED	65536
/* So many bytes in front of and behind the address of a variable belong to it. */
#define AROUND_VARIABLE	128

struct memory memory;
static char *snapshot, *boot_snapshot;
static size_t boot_size;

static addr_t heap_next[LFX_THREADS + 1];
static struct object objects[MAX_OBJECTS];
static unsigned int nr_objects, nr_boot_objects;
static struct history *learned[MAX_LEARNED];
static unsigned int nr_learned;
/*
 * All that hold knowledge. To give the pages back to the host costs more than a small
 * scenario, since each page has to be cleared again.
 */
static struct history *touched[MAX_TOUCHED];
static unsigned int nr_touched;
/* Words that stand for grace periods, full barriers, interrupts and the clock. */
static uint64_t *rcu_word, *fence_word, *irq_word, *time_word;

static void *map(addr_t at, size_t size)
{
	void *p = mmap((void *)at, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
		       (at ? MAP_FIXED_NOREPLACE : 0), -1, 0);

	if (p == MAP_FAILED || (at && p != (void *)at)) {
		perror("explore: mmap");
		exit(3);
	}
	return p;
}

static size_t static_words(void)
{
	return (memory.static_end - memory.static_begin) / 8;
}

static addr_t heap_begin(unsigned int heap)
{
	return REGION_BASE + heap * (addr_t)HEAP_SIZE;
}

static void heap_init(void)
{
	unsigned int i;

	if (memory.cells)
		return;
	map(REGION_BASE, REGION_SIZE);
	memory.cells = map(0, REGION_SIZE / 8 * sizeof(*memory.cells));
	memory.histories = map(0, REGION_SIZE / 8 *
			       sizeof(*memory.histories));
	for (i = 0; i <= BOOT_HEAP; i++)
		heap_next[i] = heap_begin(i);
}

void memory_init(void)
{
	size_t words;
	int i;

	heap_init();
	memory.static_begin = (addr_t)program->data_begin & ~7ul;
	memory.static_end = ((addr_t)program->data_end + 7) & ~7ul;
	words = static_words();
	memory.static_cells = map(0, words * sizeof(*memory.static_cells));
	memory.static_histories = map(0, words *
				      sizeof(*memory.static_histories));
	for (i = 0; i < LFX_THREADS; i++)
		run.threads[i].stack = (void *)(REGION_BASE + HEAPS_SIZE +
						i * (addr_t)STACK_SIZE);
	rcu_word = lfx_alloc(16, 8, true, false, NULL);
	fence_word = lfx_alloc(8, 8, true, false, NULL);
	irq_word = lfx_alloc(8 * LFX_THREADS, 8, true, false, NULL);
	time_word = lfx_alloc(8, 8, true, false, NULL);
}

void memory_take_snapshot(void)
{
	size_t size = memory.static_end - memory.static_begin;

	snapshot = map(0, size);
	memcpy(snapshot, (void *)memory.static_begin, size);
	boot_size = heap_next[BOOT_HEAP] - heap_begin(BOOT_HEAP);
	boot_snapshot = map(0, boot_size + 1);
	memcpy(boot_snapshot, (void *)heap_begin(BOOT_HEAP), boot_size);
	nr_boot_objects = nr_objects;
}

void memory_set(int *variable, int value)
{
	*variable = value;
	*(int *)(snapshot + ((addr_t)variable - memory.static_begin)) = value;
}

void memory_reset(void)
{
	unsigned int i;

	memcpy((void *)memory.static_begin, snapshot,
	       memory.static_end - memory.static_begin);
	memcpy((void *)heap_begin(BOOT_HEAP), boot_snapshot, boot_size);
	for (i = 0; i < LFX_THREADS; i++)
		heap_next[i] = heap_begin(i);
	nr_objects = nr_boot_objects;
	names_reset();
	/* Long before the times of accesses overflow. */
	if (run.max_time > UINT32_MAX / 2) {
		madvise(memory.cells, REGION_SIZE / 8 * sizeof(*memory.cells),
			MADV_DONTNEED);
		madvise(memory.static_cells, static_words() *
			sizeof(*memory.static_cells), MADV_DONTNEED);
		run.max_time = 0;
	}
}

addr_t memory_rcu_word(void)
{
	return (addr_t)rcu_word;
}

addr_t memory_fence_word(void)
{
	return (addr_t)fence_word;
}

addr_t memory_irq_word(void)
{
	return (addr_t)irq_word;
}

addr_t memory_time_word(void)
{
	return (addr_t)time_word;
}

bool memory_is_engine_word(addr_t addr)
{
	return addr - (addr_t)rcu_word < 16 || addr == (addr_t)fence_word ||
	       addr - (addr_t)irq_word < 8 * LFX_THREADS ||
	       addr == (addr_t)time_word;
}

static bool in_unused_heap(addr_t addr)
{
	addr_t offset = addr - REGION_BASE;

	return offset < HEAPS_SIZE && addr >= heap_next[offset / HEAP_SIZE];
}

static void cell_reset(struct cell *cell)
{
	cell->run = run.nr;
	cell->location[0] = cell->location[1] = 0;
	cell->accessed = 0;
	cell->state = CELL_LIVE;
}

void memory_begin_cell(struct cell *cell, addr_t addr)
{
	char buf[NAME_SIZE];

	if (unlikely(in_unused_heap(addr)))
		fail("wild access", 0, "%s was never allocated",
		     memory_name(addr, buf, sizeof(buf)));
	cell_reset(cell);
}

struct thread *memory_stack_owner(addr_t addr)
{
	addr_t offset = addr - REGION_BASE - HEAPS_SIZE;

	if (offset >= STACKS_SIZE)
		return NULL;
	return &run.threads[offset / STACK_SIZE];
}

/* Knowledge of words */

static void touch(struct history *h)
{
	if (likely(h->touched))
		return;
	h->touched = true;
	if (nr_touched < MAX_TOUCHED)
		touched[nr_touched] = h;
	nr_touched++;
}

static void learn(struct history *h)
{
	if (h->queued || nr_learned == MAX_LEARNED)
		return;
	h->queued = true;
	learned[nr_learned++] = h;
}

static bool is_shared_now(const struct history *h)
{
	return h->written && (h->accessed & (h->accessed - 1));
}

void memory_note(struct history *h, int thread, bool write, addr_t addr,
		 unsigned int size)
{
	uint16_t bit = 1u << thread;

	touch(h);
	if (unlikely(run.in_prefix) && run.phase == PHASE_RUN)
		h->early = true;
	if (size == 8)
		h->whole = true;
	else if (addr & 4)
		h->upper = true;
	if (unlikely(h->whole && h->upper && !h->wide))
		learn(h);
	if (run.phase != PHASE_RUN ||
	    ((h->accessed & bit) && (!write || (h->written & bit))))
		return;
	h->accessed |= bit;
	if (write)
		h->written |= bit;
	if (!h->shared && is_shared_now(h))
		learn(h);
}

void memory_note_tried(struct history *h)
{
	touch(h);
	if (!h->tried)
		learn(h);
	h->noted_tried = true;
}

void memory_note_racy(struct history *h)
{
	touch(h);
	if (!h->racy)
		learn(h);
	h->noted_racy = true;
}

bool memory_learned(void)
{
	return nr_learned || loops_learned();
}

bool memory_learned_early(void)
{
	unsigned int i;

	for (i = 0; i < nr_learned; i++)
		if (learned[i]->early)
			return true;
	return loops_learned_early();
}

/* Another set of points: the decisions of earlier runs mean nothing any more. */
void memory_apply(void)
{
	unsigned int i;

	for (i = 0; i < nr_learned; i++) {
		learned[i]->queued = false;
		learned[i]->shared = is_shared_now(learned[i]);
		learned[i]->tried = learned[i]->noted_tried;
		learned[i]->racy = learned[i]->noted_racy;
		options.racy |= learned[i]->racy;
		learned[i]->wide = learned[i]->whole && learned[i]->upper;
	}
	nr_learned = 0;
	loops_apply();
}

void memory_forget(void)
{
	unsigned int i;

	for (i = 0; i < nr_touched && nr_touched <= MAX_TOUCHED; i++)
		memset(touched[i], 0, sizeof(*touched[i]));
	if (nr_touched > MAX_TOUCHED) {
		madvise(memory.histories, REGION_SIZE / 8 * sizeof(*memory.histories),
			MADV_DONTNEED);
		madvise(memory.static_histories, static_words() *
			sizeof(*memory.static_histories), MADV_DONTNEED);
	}
	nr_touched = nr_learned = 0;
	options.racy = false;
	loops_forget();
}

/* Allocation */

const struct object *memory_objects(unsigned int *nr)
{
	*nr = nr_objects;
	return objects;
}

struct object *memory_object(addr_t addr)
{
	unsigned int i;

	for (i = nr_objects; i--;)
		if (addr - objects[i].base <= objects[i].size)
			return &objects[i];
	return NULL;
}

bool memory_extent(addr_t addr, addr_t *begin, size_t *size)
{
	size_t nr_static = memory.static_end - memory.static_begin;
	struct object *o;

	if (options.lkmm && addr - memory.static_begin < nr_static) {
		*begin = memory.static_begin;
		*size = nr_static;
		return true;
	}
	if (addr - memory.static_begin < nr_static || memory_stack_owner(addr)) {
		*begin = (addr & ~7ul) - AROUND_VARIABLE;
		*size = 2 * AROUND_VARIABLE;
		return true;
	}
	o = addr - REGION_BASE < HEAPS_SIZE ? memory_object(addr) : NULL;
	if (!o)
		return false;
	*begin = o->base;
	*size = o->size;
	return true;
}

void *lfx_alloc(size_t size, size_t align, bool zero, bool kernel,
		const void *from)
{
	unsigned int heap = engine_on() ? (unsigned int)run.current->id :
					  BOOT_HEAP;
	struct object *o;
	struct cell *cell;
	struct history *h;
	addr_t base, word;

	heap_init();
	if (align < 16)
		align = 16;
	/* A gap, so that an access behind an object is in none. */
	base = (heap_next[heap] + 16 + align - 1) & ~(align - 1);
	if (size > HEAP_SIZE || base + size + 16 > heap_begin(heap + 1)) {
		if (engine_on())
			fail("limit", CALLER, "a thread allocates more than %u KiB",
			     HEAP_SIZE >> 10);
		abort();
	}
	heap_next[heap] = (base + size + 7) & ~7ul;
	for (word = base; word < heap_next[heap]; word += 8) {
		cell = memory_cell(word, &h);
		cell_reset(cell);
	}
	/* Memory that was not initialised is the same in every run. */
	memset((void *)base, zero ? 0 : 0xa5, size);
	if (nr_objects == MAX_OBJECTS)
		fail("limit", CALLER, "more than %u allocations", MAX_OBJECTS);
	o = &objects[nr_objects++];
	memset(o, 0, sizeof(*o));
	o->base = base;
	o->size = size;
	o->kernel = kernel && engine_on();
	o->freed_by = -1;
	if (engine_on()) {
		o->allocated_by = run.current->id;
		o->nr_allocated = trace_calls(o->allocated, OBJECT_CALLS,
					      (addr_t)from);
		trace_event(EVENT_ALLOC, base, 0, size, (addr_t)from);
	}
	return (void *)base;
}

void lfx_free(void *p)
{
	struct thread *t = run.current;
	addr_t addr = (addr_t)p, word;
	struct object *o;
	struct history *h;
	struct cell *cell;
	char buf[NAME_SIZE];

	if (!p || !engine_on())
		return;
	o = memory_object(addr);
	if (!o || o->base != addr)
		fail("bad free", CALLER, "free of %s",
		     memory_name(addr, buf, sizeof(buf)));
	run.fail_object = addr;
	if (o->freed_by >= 0) {
		trace_failed(EVENT_FREE, addr, 0, CALLER);
		fail("double free", CALLER, "%s is freed twice",
		     memory_object_name(addr, buf, sizeof(buf)));
	}
	/* As a write to the whole object: an unordered access is a fault. */
	trace_event(EVENT_FREE, addr, 0, o->size, CALLER);
	for (word = addr; word < addr + o->size; word += 8) {
		cell = memory_cell(word, &h);
		if (cell->run != run.nr)
			cell_reset(cell);
		shadow_check(cell, word, 0xff, &t->clock, CALLER, "free");
		cell->state = CELL_FREED;
	}
	o->freed_by = t->id;
	o->nr_freed = trace_calls(o->freed, OBJECT_CALLS, CALLER);
	run.fail_object = 0;
}

size_t lfx_alloc_size(const void *p)
{
	struct object *o = memory_object((addr_t)p);

	return o ? o->size : 0;
}

void memory_fail_leaks(void)
{
	char buf[NAME_SIZE];
	unsigned int i;

	for (i = 0; i < nr_objects; i++) {
		if (!objects[i].kernel || objects[i].freed_by >= 0)
			continue;
		run.fail_object = objects[i].base;
		fail("leak", objects[i].nr_allocated ? objects[i].allocated[0] :
						       0,
		     "%s, %zu bytes, is never freed",
		     memory_object_name(objects[i].base, buf, sizeof(buf)),
		     objects[i].size);
	}
}
