// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The type of allocated memory; see symbols.h. The compiler does not record it.
 * The source line says it, in one of these ways:
 *
 *	kmalloc_obj(struct foo)		kmalloc_obj(*foo->bar)
 *	kmalloc(sizeof(struct foo))	kmalloc(sizeof(*foo))
 *	foo->bar = kmalloc(size)
 */

#include "symbols-internal.h"

#if LFX_DWARF

#include <ctype.h>
#include <dwarf.h>
#include <stdio.h>
#include <string.h>

/* Two source lines. */
#define TEXT_SIZE	512
#define NAME_SIZE	64

/* Where names are looked up. */
struct scope {
	Dwarf_Die function, unit;
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Functions that are inlined here have scopes of their own. */
static bool find_in(Dwarf_Die *parent, const char *name, Dwarf_Die *found)
{
	const char *own;
	Dwarf_Die die;
	int tag;

	if (dwarf_child(parent, &die))
		return false;
	do {
		tag = dwarf_tag(&die);
		if (tag == DW_TAG_lexical_block &&
		    find_in(&die, name, found))
			return true;
		if (tag != DW_TAG_variable && tag != DW_TAG_formal_parameter)
			continue;
		own = dwarf_diename(&die);
		if (own && !strcmp(own, name)) {
			*found = die;
			return true;
		}
	} while (!dwarf_siblingof(&die, &die));
	return false;
}

/* A variable that has no place may only be in the function that was inlined. */
static bool find_local(Dwarf_Die *scope, const char *name, Dwarf_Die *found)
{
	Dwarf_Attribute attr;
	Dwarf_Die origin;

	return find_in(scope, name, found) ||
	       (dwarf_attr(scope, DW_AT_abstract_origin, &attr) &&
		dwarf_formref_die(&attr, &origin) &&
		find_in(&origin, name, found));
}

static bool find_member(Dwarf_Die *type, const char *name, Dwarf_Die *found)
{
	const char *own;
	Dwarf_Die die;

	if (dwarf_child(type, &die))
		return false;
	do {
		own = dwarf_diename(&die);
		if (dwarf_tag(&die) == DW_TAG_member && own &&
		    !strcmp(own, name))
			return lfx_dwarf_type(&die, found);
	} while (!dwarf_siblingof(&die, &die));
	return false;
}

static const char *read_name(const char *text, char *name)
{
	size_t n = 0;

	while (*text == ' ')
		text++;
	while (is_word(*text) && n < NAME_SIZE - 1)
		name[n++] = *text++;
	name[n] = '\0';
	return text;
}

/* The target of a pointer, or the element of an array. */
static bool enter_pointer(Dwarf_Die *type)
{
	int tag;

	if (!lfx_type_peel(type))
		return false;
	tag = dwarf_tag(type);
	return (tag == DW_TAG_pointer_type || tag == DW_TAG_array_type) &&
	       lfx_dwarf_type(type, type);
}

static const char *skip_index(const char *text)
{
	while (*text && *text != ']')
		text++;
	return *text ? text + 1 : text;
}

/* A declaration in this unit may be without the members. */
static bool complete(Dwarf_Die *type)
{
	const char *name = dwarf_diename(type);
	char full[NAME_SIZE + 8];
	lfx_type_t found;

	if (lfx_type_die_size(type) || !name ||
	    dwarf_tag(type) != DW_TAG_structure_type)
		return true;
	snprintf(full, sizeof(full), "struct %s", name);
	found = lfx_symbols_type(full);
	return found && lfx_dwarf_die(found, type);
}

/* The text after a name: "[i]", ".member" and "->member". */
static bool read_suffixes(const char *text, Dwarf_Die *type)
{
	char name[NAME_SIZE];
	Dwarf_Die member;

	for (;;) {
		if (*text == '[') {
			if (!enter_pointer(type))
				return false;
			text = skip_index(text);
			continue;
		}
		if (text[0] == '-' && text[1] == '>') {
			if (!enter_pointer(type))
				return false;
			text++;
		} else if (*text != '.') {
			return true;
		}
		text = read_name(text + 1, name);
		if (!lfx_type_peel(type) || !complete(type) ||
		    !find_member(type, name, &member))
			return false;
		*type = member;
	}
}

/* The type of the expression: "*foo->bar[i]". */
static bool read_expression(const struct scope *scope, const char *text,
			    Dwarf_Die *type)
{
	Dwarf_Die function = scope->function, unit = scope->unit, variable;
	unsigned int stars = 0;
	char name[NAME_SIZE];

	for (; *text == '*' || *text == '(' || *text == ' '; text++)
		stars += *text == '*';
	text = read_name(text, name);
	if (!find_local(&function, name, &variable) &&
	    !find_local(&unit, name, &variable))
		return false;
	if (!lfx_dwarf_type(&variable, type) || !read_suffixes(text, type))
		return false;
	while (stars--)
		if (!enter_pointer(type))
			return false;
	return true;
}

static lfx_type_t type_of(Dwarf_Die *type)
{
	Dwarf_Die peeled = *type;

	if (lfx_type_peel(&peeled) && complete(&peeled))
		return dwarf_dieoffset(&peeled);
	return 0;
}

/* "struct foo", "foo_t" or an expression. */
static lfx_type_t read_argument(const struct scope *scope, const char *text)
{
	char full[NAME_SIZE];
	size_t n = 0;
	Dwarf_Die type;

	if (read_expression(scope, text, &type))
		return type_of(&type);
	while ((is_word(text[n]) || text[n] == ' ') && n < sizeof(full) - 1)
		n++;
	memcpy(full, text, n);
	full[n] = '\0';
	return lfx_symbols_type(full);
}

/* The variable that is assigned to points to the memory. */
static lfx_type_t read_assigned(const struct scope *scope, const char *text)
{
	const char *end = strchr(text, '='), *begin;
	char left[TEXT_SIZE];
	Dwarf_Die type;
	size_t n;

	if (!end || end == text)
		return 0;
	while (end > text && end[-1] == ' ')
		end--;
	for (begin = end; begin > text; begin--)
		if (!is_word(begin[-1]) && !strchr("->.[]*", begin[-1]))
			break;
	snprintf(left, sizeof(left), "%.*s", (int)(end - begin), begin);
	/* The "*" of a declaration is no operator. */
	n = begin > text ? strspn(left, "*") : 0;
	if (!read_expression(scope, left + n, &type) || !enter_pointer(&type))
		return 0;
	return type_of(&type);
}

static lfx_type_t read_text(const struct scope *scope, const char *text)
{
	static const char *const before[] = {
		"_obj(", "_objs(", "_flex(", "sizeof(",
	};
	const char *at;
	size_t i;

	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		at = strstr(text, before[i]);
		if (at)
			return read_argument(scope, at + strlen(before[i]));
	}
	return read_assigned(scope, text);
}

lfx_type_t lfx_symbols_allocated(uintptr_t pc, size_t frame)
{
	struct lfx_code frames[16];
	char text[TEXT_SIZE], more[TEXT_SIZE / 2];
	struct scope scope;
	lfx_type_t type;

	if (frame >= lfx_symbols_code(pc, frames, 16) ||
	    !lfx_dwarf_scope(pc, frame, &scope.function, &scope.unit))
		return 0;
	lfx_symbols_source(frames[frame].file, frames[frame].line, more,
			   sizeof(more));
	type = read_text(&scope, more);
	if (type)
		return type;
	/* The statement may have begun on the line before. */
	lfx_symbols_source(frames[frame].file, frames[frame].line - 1, text,
			   sizeof(text) / 2);
	strcat(text, " ");
	strcat(text, more);
	return read_text(&scope, text);
}

#endif
