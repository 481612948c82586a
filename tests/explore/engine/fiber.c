// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Threads as fibers: all run on the one thread of the process. The shim's state of
 * a thread is exchanged at each switch.
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"

/* The stack of the engine itself. */
static void *engine_sp;

/* Save the registers that a function preserves, and the stack; load others. */
__attribute__((__naked__, __noinline__)) static void
switch_stacks(void **save __attribute__((__unused__)),
	      void *load __attribute__((__unused__)))
{
	__asm__("pushq %rbp\n\t"
		"pushq %rbx\n\t"
		"pushq %r12\n\t"
		"pushq %r13\n\t"
		"pushq %r14\n\t"
		"pushq %r15\n\t"
		"movq %rsp, (%rdi)\n\t"
		"movq %rsi, %rsp\n\t"
		"popq %r15\n\t"
		"popq %r14\n\t"
		"popq %r13\n\t"
		"popq %r12\n\t"
		"popq %rbx\n\t"
		"popq %rbp\n\t"
		"ret");
}

void fiber_init(void)
{
	int i;

	for (i = 0; i < LFX_THREADS; i++) {
		run.threads[i].tls = malloc(program->tls_size);
		if (!run.threads[i].tls)
			abort();
	}
}

/* Each thread has its own. */
bool fiber_is_tls(addr_t addr)
{
	return addr - (addr_t)program->tls < program->tls_size;
}

void fiber_borrow(struct thread *t)
{
	memcpy(run.current->tls, program->tls, program->tls_size);
	memcpy(program->tls, t->tls, program->tls_size);
}

void fiber_give_back(struct thread *t)
{
	memcpy(t->tls, program->tls, program->tls_size);
	memcpy(program->tls, run.current->tls, program->tls_size);
}

static void fiber_main(void)
{
	struct thread *t = run.current;

	t->base = (addr_t)__builtin_frame_address(0);
	/* The scenario is not about the task that the shim makes. */
	run.no_points = true;
	program->begin_thread();
	run.no_points = false;
	t->depth = 0;
	if (t->parent)
		fiber_switch(t->parent);
	t->fn(t->arg);
	lfx_thread_exit();
}

void fiber_prepare(struct thread *t)
{
	/*
	 * At the entry of a function, the stack is 8 bytes off an address that
	 * 16 divides.
	 */
	void **sp = (void **)((char *)t->stack + STACK_SIZE - 64);

	*--sp = NULL;
	*--sp = (void *)fiber_main;
	sp -= 6;
	memset(sp, 0, 6 * sizeof(*sp));
	t->sp = sp;
	/* A new thread has no task yet. */
	memset(t->tls, 0, program->tls_size);
	if (t->parent)
		fiber_switch(t);
}

void fiber_switch(struct thread *to)
{
	struct thread *from = run.current;

	if (to == from)
		return;
	run.switches++;
	memcpy(from->tls, program->tls, program->tls_size);
	memcpy(program->tls, to->tls, program->tls_size);
	run.current = to;
	switch_stacks(&from->sp, to->sp);
}

void fiber_enter(void)
{
	run.current = &run.threads[MAIN_THREAD];
	memcpy(program->tls, run.current->tls, program->tls_size);
	switch_stacks(&engine_sp, run.current->sp);
}

void fiber_leave(void)
{
	void *unused;

	switch_stacks(&unused, engine_sp);
	__builtin_unreachable();
}
