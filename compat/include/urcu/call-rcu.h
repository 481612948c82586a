/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * liburcu's header of this name, included with the macro rcu_head of
 * <linux/types.h> undefined, because liburcu has a struct of that name. There
 * is no guard, so that every #include does this.
 */
#pragma push_macro("rcu_head")
#undef rcu_head
#include_next <urcu/call-rcu.h>
#pragma pop_macro("rcu_head")
