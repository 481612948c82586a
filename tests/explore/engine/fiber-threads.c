// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Threads as threads of the host, instead of fiber.c: one runs, all others wait for
 * the token. Slower, but needs no knowledge of the processor.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine.h"

#define SIGNAL_STACK	65536

/* The thread of the host that a thread of the scenario runs on. */
struct carrier {
	pthread_t pthread;
	/* The token. */
	uint32_t go;
	/* It waits at its begin, not in the middle of a run. */
	uint32_t idle;
	/* When it gets the token, the run is over. */
	bool restart;
	/* It has begun a run. */
	bool used;
	jmp_buf begin;
	void *tls, *saved_tls;
};

static struct carrier carriers[LFX_THREADS];
static __thread struct carrier *self;
static uint32_t engine_go;

static void token_take(uint32_t *word)
{
	/* A1: acquire. Pairs with R1: the stores of the last owner are seen. */
	while (!__atomic_load_n(word, __ATOMIC_ACQUIRE))
		syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	__atomic_store_n(word, 0, __ATOMIC_RELAXED);
}

static void token_give(uint32_t *word)
{
	/* R1: release. Pairs with A1 in token_take(). */
	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Wait for the token, in the middle of a run or at the begin. */
static void wait_for_turn(struct carrier *c)
{
	token_take(&c->go);
	if (c->restart) {
		c->restart = false;
		longjmp(c->begin, 1);
	}
}

static void run_thread(struct thread *t)
{
	t->base = (addr_t)__builtin_frame_address(0);
	run.no_points = true;
	program->begin_thread();
	run.no_points = false;
	t->depth = 0;
	if (t->parent)
		fiber_switch(t->parent);
	t->fn(t->arg);
	lfx_thread_exit();
}

static void *carrier_main(void *arg)
{
	struct carrier *c = arg;
	struct thread *t = &run.threads[c - carriers];
	stack_t stack = { .ss_sp = malloc(SIGNAL_STACK),
			  .ss_size = SIGNAL_STACK };

	if (!stack.ss_sp || sigaltstack(&stack, NULL))
		abort();
	self = c;
	c->tls = program->tls_address();
	c->saved_tls = malloc(program->tls_size);
	if (!c->saved_tls)
		abort();
	setjmp(c->begin);
	token_give(&c->idle);
	wait_for_turn(c);
	/* A new thread has no task yet. */
	memset(c->tls, 0, program->tls_size);
	run_thread(t);
	return NULL;
}

void fiber_init(void)
{
	pthread_attr_t attr;
	cpu_set_t cpus;
	int i;

	/* On one CPU the token is handed over fastest. */
	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	if (pthread_attr_init(&attr))
		abort();
	for (i = 0; i < LFX_THREADS; i++) {
		if (pthread_attr_setstack(&attr, run.threads[i].stack,
					  STACK_SIZE) ||
		    pthread_create(&carriers[i].pthread, &attr, carrier_main,
				   &carriers[i])) {
			fprintf(stderr, "explore: no threads\n");
			exit(3);
		}
		token_take(&carriers[i].idle);
	}
	pthread_attr_destroy(&attr);
}

/* It is at the end of the stack of the carrier. */
bool fiber_is_tls(addr_t addr)
{
	return self && addr - (addr_t)self->tls < program->tls_size;
}

void fiber_borrow(struct thread *t)
{
	memcpy(self->saved_tls, self->tls, program->tls_size);
	memcpy(self->tls, carriers[t->id].tls, program->tls_size);
}

void fiber_give_back(struct thread *t)
{
	memcpy(carriers[t->id].tls, self->tls, program->tls_size);
	memcpy(self->tls, self->saved_tls, program->tls_size);
}

/* The carrier is at its begin, or in the middle of an earlier run. */
void fiber_prepare(struct thread *t)
{
	struct carrier *c = &carriers[t->id];

	if (c->used) {
		c->restart = true;
		token_give(&c->go);
		token_take(&c->idle);
	}
	c->used = true;
	if (t->parent)
		fiber_switch(t);
}

void fiber_switch(struct thread *to)
{
	struct thread *from = run.current;

	if (to == from)
		return;
	run.switches++;
	run.current = to;
	token_give(&carriers[to->id].go);
	wait_for_turn(&carriers[from->id]);
}

void fiber_enter(void)
{
	run.current = &run.threads[MAIN_THREAD];
	token_give(&carriers[MAIN_THREAD].go);
	token_take(&engine_go);
}

void fiber_leave(void)
{
	token_give(&engine_go);
	wait_for_turn(self);
	abort();
}
