// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Source positions from the debug information; see symbols.h.
 *
 * The units and the functions are indexed here by their addresses:
 * .debug_aranges is optional, and clang does not write it.
 */

#include "symbols-internal.h"

#if LFX_DWARF

#include <dwarf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So many inlined functions in each other are found. */
#define CODE_SCOPES	64

static struct {
	bool opened;
	Dwarf *dwarf;
	struct lfx_unit *units;
} debug;

/* Without memory a range is left out: its code has no name. */
static void ranges_add(struct lfx_ranges *ranges, const struct lfx_range *range)
{
	struct lfx_range *list;
	size_t room;

	if (ranges->nr == ranges->room) {
		room = ranges->room ? 2 * ranges->room : 8;
		list = realloc(ranges->list, room * sizeof(*list));
		if (!list)
			return;
		ranges->list = list;
		ranges->room = room;
	}
	ranges->list[ranges->nr++] = *range;
}

static void ranges_add_die(struct lfx_ranges *ranges, const Dwarf_Die *die)
{
	struct lfx_range range = { .die = *die };
	Dwarf_Addr base;
	ptrdiff_t i = 0;

	while ((i = dwarf_ranges(&range.die, i, &base, &range.low,
				 &range.high)) > 0) {
		/* Code that the linker has dropped begins at 0. */
		if (range.low && range.low < range.high)
			ranges_add(ranges, &range);
	}
}

static struct lfx_range *ranges_find(const struct lfx_ranges *ranges,
				     Dwarf_Addr addr)
{
	size_t i;

	for (i = 0; i < ranges->nr; i++)
		if (addr >= ranges->list[i].low && addr < ranges->list[i].high)
			return &ranges->list[i];
	return NULL;
}

static void debug_read_units(void)
{
	struct lfx_unit **end = &debug.units, *unit;
	Dwarf_CU *cu = NULL;
	Dwarf_Die die;

	while (!dwarf_get_units(debug.dwarf, cu, &cu, NULL, NULL, &die, NULL)) {
		if (dwarf_tag(&die) != DW_TAG_compile_unit)
			continue;
		unit = calloc(1, sizeof(*unit));
		if (!unit)
			return;
		unit->die = die;
		ranges_add_die(&unit->code, &die);
		*end = unit;
		end = &unit->next;
	}
}

struct lfx_unit *lfx_dwarf_units(void)
{
	int fd;

	if (debug.opened)
		return debug.units;
	debug.opened = true;
	fd = open(LFX_SYMBOLS_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	/* libdw keeps the descriptor. */
	debug.dwarf = dwarf_begin(fd, DWARF_C_READ);
	if (debug.dwarf)
		debug_read_units();
	else
		close(fd);
	return debug.units;
}

bool lfx_dwarf_die(Dwarf_Off offset, Dwarf_Die *die)
{
	return offset && lfx_dwarf_units() &&
	       dwarf_offdie(debug.dwarf, offset, die);
}

Dwarf_CFI *lfx_dwarf_cfi(void)
{
	return lfx_dwarf_units() ? dwarf_getcfi_elf(dwarf_getelf(debug.dwarf)) :
				   NULL;
}

bool lfx_dwarf_number(Dwarf_Die *die, unsigned int name, Dwarf_Word *value)
{
	Dwarf_Attribute attr;

	return dwarf_attr_integrate(die, name, &attr) &&
	       !dwarf_formudata(&attr, value);
}

bool lfx_dwarf_type(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attr;

	return dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attr),
				 type);
}

static struct lfx_unit *unit_find(Dwarf_Addr pc)
{
	struct lfx_unit *unit;

	for (unit = lfx_dwarf_units(); unit; unit = unit->next)
		if (ranges_find(&unit->code, pc))
			return unit;
	return NULL;
}

static bool unit_find_function(struct lfx_unit *unit, Dwarf_Addr pc,
			       Dwarf_Die *function)
{
	struct lfx_range *range;
	Dwarf_Die die;

	if (!unit->has_functions && !dwarf_child(&unit->die, &die)) {
		do {
			if (dwarf_tag(&die) == DW_TAG_subprogram)
				ranges_add_die(&unit->functions, &die);
		} while (!dwarf_siblingof(&die, &die));
	}
	unit->has_functions = true;
	range = ranges_find(&unit->functions, pc);
	if (range)
		*function = range->die;
	return range;
}

/* Remove "." and ".." from an absolute path. */
static void file_normalise(char *path)
{
	const char *from = path, *end;
	char *to = path;

	while (*from) {
		from += strspn(from, "/");
		end = from + strcspn(from, "/");
		if (end - from == 2 && !strncmp(from, "..", 2)) {
			while (to > path && *--to != '/')
				;
		} else if (end > from && !(end - from == 1 && *from == '.')) {
			*to++ = '/';
			memmove(to, from, end - from);
			to += end - from;
		}
		from = end;
	}
	*to = '\0';
}

static const char *file_name(struct lfx_unit *unit, const char *name)
{
	char path[PATH_MAX];
	Dwarf_Attribute attr;
	const char *dir = NULL;
	int len;

	if (!name)
		return NULL;
	if (*name != '/')
		dir = dwarf_formstring(
			dwarf_attr(&unit->die, DW_AT_comp_dir, &attr));
	if (dir)
		len = snprintf(path, sizeof(path), "%s/%s", dir, name);
	else
		len = snprintf(path, sizeof(path), "%s", name);
	if (len >= (int)sizeof(path))
		return name;
	if (*path == '/')
		file_normalise(path);
	return lfx_symbols_intern(path);
}

/* The position of the instruction at @pc, which is in @scope. */
static void code_position(struct lfx_unit *unit, Dwarf_Die *scope,
			  Dwarf_Addr pc, struct lfx_code *frame)
{
	Dwarf_Line *line = dwarf_getsrc_die(&unit->die, pc);
	Dwarf_Addr addr;

	/* Line 0 is code of no line: take the line before it. */
	while (line && !dwarf_lineno(line, &frame->line) && !frame->line) {
		if (!scope || dwarf_lineaddr(line, &addr) || !addr ||
		    dwarf_haspc(scope, addr - 1) <= 0)
			break;
		line = dwarf_getsrc_die(&unit->die, addr - 1);
	}
	if (line)
		frame->file = file_name(unit, dwarf_linesrc(line, NULL, NULL));
}

/* Where the inlined function @scope is called. */
static void code_call_position(struct lfx_unit *unit, Dwarf_Die *scope,
			       struct lfx_code *frame)
{
	Dwarf_Word file, line;
	Dwarf_Files *files;
	size_t nr;

	if (lfx_dwarf_number(scope, DW_AT_call_line, &line))
		frame->line = line;
	if (lfx_dwarf_number(scope, DW_AT_call_file, &file) &&
	    !dwarf_getsrcfiles(&unit->die, &files, &nr) && file < nr)
		frame->file = file_name(
			unit, dwarf_filesrc(files, file, NULL, NULL));
}

/* The scope in @die that contains @pc: a block or an inlined function. */
static bool code_step(Dwarf_Die *die, Dwarf_Addr pc)
{
	Dwarf_Die child;
	int tag;

	if (dwarf_child(die, &child))
		return false;
	do {
		tag = dwarf_tag(&child);
		if ((tag == DW_TAG_inlined_subroutine ||
		     tag == DW_TAG_lexical_block) &&
		    dwarf_haspc(&child, pc) > 0) {
			*die = child;
			return true;
		}
	} while (!dwarf_siblingof(&child, &child));
	return false;
}

/* The function at @pc and those that are inlined there, outermost first. */
static size_t code_scopes(struct lfx_unit *unit, Dwarf_Addr pc,
			  Dwarf_Die *scopes)
{
	size_t nr = 0;
	Dwarf_Die die;

	if (!unit_find_function(unit, pc, &die))
		return 0;
	scopes[nr++] = die;
	while (nr < CODE_SCOPES && code_step(&die, pc))
		if (dwarf_tag(&die) == DW_TAG_inlined_subroutine)
			scopes[nr++] = die;
	return nr;
}

bool lfx_dwarf_scope(uintptr_t pc, size_t frame, Dwarf_Die *scope,
		     Dwarf_Die *unit_die)
{
	struct lfx_unit *unit = unit_find(pc);
	Dwarf_Die scopes[CODE_SCOPES];
	size_t nr;

	if (!unit)
		return false;
	nr = code_scopes(unit, pc, scopes);
	if (frame >= nr)
		return false;
	*scope = scopes[nr - 1 - frame];
	*unit_die = unit->die;
	return true;
}

size_t lfx_dwarf_code(uintptr_t pc, struct lfx_code *frames, size_t max)
{
	struct lfx_unit *unit = unit_find(pc);
	Dwarf_Die scopes[CODE_SCOPES];
	size_t nr, i;

	if (!unit || !max)
		return 0;
	memset(frames, 0, max * sizeof(*frames));
	nr = code_scopes(unit, pc, scopes);
	code_position(unit, nr ? &scopes[nr - 1] : NULL, pc, &frames[0]);
	if (!nr)
		return 1;
	for (i = 0; i < nr && i < max; i++) {
		frames[i].function = dwarf_diename(&scopes[nr - 1 - i]);
		if (i)
			code_call_position(unit, &scopes[nr - i], &frames[i]);
	}
	return i;
}

#endif
