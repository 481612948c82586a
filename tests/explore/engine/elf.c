// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The symbol table of the program's file; see symbols.h. */

#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols-internal.h"

static struct {
	bool opened;
	const char *data;
	size_t size;
	const ElfW(Sym) *symbols;
	size_t nr_symbols;
	const char *names;
	size_t names_size;
} elf;

static void elf_map(void)
{
	struct stat st;
	void *data;
	int fd;

	fd = open(LFX_SYMBOLS_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (!fstat(fd, &st) && st.st_size > 0) {
		data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (data != MAP_FAILED) {
			elf.data = data;
			elf.size = st.st_size;
		}
	}
	close(fd);
}

/* @nr elements of @size bytes at @offset; NULL if the file is too short. */
static const void *elf_part(uint64_t offset, uint64_t size, uint64_t nr)
{
	if (offset > elf.size || (nr && size > (elf.size - offset) / nr))
		return NULL;
	return elf.data + offset;
}

static const ElfW(Shdr) *elf_sections(size_t *nr)
{
	const ElfW(Ehdr) *header = elf_part(0, sizeof(*header), 1);

	if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_shentsize != sizeof(ElfW(Shdr)))
		return NULL;
	*nr = header->e_shnum;
	return elf_part(header->e_shoff, sizeof(ElfW(Shdr)), *nr);
}

static bool elf_read_table(unsigned int type)
{
	const ElfW(Shdr) *sections, *table, *names;
	const char *strings;
	size_t nr, i;

	sections = elf_sections(&nr);
	if (!sections)
		return false;
	for (i = 0; i < nr && sections[i].sh_type != type; i++)
		;
	if (i == nr || sections[i].sh_link >= nr)
		return false;
	table = &sections[i];
	names = &sections[table->sh_link];
	elf.nr_symbols = table->sh_size / sizeof(ElfW(Sym));
	elf.symbols = elf_part(table->sh_offset, sizeof(ElfW(Sym)),
			       elf.nr_symbols);
	strings = elf_part(names->sh_offset, 1, names->sh_size);
	/* With a NUL as the last byte, every index is that of a string. */
	if (!elf.symbols || !strings || !names->sh_size ||
	    strings[names->sh_size - 1]) {
		elf.nr_symbols = 0;
		return false;
	}
	elf.names = strings;
	elf.names_size = names->sh_size;
	return true;
}

static void elf_open(void)
{
	if (elf.opened)
		return;
	elf.opened = true;
	elf_map();
	if (elf.data && !elf_read_table(SHT_SYMTAB))
		elf_read_table(SHT_DYNSYM);
}

static bool elf_matches(const ElfW(Sym) *sym, bool code)
{
	unsigned int type = sym->st_info & 0xf;

	if (code)
		return type == STT_FUNC || type == STT_GNU_IFUNC;
	return type == STT_OBJECT || type == STT_COMMON;
}

bool lfx_elf_symbol(uintptr_t addr, bool code, struct lfx_symbol *symbol)
{
	bool found = false;
	size_t i;

	elf_open();
	for (i = 0; i < elf.nr_symbols; i++) {
		const ElfW(Sym) *sym = &elf.symbols[i];

		if (addr < sym->st_value ||
		    addr - sym->st_value >= sym->st_size ||
		    sym->st_shndx == SHN_UNDEF ||
		    sym->st_name >= elf.names_size ||
		    !elf_matches(sym, code))
			continue;
		symbol->name = elf.names + sym->st_name;
		symbol->start = sym->st_value;
		symbol->size = sym->st_size;
		found = true;
		/* A name with a dot is the compiler's: prefer another one. */
		if (!strchr(symbol->name, '.'))
			break;
	}
	return found;
}
