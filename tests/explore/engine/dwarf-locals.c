// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Variables in stack frames; see symbols.h. */

#include "symbols-internal.h"

#if LFX_DWARF

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

/* The numbers of the registers. */
#if defined(__x86_64__)
#define FRAME_POINTER	6
#define STACK_POINTER	7
#elif defined(__aarch64__)
#define FRAME_POINTER	29
#define STACK_POINTER	31
#else
#define FRAME_POINTER	-1
#define STACK_POINTER	-1
#endif

/* Returns false if the value of the register is not known. */
static bool read_register(const struct lfx_frame *frame, int reg,
			  Dwarf_Addr *value)
{
	if (reg == STACK_POINTER)
		*value = frame->sp;
	else if (reg == FRAME_POINTER)
		*value = frame->fp;
	else
		return false;
	return true;
}

/* "register + offset" */
static bool read_address(const struct lfx_frame *frame, const Dwarf_Op *op,
			 Dwarf_Addr *value)
{
	Dwarf_Word offset = 0;
	int reg;

	if (op->atom == DW_OP_bregx) {
		reg = op->number;
		offset = op->number2;
	} else if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31) {
		reg = op->atom - DW_OP_breg0;
		offset = op->number;
	} else if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31) {
		reg = op->atom - DW_OP_reg0;
	} else {
		return false;
	}
	if (!read_register(frame, reg, value))
		return false;
	*value += offset;
	return true;
}

/* The address that the caller's stack pointer had before the call. */
static bool frame_cfa(const struct lfx_frame *frame, Dwarf_Addr *cfa)
{
	Dwarf_CFI *cfi = lfx_dwarf_cfi();
	Dwarf_Frame *rules;
	Dwarf_Op *ops;
	bool found;
	size_t nr;

	if (!cfi || dwarf_cfi_addrframe(cfi, frame->pc, &rules))
		return false;
	found = !dwarf_frame_cfa(rules, &ops, &nr) && nr == 1 &&
		read_address(frame, &ops[0], cfa);
	free(rules);
	return found;
}

/* The base of the offsets of the function's variables. */
static bool frame_base(const struct lfx_frame *frame, Dwarf_Die *function,
		       Dwarf_Addr *base)
{
	Dwarf_Attribute attr;
	Dwarf_Op *ops;
	size_t nr;

	if (!dwarf_attr_integrate(function, DW_AT_frame_base, &attr) ||
	    dwarf_getlocation_addr(&attr, frame->pc, &ops, &nr, 1) != 1 ||
	    nr != 1)
		return false;
	if (ops[0].atom == DW_OP_call_frame_cfa)
		return frame_cfa(frame, base);
	return read_address(frame, &ops[0], base);
}

/* Where the variable is, if it is in the frame at any time. */
static bool variable_address(Dwarf_Die *die, Dwarf_Addr base, Dwarf_Addr *addr)
{
	Dwarf_Addr unused, begin, end;
	Dwarf_Attribute attr;
	ptrdiff_t at = 0;
	Dwarf_Op *ops;
	size_t nr;

	if (!dwarf_attr(die, DW_AT_location, &attr))
		return false;
	while ((at = dwarf_getlocations(&attr, at, &unused, &begin, &end, &ops,
					&nr)) > 0)
		if (nr == 1 && ops[0].atom == DW_OP_fbreg) {
			*addr = base + ops[0].number;
			return true;
		}
	return false;
}

static bool variable_contains(Dwarf_Die *die, Dwarf_Addr base, uintptr_t addr,
			      struct lfx_local *local)
{
	Dwarf_Addr start;
	Dwarf_Die type;

	if (!dwarf_diename(die) || !lfx_dwarf_type(die, &type) ||
	    !variable_address(die, base, &start) ||
	    addr - start >= lfx_type_die_size(&type))
		return false;
	local->name = dwarf_diename(die);
	local->type = dwarf_dieoffset(&type);
	local->offset = addr - start;
	return true;
}

/* Also in the functions that are inlined. */
static bool find_variable(Dwarf_Die *parent, Dwarf_Addr base, uintptr_t addr,
			  struct lfx_local *local)
{
	Dwarf_Die die;

	if (dwarf_child(parent, &die))
		return false;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_variable:
		case DW_TAG_formal_parameter:
			if (variable_contains(&die, base, addr, local))
				return true;
			break;
		case DW_TAG_inlined_subroutine:
		case DW_TAG_lexical_block:
			if (find_variable(&die, base, addr, local))
				return true;
			break;
		}
	} while (!dwarf_siblingof(&die, &die));
	return false;
}

bool lfx_symbols_local(const struct lfx_frame *frame, uintptr_t addr,
		       struct lfx_local *local)
{
	struct lfx_code frames[16];
	size_t nr = lfx_symbols_code(frame->pc, frames, 16);
	Dwarf_Die function, unit;
	Dwarf_Addr base;

	return nr && lfx_dwarf_scope(frame->pc, nr - 1, &function, &unit) &&
	       frame_base(frame, &function, &base) &&
	       find_variable(&function, base, addr, local);
}

#endif
