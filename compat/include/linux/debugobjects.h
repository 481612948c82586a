/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Tracking of the lifetime of objects, as in a kernel without
 * CONFIG_DEBUG_OBJECTS: nothing is tracked.
 */
#ifndef _LINUX_DEBUGOBJECTS_H
#define _LINUX_DEBUGOBJECTS_H

#include <lfshim/kernel-code.h>
#include <linux/types.h>

enum debug_obj_state {
	ODEBUG_STATE_NONE,
	ODEBUG_STATE_INIT,
	ODEBUG_STATE_INACTIVE,
	ODEBUG_STATE_ACTIVE,
	ODEBUG_STATE_DESTROYED,
	ODEBUG_STATE_NOTAVAILABLE,
	ODEBUG_STATE_MAX,
};

struct debug_obj_descr {
	const char *name;
	void *(*debug_hint)(void *addr);
	bool (*is_static_object)(void *addr);
	bool (*fixup_init)(void *addr, enum debug_obj_state state);
	bool (*fixup_activate)(void *addr, enum debug_obj_state state);
	bool (*fixup_destroy)(void *addr, enum debug_obj_state state);
	bool (*fixup_free)(void *addr, enum debug_obj_state state);
	bool (*fixup_assert_init)(void *addr, enum debug_obj_state state);
};

static inline void lfshim_debug_object_(const void *addr,
					const struct debug_obj_descr *descr)
{
	(void)addr;
	(void)descr;
}
#define debug_object_init(addr, descr)	lfshim_debug_object_(addr, descr)
#define debug_object_init_on_stack(addr, descr) \
	lfshim_debug_object_(addr, descr)
#define debug_object_activate(addr, descr) \
	(lfshim_debug_object_(addr, descr), 0)
#define debug_object_deactivate(addr, descr) lfshim_debug_object_(addr, descr)
#define debug_object_destroy(addr, descr) lfshim_debug_object_(addr, descr)
#define debug_object_free(addr, descr)	lfshim_debug_object_(addr, descr)
#define debug_object_assert_init(addr, descr) \
	lfshim_debug_object_(addr, descr)
#define debug_object_active_state(addr, descr, expect, next) \
	lfshim_debug_object_(addr, descr)
#define debug_check_no_obj_freed(addr, size) lfshim_debug_object_(addr, NULL)

#endif
