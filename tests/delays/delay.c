// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A library to preload: programs that are compiled with -finstrument-functions sleep at
 * the begin and at the end of functions, also of inlined ones. It has the effect of a
 * busy machine, on which a thread is off the CPU between any two steps. See run.sh.
 *
 * A place sleeps often the first times, and then ever more seldom. So places of loops do
 * not take all the time, and those that are rarely reached are tried, too. A thread sleeps
 * for four fifths of its time at most.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PLAIN		__attribute__((no_instrument_function))
#define NR_PLACES	(1 << 16)

static uint64_t seed;
/* The first time, one of so many places sleeps: 2, 5 or 12, by the seed. */
static uint32_t first_times;
static uint32_t nr_threads;
/* How often each place was reached. Lost updates do not matter. */
static uint32_t nr_reached[NR_PLACES];

static __thread struct {
	uint64_t random;
	bool inside;
	int64_t not_before;
} self __attribute__((tls_model("initial-exec")));

PLAIN void __cyg_profile_func_enter(void *function, void *caller);
PLAIN void __cyg_profile_func_exit(void *function, void *caller);

PLAIN __attribute__((constructor(101))) static void read_seed(void)
{
	const char *text = getenv("DELAY_SEED");

	seed = text ? strtoull(text, NULL, 0) : 1;
	first_times = (uint32_t[]){ 2, 5, 12 }[seed % 3];
}

PLAIN static int64_t now(void)
{
	struct timespec ts;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* xorshift64. Each thread has its own numbers. */
PLAIN static uint64_t draw(void)
{
	uint64_t x = self.random;

	if (!x)
		x = (seed + 1) * 0x9e3779b97f4a7c15u +
		    __atomic_add_fetch(&nr_threads, 1, __ATOMIC_RELAXED) *
			    0xd1b54a32d192ed03u + 1;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return self.random = x;
}

/* Mostly 1 to 20 ms, or less than one. One in 24 is 100 ms. */
PLAIN static void sleep_for_a_while(uint64_t random)
{
	int64_t us = random % 24 == 0 ? 100000 :
		     random % 3 ? 1000 + random / 32 % 20000 : random / 32 % 1000;
	struct timespec ts = { 0, us * 1000 };

	/* No cancellation point, and no function that tests replace. */
	syscall(SYS_nanosleep, &ts, NULL);
	self.not_before = now() + us * 250;
}

/* Async-signal-safe: a handler may interrupt it, and then does not sleep. */
PLAIN static void delay(uintptr_t function, uintptr_t caller)
{
	uint32_t *reached = &nr_reached[(function * 31 + caller) * 0x9e3779b1u >> 16 &
					(NR_PLACES - 1)];
	int err = errno;
	uint64_t random;

	/* Other libraries may call this before read_seed(). */
	if (self.inside || !first_times)
		return;
	self.inside = true;
	random = draw();
	if ((random >> 20) % (first_times + 3 * (*reached)++) == 0 &&
	    now() >= self.not_before)
		sleep_for_a_while(random >> 45);
	self.inside = false;
	errno = err;
}

void __cyg_profile_func_enter(void *function, void *caller)
{
	delay((uintptr_t)function, (uintptr_t)caller);
}

void __cyg_profile_func_exit(void *function, void *caller)
{
	delay((uintptr_t)function + 1, (uintptr_t)caller);
}
