// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The effect of an op on its word, if it is done now. A write that writes nothing is a
 * read: no other thread can tell when it was.
 *
 *  - A compare-and-exchange, or an attempt to lock, that fails.
 *  - A read-modify-write operation that leaves the value as it is. A thread that reads
 *    the value cannot tell if it was before or after, so nothing is released to it. But
 *    the next update that changes the value was after: it reads the value that this one wrote.
 *
 * Is the order of events with such effects right? The value that an op finds is that
 * of the last write, which every order with the same dependencies has before it. So
 * its effect is the same in all of them. And a thread that sleeps (see search.c) goes
 * on sleeping only while others read the word: its op still has the effect that it had
 * when it went to sleep.
 *
 * With --stale the word has a history, and each of them is a write.
 */
#include "engine.h"
#include "order.h"

uint64_t value_read(addr_t addr, unsigned int size)
{
	switch (size) {
	case 1:
		return *(uint8_t *)addr;
	case 2:
		return *(uint16_t *)addr;
	case 4:
		return *(uint32_t *)addr;
	default:
		return *(uint64_t *)addr;
	}
}

uint64_t value_mask(unsigned int size)
{
	return size == 8 ? UINT64_MAX : (1ull << 8 * size) - 1;
}

uint64_t rmw_result(enum rmw op, uint64_t old, uint64_t operand)
{
	switch (op) {
	case RMW_XCHG:
		return operand;
	case RMW_ADD:
		return old + operand;
	case RMW_SUB:
		return old - operand;
	case RMW_AND:
		return old & operand;
	case RMW_OR:
		return old | operand;
	case RMW_XOR:
		return old ^ operand;
	default:
		return ~(old & operand);
	}
}

unsigned int op_effect(const struct thread *t)
{
	const struct op *op = &t->op;
	uint64_t now;

	if (likely(op->form == FORM_FIXED) || options.stale)
		return op->rw;
	if (op->form >= FORM_COUNT_UP)
		return count_effect(t);
	now = value_read(op->addr, op->size);
	if (op->form == FORM_IF_EQUAL)
		return now == op->operand ? OP_WRITE : OP_READ;
	return (rmw_result(op->rmw, now, op->operand) & value_mask(op->size)) ==
		       now ? OP_READ : OP_WRITE;
}
