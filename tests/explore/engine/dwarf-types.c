// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Types and their members from the debug information; see symbols.h. */

#include "symbols-internal.h"

#if LFX_DWARF

#include <dwarf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More dimensions than any array has. */
#define ARRAY_DIMENSIONS	8

struct type_entry {
	struct type_entry *next;
	lfx_type_t type;
	char name[];
};

/* The names that were asked for. */
static struct type_entry *type_entries;

void lfx_path_init(struct lfx_path *path, char *buf, size_t size)
{
	path->buf = buf;
	path->size = size;
	path->len = 0;
	path->open = false;
	if (size)
		*buf = '\0';
}

void lfx_path_add(struct lfx_path *path, const char *fmt, ...)
{
	size_t room = path->size - path->len;
	va_list args;
	int len;

	if (!room)
		return;
	va_start(args, fmt);
	len = vsnprintf(path->buf + path->len, room, fmt, args);
	va_end(args);
	if (len > 0)
		path->len += (size_t)len < room ? (size_t)len : room - 1;
}

/* Go through qualifiers. Returns false at void. */
static bool type_unqualify(Dwarf_Die *type)
{
	for (;;) {
		switch (dwarf_tag(type)) {
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_atomic_type:
			break;
		default:
			return true;
		}
		if (!lfx_dwarf_type(type, type))
			return false;
	}
}

bool lfx_type_peel(Dwarf_Die *type)
{
	Dwarf_Die peeled;

	if (dwarf_peel_type(type, &peeled))
		return false;
	*type = peeled;
	return true;
}

static bool type_is_complete(Dwarf_Die *type)
{
	Dwarf_Die peeled = *type;
	bool declaration = false;
	Dwarf_Attribute attr;

	if (!lfx_type_peel(&peeled))
		return false;
	if (dwarf_attr(&peeled, DW_AT_declaration, &attr))
		dwarf_formflag(&attr, &declaration);
	return !declaration;
}

/*
 * The dimensions of an array, 0 for one without a length. @element becomes its
 * innermost type. Returns the number of dimensions.
 */
static size_t array_shape(Dwarf_Die *array, Dwarf_Word *dims,
			  Dwarf_Die *element)
{
	Dwarf_Die child;
	size_t nr = 0;

	if (!lfx_dwarf_type(array, element) || dwarf_child(array, &child))
		return 0;
	do {
		if (dwarf_tag(&child) != DW_TAG_subrange_type)
			continue;
		if (nr == ARRAY_DIMENSIONS)
			return 0;
		dims[nr] = 0;
		/* The upper bound of an array of no elements is -1. */
		if (!lfx_dwarf_number(&child, DW_AT_count, &dims[nr]) &&
		    lfx_dwarf_number(&child, DW_AT_upper_bound, &dims[nr]))
			dims[nr]++;
		nr++;
	} while (!dwarf_siblingof(&child, &child));
	return nr;
}

size_t lfx_type_die_size(Dwarf_Die *die)
{
	Dwarf_Word size, dims[ARRAY_DIMENSIONS];
	Dwarf_Die type = *die, element;
	size_t nr;

	if (!lfx_type_peel(&type))
		return 0;
	if (dwarf_tag(&type) != DW_TAG_array_type)
		return dwarf_aggregate_size(&type, &size) ? 0 : size;
	nr = array_shape(&type, dims, &element);
	if (!nr)
		return 0;
	size = lfx_type_die_size(&element);
	while (nr--)
		size *= dims[nr];
	return size;
}

/* Returns false if the length of the array is unknown, or if it has no size. */
static bool array_enter(Dwarf_Die *type, size_t *offset, struct lfx_path *path)
{
	Dwarf_Word dims[ARRAY_DIMENSIONS];
	Dwarf_Die element;
	size_t nr, i, size;

	nr = array_shape(type, dims, &element);
	if (!nr)
		return false;
	size = lfx_type_die_size(&element);
	for (i = 1; i < nr; i++)
		size *= dims[i];
	if (!size || (dims[0] && *offset / size >= dims[0]))
		return false;
	if (!dims[0])
		path->open = true;
	for (i = 0; i < nr; i++) {
		lfx_path_add(path, "[%zu]", *offset / size);
		*offset %= size;
		if (i + 1 < nr)
			size /= dims[i + 1];
	}
	*type = element;
	return true;
}

/* An array without a length, which can be at the end of a structure. */
static bool member_is_open(Dwarf_Die *type)
{
	Dwarf_Word dims[ARRAY_DIMENSIONS];
	Dwarf_Die array = *type, element;

	return lfx_type_peel(&array) && dwarf_tag(&array) == DW_TAG_array_type &&
	       array_shape(&array, dims, &element) && !dims[0];
}

/* Where the bit-field @member begins, in bits. Returns false if it is none. */
static bool member_bits(Dwarf_Die *member, Dwarf_Word at, Dwarf_Word unit,
			Dwarf_Word *start, Dwarf_Word *bits)
{
	if (!lfx_dwarf_number(member, DW_AT_bit_size, bits))
		return false;
	if (lfx_dwarf_number(member, DW_AT_data_bit_offset, start))
		return true;
	/* The old form counts from the high end of the word at @at. */
	if (!lfx_dwarf_number(member, DW_AT_bit_offset, start))
		return false;
	lfx_dwarf_number(member, DW_AT_byte_size, &unit);
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		*start = 8 * unit - *bits - *start;
	*start += 8 * at;
	return true;
}

/* Where the member begins, and how many bytes it has. */
static void member_extent(Dwarf_Die *member, Dwarf_Die *type, size_t *start,
			  size_t *size)
{
	Dwarf_Word at = 0, first, bits;

	/* The members of a union need not have a location. */
	lfx_dwarf_number(member, DW_AT_data_member_location, &at);
	*start = at;
	*size = lfx_type_die_size(type);
	if (member_bits(member, at, *size, &first, &bits)) {
		*start = first / 8;
		*size = (first % 8 + bits + 7) / 8;
	}
}

/* Where the text accesses the member, or one in it if it has no name; -1: nowhere. */
static int member_rank(Dwarf_Die *member, Dwarf_Die type)
{
	const char *name = dwarf_diename(member);
	int rank, best = -1;
	Dwarf_Die inner;

	if (name)
		return lfx_symbols_preferred(name);
	if (dwarf_child(&type, &inner))
		return -1;
	do {
		rank = lfx_symbols_preferred(dwarf_diename(&inner));
		if (rank >= 0 && (best < 0 || rank < best))
			best = rank;
	} while (!dwarf_siblingof(&inner, &inner));
	return best;
}

/*
 * The member of the union @parent that contains the byte at @offset, and that the text
 * of lfx_symbols_prefer() accesses first.
 */
static bool member_prefer(Dwarf_Die *parent, size_t offset, Dwarf_Die *found)
{
	Dwarf_Die member, type;
	int rank, best = -1;

	if (dwarf_tag(parent) != DW_TAG_union_type ||
	    dwarf_child(parent, &member))
		return false;
	do {
		if (dwarf_tag(&member) != DW_TAG_member ||
		    !lfx_dwarf_type(&member, &type) ||
		    offset >= lfx_type_die_size(&type))
			continue;
		rank = member_rank(&member, type);
		if (rank < 0 || (best >= 0 && rank >= best))
			continue;
		best = rank;
		*found = member;
	} while (!dwarf_siblingof(&member, &member));
	return best >= 0;
}

/*
 * The member of the structure @parent that contains the byte at @offset, and
 * where it begins. An array without a length has the bytes that no other member
 * has.
 */
static bool member_find(Dwarf_Die *parent, size_t offset, Dwarf_Die *found,
			size_t *found_start)
{
	Dwarf_Die member, type;
	size_t start, size;
	bool is_found = false;

	if (dwarf_child(parent, &member))
		return false;
	do {
		if (dwarf_tag(&member) != DW_TAG_member ||
		    !lfx_dwarf_type(&member, &type))
			continue;
		member_extent(&member, &type, &start, &size);
		if (offset < start)
			continue;
		if (offset - start >= size && !member_is_open(&type))
			continue;
		*found = member;
		*found_start = start;
		is_found = true;
		if (offset - start < size)
			break;
	} while (!dwarf_siblingof(&member, &member));
	return is_found;
}

static bool member_enter(Dwarf_Die *type, size_t *offset, struct lfx_path *path)
{
	Dwarf_Die member;
	const char *name;
	size_t start;

	if (member_prefer(type, *offset, &member))
		start = 0;
	else if (!member_find(type, *offset, &member, &start))
		return false;
	/* A member without a name is an anonymous structure or union. */
	name = dwarf_diename(&member);
	if (name)
		lfx_path_add(path, "%s%s", path->len ? "." : "", name);
	*offset -= start;
	return lfx_dwarf_type(&member, type);
}

void lfx_type_descend(Dwarf_Die *type, size_t *offset, struct lfx_path *path)
{
	bool entered;

	do {
		if (!lfx_type_peel(type))
			return;
		switch (dwarf_tag(type)) {
		case DW_TAG_structure_type:
		case DW_TAG_union_type:
			entered = member_enter(type, offset, path);
			break;
		case DW_TAG_array_type:
			entered = array_enter(type, offset, path);
			break;
		default:
			entered = false;
		}
	} while (entered);
}

static const char *type_tag_name(Dwarf_Die *type)
{
	switch (dwarf_tag(type)) {
	case DW_TAG_structure_type:
		return "struct";
	case DW_TAG_union_type:
		return "union";
	case DW_TAG_enumeration_type:
		return "enum";
	default:
		return NULL;
	}
}

static bool type_has_name(Dwarf_Die *type, const char *name)
{
	const char *tag = type_tag_name(type), *own;
	size_t len;

	if (tag) {
		len = strlen(tag);
		if (strncmp(name, tag, len) || name[len] != ' ')
			return false;
		name += len + 1;
	} else if (dwarf_tag(type) != DW_TAG_typedef &&
		   dwarf_tag(type) != DW_TAG_base_type) {
		return false;
	}
	own = dwarf_diename(type);
	return own && !strcmp(own, name);
}

/* The first complete type of this name, or else one that is only declared. */
static lfx_type_t type_search(const char *name)
{
	struct lfx_unit *unit;
	lfx_type_t found = 0;
	Dwarf_Die die;

	for (unit = lfx_dwarf_units(); unit; unit = unit->next) {
		if (dwarf_child(&unit->die, &die))
			continue;
		do {
			if (!type_has_name(&die, name))
				continue;
			if (type_is_complete(&die))
				return dwarf_dieoffset(&die);
			found = dwarf_dieoffset(&die);
		} while (!dwarf_siblingof(&die, &die));
	}
	return found;
}

lfx_type_t lfx_symbols_type(const char *name)
{
	struct type_entry *entry;
	lfx_type_t type;

	for (entry = type_entries; entry; entry = entry->next)
		if (!strcmp(entry->name, name))
			return entry->type;
	type = type_search(name);
	entry = malloc(sizeof(*entry) + strlen(name) + 1);
	if (entry) {
		strcpy(entry->name, name);
		entry->type = type;
		entry->next = type_entries;
		type_entries = entry;
	}
	return type;
}

static void type_add_name(struct lfx_path *path, Dwarf_Die *die)
{
	Dwarf_Die type = *die, inner;
	const char *tag, *name;

	if (!type_unqualify(&type)) {
		lfx_path_add(path, "void");
		return;
	}
	switch (dwarf_tag(&type)) {
	case DW_TAG_pointer_type:
		if (lfx_dwarf_type(&type, &inner))
			type_add_name(path, &inner);
		else
			lfx_path_add(path, "void");
		lfx_path_add(path, " *");
		return;
	case DW_TAG_array_type:
		if (lfx_dwarf_type(&type, &inner))
			type_add_name(path, &inner);
		lfx_path_add(path, "[]");
		return;
	case DW_TAG_subroutine_type:
		lfx_path_add(path, "function");
		return;
	}
	tag = type_tag_name(&type);
	name = dwarf_diename(&type);
	lfx_path_add(path, "%s%s%s", tag ? tag : "", tag && name ? " " : "",
		     name ? name : "");
}

const char *lfx_symbols_type_name(lfx_type_t type)
{
	struct lfx_path path;
	char buf[256];
	Dwarf_Die die;

	if (!lfx_dwarf_die(type, &die))
		return NULL;
	lfx_path_init(&path, buf, sizeof(buf));
	type_add_name(&path, &die);
	return lfx_symbols_intern(buf);
}

size_t lfx_symbols_type_size(lfx_type_t type)
{
	Dwarf_Die die;

	return lfx_dwarf_die(type, &die) ? lfx_type_die_size(&die) : 0;
}

lfx_type_t lfx_type_target(Dwarf_Die *pointer)
{
	lfx_type_t complete = 0;
	const char *name;
	Dwarf_Die type;

	if (dwarf_tag(pointer) != DW_TAG_pointer_type ||
	    !lfx_dwarf_type(pointer, &type) || !type_unqualify(&type) ||
	    dwarf_tag(&type) == DW_TAG_subroutine_type)
		return 0;
	name = lfx_symbols_type_name(dwarf_dieoffset(&type));
	if (name && !type_is_complete(&type))
		complete = lfx_symbols_type(name);
	return complete ? complete : dwarf_dieoffset(&type);
}

enum lfx_value lfx_symbols_value(lfx_type_t type, size_t offset)
{
	struct lfx_path path;
	Dwarf_Word encoding;
	Dwarf_Die die;

	if (!lfx_dwarf_die(type, &die))
		return LFX_VALUE_UNKNOWN;
	lfx_path_init(&path, NULL, 0);
	lfx_type_descend(&die, &offset, &path);
	if (offset || !lfx_type_peel(&die))
		return LFX_VALUE_UNKNOWN;
	if (dwarf_tag(&die) == DW_TAG_pointer_type)
		return LFX_VALUE_POINTER;
	if (!lfx_dwarf_number(&die, DW_AT_encoding, &encoding))
		return LFX_VALUE_UNKNOWN;
	switch (encoding) {
	case DW_ATE_boolean:
		return LFX_VALUE_BOOL;
	case DW_ATE_signed:
	case DW_ATE_signed_char:
		return LFX_VALUE_SIGNED;
	default:
		return LFX_VALUE_UNSIGNED;
	}
}

const char *lfx_symbols_member(lfx_type_t type, size_t offset, char *buf,
			       size_t size)
{
	struct lfx_path path;
	size_t rest = offset;
	Dwarf_Die die;

	if (!lfx_dwarf_die(type, &die))
		return NULL;
	lfx_path_init(&path, buf, size);
	lfx_type_descend(&die, &rest, &path);
	if (!path.open && offset >= lfx_symbols_type_size(type))
		return NULL;
	if (rest)
		lfx_path_add(&path, "+0x%zx", rest);
	return buf;
}

#endif
