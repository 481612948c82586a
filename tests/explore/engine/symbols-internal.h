/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Shared by the files that implement symbols.h. */
#ifndef LFX_SYMBOLS_INTERNAL_H
#define LFX_SYMBOLS_INTERNAL_H

#include "symbols.h"

#ifndef LFX_DWARF
#define LFX_DWARF	0
#endif

#define LFX_SYMBOLS_FILE	"/proc/self/exe"

/* The one copy of @text, which is never freed; NULL without memory. */
const char *lfx_symbols_intern(const char *text);

struct lfx_symbol {
	const char *name;
	uintptr_t start;
	size_t size;
};

/* The function, or the object, of the symbol table that contains @addr. */
bool lfx_elf_symbol(uintptr_t addr, bool code, struct lfx_symbol *symbol);

/* Where the text of lfx_symbols_prefer() accesses a member with this name; -1: nowhere. */
int lfx_symbols_preferred(const char *name);

#if LFX_DWARF

#include <elfutils/libdw.h>

/* A string that is built from the left, and is cut where the buffer ends. */
struct lfx_path {
	char *buf;
	size_t size;
	size_t len;
	/* It goes through an array without a length. */
	bool open;
};

/* An empty path. @size may be 0. */
void lfx_path_init(struct lfx_path *path, char *buf, size_t size);
void lfx_path_add(struct lfx_path *path, const char *fmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));

struct lfx_range {
	Dwarf_Addr low;
	Dwarf_Addr high;
	Dwarf_Die die;
};

struct lfx_ranges {
	struct lfx_range *list;
	size_t nr;
	size_t room;
};

/* A compilation unit. */
struct lfx_unit {
	struct lfx_unit *next;
	Dwarf_Die die;
	struct lfx_ranges code;
	/* Filled when it is needed. */
	struct lfx_ranges functions;
	bool has_functions;
};

/* The list of all units; NULL if the program has no debug information. */
struct lfx_unit *lfx_dwarf_units(void);
/* The entry at an offset of the debug information. */
bool lfx_dwarf_die(Dwarf_Off offset, Dwarf_Die *die);
/* The rules for finding the caller's frame; NULL if there are none. */
Dwarf_CFI *lfx_dwarf_cfi(void);
/* Attributes of an entry. Return false if it has none. */
bool lfx_dwarf_number(Dwarf_Die *die, unsigned int name, Dwarf_Word *value);
bool lfx_dwarf_type(Dwarf_Die *die, Dwarf_Die *type);

/* As lfx_symbols_code(), without the cache. */
size_t lfx_dwarf_code(uintptr_t pc, struct lfx_code *frames, size_t max);
/*
 * The function of a frame that lfx_dwarf_code() returns, and its compilation
 * unit.
 */
bool lfx_dwarf_scope(uintptr_t pc, size_t frame, Dwarf_Die *scope,
		     Dwarf_Die *unit_die);
/* The name of the static variable at @addr. Returns false if there is none. */
bool lfx_dwarf_data(uintptr_t addr, char *buf, size_t size);

/* 0 if unknown. */
size_t lfx_type_die_size(Dwarf_Die *type);
/*
 * Go from @type to the innermost member at *@offset: *@type becomes its type
 * and *@offset the rest, which is 0 if the member begins there.
 */
void lfx_type_descend(Dwarf_Die *type, size_t *offset, struct lfx_path *path);
/* The type that the pointer type @type points to. */
lfx_type_t lfx_type_target(Dwarf_Die *type);
/* Go through qualifiers and typedefs. Returns false at void. */
bool lfx_type_peel(Dwarf_Die *type);

#else

static inline size_t lfx_dwarf_code(uintptr_t pc, struct lfx_code *frames,
				    size_t max)
{
	return 0;
}

static inline bool lfx_dwarf_data(uintptr_t addr, char *buf, size_t size)
{
	return false;
}

#endif

#endif
