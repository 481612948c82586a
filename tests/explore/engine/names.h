/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* names.c: the names of memory, values and places in the code. */
#ifndef LFX_NAMES_H
#define LFX_NAMES_H

#include "engine.h"

#define NAME_SIZE	80

/* A name such as "fence->flags" or "timeline.lock". */
const char *memory_name(addr_t addr, char *buf, size_t size);
/*
 * The same; of the members of a union, the one that the source lines of @calls name. The
 * second one is the kind of the value, with that.
 */
const char *memory_name_at(addr_t addr, const addr_t *calls, unsigned int nr,
			   char *buf, size_t size);
enum lfx_value value_kind_at(addr_t addr, const addr_t *calls, unsigned int nr);
/* The same with the type of the object instead of its name: "dma_fence->flags". */
const char *memory_type_name(addr_t addr, char *buf, size_t size);
/* The name without a member for a pointer to the begin of an object. */
const char *memory_object_name(addr_t addr, char *buf, size_t size);
/* A value that was read or written there: no address is shown as a number. */
const char *value_name(enum lfx_value kind, unsigned int access_size,
		       uint64_t value, char *buf, size_t size);
/* What values the word at @addr has. */
enum lfx_value value_kind(addr_t addr);
/* The frame of the thread that contains the address, or NULL. */
const struct lfx_frame *frame_at(const struct thread *t, addr_t addr);
/* "count() (faults.c:12)": the instruction before @pc. */
const char *code_name(addr_t pc, char *buf, size_t size);
/* The same of the first call that is neither in a header nor in the shim. */
const char *calls_name(const addr_t *calls, unsigned int nr, char *buf,
		       size_t size);
/* Where the running thread is, which has called the engine at @pc. */
const char *here_name(addr_t pc, char *buf, size_t size);
const char *base_name(const char *path);
/* As much of the name as fits. */
void copy_name(char *to, const char *name, size_t size);

#endif
