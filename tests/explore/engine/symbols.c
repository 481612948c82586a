// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Names for the trace; see symbols.h. This file has the caches, and asks
 * dwarf.c first and elf.c after it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols-internal.h"

#define INTERN_BUCKETS	1024
#define CODE_BUCKETS	4096
/* So many inlined functions in each other are shown. */
#define CODE_FRAMES	32

struct intern_entry {
	struct intern_entry *next;
	char text[];
};

struct code_entry {
	struct code_entry *next;
	uintptr_t pc;
	size_t nr;
	struct lfx_code frames[];
};

struct source_file {
	struct source_file *next;
	const char *name;
	char *text;
	char **lines;
	size_t nr_lines;
};

static struct intern_entry *intern_table[INTERN_BUCKETS];
static struct code_entry *code_table[CODE_BUCKETS];
static struct source_file *source_files;

const char *lfx_symbols_intern(const char *text)
{
	struct intern_entry **bucket, *entry;
	unsigned int hash = 0;
	const char *c;
	size_t size;

	for (c = text; *c; c++)
		hash = hash * 31 + (unsigned char)*c;
	bucket = &intern_table[hash % INTERN_BUCKETS];
	for (entry = *bucket; entry; entry = entry->next)
		if (!strcmp(entry->text, text))
			return entry->text;
	size = strlen(text) + 1;
	entry = malloc(sizeof(*entry) + size);
	if (!entry)
		return NULL;
	memcpy(entry->text, text, size);
	entry->next = *bucket;
	*bucket = entry;
	return entry->text;
}

/* Ask the debug information, and the symbol table for the rest. */
static size_t code_find(uintptr_t pc, struct lfx_code *frames, size_t max)
{
	size_t nr = lfx_dwarf_code(pc, frames, max);
	struct lfx_symbol symbol;

	if (nr && frames[nr - 1].function)
		return nr;
	if (!lfx_elf_symbol(pc, true, &symbol))
		return nr;
	if (!nr) {
		frames[0].file = NULL;
		frames[0].line = 0;
		nr = 1;
	}
	frames[nr - 1].function = symbol.name;
	return nr;
}

static size_t code_copy(struct lfx_code *to, size_t max,
			const struct lfx_code *from, size_t nr)
{
	if (nr > max)
		nr = max;
	if (nr)
		memcpy(to, from, nr * sizeof(*to));
	return nr;
}

size_t lfx_symbols_code(uintptr_t pc, struct lfx_code *frames, size_t max)
{
	struct code_entry **bucket = &code_table[pc % CODE_BUCKETS], *entry;
	struct lfx_code found[CODE_FRAMES];
	size_t nr;

	for (entry = *bucket; entry; entry = entry->next)
		if (entry->pc == pc)
			return code_copy(frames, max, entry->frames, entry->nr);
	nr = code_find(pc, found, CODE_FRAMES);
	entry = malloc(sizeof(*entry) + nr * sizeof(found[0]));
	if (entry) {
		entry->pc = pc;
		entry->nr = code_copy(entry->frames, nr, found, nr);
		entry->next = *bucket;
		*bucket = entry;
	}
	return code_copy(frames, max, found, nr);
}

const char *lfx_symbols_data(uintptr_t addr, char *buf, size_t size)
{
	struct lfx_symbol symbol;

	if (lfx_dwarf_data(addr, buf, size))
		return buf;
	if (!lfx_elf_symbol(addr, false, &symbol))
		return NULL;
	if (addr == symbol.start)
		snprintf(buf, size, "%s", symbol.name);
	else
		snprintf(buf, size, "%s+0x%zx", symbol.name,
			 (size_t)(addr - symbol.start));
	return buf;
}

/* The whole file, with a NUL at its end; NULL if it cannot be read. */
static char *source_read(const char *name)
{
	size_t len = 0, room = 0, n;
	char *text = NULL, *more;
	FILE *f;

	f = fopen(name, "re");
	if (!f)
		return NULL;
	do {
		if (room - len < 2) {
			room = room ? 2 * room : 65536;
			more = realloc(text, room);
			if (!more)
				goto fail;
			text = more;
		}
		n = fread(text + len, 1, room - len - 1, f);
		len += n;
	} while (n);
	if (ferror(f))
		goto fail;
	fclose(f);
	text[len] = '\0';
	return text;

fail:
	free(text);
	fclose(f);
	return NULL;
}

/* Cut the text into lines. Without memory the file has none. */
static void source_split(struct source_file *file)
{
	size_t nr = 1, i;
	char *c;

	for (c = file->text; *c; c++)
		nr += *c == '\n';
	file->lines = malloc(nr * sizeof(*file->lines));
	if (!file->lines)
		return;
	file->nr_lines = nr;
	for (i = 0, c = file->text; i < nr; i++) {
		file->lines[i] = c;
		c += strcspn(c, "\n");
		*c++ = '\0';
	}
}

static struct source_file *source_find(const char *name)
{
	struct source_file *file;

	for (file = source_files; file; file = file->next)
		if (!strcmp(file->name, name))
			return file;
	file = calloc(1, sizeof(*file));
	if (!file)
		return NULL;
	file->name = lfx_symbols_intern(name);
	if (!file->name) {
		free(file);
		return NULL;
	}
	file->text = source_read(name);
	if (file->text)
		source_split(file);
	file->next = source_files;
	source_files = file;
	return file;
}

const char *lfx_symbols_source(const char *file, int line, char *buf,
			       size_t size)
{
	struct source_file *source = file ? source_find(file) : NULL;
	const char *text = "";
	size_t len;

	if (source && line > 0 && (size_t)line <= source->nr_lines)
		text = source->lines[line - 1];
	text += strspn(text, " \t\r\f");
	len = strlen(text);
	while (len && strchr(" \t\r\f", text[len - 1]))
		len--;
	snprintf(buf, size, "%.*s", (int)len, text);
	return buf;
}

/* The members of unions */

static char preferred[800];

void lfx_symbols_prefer(const char *text)
{
	snprintf(preferred, sizeof(preferred), "%s", text);
}

static bool is_of_name(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

int lfx_symbols_preferred(const char *name)
{
	size_t len = name ? strlen(name) : 0;
	const char *at = preferred;

	if (!len || !strncmp(name, "lfshim_", 7))
		return -1;
	for (; (at = strstr(at, name)); at += len)
		if (at > preferred && strchr(".>", at[-1]) && !is_of_name(at[len]))
			return at - preferred;
	return -1;
}

#if !LFX_DWARF

lfx_type_t lfx_symbols_pointee(uintptr_t addr)
{
	return 0;
}

lfx_type_t lfx_symbols_variable(uintptr_t addr, size_t *offset)
{
	return 0;
}

bool lfx_symbols_local(const struct lfx_frame *frame, uintptr_t addr,
		       struct lfx_local *local)
{
	return false;
}

lfx_type_t lfx_symbols_allocated(uintptr_t pc, size_t frame)
{
	return 0;
}

enum lfx_value lfx_symbols_value(lfx_type_t type, size_t offset)
{
	return LFX_VALUE_UNKNOWN;
}

lfx_type_t lfx_symbols_type(const char *name)
{
	return 0;
}

size_t lfx_symbols_type_size(lfx_type_t type)
{
	return 0;
}

const char *lfx_symbols_type_name(lfx_type_t type)
{
	return NULL;
}

const char *lfx_symbols_member(lfx_type_t type, size_t offset, char *buf,
			       size_t size)
{
	return NULL;
}

#endif
