/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Names for the trace: functions, source lines, static data and members of
 * types.
 *
 * They come from the file of the program, /proc/self/exe, which is read when a
 * name is asked for the first time. It is not position independent: the
 * addresses in the process are those in the file. With LFX_DWARF the names come
 * from the debug information, by libdw, and else from the ELF symbol table,
 * which knows no source lines and no types.
 *
 * One thread at a time. A returned string that is not in the caller's buffer
 * stays valid for ever.
 */
#ifndef LFX_SYMBOLS_H
#define LFX_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lfx_code {
	/* NULL if unknown. */
	const char *function;
	/* NULL if unknown. Absolute if the directory is known. */
	const char *file;
	/* 0 if unknown. */
	int line;
};

/*
 * A type of the program; 0 if unknown. A type that several source files include
 * has several of these.
 */
typedef uintptr_t lfx_type_t;

/*
 * The source position of the instruction at @pc, and, if it is in inlined
 * functions, those of their calls: the innermost function comes first. Returns
 * the number of frames, which is at most @max, and 0 if @pc is unknown.
 */
size_t lfx_symbols_code(uintptr_t pc, struct lfx_code *frames, size_t max);

/*
 * The name of static data: "table[3].refs", or "table+0x18" without debug
 * information. Returns @buf, or NULL if no static object is at @addr.
 */
const char *lfx_symbols_data(uintptr_t addr, char *buf, size_t size);

/* The type that the pointer in static data at @addr points to. */
lfx_type_t lfx_symbols_pointee(uintptr_t addr);

/*
 * The type of the static variable at @addr; *@offset is where @addr is in it.
 */
lfx_type_t lfx_symbols_variable(uintptr_t addr, size_t *offset);

/* A stack frame: the registers at the instruction @pc of its function. */
struct lfx_frame {
	uintptr_t pc, sp, fp;
};

struct lfx_local {
	const char *name;
	lfx_type_t type;
	size_t offset;
};

/* The variable in the frame that contains @addr. Returns false if unknown. */
bool lfx_symbols_local(const struct lfx_frame *frame, uintptr_t addr,
		       struct lfx_local *local);

/*
 * The type of the memory that is allocated in a frame of lfx_symbols_code(@pc).
 * It is found in the text of the source line: "x = kmalloc(sizeof(*x))".
 */
lfx_type_t lfx_symbols_allocated(uintptr_t pc, size_t frame);

/* The type with this name: "struct list_head", "spinlock_t", "unsigned int". */
lfx_type_t lfx_symbols_type(const char *name);

/* 0 if unknown. */
size_t lfx_symbols_type_size(lfx_type_t type);

/* NULL if unknown. */
const char *lfx_symbols_type_name(lfx_type_t type);

/*
 * The path of the innermost member at @offset: "cb[1].node.next". Of the
 * members of a union, the first one that contains the byte, unless
 * lfx_symbols_prefer() has said another one. "+0x4" at the end
 * of the path says that the byte is not the first one, or is padding. Returns
 * @buf, or NULL if @offset is outside of the type.
 */
const char *lfx_symbols_member(lfx_type_t type, size_t offset, char *buf,
			       size_t size);

enum lfx_value {
	LFX_VALUE_UNKNOWN,
	LFX_VALUE_POINTER,
	LFX_VALUE_BOOL,
	LFX_VALUE_SIGNED,
	LFX_VALUE_UNSIGNED,
};

/*
 * From now on, the members of unions that are accessed in this text, as in
 * "f->timestamp = now", come before the first ones: the earlier in the text, the sooner.
 * "" ends that. Members of the shim are left out: other code does not name them.
 */
void lfx_symbols_prefer(const char *text);

/* The kind of the innermost member at @offset. */
enum lfx_value lfx_symbols_value(lfx_type_t type, size_t offset);

/*
 * The text of a source line, without blanks at both ends; "" if the file cannot
 * be read. Returns @buf.
 */
const char *lfx_symbols_source(const char *file, int line, char *buf,
			       size_t size);

#endif
