// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Static variables from the debug information; see symbols.h. */

#include "symbols-internal.h"

#if LFX_DWARF

#include <dwarf.h>
#include <stdlib.h>

/*
 * A static variable, or a piece of one: a compiler may place the members of a
 * static structure apart from each other.
 */
struct variable {
	Dwarf_Addr start;
	size_t size;
	/* Where the piece begins in the variable. */
	size_t offset;
	bool whole;
	Dwarf_Die die;
};

static struct {
	bool read;
	struct variable *list;
	size_t nr;
	size_t room;
} variables;

/* Without memory a variable is left out. */
static void variable_add(const struct variable *variable)
{
	struct variable *list;
	size_t room;

	if (variables.nr == variables.room) {
		room = variables.room ? 2 * variables.room : 256;
		list = realloc(variables.list, room * sizeof(*list));
		if (!list)
			return;
		variables.list = list;
		variables.room = room;
	}
	variables.list[variables.nr++] = *variable;
}

/* Returns false if the operation does not give an address. */
static bool variable_address(Dwarf_Attribute *location, Dwarf_Op *op,
			     Dwarf_Addr *addr)
{
	Dwarf_Attribute attr;

	switch (op->atom) {
	case DW_OP_addr:
		*addr = op->number;
		return true;
	case DW_OP_addrx:
	case DW_OP_GNU_addr_index:
		return !dwarf_getlocation_attr(location, op, &attr) &&
		       !dwarf_formaddr(&attr, addr);
	case DW_OP_plus_uconst:
		*addr += op->number;
		return *addr != op->number;
	default:
		return false;
	}
}

/* Add the pieces of a variable that are in memory. */
static void variable_add_pieces(struct variable *variable,
				Dwarf_Attribute *location, Dwarf_Op *ops,
				size_t nr)
{
	bool in_memory = true;
	size_t i;

	variable->start = 0;
	for (i = 0; i < nr; i++) {
		if (ops[i].atom != DW_OP_piece) {
			in_memory = in_memory &&
				    variable_address(location, &ops[i],
						     &variable->start);
			continue;
		}
		variable->whole = false;
		variable->size = ops[i].number;
		if (in_memory && variable->start)
			variable_add(variable);
		variable->offset += variable->size;
		variable->start = 0;
		in_memory = true;
	}
	if (variable->whole && in_memory && variable->start)
		variable_add(variable);
}

static void variable_read(Dwarf_Die *die)
{
	struct variable variable = { .die = *die, .whole = true };
	Dwarf_Attribute location;
	Dwarf_Die type;
	Dwarf_Op *ops;
	size_t nr;

	if (!dwarf_attr(die, DW_AT_location, &location) ||
	    dwarf_getlocation(&location, &ops, &nr) ||
	    !dwarf_diename(die) || !lfx_dwarf_type(die, &type))
		return;
	variable.size = lfx_type_die_size(&type);
	variable_add_pieces(&variable, &location, ops, nr);
}

/* Static variables are in functions and blocks too. */
static void variable_read_all(Dwarf_Die *parent)
{
	Dwarf_Die die;

	if (dwarf_child(parent, &die))
		return;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_variable:
			variable_read(&die);
			break;
		case DW_TAG_subprogram:
		case DW_TAG_inlined_subroutine:
		case DW_TAG_lexical_block:
			variable_read_all(&die);
			break;
		}
	} while (!dwarf_siblingof(&die, &die));
}

static int variable_compare(const void *a, const void *b)
{
	const struct variable *left = a, *right = b;

	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return (left->size > right->size) - (left->size < right->size);
}

static void variables_read(void)
{
	struct lfx_unit *unit;

	variables.read = true;
	for (unit = lfx_dwarf_units(); unit; unit = unit->next)
		variable_read_all(&unit->die);
	if (variables.nr)
		qsort(variables.list, variables.nr, sizeof(variables.list[0]),
		      variable_compare);
}

/*
 * An array at the end of a structure may have no length. Then the object is
 * larger than its type, and the symbol table knows its size.
 */
static bool variable_contains(const struct variable *variable, uintptr_t addr)
{
	struct lfx_symbol symbol;

	if (addr - variable->start < variable->size)
		return true;
	return variable->whole && lfx_elf_symbol(addr, false, &symbol) &&
	       symbol.start == variable->start;
}

static struct variable *variable_find(uintptr_t addr)
{
	size_t low = 0, high, middle;

	if (!variables.read)
		variables_read();
	high = variables.nr;
	/* The last one that begins at or before the address. */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (variables.list[middle].start <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || !variable_contains(&variables.list[low - 1], addr))
		return NULL;
	return &variables.list[low - 1];
}

bool lfx_dwarf_data(uintptr_t addr, char *buf, size_t size)
{
	struct variable *variable = variable_find(addr);
	struct lfx_path path;
	Dwarf_Die type;
	size_t offset;

	if (!variable || !lfx_dwarf_type(&variable->die, &type))
		return false;
	offset = addr - variable->start + variable->offset;
	lfx_path_init(&path, buf, size);
	lfx_path_add(&path, "%s", dwarf_diename(&variable->die));
	lfx_type_descend(&type, &offset, &path);
	if (offset)
		lfx_path_add(&path, "+0x%zx", offset);
	return true;
}

lfx_type_t lfx_symbols_variable(uintptr_t addr, size_t *offset)
{
	struct variable *variable = variable_find(addr);
	Dwarf_Die type;

	if (!variable || !lfx_dwarf_type(&variable->die, &type))
		return 0;
	*offset = addr - variable->start + variable->offset;
	return dwarf_dieoffset(&type);
}

lfx_type_t lfx_symbols_pointee(uintptr_t addr)
{
	struct variable *variable = variable_find(addr);
	struct lfx_path path;
	Dwarf_Die type;
	size_t offset;

	if (!variable || !lfx_dwarf_type(&variable->die, &type))
		return 0;
	offset = addr - variable->start + variable->offset;
	lfx_path_init(&path, NULL, 0);
	lfx_type_descend(&type, &offset, &path);
	return offset ? 0 : lfx_type_target(&type);
}

#endif
