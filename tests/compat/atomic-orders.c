// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Each atomic operation, by name: its result, the word after it, and its memory
 * order.
 *
 * The compiler passes the order to ThreadSanitizer's hooks. They are defined
 * here, and note one letter for the access and one for each order:
 *
 *	l load, s store, u read-modify-write, c compare-and-exchange, f fence
 *	x relaxed, a acquire, r release, b both, s sequentially consistent
 *
 * The second order of a compare-and-exchange is that of one which fails. atomic-calls.c is
 * compiled with these hooks and with LFSHIM_SEAM, as the programs of the explorer are: so
 * the explorer and ThreadSanitizer see these accesses and orders, and no others.
 */
#include "support.h"
#include "atomic-calls.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static char seen[100];

static void note(char access, int order, int failure)
{
	static const char letters[] = "x?arbs";
	size_t n = strlen(seen);

	/* The orders may have more bits. */
	order &= 7;
	snprintf(seen + n, sizeof(seen) - n, "%c%c", access, letters[order]);
	n = strlen(seen);
	if (failure >= 0)
		snprintf(seen + n, sizeof(seen) - n, "%c", letters[failure & 7]);
	strncat(seen, " ", sizeof(seen) - strlen(seen) - 1);
}

#define HOOK(ret, name, ...)						\
	ret __tsan_##name(__VA_ARGS__);					\
	ret __tsan_##name(__VA_ARGS__)

/* Plain accesses are no part of an atomic operation. */
HOOK(void, init, void) { }
HOOK(void, func_entry, void *pc) { }
HOOK(void, func_exit, void) { }
#define PLAIN(size)							\
	HOOK(void, read##size, void *p) { }				\
	HOOK(void, write##size, void *p) { }				\
	HOOK(void, volatile_read##size, void *p) { }			\
	HOOK(void, volatile_write##size, void *p) { }			\
	HOOK(void, unaligned_read##size, void *p) { }			\
	HOOK(void, unaligned_write##size, void *p) { }
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)
/* gcc has these for a word of 8 bytes that is aligned to 4, as on i386. */
HOOK(void, read_range, void *p, size_t size) { }
HOOK(void, write_range, void *p, size_t size) { }

HOOK(void, atomic_thread_fence, int order)
{
	note('f', order, -1);
}

#define RMW(bits, name)							\
	HOOK(uint##bits##_t, atomic##bits##_##name,			\
	     volatile uint##bits##_t *p, uint##bits##_t v, int order)	\
	{								\
		note('u', order, -1);					\
		return __atomic_##name(p, v, __ATOMIC_SEQ_CST);		\
	}
#define ATOMIC(bits)							\
	HOOK(uint##bits##_t, atomic##bits##_load,			\
	     const volatile uint##bits##_t *p, int order)		\
	{								\
		note('l', order, -1);					\
		return __atomic_load_n(p, __ATOMIC_SEQ_CST);		\
	}								\
	HOOK(void, atomic##bits##_store, volatile uint##bits##_t *p,	\
	     uint##bits##_t v, int order)				\
	{								\
		note('s', order, -1);					\
		__atomic_store_n(p, v, __ATOMIC_SEQ_CST);		\
	}								\
	HOOK(int, atomic##bits##_compare_exchange_strong,		\
	     volatile uint##bits##_t *p, uint##bits##_t *old,		\
	     uint##bits##_t v, int order, int failure)			\
	{								\
		note('c', order, failure);				\
		return __atomic_compare_exchange_n(p, old, v, false,	\
						   __ATOMIC_SEQ_CST,	\
						   __ATOMIC_SEQ_CST);	\
	}								\
	HOOK(uint##bits##_t, atomic##bits##_compare_exchange_val,	\
	     volatile uint##bits##_t *p, uint##bits##_t old,		\
	     uint##bits##_t v, int order, int failure)			\
	{								\
		__tsan_atomic##bits##_compare_exchange_strong(p, &old, v, \
							      order,	\
							      failure);	\
		return old;						\
	}								\
	RMW(bits, exchange_n)						\
	HOOK(uint##bits##_t, atomic##bits##_exchange,			\
	     volatile uint##bits##_t *p, uint##bits##_t v, int order)	\
	{								\
		return __tsan_atomic##bits##_exchange_n(p, v, order);	\
	}								\
	RMW(bits, fetch_add)						\
	RMW(bits, fetch_sub)						\
	RMW(bits, fetch_and)						\
	RMW(bits, fetch_or)						\
	RMW(bits, fetch_xor)
ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

/* A turn of a busy-wait loop. */
void lfshim_cpu_relax(void);
void lfshim_cpu_relax(void)
{
	strncat(seen, "relax ", sizeof(seen) - strlen(seen) - 1);
}

/* The operation must not change the bytes on both sides of its word. */
static union {
	unsigned char byte[3 * sizeof(int64_t)];
	int64_t align;
} memory;

static void *word_is(const struct call *c, int64_t value)
{
	unsigned char *p = memory.byte + sizeof(int64_t);
	int8_t b = value;
	int16_t h = value;
	int32_t w = value;

	memset(&memory, 0xa5, sizeof(memory));
	switch (c->size) {
	case 1:
		return memcpy(p, &b, 1);
	case 2:
		return memcpy(p, &h, 2);
	case 4:
		return memcpy(p, &w, 4);
	default:
		return memcpy(p, &value, 8);
	}
}

static void each_operation_returns_and_leaves_its_value(void **state)
{
	unsigned char after[sizeof(memory)];
	int64_t returned;
	size_t i;

	for (i = 0; i < nr_calls; i++) {
		const struct call *c = &calls[i];

		word_is(c, c->after);
		memcpy(after, &memory, sizeof(after));
		returned = c->call(word_is(c, c->before));
		if (returned != c->returns)
			fail_msg("%s returned %" PRIx64 " instead of %" PRIx64,
				 c->name, returned, c->returns);
		if (memcmp(&memory, after, sizeof(after)))
			fail_msg("%s left another value", c->name);
	}
}

static void each_operation_has_its_order(void **state)
{
	size_t i;

	for (i = 0; i < nr_calls; i++) {
		const struct call *c = &calls[i];
		void *word = word_is(c, c->before);

		seen[0] = 0;
		c->call(word);
		if (strcmp(seen, c->accesses))
			fail_msg("%s: %sinstead of %s", c->name, seen,
				 c->accesses);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(each_operation_returns_and_leaves_its_value),
		TEST(each_operation_has_its_order),
	};

	return TEST_MAIN("atomic-orders", tests);
}
