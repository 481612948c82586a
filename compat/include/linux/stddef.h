/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * offsetof(), sizeof_field(), offsetofend() and DECLARE_FLEX_ARRAY(). Left out:
 * struct_group(). The host has a header of this name, too.
 */
#ifndef LFSHIM_LINUX_STDDEF_H
#define LFSHIM_LINUX_STDDEF_H

#include <uapi/linux/stddef.h>
#include <stdbool.h>
#include <stddef.h>

#define sizeof_field(TYPE, MEMBER)	sizeof((((TYPE *)0)->MEMBER))
#define offsetofend(TYPE, MEMBER) \
	(offsetof(TYPE, MEMBER) + sizeof_field(TYPE, MEMBER))

/* A flexible array in a union, or alone in a structure. */
#undef DECLARE_FLEX_ARRAY
#define DECLARE_FLEX_ARRAY(TYPE, NAME)					\
	struct {							\
		struct { } lfshim_no_member_##NAME;			\
		TYPE NAME[];						\
	}

#endif
