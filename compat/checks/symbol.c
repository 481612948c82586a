// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The name of a place in the code: "function+0x12 [object]".
 *
 * dladdr() knows exported functions only, and most of a program's are static:
 * this reads the symbol table of the file. Slow, and only for reports.
 */

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "kernel/internal.h"

struct image {
	const char *data;
	size_t size;
};

/* @nr things of @size bytes at @offset, or NULL where the file has not that. */
static const void *part(const struct image *im, u64 offset, u64 size, u64 nr)
{
	if (offset > im->size || (nr && size > (im->size - offset) / nr))
		return NULL;
	return im->data + offset;
}

static const ElfW(Shdr) *sections(const struct image *im, unsigned int *nr)
{
	const ElfW(Ehdr) *elf = part(im, 0, sizeof(*elf), 1);

	if (!elf || memcmp(elf->e_ident, ELFMAG, SELFMAG) ||
	    elf->e_ident[EI_CLASS] !=
		    (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
	    elf->e_shentsize != sizeof(ElfW(Shdr)))
		return NULL;
	*nr = elf->e_shnum;
	return part(im, elf->e_shoff, sizeof(ElfW(Shdr)), elf->e_shnum);
}

/* The function with @addr in it, from a symbol table of the given type. */
static const char *find_in(const struct image *im, unsigned int type,
			   unsigned long addr, unsigned long *start)
{
	const ElfW(Shdr) *sec, *table = NULL, *names;
	const ElfW(Sym) *sym;
	const char *strings, *found = NULL;
	unsigned int nr, i;
	size_t nr_syms;

	sec = sections(im, &nr);
	for (i = 0; sec && i < nr && !table; i++)
		if (sec[i].sh_type == type)
			table = &sec[i];
	if (!table || table->sh_link >= nr)
		return NULL;
	names = &sec[table->sh_link];
	strings = part(im, names->sh_offset, 1, names->sh_size);
	nr_syms = table->sh_size / sizeof(*sym);
	sym = part(im, table->sh_offset, sizeof(*sym), nr_syms);
	/* The last byte ends the last string, whatever the index. */
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
		/* The compiler has names of its own, with a dot in them. */
		if (!strchr(found, '.'))
			break;
	}
	return found;
}

const char *lfpriv_symbol_of(struct lfpriv_symbol *place, unsigned long ip)
{
	struct lfhost_object object;
	const char *name = NULL, *base;
	unsigned long addr, start = 0;
	struct image im;

	if (!ip || !lfhost_find_object(ip, &object)) {
		snprintf(place->text, sizeof(place->text), "0x%lx", ip);
		return place->text;
	}
	base = strrchr(object.path, '/');
	base = base ? base + 1 : object.path;
	addr = ip - object.base;
	im.data = lfhost_map_file(object.path, &im.size);
	if (im.data) {
		/*
		 * An address to return to may be the first of the next
		 * function; the call is before it in any case.
		 */
		name = find_in(&im, SHT_SYMTAB, addr - 1, &start);
		if (!name)
			name = find_in(&im, SHT_DYNSYM, addr - 1, &start);
	}
	if (name)
		snprintf(place->text, sizeof(place->text), "%.80s+0x%lx [%.30s]",
			 name, addr - start, base);
	else
		snprintf(place->text, sizeof(place->text), "%.100s+0x%lx", base,
			 addr);
	if (im.data)
		lfhost_unmap_file((void *)im.data, im.size);
	return place->text;
}
