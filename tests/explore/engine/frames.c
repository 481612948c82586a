// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Names of variables on the stacks of threads. */
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "names.h"
#include "trace.h"

/*
 * The frames of a thread lie above each other, the innermost one at the lowest
 * address. One that the compiler does not instrument belongs to its caller's.
 */
const struct lfx_frame *frame_at(const struct thread *t, addr_t addr)
{
	unsigned int i;

	for (i = 0; i < t->depth && i < MAX_CALLS; i++)
		if (t->frames[i].sp <= addr)
			return &t->frames[i];
	/* One that has just ended? */
	for (i = 0; i < t->nr_foreign; i++)
		if (t->foreign[i] == (addr & ~7ul) && t->foreign_frames[i].pc)
			return &t->foreign_frames[i];
	return NULL;
}

bool frame_variable(addr_t addr, struct lfx_local *local)
{
	const struct thread *t = memory_stack_owner(addr);
	const struct lfx_frame *frame = t ? frame_at(t, addr) : NULL;

	return frame && lfx_symbols_local(frame, addr, local);
}

void name_on_stack(addr_t addr, bool whole, char *buf, size_t size)
{
	const struct thread *t = memory_stack_owner(addr);
	const struct lfx_frame *frame = frame_at(t, addr);
	char path[NAME_SIZE] = "";
	struct lfx_code code[16];
	struct lfx_local local;
	size_t nr;

	if (frame && lfx_symbols_local(frame, addr, &local)) {
		if (!whole || local.offset)
			lfx_symbols_member(local.type, local.offset, path,
					   sizeof(path));
		cut_noise(path);
		snprintf(buf, size, "%s's %s%s%s", t->name, local.name,
			 *path && *path != '[' ? "." : "", path);
		return;
	}
	/* The last one is the function itself, the others are inlined there. */
	nr = frame ? lfx_symbols_code(frame->pc, code, ARRAY_SIZE(code)) : 0;
	if (nr && code[nr - 1].function)
		snprintf(buf, size, "%s's frame of %s()", t->name,
			 code[nr - 1].function);
	else
		snprintf(buf, size, "%s's stack", t->name);
}
