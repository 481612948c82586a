// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The functions that a program calls which is compiled with -fsanitize=thread:
 * one call for each access to memory, each atomic operation, and the begin and
 * end of each function. The program is linked with these instead of libtsan.
 */
#include <string.h>

#include "engine.h"
#include "known.h"
#include "order.h"

#define EXPORT	__attribute__((__visibility__("default")))

/* Where the frame of the caller begins: frames below it have ended. */
#define FRAME	((addr_t)__builtin_frame_address(0))

static void set_special(struct thread *t)
{
	t->special = t->ignored + t->marked + t->marked_next;
}

void lfx_race_ignore(int change)
{
	run.current->ignored += change;
	set_special(run.current);
}

void lfx_race_marked(int change)
{
	run.current->marked += change;
	set_special(run.current);
}

void lfx_race_marked_next(int n)
{
	run.current->marked_next = n;
	set_special(run.current);
}

/*
 * A plain access that others may race with on purpose: it is a point, since other
 * threads may see it at any moment, and it may see their accesses.
 */
static __attribute__((__noinline__)) void special(addr_t addr, unsigned int size,
						  bool write, addr_t pc)
{
	struct thread *t = run.current;
	struct history *h;

	plain_point(addr, size, write, pc);
	if (t->ignored && memory_cell(addr, &h))
		memory_note_racy(h);
	shadow_special(addr, size, write,
		       t->ignored ? ACCESS_IGNORED : ACCESS_MARKED, pc);
	if (t->marked_next && !--t->marked_next)
		set_special(t);
}

/* A plain access in a data race that is listed, or beside data_race(). */
static void known_point(addr_t addr, unsigned int size, bool write, addr_t pc)
{
	struct history *h;

	if ((options.known && known_place(pc)) ||
	    (memory_cell(addr, &h) && h->racy))
		plain_point(addr, size, write, pc);
}

static void special_range(addr_t addr, size_t size, bool write, addr_t pc)
{
	addr_t end = addr + size;
	unsigned int n;

	for (; addr < end; addr += n) {
		n = 8 - (addr & 7);
		if (n > end - addr)
			n = end - addr;
		special(addr, n, write, pc);
	}
}

static inline __attribute__((__always_inline__)) void plain(void *p,
							    unsigned int size,
							    bool write,
							    addr_t pc,
							    addr_t frame)
{
	if (!engine_on())
		return;
	if (unlikely(run.current->nr_foreign))
		shadow_end_frames(run.current, frame);
	if (unlikely(run.current->special)) {
		special((addr_t)p, size, write, pc);
		return;
	}
	if (unlikely(options.known || options.racy))
		known_point((addr_t)p, size, write, pc);
	shadow_access((addr_t)p, size, write, ACCESS_PLAIN, pc);
}

static void range(const void *p, size_t size, bool write, addr_t pc,
		  addr_t frame)
{
	if (!engine_on())
		return;
	if (unlikely(run.current->nr_foreign))
		shadow_end_frames(run.current, frame);
	if (unlikely(run.current->special))
		special_range((addr_t)p, size, write, pc);
	else
		shadow_range((addr_t)p, size, write, pc);
}

#define PLAIN(name, size, write)					\
	EXPORT void __tsan_##name(void *p);				\
	void __tsan_##name(void *p)					\
	{								\
		plain(p, size, write, CALLER, FRAME);			\
	}
#define PLAIN_SIZE(n)							\
	PLAIN(read##n, n, false)					\
	PLAIN(write##n, n, true)					\
	PLAIN(unaligned_read##n, n, false)				\
	PLAIN(unaligned_write##n, n, true)				\
	PLAIN(volatile_read##n, n, false)				\
	PLAIN(volatile_write##n, n, true)				\
	PLAIN(unaligned_volatile_read##n, n, false)			\
	PLAIN(unaligned_volatile_write##n, n, true)			\
	PLAIN(read_write##n, n, true)					\
	PLAIN(unaligned_read_write##n, n, true)
PLAIN_SIZE(1)
PLAIN_SIZE(2)
PLAIN_SIZE(4)
PLAIN_SIZE(8)

#define RANGE_16(name, write)						\
	EXPORT void __tsan_##name(void *p);				\
	void __tsan_##name(void *p)					\
	{								\
		range(p, 16, write, CALLER, FRAME);			\
	}
RANGE_16(read16, false)
RANGE_16(write16, true)
RANGE_16(unaligned_read16, false)
RANGE_16(unaligned_write16, true)
RANGE_16(volatile_read16, false)
RANGE_16(volatile_write16, true)

EXPORT void __tsan_read_range(void *p, unsigned long size);
void __tsan_read_range(void *p, unsigned long size)
{
	range(p, size, false, CALLER, FRAME);
}

EXPORT void __tsan_write_range(void *p, unsigned long size);
void __tsan_write_range(void *p, unsigned long size)
{
	range(p, size, true, CALLER, FRAME);
}

EXPORT void __tsan_init(void);
void __tsan_init(void)
{
}

EXPORT void __tsan_func_entry(void *caller);
void __tsan_func_entry(void *caller)
{
	struct thread *t = run.current;

	if (!engine_on())
		return;
	if (likely(t->depth < MAX_CALLS)) {
		t->calls[t->depth] = (addr_t)caller;
		/* Before the call of this function, and after its return. */
		t->frames[t->depth] = (struct lfx_frame){
			CALLER, FRAME + 2 * sizeof(addr_t), *(addr_t *)FRAME,
		};
	}
	t->depth++;
}

EXPORT void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
	if (engine_on() && run.current->depth)
		run.current->depth--;
}

/* Calls of libc from the program: it is linked with --wrap for these. */
EXPORT void *__wrap_memcpy(void *to, const void *from, size_t size);
void *__wrap_memcpy(void *to, const void *from, size_t size)
{
	range(from, size, false, CALLER, FRAME);
	range(to, size, true, CALLER, FRAME);
	return memcpy(to, from, size);
}

EXPORT void *__wrap_memmove(void *to, const void *from, size_t size);
void *__wrap_memmove(void *to, const void *from, size_t size)
{
	range(from, size, false, CALLER, FRAME);
	range(to, size, true, CALLER, FRAME);
	return memmove(to, from, size);
}

EXPORT void *__wrap_memset(void *to, int value, size_t size);
void *__wrap_memset(void *to, int value, size_t size)
{
	range(to, size, true, CALLER, FRAME);
	return memset(to, value, size);
}

/* clang calls these. */
EXPORT void *__tsan_memcpy(void *to, const void *from, size_t size);
void *__tsan_memcpy(void *to, const void *from, size_t size)
{
	range(from, size, false, CALLER, FRAME);
	range(to, size, true, CALLER, FRAME);
	return memcpy(to, from, size);
}

EXPORT void *__tsan_memmove(void *to, const void *from, size_t size);
void *__tsan_memmove(void *to, const void *from, size_t size)
{
	range(from, size, false, CALLER, FRAME);
	range(to, size, true, CALLER, FRAME);
	return memmove(to, from, size);
}

EXPORT void *__tsan_memset(void *to, int value, size_t size);
void *__tsan_memset(void *to, int value, size_t size)
{
	range(to, size, true, CALLER, FRAME);
	return memset(to, value, size);
}

EXPORT void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
	if (engine_on())
		atomic_fence(order);
}

/* It orders the accesses of one thread against its own signal handler. */
EXPORT void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order)
{
	(void)order;
}

static inline void frames(addr_t frame)
{
	if (engine_on() && unlikely(run.current->nr_foreign))
		shadow_end_frames(run.current, frame);
}

#define ATOMIC_RMW(bits, name, op)					\
	EXPORT uint##bits##_t __tsan_atomic##bits##_##name(		\
		volatile uint##bits##_t *p, uint##bits##_t v, int order); \
	uint##bits##_t __tsan_atomic##bits##_##name(			\
		volatile uint##bits##_t *p, uint##bits##_t v, int order) \
	{								\
		frames(FRAME);						\
		return atomic_rmw((addr_t)p, bits / 8, op, v, order,	\
				  CALLER);				\
	}

#define ATOMIC_CMPXCHG(bits, name)					\
	EXPORT int __tsan_atomic##bits##_compare_exchange_##name(	\
		volatile uint##bits##_t *p, uint##bits##_t *expected,	\
		uint##bits##_t v, int order, int failure_order);	\
	int __tsan_atomic##bits##_compare_exchange_##name(		\
		volatile uint##bits##_t *p, uint##bits##_t *expected,	\
		uint##bits##_t v, int order, int failure_order)		\
	{								\
		uint64_t e = *expected;					\
									\
		frames(FRAME);						\
		if (atomic_cmpxchg((addr_t)p, bits / 8, &e, v, order,	\
				   failure_order, CALLER))		\
			return true;					\
		*expected = e;						\
		return false;						\
	}

#define ATOMIC(bits)							\
	EXPORT uint##bits##_t __tsan_atomic##bits##_load(		\
		const volatile uint##bits##_t *p, int order);		\
	uint##bits##_t __tsan_atomic##bits##_load(			\
		const volatile uint##bits##_t *p, int order)		\
	{								\
		frames(FRAME);						\
		return atomic_load((addr_t)p, bits / 8, order, CALLER);	\
	}								\
	EXPORT void __tsan_atomic##bits##_store(			\
		volatile uint##bits##_t *p, uint##bits##_t v, int order); \
	void __tsan_atomic##bits##_store(				\
		volatile uint##bits##_t *p, uint##bits##_t v, int order) \
	{								\
		frames(FRAME);						\
		atomic_store((addr_t)p, bits / 8, v, order, CALLER);	\
	}								\
	ATOMIC_RMW(bits, exchange, RMW_XCHG)				\
	ATOMIC_RMW(bits, fetch_add, RMW_ADD)				\
	ATOMIC_RMW(bits, fetch_sub, RMW_SUB)				\
	ATOMIC_RMW(bits, fetch_and, RMW_AND)				\
	ATOMIC_RMW(bits, fetch_or, RMW_OR)				\
	ATOMIC_RMW(bits, fetch_xor, RMW_XOR)				\
	ATOMIC_RMW(bits, fetch_nand, RMW_NAND)				\
	ATOMIC_CMPXCHG(bits, strong)					\
	ATOMIC_CMPXCHG(bits, weak)					\
	EXPORT uint##bits##_t __tsan_atomic##bits##_compare_exchange_val( \
		volatile uint##bits##_t *p, uint##bits##_t expected,	\
		uint##bits##_t v, int order, int failure_order);	\
	uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(	\
		volatile uint##bits##_t *p, uint##bits##_t expected,	\
		uint##bits##_t v, int order, int failure_order)		\
	{								\
		uint64_t e = expected;					\
									\
		frames(FRAME);						\
		atomic_cmpxchg((addr_t)p, bits / 8, &e, v, order,	\
			       failure_order, CALLER);			\
		return e;						\
	}
ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)
