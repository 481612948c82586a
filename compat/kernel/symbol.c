// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The name of a code address: "function+0x12 [object]".
 *
 * dladdr() knows exported functions only, but most functions of a program are
 * static. So this reads the symbol table of the file. It is slow, and used for
 * reports only.
 */

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "kernel/internal.h"

struct symbol_image {
	const char *data;
	size_t size;
};

/* @nr elements of @size bytes at @offset; NULL if the file is too short. */
static const void *symbol_part(const struct symbol_image *im, u64 offset,
			       u64 size, u64 nr)
{
	if (offset > im->size || (nr && size > (im->size - offset) / nr))
		return NULL;
	return im->data + offset;
}

static const ElfW(Shdr) *symbol_sections(const struct symbol_image *im,
					 unsigned int *nr)
{
	const ElfW(Ehdr) *elf = symbol_part(im, 0, sizeof(*elf), 1);

	if (!elf || memcmp(elf->e_ident, ELFMAG, SELFMAG) ||
	    elf->e_ident[EI_CLASS] !=
		    (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
	    elf->e_shentsize != sizeof(ElfW(Shdr)))
		return NULL;
	*nr = elf->e_shnum;
	return symbol_part(im, elf->e_shoff, sizeof(ElfW(Shdr)), elf->e_shnum);
}

/* The function that contains @addr, from a symbol table of the given type. */
static const char *symbol_find(const struct symbol_image *im, unsigned int type,
			       unsigned long addr, unsigned long *start)
{
	const ElfW(Shdr) *sec, *table = NULL, *names;
	const ElfW(Sym) *sym;
	const char *strings, *found = NULL;
	unsigned int nr, i;
	size_t nr_syms;

	sec = symbol_sections(im, &nr);
	for (i = 0; sec && i < nr && !table; i++)
		if (sec[i].sh_type == type)
			table = &sec[i];
	if (!table || table->sh_link >= nr)
		return NULL;
	names = &sec[table->sh_link];
	strings = symbol_part(im, names->sh_offset, 1, names->sh_size);
	nr_syms = table->sh_size / sizeof(*sym);
	sym = symbol_part(im, table->sh_offset, sizeof(*sym), nr_syms);
	/* With a NUL as the last byte, every index is that of a string. */
	if (!sym || !strings || !names->sh_size ||
	    strings[names->sh_size - 1])
		return NULL;
	for (; nr_syms; sym++, nr_syms--) {
		if ((sym->st_info & 0xf) != STT_FUNC ||
		    sym->st_shndx == SHN_UNDEF ||
		    addr < sym->st_value ||
		    addr - sym->st_value >= sym->st_size ||
		    sym->st_name >= names->sh_size)
			continue;
		*start = sym->st_value;
		found = strings + sym->st_name;
		/* A name with a dot is the compiler's: prefer another one. */
		if (!strchr(found, '.'))
			break;
	}
	return found;
}

const char *lfpriv_symbol_of(struct lfpriv_symbol *symbol, unsigned long ip)
{
	struct lfhost_object object;
	const char *name = NULL, *base;
	unsigned long addr, start = 0;
	struct symbol_image im;

	if (!ip || !lfhost_find_object(ip, &object)) {
		snprintf(symbol->text, sizeof(symbol->text), "0x%lx", ip);
		return symbol->text;
	}
	base = strrchr(object.path, '/');
	base = base ? base + 1 : object.path;
	addr = ip - object.base;
	im.data = lfhost_map_file(object.path, &im.size);
	if (im.data) {
		/*
		 * A return address may be the first byte of the next function,
		 * if the call is the last instruction: look one byte before it.
		 */
		name = symbol_find(&im, SHT_SYMTAB, addr - 1, &start);
		if (!name)
			name = symbol_find(&im, SHT_DYNSYM, addr - 1, &start);
	}
	if (name)
		snprintf(symbol->text, sizeof(symbol->text),
			 "%.80s+0x%lx [%.30s]", name, addr - start, base);
	else
		snprintf(symbol->text, sizeof(symbol->text), "%.100s+0x%lx",
			 base, addr);
	if (im.data)
		lfhost_unmap_file((void *)im.data, im.size);
	return symbol->text;
}

const char *lfpriv_symbol_of_function(struct lfpriv_symbol *symbol,
				      void (*fn)(struct work_struct *))
{
	char *offset;

	/* lfpriv_symbol_of() looks one byte before a return address. */
	lfpriv_symbol_of(symbol, (unsigned long)fn + 1);
	offset = strstr(symbol->text, "+0x1 [");
	if (offset)
		*offset = '\0';
	return symbol->text;
}
