// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Names of memory, of values and of code. No name depends on where the host has
 * placed something: it is the same in every replay.
 */
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "names.h"
#include "trace.h"

#define MAX_NAMES	64
/* What compat/slab.c places before an object of a cache. */
#define SLAB_HEAD	24
#define MAX_ERRNO	4095
/* The host places nothing below, except for the program. */
#define HOST_BASE	0x100000000000ul

struct name {
	addr_t addr;
	char text[40];
};

static struct name names[MAX_NAMES];
static unsigned int nr_names;

void names_reset(void)
{
	nr_names = 0;
}

/* Each run names its threads, so snprintf() is no small part of a short one. */
void copy_name(char *to, const char *name, size_t size)
{
	size_t len = strnlen(name, size - 1);

	memcpy(to, name, len);
	to[len] = '\0';
}

void lfx_name(const void *p, const char *text)
{
	if (nr_names == MAX_NAMES)
		return;
	names[nr_names].addr = (addr_t)p;
	copy_name(names[nr_names].text, text, sizeof(names[0].text));
	nr_names++;
}

const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

static bool ends_with(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && !strncmp(text + len - n, end, n);
}

void cut_noise(char *path)
{
	static const char *const noise[] = {
		".refcount.refs.counter", ".refs.counter", ".counter",
		".lfshim_word", ".word",
	};
	size_t i, len = strlen(path);

	for (i = 0; i < ARRAY_SIZE(noise); i++)
		if (ends_with(path, len, noise[i])) {
			path[len - strlen(noise[i])] = '\0';
			return;
		}
}

/* Types of heap objects */

/* These files allocate for others. */
static bool is_allocator(const char *file)
{
	static const char *const files[] = {
		"slab.c", "slab.h", "overflow.h", "seam.c", "rculist.h",
	};
	size_t i;

	for (i = 0; file && i < ARRAY_SIZE(files); i++)
		if (!strcmp(base_name(file), files[i]))
			return true;
	return !file;
}

struct call_type {
	addr_t pc;
	bool found;
	lfx_type_t type;
};

static void find_call_type(struct call_type *c)
{
	struct lfx_code frames[8];
	size_t n = lfx_symbols_code(c->pc - 1, frames, ARRAY_SIZE(frames)), k;

	c->found = false;
	c->type = 0;
	for (k = 0; k < n && !c->found; k++)
		if (!is_allocator(frames[k].file)) {
			c->found = true;
			c->type = lfx_symbols_allocated(c->pc - 1, k);
		}
}

static const struct call_type *type_at_call(addr_t pc)
{
	static struct call_type known[256];
	struct call_type *c = &known[pc % ARRAY_SIZE(known)];

	if (c->pc != pc) {
		c->pc = pc;
		find_call_type(c);
	}
	return c;
}

/* 0 if unknown. */
static lfx_type_t object_type(const struct object *o)
{
	const struct call_type *c;
	unsigned int i;

	for (i = 0; i < o->nr_allocated; i++) {
		c = type_at_call(o->allocated[i]);
		if (!c->found)
			continue;
		return lfx_symbols_type_size(c->type) <= o->size ? c->type : 0;
	}
	return 0;
}

/* Where the object of a slab cache begins in its memory. */
static size_t type_offset(const struct object *o, lfx_type_t type)
{
	return type && o->size == lfx_symbols_type_size(type) + SLAB_HEAD ?
		       SLAB_HEAD : 0;
}

static const char *short_type_name(lfx_type_t type)
{
	const char *name = type ? lfx_symbols_type_name(type) : NULL;

	if (name && !strncmp(name, "struct ", 7))
		return name + 7;
	if (name && !strncmp(name, "union ", 6))
		return name + 6;
	return name && *name ? name : "object";
}

/* "dma_fence", or "dma_fence 2" if there are several. */
static void number_object(const struct object *o, lfx_type_t type, char *buf,
			  size_t size)
{
	const char *name = short_type_name(type);
	unsigned int nr, i, same = 0, mine = 0;
	const struct object *all = memory_objects(&nr);

	for (i = 0; i < nr; i++) {
		if (strcmp(short_type_name(object_type(&all[i])), name))
			continue;
		same++;
		if (&all[i] == o)
			mine = same;
	}
	snprintf(buf, size, same > 1 ? "%s %u" : "%s", name, mine);
}

static void name_object(const struct object *o, lfx_type_t type, char *buf,
			size_t size)
{
	unsigned int i;

	for (i = 0; i < nr_names; i++)
		if (names[i].addr - o->base < o->size) {
			snprintf(buf, size, "%s", names[i].text);
			return;
		}
	number_object(o, type, buf, size);
}

/* The path of the member at @offset; "" at the begin of a type without members. */
static bool member_path(const struct object *o, lfx_type_t type, size_t offset,
			char *buf, size_t size)
{
	size_t each = lfx_symbols_type_size(type), n = 0;

	buf[0] = '\0';
	if (!each || offset >= o->size)
		return false;
	/* An array of them? */
	if (o->size >= 2 * each && o->size % each == 0 &&
	    !lfx_symbols_member(type, each, buf, size)) {
		n = snprintf(buf, size, "[%zu]", offset / each);
		offset %= each;
	}
	if (n >= size || !lfx_symbols_member(type, offset, buf + n, size - n))
		return false;
	cut_noise(buf);
	return true;
}

static void name_in_object(const struct object *o, addr_t addr, char *buf,
			   size_t size)
{
	lfx_type_t type = object_type(o);
	size_t offset = addr - o->base, begin = type_offset(o, type);
	char path[NAME_SIZE], name[48];

	name_object(o, type, name, sizeof(name));
	if (type && offset >= begin &&
	    member_path(o, type, offset - begin, path, sizeof(path)))
		snprintf(buf, size, "%s%s%s", name,
			 *path && *path != '[' ? "->" : "", path);
	else if (offset == begin)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "%s + %zu", name, offset);
}

const char *memory_name(addr_t addr, char *buf, size_t size)
{
	struct object *o;

	if (memory_stack_owner(addr)) {
		name_on_stack(addr, false, buf, size);
	} else if (addr - memory_rcu_word() < 16) {
		snprintf(buf, size, "RCU");
	} else if (addr - memory_irq_word() < 8 * LFX_THREADS) {
		snprintf(buf, size, "interrupts");
	} else if (addr - REGION_BASE < HEAPS_SIZE) {
		o = memory_object(addr);
		if (o)
			name_in_object(o, addr, buf, size);
		else
			snprintf(buf, size, "the heap, outside of all objects");
	} else if (lfx_symbols_data(addr, buf, size)) {
		cut_noise(buf);
	} else if (addr < 4096) {
		snprintf(buf, size, addr ? "NULL + %lu" : "NULL", addr);
	} else {
		snprintf(buf, size, "memory of the host");
	}
	return buf;
}

const char *memory_type_name(addr_t addr, char *buf, size_t size)
{
	struct object *o = NULL;
	lfx_type_t type = 0;
	char path[NAME_SIZE];
	size_t begin;

	if (addr - REGION_BASE < HEAPS_SIZE && !memory_stack_owner(addr))
		o = memory_object(addr);
	if (o)
		type = object_type(o);
	begin = o ? o->base + type_offset(o, type) : 0;
	if (!type || addr < begin ||
	    !member_path(o, type, addr - begin, path, sizeof(path)))
		return memory_name(addr, buf, size);
	snprintf(buf, size, "%s%s%s", short_type_name(type),
		 *path && *path != '[' ? "->" : "", path);
	return buf;
}

const char *memory_object_name(addr_t addr, char *buf, size_t size)
{
	struct object *o = NULL;
	size_t offset = 1;

	if (addr - REGION_BASE < HEAPS_SIZE)
		o = memory_object(addr);
	if (o && addr - o->base == type_offset(o, object_type(o))) {
		name_object(o, object_type(o), buf, size);
		return buf;
	}
	if (memory_stack_owner(addr)) {
		name_on_stack(addr, true, buf, size);
		return buf;
	}
	memory_name(addr, buf, size);
	/* The begin of a static variable, and not of its first member. */
	if (lfx_symbols_variable(addr, &offset) && !offset)
		buf[strcspn(buf, ".[")] = '\0';
	return buf;
}

/* Values */

enum lfx_value value_kind(addr_t addr)
{
	struct lfx_local local;
	lfx_type_t type = 0;
	size_t offset = 0;
	struct object *o;

	if (memory_stack_owner(addr)) {
		if (frame_variable(addr, &local))
			return lfx_symbols_value(local.type, local.offset);
	} else if (addr - REGION_BASE < HEAPS_SIZE) {
		o = memory_object(addr);
		type = o ? object_type(o) : 0;
		if (!type)
			return LFX_VALUE_UNKNOWN;
		offset = addr - o->base - type_offset(o, type);
		if (o->size >= 2 * lfx_symbols_type_size(type) &&
		    offset >= lfx_symbols_type_size(type))
			offset %= lfx_symbols_type_size(type);
	} else {
		type = lfx_symbols_variable(addr, &offset);
	}
	return type ? lfx_symbols_value(type, offset) : LFX_VALUE_UNKNOWN;
}

/* Such as LIST_POISON1: the upper bits are not all the same. */
static bool is_no_address(uint64_t value)
{
	return value >> 48 && value >> 48 != UINT64_MAX >> 48;
}

static void name_pointer(uint64_t value, char *buf, size_t size)
{
	char name[NAME_SIZE];
	struct lfx_code code;

	if (!value)
		snprintf(buf, size, "NULL");
	else if (value >= (uint64_t)-MAX_ERRNO)
		snprintf(buf, size, "ERR_PTR(%d)", (int)value);
	else if (value - REGION_BASE < REGION_SIZE ||
		 lfx_symbols_data(value, name, sizeof(name)))
		snprintf(buf, size, "&%s",
			 memory_object_name(value, name, sizeof(name)));
	else if (lfx_symbols_code(value, &code, 1) && code.function)
		snprintf(buf, size, "%s", code.function);
	else if (value < 4096 || is_no_address(value))
		snprintf(buf, size, "%#llx", (unsigned long long)value);
	else
		snprintf(buf, size, "an address");
}

static int64_t sign_extend(uint64_t value, unsigned int bytes)
{
	unsigned int shift = 64 - 8 * bytes;

	return (int64_t)(value << shift) >> shift;
}

const char *value_name(enum lfx_value kind, unsigned int access_size,
		       uint64_t value, char *buf, size_t size)
{
	/* An integer may be a pointer, such as the owner of a mutex. */
	if (access_size == 8 &&
	    (value - REGION_BASE < REGION_SIZE ||
	     (kind == LFX_VALUE_UNKNOWN && value >= HOST_BASE)))
		kind = LFX_VALUE_POINTER;
	if (kind == LFX_VALUE_POINTER && access_size == 8)
		name_pointer(value, buf, size);
	else if (kind == LFX_VALUE_BOOL && value < 2)
		snprintf(buf, size, "%s", value ? "true" : "false");
	else if (kind == LFX_VALUE_SIGNED)
		snprintf(buf, size, "%lld",
			 (long long)sign_extend(value, access_size));
	else
		snprintf(buf, size, value < 10 ? "%llu" : "%#llx",
			 (unsigned long long)value);
	return buf;
}

/* Unions */

/* The lines of the calls, the innermost one first. */
static void prefer_lines(const addr_t *calls, unsigned int nr)
{
	struct lfx_code frames[8];
	char text[800] = "", line[200];
	size_t n, k, len = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		n = lfx_symbols_code(calls[i] - 1, frames, ARRAY_SIZE(frames));
		for (k = 0; k < n && len < sizeof(text); k++)
			len += snprintf(text + len, sizeof(text) - len, "%s\n",
					lfx_symbols_source(frames[k].file,
							   frames[k].line, line,
							   sizeof(line)));
	}
	lfx_symbols_prefer(text);
}

const char *memory_name_at(addr_t addr, const addr_t *calls, unsigned int nr,
			   char *buf, size_t size)
{
	prefer_lines(calls, nr);
	memory_name(addr, buf, size);
	lfx_symbols_prefer("");
	return buf;
}

enum lfx_value value_kind_at(addr_t addr, const addr_t *calls, unsigned int nr)
{
	enum lfx_value kind;

	prefer_lines(calls, nr);
	kind = value_kind(addr);
	lfx_symbols_prefer("");
	return kind;
}

/* Code */

/* Headers and the shim are not the code that a reader looks for. */
static bool is_own_code(const struct lfx_code *code)
{
	return code->file && !strstr(code->file, "/include/") &&
	       !strstr(code->file, "/compat/") &&
	       !strstr(code->file, "/explore/shim/");
}

/* Between the shim and the engine. */
bool is_seam(const char *file)
{
	return file && strstr(file, "/explore/shim/seam.c");
}

bool code_find(const addr_t *calls, unsigned int nr, struct lfx_code *code)
{
	struct lfx_code frames[8];
	bool found = false;
	unsigned int i;
	size_t n, k;
	for (i = 0; i < nr; i++) {
		n = lfx_symbols_code(calls[i] - 1, frames, ARRAY_SIZE(frames));
		for (k = 0; k < n; k++) {
			if (!frames[k].function || is_seam(frames[k].file))
				continue;
			if (!found)
				*code = frames[k];
			found = true;
			if (is_own_code(&frames[k])) {
				*code = frames[k];
				return true;
			}
		}
	}
	return found;
}

bool code_is_of_the_shim(const addr_t *calls, unsigned int nr)
{
	struct lfx_code code;

	return !code_find(calls, nr, &code) || !is_own_code(&code);
}

const char *calls_name(const addr_t *calls, unsigned int nr, char *buf,
		       size_t size)
{
	struct lfx_code code;

	if (nr && calls[0] == DEFERRED_FREE) {
		snprintf(buf, size, "kfree_rcu() of ");
		calls_name(calls + 1, nr - 1, buf + strlen(buf),
			   size - strlen(buf));
		return buf;
	}
	if (!nr)
		snprintf(buf, size, "its last function");
	else if (!code_find(calls, nr, &code))
		snprintf(buf, size, "the shim");
	else if (code.file)
		snprintf(buf, size, "%s() (%s:%d)", code.function,
			 base_name(code.file), code.line);
	else
		snprintf(buf, size, "%s()", code.function);
	return buf;
}

const char *code_name(addr_t pc, char *buf, size_t size)
{
	return calls_name(&pc, 1, buf, size);
}

const char *lfx_first_own(const char *file, char *buf, size_t size)
{
	const struct lfx_code here = { .file = file };
	addr_t calls[MAX_CALLS];
	struct lfx_code code;
	unsigned int nr;

	if (!engine_on() || is_own_code(&here))
		return NULL;
	nr = trace_calls(calls, ARRAY_SIZE(calls), CALLER);
	if (!code_find(calls, nr, &code) || !is_own_code(&code))
		return NULL;
	snprintf(buf, size, "%s() %s:%d", code.function, base_name(code.file),
		 code.line);
	return buf;
}

const char *here_name(addr_t pc, char *buf, size_t size)
{
	addr_t calls[16];

	return calls_name(calls, trace_calls(calls, ARRAY_SIZE(calls), pc),
			  buf, size);
}
