/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * liburcu's header of this name, where the kernel's rcu_head, a macro, is out of
 * the way of its struct. No guard: asked anew by every #include.
 */
#pragma push_macro("rcu_head")
#undef rcu_head
#include_next <urcu/call-rcu.h>
#pragma pop_macro("rcu_head")
